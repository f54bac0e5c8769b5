/* nf_chain: a middlebox, one of those that a chain of network functions consists of.
 *
 * Paper: 2.3 and 4 ("Middlebox offloads"; "it enables upstream NFs avoid wasting resources"), after
 * NFVnice (Kulkarni and others, SIGCOMM 2017).
 *
 * A chain is several of these in a row, at one switch in the order of the list or at switches on
 * the way, each with a service rate of its own. Data packets queue and are served; acknowledgements
 * pass. What it does to them is not modelled: it changes nothing and remembers nothing, so it can
 * lose nothing but the packets in its queue.
 *
 * With a pathlet each, the end-hosts keep to the slowest function, and those before it serve
 * nothing that is dropped behind them; without, upstream functions work for packets that end in the
 * queue of a later one.
 */
#include <mtpsim/offload.h>

struct nf_chain_params {
    struct sim_device_params device; /* first */
    bool back;
};

struct nf_chain {
    const struct nf_chain_params *params;
    const struct sim_device_env *env;
};

static bool nf_chain_is_data(const struct sim_packet *packet)
{
    if (packet->protocol == SIM_PROTOCOL_MTP)
        return packet->mtp.flags & SIM_MTP_DATA;
    return packet->common.payload_bytes > 0;
}

static enum sim_device_use nf_chain_look(void *state, const struct sim_packet *packet,
                                         enum sim_device_way way)
{
    const struct nf_chain *self = state;
    bool wanted = way == SIM_DEVICE_TOWARDS || (way == SIM_DEVICE_BACK && self->params->back);
    return wanted && nf_chain_is_data(packet) ? SIM_DEVICE_SERVE : SIM_DEVICE_PASS;
}

static void nf_chain_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                          sim_time now)
{
    const struct nf_chain *self = state;
    (void)way;
    self->env->forward(self->env->device, packet, now);
}

static void nf_chain_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct nf_chain *self = state;
    self->params = params;
    self->env = env;
}

static const struct sim_device_ops nf_chain_device = {
    .init = nf_chain_init,
    .look = nf_chain_look,
    .take = nf_chain_take,
};

static const struct sim_param nf_chain_table[] = {
    SIM_DEVICE_PARAMS(struct nf_chain_params),
    {.name = "back",
     .help = "packets from the servers go through it too",
     .fallback = "false",
     .offset = offsetof(struct nf_chain_params, back),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_offload_ops nf_chain_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "nf_chain",
               .summary = "a middlebox with a service rate, one of a chain",
               .source = "paper, 2.3, 4",
               .state_size = sizeof(struct nf_chain),
               .params_size = sizeof(struct nf_chain_params),
               .params = nf_chain_table},
    .device = &nf_chain_device,
};
