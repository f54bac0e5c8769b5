#include "scenario/generators.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "scenario/granularity.h"
#include "scenario/load.h"

#define LINKS_MAX 1000000 /* above: rather a mistake than a network */

#define COUNT_PARAM(struct_name, member, text, least, most)                                        \
    {                                                                                              \
        .name = #member, .help = text, .offset = offsetof(struct struct_name, member),             \
        .min = least, .max = most, .type = SIM_PARAM_COUNT                                         \
    }
#define RATE_PARAM(struct_name, key, member, text)                                                 \
    {                                                                                              \
        .name = key, .help = text, .offset = offsetof(struct struct_name, member), .min = 1e6,     \
        .max = 1e14, .type = SIM_PARAM_RATE                                                        \
    }
#define DELAY_PARAM(struct_name)                                                                   \
    {                                                                                              \
        .name = "delay", .help = "propagation delay of a link", .fallback = "1us",                 \
        .offset = offsetof(struct struct_name, delay), .max = 1e15, .type = SIM_PARAM_TIME         \
    }
#define PATHLETS_PARAM(struct_name)                                                                \
    {                                                                                              \
        .name = "pathlets",                                                                        \
        .help = "of switches' ports: one each, numbered from 1; one a tier and direction: 1 to "   \
                "hosts, 2 and 3 up and down, 4 and 5 above; or 1 for all",                         \
        .fallback = "port", .offset = offsetof(struct struct_name, pathlets),                      \
        .choices = granularity_words, .type = SIM_PARAM_CHOICE                                     \
    }

/* ---- what a generator makes ---- */

struct maker {
    struct tree *tree;
    struct generated *made;
    enum granularity pathlets;
    uint64_t rate_bps; /* of the next links */
    sim_time delay;
    double loss;
};

