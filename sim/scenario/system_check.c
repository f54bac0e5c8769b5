/* What is wrong between the blocks of a system, each of which is right. */
#include <string.h>

#include "scenario/blocks.h"
#include "scenario/system.h"
#include "scenario/units.h"

#define SAMPLES_MAX 10000000 /* of a series: 100 MB as CSV, and so a mistake */

/* ---- topology ---- */

/* Names of a list that another of the same list, or of `before`, has already. */
static void check_duplicates(const struct scope *scope, const char *what,
                             const struct tree_node *list, GHashTable *seen)
{
    for (guint i = 0; i < tree_count(list); i++) {
        const struct tree_node *item = tree_entry(list, i)->node;
        const struct tree_node *name = item->kind == TREE_MAPPING ? tree_get(item, "name") : item;

        if (!name || name->kind != TREE_SCALAR)
            continue;
        const struct tree_node *first = g_hash_table_lookup(seen, name->text);
        if (first && first != name)
            scenario_errors_add(scope->errors, name->at,
                                "duplicate %s \"%s\"; the first is at %u:%u", what, name->text,
                                first->at.line, first->at.column);
        else
            g_hash_table_insert(seen, (char *)name->text, (void *)(uintptr_t)name);
    }
}

static void check_nodes(const struct scope *scope, const struct tree_node *topology)
{
    const struct tree_node *hosts = tree_get(topology, "hosts");
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    check_duplicates(scope, "host", hosts, seen);
    check_duplicates(scope, "switch", tree_get(topology, "switches"), seen);
    g_hash_table_unref(seen);
    if (hosts && hosts->kind == TREE_SEQUENCE && tree_count(hosts) < 2)
        scenario_errors_add(scope->errors, hosts->at, "a network needs at least two hosts");
}

static void check_link(const struct scope *scope, const struct tree_node *link)
{
    const struct tree_node *name = tree_get(link, "name");

    if (name && name->kind == TREE_SCALAR && !tree_is_null(name) && !tree_is(name, "none"))
        name_check(scope, "link", name->text, name->at);
}

/* A host's NIC is its one link. */
static void check_host_links(const struct scope *scope, const struct tree_node *topology)
{
    const struct names *names = scope->names;
    const struct tree_node *hosts = tree_get(topology, "hosts");
    guint *links = g_new0(guint, names->nodes->len + 1);

    for (guint i = 0; i < 2 * names->ends->len; i++) {
        uint32_t node = g_array_index(names->ends, uint32_t, i);
        links[node == NAME_ABSENT ? names->nodes->len : node]++;
    }
    for (guint i = 0; i < tree_count(hosts); i++) {
        const struct tree_node *host = tree_entry(hosts, i)->node;
        uint32_t node = host->kind == TREE_SCALAR ? names_node(names, host->text) : NAME_ABSENT;

        if (node != NAME_ABSENT && links[node] != 1)
            scenario_errors_add(scope->errors, host->at,
                                "host \"%s\" has %u links; a host has exactly one", host->text,
                                links[node]);
    }
    g_free(links);
}

static void check_topology(const struct scope *scope, const struct tree_node *topology)
{
    const struct tree_node *links = tree_get(topology, "links");
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    check_nodes(scope, topology);
    for (guint i = 0; i < tree_count(links); i++)
        check_link(scope, tree_entry(links, i)->node);
    check_duplicates(scope, "link", links, seen);
    g_hash_table_unref(seen);
    if (scope->names)
        check_host_links(scope, topology);
}

/* ---- selectors ---- */

/* The switch of a selector; "" when it is for all switches that have none of their own; NULL when
 * it cannot be told. */
static const char *selector_switch(const struct scope *scope, const struct tree_node *model)
{
    struct tree_node *params;
    const struct sim_plugin *plugin = model_of(scope->registry, SIM_SELECTOR, model, &params);

    if (!plugin)
        return NULL;
    const struct block block = block_of_model(plugin);
    return block_param(&block, "at") ? tree_text(params, "at") : "";
}

/* Where nothing else is said, ecmp; and one selector a switch. */
static void check_selectors(const struct scope *scope, struct tree_node *list)
{
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < tree_count(list); i++) {
        const struct tree_node *model = tree_entry(list, i)->node;
        const char *at = selector_switch(scope, model);

        if (at && !g_hash_table_add(seen, (char *)at))
            scenario_errors_add(scope->errors, tree_entry(list, i)->at,
                                "a second selector for %s%s", *at ? "switch " : "all switches", at);
    }
    bool common = g_hash_table_contains(seen, "");
    g_hash_table_unref(seen);
    if (common || !registry_find(scope->registry, SIM_SELECTOR, "ecmp"))
        return;
    struct tree_node *ecmp = tree_scalar(scope->tree, list->at, "ecmp");
    tree_append(scope->tree, list, list->at, NULL, ecmp);
    model_check(scope, "selector", SIM_SELECTOR, ecmp);
}

/* ---- pathlets, tenants, measure ---- */

