/* alternate: all packets take one path, then for the next period all take the next: an optical
 * circuit switch.
 *
 * Paper: 5.1 (Figure 5: two paths, every 384 us).
 *
 * Stay k is [phase + k period, phase + (k + 1) period) and uses link k modulo the number of links
 * in `over`. What is in flight or queued on a path stays there. The switch at the other end of the
 * links sends everything back over the first of them: the paper's return path does not alternate,
 * and acknowledgements then all see one delay.
 *
 * Not modelled: the dark time of an optical switch while it turns.
 */
#include <mtpsim/selector.h>

struct alternate_params {
    uint32_t at;
    struct sim_list over;
    sim_time period;
    sim_time phase;
};

struct alternate {
    const struct alternate_params *params;
    const struct sim_selector_env *env;
    bool far;
    uint32_t link; /* of the current stay */
    sim_time stay_end;
};

static void alternate_enter(struct alternate *self, sim_time now)
{
    const struct alternate_params *p = self->params;
    sim_time since = now - p->phase;
    sim_time stay = since / p->period - (since % p->period < 0);
    int64_t count = p->over.count;
    self->link = p->over.items[(stay % count + count) % count];
    self->stay_end = p->phase + (stay + 1) * p->period;
}

static void alternate_init(void *self, const void *params, const struct sim_selector_env *env,
                           bool far)
{
    struct alternate *alternate = self;
    *alternate = (struct alternate){.params = params, .env = env, .far = far};
    alternate->link = alternate->params->over.items[0];
    alternate->stay_end = far ? SIM_NEVER : 0;
}

/* Destinations that the current link does not lead to take the first way. */
static uint32_t alternate_choose(void *self, const uint16_t *ports, uint32_t count,
                                 const struct sim_packet *packet, sim_time now)
{
    struct alternate *alternate = self;
    (void)packet;
    if (SIM_UNLIKELY(now >= alternate->stay_end))
        alternate_enter(alternate, now);
    for (uint32_t i = 0; i < count; i++)
        if (alternate->env->port_link[ports[i]] == alternate->link)
            return ports[i];
    return ports[0];
}

static const struct sim_param alternate_table[] = {
    {.name = "at",
     .help = "the switch",
     .offset = offsetof(struct alternate_params, at),
     .type = SIM_PARAM_SWITCH},
    {.name = "over",
     .help = "its links, in turn; the way back uses the first",
     .offset = offsetof(struct alternate_params, over),
     .min = 1,
     .max = 16,
     .type = SIM_PARAM_LINKS},
    {.name = "period",
     .help = "the stay on each path",
     .fallback = "384us",
     .offset = offsetof(struct alternate_params, period),
     .min = 1,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "phase",
     .help = "when a stay on the first path begins",
     .fallback = "0us",
     .offset = offsetof(struct alternate_params, phase),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_selector_ops alternate_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "alternate",
               .summary = "an optical switch: one path after the other, a period each",
               .source = "paper, 5.1",
               .state_size = sizeof(struct alternate),
               .params_size = sizeof(struct alternate_params),
               .params = alternate_table},
    .at_far_ends = true,
    .init = alternate_init,
    .choose = alternate_choose,
};
