/* quic: independent streams on a connection with one congestion state.
 *
 * RFC 9000 (streams, packet numbers, acknowledgements, ECN counts), RFC 9002 (loss detection, probe
 * timeout). MTP paper: Table 1.
 *
 * One message is one stream. A persistent message goes on the connection of its ports, which stays
 * open; another one on a connection of its own. A connection begins with a handshake of one round
 * trip; with `zero_rtt` data follows the first packet at once. The congestion model is a parameter,
 * as in TCP; what it counts is UDP payload (RFC 9002, 2).
 *
 * Wire sizes: models/wire/quic.h.
 *
 * Against the RFC's 1 ms of granularity, 333 ms of initial round trip and 25 ms of delayed
 * acknowledgements: the first is kept (it is TCP's least RTO here too), the second is 1 ms, so that
 * the first probe goes after 3 ms as TCP's SYN does, and acknowledgements are not delayed.
 *
 * Not modelled: several frames in a packet, flow control, loss of acknowledgements' own numbers,
 * anti-amplification, retry, connection migration, key updates, closing and idle timeouts, ECN
 * validation, pacing unless the model sets a rate.
 */
#include "models/transport/quic/quic.h"

#include "models/wire/quic.h"

/* RFC 9000, 14.1: a handshake's packets are padded. */
static uint32_t quic_least_mtu(const void *params)
{
    (void)params;
    return QUIC_INITIAL_BYTES;
}

static void quic_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct quic *quic = self;
    SIM_CHECK(env->mtu_bytes >= QUIC_INITIAL_BYTES, "an MTU of %u bytes holds no handshake",
              env->mtu_bytes);
    *quic = (struct quic){.params = params, .env = env};
    demux_init(&quic->connections);
    demux_init(&quic->receivers);
}

static void quic_clear(void *self)
{
    struct quic *quic = self;
    while (quic->head)
        quic_connection_free(quic->head);
    demux_clear(&quic->connections);
    quic_receivers_clear(quic);
}

static void quic_submit(void *self, const struct sim_message *message, sim_time now)
{
    struct quic *quic = self;
    quic_submit_message(quic, message, now);
}

static void receive_answer(struct quic *quic, struct sim_packet *packet, sim_time now)
{
    struct quic_connection *connection = demux_find(
        &quic->connections, demux_key(packet->src, packet->quic.src_port, packet->quic.dst_port));
    if (connection && (packet->quic.flags & SIM_QUIC_ACCEPT))
        quic_connection_accepted(connection, packet, now);
    else if (connection)
        quic_connection_acked(connection, packet, now);
    sim_packet_free(quic->env->pool, packet);
}

static struct sim_packet *quic_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct quic *quic = self;
    if (packet->flags & (SIM_PACKET_TRIMMED | SIM_PACKET_DAMAGED)) {
        quic->counts.malformed += (packet->flags & SIM_PACKET_DAMAGED) != 0;
        sim_packet_free(quic->env->pool, packet); /* its AEAD is wrong */
    } else if (packet->quic.flags & SIM_QUIC_INITIAL)
        return quic_receiver_initial(quic, packet);
    else if (packet->quic.flags & SIM_QUIC_STREAM)
        return quic_receiver_data(quic, packet, now);
    else
        receive_answer(quic, packet, now);
    return NULL;
}

static struct sim_packet *quic_transmit(void *self, sim_time now, sim_time *again)
{
    struct quic *quic = self;
    *again = SIM_NEVER;
    if (quic->owing.head)
        return quic_receiver_acknowledge((struct quic_receiver *)quic->owing.head,
                                         sim_packet_new(quic->env->pool), now);
    struct quic_connection *connection = (struct quic_connection *)quic->ready.head;
    if (!connection)
        return NULL;
    ring_turn(&quic->ready);
    return quic_connection_emit(connection, now);
}

static void quic_count(const void *self, struct sim_transport_counts *counts)
{
    const struct quic *quic = self;
    sim_transport_counts_add(counts, &quic->counts);
}

static uint32_t quic_windows(const void *self, struct sim_window_sample *samples, uint32_t max)
{
    const struct quic *quic = self;
    uint32_t count = 0;
    for (const struct quic_connection *at = quic->head; at && count < max; at = at->all_next)
        samples[count++] = (struct sim_window_sample){
            .id = at->serial,
            .window_bytes = at->governor.control.window_bytes,
            .in_flight_bytes = at->governor.in_flight_bytes,
            .rate_bps = at->governor.control.rate_bps,
            .srtt = at->governor.srtt,
        };
    return count;
}

#define PARAM(member) .offset = offsetof(struct quic_params, member)

static const struct sim_param quic_table[] = {
    {.name = "congestion",
     .help = "how the window of a connection moves",
     .fallback = "dctcp",
     PARAM(congestion),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "initial_window",
     .help = "packets that a new connection may send at once",
     .fallback = "10",
     PARAM(initial_window_pkts),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "zero_rtt",
     .help = "data goes with the handshake",
     .fallback = "false",
     PARAM(zero_rtt),
     .type = SIM_PARAM_BOOL},
    {.name = "packet_threshold",
     .help = "packets acknowledged behind one that make it lost",
     .fallback = "3",
     PARAM(packet_threshold),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "granularity",
     .help = "least wait for a packet that was overtaken, and least margin of a probe",
     .fallback = "1ms",
     PARAM(granularity),
     .min = 1e3,
     .max = 1e12,
     .type = SIM_PARAM_TIME},
    {.name = "initial_rtt",
     .help = "round trip before one is measured: a third of the first probe timeout",
     .fallback = "1ms",
     PARAM(initial_rtt),
     .min = 1e6,
     .max = 6e13,
     .type = SIM_PARAM_TIME},
    {.name = "ack_every",
     .help = "packets in order to one acknowledgement; 1: none is delayed",
     .fallback = "1",
     PARAM(ack_every),
     .min = 1,
     .max = 1000,
     .type = SIM_PARAM_COUNT},
    {.name = "ack_delay",
     .help = "longest that an acknowledgement is delayed",
     .fallback = "100us",
     PARAM(ack_delay),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

SIM_API const struct sim_transport_ops quic_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "quic",
               .summary = "independent streams, one congestion state a connection",
               .source = "RFC 9000, 9002",
               .state_size = sizeof(struct quic),
               .params_size = sizeof(struct quic_params),
               .params = quic_table},
    .protocol = SIM_PROTOCOL_QUIC,
    .least_packet_bytes = QUIC_OUTER_BYTES + QUIC_SHORT_BYTES + QUIC_AEAD_BYTES + 2,
    .init = quic_init,
    .clear = quic_clear,
    .submit = quic_submit,
    .receive = quic_receive,
    .transmit = quic_transmit,
    .count = quic_count,
    .windows = quic_windows,
    .memory = quic_memory,
    .least_mtu = quic_least_mtu,
};
