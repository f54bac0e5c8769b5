/* What an endpoint has allocated: messages under way, and what it knows of the network, which
 * stays. */
#include "mtp.h"

static uint64_t ring_bytes(const struct mtp_ring *ring)
{
    return ring->records ? ((uint64_t)ring->mask + 1) * sizeof *ring->records : 0;
}

static uint64_t queue_bytes(const struct mtp_queue *queue)
{
    return queue->streams.capacity * sizeof *queue->streams.entries;
}

static uint64_t destination_bytes(const struct mtp_destination *destination)
{
    uint64_t bytes =
        sizeof *destination + ring_bytes(&destination->ring) + demux_bytes(&destination->flows);
    for (const struct mtp_flow *flow = destination->first_flow; flow; flow = flow->next)
        bytes += sizeof *flow + queue_bytes(&flow->queue);
    return bytes;
}

static uint64_t sender_bytes(const struct mtp *mtp)
{
    uint64_t pointers = (uint64_t)mtp->destination_capacity + mtp->path_capacity +
                        mtp->window_capacity + mtp->receiver.capacity + mtp->ready.capacity;
    uint64_t bytes = pointers * sizeof(void *) + demux_bytes(&mtp->destination_by_host) +
                     demux_bytes(&mtp->path_by_hash) + demux_bytes(&mtp->window_by_key) +
                     demux_bytes(&mtp->receiver.by_key);
    for (uint32_t i = 0; i < mtp->destination_count; i++)
        bytes += destination_bytes(mtp->destinations[i]);
    for (uint32_t i = 0; i < mtp->path_count; i++)
        bytes += sizeof *mtp->paths[i] + queue_bytes(&mtp->paths[i]->queue) +
                 mtp->paths[i]->queues.capacity * sizeof(void *);
    for (uint32_t i = 0; i < mtp->window_count; i++)
        bytes += sizeof *mtp->windows[i] + mtp->windows[i]->ops->plugin.state_size;
    return bytes;
}

void mtp_memory(const void *self, struct sim_transport_memory *memory)
{
    const struct mtp *mtp = self;
    uint64_t assemblies = 0;
    for (const struct mtp_stream *stream = mtp->streams; stream; stream = stream->next) {
        memory->flows++;
        memory->flow_bytes += sizeof *stream + ring_bytes(&stream->own);
    }
    for (uint32_t i = 0; i < mtp->receiver.count; i++)
        assemblies += mtp_assembly_bytes(mtp->receiver.sources[i]);
    memory->flow_bytes += assemblies;
    memory->other_bytes += sender_bytes(mtp) + mtp_receiver_bytes(&mtp->receiver) - assemblies;
}
