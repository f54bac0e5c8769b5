/* What the connections of a host have allocated, with the TCPs inside. */
#include "models/transport/mptcp/mptcp.h"

static struct sim_transport_memory inner_memory(const struct mptcp_inner *inner)
{
    struct sim_transport_memory memory = {
        .other_bytes =
            inner->ops->plugin.state_size + inner->timers.capacity * sizeof *inner->timers.entries,
    };
    if (inner->ops->memory)
        inner->ops->memory(inner->tcp, &memory);
    return memory;
}

static uint64_t connection_bytes(const struct mptcp_connection *connection)
{
    const struct sim_transport_memory inner = inner_memory(&connection->inner);
    uint64_t bytes = sizeof *connection + inner.flow_bytes + inner.other_bytes +
                     ((uint64_t)connection->chunk_mask + 1) * sizeof *connection->chunks +
                     ranges_bytes(&connection->acked) + ranges_bytes(&connection->again);
    for (const struct mptcp_message *at = connection->head; at; at = at->next)
        bytes += sizeof *at + (at->frame ? sizeof *at->frame : 0);
    return bytes;
}

static uint64_t receiver_bytes(const struct mptcp_receiver *receiver)
{
    uint64_t bytes = sizeof *receiver + ranges_bytes(&receiver->arrived) +
                     receiver->end_capacity * sizeof *receiver->ends;
    for (const struct mptcp_framing *at = receiver->framings; at; at = at->next)
        bytes += sizeof *at + framing_bytes(&at->framing);
    return bytes;
}

void mptcp_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct mptcp *mptcp = self;
    const struct sim_transport_memory arrivals = inner_memory(&mptcp->arrivals);
    for (const struct mptcp_connection *at = mptcp->head; at; at = at->all_next) {
        memory->flows += at->head != NULL;
        *(at->head ? &memory->flow_bytes : &memory->other_bytes) += connection_bytes(at);
    }
    for (const struct mptcp_receiver *at = mptcp->receiver_list; at; at = at->all_next) {
        bool under_way = at->arrived.count || at->end_count || at->next != at->told;
        *(under_way ? &memory->flow_bytes : &memory->other_bytes) += receiver_bytes(at);
    }
    memory->flow_bytes += arrivals.flow_bytes;
    memory->other_bytes += arrivals.other_bytes + demux_bytes(&mptcp->subflows) +
                           demux_bytes(&mptcp->receivers) +
                           mptcp->params->subflow.plugin->params_size;
}
