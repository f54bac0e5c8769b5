/* One message from every rank to every other, a window: the head, then for each port that sent
 * there its number, how many packets, and these.
 *
 * The head has what all must know to go on: the window that is needed next. Since every rank hears
 * from every other in any case (a network's parts mostly are neighbours of each other: the pods of
 * a fat-tree meet at its core), no second step, a reduction over all, is needed to find the least;
 * with hundreds of ranks, most of them strangers, it would pay to send packets to neighbours only
 * and to reduce.
 *
 * Every rank has the same network, so a port's number names it everywhere. Packets are put into the
 * pipes in the order of ranks and ports. Any order would do: a pipe has one sender.
 */
#include "net/exchange.h"

#include "core/parcel.h"
#include "net/ranks.h"

struct chain_head {
    uint32_t port, packets;
};

/* ---- sending ---- */

/* Takes the packets of the chain. */
static void pack_chain(struct bytes *bytes, struct worker *worker, const struct port *port,
                       const struct remote_chain *chain)
{
    struct chain_head head = {(uint32_t)(port - worker->crew->ports), 0};
    size_t head_at = bytes->length;
    bytes_put(bytes, &head, sizeof head);
    sim_time arrival = chain->first;
    uint32_t index = chain->head;
    for (bool more = true; more; head.packets++) {
        struct sim_packet *packet = sim_packet_at(worker->pool, index);
        more = index != chain->tail;
        if (more)
            __builtin_prefetch(sim_packet_at(worker->pool, packet->next));
        parcel_pack(bytes, worker->pool, packet, arrival);
        arrival = packet->next_arrival;
        index = packet->next;
        sim_packet_free(worker->pool, packet);
    }
    memcpy(bytes->data + head_at, &head, sizeof head);
}

static void pack_outbox(struct bytes *bytes, struct worker *worker, uint32_t parity, uint32_t rank)
{
    const struct outbox *outbox =
        &worker->outboxes[parity][crew_outbox_of_rank(worker->crew, rank)];
    for (uint32_t i = 0; i < outbox->count; i++)
        pack_chain(bytes, worker, outbox->ports[i], &outbox->ports[i]->remote->chains[parity]);
}

static void pack(struct crew *crew, uint32_t parity, const struct exchange_head *own)
{
    for (uint32_t rank = 0; rank < crew->ranks->count; rank++) {
        struct bytes *out = &crew->ranks->out[rank];
        if (rank == crew->ranks->index)
            continue;
        bytes_put(out, own, sizeof *own);
        for (uint32_t w = 0; w < crew->count; w++)
            pack_outbox(out, &crew->workers[w], parity, rank);
    }
}

/* ---- receiving ---- */

static void unpack_chain(struct bytes *bytes, struct crew *crew)
{
    struct chain_head head;
    bytes_get(bytes, &head, sizeof head);
    struct port *port = &crew->ports[head.port];
    struct worker *worker = &crew->workers[port->peer->worker];
    struct remote_chain chain = {.first = SIM_NEVER};
    struct sim_packet *last = NULL;
    for (uint32_t i = 0; i < head.packets; i++) {
        struct sim_packet *packet = parcel_unpack(bytes, worker->pool);
        chain.tail = sim_packet_index(worker->pool, packet);
        if (last) {
            last->next = chain.tail;
            last->next_arrival = packet->next_arrival;
        } else {
            chain.head = chain.tail;
            chain.first = packet->next_arrival;
        }
        last = packet;
    }
    pipe_splice(worker, port, &chain);
}

static void unpack(struct crew *crew, struct exchange_head *all)
{
    for (uint32_t rank = 0; rank < crew->ranks->count; rank++) {
        struct bytes *in = &crew->ranks->in[rank];
        struct exchange_head head;
        if (rank == crew->ranks->index)
            continue;
        bytes_get(in, &head, sizeof head);
        all->next = head.next < all->next ? head.next : all->next;
        all->stop |= head.stop;
        while (in->taken < in->length)
            unpack_chain(in, crew);
    }
}

struct exchange_head exchange_window(struct crew *crew, uint32_t parity, struct exchange_head own)
{
    struct exchange_head all = own;
    pack(crew, parity, &own);
    crew->ranks->ops->swap(crew->ranks);
    unpack(crew, &all);
    return all;
}
