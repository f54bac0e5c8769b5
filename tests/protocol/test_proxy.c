/* The proxy, end to end: every message reaches its server once and whole, whatever is lost on the
 * way; the buffer keeps to the receive window, and is empty in the end; its slope is the mismatch
 * of the rates. And the receiver's window by itself. */
#include "cli/offload_summary.h"
#include "models/transport/tcp/connection.h"
#include "net/network.h"
#include "support/run.h"
#include "support/suite.h"
#include "support/tcp_wire.h"

/* ---- a network: two clients, a proxy, two servers ---- */

static const char text_format[] =
    "name: test\n"
    "duration: %s\n"
    "topology:\n"
    "  hosts: [a, b, proxy, slow, fast]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 1us, loss: %s}\n"
    "    - {ends: [b, s], rate: 100Gbps, delay: 1us, loss: %s}\n"
    "    - {ends: [proxy, s], rate: 400Gbps, delay: 1us}\n"
    "    - {ends: [slow, s], rate: %s, delay: 1us, loss: %s}\n"
    "    - {ends: [fast, s], rate: 100Gbps, delay: 1us}\n"
    "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
    "transport: {tcp: {ack_every: %d}}\n"
    "measure: {buffers: {every: 1ms}}\n"
    "workload: [%s]\n"
    "offloads: {proxy: {at: proxy, servers: [slow, fast], receive_window: %s, persistent: %s}}\n"
    "systems: {only: {}}\n";

enum { A, B, PROXY, SLOW, FAST };

struct proxied {
    const char *duration, *loss, *workload, *window, *persistent;
    const char *rate; /* of the slow server; NULL: 40Gbps */
    int ack_every;
};

static void proxied_run(struct run *run, const struct proxied *proxied)
{
    const char *loss = proxied->loss;
    g_autofree char *text = g_strdup_printf(
        text_format, proxied->duration, loss, loss, proxied->rate ? proxied->rate : "40Gbps", loss,
        proxied->ack_every, proxied->workload, proxied->window, proxied->persistent);
    run_init(run, text, 0);
    simulation_run(run->simulation, scenario_spec(run->scenario, 0)->duration, NULL);
}

/* Payload that applications at a host got, of the workload's. */
static uint64_t received_at(const struct run *run, uint32_t host)
{
    const struct host *h = &run->simulation->hosts[host];
    return h->measured ? h->measured[0] : 0;
}

static void check_delivered_once(const struct run *run, uint32_t expected)
{
    uint32_t total = 0;
    for (uint32_t host = 0; host < run->simulation->host_count; host++) {
        const GArray *arrived = run->simulation->hosts[host].arrived;
        for (guint i = 0; i < arrived->len; i++) {
            const struct delivered *at = &g_array_index(arrived, struct delivered, i);
            const struct submitted *sent = &g_array_index(run->simulation->hosts[at->src].submitted,
                                                          struct submitted, at->number);
            ck_assert_uint_eq(sent->dst, host);
            total++;
        }
    }
    g_autoptr(GArray) messages = simulation_messages(run->simulation);
    for (guint i = 0; i < messages->len; i++)
        ck_assert_int_ne(g_array_index(messages, struct message_record, i).delivered, SIM_NEVER);
    ck_assert_uint_eq(messages->len, expected);
    ck_assert_uint_eq(total, expected);
}

/* Connections that the proxy still has to others. */
static uint32_t open_senders(const struct run *run)
{
    const struct tcp *tcp = (const struct tcp *)run->simulation->hosts[PROXY].transport;
    uint32_t count = 0;
    for (const struct tcp_sender *at = tcp->senders_head; at; at = at->all_next)
        count++;
    return count;
}

#define LOOP(size, count, persistent)                                                              \
    "closed_loop: {from: [a, b], to: slow, other: fast, every: 4, outstanding: 6, bytes: " size    \
    ", count: " count ", jitter: 2us, persistent: " persistent "}"

