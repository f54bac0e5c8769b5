/* What is wrong between the blocks of a system, each of which is right. */
#include <mtpsim/offload.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/blocks.h"
#include "scenario/device_check.h"
#include "scenario/generators.h"
#include "scenario/mtu_check.h"
#include "scenario/pathlet_check.h"
#include "scenario/peer_check.h"
#include "scenario/references.h"
#include "scenario/system.h"
#include "scenario/units.h"

#define SAMPLES_MAX 10000000 /* of a series: 100 MB as CSV, and so a mistake */

/* ---- topology ---- */

/* Names of a list that the generator made (`made` may be NULL), or that are in `seen` already. */
static void check_duplicates(const struct scope *scope, const char *what,
                             const struct tree_node *list, GHashTable *made, GHashTable *seen)
{
    for (guint i = 0; i < tree_count(list); i++) {
        const struct tree_node *item = tree_entry(list, i)->node;
        const struct tree_node *name = item->kind == TREE_MAPPING ? tree_get(item, "name") : item;

        if (!name || name->kind != TREE_SCALAR)
            continue;
        const struct tree_node *first = g_hash_table_lookup(seen, name->text);
        if (made && g_hash_table_contains(made, name->text))
            scenario_errors_add(scope->errors, name->at,
                                "duplicate %s \"%s\"; the generator makes one", what, name->text);
        else if (first && first != name)
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
    const struct generated *generated = scope->names ? scope->names->generated : NULL;
    GHashTable *made = generated ? generated->node_names : NULL;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    check_duplicates(scope, "host", hosts, made, seen);
    check_duplicates(scope, "switch", tree_get(topology, "switches"), made, seen);
    g_hash_table_unref(seen);
    if (!generator_entry(topology) && hosts && hosts->kind == TREE_SEQUENCE &&
        tree_count(hosts) < 2)
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

/* The generator gave its hosts their link. */
static void check_generated_hosts(const struct scope *scope, const struct tree_node *link)
{
    const struct tree_node *ends = tree_get(link, "ends");

    for (guint i = 0; i < tree_count(ends); i++) {
        const struct tree_node *end = tree_entry(ends, i)->node;

        if (end->kind == TREE_SCALAR &&
            names_node(scope->names, end->text) < scope->names->generated->hosts->len)
            scenario_errors_add(scope->errors, end->at,
                                "host \"%s\" has a link already; a host has exactly one",
                                end->text);
    }
}

static void check_topology(const struct scope *scope, const struct tree_node *topology)
{
    const struct tree_node *links = tree_get(topology, "links");
    const struct generated *made = scope->names ? scope->names->generated : NULL;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    check_nodes(scope, topology);
    for (guint i = 0; i < tree_count(links); i++) {
        check_link(scope, tree_entry(links, i)->node);
        if (made)
            check_generated_hosts(scope, tree_entry(links, i)->node);
    }
    check_duplicates(scope, "link", links, made ? made->link_names : NULL, seen);
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

/* ---- tenants, measure ---- */

/* The device's name: its parameter's, or its model's; NULL when the offload is none. */
const char *system_device_name(const struct scope *scope, const struct tree_node *model,
                               const struct tree_node **params)
{
    struct tree_node *own = NULL;
    const struct sim_plugin *plugin = model_of(scope->registry, SIM_OFFLOAD, model, &own);

    *params = own;
    if (!plugin || !((const struct sim_offload_ops *)plugin)->device)
        return NULL;
    const char *name = tree_text(own, "name");
    return name && strcmp(name, "none") != 0 ? name : plugin->name;
}

struct tenant_rule {
    const struct tree_entry *tenant;
    uint64_t first_port, last_port;
    GArray *from;
};

/* What can be told of a tenant's rule; whether its ports are right. */
static bool read_rule(const struct scope *scope, const struct tree_entry *tenant,
                      struct tenant_rule *rule)
{
    const struct tree_node *from = tree_get(tenant->node, "from");
    const struct tree_node *ports = tree_get(tenant->node, "ports");

    *rule = (struct tenant_rule){tenant, 0, UINT16_MAX, NULL};
    if (from && scope->names)
        rule->from = references_list(scope->names, block_param(&tenant_block, "from"), from);
    else
        rule->from = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (!ports || ports->kind != TREE_SCALAR || tree_is_null(ports))
        return false;
    if (range_parse(ports->text, &rule->first_port, &rule->last_port) &&
        rule->last_port <= UINT16_MAX)
        return true;
    scenario_errors_add(scope->errors, ports->at,
                        "ports is \"%s\"; write FIRST..LAST, at most 65535", ports->text);
    return false;
}

/* A host that both have, where their ports meet too. */
static void check_overlap(const struct scope *scope, const struct tenant_rule *rule,
                          const struct tenant_rule *before)
{
    if (rule->first_port > before->last_port || rule->last_port < before->first_port)
        return;
    GHashTable *hosts = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (guint i = 0; i < before->from->len; i++)
        g_hash_table_add(hosts, GUINT_TO_POINTER(g_array_index(before->from, uint32_t, i)));
    for (guint i = 0; i < rule->from->len; i++) {
        uint32_t host = g_array_index(rule->from, uint32_t, i);

        if (!g_hash_table_contains(hosts, GUINT_TO_POINTER(host)))
            continue;
        scenario_errors_add(scope->errors, tree_get(rule->tenant->node, "from")->at,
                            "\"%s\" is tenant %s's already, with the same ports",
                            (const char *)g_ptr_array_index(scope->names->hosts, host),
                            before->tenant->key);
        break;
    }
    g_hash_table_unref(hosts);
}

static void rule_clear(void *data)
{
    g_array_unref(((struct tenant_rule *)data)->from);
}

static void check_rules(const struct scope *scope, const struct tree_node *tenants)
{
    GArray *rules = g_array_new(FALSE, FALSE, sizeof(struct tenant_rule));

    g_array_set_clear_func(rules, rule_clear);
    for (guint i = 0; i < tree_count(tenants); i++) {
        struct tenant_rule rule;
        bool right = read_rule(scope, tree_entry(tenants, i), &rule);

        for (guint j = 0; right && j < rules->len; j++)
            check_overlap(scope, &rule, &g_array_index(rules, struct tenant_rule, j));
        g_array_append_val(rules, rule);
    }
    g_array_unref(rules);
}

static void check_tenants(const struct scope *scope, const struct tree_node *tenants)
{
    if (!tenants || tenants->kind != TREE_MAPPING)
        return;
    for (guint i = 0; i < tree_count(tenants); i++) {
        const struct tree_entry *tenant = tree_entry(tenants, i);

        /* Part of metrics' names in expectations. */
        if (tenant->key[strspn(tenant->key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")] ||
            *tenant->key == '\0')
            scenario_errors_add(scope->errors, tenant->at,
                                "tenant name \"%s\" is not allowed; use letters, digits and \"_\"",
                                tenant->key);
    }
    check_rules(scope, tenants);
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

static void check_packets(const struct scope *scope, const struct tree_node *packets)
{
    if (packets && tree_text(packets, "until") &&
        time_of(packets, "from") >= time_of(packets, "until"))
        scenario_errors_add(scope->errors, tree_get(packets, "until")->at,
                            "until is %s; it must be after from, which is %s",
                            tree_text(packets, "until"), tree_text(packets, "from"));
}

static void check_measure(const struct scope *scope, const struct tree_node *measure,
                          uint64_t duration)
{
    static const char *const series[] = {"throughput", "queues", "windows", "buffers"};

    if (duration && time_of(measure, "after") >= duration)
        scenario_errors_add(scope->errors, tree_get(measure, "after")->at,
                            "after is %s; it must be before the end (duration)",
                            tree_text(measure, "after"));
    check_packets(scope, tree_get(measure, "packets"));
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

/* ---- events ---- */

static guint changes_of(const struct tree_node *event)
{
    static const char *const switches[] = {"down", "up", "restart"};
    static const char *const values[] = {"rate", "loss", "slowdown"};
    guint changes = 0;

    for (guint i = 0; i < G_N_ELEMENTS(switches); i++) {
        const char *value = tree_text(event, switches[i]);
        changes += value && strcmp(value, "true") == 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        const char *value = tree_text(event, values[i]);
        changes += value && strcmp(value, "none") != 0;
    }
    return changes;
}

static bool is_given(const struct tree_node *mapping, const char *key)
{
    const char *text = tree_text(mapping, key);

    return tree_get(mapping, key) && !(text && strcmp(text, "none") == 0);
}

/* What changes must be named by the key that goes with the change. */
static void check_subject(const struct scope *scope, const struct tree_node *event)
{
    static const char *const subjects[] = {"link", "device", "host"};
    const char *restart = tree_text(event, "restart"), *subject = "link";

    if (restart && strcmp(restart, "true") == 0)
        subject = "device";
    if (is_given(event, "slowdown"))
        subject = "host";
    for (guint i = 0; i < G_N_ELEMENTS(subjects); i++) {
        bool wanted = strcmp(subjects[i], subject) == 0;

        if (wanted != is_given(event, subjects[i]))
            scenario_errors_add(scope->errors, event->at, "this event %s %s",
                                wanted ? "must name its" : "has no use for a", subjects[i]);
    }
}

static void check_device(const struct scope *scope, const struct tree_node *event,
                         GPtrArray *devices)
{
    const char *name = tree_text(event, "device");

    if (!name || !is_given(event, "device") ||
        g_ptr_array_find_with_equal_func(devices, name, g_str_equal, NULL))
        return;
    char *hint = nearest_hint(name, devices);
    scenario_errors_add(scope->errors, tree_get(event, "device")->at, "no device \"%s\"%s", name,
                        hint);
    g_free(hint);
}

static void check_events(const struct scope *scope, const struct tree_node *events,
                         GPtrArray *devices, uint64_t duration)
{
    for (guint i = 0; events && events->kind == TREE_SEQUENCE && i < tree_count(events); i++) {
        const struct tree_node *event = tree_entry(events, i)->node;
        guint changes = changes_of(event);

        if (event->kind != TREE_MAPPING)
            continue;
        if (changes != 1)
            scenario_errors_add(scope->errors, event->at,
                                "an event makes one change (down: true, up: true, rate, loss, "
                                "restart: true or slowdown); this makes %u",
                                changes);
        else
            check_subject(scope, event);
        check_device(scope, event, devices);
        if (duration && time_of(event, "at") >= duration)
            scenario_errors_add(scope->errors, tree_get(event, "at")->at,
                                "at is %s; it must be before the end (duration)",
                                tree_text(event, "at"));
    }
}

/* ---- flow control ---- */

/* The bytes that a key says; false when it says none, or packets. */
static bool bytes_of(const struct scope *scope, const struct tree_node *mapping, const char *key,
                     uint64_t *bytes)
{
    const char *text = tree_text(mapping, key);
    struct quantity quantity = {0};

    if (!text || strcmp(text, "none") == 0)
        return false;
    char *problem = units_parse(SIM_PARAM_LENGTH, text, &quantity);
    if (!problem && quantity.packets)
        scenario_errors_add(scope->errors, tree_get(mapping, key)->at,
                            "%s is %s; flow control counts bytes", key, text);
    *bytes = quantity.base;
    bool known = !problem && !quantity.packets;
    g_free(problem);
    return known;
}

static void check_pfc(const struct scope *scope, const struct tree_node *pfc)
{
    uint64_t xoff, xon, headroom;
    bool both = bytes_of(scope, pfc, "xoff", &xoff);

    both = bytes_of(scope, pfc, "xon", &xon) && both;
    bytes_of(scope, pfc, "headroom", &headroom);
    if (both && xon > xoff)
        scenario_errors_add(scope->errors, tree_get(pfc, "xon")->at,
                            "xon is %s, above xoff, which is %s", tree_text(pfc, "xon"),
                            tree_text(pfc, "xoff"));
}

/* ---- policies ---- */

/* Two before one port: at the same switch, towards the same link. */
static void check_policies(const struct scope *scope, const struct tree_node *list)
{
    GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const struct sim_param links_param = {.name = "links", .type = SIM_PARAM_LINKS};

    for (guint i = 0; list->kind == TREE_SEQUENCE && i < tree_count(list); i++) {
        struct tree_node *params;
        const struct tree_node *model = tree_entry(list, i)->node;

        model_of(scope->registry, SIM_POLICY, model, &params);
        const char *at = tree_text(params, "at");
        const struct tree_node *links = tree_get(params, "links");
        if (!at || !links)
            continue;
        GArray *indexes = references_list(scope->names, &links_param, links);
        for (guint j = 0; j < indexes->len; j++) {
            uint32_t link = g_array_index(indexes, uint32_t, j);
            const char *name = g_ptr_array_index(scope->names->links, link);

            if (!g_hash_table_add(seen, g_strdup_printf("%s %u", at, link)))
                scenario_errors_add(scope->errors, links->at,
                                    "a second policy at \"%s\" towards link \"%s\"", at, name);
        }
        g_array_unref(indexes);
    }
    g_hash_table_unref(seen);
}

/* ---- all ---- */

void system_check(const struct scope *scope, const struct system *system, uint64_t duration)
{
    const struct scope own = {scope->tree, scope->errors, scope->registry, system->names};
    struct block block = system_block;
    struct tree_node *topology = tree_get(system->blocks, "topology");
    struct tree_node *selectors = tree_get(system->blocks, "selector");
    struct tree_node *policies = tree_get(system->blocks, "policy");

    block.name = system->name;
    block_check_entries(&own, &block, system->blocks);
    block_fill(&own, &block, system->blocks, system->at);
    if (topology && topology->kind == TREE_MAPPING)
        check_topology(&own, topology);
    if (selectors && selectors->kind == TREE_SEQUENCE)
        check_selectors(&own, selectors);
    mtu_check(&own, system->blocks);
    pathlets_check(&own, system->blocks);
    check_tenants(&own, tree_get(system->blocks, "tenants"));
    if (policies && own.names)
        check_policies(&own, policies);
    GPtrArray *devices = devices_check(&own, system->blocks);
    peers_check(&own, tree_get(system->blocks, "offloads"), devices);
    check_events(&own, tree_get(system->blocks, "events"), devices, duration);
    g_ptr_array_unref(devices);
    check_pfc(&own, tree_get(system->blocks, pfc_block.name));
    check_measure(&own, tree_get(system->blocks, "measure"), duration);
}
