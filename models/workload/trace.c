/* trace: replays messages from a file.
 *
 * The file is CSV: lines that begin with # are comments, then rows `time_us,from,to,bytes,priority`
 * in the order of time. `from` and `to` count from 0 in the lists of hosts that the scenario gives
 * under these names, so a trace is independent of the names of a topology.
 *
 * With TCP each message is a connection of its own, unless `persistent`.
 */
#include <mtpsim/workload.h>

#include <math.h>
#include <stdio.h>
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

struct trace_reader {
    FILE *file;
    sim_time before; /* of the last row */
    bool wrong;
};

/* Gives the next row; false at the end and at a row that is wrong. */
static bool trace_read(struct trace_reader *reader, const struct trace_params *p,
                       struct trace_row *row)
{
    char line[200];
    double time_us;
    unsigned long long bytes;
    unsigned priority;
    int end = 0;
    do
        if (!fgets(line, sizeof line, reader->file))
            return false;
    while (line[0] == '#' || line[0] == '\n');
    reader->wrong = sscanf(line, " %lf , %u , %u , %llu , %u %n", &time_us, &row->from, &row->to,
                           &bytes, &priority, &end) != 5 ||
                    line[end] || !(time_us >= 0 && time_us < 1e12) || row->from >= p->from.count ||
                    row->to >= p->to.count || bytes > 4000000000u || priority > 255;
    if (reader->wrong)
        return false;
    row->time = (sim_time)llround(time_us * (double)SIM_US);
    row->bytes = bytes;
    row->priority = (uint8_t)priority;
    reader->wrong = row->time < reader->before || p->from.items[row->from] == p->to.items[row->to];
    reader->before = row->time;
    return !reader->wrong;
}

static const char *trace_check(const void *params)
{
    const struct trace_params *p = params;
    struct trace_reader reader = {.file = fopen(p->file, "r")};
    struct trace_row row;
    if (!reader.file)
        return "the file cannot be read";
    while (trace_read(&reader, p, &row))
        continue;
    fclose(reader.file);
    return reader.wrong ? "the file is not a list of rows `time_us,from,to,bytes,priority` in the "
                          "order of time, from and to places in those lists, and not the same host"
                        : NULL;
}

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
    struct trace_reader reader = {.file = fopen(self->params->file, "r")};
    struct trace_row row;
    SIM_CHECK(reader.file, "%s cannot be read", self->params->file);
    while (trace_read(&reader, self->params, &row))
        if (row.from == env->index)
            trace_keep(self, &row);
    fclose(reader.file);
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
               .check = trace_check},
    .init = trace_init,
    .clear = trace_clear,
};
