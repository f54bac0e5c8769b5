/* Overrides act on the tree, so that they pass the same checks, and have the same messages, as what
 * is in the file.
 *
 * A path goes down by keys. In a list, an item is named by its `name`, a link also by its ends'
 * default name, a model by the model's name (which is then its key too), anything by its index from
 * 0. Names may contain dots: the longest name that is there counts. A parent that is not there is
 * made as a mapping.
 */
#include "scenario/overrides.h"

#include <string.h>

#include "core/nearest.h"

struct walk {
    struct tree *tree;
    struct scenario_errors *errors;
    struct position origin;
    const char *text; /* "path=value" */
    const char *end;  /* of the path */
};

static struct position at_byte(const struct walk *walk, const char *byte)
{
    struct position at = walk->origin;

    at.column += (uint32_t)g_utf8_strlen(walk->text, byte - walk->text);
    return at;
}

/* Whether the path goes on with this name. */
static bool starts_with(const struct walk *walk, const char *path, const char *name)
{
    size_t length = strlen(name);

    return length && length <= (size_t)(walk->end - path) && strncmp(path, name, length) == 0 &&
           (path + length == walk->end || path[length] == '.');
}

/* What an item of a list is called. Free with g_free. */
static char *item_name(const struct tree_node *item)
{
    const char *name = tree_text(item, "name");
    const struct tree_node *ends = tree_get(item, "ends");

    if (name)
        return g_strdup(name);
    if (tree_count(ends) == 2 && ends->kind == TREE_SEQUENCE &&
        tree_entry(ends, 0)->node->kind == TREE_SCALAR &&
        tree_entry(ends, 1)->node->kind == TREE_SCALAR)
        return g_strdup_printf("%s-%s", tree_entry(ends, 0)->node->text,
                               tree_entry(ends, 1)->node->text);
    if (item->kind == TREE_MAPPING && tree_count(item) == 1)
        return g_strdup(tree_entry(item, 0)->key);
    return item->kind == TREE_SCALAR ? g_strdup(item->text) : g_strdup("");
}

/* A model is called by its one key, which the path's part is too. */
static bool is_model(const struct tree_node *item, const char *name)
{
    return item->kind == TREE_SCALAR || (tree_count(item) == 1 && tree_find(item, name));
}

static void no_such_item(const struct walk *walk, const struct tree_node *list, const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    char *word = g_strndup(path, strcspn(path, ".="));

    for (guint i = 0; i < tree_count(list); i++) {
        char *name = item_name(tree_entry(list, i)->node);
        g_ptr_array_add(names, *name ? name : g_strdup_printf("%u", i));
        if (!*name)
            g_free(name);
    }
    char *hint = nearest_hint(word, names);
    scenario_errors_add(walk->errors, at_byte(walk, path), "no item \"%s\"%s", word, hint);
    g_free(hint);
    g_free(word);
    g_ptr_array_unref(names);
}

/* The entry of a list that the path names; *rest is what follows its name. */
static struct tree_entry *find_item(const struct walk *walk, struct tree_node *list,
                                    const char *path, const char **rest)
{
    struct tree_entry *found = NULL;
    size_t longest = 0;
    bool model = false;
    char *end;

    for (guint i = 0; i < tree_count(list); i++) {
        char *name = item_name(tree_entry(list, i)->node);
        size_t length = strlen(name);

        if (starts_with(walk, path, name) && length == longest) {
            scenario_errors_add(walk->errors, at_byte(walk, path),
                                "%s names several items; use an index from 0", name);
            g_free(name);
            return NULL;
        }
        if (starts_with(walk, path, name) && length > longest) {
            found = tree_entry(list, i);
            longest = length;
            model = is_model(found->node, name);
        }
        g_free(name);
    }
    if (found) {
        *rest = model ? path : path + longest;
        return found;
    }
    guint64 index = g_ascii_isdigit(*path) ? g_ascii_strtoull(path, &end, 10) : G_MAXUINT64;
    if (index < tree_count(list) && (end == walk->end || *end == '.')) {
        *rest = end;
        return tree_entry(list, (guint)index);
    }
    no_such_item(walk, list, path);
    return NULL;
}

