/* quantile: percentiles by the nearest-rank method, on exact values.
 *
 * A histogram would need less memory, but its percentiles depend on the buckets, and a run has few
 * enough messages to keep one number of each. Interpolating methods give values that no message
 * had, and cannot say what lies between a finished message and one that never finished.
 */
#include "measure/quantile.h"

#include <math.h>
#include <stdlib.h>

#include <mtpsim/check.h>

static int quantile_compare_times(const void *a, const void *b)
{
    const sim_time *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static int quantile_compare_reals(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

void quantile_sort(sim_time *values, size_t count)
{
    if (count)
        qsort(values, count, sizeof *values, quantile_compare_times);
}

sim_time quantile_nearest_rank(const sim_time *ascending, size_t count, uint32_t per_mille)
{
    SIM_CHECK(per_mille >= 1 && per_mille <= 1000, "quantile: per_mille is %u", per_mille);
    if (!count)
        return SIM_NEVER;
    /* In integers: 0.99 * 100 in floating point is above 99, and its ceiling 100. */
    return ascending[(count * per_mille + 999) / 1000 - 1];
}

double quantile_median(double *values, size_t count)
{
    if (!count)
        return INFINITY;
    qsort(values, count, sizeof *values, quantile_compare_reals);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
