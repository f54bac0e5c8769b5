/* Windows of pathlets and paths over them; see pathlets.c and paths.c. */
#ifndef MODELS_TRANSPORT_MTP_PATHS_H
#define MODELS_TRANSPORT_MTP_PATHS_H

#include <mtpsim/congestion.h>

#include "queues.h"
#include "records.h"

struct mtp_destination;

/* ---- pathlets ---- */

/* What a host knows about a (pathlet, TC). On cache lines of its own; sending takes the first one
 * only. */
struct mtp_window {
    struct sim_congestion control;
    uint64_t in_flight_bytes;
    uint64_t limited_clock; /* packets sent before were in flight when this window was full */
    const struct sim_congestion_ops *ops;
    sim_time srtt;            /* 0: not known */
    sim_time pace_at;         /* the rate allows no packet before */
    struct mtp_path *waiting; /* for room in it */

    uint64_t pace_bps;       /* that rate */
    sim_time unused_at;      /* when the last charge left */
    struct mtp_window *next; /* of pathlet 0: the same destination's next */
    uint32_t id;
    uint16_t packet_bytes; /* a full one */
    uint8_t tc;
    uint64_t state[]; /* the model's */
};

struct mtp_window *mtp_window_get(struct mtp *mtp, struct mtp_destination *destination, uint32_t id,
                                  uint8_t tc);

/* ---- paths ---- */

/* An ordered list of pathlets as feedback named it. On cache lines of its own. */
struct mtp_path {
    struct mtp_contender contender; /* first: the contender is the path */
    enum mtp_standing standing;
    uint32_t index;
    uint8_t entry_count, window_count;
    bool repeats;           /* a pathlet is on it twice: fewer windows than entries */
    uint8_t backoff;        /* timeouts in a row */
    uint8_t request_bytes;  /* that a packet grows by for what its models ask */
    uint8_t recoveries;     /* since a packet was overtaken by much */
    uint64_t backoff_clock; /* packets sent before do not back off again */
    sim_time srtt, rttvar;  /* 0: not known */
    sim_time rto;           /* with back-off */
    sim_time overtaken;     /* the longest time by which an acknowledged packet was, lately */
    uint64_t newest_acked;  /* clock of the newest packet that it is known to have carried */
    struct mtp_window *windows[SIM_MTP_LIST_MAX + 1];
    uint64_t entries[SIM_MTP_LIST_MAX];  /* pathlet << 8 | TC */
    uint8_t window_of[SIM_MTP_LIST_MAX]; /* entry to window */
    struct mtp_destination *destination; /* of a path with pathlet 0 */
    struct mtp_queue queue;              /* of streams that know this path by their own packets */
    struct mtp_heap queues;              /* this one and flows' */
    struct mtp_path *waits_next, **link; /* in mtp.paced or a window's waiting */
    struct mtp_contender asker; /* while it is blocked, in mtp.ready too: the next stream to ask for
                                   another path; NULL: none */
    struct mtp_window *full;    /* that it waits for */
    struct mtp_path *next;      /* of equal hash */
    uint64_t recovery_clock;    /* losses of packets sent before belong to the last recovery */
};

/* That a contender in mtp.ready stands for. */
static inline struct mtp_path *mtp_path_of(struct mtp_contender *contender)
{
    size_t offset = contender->asks ? offsetof(struct mtp_path, asker) : 0;
    return (struct mtp_path *)((char *)contender - offset);
}

/* The path of a report; made when it is new. */
struct mtp_path *mtp_path_get(struct mtp *mtp, struct mtp_destination *destination,
                              const struct sim_path_entry *entries, uint32_t count);
/* Whether it is the beginning of a longer one. */
bool mtp_path_begins(const struct mtp_path *path, const struct mtp_path *longer);
/* A packet sent once, at `clock`, was acknowledged. */
void mtp_path_measured(struct mtp *mtp, struct mtp_path *path, uint64_t clock, sim_time rtt);
/* The same without a time to measure. */
void mtp_path_answered(const struct mtp *mtp, struct mtp_path *path);
/* What a timeout does to the path's timer. */
void mtp_path_back_off(struct mtp *mtp, struct mtp_path *path, uint64_t clock);
void mtp_path_free(struct mtp_path *path);

static inline uint64_t mtp_entry_key(const struct sim_path_entry *entry)
{
    return (uint64_t)entry->path << 8 | entry->tc;
}

