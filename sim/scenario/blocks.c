/* The blocks of a scenario. What the format names and this version cannot do is here too, so that
 * it is refused and not ignored. */
#include "scenario/blocks.h"

#include "scenario/generators.h"
#include "scenario/granularity.h"

#define TIME_MAX 1e18 /* ps: 11 days, so that sums of times fit too */

static const struct sim_param scenario_params[] = {
    {.name = "name",
     .help = "of the scenario; results go to results/NAME",
     .offset = offsetof(struct scenario_params, name),
     .type = SIM_PARAM_STRING},
    {.name = "paper",
     .help = "figure and section that it reproduces",
     .fallback = "none",
     .offset = offsetof(struct scenario_params, paper),
     .type = SIM_PARAM_STRING},
    {.name = "duration",
     .help = "simulated time",
     .offset = offsetof(struct scenario_params, duration),
     .min = 1,
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "seed",
     .help = "of all random streams",
     .fallback = "1",
     .offset = offsetof(struct scenario_params, seed),
     .type = SIM_PARAM_COUNT},
    {.name = "seeds",
     .help = "one run for each, FIRST..LAST; instead of seed",
     .fallback = "none",
     .offset = offsetof(struct scenario_params, seeds),
     .type = SIM_PARAM_STRING},
    {.name = NULL},
};

static const struct block_part scenario_parts[] = {
    {.name = "plugins",
     .help = "shared objects to load, relative to this file",
     .shape = BLOCK_STRINGS},
    {.name = "systems",
     .help = "what is compared: each overrides whole blocks of the scenario",
     .block = &system_block,
     .shape = BLOCK_NAMED},
    {.name = "expect",
     .help = "what must hold after the run",
     .block = &expectation_block,
     .shape = BLOCK_LIST},
    {.name = "vary",
     .help = "a sweep: {path: [values], ...}, every combination; paths as in --set",
     .shape = BLOCK_SWEEP},
    {.name = NULL},
};

const struct block scenario_block = {"the scenario", "a network, its traffic and what is measured",
                                     scenario_params, sizeof(struct scenario_params),
                                     scenario_parts};

static const struct sim_param system_params[] = {
    {.name = "queue",
     .help = "the queue of every port unless a link names its own",
     .offset = offsetof(struct system_params, queue),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_QUEUE},
    {.name = "transport",
     .help = "the transport of every host",
     .offset = offsetof(struct system_params, transport),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_TRANSPORT},
    {.name = NULL},
};

static const struct block_part system_parts[] = {
    {.name = "topology",
     .help = "hosts, switches and links",
     .block = &topology_block,
     .shape = BLOCK_MAPPING,
     .presence = PART_REQUIRED},
    {.name = "selector",
     .help = "which of several paths a packet takes; elsewhere ecmp",
     .shape = BLOCK_MODELS,
     .kind = SIM_SELECTOR,
     .presence = PART_FILLED},
    {.name = "workload",
     .help = "what the hosts send",
     .shape = BLOCK_MODELS,
     .kind = SIM_WORKLOAD,
     .presence = PART_REQUIRED},
    {.name = "pathlets",
     .help = "pathlets that have a congestion model of their own, by ID",
     .block = &pathlet_block,
     .shape = BLOCK_NAMED},
    {.name = "tenants",
     .help = "groups of hosts whose throughput is measured apart, by name",
     .block = &tenant_block,
     .shape = BLOCK_NAMED},
    {.name = "measure",
     .help = "what is measured, from when, how often",
     .block = &measure_block,
     .shape = BLOCK_MAPPING,
     .presence = PART_FILLED},
    {.name = "engine",
     .help = "how the run is executed; never changes a result",
     .block = &engine_block,
     .shape = BLOCK_MAPPING,
     .presence = PART_FILLED},
    {.name = "policy",
     .help = "how switches divide a port between tenants, before its queue",
     .shape = BLOCK_MODELS,
     .kind = SIM_POLICY},
    {.name = "events",
     .help = "failures and changes of links, devices and servers",
     .block = &event_block,
     .shape = BLOCK_LIST},
    {.name = "pfc",
     .help = "priority flow control: links that are lossless",
     .block = &pfc_block,
     .shape = BLOCK_MAPPING},
    {.name = "offloads",
     .help = "devices in the network that take messages in and send them on",
     .shape = BLOCK_MODELS,
     .kind = SIM_OFFLOAD},
    {.name = NULL},
};

const struct block system_block = {"the system", "blocks that a system can override", system_params,
                                   sizeof(struct system_params), system_parts};

/* ---- topology ---- */

