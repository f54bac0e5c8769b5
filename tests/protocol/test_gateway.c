/* MTP across an island that passes only TCP: whatever is lost, comes twice or out of order, or is
 * forgotten, on either side of the gateways or between them, each message is delivered once, and
 * what comes out is what went in.
 *
 * Hosts a1, a2 and b1, b2 ask each other, and so messages cross both ways:
 *
 *     a - outer_a - left (west) =(two ways)= core - right (east) - outer_b - b
 *
 * A witness stands before each gateway and sees what goes in and what comes out. Each case is
 * called FAULT, CONNECTIONS.
 */
#include <string.h>

#include "support/disturb.h"
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

#define REQUESTS 50u /* of each of four hosts */

static const struct fault_case {
    const char *name;
    const char *outside; /* parameters of what disturbs outside the island */
    const char *island;  /* of its two ways, each way */
    const char *gateway; /* further parameters of both gateways */
    const char *events;
    bool exact;         /* what comes out is what went in, packet by packet */
    const char *counts; /* by which gateways show that it happened; NULL: they do not */
} faults[] = {
    {"none", "", "", "", "", true, NULL},
    {"loss inside", "", ", loss: 2%", ", tcp: {tcp: {min_rto: 50us, initial_rto: 100us}}", "", true,
     "retransmissions"},
    {"loss outside", "drop: 0.02", "", "", "", true, NULL},
    {"duplication outside", "duplicate: 0.05", "", "", "", true, NULL},
    {"reordering outside", "delay: 0.05", "", "", "", true, NULL},
    {"reordering inside", "", "", "", "", true, "waited"}, /* ways of different length: below */
    {"no buffer", "", "", ", buffer: 10KB", "", false, "no_room"},
    {"full queue", "", "", ", queue: {droptail: {capacity: 6p}}", "", false, NULL},
    {"small window", "", "", ", tcp: {tcp: {receive_window: 10KB}}", "", true, NULL},
    {"restart of west", "", ", loss: 3%", "",
     "  - {at: 30us, device: west, restart: true}\n  - {at: 60us, device: west, restart: true}\n"
     "  - {at: 150us, device: west, restart: true}\n",
     false, "forgotten"},
    {"restart of east", "", "", "",
     "  - {at: 30us, device: east, restart: true}\n  - {at: 60us, device: east, restart: true}\n"
     "  - {at: 150us, device: east, restart: true}\n",
     false, "resets"},
    {"restart of both", "", ", loss: 1%", "",
     "  - {at: 40us, device: west, restart: true}\n  - {at: 40us, device: east, restart: true}\n"
     "  - {at: 150us, device: east, restart: true}\n  - {at: 155us, device: west, restart: true}\n",
     false, "forgotten"},
    {"path change inside", "", "", "",
     "  - {at: 30us, link: way1, down: true}\n  - {at: 80us, link: way1, up: true}\n"
     "  - {at: 80us, link: way2, down: true}\n  - {at: 200us, link: way2, up: true}\n",
     true, "retransmissions"},
    {"all together", "drop: 0.01, duplicate: 0.02, delay: 0.02", ", loss: 1%", ", buffer: 40KB",
     "  - {at: 40us, device: west, restart: true}\n  - {at: 60us, link: way1, down: true}\n"
     "  - {at: 80us, device: east, restart: true}\n  - {at: 200us, link: way1, up: true}\n",
     false, "resets"},
};

static const uint32_t connections[] = {1, 4};

#define AMPLE     "queue: {droptail: {capacity: 10000p}}"
#define EVERYBODY "servers: [a1, a2, b1, b2], rate: 100Gbps, " AMPLE
#define ASK       "outstanding: 8, count: 50, keys: 50, writes: 0.3, write: 9KB, response: 5KB}\n"

/* `plain`: the gateways do not tell of themselves, neither by path feedback nor by marks. `beyond`:
 * a device before b1 and b2. */
