/* Granularity: which ports share a pathlet, in one word (paper, 3.1.3 and 4: from every resource to
 * one for the whole network).
 *
 *     none     no pathlets
 *     port     one for each port of a switch
 *     tier     one for all ports of a tier and direction
 *     network  one for all ports of switches
 *
 * Generators number theirs from 1 (generators.h). Of links that a scenario writes out, those with
 * no label of their own get IDs after the greatest that there is: `port` in the order of links, the
 * direction from the first end before the other; `tier` and `network` as generators do, counted
 * from there.
 *
 * The tier of a switch is how many links it is from the nearest host, counted from 1; a link's is
 * the lesser of its ends', and up is away from hosts (between equals, from the first end to the
 * second). A port towards a host is of the lowest tier. Ports of hosts have no pathlet: their queue
 * is the host's own.
 */
#ifndef SIM_SCENARIO_GRANULARITY_H
#define SIM_SCENARIO_GRANULARITY_H

#include <glib.h>
#include <stdint.h>

enum granularity { GRANULARITY_NONE, GRANULARITY_PORT, GRANULARITY_TIER, GRANULARITY_NETWORK };

extern const char *const granularity_words[];

/* NONE when it is no such word. */
enum granularity granularity_of(const char *word);

struct granularity_links {
    const uint32_t *ends; /* two nodes a link; hosts come first */
    guint count;
    guint first; /* links from here on get labels */
    guint hosts, nodes;
};

/* Labels of link i: [2 i] of the direction from its first end, [2 i + 1] of the other; 0 is none.
 */
void granularity_label(enum granularity granularity, const struct granularity_links *links,
                       uint32_t *labels);

#endif
