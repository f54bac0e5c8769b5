/* Networks at random: a star, a row or a diamond of switches, up to three devices in a row or
 * apart, any transport and workload, packets lost, doubled and delayed on both sides, restarts,
 * links and servers that change. Whatever comes of it: no packet is lost count of, the same events
 * with two threads, and where the devices promise it (mtpsim/device.h) each message delivered once.
 *
 * FUZZ_FIRST and FUZZ_COUNT in the environment run other seeds than the test's; FUZZ_SHOW prints
 * their scenarios. Left out is what is known not to work, each where it is drawn.
 */
#include <inttypes.h>
#include <string.h>

#include "support/disturb.h"
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

#define SEEDS 48

struct draw {
    struct sim_rng rng, room; /* room in devices, apart: seeds keep what else they draw */
    GString *text;
    uint32_t clients, servers, switches, devices;
    bool mtp, reliable, faults, mutates, balances;
};

static const char *const client_lists[] = {"[c1]", "[c1, c2]", "[c1, c2, c3]"};
static const char *const server_lists[] = {"[s1]", "[s1, s2]", "[s1, s2, s3]"};

static uint32_t below(struct draw *draw, uint32_t count)
{
    return (uint32_t)sim_rng_below(&draw->rng, count);
}

static const char *pick(struct draw *draw, const char *const *of)
{
    uint32_t count = 0;
    while (of[count])
        count++;
    return of[below(draw, count)];
}

#define PICK(...) pick(draw, (const char *const[]){__VA_ARGS__, NULL})

G_GNUC_PRINTF(2, 3) static void add(struct draw *draw, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(draw->text, format, args);
    va_end(args);
}

static const char *clients(const struct draw *draw)
{
    return client_lists[draw->clients - 1];
}

static const char *servers(const struct draw *draw)
{
    return server_lists[draw->servers - 1];
}

/* ---- the network ---- */

static void draw_link(struct draw *draw, const char *name, const char *a, const char *b)
{
    add(draw, "    - {name: %s, ends: [%s, %s], rate: %s, delay: %s", name, a, b,
        PICK("1Gbps", "10Gbps", "40Gbps"), PICK("1us", "500ns", "5us"));
    if (below(draw, 2))
        add(draw, ", pathlet: %u", 1 + below(draw, 6));
    if (below(draw, 2))
        add(draw, ", pathlet_back: %u", 11 + below(draw, 6));
    add(draw, "}\n");
}

static void draw_topology(struct draw *draw)
{
    static const char *const names[] = {"mid", "mid, left, right", "mid, left, right, over"};
    static const uint32_t counts[] = {1, 3, 4};
    uint32_t kind = below(draw, 3);
    bool star = kind == 0, diamond = kind == 2;
    draw->switches = counts[kind];
    add(draw,
        "topology:\n  mtu: %s\n  hosts: [c1, c2, c3, s1, s2, s3]\n  switches: [%s]\n  links:\n",
        PICK("1500B", "1500B", "9000B"), names[kind]);
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const c[] = {"c1", "c2", "c3"}, *const s[] = {"s1", "s2", "s3"};
        draw_link(draw, c[i], c[i], star ? "mid" : "left");
        draw_link(draw, s[i], star ? "mid" : "right", s[i]);
    }
    if (star)
        return;
    draw_link(draw, "up1", "left", "mid");
    draw_link(draw, "up2", "left", diamond ? "over" : "mid");
    draw_link(draw, "down", "mid", "right");
    if (diamond)
        draw_link(draw, "down2", "over", "right");
}

/* Of one packet up to 49 come at once: a queue that never holds them all loses the same ones each
 * time (models/offload/mutate.c). */
static const char *draw_queue(struct draw *draw)
{
    return PICK("{ecn_threshold: {capacity: 128p, mark_at: 20p}}", "{droptail: {capacity: 64p}}",
                "{droptail: {capacity: 1000p}}", "{red_ecn: {}}");
}

static void draw_transport(struct draw *draw)
{
    draw->mtp = below(draw, 3) != 0;
    draw->reliable = true;
    if (draw->mtp) {
        add(draw, "transport: {mtp: {congestion: %s, feedback_headroom: %s, feedback_every: %s}}\n",
            PICK("dctcp", "newreno", "cubic", "swift", "rcp"), PICK("8", "8", "0", "2"),
            PICK("1", "1", "4"));
        return;
    }
    const char *transport = PICK("tcp", "tcp", "{tcp: {loss_detection: rack, ack_every: 2}}",
                                 "quic", "{quic: {zero_rtt: true}}", "mptcp", "{rdma: {mode: rc}}",
                                 "{rdma: {mode: uc}}", "{rdma: {mode: ud}}", "udp");
    draw->reliable = !strstr(transport, "uc") && !strstr(transport, "ud");
    add(draw, "transport: %s\n", transport);
}

