/* Generators: whole networks from a few numbers.
 *
 *     dumbbell    hosts s0 s1 ... - left - right - r0 r1 ...; the link between them is "bottleneck"
 *     leaf_spine  hosts l0_h0 ..., leaves l0 ..., spines s0 ...; every leaf has a link to every
 * spine fat_tree    of switches with k ports (Al-Fares et al., SIGCOMM 2008): pods p0 ..., each
 * with k/2 edge switches p0_e0 ..., k/2 aggregation switches p0_a0 ..., k/2 hosts p0_e0_h0 ... an
 * edge switch; k*k/4 cores c0 ..., of which aggregation switch i of each pod has those from i*k/2
 * on
 *
 * Other links are named after their ends, the one nearer to the hosts first: "p0_e0-p0_a1".
 *
 * Pathlets go on every port of a switch. `port`: each has one of its own, counted from 1. `tier`:
 * one for all ports of a tier in a direction: 1 to the hosts, 2 and 3 up and down between the first
 * two tiers of switches, 4 and 5 between the next two. `network`: 1 for all. `none`: none.
 */
#ifndef SIM_SCENARIO_GENERATORS_H
#define SIM_SCENARIO_GENERATORS_H

#include "scenario/block.h"

#define GENERATED_SWITCH 0x80000000u /* set in a switch's number */

struct generated_link {
    const char *name;
    uint32_t ends[2]; /* a host's number, or a switch's; each kind counts from 0 */
    uint64_t rate_bps;
    sim_time delay;
    double loss;
    uint32_t pathlet, pathlet_back;
};

struct generated {
    GPtrArray *hosts, *switches;         /* const char *, of the tree */
    GArray *links;                       /* struct generated_link */
    GHashTable *node_names, *link_names; /* sets */
    uint32_t last_pathlet;               /* the IDs are those from 1 to it */
};

extern const struct block dumbbell_block, bottleneck_block, leaf_spine_block, fat_tree_block;

/* The generator that a topology has; NULL: none, or not one. */
const struct tree_entry *generator_entry(const struct tree_node *topology);

/* What a topology's generator makes, into *generated; NULL when it has none. False, and errors,
 * when its parameters are wrong. Free with generated_free. */
bool generator_run(const struct scope *scope, const struct tree_node *topology,
                   struct generated **generated);
void generated_free(struct generated *generated);

#endif
