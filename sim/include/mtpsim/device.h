/* Devices: offloads that see packets in the network (paper, 2.1, 2.2, 3.1.2).
 *
 * A device sits at a switch, which steers packets through it: those to and from its servers, and
 * those to the device's own address. It is an internal port: a bounded queue, a service rate, a
 * pathlet of its own; what it has served goes on from the switch. A device may forward a packet,
 * changed or not, redirect it (a new destination), absorb it, drop it, and create packets of its
 * own. It keeps no packets: what it holds between two of them is state, of which it reports how
 * much there is.
 *
 * Reliability through devices, in terms of the protocol. MTP's acknowledgements have two levels: a
 * packet SACK releases window and loss timer, the message SACK says "delivered" and alone lets the
 * sender forget the message. From this follows who may say and forget what:
 *
 *  1. A device that forwards or redirects says nothing. The receiver acknowledges; the sender alone
 *     remembers. A redirected message is named as before (source, message ID), so whoever gets it
 *     acknowledges straight to the source. The device may forget its choice when the message SACK
 *     has passed, or when it must (its table is full, it restarts): a message that was split
 *     between two replicas is completed at neither, so the sender's timeout sends it again as a
 *     whole, with the restart flag, and it is then placed once.
 *  2. A device that changes lengths or numbers does so by a function of the header alone, so that
 *     each packet, whenever it is sent again, is changed alike, whatever the device remembers. It
 *     translates the receiver's packet SACKs into those of the sender's packets and lets the
 *     message SACK pass. What it holds (pieces of one packet) it may lose at any time: packets that
 *     are not acknowledged are sent again, and of those that it had to acknowledge itself point 3
 *     holds.
 *  3. A device that absorbs a packet sends its packet SACK. The message is then in the device's
 *     hands, but not delivered: the sender keeps it. Should the device lose it, nothing else need
 *     be done: after a timeout the sender sends all of it again, with the restart flag. Should the
 *     device give it up, it says so at once with a NACK for the whole message.
 *  4. A device that answers creates a message under its own address. It gives it the ID of the
 *     message that it answers, which is unique for this receiver, so the answer to a request that
 *     came twice is the same message, and the receiver delivers it once. The device needs no memory
 *     for it: the receiver's message SACK comes to the device's address with that ID, and the
 *     device passes it on as the message SACK of the request: only then is the request
 *     "delivered". If the answer, or either acknowledgement, is lost, the request is not
 *     acknowledged; it is sent again, and answered again by whoever is there then.
 *  5. A device that cannot take a message lets it pass to the server or drops all packets of it,
 *     never some. A queue that overflows may drop one packet: its sender sends that one again.
 *
 * So a device never retransmits, sets no timer for reliability, and may lose all its state at any
 * instant: every promise is kept by a host that still has the message.
 *
 * Encrypted messages (paper, 4). A device without the key lets them pass as they are, and so their
 * acknowledgements, which bear the same flag: to change or redirect them is the business of those
 * who are trusted with what is in them. What a device makes of one is encrypted as well. One that
 * does nothing but serve packets, as a middlebox, serves these like others.
 *
 * Other transports. Packets of TCP carry no message: a device that does not find its protocol lets
 * packets pass, or does what an unaware one would do, and says so in its own file.
 */
#ifndef MTPSIM_DEVICE_H
#define MTPSIM_DEVICE_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>
#include <mtpsim/timers.h>

/* What the engine knows of a device: the first member of every device's parameters, filled by
 * SIM_DEVICE_PARAMS in its table. */
struct sim_device_params {
    uint32_t at; /* switch */
    const char *name;
    struct sim_list servers;
    uint64_t rate_bps;
    struct sim_model queue;
    uint64_t pathlet;
    bool key;
};

#define SIM_DEVICE_MEMBER(type, member) .offset = offsetof(type, device.member)

/* Entries of a table of parameters; `type` has a member `device`. */
#define SIM_DEVICE_PARAMS(params)                                                                  \
    {.name = "at",                                                                                 \
     .help = "switch that it is at",                                                               \
     SIM_DEVICE_MEMBER(params, at),                                                                \
     .type = SIM_PARAM_SWITCH},                                                                    \
        {.name = "name",                                                                           \
         .help = "in results and events; otherwise the model's",                                   \
         .fallback = "none",                                                                       \
         SIM_DEVICE_MEMBER(params, name),                                                          \
         .type = SIM_PARAM_STRING},                                                                \
        {.name = "servers",                                                                        \
         .help = "hosts: packets to and from them go through it",                                  \
         SIM_DEVICE_MEMBER(params, servers),                                                       \
         .type = SIM_PARAM_HOSTS},                                                                 \
        {.name = "rate",                                                                           \
         .help = "of service, in bytes of packets",                                                \
         SIM_DEVICE_MEMBER(params, rate_bps),                                                      \
         .min = 1e6,                                                                               \
         .max = 1e14,                                                                              \
         .type = SIM_PARAM_RATE},                                                                  \
        {.name = "queue",                                                                          \
         .help = "before its service, a FIFO; otherwise the scenario's",                           \
         .fallback = "none",                                                                       \
         SIM_DEVICE_MEMBER(params, queue),                                                         \
         .type = SIM_PARAM_MODEL,                                                                  \
         .kind = SIM_QUEUE},                                                                       \
        {.name = "key",                                                                            \
         .help = "it holds the key of encrypted messages, else those that it had to read pass as " \
                 "they are",                                                                       \
         .fallback = "false",                                                                      \
         SIM_DEVICE_MEMBER(params, key),                                                           \
         .type = SIM_PARAM_BOOL},                                                                  \
    {                                                                                              \
        .name = "pathlet", .help = "ID of its service; 0 for none", .fallback = "0",               \
        SIM_DEVICE_MEMBER(params, pathlet), .max = UINT32_MAX, .type = SIM_PARAM_COUNT             \
    }

