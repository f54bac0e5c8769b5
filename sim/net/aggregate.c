/* A pathlet that lies on a path several times says so in one entry (a pathlet's `aggregate`).
 *
 * The paper has feedback per pathlet, and leaves open what a pathlet of several ports appends: here
 * each port an entry, which end-hosts fold (sim_feedback_fold), or, with this, the ports fold it on
 * the way. A switch then rewrites a value in the header where it else appends one, and a packet has
 * 8 bytes less for each further port, of a mark's length. What is lost is how many ports there
 * were.
 *
 * A list ends with the entries of the nearest ports, so the search begins there.
 */
#include "net/port_private.h"

bool port_aggregate(const struct sim_packet *packet, union sim_packet_lists *lists,
                    union sim_packet_rare *rare, const struct sim_feedback *entry)
{
    for (uint32_t i = packet->mtp.path_count; i-- > 0;) {
        const struct sim_path_entry *earlier = &lists->mtp.path[i];
        if (earlier->path != entry->path || earlier->tc != entry->tc ||
            earlier->type != entry->type || earlier->length != entry->length)
            continue;
        struct sim_feedback folded = sim_feedback_get(lists, rare, i);
        sim_feedback_fold(&folded, entry);
        sim_feedback_put(lists, rare, i, &folded);
        return true;
    }
    return false;
}
