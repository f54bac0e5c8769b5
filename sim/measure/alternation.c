/* alternation: the fluid ideal of alternating paths, and the recovery after each switch.
 *
 * Paper: 5.1, Figure 5. The paper says that MTP "converges faster" and shows it in a plot; the
 * number of samples until 90 % of the new path is our measure of it (definitions in the header).
 */
#include "measure/alternation.h"

#include <glib.h>
#include <math.h>

#include <mtpsim/check.h>

#include "measure/quantile.h"

#define ALTERNATION_GOAL 0.9

/* The stay that holds time t. */
static int64_t alternation_stay(const struct alternation *alternation, sim_time t)
{
    sim_time since = t - alternation->phase;
    int64_t stay = since / alternation->period;

    return since % alternation->period < 0 ? stay - 1 : stay;
}

static sim_time alternation_start(const struct alternation *alternation, int64_t stay)
{
    return alternation->phase + stay * alternation->period;
}

static uint64_t alternation_rate(const struct alternation *alternation, int64_t stay)
{
    int64_t path = stay % alternation->path_count;

    return alternation->rates_bps[path < 0 ? path + alternation->path_count : path];
}

double alternation_ideal_bps(const struct alternation *alternation, sim_time from, sim_time to)
{
    unsigned __int128 bits_ps = 0; /* bit/s times ps: exact, so that the order of summing is free */

    SIM_CHECK(from < to, "alternation: nothing between %lld and %lld ps", (long long)from,
              (long long)to);
    for (int64_t stay = alternation_stay(alternation, from);
         alternation_start(alternation, stay) < to; stay++) {
        sim_time start = MAX(from, alternation_start(alternation, stay));
        sim_time end = MIN(to, alternation_start(alternation, stay + 1));

        bits_ps += (unsigned __int128)alternation_rate(alternation, stay) * (uint64_t)(end - start);
    }
    return (double)bits_ps / (double)(to - from);
}

static uint64_t alternation_highest_rate(const struct alternation *alternation)
{
    uint64_t highest = 0;

    for (uint32_t i = 0; i < alternation->path_count; i++)
        highest = MAX(highest, alternation->rates_bps[i]);
    return highest;
}

static bool alternation_is_switch(const struct alternation *alternation, int64_t stay)
{
    uint64_t highest = alternation_highest_rate(alternation);

    return alternation_rate(alternation, stay) == highest &&
           alternation_rate(alternation, stay - 1) < highest;
}

/* Samples until recovery in the stay that begins at `start`; INFINITY: never. */
static double alternation_samples(const struct alternation *alternation,
                                  const struct alternation_series *series, double goal_bytes,
                                  sim_time start)
{
    uint64_t first = (uint64_t)((start + series->width - 1) / series->width);
    uint64_t end = (uint64_t)((start + alternation->period) / series->width);

    for (uint64_t bin = first; bin < MIN(end, series->bins); bin++)
        if ((double)series->bytes[bin] >= goal_bytes)
            return (double)(bin - first + 1);
    return INFINITY;
}

void alternation_recovery(const struct alternation *alternation,
                          const struct alternation_series *series, double payload_share,
                          sim_time from, sim_time to, struct alternation_recovery *recovery)
{
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(double));
    double goal_bytes = ALTERNATION_GOAL * payload_share *
                        (double)alternation_highest_rate(alternation) * (double)series->width /
                        ((double)SIM_S * 8);

    *recovery = (struct alternation_recovery){0, 0, INFINITY, INFINITY};
    for (int64_t stay = alternation_stay(alternation, from);
         alternation_start(alternation, stay + 1) <= to; stay++) {
        sim_time start = alternation_start(alternation, stay);
        double value;

        if (start < from || !alternation_is_switch(alternation, stay))
            continue;
        value = alternation_samples(alternation, series, goal_bytes, start);
        recovery->switches++;
        recovery->never += isinf(value) ? 1 : 0;
        g_array_append_val(samples, value);
    }
    if (!samples->len)
        return;
    recovery->samples_median = quantile_median((double *)samples->data, samples->len);
    recovery->samples_max = ((double *)samples->data)[samples->len - 1];
}