START_TEST(proxy__every_message_once)
{
    static const char *const windows[] = {"10KB", "64KB", "1GB"};
    static const char *const losses[] = {"0", "0.01"};
    static const char *const loops[] = {
        LOOP("16KiB", "60", "true"),
        LOOP("16KiB", "60", "false"),
        LOOP("700B", "60", "true"),
        LOOP("100KB", "60", "false"),
    };
    static const uint64_t bytes[] = {16384, 16384, 700, 100000},
                          limits[] = {10000, 64000, 1u << 30};
    struct proxied proxied = {
        .duration = "2s",
        .window = windows[_i % 3],
        .loss = losses[_i / 3 % 2],
        .persistent = _i / 6 % 2 ? "true" : "false",
        .workload = loops[_i / 12 % 4],
        .ack_every = _i % 5 ? 1 : 2,
    };
    struct run run;
    proxied_run(&run, &proxied);
    check_delivered_once(&run, 120);
    ck_assert_uint_eq(received_at(&run, SLOW), 90 * bytes[_i / 12 % 4]);
    ck_assert_uint_eq(received_at(&run, FAST), 30 * bytes[_i / 12 % 4]);
    ck_assert_uint_eq(received_at(&run, A) + received_at(&run, PROXY), 0);
    const struct host_offload *offload = run.simulation->hosts[PROXY].offload;
    ck_assert_uint_eq(offload->ops->buffered(offload->state), 0);
    ck_assert_uint_gt(offload->max_bytes, 0);
    /* For answers, one a client; to servers, one for each client and server, or none any more. */
    ck_assert_uint_eq(open_senders(&run), _i / 6 % 2 ? 2 + 4 : 2);
    if (_i / 12 % 4 == 0) /* one connection a client */
        ck_assert_uint_le(offload->max_bytes, 2 * limits[_i % 3]);
    run_clear(&run);
}
END_TEST

/* The ports of connections for one message are used again: there are 25534 of them. */
START_TEST(proxy__ports_are_given_back)
{
    struct proxied proxied = {
        .duration = "100ms",
        .window = "1GB",
        .loss = "0",
        .persistent = "false",
        .workload = "closed_loop: {from: a, to: fast, outstanding: 40, bytes: 100B, count: 26000, "
                    "persistent: true}",
        .ack_every = 1,
    };
    struct run run;
    proxied_run(&run, &proxied);
    check_delivered_once(&run, 26000);
    run_clear(&run);
}
END_TEST

/* ---- the buffer ---- */

/* A long flow: 100 Gbps come, 40 go, 1460 of 1500 bytes are payload. With a window the buffer fills
 * it, but for what the sender does not fit in. */
START_TEST(proxy__buffer)
{
    static const struct {
        const char *window;
        uint64_t least, most;
        double slope;
    } cases[] = {{"64KB", 61000, 64000, 0}, {"200KB", 197000, 200000, 0}, {"1GB", 0, 0, 58.4}};
    struct proxied proxied = {
        .duration = "3ms",
        .window = cases[_i].window,
        .loss = "0",
        .persistent = "true",
        .workload = "long_flow: {from: a, to: slow}",
        .ack_every = 1,
    };
    struct run run;
    proxied_run(&run, &proxied);
    uint64_t max_bytes = simulation_buffer_max(run.simulation);
    if (cases[_i].most) {
        ck_assert_uint_ge(max_bytes, cases[_i].least);
        ck_assert_uint_le(max_bytes, cases[_i].most);
    } else {
        double grown = 8e-6 * (double)max_bytes / 3;
        ck_assert_double_eq_tol(grown, cases[_i].slope, 0.03 * cases[_i].slope);
    }
    struct offload_measurement measured =
        offload_measure(scenario_spec(run.scenario, 0), run.simulation);
    ck_assert_double_eq_tol(measured.slope_gbps, cases[_i].slope, 0.03 * cases[_i].slope + 0.9);
    ck_assert_double_eq(measured.max_bytes, (double)max_bytes);
    ck_assert_double_eq_tol(8e-6 * (double)received_at(&run, SLOW) / 3, 40 * 1460.0 / 1500, 0.6);
    run_clear(&run);
}
END_TEST

/* A packet takes 12 ms to the server, so the client probes the window that stays closed: what a
 * probe brings is not taken. */
START_TEST(proxy__probes)
{
    struct proxied proxied = {
        .duration = "200ms",
        .window = "14600B",
        .loss = "0",
        .persistent = "true",
        .workload = "long_flow: {from: a, to: slow}",
        .rate = "1Mbps",
        .ack_every = 1,
    };
    struct run run;
    struct sim_transport_counts counts;
    proxied_run(&run, &proxied);
    simulation_counts(run.simulation, &counts);
    ck_assert_uint_ge(counts.probes, 5);
    ck_assert_uint_le(simulation_buffer_max(run.simulation), 14600);
    run_clear(&run);
}
END_TEST

