/* fixed: every message has the same size. */
#include <mtpsim/sizes.h>

struct fixed_params {
    uint64_t bytes;
};

struct fixed {
    uint64_t bytes;
};

static void fixed_init(void *self, const void *params)
{
    struct fixed *fixed = self;
    const struct fixed_params *p = params;
    fixed->bytes = p->bytes;
}

static double fixed_mean(const void *self)
{
    const struct fixed *fixed = self;
    return (double)fixed->bytes;
}

static uint64_t fixed_draw(const void *self, struct sim_rng *rng)
{
    const struct fixed *fixed = self;
    (void)rng;
    return fixed->bytes;
}

static const struct sim_param fixed_table[] = {
    {.name = "bytes",
     .help = "size of every message",
     .offset = offsetof(struct fixed_params, bytes),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = NULL},
};

const struct sim_sizes_ops fixed_sizes = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SIZES,
               .name = "fixed",
               .summary = "messages of one size",
               .state_size = sizeof(struct fixed),
               .params_size = sizeof(struct fixed_params),
               .params = fixed_table},
    .init = fixed_init,
    .mean = fixed_mean,
    .draw = fixed_draw,
};
