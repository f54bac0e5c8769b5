#include "net/window.h"

#include "net/prefetch.h"

#include <stdlib.h>
#include <string.h>

bool schedule_init(struct schedule *schedule, uint32_t processes, sim_time length)
{
    *schedule = (struct schedule){
        .words = (processes + 63) / 64,
        .length = length,
        .inverse = UINT64_MAX / (uint64_t)length,
    };
    schedule->bits = calloc((size_t)SLOTS * schedule->words, sizeof *schedule->bits);
    schedule->taken = malloc((size_t)64 * schedule->words * sizeof *schedule->taken);
    return schedule->bits && schedule->taken;
}

void schedule_clear(struct schedule *schedule)
{
    free(schedule->bits);
    free(schedule->taken);
    *schedule = (struct schedule){0};
}

static uint64_t *slot_bits(struct schedule *schedule, uint64_t window)
{
    return schedule->bits + (window % SLOTS) * schedule->words;
}

static void schedule_enter(struct schedule *schedule, uint32_t process, sim_time when)
{
    uint64_t window = schedule_window_of(schedule, when);
    if (window - schedule->window >= SLOTS)
        window = schedule->window + SLOTS - 1;
    slot_bits(schedule, window)[process / 64] |= UINT64_C(1) << (process % 64);
    schedule->any[window % SLOTS] = true;
}

void worker_wake(struct worker *worker, struct node *node, sim_time when)
{
    if (SIM_UNLIKELY(worker->merged && worker->merged_process == node->process)) {
        if (when < worker->merged->times[node->place])
            winners_set(worker->merged, node->place, when);
        return;
    }
    if (when == SIM_NEVER)
        return;
    SIM_CHECK(when >= worker->window_end, "node %u woken at %lld ps, within the window to %lld ps",
              node->index, (long long)when, (long long)worker->window_end);
    schedule_enter(worker->schedule, node->process, when);
}

uint64_t schedule_next(const struct schedule *schedule)
{
    for (uint64_t window = schedule->window; window < schedule->window + SLOTS; window++)
        if (schedule->any[window % SLOTS])
            return window;
    return UINT64_MAX;
}

/* Runs what is entered for the current window; processes enter themselves again for the rest of one
 * that is cut, and so are those that a stop left out. */
static void window_run_entered(struct worker *worker, struct process *processes)
{
    struct schedule *schedule = worker->schedule;
    uint64_t *bits = slot_bits(schedule, schedule->window);
    sim_time start = (sim_time)schedule->window * schedule->length;
    if (!schedule->any[schedule->window % SLOTS])
        return;
    schedule->any[schedule->window % SLOTS] = false;
    uint32_t count = 0;
    for (uint32_t word = 0; word < schedule->words; word++) {
        for (uint64_t left = bits[word]; left; left &= left - 1)
            schedule->taken[count++] = word * 64 + (uint32_t)__builtin_ctzll(left);
        bits[word] = 0;
    }
    uint32_t ran = 0;
    for (; ran < count && !worker->stopped; ran++) {
        /* A network this small stays in the caches. */
        if (schedule->words > 1)
            processes_prefetch(worker, processes, schedule->taken + ran, count - ran);
        process_run(worker, &processes[schedule->taken[ran]], start);
    }
    for (; ran < count; ran++)
        schedule_enter(schedule, schedule->taken[ran], start);
}

void window_run(struct worker *worker, struct process *processes, uint64_t window, sim_time until)
{
    struct schedule *schedule = worker->schedule;
    sim_time end = (sim_time)(window + 1) * schedule->length;
    schedule->window = window;
    worker->window_end = end < until ? end : until;
    window_run_entered(worker, processes);
    if (end <= until && !worker->stopped)
        schedule->window++;
}
