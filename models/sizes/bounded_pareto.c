/* bounded_pareto: sizes between two bounds, mostly small, with a tail that holds much of the bytes.
 *
 * Paper: 5.2 ("a mix of message sizes (10 KB-1GB) ... skewed toward short messages").
 *
 * P(size > x) = (min^a x^-a - (min/max)^a) / (1 - (min/max)^a) for min <= x <= max, a the shape.
 * With 10 KB, 1 GB and a = 1.1 the mean is 75 KB, half of the messages are below 19 KB and 1 %
 * above 660 KB, but 12 % of the bytes are in messages above 100 MB, of which one in 27000 is one: a
 * short run realises less than the mean, or, rarely, far more. Report the load that a run realised.
 */
#include <mtpsim/sizes.h>

#include <math.h>

struct bounded_pareto_params {
    uint64_t min, max;
    double shape;
};

static void bounded_pareto_init(void *self, const void *params)
{
    *(const struct bounded_pareto_params **)self = params;
}

/* The integral of x f(x); at shape 1 its limit. */
static double bounded_pareto_mean(const void *self)
{
    const struct bounded_pareto_params *p = *(const struct bounded_pareto_params *const *)self;
    double low = (double)p->min, high = (double)p->max, shape = p->shape;
    if (p->min == p->max)
        return low;
    double kept = 1 - pow(low / high, shape);
    if (fabs(shape - 1) < 1e-9)
        return low / kept * log(high / low);
    return low / kept * shape / (shape - 1) * (1 - pow(low / high, shape - 1));
}

/* By inversion. */
static uint64_t bounded_pareto_draw(const void *self, struct sim_rng *rng)
{
    const struct bounded_pareto_params *p = *(const struct bounded_pareto_params *const *)self;
    double low = (double)p->min, kept = 1 - pow(low / (double)p->max, p->shape);
    double size = low * pow(1 - sim_rng_uniform(rng) * kept, -1 / p->shape);
    uint64_t bytes = (uint64_t)llround(size);
    return bytes < p->max ? bytes : p->max;
}

static const char *bounded_pareto_check(const void *params)
{
    const struct bounded_pareto_params *p = params;
    return p->min > p->max ? "min is above max" : NULL;
}

static const struct sim_param bounded_pareto_table[] = {
    {.name = "min",
     .help = "the smallest size",
     .fallback = "10KB",
     .offset = offsetof(struct bounded_pareto_params, min),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "max",
     .help = "the greatest size",
     .fallback = "1GB",
     .offset = offsetof(struct bounded_pareto_params, max),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "shape",
     .help = "the greater, the more skewed to short messages",
     .fallback = "1.1",
     .offset = offsetof(struct bounded_pareto_params, shape),
     .min = 0.1,
     .max = 10,
     .type = SIM_PARAM_REAL},
    {.name = NULL},
};

const struct sim_sizes_ops bounded_pareto_sizes = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SIZES,
               .name = "bounded_pareto",
               .summary = "skewed to short messages, with a heavy tail",
               .source = "paper, 5.2",
               .state_size = sizeof(const struct bounded_pareto_params *),
               .params_size = sizeof(struct bounded_pareto_params),
               .params = bounded_pareto_table,
               .check = bounded_pareto_check},
    .init = bounded_pareto_init,
    .mean = bounded_pareto_mean,
    .draw = bounded_pareto_draw,
};
