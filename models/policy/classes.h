/* What policies share: the class of a packet, and where a policy stands. */
#ifndef MODELS_POLICY_CLASSES_H
#define MODELS_POLICY_CLASSES_H

#include <mtpsim/policy.h>

/* A traffic class is one byte: tenants from 255 on, and what is nobody's then, share the last. */
#define POLICY_CLASSES_MAX 256u

static inline uint32_t policy_class_count(const struct sim_policy_env *env)
{
    return env->tenant_count + 1 < POLICY_CLASSES_MAX ? env->tenant_count + 1 : POLICY_CLASSES_MAX;
}

static inline uint8_t policy_class_of(const struct sim_policy_env *env,
                                      const struct sim_packet *packet)
{
    uint32_t tenant = env->tenant_of(env, packet);
    return (uint8_t)(tenant < POLICY_CLASSES_MAX ? tenant : POLICY_CLASSES_MAX - 1);
}

/* The parameters that say where: members `at` and `links` of `params_type`. */
#define POLICY_PARAMS(params_type)                                                                 \
    {.name = "at",                                                                                 \
     .help = "the switch",                                                                         \
     .offset = offsetof(params_type, at),                                                          \
     .type = SIM_PARAM_SWITCH},                                                                    \
    {                                                                                              \
        .name = "links", .help = "its links: one instance before the port to each",                \
        .offset = offsetof(params_type, links), .min = 1, .max = 65535, .type = SIM_PARAM_LINKS    \
    }

#endif
