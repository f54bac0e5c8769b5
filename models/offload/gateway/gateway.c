/* gateway: one of a pair that carries MTP across an island that passes TCP alone.
 *
 * Paper: 4 ("MTP can coexist with legacy TCP devices. In this scenario, the MTP header can be
 * included as a new TCP option, and MTP devices can bridge TCP islands").
 *
 * MTP packets to hosts behind the island, and to devices there, go into a stream of TCP to the
 * other gateway and come out as the packets that they were: headers, lists and payload to the byte.
 * Several connections may share them, by a hash of (source, message ID), so a message stays in
 * order and whole on one.
 *
 * In the stream, not as an option. A record is 12 bytes (its length, 2; the traffic class, 1; what
 * IP said of ECN, 1; source and destination, 4 each), then the MTP header with its lists, then the
 * payload. Of the two ways that is the one which carries all of MTP:
 *
 *  - TCP has room for 40 bytes of options. MTP's fixed header has 36, and kind and length make it
 *    38: no list fits beside it, so no path feedback, which MTP is about, and no acknowledgement,
 *    which is a list. Nor does SACK (10 bytes for the first block) or a timestamp (10). One entry
 *    of path feedback needs 4 + 8.
 *  - An option belongs to a segment, and segments are not packets: offloading NICs and middleboxes
 *    cut and join them, and copy the options or drop them; middleboxes strip those that they do not
 *    know (Honda and others, "Is it still possible to extend TCP?", IMC 2011). What is in the
 *    stream arrives as it was sent, or not at all.
 *  - It would save little. A packet of s bytes takes s + 32 in the stream (12 + 40 of TCP and IP,
 *    instead of 20 of IP) as long as the record fits a segment, that is up to the MTU less 32;
 *    without lists it would take s + 24 as an option. MTP senders leave room for eight entries of
 *    path feedback, so the record of a full packet with up to four of 8 bytes fits.
 *  - The price is TCP's: a lost segment holds back all that comes behind it on its connection,
 *    messages that have nothing to do with it as well. Several connections divide that. Segments
 *    that are given up unordered (Nowlan and others, "Fitting square pegs through round pipes",
 *    NSDI 2012) would need another TCP at both ends.
 *
 * Who says and forgets what. It forwards (point 1 of device.h): it acknowledges nothing of MTP's,
 * and TCP's acknowledgements are the gateways' own. A packet that it took and then forgets, in a
 * restart, is a packet lost: its sender sends it again. After a restart of the other one it sends
 * again what TCP has not acknowledged, some of which may have come through: MTP tells duplicates.
 *
 * Each connection is a pathlet: the first has the ID that is the parameter `pathlet`, the others
 * those after it. For MTP takes what came over equal lists of pathlets to be in order, and
 * connections are not in order among each other; nor do they share a window. The pathlet's queue is
 * what waits to be served and what waits for the connection's window, so the queue model marks, or
 * drops whole packets, by both. Its rate is what the window gives now, a window in each smoothed
 * round trip, and its delay what waits at that rate: so models that count (RCP, XCP, HPCC) need not
 * be told how fast the island is. What TCP hears inside (marks, losses) reaches MTP as the rate
 * that it leaves and the queue that it makes. Entries that packets have already stay. `buffer`
 * bounds the copies: those that wait and those that TCP has not acknowledged; the other gateway
 * holds at most as much out of order. A record is counted as state of one message, of which it is a
 * part.
 *
 * Both directions take service at the gateway's rate, which must be above the sum of both;
 * acknowledgements of TCP take none.
 *
 * In a stream all are alike: what is urgent waits behind what came before it.
 *
 * Not modelled: segments that span records (each record ends its segment: TCP_NODELAY with a write
 * a record; a sender that fills segments would save headers of small ones); other protocols than
 * MTP; keys and trust between gateways.
 */
#include "models/offload/gateway/gateway.h"

#include <string.h>

/* ---- the device ---- */

static enum sim_device_use gateway_look(void *state, const struct sim_packet *packet,
                                        enum sim_device_way way)
{
    (void)state;
    if (way == SIM_DEVICE_OWN)
        return packet->common.payload_bytes ? SIM_DEVICE_SERVE : SIM_DEVICE_PEEK;
    return way == SIM_DEVICE_TOWARDS && packet->protocol == SIM_PROTOCOL_MTP ? SIM_DEVICE_SERVE
                                                                             : SIM_DEVICE_PASS;
}

