/* What was sent and heard on a wire: classes of packets, and the test's questions. */
#include "support/wire_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Names the piece of data that a packet carries. */
struct piece {
    uint32_t src, dst, ports, packet;
    uint64_t position; /* sequence number or message */
};

guint wire_piece_hash(gconstpointer key)
{
    const struct piece *piece = key;
    uint64_t hash = sim_mix64(piece->position + piece->packet);
    return (guint)sim_mix64(hash ^ ((uint64_t)piece->src << 32 | piece->ports) ^ piece->dst);
}

gboolean wire_piece_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct piece)) == 0;
}

static bool seen_before(struct wire *wire, const struct sim_packet *packet)
{
    struct piece piece;
    memset(&piece, 0, sizeof piece);
    piece.src = packet->src;
    piece.dst = packet->dst;
    piece.ports = (uint32_t)packet->common.src_port << 16 | packet->common.dst_port;
    switch (packet->protocol) {
    case SIM_PROTOCOL_TCP:
        piece.position = packet->tcp.seq;
        break;
    case SIM_PROTOCOL_MTP:
        piece.ports = 0;
        piece.packet = packet->mtp.packet;
        piece.position = packet->mtp.message;
        break;
    case SIM_PROTOCOL_QUIC:
        piece.packet = packet->quic.stream;
        piece.position = packet->quic.offset;
        break;
    default: /* message and offset, or psn */
        piece.packet = packet->datagram.message;
        piece.position = sim_mix64(packet->words[2]) ^ packet->words[3];
    }
    return !g_hash_table_add(wire->seen, g_memdup2(&piece, sizeof piece));
}

struct wire_sent wire_classify(struct wire *wire, uint32_t from, const struct sim_packet *packet)
{
    struct wire_sent sent = {.time = wire->now, .from = from, .packet = *packet};
    sent.lists = *sim_packet_lists(&wire->pool, packet);
    sent.rare = *sim_packet_rare(&wire->pool, packet);
    if (packet->protocol == SIM_PROTOCOL_TCP) {
        sent.syn = packet->tcp.flags & SIM_TCP_SYN;
        sent.fin = packet->tcp.flags & SIM_TCP_FIN;
        sent.data = packet->tcp.payload_bytes > 0;
        sent.acknowledgement =
            !sent.syn && !sent.fin && !sent.data && (packet->tcp.flags & SIM_TCP_ACK);
    } else if (packet->protocol == SIM_PROTOCOL_MTP) {
        sent.data = packet->mtp.flags & SIM_MTP_DATA;
        sent.acknowledgement = !sent.data;
    } else if (packet->protocol == SIM_PROTOCOL_QUIC) {
        sent.syn = packet->quic.flags & (SIM_QUIC_INITIAL | SIM_QUIC_ACCEPT);
        sent.fin = packet->quic.flags & SIM_QUIC_FIN;
        sent.data = packet->quic.flags & SIM_QUIC_STREAM;
        sent.acknowledgement = packet->quic.flags & SIM_QUIC_ACK;
    } else {
        sent.acknowledgement =
            packet->protocol == SIM_PROTOCOL_RDMA && (packet->rdma.flags & SIM_RDMA_ACK);
        sent.data = !sent.acknowledgement;
    }
    if (sent.data || sent.fin) {
        sent.retransmission = seen_before(wire, packet);
        sent.first = sent.data && !sent.retransmission;
    }
    return sent;
}

/* Of a handshake. */
static bool answers(const struct sim_packet *packet)
{
    return packet->protocol == SIM_PROTOCOL_QUIC ? packet->quic.flags & SIM_QUIC_ACCEPT
                                                 : packet->tcp.flags & SIM_TCP_ACK;
}

bool wire_is_of_class(const struct wire_sent *sent, enum wire_class class)
{
    switch (class) {
    case WIRE_ANY:
        return true;
    case WIRE_DATA:
        return sent->data;
    case WIRE_FIRST:
        return sent->first;
    case WIRE_RETRANSMISSION:
        return sent->retransmission;
    case WIRE_ACKNOWLEDGEMENT:
        return sent->acknowledgement;
    case WIRE_SYN:
        return sent->syn && !answers(&sent->packet);
    case WIRE_SYN_ACK:
        return sent->syn && answers(&sent->packet);
    case WIRE_FIN:
        return sent->fin;
    }
    return false;
}

static const struct wire_event *find_event(const struct wire *wire, enum wire_event_kind kind,
                                           uint32_t host, uint32_t src, uint32_t number)
{
    for (guint i = 0; i < wire->events->len; i++) {
        const struct wire_event *event = &g_array_index(wire->events, struct wire_event, i);
        if (event->kind == kind && event->host == host && event->number == number &&
            (kind == WIRE_COMPLETED || event->src == src))
            return event;
    }
    return NULL;
}

sim_time wire_completed_at(const struct wire *wire, uint32_t host, uint32_t number)
{
    const struct wire_event *event = find_event(wire, WIRE_COMPLETED, host, 0, number);
    return event ? event->time : SIM_NEVER;
}

