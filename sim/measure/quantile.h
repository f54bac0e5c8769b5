/* Percentiles of exact values, and the median over seeds. */
#ifndef SIM_MEASURE_QUANTILE_H
#define SIM_MEASURE_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#include <mtpsim/time.h>

/* Ascending, in place. */
void quantile_sort(sim_time *values, size_t count);

/* The nearest-rank percentile: of `count` ascending values the one at rank ceil(per_mille / 1000 *
 * count), counted from 1; per_mille is 1 to 1000, and 1000 is the greatest value. It is always one
 * of the values. What never happened is in the list as SIM_NEVER, so that a percentile that falls
 * among such is SIM_NEVER. Of no values: SIM_NEVER. */
sim_time quantile_nearest_rank(const sim_time *ascending, size_t count, uint32_t per_mille);

/* The middle value, or the mean of the two middle ones; sorts `values`. INFINITY stands for what
 * does not exist: a median that touches such is INFINITY. Of no values: INFINITY. */
double quantile_median(double *values, size_t count);

#endif
