/* modelname: a FIFO that drops at the tail and marks above a length. (Say here what yours is, where
 * it is from, why it is so, and what it does not model.)
 */
#include <mtpsim/queue.h>

/* ---- parameters: filled from the scenario by the table ---- */

struct modelname_params {
    uint64_t capacity, mark_at; /* packets */
};

static const struct sim_param modelname_table[] = {
    {.name = "capacity",
     .help = "packets that the queue holds",
     .fallback = "128",
     .offset = offsetof(struct modelname_params, capacity),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "mark_at",
     .help = "a packet that finds more packets than this is marked",
     .fallback = "20",
     .offset = offsetof(struct modelname_params, mark_at),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

/* What ranges cannot say; NULL when all is well. */
static const char *modelname_check(const void *params)
{
    const struct modelname_params *p = params;
    return p->mark_at >= p->capacity ? "mark_at is not below capacity" : NULL;
}

/* ---- operations ---- */

/* One for each port; zeroed before init. */
struct modelname {
    const struct modelname_params *params; /* outlive the queue */
};

static void modelname_init(void *self, const void *params)
{
    struct modelname *queue = self;
    queue->params = params;
}

/* Up to these lengths the port accepts without asking: what makes a FIFO fast. */
static void modelname_quiet(const void *self, uint64_t *packets, uint64_t *bytes)
{
    const struct modelname *queue = self;
    *packets = queue->params->mark_at;
    *bytes = UINT64_MAX;
}

static enum sim_verdict modelname_admit(void *self, const struct sim_queue_view *view,
                                        const struct sim_packet *packet)
{
    const struct modelname *queue = self;
    (void)packet;
    if (view->packets >= queue->params->capacity)
        return SIM_DROP;
    return view->packets > queue->params->mark_at ? SIM_MARK : SIM_ACCEPT;
}

/* ---- the model ---- */

static const struct sim_queue_ops modelname_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "modelname",
               .summary = "a FIFO that drops at the tail and marks above a length",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table,
               .check = modelname_check},
    .init = modelname_init,
    .quiet = modelname_quiet,
    .admit = modelname_admit,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_queue.plugin, NULL};
