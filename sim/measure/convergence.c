#include "measure/convergence.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Mean bytes a bin of all tenants in the bins that begin at `from` or later; 0 when there is none.
 */
static double mean_total(const struct convergence_series *series, sim_time from)
{
    uint32_t first = (uint32_t)((from + series->width - 1) / series->width);
    uint64_t bytes = 0;
    if (first >= series->bins)
        return 0;
    for (uint32_t tenant = 0; tenant < series->tenants; tenant++)
        for (uint32_t bin = first; bin < series->bins; bin++)
            bytes += series->bytes[tenant * series->bins + bin];
    return (double)bytes / (series->bins - first);
}

/* The first bin such that all windows from there on are fair to a tenant whose share is `share`
 * bytes a bin; the number of windows when none is. */
static uint32_t tenant_converged(const uint64_t *bytes, uint32_t bins, uint32_t window,
                                 double share, double tolerance)
{
    double wanted = share * window, within = tolerance * wanted;
    uint64_t sum = 0;
    for (uint32_t bin = bins - window; bin < bins; bin++)
        sum += bytes[bin];
    for (uint32_t start = bins - window;; start--) {
        if (!(fabs((double)sum - wanted) <= within))
            return start + 1;
        if (start == 0)
            return 0;
        sum += bytes[start - 1];
        sum -= bytes[start - 1 + window];
    }
}

sim_time convergence_time(const struct convergence_series *series, uint32_t window_bins,
                          double tolerance, sim_time from)
{
    double total = mean_total(series, from), weights = 0;
    uint32_t converged = 0;
    if (window_bins == 0 || window_bins > series->bins || total == 0)
        return SIM_NEVER;
    for (uint32_t tenant = 0; tenant < series->tenants; tenant++)
        weights += series->weights[tenant];
    for (uint32_t tenant = 0; tenant < series->tenants; tenant++) {
        double share = total * series->weights[tenant] / weights;
        uint32_t start = tenant_converged(series->bytes + (size_t)tenant * series->bins,
                                          series->bins, window_bins, share, tolerance);
        converged = start > converged ? start : converged;
    }
    return converged + window_bins > series->bins ? SIM_NEVER : converged * series->width;
}
