/* filter: lets packets of one protocol pass and drops all others, as a firewall's access list does.
 *
 * Paper: 4 ("legacy TCP devices", "TCP islands"): switches and middleboxes on the way that know TCP
 * and nothing else.
 *
 * What it drops is counted as dropped at its port. Traffic classes stay as they are.
 *
 * Not modelled: filters that look further than the protocol (ports, connections, options of TCP).
 */
#include <mtpsim/policy.h>

#include "classes.h"

struct filter_params {
    uint32_t at;
    struct sim_list links;
    uint32_t passes; /* index of filter_protocols */
};

struct filter {
    enum sim_protocol passes;
};

static const char *const filter_names[] = {"tcp", "mtp", "udp", "quic", "rdma", NULL};
static const enum sim_protocol filter_protocols[] = {
    SIM_PROTOCOL_TCP, SIM_PROTOCOL_MTP, SIM_PROTOCOL_UDP, SIM_PROTOCOL_QUIC, SIM_PROTOCOL_RDMA,
};

static void filter_init(void *self, const void *params, const struct sim_policy_env *env)
{
    struct filter *policy = self;
    const struct filter_params *p = params;
    (void)env;
    policy->passes = filter_protocols[p->passes];
}

static void filter_classify(void *self, struct sim_packet *packet)
{
    (void)self;
    (void)packet;
}

static enum sim_verdict filter_judge(void *self, struct sim_packet *packet,
                                     const struct sim_queue_view *queue, enum sim_verdict by_queue,
                                     struct sim_feedback *entry)
{
    const struct filter *policy = self;
    (void)queue;
    (void)entry;
    return packet->protocol == policy->passes ? by_queue : SIM_DROP;
}

static const struct sim_param filter_table[] = {
    POLICY_PARAMS(struct filter_params),
    {.name = "passes",
     .help = "the protocol that may pass",
     .fallback = "tcp",
     .offset = offsetof(struct filter_params, passes),
     .choices = filter_names,
     .type = SIM_PARAM_CHOICE},
    {.name = NULL},
};

const struct sim_policy_ops filter_policy = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_POLICY,
               .name = "filter",
               .summary = "lets packets of one protocol pass, and no others",
               .source = "paper, 4",
               .state_size = sizeof(struct filter),
               .params_size = sizeof(struct filter_params),
               .params = filter_table},
    .init = filter_init,
    .classify = filter_classify,
    .judge = filter_judge,
};
