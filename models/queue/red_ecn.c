/* red_ecn: a FIFO that marks by chance, the more likely the longer it is.
 *
 * Zhu et al., "Congestion Control for Large-Scale RDMA Deployments" (DCQCN), SIGCOMM 2015, 3.1 and
 * 5: no mark up to k_min, then with a probability that grows linearly to p_max at k_max, and always
 * beyond. Floyd and Jacobson's RED (1993) with marks for drops and the length as it is, not
 * averaged: what switches do for DCQCN. Defaults are that paper's, for 40 Gbps.
 *
 * The length is what the packet finds, itself not counted. The choice is drawn from a random stream
 * of the port's own. A packet that is not ECN-capable passes unmarked; all are dropped at the tail.
 */
#include <mtpsim/queue.h>

struct red_ecn_params {
    struct sim_length capacity, k_min, k_max;
    double p_max;
};

struct red_ecn {
    struct red_ecn_params params;
    struct sim_rng rng;
};

static void red_ecn_init(void *self, const void *params)
{
    struct red_ecn *queue = self;
    queue->params = *(const struct red_ecn_params *)params;
}

static void red_ecn_seed(void *self, const struct sim_rng *rng)
{
    struct red_ecn *queue = self;
    queue->rng = *rng;
}

/* Up to which lengths a packet is neither marked nor dropped. A capacity in bytes depends on the
 * packet's size, so it is met for sure only in an empty queue. */
static void red_ecn_quiet(const void *self, uint64_t *packets, uint64_t *bytes)
{
    const struct red_ecn *queue = self;
    const struct sim_length *k_min = &queue->params.k_min, *capacity = &queue->params.capacity;
    *packets = *bytes = UINT64_MAX;
    *(k_min->packets ? packets : bytes) = k_min->value;
    if (capacity->packets && capacity->value - 1 < *packets)
        *packets = capacity->value - 1;
    if (!capacity->packets)
        *bytes = 0;
}

static bool red_ecn_marks(struct red_ecn *queue, const struct sim_queue_view *view)
{
    const struct red_ecn_params *p = &queue->params;
    uint64_t length = p->k_min.packets ? view->packets : view->bytes;
    if (length <= p->k_min.value)
        return false;
    if (length > p->k_max.value)
        return true;
    double share = (double)(length - p->k_min.value) / (double)(p->k_max.value - p->k_min.value);
    return sim_rng_uniform(&queue->rng) < p->p_max * share;
}

static enum sim_verdict red_ecn_admit(void *self, const struct sim_queue_view *view,
                                      const struct sim_packet *packet)
{
    struct red_ecn *queue = self;
    const struct sim_length *capacity = &queue->params.capacity;
    if (capacity->packets ? view->packets >= capacity->value
                          : view->bytes + packet->size_bytes > capacity->value)
        return SIM_DROP;
    return red_ecn_marks(queue, view) ? SIM_MARK : SIM_ACCEPT;
}

static const char *red_ecn_check(const void *params)
{
    const struct red_ecn_params *p = params;
    if (p->k_min.packets != p->k_max.packets)
        return "k_min and k_max must both be packets, or both bytes";
    if (p->k_min.value >= p->k_max.value)
        return "k_min is not below k_max";
    if (p->k_max.packets == p->capacity.packets && p->k_min.value >= p->capacity.value)
        return "k_min is not below capacity: nothing would ever be marked";
    return NULL;
}

static const struct sim_param red_ecn_table[] = {
    {.name = "capacity",
     .help = "packets or bytes that the queue holds, the packet in transmission included",
     .fallback = "1000p",
     .offset = offsetof(struct red_ecn_params, capacity),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "k_min",
     .help = "up to this length nothing is marked",
     .fallback = "5KB",
     .offset = offsetof(struct red_ecn_params, k_min),
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "k_max",
     .help = "beyond this length everything is marked",
     .fallback = "200KB",
     .offset = offsetof(struct red_ecn_params, k_max),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_LENGTH},
    {.name = "p_max",
     .help = "probability of a mark at k_max",
     .fallback = "1%",
     .offset = offsetof(struct red_ecn_params, p_max),
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = NULL},
};

const struct sim_queue_ops red_ecn_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "red_ecn",
               .summary = "a FIFO that marks with a probability that grows with its length",
               .source = "Zhu et al., SIGCOMM 2015, 3.1",
               .state_size = sizeof(struct red_ecn),
               .params_size = sizeof(struct red_ecn_params),
               .params = red_ecn_table,
               .check = red_ecn_check},
    .init = red_ecn_init,
    .seed = red_ecn_seed,
    .quiet = red_ecn_quiet,
    .admit = red_ecn_admit,
};
