/* mptcp: one connection over several subflows, each a TCP of its own.
 *
 * RFC 8684 in its traits; RFC 6356 for the windows. MTP paper: 1, 6 and Table 1.
 *
 * A connection has `subflows` subflows between the same hosts; each has ports of its own, so that
 * the network's hash sends it its own way (as ndiffports does in Linux). They are connections of
 * the tcp model, with its parameters: loss recovery, timers, ECN. The congestion model is chosen
 * here; lia couples the windows. The scheduler is in sender.c, data is put together in receiver.c.
 *
 * To devices a subflow is TCP: that is its protocol, and its sequence numbers are those of the
 * subflow. Wire sizes are TCP's and the options of models/wire/mptcp.h; the MSS leaves room for the
 * mapping.
 *
 * Not modelled: more than one address at a host, ADD_ADDR and REMOVE_ADDR, subflow priorities,
 * the third packet of the handshakes, DATA_FIN apart from FIN, checksums, fallback to TCP, the
 * opportunistic retransmission that a full receive buffer calls for (there is no limit to it).
 */
#include "models/transport/mptcp/mptcp.h"

#include <stdlib.h>
#include <string.h>

void mptcp_update_ready(struct mptcp *mptcp)
{
    mptcp->transport.ready = mptcp->ready.head || mptcp->arrivals.tcp->ready;
}

static void arrivals_changed(struct mptcp_inner *inner, sim_time now)
{
    (void)now;
    mptcp_inner_settle(inner);
    mptcp_update_ready(inner->mptcp);
}

/* TCP's parameters, but for the congestion model. */
static void *subflow_params(const struct mptcp_params *params)
{
    const struct sim_model *subflow = &params->subflow;
    const struct sim_model *congestion = sim_model_param(subflow, "congestion", SIM_PARAM_MODEL);
    char *copy = malloc(subflow->plugin->params_size);
    SIM_CHECK(copy && congestion, "no parameters for subflows");
    memcpy(copy, subflow->params, subflow->plugin->params_size);
    size_t offset = (size_t)((const char *)congestion - (const char *)subflow->params);
    memcpy(copy + offset, &params->congestion, sizeof params->congestion);
    return copy;
}

static void mptcp_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct mptcp *mptcp = self;
    *mptcp = (struct mptcp){.params = params, .env = env};
    mptcp->subflow_params = subflow_params(mptcp->params);
    mptcp->payload_bytes = env->mtu_bytes - MPTCP_DATA_BYTES - MPTCP_TCP_BYTES;
    demux_init(&mptcp->subflows);
    demux_init(&mptcp->receivers);
    mptcp_inner_init(&mptcp->arrivals, mptcp, &mptcp_receiver_app, mptcp, arrivals_changed);
    mptcp->arrivals.ops->init(mptcp->arrivals.tcp, mptcp->subflow_params, &mptcp->arrivals.env);
}

static void mptcp_clear(void *self)
{
    struct mptcp *mptcp = self;
    while (mptcp->head)
        mptcp_connection_free(mptcp->head);
    mptcp_inner_clear(&mptcp->arrivals);
    mptcp_receivers_clear(mptcp);
    demux_clear(&mptcp->subflows);
    free(mptcp->subflow_params);
}

static void mptcp_submit(void *self, const struct sim_message *message, sim_time now)
{
    struct mptcp *mptcp = self;
    mptcp_submit_message(mptcp, message, now);
}

/* ---- arrivals ---- */

/* An answer goes to the connection that it belongs to. */
static struct mptcp_connection *answered(struct mptcp *mptcp, const struct sim_packet *packet)
{
    const uint8_t both = SIM_TCP_SYN | SIM_TCP_ACK;
    bool synack = (packet->tcp.flags & both) == both;
    bool data = packet->tcp.payload_bytes || (packet->tcp.flags & SIM_TCP_FIN);
    if (!synack && (data || (packet->tcp.flags & (SIM_TCP_SYN | SIM_TCP_RST))))
        return NULL;
    return demux_find(&mptcp->subflows,
                      demux_key(packet->src, packet->tcp.src_port, packet->tcp.dst_port));
}

/* The options that go with what the receiving end answers. */
static void add_options(struct sim_packet *answer, uint8_t subflow)
{
    if (answer->tcp.flags & SIM_TCP_SYN)
        answer->size_bytes += subflow ? MPTCP_JOIN_ANSWER_BYTES : MPTCP_CAPABLE_ANSWER_BYTES;
    else if (answer->tcp.flags & SIM_TCP_ACK)
        answer->size_bytes += MPTCP_ACK_BYTES;
}

