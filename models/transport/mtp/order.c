/* Order across messages (paper, 3.1.2 and 3.1.3): what tells that a message of one packet, or the
 * last packet of a longer one, is lost before its timeout does.
 *
 * Order counts only among packets with equal ordered lists of pathlets. Per destination the
 * acknowledged packets, in the order sent, are kept as runs of one path: of each run the first and
 * the newest packet, whatever lies between. A packet that is not acknowledged lies within a run
 * exactly when the nearest acknowledged packets sent before and after it agree; then it took their
 * path. Between runs nothing is inferred. Acknowledgements that arrive in order move the end of the
 * newest run, all other news is rare, and the runs are few: knowledge is as old as a few changes of
 * path, and what it does not cover is left to the timeout.
 *
 * What others' packets took says little about a message when devices choose message by message, and
 * what is known is biased: a message that went a slower way has not told of it yet. So others count
 * for a message that has not reported a path itself only when all of this holds:
 *
 *  - the message is of one packet, and is not sent again as a whole;
 *  - the run has STEADY messages (spread over two paths at random they agree once in 2^31);
 *  - it began a timeout before the packet was sent: who went another way has told since, or is
 *    lost;
 *  - of the last STEADY messages before it an eighth at most have not told.
 *
 * A message counts once, by the packet that was first to tell. Without the last two, an aggregator
 * whose slots had sufficed for 40 chunks and then passed some to the server had those taken for
 * lost.
 *
 * A packet is lost when one of its run that was sent a reordering window later is acknowledged:
 * time, as in RACK (RFC 8985, 7.2), not a number of packets as within a message. The forward path
 * keeps the order; the way back of acknowledgements is no part of the list, may differ from message
 * to message, and at 100 Gbps three packets are 0.4 us. In sparse traffic, in turn, one packet
 * later is proof enough. The window is a quarter of the smoothed round trip (RFC 8985 has the least
 * round trip, which is less) and what was seen: the longest time by which an acknowledged packet
 * was overtaken by others of its path and priority. That keeps lists honest that name too little,
 * such as one pathlet for a cache and for the store behind it. As in RFC 8985 the window is a round
 * trip at most, and 16 recoveries in which nothing was overtaken by more than the quarter bring it
 * back: one packet that an outage held back does not leave later losses to the timeout. Losses of
 * one round trip are one recovery, however they are found. That a packet of another path was late
 * says that the paths differ.
 *
 * When to look is a matter of time too: a round trip and, as in RFC 8985, a quarter of it, or four
 * deviations where these are more, after the packet was sent; then at ages that grow by an eighth.
 * An acknowledgement that comes in time costs nothing by that.
 *
 * Nothing is inferred about lists with pathlet 0: the unlabelled part may be anything. Priorities
 * overtake each other in queues that heed them, so a run has one priority. Packets that were sent
 * twice are no evidence; they may be found lost again.
 */
#include "mtp.h"

#include <string.h>

#define STEADY  32 /* messages */
#define PERSIST 16 /* recoveries */

static bool run_takes(const struct mtp_run *run, const struct mtp_run *one)
{
    return run->path == one->path && run->priority == one->priority;
}

/* Of one packet, between the run at `place` and its newer neighbour. */
static void insert_between(struct mtp_run *runs, uint32_t place, const struct mtp_run *one)
{
    struct mtp_run *older = &runs[place];
    if (run_takes(older, one)) {
        older->newest = one->newest;
        older->newest_sent_at = one->newest_sent_at;
        older->messages += one->messages;
    } else if (place && run_takes(older - 1, one)) {
        older[-1].first = one->first;
        older[-1].first_sent_at = one->first_sent_at;
        older[-1].messages += one->messages;
    } else {
        memmove(older + 1, older, (MTP_RUNS - 1 - place) * sizeof *older);
        *older = *one;
    }
}

static void path_overtaken(struct mtp_path *path, sim_time by)
{
    if (by <= path->srtt / 4)
        return;
    path->recoveries = 0;
    if (by > path->overtaken)
        path->overtaken = by;
}

void mtp_order_lost(const struct mtp *mtp, const struct mtp_record *record)
{
    struct mtp_path *path = record->path;
    if (!path->overtaken || record->clock < path->recovery_clock)
        return;
    path->recovery_clock = mtp->clock;
    if (++path->recoveries >= PERSIST)
        path->overtaken = 0;
}

