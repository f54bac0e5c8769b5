/* long_flow: flows without end, one from each source to its destination.
 *
 * Paper: 5.1 (one long-lasting flow), 5.3. TCP carries it on one connection, MTP as an endless
 * blob.
 *
 * A permutation is P C P^-1, where C sends each place to the next one and P is a random one-to-one
 * mapping: a random cycle through all places, so that none sends to itself. A source knows only its
 * own place, and a shuffle would cost each of n sources n steps. So P is a Feistel network (Luby
 * and Rackoff, 1988) on the least even number of bits that holds n; what falls outside [0, n) is
 * mapped again until it does not ("cycle walking", Black and Rogaway, 2002), fewer than four times
 * on average. Four rounds, enough for many bits, are not for a handful: of 6 hosts one met another
 * 472 times where 600 are expected.
 */
#include <mtpsim/workload.h>

#include "pairs.h"

struct long_flow_params {
    struct sim_list from, to;
    uint64_t flows;
    sim_time start, jitter;
    uint32_t pattern;
};

enum { LONG_FLOW_PAIRS, LONG_FLOW_PERMUTATION };
static const char *const long_flow_patterns[] = {"pairs", "permutation", NULL};

struct long_flow {
    struct sim_timer timer;
    const struct long_flow_params *params;
    const struct sim_workload_env *env;
    uint64_t started;
};

/* ---- permutations ---- */

enum { ROUNDS = 8 };

/* Half the bits of a place. */
static uint32_t half_bits(uint32_t count)
{
    uint32_t bits = 1;
    while (UINT64_C(1) << (2 * bits) < count)
        bits++;
    return bits;
}

static uint64_t feistel(uint64_t place, uint32_t bits, uint64_t key, bool back)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t left = place >> bits, right = place & mask;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t round = back ? ROUNDS - 1 - i : i;
        uint64_t kept = back ? left : right;
        uint64_t mixed = sim_mix64(key + (round << 56) + kept) & mask;
        if (back) {
            left = right ^ mixed;
            right = kept;
        } else {
            right = left ^ mixed;
            left = kept;
        }
    }
    return left << bits | right;
}

static uint64_t walk(uint64_t place, uint32_t count, uint64_t key, bool back)
{
    uint32_t bits = half_bits(count);
    do
        place = feistel(place, bits, key, back);
    while (place >= count);
    return place;
}

/* The place that `place` of `count` sends to. */
static uint32_t long_flow_permuted(uint32_t place, uint32_t count, uint64_t key)
{
    uint64_t turned = walk(place, count, key, true);
    return (uint32_t)walk((turned + 1) % count, count, key, false);
}

static uint32_t long_flow_destination(const struct long_flow *self)
{
    const struct sim_list *to = &self->params->to;
    uint32_t index = self->env->index;
    if (self->params->pattern == LONG_FLOW_PERMUTATION)
        index = long_flow_permuted(index, self->env->source_count, self->env->shared);
    return to->items[index % to->count];
}

/* ---- flows ---- */

/* The time of the next flow's start: jittered each by itself, but drawn in order, so a flow may
 * wait for its turn. */
static sim_time long_flow_start(const struct long_flow *self)
{
    sim_time jitter = self->params->jitter;
    return self->params->start +
           (jitter ? (sim_time)sim_rng_below(self->env->rng, (uint64_t)jitter) : 0);
}

static void long_flow_fire(struct sim_timer *timer, sim_time now)
{
    struct long_flow *self = (struct long_flow *)timer;
    struct sim_message message = {
        .dst = long_flow_destination(self),
        .src_port = (uint16_t)(self->env->port + self->started),
        .dst_port = self->env->port,
        .bytes = SIM_ENDLESS,
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
    if (++self->started == self->params->flows)
        return;
    sim_time next = long_flow_start(self);
    sim_timer_set(self->env->timers, timer, next > now ? next : now);
}

static void long_flow_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct long_flow *self = state;
    self->params = params;
    self->env = env;
    sim_timer_init(&self->timer, long_flow_fire);
    sim_timer_set(env->timers, &self->timer, long_flow_start(self));
}

/* In a cycle no place sends to itself, but a host could be at two places. */
static const char *long_flow_check_permutation(const struct long_flow_params *p)
{
    uint32_t same_place = 0, same_host = 0;
    if (p->from.count != p->to.count || p->from.count < 2)
        return "a permutation needs as many of `to` as of `from`, two at least";
    for (uint32_t i = 0; i < p->from.count; i++)
        same_place += p->from.items[i] == p->to.items[i];
    if (same_place == p->from.count)
        return NULL;
    for (uint32_t i = 0; i < p->from.count; i++)
        for (uint32_t j = 0; j < p->to.count; j++)
            same_host += p->from.items[i] == p->to.items[j];
    return same_host
               ? "in a permutation `to` names the hosts of `from` in their order, or none of them"
               : NULL;
}

static const char *long_flow_check(const void *params)
{
    const struct long_flow_params *p = params;
    if (p->pattern == LONG_FLOW_PERMUTATION)
        return long_flow_check_permutation(p);
    return pairs_check(&p->from, &p->to);
}

static const struct sim_param long_flow_table[] = {
    {.name = "from",
     .help = "sources",
     .offset = offsetof(struct long_flow_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "destinations: one for all, or as many as sources",
     .offset = offsetof(struct long_flow_params, to),
     .type = SIM_PARAM_HOSTS},
    {.name = "pattern",
     .help = "source i sends to destination i, or to a random one, each to another",
     .fallback = "pairs",
     .offset = offsetof(struct long_flow_params, pattern),
     .choices = long_flow_patterns,
     .type = SIM_PARAM_CHOICE},
    {.name = "flows",
     .help = "flows of each source",
     .fallback = "1",
     .offset = offsetof(struct long_flow_params, flows),
     .min = 1,
     .max = 1000,
     .type = SIM_PARAM_COUNT},
    {.name = "start",
     .help = "when they start",
     .fallback = "0us",
     .offset = offsetof(struct long_flow_params, start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "jitter",
     .help = "each starts up to this much later, at random",
     .fallback = "0us",
     .offset = offsetof(struct long_flow_params, jitter),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_workload_ops long_flow_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "long_flow",
               .summary = "flows without end",
               .source = "paper, 5.1",
               .state_size = sizeof(struct long_flow),
               .params_size = sizeof(struct long_flow_params),
               .params = long_flow_table,
               .check = long_flow_check},
    .init = long_flow_init,
};
