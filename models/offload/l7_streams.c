/* l7_balancer's connections: what a balancer of packets can and cannot do to streams.
 *
 * Connections (TCP, QUIC, RDMA's reliable and unreliable ones) are placed as a whole, by the same
 * algorithm, when their first packet passes; from then on the address of what goes to the replica,
 * and of what it acknowledges, is rewritten. All requests of a connection go to one replica: that
 * is what a balancer that does not terminate can do (2.3). MPTCP's later subflows follow the first,
 * to the host that knows their connection. A connection for which there is no pin stays at the
 * first server; only TCP's say when they end, and are forgotten then. Data flow one way on a
 * connection here: responses have one of the server's own, under its own address, and pass as they
 * are.
 *
 * With `streams: message` it tries more: of TCP and RDMA's connections, whose messages it can tell
 * apart by what is in the packets, each message is redirected by itself, sequence numbers and all,
 * while the connection was opened with the first of the servers. That is to show what it does to a
 * stream. QUIC's streams are encrypted and MPTCP's data are spread over subflows, so these stay
 * placed by connection.
 */
#include "models/offload/l7_balancer.h"
#include "models/wire/mptcp.h"

static uint64_t balancer_ports(uint16_t client, uint16_t service)
{
    return UINT64_C(1) << 63 | (uint64_t)client << 16 | service;
}

/* The connection's place, by the ports of the packet. */
static uint64_t balancer_connection(const struct sim_packet *packet, bool towards)
{
    return towards ? balancer_ports(packet->common.src_port, packet->common.dst_port)
                   : balancer_ports(packet->common.dst_port, packet->common.src_port);
}

/* Whether a connection begins with the packet. */
static bool balancer_opens(const struct sim_packet *packet)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_TCP:
        return (packet->tcp.flags & SIM_TCP_SYN) && !(packet->tcp.flags & SIM_TCP_ACK);
    case SIM_PROTOCOL_QUIC:
        return packet->quic.flags & SIM_QUIC_INITIAL;
    default:
        return packet->rdma.psn == packet->rdma.first;
    }
}

/* What the receiving end of a connection sends. */
static bool balancer_acknowledges(const struct sim_packet *packet)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_TCP:
        return (packet->tcp.flags & SIM_TCP_ACK) && !(packet->tcp.flags & SIM_TCP_FIN) &&
               !packet->tcp.payload_bytes;
    case SIM_PROTOCOL_QUIC:
        return packet->quic.flags & (SIM_QUIC_ACCEPT | SIM_QUIC_ACK);
    default:
        return packet->rdma.flags & SIM_RDMA_ACK;
    }
}

/* A later subflow of MPTCP is pinned to where the first one is. */
static void balancer_join(struct l7_balancer *self, const struct sim_packet *packet)
{
    uint8_t subflow = 0;
    if (packet->flags & SIM_PACKET_MAPPED)
        subflow = sim_packet_lists(self->env->pool, packet)->tcp.mapping.subflow;
    uint16_t first = (uint16_t)(packet->tcp.dst_port - subflow * MPTCP_PORT_STEP);
    uint32_t joined =
        offload_table_find(&self->pins, packet->src, balancer_ports(packet->tcp.src_port, first));
    uint64_t ports = balancer_connection(packet, true);
    if (!subflow || joined == OFFLOAD_NONE ||
        offload_table_find(&self->pins, packet->src, ports) != OFFLOAD_NONE)
        return;
    uint32_t place = offload_table_add(&self->pins, packet->src, ports);
    if (place != OFFLOAD_NONE)
        self->pin[place] = (struct balancer_pin){.replica = self->pin[joined].replica};
}

/* Towards the servers. */
static void balancer_whole_connection(struct l7_balancer *self, struct sim_packet *packet)
{
    uint64_t ports = balancer_connection(packet, true);
    if (balancer_opens(packet))
        balancer_join(self, packet);
    if (offload_table_find(&self->pins, packet->src, ports) == OFFLOAD_NONE &&
        !(balancer_opens(packet) && balancer_has_room(self)))
        return;
    uint32_t replica = balancer_replica_of(self, packet->src, ports, true, false);
    packet->dst = self->params->device.servers.items[replica];
    struct balancer_pin *pin = &self->pin[offload_table_find(&self->pins, packet->src, ports)];
    pin->delivered = false;
    if (packet->protocol == SIM_PROTOCOL_TCP && (packet->tcp.flags & SIM_TCP_FIN))
        pin->end = packet->tcp.seq + packet->tcp.payload_bytes + 1;
}

/* ---- streams by message ---- */

static bool balancer_by_message(const struct l7_balancer *self, const struct sim_packet *packet)
{
    return self->params->streams == STREAMS_BY_MESSAGE &&
           (packet->protocol == SIM_PROTOCOL_RDMA ||
            (packet->protocol == SIM_PROTOCOL_TCP && !(packet->flags & SIM_PACKET_MAPPED)));
}

/* The message that begins with the packet, or ends with it. False: neither. */
static bool balancer_names(const struct l7_balancer *self, const struct sim_packet *packet,
                           uint32_t *message)
{
    if (packet->protocol == SIM_PROTOCOL_RDMA) {
        *message = packet->rdma.message;
        return packet->rdma.flags & (SIM_RDMA_FIRST | SIM_RDMA_LAST);
    }
    if (!balancer_framed(packet))
        return false;
    *message = sim_packet_rare(self->env->pool, packet)->frame.number;
    return true;
}

/* Towards the servers: data go to the newest message's replica. */
static void balancer_stream_message(struct l7_balancer *self, struct sim_packet *packet)
{
    uint64_t ports = balancer_connection(packet, true);
    uint32_t place = offload_table_find(&self->pins, packet->src, ports);
    uint32_t message = place == OFFLOAD_NONE ? 0 : self->pin[place].message;
    if (!packet->common.payload_bytes)
        return;
    if (balancer_names(self, packet, &message) && place != OFFLOAD_NONE &&
        message != self->pin[place].message)
        offload_table_remove(&self->pins, place);
    uint32_t replica = balancer_replica_of(self, packet->src, ports, true, false);
    packet->dst = self->params->device.servers.items[replica];
    place = offload_table_find(&self->pins, packet->src, ports);
    if (place != OFFLOAD_NONE)
        self->pin[place].message = message;
}

/* From a replica: as if it came from the service. Another connection, to a replica's own address,
 * may have the same ports. */
static void balancer_acknowledged(struct l7_balancer *self, struct sim_packet *packet)
{
    uint64_t ports = balancer_connection(packet, false);
    uint32_t place = offload_table_find(&self->pins, packet->dst, ports);
    if (place == OFFLOAD_NONE)
        return;
    struct balancer_pin *pin = &self->pin[place];
    const uint32_t *servers = self->params->device.servers.items;
    if (packet->src != servers[pin->replica] && !balancer_by_message(self, packet))
        return;
    packet->src = servers[0];
    if (packet->protocol == SIM_PROTOCOL_TCP && pin->end && packet->tcp.ack >= pin->end)
        pin->delivered = true;
}

void balancer_stream(struct l7_balancer *self, struct sim_packet *packet, enum sim_device_way way)
{
    uint32_t service = self->params->device.servers.items[0];
    bool acknowledges = balancer_acknowledges(packet);
    if (way == SIM_DEVICE_BACK && acknowledges)
        balancer_acknowledged(self, packet);
    if (way == SIM_DEVICE_BACK || acknowledges || packet->dst != service)
        return;
    if (balancer_by_message(self, packet))
        balancer_stream_message(self, packet);
    else
        balancer_whole_connection(self, packet);
}