/* Of one packet, within the run at `place`. */
static void insert_within(struct mtp_order *order, uint32_t place, const struct mtp_run *one)
{
    struct mtp_run *run = &order->runs[place];
    if (run_takes(run, one)) {
        path_overtaken(run->path, run->newest_sent_at - one->newest_sent_at);
        run->messages += one->messages;
        return;
    }
    /* Where the run ended before this packet and began anew behind it is not known. */
    run->first = order->floor = run->newest;
    run->first_sent_at = run->newest_sent_at;
    run->messages = 0;
    memset(run + 1, 0, (MTP_RUNS - 1 - place) * sizeof *run);
}

void mtp_order_insert(struct mtp_stream *stream, const struct mtp_record *record,
                      struct mtp_path *path, bool placed)
{
    struct mtp_order *order = &stream->destination->order;
    struct mtp_run *runs = order->runs;
    const struct mtp_run one = {.path = path,
                                .first = record->clock,
                                .newest = record->clock,
                                .first_sent_at = record->sent_at,
                                .newest_sent_at = record->sent_at,
                                .messages = placed,
                                .priority = stream->priority};
    uint32_t place = 0;
    while (place < MTP_RUNS && runs[place].path && one.newest < runs[place].first)
        place++;
    if (place == MTP_RUNS || one.newest < order->floor)
        return;
    if (runs[place].path && one.newest <= runs[place].newest)
        insert_within(order, place, &one);
    else
        insert_between(runs, place, &one);
}

/* ---- looking ---- */

sim_time mtp_order_patience(const struct mtp_path *path)
{
    if (!path->srtt || path->destination)
        return path->rto;
    sim_time quarter = path->srtt / 4, spread = 4 * path->rttvar;
    sim_time patience = path->srtt + (spread > quarter ? spread : quarter);
    return patience < path->rto ? patience : path->rto;
}

/* The run that a packet sent at `clock` is within, or NULL. */
static const struct mtp_run *run_around(const struct mtp_destination *destination, uint64_t clock)
{
    for (uint32_t i = 0; i < MTP_RUNS; i++) {
        const struct mtp_run *run = &destination->order.runs[i];
        if (run->first < clock)
            return run->path && clock < run->newest ? run : NULL;
    }
    return NULL;
}

/* Whether the slot of a message tells nothing of where it went. */
static bool is_open(const struct mtp_record *slot)
{
    if (slot->state == MTP_MESSAGE)
        return !slot->stream->path_clock;
    return slot->state == MTP_FLIGHT || slot->state == MTP_LOST;
}

/* Whether of the messages that were sent last before the one at `place` nearly all have told. */
static bool is_settled(const struct mtp_ring *ring, uint32_t place)
{
    uint32_t open = 0;
    uint32_t known = place - (uint32_t)ring->oldest;
    for (uint32_t i = 1; i <= known && i <= STEADY; i++)
        open += is_open(mtp_ring_at(ring, place - i));
    return open <= STEADY / 8;
}

/* Whether the packet took the run's path as its own message or, where this has not told, the others
 * did. */
static bool is_inferred(const struct mtp_stream *stream, uint32_t place, const struct mtp_run *run)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, place);
    if (stream->restarts || record->restart)
        return false;
    if (stream->path_clock)
        return stream->path == run->path;
    return stream->packets == 1 && run->messages >= STEADY &&
           record->sent_at - run->first_sent_at >= run->path->rto &&
           is_settled(stream->ring, place);
}

static sim_time reordering_window(const struct mtp_path *path)
{
    sim_time window = path->srtt / 4 + path->overtaken;
    return window < path->srtt ? window : path->srtt;
}

/* The path by which the packet was overtaken; NULL when that is not proven. */
static struct mtp_path *overtaken_on(const struct mtp_stream *stream, uint32_t place)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, place);
    const struct mtp_run *run = run_around(stream->destination, record->clock);
    if (!run || run->path->destination || run->priority != stream->priority)
        return NULL;
    bool late = run->newest_sent_at - record->sent_at >= reordering_window(run->path);
    return late && is_inferred(stream, place, run) ? run->path : NULL;
}

void mtp_order_look(struct mtp_stream *stream, sim_time now)
{
    const struct mtp_record *oldest = mtp_ring_at(stream->ring, stream->flight.head);
    stream->look_at = now + (now - oldest->sent_at) / 8;
    for (uint32_t place = stream->flight.head; place != MTP_NONE;) {
        struct mtp_record *record = mtp_ring_at(stream->ring, place);
        if (record->sent_at + mtp_order_patience(record->path) > now)
            return;
        uint32_t next = record->next;
        struct mtp_path *path = overtaken_on(stream, place);
        if (path && path != record->path)
            mtp_charge_move(stream->mtp, record, path, now);
        if (path)
            mtp_loss_declare(stream, place, now);
        place = next;
    }
}
