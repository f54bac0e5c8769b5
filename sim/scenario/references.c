#include "scenario/references.h"

#include <fnmatch.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/value.h"

static const char *reference_word(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_HOST:
    case SIM_PARAM_HOSTS:
        return "host";
    case SIM_PARAM_SWITCH:
        return "switch";
    case SIM_PARAM_LINKS:
        return "link";
    default:
        return "node";
    }
}

/* ---- one name ---- */

static bool no_such_name(const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node)
{
    const char *word = reference_word(param->type);
    uint32_t other =
        param->type == SIM_PARAM_LINKS ? NAME_ABSENT : names_node(scope->names, node->text);

    if (other != NAME_ABSENT)
        return value_wrong(scope, node, "%s names \"%s\", which is a %s, not a %s", param->name,
                           node->text, other < scope->names->hosts->len ? "host" : "switch", word);
    char *hint = nearest_hint(node->text, names_of_type(scope->names, param->type));
    value_wrong(scope, node, "%s names no %s \"%s\"%s", param->name, word, node->text, hint);
    g_free(hint);
    return false;
}

bool reference_check(const struct scope *scope, const struct sim_param *param,
                     const struct tree_node *node)
{
    const char *word = reference_word(param->type);

    if (node->kind != TREE_SCALAR || tree_is_null(node))
        return value_wrong(scope, node, "%s must be the name of a %s, not %s", param->name, word,
                           tree_kind_name(node));
    if (!scope->names || names_index(scope->names, param->type, node->text) != NAME_ABSENT)
        return true;
    return no_such_name(scope, param, node);
}

/* ---- lists ---- */

/* No name has these letters. */
static bool is_pattern(const struct sim_param *param, const struct tree_node *node)
{
    return node->kind == TREE_SCALAR && strpbrk(node->text, "*?[") &&
           (param->type == SIM_PARAM_HOSTS || param->type == SIM_PARAM_LINKS);
}

static void append_matches(GArray *list, const struct names *names, const struct sim_param *param,
                           const char *pattern)
{
    const GPtrArray *all = names_of_type(names, param->type);

    for (uint32_t i = 0; i < all->len; i++)
        if (!pattern || fnmatch(pattern, g_ptr_array_index(all, i), 0) == 0)
            g_array_append_val(list, i);
}

static void append_item(GArray *list, const struct names *names, const struct sim_param *param,
                        const struct tree_node *item)
{
    if (item->kind != TREE_SCALAR)
        return;
    uint32_t index = names_index(names, param->type, item->text);
    if (is_pattern(param, item))
        append_matches(list, names, param, item->text);
    else if (index != NAME_ABSENT)
        g_array_append_val(list, index);
}

static bool is_all(const struct sim_param *param, const struct tree_node *node)
{
    return tree_is(node, "all") && param->type != SIM_PARAM_NODES;
}

GArray *references_list(const struct names *names, const struct sim_param *param,
                        const struct tree_node *node)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    if (is_all(param, node))
        append_matches(list, names, param, NULL);
    else if (node->kind == TREE_SCALAR)
        append_item(list, names, param, node);
    for (guint i = 0; node->kind == TREE_SEQUENCE && i < tree_count(node); i++)
        append_item(list, names, param, tree_entry(node, i)->node);
    return list;
}

static bool check_item(const struct scope *scope, const struct sim_param *param,
                       const struct tree_node *node)
{
    if (!is_pattern(param, node))
        return reference_check(scope, param, node);
    if (!scope->names)
        return true;
    GArray *matches = references_list(scope->names, param, node);
    guint count = matches->len;
    g_array_unref(matches);
    return count > 0 || value_wrong(scope, node, "%s: no %s matches \"%s\"", param->name,
                                    reference_word(param->type), node->text);
}

/* Of a list, the bounds count its items. */
static bool check_length(const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node, guint count)
{
    if (count && count >= param->min && (count <= param->max || param->max == 0))
        return true;
    const char *plural = count == 1 ? "" : "s";
    double least = MAX(param->min, 1);
    if (param->max == 0)
        return value_wrong(scope, node, "%s has %u item%s; it must have at least %g", param->name,
                           count, plural, least);
    if (least == param->max)
        return value_wrong(scope, node, "%s has %u item%s; it must have %g", param->name, count,
                           plural, least);
    return value_wrong(scope, node, "%s has %u item%s; it must have between %g and %g", param->name,
                       count, plural, least, param->max);
}

/* Adds what an item names to `seen`, by index, and reports what is there already. */
static bool check_repetition(const struct scope *scope, const struct sim_param *param,
                             const struct tree_node *item, GHashTable *seen)
{
    const GPtrArray *all = names_of_type(scope->names, param->type);
    GArray *list = references_list(scope->names, param, item);
    bool right = true;

    for (guint i = 0; right && i < list->len; i++) {
        uint32_t index = g_array_index(list, uint32_t, i);

        if (!g_hash_table_add(seen, GUINT_TO_POINTER(index)))
            right = value_wrong(scope, item, "%s names \"%s\" twice", param->name,
                                (const char *)g_ptr_array_index(all, index));
    }
    g_array_unref(list);
    return right;
}

static bool check_items(const struct scope *scope, const struct sim_param *param,
                        const struct tree_node *node, GHashTable *seen)
{
    bool right = true;

    for (guint i = 0; i < tree_count(node); i++) {
        const struct tree_node *item = tree_entry(node, i)->node;

        right &= check_item(scope, param, item);
        if (scope->names)
            right &= check_repetition(scope, param, item, seen);
    }
    return right;
}

bool references_check(const struct scope *scope, const struct sim_param *param,
                      const struct tree_node *node)
{
    if (is_all(param, node))
        return true;
    if (node->kind == TREE_MAPPING || tree_is_null(node))
        return reference_check(scope, param, node);
    GHashTable *seen = g_hash_table_new(g_direct_hash, g_direct_equal);
    guint count = node->kind == TREE_SEQUENCE ? tree_count(node) : 1;
    bool right;
    if (node->kind == TREE_SEQUENCE)
        right = check_items(scope, param, node, seen);
    else
        right = check_item(scope, param, node);
    /* What is written counts, unless patterns, and every name is known. */
    if (right && scope->names) {
        GArray *list = references_list(scope->names, param, node);
        count = list->len;
        g_array_unref(list);
    }
    g_hash_table_unref(seen);
    return check_length(scope, param, node, count) && right;
}