static char *scenario_with(const struct fault_case *fault, uint32_t count, bool plain,
                           const char *beyond)
{
    bool reorders = strcmp(fault->name, "reordering inside") == 0;
    g_autofree char *events =
        *fault->events ? g_strdup_printf("events:\n%s", fault->events) : g_strdup("");
    g_autofree char *gateway =
        g_strdup_printf("rate: 40Gbps, connections: %u%s", count, fault->gateway);
    const char *queue = ", " AMPLE;
    const char *outside = *fault->outside ? fault->outside : "drop: 0";
    return g_strdup_printf(
        "name: island\nduration: 2500ms\n"
        "topology:\n  hosts: [a1, a2, b1, b2]\n"
        "  switches: [outer_a, left, core, right, outer_b]\n  links:\n"
        "    - {name: a1, ends: [a1, outer_a], rate: 10Gbps, delay: 1us}\n"
        "    - {name: a2, ends: [a2, outer_a], rate: 10Gbps, delay: 1us}\n"
        "    - {name: in_a, ends: [outer_a, left], rate: 10Gbps, delay: 1us, pathlet: 1, "
        "pathlet_back: 11}\n"
        "    - {name: way1, ends: [left, core], rate: 10Gbps, delay: 1us%s}\n"
        "    - {name: way2, ends: [left, core], rate: 10Gbps, delay: %s%s}\n"
        "    - {name: out, ends: [core, right], rate: 10Gbps, delay: 1us}\n"
        "    - {name: in_b, ends: [right, outer_b], rate: 10Gbps, delay: 1us, pathlet: 2, "
        "pathlet_back: 12}\n"
        "    - {name: b1, ends: [outer_b, b1], rate: 10Gbps, delay: 1us}\n"
        "    - {name: b2, ends: [outer_b, b2], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "selector: [%s: {}]\n"
        "policy:\n  - filter: {at: core, links: [way1, way2, out]}\n"
        "transport: {mtp: {}}\n"
        "offloads:\n"
        "  - disturb: {at: outer_a, name: outside_a, " EVERYBODY ", %s}\n"
        "  - disturb: {at: left, name: before_west, servers: [b1, b2], rate: 100Gbps, " AMPLE "}\n"
        "  - gateway: {at: left, name: west, servers: [b1, b2], peer: east, %s%s}\n"
        "  - disturb: {at: right, name: before_east, servers: [a1, a2], rate: 100Gbps, " AMPLE "}\n"
        "  - gateway: {at: right, name: east, servers: [a1, a2], peer: west, %s%s}\n"
        "  - disturb: {at: outer_b, name: outside_b, " EVERYBODY ", %s}\n%s"
        "workload:\n"
        "  - requests: {from: [a1, a2], servers: [b1, b2], " ASK
        "  - requests: {from: [b1, b2], servers: [a1, a2], " ASK "%s",
        fault->island, reorders ? "6us" : "1us", fault->island, reorders ? "spray" : "ecmp",
        outside, gateway, plain ? queue : ", pathlet: 3", gateway, plain ? queue : ", pathlet: 13",
        outside, beyond, events);
}

static char *scenario_text(const struct fault_case *fault, uint32_t count, bool plain)
{
    return scenario_with(fault, count, plain, "");
}

/* ---- devices ---- */

static struct device_record device_of(const struct simulation *simulation, const char *name)
{
    struct device_record record;
    for (uint32_t i = 0; i < simulation_devices(simulation); i++) {
        simulation_device(simulation, i, &record);
        if (strcmp(record.name, name) == 0)
            return record;
    }
    ck_abort_msg("no device %s", name);
    return record;
}

static uint64_t counter_of(const struct simulation *simulation, const char *device,
                           const char *counter)
{
    struct device_record record = device_of(simulation, device);
    for (uint32_t i = 0; i < record.counter_count; i++)
        if (strcmp(record.counters[i].name, counter) == 0)
            return record.counters[i].value;
    ck_abort_msg("%s counts no %s", device, counter);
    return 0;
}

static void check_messages(const char *f, uint32_t count, const struct simulation *simulation)
{
    struct outcome outcome = outcome_of(simulation);
    ck_assert_msg(outcome.requests == 4 * REQUESTS, "%s, %u: %u requests", f, count,
                  outcome.requests);
    ck_assert_msg(!outcome.unanswered, "%s, %u: %u unanswered", f, count, outcome.unanswered);
    ck_assert_msg(!outcome.undelivered, "%s, %u: %u undelivered", f, count, outcome.undelivered);
    ck_assert_msg(!outcome.twice, "%s, %u: %u twice", f, count, outcome.twice);
    ck_assert_msg(!outcome.faults.corrupt && !outcome.faults.wrong && !outcome.faults.unasked &&
                      !outcome.faults.repeated,
                  "%s, %u: a message is not what was sent", f, count);
    ck_assert_msg(!outcome.counts.given_up && !outcome.counts.malformed,
                  "%s, %u: given up or malformed", f, count);
}

