/* Congestion models: one file with two halves (paper, 3.1.3).
 *
 * The network half is what a pathlet measures at its port and writes into a packet's path feedback.
 * The end-host half is how a window or a rate moves on what comes back. MTP keeps one end-host
 * state per (pathlet, TC), TCP one per connection: the same model serves both (paper, 4: a single
 * pathlet behaves as TCP, DCTCP, DCQCN).
 *
 * A model receives facts about packets, never the connection.
 */
#ifndef MTPSIM_CONGESTION_H
#define MTPSIM_CONGESTION_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>

/* ---- the network half ---- */

/* A port at the arrival of a packet; lengths do not count the packet, nor bytes what feedback adds
 * here. */
struct sim_port_view {
    sim_time now;
    uint64_t rate_bps;
    uint64_t queue_bytes;
    sim_time queue_delay;
    uint64_t sent_bytes; /* by the port until now, of packets of any kind */
    uint32_t packet_bytes;
    bool marked; /* this port's queue says mark; not the CE bit, which gathers from upstream */
};

/* ---- the end-host half ---- */

/* What the transport obeys. The model's state is beside it, not in it. */
struct sim_congestion {
    uint64_t window_bytes; /* at most this much in flight */
    uint64_t rate_bps;     /* and not faster than this; 0: no limit */
};

/* Windows that a coupled model moves together: those of one connection's subflows. The transport
 * owns it; the models' instances enter themselves. */
#define SIM_COUPLED_MAX 8
struct sim_congestion_group {
    uint32_t count;
    struct {
        const struct sim_congestion *control;
        sim_time rtt; /* smoothed; 0: not measured yet */
    } members[SIM_COUPLED_MAX];
};

struct sim_congestion_env {
    uint32_t packet_bytes; /* a full packet, as the transport charges it: payload for TCP, all of it
                              for MTP */
    uint64_t initial_window_bytes;
    uint64_t line_bps;                  /* of the host's NIC */
    struct sim_congestion_group *group; /* NULL: the window is coupled to no other */
};

/* An acknowledgement. Byte counts are of this window alone. */
struct sim_ack_sample {
    sim_time now;
    sim_time rtt; /* of a packet that this acknowledges; 0 when not measurable (sent twice) */
    uint64_t acked_bytes;  /* newly acknowledged */
    uint64_t marked_bytes; /* of these, marked */
    uint64_t position;     /* bytes sent before the newest packet that this acknowledges was sent */
    uint64_t sent;         /* bytes sent until now */
    uint64_t in_flight_bytes; /* before this acknowledgement */
    bool window_limited; /* the window was what kept the sender from sending more; only then may it
                            grow */
    const struct sim_feedback
        *feedback; /* the pathlet's entry; NULL for TCP and for a path without feedback */
    uint32_t hops; /* ports of the pathlet that the packet crossed: entries that were folded into
                      `feedback`; 0: not known */
};

struct sim_loss_sample {
    sim_time now;
    uint64_t position; /* as above, of the lost packet */
    uint64_t sent;
    uint64_t in_flight_bytes; /* before the loss was noticed */
};

/* A packet that is about to be sent. Byte counts are of this window alone. */
struct sim_send_sample {
    sim_time now;
    sim_time srtt;            /* the transport's smoothed round trip; 0: not known */
    uint32_t packet_bytes;    /* as charged */
    uint64_t position;        /* bytes sent before */
    uint64_t in_flight_bytes; /* the packet included */
};

struct sim_congestion_ops {
    struct sim_plugin plugin; /* state_size is the end-host half's */
    size_t pathlet_state_size;
    uint8_t reads; /* the only type of feedback that `acked` looks at, beside marks; 0: any. Others
                      are unknown to it */
    uint8_t request_bytes; /* length of the value that `request` puts into a packet */
    bool needs_feedback;   /* without path feedback it cannot work: no model for TCP */
    bool marks_only;       /* `feedback` gives the port's mark, of type ECN and length 1, and keeps
                              no state: ports write it without the call */
    /* Network half; feedback NULL: the pathlet only reports its presence. pathlet_init may be NULL.
     * The entry comes in as the packet has it for this pathlet: the sender's request, else of type
     * presence. */
    void (*pathlet_init)(void *state, const void *params, uint64_t rate_bps);
    void (*feedback)(void *state, const struct sim_port_view *port,
                     struct sim_feedback *entry); /* sets type, length, value */
    /* End-host half. init sets the initial window. */
    void (*init)(void *state, const void *params, const struct sim_congestion_env *env,
                 struct sim_congestion *control);
    void (*acked)(void *state, struct sim_congestion *control, const struct sim_ack_sample *sample);
    /* A packet was lost. Called for each; a model reacts once a round trip by its position. */
    void (*lost)(void *state, struct sim_congestion *control, const struct sim_loss_sample *sample);
    /* The retransmission timer ran out. */
    void (*timeout)(void *state, struct sim_congestion *control,
                    const struct sim_loss_sample *sample);
    /* The last reduction by `lost` or `timeout` turned out to be wrong: go back. Optional. */
    void (*undo)(void *state, struct sim_congestion *control);
    /* A packet is sent while there is a rate; the time to the next one is then computed from the
     * rate as it is after this. Here and in `acked` a model with timers catches up with those that
     * have passed. Optional. */
    void (*sending)(void *state, struct sim_congestion *control,
                    const struct sim_send_sample *sample);
    /* Asks the pathlet something, in each packet that is expected to cross it: sets the entry's
     * type (with SIM_FEEDBACK_REQUEST) and value; its length is request_bytes. Optional; only where
     * there is path feedback. */
    void (*request)(void *state, const struct sim_congestion *control,
                    const struct sim_send_sample *sample, struct sim_feedback *entry);
};

#endif
