/* The two halves of `mutate`: mutate.c changes messages, mutate_acks.c what is acknowledged of
 * them. */
#ifndef MODELS_OFFLOAD_MUTATE_H
#define MODELS_OFFLOAD_MUTATE_H

#include <mtpsim/offload.h>

#include "models/offload/scaling.h"
#include "models/offload/table.h"

#define MUTATE_MERGE_MAX                                                                           \
    (SIM_MTP_SACK_MAX - 1) /* entries of one acknowledgement, beside the message's */

struct mutate_params {
    struct sim_device_params device; /* first */
    double ratio, ratio_back;
    uint64_t groups;
    sim_time patience;
};

/* One direction's change. */
struct mutate_change {
    uint64_t ratio_q32;
    uint32_t split, merge; /* one of them is 1 */
    bool none;
};

/* A group of packets of one message that is not complete. */
struct mutate_group {
    struct sim_timer timer; /* first: of a merged one, until its packets are acknowledged here */
    struct mutate *owner;
    uint32_t src, dst, first; /* of the packets; the first one's number */
    uint32_t mask;            /* of the packets, or pieces, that are here */
    uint32_t start, end;      /* bytes of the message, of what is here */
    sim_time used_at;         /* something of it came, last */
    bool marked;              /* CE, on any of them */
    bool encrypted;
    bool framed; /* packet 0 is here, with */
    struct sim_frame frame;
};

struct mutate {
    const struct mutate_params *params;
    const struct sim_device_env *env;
    struct mutate_change towards, back;
    struct offload_table table; /* by (source, direction and group, message) */
    struct mutate_group *groups;
    uint64_t held_bytes;
    uint64_t forgotten, refused, early;
};

/* ---- the function ---- */

static inline uint64_t change_bytes(const struct mutate_change *change, uint64_t bytes)
{
    return offload_scale(change->ratio_q32, bytes);
}

/* Of the bytes [from, from + bytes). */
static inline uint64_t change_range(const struct mutate_change *change, uint64_t from,
                                    uint64_t bytes)
{
    return change_bytes(change, from + bytes) - change_bytes(change, from);
}

static inline uint32_t change_packets(const struct mutate_change *change, uint32_t packets)
{
    return (packets * change->split + change->merge - 1) / change->merge;
}

/* ---- what it holds ---- */

static inline uint64_t mutate_key(uint64_t source, uint32_t group)
{
    return source << 32 ^ group;
}

/* The message's group of that number, perhaps new; OFFLOAD_NONE: there is no room for it. */
uint32_t mutate_group(struct mutate *self, uint64_t source, uint64_t message, uint32_t number,
                      sim_time now);
void mutate_forget(struct mutate *self, uint32_t place);
void mutate_report(struct mutate *self);

/* Takes an acknowledgement to `source` of what went through the change. */
void mutate_ack(struct mutate *self, const struct mutate_change *change, uint64_t source,
                struct sim_packet *packet, sim_time now);

#endif
