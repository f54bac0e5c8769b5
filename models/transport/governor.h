/* What a congestion model governs: how much a connection has in flight, how fast it sends, and the
 * round trips from which it knows. Bytes are as the transport charges them. */
#ifndef MODELS_TRANSPORT_GOVERNOR_H
#define MODELS_TRANSPORT_GOVERNOR_H

#include <mtpsim/transport.h>

struct governor {
    const struct sim_transport_env *env;
    const struct sim_congestion_ops *ops;
    void *state;
    struct sim_congestion control;
    uint64_t sent;            /* bytes, retransmissions included: the clock of `position` */
    uint64_t limited_at;      /* `sent` when the window last kept it from sending */
    uint64_t in_flight_bytes; /* moved by governor_sent, governor_acked and the owner's losses */
    sim_time srtt, rttvar;    /* RFC 6298; srtt 0: not measured yet */
    uint64_t paced_bps;       /* while the pacing timer runs: the rate that it was set by */
    struct sim_timer pacing;  /* not set: the pace allows the next packet */
};

/* News of packets that arrived. */
struct governor_news {
    sim_time now;
    sim_time rtt; /* of the newest-sent of them; 0: not measurable */
    uint64_t acked_bytes, marked_bytes;
    uint64_t left_bytes; /* of acked_bytes, those that were still in flight */
    uint64_t position;   /* of the newest-sent of them */
};

/* `paced` is called when the pace allows the next packet. */
void governor_init(struct governor *governor, const struct sim_transport_env *env,
                   const struct sim_model *model, uint32_t packet_bytes, uint64_t window_pkts,
                   void (*paced)(struct sim_timer *timer, sim_time now));
void governor_clear(struct governor *governor);
/* Accounts for a packet that is sent; gives its position. `size_bytes` counts for the pace. */
uint64_t governor_sent(struct governor *governor, uint32_t bytes, uint32_t size_bytes,
                       sim_time now);
void governor_acked(struct governor *governor, const struct governor_news *news);
/* A packet sent at `position` is lost; the owner takes its bytes out of flight afterwards. */
void governor_lost(struct governor *governor, uint64_t position, sim_time now);
void governor_timeout(struct governor *governor, uint64_t position, sim_time now);

static inline bool governor_is_paced(const struct governor *governor)
{
    return governor->pacing.deadline != SIM_NEVER;
}

/* Whether the window has room. */
static inline bool governor_has_room(struct governor *governor, uint32_t bytes)
{
    if (governor->in_flight_bytes + bytes <= governor->control.window_bytes)
        return true;
    governor->limited_at = governor->sent;
    return false;
}

#endif