static void check_outcome(const struct fault_case *fault, uint32_t count,
                          const struct simulation *simulation)
{
    struct outcome outcome = outcome_of(simulation);
    const char *f = fault->name;
    check_messages(f, count, simulation);
    if (fault->counts)
        ck_assert_msg(counter_of(simulation, "west", fault->counts) +
                              counter_of(simulation, "east", fault->counts) >
                          0,
                      "%s, %u: nothing happened", f, count);
    if (!fault->counts && !*fault->outside)
        ck_assert_msg(!outcome.counts.reordered, "%s, %u: a message is not in order", f, count);
    if (fault->exact && !*fault->outside)
        ck_assert_msg(!outcome.counts.retransmissions, "%s, %u: MTP had to send again", f, count);
    /* Each restart of the other one resets each connection once. */
    ck_assert_uint_le(counter_of(simulation, "west", "resets"), 3 * count);
}

/* What the witness before a gateway saw go in against what the one before the other saw come out.
 */
static void check_crossing(const struct simulation *simulation, const char *from, const char *to)
{
    g_autofree char *into = g_strdup_printf("before_%s", from);
    g_autofree char *out_of = g_strdup_printf("before_%s", to);
    ck_assert_uint_gt(counter_of(simulation, into, "seen_towards"), 500);
    ck_assert_uint_eq(counter_of(simulation, out_of, "seen_back"),
                      counter_of(simulation, into, "seen_towards"));
    ck_assert_uint_eq(counter_of(simulation, out_of, "sum_back"),
                      counter_of(simulation, into, "sum_towards"));
    ck_assert_uint_eq(counter_of(simulation, to, "released"),
                      counter_of(simulation, from, "carried"));
    ck_assert_uint_eq(counter_of(simulation, from, "forgotten"), 0);
}

/* ---- cases ---- */

static void run_whole(struct run *run, const char *text)
{
    run_init_with(run, text, 0, &disturb_offload.plugin);
    simulation_run(run->simulation, scenario_spec(run->scenario, 0)->duration, NULL);
}

static void check_both_ways(const char *text)
{
    struct run run;
    run_whole(&run, text);
    check_crossing(run.simulation, "west", "east");
    check_crossing(run.simulation, "east", "west");
    run_clear(&run);
}

START_TEST(gateway__once_each_whatever_happens)
{
    const struct fault_case *fault = &faults[(size_t)_i % G_N_ELEMENTS(faults)];
    uint32_t count = connections[(size_t)_i / G_N_ELEMENTS(faults)];
    g_autofree char *text = scenario_text(fault, count, false);
    struct run run;
    run_whole(&run, text);
    check_outcome(fault, count, run.simulation);
    run_clear(&run);
}
END_TEST

START_TEST(gateway__what_comes_out_is_what_went_in)
{
    const struct fault_case *fault = &faults[_i];
    g_autofree char *text = scenario_text(fault, 3, true);
    if (fault->exact)
        check_both_ways(text);
}
END_TEST

/* What MTP packets may hold. Those of all hosts cross both ways. */
static const struct content_case {
    const char *name, *blocks;
} contents[] = {
    {"long values", "transport: {mtp: {congestion: hpcc}}"},
    {"requests to pathlets", "transport: {mtp: {congestion: xcp}}"},
    {"paths to avoid", "transport: {mtp: {avoid: \"1, 12\"}}"},
    {"trimmed packets and NACKs", "queue: {trim: {capacity: 6, mark_at: 4, header_capacity: 100}}"},
    {"blobs",
     "workload: [closed_loop: {from: all, to: [b1, b2, a1, a2], outstanding: 2, count: 10, bytes: "
     "60KB, blob: true}]"},
    {"encrypted messages",
     "workload: [requests: {from: [a1, a2], servers: [b1, b2], outstanding: 8, count: 40, request: "
     "20KB, response: 20KB, encrypted: true}]"},
};

START_TEST(gateway__whatever_a_packet_holds)
{
    g_autofree char *bare = scenario_text(&faults[0], 2, true);
    g_autofree char *text = g_strdup_printf("%ssystems: {it: {%s}}\n", bare, contents[_i].blocks);
    check_both_ways(text);
}
END_TEST

