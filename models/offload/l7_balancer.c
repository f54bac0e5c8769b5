/* l7_balancer: spreads requests to one address over the replicas of a service.
 *
 * Paper: 2.1 (Figure 1, parts 2a and 3b), 2.2, 3.1.2 ("a message cannot be split across replicas").
 *
 * Messages to the first of its servers go to whichever of them the algorithm says, message by
 * message. The choice is pinned: all packets of a message, also those that are sent again, follow
 * it (mtpsim/device.h, point 1). Pins are bounded. A message whose message SACK has passed may be
 * forgotten, and is when its place is needed; when no such place is found the message goes by a
 * hash of itself, which needs no memory. A message that is sent again as a whole (flag restart) is
 * placed anew, at another replica, and so is one whose replica cannot be reached from this switch
 * any more.
 *
 * Algorithms: hash (of the message), round_robin, least_outstanding (requests without a response,
 * as the balancer sees them pass), power_of_two (the less outstanding of two at random:
 * Mitzenmacher, IEEE TPDS 2001), c3 (Suresh and others, NSDI 2015): the least of R - S + (1 +
 * outstanding + q)^3 S with R the response time as measured here, S the service time and q the
 * queue that replicas tell in their responses, each an average with weight 1/8.
 *
 * Encrypted messages without the key are not placed: they go to the first server, whose address
 * they bear. The header alone would be enough to place them; that is left to devices that are
 * trusted (mtpsim/device.h).
 *
 * TCP: a connection is placed when its SYN passes, by the same algorithm, and both addresses are
 * rewritten from then on. All its requests go to one replica: that is what a balancer that does not
 * terminate can do (2.3).
 *
 * Not modelled: health checks. A replica whose link is up and that does not answer is avoided as
 * far as its requests stay outstanding.
 */
#include <mtpsim/offload.h>

#include <math.h>
#include <stdlib.h>

#include "models/offload/table.h"

#define BALANCER_PIN_BYTES 24u /* of the table of a real device: source, message, replica */
#define BALANCER_SEARCH    16u /* pins that are looked at for one that may be forgotten */

enum l7_balancer_algorithm {
    BALANCER_HASH,
    BALANCER_ROUND_ROBIN,
    BALANCER_LEAST_OUTSTANDING,
    BALANCER_POWER_OF_TWO,
    BALANCER_C3,
};

struct l7_balancer_params {
    struct sim_device_params device; /* first */
    uint32_t algorithm;              /* enum l7_balancer_algorithm */
    uint64_t pins;
};

struct balancer_pin {
    uint32_t replica; /* index in servers */
    bool delivered;
};

/* A request without a response. */
struct balancer_request {
    uint32_t replica;
    sim_time sent_at;
};

struct balancer_replica {
    uint64_t outstanding;
    double response, service, waiting; /* averages; times in ps */
};

struct l7_balancer {
    const struct l7_balancer_params *params;
    const struct sim_device_env *env;
    struct offload_table pins;     /* by (source, message), connections by (source, ports) */
    struct offload_table requests; /* by (client, its number of the request) */
    struct balancer_pin *pin;
    struct balancer_request *request;
    struct balancer_replica *replicas;
    uint32_t replica_count, turn;
    uint64_t placed, hashed, moved;
};

/* ---- choosing ---- */

static bool balancer_reaches(const struct l7_balancer *self, uint32_t replica)
{
    return self->env->is_reachable(self->env->device, self->params->device.servers.items[replica]);
}

static double balancer_score(const struct l7_balancer *self, uint32_t replica)
{
    const struct balancer_replica *at = &self->replicas[replica];
    if (!balancer_reaches(self, replica))
        return INFINITY;
    if (self->params->algorithm != BALANCER_C3)
        return (double)at->outstanding;
    double queue = 1 + (double)at->outstanding + at->waiting;
    return at->response - at->service + queue * queue * queue * at->service;
}

/* The least score; of equal ones the first from a random place on. */
static uint32_t balancer_least(const struct l7_balancer *self)
{
    uint32_t count = self->replica_count;
    uint32_t first = (uint32_t)sim_rng_below(self->env->rng, count), best = first;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t replica = (first + i) % count;
        if (balancer_score(self, replica) < balancer_score(self, best))
            best = replica;
    }
    return best;
}

