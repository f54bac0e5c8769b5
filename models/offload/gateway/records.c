/* Carried packets as both ends hold them.
 *
 * Bytes are not modelled, so that a record's content goes with the segment that has its last byte:
 * there it is complete at the far end, as in a stream. The sending end keeps the copy until TCP has
 * acknowledged all of it, and writes it into that segment whenever it is sent. The receiving end
 * takes its copy from the first of these that arrives, and gives it on when TCP has everything
 * before it.
 */
#include "models/offload/gateway/gateway.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64u

/* ---- memory ---- */

static struct gateway_record *record_new(struct gateway *self, uint32_t number)
{
    struct gateway_record *record = self->idle;
    if (record)
        self->idle = record->next;
    else
        record = malloc(sizeof *record);
    SIM_CHECK(record, "out of memory for a record");
    record->next = NULL;
    record->number = number;
    return record;
}

static void record_count(struct gateway *self, const struct gateway_record *record)
{
    self->held++;
    self->held_bytes += gateway_record_bytes(&record->rare.carried);
    self->env->holds(self->env->device, self->held, self->held_bytes);
}

static void record_free(struct gateway *self, struct gateway_record *record)
{
    self->held--;
    self->held_bytes -= gateway_record_bytes(&record->rare.carried);
    record->next = self->idle;
    self->idle = record;
}

void gateway_records_clear(struct gateway *self)
{
    while (self->idle) {
        struct gateway_record *record = self->idle;
        self->idle = record->next;
        free(record);
    }
}

/* ---- the sending end ---- */

static void ring_grow(struct gateway_sender *sender)
{
    uint32_t size = sender->ring ? 2 * (sender->mask + 1) : FIRST_CAPACITY;
    struct gateway_record **ring = malloc(size * sizeof(*ring));
    SIM_CHECK(ring, "out of memory for %u records", size);
    for (uint32_t i = sender->first; i != sender->end; i++)
        ring[i & (size - 1)] = sender->ring[i & sender->mask];
    free(sender->ring);
    sender->ring = ring;
    sender->mask = size - 1;
}

struct gateway_record *gateway_record_add(struct gateway *self, struct gateway_sender *sender,
                                          const struct sim_packet *packet)
{
    struct gateway_record *record = record_new(self, sender->end);
    record->lists = *sim_packet_lists(self->env->pool, packet);
    record->rare = *sim_packet_rare(self->env->pool, packet);
    record->rare.carried = *packet;
    if (!sender->ring || sender->end - sender->first > sender->mask)
        ring_grow(sender);
    sender->ring[sender->end++ & sender->mask] = record;
    sender->waiting_bytes += gateway_record_bytes(packet);
    record_count(self, record);
    return record;
}

struct gateway_record *gateway_record_at(const struct gateway_sender *sender, uint32_t number)
{
    SIM_CHECK(number - sender->first < sender->end - sender->first, "no record %u in [%u, %u)",
              number, sender->first, sender->end);
    return sender->ring[number & sender->mask];
}

void gateway_record_forget(struct gateway *self, struct gateway_sender *sender, uint32_t number)
{
    SIM_CHECK(number == sender->first, "record %u is acknowledged before record %u", number,
              sender->first);
    record_free(self, gateway_record_at(sender, sender->first));
    sender->first++;
}

uint32_t gateway_sender_forget(struct gateway *self, struct gateway_sender *sender)
{
    uint32_t count = sender->end - sender->first;
    while (sender->first != sender->end)
        record_free(self, sender->ring[sender->first++ & sender->mask]);
    sender->sent = sender->end;
    sender->waiting_bytes = 0;
    return count;
}

void gateway_record_write(const struct gateway *self, const struct gateway_record *record,
                          struct sim_packet *segment)
{
    *sim_packet_lists(self->env->pool, segment) = record->lists;
    *sim_packet_rare(self->env->pool, segment) = record->rare;
    segment->flags |= SIM_PACKET_CARRIES;
}

/* ---- the receiving end ---- */

/* Mostly behind all others; what was sent again fills a gap, which is near the front. */
static void receiver_insert(struct gateway_receiver *receiver, struct gateway_record *record)
{
    struct gateway_record **at = &receiver->head;
    if (receiver->tail && (int32_t)(record->number - receiver->tail->number) > 0)
        at = &receiver->tail->next;
    while (*at && (int32_t)(record->number - (*at)->number) > 0)
        at = &(*at)->next;
    record->next = *at;
    *at = record;
    if (!record->next)
        receiver->tail = record;
}

void gateway_record_read(struct gateway *self, struct gateway_receiver *receiver,
                         const struct sim_packet *segment)
{
    struct gateway_record *record = record_new(self, segment->tcp.message);
    record->lists = *sim_packet_lists(self->env->pool, segment);
    record->rare = *sim_packet_rare(self->env->pool, segment);
    receiver_insert(receiver, record);
    record_count(self, record);
}

static struct gateway_record *receiver_take(struct gateway_receiver *receiver)
{
    struct gateway_record *record = receiver->head;
    receiver->head = record->next;
    if (!receiver->head)
        receiver->tail = NULL;
    return record;
}

struct sim_packet *gateway_record_give(struct gateway *self, struct gateway_receiver *receiver,
                                       uint32_t number)
{
    SIM_CHECK(receiver->head && receiver->head->number == number,
              "record %u is in order and not here", number);
    struct gateway_record *record = receiver_take(receiver);
    struct sim_packet *packet = sim_packet_new(self->env->pool);
    *packet = record->rare.carried;
    *sim_packet_lists(self->env->pool, packet) = record->lists;
    *sim_packet_rare(self->env->pool, packet) = record->rare;
    packet->next = 0;
    record_free(self, record);
    return packet;
}

uint32_t gateway_receiver_forget(struct gateway *self, struct gateway_receiver *receiver)
{
    uint32_t count = 0;
    for (; receiver->head; count++)
        record_free(self, receiver_take(receiver));
    return count;
}
