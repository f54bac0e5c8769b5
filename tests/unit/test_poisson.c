/* Workloads by random arrivals and from a file, driven by their timers alone. */
#include <mtpsim/sizes.h>
#include <mtpsim/workload.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/suite.h"

extern const struct sim_workload_ops poisson_workload, trace_workload;
extern const struct sim_sizes_ops fixed_sizes;

struct poisson_parameters {
    struct sim_list from, to;
    double load;
    uint64_t of_bps;
    struct sim_model sizes;
    sim_time start, until;
    uint64_t priority;
    bool persistent, blob;
    uint64_t elephants, elephant_bytes;
    sim_time elephant_at, elephant_every;
};

struct trace_parameters {
    struct sim_list from, to;
    const char *file;
    bool persistent, blob;
};

#define SEEN_MAX 200000

struct source {
    struct sim_workload_env env;
    struct sim_timers timers;
    struct sim_rng rng;
    union {
        char bytes[512];
        uint64_t align;
    } state;
    struct sim_message *seen;
    sim_time *times;
    uint32_t count;
};

static uint32_t note(void *host_state, uint32_t workload, struct sim_message *message, sim_time now)
{
    struct source *source = host_state;
    (void)workload;
    ck_assert_uint_lt(source->count, SEEN_MAX);
    source->seen[source->count] = *message;
    source->times[source->count] = now;
    return source->count++;
}

/* Runs source `index` of `from` up to `end`. */
static struct source *source_run(const struct sim_workload_ops *ops, const void *params,
                                 const struct sim_list *from, uint32_t index, sim_time end)
{
    struct source *source = calloc(1, sizeof *source);
    source->seen = calloc(SEEN_MAX, sizeof *source->seen);
    source->times = calloc(SEEN_MAX, sizeof *source->times);
    char name[32];
    snprintf(name, sizeof name, "workload/%u", index);
    sim_rng_init(&source->rng, 1, name);
    sim_timers_init(&source->timers);
    source->env = (struct sim_workload_env){
        .host = from->items[index],
        .index = index,
        .source_count = from->count,
        .host_count = 8,
        .port = 5000,
        .ports = 1000,
        .mtu_bytes = 1500,
        .timers = &source->timers,
        .rng = &source->rng,
        .submit = note,
        .host_state = source,
    };
    ops->init(&source->state, params, &source->env);
    for (sim_time next; (next = sim_timers_next(&source->timers)) < end;)
        sim_timers_step(&source->timers, next);
    return source;
}

static void source_free(const struct sim_workload_ops *ops, struct source *source)
{
    ops->clear(&source->state);
    sim_timers_clear(&source->timers);
    free(source->seen);
    free(source->times);
    free(source);
}

static uint64_t one_size = 100000;
static uint32_t hosts[] = {0, 1, 2, 3};

static struct poisson_parameters some_load(void)
{
    return (struct poisson_parameters){
        .from = {hosts, 2},
        .to = {hosts, 4},
        .load = 0.5,
        .of_bps = 100000000000,
        .sizes = {&fixed_sizes.plugin, &one_size},
    };
}

/* clang-format off */
START_TEST(poisson__offers_its_load_over_all_sources)
{
    struct poisson_parameters p = some_load();
    for (uint32_t s = 0; s < 2; s++) {
        struct source *source = source_run(&poisson_workload, &p, &p.from, s, SIM_S / 10);
        double expected = 0.5 * 100e9 / 8 * 0.1 / 1e5 / 2; /* messages */
        ck_assert_double_eq_tol(source->count, expected, 5 * 56); /* 5 standard deviations of a Poisson count */
        source_free(&poisson_workload, source);
    }
}
END_TEST

/* Gaps: exponential, so as many above ln 2 means as below, and e^-3 above three. */
START_TEST(poisson__gaps_are_exponential)
{
    struct poisson_parameters p = some_load();
    struct source *source = source_run(&poisson_workload, &p, &p.from, 0, SIM_S);
    double mean = (double)SIM_S / source->count;
    uint32_t short_gaps = 0, long_gaps = 0;
    for (uint32_t i = 1; i < source->count; i++) {
        double gap = (double)(source->times[i] - source->times[i - 1]);
        short_gaps += gap < 0.69315 * mean;
        long_gaps += gap > 3 * mean;
    }
    ck_assert_uint_gt(source->count, 30000);
    ck_assert_double_eq_tol(short_gaps / (double)source->count, 0.5, 5 * 0.0029);
    ck_assert_double_eq_tol(long_gaps / (double)source->count, 0.0498, 5 * 0.0013);
    source_free(&poisson_workload, source);
}
END_TEST