/* ---- devices ---- */

/* Any switch, or in the diamond one that no way goes around: what a message's packets have not all
 * passed is in pieces that do not fit, and what passes by a cache it does not know of. */
static const char *draw_switch(struct draw *draw)
{
    static const char *const all[] = {"mid", "left", "right"}, *const ends[] = {"left", "right"};
    return draw->switches == 1   ? "mid"
           : draw->switches == 4 ? ends[below(draw, 2)]
                                 : all[below(draw, 3)];
}

/* What is not complete keeps its room for twice `patience`: with little of both it takes longer
 * than the run. */
static void draw_mutate(struct draw *draw)
{
    static const char *const ratios[] = {"1",     "0.03125", "0.3", "0.5", "0.75",
                                         "1.001", "1.5",     "2",   "2.5", "7"};
    add(draw, ", ratio: %s", ratios[below(draw, G_N_ELEMENTS(ratios))]);
    static const char *const room[] = {"1", "3", "1024"};
    const char *back = ratios[below(draw, G_N_ELEMENTS(ratios))];
    const char *patience = PICK("1us", "50us", "2ms");
    bool brief = strcmp(patience, "2ms") != 0;
    const char *groups = room[sim_rng_below(&draw->room, G_N_ELEMENTS(room))];
    add(draw, ", ratio_back: %s, patience: %s, groups: %s", back, patience,
        brief ? groups : "1024");
}

static void draw_device(struct draw *draw, uint32_t number)
{
    const char *model =
        PICK("mutate", "mutate", "cache", "l7_balancer", "aggregate", "nf_chain", "inspect");
    add(draw, "  - %s: {name: d%u, at: %s, servers: %s, rate: %s, queue: %s", model, number,
        draw_switch(draw), servers(draw), PICK("1Gbps", "10Gbps", "100Gbps", "100Tbps"),
        draw_queue(draw));
    if (below(draw, 2))
        add(draw, ", pathlet: %u", below(draw, 4) ? 20 + number : 1 + below(draw, 6));
    if (below(draw, 2))
        add(draw, ", key: true");
    if (strcmp(model, "mutate") == 0)
        draw_mutate(draw);
    else if (strcmp(model, "l7_balancer") == 0)
        add(draw, ", algorithm: %s, pins: %s",
            PICK("hash", "round_robin", "least_outstanding", "power_of_two", "c3"),
            PICK("1", "8", "4096"));
    else if (strcmp(model, "cache") == 0)
        add(draw, ", entries: %s, admit: %s", PICK("1", "10", "1000"), PICK("1", "20", "100000"));
    else if (strcmp(model, "aggregate") == 0)
        add(draw, ", workers: %u, slots: %s, patience: %s", 2 + below(draw, 2),
            PICK("1", "4", "512"), PICK("1us", "100us", "10ms"));
    else if (strcmp(model, "inspect") == 0)
        add(draw, ", connections: %s", PICK("1", "4", "1024"));
    else
        add(draw, ", back: %s", PICK("true", "false"));
    add(draw, "}\n");
    draw->mutates |= strcmp(model, "mutate") == 0;
    draw->balances |= strcmp(model, "l7_balancer") == 0;
}

static void draw_disturb(struct draw *draw, const char *at)
{
    if (!draw->faults || below(draw, 2))
        return;
    add(draw,
        "  - disturb: {name: x_%s, at: %s, servers: all, rate: 100Gbps, queue: droptail, "
        "drop: %s, duplicate: %s, delay: %s, by: %s}\n",
        at, at, PICK("0", "0.01", "0.02"), PICK("0", "0.02", "0.1"), PICK("0", "0.02", "0.1"),
        PICK("5us", "20us", "300us"));
}

static void draw_offloads(struct draw *draw)
{
    add(draw, "offloads:\n");
    draw->devices = 1 + below(draw, 3);
    draw_disturb(draw, draw->switches > 1 ? "left" : "mid");
    for (uint32_t i = 0; i < draw->devices; i++)
        draw_device(draw, i);
    if (draw->switches > 1)
        draw_disturb(draw, "right");
}

/* ---- what the hosts do, and what happens to them ---- */

