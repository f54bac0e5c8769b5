#include "scenario/pathlet_check.h"

#include <mtpsim/offload.h>

#include "scenario/generators.h"
#include "scenario/granularity.h"
#include "scenario/system.h"
#include "scenario/units.h"

/* ---- devices ---- */

/* The pathlets that a device is: IDs one after another. */
struct device_label {
    const struct tree_node *where; /* of the first; NULL: it is none */
    uint64_t first;
    uint32_t count; /* 0: that cannot be told */
};

/* Parameters can be loaded when nothing is wrong. */
static uint32_t device_pathlets(const struct scope *scope, const struct tree_node *model)
{
    struct tree_node *params;
    const struct sim_plugin *plugin = model_of(scope->registry, SIM_OFFLOAD, model, &params);
    const struct sim_device_ops *ops = ((const struct sim_offload_ops *)plugin)->device;

    if (!ops->pathlets)
        return 1;
    if (scenario_errors_count(scope->errors) || !scope->names)
        return 0;
    struct memory *memory = memory_new();
    const struct block block = block_of_model(plugin);
    uint32_t count = ops->pathlets(load_block(scope, &block, params, memory));
    memory_free(memory);
    return count;
}

static struct device_label device_label(const struct scope *scope, const struct tree_node *model)
{
    struct device_label label = {0};
    const struct tree_node *params;
    const char *text = NULL;

    if (system_device_name(scope, model, &params))
        text = tree_text(params, "pathlet");
    label.first = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    if (!label.first)
        return label;
    label.where = tree_get(params, "pathlet");
    label.count = device_pathlets(scope, model);
    return label;
}

/* Whether a device but that at `except` has it; true as well while that cannot be told. */
static bool is_labelled_device(const struct scope *scope, const struct tree_node *offloads,
                               uint64_t id, guint except)
{
    for (guint i = 0; offloads && i < tree_count(offloads); i++) {
        if (i == except)
            continue;
        struct device_label label = device_label(scope, tree_entry(offloads, i)->node);

        if (label.where && (!label.count || (id >= label.first && id - label.first < label.count)))
            return true;
    }
    return false;
}

/* ---- links ---- */

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

/* ---- both ---- */

/* The first ID of a device is its scenario's word, and may be that of others on purpose; those
 * after it are nobody's word. */
static void check_device(const struct scope *scope, const struct tree_node *blocks, guint place)
{
    const struct tree_node *offloads = tree_get(blocks, "offloads");
    struct device_label label = device_label(scope, tree_entry(offloads, place)->node);

    if (label.count < 2)
        return;
    uint64_t last = label.first + label.count - 1;
    if (last > UINT32_MAX) {
        scenario_errors_add(scope->errors, label.where->at,
                            "pathlet is %" G_GUINT64_FORMAT
                            ", the first of %u; IDs end at 4294967295",
                            label.first, label.count);
        return;
    }
    GArray *labels = pathlet_labels(scope, tree_get(blocks, "topology"));
    for (uint64_t id = label.first + 1; labels && id <= last; id++)
        if (is_labelled(labels, id) || is_labelled_device(scope, offloads, id, place))
            scenario_errors_add(scope->errors, label.where->at,
                                "pathlet is %" G_GUINT64_FORMAT
                                ", the first of %u, and %" G_GUINT64_FORMAT
                                " is that of a link or of another device",
                                label.first, label.count, id);
    if (labels)
        g_array_unref(labels);
}

static void check_entry(const struct scope *scope, const struct tree_entry *entry,
                        const struct tree_node *offloads, const GArray *labels)
{
    struct quantity id;
    char *problem = units_parse(SIM_PARAM_COUNT, entry->key, &id);

    if (problem || id.base < 1 || id.base > UINT32_MAX || *entry->key == '0')
        scenario_errors_add(scope->errors, entry->at,
                            "pathlet ID is %s; it must be between 1 and 4294967295", entry->key);
    else if (!is_labelled(labels, id.base) &&
             !is_labelled_device(scope, offloads, id.base, G_MAXUINT))
        scenario_errors_add(scope->errors, entry->at, "no link and no device has the pathlet %s",
                            entry->key);
    g_free(problem);
}

void pathlets_check(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *pathlets = tree_get(blocks, "pathlets");
    const struct tree_node *offloads = tree_get(blocks, "offloads");
    GArray *labels = pathlets ? pathlet_labels(scope, tree_get(blocks, "topology")) : NULL;

    for (guint i = 0; pathlets && pathlets->kind == TREE_MAPPING && i < tree_count(pathlets); i++)
        check_entry(scope, tree_entry(pathlets, i), offloads, labels);
    for (guint i = 0; offloads && i < tree_count(offloads); i++)
        check_device(scope, blocks, i);
    if (labels)
        g_array_unref(labels);
}
