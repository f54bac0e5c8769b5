/* Shared objects by GModule: all of an object's models are registered, or none.
 *
 * What the symbol leads to is read before anything is known of it, so it is looked at with dladdr1
 * (glibc): it must be an object and not a function, of as many bytes as its entries take, end with
 * NULL, and its tables must lie in the shared object itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <gmodule.h>
#include <link.h>
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

/* ---- the list of models ---- */

static gboolean refuse(GError **error, const char *origin, const char *problem)
{
    g_set_error(error, plugin_error_quark(), 0, "%s: %s", origin, problem);
    return FALSE;
}

static gboolean lies_in(const void *address, const void *base)
{
    Dl_info info;

    return dladdr(address, &info) && info.dli_fbase == base;
}

/* What is wrong with the list, or NULL. */
static const char *list_problem(const struct sim_plugin *const *models)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;

    if (!dladdr1(models, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
        return "the place of \"" SIM_PLUGIN_SYMBOL "\" cannot be told";
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size == 0 ||
        symbol->st_size % sizeof *models)
        return "\"" SIM_PLUGIN_SYMBOL "\" is no list of models";
    size_t count = symbol->st_size / sizeof *models;
    if (models[count - 1])
        return "\"" SIM_PLUGIN_SYMBOL "\" does not end with NULL";
    if (!models[0])
        return "\"" SIM_PLUGIN_SYMBOL "\" is empty";
    for (size_t i = 0; models[i]; i++)
        if (!lies_in(models[i], info.dli_fbase))
            return "\"" SIM_PLUGIN_SYMBOL "\" has an entry that is no model of this object";
    return NULL;
}

static gboolean register_all(struct registry *registry, GModule *module, const char *origin,
                             GError **error)
{
    void *symbol = NULL;
    guint before = registry->models->len;

    if (!g_module_symbol(module, SIM_PLUGIN_SYMBOL, &symbol) || !symbol)
        return refuse(error, origin, "no symbol \"" SIM_PLUGIN_SYMBOL "\"");
    const struct sim_plugin *const *models = symbol;
    const char *problem = list_problem(models);
    if (problem)
        return refuse(error, origin, problem);
    for (guint i = 0; models[i]; i++) {
        if (!registry_add(registry, models[i], origin, error)) {
            g_array_set_size(registry->models, before);
            return FALSE;
        }
    }
    return TRUE;
}

/* Opens the file `path`, whose name without links is `file`. */
static GModule *object_open(const char *file, const char *path, GError **error)
{
    const char *problem = object_file_problem(file);

    if (problem) {
        refuse(error, path, problem);
        return NULL;
    }
    /* Local: two plug-ins may have functions of the same name. */
    GModule *module = g_module_open(file, G_MODULE_BIND_LOCAL);
    if (!module)
        g_set_error(error, plugin_error_quark(), 0, "%s: cannot be loaded: %s", path,
                    g_module_error());
    return module;
}

gboolean registry_load(struct registry *registry, const char *path, GError **error)
{
    char *real = realpath(path, NULL);
    g_autofree char *file = g_strdup(real);

    free(real);
    if (!file)
        return refuse(error, path, g_strerror(errno));
    if (is_loaded(registry, file))
        return TRUE;
    GModule *module = object_open(file, path, error);
    if (!module)
        return FALSE;
    if (!register_all(registry, module, path, error)) {
        g_module_close(module);
        return FALSE;
    }
    struct loaded_object *object = g_new0(struct loaded_object, 1);
    object->path = g_steal_pointer(&file);
    object->module = module;
    g_ptr_array_add(registry->objects, object);
    return TRUE;
}
