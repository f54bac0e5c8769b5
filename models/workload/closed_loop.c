/* closed_loop: each source keeps a number of messages outstanding, all of one size.
 *
 * Paper: 2.3 (Figures 2 and 3). A message that is complete is followed at once by the next one. An
 * open loop that saturates would measure its own backlog and not the network: latency would grow
 * with the length of the run.
 *
 * A message is complete when it is acknowledged as a whole; one that an offload relays, when the
 * offload's answer says that its last byte was delivered to the server.
 *
 * Every message starts at a random time within `jitter` after the one before it, as an application
 * does that has more to do than to send. Without it nothing in a closed loop is random, and the
 * sources fall into step: with Figure 3's one connection a message all messages then take the same
 * 40.29536 us, and the bottleneck is busy to the bit.
 *
 * Which server: `to`, but every n-th message of a source (`every`) goes to `other`. A count, not a
 * chance: all systems of a scenario get the same sequence, however far each of them comes.
 *
 * With TCP a message is a connection of its own, each from another port of the workload's, or, if
 * `persistent`, one of those on the connection to its destination. MTP has no connections.
 */
#include <mtpsim/workload.h>

#include <stdlib.h>

enum closed_loop_order { CLOSED_LOOP_PAIRS, CLOSED_LOOP_CYCLE };

struct closed_loop_params {
    struct sim_list from, to;
    uint32_t order; /* enum closed_loop_order */
    uint32_t other; /* UINT32_MAX: none */
    uint64_t every, outstanding, bytes, count, priority;
    sim_time start, jitter;
    bool persistent, blob;
};

/* One of the messages outstanding: its timer runs before it starts. */
struct closed_loop_slot {
    struct sim_timer timer;
    struct closed_loop *owner;
};

struct closed_loop {
    const struct closed_loop_params *params;
    const struct sim_workload_env *env;
    struct closed_loop_slot *slots;
    struct closed_loop_slot **started; /* a stack: which of them is which does not matter */
    uint64_t started_count;
    uint64_t submitted;
};

/* ---- messages ---- */

static uint32_t closed_loop_destination(const struct closed_loop *self)
{
    const struct closed_loop_params *p = self->params;
    uint64_t number = self->submitted + 1;
    if (p->every && number % p->every == 0)
        return p->other;
    uint64_t place = p->order == CLOSED_LOOP_PAIRS ? self->env->index : self->submitted;
    return p->to.items[place % p->to.count];
}

static void closed_loop_submit(struct closed_loop *self, sim_time now)
{
    const struct closed_loop_params *p = self->params;
    if (p->count && self->submitted == p->count)
        return;
    struct sim_message message = {
        .dst = closed_loop_destination(self),
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + self->submitted % self->env->ports),
        .dst_port = self->env->port,
        .bytes = p->bytes,
        .priority = (uint8_t)p->priority,
        .blob = p->blob,
        .persistent = p->persistent,
    };
    self->submitted++;
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
}

static void closed_loop_fire(struct sim_timer *timer, sim_time now)
{
    struct closed_loop_slot *slot = (struct closed_loop_slot *)timer;
    struct closed_loop *self = slot->owner;
    self->started[self->started_count++] = slot;
    closed_loop_submit(self, now);
}

static void closed_loop_arm(struct closed_loop *self, struct closed_loop_slot *slot, sim_time from)
{
    uint64_t jitter = (uint64_t)self->params->jitter;
    sim_time wait = jitter ? (sim_time)sim_rng_below(self->env->rng, jitter) : 0;
    sim_timer_set(self->env->timers, &slot->timer, from + wait);
}

static void closed_loop_completed(void *state, uint32_t number, sim_time now)
{
    struct closed_loop *self = state;
    (void)number;
    closed_loop_arm(self, self->started[--self->started_count], now);
}

/* ---- set-up ---- */

