/* Between the registry, the loader and the checks of tables. */
#ifndef SIM_PLUGIN_PLUGIN_PRIVATE_H
#define SIM_PLUGIN_PLUGIN_PRIVATE_H

#include "plugin/registry.h"

struct registered {
    const struct sim_plugin *plugin;
    const char *origin; /* interned */
};

struct registry {
    GArray *models;     /* struct registered, in the order of registration */
    GPtrArray *objects; /* struct loaded_object, of loader.c */
};

GQuark plugin_error_quark(void);

/* What is wrong with a table, or NULL. Free with g_free. */
char *plugin_problem(const struct sim_plugin *plugin);

void loaded_object_free(void *data);

#endif
