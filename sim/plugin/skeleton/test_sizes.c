/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/sizes.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_sizes_ops *)mtpsim_models[0])

/* outside the tree: what the model calls of the simulator */
double sim_rng_uniform(struct sim_rng *rng)
{
    rng->s[0] = sim_mix64(rng->s[0] + 0x9e3779b97f4a7c15u);
    return (double)(rng->s[0] >> 11) * 0x1p-53;
}
/* until here */

/* The parameters, in the order of the model's struct. */
struct params {
    uint64_t least_bytes, most_bytes;
};

static void modelname__draws_what_its_mean_says(void)
{
    const struct params params = {1000, 3000};
    struct sim_rng rng = {{1, 2, 3, 4}};
    double sum = 0;
    _Alignas(16) char state[256] = {0};
    MODEL->init(state, &params);
    assert(MODEL->mean(state) == 2000);
    for (int i = 0; i < 10000; i++) {
        uint64_t bytes = MODEL->draw(state, &rng);
        assert(bytes >= 1000 && bytes <= 3000);
        sum += (double)bytes;
    }
    /* The standard deviation of the mean of so many is 2000 / sqrt(12 x 10000) = 5.8. */
    assert(sum / 10000 > 2000 - 29 && sum / 10000 < 2000 + 29);
}

static void modelname__checks_its_parameters(void)
{
    assert(!MODEL->plugin.check(&(struct params){5, 5}));
    assert(MODEL->plugin.check(&(struct params){5, 4}));
}

int main(void)
{
    modelname__draws_what_its_mean_says();
    modelname__checks_its_parameters();
    puts("modelname: all tests passed");
    return 0;
}
