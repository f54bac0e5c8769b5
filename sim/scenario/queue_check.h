/* What is wrong between queues and the packets that they are for. */
#ifndef SIM_SCENARIO_QUEUE_CHECK_H
#define SIM_SCENARIO_QUEUE_CHECK_H

#include "scenario/block.h"

/* Of a system's blocks with all defaults: its queue, and those of its links. */
void queues_check(const struct scope *scope, const struct tree_node *blocks);

#endif
