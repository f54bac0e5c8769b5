/* The way of a scenario: text, tree, overrides, plug-ins, checks and defaults, specs. */
#include "scenario/scenario.h"

#include <errno.h>
#include <string.h>

#include "scenario/sweep.h"

struct source {
    const char *name;
    const GString *text;
    const struct scenario_options *options;
    struct registry *registry;
};

/* The text at a point, checked. */
static struct build *build_point(const struct source *source, guint point, bool only_point,
                                 struct scenario_errors *errors)
{
    struct build *build = build_new(source->name, source->options, source->registry, errors);

    build->point = point;
    build->only_point = only_point;
    build_read(build, source->text->str, source->text->len);
    if (build->root) {
        build_override(build);
        build_load_plugins(build);
        build_check(build);
    }
    return build;
}

/* Values other than the first, one by one: their sum, not their product, is what can be waited for.
 */
static void check_values(const struct source *source, const struct tree_node *vary,
                         struct scenario_errors *errors)
{
    for (guint path = 0; path < tree_count(vary); path++)
        for (guint value = 1; value < tree_count(tree_entry(vary, path)->node); value++)
            build_free(build_point(source, sweep_point_of(vary, path, value), false, errors));
}

static struct scenario *load_point(const struct source *source, guint point, bool only_point,
                                   struct scenario_errors **errors)
{
    *errors = scenario_errors_new();
    struct build *build = build_point(source, point, only_point, *errors);
    struct scenario *scenario = NULL;

    check_values(source, build->vary, *errors);
    if (scenario_errors_count(*errors) == 0) {
        scenario = build_finish(build);
        scenario->owned->name = g_strdup(source->name);
        scenario->owned->text = g_string_new_len(source->text->str, (gssize)source->text->len);
        scenario->owned->options = *source->options;
        scenario->owned->registry = source->registry;
    }
    build_free(build);
    return scenario;
}

struct scenario *scenario_load_text(const char *name, const char *text, size_t length,
                                    const struct scenario_options *options,
                                    struct registry *registry, struct scenario_errors **errors)
{
    const struct scenario_options none = {0};
    GString *copy = g_string_new_len(text, (gssize)length);
    const struct source source = {name, copy, options ? options : &none, registry};
    struct scenario *scenario = load_point(&source, 0, false, errors);

    g_string_free(copy, TRUE);
    return scenario;
}

/* ---- reading ---- */

#define FILE_MAX (16 << 20) /* bytes; also where a device that never ends is cut off */

static GString *read_all(FILE *file)
{
    GString *text = g_string_new(NULL);
    char buffer[4096];
    size_t count;

    while (text->len <= FILE_MAX && (count = fread(buffer, 1, sizeof buffer, file)) > 0)
        g_string_append_len(text, buffer, (gssize)count);
    return text;
}

static struct scenario *refuse(struct scenario_errors **errors, const char *path,
                               const char *problem)
{
    *errors = scenario_errors_new();
    scenario_errors_add_text(*errors, (struct position){.file = path}, problem);
    return NULL;
}

struct scenario *scenario_load(const char *path, const struct scenario_options *options,
                               struct registry *registry, struct scenario_errors **errors)
{
    bool standard_input = strcmp(path, "-") == 0;
    const char *name = standard_input ? "<stdin>" : path;
    FILE *file = standard_input ? stdin : fopen(path, "rb");

    if (!file)
        return refuse(errors, name, g_strerror(errno));
    GString *text = read_all(file);
    int failure = ferror(file) ? errno : 0;
    if (!standard_input)
        fclose(file);
    struct scenario *scenario;
    if (failure)
        scenario = refuse(errors, name, g_strerror(failure));
    else if (text->len > FILE_MAX)
        scenario = refuse(errors, name, "larger than 16 MiB");
    else
        scenario = scenario_load_text(name, text->str, text->len, options, registry, errors);
    g_string_free(text, TRUE);
    return scenario;
}

/* ---- sweeps ---- */

guint scenario_point_count(const struct scenario *scenario)
{
    return sweep_points(scenario->owned->vary);
}

char **scenario_point_labels(const struct scenario *scenario, guint point)
{
    return sweep_labels(scenario->owned->vary, point);
}

struct scenario *scenario_load_point(const struct scenario *scenario, guint point,
                                     struct scenario_errors **errors)
{
    const struct scenario_private *owned = scenario->owned;
    const struct source source = {owned->name, owned->text, &owned->options, owned->registry};

    SIM_CHECK(point < scenario_point_count(scenario), "point %u of %u", point,
              scenario_point_count(scenario));
    return load_point(&source, point, true, errors);
}

/* ---- the loaded scenario ---- */

const GString *scenario_source(const struct scenario *scenario, const char **name)
{
    *name = scenario->owned->name;
    return scenario->owned->text;
}

guint scenario_system_count(const struct scenario *scenario)
{
    return scenario->systems->len;
}

const struct spec *scenario_spec(const struct scenario *scenario, guint system)
{
    SIM_CHECK(system < scenario->systems->len, "system %u of %u", system, scenario->systems->len);
    return g_ptr_array_index(scenario->systems, system);
}

struct spec scenario_spec_with_seed(const struct scenario *scenario, guint system, uint64_t seed)
{
    struct spec spec = *scenario_spec(scenario, system);

    spec.seed = seed;
    return spec;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    scenario_private_free(scenario->owned);
    g_ptr_array_unref(scenario->systems);
    g_array_unref(scenario->expectations);
    g_string_free(scenario->effective, TRUE);
    g_free(scenario);
}
