#include "measure/variation.h"

#include <math.h>

double variation_coefficient(const uint64_t *samples, uint32_t count)
{
    double sum = 0, squares = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += (double)samples[i];
    if (count < 2 || sum == 0)
        return NAN;
    double mean = sum / count;
    for (uint32_t i = 0; i < count; i++)
        squares += ((double)samples[i] - mean) * ((double)samples[i] - mean);
    return sqrt(squares / count) / mean;
}
