/* modelname: sizes of messages, uniform between two bounds. (Say here what yours is, where it is
 * from, why it is so, and what it does not model.)
 */
#include <mtpsim/sizes.h>

/* ---- parameters: filled from the scenario by the table ---- */

struct modelname_params {
    uint64_t least_bytes, most_bytes;
};

static const struct sim_param modelname_table[] = {
    {.name = "least",
     .help = "the smallest message",
     .fallback = "1KB",
     .offset = offsetof(struct modelname_params, least_bytes),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "most",
     .help = "the largest message",
     .fallback = "64KB",
     .offset = offsetof(struct modelname_params, most_bytes),
     .min = 1,
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = NULL},
};

/* What ranges cannot say; NULL when all is well. */
static const char *modelname_check(const void *params)
{
    const struct modelname_params *p = params;
    return p->least_bytes > p->most_bytes ? "least is above most" : NULL;
}

/* ---- operations ---- */

/* One for each source; zeroed before init. */
struct modelname {
    const struct modelname_params *params; /* outlive it */
};

static void modelname_init(void *self, const void *params)
{
    struct modelname *sizes = self;
    sizes->params = params;
}

/* Exact: the offered load is a rate of messages times this. */
static double modelname_mean(const void *self)
{
    const struct modelname *sizes = self;
    return ((double)sizes->params->least_bytes + (double)sizes->params->most_bytes) / 2;
}

/* One number is drawn every time, so that the streams of all systems stay in step. */
static uint64_t modelname_draw(const void *self, struct sim_rng *rng)
{
    const struct modelname *sizes = self;
    double range = (double)(sizes->params->most_bytes - sizes->params->least_bytes) + 1;
    return sizes->params->least_bytes + (uint64_t)(range * sim_rng_uniform(rng));
}

/* ---- the model ---- */

static const struct sim_sizes_ops modelname_sizes = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SIZES,
               .name = "modelname",
               .summary = "sizes that are uniform between two bounds",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table,
               .check = modelname_check},
    .init = modelname_init,
    .mean = modelname_mean,
    .draw = modelname_draw,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_sizes.plugin, NULL};
