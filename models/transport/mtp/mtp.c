/* mtp: the message transport of the paper, both ends of it.
 *
 * Paper: 3.1.1 (header), 3.1.2 (messages), 3.1.3 (pathlet congestion control), 4. The header is in
 * models/wire/mtp.c; what the paper leaves open is decided, with reasons, at the top of each part
 * of this folder (mtp.h lists them).
 *
 * There is no connection. Every data packet names its message, collects path feedback and is
 * answered by an acknowledgement that returns it. The sender keeps a window per (pathlet, TC),
 * shared by all that it sends, and charges each packet to every pathlet of the path that the packet
 * is expected to take. Which model moves a window is a parameter, or the pathlet's own choice.
 *
 * Acknowledgements are never merged: each carries the feedback of one packet, which is what the
 * models want.
 *
 * Not modelled: encryption and mutation (flags of offloads), checksums, the cost of processing at
 * end-hosts.
 */
#include "mtp.h"

#include <stdlib.h>

/* Of a packet without lists of its own, with the room that it leaves for path feedback. */
static uint32_t full_header(const struct mtp_params *params)
{
    uint32_t entries = (uint32_t)params->feedback_headroom;
    return MTP_IP_BYTES + MTP_FIXED_BYTES +
           (entries ? MTP_LIST_HEAD_BYTES + entries * (MTP_FEEDBACK_BYTES + 1) : 0);
}

/* The longest list of excluded pathlets, longer than a blob's shim, and a byte of payload. */
static uint32_t mtp_least_mtu(const void *params)
{
    return full_header(params) + MTP_LIST_HEAD_BYTES + SIM_MTP_LIST_MAX * MTP_EXCLUDE_BYTES + 1;
}

static void mtp_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct mtp *mtp = self;
    *mtp = (struct mtp){.params = params, .env = env, .clock = 1};
    SIM_CHECK(env->mtu_bytes >= mtp_least_mtu(params), "an MTU of %u bytes leaves no payload",
              env->mtu_bytes);
    mtp->message_payload = env->mtu_bytes - full_header(params);
    mtp->blob_payload = mtp->message_payload - MTP_SHIM_BYTES;
    if (mtp->params->avoid)
        mtp->avoid_count = (uint8_t)mtp_exclude_parse(mtp->params->avoid, mtp->avoid);
    mtp_receiver_init(&mtp->receiver, mtp);
    mtp_pulls_init(mtp);
}

static void mtp_clear(void *self)
{
    struct mtp *mtp = self;
    while (mtp->streams)
        mtp_stream_free(mtp->streams, 0);
    for (uint32_t i = 0; i < mtp->path_count; i++)
        mtp_path_free(mtp->paths[i]);
    for (uint32_t i = 0; i < mtp->destination_count; i++)
        mtp_destination_free(mtp->destinations[i]);
    for (uint32_t i = 0; i < mtp->window_count; i++)
        free(mtp->windows[i]);
    free(mtp->paths);
    mtp_heap_clear(&mtp->ready);
    free(mtp->destinations);
    free(mtp->windows);
    demux_clear(&mtp->path_by_hash);
    demux_clear(&mtp->destination_by_host);
    demux_clear(&mtp->window_by_key);
    mtp_receiver_clear(&mtp->receiver);
    mtp_pulls_clear(mtp);
}

static void mtp_submit_message(void *self, const struct sim_message *message, sim_time now)
{
    struct mtp *mtp = self;
    mtp_submit(mtp, message, now);
}

/* Whether the packet is a part of its message. */
static bool is_inside(const struct sim_mtp_header *header)
{
    return header->packet < header->message_packets &&
           (uint64_t)header->offset_bytes + header->payload_bytes <= header->message_bytes;
}

static struct sim_packet *mtp_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct mtp *mtp = self;
    bool data = packet->mtp.flags & SIM_MTP_DATA;
    if (SIM_UNLIKELY(data && !is_inside(&packet->mtp))) {
        mtp->counts.malformed++;
        sim_packet_free(mtp->env->pool, packet);
        return NULL;
    }
    mtp_debug_check(mtp, packet);
    if (data && SIM_UNLIKELY(mtp->params->pull)) {
        uint32_t bytes = mtp_pull_bytes(packet);
        mtp_pulls_put(mtp, mtp_receiver_data(&mtp->receiver, packet, now), bytes);
        return NULL;
    }
    if (data)
        return mtp_receiver_data(&mtp->receiver, packet, now);
    mtp_acks_receive(mtp, packet, now);
    sim_packet_free(mtp->env->pool, packet);
    return NULL;
}

static struct sim_packet *mtp_transmit_packet(void *self, sim_time now, sim_time *again)
{
    struct mtp *mtp = self;
    if (SIM_LIKELY(!mtp->params->pull))
        return mtp_transmit(mtp, now, again);
    struct sim_packet *packet = mtp_pulls_take(mtp, now);
    if (packet)
        return packet;
    packet = mtp_transmit(mtp, now, again);
    mtp_pulls_wait(mtp, again);
    return packet;
}

static void mtp_count(const void *self, struct sim_transport_counts *counts)
{
    const struct mtp *mtp = self;
    sim_transport_counts_add(counts, &mtp->counts);
}

