/* Priority flow control (IEEE 802.1Qbb): switches that hold their neighbours back instead of
 * dropping.
 *
 * Paper: 3.1.2 ("network devices may also provide lossless forwarding"). DCQCN (Zhu et al., SIGCOMM
 * 2015) is made for such a network.
 *
 * A switch counts the bytes that wait in it by where they came in (input port) and by class. Above
 * `xoff` it sends a pause frame for the class to the neighbour at that input; down to `xon` it
 * sends a resume frame. A frame goes after the packet in transmission, ahead of all that waits, and
 * takes its time on the wire and on the link. The neighbour, a switch's port or a host's NIC,
 * finishes the packet in transmission and starts no other of the class until it is resumed. What
 * arrives meanwhile has its place in the headroom above `xoff`, which must hold what the link
 * carries in a round trip; less is refused. Pauses spread hop by hop towards the senders, and stop
 * the traffic of the bystanders (victims) that share an input with it.
 *
 * The ports of such a switch have a backlog, since a computed departure cannot be revised, and one
 * FIFO for each class; the packet that came first goes first, unless its class is paused. A packet
 * counts as waiting until its transmission begins. The queue model judges as ever, but "drop" is
 * taken as "mark": room is the input's concern (RFC 3168, 5: a mark where a drop would have been).
 *
 * A NIC is one queue: while it holds a packet of a paused class, it takes no data from its
 * transport, of whatever class. One with a queue for each class would go on.
 *
 * What a device at the switch sends on is no input's: it is not counted, and the queue may drop it.
 *
 * Not modelled: quanta and refreshes (a pause lasts until the resume frame, and neither is ever
 * lost, not even on a link that loses packets or is down), the neighbour's time to react, buffers
 * that ports share, thresholds that follow the occupancy. Schedulers as queues are refused: they
 * order packets by themselves. Deadlock is not detected: where pauses depend on each other in a
 * circle, packets stop for good, as they would in a network without a watchdog, and `paused_us` in
 * links.csv shows where.
 *
 * A network without it pays nothing for it: frames and inputs are seen to in the branch for traced
 * nodes, and backlogs have a function of their own here.
 */
#ifndef SIM_NET_PFC_H
#define SIM_NET_PFC_H

#include <glib.h>

#include "net/link.h"
#include "scenario/spec.h"

struct node;
struct worker;

#define PFC_CLASSES_MAX 8
#define PFC_FRAME_BYTES 64
#define PFC_NO_INPUT    UINT16_MAX

/* What came in through one port and waits in the switch. */
struct pfc_input {
    bool lossless;        /* its link has flow control; else nothing is counted here */
    uint8_t told;         /* bit c: class c was paused */
    uint64_t limit_bytes; /* xoff and headroom: more of a class is dropped */
    uint64_t bytes[PFC_CLASSES_MAX];
};

struct pfc_node {
    struct node *node;
    struct worker *worker;
    const struct spec_pfc *spec;
    struct pfc_input *inputs; /* by port; NULL at a host, which never holds anybody back */
    uint32_t input;           /* of the packet that is being handled; PFC_NO_INPUT: of none */
    uint64_t order;           /* packets that had to wait; stamps them */
    uint64_t frames_sent, frames_received;
};

/* The half that obeys. */
struct pfc_port {
    struct pfc_node *at;
    uint8_t paused; /* bit c: nothing of class c may start */
    uint8_t busy;   /* bit c: packets of class c wait */
    struct sim_packet_list waiting[PFC_CLASSES_MAX];
    uint64_t pauses;       /* frames that paused a class */
    sim_time paused_since; /* with any class paused */
    sim_time paused_time;  /* before */
};

/* Equips the nodes at the links that have flow control. Errors: a headroom that is less than a link
 * needs, a queue that orders packets by itself. */
bool pfc_install(const struct spec *spec, struct node *nodes, struct worker *workers,
                 GError **error);
void pfc_clear(struct node *node);

/* Bytes that may still arrive over a link of this rate and delay after more than xoff of them wait:
 * the packet that went over it, what the pause frame finds ahead of it (a packet in transmission,
 * and frames), the round trip, and the packet that the neighbour then has in transmission. */
uint64_t pfc_headroom_bytes(const struct spec_pfc *pfc, uint64_t rate_bps, sim_time delay,
                            uint32_t mtu_bytes);

/* A frame arrived at a port. Takes it, and gives what goes into the digest. */
uint32_t pfc_obey(struct worker *worker, struct node *node, uint32_t port, struct sim_packet *frame,
                  sim_time now);

/* backlog_forward and port_send of ports with flow control. Take the packet. */
enum port_verdict pfc_forward(struct worker *worker, struct port *port, struct sim_packet *packet,
                              sim_time now);
enum port_verdict pfc_send(struct worker *worker, struct port *port, struct sim_packet *packet,
                           sim_time now);

/* How long a port had a class paused, up to now. */
sim_time pfc_paused_time(const struct port *port, sim_time now);

#endif
