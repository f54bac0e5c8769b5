/* The names that a topology defines, by index: hosts, then switches, are nodes; links. Those of a
 * generator come before those that are listed. */
#ifndef SIM_SCENARIO_NAMES_H
#define SIM_SCENARIO_NAMES_H

#include <glib.h>
#include <mtpsim/plugin.h>

#include "scenario/tree.h"

struct generated;

#define NAME_ABSENT UINT32_MAX

struct names {
    GPtrArray *hosts, *switches, *nodes, *links; /* const char *, of the tree */
    GHashTable *node_index, *link_index;
    struct generated *generated; /* NULL: all is listed */
    GArray *ends;                /* uint32_t[2] of each link; NAME_ABSENT where it names no node */
};

/* Reads what can be read of a topology's mapping, right or not, after what a generator made (or
 * NULL), which it takes; writes the names that links have by default into the tree. Free with
 * names_free. */
struct names *names_collect(struct tree *tree, struct tree_node *topology,
                            struct generated *generated);
void names_free(struct names *names);

/* Index of a node or link; NAME_ABSENT. */
uint32_t names_node(const struct names *names, const char *name);
uint32_t names_link(const struct names *names, const char *name);

/* The names that a parameter of this type can have, and the index of one. */
const GPtrArray *names_of_type(const struct names *names, enum sim_param_type type);
uint32_t names_index(const struct names *names, enum sim_param_type type, const char *name);

#endif
