/* Values that name hosts, switches or links.
 *
 * A list of hosts or links can be written as `all`, as one name, as a list of names, and with the
 * patterns of a shell in place of names: `s*`, `p[0-3]_*`, `c?`. What a pattern matches comes in
 * the order of the topology.
 */
#ifndef SIM_SCENARIO_REFERENCES_H
#define SIM_SCENARIO_REFERENCES_H

#include "scenario/block.h"

/* Whether the one name, or the list of names, is right; reports otherwise. Names are not looked up
 * when scope->names is NULL. */
bool reference_check(const struct scope *scope, const struct sim_param *param,
                     const struct tree_node *node);
bool references_check(const struct scope *scope, const struct sim_param *param,
                      const struct tree_node *node);

/* The indexes (uint32_t) that a list names, as far as it is right. Free with g_array_unref. */
GArray *references_list(const struct names *names, const struct sim_param *param,
                        const struct tree_node *node);

#endif
