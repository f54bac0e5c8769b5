#include <mtpsim/timers.h>

#include <stdbool.h>
#include <stdlib.h>

#define ARITY 4u

static bool entry_before(const struct sim_timer_entry *a, const struct sim_timer_entry *b)
{
    return a->time < b->time || (a->time == b->time && a->seq < b->seq);
}

static void entry_put(struct sim_timers *timers, uint32_t place, struct sim_timer_entry entry)
{
    timers->entries[place] = entry;
    entry.timer->place = place + 1;
    if (place == 0)
        timers->next = entry.time;
}

static void sift_up(struct sim_timers *timers, uint32_t place, struct sim_timer_entry entry)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / ARITY;
        if (!entry_before(&entry, &timers->entries[parent]))
            break;
        entry_put(timers, place, timers->entries[parent]);
        place = parent;
    }
    entry_put(timers, place, entry);
}

static uint32_t least_child(const struct sim_timers *timers, uint32_t first)
{
    uint32_t end = first + ARITY < timers->count ? first + ARITY : timers->count;
    uint32_t least = first;
    for (uint32_t child = first + 1; child < end; child++)
        if (entry_before(&timers->entries[child], &timers->entries[least]))
            least = child;
    return least;
}

static void sift_down(struct sim_timers *timers, uint32_t place, struct sim_timer_entry entry)
{
    for (;;) {
        uint32_t first = place * ARITY + 1;
        if (first >= timers->count)
            break;
        uint32_t child = least_child(timers, first);
        if (!entry_before(&timers->entries[child], &entry))
            break;
        entry_put(timers, place, timers->entries[child]);
        place = child;
    }
    entry_put(timers, place, entry);
}

static void entry_remove(struct sim_timers *timers, uint32_t place)
{
    timers->entries[place].timer->place = 0;
    struct sim_timer_entry last = timers->entries[--timers->count];
    if (timers->count == 0)
        timers->next = SIM_NEVER;
    if (place == timers->count)
        return;
    if (place > 0 && entry_before(&last, &timers->entries[(place - 1) / ARITY]))
        sift_up(timers, place, last);
    else
        sift_down(timers, place, last);
}

void sim_timers_init(struct sim_timers *timers)
{
    *timers = (struct sim_timers){.next = SIM_NEVER};
}

void sim_timers_clear(struct sim_timers *timers)
{
    free(timers->entries);
    sim_timers_init(timers);
}

void sim_timers_forget(struct sim_timers *timers)
{
    for (uint32_t i = 0; i < timers->count; i++) {
        timers->entries[i].timer->place = 0;
        timers->entries[i].timer->deadline = SIM_NEVER;
    }
    timers->count = 0;
    timers->next = SIM_NEVER;
}

static void reserve(struct sim_timers *timers)
{
    if (timers->count < timers->capacity)
        return;
    timers->capacity = timers->capacity ? timers->capacity * 2 : 4;
    timers->entries = realloc(timers->entries, timers->capacity * sizeof *timers->entries);
    SIM_CHECK(timers->entries, "out of memory for %u timers", timers->capacity);
}

void sim_timer_raise(struct sim_timers *timers, struct sim_timer *timer, sim_time deadline)
{
    struct sim_timer_entry entry = {deadline, timers->seq++, timer};
    uint32_t place = timer->place ? timer->place - 1 : timers->count;
    timer->deadline = deadline;
    if (!timer->place) {
        reserve(timers);
        timers->count++;
    }
    sift_up(timers, place, entry);
}

void sim_timer_clear(struct sim_timers *timers, struct sim_timer *timer)
{
    timer->deadline = SIM_NEVER;
    if (timer->place)
        entry_remove(timers, timer->place - 1);
}

void sim_timers_step(struct sim_timers *timers, sim_time now)
{
    struct sim_timer *timer = timers->entries[0].timer;
    SIM_CHECK(timers->entries[0].time <= now, "timer is due at %lld ps, now is %lld",
              (long long)timers->entries[0].time, (long long)now);
    if (timer->deadline > now) {
        sift_down(timers, 0, (struct sim_timer_entry){timer->deadline, timers->seq++, timer});
        return;
    }
    timer->deadline = SIM_NEVER;
    entry_remove(timers, 0);
    timer->fire(timer, now);
}
