/* Names of nodes and links. Collected before any check, and from wrong topologies too, so that one
 * mistake in a link does not make every reference an error. */
#include "scenario/names.h"

#include <string.h>

#include "scenario/generators.h"

static const char *scalar(const struct tree_node *node)
{
    return node && node->kind == TREE_SCALAR && *node->text ? node->text : NULL;
}

static void add_node(struct names *names, GPtrArray *kind, const char *name)
{
    g_ptr_array_add(kind, (char *)name);
    if (!g_hash_table_contains(names->node_index, name))
        g_hash_table_insert(names->node_index, (char *)name,
                            GUINT_TO_POINTER(names->nodes->len + 1));
    g_ptr_array_add(names->nodes, (char *)name);
}

static void collect_nodes(struct names *names, const GPtrArray *generated,
                          const struct tree_node *list, GPtrArray *kind)
{
    for (guint i = 0; generated && i < generated->len; i++)
        add_node(names, kind, g_ptr_array_index(generated, i));
    for (guint i = 0; i < tree_count(list); i++) {
        const char *name = scalar(tree_entry(list, i)->node);

        if (name)
            add_node(names, kind, name);
    }
}

/* A link without a name is called after its ends. */
static void name_link(struct tree *tree, struct tree_node *link, const struct tree_node *ends)
{
    const struct tree_entry *given = tree_find(link, "name");

    if (link->kind != TREE_MAPPING || tree_count(ends) != 2 ||
        (given && !tree_is(given->node, "none")))
        return;
    const char *first = scalar(tree_entry(ends, 0)->node);
    const char *second = scalar(tree_entry(ends, 1)->node);
    if (!first || !second)
        return;
    char *name = g_strdup_printf("%s-%s", first, second);
    struct tree_entry entry = {"name", link->at, tree_scalar(tree, link->at, name)};
    tree_remove(link, "name");
    g_array_prepend_val(link->entries, entry);
    g_free(name);
}

static void add_link(struct names *names, const char *name, const uint32_t nodes[2])
{
    if (*name && !g_hash_table_contains(names->link_index, name))
        g_hash_table_insert(names->link_index, (char *)name,
                            GUINT_TO_POINTER(names->links->len + 1));
    g_ptr_array_add(names->links, (char *)name);
    g_array_append_vals(names->ends, nodes, 1);
}

static void collect_generated_links(struct names *names)
{
    const GArray *links = names->generated ? names->generated->links : NULL;

    for (guint i = 0; links && i < links->len; i++) {
        const struct generated_link *link = &g_array_index(links, struct generated_link, i);
        uint32_t nodes[2];

        for (guint end = 0; end < 2; end++)
            nodes[end] = link->ends[end] & GENERATED_SWITCH
                             ? names->hosts->len + (link->ends[end] & ~GENERATED_SWITCH)
                             : link->ends[end];
        add_link(names, link->name, nodes);
    }
}

static void collect_link(struct names *names, struct tree *tree, struct tree_node *link)
{
    const struct tree_node *ends = tree_get(link, "ends");
    uint32_t nodes[2] = {NAME_ABSENT, NAME_ABSENT};

    name_link(tree, link, ends);
    for (guint i = 0; i < 2 && i < tree_count(ends); i++) {
        const char *end = scalar(tree_entry(ends, i)->node);

        if (end)
            nodes[i] = names_node(names, end);
    }
    const char *name = scalar(tree_get(link, "name"));
    add_link(names, name ? name : "", nodes);
}

struct names *names_collect(struct tree *tree, struct tree_node *topology,
                            struct generated *generated)
{
    struct names *names = g_new0(struct names, 1);
    const struct tree_node *links = tree_get(topology, "links");

    names->hosts = g_ptr_array_new();
    names->switches = g_ptr_array_new();
    names->nodes = g_ptr_array_new();
    names->links = g_ptr_array_new();
    names->node_index = g_hash_table_new(g_str_hash, g_str_equal);
    names->link_index = g_hash_table_new(g_str_hash, g_str_equal);
    names->ends = g_array_new(FALSE, FALSE, sizeof(uint32_t[2]));
    names->generated = generated;
    collect_nodes(names, generated ? generated->hosts : NULL, tree_get(topology, "hosts"),
                  names->hosts);
    collect_nodes(names, generated ? generated->switches : NULL, tree_get(topology, "switches"),
                  names->switches);
    collect_generated_links(names);
    for (guint i = 0; i < tree_count(links); i++)
        collect_link(names, tree, tree_entry(links, i)->node);
    return names;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    g_ptr_array_unref(names->hosts);
    g_ptr_array_unref(names->switches);
    g_ptr_array_unref(names->nodes);
    g_ptr_array_unref(names->links);
    g_hash_table_unref(names->node_index);
    g_hash_table_unref(names->link_index);
    g_array_unref(names->ends);
    generated_free(names->generated);
    g_free(names);
}

static uint32_t look_up(GHashTable *table, const char *name)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, name)) - 1;
}

uint32_t names_node(const struct names *names, const char *name)
{
    return look_up(names->node_index, name);
}

uint32_t names_link(const struct names *names, const char *name)
{
    return look_up(names->link_index, name);
}

const GPtrArray *names_of_type(const struct names *names, enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_HOST:
    case SIM_PARAM_HOSTS:
        return names->hosts;
    case SIM_PARAM_SWITCH:
        return names->switches;
    case SIM_PARAM_LINKS:
        return names->links;
    default:
        return names->nodes;
    }
}

uint32_t names_index(const struct names *names, enum sim_param_type type, const char *name)
{
    if (type == SIM_PARAM_LINKS)
        return names_link(names, name);
    uint32_t node = names_node(names, name);
    bool host = node < names->hosts->len;

    if (node == NAME_ABSENT || (type == SIM_PARAM_SWITCH && host))
        return NAME_ABSENT;
    if ((type == SIM_PARAM_HOST || type == SIM_PARAM_HOSTS) && !host)
        return NAME_ABSENT;
    return node;
}