static bool is_labelled(const struct tree_node *links, uint64_t id)
{
    for (guint i = 0; i < tree_count(links); i++) {
        const struct tree_node *link = tree_entry(links, i)->node;
        const char *labels[] = {tree_text(link, "pathlet"), tree_text(link, "pathlet_back")};

        for (guint j = 0; j < G_N_ELEMENTS(labels); j++)
            if (labels[j] && g_ascii_strtoull(labels[j], NULL, 10) == id)
                return true;
    }
    return false;
}

static void check_pathlets(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *pathlets = tree_get(blocks, "pathlets");
    const struct tree_node *links = tree_get(tree_get(blocks, "topology"), "links");

    for (guint i = 0; pathlets && pathlets->kind == TREE_MAPPING && i < tree_count(pathlets); i++) {
        const struct tree_entry *entry = tree_entry(pathlets, i);
        struct quantity id;
        char *problem = units_parse(SIM_PARAM_COUNT, entry->key, &id);

        if (problem || id.base < 1 || id.base > UINT32_MAX || *entry->key == '0')
            scenario_errors_add(scope->errors, entry->at,
                                "pathlet ID is %s; it must be between 1 and 4294967295",
                                entry->key);
        else if (links && !is_labelled(links, id.base))
            scenario_errors_add(scope->errors, entry->at, "no link has the pathlet %s", entry->key);
        g_free(problem);
    }
}

static void check_tenant_hosts(const struct scope *scope, const struct tree_entry *tenant,
                               GHashTable *owners)
{
    const struct tree_node *from = tree_get(tenant->node, "from");
    guint count = from && from->kind == TREE_SCALAR ? 1 : tree_count(from);

    for (guint i = 0; i < count; i++) {
        const struct tree_node *host = from->kind == TREE_SCALAR ? from : tree_entry(from, i)->node;

        if (host->kind != TREE_SCALAR)
            continue;
        const char *owner = g_hash_table_lookup(owners, host->text);
        if (owner && owner != tenant->key)
            scenario_errors_add(scope->errors, host->at, "\"%s\" is tenant %s's already",
                                host->text, owner);
        g_hash_table_insert(owners, (char *)host->text, (char *)tenant->key);
    }
}

static void check_tenants(const struct scope *scope, const struct tree_node *tenants)
{
    GHashTable *owners = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; tenants && tenants->kind == TREE_MAPPING && i < tree_count(tenants); i++) {
        const struct tree_entry *tenant = tree_entry(tenants, i);

        /* Part of metrics' names in expectations. */
        if (tenant->key[strspn(tenant->key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")] ||
            *tenant->key == '\0')
            scenario_errors_add(scope->errors, tenant->at,
                                "tenant name \"%s\" is not allowed; use letters, digits and \"_\"",
                                tenant->key);
        check_tenant_hosts(scope, tenant, owners);
    }
    g_hash_table_unref(owners);
}

/* The time that a key has; 0 when it cannot be told. */
static uint64_t time_of(const struct tree_node *mapping, const char *key)
{
    const char *text = tree_text(mapping, key);
    struct quantity quantity = {0};

    if (text)
        g_free(units_parse(SIM_PARAM_TIME, text, &quantity));
    return quantity.base;
}

static void check_measure(const struct scope *scope, const struct tree_node *measure,
                          uint64_t duration)
{
    static const char *const series[] = {"throughput", "queues", "windows"};

    if (duration && time_of(measure, "after") >= duration)
        scenario_errors_add(scope->errors, tree_get(measure, "after")->at,
                            "after is %s; it must be before the end (duration)",
                            tree_text(measure, "after"));
    for (guint i = 0; i < G_N_ELEMENTS(series); i++) {
        const struct tree_node *block = tree_get(measure, series[i]);
        uint64_t every = time_of(block, "every");

        if (every && duration / every > SAMPLES_MAX)
            scenario_errors_add(scope->errors, tree_get(block, "every")->at,
                                "every is %s, which gives %" G_GUINT64_FORMAT
                                " samples; at most %u are allowed",
                                tree_text(block, "every"), duration / every, SAMPLES_MAX);
    }
}

/* ---- all ---- */

void system_check(const struct scope *scope, const struct system *system, uint64_t duration)
{
    const struct scope own = {scope->tree, scope->errors, scope->registry, system->names};
    struct block block = system_block;
    struct tree_node *topology = tree_get(system->blocks, "topology");
    struct tree_node *selectors = tree_get(system->blocks, "selector");

    block.name = system->name;
    block_check_entries(&own, &block, system->blocks);
    block_fill(&own, &block, system->blocks, system->at);
    if (topology && topology->kind == TREE_MAPPING)
        check_topology(&own, topology);
    if (selectors && selectors->kind == TREE_SEQUENCE)
        check_selectors(&own, selectors);
    check_pathlets(&own, system->blocks);
    check_tenants(&own, tree_get(system->blocks, "tenants"));
    check_measure(&own, tree_get(system->blocks, "measure"), duration);
}
