/* The way of a scenario: text, tree, overrides, plug-ins, checks and defaults, specs. */
#include "scenario/scenario.h"

#include <errno.h>
#include <string.h>

#include "scenario/build.h"

struct scenario *scenario_load_text(const char *name, const char *text, size_t length,
                                    const struct scenario_options *options,
                                    struct registry *registry, struct scenario_errors **errors)
{
    const struct scenario_options none = {0};
    struct build *build = build_new(name, options ? options : &none, registry);

    build_read(build, text, length);
    if (build->root) {
        build_override(build);
        build_load_plugins(build);
        build_check(build);
    }
    *errors = build->errors;
    struct scenario *scenario = NULL;
    if (scenario_errors_count(build->errors) == 0)
        scenario = build_finish(build);
    build_free(build);
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

/* ---- the loaded scenario ---- */

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