static void gateway_carry(struct gateway *self, struct sim_packet *packet, sim_time now)
{
    if (self->held_bytes + gateway_record_bytes(packet) > self->params->buffer_bytes) {
        self->no_room++;
        self->env->drop(self->env->device, packet);
        return;
    }
    self->carried++;
    self->carried_bytes += packet->size_bytes;
    gateway_tunnel_send(self, packet, now);
    self->env->absorb(self->env->device, packet);
}

static void gateway_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                         sim_time now)
{
    struct gateway *self = state;
    if (way == SIM_DEVICE_OWN)
        gateway_tunnel_receive(self, packet, now);
    else
        gateway_carry(self, packet, now);
}

static uint32_t gateway_pathlets(const void *params)
{
    return (uint32_t)((const struct gateway_params *)params)->connections;
}

static void gateway_backlog(const void *state, const struct sim_packet *packet,
                            enum sim_device_way way, struct sim_device_backlog *backlog)
{
    if (way == SIM_DEVICE_TOWARDS)
        gateway_tunnel_backlog(state, packet, backlog);
}

static void gateway_restart(void *state, sim_time now)
{
    gateway_tunnel_restart(state, now);
}

static bool gateway_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct gateway *self = state;
    struct sim_transport_counts tcp = {0};
    if (self->senders) /* else only the names are asked for, of a device that does not run */
        gateway_tunnel_count(self, &tcp);
    const struct sim_device_counter counters[] = {
        {"carried", self->carried},
        {"carried_bytes", self->carried_bytes},
        {"released", self->released},
        {"segments", self->segments},
        {"segment_bytes", self->segment_bytes},
        {"answer_bytes", self->answer_bytes},
        {"retransmissions", tcp.retransmissions},
        {"timeouts", tcp.timeouts},
        {"waited", tcp.held_messages},
        {"waited_ns", tcp.held_time / (uint64_t)SIM_NS},
        {"no_room", self->no_room},
        {"forgotten", self->forgotten},
        {"resets", self->resets},
    };
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

static void gateway_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct gateway *self = state;
    self->params = params;
    self->env = env;
    self->ops = (const struct sim_transport_ops *)self->params->tcp.plugin;
    self->rate = sim_rate_of(self->params->device.rate_bps);
    gateway_tunnel_init(self);
}

static void gateway_clear(void *state)
{
    gateway_tunnel_clear(state);
}

static const struct sim_device_ops gateway_device = {
    .serves_devices = true,
    .least_packet_bytes = GATEWAY_TCP_BYTES,
    .init = gateway_init,
    .clear = gateway_clear,
    .look = gateway_look,
    .take = gateway_take,
    .pathlets = gateway_pathlets,
    .backlog = gateway_backlog,
    .restart = gateway_restart,
    .counter = gateway_counter,
};

/* ---- the table ---- */

static const char *gateway_check(const void *params)
{
    const struct gateway_params *p = params;
    return strcmp(p->tcp.plugin->name, "tcp") == 0 ? NULL : "a gateway's `tcp` must be tcp";
}

#define MEMBER(member) .offset = offsetof(struct gateway_params, member)

static const struct sim_param gateway_table[] = {
    SIM_DEVICE_PARAMS(struct gateway_params),
    {.name = "peer",
     .help = "the gateway on the other side of the island",
     MEMBER(peer),
     .type = SIM_PARAM_STRING},
    {.name = "connections",
     .help =
         "to the other gateway, that share its packets by message; each is a pathlet: `pathlet`, "
         "then the IDs after it",
     .fallback = "1",
     MEMBER(connections),
     .min = 1,
     .max = GATEWAY_CONNECTIONS_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = "buffer",
     .help = "of packets that wait, are not acknowledged, or came out of order",
     .fallback = "4MB",
     MEMBER(buffer_bytes),
     .min = 10000,
     .max = 1e12,
     .type = SIM_PARAM_BYTES},
    {.name = "tcp",
     .help = "tcp, and its parameters for the connections",
     .fallback = "tcp",
     MEMBER(tcp),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_TRANSPORT},
    {.name = NULL},
};

const struct sim_offload_ops gateway_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "gateway",
               .summary = "carries MTP across a TCP-only island, with another one",
               .source = "paper, 4",
               .state_size = sizeof(struct gateway),
               .params_size = sizeof(struct gateway_params),
               .params = gateway_table,
               .check = gateway_check},
    .device = &gateway_device,
};
