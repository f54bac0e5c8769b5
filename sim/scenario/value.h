/* The check of one parameter's value. */
#ifndef SIM_SCENARIO_VALUE_H
#define SIM_SCENARIO_VALUE_H

#include "scenario/block.h"

/* Whether the value is right; reports otherwise. Chosen models are filled with their defaults. */
bool value_check(const struct scope *scope, const struct sim_param *param, struct tree_node *node);

/* The default as a tree. */
struct tree_node *value_fallback(const struct scope *scope, const struct sim_param *param,
                                 struct position at);

/* Whether "none" was written where it is allowed. */
bool value_is_none(const struct sim_param *param, const struct tree_node *node);

/* Reports what is wrong with a value; gives false. */
bool value_wrong(const struct scope *scope, const struct tree_node *node, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Lowest and highest value of a parameter; -INFINITY and INFINITY without a bound. */
void value_bounds(const struct sim_param *param, double *low, double *high);

#endif
