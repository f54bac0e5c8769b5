/* Links and ports.
 *
 * A link is a one-way pipe: packets in flight in the order of arrival. Its sender's half is a port
 * (what is computed when a packet leaves), its receiver's half is a pipe: 16 bytes, contiguous for
 * all inputs of a node, which is all that the receiver's merge looks at. A packet holds its
 * successor's arrival time, so taking one does not touch the next.
 *
 * A port is normally a FIFO whose departures are computed when packets arrive: one event a hop. The
 * number of packets in it is not counted down; a ring holds the departure times, and is looked at
 * only when so many have come that the queue model might not just accept (struct sim_queue_ops,
 * quiet).
 *
 * A port whose queue is a scheduler, or that can be paused, or whose link changes during the run,
 * has a backlog instead:
 * packets wait in it until the wire is free, since a computed departure cannot be revised. It costs
 * a second event a packet, while packets wait.
 */
#ifndef SIM_NET_LINK_H
#define SIM_NET_LINK_H

#include <mtpsim/congestion.h>
#include <mtpsim/packet.h>
#include <mtpsim/policy.h>
#include <mtpsim/queue.h>
#include <mtpsim/rng.h>
#include <mtpsim/timers.h>

struct node;
struct pfc_port;

struct pipe {
    sim_time head_time;  /* arrival of the first packet; SIM_NEVER when empty */
    uint32_t head, tail; /* packet indexes */
};

/* A pathlet at its port. */
struct pathlet {
    uint32_t id;
    const struct sim_congestion_ops *ops;
    void *state;      /* of the network half */
    uint64_t no_room; /* entries not appended */
    bool aggregates;  /* into the entry of an earlier port of the same pathlet */
};

/* A port whose link leads to a node of another thread or process: what it sends in a window is
 * handed over after it. */
struct remote {
    struct remote_chain {
        _Alignas(64) sim_time first; /* arrival of the first packet */
        uint32_t head, tail;         /* 0: empty */
    } chains[2]; /* windows take them in turn: one is read while the other is filled */
    uint32_t to; /* which outbox: the worker of the node, or its rank */
};

/* An ingress policy before its port. */
struct port_policy {
    const struct sim_policy_ops *ops;
    void *state;
    struct sim_policy_env env;
    struct sim_feedback entry; /* what it said of the packet that is being judged */
};

/* The waiting packets of a port whose departures are not computed. */
struct backlog {
    struct sim_timer timer; /* due when the wire gets free, while packets wait */
    struct port *port;
    struct node *node;
    struct worker *worker;       /* that runs the node */
    struct sim_packet_list fifo; /* of a FIFO model; a scheduler has its own */
    uint64_t packets, bytes;     /* waiting, whoever keeps them */
    struct pfc_port *pfc;        /* with flow control, which keeps them; else NULL */
};

struct port {
    /* One cache line that every packet touches. */
    _Alignas(64) sim_time busy_until; /* the wire is free from here on */
    struct sim_rate rate;
    sim_time delay;
    struct pipe *pipe; /* at the far end */
    struct node *peer; /* there */
    uint32_t ring_head,
        ring_tail; /* departures not yet seen to have passed; they run freely, masked when used */
    uint16_t peer_port;
    uint16_t mtu_bytes;
    bool pathlet_here;
    bool pathlet_marks; /* its entries are marks, each appended; no policy speaks for it */
    bool lossy;         /* loss > 0, or down */
    bool remote_peer;
    struct backlog *backlog; /* NULL: departures are computed */

    /* And a second one. */
    int64_t quiet_packets;   /* -1: always ask */
    sim_time quiet_backlog;  /* quiet_bytes as time on the wire */
    uint64_t packets, bytes; /* carried */
    sim_time *departures;    /* ring */
    uint32_t ring_mask;
    uint32_t pathlet_id;               /* here, as entries that are marks need no more of it */
    uint64_t byte_rate_q40;            /* bytes a ps, in 2^-40 */
    uint32_t link;                     /* index in the spec, for results */
    const struct sim_queue_ops *queue; /* NULL at a host: the transport is held back instead */
    void *queue_state;

    struct remote *remote; /* with remote_peer */
    struct pathlet *pathlet;
    struct port_policy *policy; /* or NULL */
    uint64_t marks, drops;      /* by the queue */
    sim_time busy_before;       /* on the wire at earlier rates */
    uint64_t bytes_before;      /* carried then */
    uint64_t cut;               /* dropped because the link was down */
    uint64_t lost;              /* on the link */
    double loss;
    struct sim_rng rng; /* for loss */
    uint8_t end;        /* this is at ends[end] of the link */
    bool down;
};

#define PORT_HOT_BYTES 128

/* What became of a packet at a port; goes into the digest. */
enum port_verdict {
    PORT_SENT = SIM_ACCEPT,
    PORT_MARKED = SIM_MARK,
    PORT_DROPPED = SIM_DROP,
    PORT_TRIMMED = SIM_TRIM,
    PORT_LOST,
    PORT_TOO_LARGE
};

struct worker;

/* Takes the pathlet that the port is. */
void port_set_pathlet(struct port *port, struct pathlet *pathlet);
void pathlet_free(struct pathlet *pathlet);

/* Puts a policy before the port; the port is then never quiet. Takes the policy. */
void port_set_policy(struct port *port, struct port_policy *policy);

/* Gives the port a backlog, before the run. */
void port_schedule(struct port *port, struct node *node, struct worker *worker);

/* The link fails or comes back: while it is down, what is sent is lost; what is in flight arrives.
 */
void port_set_down(struct port *port, bool down);

void port_set_loss(struct port *port, double loss);

/* Another rate, from the next transmission on. */
void port_set_rate(struct port *port, uint64_t bps);

/* What waits at the port now. */
struct sim_queue_view port_view(struct port *port, sim_time now);

void port_init(struct port *port, const struct sim_model *queue);
void port_clear(struct port *port);

#endif
