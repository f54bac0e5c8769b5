/* Whether devices can be told apart, and have queues that they can serve. */
#ifndef SIM_SCENARIO_DEVICE_CHECK_H
#define SIM_SCENARIO_DEVICE_CHECK_H

#include "scenario/block.h"

/* Reports what is wrong with the devices of a system's blocks. Gives their names; free with
 * g_ptr_array_unref. */
GPtrArray *devices_check(const struct scope *scope, const struct tree_node *blocks);

#endif
