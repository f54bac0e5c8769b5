/* rdma: RoCEv2 in three service modes.
 *
 * InfiniBand Architecture Specification, volume 1, chapter 9 and annex A17 (RoCEv2); Zhu et al.,
 * "Congestion Control for Large-Scale RDMA Deployments" (DCQCN), SIGCOMM 2015. MTP paper: 2.4,
 * Table 1.
 *
 *   rc  reliable connection: in order, go-back-N, acknowledgements; a congestion model governs the
 *       sender. Marks come back with the acknowledgements (in real networks in packets of their
 * own, CNP, or the BECN bit), so a model sees every one. uc  unreliable connection: in order,
 * nothing is acknowledged; a gap loses the message. ud  unreliable datagrams. A message is one
 * datagram; a larger one is cut by the application, as over UDP (datagrams.h), and not refused, so
 * that all workloads run.
 *
 * uc and ud have no congestion control here: `rate` paces each flow. A long flow in uc is one
 * message without end, which the first gap loses: it delivers nothing more. In ud it is datagrams
 * without end.
 *
 * A message is a SEND. A queue pair is known by the ports; it is there before the first message, as
 * the ends set it up beforehand: no handshake. A persistent message goes on the queue pair of its
 * ports, another one on a queue pair of its own.
 *
 * Wire sizes: IP 20, UDP 8, base transport header 12, ICRC 4; acknowledgements 4 more; ud 8 more
 * and 16 of the application.
 *
 * Not modelled: READ, WRITE and atomics, receiver-not-ready and credits, MTUs in steps of powers of
 * two, wrap-around of packet sequence numbers, priority flow control (the network's).
 */
#include "models/transport/rdma/rdma.h"

#define UD_HEADER_BYTES (RDMA_HEADER_BYTES + RDMA_DETH_BYTES + DATAGRAMS_MESSAGE_HEADER_BYTES)

static void rdma_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct rdma *rdma = self;
    const struct rdma_params *p = params;
    const struct datagrams_config config = {
        .protocol = SIM_PROTOCOL_RDMA,
        .flags = SIM_RDMA_DATAGRAM,
        .header_bytes = UD_HEADER_BYTES,
        .rate_bps = p->rate_bps,
        .reassembly_timeout = p->reassembly_timeout,
    };
    SIM_CHECK(env->mtu_bytes > UD_HEADER_BYTES, "an MTU of %u bytes leaves no payload",
              env->mtu_bytes);
    *rdma = (struct rdma){
        .params = p,
        .env = env,
        .payload_bytes = env->mtu_bytes - RDMA_HEADER_BYTES,
    };
    demux_init(&rdma->requesters);
    demux_init(&rdma->responders);
    outbox_init(&rdma->outbox, env, p->rate_bps, &rdma->transport.ready);
    datagrams_init(&rdma->datagrams, env, &config, &rdma->transport.ready);
}

static void rdma_clear(void *self)
{
    struct rdma *rdma = self;
    while (rdma->head)
        rdma_requester_free(rdma->head);
    demux_clear(&rdma->requesters);
    rdma_responders_clear(rdma);
    outbox_clear(&rdma->outbox);
    datagrams_clear(&rdma->datagrams);
}

static void rdma_submit(void *self, const struct sim_message *message, sim_time now)
{
    struct rdma *rdma = self;
    switch ((enum rdma_mode)rdma->params->mode) {
    case RDMA_RC:
        rdma_requester_submit(rdma, message, now);
        break;
    case RDMA_UC:
        outbox_submit(&rdma->outbox, message, now);
        break;
    case RDMA_UD:
        outbox_submit(&rdma->datagrams.outbox, message, now);
        break;
    }
}

static struct sim_packet *receive_reliable(struct rdma *rdma, struct sim_packet *packet,
                                           sim_time now)
{
    if (!(packet->rdma.flags & SIM_RDMA_ACK))
        return rdma_responder_reliable(rdma, packet, now);
    struct rdma_requester *requester = demux_find(
        &rdma->requesters, demux_key(packet->src, packet->rdma.src_port, packet->rdma.dst_port));
    if (requester)
        rdma_requester_acked(requester, packet, now);
    sim_packet_free(rdma->env->pool, packet);
    return NULL;
}

static struct sim_packet *rdma_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct rdma *rdma = self;
    if (packet->flags & SIM_PACKET_TRIMMED) {
        sim_packet_free(rdma->env->pool, packet); /* its CRC would be wrong */
        return NULL;
    }
    switch ((enum rdma_mode)rdma->params->mode) {
    case RDMA_RC:
        return receive_reliable(rdma, packet, now);
    case RDMA_UC:
        rdma_responder_unreliable(rdma, packet, now);
        break;
    case RDMA_UD:
        datagrams_receive(&rdma->datagrams, packet, now);
        break;
    }
    return NULL;
}

/* ---- departures ---- */

static struct sim_packet *write_unreliable(struct rdma *rdma, const struct outbox_piece *piece)
{
    struct sim_packet *packet = sim_packet_new(rdma->env->pool);
    packet->size_bytes = (uint16_t)(RDMA_HEADER_BYTES + piece->bytes);
    packet->protocol = SIM_PROTOCOL_RDMA;
    packet->src = rdma->env->host;
    packet->dst = piece->flow->dst;
    packet->hash = piece->flow->hash;
    packet->priority = piece->priority;
    framing_write(rdma->env->pool, packet, piece->frame);
    packet->rdma = (struct sim_rdma_header){
        .src_port = piece->flow->src_port,
        .dst_port = piece->flow->dst_port,
        .flags = (piece->offset == 0 ? SIM_RDMA_FIRST : 0) | (piece->last ? SIM_RDMA_LAST : 0),
        .payload_bytes = (uint16_t)piece->bytes,
        .message = piece->number,
        .psn = piece->packet,
    };
    return packet;
}

