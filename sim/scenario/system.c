/* From a system's checked blocks to the spec that the engine builds. */
#include "scenario/system.h"

#include <string.h>

#include "scenario/blocks.h"
#include "scenario/generators.h"
#include "scenario/granularity.h"
#include "scenario/units.h"

static struct spec_link link_of(const struct generated_link *link, const uint32_t ends[2])
{
    return (struct spec_link){
        .name = link->name,
        .ends = {ends[0], ends[1]},
        .rate_bps = link->rate_bps,
        .delay = link->delay,
        .loss = link->loss,
        .pathlet = link->pathlet,
        .pathlet_back = link->pathlet_back,
    };
}

/* Pathlets by the word of the topology, on links that are not a generator's. */
static void label_links(const struct scope *scope, enum granularity granularity, guint first,
                        struct spec_link *all, guint count)
{
    const struct names *names = scope->names;
    struct granularity_links links = {(const uint32_t *)names->ends->data, count, first,
                                      names->hosts->len, names->nodes->len};
    g_autofree uint32_t *labels = g_new0(uint32_t, 2 * (gsize)count + 1);

    for (guint i = 0; i < count; i++) {
        labels[2 * i] = all[i].pathlet;
        labels[2 * i + 1] = all[i].pathlet_back;
    }
    granularity_label(granularity, &links, labels);
    for (guint i = 0; i < count; i++) {
        all[i].pathlet = labels[2 * i];
        all[i].pathlet_back = labels[2 * i + 1];
    }
}

static void load_links(const struct scope *scope, const struct tree_node *topology,
                       enum granularity granularity, struct memory *memory, struct spec *spec)
{
    const struct tree_node *list = tree_get(topology, "links");
    const struct generated *made = scope->names->generated;
    guint first = made ? made->links->len : 0;
    struct spec_link *links =
        memory_take_zeroed(memory, (first + tree_count(list)) * sizeof *links);

    for (guint i = 0; i < first; i++)
        links[i] = link_of(&g_array_index(made->links, struct generated_link, i),
                           &g_array_index(scope->names->ends, uint32_t, 2 * (gsize)i));
    for (guint i = 0; i < tree_count(list); i++) {
        const struct link_params *params =
            load_block(scope, &link_block, tree_entry(list, i)->node, memory);

        links[first + i] = (struct spec_link){
            .name = params->name,
            .ends = {params->ends.items[0], params->ends.items[1]},
            .rate_bps = params->rate_bps,
            .delay = params->delay,
            .loss = params->loss,
            .pathlet = (uint32_t)params->pathlet,
            .pathlet_back = (uint32_t)params->pathlet_back,
            .queue = params->queue,
        };
    }
    spec->links = links;
    spec->link_count = first + tree_count(list);
    label_links(scope, granularity, first, links, spec->link_count);
}

static void load_topology(const struct scope *scope, const struct tree_node *topology,
                          struct memory *memory, struct spec *spec)
{
    const struct topology_params *params = load_block(scope, &topology_block, topology, memory);
    const GPtrArray *nodes = scope->names->nodes;
    const char **names = memory_take_zeroed(memory, nodes->len * sizeof *names);

    for (guint i = 0; i < nodes->len; i++)
        names[i] = g_ptr_array_index(nodes, i);
    spec->node_names = names;
    spec->node_count = nodes->len;
    spec->host_count = scope->names->hosts->len;
    spec->mtu_bytes = (uint16_t)params->mtu_bytes;
    load_links(scope, topology, params->pathlets, memory, spec);
}

static const struct sim_model *load_models(const struct scope *scope, enum sim_kind kind,
                                           const struct tree_node *list, struct memory *memory,
                                           uint32_t *count)
{
    struct sim_model *models = memory_take_zeroed(memory, tree_count(list) * sizeof *models);

    *count = tree_count(list);
    for (guint i = 0; i < *count; i++)
        models[i] = load_model(scope, kind, tree_entry(list, i)->node, memory);
    return models;
}

static void load_pathlets(const struct scope *scope, const struct tree_node *mapping,
                          struct memory *memory, struct spec *spec)
{
    struct spec_pathlet *pathlets =
        memory_take_zeroed(memory, tree_count(mapping) * sizeof *pathlets);

    for (guint i = 0; i < tree_count(mapping); i++) {
        const struct tree_entry *entry = tree_entry(mapping, i);
        const struct pathlet_params *params =
            load_block(scope, &pathlet_block, entry->node, memory);

        pathlets[i].id = (uint32_t)g_ascii_strtoull(entry->key, NULL, 10);
        pathlets[i].congestion = params->congestion;
        pathlets[i].end_host = params->end_host;
        pathlets[i].aggregate = params->aggregate;
    }
    spec->pathlets = pathlets;
    spec->pathlet_count = tree_count(mapping);
}

static void load_tenants(const struct scope *scope, const struct tree_node *mapping,
                         struct memory *memory, struct spec *spec)
{
    struct spec_tenant *tenants = memory_take_zeroed(memory, tree_count(mapping) * sizeof *tenants);

    for (guint i = 0; i < tree_count(mapping); i++) {
        const struct tree_entry *entry = tree_entry(mapping, i);
        const struct tenant_params *params = load_block(scope, &tenant_block, entry->node, memory);

        uint64_t first, last;

        range_parse(params->ports, &first, &last);
        tenants[i] = (struct spec_tenant){
            .name = entry->key,
            .from = params->from,
            .first_port = (uint16_t)first,
            .last_port = (uint16_t)last,
            .weight = params->weight,
        };
    }
    spec->tenants = tenants;
    spec->tenant_count = tree_count(mapping);
}

