/* A YAML text as a tree in which every node and key knows its place.
 *
 * libyaml gives events with places; libcyaml, which loads the structs, names wrong places and stops
 * at the first mistake. So every check acts on this tree, and libcyaml sees only what passed.
 *
 * Nodes and strings belong to the tree and go with it; subtrees can be shared.
 */
#ifndef SIM_SCENARIO_TREE_H
#define SIM_SCENARIO_TREE_H

#include <glib.h>
#include <stdbool.h>

#include "scenario/errors.h"

enum tree_kind { TREE_SCALAR, TREE_SEQUENCE, TREE_MAPPING };

struct tree_node {
    enum tree_kind kind;
    struct position at;
    const char *text; /* of a scalar */
    bool plain;       /* a scalar without quotes */
    bool shown;       /* at is where text stands on one line, so that its columns can be named */
    GArray *entries;  /* struct tree_entry, of a mapping or a sequence */
};

struct tree_entry {
    const char *key; /* NULL in a sequence */
    struct position at;
    struct tree_node *node;
};

struct tree;

struct tree *tree_new(void);
void tree_free(struct tree *tree);

/* A file or an option as a source of texts; gives the place of its first character. */
struct position tree_source(struct tree *tree, const char *name);

/* The one document of a text, a NUL after it, that starts at `origin`; NULL and errors when it is
 * not one. Anchors, aliases, tags and duplicate keys are errors. */
struct tree_node *tree_parse(struct tree *tree, struct position origin, const char *text,
                             size_t length, struct scenario_errors *errors);

/* The tree as YAML: block style, with what fits on a line in flow style. Free with g_free. */
char *tree_write(const struct tree_node *node);

/* On one line, in flow style, without a line break. Free with g_free. */
char *tree_write_line(const struct tree_node *node);

const char *tree_string(struct tree *tree, const char *text);
struct tree_node *tree_scalar(struct tree *tree, struct position at, const char *text);
struct tree_node *tree_sequence(struct tree *tree, struct position at);
struct tree_node *tree_mapping(struct tree *tree, struct position at);

guint tree_count(const struct tree_node *node);
struct tree_entry *tree_entry(const struct tree_node *node, guint index);

/* NULL when there is no such key, or when the node is NULL or not a mapping. */
struct tree_entry *tree_find(const struct tree_node *node, const char *key);
struct tree_node *tree_get(const struct tree_node *node, const char *key);
/* The text of a key's scalar; NULL when there is none. */
const char *tree_text(const struct tree_node *node, const char *key);

/* Appends; to a sequence with key NULL. */
void tree_append(struct tree *tree, struct tree_node *node, struct position at, const char *key,
                 struct tree_node *value);
/* Replaces the value of a key, or appends. */
void tree_put(struct tree *tree, struct tree_node *mapping, struct position at, const char *key,
              struct tree_node *value);
void tree_remove(struct tree_node *mapping, const char *key);

/* A copy of all below, at the same places. */
struct tree_node *tree_copy(struct tree *tree, const struct tree_node *node);

/* A node becomes an empty mapping, or a sequence that holds what it was. */
void tree_become_mapping(struct tree *tree, struct tree_node *node);
void tree_wrap(struct tree *tree, struct tree_node *node);

/* Nothing was written: `key:` */
bool tree_is_null(const struct tree_node *node);
/* A plain scalar with this text. */
bool tree_is(const struct tree_node *node, const char *text);
/* "a mapping", "a list", "a value". */
const char *tree_kind_name(const struct tree_node *node);

#endif
