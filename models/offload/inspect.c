/* inspect: reads messages as they pass, as a device must that is to answer, absorb or redirect some
 * of them; and shows what it has to hold for that, which depends on the transport.
 *
 * Paper: 2.2 ("process messages with bounded state and buffering requirements"), 2.3, 2.4; Table 1.
 *
 * It has to know of every byte of payload which message it belongs to and where in it, when it
 * passes or as soon afterwards as can be known.
 *
 * MTP, UDP, RDMA's datagrams: each packet says it. Nothing is held.
 *
 * RDMA's connections: a packet says whether it is a message's first or last, and a number; which
 * message, and where in it, follows from the packets before. An entry for each connection. What is
 * out of order is dropped by the responder, so it is not read either: no payload is held.
 *
 * TCP, MPTCP: messages begin and end anywhere in a stream of bytes; the end of one is where its own
 * first bytes say. An entry for each connection, and what is ahead of a gap is held until the gap
 * is filled: payload, as much as arrives in the time that a loss takes to be repaired. Of MPTCP the
 * order is that of the connection, over all subflows (which all pass here).
 *
 * QUIC: encrypted (RFC 9001). Nothing can be read.
 *
 * Packets go on at once; what is held is a copy. A gap that is not filled before HELD_MAX segments
 * are held makes it lose the thread: the rest of the connection is not read.
 *
 * Not modelled: bytes of a message's own header that lie across two segments; computing beyond the
 * service rate; wrong guesses about where a stream begins when the device restarts.
 */
#include <mtpsim/offload.h>

#include <stdlib.h>

#include "models/offload/table.h"

#define INSPECT_ENTRY_BYTES 40u /* addresses and ports 12, next number 8, message 4, place 8, 8 */
#define INSPECT_HELD_MAX    4096u

struct inspect_params {
    struct sim_device_params device; /* first */
    uint64_t connections;
};

struct inspect_held {
    uint64_t start;
    uint32_t bytes;
    bool ends; /* a message */
};

/* One direction of a connection. Numbers are of bytes, or of RDMA's packets. */
struct inspect_stream {
    uint64_t next;
    struct inspect_held *held;
    uint32_t count;
    bool lost;
};

struct inspect {
    const struct inspect_params *params;
    const struct sim_device_env *env;
    struct offload_table table; /* by (source, destination), ports */
    struct inspect_stream *streams;
    uint64_t held_bytes;
    uint64_t packets, messages, unread;
};

/* ---- what it holds ---- */

static void inspect_report(struct inspect *self)
{
    uint64_t entries = (uint64_t)self->table.count * INSPECT_ENTRY_BYTES;
    self->env->holds(self->env->device, self->table.count, entries + self->held_bytes);
}

static void inspect_empty(struct inspect *self, struct inspect_stream *stream)
{
    for (uint32_t i = 0; i < stream->count; i++)
        self->held_bytes -= stream->held[i].bytes;
    free(stream->held);
    *stream = (struct inspect_stream){0};
}

static void inspect_forget(struct inspect *self, uint32_t place)
{
    inspect_empty(self, &self->streams[place]);
    offload_table_remove(&self->table, place);
}

/* The packet's connection. MPTCP's subflows, which have ports of their own, are one. */
static struct inspect_stream *inspect_stream_of(struct inspect *self,
                                                const struct sim_packet *packet, uint64_t begins)
{
    uint64_t hosts = (uint64_t)packet->src << 32 | packet->dst;
    uint64_t ports = packet->flags & SIM_PACKET_MAPPED
                         ? 0
                         : (uint64_t)packet->common.src_port << 16 | packet->common.dst_port;
    uint32_t place = offload_table_find(&self->table, hosts, ports);
    if (place == OFFLOAD_NONE) {
        if (self->table.count == self->table.capacity)
            inspect_forget(self, self->table.oldest);
        place = offload_table_add(&self->table, hosts, ports);
        self->streams[place] = (struct inspect_stream){.next = begins};
    }
    offload_table_use(&self->table, place);
    return &self->streams[place];
}

/* ---- streams of bytes ---- */

static void inspect_advance(struct inspect *self, struct inspect_stream *stream,
                            struct inspect_held segment)
{
    stream->next = segment.start + segment.bytes;
    self->messages += segment.ends;
    for (uint32_t i = 0; i < stream->count;) {
        struct inspect_held *held = &stream->held[i];
        if (held->start > stream->next) {
            i++;
            continue;
        }
        if (held->start + held->bytes > stream->next) {
            stream->next = held->start + held->bytes;
            self->messages += held->ends;
        }
        self->held_bytes -= held->bytes;
        *held = stream->held[--stream->count];
        i = 0;
    }
}

static void inspect_hold(struct inspect *self, struct inspect_stream *stream,
                         struct inspect_held segment)
{
    for (uint32_t i = 0; i < stream->count; i++)
        if (stream->held[i].start == segment.start)
            return;
    if (stream->count == INSPECT_HELD_MAX) {
        inspect_empty(self, stream);
        stream->lost = true;
        return;
    }
    if (!stream->held)
        stream->held = malloc(INSPECT_HELD_MAX * sizeof *stream->held);
    SIM_CHECK(stream->held, "out of memory for a device");
    stream->held[stream->count++] = segment;
    self->held_bytes += segment.bytes;
}

static void inspect_segment(struct inspect *self, struct inspect_stream *stream,
                            struct inspect_held segment)
{
    if (stream->lost)
        self->unread++;
    else if (segment.start > stream->next)
        inspect_hold(self, stream, segment);
    else if (segment.start + segment.bytes > stream->next)
        inspect_advance(self, stream, segment);
}

