/* droptail: a FIFO that drops what finds it full, and marks nothing.
 *
 * Source: RFC 2309, 2 ("tail drop"): the queue of plain TCP.
 *
 * Not modelled: buffers shared between ports.
 */
#include <mtpsim/queue.h>

struct droptail_params {
    struct sim_length capacity;
};

struct droptail {
    struct droptail_params params;
};

static void droptail_init(void *self, const void *params)
{
    struct droptail *queue = self;
    queue->params = *(const struct droptail_params *)params;
}

static void droptail_quiet(const void *self, uint64_t *packets, uint64_t *bytes)
{
    const struct droptail *queue = self;
    uint64_t below = queue->params.capacity.value - 1;
    *packets = queue->params.capacity.packets ? below : UINT64_MAX;
    *bytes = queue->params.capacity.packets ? UINT64_MAX : 0;
}

/* A limit in bytes has room for the whole packet or none. */
static enum sim_verdict droptail_admit(void *self, const struct sim_queue_view *view,
                                       const struct sim_packet *packet)
{
    struct droptail *queue = self;
    const struct sim_length *capacity = &queue->params.capacity;
    if (capacity->packets)
        return view->packets >= capacity->value ? SIM_DROP : SIM_ACCEPT;
    return view->bytes + packet->size_bytes > capacity->value ? SIM_DROP : SIM_ACCEPT;
}

static const struct sim_param droptail_table[] = {
    {.name = "capacity",
     .help = "packets or bytes that the queue holds, the packet in transmission included",
     .fallback = "128p",
     .offset = offsetof(struct droptail_params, capacity),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = NULL},
};

const struct sim_queue_ops droptail_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "droptail",
               .summary = "a FIFO that drops at the tail",
               .source = "RFC 2309, 2",
               .state_size = sizeof(struct droptail),
               .params_size = sizeof(struct droptail_params),
               .params = droptail_table},
    .init = droptail_init,
    .quiet = droptail_quiet,
    .admit = droptail_admit,
};
