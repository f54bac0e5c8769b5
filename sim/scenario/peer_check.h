/* Whether devices that work in pairs are paired. */
#ifndef SIM_SCENARIO_PEER_CHECK_H
#define SIM_SCENARIO_PEER_CHECK_H

#include "scenario/block.h"

/* Reports each parameter `peer` that names no device of the same model at another switch whose peer
 * is this one. `devices` are the names of all. */
void peers_check(const struct scope *scope, const struct tree_node *offloads, GPtrArray *devices);

#endif
