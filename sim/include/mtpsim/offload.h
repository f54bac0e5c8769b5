/* Offloads: devices in the network that take messages in and send them on (paper, 2.1 and 2.3).
 *
 * There are two sorts. One sees packets at a switch: device.h; its table has `device`, and none of
 * the operations below. The other terminates connections: an application on a host, between clients
 * and the servers that it stands for. A message to one of its servers goes to the offload instead,
 * and carries a frame that says where it ends (struct sim_frame). What is in order arrives here,
 * message by message; the offload submits it again, and says what it has read, which opens the
 * receive window again.
 *
 * End to end: the last thing that the offload sends of a message has the message's own frame, by
 * which the server's host knows whose it is. When the server has all of it, the offload answers: a
 * message whose frame names the client as its origin. That completes the message for the client's
 * workload; the transport's acknowledgement only says that the offload has it.
 */
#ifndef MTPSIM_OFFLOAD_H
#define MTPSIM_OFFLOAD_H

#include <mtpsim/device.h>
#include <mtpsim/plugin.h>
#include <mtpsim/timers.h>
#include <mtpsim/transport.h>

struct sim_offload_env {
    uint32_t host; /* where it is */
    uint32_t host_count;
    uint16_t port; /* source ports of its own: this and the next, `ports` in all */
    uint16_t ports;
    struct sim_timers *timers;
    /* Submits a message under a number of the offload's choice. */
    void (*submit)(void *host_state, const struct sim_message *message, sim_time now);
    /* Bytes of a stream were read. */
    void (*consumed)(void *host_state, struct sim_stream stream, uint64_t bytes, sim_time now);
    void *host_state;
};

struct sim_offload_ops {
    struct sim_plugin plugin;
    /* At a switch: its parameters begin with struct sim_device_params. NULL: at a host. */
    const struct sim_device_ops *device;
    /* Every offload at a host has the parameters `at` (HOST), `servers` (HOSTS) and
     * `receive_window` (BYTES, of each connection to it). */
    void (*init)(void *self, const void *params, const struct sim_offload_env *env);
    void (*clear)(void *self); /* optional */
    void (*arrived)(void *self, const struct sim_arrival *arrival, sim_time now);
    /* Of messages that it submitted: as in sim_app_ops. `sent` is optional. */
    void (*sent)(void *self, uint32_t number, sim_time now);
    void (*completed)(void *self, uint32_t number, sim_time now);
    /* Bytes received in order and not yet sent on. */
    uint64_t (*buffered)(const void *self);
};

#endif
