/* poisson: messages at random times, open loop, at an offered load.
 *
 * Paper: 5.2 (Figure 6). The load is payload per second as a share of the rate `of`, all sources
 * together; a load is open loop when nothing that happens in the network delays an arrival. So
 * arrivals are drawn from the workload's own random stream in the order of time, three draws a
 * message (destination, size, gap), and completions draw nothing: every system of a scenario gets
 * the same trace.
 *
 * Forced elephants: with a heavy tail the largest messages hold much of the bytes and almost never
 * come in a short run (bounded_pareto.c). So `elephants` of them come at given times instead, as a
 * part of the load: the random messages make up the rest of it. That needs `until`, the end of the
 * arrivals, to know how much the load is in bytes.
 *
 * The load realised differs from the offered one, since sizes are random; the summary says it.
 *
 * With TCP a message is a connection of its own, each from another port of the workload's, or, if
 * `persistent`, one of those on the connection to its destination. MTP has no connections: all
 * messages of a source come from one port, and share what is known of the path.
 */
#include <mtpsim/sizes.h>
#include <mtpsim/workload.h>

#include <stdlib.h>

struct poisson_params {
    struct sim_list from, to;
    double load;
    uint64_t of_bps;
    struct sim_model sizes;
    sim_time start, until;
    uint64_t priority;
    bool persistent, blob;
    uint64_t elephants, elephant_bytes;
    sim_time elephant_at, elephant_every;
};

struct poisson {
    struct sim_timer timer;
    struct sim_timer elephant_timer;
    const struct poisson_params *params;
    const struct sim_workload_env *env;
    const struct sim_sizes_ops *sizes;
    void *sizes_state;
    double mean_gap_ps;
    uint32_t own_place; /* of this host in `to`; to.count: none */
    uint64_t submitted;
    uint64_t elephant; /* the next one, counted over all sources */
};

/* One of `to` at random, but not this host. */
static uint32_t poisson_destination(const struct poisson *self)
{
    const struct sim_list *to = &self->params->to;
    uint32_t choices = to->count - (self->own_place < to->count);
    uint32_t pick = (uint32_t)sim_rng_below(self->env->rng, choices);
    return to->items[pick + (pick >= self->own_place)];
}

static void poisson_submit(struct poisson *self, uint32_t dst, uint64_t bytes, sim_time now)
{
    const struct poisson_params *p = self->params;
    struct sim_message message = {
        .dst = dst,
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + self->submitted++ % self->env->ports),
        .dst_port = self->env->port,
        .bytes = bytes,
        .priority = (uint8_t)p->priority,
        .blob = p->blob,
        .persistent = p->persistent,
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
}

static void poisson_arm(struct poisson *self, sim_time from)
{
    double gap = sim_rng_exponential(self->env->rng, self->mean_gap_ps);
    sim_time next = gap < 1e18 ? from + (sim_time)gap : SIM_NEVER;
    if (self->params->until == 0 || next < self->params->until)
        sim_timer_set(self->env->timers, &self->timer, next);
}

static void poisson_fire(struct sim_timer *timer, sim_time now)
{
    struct poisson *self = (struct poisson *)timer;
    uint32_t dst = poisson_destination(self);
    uint64_t bytes = self->sizes->draw(self->sizes_state, self->env->rng);
    poisson_submit(self, dst, bytes, now);
    poisson_arm(self, now);
}

/* ---- elephants: shared by the sources in turn ---- */

static sim_time poisson_elephant_time(const struct poisson *self)
{
    return self->params->elephant_at + (sim_time)self->elephant * self->params->elephant_every;
}

static void poisson_elephant_arm(struct poisson *self)
{
    if (self->elephant < self->params->elephants)
        sim_timer_set(self->env->timers, &self->elephant_timer, poisson_elephant_time(self));
}

static void poisson_elephant_fire(struct sim_timer *timer, sim_time now)
{
    struct poisson *self =
        (struct poisson *)((char *)timer - offsetof(struct poisson, elephant_timer));
    const struct sim_list *to = &self->params->to;
    uint64_t place = self->elephant;
    while (to->items[place % to->count] == self->env->host)
        place++;
    poisson_submit(self, to->items[place % to->count], self->params->elephant_bytes, now);
    self->elephant += self->env->source_count;
    poisson_elephant_arm(self);
}

/* ---- set-up ---- */

/* Bytes a second of all sources' random messages; not positive when the elephants alone are more
 * than the load. */
static double poisson_random_bytes_per_second(const struct poisson_params *p)
{
    double rate = p->load * (double)p->of_bps / 8;
    if (p->elephants == 0)
        return rate;
    double seconds = (double)(p->until - p->start) / (double)SIM_S;
    return rate - (double)p->elephants * (double)p->elephant_bytes / seconds;
}

