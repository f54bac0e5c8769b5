/* What a congestion model says of its network half, against what that does: ports write the mark
 * themselves for a model with `marks_only`, and must write what its `feedback` would have. */
#include <mtpsim/congestion.h>

#include <string.h>

#include "support/run.h"
#include "support/suite.h"

#define STATE_MAX 4096

/* The model with its defaults, as a scenario has it. */
static const struct sim_model *model_of(struct run *run, const char *name)
{
    g_autofree char *text = g_strdup_printf(
        "name: model\nduration: 1us\n"
        "topology:\n  hosts: [a, b]\n  links: [{ends: [a, b], rate: 10Gbps, delay: 1us}]\n"
        "queue: {droptail: {capacity: 100p}}\n"
        "workload: [{long_flow: {from: a, to: b}}]\n"
        "transport: {mtp: {congestion: %s}}\n",
        name);
    run_init(run, text, 0);
    return sim_model_param(&scenario_spec(run->scenario, 0)->transport, "congestion",
                           SIM_PARAM_MODEL);
}

/* An idle port, one with a queue, and one that is overloaded, each marking or not. */
static struct sim_port_view view_of(uint32_t number)
{
    uint64_t queue_bytes = number / 2 * 150000;
    return (struct sim_port_view){
        .now = (number + 1) * SIM_MS,
        .rate_bps = 10000000000,
        .queue_bytes = queue_bytes,
        .queue_delay = (sim_time)queue_bytes * 800,
        .sent_bytes = number * 1250000,
        .packet_bytes = 1500,
        .marked = number % 2,
    };
}

/* Whether it wrote the mark, and nothing else, at every port, and has kept nothing. */
static bool writes_marks_only(const struct sim_congestion_ops *ops, const void *params)
{
    _Alignas(16) char state[STATE_MAX] = {0}, before[STATE_MAX];
    bool marks = true;
    ck_assert_uint_le(ops->pathlet_state_size, STATE_MAX);
    if (ops->pathlet_init)
        ops->pathlet_init(state, params, 10000000000);
    memcpy(before, state, sizeof state);
    for (uint32_t number = 0; number < 6; number++) {
        const struct sim_port_view port = view_of(number);
        struct sim_feedback entry = {.path = 7, .tc = 1, .type = SIM_FEEDBACK_PRESENCE};
        const struct sim_feedback expected = {
            .path = 7, .tc = 1, .type = SIM_FEEDBACK_ECN, .length = 1, .value = port.marked};
        ops->feedback(state, &port, &entry);
        marks = marks && memcmp(&entry, &expected, sizeof entry) == 0;
    }
    return marks && memcmp(before, state, sizeof state) == 0;
}

START_TEST(marks_only__is_what_feedback_does)
{
    struct registry *registry = registry_new();
    GPtrArray *models = registry_list(registry, SIM_CONGESTION);
    guint with = 0, without = 0;
    for (guint i = 0; i < models->len; i++) {
        const struct sim_congestion_ops *ops = g_ptr_array_index(models, i);
        struct run run;
        const struct sim_model *model = model_of(&run, ops->plugin.name);
        bool marks = ops->feedback && writes_marks_only(ops, model->params);
        ck_assert_msg(marks == ops->marks_only, "%s: marks_only is %d", ops->plugin.name,
                      ops->marks_only);
        with += marks;
        without += ops->feedback && !marks;
        run_clear(&run);
    }
    ck_assert_uint_ge(with, 3);
    ck_assert_uint_ge(without, 3);
    g_ptr_array_free(models, TRUE);
    registry_free(registry);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, marks_only__is_what_feedback_does);
}

int main(void)
{
    return suite_run("marks only", add_cases);
}
