/* verbs: validate, show, list, explain and schema, and what all verbs share. */
#include "cli/verbs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/exit_status.h"
#include "cli/expectations.h"
#include "cli/json_text.h"
#include "cli/points.h"
#include "cli/warnings.h"
#include "core/nearest.h"
#include "net/simulation.h"
#include "scenario/explain.h"
#include "scenario/graphviz.h"
#include "scenario/plugins.h"
#include "scenario/schema.h"

void verb_complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("mtpsim: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int verb_end_output(int status)
{
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    verb_complain("cannot write to standard output: %s", g_strerror(errno));
    return EXIT_STATUS_RESULTS;
}

struct scenario_options verb_overrides(const struct options *options)
{
    return (struct scenario_options){
        .sets = options_values(options, "set"),
        .plugins = options_values(options, "plugin"),
        .systems = options_values(options, "system"),
        .seed = options_value(options, "seed"),
        .seeds = options_value(options, "seeds"),
        .duration = options_value(options, "duration"),
        .varies = options_values(options, "vary"),
    };
}

struct scenario *verb_load(const struct verb_call *call, struct registry *registry)
{
    const struct options *options = call->options;
    struct scenario_options overrides = verb_overrides(options);
    struct scenario_errors *errors = NULL;
    struct scenario *scenario =
        scenario_load(options->positional->pdata[0], &overrides, registry, &errors);

    if (scenario)
        expectations_check_names(scenario, errors);
    if (scenario_errors_count(errors)) {
        scenario_errors_print(errors, stderr);
        if (scenario)
            scenario_free(scenario);
        scenario = NULL;
    }
    scenario_errors_free(errors);
    return scenario;
}

/* ---- validate ---- */

/* Builds every system: some errors only the whole network shows. */
static guint validate_networks(const struct scenario *scenario)
{
    guint failed = 0;

    for (guint i = 0; i < scenario_system_count(scenario); i++) {
        const struct spec *spec = scenario_spec(scenario, i);
        g_autoptr(GError) error = NULL;
        struct simulation *simulation = simulation_new(spec, &error);

        if (simulation) {
            simulation_free(simulation);
            continue;
        }
        verb_complain("system %s: %s", spec->system, error->message);
        failed++;
    }
    return failed;
}

static guint validate_points(const struct points *points)
{
    guint failed = 0;

    for (guint i = 0; i < points->count; i++)
        failed += validate_networks(points->items[i].scenario);
    return failed;
}

static void validate_print(const struct scenario *scenario, const struct points *points)
{
    guint systems = scenario_system_count(scenario), expectations = scenario->expectations->len;

    printf("%s: valid: %u %s, %u %s", scenario->name, systems, systems == 1 ? "system" : "systems",
           expectations, expectations == 1 ? "expectation" : "expectations");
    if (points->swept)
        printf(", %u %s", points->count, points->count == 1 ? "point" : "points");
    putchar('\n');
}

int verb_validate(const struct verb_call *call)
{
    struct registry *registry = registry_new();
    struct scenario *scenario = verb_load(call, registry);
    struct points *points = scenario ? points_load(scenario) : NULL;
    int status = EXIT_STATUS_USAGE;

    if (points && !validate_points(points)) {
        warnings_print(points);
        validate_print(scenario, points);
        status = verb_end_output(EXIT_STATUS_DONE);
    }
    points_free(points);
    if (scenario)
        scenario_free(scenario);
    registry_free(registry);
    return status;
}

/* ---- show ---- */

static void show_topology(const struct scenario *scenario)
{
    g_autofree char *text = graphviz_text(scenario_spec(scenario, 0));

    fputs(text, stdout);
}

int verb_show(const struct verb_call *call)
{
    struct registry *registry = registry_new();
    struct scenario *scenario = verb_load(call, registry);
    int status = EXIT_STATUS_USAGE;

    if (scenario) {
        if (options_has(call->options, "topology"))
            show_topology(scenario);
        else
            fputs(scenario->effective->str, stdout);
        status = verb_end_output(EXIT_STATUS_DONE);
        scenario_free(scenario);
    }
    registry_free(registry);
    return status;
}

/* ---- list, explain ---- */

/* The built-in models and those of --plugin; NULL when one cannot be loaded. */
static struct registry *verb_registry(const struct verb_call *call)
{
    const char *const *plugins = options_values(call->options, "plugin");
    struct registry *registry = registry_new();

    for (; plugins && *plugins; plugins++) {
        g_autoptr(GError) error = NULL;

        if (!plugins_load(registry, *plugins, &error)) {
            verb_complain("%s", error->message);
            registry_free(registry);
            return NULL;
        }
    }
    return registry;
}

/* Prints a text, or complains about the error; frees both and the registry. */
static int verb_print(struct registry *registry, char *text, GError *error)
{
    int status = EXIT_STATUS_USAGE;

    if (text) {
        fputs(text, stdout);
        status = verb_end_output(EXIT_STATUS_DONE);
    } else {
        verb_complain("%s", error->message);
    }
    g_free(text);
    g_clear_error(&error);
    registry_free(registry);
    return status;
}

static int list_unknown_kind(const char *name)
{
    g_autoptr(GPtrArray) kinds = g_ptr_array_new();
    g_autofree char *hint = NULL;

    for (enum sim_kind kind = 0; kind < SIM_KINDS; kind++)
        g_ptr_array_add(kinds, (gpointer)sim_kind_name(kind));
    hint = nearest_hint(name, kinds);
    verb_complain("unknown kind \"%s\"%s", name, hint);
    return EXIT_STATUS_USAGE;
}

int verb_list(const struct verb_call *call)
{
    const char *name = call->options->positional->pdata[0];
    enum sim_kind kind = name ? sim_kind_of(name) : SIM_KINDS;
    struct registry *registry;

    if (name && kind == SIM_KINDS)
        return list_unknown_kind(name);
    registry = verb_registry(call);
    return registry ? verb_print(registry, list_models(registry, kind), NULL) : EXIT_STATUS_USAGE;
}

int verb_schema(const struct verb_call *call)
{
    struct registry *registry = verb_registry(call);

    if (!registry)
        return EXIT_STATUS_USAGE;
    g_autoptr(JsonNode) schema = schema_make(registry);
    return verb_print(registry, json_text(schema), NULL);
}

int verb_explain(const struct verb_call *call)
{
    struct registry *registry = verb_registry(call);
    GError *error = NULL;
    char *text;

    if (!registry)
        return EXIT_STATUS_USAGE;
    text = explain_model(registry, call->options->positional->pdata[0], &error);
    return verb_print(registry, text, error);
}
