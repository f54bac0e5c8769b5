/* ecn_threshold: a FIFO that drops at the tail and marks above a fixed length.
 *
 * Paper: 5.1 (every DCTCP and MTP run uses this queue); DCTCP (SIGCOMM'10), 3.1; RFC 8257, 3.1.
 *
 * The mark is decided on arrival from the instantaneous length, the packet itself not counted:
 * DCTCP's alpha assumes that the marked fraction follows the queue within one round trip, and an
 * averaged length (RED) reacts too late. Packets that are not ECN-capable are never marked, and
 * never dropped for want of a mark: they fill the queue up to its capacity.
 *
 * Not modelled: buffers shared between ports.
 */
#include <mtpsim/queue.h>

struct ecn_threshold_params {
    struct sim_length capacity;
    struct sim_length mark_at;
};

struct ecn_threshold {
    struct ecn_threshold_params params;
};

static void ecn_threshold_init(void *self, const void *params)
{
    struct ecn_threshold *queue = self;
    queue->params = *(const struct ecn_threshold_params *)params;
}

/* Packets found, or bytes found, up to which a packet is neither marked nor dropped. A capacity in
 * bytes depends on the packet's size, so it is met for sure only in an empty queue. */
static void ecn_threshold_quiet(const void *self, uint64_t *packets, uint64_t *bytes)
{
    const struct ecn_threshold *queue = self;
    const struct sim_length *mark_at = &queue->params.mark_at, *capacity = &queue->params.capacity;
    *packets = *bytes = UINT64_MAX;
    if (mark_at->packets)
        *packets = mark_at->value;
    else
        *bytes = mark_at->value;
    if (capacity->packets && capacity->value - 1 < *packets)
        *packets = capacity->value - 1;
    if (!capacity->packets)
        *bytes = 0;
}

static enum sim_verdict ecn_threshold_admit(void *self, const struct sim_queue_view *view,
                                            const struct sim_packet *packet)
{
    struct ecn_threshold *queue = self;
    const struct sim_length *mark_at = &queue->params.mark_at, *capacity = &queue->params.capacity;
    if (capacity->packets ? view->packets >= capacity->value
                          : view->bytes + packet->size_bytes > capacity->value)
        return SIM_DROP;
    uint64_t found = mark_at->packets ? view->packets : view->bytes;
    return found > mark_at->value ? SIM_MARK : SIM_ACCEPT;
}

static const char *ecn_threshold_check(const void *params)
{
    const struct ecn_threshold_params *p = params;
    if (p->mark_at.packets == p->capacity.packets && p->mark_at.value >= p->capacity.value)
        return "mark_at is not below capacity: nothing would ever be marked";
    return NULL;
}

static const struct sim_param ecn_threshold_table[] = {
    {.name = "capacity",
     .help = "packets or bytes that the queue holds, the packet in transmission included",
     .fallback = "128p",
     .offset = offsetof(struct ecn_threshold_params, capacity),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "mark_at",
     .help = "a packet that finds more than this is marked",
     .fallback = "20p",
     .offset = offsetof(struct ecn_threshold_params, mark_at),
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = NULL},
};

const struct sim_queue_ops ecn_threshold_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "ecn_threshold",
               .summary = "a FIFO that marks above a fixed length and drops at the tail",
               .source = "paper, 5.1; RFC 8257, 3.1",
               .state_size = sizeof(struct ecn_threshold),
               .params_size = sizeof(struct ecn_threshold_params),
               .params = ecn_threshold_table,
               .check = ecn_threshold_check},
    .init = ecn_threshold_init,
    .quiet = ecn_threshold_quiet,
    .admit = ecn_threshold_admit,
};
