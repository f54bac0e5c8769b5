#include <mtpsim/rng.h>

#include <math.h>

static uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

/* FNV-1a, 64 bit. */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
    return hash;
}

void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name)
{
    uint64_t state = sim_mix64(seed) ^ hash_name(name);
    for (int i = 0; i < 4; i++) {
        state += 0x9e3779b97f4a7c15u;
        rng->s[i] = sim_mix64(state);
    }
}

uint64_t sim_rng_next(struct sim_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Lemire (2019): the high word of a product, rejecting the few low words that would bias it. */
uint64_t sim_rng_below(struct sim_rng *rng, uint64_t n)
{
    SIM_CHECK(n > 0, "n is %llu", (unsigned long long)n);
    uint64_t threshold = -n % n;
    unsigned __int128 product;
    do
        product = (unsigned __int128)sim_rng_next(rng) * n;
    while ((uint64_t)product < threshold);
    return (uint64_t)(product >> 64);
}

double sim_rng_uniform(struct sim_rng *rng)
{
    return (double)(sim_rng_next(rng) >> 11) * 0x1p-53;
}

double sim_rng_exponential(struct sim_rng *rng, double mean)
{
    return -mean * log1p(-sim_rng_uniform(rng));
}
