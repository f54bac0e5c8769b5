#include "support/run.h"

#include <check.h>
#include <string.h>

static void run_load(struct run *run, const char *text, const struct sim_plugin *model)
{
    struct scenario_errors *errors = NULL;
    struct scenario_options options = {0};
    run->registry = registry_new();
    if (model)
        ck_assert(registry_add(run->registry, model, "test", NULL));
    run->scenario =
        scenario_load_text("test.yaml", text, strlen(text), &options, run->registry, &errors);
    if (!run->scenario)
        scenario_errors_print(errors, stderr);
    ck_assert_ptr_nonnull(run->scenario);
    scenario_errors_free(errors);
}

void run_init(struct run *run, const char *text, guint system)
{
    run_init_with(run, text, system, NULL);
}

void run_init_with(struct run *run, const char *text, guint system, const struct sim_plugin *model)
{
    GError *error = NULL;
    run_load(run, text, model);
    run->simulation = simulation_new(scenario_spec(run->scenario, system), &error);
    ck_assert_msg(run->simulation != NULL, "%s", error ? error->message : "no error given");
}

char *run_refusal(const char *text)
{
    struct run run;
    GError *error = NULL;
    run_load(&run, text, NULL);
    ck_assert_ptr_null(simulation_new(scenario_spec(run.scenario, 0), &error));
    char *message = g_strdup(error->message);
    g_error_free(error);
    scenario_free(run.scenario);
    registry_free(run.registry);
    return message;
}

void run_clear(struct run *run)
{
    simulation_check_conservation(run->simulation);
    simulation_free(run->simulation);
    scenario_free(run->scenario);
    registry_free(run->registry);
}

double run_goodput_gbps(const struct run *run)
{
    const struct spec *spec = scenario_spec(run->scenario, 0);
    double bytes = 0;
    for (uint32_t row = 0; row <= spec->tenant_count; row++)
        bytes += (double)simulation_measured_bytes(run->simulation, row);
    return 8e-9 * bytes * (double)SIM_S / (double)(spec->duration - spec->measure_after);
}
