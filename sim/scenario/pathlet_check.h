/* Whether the pathlets that have a model of their own are there. */
#ifndef SIM_SCENARIO_PATHLET_CHECK_H
#define SIM_SCENARIO_PATHLET_CHECK_H

#include "scenario/block.h"

/* Reports IDs in the block `pathlets` that are none, or that no link and no device has; and devices
 * that are several pathlets, of which others than the first are a link's or another device's. */
void pathlets_check(const struct scope *scope, const struct tree_node *blocks);

#endif
