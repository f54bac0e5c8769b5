/* Every device under every fault: whatever is lost, comes twice or out of order, or is forgotten,
 * each message is delivered once and each request gets one answer that is right.
 *
 * Clients at `left`, the device at `mid`, servers at `right`; between left and mid there are two
 * ways. What goes wrong goes wrong on both sides of the device. Each case is called DEVICE, FAULT.
 */
#include "support/disturb.h"
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

static const struct device_case {
    const char *name, *offload, *workload;
    uint32_t answers;
    bool forgets; /* a restart may place a message a second time: at most a few are */
    bool repeats; /* a request may have two answers, one of them too late */
} devices[] = {
#define READS "requests: {from: [c1, c2], servers: [s1, s2], keys: 50, zipf: 0.9, count: 150, "
    {"compress",
     "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.3, ratio_back: 0.5, pathlet: 9",
     READS "outstanding: 8, request: 9KB, response: 5KB}", 300, false, false},
    {"expand",
     "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 2.5, ratio_back: 1.5, pathlet: 9",
     READS "outstanding: 8, request: 9KB, response: 5KB}", 300, false, false},
    {"merge, then split",
     "mutate: {name: first, at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.3, ratio_back: 2}\n"
     "  - mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 2.5, ratio_back: 0.5, pathlet: "
     "9",
     READS "outstanding: 8, request: 9KB, response: 5KB}", 300, false, false},
    {"merge twice",
     "mutate: {name: first, at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.5, ratio_back: "
     "0.3}\n"
     "  - mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.3, ratio_back: 0.4, pathlet: "
     "9",
     READS "outstanding: 8, request: 12KB, response: 9KB}", 300, false, false},
    {"all are servers", "mutate: {at: mid, servers: all, rate: 10Gbps, ratio: 0.3, pathlet: 9",
     READS "outstanding: 8, request: 9KB, response: 5KB}", 300, false, false},
    {"cache", "cache: {at: mid, servers: [s1, s2], rate: 10Gbps, entries: 20, pathlet: 9",
     READS "outstanding: 8, writes: 0.2, write: 3KB}", 300, false, true},
    {"balance", "l7_balancer: {at: mid, servers: [s1, s2], rate: 10Gbps, pins: 64, pathlet: 9",
     READS "to: s1, outstanding: 8, request: 5KB}", 300, true, true},
    {"aggregate",
     "aggregate: {at: mid, servers: s1, rate: 10Gbps, workers: 2, slots: 8, patience: 300us, "
     "pathlet: 9",
     "gradients: {from: [c1, c2], servers: s1, chunks: 150, window: 12, jitter: 20us}", 300, false,
     true},
    /* Both on the same hosts, so that their acknowledgements take turns. */
    {"compress, half encrypted",
     "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.3, ratio_back: 0.5, pathlet: 9",
     READS "outstanding: 4, request: 9KB, response: 5KB}\n  - " READS
           "outstanding: 4, request: 9KB, response: 5KB, encrypted: true}",
     600, false, false},
    {"cache with the key",
     "cache: {at: mid, servers: [s1, s2], rate: 10Gbps, entries: 20, pathlet: 9, key: true",
     READS "outstanding: 8, writes: 0.2, write: 3KB, encrypted: true}", 300, false, true},
    {"middlebox", "nf_chain: {at: mid, servers: [s1, s2], rate: 10Gbps, back: true, pathlet: 9",
     READS "outstanding: 8, request: 5KB}", 300, false, false},
};

#define EVERYBODY "servers: [c1, c2, s1, s2], rate: 100Gbps"

static const struct fault_case {
    const char *name;
    const char *device; /* further parameters of the device */
    const char *left, *right;
    const char *events;
    bool restarts;
} faults[] = {
    {"none", "", "", "", "", false},
    {"loss", "", "drop: 0.02", "drop: 0.02", "", false},
    {"duplication", "", "duplicate: 0.05", "duplicate: 0.05", "", false},
    {"reordering", "", "delay: 0.05", "delay: 0.05", "", false},
    {"overload", ", queue: {droptail: {capacity: 6p}}", "", "", "", false},
    {"restart", "", "", "",
     "  - {at: 50us, device: dut, restart: true}\n  - {at: 90us, device: dut, restart: true}\n"
     "  - {at: 200us, device: dut, restart: true}\n  - {at: 1500us, device: dut, restart: true}\n",
     true},
    {"path change", "", "", "",
     "  - {at: 60us, link: up1, down: true}\n  - {at: 150us, link: up1, up: true}\n"
     "  - {at: 150us, link: up2, down: true}\n  - {at: 400us, link: up2, up: true}\n",
     false},
    {"all together", ", queue: {droptail: {capacity: 12p}}",
     "drop: 0.01, duplicate: 0.02, delay: 0.02", "drop: 0.01, duplicate: 0.02, delay: 0.02",
     "  - {at: 70us, device: dut, restart: true}\n  - {at: 100us, link: up1, down: true}\n"
     "  - {at: 160us, device: dut, restart: true}\n  - {at: 300us, link: up1, up: true}\n",
     true},
};

