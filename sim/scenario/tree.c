/* The nodes of a tree. */
#include "scenario/tree.h"

#include <mtpsim/check.h>
#include <string.h>

struct tree {
    GPtrArray *nodes;
    GStringChunk *strings;
    uint32_t sources;
};

static void node_free(void *data)
{
    struct tree_node *node = data;

    if (node->entries)
        g_array_unref(node->entries);
    g_free(node);
}

struct tree *tree_new(void)
{
    struct tree *tree = g_new0(struct tree, 1);

    tree->nodes = g_ptr_array_new_with_free_func(node_free);
    tree->strings = g_string_chunk_new(4096);
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    g_ptr_array_unref(tree->nodes);
    g_string_chunk_free(tree->strings);
    g_free(tree);
}

struct position tree_source(struct tree *tree, const char *name)
{
    return (struct position){tree_string(tree, name), tree->sources++, 1, 1};
}

const char *tree_string(struct tree *tree, const char *text)
{
    return g_string_chunk_insert_const(tree->strings, text);
}

static struct tree_node *node_new(struct tree *tree, enum tree_kind kind, struct position at)
{
    struct tree_node *node = g_new0(struct tree_node, 1);

    node->kind = kind;
    node->at = at;
    if (kind != TREE_SCALAR)
        node->entries = g_array_new(FALSE, FALSE, sizeof(struct tree_entry));
    g_ptr_array_add(tree->nodes, node);
    return node;
}

struct tree_node *tree_scalar(struct tree *tree, struct position at, const char *text)
{
    struct tree_node *node = node_new(tree, TREE_SCALAR, at);

    node->text = tree_string(tree, text);
    node->plain = true;
    return node;
}

struct tree_node *tree_sequence(struct tree *tree, struct position at)
{
    return node_new(tree, TREE_SEQUENCE, at);
}

struct tree_node *tree_mapping(struct tree *tree, struct position at)
{
    return node_new(tree, TREE_MAPPING, at);
}

guint tree_count(const struct tree_node *node)
{
    return node && node->entries ? node->entries->len : 0;
}

struct tree_entry *tree_entry(const struct tree_node *node, guint index)
{
    SIM_CHECK(index < tree_count(node), "entry %u of %u", index, tree_count(node));
    return &g_array_index(node->entries, struct tree_entry, index);
}

struct tree_entry *tree_find(const struct tree_node *node, const char *key)
{
    if (!node || node->kind != TREE_MAPPING)
        return NULL;
    for (guint i = 0; i < node->entries->len; i++) {
        struct tree_entry *entry = tree_entry(node, i);

        if (strcmp(entry->key, key) == 0)
            return entry;
    }
    return NULL;
}

struct tree_node *tree_get(const struct tree_node *node, const char *key)
{
    struct tree_entry *entry = tree_find(node, key);

    return entry ? entry->node : NULL;
}

const char *tree_text(const struct tree_node *node, const char *key)
{
    struct tree_node *value = tree_get(node, key);

    return value && value->kind == TREE_SCALAR ? value->text : NULL;
}

void tree_append(struct tree *tree, struct tree_node *node, struct position at, const char *key,
                 struct tree_node *value)
{
    struct tree_entry entry = {key ? tree_string(tree, key) : NULL, at, value};

    SIM_CHECK((node->kind == TREE_MAPPING) == (key != NULL), "key %s", key ? key : "(none)");
    g_array_append_val(node->entries, entry);
}

void tree_put(struct tree *tree, struct tree_node *mapping, struct position at, const char *key,
              struct tree_node *value)
{
    struct tree_entry *entry = tree_find(mapping, key);

    if (!entry) {
        tree_append(tree, mapping, at, key, value);
        return;
    }
    entry->at = at;
    entry->node = value;
}

void tree_remove(struct tree_node *mapping, const char *key)
{
    for (guint i = 0; i < tree_count(mapping); i++) {
        if (strcmp(tree_entry(mapping, i)->key, key) == 0) {
            g_array_remove_index(mapping->entries, i);
            return;
        }
    }
}

struct tree_node *tree_copy(struct tree *tree, const struct tree_node *node)
{
    struct tree_node *copy = node_new(tree, node->kind, node->at);

    copy->text = node->text ? tree_string(tree, node->text) : NULL;
    copy->plain = node->plain;
    copy->shown = node->shown;
    for (guint i = 0; i < tree_count(node); i++) {
        const struct tree_entry *entry = tree_entry(node, i);

        tree_append(tree, copy, entry->at, entry->key, tree_copy(tree, entry->node));
    }
    return copy;
}

void tree_become_mapping(struct tree *tree, struct tree_node *node)
{
    struct tree_node *empty = tree_mapping(tree, node->at);
    struct tree_node old = *node;

    *node = *empty;
    *empty = old;
}

void tree_wrap(struct tree *tree, struct tree_node *node)
{
    struct tree_node *inner = tree_sequence(tree, node->at);
    struct tree_node old = *node;

    *node = *inner;
    *inner = old;
    tree_append(tree, node, inner->at, NULL, inner);
}

bool tree_is_null(const struct tree_node *node)
{
    return tree_is(node, "");
}

bool tree_is(const struct tree_node *node, const char *text)
{
    return node && node->kind == TREE_SCALAR && node->plain && strcmp(node->text, text) == 0;
}

const char *tree_kind_name(const struct tree_node *node)
{
    if (tree_is_null(node))
        return "nothing";
    switch (node->kind) {
    case TREE_SEQUENCE:
        return "a list";
    case TREE_MAPPING:
        return "a mapping";
    default:
        return "a single value";
    }
}
