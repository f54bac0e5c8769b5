/* Sums of gradients: each is of all workers, or it is not told, whoever adds it up. */
#include <mtpsim/workload.h>

#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

extern const struct sim_workload_ops gradients_workload;

/* ---- the server by itself ---- */

enum { WORKERS = 2, KEPT = 4096 };

/* As models/workload/gradients.c has it. */
static struct {
    struct sim_list from, servers;
    uint64_t bytes, window, chunks;
    sim_time start, jitter, late;
    bool encrypted;
    uint32_t straggler;
} params;

static uint32_t answered_chunk, answers;

static uint32_t count_answer(void *host, uint32_t workload, struct sim_message *message,
                             sim_time now)
{
    (void)host, (void)workload, (void)now;
    answered_chunk = message->frame.content.key;
    return answers++;
}

static void contribute(void *server, uint32_t chunk, uint32_t worker)
{
    const struct sim_frame frame = {
        .origin = worker,
        .content = {.kind = SIM_CONTENT_GRADIENT, .key = chunk, .worker = (uint8_t)worker},
    };
    const struct sim_delivery delivery = {.frame = &frame, .src = worker};
    gradients_workload.server->request(server, &delivery, 0);
}

/* A contribution that comes late, of a chunk in whose place another one is, does not disturb it. */
START_TEST(gradients__late_contributions)
{
    static uint32_t workers[WORKERS] = {0, 1};
    const struct sim_workload_env env = {.submit = count_answer, .ports = 1};
    ck_assert_uint_eq(sizeof params, gradients_workload.plugin.params_size);
    params.from = (struct sim_list){workers, WORKERS};
    void *server = calloc(1, gradients_workload.server->state_size);
    answers = 0;
    gradients_workload.server->init(server, &params, &env);
    contribute(server, KEPT + 7, 0);
    contribute(server, 7, 1);
    contribute(server, KEPT + 7, 1);
    ck_assert_uint_eq(answers, WORKERS);
    ck_assert_uint_eq(answered_chunk, KEPT + 7);
    contribute(server, 2 * KEPT + 7, 1);
    contribute(server, 2 * KEPT + 7, 0);
    ck_assert_uint_eq(answers, 2 * WORKERS);
    gradients_workload.server->clear(server);
    free(server);
}
END_TEST

/* ---- a device that expects another number of workers ---- */

START_TEST(gradients__other_number_of_workers)
{
    g_autofree char *text = g_strdup_printf(
        "name: sums\nduration: 100ms\n"
        "topology:\n  hosts: [w1, w2, w3, ps]\n  switches: [tor]\n  links:\n"
        "    - {name: w1, ends: [w1, tor], rate: 10Gbps, delay: 1us}\n"
        "    - {name: w2, ends: [w2, tor], rate: 10Gbps, delay: 1us}\n"
        "    - {name: w3, ends: [w3, tor], rate: 10Gbps, delay: 1us}\n"
        "    - {name: ps, ends: [tor, ps], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\ntransport: mtp\n"
        "offloads: {aggregate: {at: tor, servers: ps, rate: 40Gbps, workers: %d}}\n"
        "workload:\n  - gradients: {from: [w1, w2, w3], servers: ps, chunks: 20, window: 4}\n",
        _i);
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    struct outcome outcome = outcome_of(run.simulation);
    struct device_record device;
    simulation_device(run.simulation, 0, &device);
    ck_assert_uint_eq(outcome.requests, 60);
    ck_assert_uint_eq(outcome.unanswered, 0);
    ck_assert_uint_eq(outcome.faults.wrong, 0);
    ck_assert_str_eq(device.counters[0].name, "sums");
    ck_assert_uint_eq(device.counters[0].value, _i == 3 ? 20 : 0);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, gradients__late_contributions);
    tcase_add_loop_test(tcase, gradients__other_number_of_workers, 2, 5);
}

int main(void)
{
    return suite_run("gradients", add);
}
