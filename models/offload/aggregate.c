/* aggregate: adds up the contributions of all workers in the network, in place of the server.
 *
 * Paper: 2.1, 4 ("ML training, e.g. ATP"). After ATP (Lao and others, NSDI 2021: slots that are
 * taken as chunks come, the server as a fallback) and SwitchML (Sapio and others, NSDI 2021).
 *
 * A chunk has one slot that it can take, by its number. A contribution is absorbed into it: its
 * packet is acknowledged, its message is not (mtpsim/device.h, point 3). When all are there, the
 * sum goes to each worker as the answer to its contribution, under the same message ID (point 4).
 * When all workers have acknowledged the sum, and not before, all contributions are acknowledged as
 * messages, and the slot is free. So at any time before that, whatever is lost here is still at all
 * workers: none has forgotten its contribution while another is without the sum.
 *
 * A chunk is added up here as a whole or not at all. If its slot is taken by another chunk when its
 * first contribution comes, this and all later ones pass to the server: the slot remembers the
 * highest chunk that passed, and takes none at or below it any more. A slot whose chunk is not
 * complete after `patience` (a straggler), or of which a contribution comes again with the restart
 * flag, is given up: a NACK asks each worker for its whole message again, and what is sent again
 * always passes to the server. A restart is the same without the NACK: the workers' timeouts do it.
 *
 * What a worker may send must also fit on the way that the sums take to it, of which it hears
 * nothing as a sender: its acknowledgements of sums come here. So their path feedback is added to
 * that of the worker's next contribution.
 *
 * State: for each slot the sum and, for each worker, where its contribution came from.
 *
 * Not aggregated: contributions of more than one packet, sums of more or fewer workers than
 * `workers`, encrypted ones without the key, other transports.
 */
#include "models/offload/aggregate.h"

#include <stdlib.h>

#include "models/offload/answers.h"

#define AGGREGATE_WORKERS_MAX 64u

/* ---- the sums' way ---- */

/* Keeps the feedback of an acknowledgement of a sum. */
static void aggregate_learn(struct aggregate *self, const struct sim_packet *packet,
                            uint32_t worker)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    const union sim_packet_rare *rare = sim_packet_rare(self->env->pool, packet);
    struct aggregate_path *path = &self->paths[worker];
    path->count = 0;
    for (uint32_t i = 0; i < packet->mtp.path_count; i++) {
        struct sim_feedback entry = sim_feedback_get(lists, rare, i);
        if (entry.path)
            path->entries[path->count++] = entry;
    }
}

/* Adds it to the feedback of a contribution, as if that had taken the way of the sum too. */
static void aggregate_pass_on(struct aggregate *self, struct sim_packet *packet, uint32_t worker)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(self->env->pool, packet);
    struct aggregate_path *path = &self->paths[worker];
    for (uint32_t i = 0; i < path->count && packet->mtp.path_count < SIM_MTP_LIST_MAX; i++) {
        sim_feedback_put(lists, rare, packet->mtp.path_count++, &path->entries[i]);
        if (path->entries[i].type == SIM_FEEDBACK_ECN)
            path->entries[i].value = 0; /* a mark is passed on once */
    }
}

/* ---- contributions ---- */

/* Whether the slot is the chunk's, perhaps from now on. */
static bool aggregate_has(struct aggregate_slot *slot, const struct sim_packet *packet,
                          const struct sim_content *content, sim_time now)
{
    bool own = slot->taken && slot->chunk == content->key && slot->entry == content->entry;
    bool complete = own && aggregate_is_complete(slot);
    bool restarts = packet->mtp.flags & SIM_MTP_RESTART;
    if (own && restarts && !complete)
        aggregate_slot_give_up(slot, now);
    if (own)
        return complete || !restarts;
    if (slot->taken || restarts || content->key < slot->passed) {
        if (slot->passed <= content->key)
            slot->passed = (uint64_t)content->key + 1;
        return false;
    }
    aggregate_slot_take(slot, packet, content, now);
    return true;
}

static void aggregate_contribution(struct aggregate *self, struct sim_packet *packet, sim_time now)
{
    const struct sim_frame *frame = &sim_packet_rare(self->env->pool, packet)->frame;
    struct aggregate_slot *slot = &self->slots[frame->content.key % self->params->slots];
    uint32_t worker = frame->content.worker;
    if (!aggregate_has(slot, packet, &frame->content, now)) {
        self->fallbacks++;
        self->env->forward(self->env->device, packet, now);
        return;
    }
    if (!(slot->here >> worker & 1)) {
        aggregate_slot_add(slot, packet, frame, now);
    } else {
        self->repeated++;
        if (aggregate_is_complete(slot))
            aggregate_slot_answer(slot, worker, now);
    }
    aggregate_pass_on(self, packet, worker);
    offload_sack(self->env, packet);
    self->env->answer(self->env->device, packet, now);
}

/* A worker has a sum. */
static void aggregate_acknowledged(struct aggregate *self, const struct sim_packet *packet,
                                   uint64_t message, sim_time now)
{
    uint32_t place = offload_table_find(&self->table, packet->src, message);
    if (place == OFFLOAD_NONE)
        return;
    aggregate_learn(self, packet, self->worker_of[place]);
    aggregate_slot_acknowledged(&self->slots[self->slot_of[place]], self->worker_of[place], now);
}