static struct sim_packet *mptcp_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct mptcp *mptcp = self;
    struct mptcp_connection *connection = answered(mptcp, packet);
    if (connection) {
        mptcp_connection_receive(connection, packet, now);
        return NULL;
    }
    struct mptcp_inner *arrivals = &mptcp->arrivals;
    uint8_t subflow = 0;
    if ((packet->tcp.flags & SIM_TCP_SYN) && (packet->flags & SIM_PACKET_MAPPED)) {
        subflow = sim_packet_lists(mptcp->env->pool, packet)->tcp.mapping.subflow;
        mptcp_receiver_begin(mptcp, packet);
    }
    struct sim_packet *answer = arrivals->ops->receive(arrivals->tcp, packet, now);
    if (answer)
        add_options(answer, subflow);
    mptcp_inner_settle(arrivals);
    mptcp_update_ready(mptcp);
    return answer;
}

/* ---- departures ---- */

static struct sim_packet *mptcp_transmit(void *self, sim_time now, sim_time *again)
{
    struct mptcp *mptcp = self;
    struct mptcp_inner *arrivals = &mptcp->arrivals;
    *again = SIM_NEVER;
    if (arrivals->tcp->ready) {
        struct sim_packet *answer = arrivals->ops->transmit(arrivals->tcp, now, again);
        if (answer)
            add_options(answer, 0);
        mptcp_update_ready(mptcp);
        return answer;
    }
    struct mptcp_connection *connection = (struct mptcp_connection *)mptcp->ready.head;
    if (!connection)
        return NULL;
    ring_turn(&mptcp->ready);
    return mptcp_connection_emit(connection, now);
}

/* ---- the rest of the table ---- */

static void mptcp_count(const void *self, struct sim_transport_counts *counts)
{
    const struct mptcp *mptcp = self;
    struct sim_transport_counts own = mptcp->counts;
    for (const struct mptcp_connection *at = mptcp->head; at; at = at->all_next)
        at->inner.ops->count(at->inner.tcp, &own);
    mptcp->arrivals.ops->count(mptcp->arrivals.tcp, &own);
    own.data_header_bytes += own.data_packets * MPTCP_DATA_BYTES;
    sim_transport_counts_add(counts, &own);
}

static uint32_t mptcp_windows(const void *self, struct sim_window_sample *samples, uint32_t max)
{
    const struct mptcp *mptcp = self;
    uint32_t count = 0;
    for (const struct mptcp_connection *at = mptcp->head; at && count < max; at = at->all_next) {
        uint32_t more = at->inner.ops->windows(at->inner.tcp, samples + count, max - count);
        for (uint32_t i = count; i < count + more; i++)
            samples[i].id += at->serial * SIM_COUPLED_MAX;
        count += more;
    }
    return count;
}

static const char *mptcp_check(const void *params)
{
    const struct mptcp_params *p = params;
    return strcmp(p->subflow.plugin->name, "tcp") == 0 ? NULL : "a subflow must be tcp";
}

#define PARAM(member) .offset = offsetof(struct mptcp_params, member)

static const struct sim_param mptcp_table[] = {
    {.name = "subflows",
     .help = "of each connection, with ports of their own",
     .fallback = "2",
     PARAM(subflows),
     .min = 1,
     .max = SIM_COUPLED_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = "congestion",
     .help = "how the windows of subflows move; lia couples them",
     .fallback = "lia",
     PARAM(congestion),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "subflow",
     .help = "tcp, and its parameters for subflows; its congestion is that above",
     .fallback = "tcp",
     PARAM(subflow),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_TRANSPORT},
    {.name = NULL},
};

SIM_API const struct sim_transport_ops mptcp_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "mptcp",
               .summary = "a connection over several subflows of TCP, their windows coupled",
               .source = "RFC 8684, 6356",
               .state_size = sizeof(struct mptcp),
               .params_size = sizeof(struct mptcp_params),
               .params = mptcp_table,
               .check = mptcp_check},
    .protocol = SIM_PROTOCOL_TCP,
    .least_packet_bytes = MPTCP_TCP_BYTES,
    .init = mptcp_init,
    .clear = mptcp_clear,
    .submit = mptcp_submit,
    .receive = mptcp_receive,
    .transmit = mptcp_transmit,
    .count = mptcp_count,
    .windows = mptcp_windows,
    .memory = mptcp_memory,
};
