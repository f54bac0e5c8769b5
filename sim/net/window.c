/* The schedule of processes, and the loop over windows. */
#include "net/window.h"

#include <stdlib.h>
#include <string.h>

bool schedule_init(struct schedule *schedule, uint32_t processes, sim_time length)
{
    *schedule = (struct schedule){.words = (processes + 63) / 64, .length = length};
    schedule->bits = calloc((size_t)SLOTS * schedule->words, sizeof *schedule->bits);
    return schedule->bits != NULL;
}

void schedule_clear(struct schedule *schedule)
{
    free(schedule->bits);
    *schedule = (struct schedule){0};
}

static uint64_t *slot_bits(struct schedule *schedule, uint64_t window)
{
    return schedule->bits + (window % SLOTS) * schedule->words;
}

static void schedule_enter(struct schedule *schedule, uint32_t process, sim_time when)
{
    uint64_t window = (uint64_t)when / (uint64_t)schedule->length;
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

/* Runs what is entered for the current window. `taken` is scratch: processes may enter themselves
 * again while a cut window runs. */
static void window_run(struct worker *worker, struct process *processes, uint64_t *taken)
{
    struct schedule *schedule = worker->schedule;
    uint64_t *bits = slot_bits(schedule, schedule->window);
    sim_time start = (sim_time)schedule->window * schedule->length;
    memcpy(taken, bits, schedule->words * sizeof *bits);
    memset(bits, 0, schedule->words * sizeof *bits);
    schedule->any[schedule->window % SLOTS] = false;
    for (uint32_t word = 0; word < schedule->words; word++)
        for (uint64_t left = taken[word]; left; left &= left - 1)
            process_run(worker, &processes[word * 64 + (uint32_t)__builtin_ctzll(left)], start);
}

/* The next window from the current one on that has something entered, at most `limit`. */
static uint64_t window_next(const struct schedule *schedule, uint64_t limit)
{
    uint64_t window = schedule->window;
    while (window < limit && window - schedule->window < SLOTS && !schedule->any[window % SLOTS])
        window++;
    /* An empty ring: nothing is left to happen. */
    return window - schedule->window == SLOTS ? limit : window;
}

sim_time windows_run(struct worker *worker, struct process *processes, sim_time from,
                     sim_time until, const volatile int *stop)
{
    struct schedule *schedule = worker->schedule;
    uint64_t *taken = malloc(schedule->words * sizeof *taken);
    SIM_CHECK(taken, "out of memory for %u words", schedule->words);
    sim_time reached = from;
    while (reached < until && !(stop && *stop)) {
        uint64_t last = (uint64_t)(until - 1) / (uint64_t)schedule->length;
        schedule->window = window_next(schedule, last);
        sim_time end = (sim_time)(schedule->window + 1) * schedule->length;
        worker->window_end = end < until ? end : until;
        window_run(worker, processes, taken);
        reached = worker->window_end;
        if (end <= until)
            schedule->window++;
    }
    free(taken);
    return reached;
}
