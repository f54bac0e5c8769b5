/* empirical: sizes by a measured distribution, from a file.
 *
 * The file is CSV (mtpsim/csv.h) of rows `bytes,share`, the share of the messages that are at most
 * so long. Both columns ascend; the first share is 0 (its size is the lower end) and the last 1.
 * Between rows the share is linear in the size, as the traffic generators that distribute such
 * files interpolate; so is the mean that a load is computed from.
 *
 * scenarios/sizes/ has the two that most papers use.
 */
#include <mtpsim/csv.h>
#include <mtpsim/sizes.h>

#include <math.h>
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

static const struct sim_csv_column empirical_columns[] = {
    {"bytes", 0, 4e9, false},
    {"share", 0, 1, false},
};

/* Whether a row may follow the one before (NULL: it is the first). */
static bool empirical_follows(struct sim_csv *csv, const struct empirical_row *row,
                              const struct empirical_row *before)
{
    uint32_t wrong = csv->wrong;
    if (!before && row->share > 0)
        sim_csv_wrong(csv, 1, "share is %.15g; in the first row it is 0", row->share);
    if (before && row->bytes <= before->bytes)
        sim_csv_wrong(csv, 0, "bytes is %.15g, after %.15g in the row before", row->bytes,
                      before->bytes);
    if (before && row->share < before->share)
        sim_csv_wrong(csv, 1, "share is %.15g, after %.15g in the row before", row->share,
                      before->share);
    return csv->wrong == wrong;
}

/* Reads all right rows, at most ROWS_MAX. `report` as in mtpsim/csv.h. */
static uint32_t empirical_read(const char *name, struct empirical_row *rows,
                               struct sim_report *report)
{
    struct sim_csv csv;
    double numbers[2];
    uint32_t count = 0;
    sim_csv_open(&csv, name, empirical_columns, 2, report);
    while (sim_csv_next(&csv, numbers)) {
        if (count == ROWS_MAX) {
            sim_csv_wrong(&csv, 0, "there are more than %d rows", ROWS_MAX);
            break;
        }
        rows[count] = (struct empirical_row){numbers[0], numbers[1]};
        count += empirical_follows(&csv, &rows[count], count ? &rows[count - 1] : NULL);
    }
    if (!csv.wrong && (count < 2 || rows[count - 1].share != 1))
        sim_csv_wrong(&csv, 1, "the rows end before share is 1");
    sim_csv_close(&csv);
    return count;
}

static void empirical_check_files(const void *params, struct sim_report *report)
{
    const struct empirical_params *p = params;
    struct empirical_row rows[ROWS_MAX];
    empirical_read(p->file, rows, report);
}

static void empirical_init(void *self, const void *params)
{
    struct empirical *empirical = self;
    const struct empirical_params *p = params;
    empirical->rows = calloc(ROWS_MAX, sizeof *empirical->rows);
    SIM_CHECK(empirical->rows, "out of memory for %s", p->file);
    empirical->count = empirical_read(p->file, empirical->rows, NULL);
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
               .check_files = empirical_check_files},
    .init = empirical_init,
    .clear = empirical_clear,
    .mean = empirical_mean,
    .draw = empirical_draw,
};
