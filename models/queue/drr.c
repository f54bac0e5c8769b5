/* drr: a queue for each class, served by deficit round robin in proportion to weights.
 *
 * Shreedhar and Varghese, "Efficient Fair Queuing using Deficit Round Robin", SIGCOMM 1995. Paper:
 * 5.3, the second system of Figure 7 ("separate queues").
 *
 * A class that has packets is in a ring. At its turn it may send its quantum in bytes, plus what
 * it did not use at its last turn because the next packet was too large; a class that runs empty
 * leaves the ring and keeps nothing. The quantum is the class's weight times `quantum`, over the
 * least weight: with `quantum` no less than the largest packet, every turn sends something and a
 * packet costs O(1).
 *
 * Each class drops at the tail and marks above a threshold of its own, so a class's delay does not
 * depend on how others fill theirs.
 *
 * Not modelled: a buffer that classes share.
 */
#include <math.h>
#include <stdlib.h>

#include "classes.h"

struct drr_params {
    struct class_params classes;
    const char *weights; /* NULL: equal */
    uint64_t quantum_bytes;
};

struct drr_class {
    struct sim_packet_list waiting;
    int64_t deficit_bytes;
    int64_t quantum_bytes;
    uint32_t next; /* in the ring */
};

struct drr {
    const struct drr_params *params;
    uint32_t turn, last; /* of the ring; only with active > 0 */
    uint32_t active;     /* classes in the ring */
    bool granted;        /* the class whose turn it is has got its quantum */
    struct drr_class classes[CLASSES_MAX];
};

/* Reads "3:1"; a class beyond the list has weight 1. False when it is not such a list. */
static bool drr_read_weights(const char *text, double *weights)
{
    for (uint32_t i = 0; i < CLASSES_MAX; i++)
        weights[i] = 1;
    for (uint32_t i = 0; text && i < CLASSES_MAX; i++) {
        char *end;
        weights[i] = strtod(text, &end);
        if (end == text || !(weights[i] >= 1e-3 && weights[i] <= 1e3))
            return false;
        if (*end == '\0')
            return true;
        if (*end != ':')
            return false;
        text = end + 1;
    }
    return !text;
}

static void drr_init(void *self, const void *params)
{
    struct drr *drr = self;
    double weights[CLASSES_MAX], least = INFINITY;
    drr->params = params;
    SIM_CHECK(drr_read_weights(drr->params->weights, weights), "weights %s were not checked",
              drr->params->weights);
    for (uint32_t i = 0; i < drr->params->classes.classes; i++)
        least = weights[i] < least ? weights[i] : least;
    for (uint32_t i = 0; i < CLASSES_MAX; i++)
        drr->classes[i].quantum_bytes =
            (int64_t)((double)drr->params->quantum_bytes * weights[i] / least);
}

static enum sim_verdict drr_admit(void *self, const struct sim_queue_view *view,
                                  const struct sim_packet *packet)
{
    struct drr *drr = self;
    (void)view;
    uint32_t class = class_of(&drr->params->classes, packet);
    return class_admit(&drr->params->classes, &drr->classes[class].waiting, packet);
}

static void drr_put(void *self, struct sim_pool *pool, struct sim_packet *packet)
{
    struct drr *drr = self;
    uint32_t index = class_of(&drr->params->classes, packet);
    struct drr_class *class = &drr->classes[index];
    sim_packet_list_put(&class->waiting, pool, packet);
    if (class->waiting.packets > 1)
        return;
    if (drr->active++ == 0) {
        drr->turn = index;
        drr->granted = false;
    } else {
        drr->classes[drr->last].next = index;
    }
    drr->last = index;
}

/* The turn passes on; the class stays in the ring when it still has packets. */
static void drr_pass(struct drr *drr)
{
    uint32_t index = drr->turn;
    struct drr_class *class = &drr->classes[index];
    drr->granted = false;
    if (class->waiting.packets == 0) {
        class->deficit_bytes = 0;
        drr->active--;
        drr->turn = class->next;
    } else if (drr->active > 1) {
        drr->turn = class->next;
        drr->classes[drr->last].next = index;
        drr->last = index;
    }
}

static struct sim_packet *drr_take(void *self, struct sim_pool *pool)
{
    struct drr *drr = self;
    while (drr->active) {
        struct drr_class *class = &drr->classes[drr->turn];
        if (!drr->granted)
            class->deficit_bytes += class->quantum_bytes;
        drr->granted = true;
        int64_t bytes = sim_packet_at(pool, class->waiting.head)->size_bytes;
        if (bytes > class->deficit_bytes) {
            drr_pass(drr);
            continue;
        }
        class->deficit_bytes -= bytes;
        struct sim_packet *packet = sim_packet_list_take(&class->waiting, pool);
        if (class->waiting.packets == 0)
            drr_pass(drr);
        return packet;
    }
    return NULL;
}

static const char *drr_check(const void *params)
{
    const struct drr_params *p = params;
    double weights[CLASSES_MAX];
    if (!drr_read_weights(p->weights, weights))
        return "weights is not a list such as 3:1, each 0.001 to 1000";
    return class_check(&p->classes);
}

static const struct sim_param drr_table[] = {
    CLASS_PARAMS(struct drr_params, classes, class_by_choices, "tc"),
    {.name = "weights",
     .help = "of the classes from 0 on, such as 3:1; others have 1",
     .fallback = "none",
     .offset = offsetof(struct drr_params, weights),
     .type = SIM_PARAM_STRING},
    {.name = "quantum",
     .help = "bytes that the class of the least weight may send at its turn",
     .fallback = "1500B",
     .offset = offsetof(struct drr_params, quantum_bytes),
     .min = 64,
     .max = 1e6,
     .type = SIM_PARAM_BYTES},
    {.name = NULL},
};

const struct sim_queue_ops drr_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "drr",
               .summary = "a queue for each class, served by deficit round robin with weights",
               .source = "paper, 5.3; Shreedhar and Varghese, SIGCOMM 1995",
               .state_size = sizeof(struct drr),
               .params_size = sizeof(struct drr_params),
               .params = drr_table,
               .check = drr_check},
    .init = drr_init,
    .admit = drr_admit,
    .put = drr_put,
    .take = drr_take,
};
