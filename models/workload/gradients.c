/* gradients: workers that add up chunks of gradients at a parameter server, as training does.
 *
 * Paper: 2.1 ("machine learning [23, 37]"), 4 ("ML training"). After ATP (Lao and others, NSDI
 * 2021) and SwitchML (Sapio and others, NSDI 2021).
 *
 * Each worker sends its contribution to chunk 0, 1, ... to the server, one message a chunk, with a
 * number of chunks outstanding; it goes on when the sum of a chunk comes back, whoever added it up.
 * The server adds the contributions of all workers and sends the sum to each. Contributions are
 * numbers that depend on worker and chunk, and are added modulo 2^64, so each worker can tell a sum
 * in which one is missing or counted twice.
 *
 * The server keeps the chunks that it heard of last. What comes late of a chunk that it has
 * forgotten by then is left alone: no worker is further ahead of another than its window, which is
 * less than what the server keeps, so that chunk was completed.
 *
 * Not modelled: the time that computing takes, at workers and at the server.
 */
#include <mtpsim/workload.h>

#include <stdlib.h>

#define GRADIENTS_WORKERS_MAX 64u
#define GRADIENTS_KEPT        4096u /* chunks at the server; more than any window */

struct gradients_params {
    struct sim_list from, servers;
    uint64_t bytes, window, chunks;
    sim_time start, jitter, late;
    bool encrypted;
    uint32_t straggler; /* UINT32_MAX: none */
};

/* What worker `worker` has to add to a chunk. */
static uint64_t gradients_value(uint32_t worker, uint32_t chunk)
{
    return sim_mix64((uint64_t)worker << 32 | (chunk + 1));
}

/* ---- workers ---- */

struct gradients {
    struct sim_timer timer; /* first */
    const struct gradients_params *params;
    const struct sim_workload_env *env;
    uint32_t next, open; /* the next chunk; how many are outstanding */
};

static void gradients_send(struct gradients *self, sim_time now)
{
    const struct gradients_params *p = self->params;
    struct sim_message message = {
        .dst = p->servers.items[0],
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + self->next % self->env->ports),
        .dst_port = self->env->port,
        .bytes = p->bytes,
        .persistent = true,
        .encrypted = p->encrypted,
        .framed = true,
        .frame.content = {.kind = SIM_CONTENT_GRADIENT,
                          .entry = self->env->entry,
                          .key = self->next,
                          .worker = (uint8_t)self->env->index,
                          .client = self->env->source_count,
                          .value = gradients_value(self->env->index, self->next),
                          .response_bytes = (uint32_t)p->bytes},
    };
    self->next++;
    self->open++;
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
}

static void gradients_fill(struct gradients *self, sim_time now)
{
    const struct gradients_params *p = self->params;
    while (self->open < p->window && (!p->chunks || self->next < p->chunks))
        gradients_send(self, now);
}

static void gradients_fire(struct sim_timer *timer, sim_time now)
{
    gradients_fill((struct gradients *)timer, now);
}

static bool gradients_answered(void *state, const struct sim_delivery *delivery, sim_time now)
{
    struct gradients *self = state;
    const struct sim_content *content = &delivery->frame->content;
    uint64_t sum = 0;
    for (uint32_t worker = 0; worker < self->env->source_count; worker++)
        sum += gradients_value(worker, content->key);
    self->open--;
    gradients_fill(self, now);
    return content->value == sum;
}

static void gradients_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct gradients *self = state;
    const struct gradients_params *p = self->params = params;
    uint64_t jitter = (uint64_t)p->jitter;
    self->env = env;
    sim_timer_init(&self->timer, gradients_fire);
    sim_time at = p->start + (jitter ? (sim_time)sim_rng_below(env->rng, jitter) : 0);
    sim_timer_set(env->timers, &self->timer, at + (env->host == p->straggler ? p->late : 0));
}

static void gradients_clear(void *state)
{
    struct gradients *self = state;
    sim_timer_clear(self->env->timers, &self->timer);
}

/* ---- the server ---- */

struct gradients_chunk {
    uint32_t number;
    bool used;
    uint64_t from, sum; /* a bit for each worker that is in the sum */
    uint32_t clients[GRADIENTS_WORKERS_MAX], requests[GRADIENTS_WORKERS_MAX];
};

struct gradients_server {
    const struct gradients_params *params;
    const struct sim_workload_env *env;
    struct gradients_chunk *chunks; /* by number, modulo */
};

