/* Answers as pulls: the receiver lets senders go on at the rate of its own link.
 *
 * Handley et al., "Re-architecting datacenter networks and stacks for low latency and high
 * performance" (NDP), SIGCOMM 2017, 3.2: a receiver answers every arrival, header or data, and adds
 * a pull to a queue that it empties at the rate at which its link can take packets; a sender sends
 * a first window at full rate, and then a packet for each pull.
 *
 * Here the answer itself waits in that queue: with a window that nothing moves (congestion: fixed)
 * a sender sends a packet for each answer, acknowledgement or NACK, and a NACK asks for its packet
 * again when there is room for it. So no new packet is needed, and a path that has windows anyway
 * stays as it is. What differs from NDP: acknowledgements are late by the time that they wait,
 * which round-trip times show, and the queue is a FIFO, not a turn for each sender. Senders have
 * equal windows, so their shares of it are equal, but for those that have just come.
 *
 * An answer releases as many bytes of windows as its packet had, so the next one follows after the
 * time that these take on the link. NDP spaces pulls for full packets; MTP's are some way below the
 * MTU, for the feedback that ports may add, and the link would idle for the difference.
 */
#include "mtp.h"

void mtp_pulls_init(struct mtp *mtp)
{
    if (mtp->params->pull)
        mtp->pulls.rate = sim_rate_of(mtp->env->line_bps);
}

void mtp_pulls_clear(struct mtp *mtp)
{
    struct sim_packet *packet;
    while ((packet = sim_packet_list_take(&mtp->pulls.waiting, mtp->env->pool)))
        sim_packet_free(mtp->env->pool, packet);
}

uint32_t mtp_pull_bytes(const struct sim_packet *packet)
{
    bool trimmed = packet->flags & SIM_PACKET_TRIMMED;
    return packet->size_bytes + (trimmed ? packet->mtp.payload_bytes : 0u);
}

/* While it waits, next_arrival is the time that it keeps the next one waiting. */
void mtp_pulls_put(struct mtp *mtp, struct sim_packet *answer, uint32_t bytes)
{
    answer->next_arrival = sim_wire_time(mtp->pulls.rate, bytes);
    sim_packet_list_put(&mtp->pulls.waiting, mtp->env->pool, answer);
    mtp->counts.kept_packets++;
    mtp->transport.ready = true;
}

struct sim_packet *mtp_pulls_take(struct mtp *mtp, sim_time now)
{
    struct mtp_pulls *pulls = &mtp->pulls;
    if (!pulls->waiting.head || pulls->next > now)
        return NULL;
    struct sim_packet *answer = sim_packet_list_take(&pulls->waiting, mtp->env->pool);
    sim_time gap = answer->next_arrival;
    /* What the NIC was too busy for is made up for, an idle time is not. */
    pulls->next = (pulls->next > now - gap ? pulls->next : now) + gap;
    mtp->counts.kept_packets--;
    return answer;
}

void mtp_pulls_wait(struct mtp *mtp, sim_time *again)
{
    if (!mtp->pulls.waiting.head)
        return;
    mtp->transport.ready = true;
    if (mtp->pulls.next < *again)
        *again = mtp->pulls.next;
}
