/* strict_priority: a queue for each class; a lower class goes first, always.
 *
 * IEEE 802.1Q, 8.6.8.1 (strict priority transmission selection). Paper: 3.1.2: applications give
 * messages priorities, 0 the most urgent, so that devices can serve the urgent ones first.
 *
 * A class with packets waits as long as any more urgent one has some: it can starve, which is what
 * strict means. A packet on the wire is finished first.
 *
 * Each class drops at the tail and marks above a threshold of its own.
 *
 * Not modelled: preemption of a packet in transmission, a buffer that classes share.
 */
#include "classes.h"

struct strict_priority_params {
    struct class_params classes;
};

struct strict_priority {
    const struct class_params *params;
    uint64_t busy; /* bit i: class i has packets */
    struct sim_packet_list waiting[CLASSES_MAX];
};
_Static_assert(CLASSES_MAX <= 64, "a bit for each class");

static void strict_priority_init(void *self, const void *params)
{
    struct strict_priority *queue = self;
    queue->params = &((const struct strict_priority_params *)params)->classes;
}

static enum sim_verdict strict_priority_admit(void *self, const struct sim_queue_view *view,
                                              const struct sim_packet *packet)
{
    struct strict_priority *queue = self;
    (void)view;
    return class_admit(queue->params, &queue->waiting[class_of(queue->params, packet)], packet);
}

static void strict_priority_put(void *self, struct sim_pool *pool, struct sim_packet *packet)
{
    struct strict_priority *queue = self;
    uint32_t class = class_of(queue->params, packet);
    sim_packet_list_put(&queue->waiting[class], pool, packet);
    queue->busy |= UINT64_C(1) << class;
}

static struct sim_packet *strict_priority_take(void *self, struct sim_pool *pool)
{
    struct strict_priority *queue = self;
    if (!queue->busy)
        return NULL;
    uint32_t class = (uint32_t)__builtin_ctzll(queue->busy);
    struct sim_packet *packet = sim_packet_list_take(&queue->waiting[class], pool);
    if (!queue->waiting[class].packets)
        queue->busy &= ~(UINT64_C(1) << class);
    return packet;
}

static const char *strict_priority_check(const void *params)
{
    const struct strict_priority_params *p = params;
    return class_check(&p->classes);
}

static const struct sim_param strict_priority_table[] = {
    CLASS_PARAMS(struct strict_priority_params, classes, class_by_choices, "priority"),
    {.name = NULL},
};

const struct sim_queue_ops strict_priority_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "strict_priority",
               .summary = "a queue for each class; the most urgent class goes first",
               .source = "paper, 3.1.2; IEEE 802.1Q, 8.6.8.1",
               .state_size = sizeof(struct strict_priority),
               .params_size = sizeof(struct strict_priority_params),
               .params = strict_priority_table,
               .check = strict_priority_check},
    .init = strict_priority_init,
    .admit = strict_priority_admit,
    .put = strict_priority_put,
    .take = strict_priority_take,
};
