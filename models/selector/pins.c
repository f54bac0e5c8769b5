#include "pins.h"

#include <stdlib.h>

void pins_init(struct pins *pins, uint32_t capacity, sim_time idle)
{
    uint32_t buckets = 1;
    while (buckets < capacity)
        buckets *= 2;
    *pins = (struct pins){
        .pins = calloc(capacity, sizeof *pins->pins),
        .buckets = malloc(buckets * sizeof *pins->buckets),
        .mask = buckets - 1,
        .capacity = capacity,
        .free = PINS_NONE,
        .active = {PINS_NONE, PINS_NONE},
        .finished = {PINS_NONE, PINS_NONE},
        .idle = idle,
    };
    SIM_CHECK(pins->pins && pins->buckets, "out of memory for %u pins", capacity);
    for (uint32_t i = 0; i < buckets; i++)
        pins->buckets[i] = PINS_NONE;
}

void pins_clear(struct pins *pins)
{
    free(pins->pins);
    free(pins->buckets);
}

static uint32_t *pins_bucket(const struct pins *pins, uint32_t src, uint64_t id)
{
    return &pins->buckets[sim_mix64(id ^ (uint64_t)src << 20) & pins->mask];
}

struct pin *pins_find(const struct pins *pins, uint32_t src, uint64_t id)
{
    for (uint32_t i = *pins_bucket(pins, src, id); i != PINS_NONE; i = pins->pins[i].next_of_hash)
        if (pins->pins[i].id == id && pins->pins[i].src == src)
            return &pins->pins[i];
    return NULL;
}

/* ---- lists ---- */

static struct pins_list *pins_list_of(struct pins *pins, const struct pin *pin)
{
    return pin->active ? &pins->active : &pins->finished;
}

static void pins_unlink(struct pins *pins, const struct pin *pin)
{
    struct pins_list *list = pins_list_of(pins, pin);
    if (pin->older == PINS_NONE)
        list->oldest = pin->newer;
    else
        pins->pins[pin->older].newer = pin->newer;
    if (pin->newer == PINS_NONE)
        list->newest = pin->older;
    else
        pins->pins[pin->newer].older = pin->older;
}

static void pins_append(struct pins *pins, struct pin *pin)
{
    struct pins_list *list = pins_list_of(pins, pin);
    uint32_t index = (uint32_t)(pin - pins->pins);
    pin->older = list->newest;
    pin->newer = PINS_NONE;
    if (list->newest == PINS_NONE)
        list->oldest = index;
    else
        pins->pins[list->newest].newer = index;
    list->newest = index;
}

static void pins_finish(struct pins *pins, struct pin *pin)
{
    pins_unlink(pins, pin);
    pin->active = false;
    pins_append(pins, pin);
}

void pins_expire(struct pins *pins, sim_time now)
{
    while (pins->active.oldest != PINS_NONE) {
        struct pin *oldest = &pins->pins[pins->active.oldest];
        if (now - oldest->seen_at <= pins->idle)
            return;
        pins_finish(pins, oldest);
    }
}

/* ---- pins ---- */

void pins_remove(struct pins *pins, struct pin *pin)
{
    uint32_t index = (uint32_t)(pin - pins->pins);
    uint32_t *link = pins_bucket(pins, pin->src, pin->id);
    while (*link != index)
        link = &pins->pins[*link].next_of_hash;
    *link = pin->next_of_hash;
    pins_unlink(pins, pin);
    pin->next_of_hash = pins->free;
    pins->free = index;
}

static struct pin *pins_take_place(struct pins *pins)
{
    if (pins->free == PINS_NONE && pins->used < pins->capacity)
        return &pins->pins[pins->used++];
    if (pins->free == PINS_NONE && pins->finished.oldest != PINS_NONE)
        pins_remove(pins, &pins->pins[pins->finished.oldest]);
    if (pins->free == PINS_NONE)
        return NULL;
    struct pin *pin = &pins->pins[pins->free];
    pins->free = pin->next_of_hash;
    return pin;
}

struct pin *pins_add(struct pins *pins, const struct selector_message *message, uint32_t port,
                     sim_time now)
{
    struct pin *pin = pins_take_place(pins);
    if (!pin)
        return NULL;
    uint32_t *bucket = pins_bucket(pins, message->src, message->id);
    *pin = (struct pin){
        .id = message->id,
        .bytes = message->bytes,
        .origin = message->shared ? message->passed : 0,
        .passed = message->passed,
        .seen_at = now,
        .src = message->src,
        .next_of_hash = *bucket,
        .port = (uint16_t)port,
        .priority = message->priority,
        .shared = message->shared,
        .active = true,
    };
    *bucket = (uint32_t)(pin - pins->pins);
    pins_append(pins, pin);
    return pin;
}

/* A message that was idle for long goes on; a retransmission brings nothing new, and makes no
 * finished pin active. */
void pins_pass(struct pins *pins, struct pin *pin, const struct selector_message *message,
               sim_time now)
{
    bool news = message->passed > pin->passed;
    pin->seen_at = now;
    if (news)
        pin->passed = message->passed;
    if (!pin->active && !news)
        return;
    pins_unlink(pins, pin);
    pin->active = !message->last;
    pins_append(pins, pin);
}

/* A SYN behind data is of another connection, with the same ports. */
static bool pin_is_dead(const struct pin *pin, const struct selector_message *message,
                        const uint16_t *ports, uint32_t count)
{
    if (message->again || (message->shared && message->first && pin->passed != pin->origin))
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (ports[i] == pin->port)
            return false;
    return true;
}

struct pin *pins_follow(struct pins *pins, const struct selector_message *message,
                        const uint16_t *ports, uint32_t count, sim_time now)
{
    struct pin *pin = pins_find(pins, message->src, message->id);
    if (!pin)
        return NULL;
    if (SIM_UNLIKELY(pin_is_dead(pin, message, ports, count))) {
        pins_remove(pins, pin);
        return NULL;
    }
    pins_pass(pins, pin, message, now);
    return pin;
}