static void poisson_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct poisson *self = state;
    const struct poisson_params *p = self->params = params;
    self->env = env;
    self->sizes = (const struct sim_sizes_ops *)p->sizes.plugin;
    self->sizes_state = calloc(1, p->sizes.plugin->state_size + 1);
    SIM_CHECK(self->sizes_state, "out of memory for sizes");
    self->sizes->init(self->sizes_state, p->sizes.params);
    double messages_per_second =
        poisson_random_bytes_per_second(p) / self->sizes->mean(self->sizes_state);
    self->mean_gap_ps = (double)SIM_S * env->source_count / messages_per_second;
    while (self->own_place < p->to.count && p->to.items[self->own_place] != env->host)
        self->own_place++;
    sim_timer_init(&self->timer, poisson_fire);
    sim_timer_init(&self->elephant_timer, poisson_elephant_fire);
    poisson_arm(self, p->start);
    self->elephant = env->index;
    poisson_elephant_arm(self);
}

static void poisson_clear(void *state)
{
    struct poisson *self = state;
    if (self->sizes->clear)
        self->sizes->clear(self->sizes_state);
    free(self->sizes_state);
}

static const char *poisson_check(const void *params)
{
    const struct poisson_params *p = params;
    if (p->until && p->until <= p->start)
        return "`until` is not after `start`";
    if (p->elephants && !p->until)
        return "`elephants` are a part of the load up to `until`, which must be given";
    sim_time last = p->elephant_at + ((sim_time)p->elephants - 1) * p->elephant_every;
    if (p->elephants && (p->elephant_at < p->start || last >= p->until))
        return "an elephant is not between `start` and `until`";
    if (poisson_random_bytes_per_second(p) <= 0)
        return "the elephants alone are more than the load";
    return NULL;
}

static const struct sim_param poisson_table[] = {
    {.name = "from",
     .help = "sources; each sends an equal share of the load",
     .offset = offsetof(struct poisson_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "destinations; each message goes to one of them at random, never to its source",
     .offset = offsetof(struct poisson_params, to),
     .type = SIM_PARAM_HOSTS},
    {.name = "load",
     .help = "payload of all sources together, as a share of `of`",
     .offset = offsetof(struct poisson_params, load),
     .min = 1e-6,
     .max = 10,
     .type = SIM_PARAM_FRACTION},
    {.name = "of",
     .help = "the rate that the load is a share of",
     .offset = offsetof(struct poisson_params, of_bps),
     .min = 1e6,
     .max = 1e18,
     .type = SIM_PARAM_RATE},
    {.name = "sizes",
     .help = "size distribution",
     .offset = offsetof(struct poisson_params, sizes),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_SIZES},
    {.name = "start",
     .help = "arrivals begin",
     .fallback = "0us",
     .offset = offsetof(struct poisson_params, start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "until",
     .help = "arrivals end; 0us is with the run",
     .fallback = "0us",
     .offset = offsetof(struct poisson_params, until),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "priority",
     .help = "0 is the most urgent",
     .fallback = "0",
     .offset = offsetof(struct poisson_params, priority),
     .max = 255,
     .type = SIM_PARAM_COUNT},
    {.name = "persistent",
     .help = "TCP: all to one destination on one connection, else each on its own",
     .fallback = "false",
     .offset = offsetof(struct poisson_params, persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "blob",
     .help = "MTP: cut into one message a packet",
     .fallback = "false",
     .offset = offsetof(struct poisson_params, blob),
     .type = SIM_PARAM_BOOL},
    {.name = "elephants",
     .help = "forced long messages, a part of the load; of the sources in turn",
     .fallback = "0",
     .offset = offsetof(struct poisson_params, elephants),
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "elephant_bytes",
     .help = "their size",
     .fallback = "1GB",
     .offset = offsetof(struct poisson_params, elephant_bytes),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "elephant_at",
     .help = "when the first one comes",
     .fallback = "0us",
     .offset = offsetof(struct poisson_params, elephant_at),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "elephant_every",
     .help = "time from one to the next",
     .fallback = "10ms",
     .offset = offsetof(struct poisson_params, elephant_every),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_workload_ops poisson_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "poisson",
               .summary = "messages at random times at an offered load",
               .source = "paper, 5.2",
               .state_size = sizeof(struct poisson),
               .params_size = sizeof(struct poisson_params),
               .params = poisson_table,
               .check = poisson_check},
    .init = poisson_init,
    .clear = poisson_clear,
};