START_TEST(poisson__destinations_are_even_and_never_the_source)
{
    struct poisson_parameters p = some_load();
    struct source *source = source_run(&poisson_workload, &p, &p.from, 1, SIM_S);
    uint32_t uses[4] = {0};
    for (uint32_t i = 0; i < source->count; i++)
        uses[source->seen[i].dst]++;
    ck_assert_uint_eq(uses[1], 0);
    for (int i = 0; i < 4; i++)
        if (i != 1)
            ck_assert_double_eq_tol(uses[i] / (double)source->count, 1.0 / 3, 5 * 0.0027);
    source_free(&poisson_workload, source);
}
END_TEST

/* TCP: a port for each connection; MTP: one for all, so that what is known of the path is shared. */
START_TEST(poisson__ports)
{
    struct poisson_parameters p = some_load();
    struct source *source = source_run(&poisson_workload, &p, &p.from, 0, SIM_S / 10);
    for (uint32_t i = 0; i < source->count; i++) {
        ck_assert_uint_eq(source->seen[i].src_port, 5000);
        ck_assert_uint_eq(source->seen[i].own_port, 5000 + i % 1000);
    }
    source_free(&poisson_workload, source);
}
END_TEST

/* The elephants are a part of the load, come at their times, from the sources in turn, and change no draw of the others. */
START_TEST(poisson__elephants_are_part_of_the_load)
{
    struct poisson_parameters p = some_load(), without = some_load();
    p.until = without.until = 100 * SIM_MS;
    p.elephants = 3;
    p.elephant_bytes = 100000000;
    p.elephant_at = 20 * SIM_MS;
    p.elephant_every = 7 * SIM_MS;
    ck_assert_ptr_null(poisson_workload.plugin.check(&p));
    without.load = 0.5 - 3 * 0.1e9 * 8 / 1e11 / 0.1;
    for (uint32_t s = 0; s < 2; s++) {
        struct source *source = source_run(&poisson_workload, &p, &p.from, s, SIM_S);
        struct source *plain = source_run(&poisson_workload, &without, &p.from, s, SIM_S);
        uint32_t elephants = 0, next = 0;
        for (uint32_t i = 0; i < source->count; i++) {
            if (source->seen[i].bytes == p.elephant_bytes) {
                ck_assert_int_eq(source->times[i], (20 + 7 * (sim_time)(s + 2 * elephants)) * SIM_MS);
                ck_assert_uint_ne(source->seen[i].dst, s);
                elephants++;
                continue;
            }
            /* Rates that differ in the last bit may move a time by a picosecond or so. */
            ck_assert_int_lt(llabs((long long)(source->times[i] - plain->times[next])), 1000);
            ck_assert_uint_eq(source->seen[i].dst, plain->seen[next++].dst);
        }
        ck_assert_uint_eq(elephants, s ? 1 : 2);
        ck_assert_uint_eq(next, plain->count);
        source_free(&poisson_workload, source);
        source_free(&poisson_workload, plain);
    }
}
END_TEST

START_TEST(poisson__stops_at_its_end)
{
    struct poisson_parameters p = some_load();
    p.start = 5 * SIM_MS;
    p.until = 6 * SIM_MS;
    struct source *source = source_run(&poisson_workload, &p, &p.from, 0, SIM_S);
    ck_assert_uint_gt(source->count, 10);
    ck_assert_int_ge(source->times[0], p.start);
    ck_assert_int_lt(source->times[source->count - 1], p.until);
    source_free(&poisson_workload, source);
}
END_TEST

