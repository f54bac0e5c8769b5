/* The points of a run: one for each combination of the values that `vary:` lists, or a single one.
 * Each is a scenario of its own. */
#ifndef SIM_CLI_POINTS_H
#define SIM_CLI_POINTS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "scenario/scenario.h"

struct job;

struct point {
    struct scenario *scenario;
    char **labels;    /* "path=value" of each varied path, NULL at the end */
    char *name;       /* "mark_at=5p,mtu=1500B", safe as a file's name; NULL: nothing is varied */
    struct job *jobs; /* system by system, its seeds in order; a part of the run's */
    guint job_count;
    JsonNode *summary; /* NULL: not yet */
};

struct points {
    struct point *items; /* the first varied path's values change slowest */
    guint count;
    bool swept; /* something is varied, be it with one value */
};

/* Loads every point of a scenario, which outlives them, and checks the names in its expectations.
 * NULL when there are errors, which have been printed. */
struct points *points_load(struct scenario *scenario);
void points_free(struct points *points);

/* Its runs: every system with every seed, the seeds of a system together. */
guint point_run_count(const struct point *point);
struct spec point_spec(const struct point *point, guint run);

/* Where a point's results are within the result's folder: "sweep/mark_at=5p", or "." when nothing
 * is varied. Free with g_free. */
char *point_folder(const struct point *point);

/* The last word of each path; the whole path where two end alike. Free with g_strfreev. */
char **points_short_names(const char *const *paths);

/* The name of a point; unique among those whose labels differ in safe characters only. Free with
 * g_free. */
char *points_name(const char *const *labels);

/* Parts of a label "path=value". */
char *point_label_path(const char *label); /* free with g_free */
const char *point_label_value(const char *label);

#endif
