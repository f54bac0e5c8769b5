/* trace: replays messages from a file.
 *
 * The file is CSV (mtpsim/csv.h) of rows `time_us,from,to,bytes,priority` in the order of time.
 * `from` and `to` count from 0 in the lists of hosts that the scenario gives under these names, so
 * a trace is independent of the names of a topology.
 *
 * With TCP each message is a connection of its own, unless `persistent`.
 */
#include <mtpsim/csv.h>
#include <mtpsim/workload.h>

#include <math.h>
#include <stdlib.h>

struct trace_params {
    struct sim_list from, to;
    const char *file;
    bool persistent, blob;
};

struct trace_row {
    sim_time time;
    uint32_t from, to;
    uint64_t bytes;
    uint8_t priority;
};

struct trace {
    struct sim_timer timer;
    const struct trace_params *params;
    const struct sim_workload_env *env;
    struct trace_row *rows; /* of this source */
    uint32_t count, capacity;
    uint32_t next;
};

/* ---- the file ---- */

enum { TRACE_TIME_US, TRACE_FROM, TRACE_TO, TRACE_BYTES, TRACE_PRIORITY, TRACE_COLUMNS };

struct trace_reader {
    struct sim_csv csv;
    struct sim_csv_column columns[TRACE_COLUMNS];
    const struct trace_params *params;
    double before_us; /* the time of the row before */
};

/* `report` as in mtpsim/csv.h. */
static void trace_open(struct trace_reader *reader, const struct trace_params *p,
                       struct sim_report *report)
{
    *reader = (struct trace_reader){
        .columns = {{"time_us", 0, 1e12, false},
                    {"from", 0, (double)p->from.count - 1, true},
                    {"to", 0, (double)p->to.count - 1, true},
                    {"bytes", 0, 4e9, true},
                    {"priority", 0, 255, true}},
        .params = p,
    };
    sim_csv_open(&reader->csv, p->file, reader->columns, TRACE_COLUMNS, report);
}

static void trace_follows(struct trace_reader *reader, double time_us)
{
    if (time_us < reader->before_us)
        sim_csv_wrong(&reader->csv, TRACE_TIME_US,
                      "time_us is %.15g, after %.15g in the row before", time_us,
                      reader->before_us);
    reader->before_us = time_us;
}

/* Gives the next row; false at the end. */
static bool trace_read(struct trace_reader *reader, struct trace_row *row)
{
    double numbers[TRACE_COLUMNS];
    if (!sim_csv_next(&reader->csv, numbers))
        return false;
    *row = (struct trace_row){
        .time = (sim_time)llround(numbers[TRACE_TIME_US] * (double)SIM_US),
        .from = (uint32_t)numbers[TRACE_FROM],
        .to = (uint32_t)numbers[TRACE_TO],
        .bytes = (uint64_t)numbers[TRACE_BYTES],
        .priority = (uint8_t)numbers[TRACE_PRIORITY],
    };
    trace_follows(reader, numbers[TRACE_TIME_US]);
    if (reader->params->from.items[row->from] == reader->params->to.items[row->to])
        sim_csv_wrong(&reader->csv, TRACE_FROM, "from %u and to %u are the same host", row->from,
                      row->to);
    return true;
}

static void trace_check_files(const void *params, struct sim_report *report)
{
    struct trace_reader reader;
    struct trace_row row;
    trace_open(&reader, params, report);
    while (trace_read(&reader, &row))
        continue;
    sim_csv_close(&reader.csv);
}

/* ---- messages ---- */

static void trace_keep(struct trace *self, const struct trace_row *row)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 64;
        self->rows = realloc(self->rows, self->capacity * sizeof *self->rows);
        SIM_CHECK(self->rows, "out of memory for %u messages", self->capacity);
    }
    self->rows[self->count++] = *row;
}

static void trace_fire(struct sim_timer *timer, sim_time now)
{
    struct trace *self = (struct trace *)timer;
    const struct trace_row *row = &self->rows[self->next];
    struct sim_message message = {
        .dst = self->params->to.items[row->to],
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + self->next % self->env->ports),
        .dst_port = self->env->port,
        .bytes = row->bytes,
        .priority = row->priority,
        .blob = self->params->blob,
        .persistent = self->params->persistent,
    };
    self->next++;
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
    if (self->next < self->count)
        sim_timer_set(self->env->timers, timer, self->rows[self->next].time);
}

static void trace_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct trace *self = state;
    self->params = params;
    self->env = env;
    struct trace_reader reader;
    struct trace_row row;
    trace_open(&reader, params, NULL);
    while (trace_read(&reader, &row))
        if (row.from == env->index)
            trace_keep(self, &row);
    sim_csv_close(&reader.csv);
    sim_timer_init(&self->timer, trace_fire);
    if (self->count)
        sim_timer_set(env->timers, &self->timer, self->rows[0].time);
}

static void trace_clear(void *state)
{
    struct trace *self = state;
    free(self->rows);
}

static const struct sim_param trace_table[] = {
    {.name = "from",
     .help = "the sources that the file counts",
     .offset = offsetof(struct trace_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "the destinations that the file counts",
     .offset = offsetof(struct trace_params, to),
     .type = SIM_PARAM_HOSTS},
    {.name = "file",
     .help = "CSV: time_us, from, to, bytes, priority",
     .offset = offsetof(struct trace_params, file),
     .type = SIM_PARAM_FILE},
    {.name = "persistent",
     .help = "TCP: all to one destination on one connection, else each on its own",
     .fallback = "false",
     .offset = offsetof(struct trace_params, persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "blob",
     .help = "MTP: cut into one message a packet",
     .fallback = "false",
     .offset = offsetof(struct trace_params, blob),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_workload_ops trace_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "trace",
               .summary = "messages from a file",
               .state_size = sizeof(struct trace),
               .params_size = sizeof(struct trace_params),
               .params = trace_table,
               .check_files = trace_check_files},
    .init = trace_init,
    .clear = trace_clear,
};
