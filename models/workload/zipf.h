/* Zipf's law over n ranks: rank k is drawn with probability proportional to k^-s.
 *
 * By rejection-inversion (W. Hoermann and G. Derflinger, "Rejection-inversion to generate variates
 * from monotone discrete distributions", ACM TOMACS 6(3), 1996): exact for every n and s >= 0, in
 * constant time and space, with 1.1 draws or less on the average. Inversion of a table would take 8
 * bytes a rank at each source.
 */
#ifndef MODELS_WORKLOAD_ZIPF_H
#define MODELS_WORKLOAD_ZIPF_H

#include <mtpsim/rng.h>

struct zipf {
    double exponent, count;
    double low, high; /* of the area that is drawn from */
    double squeeze;   /* what is at most so far left of its rank is accepted at once */
};

void zipf_init(struct zipf *zipf, uint64_t count, double exponent);
/* Gives a rank, from 0, the most frequent. */
uint64_t zipf_draw(const struct zipf *zipf, struct sim_rng *rng);

#endif
