/* seeds: median and range over seeds.
 *
 * The median, not the mean: with heavy-tailed message sizes one seed in five can be far off, and
 * with few seeds an interval of confidence would promise too much. The range says how far they lie.
 */
#include "cli/seeds.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cli/json_text.h"
#include "measure/quantile.h"

/* Makes one node of the leaves of all seeds. */
typedef JsonNode *(*seeds_leaf)(GPtrArray *leaves);

static bool seeds_is_text(GPtrArray *leaves)
{
    JsonNode *first = leaves->pdata[0];

    return first && JSON_NODE_HOLDS_VALUE(first) &&
           json_node_get_value_type(first) == G_TYPE_STRING;
}

static JsonNode *seeds_real_node(double value)
{
    JsonNode *node;

    if (!isfinite(value))
        return json_node_new(JSON_NODE_NULL);
    node = json_node_new(JSON_NODE_VALUE);
    /* Whole numbers stay so: a count is no 12.0. */
    if (value == floor(value) && fabs(value) < 0x1p53)
        json_node_set_int(node, (gint64)value);
    else
        json_node_set_double(node, value);
    return node;
}

/* The numbers of the leaves; INFINITY for null. */
static double *seeds_values(GPtrArray *leaves)
{
    double *values = g_new(double, leaves->len);

    for (guint i = 0; i < leaves->len; i++) {
        double value = json_number(leaves->pdata[i]);

        values[i] = isnan(value) ? INFINITY : value;
    }
    return values;
}

static JsonNode *seeds_median_leaf(GPtrArray *leaves)
{
    g_autofree double *values = NULL;

    if (seeds_is_text(leaves)) {
        JsonArray *list = json_array_new();

        for (guint i = 0; i < leaves->len; i++)
            json_array_add_element(list, json_node_copy(leaves->pdata[i]));
        return json_node_init_array(json_node_alloc(), list);
    }
    values = seeds_values(leaves);
    return seeds_real_node(quantile_median(values, leaves->len));
}

static JsonNode *seeds_range_leaf(GPtrArray *leaves)
{
    g_autofree double *values = seeds_values(leaves);
    JsonArray *range = json_array_new();
    double least = INFINITY, greatest = -INFINITY;

    for (guint i = 0; i < leaves->len; i++) {
        least = MIN(least, values[i]);
        greatest = MAX(greatest, values[i]);
    }
    json_array_add_element(range, seeds_real_node(least));
    json_array_add_element(range, seeds_real_node(greatest));
    return json_node_init_array(json_node_alloc(), range);
}

static JsonNode *seeds_merge(GPtrArray *nodes, seeds_leaf leaf);

/* The member or item of each node; NULL where it has none. */
static GPtrArray *seeds_children(GPtrArray *nodes, const char *name)
{
    GPtrArray *children = g_ptr_array_new();

    for (guint i = 0; i < nodes->len; i++)
        g_ptr_array_add(children, nodes->pdata[i] ? json_child(nodes->pdata[i], name) : NULL);
    return children;
}

static JsonNode *seeds_merge_objects(GPtrArray *nodes, JsonObject *shape, seeds_leaf leaf)
{
    JsonObject *merged = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *member;

    json_object_iter_init_ordered(&iter, shape);
    while (json_object_iter_next_ordered(&iter, &name, &member)) {
        g_autoptr(GPtrArray) children = seeds_children(nodes, name);

        json_object_set_member(merged, name, seeds_merge(children, leaf));
    }
    return json_node_init_object(json_node_alloc(), merged);
}

static JsonNode *seeds_merge_arrays(GPtrArray *nodes, guint length, seeds_leaf leaf)
{
    JsonArray *merged = json_array_new();

    for (guint i = 0; i < length; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        g_autoptr(GPtrArray) children = seeds_children(nodes, name);

        json_array_add_element(merged, seeds_merge(children, leaf));
    }
    return json_node_init_array(json_node_alloc(), merged);
}

/* Every summary has the same members; only lists may be longer in one than in another. */
static JsonNode *seeds_merge(GPtrArray *nodes, seeds_leaf leaf)
{
    JsonNode *shape = NULL;
    guint longest = 0;

    for (guint i = 0; i < nodes->len; i++) {
        JsonNode *node = nodes->pdata[i];

        if (node && JSON_NODE_HOLDS_ARRAY(node))
            longest = MAX(longest, json_array_get_length(json_node_get_array(node)));
        if (node && !shape)
            shape = node;
    }
    if (shape && JSON_NODE_HOLDS_OBJECT(shape))
        return seeds_merge_objects(nodes, json_node_get_object(shape), leaf);
    if (shape && JSON_NODE_HOLDS_ARRAY(shape))
        return seeds_merge_arrays(nodes, longest, leaf);
    return leaf(nodes);
}

JsonNode *seeds_combine(GPtrArray *summaries)
{
    JsonNode *median, *range;

    if (summaries->len == 1)
        return json_node_copy(summaries->pdata[0]);
    median = seeds_merge(summaries, seeds_median_leaf);
    range = seeds_merge(summaries, seeds_range_leaf);
    json_object_remove_member(json_node_get_object(range), "digest");
    json_object_remove_member(json_node_get_object(range), "cpu_seconds");
    json_object_set_member(json_node_get_object(median), "range", range);
    return median;
}
