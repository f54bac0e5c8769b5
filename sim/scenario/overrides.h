/* `--set path=value`: changes of the tree before it is checked. */
#ifndef SIM_SCENARIO_OVERRIDES_H
#define SIM_SCENARIO_OVERRIDES_H

#include "scenario/tree.h"

/* Applies one "path=value"; reports what cannot be applied at columns of that text, in the file
 * "--set path". Keys that the format does not know are left to the checks, which report them at the
 * same place. */
void override_apply(struct tree *tree, struct tree_node *root, const char *text,
                    struct scenario_errors *errors);

/* Puts a value where a path leads; `at` is the place of the path. */
void override_put(struct tree *tree, struct tree_node *root, struct position at, const char *path,
                  struct tree_node *value, struct scenario_errors *errors);

/* Sets a key of the root, as an option of its own does: `option` is its name in messages. */
void override_key(struct tree *tree, struct tree_node *root, const char *option, const char *key,
                  const char *value);

#endif