/* ---- the window ---- */

static void application_arrived(void *app, const struct sim_arrival *arrival, sim_time now)
{
    (void)now;
    *(uint64_t *)app += arrival->bytes;
}

/* At random: segments come as far as the window allows, the application reads at times. The right
 * edge never moves back, never beyond what the buffer holds, and reaches it when all is read. */
START_TEST(tcp_reading__edge)
{
    static const struct sim_app_ops app_ops = {.arrived = application_arrived};
    uint64_t arrived = 0, read = 0, edge = 1001;
    struct sim_transport_env env = {
        .app_ops = &app_ops, .app = &arrived, .read_buffer_bytes = 20000 + 1000 * (uint64_t)_i};
    struct tcp tcp = {.env = &env, .mss_bytes = MSS};
    struct tcp_receiver receiver = {.tcp = &tcp, .next = 1001, .fin_at = UINT64_MAX, .owes = true};
    const struct sim_frame frame = {.bytes = SIM_ENDLESS};
    struct sim_rng rng;
    sim_rng_init(&rng, (uint64_t)_i, "reading");
    receiver.reading = tcp_reading_new(&tcp, receiver.next);
    tcp_reading_add_frame(&receiver, receiver.next, &frame);
    for (uint32_t i = 0; i < 20000; i++) {
        uint64_t bytes = 1 + sim_rng_below(&rng, MSS), from = receiver.next;
        if (sim_rng_below(&rng, 2) && from + bytes <= edge) {
            receiver.next += bytes;
            tcp_reading_arrived(&receiver, from, 0);
        } else if (arrived > read) {
            bytes = 1 + sim_rng_below(&rng, arrived - read);
            tcp_reading_consumed(&receiver, bytes);
            read += bytes;
        }
        uint64_t now = receiver.next + tcp_reading_window(&receiver, receiver.next);
        ck_assert_uint_ge(now, edge);
        ck_assert_uint_le(now, 1001 + read + env.read_buffer_bytes);
        ck_assert_uint_gt(now + MSS, 1001 + read + env.read_buffer_bytes);
        ck_assert(now == edge || now - edge >= MSS || i == 0);
        edge = now;
    }
    ck_assert_uint_gt(arrived, 1000000);
    tcp_reading_free(receiver.reading);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(proxy__refused)
{
    static const struct {
        const char *transport, *offload, *message;
    } cases[] = {
        {"mtp", "{at: proxy, servers: slow}",
         "offload proxy needs a transport with connections, as tcp; this is mtp"},
        {"tcp", "{at: proxy, servers: [slow, proxy]}",
         "offload proxy: host proxy would stand for itself"},
        {"tcp", "{at: a, servers: slow}", "host a is an offload and no workload's source"},
    };
    g_autofree char *text = g_strdup_printf(
        "name: test\nduration: 1ms\n"
        "topology:\n  hosts: [a, proxy, slow]\n  switches: [s]\n  links:\n"
        "    - {ends: [a, s], rate: 1Gbps, delay: 1us}\n"
        "    - {ends: [proxy, s], rate: 1Gbps, delay: 1us}\n"
        "    - {ends: [slow, s], rate: 1Gbps, delay: 1us}\n"
        "queue: droptail\ntransport: %s\nworkload: [long_flow: {from: a, to: slow}]\n"
        "offloads: [proxy: %s]\nsystems: {only: {}}\n",
        cases[_i].transport, cases[_i].offload);
    struct scenario_options options = {0};
    struct scenario_errors *errors = NULL;
    struct registry *registry = registry_new();
    struct scenario *scenario =
        scenario_load_text("test.yaml", text, strlen(text), &options, registry, &errors);
    ck_assert_ptr_nonnull(scenario);
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(simulation_new(scenario_spec(scenario, 0), &error));
    ck_assert_str_eq(error->message, cases[_i].message);
    scenario_errors_free(errors);
    scenario_free(scenario);
    registry_free(registry);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, proxy__every_message_once, 0, 48);
    tcase_add_test(tcase, proxy__ports_are_given_back);
    tcase_add_loop_test(tcase, proxy__buffer, 0, 3);
    tcase_add_test(tcase, proxy__probes);
    tcase_add_loop_test(tcase, tcp_reading__edge, 0, 10);
    tcase_add_loop_test(tcase, proxy__refused, 0, 3);
}

int main(void)
{
    return suite_run("proxy", add);
}
