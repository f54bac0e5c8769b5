/* `vary:` and --vary: the values of paths, whose combinations are the points of a sweep.
 *
 * A point is loaded like a scenario: its values are overrides, so that they pass the same checks
 * and have the same messages, at the place where they are listed.
 */
#ifndef SIM_SCENARIO_SWEEP_H
#define SIM_SCENARIO_SWEEP_H

#include "scenario/build.h"

#define SWEEP_POINTS_MAX 10000

/* Joins the options' values to the tree's and checks the lists; NULL when nothing is varied, or
 * when they are wrong. */
struct tree_node *sweep_read(struct build *build);

/* Puts a point's values into the tree. `vary` (checked) stays there. */
void sweep_apply(struct build *build, const struct tree_node *vary, guint point);

/* 1 when vary is NULL. */
guint sweep_points(const struct tree_node *vary);
/* As scenario_point_labels. */
char **sweep_labels(const struct tree_node *vary, guint point);
/* The point with the value number `value` of the path number `path`, and the first ones of all
 * others. */
guint sweep_point_of(const struct tree_node *vary, guint path, guint value);

#endif
