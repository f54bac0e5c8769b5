/* modelname: the packets of each tenant are a traffic class, and those of one of them are never
 * marked. (Say here what yours is, where it is from, why it is so, and what it does not model.)
 */
#include <mtpsim/policy.h>

/* ---- parameters: filled from the scenario by the table ---- */

/* Every policy has `at` and `links`: an instance is made for each port of the switch towards these
 * links. */
struct modelname_params {
    uint32_t at;
    struct sim_list links;
    uint64_t favourite;
};

static const struct sim_param modelname_table[] = {
    {.name = "at",
     .help = "the switch",
     .offset = offsetof(struct modelname_params, at),
     .type = SIM_PARAM_SWITCH},
    {.name = "links",
     .help = "links whose ports have the policy",
     .fallback = "all",
     .offset = offsetof(struct modelname_params, links),
     .type = SIM_PARAM_LINKS},
    {.name = "favourite",
     .help = "the tenant that is not marked, counted from 0",
     .fallback = "0",
     .offset = offsetof(struct modelname_params, favourite),
     .max = 254,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

/* ---- operations ---- */

/* One for each port; zeroed before init. */
struct modelname {
    const struct modelname_params *params;
    const struct sim_policy_env *env; /* outlives the policy, as params do */
};

static void modelname_init(void *self, const void *params, const struct sim_policy_env *env)
{
    struct modelname *policy = self;
    policy->params = params;
    policy->env = env;
}

/* Before the queue judges. */
static void modelname_classify(void *self, struct sim_packet *packet)
{
    const struct modelname *policy = self;
    uint32_t tenant = policy->env->tenant_of(policy->env, packet);
    packet->tc = (uint8_t)(tenant < UINT8_MAX ? tenant : UINT8_MAX);
}

/* After it: the verdict that stands. */
static enum sim_verdict modelname_judge(void *self, struct sim_packet *packet,
                                        const struct sim_queue_view *queue,
                                        enum sim_verdict by_queue, struct sim_feedback *entry)
{
    const struct modelname *policy = self;
    (void)queue;
    (void)entry; /* left alone: the port's congestion model writes the feedback */
    bool spared = by_queue == SIM_MARK && packet->tc == policy->params->favourite;
    return spared ? SIM_ACCEPT : by_queue;
}

/* ---- the model ---- */

static const struct sim_policy_ops modelname_policy = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_POLICY,
               .name = "modelname",
               .summary = "a traffic class for each tenant; one of them is never marked",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table},
    .init = modelname_init,
    .classify = modelname_classify,
    .judge = modelname_judge,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_policy.plugin, NULL};
