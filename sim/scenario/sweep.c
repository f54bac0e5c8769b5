#include "scenario/sweep.h"

#include <string.h>

#include "scenario/blocks.h"
#include "scenario/overrides.h"

/* ---- points: digits of mixed radix, the last path's the fastest ---- */

static guint values_of(const struct tree_node *vary, guint path)
{
    return tree_count(tree_entry(vary, path)->node);
}

static guint stride_of(const struct tree_node *vary, guint path)
{
    guint stride = 1;

    for (guint i = path + 1; i < tree_count(vary); i++)
        stride *= values_of(vary, i);
    return stride;
}

guint sweep_points(const struct tree_node *vary)
{
    return vary ? stride_of(vary, 0) * values_of(vary, 0) : 1;
}

guint sweep_point_of(const struct tree_node *vary, guint path, guint value)
{
    return value * stride_of(vary, path);
}

static struct tree_node *value_at(const struct tree_node *vary, guint path, guint point)
{
    guint value = point / stride_of(vary, path) % values_of(vary, path);

    return tree_entry(tree_entry(vary, path)->node, value)->node;
}

static char *value_text(const struct tree_node *value)
{
    return value->kind == TREE_SCALAR ? g_strdup(value->text) : tree_write_line(value);
}

char **sweep_labels(const struct tree_node *vary, guint point)
{
    char **labels = g_new0(char *, tree_count(vary) + 1);

    for (guint i = 0; i < tree_count(vary); i++) {
        g_autofree char *value = value_text(value_at(vary, i, point));

        labels[i] = g_strdup_printf("%s=%s", tree_entry(vary, i)->key, value);
    }
    return labels;
}

/* Copies: the checks write defaults into what is put there, and `vary` stays as it was written. */
void sweep_apply(struct build *build, const struct tree_node *vary, guint point)
{
    for (guint i = 0; i < tree_count(vary); i++) {
        const struct tree_entry *path = tree_entry(vary, i);
        struct tree_node *value = tree_copy(build->tree, value_at(vary, i, point));

        override_put(build->tree, build->root, path->at, path->key, value, build->errors);
    }
}

/* ---- options ---- */

static void add_option(struct build *build, const char *text)
{
    const char *equals = strchr(text, '=');
    g_autofree char *path = g_strndup(text, equals ? (gsize)(equals - text) : strlen(text));
    g_autofree char *source = g_strdup_printf("--vary %s", path);
    struct position at = tree_source(build->tree, source);

    if (!g_utf8_validate(text, -1, NULL)) {
        scenario_errors_add_text(build->errors, at, "this is not valid UTF-8");
        return;
    }
    if (!equals || equals == text || equals[1] == '\0') {
        scenario_errors_add_text(build->errors, at, "write it as path=value,value,...");
        return;
    }
    /* The bracket stands where "=" does, so that the places of the values are right. */
    g_autofree char *list = g_strdup_printf("[%s]", equals + 1);
    struct position values = at;
    values.column += (uint32_t)g_utf8_strlen(text, equals - text);
    struct tree_node *parsed = tree_parse(build->tree, values, list, strlen(list), build->errors);
    struct tree_node *vary = tree_get(build->root, "vary");
    if (!vary) {
        vary = tree_mapping(build->tree, at);
        tree_append(build->tree, build->root, at, "vary", vary);
    }
    if (parsed && vary->kind == TREE_MAPPING)
        tree_put(build->tree, vary, at, path, parsed);
}

/* ---- checks ---- */

/* What a point can change: not what all points have in common. */
static bool check_path(const struct build *build, const struct tree_entry *entry)
{
    g_autofree char *first = g_strndup(entry->key, strcspn(entry->key, "."));

    if (block_param(&system_block, first) || block_part(&system_block, first) ||
        strcmp(first, "duration") == 0 || strcmp(first, "systems") == 0)
        return true;
    scenario_errors_add(build->errors, entry->at,
                        "\"%s\" cannot be varied; a path begins with duration, systems or the name "
                        "of a system's block",
                        entry->key);
    return false;
}

static bool check_values(const struct build *build, const struct tree_entry *entry)
{
    const struct tree_node *list = entry->node;
    GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool right = list->kind == TREE_SEQUENCE && tree_count(list) > 0;

    if (!right)
        scenario_errors_add(build->errors, list->at, "%s must be a list of values, not %s",
                            entry->key,
                            list->kind == TREE_SEQUENCE ? "an empty one" : tree_kind_name(list));
    for (guint i = 0; right && i < tree_count(list); i++) {
        const struct tree_node *value = tree_entry(list, i)->node;
        char *text = value_text(value);

        if (g_hash_table_contains(seen, text)) {
            scenario_errors_add(build->errors, value->at, "%s has the value %s twice", entry->key,
                                text);
            right = false;
        }
        g_hash_table_add(seen, text);
    }
    g_hash_table_unref(seen);
    return right;
}

/* A path that is both set and varied would silently take the varied values. */
static bool check_sets(const struct build *build, const struct tree_node *vary)
{
    const char *const *sets = build->options->sets;
    bool right = true;

    for (guint i = 0; sets && sets[i]; i++) {
        g_autofree char *path = g_strndup(sets[i], strcspn(sets[i], "="));
        g_autofree char *source = g_strdup_printf("--set %s", path);

        if (!tree_find(vary, path))
            continue;
        scenario_errors_add(build->errors, tree_source(build->tree, source),
                            "%s is varied; write --vary %s", path, sets[i]);
        right = false;
    }
    return right;
}

static bool check_count(const struct build *build, const struct tree_node *vary)
{
    guint64 count = 1;

    for (guint i = 0; i < tree_count(vary) && count <= SWEEP_POINTS_MAX; i++)
        count *= values_of(vary, i);
    if (count > SWEEP_POINTS_MAX)
        scenario_errors_add(build->errors, vary->at, "vary has more than %d points",
                            SWEEP_POINTS_MAX);
    return count <= SWEEP_POINTS_MAX;
}

struct tree_node *sweep_read(struct build *build)
{
    const char *const *options = build->options->varies;
    bool right = true;

    for (guint i = 0; options && options[i]; i++)
        add_option(build, options[i]);
    struct tree_node *vary = tree_get(build->root, "vary");
    if (!vary || (vary->kind == TREE_MAPPING && tree_count(vary) == 0))
        return NULL;
    if (vary->kind != TREE_MAPPING) {
        scenario_errors_add(build->errors, vary->at,
                            "vary must be a mapping of paths to lists of values, not %s",
                            tree_kind_name(vary));
        return NULL;
    }
    for (guint i = 0; i < tree_count(vary); i++) {
        right &= check_path(build, tree_entry(vary, i));
        right &= check_values(build, tree_entry(vary, i));
    }
    right &= check_sets(build, vary);
    return right && check_count(build, vary) ? vary : NULL;
}
