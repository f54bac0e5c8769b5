/* message_aware: each message goes where the work ahead of it is least.
 *
 * Paper: 3.1.2, 5.2 (Figure 6: "a load balancer that considers both network load and request
 * size").
 *
 * An MTP packet says how long its message is and how far it has come. So the switch knows what is
 * still to come on each path, before it comes: for every message that it placed, the bytes that
 * have not passed. A new message goes to the path over which its last byte would arrive first:
 *
 *     propagation + backlog of the port + (work ahead of this message + its own bytes) / rate
 *
 * "Ahead of this message" is what will be sent before it, and that follows from how senders order
 * their messages. Of the same MTP sender: all that is left of more urgent messages, and of those of
 * the same priority that have less left than this one has, since MTP sends the shortest first; a
 * long message yields, and is not ahead. Of another sender, and of TCP, whose connections share a
 * path: while this message sends its b bytes, another one sends about as many, so at most b.
 *
 * Why not the path with the fewest bytes outstanding (balance: outstanding_bytes): one elephant
 * sends every short message to the other path, where they wait for each other, while the elephant
 * would have let them pass. It stays as a baseline.
 *
 * A message stays on its path (pins.h); retransmissions follow. Path exclude is honoured when a
 * message is placed. When the table is full a message goes by its hash, and so does one that is
 * first seen in its middle: it may have begun when the table was full. Acknowledgements go by their
 * hash.
 *
 * TCP does not say how long a message is. For the ablation "DCTCP with this balancer" the
 * simulator's TCP tells it out of band, with the SYN (sim_packet_lists.tcp.message_bytes): more
 * than a real balancer would know. A connection of unknown length (a persistent one) goes by its
 * hash.
 *
 * Payload stands for bytes on the wire: headers are alike on all paths. Not modelled: the time that
 * the switch needs to decide, what other switches placed on a path further on.
 */
#include "messages.h"
#include "pins.h"

#include <stdlib.h>
#include <string.h>

enum { BALANCE_WORK_AHEAD, BALANCE_OUTSTANDING_BYTES };

struct message_aware_params {
    uint32_t balance;
    uint64_t pins;
    sim_time idle;
};

struct message_aware {
    const struct message_aware_params *params;
    const struct sim_selector_env *env;
    struct pins pins;
    uint64_t *ahead; /* by port, while a message is placed */
};

static void message_aware_init(void *self, const void *params, const struct sim_selector_env *env,
                               bool far)
{
    struct message_aware *aware = self;
    (void)far;
    *aware = (struct message_aware){.params = params, .env = env};
    pins_init(&aware->pins, (uint32_t)aware->params->pins, aware->params->idle);
    aware->ahead = calloc(env->port_count, sizeof *aware->ahead);
    SIM_CHECK(aware->ahead, "out of memory for %u ports", env->port_count);
}

static void message_aware_clear(void *self)
{
    struct message_aware *aware = self;
    pins_clear(&aware->pins);
    free(aware->ahead);
}

/* How much of a placed message is sent before the last byte of the new one. */
static uint64_t work_ahead(const struct pin *pin, const struct selector_message *message)
{
    uint64_t left = pin_left(pin);
    if (pin->src != message->src || message->shared)
        return left < message->bytes ? left : message->bytes;
    if (pin->priority != message->priority)
        return pin->priority < message->priority ? left : 0;
    return left <= message->bytes ? left : 0;
}

static void sum_ahead(struct message_aware *self, const struct selector_message *message)
{
    memset(self->ahead, 0, self->env->port_count * sizeof *self->ahead);
    bool all = self->params->balance == BALANCE_OUTSTANDING_BYTES;
    for (const struct pin *pin = pins_first(&self->pins); pin; pin = pins_next(&self->pins, pin))
        self->ahead[pin->port] += all ? pin_left(pin) : work_ahead(pin, message);
}

/* When the last byte would arrive at the other end of the link, from now. */
static sim_time completion(const struct message_aware *self, uint32_t port,
                           const struct selector_message *message, sim_time now)
{
    const struct sim_selector_env *env = self->env;
    struct sim_rate rate = sim_rate_of(env->rate_bps(env->self, port));
    return env->delay(env->self, port) + env->backlog(env->self, port, now) +
           sim_rate_time(rate, self->ahead[port] + message->bytes);
}

static uint32_t place(struct message_aware *self, const uint16_t *ports, uint32_t count,
                      const struct sim_packet *packet, const struct selector_message *message,
                      sim_time now)
{
    uint16_t kept[SELECTOR_PORTS_MAX];
    uint32_t left = selector_not_excluded(self->env, ports, count, packet, kept);
    uint32_t first = (uint32_t)(packet->hash % left); /* of equals */
    uint32_t best = kept[first];
    sim_time least = SIM_NEVER;
    pins_expire(&self->pins, now);
    sum_ahead(self, message);
    for (uint32_t i = 0; i < left; i++) {
        uint32_t port = kept[(first + i) % left];
        sim_time cost = self->params->balance == BALANCE_OUTSTANDING_BYTES
                            ? (sim_time)self->ahead[port]
                            : completion(self, port, message, now);
        if (cost < least) {
            least = cost;
            best = port;
        }
    }
    return best;
}

static uint32_t message_aware_choose(void *self, const uint16_t *ports, uint32_t count,
                                     const struct sim_packet *packet, sim_time now)
{
    struct message_aware *aware = self;
    struct selector_message message;
    if (!selector_message_of(packet, aware->env->pool, &message))
        return selector_hashed(aware->env, ports, count, packet);
    if (message.single)
        return place(aware, ports, count, packet, &message, now);
    struct pin *pin = pins_follow(&aware->pins, &message, ports, count, now);
    if (pin)
        return pin->port;
    uint32_t hashed = selector_hashed(aware->env, ports, count, packet);
    bool known = message.first && message.bytes;
    uint32_t port = known ? place(aware, ports, count, packet, &message, now) : hashed;
    return pins_add(&aware->pins, &message, port, now) ? port : hashed;
}

static const char *const message_aware_balances[] = {"work_ahead", "outstanding_bytes", NULL};

static const struct sim_param message_aware_table[] = {
    {.name = "balance",
     .help = "what makes a path the best for a message",
     .fallback = "work_ahead",
     .offset = offsetof(struct message_aware_params, balance),
     .choices = message_aware_balances,
     .type = SIM_PARAM_CHOICE},
    {.name = "pins",
     .help = "messages whose path a switch remembers",
     .fallback = "4096",
     .offset = offsetof(struct message_aware_params, pins),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "idle",
     .help = "a message that sends nothing for so long is not counted as work",
     .fallback = "10ms",
     .offset = offsetof(struct message_aware_params, idle),
     .min = 1,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_selector_ops message_aware_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "message_aware",
               .summary = "each message where the work ahead of it is least",
               .source = "paper, 3.1.2, 5.2",
               .state_size = sizeof(struct message_aware),
               .params_size = sizeof(struct message_aware_params),
               .params = message_aware_table},
    .init = message_aware_init,
    .clear = message_aware_clear,
    .choose = message_aware_choose,
};
