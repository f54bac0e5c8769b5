/* What a sender should get out of a path that is switched to and fro (paper, 5.1: an optical
 * switch), and how soon after a switch it gets it.
 *
 * Stay k is [phase + k period, phase + (k + 1) period), k any integer, and uses the path k modulo
 * path_count; the rates are those of the paths, in the order of the selector's `over`.
 *
 * The fluid ideal is the time average of the current path's rate: what a sender gets that fills
 * every path at once and never lets it idle.
 *
 * A *switch* is the start s of a stay on a path of the highest rate whose stay before was on a
 * slower one. Its *samples* are the bins of the throughput series that lie wholly in the stay, that
 * is, with s <= start and start + width <= s + period; they count from 1. A bin that holds both
 * paths shows neither, and is left out. With bins of 32 us and stays of 384 us from time 0 each
 * stay is exactly 12 samples. The switch *recovers* in sample n, the first one whose goodput
 * reaches 90 % of the path's rate times the payload share. Switches count when their whole stay
 * lies in the measured time.
 */
#ifndef SIM_MEASURE_ALTERNATION_H
#define SIM_MEASURE_ALTERNATION_H

#include <stdbool.h>
#include <stdint.h>

#include <mtpsim/time.h>

#define ALTERNATION_PATHS_MAX 16

struct alternation {
    sim_time period; /* the stay on each path */
    sim_time phase;  /* when a stay on the first path begins */
    uint32_t path_count;
    uint64_t rates_bps[ALTERNATION_PATHS_MAX];
};

/* Time average of the current path's rate over [from, to), in bit/s; from < to. */
double alternation_ideal_bps(const struct alternation *alternation, sim_time from, sim_time to);

/* A throughput series: payload bytes of bins of equal width from time 0. */
struct alternation_series {
    const uint64_t *bytes;
    uint32_t bins; /* complete ones */
    sim_time width;
};

struct alternation_recovery {
    uint32_t switches;
    uint32_t never; /* switches after which no sample of the stay reached the goal */
    /* Over all switches, one that never recovers being infinite; INFINITY when there are no
     * switches. */
    double samples_median, samples_max;
};

void alternation_recovery(const struct alternation *alternation,
                          const struct alternation_series *series, double payload_share,
                          sim_time from, sim_time to, struct alternation_recovery *recovery);

#endif
