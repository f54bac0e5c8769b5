/* points: the scenarios of a sweep and their names.
 *
 * A name is made of the last words of the varied paths, since whole paths of several parameters are
 * longer than a file's name may be. Characters that a shell or a file system could take amiss
 * become
 * "_"; two points that then have one name, and names that would be too long, get their number.
 */
#include "cli/points.h"

#include <string.h>

#include "cli/expectations.h"
#include "cli/verbs.h"

#define POINT_NAME_BYTES 200 /* file systems allow 255, and the result's folder adds some */

/* ---- names ---- */

char *point_label_path(const char *label)
{
    return g_strndup(label, strcspn(label, "="));
}

const char *point_label_value(const char *label)
{
    const char *equals = strchr(label, '=');

    return equals ? equals + 1 : "";
}

static const char *points_last_word(const char *path)
{
    const char *point = strrchr(path, '.');

    return point ? point + 1 : path;
}

char **points_short_names(const char *const *paths)
{
    guint count = g_strv_length((char **)paths);
    char **names = g_new0(char *, count + 1);

    for (guint i = 0; i < count; i++) {
        const char *word = points_last_word(paths[i]);
        bool alone = true;

        for (guint j = 0; j < count; j++)
            alone = alone && (i == j || strcmp(word, points_last_word(paths[j])));
        names[i] = g_strdup(alone ? word : paths[i]);
    }
    return names;
}

static char **points_paths(const char *const *labels)
{
    guint count = g_strv_length((char **)labels);
    char **paths = g_new0(char *, count + 1);

    for (guint i = 0; i < count; i++)
        paths[i] = point_label_path(labels[i]);
    return paths;
}

char *points_name(const char *const *labels)
{
    g_auto(GStrv) paths = points_paths(labels);
    g_auto(GStrv) names = points_short_names((const char *const *)paths);
    GString *text = g_string_new(NULL);

    for (guint i = 0; labels[i]; i++)
        g_string_append_printf(text, "%s%s=%s", i ? "," : "", names[i],
                               point_label_value(labels[i]));
    for (char *c = text->str; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr(".,=+-_%", *c))
            *c = '_';
    return g_string_free(text, FALSE);
}

/* A tilde is in no other name. */
static char *points_unique_name(const char *const *labels, guint number, GHashTable *taken)
{
    g_autofree char *name = points_name(labels);

    if (strlen(name) <= POINT_NAME_BYTES && !g_hash_table_contains(taken, name))
        return g_steal_pointer(&name);
    return g_strdup_printf("%.*s~%u", POINT_NAME_BYTES, name, number);
}

char *point_folder(const struct point *point)
{
    return point->name ? g_build_filename("sweep", point->name, NULL) : g_strdup(".");
}

/* ---- runs ---- */

static guint point_seed_count(const struct point *point)
{
    return (guint)(point->scenario->last_seed - point->scenario->first_seed + 1);
}

guint point_run_count(const struct point *point)
{
    return scenario_system_count(point->scenario) * point_seed_count(point);
}

struct spec point_spec(const struct point *point, guint run)
{
    guint seeds = point_seed_count(point);

    return scenario_spec_with_seed(point->scenario, run / seeds,
                                   point->scenario->first_seed + run % seeds);
}

/* ---- loading ---- */

static bool points_load_one(const struct scenario *scenario, guint number, struct point *point)
{
    struct scenario_errors *errors = NULL;
    guint count;

    point->scenario = scenario_load_point(scenario, number, &errors);
    if (point->scenario)
        expectations_check_names(point->scenario, errors);
    count = scenario_errors_count(errors);
    if (count) {
        verb_complain("at the point %s:", point->name);
        scenario_errors_print(errors, stderr);
    }
    scenario_errors_free(errors);
    return !count;
}

/* Stops at the first point with errors: the next ones would mostly repeat them. */
static bool points_load_all(struct points *points, const struct scenario *scenario)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < points->count; i++) {
        struct point *point = &points->items[i];

        point->labels = scenario_point_labels(scenario, i);
        point->name = points_unique_name((const char *const *)point->labels, i, taken);
        g_hash_table_add(taken, point->name);
        if (!points_load_one(scenario, i, point))
            return false;
    }
    return true;
}

struct points *points_load(struct scenario *scenario)
{
    struct points *points = g_new0(struct points, 1);
    char **labels = scenario_point_labels(scenario, 0);

    points->swept = *labels;
    points->count = scenario_point_count(scenario);
    points->items = g_new0(struct point, points->count);
    if (!points->swept) {
        points->items[0] = (struct point){.scenario = scenario, .labels = labels};
        return points;
    }
    g_strfreev(labels);
    if (points_load_all(points, scenario))
        return points;
    points_free(points);
    return NULL;
}

void points_free(struct points *points)
{
    if (!points)
        return;
    for (guint i = 0; i < points->count; i++) {
        struct point *point = &points->items[i];

        if (points->swept && point->scenario)
            scenario_free(point->scenario);
        g_strfreev(point->labels);
        g_free(point->name);
        g_clear_pointer(&point->summary, json_node_unref);
    }
    g_free(points->items);
    g_free(points);
}
