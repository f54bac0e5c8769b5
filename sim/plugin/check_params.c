/* What is wrong with a model's parameter table. Defaults are checked where values are read
 * (scenario/plugins.c); here only whether they choose models in a circle. */
#include <math.h>
#include <string.h>

#include "plugin/plugin_private.h"

#define PARAMS_MAX 1000 /* more: a table without an end */

gboolean plugin_is_name(const char *name)
{
    return name && g_ascii_islower(*name) &&
           name[strspn(name, G_CSET_a_2_z G_CSET_DIGITS "_")] == '\0';
}

gboolean plugin_is_line(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (; *text; text++)
        if (g_ascii_iscntrl(*text))
            return FALSE;
    return TRUE;
}

/* ---- members ---- */

struct member {
    size_t size, alignment;
};
#define MEMBER(type)                                                                               \
    (struct member)                                                                                \
    {                                                                                              \
        sizeof(type), _Alignof(type)                                                               \
    }

static struct member member_of(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_BOOL:
        return MEMBER(bool);
    case SIM_PARAM_CHOICE:
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
        return MEMBER(uint32_t);
    case SIM_PARAM_LENGTH:
        return MEMBER(struct sim_length);
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return MEMBER(struct sim_list);
    case SIM_PARAM_MODEL:
        return MEMBER(struct sim_model);
    case SIM_PARAM_STRING:
    case SIM_PARAM_FILE:
        return MEMBER(const char *);
    case SIM_PARAM_REAL:
    case SIM_PARAM_FRACTION:
        return MEMBER(double);
    default:
        return MEMBER(uint64_t);
    }
}

static const char *member_problem(const struct sim_plugin *plugin, const struct sim_param *param)
{
    struct member member = member_of(param->type);

    if (member.size > plugin->params_size || param->offset > plugin->params_size - member.size)
        return "its member lies outside the struct";
    if (param->offset % member.alignment)
        return "its offset is no place for a member of its type";
    for (const struct sim_param *other = plugin->params; other < param; other++)
        if (param->offset < other->offset + member_of(other->type).size &&
            other->offset < param->offset + member.size)
            return "its member overlaps another parameter's";
    return NULL;
}

/* ---- one parameter ---- */

static const char *choices_problem(const char *const *choices)
{
    if (!choices || !choices[0])
        return "it has no choices";
    for (guint i = 0; choices[i]; i++) {
        if (!*choices[i] || !plugin_is_line(choices[i]))
            return "a choice is empty, or not one line of UTF-8";
        for (guint j = 0; j < i; j++)
            if (strcmp(choices[i], choices[j]) == 0)
                return "a choice is there twice";
    }
    return NULL;
}

static const char *param_problem(const struct sim_plugin *plugin, const struct sim_param *param)
{
    if (!plugin_is_name(param->name))
        return "its name must be [a-z][a-z0-9_]*";
    for (const struct sim_param *other = plugin->params; other < param; other++)
        if (strcmp(other->name, param->name) == 0)
            return "it is there twice";
    if ((unsigned)param->type > SIM_PARAM_FILE)
        return "its type is unknown";
    if (!param->help)
        return "it has no help";
    if (!plugin_is_line(param->help))
        return "its help is not one line of UTF-8";
    if (param->fallback && !plugin_is_line(param->fallback))
        return "its default is not one line of UTF-8";
    if (param->type == SIM_PARAM_MODEL && (unsigned)param->kind >= SIM_KINDS)
        return "its kind is unknown";
    if (isnan(param->min) || isnan(param->max) || (param->max != 0 && param->min > param->max))
        return "its range is empty";
    if (param->type == SIM_PARAM_CHOICE && choices_problem(param->choices))
        return choices_problem(param->choices);
    return member_problem(plugin, param);
}

char *plugin_params_problem(const struct sim_plugin *plugin)
{
    const char *kind = sim_kind_name(plugin->kind);
    guint count = 0;

    for (const struct sim_param *param = plugin->params; param && param->name; param++) {
        const char *problem = param_problem(plugin, param);

        if (++count > PARAMS_MAX)
            return g_strdup_printf("%s \"%s\" has more than %d parameters: is the end missing?",
                                   kind, plugin->name, PARAMS_MAX);
        if (!problem)
            continue;
        g_autofree char *name = g_strescape(param->name, NULL);
        return g_strdup_printf("%s \"%s\", parameter \"%s\": %s", kind, plugin->name, name,
                               problem);
    }
    return NULL;
}

/* ---- defaults in a circle ---- */

/* The name that a default chooses: `name` or `{name: {...}}`. */
static char *chosen_name(const char *fallback)
{
    const char *name = fallback + strspn(fallback, "{ ");

    return g_strndup(name, strspn(name, G_CSET_a_2_z G_CSET_DIGITS "_"));
}

/* Whether a model's defaults lead to `target` by itself; after as many steps as there are models
 * they would lead somewhere for the second time. */
static gboolean leads_to(const struct registry *registry, const struct sim_plugin *from,
                         const struct sim_plugin *target, guint steps)
{
    for (const struct sim_param *param = from->params; param && param->name; param++) {
        if (param->type != SIM_PARAM_MODEL || !param->fallback)
            continue;
        g_autofree char *name = chosen_name(param->fallback);
        if (param->kind == target->kind && strcmp(name, target->name) == 0)
            return TRUE;
        const struct sim_plugin *next = registry_find(registry, param->kind, name);
        if (next && steps && leads_to(registry, next, target, steps - 1))
            return TRUE;
    }
    return FALSE;
}

gboolean plugin_defaults_to_itself(const struct registry *registry, const struct sim_plugin *plugin)
{
    return leads_to(registry, plugin, plugin, registry->models->len);
}
