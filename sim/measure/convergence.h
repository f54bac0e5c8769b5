/* When tenants have come to their shares (paper, 5.3), and stay there.
 *
 * A tenant's share is its weight over all tenants' weights, times the mean goodput of all tenants
 * together from `from` on: the level that the system ends up with, so a network that stands half
 * idle has not converged.
 *
 * A *window* is a number of consecutive bins of the throughput series; there is one from every bin
 * on. It is fair when each tenant's goodput in it is within `tolerance` (relative) of the tenant's
 * share. The system has converged at the start of the first window such that it and all later ones
 * are fair. A window much longer than a round trip smooths the saw-teeth of congestion control; a
 * tenant that falls behind once at the end has never converged.
 */
#ifndef SIM_MEASURE_CONVERGENCE_H
#define SIM_MEASURE_CONVERGENCE_H

#include <stdint.h>

#include <mtpsim/time.h>

struct convergence_series {
    const uint64_t *bytes; /* payload of bin b of tenant t at [t * bins + b]; bin 0 is at time 0 */
    const double *weights; /* of the tenants */
    uint32_t tenants, bins;
    sim_time width; /* of a bin */
};

/* From time 0; SIM_NEVER when it has not converged, or there is no window, no bin from `from` on,
 * or nothing arrived there. */
sim_time convergence_time(const struct convergence_series *series, uint32_t window_bins,
                          double tolerance, sim_time from);

#endif