/* A message ends with the segment, not a part of one. */
static bool inspect_ends(const struct inspect *self, const struct sim_packet *packet)
{
    bool part =
        (packet->flags & SIM_PACKET_FRAMED) && sim_packet_rare(self->env->pool, packet)->frame.part;
    return (packet->tcp.flags & SIM_TCP_PSH) && !part;
}

/* The numbers of SYN and FIN are no bytes of messages. */
static void inspect_tcp(struct inspect *self, const struct sim_packet *packet)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    bool mapped = packet->flags & SIM_PACKET_MAPPED;
    uint64_t start = mapped ? lists->tcp.mapping.seq : packet->tcp.seq;
    bool syn = packet->tcp.flags & SIM_TCP_SYN;
    struct inspect_held segment = {
        .start = syn && !mapped ? start + 1 : start,
        .bytes = packet->tcp.payload_bytes,
        .ends = mapped ? lists->tcp.mapping.last : inspect_ends(self, packet),
    };
    struct inspect_stream *stream = inspect_stream_of(self, packet, segment.start);
    if (segment.bytes)
        inspect_segment(self, stream, segment);
    if (!mapped && (packet->tcp.flags & SIM_TCP_FIN) && !stream->count &&
        stream->next >= segment.start + segment.bytes)
        inspect_forget(self, (uint32_t)(stream - self->streams));
}

/* ---- packets ---- */

static void inspect_rdma(struct inspect *self, const struct sim_packet *packet)
{
    struct inspect_stream *stream = inspect_stream_of(self, packet, packet->rdma.first);
    if (packet->rdma.psn != stream->next)
        return;
    stream->next++;
    self->messages += (packet->rdma.flags & SIM_RDMA_LAST) != 0;
}

/* Of a message whose every packet says what it is: the last one of it, if nothing was lost. */
static bool inspect_is_last(const struct sim_packet *packet)
{
    if (packet->protocol == SIM_PROTOCOL_MTP)
        return packet->mtp.packet + 1 == packet->mtp.message_packets;
    return packet->datagram.offset + packet->datagram.payload_bytes ==
           packet->datagram.message_bytes;
}

static bool inspect_is_resent(const struct sim_packet *packet)
{
    return packet->flags & SIM_PACKET_RESENT;
}

static void inspect_read(struct inspect *self, const struct sim_packet *packet)
{
    if (packet->protocol == SIM_PROTOCOL_TCP)
        inspect_tcp(self, packet);
    else if (packet->protocol == SIM_PROTOCOL_RDMA && !(packet->rdma.flags & SIM_RDMA_DATAGRAM))
        inspect_rdma(self, packet);
    else if (packet->protocol == SIM_PROTOCOL_QUIC)
        self->unread++;
    else
        self->messages += inspect_is_last(packet) && !inspect_is_resent(packet);
}

/* ---- the device ---- */

static enum sim_device_use inspect_look(void *state, const struct sim_packet *packet,
                                        enum sim_device_way way)
{
    const struct inspect *self = state;
    if (way != SIM_DEVICE_TOWARDS || !sim_device_reads(&self->params->device, packet))
        return SIM_DEVICE_PASS;
    bool opens = packet->protocol == SIM_PROTOCOL_TCP &&
                 (packet->tcp.flags & (SIM_TCP_SYN | SIM_TCP_FIN)) != 0;
    return packet->common.payload_bytes || opens ? SIM_DEVICE_SERVE : SIM_DEVICE_PASS;
}

static void inspect_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                         sim_time now)
{
    struct inspect *self = state;
    (void)way;
    self->packets++;
    if (!(packet->flags & SIM_PACKET_TRIMMED))
        inspect_read(self, packet);
    inspect_report(self);
    self->env->forward(self->env->device, packet, now);
}

static void inspect_restart(void *state, sim_time now)
{
    struct inspect *self = state;
    (void)now;
    while (self->table.count)
        inspect_forget(self, self->table.oldest);
}

static bool inspect_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct inspect *self = state;
    const struct sim_device_counter counters[] = {
        {"packets_read", self->packets - self->unread},
        {"packets_unread", self->unread},
        {"messages_read", self->messages},
    };
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

static void inspect_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct inspect *self = state;
    self->params = params;
    self->env = env;
    offload_table_init(&self->table, (uint32_t)self->params->connections);
    self->streams = calloc(self->params->connections, sizeof *self->streams);
    SIM_CHECK(self->streams, "out of memory for a device");
}

static void inspect_clear(void *state)
{
    struct inspect *self = state;
    inspect_restart(self, 0);
    offload_table_clear(&self->table);
    free(self->streams);
}

static const struct sim_device_ops inspect_device = {
    .init = inspect_init,
    .clear = inspect_clear,
    .look = inspect_look,
    .take = inspect_take,
    .restart = inspect_restart,
    .counter = inspect_counter,
};

static const struct sim_param inspect_table[] = {
    SIM_DEVICE_PARAMS(struct inspect_params),
    {.name = "connections",
     .help = "of so many it can hold something at a time",
     .fallback = "1024",
     .offset = offsetof(struct inspect_params, connections),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

const struct sim_offload_ops inspect_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "inspect",
               .summary = "reads messages as they pass, and counts what it must hold for that",
               .source = "paper, 2.2, 2.3",
               .state_size = sizeof(struct inspect),
               .params_size = sizeof(struct inspect_params),
               .params = inspect_table},
    .device = &inspect_device,
};
