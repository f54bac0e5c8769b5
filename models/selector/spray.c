/* spray: every packet takes a path of its own.
 *
 * Paper: 5.2 (the second baseline of Figure 6); Dixit et al., "On the impact of packet spraying in
 * data center networks", INFOCOM 2013 (random).
 *
 * The load is balanced as well as can be, and packets overtake each other wherever paths differ in
 * delay or in queue: with a threshold of three duplicate acknowledgements, TCP takes that for loss.
 * How much depends on the difference in delay against the time of a packet on the wire. All packets
 * are sprayed, acknowledgements too.
 */
#include <mtpsim/selector.h>

enum { SPRAY_RANDOM, SPRAY_ROUND_ROBIN };

struct spray_params {
    uint32_t order;
};

struct spray {
    const struct spray_params *params;
    struct sim_rng *rng;
    uint32_t turn;
};

static void spray_init(void *self, const void *params, const struct sim_selector_env *env, bool far)
{
    (void)far;
    *(struct spray *)self = (struct spray){.params = params, .rng = env->rng};
}

/* A switch has one turn, whatever the destination: a turn for each would make equal steps of
 * sources that are in step. */
static uint32_t spray_choose(void *self, const uint16_t *ports, uint32_t count,
                             const struct sim_packet *packet, sim_time now)
{
    struct spray *spray = self;
    (void)packet;
    (void)now;
    if (spray->params->order == SPRAY_RANDOM)
        return ports[sim_rng_below(spray->rng, count)];
    return ports[spray->turn++ % count];
}

static const char *const spray_orders[] = {"random", "round_robin", NULL};

static const struct sim_param spray_table[] = {
    {.name = "order",
     .help = "which path is next",
     .fallback = "random",
     .offset = offsetof(struct spray_params, order),
     .choices = spray_orders,
     .type = SIM_PARAM_CHOICE},
    {.name = NULL},
};

const struct sim_selector_ops spray_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "spray",
               .summary = "a path for each packet",
               .source = "paper, 5.2",
               .state_size = sizeof(struct spray),
               .params_size = sizeof(struct spray_params),
               .params = spray_table},
    .init = spray_init,
    .choose = spray_choose,
};