/* The key that the path goes on with: the longest that is there, or up to the next dot. */
static size_t key_length(const struct walk *walk, const struct tree_node *mapping, const char *path)
{
    size_t longest = 0;

    for (guint i = 0; i < tree_count(mapping); i++) {
        const char *key = tree_entry(mapping, i)->key;

        if (starts_with(walk, path, key))
            longest = MAX(longest, strlen(key));
    }
    return longest ? longest : MIN(strcspn(path, "."), (size_t)(walk->end - path));
}

/* Makes a mapping of what can be one: nothing, or a model's short form that the path names. */
static bool open_mapping(const struct walk *walk, struct tree_node *node, const char *path)
{
    if (node->kind == TREE_MAPPING)
        return true;
    if (tree_is_null(node) || starts_with(walk, path, node->text)) {
        const char *model = node->text;

        tree_become_mapping(walk->tree, node);
        if (*model)
            tree_append(walk->tree, node, node->at, model, tree_mapping(walk->tree, node->at));
        return true;
    }
    scenario_errors_add(walk->errors, at_byte(walk, path), "there is no \"%.*s\" in \"%s\"",
                        (int)(walk->end - path), path, node->text);
    return false;
}

/* Puts the value where the path leads from `entry` on. */
static void walk_down(const struct walk *walk, struct tree_entry *entry, const char *path,
                      struct tree_node *value)
{
    while (entry && path < walk->end) {
        struct tree_node *node = entry->node;

        path += *path == '.';
        if (node->kind == TREE_SEQUENCE) {
            entry = find_item(walk, node, path, &path);
            continue;
        }
        if (!open_mapping(walk, node, path))
            return;
        size_t length = key_length(walk, node, path);
        char *key = g_strndup(path, length);
        if (length == 0)
            scenario_errors_add(walk->errors, at_byte(walk, path), "the path has an empty part");
        else if (!tree_find(node, key))
            tree_append(walk->tree, node, at_byte(walk, path), key,
                        tree_mapping(walk->tree, at_byte(walk, path)));
        entry = length ? tree_find(node, key) : NULL;
        g_free(key);
        path += length;
    }
    if (!entry)
        return;
    if (entry->key)
        entry->at = at_byte(walk, walk->text);
    entry->node = value;
}

void override_apply(struct tree *tree, struct tree_node *root, const char *text,
                    struct scenario_errors *errors)
{
    const char *equals = strchr(text, '=');
    char *name = g_strdup_printf("--set %.*s", equals ? (int)(equals - text) : G_MAXINT, text);
    struct walk walk = {tree, errors, tree_source(tree, name), text, equals};

    g_free(name);
    if (!g_utf8_validate(text, -1, NULL)) {
        scenario_errors_add_text(errors, walk.origin, "this is not valid UTF-8");
        return;
    }
    if (!equals || equals == text || equals[1] == '\0') {
        scenario_errors_add_text(errors, walk.origin, "write it as path=value");
        return;
    }
    struct tree_node *value =
        tree_parse(tree, at_byte(&walk, equals + 1), equals + 1, strlen(equals + 1), errors);
    struct tree_entry entry = {NULL, walk.origin, root};
    if (value)
        walk_down(&walk, &entry, text, value);
}

void override_put(struct tree *tree, struct tree_node *root, struct position at, const char *path,
                  struct tree_node *value, struct scenario_errors *errors)
{
    const struct walk walk = {tree, errors, at, path, path + strlen(path)};
    struct tree_entry entry = {NULL, at, root};

    walk_down(&walk, &entry, path, value);
}

void override_key(struct tree *tree, struct tree_node *root, const char *option, const char *key,
                  const char *value)
{
    struct position at = tree_source(tree, option);

    tree_put(tree, root, at, key, tree_scalar(tree, at, value));
}
