/* empirical: sizes by a measured distribution, from a file.
 *
 * The file is CSV: lines that begin with # are comments, then rows `bytes,share`, the share of the
 * messages that are at most so long. Both columns ascend; the first share is 0 (its size is the
 * lower end) and the last 1. Between rows the share is linear in the size, as the traffic
 * generators that distribute such files interpolate; so is the mean that a load is computed from.
 *
 * scenarios/sizes/ has the two that most papers use.
 */
#include <mtpsim/sizes.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 1000

struct empirical_params {
    const char *file;
};

struct empirical_row {
    double bytes, share;
};

struct empirical {
    struct empirical_row *rows;
    uint32_t count;
};

/* Whether the line is a row that may follow the one before. */
static bool empirical_parse(const char *line, const struct empirical_row *before,
                            struct empirical_row *row)
{
    int end = 0;
    if (sscanf(line, " %lf , %lf %n", &row->bytes, &row->share, &end) != 2 || line[end])
        return false;
    if (!before)
        return row->bytes >= 0 && row->share == 0;
    return row->bytes > before->bytes && row->bytes <= 4e9 && row->share >= before->share &&
           row->share <= 1;
}

/* Reads all rows; gives what is wrong with the file, or NULL. */
static const char *empirical_read(const char *name, struct empirical_row *rows, uint32_t *count)
{
    FILE *file = fopen(name, "r");
    char line[200];
    bool right = true;
    if (!file)
        return "the file cannot be read";
    *count = 0;
    while (right && fgets(line, sizeof line, file)) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        const struct empirical_row *before = *count ? &rows[*count - 1] : NULL;
        right = *count < ROWS_MAX && empirical_parse(line, before, &rows[*count]);
        *count += right;
    }
    fclose(file);
    if (!right || *count < 2 || rows[*count - 1].share != 1)
        return "the file is not a list of rows `bytes,share`, both ascending, with shares from 0 "
               "to 1";
    return NULL;
}

static const char *empirical_check(const void *params)
{
    const struct empirical_params *p = params;
    struct empirical_row rows[ROWS_MAX];
    uint32_t count;
    return empirical_read(p->file, rows, &count);
}

static void empirical_init(void *self, const void *params)
{
    struct empirical *empirical = self;
    const struct empirical_params *p = params;
    empirical->rows = calloc(ROWS_MAX, sizeof *empirical->rows);
    SIM_CHECK(empirical->rows, "out of memory for %s", p->file);
    const char *problem = empirical_read(p->file, empirical->rows, &empirical->count);
    SIM_CHECK(!problem, "%s: %s", p->file, problem);
    empirical->rows = realloc(empirical->rows, empirical->count * sizeof *empirical->rows);
    SIM_CHECK(empirical->rows, "out of memory for %s", p->file);
}

static void empirical_clear(void *self)
{
    struct empirical *empirical = self;
    free(empirical->rows);
}

static double empirical_mean(const void *self)
{
    const struct empirical *empirical = self;
    double mean = 0;
    for (uint32_t i = 1; i < empirical->count; i++) {
        const struct empirical_row *row = &empirical->rows[i];
        mean += (row->share - row[-1].share) * (row->bytes + row[-1].bytes) / 2;
    }
    return mean;
}

static uint64_t empirical_draw(const void *self, struct sim_rng *rng)
{
    const struct empirical *empirical = self;
    double share = sim_rng_uniform(rng);
    const struct empirical_row *row = &empirical->rows[1];
    while (row->share <= share)
        row++;
    double along = (share - row[-1].share) / (row->share - row[-1].share);
    uint64_t bytes = (uint64_t)llround(row[-1].bytes + along * (row->bytes - row[-1].bytes));
    return bytes ? bytes : 1;
}

static const struct sim_param empirical_table[] = {
    {.name = "file",
     .help = "CSV: bytes, share of the messages that are at most so long",
     .offset = offsetof(struct empirical_params, file),
     .type = SIM_PARAM_FILE},
    {.name = NULL},
};

const struct sim_sizes_ops empirical_sizes = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SIZES,
               .name = "empirical",
               .summary = "a measured distribution, from a file",
               .state_size = sizeof(struct empirical),
               .params_size = sizeof(struct empirical_params),
               .params = empirical_table,
               .check = empirical_check},
    .init = empirical_init,
    .clear = empirical_clear,
    .mean = empirical_mean,
    .draw = empirical_draw,
};
