/* modelname: each packet takes the port that is done first with what waits there, of those that its
 * flow's hash allows. (Say here what yours is, where it is from, why it is so, and what it does not
 * model.)
 */
#include <mtpsim/selector.h>

/* ---- parameters: filled from the scenario by the table ---- */

/* A selector of one switch alone has a parameter `at` (SIM_PARAM_SWITCH) too. */
struct modelname_params {
    uint64_t choices;
};

static const struct sim_param modelname_table[] = {
    {.name = "choices",
     .help = "ports that a flow chooses among",
     .fallback = "2",
     .offset = offsetof(struct modelname_params, choices),
     .min = 1,
     .max = 64,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

/* ---- operations ---- */

/* One for each switch; zeroed before init. */
struct modelname {
    const struct modelname_params *params;
    const struct sim_selector_env *env; /* outlives the selector, as params do */
};

static void modelname_init(void *self, const void *params, const struct sim_selector_env *env,
                           bool far)
{
    struct modelname *selector = self;
    (void)far;
    selector->params = params;
    selector->env = env;
}

/* Asked only where there is a choice; gives one of `ports`. */
static uint32_t modelname_choose(void *self, const uint16_t *ports, uint32_t count,
                                 const struct sim_packet *packet, sim_time now)
{
    const struct modelname *selector = self;
    const struct sim_selector_env *env = selector->env;
    uint64_t first = sim_mix64(packet->hash ^ env->salt) % count;
    uint32_t best = ports[first];
    for (uint64_t i = 1; i < selector->params->choices && i < count; i++) {
        uint32_t port = ports[(first + i) % count];
        if (env->backlog(env->self, port, now) < env->backlog(env->self, best, now))
            best = port;
    }
    return best;
}

/* ---- the model ---- */

static const struct sim_selector_ops modelname_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "modelname",
               .summary = "the least loaded of a flow's ports",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table},
    .init = modelname_init,
    .choose = modelname_choose,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_selector.plugin, NULL};
