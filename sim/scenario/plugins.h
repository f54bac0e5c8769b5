/* Loading plug-ins with a check of their defaults. */
#ifndef SIM_SCENARIO_PLUGINS_H
#define SIM_SCENARIO_PLUGINS_H

#include <stdbool.h>

#include "plugin/registry.h"

/* registry_load, and then every default of the object's models is read as a scenario's value is: a
 * wrong one is the plug-in's mistake, and would be reported as the scenario's. */
bool plugins_load(struct registry *registry, const char *path, GError **error);

/* The first wrong default of a registered model, or NULL. Free with g_free. */
char *plugin_default_problem(const struct registry *registry, const struct sim_plugin *plugin);

#endif
