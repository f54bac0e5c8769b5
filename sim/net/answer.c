/* A packet with requests at a labelled port (struct sim_congestion_ops, request).
 *
 * The sender put an entry into the packet for each pathlet on the path it expects that has
 * something to be asked: XCP's congestion header is one. The port of that pathlet answers in the
 * entry's place, so that the packet has one entry a pathlet, as without requests.
 *
 * The order of entries is the order of pathlets on the path, by which end-hosts tell paths apart.
 * So answers stand in front, in the order in which they were given, and what nobody has answered
 * behind them. A request for a pathlet that the packet does not cross stays last, and the receiver
 * leaves it out. A pathlet that lies on the path twice answers once and appends the second time, or
 * folds it (aggregate.c).
 *
 * Policies that judge for a port answer for it too.
 */
#include "net/port_private.h"

/* Entries that are answered. */
static uint32_t answered_count(const struct sim_packet *packet, const union sim_packet_lists *lists)
{
    uint32_t count = packet->mtp.path_count;
    while (count && sim_feedback_is_request(lists->mtp.path[count - 1].type))
        count--;
    return count;
}

/* The place of the request for the pathlet; path_count when there is none. */
static uint32_t request_of(const struct sim_packet *packet, const union sim_packet_lists *lists,
                           uint32_t answered, uint32_t pathlet)
{
    uint32_t place = answered;
    while (place < packet->mtp.path_count && lists->mtp.path[place].path != pathlet)
        place++;
    return place;
}

/* Moves the entries from `first` on up by one, over the one at `last`. */
static void make_room(union sim_packet_lists *lists, union sim_packet_rare *rare, uint32_t first,
                      uint32_t last)
{
    for (uint32_t i = last; i > first; i--) {
        struct sim_feedback entry = sim_feedback_get(lists, rare, i - 1);
        sim_feedback_put(lists, rare, i, &entry);
    }
}

bool port_answer(struct port *port, struct sim_packet *packet, union sim_packet_lists *lists,
                 union sim_packet_rare *rare, const struct sim_port_view *view)
{
    struct pathlet *pathlet = port->pathlet;
    uint32_t count = packet->mtp.path_count;
    uint32_t answered = answered_count(packet, lists);
    uint32_t place = request_of(packet, lists, answered, pathlet->id);
    bool asked = place < count;
    struct sim_feedback entry = {.path = pathlet->id};
    uint32_t size = packet->size_bytes;
    if (asked) {
        entry = sim_feedback_get(lists, rare, place);
        size -= mtp_feedback_growth(false, entry.length);
    }
    entry.tc = packet->tc;
    port_fill_entry(port, view, &entry);
    if (sim_feedback_is_request(entry.type))
        entry = (struct sim_feedback){.path = pathlet->id, .tc = packet->tc};
    if (!asked && pathlet->aggregates && port_aggregate(packet, lists, rare, &entry))
        return true;
    size += mtp_feedback_growth(false, entry.length);
    if (place == SIM_MTP_LIST_MAX || size > port->mtu_bytes) {
        pathlet->no_room++;
        return false;
    }
    make_room(lists, rare, answered, place);
    sim_feedback_put(lists, rare, answered, &entry);
    packet->mtp.path_count = (uint8_t)(count + !asked);
    packet->size_bytes = (uint16_t)size;
    if (answered + 1 == packet->mtp.path_count)
        packet->flags &= (uint8_t)~SIM_PACKET_REQUESTS;
    return true;
}
