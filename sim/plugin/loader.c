/* Shared objects by GModule: all of an object's models are registered, or none. */
#include <errno.h>
#include <gmodule.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/plugin_private.h"

struct loaded_object {
    char *path; /* without links, so that one file is not loaded under two names */
    GModule *module;
};

void loaded_object_free(void *data)
{
    struct loaded_object *object = data;

    g_module_close(object->module);
    g_free(object->path);
    g_free(object);
}

static gboolean is_loaded(const struct registry *registry, const char *path)
{
    for (guint i = 0; i < registry->objects->len; i++) {
        const struct loaded_object *object = g_ptr_array_index(registry->objects, i);

        if (strcmp(object->path, path) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean register_all(struct registry *registry, GModule *module, const char *origin,
                             GError **error)
{
    void *symbol = NULL;
    guint before = registry->models->len;

    if (!g_module_symbol(module, SIM_PLUGIN_SYMBOL, &symbol) || !symbol) {
        g_set_error(error, plugin_error_quark(), 0, "%s: no symbol \"" SIM_PLUGIN_SYMBOL "\"",
                    origin);
        return FALSE;
    }
    const struct sim_plugin *const *models = symbol;
    if (!models[0]) {
        g_set_error(error, plugin_error_quark(), 0, "%s: \"" SIM_PLUGIN_SYMBOL "\" is empty",
                    origin);
        return FALSE;
    }
    for (guint i = 0; models[i]; i++) {
        if (!registry_add(registry, models[i], origin, error)) {
            g_array_set_size(registry->models, before);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean registry_load(struct registry *registry, const char *path, GError **error)
{
    char *real = realpath(path, NULL);

    if (!real) {
        g_set_error(error, plugin_error_quark(), 0, "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    char *file = g_strdup(real);
    free(real);
    if (is_loaded(registry, file)) {
        g_free(file);
        return TRUE;
    }
    /* Local: two plug-ins may have functions of the same name. */
    GModule *module = g_module_open(file, G_MODULE_BIND_LOCAL);
    if (!module) {
        g_set_error(error, plugin_error_quark(), 0, "%s: cannot be loaded: %s", path,
                    g_module_error());
        g_free(file);
        return FALSE;
    }
    if (!register_all(registry, module, path, error)) {
        g_module_close(module);
        g_free(file);
        return FALSE;
    }
    struct loaded_object *object = g_new0(struct loaded_object, 1);
    object->path = file;
    object->module = module;
    g_ptr_array_add(registry->objects, object);
    return TRUE;
}
