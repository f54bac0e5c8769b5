#include "models/workload/zipf.h"

#include <math.h>

/* The density's integral and its inverse; with exponent 1 they are log and exp. */
static double zipf_area(const struct zipf *zipf, double x)
{
    double power = 1 - zipf->exponent;
    return fabs(power) < 1e-12 ? log(x) : expm1(power * log(x)) / power;
}

static double zipf_area_inverse(const struct zipf *zipf, double area)
{
    double power = 1 - zipf->exponent;
    return fabs(power) < 1e-12 ? exp(area) : exp(log1p(power * area) / power);
}

static double zipf_density(const struct zipf *zipf, double x)
{
    return exp(-zipf->exponent * log(x));
}

void zipf_init(struct zipf *zipf, uint64_t count, double exponent)
{
    zipf->exponent = exponent;
    zipf->count = (double)count;
    zipf->low = zipf_area(zipf, 1.5) - 1;
    zipf->high = zipf_area(zipf, zipf->count + 0.5);
    zipf->squeeze = 2 - zipf_area_inverse(zipf, zipf_area(zipf, 2.5) - zipf_density(zipf, 2));
}

uint64_t zipf_draw(const struct zipf *zipf, struct sim_rng *rng)
{
    for (;;) {
        double area = zipf->high + sim_rng_uniform(rng) * (zipf->low - zipf->high);
        double x = zipf_area_inverse(zipf, area);
        double rank = floor(x + 0.5);
        rank = rank < 1 ? 1 : rank > zipf->count ? zipf->count : rank;
        if (rank - x <= zipf->squeeze ||
            area >= zipf_area(zipf, rank + 0.5) - zipf_density(zipf, rank))
            return (uint64_t)rank - 1;
    }
}
