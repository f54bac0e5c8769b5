#include "support/network.h"

#include <check.h>
#include <stdio.h>

#include <mtpsim/queue.h>
#include <mtpsim/selector.h>
#include <mtpsim/workload.h>

extern const struct sim_queue_ops ecn_threshold_queue;
extern const struct sim_selector_ops ecmp_selector;
extern const struct sim_workload_ops long_flow_workload;

static void network_choose_models(struct network *network)
{
    struct spec *spec = &network->spec;
    network->queue = (struct network_queue){
        .capacity = {.value = 1000, .packets = true, .set = true},
        .mark_at = {.value = 20, .packets = true, .set = true},
    };
    network->generator = (struct generator_params){.window = 10, .packet_bytes = 1500};
    network->flows =
        (struct network_flows){.from = {network->from, 0}, .to = {network->to, 0}, .flows = 1};
    network->workload = (struct sim_model){&long_flow_workload.plugin, &network->flows};
    network->selector = (struct sim_model){&ecmp_selector.plugin, NULL};
    spec->queue = (struct sim_model){&ecn_threshold_queue.plugin, &network->queue};
    spec->transport = (struct sim_model){&generator_transport.plugin, &network->generator};
    spec->workloads = &network->workload;
    spec->workload_count = 1;
    spec->selectors = &network->selector;
    spec->selector_count = 1;
}

void network_init(struct network *network, uint32_t hosts, uint32_t switches)
{
    *network = (struct network){
        .spec = {.system = "test",
                 .seed = 1,
                 .duration = SIM_MS,
                 .host_count = hosts,
                 .node_count = hosts + switches,
                 .mtu_bytes = 1500,
                 .merge_below = 100 * SIM_NS,
                 .merge_at_most = 1},
    };
    ck_assert_uint_le(hosts + switches, NETWORK_NODES_MAX);
    for (uint32_t i = 0; i < hosts + switches; i++) {
        snprintf(network->name_text[i], sizeof network->name_text[i], "n%u", i);
        network->names[i] = network->name_text[i];
    }
    network->spec.node_names = network->names;
    network->spec.links = network->links;
    network_choose_models(network);
}

struct spec_link *network_link(struct network *network, uint32_t a, uint32_t b, uint64_t gbps,
                               sim_time delay)
{
    ck_assert_uint_lt(network->spec.link_count, NETWORK_LINKS_MAX);
    struct spec_link *link = &network->links[network->spec.link_count++];
    *link = (struct spec_link){
        .name = "link", .ends = {a, b}, .rate_bps = gbps * 1000000000u, .delay = delay};
    return link;
}

void network_flow(struct network *network, uint32_t from, uint32_t to)
{
    uint32_t at = network->flows.from.count++;
    network->flows.to.count++;
    network->from[at] = from;
    network->to[at] = to;
}

void network_dumbbell(struct network *network, uint32_t senders, uint64_t gbps, sim_time delay)
{
    uint32_t left = 2 * senders, right = left + 1;
    network_init(network, 2 * senders, 2);
    for (uint32_t i = 0; i < senders; i++) {
        network_link(network, i, left, gbps, delay);
        network_link(network, senders + i, right, gbps, delay);
        network_flow(network, i, senders + i);
    }
    network_link(network, left, right, gbps, delay);
}

void network_square(struct network *network)
{
    network_init(network, 8, 4);
    for (uint32_t host = 0; host < 8; host++) {
        network_link(network, host, 8 + host / 2, 100, (500 + 37 * host) * SIM_NS);
        network_flow(network, host, (host + 4) % 8);
    }
    for (uint32_t i = 0; i < 4; i++)
        network_link(network, 8 + i, 8 + (i + 1) % 4, 40 + 20 * i, (300 + 111 * i) * SIM_NS);
}

struct simulation *network_build(struct network *network)
{
    GError *error = NULL;
    struct simulation *simulation = simulation_new(&network->spec, &error);
    ck_assert_msg(simulation != NULL, "%s", error ? error->message : "no error given");
    return simulation;
}