static char *scenario_text(const struct device_case *device, const struct fault_case *fault,
                           const char *transport)
{
    g_autofree char *events =
        *fault->events ? g_strdup_printf("events:\n%s", fault->events) : g_strdup("");
    return g_strdup_printf(
        "name: devices\nduration: 2500ms\n"
        "topology:\n  hosts: [c1, c2, s1, s2]\n  switches: [left, mid, right]\n  links:\n"
        "    - {name: c1, ends: [c1, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: c2, ends: [c2, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: up1, ends: [left, mid], rate: 10Gbps, delay: 1us, pathlet: 1, "
        "pathlet_back: 11}\n"
        "    - {name: up2, ends: [left, mid], rate: 10Gbps, delay: 1us, pathlet: 2, "
        "pathlet_back: 12}\n"
        "    - {name: down, ends: [mid, right], rate: 10Gbps, delay: 1us, pathlet: 3}\n"
        "    - {name: s1, ends: [right, s1], rate: 10Gbps, delay: 1us}\n"
        "    - {name: s2, ends: [right, s2], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "selector: [message_aware: {}]\n"
        "transport: {mtp: {%s}}\n"
        "offloads:\n"
        "  - disturb: {at: left, name: left, " EVERYBODY ", %s}\n"
        "  - %s, name: dut%s}\n"
        "  - disturb: {at: right, name: right, " EVERYBODY ", %s}\n"
        "workload:\n  - %s\n%s",
        transport, *fault->left ? fault->left : "drop: 0", device->offload, fault->device,
        *fault->right ? fault->right : "drop: 0", device->workload, events);
}

static void check_outcome(const struct device_case *device, const struct fault_case *fault,
                          const struct outcome *outcome)
{
    const char *d = device->name, *f = fault->name;
    uint32_t twice = device->forgets ? outcome->messages / 20 : 0;
    ck_assert_msg(outcome->requests == device->answers, "%s, %s: %u requests", d, f,
                  outcome->requests);
    ck_assert_msg(!outcome->unanswered, "%s, %s: %u unanswered", d, f, outcome->unanswered);
    ck_assert_msg(!outcome->undelivered, "%s, %s: %u undelivered", d, f, outcome->undelivered);
    ck_assert_msg(outcome->twice <= twice, "%s, %s: %u twice", d, f, outcome->twice);
    ck_assert_msg(!outcome->faults.corrupt, "%s, %s: %llu corrupt", d, f,
                  (unsigned long long)outcome->faults.corrupt);
    ck_assert_msg(!outcome->faults.wrong, "%s, %s: %llu wrong", d, f,
                  (unsigned long long)outcome->faults.wrong);
    ck_assert_msg(!outcome->faults.unasked, "%s, %s: %llu unasked", d, f,
                  (unsigned long long)outcome->faults.unasked);
    ck_assert_msg(!outcome->faults.repeated || device->repeats, "%s, %s: %llu repeated", d, f,
                  (unsigned long long)outcome->faults.repeated);
    /* A message whose delivery its sender does not hear of is given up before the end. */
    ck_assert_msg(!outcome->counts.given_up, "%s, %s: %llu given up", d, f,
                  (unsigned long long)outcome->counts.given_up);
    ck_assert_msg(!outcome->counts.retransmissions || fault != faults, "%s, %s: %llu sent again", d,
                  f, (unsigned long long)outcome->counts.retransmissions);
    ck_assert_msg(!outcome->counts.malformed, "%s, %s: %llu malformed", d, f,
                  (unsigned long long)outcome->counts.malformed);
}

START_TEST(mtp_devices__once_each_whatever_happens)
{
    const struct device_case *device = &devices[(size_t)_i / G_N_ELEMENTS(faults)];
    const struct fault_case *fault = &faults[(size_t)_i % G_N_ELEMENTS(faults)];
    g_autofree char *text = scenario_text(device, fault, "");
    struct run run;
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    struct outcome outcome = outcome_of(run.simulation);
    check_outcome(device, fault, &outcome);
    run_clear(&run);
}
END_TEST

/* Packets without room to spare, and ratios that divide them into pieces as large as themselves. */
START_TEST(mtp_devices__pieces_are_no_larger)
{
    static const char *const ratios[] = {"7", "32", "3", "2.999", "1.001"};
    const struct fault_case bursts = {"bursts", "", "", "", "", false};
    g_autofree char *offload = g_strdup_printf(
        "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: %s, ratio_back: %s", ratios[_i],
        ratios[_i]);
    const struct device_case device = {
        "expand", offload, READS "outstanding: 4, request: 9KB, response: 5KB}", 300, false, false};
    g_autofree char *text = scenario_text(&device, &bursts, "feedback_headroom: 0");
    struct simulation_totals totals;
    struct run run;
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    struct outcome outcome = outcome_of(run.simulation);
    check_outcome(&device, &bursts, &outcome);
    simulation_totals(run.simulation, &totals);
    ck_assert_uint_eq(totals.drops[DROP_MTU], 0);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp_devices__once_each_whatever_happens, 0,
                        G_N_ELEMENTS(devices) * G_N_ELEMENTS(faults));
    tcase_add_loop_test(tcase, mtp_devices__pieces_are_no_larger, 0, 5);
}

int main(void)
{
    return suite_run("mtp_devices", add);
}