/* How a packet comes to a device. */
enum sim_device_way {
    SIM_DEVICE_TOWARDS, /* to one of its servers */
    SIM_DEVICE_BACK,    /* from one of them */
    SIM_DEVICE_OWN,     /* to the device's address */
};

/* What the device wants of it. */
enum sim_device_use {
    SIM_DEVICE_PASS,  /* it goes by */
    SIM_DEVICE_PEEK,  /* it is taken at once, as acknowledgements are, which cost no service */
    SIM_DEVICE_SERVE, /* it queues, is served and then taken */
};

struct sim_device_env {
    uint32_t address; /* its own, as of a host: no host has it */
    uint32_t peer;    /* that of the device that its parameter `peer` (STRING) names; else 0 */
    uint16_t mtu_bytes;
    struct sim_pool *pool;
    struct sim_timers *timers;
    struct sim_rng *rng;
    bool (*is_server)(const void *device, uint32_t host);
    /* Whether the switch has a link on the way to the host that is up. */
    bool (*is_reachable)(const void *device, uint32_t host);
    /* Whether the packet's path exclude names the pathlet of each link from the switch to the host.
     * Of other packets than MTP's data: no. */
    bool (*is_excluded)(const void *device, const struct sim_packet *packet, uint32_t host);
    /* What becomes of a packet that it took: goes on, perhaps changed or redirected; */
    void (*forward)(void *device, struct sim_packet *packet, sim_time now);
    /* became, in place, an answer of the device's own; */
    void (*answer)(void *device, struct sim_packet *packet, sim_time now);
    /* ends here, because the device has what it says, */
    void (*absorb)(void *device, struct sim_packet *packet);
    /* or it leaves the network and is the device's own, to free or to emit; */
    void (*keep)(void *device, struct sim_packet *packet);
    /* or ends here because it has no room for it. */
    void (*drop)(void *device, struct sim_packet *packet);
    /* A packet that it made (sim_packet_new). */
    void (*emit)(void *device, struct sim_packet *packet, sim_time now);
    /* A message that ended here, for results: the host that sent it, its number there. */
    void (*consumed)(void *device, uint32_t src, uint32_t number, sim_time now);
    /* State that it holds from now on: of so many messages, so many bytes. */
    void (*holds)(void *device, uint64_t messages, uint64_t bytes);
    void *device;
};

struct sim_device_counter {
    const char *name; /* in the summary, [a-z_]+ */
    uint64_t value;
};

/* What waits in a device behind its service, and how fast it goes on from there. */
struct sim_device_backlog {
    uint32_t pathlet; /* of those that the device is, whose it is: from 0 */
    uint64_t packets, bytes;
    uint64_t sent_bytes; /* that went on, since the start of the run */
    uint64_t rate_bps;   /* at which they do */
};

struct sim_device_ops {
    /* To it devices that lie in the direction of its servers are servers too. */
    bool serves_devices;
    /* Of what it makes, where that may be less than the transport's: part of the lookahead. */
    uint32_t least_packet_bytes;
    void (*init)(void *self, const void *params, const struct sim_device_env *env);
    void (*clear)(void *self); /* optional */
    /* Borrows the packet. */
    enum sim_device_use (*look)(void *self, const struct sim_packet *packet,
                                enum sim_device_way way);
    /* Takes the packet, and gives it away by one of the env's operations. */
    void (*take)(void *self, struct sim_packet *packet, enum sim_device_way way, sim_time now);
    /* How many pathlets it is with these parameters, of IDs one after another, of which the
     * parameter `pathlet` is the first. Optional: one. */
    uint32_t (*pathlets)(const void *params);
    /* What waits behind its service where the packet, which comes this way, will be: for the
     * device's queue and the packet's pathlet it is part of the queue. Optional: nothing does. */
    void (*backlog)(const void *self, const struct sim_packet *packet, enum sim_device_way way,
                    struct sim_device_backlog *backlog);
    /* All state is lost; parameters and counters stay. Optional: it has none. */
    void (*restart)(void *self, sim_time now);
    /* Gives counter `index` of its own; false: there is none. Optional. */
    bool (*counter)(const void *self, uint32_t index, struct sim_device_counter *counter);
};

/* Whether a device with these parameters can read the packet. */
static inline bool sim_device_reads(const struct sim_device_params *params,
                                    const struct sim_packet *packet)
{
    return params->key || packet->protocol != SIM_PROTOCOL_MTP ||
           !(packet->mtp.flags & SIM_MTP_ENCRYPTED);
}

/* A copy of a packet with its lists. */
static inline struct sim_packet *sim_packet_copy(struct sim_pool *pool,
                                                 const struct sim_packet *packet)
{
    struct sim_packet *copy = sim_packet_new(pool);
    *copy = *packet;
    *sim_packet_lists(pool, copy) = *sim_packet_lists(pool, packet);
    *sim_packet_rare(pool, copy) = *sim_packet_rare(pool, packet);
    return copy;
}

#endif