static uint32_t mtp_sample_windows(const void *self, struct sim_window_sample *samples,
                                   uint32_t max)
{
    const struct mtp *mtp = self;
    uint32_t count = mtp->window_count < max ? mtp->window_count : max;
    for (uint32_t i = 0; i < count; i++) {
        const struct mtp_window *window = mtp->windows[i];
        samples[i] = (struct sim_window_sample){
            .id = window->id,
            .tc = window->tc,
            .window_bytes = window->control.window_bytes,
            .in_flight_bytes = window->in_flight_bytes,
            .rate_bps = window->control.rate_bps,
            .srtt = window->srtt,
        };
    }
    return count;
}

static const char *mtp_check_params(const void *params)
{
    const struct mtp_params *p = params;
    uint32_t ids[SIM_MTP_LIST_MAX];
    if (p->avoid && mtp_exclude_parse(p->avoid, ids) < 0)
        return "avoid must be up to 8 pathlet IDs such as \"1, 2\"";
    return p->initial_rto < p->min_rto ? "initial_rto is below min_rto" : NULL;
}

#define OFFSET(member) offsetof(struct mtp_params, member)

static const struct sim_param mtp_table[] = {
    {
        .name = "congestion",
        .help = "how windows move, of pathlets that do not name their own model",
        .fallback = "dctcp",
        .offset = OFFSET(congestion),
        .type = SIM_PARAM_MODEL,
        .kind = SIM_CONGESTION,
    },
    {
        .name = "initial_window",
        .help = "packets of the MTU that a new window holds",
        .fallback = "10",
        .offset = OFFSET(initial_window),
        .min = 1,
        .max = 1e6,
        .type = SIM_PARAM_COUNT,
    },
    {
        .name = "loss_threshold",
        .help = "acknowledged packets behind a lost one, on its path, that prove the loss",
        .fallback = "3",
        .offset = OFFSET(loss_threshold),
        .min = 1,
        .max = 250,
        .type = SIM_PARAM_COUNT,
    },
    {
        .name = "feedback_headroom",
        .help = "path feedback entries of 8 bytes for which a full packet leaves room",
        .fallback = "8",
        .offset = OFFSET(feedback_headroom),
        .min = 0,
        .max = 24,
        .type = SIM_PARAM_COUNT,
    },
    {
        .name = "feedback_every",
        .help = "unchanged path feedback returns with every n-th acknowledgement only",
        .fallback = "1",
        .offset = OFFSET(feedback_every),
        .min = 1,
        .max = 1000,
        .type = SIM_PARAM_COUNT,
    },
    {
        .name = "min_rto",
        .help = "least retransmission timeout",
        .fallback = "1ms",
        .offset = OFFSET(min_rto),
        .min = (double)SIM_NS,
        .max = (double)(60 * SIM_S),
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "initial_rto",
        .help = "retransmission timeout of a path without a round-trip time",
        .fallback = "3ms",
        .offset = OFFSET(initial_rto),
        .min = (double)SIM_NS,
        .max = (double)(60 * SIM_S),
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "give_up",
        .help = "a message that hears nothing for so long is abandoned",
        .fallback = "1s",
        .offset = OFFSET(give_up),
        .min = (double)SIM_US,
        .max = (double)(3600 * SIM_S),
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "window_ageing",
        .help = "an unused window halves each time this has passed, down to the initial one",
        .fallback = "100ms",
        .offset = OFFSET(window_ageing),
        .min = (double)SIM_US,
        .max = (double)(3600 * SIM_S),
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "path_exclude",
        .help = "new messages list full pathlets when another path is known",
        .fallback = "true",
        .offset = OFFSET(path_exclude),
        .type = SIM_PARAM_BOOL,
    },
    {
        .name = "avoid",
        .help = "pathlets that every message asks the network not to take, such as \"1, 2\"",
        .fallback = "none",
        .offset = OFFSET(avoid),
        .type = SIM_PARAM_STRING,
    },
    {
        .name = "pull",
        .help = "the receiver's answers go at the rate of its link, as NDP's pulls; with `fixed` "
                "they alone let senders go on",
        .fallback = "false",
        .offset = OFFSET(pull),
        .type = SIM_PARAM_BOOL,
    },
    {.name = NULL},
};

const struct sim_transport_ops mtp_transport = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_TRANSPORT,
            .name = "mtp",
            .summary = "messages, and a window for each pathlet and traffic class",
            .source = "3.1",
            .state_size = sizeof(struct mtp),
            .params_size = sizeof(struct mtp_params),
            .params = mtp_table,
            .check = mtp_check_params,
        },
    .protocol = SIM_PROTOCOL_MTP,
    .least_packet_bytes = MTP_IP_BYTES + MTP_FIXED_BYTES,
    .path_feedback = true,
    .init = mtp_init,
    .clear = mtp_clear,
    .submit = mtp_submit_message,
    .receive = mtp_receive,
    .transmit = mtp_transmit_packet,
    .count = mtp_count,
    .windows = mtp_sample_windows,
    .memory = mtp_memory,
    .least_mtu = mtp_least_mtu,
};