static struct sim_packet *transmit_unreliable(struct rdma *rdma, sim_time now)
{
    struct outbox_piece piece;
    if (!outbox_take(&rdma->outbox, rdma->payload_bytes, &piece))
        return NULL;
    struct sim_packet *packet = write_unreliable(rdma, &piece);
    rdma->counts.data_packets++;
    rdma->counts.data_payload_bytes += piece.bytes;
    rdma->counts.data_header_bytes += RDMA_HEADER_BYTES;
    outbox_sent(&rdma->outbox, &piece, packet->size_bytes, now);
    return packet;
}

static struct sim_packet *transmit_reliable(struct rdma *rdma, sim_time now)
{
    struct rdma_requester *requester = (struct rdma_requester *)rdma->ready.head;
    if (!requester)
        return NULL;
    ring_turn(&rdma->ready);
    return rdma_requester_emit(requester, now);
}

static struct sim_packet *rdma_transmit(void *self, sim_time now, sim_time *again)
{
    struct rdma *rdma = self;
    *again = SIM_NEVER;
    switch ((enum rdma_mode)rdma->params->mode) {
    case RDMA_RC:
        return transmit_reliable(rdma, now);
    case RDMA_UC:
        return transmit_unreliable(rdma, now);
    case RDMA_UD:
        return datagrams_transmit(&rdma->datagrams, now);
    }
    return NULL;
}

/* ---- the rest of the table ---- */

static void rdma_count(const void *self, struct sim_transport_counts *counts)
{
    const struct rdma *rdma = self;
    sim_transport_counts_add(counts, &rdma->counts);
    sim_transport_counts_add(counts, &rdma->datagrams.counts);
}

static uint32_t rdma_windows(const void *self, struct sim_window_sample *samples, uint32_t max)
{
    const struct rdma *rdma = self;
    uint32_t count = 0;
    for (const struct rdma_requester *at = rdma->head; at && count < max; at = at->all_next)
        samples[count++] = (struct sim_window_sample){
            .id = at->serial,
            .window_bytes = at->governor.control.window_bytes,
            .in_flight_bytes = at->governor.in_flight_bytes,
            .rate_bps = at->governor.control.rate_bps,
            .srtt = at->governor.srtt,
        };
    return count;
}

static const char *rdma_check(const void *params)
{
    const struct rdma_params *p = params;
    if (p->mode == RDMA_RC && p->rate_bps)
        return "rate is for uc and ud; in rc the congestion model sets the pace";
    return NULL;
}

static const char *const rdma_mode_names[] = {"rc", "uc", "ud", NULL};

#define PARAM(member) .offset = offsetof(struct rdma_params, member)

static const struct sim_param rdma_table[] = {
    {.name = "mode",
     .help = "reliable connection, unreliable connection, unreliable datagrams",
     .fallback = "rc",
     PARAM(mode),
     .choices = rdma_mode_names,
     .type = SIM_PARAM_CHOICE},
    {.name = "congestion",
     .help = "rc: how the window and the rate move",
     .fallback = "dcqcn",
     PARAM(congestion),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "initial_window",
     .help = "rc: packets that a new queue pair may send at once",
     .fallback = "10",
     PARAM(initial_window_pkts),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "timeout",
     .help = "rc: without an acknowledgement for so long all is sent again",
     .fallback = "1ms",
     PARAM(timeout),
     .min = 1e6,
     .max = 6e13,
     .type = SIM_PARAM_TIME},
    {.name = "ack_every",
     .help = "rc: packets to one acknowledgement, fewer when the window is small; the last of a "
             "message has its own",
     .fallback = "1",
     PARAM(ack_every),
     .min = 1,
     .max = 128,
     .type = SIM_PARAM_COUNT},
    {.name = "rate",
     .help = "uc, ud: pace of each flow, headers included; none: as fast as the host's link",
     .fallback = "none",
     PARAM(rate_bps),
     .min = 1e3,
     .max = 1e13,
     .type = SIM_PARAM_RATE},
    {.name = "reassembly_timeout",
     .help = "ud: a message of which no datagram arrives for so long is forgotten",
     .fallback = "10ms",
     PARAM(reassembly_timeout),
     .min = 1e6,
     .max = 6e13,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

SIM_API const struct sim_transport_ops rdma_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "rdma",
               .summary = "RoCEv2: reliable connections (go-back-N), unreliable ones, datagrams",
               .source = "InfiniBand Architecture Specification, annex A17",
               .state_size = sizeof(struct rdma),
               .params_size = sizeof(struct rdma_params),
               .params = rdma_table,
               .check = rdma_check},
    .protocol = SIM_PROTOCOL_RDMA,
    .least_packet_bytes = RDMA_HEADER_BYTES,
    .init = rdma_init,
    .clear = rdma_clear,
    .submit = rdma_submit,
    .receive = rdma_receive,
    .transmit = rdma_transmit,
    .count = rdma_count,
    .windows = rdma_windows,
    .memory = rdma_memory,
};
