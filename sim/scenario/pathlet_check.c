#include "scenario/pathlet_check.h"

#include "scenario/generators.h"
#include "scenario/granularity.h"
#include "scenario/system.h"
#include "scenario/units.h"

static bool is_labelled_device(const struct scope *scope, const struct tree_node *offloads,
                               uint64_t id)
{
    for (guint i = 0; offloads && i < tree_count(offloads); i++) {
        const struct tree_node *params;
        const char *label = NULL;

        if (system_device_name(scope, tree_entry(offloads, i)->node, &params))
            label = tree_text(params, "pathlet");
        if (label && g_ascii_strtoull(label, NULL, 10) == id)
            return true;
    }
    return false;
}

/* The labels of all links, as loading will give them, two a link; NULL while that cannot be told.
 */
static GArray *pathlet_labels(const struct scope *scope, const struct tree_node *topology)
{
    const struct names *names = scope->names;
    const struct tree_node *list = tree_get(topology, "links");
    const char *word = tree_text(topology, "pathlets");

    if (!names || !list)
        return NULL;
    for (guint i = 0; i < 2 * names->ends->len; i++)
        if (g_array_index(names->ends, uint32_t, i) == NAME_ABSENT)
            return NULL;
    guint count = names->ends->len, first = names->generated ? names->generated->links->len : 0;
    GArray *labels = g_array_sized_new(FALSE, TRUE, sizeof(uint32_t), 2 * count);
    g_array_set_size(labels, 2 * count);
    uint32_t *label = (uint32_t *)labels->data;
    for (guint i = 0; i < first; i++) {
        const struct generated_link *link =
            &g_array_index(names->generated->links, struct generated_link, i);

        label[2 * i] = link->pathlet;
        label[2 * i + 1] = link->pathlet_back;
    }
    for (guint i = first; i < count; i++) {
        const struct tree_node *link = tree_entry(list, i - first)->node;
        const char *own = tree_text(link, "pathlet"), *back = tree_text(link, "pathlet_back");

        label[2 * i] = own ? (uint32_t)g_ascii_strtoull(own, NULL, 10) : 0;
        label[2 * i + 1] = back ? (uint32_t)g_ascii_strtoull(back, NULL, 10) : 0;
    }
    struct granularity_links links = {(const uint32_t *)names->ends->data, count, first,
                                      names->hosts->len, names->nodes->len};
    granularity_label(word ? granularity_of(word) : GRANULARITY_NONE, &links, label);
    return labels;
}

/* Whether a link has it; true as well while that cannot be told. */
static bool is_labelled(const GArray *labels, uint64_t id)
{
    bool found = labels == NULL;

    for (guint i = 0; labels && i < labels->len && !found; i++)
        found = g_array_index(labels, uint32_t, i) == id;
    return found;
}

void pathlets_check(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *pathlets = tree_get(blocks, "pathlets");
    GArray *labels = pathlets ? pathlet_labels(scope, tree_get(blocks, "topology")) : NULL;

    for (guint i = 0; pathlets && pathlets->kind == TREE_MAPPING && i < tree_count(pathlets); i++) {
        const struct tree_entry *entry = tree_entry(pathlets, i);
        struct quantity id;
        char *problem = units_parse(SIM_PARAM_COUNT, entry->key, &id);

        if (problem || id.base < 1 || id.base > UINT32_MAX || *entry->key == '0')
            scenario_errors_add(scope->errors, entry->at,
                                "pathlet ID is %s; it must be between 1 and 4294967295",
                                entry->key);
        else if (!is_labelled(labels, id.base) &&
                 !is_labelled_device(scope, tree_get(blocks, "offloads"), id.base))
            scenario_errors_add(scope->errors, entry->at,
                                "no link and no device has the pathlet %s", entry->key);
        g_free(problem);
    }
    if (labels)
        g_array_unref(labels);
}