static uint32_t balancer_of_two(const struct l7_balancer *self)
{
    uint32_t one = (uint32_t)sim_rng_below(self->env->rng, self->replica_count);
    uint32_t two = (uint32_t)sim_rng_below(self->env->rng, self->replica_count);
    return balancer_score(self, two) < balancer_score(self, one) ? two : one;
}

static uint32_t balancer_hash(const struct l7_balancer *self, uint64_t first, uint64_t second)
{
    return (uint32_t)(sim_mix64(sim_mix64(first) ^ second) % self->replica_count);
}

static uint32_t balancer_by_algorithm(struct l7_balancer *self, uint64_t first, uint64_t second)
{
    switch ((enum l7_balancer_algorithm)self->params->algorithm) {
    case BALANCER_ROUND_ROBIN:
        return self->turn++ % self->replica_count;
    case BALANCER_LEAST_OUTSTANDING:
    case BALANCER_C3:
        return balancer_least(self);
    case BALANCER_POWER_OF_TWO:
        return balancer_of_two(self);
    default:
        return balancer_hash(self, first, second);
    }
}

/* The algorithm's choice, or the next one that can be reached. */
static uint32_t balancer_choose(struct l7_balancer *self, uint64_t first, uint64_t second)
{
    uint32_t replica = balancer_by_algorithm(self, first, second);
    for (uint32_t i = 0; i < self->replica_count && !balancer_reaches(self, replica); i++)
        replica = (replica + 1) % self->replica_count;
    return replica;
}

/* ---- pins ---- */

static void balancer_report(const struct l7_balancer *self)
{
    uint64_t count = self->pins.count;
    uint64_t bytes = (count + self->requests.count) * BALANCER_PIN_BYTES;
    self->env->holds(self->env->device, count, bytes);
}

static void balancer_make_room(struct l7_balancer *self)
{
    uint32_t place = self->pins.oldest;
    for (uint32_t i = 0; i < BALANCER_SEARCH && place != OFFLOAD_NONE; i++) {
        uint32_t newer = self->pins.places[place].newer;
        if (self->pin[place].delivered) {
            offload_table_remove(&self->pins, place);
            return;
        }
        place = newer;
    }
}

/* Pins something new. What does not begin with this packet had no place before, and went by its
 * hash. Gives its replica. */
static uint32_t balancer_pin(struct l7_balancer *self, uint64_t first, uint64_t second, bool begins)
{
    if (self->pins.count == self->pins.capacity)
        balancer_make_room(self);
    uint32_t place = offload_table_add(&self->pins, first, second);
    if (place == OFFLOAD_NONE) {
        self->hashed++;
        return balancer_hash(self, first, second);
    }
    self->placed++;
    self->pin[place] = (struct balancer_pin){
        .replica =
            begins ? balancer_choose(self, first, second) : balancer_hash(self, first, second),
    };
    balancer_report(self);
    return self->pin[place].replica;
}

/* Another replica, for a message that is sent again as a whole. */
static void balancer_move(struct l7_balancer *self, uint32_t place)
{
    struct balancer_pin *pin = &self->pin[place];
    const struct offload_place *at = &self->pins.places[place];
    uint32_t replica = balancer_choose(self, at->first, at->second);
    if (replica == pin->replica)
        replica = (replica + 1) % self->replica_count;
    while (replica != pin->replica && !balancer_reaches(self, replica))
        replica = (replica + 1) % self->replica_count;
    *pin = (struct balancer_pin){.replica = replica};
    self->moved++;
}

static uint32_t balancer_replica_of(struct l7_balancer *self, uint64_t first, uint64_t second,
                                    bool begins, bool restarts)
{
    uint32_t place = offload_table_find(&self->pins, first, second);
    if (place == OFFLOAD_NONE)
        return balancer_pin(self, first, second, begins);
    offload_table_use(&self->pins, place);
    if (restarts || !balancer_reaches(self, self->pin[place].replica))
        balancer_move(self, place);
    return self->pin[place].replica;
}

/* ---- requests and responses ---- */

static void balancer_close(struct l7_balancer *self, uint32_t place)
{
    self->replicas[self->request[place].replica].outstanding--;
    offload_table_remove(&self->requests, place);
}