sim_time wire_delivered_at(const struct wire *wire, uint32_t host, uint32_t src, uint32_t number)
{
    const struct wire_event *event = find_event(wire, WIRE_DELIVERED, host, src, number);
    return event ? event->time : SIM_NEVER;
}

uint32_t wire_delivered_times(const struct wire *wire, uint32_t host, uint32_t src, uint32_t number)
{
    uint32_t times = 0;
    for (guint i = 0; i < wire->events->len; i++) {
        const struct wire_event *event = &g_array_index(wire->events, struct wire_event, i);
        times += event->kind == WIRE_DELIVERED && event->host == host && event->src == src &&
                 event->number == number;
    }
    return times;
}

uint64_t wire_received_bytes(const struct wire *wire, uint32_t host)
{
    return wire->hosts[host].received_bytes;
}

uint32_t wire_sent_count(const struct wire *wire, enum wire_class class, uint32_t from)
{
    uint32_t count = 0;
    for (guint i = 0; i < wire->sent->len; i++) {
        const struct wire_sent *sent = &g_array_index(wire->sent, struct wire_sent, i);
        count += (from == WIRE_ANY_HOST || sent->from == from) && wire_is_of_class(sent, class);
    }
    return count;
}

const struct wire_sent *wire_sent_nth(const struct wire *wire, enum wire_class class, uint32_t from,
                                      uint32_t nth)
{
    for (guint i = 0; i < wire->sent->len; i++) {
        const struct wire_sent *sent = &g_array_index(wire->sent, struct wire_sent, i);
        if ((from == WIRE_ANY_HOST || sent->from == from) && wire_is_of_class(sent, class) &&
            !--nth)
            return sent;
    }
    return NULL;
}

const GArray *wire_sent(const struct wire *wire)
{
    return wire->sent;
}

const GArray *wire_events(const struct wire *wire)
{
    return wire->events;
}

static void print_sent(const struct wire_sent *sent)
{
    const struct sim_packet *p = &sent->packet;
    printf("%12.3f us  %u>%u %4u B ecn %u%s%s%s%s%s ", (double)sent->time / (double)SIM_US,
           sent->from, p->dst, p->size_bytes, p->ecn, sent->data ? " data" : "",
           sent->retransmission ? " again" : "", sent->syn ? " syn" : "", sent->fin ? " fin" : "",
           sent->dropped ? " DROPPED" : "");
    if (p->protocol == SIM_PROTOCOL_TCP) {
        printf(" %u>%u flags %02x seq %" PRIu64 "+%u ack %" PRIu64 " window %u", p->tcp.src_port,
               p->tcp.dst_port, p->tcp.flags, p->tcp.seq, p->tcp.payload_bytes, p->tcp.ack,
               p->tcp.window_bytes);
        for (uint32_t i = 0; i < p->tcp.sack_count; i++)
            printf(" [%" PRIu64 ",%" PRIu64 ")", sent->lists.tcp.sack[i].start,
                   sent->lists.tcp.sack[i].end);
    } else if (p->protocol == SIM_PROTOCOL_RDMA && !(p->common.flags & SIM_RDMA_DATAGRAM)) {
        printf(" flags %02x message %u psn %" PRIu64 " (%+" PRId64 ")", p->rdma.flags,
               p->rdma.message, p->rdma.psn, (int64_t)(p->rdma.psn - p->rdma.first));
    } else if (p->protocol == SIM_PROTOCOL_QUIC) {
        printf(" flags %02x packet %" PRIu64 " stream %u offset %" PRIu64 "+%u", p->quic.flags,
               p->quic.packet, p->quic.stream, p->quic.offset, p->quic.payload_bytes);
        for (uint32_t i = 0; i < p->quic.range_count; i++)
            printf(" [%" PRIu64 ",%" PRIu64 ")", sent->lists.quic.ranges[i].start,
                   sent->lists.quic.ranges[i].end);
    } else if (p->protocol == SIM_PROTOCOL_UDP || p->protocol == SIM_PROTOCOL_RDMA) {
        printf(" message %u offset %" PRIu64 "+%u of %" PRIu64, p->datagram.message,
               p->datagram.offset, p->datagram.payload_bytes, p->datagram.message_bytes);
    } else {
        printf(" flags %02x message %" PRIx64 " packet %u of %u, paths %u", p->mtp.flags,
               p->mtp.message, p->mtp.packet, p->mtp.message_packets, p->mtp.path_count);
    }
    printf("\n");
}

void wire_print(const struct wire *wire)
{
    static const char *const names[] = {"received", "delivered", "completed"};
    for (guint i = 0; i < wire->sent->len; i++)
        print_sent(&g_array_index(wire->sent, struct wire_sent, i));
    for (guint i = 0; i < wire->events->len; i++) {
        const struct wire_event *event = &g_array_index(wire->events, struct wire_event, i);
        if (event->kind != WIRE_RECEIVED)
            printf("%12.3f us  host %u %s %u\n", (double)event->time / (double)SIM_US, event->host,
                   names[event->kind], event->number);
    }
}
