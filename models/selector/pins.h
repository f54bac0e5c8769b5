/* Pins: which port a switch sends each message to, in a table of bounded size (protocol: "devices
 * treat a message atomically").
 *
 * A pin is active until the last byte of its message has passed, or until nothing of it was seen
 * for a while (its sender gave up); then it stays, for retransmissions, until its place is needed:
 * the one longest finished goes first. When all are active, there is no place, and the selector
 * falls back to a hash, which is atomic too.
 */
#ifndef MODELS_SELECTOR_PINS_H
#define MODELS_SELECTOR_PINS_H

#include "messages.h"

#define PINS_NONE UINT32_MAX

struct pin {
    uint64_t id;
    uint64_t bytes;  /* of the message; 0: not known */
    uint64_t origin; /* what `passed` counts from: TCP's sequence numbers do not begin at 0 */
    uint64_t passed; /* bytes up to which it has passed */
    sim_time seen_at;
    uint32_t src;
    uint32_t next_of_hash;
    uint32_t older, newer; /* in the list of active or of finished pins */
    uint16_t port;
    uint8_t priority;
    bool shared, active;
};

struct pins_list {
    uint32_t oldest, newest;
};

struct pins {
    struct pin *pins;
    uint32_t *buckets; /* first pin by hash */
    uint32_t mask;     /* of buckets */
    uint32_t capacity, used;
    uint32_t free;                     /* removed places, linked by next_of_hash */
    struct pins_list active, finished; /* in the order of the last packet; of finishing */
    sim_time idle; /* an active pin that sees no packet for so long is finished */
};

void pins_init(struct pins *pins, uint32_t capacity, sim_time idle);
void pins_clear(struct pins *pins);

/* NULL: none. */
struct pin *pins_find(const struct pins *pins, uint32_t src, uint64_t id);

/* A new pin for a message that has none; NULL when every place has an active one. */
struct pin *pins_add(struct pins *pins, const struct selector_message *message, uint32_t port,
                     sim_time now);
void pins_remove(struct pins *pins, struct pin *pin);

/* Another packet of the message: what has passed, and whether the message has. */
void pins_pass(struct pins *pins, struct pin *pin, const struct selector_message *message,
               sim_time now);

/* The pin that a packet follows, told of it; NULL when its message has none, or had one that dies
 * now: its port is none of `ports` (the link is down), or the message is sent again in whole. */
struct pin *pins_follow(struct pins *pins, const struct selector_message *message,
                        const uint16_t *ports, uint32_t count, sim_time now);

/* Finishes those that were idle for too long. */
void pins_expire(struct pins *pins, sim_time now);

/* Bytes that have not passed; of a message of unknown size 0. */
static inline uint64_t pin_left(const struct pin *pin)
{
    uint64_t passed = pin->passed - pin->origin;
    return pin->bytes > passed ? pin->bytes - passed : 0;
}

/* Over the active pins, in the order of their last packet. */
static inline const struct pin *pins_first(const struct pins *pins)
{
    return pins->active.oldest == PINS_NONE ? NULL : &pins->pins[pins->active.oldest];
}

static inline const struct pin *pins_next(const struct pins *pins, const struct pin *pin)
{
    return pin->newer == PINS_NONE ? NULL : &pins->pins[pin->newer];
}

#endif
