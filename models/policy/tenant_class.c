/* tenant_class: only classifies: the traffic class of a packet is the number of its tenant.
 *
 * Paper: 5.3, the second system of Figure 7: separate queues need to know whose packet it is, and
 * know it for TCP and MTP alike. Tenants are told by source host and source port (`tenants:`).
 *
 * Packets that are nobody's are in the class after the last tenant's.
 */
#include <mtpsim/policy.h>

#include "classes.h"

struct tenant_class_params {
    uint32_t at;
    struct sim_list links;
};

struct tenant_class {
    const struct sim_policy_env *env;
};

static void tenant_class_init(void *self, const void *params, const struct sim_policy_env *env)
{
    struct tenant_class *policy = self;
    (void)params;
    policy->env = env;
}

static void tenant_class_classify(void *self, struct sim_packet *packet)
{
    struct tenant_class *policy = self;
    packet->tc = policy_class_of(policy->env, packet);
}

static const struct sim_param tenant_class_table[] = {
    POLICY_PARAMS(struct tenant_class_params),
    {.name = NULL},
};

const struct sim_policy_ops tenant_class_policy = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_POLICY,
               .name = "tenant_class",
               .summary = "a traffic class for each tenant, and nothing else",
               .source = "paper, 5.3",
               .state_size = sizeof(struct tenant_class),
               .params_size = sizeof(struct tenant_class_params),
               .params = tenant_class_table},
    .init = tenant_class_init,
    .classify = tenant_class_classify,
};
