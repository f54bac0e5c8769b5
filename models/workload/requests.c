/* requests: clients ask servers for objects by key, or write them; every request has a response.
 *
 * Paper: 2.1 (Figure 1, a document look-up that caches, balancers and replicas serve together).
 *
 * A request and its response are messages, each independent of all others. A client keeps a number
 * of requests outstanding (closed loop), or sends them at random times whatever comes back (open
 * loop, exponential gaps). Keys are numbered by popularity, Zipf's law with a given exponent (0:
 * uniform; 0.99 as in YCSB: Cooper and others, SoCC 2010); which server has a key is a hash of it,
 * or all requests go to one address, where a balancer is on the way.
 *
 * Which answer belongs to which request the content says (struct sim_content), since it may come
 * from whoever was in the way. With writes an answer can be wrong as well: a client that has learnt
 * an object's version must not see an older one in a request that it sends later, whoever answers.
 *
 * With TCP requests go over one connection to each server, kept open, and responses over one of the
 * server's; or, not `persistent`, each message on a connection of its own.
 *
 * Not modelled: what is in an object, and the time that clients compute.
 */
#include "models/workload/requests.h"

#include <stdlib.h>

#include "models/workload/zipf.h"

/* A client remembers what it knew when it sent a request, for the last so many. */
#define REQUESTS_REMEMBERED 65536u

struct requests_slot {
    struct sim_timer timer;
    struct requests *owner;
};

/* The version of its object that the client knew of when it sent the request. */
struct requests_floor {
    uint32_t number;
    uint32_t version;
};

struct requests {
    const struct requests_params *params;
    const struct sim_workload_env *env;
    struct zipf zipf;
    struct requests_slot *slots;   /* one for each outstanding; of an open loop one */
    struct requests_slot **asking; /* a stack: which of them is which does not matter */
    uint64_t asking_count;
    uint64_t submitted;
    uint32_t *known; /* version by key; NULL: nobody writes */
    struct requests_floor *floors;
};

/* ---- asking ---- */

static uint32_t requests_server_of(const struct requests *self, uint64_t key)
{
    const struct requests_params *p = self->params;
    return p->to != UINT32_MAX ? p->to : p->servers.items[sim_mix64(key + 1) % p->servers.count];
}

static void requests_remember(struct requests *self, uint32_t number, uint64_t key)
{
    if (self->known)
        self->floors[number % REQUESTS_REMEMBERED] =
            (struct requests_floor){number, self->known[key]};
}

static void requests_ask(struct requests *self, sim_time now)
{
    const struct requests_params *p = self->params;
    const struct sim_workload_env *env = self->env;
    uint64_t key = zipf_draw(&self->zipf, env->rng);
    bool write = p->writes > 0 && sim_rng_uniform(env->rng) < p->writes;
    struct sim_message message = {
        .dst = requests_server_of(self, key),
        .src_port = env->port,
        .own_port = (uint16_t)(env->port + self->submitted % env->ports),
        .dst_port = env->port,
        .bytes = write ? p->write_bytes : p->request_bytes,
        .persistent = p->persistent,
        .encrypted = p->encrypted,
        .framed = true,
        .frame.content = {.kind = write ? SIM_CONTENT_WRITE : SIM_CONTENT_READ,
                          .entry = env->entry,
                          .key = (uint32_t)key,
                          .response_bytes =
                              (uint32_t)(write ? p->request_bytes : p->response_bytes)},
    };
    self->submitted++;
    requests_remember(self, env->submit(env->host_state, env->workload, &message, now), key);
}

static sim_time requests_gap(struct requests *self)
{
    return (sim_time)(sim_rng_exponential(self->env->rng, (double)self->params->interval) + 0.5);
}

static void requests_fire(struct sim_timer *timer, sim_time now)
{
    struct requests_slot *slot = (struct requests_slot *)timer;
    struct requests *self = slot->owner;
    const struct requests_params *p = self->params;
    if (p->count && self->submitted == p->count)
        return;
    if (p->outstanding)
        self->asking[self->asking_count++] = slot;
    else
        sim_timer_set(self->env->timers, timer, now + requests_gap(self));
    requests_ask(self, now);
}

/* ---- being answered ---- */

static bool requests_is_right(struct requests *self, const struct sim_content *content)
{
    if (!self->known)
        return true;
    const struct requests_floor *floor = &self->floors[content->request % REQUESTS_REMEMBERED];
    if (content->value > self->known[content->key])
        self->known[content->key] = (uint32_t)content->value;
    return floor->number != content->request || content->value >= floor->version;
}

static void requests_arm(struct requests *self, struct requests_slot *slot, sim_time from)
{
    uint64_t jitter = (uint64_t)self->params->jitter;
    sim_time wait = jitter ? (sim_time)sim_rng_below(self->env->rng, jitter) : 0;
    sim_timer_set(self->env->timers, &slot->timer, from + wait);
}

static bool requests_answered(void *state, const struct sim_delivery *delivery, sim_time now)
{
    struct requests *self = state;
    if (self->asking_count)
        requests_arm(self, self->asking[--self->asking_count], now);
    return requests_is_right(self, &delivery->frame->content);
}

/* ---- set-up ---- */