static void balancer_open(struct l7_balancer *self, const struct sim_frame *frame, uint32_t replica,
                          sim_time now)
{
    uint32_t place = offload_table_find(&self->requests, frame->origin, frame->number);
    if (place != OFFLOAD_NONE)
        balancer_close(self, place);
    if (self->requests.count == self->requests.capacity)
        balancer_close(self, self->requests.oldest);
    place = offload_table_add(&self->requests, frame->origin, frame->number);
    self->request[place] = (struct balancer_request){replica, now};
    self->replicas[replica].outstanding++;
}

static double average(double before, double now)
{
    return before + (now - before) / 8;
}

static void balancer_responded(struct l7_balancer *self, const struct sim_content *content,
                               sim_time now)
{
    uint32_t place = offload_table_find(&self->requests, content->client, content->request);
    if (place == OFFLOAD_NONE)
        return;
    const struct balancer_request *request = &self->request[place];
    struct balancer_replica *replica = &self->replicas[request->replica];
    replica->response = average(replica->response, (double)(now - request->sent_at));
    replica->service = average(replica->service, (double)content->service_ns * (double)SIM_NS);
    replica->waiting = average(replica->waiting, content->waiting);
    balancer_close(self, place);
}

/* ---- packets ---- */

static bool balancer_framed(const struct sim_packet *packet)
{
    return packet->flags & SIM_PACKET_FRAMED;
}

static void balancer_message(struct l7_balancer *self, struct sim_packet *packet, sim_time now)
{
    bool restarts = packet->mtp.flags & SIM_MTP_RESTART;
    uint32_t before = offload_table_find(&self->pins, packet->src, packet->mtp.message);
    uint32_t replica = balancer_replica_of(self, packet->src, packet->mtp.message,
                                           packet->mtp.packet == 0, restarts);
    if (balancer_framed(packet) && (restarts || before == OFFLOAD_NONE))
        balancer_open(self, &sim_packet_rare(self->env->pool, packet)->frame, replica, now);
    packet->dst = self->params->device.servers.items[replica];
}

static void balancer_delivered(struct l7_balancer *self, const struct sim_packet *packet)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++) {
        uint32_t place = OFFLOAD_NONE;
        if (lists->mtp.sack[i].packet == SIM_MTP_WHOLE)
            place = offload_table_find(&self->pins, packet->dst, lists->mtp.sack[i].message);
        if (place != OFFLOAD_NONE)
            self->pin[place].delivered = true;
    }
}

static uint64_t balancer_ports(uint16_t client, uint16_t service)
{
    return UINT64_C(1) << 63 | (uint64_t)client << 16 | service;
}

static void balancer_segment(struct l7_balancer *self, struct sim_packet *packet,
                             enum sim_device_way way)
{
    const uint32_t *servers = self->params->device.servers.items;
    bool towards = way == SIM_DEVICE_TOWARDS;
    uint64_t client = towards ? packet->src : packet->dst;
    uint64_t ports = towards ? balancer_ports(packet->tcp.src_port, packet->tcp.dst_port)
                             : balancer_ports(packet->tcp.dst_port, packet->tcp.src_port);
    bool opens = towards && (packet->tcp.flags & SIM_TCP_SYN) &&
                 !(packet->tcp.flags & SIM_TCP_ACK) && packet->dst == servers[0];
    uint32_t place = offload_table_find(&self->pins, client, ports);
    if (towards && packet->dst == servers[0] && (opens || place != OFFLOAD_NONE))
        packet->dst = servers[balancer_replica_of(self, client, ports, true, false)];
    else if (!towards && place != OFFLOAD_NONE && packet->src == servers[self->pin[place].replica])
        packet->src = servers[0];
}

/* ---- the device ---- */

