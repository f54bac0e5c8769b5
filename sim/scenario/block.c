/* The check of one mapping: unknown keys, wrong values, missing keys, and the defaults. */
#include "scenario/block.h"

#include <string.h>

#include "core/nearest.h"
#include "scenario/value.h"

struct block block_of_model(const struct sim_plugin *plugin)
{
    return (struct block){plugin->name, plugin->summary, plugin->params, plugin->params_size, NULL};
}

const struct sim_param *block_param(const struct block *block, const char *name)
{
    for (const struct sim_param *param = block->params; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return param;
    return NULL;
}

const struct block_part *block_part(const struct block *block, const char *name)
{
    for (const struct block_part *part = block->parts; part && part->name; part++)
        if (strcmp(part->name, name) == 0)
            return part;
    return NULL;
}

void block_keys(const struct block *block, GPtrArray *names)
{
    for (const struct sim_param *param = block->params; param && param->name; param++)
        g_ptr_array_add(names, (char *)param->name);
    for (const struct block_part *part = block->parts; part && part->name; part++)
        if (part->shape != BLOCK_UNSUPPORTED)
            g_ptr_array_add(names, (char *)part->name);
}

/* Names become those of folders, together with others. */
#define NAME_LENGTH_MAX 100

bool name_check(const struct scope *scope, const char *what, const char *name, struct position at)
{
    size_t valid = strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-");

    if (*name == '\0' || name[valid] || *name == '.') {
        scenario_errors_add(scope->errors, at,
                            "%s name \"%s\" is not allowed; use letters, digits, \"_\", \"-\" and, "
                            "not at the start, \".\"",
                            what, name);
        return false;
    }
    if (strlen(name) > NAME_LENGTH_MAX) {
        scenario_errors_add(scope->errors, at, "%s name of %zu characters; at most %d are allowed",
                            what, strlen(name), NAME_LENGTH_MAX);
        return false;
    }
    if (strcmp(name, "all") == 0 || strcmp(name, "none") == 0) {
        scenario_errors_add(scope->errors, at, "%s name \"%s\" is reserved", what, name);
        return false;
    }
    return true;
}

/* ---- parts ---- */

static bool check_list(const struct scope *scope, const struct block_part *part,
                       struct tree_node *list)
{
    bool right = true;

    if (list->kind != TREE_SEQUENCE) {
        scenario_errors_add(scope->errors, list->at, "%s must be a list, not %s", part->name,
                            tree_kind_name(list));
        return false;
    }
    for (guint i = 0; i < tree_count(list); i++)
        right &= block_check(scope, part->block, tree_entry(list, i)->node);
    return right;
}

static bool check_named(const struct scope *scope, const struct block_part *part,
                        struct tree_node *mapping)
{
    bool right = true;

    if (mapping->kind != TREE_MAPPING) {
        scenario_errors_add(scope->errors, mapping->at, "%s must be a mapping, not %s", part->name,
                            tree_kind_name(mapping));
        return false;
    }
    for (guint i = 0; i < tree_count(mapping); i++)
        right &= block_check(scope, part->block, tree_entry(mapping, i)->node);
    return right;
}

static bool check_models(const struct scope *scope, const struct block_part *part,
                         struct tree_node *node)
{
    bool right = true;

    if (node->kind != TREE_SEQUENCE)
        tree_wrap(scope->tree, node);
    for (guint i = 0; i < tree_count(node); i++)
        right &= model_check(scope, part->name, part->kind, tree_entry(node, i)->node);
    if (tree_count(node) == 0 && part->presence == PART_REQUIRED) {
        scenario_errors_add(scope->errors, node->at, "%s is empty", part->name);
        return false;
    }
    return right;
}

/* A list of scalars: names, each once, or any strings. */
static bool check_words(const struct scope *scope, const struct block_part *part,
                        struct tree_node *node)
{
    bool right = true;

    if (part->shape == BLOCK_STRINGS && node->kind == TREE_SCALAR && !tree_is_null(node))
        tree_wrap(scope->tree, node);
    if (node->kind != TREE_SEQUENCE) {
        scenario_errors_add(scope->errors, node->at, "%s must be a list of names, not %s",
                            part->name, tree_kind_name(node));
        return false;
    }
    for (guint i = 0; i < tree_count(node); i++) {
        const struct tree_node *item = tree_entry(node, i)->node;

        if (item->kind != TREE_SCALAR || *item->text == '\0') {
            scenario_errors_add(scope->errors, item->at, "%s must be a list of names; this is %s",
                                part->name, tree_kind_name(item));
            right = false;
        } else if (part->shape == BLOCK_NAMES) {
            right &= name_check(scope, part->item, item->text, item->at);
        }
    }
    return right;
}

static bool check_part(const struct scope *scope, const struct block_part *part,
                       const struct tree_entry *entry)
{
    switch (part->shape) {
    case BLOCK_MAPPING:
        return block_check(scope, part->block, entry->node);
    case BLOCK_LIST:
        return check_list(scope, part, entry->node);
    case BLOCK_NAMED:
        return check_named(scope, part, entry->node);
    case BLOCK_MODELS:
        return check_models(scope, part, entry->node);
    case BLOCK_NAMES:
    case BLOCK_STRINGS:
        return check_words(scope, part, entry->node);
    case BLOCK_SWEEP:
        return true;
    default:
        scenario_errors_add(scope->errors, entry->at, "%s is not supported by this version",
                            part->name);
        return false;
    }
}

/* ---- the mapping ---- */

void block_unknown_key(const struct scope *scope, const char *title, const GPtrArray *names,
                       const struct tree_entry *entry)
{
    if (names->len == 0) {
        scenario_errors_add(scope->errors, entry->at, "unknown key \"%s\"; %s has no parameters",
                            entry->key, title);
        return;
    }
    char *hint = nearest_hint(entry->key, names);
    scenario_errors_add(scope->errors, entry->at, "unknown key \"%s\"%s", entry->key, hint);
    g_free(hint);
}

bool block_check_entry(const struct scope *scope, const struct block *block,
                       const struct tree_entry *entry)
{
    const struct sim_param *param = block_param(block, entry->key);
    const struct block_part *part = block_part(block, entry->key);

    if (param)
        return value_check(scope, param, entry->node);
    if (part)
        return check_part(scope, part, entry);
    GPtrArray *names = g_ptr_array_new();
    block_keys(block, names);
    block_unknown_key(scope, block->name, names, entry);
    g_ptr_array_unref(names);
    return false;
}

bool block_check_entries(const struct scope *scope, const struct block *block,
                         struct tree_node *node)
{
    bool right = true;

    if (tree_is_null(node))
        tree_become_mapping(scope->tree, node);
    if (node->kind != TREE_MAPPING) {
        scenario_errors_add(scope->errors, node->at, "%s must be a mapping, not %s", block->name,
                            tree_kind_name(node));
        return false;
    }
    for (guint i = 0; i < tree_count(node); i++)
        right &= block_check_entry(scope, block, tree_entry(node, i));
    return right;
}

static bool fill_param(const struct scope *scope, const struct block *block,
                       const struct sim_param *param, struct tree_node *node, struct position at)
{
    if (!param->fallback) {
        scenario_errors_add(scope->errors, at, "%s needs \"%s\" (%s)", block->name, param->name,
                            param->help);
        return false;
    }
    struct tree_node *value = value_fallback(scope, param, node->at);
    tree_append(scope->tree, node, node->at, param->name, value);
    return value_check(scope, param, value);
}

static bool fill_part(const struct scope *scope, const struct block *block,
                      const struct block_part *part, struct tree_node *node, struct position at)
{
    if (part->presence == PART_OPTIONAL)
        return true;
    if (part->presence == PART_REQUIRED) {
        scenario_errors_add(scope->errors, at, "%s needs \"%s\" (%s)", block->name, part->name,
                            part->help);
        return false;
    }
    struct tree_node *value = part->shape == BLOCK_MAPPING ? tree_mapping(scope->tree, node->at)
                                                           : tree_sequence(scope->tree, node->at);
    tree_append(scope->tree, node, node->at, part->name, value);
    return part->shape != BLOCK_MAPPING || block_check(scope, part->block, value);
}

bool block_fill(const struct scope *scope, const struct block *block, struct tree_node *node,
                struct position at)
{
    bool right = true;

    if (node->kind != TREE_MAPPING)
        return false;
    for (const struct sim_param *param = block->params; param && param->name; param++)
        if (!tree_find(node, param->name))
            right &= fill_param(scope, block, param, node, at);
    for (const struct block_part *part = block->parts; part && part->name; part++)
        if (!tree_find(node, part->name))
            right &= fill_part(scope, block, part, node, at);
    return right;
}

bool block_check(const struct scope *scope, const struct block *block, struct tree_node *node)
{
    bool right = block_check_entries(scope, block, node);

    return block_fill(scope, block, node, node->at) && right;
}
