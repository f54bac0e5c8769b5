/* least_loaded: the path whose port has the least waiting, in time on its wire.
 *
 * For each packet, or for each message at its first packet; in between a message stays (pins.h). A
 * TCP connection counts as a message. What the port has waiting now says little about how long a
 * message takes that is itself much longer: message_aware knows more.
 */
#include "messages.h"
#include "pins.h"

enum { LEAST_LOADED_PACKET, LEAST_LOADED_MESSAGE };

struct least_loaded_params {
    uint32_t by;
    uint64_t pins;
    sim_time idle;
};

struct least_loaded {
    const struct least_loaded_params *params;
    const struct sim_selector_env *env;
    struct pins pins;
    uint32_t turn; /* where the search begins, so that equals take turns */
};

static void least_loaded_init(void *self, const void *params, const struct sim_selector_env *env,
                              bool far)
{
    struct least_loaded *least_loaded = self;
    (void)far;
    *least_loaded = (struct least_loaded){.params = params, .env = env};
    if (least_loaded->params->by == LEAST_LOADED_MESSAGE)
        pins_init(&least_loaded->pins, (uint32_t)least_loaded->params->pins,
                  least_loaded->params->idle);
}

static void least_loaded_clear(void *self)
{
    struct least_loaded *least_loaded = self;
    pins_clear(&least_loaded->pins);
}

static uint32_t least_loaded_place(struct least_loaded *self, const uint16_t *ports, uint32_t count,
                                   const struct sim_packet *packet, sim_time now)
{
    const struct sim_selector_env *env = self->env;
    uint16_t kept[SELECTOR_PORTS_MAX];
    uint32_t left = selector_not_excluded(env, ports, count, packet, kept);
    uint32_t best = 0;
    sim_time least = SIM_NEVER;
    self->turn++;
    for (uint32_t i = 0; i < left; i++) {
        uint32_t port = kept[(i + self->turn) % left];
        sim_time backlog = env->backlog(env->self, port, now);
        if (backlog < least) {
            least = backlog;
            best = port;
        }
    }
    return best;
}

static uint32_t least_loaded_choose(void *self, const uint16_t *ports, uint32_t count,
                                    const struct sim_packet *packet, sim_time now)
{
    struct least_loaded *least_loaded = self;
    struct selector_message message;
    if (least_loaded->params->by == LEAST_LOADED_PACKET)
        return least_loaded_place(least_loaded, ports, count, packet, now);
    if (!selector_message_of(packet, least_loaded->env->pool, &message))
        return selector_hashed(least_loaded->env, ports, count, packet);
    if (message.single)
        return least_loaded_place(least_loaded, ports, count, packet, now);
    struct pin *pin = pins_follow(&least_loaded->pins, &message, ports, count, now);
    if (pin)
        return pin->port;
    pins_expire(&least_loaded->pins, now);
    uint32_t hashed = selector_hashed(least_loaded->env, ports, count, packet);
    uint32_t port =
        message.first ? least_loaded_place(least_loaded, ports, count, packet, now) : hashed;
    return pins_add(&least_loaded->pins, &message, port, now) ? port : hashed;
}

static const char *const least_loaded_units[] = {"packet", "message", NULL};

static const struct sim_param least_loaded_table[] = {
    {.name = "by",
     .help = "what is placed",
     .fallback = "packet",
     .offset = offsetof(struct least_loaded_params, by),
     .choices = least_loaded_units,
     .type = SIM_PARAM_CHOICE},
    {.name = "pins",
     .help = "messages whose path a switch remembers",
     .fallback = "4096",
     .offset = offsetof(struct least_loaded_params, pins),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "idle",
     .help = "a message that sends nothing for so long gives its place up",
     .fallback = "10ms",
     .offset = offsetof(struct least_loaded_params, idle),
     .min = 1,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_selector_ops least_loaded_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "least_loaded",
               .summary = "the port with the least waiting, for each packet or message",
               .state_size = sizeof(struct least_loaded),
               .params_size = sizeof(struct least_loaded_params),
               .params = least_loaded_table},
    .init = least_loaded_init,
    .clear = least_loaded_clear,
    .choose = least_loaded_choose,
};
