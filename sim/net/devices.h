/* Devices at switches (mtpsim/device.h): steering, service, what they are counted for.
 *
 * A device is an internal port of its switch: packets wait in a FIFO, judged by a queue model, and
 * the packet at its head is taken by the device when its time of service is over. What the device
 * gives back goes on to the other devices of the switch, then by the routes.
 *
 * Devices of one switch stand in a row, in the order of the list, with their servers behind the
 * last one: on the way to servers the first one is the first to see a packet, on the way back the
 * last one. So a device sees answers and acknowledgements as they were made of what it sent on, not
 * as devices in front of it need them. What a device sends under its own address goes on as if to
 * servers, and the acknowledgement of that comes back as if from them.
 *
 * Only a switch that has devices looks for them, and only these cost a second event a packet.
 */
#ifndef SIM_NET_DEVICES_H
#define SIM_NET_DEVICES_H

#include <glib.h>

#include <mtpsim/offload.h>

#include "net/node.h"
#include "scenario/spec.h"

struct device_counts {
    uint64_t served_packets, served_bytes;
    uint64_t created, absorbed, answered, forwarded, dropped; /* packets */
    uint64_t lost;                                            /* by a restart, in its queue */
    uint64_t restarts;
    uint64_t queue_packets, queue_bytes; /* the most that waited */
    uint64_t messages, bytes;            /* the most state that it held */
};

struct device {
    struct sim_timer timer;  /* first: the packet at the head is served */
    struct port port;        /* of its queue, rate and first pathlet; it has no link */
    struct pathlet **others; /* that it is */
    uint32_t other_count;
    struct sim_packet_list waiting;
    uint8_t *ways; /* by place in the queue, a ring: enum sim_device_way */
    uint32_t ways_mask, ways_head;
    struct node *node;
    struct worker *worker;
    const char *name;
    const struct sim_offload_ops *ops;
    void *state;
    struct sim_device_env env;
    struct sim_rng rng;
    uint32_t place;    /* among the switch's devices */
    uint64_t *servers; /* a bit for each host and device */
    uint32_t address_count;
    GArray *consumed; /* struct delivered */
    struct device_counts counts;
    const uint64_t *counters; /* its own, as another rank has them; NULL: it is here */
};

/* How many of the spec's offloads are devices. */
uint32_t devices_count(const struct spec *spec);
const struct sim_device_params *device_params(const struct sim_model *model);
const char *device_name(const struct sim_model *model);

struct simulation;
/* Makes them, in the order of the spec, and hangs them at their switches; NULL without error when
 * there are none. Free with devices_free. */
bool devices_install(struct simulation *simulation, GError **error);
void devices_free(struct device *devices, uint32_t count);

/* A packet at a switch with devices: the first one that wants it takes it. Gives whether one did,
 * and then what goes into the digest. */
bool devices_steer(struct node *node, struct sim_packet *packet, sim_time now, uint32_t *verdict);

/* How many counters of its own it has. */
uint32_t device_counters(const struct device *device);

/* Loses its state and what waits at it. */
void device_restart(struct device *device, sim_time now);

#endif
