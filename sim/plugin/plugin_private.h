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

/* Its parts: names; texts of messages and explanations, that are one line of UTF-8; the table of
 * parameters. */
gboolean plugin_is_name(const char *name);
gboolean plugin_is_line(const char *text);
char *plugin_params_problem(const struct sim_plugin *plugin);

/* Whether a parameter's default is the model itself, maybe by way of another's: it would never be
 * filled in. */
gboolean plugin_defaults_to_itself(const struct registry *registry,
                                   const struct sim_plugin *plugin);

/* Why a file cannot be a shared object that is loaded, or NULL. */
const char *object_file_problem(const char *path);

void loaded_object_free(void *data);

#endif
