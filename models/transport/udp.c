/* udp: datagrams, and nothing else.
 *
 * RFC 768, RFC 8085. Paper: 2.1, Table 1.
 *
 * No acknowledgement, no retransmission, no congestion control: a message with a lost datagram
 * stays incomplete, and an overloaded link drops what is too much. `rate` paces each flow
 * (destination and ports) as an application does that knows its share. A long flow is datagrams
 * without end at that rate; without one it takes all that the host's link gives.
 *
 * Wire sizes: IP 20, UDP 8, and 16 of the application for each piece of a message (datagrams.h).
 *
 * Not modelled: IP fragmentation (pieces fit the MTU), checksums, ICMP. Datagrams are not
 * ECN-capable, as nobody would answer to the mark.
 */
#include "models/transport/udp.h"

#include "models/transport/datagrams.h"
#include "models/wire/udp.h"

#define HEADER_BYTES (WIRE_IP_BYTES + WIRE_UDP_BYTES + DATAGRAMS_MESSAGE_HEADER_BYTES)

struct udp {
    struct sim_transport transport; /* first */
    struct datagrams datagrams;
};

static void udp_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct udp *udp = self;
    const struct udp_params *p = params;
    const struct datagrams_config config = {
        .protocol = SIM_PROTOCOL_UDP,
        .header_bytes = HEADER_BYTES,
        .rate_bps = p->rate_bps,
        .reassembly_timeout = p->reassembly_timeout,
    };
    SIM_CHECK(env->mtu_bytes > HEADER_BYTES, "an MTU of %u bytes leaves no payload",
              env->mtu_bytes);
    datagrams_init(&udp->datagrams, env, &config, &udp->transport.ready);
}

static void udp_clear(void *self)
{
    struct udp *udp = self;
    datagrams_clear(&udp->datagrams);
}

static void udp_submit(void *self, const struct sim_message *message, sim_time now)
{
    struct udp *udp = self;
    outbox_submit(&udp->datagrams.outbox, message, now);
}

static struct sim_packet *udp_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct udp *udp = self;
    datagrams_receive(&udp->datagrams, packet, now);
    return NULL;
}

static struct sim_packet *udp_transmit(void *self, sim_time now, sim_time *again)
{
    struct udp *udp = self;
    *again = SIM_NEVER;
    return datagrams_transmit(&udp->datagrams, now);
}

static void udp_count(const void *self, struct sim_transport_counts *counts)
{
    const struct udp *udp = self;
    sim_transport_counts_add(counts, &udp->datagrams.counts);
}

static void udp_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct udp *udp = self;
    datagrams_memory(&udp->datagrams, memory);
}

#define PARAM(member) .offset = offsetof(struct udp_params, member)

static const struct sim_param udp_table[] = {
    {.name = "rate",
     .help = "pace of each flow, headers included; none: as fast as the host's link",
     .fallback = "none",
     PARAM(rate_bps),
     .min = 1e3,
     .max = 1e13,
     .type = SIM_PARAM_RATE},
    {.name = "reassembly_timeout",
     .help = "a message of which no datagram arrives for so long is forgotten",
     .fallback = "10ms",
     PARAM(reassembly_timeout),
     .min = 1e6,
     .max = 6e13,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

SIM_API const struct sim_transport_ops udp_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "udp",
               .summary = "datagrams without acknowledgement or congestion control",
               .source = "RFC 768",
               .state_size = sizeof(struct udp),
               .params_size = sizeof(struct udp_params),
               .params = udp_table},
    .protocol = SIM_PROTOCOL_UDP,
    .least_packet_bytes = HEADER_BYTES,
    .init = udp_init,
    .clear = udp_clear,
    .submit = udp_submit,
    .receive = udp_receive,
    .transmit = udp_transmit,
    .count = udp_count,
    .memory = udp_memory,
};