static void aggregate_own(struct aggregate *self, struct sim_packet *packet, sim_time now)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    bool ack = packet->protocol == SIM_PROTOCOL_MTP && (packet->mtp.flags & SIM_MTP_ACK);
    for (uint32_t i = 0; ack && i < lists->mtp.sack_count; i++)
        if (lists->mtp.sack[i].packet == SIM_MTP_WHOLE)
            aggregate_acknowledged(self, packet, lists->mtp.sack[i].message, now);
    self->env->absorb(self->env->device, packet);
}

/* ---- the device ---- */

static enum sim_device_use aggregate_look(void *state, const struct sim_packet *packet,
                                          enum sim_device_way way)
{
    const struct aggregate *self = state;
    bool data = packet->protocol == SIM_PROTOCOL_MTP && (packet->mtp.flags & SIM_MTP_DATA);
    if (way == SIM_DEVICE_OWN)
        return SIM_DEVICE_PEEK;
    return way == SIM_DEVICE_TOWARDS && data && sim_device_reads(&self->params->device, packet)
               ? SIM_DEVICE_SERVE
               : SIM_DEVICE_PASS;
}

static bool aggregate_can(const struct aggregate *self, const struct sim_packet *packet)
{
    if (packet->mtp.message_packets != 1 || !(packet->flags & SIM_PACKET_FRAMED) ||
        (packet->flags & SIM_PACKET_TRIMMED))
        return false;
    const struct sim_content *content = &sim_packet_rare(self->env->pool, packet)->frame.content;
    return content->kind == SIM_CONTENT_GRADIENT && content->client == self->params->workers &&
           content->worker < self->params->workers;
}

static void aggregate_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                           sim_time now)
{
    struct aggregate *self = state;
    if (way == SIM_DEVICE_OWN)
        aggregate_own(self, packet, now);
    else if (aggregate_can(self, packet))
        aggregate_contribution(self, packet, now);
    else
        self->env->forward(self->env->device, packet, now);
}

static void aggregate_restart(void *state, sim_time now)
{
    struct aggregate *self = state;
    (void)now;
    for (uint64_t i = 0; i < self->params->slots; i++) {
        if (self->slots[i].taken)
            aggregate_slot_free(&self->slots[i]);
        self->slots[i].passed = 0;
    }
    for (uint64_t i = 0; i < self->params->workers; i++)
        self->paths[i].count = 0;
}

static bool aggregate_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct aggregate *self = state;
    const struct sim_device_counter counters[] = {
        {"sums", self->sums},
        {"fallbacks", self->fallbacks},
        {"given_up", self->given_up},
        {"repeated", self->repeated},
    };
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

static void aggregate_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct aggregate *self = state;
    const struct aggregate_params *p = self->params = params;
    uint64_t places = p->slots * p->workers;
    self->env = env;
    offload_table_init(&self->table, (uint32_t)places);
    self->slots = calloc(p->slots, sizeof *self->slots);
    self->contributions = calloc(places, sizeof *self->contributions);
    self->paths = calloc(p->workers, sizeof *self->paths);
    self->slot_of = calloc(places, sizeof *self->slot_of);
    self->worker_of = calloc(places, sizeof *self->worker_of);
    SIM_CHECK(self->slots && self->contributions && self->paths && self->slot_of && self->worker_of,
              "out of memory for a device");
    for (uint64_t i = 0; i < p->slots; i++)
        aggregate_slot_init(&self->slots[i], self, &self->contributions[i * p->workers]);
}

static void aggregate_clear(void *state)
{
    struct aggregate *self = state;
    for (uint64_t i = 0; i < self->params->slots; i++)
        sim_timer_clear(self->env->timers, &self->slots[i].timer);
    offload_table_clear(&self->table);
    free(self->slots);
    free(self->contributions);
    free(self->paths);
    free(self->slot_of);
    free(self->worker_of);
}

static const struct sim_device_ops aggregate_device = {
    .init = aggregate_init,
    .clear = aggregate_clear,
    .look = aggregate_look,
    .take = aggregate_take,
    .restart = aggregate_restart,
    .counter = aggregate_counter,
};

/* ---- the table ---- */

#define MEMBER(member) .offset = offsetof(struct aggregate_params, member)

static const struct sim_param aggregate_table[] = {
    SIM_DEVICE_PARAMS(struct aggregate_params),
    {.name = "workers",
     .help = "contributions to a sum",
     MEMBER(workers),
     .min = 2,
     .max = AGGREGATE_WORKERS_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = "slots",
     .help = "chunks that it adds up at a time",
     .fallback = "512",
     MEMBER(slots),
     .min = 1,
     .max = 65536,
     .type = SIM_PARAM_COUNT},
    {.name = "patience",
     .help = "a slot that is taken for longer is given up, and its chunk left to the server",
     .fallback = "500us",
     MEMBER(patience),
     .min = (double)SIM_NS,
     .max = (double)(60 * SIM_S),
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_offload_ops aggregate_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "aggregate",
               .summary = "adds up the gradients of all workers in place of the server",
               .source = "paper, 2.1, 4",
               .state_size = sizeof(struct aggregate),
               .params_size = sizeof(struct aggregate_params),
               .params = aggregate_table},
    .device = &aggregate_device,
};
