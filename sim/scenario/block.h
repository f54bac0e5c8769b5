/* Blocks: what a mapping of the scenario may hold, and its check.
 *
 * A block is a table of parameters (struct sim_param, as models have) and a table of parts: nested
 * blocks, lists of blocks or of models, names. A model's parameters are a block without parts. One
 * pass over a mapping reports all that is wrong and writes the defaults into the tree, so that the
 * same tree is what is loaded and what `show` prints.
 */
#ifndef SIM_SCENARIO_BLOCK_H
#define SIM_SCENARIO_BLOCK_H

#include <mtpsim/plugin.h>

#include "plugin/registry.h"
#include "scenario/names.h"
#include "scenario/tree.h"

enum block_shape {
    BLOCK_MAPPING,     /* a nested block */
    BLOCK_LIST,        /* a list of blocks */
    BLOCK_NAMED,       /* blocks by name: {t1: {...}, t2: {...}} */
    BLOCK_MODELS,      /* a model or a list of models */
    BLOCK_NAMES,       /* a list of names that are defined here */
    BLOCK_STRINGS,     /* a string or a list of strings */
    BLOCK_SWEEP,       /* lists of values by path, which sweep.c checks */
    BLOCK_UNSUPPORTED, /* named in the format, but not in this version */
};

struct block;

struct block_part {
    const char *name;
    const char *help;
    const struct block *block; /* of BLOCK_MAPPING, BLOCK_LIST, BLOCK_NAMED */
    enum block_shape shape;
    enum sim_kind kind; /* of BLOCK_MODELS */
    const char *item;   /* of BLOCK_NAMES: what one of them is */
    enum {
        PART_OPTIONAL,
        PART_REQUIRED,
        PART_FILLED, /* always there: its defaults are written out */
    } presence;
};

struct block {
    const char *name;
    const char *summary;
    const struct sim_param *params; /* name NULL at the end; or NULL */
    size_t params_size;
    const struct block_part *parts; /* name NULL at the end; or NULL */
};

/* What a check works with. */
struct scope {
    struct tree *tree; /* owns what is filled in */
    struct scenario_errors *errors;
    const struct registry *registry;
    const struct names *names; /* NULL: hosts and links are not known, and not checked */
};

/* The block that a model's parameters are. */
struct block block_of_model(const struct sim_plugin *plugin);

/* Checks a mapping and fills in defaults; whether it was right. */
bool block_check(const struct scope *scope, const struct block *block, struct tree_node *node);

/* Its halves: the entries that are there; and what is missing. `at` is where a missing key is
 * reported. */
bool block_check_entries(const struct scope *scope, const struct block *block,
                         struct tree_node *node);
bool block_fill(const struct scope *scope, const struct block *block, struct tree_node *node,
                struct position at);

/* One entry of a known key. */
bool block_check_entry(const struct scope *scope, const struct block *block,
                       const struct tree_entry *entry);

/* Reports a key that is none of `names`. */
void block_unknown_key(const struct scope *scope, const char *title, const GPtrArray *names,
                       const struct tree_entry *entry);

const struct sim_param *block_param(const struct block *block, const char *name);
const struct block_part *block_part(const struct block *block, const char *name);
/* Adds its supported keys. */
void block_keys(const struct block *block, GPtrArray *names);

/* A model: `name`, or `{name: {parameters}}`, which it becomes. */
bool model_check(const struct scope *scope, const char *key, enum sim_kind kind,
                 struct tree_node *node);
/* The plug-in of a checked model; NULL: none. Its parameters' mapping into *params. */
const struct sim_plugin *model_of(const struct registry *registry, enum sim_kind kind,
                                  const struct tree_node *node, struct tree_node **params);

/* The rule for names that become part of paths and files: [A-Za-z0-9_.-]+, no "." first; "all" and
 * "none" have a meaning of their own. Reports. */
bool name_check(const struct scope *scope, const char *what, const char *name, struct position at);

#endif
