/* What is wrong between the MTU and what packets are for: queues that hold them, and transports
 * whose headers they carry. */
#ifndef SIM_SCENARIO_MTU_CHECK_H
#define SIM_SCENARIO_MTU_CHECK_H

#include "scenario/block.h"

/* Of a system's blocks with all defaults. */
void mtu_check(const struct scope *scope, const struct tree_node *blocks);

#endif