static void draw_requests(struct draw *draw)
{
    add(draw, "  - requests: {from: %s, servers: %s, keys: %s, zipf: 0.9, count: %u, %s, ",
        clients(draw), servers(draw), PICK("1", "50", "1000"), 10 + below(draw, 40),
        PICK("outstanding: 1", "outstanding: 8", "interval: 3us"));
    add(draw, "request: %s, response: %s, writes: %s, write: %s, service: %s, ",
        PICK("1B", "64B", "900B", "5KB", "40KB"), PICK("1B", "500B", "1KB", "7KB"),
        PICK("0", "0.2", "1"), PICK("1B", "3KB"), PICK("0us", "2us"));
    add(draw, "encrypted: %s, persistent: %s%s}\n", PICK("true", "false", "false"),
        PICK("true", "false"), PICK("", ", to: s1"));
}

/* Sums are told by the server alone: no balancer may send contributions elsewhere. */
static void draw_workload(struct draw *draw)
{
    switch (below(draw, draw->clients > 1 && !draw->balances ? 5 : 4)) {
    case 0:
    case 1:
        draw_requests(draw);
        break;
    case 2:
        add(draw, "  - messages: {from: %s, to: s1, bytes: %s, count: %u, every: %s, ",
            clients(draw), PICK("0B", "1B", "1000B", "1376B", "20KB", "100KB"), 1 + below(draw, 12),
            PICK("1us", "10us", "300us"));
        add(draw, "burst: %u, blob: %s, persistent: %s}\n", 1 + below(draw, 4),
            PICK("true", "false", "false"), PICK("true", "false"));
        break;
    case 3:
        add(draw,
            "  - closed_loop: {from: %s, to: %s, order: cycle, outstanding: %u, bytes: %s, "
            "count: %u}\n",
            clients(draw), servers(draw), 1 + below(draw, 8), PICK("1B", "3KB", "16KB"),
            1 + below(draw, 40));
        break;
    default:
        add(draw,
            "  - gradients: {from: %s, servers: s1, bytes: %s, chunks: %u, window: %s, jitter: "
            "20us, "
            "encrypted: %s%s}\n",
            clients(draw), PICK("1B", "300B", "1KB", "3KB"), 1 + below(draw, 60),
            PICK("1", "12", "1024"), PICK("true", "false", "false"),
            PICK("", ", straggler: c1, late: 1ms"));
    }
}

static void draw_event(struct draw *draw)
{
    uint32_t at = 1 + below(draw, 3000);
    const char *link = PICK("c1", "s1", "s2"), *way = PICK("up1", "up2");
    switch (below(draw, 5)) {
    case 0:
        if (draw->switches > 1)
            add(draw, "  - {at: %uus, link: %s, down: true}\n  - {at: %uus, link: %s, up: true}\n",
                at, way, at + 1 + below(draw, 1000), way);
        break;
    case 1:
        add(draw, "  - {at: %uus, link: %s, rate: %s}\n", at, link, PICK("1Gbps", "100Gbps"));
        break;
    case 2:
        add(draw, "  - {at: %uus, link: %s, loss: %s}\n", at, link, PICK("0.1", "0", "0.01"));
        break;
    case 3:
        add(draw, "  - {at: %uus, host: %s, slowdown: 10}\n", at, PICK("s1", "s2"));
        break;
    default:
        add(draw, "  - {at: %uus, device: d%u, restart: true}\n", at, below(draw, draw->devices));
    }
}

static void draw_scenario(struct draw *draw, uint64_t seed)
{
    *draw = (struct draw){.text = g_string_new(NULL)};
    sim_rng_init(&draw->rng, seed, "devices");
    sim_rng_init(&draw->room, seed, "room");
    draw->faults = below(draw, 2);
    draw->clients = 1 + below(draw, 3);
    draw->servers = 1 + below(draw, 3);
    add(draw, "name: fuzz\nduration: 2s\nseed: %u\nqueue: %s\nselector: [%s]\n",
        1 + below(draw, 100), draw_queue(draw),
        PICK("ecmp: {}", "message_aware: {}", "spray: {}", "least_loaded: {}"));
    draw_topology(draw);
    draw_transport(draw);
    draw_offloads(draw);
    add(draw, "workload:\n");
    for (uint32_t i = 0, count = 1 + below(draw, 2); i < count; i++)
        draw_workload(draw);
    add(draw, "events:\n  - {at: 1us, link: c1, loss: 0}\n");
    for (uint32_t i = 0, count = draw->faults ? below(draw, 6) : 0; i < count; i++)
        draw_event(draw);
}

/* ---- what must come of it ---- */

