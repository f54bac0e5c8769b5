#include "net/policies.h"

#include <stdlib.h>

#include "net/network.h"

uint32_t spec_tenant_of(const struct spec *spec, const struct sim_packet *packet)
{
    uint16_t port = packet->common.src_port;
    for (uint32_t tenant = 0; tenant < spec->tenant_count; tenant++) {
        const struct spec_tenant *rule = &spec->tenants[tenant];
        if (port < rule->first_port || port > rule->last_port)
            continue;
        for (uint32_t i = 0; i < rule->from.count; i++)
            if (rule->from.items[i] == packet->src)
                return tenant;
    }
    return spec->tenant_count;
}

static uint32_t policy_tenant_of(const struct sim_policy_env *env, const struct sim_packet *packet)
{
    return spec_tenant_of(env->rules, packet);
}

static double policy_weight_of(const struct sim_policy_env *env, uint32_t tenant)
{
    const struct spec *spec = env->rules;
    return tenant < spec->tenant_count ? spec_tenant_weight(&spec->tenants[tenant]) : 1;
}

static bool policy_put(const struct spec *spec, struct port *port, const struct sim_model *model,
                       const char *where, GError **error)
{
    if (port->policy) {
        g_set_error(error, SIMULATION_ERROR, 0, "a port of %s has two policies, %s and %s", where,
                    port->policy->ops->plugin.name, model->plugin->name);
        return false;
    }
    struct port_policy *policy = calloc(1, sizeof *policy);
    SIM_CHECK(policy, "out of memory for a policy");
    policy->ops = (const struct sim_policy_ops *)model->plugin;
    policy->state = calloc(1, model->plugin->state_size + 1);
    SIM_CHECK(policy->state, "out of memory for a policy");
    policy->env = (struct sim_policy_env){
        .tenant_count = spec->tenant_count,
        .tenant_of = policy_tenant_of,
        .rules = spec,
        .weight_of = policy_weight_of,
        .rate_bps = port->rate.bps,
        .mtu_bytes = port->mtu_bytes,
    };
    policy->ops->init(policy->state, model->params, &policy->env);
    port_set_policy(port, policy);
    return true;
}

static bool policy_install(const struct spec *spec, struct node *nodes,
                           const struct sim_model *model, GError **error)
{
    const uint32_t *at = sim_model_param(model, "at", SIM_PARAM_SWITCH);
    const struct sim_list *links = sim_model_param(model, "links", SIM_PARAM_LINKS);
    if (!at || !links) {
        g_set_error(error, SIMULATION_ERROR, 0, "policy %s has no parameters `at` and `links`",
                    model->plugin->name);
        return false;
    }
    struct node *node = &nodes[*at];
    uint32_t found = 0;
    for (uint32_t i = 0; i < node->port_count; i++)
        for (uint32_t l = 0; l < links->count; l++)
            if (node->ports[i].link == links->items[l]) {
                found++;
                if (!policy_put(spec, &node->ports[i], model, spec->node_names[*at], error))
                    return false;
            }
    if (found == links->count)
        return true;
    g_set_error(error, SIMULATION_ERROR, 0, "policy %s: not all of its links end at %s",
                model->plugin->name, spec->node_names[*at]);
    return false;
}

bool policies_install(const struct spec *spec, struct node *nodes, GError **error)
{
    for (uint32_t i = 0; i < spec->policy_count; i++)
        if (!policy_install(spec, nodes, &spec->policies[i], error))
            return false;
    return true;
}