static const struct sim_param topology_params[] = {
    {.name = "mtu",
     .help = "largest IP packet",
     .fallback = "1500B",
     .offset = offsetof(struct topology_params, mtu_bytes),
     .min = 256,
     .max = 65535,
     .type = SIM_PARAM_BYTES},
    {.name = "pathlets",
     .help = "of switches' ports on those of `links` that have no label: one each; one a tier and "
             "direction (1 to hosts, 2 and 3 up and down, ...); or one for all. Counted from the "
             "greatest label on",
     .fallback = "none",
     .offset = offsetof(struct topology_params, pathlets),
     .choices = granularity_words,
     .type = SIM_PARAM_CHOICE},
    {.name = NULL},
};

static const struct block_part topology_parts[] = {
    {.name = "hosts",
     .help = "names of the hosts; with those of a generator two at least",
     .shape = BLOCK_NAMES,
     .item = "host",
     .presence = PART_FILLED},
    {.name = "switches",
     .help = "names of the switches",
     .shape = BLOCK_NAMES,
     .item = "switch",
     .presence = PART_FILLED},
    {.name = "links",
     .help = "full-duplex links between them",
     .block = &link_block,
     .shape = BLOCK_LIST,
     .presence = PART_FILLED},
    {.name = "dumbbell",
     .help = "a generator: senders and receivers on both sides of one link",
     .block = &dumbbell_block,
     .shape = BLOCK_MAPPING},
    {.name = "leaf_spine",
     .help = "a generator: two tiers of switches",
     .block = &leaf_spine_block,
     .shape = BLOCK_MAPPING},
    {.name = "fat_tree",
     .help = "a generator: three tiers of switches with k ports",
     .block = &fat_tree_block,
     .shape = BLOCK_MAPPING},
    {.name = NULL},
};

const struct block topology_block = {"topology", "hosts, switches and links", topology_params,
                                     sizeof(struct topology_params), topology_parts};

static const struct sim_param link_params[] = {
    {.name = "name",
     .help = "of the link; otherwise its ends, \"a-b\"",
     .fallback = "none",
     .offset = offsetof(struct link_params, name),
     .type = SIM_PARAM_STRING},
    {.name = "ends",
     .help = "the two nodes that it joins",
     .offset = offsetof(struct link_params, ends),
     .min = 2,
     .max = 2,
     .type = SIM_PARAM_NODES},
    {.name = "rate",
     .help = "of each direction",
     .offset = offsetof(struct link_params, rate_bps),
     .min = 1e6,
     .max = 1e14,
     .type = SIM_PARAM_RATE},
    {.name = "delay",
     .help = "propagation delay",
     .offset = offsetof(struct link_params, delay),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "pathlet",
     .help = "ID of the direction from the first end to the second; 0 for none",
     .fallback = "0",
     .offset = offsetof(struct link_params, pathlet),
     .max = UINT32_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = "pathlet_back",
     .help = "ID of the other direction; 0 for none",
     .fallback = "0",
     .offset = offsetof(struct link_params, pathlet_back),
     .max = UINT32_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = "loss",
     .help = "probability that a packet is lost, in each direction",
     .fallback = "0",
     .offset = offsetof(struct link_params, loss),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = "queue",
     .help = "of both ends' ports at switches, instead of the scenario's",
     .fallback = "none",
     .offset = offsetof(struct link_params, queue),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_QUEUE},
    {.name = NULL},
};

const struct block link_block = {"a link", "a full-duplex link between two nodes", link_params,
                                 sizeof(struct link_params), NULL};

/* ---- pathlets and tenants ---- */