static void print_devices(const struct simulation *simulation, GString *text)
{
    for (uint32_t i = 0; i < simulation_devices(simulation); i++) {
        struct device_record device;
        simulation_device(simulation, i, &device);
        g_string_append_printf(
            text, "%s: %" PRIu64 " served, %" PRIu64 " forwarded, %" PRIu64 " created, %" PRIu64,
            device.name, device.served_packets, device.forwarded, device.created, device.answered);
        g_string_append_printf(text,
                               " answered, %" PRIu64 " absorbed, %" PRIu64 " dropped, %" PRIu64
                               " overflowed, at most %" PRIu64 " messages, %" PRIu64 " bytes",
                               device.absorbed, device.dropped, device.overflowed,
                               device.peak_messages, device.peak_bytes);
        for (uint32_t c = 0; c < device.counter_count; c++)
            g_string_append_printf(text, ", %s %" PRIu64, device.counters[c].name,
                                   device.counters[c].value);
        g_string_append(text, "\n");
    }
}

struct result {
    struct outcome outcome;
    uint64_t digest; /* of the first millisecond */
    GString *devices;
};

/* Runs it to the end, or `early`, for a millisecond. Conservation is checked in any case. */
static struct result result_of(const char *text, uint32_t threads, bool early)
{
    struct result result = {.devices = g_string_new(NULL)};
    struct simulation_totals totals;
    struct run run;
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    simulation_free(run.simulation);
    struct spec spec = *scenario_spec(run.scenario, 0);
    spec.threads = threads;
    run.simulation = simulation_new(&spec, NULL);
    simulation_run(run.simulation, SIM_MS, NULL);
    simulation_totals(run.simulation, &totals);
    result.digest = totals.digest;
    if (!early)
        simulation_run(run.simulation, spec.duration, NULL);
    result.outcome = outcome_of(run.simulation);
    print_devices(run.simulation, result.devices);
    run_clear(&run);
    return result;
}

/* A stream through a device that changes it is broken; a connection whose pin a restart forgot too.
 * Replicas that a balancer chooses among write for themselves, and it may place a message twice. */
static void check_promises(uint64_t seed, const struct draw *draw, const struct outcome *outcome)
{
    const struct simulation_faults *faults = &outcome->faults;
    if (!draw->mtp && (!draw->reliable || draw->mutates || draw->balances))
        return;
    ck_assert_msg(!outcome->undelivered, "seed %" PRIu64 ": %u of %u undelivered", seed,
                  outcome->undelivered, outcome->messages);
    ck_assert_msg(!outcome->unanswered, "seed %" PRIu64 ": %u of %u unanswered", seed,
                  outcome->unanswered, outcome->requests);
    ck_assert_msg(!faults->corrupt && !faults->unasked, "seed %" PRIu64 ": not what was sent",
                  seed);
    ck_assert_msg(!outcome->counts.malformed && !outcome->counts.given_up,
                  "seed %" PRIu64 ": given up or malformed", seed);
    ck_assert_msg(draw->balances || (!outcome->twice && !faults->wrong),
                  "seed %" PRIu64 ": %u twice, %" PRIu64 " wrong", seed, outcome->twice,
                  faults->wrong);
}

static void check_seed(uint64_t seed)
{
    struct draw draw;
    draw_scenario(&draw, seed);
    if (getenv("FUZZ_SHOW"))
        fprintf(stderr, "%s", draw.text->str);
    struct result one = result_of(draw.text->str, 1, false);
    struct result two = result_of(draw.text->str, 2, true);
    if (getenv("FUZZ_SHOW"))
        fprintf(stderr, "%s", one.devices->str);
    ck_assert_msg(one.digest == two.digest, "seed %" PRIu64 ": other events", seed);
    check_promises(seed, &draw, &one.outcome);
    g_string_free(one.devices, TRUE);
    g_string_free(two.devices, TRUE);
    g_string_free(draw.text, TRUE);
}

START_TEST(device_fuzz__any_network)
{
    check_seed((uint64_t)_i);
}
END_TEST

/* Devices in a row that change messages both, which are rare: with acknowledgements that pass them
 * in the wrong order these fail. */
START_TEST(device_fuzz__rows)
{
    static const uint64_t seeds[] = {171, 265};
    check_seed(seeds[_i]);
}
END_TEST

static int number_of(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

static void add_cases(TCase *tcase)
{
    int first = number_of("FUZZ_FIRST", 0), count = number_of("FUZZ_COUNT", SEEDS);
    tcase_add_loop_test(tcase, device_fuzz__any_network, first, first + count);
    tcase_add_loop_test(tcase, device_fuzz__rows, 0, 2);
}

int main(void)
{
    return suite_run("device_fuzz", add_cases);
}
