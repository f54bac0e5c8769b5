/* Timers of one node: a 4-ary heap with one entry a timer.
 *
 * The deadline lives in the timer, that is, in its owner. Setting a later deadline only writes it
 * (a retransmission timer moves with every acknowledgement); the entry follows when it comes to the
 * top. An earlier deadline moves the entry up at once. No stale entries exist: with them the same
 * work cost 2.5 times as much.
 *
 * Timers that are due together fire in the order in which their entries took their place in the
 * heap, which is a function of the node's own history alone.
 */
#ifndef MTPSIM_TIMERS_H
#define MTPSIM_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include <mtpsim/check.h>
#include <mtpsim/time.h>

struct sim_timer {
    sim_time deadline; /* SIM_NEVER when not set */
    uint32_t place;    /* index in the heap + 1; 0 when it has no entry */
    void (*fire)(struct sim_timer *timer, sim_time now); /* may set or clear any timer */
};

struct sim_timer_entry {
    sim_time time; /* never later than the timer's deadline */
    uint64_t seq;
    struct sim_timer *timer;
};

struct sim_timers {
    sim_time next; /* of entries[0], so that asking touches no heap; SIM_NEVER when there is none */
    struct sim_timer_entry *entries;
    uint32_t count, capacity;
    uint64_t seq;
};

SIM_API void sim_timers_init(struct sim_timers *timers);
SIM_API void sim_timers_clear(struct sim_timers *timers);
/* Unsets all. Before what has timers of one heap goes piece by piece: clearing one moves others. */
SIM_API void sim_timers_forget(struct sim_timers *timers);

static inline void sim_timer_init(struct sim_timer *timer,
                                  void (*fire)(struct sim_timer *, sim_time))
{
    *timer = (struct sim_timer){.deadline = SIM_NEVER, .fire = fire};
}

/* The slow half of sim_timer_set: enters the timer or moves it up. */
SIM_API void sim_timer_raise(struct sim_timers *timers, struct sim_timer *timer, sim_time deadline);

/* Sets or moves the deadline. */
static inline void sim_timer_set(struct sim_timers *timers, struct sim_timer *timer,
                                 sim_time deadline)
{
    /* Later than the last deadline is later than the entry, which then is not touched. */
    if (SIM_LIKELY(timer->place && (timer->deadline <= deadline ||
                                    timers->entries[timer->place - 1].time <= deadline)))
        timer->deadline = deadline;
    else
        sim_timer_raise(timers, timer, deadline);
}

/* Unsets the timer and forgets it; it may be freed afterwards. */
SIM_API void sim_timer_clear(struct sim_timers *timers, struct sim_timer *timer);

/* No timer is due before this time; SIM_NEVER when none is set. */
static inline sim_time sim_timers_next(const struct sim_timers *timers)
{
    return timers->next;
}

/* Handles the top entry, which is due at `now`: fires its timer, or moves the entry to its later
 * deadline. */
SIM_API void sim_timers_step(struct sim_timers *timers, sim_time now);

#endif