static struct spec_event event_of(const struct event_params *params)
{
    struct spec_event event = {.at = params->at, .change = SPEC_EVENT_UP};

    if (params->restart) {
        event.change = SPEC_EVENT_RESTART;
        event.device = params->device;
    } else if (params->host != NAME_ABSENT) {
        event.change = SPEC_EVENT_SLOW;
        event.host = params->host;
        event.slowdown = params->slowdown;
    } else if (params->down) {
        event.change = SPEC_EVENT_DOWN;
    } else if (params->rate_bps) {
        event.change = SPEC_EVENT_RATE;
        event.rate_bps = params->rate_bps;
    } else if (!params->up) {
        event.change = SPEC_EVENT_LOSS;
        event.loss = params->loss;
    }
    return event;
}

/* One of the list can name several links, a device or a host. */
static void load_events(const struct scope *scope, const struct tree_node *list,
                        struct memory *memory, struct spec *spec)
{
    struct spec_event *events = NULL;

    for (guint i = 0; i < tree_count(list); i++) {
        const struct event_params *params =
            load_block(scope, &event_block, tree_entry(list, i)->node, memory);
        uint32_t first = spec->event_count, count = MAX(params->link.count, 1);

        spec->event_count += count;
        events = memory_resize(memory, events, spec->event_count * sizeof *events);
        for (uint32_t link = 0; link < count; link++) {
            events[first + link] = event_of(params);
            if (params->link.count)
                events[first + link].link = params->link.items[link];
        }
    }
    spec->events = events;
}

static void load_pfc(const struct scope *scope, const struct tree_node *mapping,
                     struct memory *memory, struct spec *spec)
{
    if (!mapping)
        return;
    const struct pfc_params *params = load_block(scope, &pfc_block, mapping, memory);
    uint64_t two_packets = 2 * (uint64_t)spec->mtu_bytes;

    spec->pfc = (struct spec_pfc){
        .links = params->links,
        .xoff_bytes = params->xoff_bytes,
        .xon_bytes = params->xoff_bytes > two_packets ? params->xoff_bytes - two_packets : 0,
        .headroom_bytes = params->headroom.set ? params->headroom.value : UINT64_MAX,
        .classes = (uint32_t)params->classes,
    };
    if (params->xon.set)
        spec->pfc.xon_bytes = params->xon.value;
}

static struct every_params load_every(const struct scope *scope, const struct block *block,
                                      const struct tree_node *measure, struct memory *memory)
{
    const struct tree_node *mapping = tree_get(measure, block->name);
    struct every_params none = {0};

    return mapping ? *(const struct every_params *)load_block(scope, block, mapping, memory) : none;
}

static void load_packets(const struct scope *scope, const struct tree_node *measure,
                         struct memory *memory, struct spec *spec)
{
    const struct tree_node *mapping = tree_get(measure, packets_block.name);
    const struct packets_params *params;

    if (!mapping)
        return;
    params = load_block(scope, &packets_block, mapping, memory);
    spec->trace_hosts = params->between;
    spec->trace_from = params->from;
    spec->trace_until = params->until;
}

static void load_measure(const struct scope *scope, const struct tree_node *measure,
                         struct memory *memory, struct spec *spec)
{
    const struct measure_params *params = load_block(scope, &measure_block, measure, memory);
    struct every_params queues = load_every(scope, &queues_block, measure, memory);

    spec->measure_after = params->after;
    spec->messages = params->messages;
    spec->throughput_every = load_every(scope, &throughput_block, measure, memory).every;
    spec->windows_every = load_every(scope, &windows_block, measure, memory).every;
    spec->buffers_every = load_every(scope, &buffers_block, measure, memory).every;
    spec->queues_every = queues.every;
    spec->queue_links = queues.links;
    load_packets(scope, measure, memory, spec);
}

struct spec *system_spec(const struct scope *scope, const struct system *system,
                         struct memory *memory)
{
    struct spec *spec = memory_take_zeroed(memory, sizeof *spec);
    const struct scope own = {scope->tree, scope->errors, scope->registry, system->names};
    const struct tree_node *blocks = system->blocks;
    const struct system_params *params = load_block(&own, &system_block, blocks, memory);
    const struct engine_params *engine =
        load_block(&own, &engine_block, tree_get(blocks, "engine"), memory);

    spec->system = system->name;
    spec->queue = params->queue;
    spec->transport = params->transport;
    load_topology(&own, tree_get(blocks, "topology"), memory, spec);
    spec->selectors = load_models(&own, SIM_SELECTOR, tree_get(blocks, "selector"), memory,
                                  &spec->selector_count);
    spec->workloads = load_models(&own, SIM_WORKLOAD, tree_get(blocks, "workload"), memory,
                                  &spec->workload_count);
    spec->policies =
        load_models(&own, SIM_POLICY, tree_get(blocks, "policy"), memory, &spec->policy_count);
    spec->offloads =
        load_models(&own, SIM_OFFLOAD, tree_get(blocks, "offloads"), memory, &spec->offload_count);
    load_pathlets(&own, tree_get(blocks, "pathlets"), memory, spec);
    load_tenants(&own, tree_get(blocks, "tenants"), memory, spec);
    load_events(&own, tree_get(blocks, "events"), memory, spec);
    load_pfc(&own, tree_get(blocks, pfc_block.name), memory, spec);
    load_measure(&own, tree_get(blocks, "measure"), memory, spec);
    spec->window = engine->window;
    spec->merge_below = engine->merge_below;
    spec->merge_at_most = engine->merge_at_most;
    return spec;
}