static void closed_loop_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct closed_loop *self = state;
    const struct closed_loop_params *p = self->params = params;
    self->env = env;
    self->slots = calloc(p->outstanding, sizeof *self->slots);
    self->started = calloc(p->outstanding, sizeof(struct closed_loop_slot *));
    SIM_CHECK(self->slots && self->started, "out of memory for the messages of a closed loop");
    for (uint64_t i = 0; i < p->outstanding; i++) {
        self->slots[i].owner = self;
        sim_timer_init(&self->slots[i].timer, closed_loop_fire);
        closed_loop_arm(self, &self->slots[i], p->start);
    }
}

static void closed_loop_clear(void *state)
{
    struct closed_loop *self = state;
    for (uint64_t i = 0; i < self->params->outstanding; i++)
        sim_timer_clear(self->env->timers, &self->slots[i].timer);
    free(self->slots);
    free(self->started);
}

/* ---- the table ---- */

static const char *closed_loop_check(const void *params)
{
    const struct closed_loop_params *p = params;
    bool pairs = p->order == CLOSED_LOOP_PAIRS;
    if (pairs && p->to.count != 1 && p->to.count != p->from.count)
        return "`to` names neither one host nor one for each of `from`";
    if ((p->every != 0) != (p->other != UINT32_MAX))
        return "`every` and `other` belong together";
    for (uint32_t i = 0; i < p->from.count; i++) {
        for (uint32_t j = 0; j < p->to.count; j++)
            if (p->from.items[i] == p->to.items[j] && (!pairs || j == i % p->to.count))
                return "a host sends to itself";
        if (p->from.items[i] == p->other)
            return "a host sends to itself";
    }
    return NULL;
}

static const char *const closed_loop_orders[] = {"pairs", "cycle", NULL};

#define MEMBER(member) .offset = offsetof(struct closed_loop_params, member)

static const struct sim_param closed_loop_table[] = {
    {.name = "from", .help = "sources", MEMBER(from), .type = SIM_PARAM_HOSTS},
    {.name = "to", .help = "destinations", MEMBER(to), .type = SIM_PARAM_HOSTS},
    {.name = "order",
     .help = "one destination for all sources or one for each; or each source's messages to all "
             "in turn",
     .fallback = "pairs",
     MEMBER(order),
     .choices = closed_loop_orders,
     .type = SIM_PARAM_CHOICE},
    {.name = "every",
     .help = "every n-th message of a source goes to `other`; 0: none does",
     .fallback = "0",
     MEMBER(every),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "other",
     .help = "where every n-th message goes",
     .fallback = "none",
     MEMBER(other),
     .type = SIM_PARAM_HOST},
    {.name = "outstanding",
     .help = "messages of each source that are not complete",
     MEMBER(outstanding),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "bytes",
     .help = "size of a message",
     MEMBER(bytes),
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "count",
     .help = "messages of each source; 0 is as many as fit",
     .fallback = "0",
     MEMBER(count),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "start",
     .help = "time of the first",
     .fallback = "0us",
     MEMBER(start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "jitter",
     .help = "a message starts at random within so much time after the one before it",
     .fallback = "0us",
     MEMBER(jitter),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "priority",
     .help = "0 is the most urgent",
     .fallback = "0",
     MEMBER(priority),
     .max = 255,
     .type = SIM_PARAM_COUNT},
    {.name = "persistent",
     .help = "TCP: all to one destination on one connection, else each on its own",
     .fallback = "false",
     MEMBER(persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "blob",
     .help = "MTP: cut into one message a packet",
     .fallback = "false",
     MEMBER(blob),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_workload_ops closed_loop_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "closed_loop",
               .summary = "a fixed number of messages outstanding at each source",
               .source = "paper, 2.3",
               .state_size = sizeof(struct closed_loop),
               .params_size = sizeof(struct closed_loop_params),
               .params = closed_loop_table,
               .check = closed_loop_check},
    .init = closed_loop_init,
    .clear = closed_loop_clear,
    .completed = closed_loop_completed,
};
