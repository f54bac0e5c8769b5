/* What the connections of a host have allocated. */
#include "models/transport/quic/quic.h"

static uint64_t stream_bytes(const struct quic_stream *stream)
{
    return sizeof *stream + ranges_bytes(&stream->lost) + ranges_bytes(&stream->acked) +
           (stream->frame ? sizeof *stream->frame : 0);
}

/* Sums, so the order of the tables of streams does not matter. */
static uint64_t connection_bytes(const struct quic_connection *connection)
{
    const struct demux *streams = &connection->streams;
    uint64_t bytes = sizeof *connection + connection->governor.ops->plugin.state_size +
                     ((uint64_t)connection->mask + 1) * sizeof *connection->sent +
                     demux_bytes(streams);
    for (uint32_t i = 0; streams->count && i <= streams->mask; i++)
        if (streams->entries[i].connection)
            bytes += stream_bytes(streams->entries[i].connection);
    return bytes;
}

static uint64_t receiver_bytes(const struct quic_receiver *receiver)
{
    const struct demux *streams = &receiver->streams;
    uint64_t bytes = sizeof *receiver + ranges_bytes(&receiver->packets) +
                     ranges_bytes(&receiver->done) + demux_bytes(streams);
    for (uint32_t i = 0; streams->count && i <= streams->mask; i++) {
        const struct quic_incoming *incoming = streams->entries[i].connection;
        if (incoming)
            bytes += sizeof *incoming + ranges_bytes(&incoming->arrived) +
                     framing_bytes(&incoming->framing);
    }
    return bytes;
}

void quic_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct quic *quic = self;
    for (const struct quic_connection *at = quic->head; at; at = at->all_next) {
        bool idle = !at->streams.count;
        memory->flows += !idle;
        *(idle ? &memory->other_bytes : &memory->flow_bytes) += connection_bytes(at);
    }
    for (const struct quic_receiver *at = quic->receiver_list; at; at = at->all_next)
        *(at->streams.count ? &memory->flow_bytes : &memory->other_bytes) += receiver_bytes(at);
    memory->other_bytes += demux_bytes(&quic->connections) + demux_bytes(&quic->receivers);
}
