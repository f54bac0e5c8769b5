/* l7_balancer: spreads requests to one address over the replicas of a service.
 *
 * Paper: 2.1 (Figure 1, parts 2a and 3b), 2.2, 3.1.2 ("a message cannot be split across replicas").
 *
 * Messages to the first of its servers go to whichever of them the algorithm says, message by
 * message. The choice is pinned: all packets of a message, also those that are sent again, follow
 * it (mtpsim/device.h, point 1). Pins are bounded. A message whose message SACK has passed may be
 * forgotten, and is when its place is needed; when no such place is found the message goes by a
 * hash of itself, which needs no memory, to the next replica if that one cannot be reached. So does
 * a blob, of which each packet is a message, but to that one alone: what of it was delivered there
 * is not sent again, and the rest would be of use nowhere else. It waits for the link. A message
 * that is sent again as a whole (flag restart) is placed anew, at another replica, and so is one
 * whose replica cannot be reached from this switch any more; without a pin it stays with its hash
 * as long as it can, for only its first packet has the flag. A new message goes to no replica
 * behind a pathlet that it excludes (3.1.3), as long as there is another: so a client whose window
 * to one of them is full has not to wait for it.
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
 * Datagrams (UDP, RDMA's) say in the application's header which message they are of, and are placed
 * like MTP's, message by message; they have no restart.
 *
 * Connections are l7_streams.c's, the algorithms l7_replicas.c's.
 *
 * Not modelled: health checks. A replica whose link is up and that does not answer is avoided as
 * far as its requests stay outstanding.
 */
#include "models/offload/l7_balancer.h"

#include <stdlib.h>

#define BALANCER_PIN_BYTES 24u /* of the table of a real device: source, message, replica */
#define BALANCER_SEARCH    16u /* pins that are looked at for one that may be forgotten */

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

bool balancer_has_room(struct l7_balancer *self)
{
    if (self->pins.count == self->pins.capacity)
        balancer_make_room(self);
    return self->pins.count < self->pins.capacity;
}

/* Pins something new. What does not begin with this packet had no place before, and went by its
 * hash. Gives its replica. */
