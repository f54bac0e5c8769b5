/* l7_balancer's replicas: what is outstanding at each, what they tell in their responses, and the
 * algorithms that choose one by it. */
#include "models/offload/l7_balancer.h"

#include <math.h>

/* ---- choosing ---- */

bool balancer_reaches(const struct l7_balancer *self, uint32_t replica)
{
    return self->env->is_reachable(self->env->device, self->params->device.servers.items[replica]);
}

/* A new message may go there: the client does not ask the network to avoid the way. */
static bool balancer_suits(const struct l7_balancer *self, uint32_t replica)
{
    uint32_t host = self->params->device.servers.items[replica];
    return balancer_reaches(self, replica) &&
           !(self->placing && self->env->is_excluded(self->env->device, self->placing, host));
}

static double balancer_score(const struct l7_balancer *self, uint32_t replica)
{
    const struct balancer_replica *at = &self->replicas[replica];
    if (!balancer_suits(self, replica))
        return INFINITY;
    if (self->params->algorithm != BALANCER_C3)
        return (double)at->outstanding;
    double queue = 1 + (double)at->outstanding + at->waiting;
    return at->response - at->service + queue * queue * queue * at->service;
}

/* The least score; of equal ones the first from a random place on. */
static uint32_t balancer_least(const struct l7_balancer *self)
{
    uint32_t count = self->replica_count;
    uint32_t first = (uint32_t)sim_rng_below(self->env->rng, count), best = first;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t replica = (first + i) % count;
        if (balancer_score(self, replica) < balancer_score(self, best))
            best = replica;
    }
    return best;
}

static uint32_t balancer_of_two(const struct l7_balancer *self)
{
    uint32_t one = (uint32_t)sim_rng_below(self->env->rng, self->replica_count);
    uint32_t two = (uint32_t)sim_rng_below(self->env->rng, self->replica_count);
    return balancer_score(self, two) < balancer_score(self, one) ? two : one;
}

uint32_t balancer_reachable(const struct l7_balancer *self, uint32_t replica)
{
    for (uint32_t i = 0; i < self->replica_count; i++)
        if (balancer_reaches(self, (replica + i) % self->replica_count))
            return (replica + i) % self->replica_count;
    return replica;
}

uint32_t balancer_hash(const struct l7_balancer *self, uint64_t first, uint64_t second)
{
    return (uint32_t)(sim_mix64(sim_mix64(first) ^ second) % self->replica_count);
}

static uint32_t balancer_by_algorithm(struct l7_balancer *self, uint64_t first, uint64_t second)
{
    switch ((enum l7_balancer_algorithm)self->params->algorithm) {
    case BALANCER_ROUND_ROBIN:
        return self->turn++ % self->replica_count;
    case BALANCER_LEAST_OUTSTANDING:
    case BALANCER_C3:
        return balancer_least(self);
    case BALANCER_POWER_OF_TWO:
        return balancer_of_two(self);
    default:
        return balancer_hash(self, first, second);
    }
}

uint32_t balancer_choose(struct l7_balancer *self, uint64_t first, uint64_t second)
{
    uint32_t count = self->replica_count, choice = balancer_by_algorithm(self, first, second);
    for (uint32_t i = 0; i < count; i++)
        if (balancer_suits(self, (choice + i) % count))
            return (choice + i) % count;
    return balancer_reachable(self, choice);
}

/* ---- requests and responses ---- */

static void balancer_close(struct l7_balancer *self, uint32_t place)
{
    self->replicas[self->request[place].replica].outstanding--;
    offload_table_remove(&self->requests, place);
}

void balancer_open(struct l7_balancer *self, const struct sim_frame *frame, uint32_t replica,
                   sim_time now)
{
    uint32_t place = offload_table_find(&self->requests, frame->origin, frame->number);
    if (place != OFFLOAD_NONE)
        balancer_close(self, place);
    if (self->requests.count == self->requests.capacity)
        balancer_close(self, self->requests.oldest);
    place = offload_table_add(&self->requests, frame->origin, frame->number);
    self->request[place] = (struct balancer_request){replica, now};
    self->replicas[replica].outstanding++;
}

static double average(double before, double now)
{
    return before + (now - before) / 8;
}

void balancer_responded(struct l7_balancer *self, const struct sim_content *content, sim_time now)
{
    uint32_t place = offload_table_find(&self->requests, content->client, content->request);
    if (place == OFFLOAD_NONE)
        return;
    const struct balancer_request *request = &self->request[place];
    struct balancer_replica *replica = &self->replicas[request->replica];
    replica->response = average(replica->response, (double)(now - request->sent_at));
    replica->service = average(replica->service, (double)content->service_ns * (double)SIM_NS);
    replica->waiting = average(replica->waiting, content->waiting);
    balancer_close(self, place);
}

void balancer_forget_replicas(struct l7_balancer *self)
{
    offload_table_empty(&self->requests);
    for (uint32_t i = 0; i < self->replica_count; i++)
        self->replicas[i] = (struct balancer_replica){0};
}