static void server_answer(struct gradients_server *self, const struct gradients_chunk *chunk,
                          uint32_t worker, sim_time now)
{
    struct sim_message message = {
        .dst = chunk->clients[worker],
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + chunk->number % self->env->ports),
        .dst_port = self->env->port,
        .bytes = self->params->bytes,
        .persistent = true,
        .encrypted = self->params->encrypted,
        .framed = true,
        .frame.content = {.kind = SIM_CONTENT_SUM,
                          .entry = self->env->entry,
                          .key = chunk->number,
                          .value = chunk->sum,
                          .client = chunk->clients[worker],
                          .request = chunk->requests[worker]},
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
}

static void server_request(void *state, const struct sim_delivery *delivery, sim_time now)
{
    struct gradients_server *self = state;
    const struct sim_frame *frame = &*delivery->frame;
    const struct sim_content *content = &frame->content;
    struct gradients_chunk *chunk = &self->chunks[content->key % GRADIENTS_KEPT];
    uint32_t workers = self->params->from.count;
    if (chunk->used && content->key < chunk->number)
        return;
    if (!chunk->used || chunk->number != content->key)
        *chunk = (struct gradients_chunk){.number = content->key, .used = true};
    uint64_t bit = UINT64_C(1) << content->worker;
    if (chunk->from & bit)
        return;
    chunk->from |= bit;
    chunk->sum += content->value;
    chunk->clients[content->worker] = frame->origin;
    chunk->requests[content->worker] = frame->number;
    if (chunk->from != UINT64_MAX >> (64 - workers))
        return;
    for (uint32_t worker = 0; worker < workers; worker++)
        server_answer(self, chunk, worker, now);
}

static void server_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct gradients_server *self = state;
    self->params = params;
    self->env = env;
    self->chunks = calloc(GRADIENTS_KEPT, sizeof *self->chunks);
    SIM_CHECK(self->chunks, "out of memory for %u chunks", GRADIENTS_KEPT);
}

static void server_clear(void *state)
{
    struct gradients_server *self = state;
    free(self->chunks);
}

static const struct sim_server_ops gradients_server = {
    .state_size = sizeof(struct gradients_server),
    .init = server_init,
    .clear = server_clear,
    .request = server_request,
};

/* ---- the table ---- */

static const char *gradients_check(const void *params)
{
    const struct gradients_params *p = params;
    if (p->from.count > GRADIENTS_WORKERS_MAX)
        return "more than 64 workers";
    for (uint32_t i = 0; i < p->from.count; i++)
        if (p->servers.count && p->from.items[i] == p->servers.items[0])
            return "a host sends to itself";
    return NULL;
}

#define MEMBER(member) .offset = offsetof(struct gradients_params, member)

static const struct sim_param gradients_table[] = {
    {.name = "from", .help = "workers, 64 at most", MEMBER(from), .type = SIM_PARAM_HOSTS},
    {.name = "servers",
     .help = "the parameter server",
     MEMBER(servers),
     .min = 1,
     .max = 1,
     .type = SIM_PARAM_HOSTS},
    {.name = "bytes",
     .help = "size of a chunk, of a contribution as of a sum",
     .fallback = "1KB",
     MEMBER(bytes),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_BYTES},
    {.name = "window",
     .help = "chunks of each worker without a sum",
     .fallback = "64",
     MEMBER(window),
     .min = 1,
     .max = GRADIENTS_KEPT / 4,
     .type = SIM_PARAM_COUNT},
    {.name = "chunks",
     .help = "of each worker; 0 is as many as fit",
     .fallback = "0",
     MEMBER(chunks),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "start",
     .help = "time of the first",
     .fallback = "0us",
     MEMBER(start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "jitter",
     .help = "a worker starts at random within so much time",
     .fallback = "0us",
     MEMBER(jitter),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "straggler",
     .help = "a worker that starts late",
     .fallback = "none",
     MEMBER(straggler),
     .type = SIM_PARAM_HOST},
    {.name = "late",
     .help = "by how much",
     .fallback = "0us",
     MEMBER(late),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "encrypted",
     .help = "MTP: contributions and sums; devices without the key let them pass",
     .fallback = "false",
     MEMBER(encrypted),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_workload_ops gradients_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "gradients",
               .summary = "workers that add up chunks of gradients at a parameter server",
               .source = "paper, 4",
               .state_size = sizeof(struct gradients),
               .params_size = sizeof(struct gradients_params),
               .params = gradients_table,
               .check = gradients_check},
    .server = &gradients_server,
    .answered = gradients_answered,
    .init = gradients_init,
    .clear = gradients_clear,
};
