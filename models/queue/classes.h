/* What queues with several classes share: which class a packet is in, and limits for each class.
 *
 * A class is the traffic class that a switch's policy assigned (tenants: the policy tenant_class or
 * fair_share), or the packet's priority. Values beyond the number of classes are in the last one.
 *
 * Limits count the packets that wait in the class. The packet in transmission has left it: it is
 * the wire's, and to whom the wire belongs is what the scheduler decides.
 */
#ifndef MODELS_QUEUE_CLASSES_H
#define MODELS_QUEUE_CLASSES_H

#include <mtpsim/queue.h>

#define CLASSES_MAX 64

enum class_by { CLASS_BY_TC, CLASS_BY_PRIORITY };

struct class_params {
    struct sim_length capacity, mark_at; /* of each class */
    uint64_t classes;
    uint32_t by; /* enum class_by */
};

static inline uint32_t class_of(const struct class_params *params, const struct sim_packet *packet)
{
    uint32_t value = params->by == CLASS_BY_TC ? packet->tc : packet->priority;
    uint32_t last = (uint32_t)params->classes - 1;
    return value < last ? value : last;
}

static inline enum sim_verdict class_admit(const struct class_params *params,
                                           const struct sim_packet_list *waiting,
                                           const struct sim_packet *packet)
{
    const struct sim_length *mark_at = &params->mark_at, *capacity = &params->capacity;
    if (capacity->packets ? waiting->packets >= capacity->value
                          : waiting->bytes + packet->size_bytes > capacity->value)
        return SIM_DROP;
    uint64_t found = mark_at->packets ? waiting->packets : waiting->bytes;
    return found > mark_at->value ? SIM_MARK : SIM_ACCEPT;
}

static inline const char *class_check(const struct class_params *params)
{
    if (params->mark_at.packets == params->capacity.packets &&
        params->mark_at.value >= params->capacity.value)
        return "mark_at is not below capacity: nothing would ever be marked";
    return NULL;
}

/* The parameters of `params_type.member`, a struct class_params. */
#define CLASS_PARAMS(params_type, member, class_choices, class_default)                            \
    {.name = "class_by",                                                                           \
     .help = "what says to which class a packet belongs: the switch's traffic class, or priority", \
     .fallback = class_default,                                                                    \
     .offset = offsetof(params_type, member.by),                                                   \
     .choices = class_choices,                                                                     \
     .type = SIM_PARAM_CHOICE},                                                                    \
        {.name = "classes",                                                                        \
         .help = "number of queues; what is beyond goes into the last",                            \
         .fallback = "8",                                                                          \
         .offset = offsetof(params_type, member.classes),                                          \
         .min = 1,                                                                                 \
         .max = CLASSES_MAX,                                                                       \
         .type = SIM_PARAM_COUNT},                                                                 \
        {.name = "capacity",                                                                       \
         .help = "packets or bytes that may wait in each class",                                   \
         .fallback = "128p",                                                                       \
         .offset = offsetof(params_type, member.capacity),                                         \
         .min = 1,                                                                                 \
         .max = 1e12,                                                                              \
         .type = SIM_PARAM_LENGTH},                                                                \
    {                                                                                              \
        .name = "mark_at", .help = "a packet that finds more than this in its class is marked",    \
        .fallback = "20p", .offset = offsetof(params_type, member.mark_at), .max = 1e12,           \
        .type = SIM_PARAM_LENGTH                                                                   \
    }

static const char *const class_by_choices[] = {"tc", "priority", NULL};

#endif
