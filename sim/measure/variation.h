/* How much the samples of a series vary. */
#ifndef SIM_MEASURE_VARIATION_H
#define SIM_MEASURE_VARIATION_H

#include <stdint.h>

/* The coefficient of variation: the standard deviation of the samples, taken as the whole
 * population, over their mean. Of fewer than two samples, or of a mean of 0: NAN. */
double variation_coefficient(const uint64_t *samples, uint32_t count);

#endif
