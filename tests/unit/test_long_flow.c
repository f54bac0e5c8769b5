#include <mtpsim/workload.h>

#include <string.h>

#include "support/suite.h"

extern const struct sim_workload_ops long_flow_workload;

/* long_flow's parameters, of which the engine knows only the table. */
struct source {
    void *params;
    struct sim_list *from, *to;
    uint32_t *pattern;
};

static void *member(const struct source *source, const char *name)
{
    for (const struct sim_param *param = long_flow_workload.plugin.params; param->name; param++)
        if (strcmp(param->name, name) == 0)
            return (char *)source->params + param->offset;
    ck_abort_msg("no parameter %s", name);
}

/* Every host of `count` to every host, in a permutation. */
static struct source permutation(uint32_t count)
{
    struct source source = {.params = calloc(1, long_flow_workload.plugin.params_size)};

    source.from = member(&source, "from");
    source.to = member(&source, "to");
    source.pattern = member(&source, "pattern");
    *(uint64_t *)member(&source, "flows") = 1;
    *source.from = *source.to = (struct sim_list){calloc(count, sizeof(uint32_t)), count};
    for (uint32_t i = 0; i < count; i++)
        source.from->items[i] = i;
    *source.pattern = 1;
    return source;
}

static void source_clear(struct source *source)
{
    free(source->from->items);
    free(source->params);
}

static uint32_t note_destination(void *host_state, uint32_t workload, struct sim_message *message,
                                 sim_time now)
{
    (void)workload;
    (void)now;
    *(uint32_t *)host_state = message->dst;
    return 0;
}

/* Where source `index` sends to. */
static uint32_t destination(const struct source *source, uint32_t index, uint64_t shared)
{
    uint32_t found = UINT32_MAX;
    void *state = calloc(1, long_flow_workload.plugin.state_size);
    struct sim_timers timers;
    const struct sim_workload_env env = {
        .host = index,
        .index = index,
        .source_count = source->from->count,
        .timers = &timers,
        .shared = shared,
        .submit = note_destination,
        .host_state = &found,
    };

    sim_timers_init(&timers);
    long_flow_workload.init(state, source->params, &env);
    sim_timers_step(&timers, sim_timers_next(&timers));
    sim_timers_clear(&timers);
    free(state);
    return found;
}

/* clang-format off */
/* From any host the destinations lead through all others and back: nobody sends to itself, each hears from one. */
START_TEST(long_flow__permutation_is_one_cycle)
{
    static const uint32_t counts[] = {2, 3, 4, 5, 16, 17, 128, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct source source = permutation(counts[i]);
        ck_assert_ptr_null(long_flow_workload.plugin.check(source.params));
        for (uint64_t shared = 0; shared < 5; shared++) {
            uint32_t at = 0, steps = 0;
            do {
                at = destination(&source, at, shared * 0x9e3779b97f4a7c15u);
                ck_assert_uint_lt(at, counts[i]);
                steps++;
            } while (at != 0 && steps <= counts[i]);
            ck_assert_uint_eq(steps, counts[i]);
        }
        source_clear(&source);
    }
}
END_TEST

/* Over many draws every other host is met about as often: here 600 times each, with 24 as the standard deviation. */
START_TEST(long_flow__permutation_is_uniform)
{
    enum { HOSTS = 6, DRAWS = 3000 };
    struct source source = permutation(HOSTS);
    uint32_t met[HOSTS] = {0};
    for (uint64_t draw = 0; draw < DRAWS; draw++)
        met[destination(&source, 2, sim_mix64(draw + 1))]++;
    for (uint32_t host = 0; host < HOSTS; host++) {
        if (host == 2)
            ck_assert_uint_eq(met[host], 0);
        else
            ck_assert_msg(met[host] > 500 && met[host] < 700, "host %u is met %u times", host, met[host]);
    }
    source_clear(&source);
}
END_TEST

START_TEST(long_flow__check)
{
    struct source source = permutation(3);
    uint32_t others[] = {5, 6, 7}, some[] = {1, 6, 7};
    *source.pattern = 0;
    ck_assert_str_eq(long_flow_workload.plugin.check(source.params), "a host sends to itself");
    *source.pattern = 1;
    struct sim_list all = *source.to;
    *source.to = (struct sim_list){others, 3};
    ck_assert_ptr_null(long_flow_workload.plugin.check(source.params));
    *source.to = (struct sim_list){some, 3};
    ck_assert_ptr_nonnull(long_flow_workload.plugin.check(source.params));
    *source.to = (struct sim_list){others, 2};
    ck_assert_ptr_nonnull(long_flow_workload.plugin.check(source.params));
    *source.to = all;
    source_clear(&source);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, long_flow__permutation_is_one_cycle);
    tcase_add_test(tcase, long_flow__permutation_is_uniform);
    tcase_add_test(tcase, long_flow__check);
}

int main(void)
{
    return suite_run("long_flow", add_cases);
}
