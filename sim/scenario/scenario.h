/* Scenarios: from a YAML file to checked specs.
 *
 * The file becomes one positioned tree; overrides act on the tree; tables of parameters check it
 * and fill in defaults; and libcyaml loads the result into structs. All errors are reported at
 * once.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <glib.h>
#include <stdio.h>

#include "plugin/registry.h"
#include "scenario/errors.h"
#include "scenario/spec.h"

/* What the command line changes in a scenario. All zero: nothing. Lists end with NULL, and NULL is
 * an empty one. */
struct scenario_options {
    const char *const *sets; /* "path=value" of each --set, in their order */
    const char *const
        *plugins; /* shared objects to load first, relative to the working directory */
    const char *const *systems; /* only these; expectations that name others are left out */
    const char *seed;           /* as it would be written in the file: "7" */
    const char *seeds;          /* "1..5" */
    const char *duration;       /* "2ms" */
    const char *const *varies;  /* "path=a,b,c" of each --vary: instead of the same path's in the
                                   file's `vary`, or after them */
};

/* Loads and checks the scenario of a file ("-": standard input), registering the plug-ins that it
 * names. NULL when there are errors. *errors is set in any case, and empty on success. The registry
 * outlives the scenario, and so do the options' texts. */
struct scenario *scenario_load(const char *path, const struct scenario_options *options,
                               struct registry *registry, struct scenario_errors **errors);

/* The same, of a text. `name` is the file's name in messages; plug-ins are relative to its folder.
 */
struct scenario *scenario_load_text(const char *name, const char *text, size_t length,
                                    const struct scenario_options *options,
                                    struct registry *registry, struct scenario_errors **errors);

/* The text that a scenario was loaded from, and its file's name in messages. */
const GString *scenario_source(const struct scenario *scenario, const char **name);

/* Systems count from 0 in the order of the file. */
guint scenario_system_count(const struct scenario *scenario);
const struct spec *scenario_spec(const struct scenario *scenario, guint system);

/* The same system with another seed. The copy shares all that it points to with the scenario. */
struct spec scenario_spec_with_seed(const struct scenario *scenario, guint system, uint64_t seed);

/* ---- sweeps ----
 *
 * What `vary:` lists makes points: every combination of its values, the first path's the slowest.
 * The loaded scenario has the values of point 0, and its effective text keeps `vary`. Every value
 * was checked, together with the first ones of the other paths; a point that is wrong only as a
 * whole shows when it is loaded. */

/* 1 when nothing is varied. */
guint scenario_point_count(const struct scenario *scenario);

/* "path=value" of each varied path, in their order, NULL at the end; empty when nothing is varied.
 * Free with g_strfreev. */
char **scenario_point_labels(const struct scenario *scenario, guint point);

/* The scenario at a point: its effective text has the values and no `vary`. Results as of
 * scenario_load. */
struct scenario *scenario_load_point(const struct scenario *scenario, guint point,
                                     struct scenario_errors **errors);

void scenario_free(struct scenario *scenario);

#endif