/* Answers of a device beyond the island are acknowledged to its address. */
static const struct beyond_case {
    const char *device, *counts;
} beyond[] = {
    {"cache: {at: outer_b, name: beyond, servers: [b1, b2], rate: 10Gbps, entries: 20, pathlet: 9}",
     "hits"},
    {"mutate: {at: outer_b, name: beyond, servers: [b1, b2], rate: 10Gbps, ratio: 0.5, pathlet: 9}",
     NULL},
};

START_TEST(gateway__devices_beyond_the_island)
{
    const struct fault_case *fault = &faults[(size_t)_i % 2];
    const struct beyond_case *c = &beyond[(size_t)_i / 2];
    struct run run;
    g_autofree char *device = g_strdup_printf("  - %s\n", c->device);
    g_autofree char *bare = scenario_with(fault, 2, false, device);
    g_autofree char *text = g_strdup_printf(
        "%ssystems: {it: {workload: [requests: {from: [a1, a2], servers: [b1, b2], outstanding: 8, "
        "count: 100, keys: 50, writes: 0.3, response: 1000B}]}}\n",
        bare);
    run_whole(&run, text);
    check_messages(c->device, 2, run.simulation);
    ck_assert(!c->counts || counter_of(run.simulation, "beyond", c->counts) > 0);
    run_clear(&run);
}
END_TEST

/* The pathlets of which a host has a window, in a number with a bit for each. */
static uint64_t pathlets_of(const struct simulation *simulation, uint32_t host)
{
    g_autoptr(GArray) windows = simulation_windows(simulation);
    uint64_t pathlets = 0;
    for (guint i = 0; i < windows->len; i++) {
        const struct window_record *record = &g_array_index(windows, struct window_record, i);
        if (record->host == host)
            pathlets |= UINT64_C(1) << record->window.id;
    }
    return pathlets;
}

#define PATHLETS(before, gateway, behind)                                                          \
    (UINT64_C(1) | UINT64_C(1) << (before) | UINT64_C(3) << (gateway) | UINT64_C(1) << (behind))

START_TEST(gateway__each_connection_is_a_pathlet_among_others)
{
    struct run run;
    g_autofree char *bare = scenario_text(&faults[0], 2, false);
    g_autofree char *text = g_strdup_printf("%smeasure: {windows: {every: 50us}}\n", bare);
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    simulation_run(run.simulation, 5 * SIM_MS, NULL);
    ck_assert_uint_eq(pathlets_of(run.simulation, 0), PATHLETS(1, 3, 2));
    ck_assert_uint_eq(pathlets_of(run.simulation, 2), PATHLETS(12, 13, 11));
    run_clear(&run);
}
END_TEST

static uint64_t digest_with(const char *text, uint32_t threads)
{
    struct run run;
    struct simulation_totals totals;
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    struct spec spec = *scenario_spec(run.scenario, 0);
    simulation_free(run.simulation);
    spec.threads = threads;
    spec.duration = 3 * SIM_MS;
    run.simulation = simulation_new(&spec, NULL);
    ck_assert_ptr_nonnull(run.simulation);
    simulation_run(run.simulation, spec.duration, NULL);
    simulation_totals(run.simulation, &totals);
    run_clear(&run);
    return totals.digest;
}

START_TEST(gateway__the_same_with_any_number_of_threads)
{
    g_autofree char *text = scenario_text(&faults[G_N_ELEMENTS(faults) - 1], 4, false);
    uint64_t digest = digest_with(text, 1);
    ck_assert_uint_eq(digest_with(text, 2), digest);
    ck_assert_uint_eq(digest_with(text, 3), digest);
}
END_TEST

static void add(TCase *tcase)
{
    int count = G_N_ELEMENTS(faults);
    tcase_add_loop_test(tcase, gateway__once_each_whatever_happens, 0,
                        count * (int)G_N_ELEMENTS(connections));
    tcase_add_loop_test(tcase, gateway__what_comes_out_is_what_went_in, 0, count);
    tcase_add_loop_test(tcase, gateway__whatever_a_packet_holds, 0, G_N_ELEMENTS(contents));
    tcase_add_loop_test(tcase, gateway__devices_beyond_the_island, 0, 2 * G_N_ELEMENTS(beyond));
    tcase_add_test(tcase, gateway__each_connection_is_a_pathlet_among_others);
    tcase_add_test(tcase, gateway__the_same_with_any_number_of_threads);
}

int main(void)
{
    return suite_run("gateway", add);
}