static uint32_t balancer_pin(struct l7_balancer *self, uint64_t first, uint64_t second, bool begins)
{
    if (!balancer_has_room(self)) {
        self->hashed++;
        return balancer_reachable(self, balancer_hash(self, first, second));
    }
    uint32_t place = offload_table_add(&self->pins, first, second);
    self->placed++;
    self->pin[place] = (struct balancer_pin){
        .replica = begins ? balancer_choose(self, first, second)
                          : balancer_reachable(self, balancer_hash(self, first, second)),
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

uint32_t balancer_replica_of(struct l7_balancer *self, uint64_t first, uint64_t second, bool begins,
                             bool restarts)
{
    uint32_t place = offload_table_find(&self->pins, first, second);
    if (place == OFFLOAD_NONE)
        return balancer_pin(self, first, second, begins);
    offload_table_use(&self->pins, place);
    if (restarts || !balancer_reaches(self, self->pin[place].replica))
        balancer_move(self, place);
    return self->pin[place].replica;
}

/* ---- packets ---- */

/* Sends a packet of a message where the message goes. */
static void balancer_redirect(struct l7_balancer *self, struct sim_packet *packet, uint64_t message,
                              bool begins, bool restarts, sim_time now)
{
    uint32_t before = offload_table_find(&self->pins, packet->src, message);
    self->placing = packet;
    uint32_t replica = balancer_replica_of(self, packet->src, message, begins, restarts);
    self->placing = NULL;
    if (balancer_framed(packet) && (restarts || before == OFFLOAD_NONE))
        balancer_open(self, &sim_packet_rare(self->env->pool, packet)->frame, replica, now);
    packet->dst = self->params->device.servers.items[replica];
}

static void balancer_delivered(struct l7_balancer *self, uint64_t source, uint64_t message)
{
    uint32_t place = offload_table_find(&self->pins, source, message);
    if (place != OFFLOAD_NONE)
        self->pin[place].delivered = true;
}

/* Each packet of a blob is a message, and all must end at one replica. */
static void balancer_blob(struct l7_balancer *self, struct sim_packet *packet)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    uint32_t replica = balancer_hash(self, packet->src, lists->mtp.blob_id);
    packet->dst = self->params->device.servers.items[replica];
}

static void balancer_mtp(struct l7_balancer *self, struct sim_packet *packet,
                         enum sim_device_way way, sim_time now)
{
    const union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    if (way == SIM_DEVICE_TOWARDS && lists->mtp.has_blob) {
        balancer_blob(self, packet);
        return;
    }
    if (way == SIM_DEVICE_TOWARDS) {
        balancer_redirect(self, packet, packet->mtp.message, packet->mtp.packet == 0,
                          packet->mtp.flags & SIM_MTP_RESTART, now);
        return;
    }
    for (uint32_t i = 0; !(packet->mtp.flags & SIM_MTP_DATA) && i < lists->mtp.sack_count; i++)
        if (lists->mtp.sack[i].packet == SIM_MTP_WHOLE)
            balancer_delivered(self, packet->dst, lists->mtp.sack[i].message);
}

/* ---- datagrams ---- */

static bool balancer_is_datagram(const struct sim_packet *packet)
{
    return packet->protocol == SIM_PROTOCOL_UDP ||
           (packet->protocol == SIM_PROTOCOL_RDMA && (packet->datagram.flags & SIM_RDMA_DATAGRAM));
}

/* A message may be forgotten when its last piece has passed. */
static void balancer_datagram(struct l7_balancer *self, struct sim_packet *packet, sim_time now)
{
    const struct sim_datagram_header *header = &packet->datagram;
    uint64_t message = (uint64_t)header->src_port << 32 | header->message;
    balancer_redirect(self, packet, message, true, false, now);
    if (header->offset + header->payload_bytes >= header->message_bytes)
        balancer_delivered(self, packet->src, message);
}

/* ---- the device ---- */

static enum sim_device_use balancer_look_message(const struct l7_balancer *self,
                                                 const struct sim_packet *packet,
                                                 enum sim_device_way way, bool data)
{
    if (way == SIM_DEVICE_BACK)
        return !data || balancer_framed(packet) ? SIM_DEVICE_PEEK : SIM_DEVICE_PASS;
    return data && packet->dst == self->params->device.servers.items[0] ? SIM_DEVICE_SERVE
                                                                        : SIM_DEVICE_PASS;
}

static enum sim_device_use l7_balancer_look(void *state, const struct sim_packet *packet,
                                            enum sim_device_way way)
{
    const struct l7_balancer *self = state;
    if (way == SIM_DEVICE_OWN || !sim_device_reads(&self->params->device, packet))
        return SIM_DEVICE_PASS;
    if (packet->protocol == SIM_PROTOCOL_MTP)
        return balancer_look_message(self, packet, way, packet->mtp.flags & SIM_MTP_DATA);
    if (balancer_is_datagram(packet))
        return balancer_look_message(self, packet, way, true);
    return way == SIM_DEVICE_TOWARDS && packet->common.payload_bytes ? SIM_DEVICE_SERVE
                                                                     : SIM_DEVICE_PEEK;
}

static void l7_balancer_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                             sim_time now)
{
    struct l7_balancer *self = state;
    bool mtp = packet->protocol == SIM_PROTOCOL_MTP, datagram = balancer_is_datagram(packet);
    if (way == SIM_DEVICE_BACK && balancer_framed(packet))
        balancer_responded(self, &sim_packet_rare(self->env->pool, packet)->frame.content, now);
    if (mtp)
        balancer_mtp(self, packet, way, now);
    else if (datagram && way == SIM_DEVICE_TOWARDS)
        balancer_datagram(self, packet, now);
    else if (!datagram)
        balancer_stream(self, packet, way);
    self->env->forward(self->env->device, packet, now);
}

static void l7_balancer_restart(void *state, sim_time now)
{
    struct l7_balancer *self = state;
    (void)now;
    offload_table_empty(&self->pins);
    balancer_forget_replicas(self);
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

static const char *const l7_balancer_streams[] = {"connection", "message", NULL};

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
    {.name = "streams",
     .help =
         "what is placed of TCP and RDMA's connections; to redirect a message breaks its stream",
     .fallback = "connection",
     MEMBER(streams),
     .choices = l7_balancer_streams,
     .type = SIM_PARAM_CHOICE},
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