static enum sim_device_use l7_balancer_look(void *state, const struct sim_packet *packet,
                                            enum sim_device_way way)
{
    const struct l7_balancer *self = state;
    if (way == SIM_DEVICE_OWN)
        return SIM_DEVICE_PASS;
    if (packet->protocol == SIM_PROTOCOL_TCP)
        return way == SIM_DEVICE_TOWARDS && packet->tcp.payload_bytes ? SIM_DEVICE_SERVE
                                                                      : SIM_DEVICE_PEEK;
    if (packet->protocol != SIM_PROTOCOL_MTP || !sim_device_reads(&self->params->device, packet))
        return SIM_DEVICE_PASS;
    bool data = packet->mtp.flags & SIM_MTP_DATA;
    if (way == SIM_DEVICE_BACK)
        return !data || balancer_framed(packet) ? SIM_DEVICE_PEEK : SIM_DEVICE_PASS;
    return data && packet->dst == self->params->device.servers.items[0] ? SIM_DEVICE_SERVE
                                                                        : SIM_DEVICE_PASS;
}

static void l7_balancer_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                             sim_time now)
{
    struct l7_balancer *self = state;
    if (packet->protocol == SIM_PROTOCOL_TCP)
        balancer_segment(self, packet, way);
    else if (way == SIM_DEVICE_TOWARDS)
        balancer_message(self, packet, now);
    else if (packet->mtp.flags & SIM_MTP_DATA)
        balancer_responded(self, &sim_packet_rare(self->env->pool, packet)->frame.content, now);
    else
        balancer_delivered(self, packet);
    self->env->forward(self->env->device, packet, now);
}

static void l7_balancer_restart(void *state, sim_time now)
{
    struct l7_balancer *self = state;
    (void)now;
    offload_table_empty(&self->pins);
    offload_table_empty(&self->requests);
    for (uint32_t i = 0; i < self->replica_count; i++)
        self->replicas[i] = (struct balancer_replica){0};
}

static bool l7_balancer_counter(const void *state, uint32_t index,
                                struct sim_device_counter *counter)
{
    const struct l7_balancer *self = state;
    const struct sim_device_counter counters[] = {
        {"placed", self->placed},
        {"hashed", self->hashed},
        {"moved", self->moved},
    };
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

static void l7_balancer_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct l7_balancer *self = state;
    const struct l7_balancer_params *p = self->params = params;
    self->env = env;
    self->replica_count = p->device.servers.count;
    offload_table_init(&self->pins, (uint32_t)p->pins);
    offload_table_init(&self->requests, (uint32_t)p->pins);
    self->pin = calloc(p->pins, sizeof *self->pin);
    self->request = calloc(p->pins, sizeof *self->request);
    self->replicas = calloc(self->replica_count, sizeof *self->replicas);
    SIM_CHECK(self->pin && self->request && self->replicas, "out of memory for a balancer");
}

static void l7_balancer_clear(void *state)
{
    struct l7_balancer *self = state;
    offload_table_clear(&self->pins);
    offload_table_clear(&self->requests);
    free(self->pin);
    free(self->request);
    free(self->replicas);
}

static const struct sim_device_ops l7_balancer_device = {
    .init = l7_balancer_init,
    .clear = l7_balancer_clear,
    .look = l7_balancer_look,
    .take = l7_balancer_take,
    .restart = l7_balancer_restart,
    .counter = l7_balancer_counter,
};

/* ---- the table ---- */

static const char *l7_balancer_check(const void *params)
{
    const struct l7_balancer_params *p = params;
    return p->device.servers.count ? NULL : "it has no servers";
}

static const char *const l7_balancer_algorithms[] = {
    "hash", "round_robin", "least_outstanding", "power_of_two", "c3", NULL,
};

#define MEMBER(member) .offset = offsetof(struct l7_balancer_params, member)

static const struct sim_param l7_balancer_table[] = {
    SIM_DEVICE_PARAMS(struct l7_balancer_params),
    {.name = "algorithm",
     .help = "which replica gets a message to the first of the servers",
     .fallback = "least_outstanding",
     MEMBER(algorithm),
     .choices = l7_balancer_algorithms,
     .type = SIM_PARAM_CHOICE},
    {.name = "pins",
     .help = "messages whose replica it remembers; others go by a hash",
     .fallback = "4096",
     MEMBER(pins),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

const struct sim_offload_ops l7_balancer_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "l7_balancer",
               .summary = "spreads requests to one address over the replicas of a service",
               .source = "paper, 2.1, 3.1.2",
               .state_size = sizeof(struct l7_balancer),
               .params_size = sizeof(struct l7_balancer_params),
               .params = l7_balancer_table,
               .check = l7_balancer_check},
    .device = &l7_balancer_device,
};
