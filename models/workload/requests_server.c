/* The server of `requests`: one queue, so many requests in service at once, the responses.
 *
 * Service times are exponential or fixed; with exponential ones and an open loop it is an M/M/c
 * queue. A write makes the object's next version. A response tells what balancers ask for (Suresh
 * and others, "C3: Cutting tail latency in cloud data stores via adaptive replica selection", NSDI
 * 2015): how many requests are at the server, and how long the service took.
 *
 * Not modelled: bounded queues; a request that waits long is answered late.
 */
#include "models/workload/requests.h"

#include <stdlib.h>

struct requests_job {
    struct sim_content content;
    uint32_t from;           /* whence it came: the client, or a proxy */
    uint32_t client, number; /* the host that asks, its number of the request */
};

struct requests_thread {
    struct sim_timer timer; /* first: the end of the service */
    struct requests_server *server;
    struct requests_job job;
    sim_time service;
};

struct requests_server {
    const struct requests_params *params;
    const struct sim_workload_env *env;
    struct requests_thread *threads;
    struct requests_thread **idle; /* a stack */
    uint64_t idle_count;
    struct requests_job *jobs; /* a ring of those that wait */
    uint32_t first, end, mask;
    double slowdown;
    uint32_t *versions; /* by key; NULL: nothing was written */
};

/* ---- service ---- */

static sim_time server_time(const struct requests_server *self)
{
    double mean = (double)self->params->service * self->slowdown;
    if (self->params->service_times == REQUESTS_EXPONENTIAL && mean > 0)
        mean = sim_rng_exponential(self->env->rng, mean);
    return (sim_time)(mean + 0.5);
}

static void server_start(struct requests_server *self, const struct requests_job *job, sim_time now)
{
    struct requests_thread *thread = self->idle[--self->idle_count];
    thread->job = *job;
    thread->service = server_time(self);
    sim_timer_set(self->env->timers, &thread->timer, now + thread->service);
}

static uint64_t server_version(struct requests_server *self, const struct sim_content *content)
{
    if (content->kind != SIM_CONTENT_WRITE)
        return self->versions ? self->versions[content->key] : 0;
    if (!self->versions) {
        self->versions = calloc(self->params->keys, sizeof *self->versions);
        SIM_CHECK(self->versions, "out of memory for the keys of a server");
    }
    return ++self->versions[content->key];
}

static void server_respond(struct requests_server *self, const struct requests_thread *thread,
                           sim_time now)
{
    const struct requests_job *job = &thread->job;
    uint64_t busy = self->params->parallel - self->idle_count;
    struct sim_message message = {
        .dst = job->from,
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + job->number % self->env->ports),
        .dst_port = self->env->port,
        .bytes = job->content.response_bytes,
        .persistent = self->params->persistent,
        .encrypted = self->params->encrypted,
        .framed = true,
        .frame.content = {.kind = job->content.kind == SIM_CONTENT_WRITE ? SIM_CONTENT_WRITTEN
                                                                         : SIM_CONTENT_RESPONSE,
                          .entry = self->env->entry,
                          .key = job->content.key,
                          .ticket = job->content.ticket,
                          .value = server_version(self, &job->content),
                          .client = job->client,
                          .request = job->number,
                          .waiting = (uint32_t)(self->end - self->first + busy),
                          .service_ns = (uint32_t)(thread->service / SIM_NS)},
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
}

static void server_done(struct sim_timer *timer, sim_time now)
{
    struct requests_thread *thread = (struct requests_thread *)timer;
    struct requests_server *self = thread->server;
    self->idle[self->idle_count++] = thread;
    server_respond(self, thread, now);
    if (self->first != self->end)
        server_start(self, &self->jobs[self->first++ & self->mask], now);
}

/* ---- the queue ---- */

static void server_grow(struct requests_server *self)
{
    uint32_t size = 2 * (self->mask + 1);
    struct requests_job *jobs = malloc(size * sizeof *jobs);
    SIM_CHECK(jobs, "out of memory for %u requests", size);
    for (uint32_t i = self->first; i != self->end; i++)
        jobs[i & (size - 1)] = self->jobs[i & self->mask];
    free(self->jobs);
    self->jobs = jobs;
    self->mask = size - 1;
}

static void server_request(void *state, const struct sim_delivery *delivery, sim_time now)
{
    struct requests_server *self = state;
    const struct requests_job job = {delivery->frame->content, delivery->src,
                                     delivery->frame->origin, delivery->frame->number};
    if (self->idle_count) {
        server_start(self, &job, now);
        return;
    }
    if (self->end - self->first == self->mask + 1)
        server_grow(self);
    self->jobs[self->end++ & self->mask] = job;
}

static void server_slow(void *state, double factor, sim_time now)
{
    struct requests_server *self = state;
    (void)now;
    self->slowdown = factor;
}

/* ---- set-up ---- */

static void server_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct requests_server *self = state;
    self->params = params;
    self->env = env;
    self->slowdown = 1;
    self->mask = 63;
    self->jobs = calloc(self->mask + 1, sizeof *self->jobs);
    self->threads = calloc(self->params->parallel, sizeof *self->threads);
    self->idle = calloc(self->params->parallel, sizeof(struct requests_thread *));
    SIM_CHECK(self->jobs && self->threads && self->idle, "out of memory for a server");
    for (uint64_t i = 0; i < self->params->parallel; i++) {
        self->threads[i].server = self;
        sim_timer_init(&self->threads[i].timer, server_done);
        self->idle[self->idle_count++] = &self->threads[i];
    }
}

static void server_clear(void *state)
{
    struct requests_server *self = state;
    for (uint64_t i = 0; i < self->params->parallel; i++)
        sim_timer_clear(self->env->timers, &self->threads[i].timer);
    free(self->threads);
    free(self->idle);
    free(self->jobs);
    free(self->versions);
}

const struct sim_server_ops requests_server = {
    .state_size = sizeof(struct requests_server),
    .init = server_init,
    .clear = server_clear,
    .request = server_request,
    .slow = server_slow,
};