static const char *take_name(const struct maker *maker, GHashTable *names, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static const char *take_name(const struct maker *maker, GHashTable *names, const char *format, ...)
{
    char buffer[128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    const char *name = tree_string(maker->tree, buffer);
    g_hash_table_add(names, (char *)name);
    return name;
}

#define ADD_HOST(maker, ...)                                                                       \
    add_node((maker)->made->hosts, 0, take_name(maker, (maker)->made->node_names, __VA_ARGS__))
#define ADD_SWITCH(maker, ...)                                                                     \
    add_node((maker)->made->switches, GENERATED_SWITCH,                                            \
             take_name(maker, (maker)->made->node_names, __VA_ARGS__))

static uint32_t add_node(GPtrArray *nodes, uint32_t kind, const char *name)
{
    g_ptr_array_add(nodes, (char *)name);
    return (nodes->len - 1) | kind;
}

static const char *node_name(const struct generated *made, uint32_t node)
{
    return node & GENERATED_SWITCH ? g_ptr_array_index(made->switches, node & ~GENERATED_SWITCH)
                                   : g_ptr_array_index(made->hosts, node);
}

/* The pathlet of a port towards a link of this tier. */
static uint32_t pathlet_of(struct maker *maker, uint32_t of_tier)
{
    uint32_t *last = &maker->made->last_pathlet;
    uint32_t id = 0;

    if (maker->pathlets == GRANULARITY_PORT)
        id = *last + 1;
    else if (maker->pathlets == GRANULARITY_TIER)
        id = of_tier;
    else if (maker->pathlets == GRANULARITY_NETWORK)
        id = 1;
    *last = MAX(*last, id);
    return id;
}

/* Tier 0 is that of the hosts' links. `name` NULL: after the ends. */
static void join(struct maker *maker, uint32_t lower, uint32_t upper, uint32_t tier,
                 const char *name)
{
    struct generated *made = maker->made;
    struct generated_link link = {
        .ends = {lower, upper},
        .rate_bps = maker->rate_bps,
        .delay = maker->delay,
        .loss = maker->loss,
    };

    if (name)
        link.name = take_name(maker, made->link_names, "%s", name);
    else
        link.name = take_name(maker, made->link_names, "%s-%s", node_name(made, lower),
                              node_name(made, upper));
    link.pathlet = tier ? pathlet_of(maker, 2 * tier) : 0; /* a host's port is not a switch's */
    link.pathlet_back = pathlet_of(maker, 2 * tier + 1);
    g_array_append_val(made->links, link);
}

/* ---- dumbbell ---- */

struct dumbbell_params {
    uint64_t senders, receivers, rate_bps;
    sim_time delay;
    uint32_t pathlets;
};

struct bottleneck_params {
    uint64_t rate_bps;
    sim_time delay;
    double loss;
};

static const struct sim_param dumbbell_params[] = {
    COUNT_PARAM(dumbbell_params, senders, "hosts s0, s1, ... at the switch left", 1, 10000),
    COUNT_PARAM(dumbbell_params, receivers, "hosts r0, r1, ... at the switch right", 1, 10000),
    RATE_PARAM(dumbbell_params, "rate", rate_bps, "of every link"),
    DELAY_PARAM(dumbbell_params),
    PATHLETS_PARAM(dumbbell_params),
    {.name = NULL},
};

static const struct block_part dumbbell_parts[] = {
    {.name = "bottleneck",
     .help = "the link from left to right, where it differs from the others",
     .block = &bottleneck_block,
     .shape = BLOCK_MAPPING},
    {.name = NULL},
};

const struct block dumbbell_block = {
    "dumbbell",
    "hosts s0 ... at the switch left and r0 ... at right; links s0-left ..., r0-right ... and "
    "bottleneck",
    dumbbell_params, sizeof(struct dumbbell_params), dumbbell_parts};

static const struct sim_param bottleneck_params[] = {
    RATE_PARAM(bottleneck_params, "rate", rate_bps, "of each direction"),
    DELAY_PARAM(bottleneck_params),
    {.name = "loss",
     .help = "probability that a packet is lost, in each direction",
     .fallback = "0",
     .offset = offsetof(struct bottleneck_params, loss),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = NULL},
};

const struct block bottleneck_block = {"bottleneck", "the link between the dumbbell's switches",
                                       bottleneck_params, sizeof(struct bottleneck_params), NULL};

static void make_dumbbell(struct maker *maker, const struct scope *scope,
                          const struct tree_node *node, struct memory *memory)
{
    const struct dumbbell_params *params = load_block(scope, &dumbbell_block, node, memory);
    const struct tree_node *own = tree_get(node, "bottleneck");
    uint32_t left = ADD_SWITCH(maker, "left"), right = ADD_SWITCH(maker, "right");

    maker->pathlets = params->pathlets;
    maker->rate_bps = params->rate_bps;
    maker->delay = params->delay;
    for (uint32_t i = 0; i < params->senders; i++)
        join(maker, ADD_HOST(maker, "s%u", i), left, 0, NULL);
    for (uint32_t i = 0; i < params->receivers; i++)
        join(maker, ADD_HOST(maker, "r%u", i), right, 0, NULL);
    if (own) {
        const struct bottleneck_params *bottleneck =
            load_block(scope, &bottleneck_block, own, memory);
        maker->rate_bps = bottleneck->rate_bps;
        maker->delay = bottleneck->delay;
        maker->loss = bottleneck->loss;
    }
    join(maker, left, right, 1, "bottleneck");
}

/* ---- leaf_spine ---- */

struct leaf_spine_params {
    uint64_t leaves, spines, hosts_per_leaf, rate_bps, uplink_rate_bps; /* 0: by the ratio */
    double over_subscription;                                           /* NAN: by the rate */
    sim_time delay;
    uint32_t pathlets;
};

static const struct sim_param leaf_spine_params[] = {
    COUNT_PARAM(leaf_spine_params, leaves, "switches l0, l1, ... with hosts", 1, 1000),
    COUNT_PARAM(leaf_spine_params, spines, "switches s0, s1, ... between them", 1, 1000),
    COUNT_PARAM(leaf_spine_params, hosts_per_leaf, "hosts l0_h0, l0_h1, ...", 1, 1000),
    RATE_PARAM(leaf_spine_params, "rate", rate_bps, "of a host's link"),
    {.name = "uplink_rate",
     .help = "of a link from a leaf to a spine",
     .fallback = "none",
     .offset = offsetof(struct leaf_spine_params, uplink_rate_bps),
     .min = 1e6,
     .max = 1e14,
     .type = SIM_PARAM_RATE},
    {.name = "over_subscription",
     .help = "hosts_per_leaf x rate / (spines x uplink_rate); in place of uplink_rate",
     .fallback = "none",
     .offset = offsetof(struct leaf_spine_params, over_subscription),
     .min = 1e-3,
     .max = 1e3,
     .type = SIM_PARAM_REAL},
    DELAY_PARAM(leaf_spine_params),
    PATHLETS_PARAM(leaf_spine_params),
    {.name = NULL},
};

const struct block leaf_spine_block = {
    "leaf_spine",
    "leaves l0 ... with hosts l0_h0 ..., each linked to all spines s0 ...; links l0_h0-l0, l0-s0 "
    "...",
    leaf_spine_params, sizeof(struct leaf_spine_params), NULL};

/* To the nearest bit a second. */
static uint64_t uplink_rate_bps(const struct leaf_spine_params *params)
{
    if (params->uplink_rate_bps)
        return params->uplink_rate_bps;
    double down_bps = (double)params->hosts_per_leaf * (double)params->rate_bps;
    return (uint64_t)llround(down_bps / ((double)params->spines * params->over_subscription));
}

static void make_leaf_spine(struct maker *maker, const struct scope *scope,
                            const struct tree_node *node, struct memory *memory)
{
    const struct leaf_spine_params *params = load_block(scope, &leaf_spine_block, node, memory);

    maker->pathlets = params->pathlets;
    maker->delay = params->delay;
    for (uint32_t leaf = 0; leaf < params->leaves; leaf++)
        ADD_SWITCH(maker, "l%u", leaf);
    for (uint32_t spine = 0; spine < params->spines; spine++)
        ADD_SWITCH(maker, "s%u", spine);
    for (uint32_t leaf = 0; leaf < params->leaves; leaf++) {
        maker->rate_bps = params->rate_bps;
        for (uint32_t host = 0; host < params->hosts_per_leaf; host++)
            join(maker, ADD_HOST(maker, "l%u_h%u", leaf, host), leaf | GENERATED_SWITCH, 0, NULL);
        maker->rate_bps = uplink_rate_bps(params);
        for (uint32_t spine = 0; spine < params->spines; spine++)
            join(maker, leaf | GENERATED_SWITCH,
                 ((uint32_t)params->leaves + spine) | GENERATED_SWITCH, 1, NULL);
    }
}

/* ---- fat_tree ---- */

struct fat_tree_params {
    uint64_t k, rate_bps;
    sim_time delay;
    uint32_t pathlets;
};

static const struct sim_param fat_tree_params[] = {
    COUNT_PARAM(fat_tree_params, k, "ports of a switch, an even number; the hosts are k*k*k/4", 2,
                64),
    RATE_PARAM(fat_tree_params, "rate", rate_bps, "of every link"),
    DELAY_PARAM(fat_tree_params),
    PATHLETS_PARAM(fat_tree_params),
    {.name = NULL},
};

const struct block fat_tree_block = {
    "fat_tree",
    "k pods of edge switches p0_e0 ... with hosts p0_e0_h0 ..., and aggregation switches p0_a0 "
    "..., under k*k/4 cores c0 ...; links p0_e0_h0-p0_e0, p0_e0-p0_a1, p0_a1-c2 ...",
    fat_tree_params, sizeof(struct fat_tree_params), NULL};

/* The links of a pod: its switches are numbered from `first` on, edges before aggregation. */
static void join_pod(struct maker *maker, uint32_t pod, uint32_t half, uint32_t first,
                     uint32_t cores)
{
    for (uint32_t edge = 0; edge < half; edge++)
        for (uint32_t host = 0; host < half; host++)
            join(maker, ADD_HOST(maker, "p%u_e%u_h%u", pod, edge, host), first + edge, 0, NULL);
    for (uint32_t edge = 0; edge < half; edge++)
        for (uint32_t above = 0; above < half; above++)
            join(maker, first + edge, first + half + above, 1, NULL);
    for (uint32_t above = 0; above < half; above++)
        for (uint32_t core = 0; core < half; core++)
            join(maker, first + half + above, cores + above * half + core, 2, NULL);
}

static void make_fat_tree(struct maker *maker, const struct scope *scope,
                          const struct tree_node *node, struct memory *memory)
{
    const struct fat_tree_params *params = load_block(scope, &fat_tree_block, node, memory);
    uint32_t k = (uint32_t)params->k, half = k / 2;

    maker->pathlets = params->pathlets;
    maker->rate_bps = params->rate_bps;
    maker->delay = params->delay;
    for (uint32_t pod = 0; pod < k; pod++) {
        for (uint32_t edge = 0; edge < half; edge++)
            ADD_SWITCH(maker, "p%u_e%u", pod, edge);
        for (uint32_t above = 0; above < half; above++)
            ADD_SWITCH(maker, "p%u_a%u", pod, above);
    }
    for (uint32_t core = 0; core < half * half; core++)
        ADD_SWITCH(maker, "c%u", core);
    for (uint32_t pod = 0; pod < k; pod++)
        join_pod(maker, pod, half, GENERATED_SWITCH | (pod * k), GENERATED_SWITCH | (k * k));
}

/* ---- all ---- */

static const struct generator {
    const struct block *block;
    void (*make)(struct maker *maker, const struct scope *scope, const struct tree_node *node,
                 struct memory *memory);
} generators[] = {
    {&dumbbell_block, make_dumbbell},
    {&leaf_spine_block, make_leaf_spine},
    {&fat_tree_block, make_fat_tree},
};

static const struct generator *generator_find(const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(generators); i++)
        if (strcmp(generators[i].block->name, key) == 0)
            return &generators[i];
    return NULL;
}

const struct tree_entry *generator_entry(const struct tree_node *topology)
{
    for (guint i = 0; topology && topology->kind == TREE_MAPPING && i < tree_count(topology); i++)
        if (generator_find(tree_entry(topology, i)->key))
            return tree_entry(topology, i);
    return NULL;
}

static bool is_given(const struct tree_node *node, const char *key)
{
    const char *text = tree_text(node, key);

    return text && strcmp(text, "none") != 0;
}

/* The capacity above the leaves is said once. */
static bool check_uplinks(const struct scope *scope, const struct tree_entry *entry)
{
    bool rate = is_given(entry->node, "uplink_rate");
    bool ratio = is_given(entry->node, "over_subscription");

    if (rate && ratio)
        scenario_errors_add_text(scope->errors, tree_get(entry->node, "over_subscription")->at,
                                 "over_subscription and uplink_rate are both there");
    else if (!rate && !ratio)
        scenario_errors_add_text(scope->errors, entry->node->at,
                                 "leaf_spine needs uplink_rate or over_subscription");
    return rate != ratio;
}

/* What the tables do not say. The number of links is known without making them. */
static bool check_shape(const struct scope *scope, const struct tree_entry *entry)
{
    const struct tree_node *node = entry->node;
    const char *k = tree_text(node, "k"), *leaves = tree_text(node, "leaves");

    if (k && g_ascii_strtoull(k, NULL, 10) % 2) {
        scenario_errors_add(scope->errors, tree_get(node, "k")->at, "k is %s; it must be even", k);
        return false;
    }
    guint64 ports = leaves ? g_ascii_strtoull(tree_text(node, "hosts_per_leaf"), NULL, 10) +
                                 g_ascii_strtoull(tree_text(node, "spines"), NULL, 10)
                           : 0;
    if (leaves && ports * g_ascii_strtoull(leaves, NULL, 10) > LINKS_MAX) {
        scenario_errors_add(scope->errors, entry->at, "this makes more than %d links", LINKS_MAX);
        return false;
    }
    return !leaves || check_uplinks(scope, entry);
}

static bool check_generators(const struct scope *scope, const struct tree_node *topology,
                             const struct tree_entry *entry)
{
    bool right = block_check(scope, generator_find(entry->key)->block, entry->node) &&
                 check_shape(scope, entry);

    for (guint i = 0; i < tree_count(topology); i++) {
        const struct tree_entry *other = tree_entry(topology, i);

        if (other == entry || !generator_find(other->key))
            continue;
        scenario_errors_add(scope->errors, other->at,
                            "topology must have one generator; \"%s\" is there already",
                            entry->key);
        right = false;
    }
    return right;
}

bool generator_run(const struct scope *scope, const struct tree_node *topology,
                   struct generated **generated)
{
    const struct tree_entry *entry = generator_entry(topology);

    *generated = NULL;
    if (!entry)
        return true;
    if (!check_generators(scope, topology, entry))
        return false;
    struct generated *made = *generated = g_new0(struct generated, 1);
    struct maker maker = {.tree = scope->tree, .made = made};
    struct memory *memory = memory_new();
    made->hosts = g_ptr_array_new();
    made->switches = g_ptr_array_new();
    made->links = g_array_new(FALSE, FALSE, sizeof(struct generated_link));
    made->node_names = g_hash_table_new(g_str_hash, g_str_equal);
    made->link_names = g_hash_table_new(g_str_hash, g_str_equal);
    generator_find(entry->key)->make(&maker, scope, entry->node, memory);
    memory_free(memory);
    return true;
}

void generated_free(struct generated *generated)
{
    if (!generated)
        return;
    g_ptr_array_unref(generated->hosts);
    g_ptr_array_unref(generated->switches);
    g_array_unref(generated->links);
    g_hash_table_unref(generated->node_names);
    g_hash_table_unref(generated->link_names);
    g_free(generated);
}
