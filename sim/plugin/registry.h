/* The models that a scenario can name: the built-in ones (models/registry.c) and those of loaded
 * shared objects. */
#ifndef SIM_PLUGIN_REGISTRY_H
#define SIM_PLUGIN_REGISTRY_H

#include <glib.h>

#include <mtpsim/plugin.h>

struct registry;

/* The built-in models (models/registry.c), NULL at the end. */
extern const struct sim_plugin *const sim_builtin_models[];

/* With the built-in models. Free with registry_free, after all that uses its models. */
struct registry *registry_new(void);
void registry_free(struct registry *registry);

/* Loads a shared object and registers its models. Refused (GError, nothing registered): no such
 * file, no symbol, foreign ABI, an incomplete table, a name that is taken. A file that is loaded
 * already is not loaded again. */
gboolean registry_load(struct registry *registry, const char *path, GError **error);

/* Registers one table; the checks of registry_load. `origin` goes into messages. */
gboolean registry_add(struct registry *registry, const struct sim_plugin *plugin,
                      const char *origin, GError **error);

const struct sim_plugin *registry_find(const struct registry *registry, enum sim_kind kind,
                                       const char *name);

/* All models of a kind, by name; free the array alone. */
GPtrArray *registry_list(const struct registry *registry, enum sim_kind kind);

/* Where a model comes from: "built-in" or the file. */
const char *registry_origin(const struct registry *registry, const struct sim_plugin *plugin);

/* "queue", "selector", ...; and back (SIM_KINDS when unknown). */
const char *sim_kind_name(enum sim_kind kind);
enum sim_kind sim_kind_of(const char *name);

#endif
