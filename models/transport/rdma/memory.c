/* What the queue pairs and the datagrams of a host have allocated. */
#include "models/transport/rdma/rdma.h"

static uint64_t requester_bytes(const struct rdma_requester *requester)
{
    uint64_t bytes = sizeof *requester + requester->governor.ops->plugin.state_size +
                     ((uint64_t)requester->mask + 1) * sizeof *requester->sent;
    for (const struct rdma_message *at = requester->head; at; at = at->next)
        bytes += sizeof *at + (at->frame ? sizeof *at->frame : 0);
    return bytes;
}

void rdma_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct rdma *rdma = self;
    for (const struct rdma_requester *at = rdma->head; at; at = at->all_next) {
        memory->flows += at->head != NULL;
        *(at->head ? &memory->flow_bytes : &memory->other_bytes) += requester_bytes(at);
    }
    for (const struct rdma_responder *at = rdma->responder_list; at; at = at->all_next)
        memory->other_bytes += sizeof *at + framing_bytes(&at->framing);
    memory->other_bytes += demux_bytes(&rdma->requesters) + demux_bytes(&rdma->responders);
    outbox_memory(&rdma->outbox, memory);
    datagrams_memory(&rdma->datagrams, memory);
}