static void requests_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct requests *self = state;
    const struct requests_params *p = self->params = params;
    uint64_t slots = p->outstanding ? p->outstanding : 1;
    self->env = env;
    zipf_init(&self->zipf, p->keys, p->zipf);
    self->slots = calloc(slots, sizeof *self->slots);
    self->asking = calloc(slots, sizeof(struct requests_slot *));
    SIM_CHECK(self->slots && self->asking, "out of memory for the requests of a client");
    if (p->writes > 0) {
        self->known = calloc(p->keys, sizeof *self->known);
        self->floors = calloc(REQUESTS_REMEMBERED, sizeof *self->floors);
        SIM_CHECK(self->known && self->floors, "out of memory for the keys of a client");
    }
    for (uint64_t i = 0; i < slots; i++) {
        self->slots[i].owner = self;
        sim_timer_init(&self->slots[i].timer, requests_fire);
        requests_arm(self, &self->slots[i], p->start + (p->outstanding ? 0 : requests_gap(self)));
    }
}

static void requests_clear(void *state)
{
    struct requests *self = state;
    for (uint64_t i = 0; i < (self->params->outstanding ? self->params->outstanding : 1); i++)
        sim_timer_clear(self->env->timers, &self->slots[i].timer);
    free(self->slots);
    free(self->asking);
    free(self->known);
    free(self->floors);
}

/* ---- the table ---- */

static bool requests_is_server(const struct requests_params *p, uint32_t host)
{
    for (uint32_t i = 0; i < p->servers.count; i++)
        if (p->servers.items[i] == host)
            return true;
    return false;
}

static const char *requests_check(const void *params)
{
    const struct requests_params *p = params;
    if (!p->outstanding == !p->interval)
        return "give either `outstanding` (closed loop) or `interval` (open loop)";
    for (uint32_t i = 0; i < p->from.count; i++)
        if (requests_is_server(p, p->from.items[i]) || p->from.items[i] == p->to)
            return "a host sends to itself";
    return NULL;
}

static const char *const requests_services[] = {"exponential", "fixed", NULL};

#define MEMBER(member) .offset = offsetof(struct requests_params, member)

static const struct sim_param requests_table[] = {
    {.name = "from", .help = "clients", MEMBER(from), .type = SIM_PARAM_HOSTS},
    {.name = "servers",
     .help = "hosts where requests are answered",
     MEMBER(servers),
     .min = 1,
     .max = 65536,
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "where all requests are sent; otherwise each key to one of the servers",
     .fallback = "none",
     MEMBER(to),
     .type = SIM_PARAM_HOST},
    {.name = "keys",
     .help = "objects, numbered by popularity",
     .fallback = "1000",
     MEMBER(keys),
     .min = 1,
     .max = 1e8,
     .type = SIM_PARAM_COUNT},
    {.name = "zipf",
     .help = "exponent of the popularity of keys; 0: all alike",
     .fallback = "0",
     MEMBER(zipf),
     .max = 10,
     .type = SIM_PARAM_REAL},
    {.name = "writes",
     .help = "share of requests that write",
     .fallback = "0",
     MEMBER(writes),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = "request",
     .help = "size of a read request, and of the response to a write",
     .fallback = "64B",
     MEMBER(request_bytes),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_BYTES},
    {.name = "write",
     .help = "size of a request that writes",
     .fallback = "1KB",
     MEMBER(write_bytes),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_BYTES},
    {.name = "response",
     .help = "size of the response to a read request",
     .fallback = "1KB",
     MEMBER(response_bytes),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_BYTES},
    {.name = "outstanding",
     .help = "closed loop: requests of each client that have no answer",
     .fallback = "0",
     MEMBER(outstanding),
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "interval",
     .help = "open loop: mean time between two requests of a client",
     .fallback = "0us",
     MEMBER(interval),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "count",
     .help = "requests of each client; 0 is as many as fit",
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
     .help = "a request starts at random within so much time after the answer before it",
     .fallback = "0us",
     MEMBER(jitter),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "service",
     .help = "mean time that a server takes for a request",
     .fallback = "0us",
     MEMBER(service),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "service_times",
     .help = "how they are distributed",
     .fallback = "exponential",
     MEMBER(service_times),
     .choices = requests_services,
     .type = SIM_PARAM_CHOICE},
    {.name = "parallel",
     .help = "requests that a server serves at once",
     .fallback = "1",
     MEMBER(parallel),
     .min = 1,
     .max = 1e4,
     .type = SIM_PARAM_COUNT},
    {.name = "persistent",
     .help = "TCP: all between two hosts on one connection each way, else each on its own",
     .fallback = "true",
     MEMBER(persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "encrypted",
     .help = "MTP: requests and responses; devices without the key let them pass",
     .fallback = "false",
     MEMBER(encrypted),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_workload_ops requests_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "requests",
               .summary = "clients that ask servers for objects by key, and their responses",
               .source = "paper, 2.1",
               .state_size = sizeof(struct requests),
               .params_size = sizeof(struct requests_params),
               .params = requests_table,
               .check = requests_check},
    .server = &requests_server,
    .answered = requests_answered,
    .init = requests_init,
    .clear = requests_clear,
};