/* Whether a report from that destination names this path. */
static inline bool mtp_path_is(const struct mtp_path *path,
                               const struct mtp_destination *destination,
                               const struct sim_path_entry *entries, uint32_t count)
{
    if (path->entry_count != count || (path->destination && path->destination != destination))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (path->entries[i] != mtp_entry_key(&entries[i]))
            return false;
    return true;
}

/* ---- room ---- */

/* What a rate lets be in flight, and a packet. */
uint64_t mtp_window_rate_cap(const struct mtp_window *window);

/* Bytes; less than 0 when more is in flight than the window holds now. */
static inline int64_t mtp_window_room(const struct mtp_window *window)
{
    uint64_t cap = window->control.window_bytes;
    if (SIM_UNLIKELY(window->control.rate_bps && window->srtt)) {
        uint64_t rate_cap = mtp_window_rate_cap(window);
        cap = rate_cap < cap ? rate_cap : cap;
    }
    return (int64_t)(cap - window->in_flight_bytes);
}

/* Whether a packet may go. If not: the window that has no room, or the time when the rates allow
 * it. */
struct mtp_room {
    struct mtp_window *full; /* the one with the least room */
    sim_time pace_at;
};

static inline bool mtp_path_room(const struct mtp_path *path, uint32_t bytes, sim_time now,
                                 struct mtp_room *room)
{
    struct mtp_window *full = NULL;
    sim_time pace_at = now;
    int64_t least = bytes;
    for (uint32_t i = 0; i < path->window_count; i++) {
        struct mtp_window *window = path->windows[i];
        pace_at = window->pace_at > pace_at ? window->pace_at : pace_at;
        if (SIM_UNLIKELY(!window->in_flight_bytes))
            continue;
        int64_t left = mtp_window_room(window);
        if (left < least) {
            least = left;
            full = window;
        }
    }
    *room = (struct mtp_room){full, pace_at};
    return !full && pace_at <= now;
}

bool mtp_window_is_full(const struct mtp_window *window, uint32_t bytes);
/* The least room of its windows, bytes. */
int64_t mtp_path_least_room(const struct mtp_path *path);

/* ---- charges ---- */

/* What an unused window knows fades. */
void mtp_window_age(const struct mtp *mtp, struct mtp_window *window, sim_time now);
/* Its rate holds back what follows the packet. */
void mtp_window_pace(struct mtp_window *window, const struct mtp_record *record, sim_time now);

static inline void mtp_window_charge(const struct mtp *mtp, struct mtp_window *window,
                                     uint32_t bytes, sim_time now)
{
    if (SIM_UNLIKELY(!window->in_flight_bytes))
        mtp_window_age(mtp, window, now);
    window->in_flight_bytes += bytes;
}

/* Charges go with a packet's record. */
static inline void mtp_charge(const struct mtp *mtp, struct mtp_record *record,
                              struct mtp_path *path, uint32_t bytes, sim_time now)
{
    record->path = path;
    record->charge = (uint16_t)bytes;
    for (uint32_t i = 0; i < path->window_count; i++) {
        struct mtp_window *window = path->windows[i];
        mtp_window_charge(mtp, window, bytes, now);
        if (SIM_UNLIKELY(window->control.rate_bps))
            mtp_window_pace(window, record, now);
    }
}

void mtp_charge_release(struct mtp *mtp, const struct mtp_record *record, sim_time now);
void mtp_charge_move(struct mtp *mtp, struct mtp_record *record, struct mtp_path *path,
                     sim_time now);

/* ---- what the models hear ---- */

/* What an acknowledgement reports: path feedback, or nothing. */
struct mtp_report {
    const union sim_packet_lists *lists; /* path feedback alone */
    const union sim_packet_rare *rare;   /* likewise */
    uint32_t count;
    sim_time now;
};
/* Tells the models of the record's path that it was acknowledged; it is still charged. `rtt` 0: not
 * measurable. `report` NULL, or of this very path. */
void mtp_path_acked(struct mtp *mtp, const struct mtp_record *record,
                    const struct mtp_report *report, sim_time rtt, sim_time now);
void mtp_path_lost(struct mtp *mtp, const struct mtp_record *record, sim_time now);
void mtp_path_timed_out(struct mtp *mtp, const struct mtp_record *record, sim_time now);

#endif