static const struct sim_param pathlet_params[] = {
    {.name = "congestion",
     .help = "its congestion model; otherwise the transport's",
     .fallback = "none",
     .offset = offsetof(struct pathlet_params, congestion),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "end_host",
     .help = "the model of its windows at hosts, where they do not know its own; what it tells is "
             "then skipped and counted",
     .fallback = "none",
     .offset = offsetof(struct pathlet_params, end_host),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "aggregate",
     .help = "a further port of it on a path changes the entry that is there instead of appending "
             "one",
     .fallback = "false",
     .offset = offsetof(struct pathlet_params, aggregate),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct block pathlet_block = {"a pathlet", "a resource on a path, by its ID", pathlet_params,
                                    sizeof(struct pathlet_params), NULL};

static const struct sim_param tenant_params[] = {
    {.name = "from",
     .help = "hosts whose traffic is the tenant's",
     .offset = offsetof(struct tenant_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "ports",
     .help = "source ports of these hosts, FIRST..LAST; entry i (from 0) of `workload` has the "
             "1000 from 1024 + 1000 i on",
     .fallback = "0..65535",
     .offset = offsetof(struct tenant_params, ports),
     .type = SIM_PARAM_STRING},
    {.name = "weight",
     .help = "what it is to get in proportion to others, where a policy or a queue divides",
     .fallback = "1",
     .offset = offsetof(struct tenant_params, weight),
     .min = 1e-3,
     .max = 1e3,
     .type = SIM_PARAM_REAL},
    {.name = NULL},
};

const struct block tenant_block = {"a tenant", "traffic that is measured and served together",
                                   tenant_params, sizeof(struct tenant_params), NULL};

/* ---- events ---- */

static const struct sim_param event_params[] = {
    {.name = "at",
     .help = "when, before the end of the run",
     .offset = offsetof(struct event_params, at),
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "link",
     .help = "which links change, both directions of each",
     .fallback = "none",
     .offset = offsetof(struct event_params, link),
     .type = SIM_PARAM_LINKS},
    {.name = "down",
     .help = "true: they fail; what waits at them or comes is lost",
     .fallback = "false",
     .offset = offsetof(struct event_params, down),
     .type = SIM_PARAM_BOOL},
    {.name = "up",
     .help = "true: they work again",
     .fallback = "false",
     .offset = offsetof(struct event_params, up),
     .type = SIM_PARAM_BOOL},
    {.name = "rate",
     .help = "their new rate",
     .fallback = "none",
     .offset = offsetof(struct event_params, rate_bps),
     .min = 1e6,
     .max = 1e14,
     .type = SIM_PARAM_RATE},
    {.name = "loss",
     .help = "their new probability that a packet is lost",
     .fallback = "none",
     .offset = offsetof(struct event_params, loss),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = "device",
     .help = "which device restarts",
     .fallback = "none",
     .offset = offsetof(struct event_params, device),
     .type = SIM_PARAM_STRING},
    {.name = "restart",
     .help = "true: it loses all state, and what waits for it",
     .fallback = "false",
     .offset = offsetof(struct event_params, restart),
     .type = SIM_PARAM_BOOL},
    {.name = "host",
     .help = "whose servers change",
     .fallback = "none",
     .offset = offsetof(struct event_params, host),
     .type = SIM_PARAM_HOST},
    {.name = "slowdown",
     .help = "they take so many times as long as they would",
     .fallback = "none",
     .offset = offsetof(struct event_params, slowdown),
     .min = 1e-3,
     .max = 1e6,
     .type = SIM_PARAM_REAL},
    {.name = NULL},
};

const struct block event_block = {"an event",
                                  "one change of links (down, up, rate or loss), of a device "
                                  "(restart) or of a host's servers (slowdown)",
                                  event_params, sizeof(struct event_params), NULL};

/* ---- flow control ---- */

static const struct sim_param pfc_params[] = {
    {.name = "xoff",
     .help = "a neighbour that fills an input with more bytes of a class than this is paused",
     .offset = offsetof(struct pfc_params, xoff_bytes),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_BYTES},
    {.name = "xon",
     .help = "and resumed when no more wait than this; none: xoff less two packets of the MTU",
     .fallback = "none",
     .offset = offsetof(struct pfc_params, xon),
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "headroom",
     .help =
         "buffer above xoff, by input and class; none: what each link needs, which is the least",
     .fallback = "none",
     .offset = offsetof(struct pfc_params, headroom),
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "classes",
     .help = "a packet's class is its priority; the last one takes all that are less urgent",
     .fallback = "8",
     .offset = offsetof(struct pfc_params, classes),
     .min = 1,
     .max = 8,
     .type = SIM_PARAM_COUNT},
    {.name = "links",
     .help = "links that are lossless, in both directions",
     .fallback = "all",
     .offset = offsetof(struct pfc_params, links),
     .type = SIM_PARAM_LINKS},
    {.name = NULL},
};

const struct block pfc_block = {"pfc",
                                "priority flow control (IEEE 802.1Qbb): links that are lossless",
                                pfc_params, sizeof(struct pfc_params), NULL};

/* ---- measure and engine ---- */

static const struct sim_param measure_params[] = {
    {.name = "after",
     .help = "goodput and percentiles count from here to the end",
     .fallback = "0s",
     .offset = offsetof(struct measure_params, after),
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "messages",
     .help = "write a row for each message",
     .fallback = "true",
     .offset = offsetof(struct measure_params, messages),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

static const struct block_part measure_parts[] = {
    {.name = "throughput",
     .help = "a series of payload that arrives",
     .block = &throughput_block,
     .shape = BLOCK_MAPPING},
    {.name = "queues",
     .help = "a series of queue lengths",
     .block = &queues_block,
     .shape = BLOCK_MAPPING},
    {.name = "windows",
     .help = "a series of congestion windows",
     .block = &windows_block,
     .shape = BLOCK_MAPPING},
    {.name = "buffers",
     .help = "a series of what offloads hold",
     .block = &buffers_block,
     .shape = BLOCK_MAPPING},
    {.name = "packets",
     .help = "a row for each arrival of a packet at a node",
     .block = &packets_block,
     .shape = BLOCK_MAPPING},
    {.name = NULL},
};

const struct block measure_block = {"measure", "what is measured, from when, how often",
                                    measure_params, sizeof(struct measure_params), measure_parts};

#define EVERY                                                                                      \
    {                                                                                              \
        .name = "every", .help = "time from one sample to the next",                               \
        .offset = offsetof(struct every_params, every), .min = 1, .type = SIM_PARAM_TIME           \
    }

static const struct sim_param every_params[] = {EVERY, {.name = NULL}};

static const struct sim_param queues_params[] = {
    EVERY,
    {.name = "links",
     .help = "links whose ports are sampled",
     .fallback = "all",
     .offset = offsetof(struct every_params, links),
     .type = SIM_PARAM_LINKS},
    {.name = NULL},
};

const struct block throughput_block = {"throughput", "a series of payload that arrives",
                                       every_params, sizeof(struct every_params), NULL};
const struct block queues_block = {"queues", "a series of queue lengths", queues_params,
                                   sizeof(struct every_params), NULL};
const struct block buffers_block = {"buffers", "a series of what offloads hold", every_params,
                                    sizeof(struct every_params), NULL};
const struct block windows_block = {"windows", "a series of congestion windows", every_params,
                                    sizeof(struct every_params), NULL};

static const struct sim_param packets_params[] = {
    {.name = "between",
     .help = "hosts; packets from one of them to another are traced",
     .fallback = "all",
     .offset = offsetof(struct packets_params, between),
     .type = SIM_PARAM_HOSTS},
    {.name = "from",
     .help = "when the trace begins",
     .fallback = "0s",
     .offset = offsetof(struct packets_params, from),
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "until",
     .help = "when it ends",
     .offset = offsetof(struct packets_params, until),
     .min = 1,
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct block packets_block = {"packets", "a row for each arrival of a packet at a node",
                                    packets_params, sizeof(struct packets_params), NULL};

static const struct sim_param engine_params[] = {
    {.name = "window",
     .help = "at most this much simulated time at once; 0s: as much as the links allow",
     .fallback = "0s",
     .offset = offsetof(struct engine_params, window),
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "merge_below",
     .help = "links with less lookahead merge their nodes into one process",
     .fallback = "100ns",
     .offset = offsetof(struct engine_params, merge_below),
     .max = TIME_MAX,
     .type = SIM_PARAM_TIME},
    {.name = "merge_at_most",
     .help = "share of the nodes that may be merged; else none is, and windows are short",
     .fallback = "25%",
     .offset = offsetof(struct engine_params, merge_at_most),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = NULL},
};

const struct block engine_block = {"engine", "how the run is executed; never changes a result",
                                   engine_params, sizeof(struct engine_params), NULL};

/* ---- expectations ---- */

static const struct sim_param expectation_params[] = {
    {.name = "that",
     .help = "an expression of metrics: mtp.goodput_gbps / dctcp.goodput_gbps",
     .offset = offsetof(struct expectation_params, that),
     .type = SIM_PARAM_STRING},
    {.name = "at_least",
     .help = "lower bound",
     .fallback = "none",
     .offset = offsetof(struct expectation_params, at_least),
     .type = SIM_PARAM_REAL},
    {.name = "at_most",
     .help = "upper bound",
     .fallback = "none",
     .offset = offsetof(struct expectation_params, at_most),
     .type = SIM_PARAM_REAL},
    {.name = "paper",
     .help = "the paper's value, for comparison",
     .fallback = "none",
     .offset = offsetof(struct expectation_params, paper),
     .type = SIM_PARAM_REAL},
    {.name = "every_seed",
     .help = "must hold for each seed, not only for the median",
     .fallback = "false",
     .offset = offsetof(struct expectation_params, every_seed),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct block expectation_block = {"an expectation", "what must hold after the run",
                                        expectation_params, sizeof(struct expectation_params),
                                        NULL};
