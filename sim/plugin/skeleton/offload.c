/* modelname: a device at a switch that sends long messages to a server of their own. (Say here what
 * yours is, where it is from, why it is so, and what it does not model.)
 *
 * Every packet of MTP says how long its message is, so each is redirected by itself and nothing is
 * remembered: whatever is lost or sent again, all of a message goes to one server, which
 * acknowledges straight to the sender. Packets of other transports say no such thing, and pass.
 */
#include <mtpsim/offload.h>

/* ---- parameters: filled from the scenario by the table ---- */

struct modelname_params {
    struct sim_device_params device; /* first: what every device has */
    uint64_t longest;
    uint32_t to;
};

static const struct sim_param modelname_table[] = {
    SIM_DEVICE_PARAMS(struct modelname_params),
    {.name = "longest",
     .help = "longer messages are redirected",
     .fallback = "100KB",
     .offset = offsetof(struct modelname_params, longest),
     .max = 1e12,
     .type = SIM_PARAM_BYTES},
    {.name = "to",
     .help = "the host that long messages go to",
     .offset = offsetof(struct modelname_params, to),
     .type = SIM_PARAM_HOST},
    {.name = NULL},
};

/* ---- operations ---- */

/* One for each device; zeroed before init. */
struct modelname {
    const struct modelname_params *params;
    const struct sim_device_env *env; /* outlives the device, as params do */
    uint64_t messages, redirected;    /* one that is sent again as a whole counts again */
};

static void modelname_init(void *self, const void *params, const struct sim_device_env *env)
{
    struct modelname *device = self;
    device->params = params;
    device->env = env;
}

/* Data on the way to its servers is served, at the rate of the device; all else goes by. */
static enum sim_device_use modelname_look(void *self, const struct sim_packet *packet,
                                          enum sim_device_way way)
{
    const struct modelname *device = self;
    bool data = packet->protocol == SIM_PROTOCOL_MTP && packet->mtp.flags & SIM_MTP_DATA;
    bool wanted = way == SIM_DEVICE_TOWARDS && data;
    return wanted && sim_device_reads(&device->params->device, packet) ? SIM_DEVICE_SERVE
                                                                       : SIM_DEVICE_PASS;
}

/* Takes the packet, and gives it on. */
static void modelname_take(void *self, struct sim_packet *packet, enum sim_device_way way,
                           sim_time now)
{
    struct modelname *device = self;
    (void)way;
    bool is_long = packet->mtp.message_bytes > device->params->longest;
    bool begins = packet->mtp.packet == 0;
    device->messages += begins;
    device->redirected += begins && is_long;
    if (is_long)
        packet->dst = device->params->to;
    device->env->forward(device->env->device, packet, now);
}

/* In the summary, beside what the simulator counts of every device. */
static bool modelname_counter(const void *self, uint32_t index, struct sim_device_counter *counter)
{
    const struct modelname *device = self;
    const struct sim_device_counter counters[] = {{"messages_seen", device->messages},
                                                  {"redirected", device->redirected}};
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

/* ---- the model ---- */

static const struct sim_device_ops modelname_device = {
    .init = modelname_init,
    .look = modelname_look,
    .take = modelname_take,
    .counter = modelname_counter,
};

static const struct sim_offload_ops modelname_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "modelname",
               .summary = "a device that sends long messages to a server of their own",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table},
    .device = &modelname_device,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_offload.plugin, NULL};
