/* What is in the slots of `aggregate`: contributions come in, sums and verdicts go out. */
#include "models/offload/aggregate.h"

#include "models/offload/answers.h"

#define AGGREGATE_WORKER_BYTES 16u /* of the table of a real device: address, message ID, ports */

static void aggregate_report(struct aggregate *self)
{
    self->env->holds(self->env->device, self->held, self->held_bytes);
}

/* ---- out ---- */

void aggregate_slot_answer(const struct aggregate_slot *slot, uint32_t worker, sim_time now)
{
    const struct sim_device_env *env = slot->owner->env;
    const struct aggregate_contribution *from = &slot->from[worker];
    struct sim_answer answer = {
        .dst = from->src,
        .message = from->message,
        .src_port = from->dst_port,
        .dst_port = from->src_port,
        .priority = from->priority,
        .encrypted = from->encrypted,
        .bytes = slot->bytes,
        .content = {.kind = SIM_CONTENT_SUM,
                    .entry = slot->entry,
                    .key = slot->chunk,
                    .value = slot->sum,
                    .client = from->src,
                    .request = from->request},
    };
    env->emit(env->device, offload_answer(env, &answer), now);
}

/* Says to every worker whose contribution is here what has become of it. */
static void slot_tell(const struct aggregate_slot *slot, bool delivered, sim_time now)
{
    const struct sim_device_env *env = slot->owner->env;
    for (uint32_t worker = 0; worker < slot->owner->params->workers; worker++) {
        const struct aggregate_contribution *from = &slot->from[worker];
        if (!(slot->here >> worker & 1))
            continue;
        if (delivered)
            env->consumed(env->device, from->src, from->number, now);
        env->emit(env->device,
                  offload_verdict(env, from->dst, from->src, from->message, from->encrypted,
                                  delivered ? OFFLOAD_DELIVERED : OFFLOAD_GIVEN_UP),
                  now);
    }
}

void aggregate_slot_free(struct aggregate_slot *slot)
{
    struct aggregate *self = slot->owner;
    for (uint32_t worker = 0; worker < self->params->workers; worker++) {
        if (!(slot->here >> worker & 1))
            continue;
        uint32_t place =
            offload_table_find(&self->table, slot->from[worker].src, slot->from[worker].message);
        offload_table_remove(&self->table, place);
        self->held--;
        self->held_bytes -= AGGREGATE_WORKER_BYTES;
    }
    self->held_bytes -= slot->bytes;
    slot->taken = false;
    slot->here = slot->acknowledged = slot->sum = 0;
    if (slot->passed <= slot->chunk)
        slot->passed = (uint64_t)slot->chunk + 1;
    sim_timer_clear(self->env->timers, &slot->timer);
    aggregate_report(self);
}

void aggregate_slot_give_up(struct aggregate_slot *slot, sim_time now)
{
    slot->owner->given_up++;
    slot_tell(slot, false, now);
    aggregate_slot_free(slot);
}

static void slot_impatient(struct sim_timer *timer, sim_time now)
{
    aggregate_slot_give_up((struct aggregate_slot *)timer, now);
}

void aggregate_slot_acknowledged(struct aggregate_slot *slot, uint32_t worker, sim_time now)
{
    if (!aggregate_is_complete(slot))
        return;
    slot->acknowledged |= UINT64_C(1) << worker;
    if (slot->acknowledged != slot->here)
        return;
    slot_tell(slot, true, now);
    aggregate_slot_free(slot);
}

/* ---- in ---- */

void aggregate_slot_init(struct aggregate_slot *slot, struct aggregate *owner,
                         struct aggregate_contribution *contributions)
{
    slot->owner = owner;
    slot->from = contributions;
    sim_timer_init(&slot->timer, slot_impatient);
}

void aggregate_slot_take(struct aggregate_slot *slot, const struct sim_packet *packet,
                         const struct sim_content *content, sim_time now)
{
    struct aggregate *self = slot->owner;
    slot->taken = true;
    slot->chunk = content->key;
    slot->entry = content->entry;
    slot->bytes = packet->mtp.message_bytes;
    self->held_bytes += slot->bytes;
    sim_timer_set(self->env->timers, &slot->timer, now + self->params->patience);
}

void aggregate_slot_add(struct aggregate_slot *slot, const struct sim_packet *packet,
                        const struct sim_frame *frame, sim_time now)
{
    struct aggregate *self = slot->owner;
    uint32_t worker = frame->content.worker;
    slot->from[worker] = (struct aggregate_contribution){
        .message = packet->mtp.message,
        .src = packet->src,
        .dst = packet->dst,
        .number = sim_packet_lists(self->env->pool, packet)->mtp.number,
        .request = frame->number,
        .src_port = packet->mtp.src_port,
        .dst_port = packet->mtp.dst_port,
        .priority = packet->priority,
        .encrypted = packet->mtp.flags & SIM_MTP_ENCRYPTED,
    };
    uint32_t place = offload_table_add(&self->table, packet->src, packet->mtp.message);
    self->slot_of[place] = (uint32_t)(slot - self->slots);
    self->worker_of[place] = (uint8_t)worker;
    slot->here |= UINT64_C(1) << worker;
    slot->sum += frame->content.value;
    self->held++;
    self->held_bytes += AGGREGATE_WORKER_BYTES;
    aggregate_report(self);
    if (!aggregate_is_complete(slot))
        return;
    self->sums++;
    for (uint32_t i = 0; i < self->params->workers; i++)
        aggregate_slot_answer(slot, i, now);
}
