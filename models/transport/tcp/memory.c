/* What the connections of a host have allocated. */
#include "connection.h"

static uint64_t sender_bytes(const struct tcp_sender *sender)
{
    return sizeof *sender + sender->congestion->plugin.state_size +
           ((uint64_t)sender->outgoing.mask + 1) * sizeof *sender->outgoing.ring +
           tcp_segments_bytes(&sender->segments);
}

static uint64_t receiver_bytes(const struct tcp_receiver *receiver)
{
    uint64_t bytes = sizeof *receiver + tcp_reassembly_bytes(&receiver->reassembly);
    if (receiver->reading)
        bytes += sizeof *receiver->reading +
                 receiver->reading->capacity * sizeof *receiver->reading->frames;
    return bytes;
}

void tcp_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct tcp *tcp = self;
    for (const struct tcp_sender *at = tcp->senders_head; at; at = at->all_next) {
        memory->flows++;
        memory->flow_bytes += sender_bytes(at);
    }
    for (const struct tcp_receiver *at = tcp->open.head; at; at = at->list_next)
        memory->flow_bytes += receiver_bytes(at);
    for (const struct tcp_sender *at = tcp->idle; at; at = at->all_next)
        memory->other_bytes += sender_bytes(at);
    for (const struct tcp_receiver *at = tcp->closed.head; at; at = at->list_next)
        memory->other_bytes += receiver_bytes(at);
    memory->other_bytes += demux_bytes(&tcp->senders) + demux_bytes(&tcp->receivers);
}