START_TEST(poisson__refuses_what_cannot_be)
{
    static const struct { sim_time start, until, at, every; uint64_t elephants; const char *says; } cases[] = {
        {5, 5, 0, 0, 0, "`until` is not after `start`"},
        {0, 0, 0, 0, 1, "`elephants` are a part of the load up to `until`, which must be given"},
        {10, 20, 5, 0, 1, "an elephant is not between `start` and `until`"},
        {0, 20, 5, 10, 3, "an elephant is not between `start` and `until`"},
        {0, 10, 5, 0, 1, "the elephants alone are more than the load"},
        {0, 200, 5, 0, 1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct poisson_parameters p = some_load();
        p.start = cases[i].start * SIM_MS;
        p.until = cases[i].until * SIM_MS;
        p.elephants = cases[i].elephants;
        p.elephant_bytes = 1000000000;
        p.elephant_at = cases[i].at * SIM_MS;
        p.elephant_every = cases[i].every * SIM_MS;
        const char *says = poisson_workload.plugin.check(&p);
        ck_assert_msg(says == cases[i].says || (says && cases[i].says && !strcmp(says, cases[i].says)), "case %zu: %s", i, says);
    }
}
END_TEST

/* ---- trace ---- */

START_TEST(trace__replays_the_rows_of_each_source)
{
    struct trace_parameters p = {.from = {hosts, 2}, .to = {hosts + 2, 2}};
    p.file = file_of("# time_us,from,to,bytes,priority\n0,0,1,100,3\n1.5,1,0,200,0\n1.5,0,0,300,7\n1.5,0,1,400,0\n\n2e3, 1, 1, 0, 255\n");
    file_assert_says(&trace_workload.plugin, &p, "");
    static const struct { uint32_t source; sim_time ns; uint32_t dst; uint64_t bytes; uint8_t priority; } rows[] = {
        {0, 0, 3, 100, 3}, {0, 1500, 2, 300, 7}, {0, 1500, 3, 400, 0}, {1, 1500, 2, 200, 0}, {1, 2000000, 3, 0, 255},
    };
    uint32_t row = 0;
    for (uint32_t s = 0; s < 2; s++) {
        struct source *source = source_run(&trace_workload, &p, &p.from, s, SIM_S);
        for (uint32_t i = 0; i < source->count; i++, row++) {
            ck_assert_uint_eq(rows[row].source, s);
            ck_assert_int_eq(source->times[i], rows[row].ns * SIM_NS);
            ck_assert_uint_eq(source->seen[i].dst, rows[row].dst);
            ck_assert_uint_eq(source->seen[i].bytes, rows[row].bytes);
            ck_assert_uint_eq(source->seen[i].priority, rows[row].priority);
        }
        source_free(&trace_workload, source);
    }
    ck_assert_uint_eq(row, sizeof rows / sizeof *rows);
    unlink(p.file);
}
END_TEST

START_TEST(trace__says_where_a_file_is_wrong)
{
    static const struct { const char *text, *says; } cases[] = {
        {"0,0,0,1,0\n1,0,0,100\n", "2:10: the row ends before priority; allowed: time_us,from,to,bytes,priority\n"},
        {"x,0,0,100,0\n", "1:1: time_us is \"x\"; allowed: a number from 0 to 1000000000000\n"},
        {"5,0,0,1,0\n4.5,0,0,1,0\n", "2:1: time_us is 4.5, after 5 in the row before\n"},
        {"0,2,0,1,0\n", "1:3: from is \"2\"; allowed: a whole number from 0 to 1\n"},
        {"# row\n\n0, 0, 2,1,0\n", "3:7: to is \"2\"; allowed: a whole number from 0 to 1\n"},
        {"0,0,0,5e9,0\n", "1:7: bytes is \"5e9\"; allowed: a whole number from 0 to 4000000000\n"},
        {"0,0,0,1,256\n", "1:9: priority is \"256\"; allowed: a whole number from 0 to 255\n"},
        {"0,1,1,1,0\n", "1:3: from 1 and to 1 are the same host\n"},
        {"-1,0,0,1,0\n0,0,0,1,0\n0,1,1,1,0\n",
         "1:1: time_us is \"-1\"; allowed: a number from 0 to 1000000000000\n3:3: from 1 and to 1 are the same host\n"},
        {"", ""},
    };
    struct trace_parameters p = {.from = {hosts, 2}, .to = {hosts + 1, 2}};
    p.to.items = (uint32_t[]){2, 1}; /* from 1 to 1 is the same host */
    p.file = file_of(cases[_i].text);
    file_assert_says(&trace_workload.plugin, &p, cases[_i].says);
    unlink(p.file);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, poisson__offers_its_load_over_all_sources);
    tcase_add_test(tcase, poisson__gaps_are_exponential);
    tcase_add_test(tcase, poisson__destinations_are_even_and_never_the_source);
    tcase_add_test(tcase, poisson__ports);
    tcase_add_test(tcase, poisson__elephants_are_part_of_the_load);
    tcase_add_test(tcase, poisson__stops_at_its_end);
    tcase_add_test(tcase, poisson__refuses_what_cannot_be);
    tcase_add_test(tcase, trace__replays_the_rows_of_each_source);
    tcase_add_loop_test(tcase, trace__says_where_a_file_is_wrong, 0, 10);
}

int main(void)
{
    return suite_run("poisson", add_cases);
}
