/* Named random streams: every component draws from a stream of its own, so that adding a component,
 * or a draw in one, changes nothing in the others, and every system of a scenario sees the same
 * arrivals.
 *
 * The generator is xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64 from (seed, name).
 */
#ifndef MTPSIM_RNG_H
#define MTPSIM_RNG_H

#include <stdint.h>

#include <mtpsim/check.h>

struct sim_rng {
    uint64_t s[4];
};

/* The stream `name` of a run's seed. */
SIM_API void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name);
SIM_API uint64_t sim_rng_next(struct sim_rng *rng);
/* Uniform in [0, n), without bias; n > 0. */
SIM_API uint64_t sim_rng_below(struct sim_rng *rng, uint64_t n);
/* Uniform in [0, 1). */
SIM_API double sim_rng_uniform(struct sim_rng *rng);
/* Exponential with the given mean. */
SIM_API double sim_rng_exponential(struct sim_rng *rng, double mean);

/* A stateless mix of 64 bits (splitmix64's finaliser), for hashes of flows and names. */
static inline uint64_t sim_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

#endif
