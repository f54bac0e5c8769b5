/* modelname: each source sends messages of one size to one host, at regular times. (Say here what
 * yours is, where it is from, why it is so, and what it does not model.)
 */
#include <mtpsim/workload.h>

/* ---- parameters: filled from the scenario by the table ---- */

/* Every workload has `from`: an instance is made for each of these hosts. */
struct modelname_params {
    struct sim_list from;
    uint32_t to;
    uint64_t bytes;
    sim_time every;
};

static const struct sim_param modelname_table[] = {
    {.name = "from",
     .help = "sources",
     .offset = offsetof(struct modelname_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "the destination",
     .offset = offsetof(struct modelname_params, to),
     .type = SIM_PARAM_HOST},
    {.name = "bytes",
     .help = "size of a message",
     .fallback = "16KB",
     .offset = offsetof(struct modelname_params, bytes),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "every",
     .help = "time from one message to the next",
     .fallback = "10us",
     .offset = offsetof(struct modelname_params, every),
     .min = 1,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

/* ---- operations ---- */

/* One for each source; zeroed before init. */
struct modelname {
    struct sim_timer timer; /* first, so that its address is the workload's */
    const struct modelname_params *params;
    const struct sim_workload_env *env; /* outlives the workload, as params do */
};

/* Ports: the instance has env->ports of its own from env->port on. */
static void modelname_fire(struct sim_timer *timer, sim_time now)
{
    struct modelname *workload = (struct modelname *)timer;
    const struct sim_workload_env *env = workload->env;
    struct sim_message message = {
        .dst = workload->params->to,
        .src_port = env->port,
        .dst_port = env->port,
        .bytes = workload->params->bytes,
        .persistent = true,
    };
    env->submit(env->host_state, env->workload, &message, now);
    sim_timer_set(env->timers, timer, now + workload->params->every);
}

/* Nothing is submitted from here; the first timer does. */
static void modelname_init(void *self, const void *params, const struct sim_workload_env *env)
{
    struct modelname *workload = self;
    workload->params = params;
    workload->env = env;
    sim_timer_init(&workload->timer, modelname_fire);
    sim_timer_set(env->timers, &workload->timer, workload->params->every);
}

/* ---- the model ---- */

static const struct sim_workload_ops modelname_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "modelname",
               .summary = "messages of one size to one host at regular times",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table},
    .init = modelname_init,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_workload.plugin, NULL};
