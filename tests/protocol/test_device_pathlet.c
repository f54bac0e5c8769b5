/* What a device says of itself is enough for every congestion model: two long flows fill it, and do
 * not overflow it. Of a middlebox that is its service; of a gateway what TCP gives it across an
 * island that is slower than itself. Each case is called DEVICE, MODEL. */
#include "support/run.h"
#include "support/suite.h"

#define BOTTLENECK_GBPS 5.0

static const struct device_case {
    const char *name, *middle, *offloads;
    double ideal; /* goodput as a share of the bottleneck: payload, and what else it carries */
} devices[] = {
    {"middlebox", "10Gbps",
     "nf_chain: {at: left, name: dut, servers: [b1, b2], rate: 5Gbps, pathlet: 1}", 1352.0 / 1444},
    /* 72 bytes a packet: see scenarios/island.yaml. */
    {"gateway", "5Gbps",
     "gateway: {at: left, name: dut, servers: [b1, b2], peer: east, rate: 40Gbps, pathlet: 1}\n"
     "  - gateway: {at: right, name: east, servers: [a1, a2], peer: dut, rate: 40Gbps}",
     1352.0 / (1444 + 72)},
    {"gateway that marks by bytes", "5Gbps",
     "gateway: {at: left, name: dut, servers: [b1, b2], peer: east, rate: 40Gbps, pathlet: 1, "
     "queue: {ecn_threshold: {capacity: 150KB, mark_at: 30KB}}}\n"
     "  - gateway: {at: right, name: east, servers: [a1, a2], peer: dut, rate: 40Gbps}",
     1352.0 / (1444 + 72)},
};

static const struct model_case {
    const char *model;
    double least; /* share of the ideal */
} models[] = {
    {"dctcp: {}", 0.99},         {"swift: {}", 0.99}, {"rcp: {rtt: 30us}", 0.85},
    {"hpcc: {rtt: 30us}", 0.92}, {"xcp: {}", 0.96},   {"occupancy8: {}", 0.99},
    {"newreno: {}", 0.99},
};

static char *scenario_text(const struct device_case *device, const char *model, const char *more)
{
    return g_strdup_printf(
        "name: pathlet\nduration: 6ms\n"
        "topology:\n  hosts: [a1, a2, b1, b2]\n  switches: [left, right]\n  links:\n"
        "    - {name: a1, ends: [a1, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: a2, ends: [a2, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: middle, ends: [left, right], rate: %s, delay: 5us}\n"
        "    - {name: b1, ends: [right, b1], rate: 10Gbps, delay: 1us}\n"
        "    - {name: b2, ends: [right, b2], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "transport: {mtp: {congestion: {%s}}}\n"
        "offloads:\n  - %s\n"
        "workload: [long_flow: {from: a1, to: b1}, long_flow: {from: a2, to: b2}]\n"
        "measure: {after: 2ms}\n%s",
        device->middle, model, device->offloads, more);
}

START_TEST(device_pathlet__every_model_fills_it)
{
    const struct device_case *device = &devices[(size_t)_i / G_N_ELEMENTS(models)];
    const struct model_case *model = &models[(size_t)_i % G_N_ELEMENTS(models)];
    g_autofree char *text = scenario_text(device, model->model, "");
    struct run run;
    struct device_record record;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    simulation_device(run.simulation, 0, &record);
    double share = run_goodput_gbps(&run) / (BOTTLENECK_GBPS * device->ideal);
    double dropped = (double)(record.overflowed + record.dropped) / (double)record.served_packets;
    ck_assert_msg(share >= model->least, "%s, %s: %.3f of the ideal", device->name, model->model,
                  share);
    ck_assert_msg(share <= 1.01, "%s, %s: %.3f of the ideal", device->name, model->model, share);
    ck_assert_msg(dropped <= 0.001, "%s, %s: %.4f dropped", device->name, model->model, dropped);
    ck_assert_msg(record.peak_bytes <= 400000, "%s, %s: %llu bytes held", device->name,
                  model->model, (unsigned long long)record.peak_bytes);
    run_clear(&run);
}
END_TEST

static const char *const counting[] = {"hpcc: {rtt: 30us}", "xcp: {}"};

/* TCP's connections are opened anew, and what was in flight is sent twice: that is all that models
 * which count bytes hear of it. */
START_TEST(device_pathlet__the_other_gateway_restarts)
{
    g_autofree char *text = scenario_text(&devices[1], counting[_i],
                                          "events: [{at: 2500us, device: east, restart: true}]\n");
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    double share = run_goodput_gbps(&run) / (BOTTLENECK_GBPS * devices[1].ideal);
    ck_assert_msg(share >= 0.92, "%s: %.3f of the ideal", counting[_i], share);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, device_pathlet__every_model_fills_it, 0,
                        G_N_ELEMENTS(devices) * G_N_ELEMENTS(models));
    tcase_add_loop_test(tcase, device_pathlet__the_other_gateway_restarts, 0,
                        G_N_ELEMENTS(counting));
}

int main(void)
{
    return suite_run("device_pathlet", add);
}
