/* TCP over time: ECN echo, delayed acknowledgements, several connections, and long runs on a bad
 * wire in which every byte must arrive once and in order. */
#include "models/transport/tcp/connection.h"
#include "support/suite.h"
#include "support/tcp_wire.h"

/* ---- ECN echo ---- */

enum { SEGMENTS = 400 };

struct marks {
    struct sim_rng rng;
    bool marked[SEGMENTS];
};

/* Marks in runs, so that changes and stretches both occur. */
static void mark_at_random(struct wire *wire, struct sim_packet *packet, void *context)
{
    struct marks *marks = context;
    uint64_t i = (packet->tcp.seq - 1) / MSS;
    (void)wire;
    bool before = i > 0 && marks->marked[i - 1];
    marks->marked[i] = sim_rng_below(&marks->rng, 3) ? before : sim_rng_below(&marks->rng, 2);
    packet->ecn = marks->marked[i] ? SIM_ECN_CE : SIM_ECN_ECT;
}

/* RFC 8257, 3.2: each byte is acknowledged with ECE exactly when its segment was marked, with and
 * without delayed acknowledgements. */
START_TEST(tcp_echo__exact)
{
    struct tcp_params params = tcp_defaults;
    struct marks marks = {0};
    const struct wire_rule rule = {.class = WIRE_DATA,
                                   .count = WIRE_ALL,
                                   .action = WIRE_TRANSFORM,
                                   .transform = mark_at_random,
                                   .context = &marks};
    const uint64_t every = 1 + (uint64_t)_i % 4;
    params.ack_every = every;
    sim_rng_init(&marks.rng, (uint64_t)_i, "marks");
    struct wire *wire = tcp_wire(&params, &rule, 1);
    wire_submit(wire, 0, tcp_message(SEGMENTS * MSS, true), 0);
    wire_run(wire, SIM_S);
    uint64_t next = 0, most = 0, covered;
    for (uint32_t n = 1; n <= wire_sent_count(wire, WIRE_ACKNOWLEDGEMENT, 1); n++) {
        const struct sim_packet *ack = &wire_sent_nth(wire, WIRE_ACKNOWLEDGEMENT, 1, n)->packet;
        for (covered = 0; next * MSS + 1 < ack->tcp.ack; next++, covered++)
            ck_assert_int_eq(marks.marked[next], (ack->tcp.flags & SIM_TCP_ECE) != 0);
        ck_assert_uint_ge(covered, 1);
        ck_assert_uint_le(covered, every);
        most = covered > most ? covered : most;
    }
    ck_assert_uint_eq(next, SEGMENTS);
    ck_assert_uint_eq(most, every);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    wire_free(wire);
}
END_TEST

/* A lone segment waits for ack_delay; one that ends the connection does not. */
START_TEST(tcp_echo__delay)
{
    struct tcp_params params = tcp_defaults;
    const bool persistent = _i;
    params.ack_every = 2;
    struct wire *wire = tcp_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, tcp_message(MSS, persistent), 0);
    wire_run(wire, SIM_S);
    sim_time at_once = 4 * DELAY + 2 * 52 * BYTE + FULL + 40 * BYTE;
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     at_once + (persistent ? params.ack_delay : 0));
    wire_free(wire);
}
END_TEST

/* What is out of order is acknowledged at once, in either case. */
START_TEST(tcp_echo__gap_is_told_at_once)
{
    struct tcp_params params = tcp_defaults;
    params.ack_every = 8;
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP};
    struct wire *wire = tcp_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, tcp_message(10 * MSS, false), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    ck_assert_uint_eq(wire_sent_nth(wire, WIRE_ACKNOWLEDGEMENT, 1, 1)->packet.tcp.sack_count, 1);
    ck_assert_int_lt(wire_completed_at(wire, 0, number), 6 * DELAY + 20 * FULL);
    wire_free(wire);
}
END_TEST

/* ---- several connections ---- */

/* Long flows share the NIC packet by packet. */
START_TEST(tcp_streams__round_robin)
{
    enum { FLOWS = 5 };
    struct tcp_params params = tcp_defaults;
    params.initial_window_pkts = 10000;
    struct wire *wire = tcp_wire(&params, NULL, 0);
    for (uint16_t flow = 0; flow < FLOWS; flow++) {
        struct sim_message message = tcp_message(SIM_ENDLESS, false);
        message.src_port = (uint16_t)(2000 + 7 * flow);
        wire_submit(wire, 0, message, 0);
    }
    wire_run(wire, 100 * SIM_US);
    for (uint32_t n = 50; n < 500; n++) {
        const struct wire_sent *sent = wire_sent_nth(wire, WIRE_DATA, 0, n);
        const struct wire_sent *later = wire_sent_nth(wire, WIRE_DATA, 0, n + FLOWS);
        ck_assert_uint_eq(sent->packet.tcp.src_port, later->packet.tcp.src_port);
        for (uint32_t i = 1; i < FLOWS; i++)
            ck_assert_uint_ne(sent->packet.tcp.src_port,
                              wire_sent_nth(wire, WIRE_DATA, 0, n + i)->packet.tcp.src_port);
    }
    wire_free(wire); /* with everything still in flight */
}
END_TEST

/* Messages with the same addresses at the same time take ports of their own; one after the other
 * they take the same port again. All packets of one direction have one hash. */
START_TEST(tcp_streams__ports)
{
    struct wire *wire = tcp_wire(&tcp_defaults, NULL, 0);
    for (int i = 0; i < 3; i++)
        wire_submit(wire, 0, tcp_message(5 * MSS, false), 0);
    wire_submit(wire, 0, tcp_message(5 * MSS, false), SIM_MS);
    wire_run(wire, SIM_S);
    static const uint16_t ports[] = {1000, 1001, 1002, 1000};
    uint32_t hashes[3];
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(wire_sent_nth(wire, WIRE_SYN, 0, i + 1)->packet.tcp.src_port, ports[i]);
        ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, i), 1);
    }
    for (uint32_t i = 0; i < 3; i++)
        hashes[i] = wire_sent_nth(wire, WIRE_SYN, 0, i + 1)->packet.hash;
    ck_assert(hashes[0] != hashes[1] && hashes[1] != hashes[2]);
    for (uint32_t n = 1; n <= 20; n++) {
        const struct sim_packet *packet = &wire_sent_nth(wire, WIRE_DATA, 0, n)->packet;
        ck_assert_uint_eq(packet->hash, hashes[packet->tcp.src_port - 1000]);
    }
    wire_free(wire);
}
END_TEST

/* No bytes: SYN and FIN are all there is; in a stream, one byte stands for the message. */
START_TEST(tcp_streams__empty_message)
{
    const uint32_t payload = _i ? 1 : 0;
    struct wire *wire = tcp_wire(&tcp_defaults, NULL, 0);
    uint32_t number = wire_submit(wire, 0, tcp_message(0, _i), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     4 * DELAY + 2 * 52 * BYTE + (2 * 40 + payload) * BYTE);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), payload);
    wire_free(wire);
}
END_TEST

/* A copy of a SYN, or a segment sent again, that comes when the receiver has forgotten the
 * connection among 300 later ones: the first leaves nothing open behind, the second is
 * acknowledged. */
START_TEST(tcp_streams__forgotten_connection)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_SYN, .action = WIRE_DUPLICATE, .delay = 50 * SIM_MS},
        {.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .action = WIRE_DROP},
    };
    struct wire *wire = tcp_wire(&tcp_defaults, rules + _i, 1);
    uint32_t first = wire_submit(wire, 0, tcp_message(MSS, false), 0);
    for (uint16_t i = 1; i <= 300; i++) {
        struct sim_message message = tcp_message(MSS, false);
        message.src_port = (uint16_t)(1000 + i);
        wire_submit(wire, 0, message, i * SIM_US);
    }
    wire_run(wire, SIM_S);
    const struct tcp *tcp = wire_state(wire, 1);
    ck_assert_uint_eq(tcp->open.count, 0);
    ck_assert_uint_eq(tcp->closed.count, TCP_CLOSED_MAX);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 301 * MSS);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, first), 1);
    ck_assert_int_ne(wire_completed_at(wire, 0, first), SIM_NEVER);
    ck_assert_uint_eq(wire_counts(wire, 1).spurious_retransmissions, (uint64_t)_i);
    wire_free(wire);
}
END_TEST

/* ---- long runs on a bad wire ---- */

enum { HOSTS = 4, MESSAGES = 240 };

static const struct {
    const struct sim_congestion_ops *congestion;
    uint32_t loss_detection;
    bool undo;
    uint64_t ack_every, receive_window_bytes;
    double loss, reorder;
} soaks[] = {
    {&dctcp_congestion, TCP_DUPLICATE_ACKS, false, 1, 1 << 30, 0.02, 0.05},
    {&dctcp_congestion, TCP_DUPLICATE_ACKS, true, 2, 1 << 30, 0.02, 0.05},
    {&dctcp_congestion, TCP_RACK, true, 1, 1 << 30, 0.02, 0.05},
    {&newreno_congestion, TCP_RACK, false, 3, 30000, 0.02, 0.05},
    {&newreno_congestion, TCP_DUPLICATE_ACKS, true, 1, 30000, 0.2, 0.3},
    {&dctcp_congestion, TCP_RACK, true, 2, 1 << 30, 0.2, 0.3},
    {&dctcp_congestion, TCP_DUPLICATE_ACKS, false, 1, 1 << 30, 0, 0},
};

struct soak {
    uint32_t last[HOSTS][HOSTS]; /* newest persistent message delivered, by (from, to) */
    bool persistent[HOSTS][MESSAGES];
    bool ordered;
};

/* A persistent connection is one stream: its messages arrive in the order of submission. */
static void check_order(struct wire *wire, const struct wire_event *event, void *context)
{
    struct soak *soak = context;
    (void)wire;
    if (event->kind != WIRE_DELIVERED || !soak->persistent[event->src][event->number])
        return;
    uint32_t *last = &soak->last[event->src][event->host];
    soak->ordered &= event->number >= *last;
    *last = event->number;
}

static bool is_fiftieth(const struct sim_packet *packet, void *context)
{
    uint32_t *count = context;
    (void)packet;
    return ++*count % 50 == 0;
}

static void submit_all(struct wire *wire, struct soak *soak, struct sim_rng *rng,
                       uint64_t to_bytes[HOSTS])
{
    for (uint32_t i = 0; i < MESSAGES; i++)
        for (uint32_t from = 0; from < HOSTS; from++) {
            uint64_t bytes = 1 + sim_rng_below(rng, sim_rng_below(rng, 8) ? 5000 : 200000);
            uint32_t to = (from + 1 + (uint32_t)sim_rng_below(rng, HOSTS - 1)) % HOSTS;
            bool persistent = sim_rng_below(rng, 2);
            struct sim_message message = {.dst = to,
                                          .src_port = persistent ? 500 : 1000,
                                          .dst_port = 80,
                                          .bytes = bytes,
                                          .persistent = persistent};
            soak->persistent[from][i] = persistent;
            wire_submit(wire, from, message, i * 8 * SIM_US);
            to_bytes[to] += bytes;
        }
}

static struct wire *soak_wire(int i, const struct tcp_params *params, uint32_t *sent)
{
    const struct wire_rule rule = {.class = WIRE_ANY,
                                   .from = WIRE_ANY_HOST,
                                   .count = WIRE_ALL,
                                   .match = is_fiftieth,
                                   .context = sent,
                                   .action = WIRE_DUPLICATE,
                                   .delay = 3 * SIM_US};
    struct wire_config config = {.host_count = HOSTS,
                                 .hosts = {{&tcp_transport, params}},
                                 .delay = DELAY,
                                 .rate_bps = RATE,
                                 .seed = (uint64_t)i,
                                 .rules = &rule,
                                 .rule_count = soaks[i].loss > 0,
                                 .loss = soaks[i].loss,
                                 .mark = 0.05,
                                 .reorder = soaks[i].reorder,
                                 .reorder_by = 5 * SIM_US};
    return wire_new(&config);
}

/* Every message once, told to both ends. */
static void check_messages(const struct wire *wire)
{
    uint32_t delivered[HOSTS][MESSAGES] = {{0}}, completed[HOSTS][MESSAGES] = {{0}};
    for (guint i = 0; i < wire_events(wire)->len; i++) {
        const struct wire_event *event = &g_array_index(wire_events(wire), struct wire_event, i);
        if (event->kind == WIRE_DELIVERED)
            delivered[event->src][event->number]++;
        if (event->kind == WIRE_COMPLETED)
            completed[event->host][event->number]++;
    }
    for (uint32_t host = 0; host < HOSTS; host++)
        for (uint32_t i = 0; i < MESSAGES; i++) {
            ck_assert_uint_eq(delivered[host][i], 1);
            ck_assert_uint_eq(completed[host][i], 1);
        }
}

START_TEST(tcp_streams__soak)
{
    struct tcp_params params = tcp_defaults;
    struct soak *soak = g_new0(struct soak, 1);
    struct sim_window_sample windows[MESSAGES];
    uint32_t sent = 0;
    uint64_t to_bytes[HOSTS] = {0};
    struct sim_rng rng;
    params.congestion.plugin = &soaks[_i].congestion->plugin;
    params.loss_detection = soaks[_i].loss_detection;
    params.undo = soaks[_i].undo;
    params.ack_every = soaks[_i].ack_every;
    params.receive_window_bytes = soaks[_i].receive_window_bytes;
    soak->ordered = true;
    sim_rng_init(&rng, (uint64_t)_i, "soak");
    struct wire *wire = soak_wire(_i, &params, &sent);
    wire_listen(wire, check_order, soak);
    submit_all(wire, soak, &rng, to_bytes);
    wire_run(wire, 10000 * SIM_S);
    ck_assert(wire_is_quiet(wire));
    ck_assert(soak->ordered);
    check_messages(wire);
    for (uint32_t host = 0; host < HOSTS; host++) {
        ck_assert_uint_eq(wire_received_bytes(wire, host), to_bytes[host]);
        ck_assert_int_eq(wire_counts(wire, host).retransmissions > 0, soaks[_i].loss > 0);
        /* Only the persistent connections are left, and idle. */
        ck_assert_uint_eq(tcp_transport.windows(wire_state(wire, host), windows, MESSAGES),
                          HOSTS - 1);
        for (uint32_t i = 0; i < HOSTS - 1; i++)
            ck_assert_uint_eq(windows[i].in_flight_bytes, 0);
    }
    wire_free(wire);
    g_free(soak);
}
END_TEST

/* ---- head-of-line blocking ---- */

/* Three messages of three segments in one window, the second segment lost: the other two have
 * arrived whole and wait for it. With the last segment of the second lost, only the third does. */
static const struct {
    uint32_t lost, held;
} held_cases[] = {{2, 2}, {6, 1}, {9, 0}};

START_TEST(tcp_streams__held_messages)
{
    const struct wire_rule rule = {
        .class = WIRE_DATA, .from = 0, .nth = held_cases[_i].lost, .action = WIRE_DROP};
    struct wire *wire = tcp_wire(&tcp_defaults, &rule, 1);
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(wire, 0, tcp_message(3 * MSS, true), 0);
    wire_run(wire, SIM_S);
    sim_time waited = 0;
    for (uint32_t i = 3 - held_cases[_i].held; i < 3; i++)
        waited += wire_delivered_at(wire, 1, 0, i) -
                  (wire_sent_nth(wire, WIRE_FIRST, 0, 3 * i + 3)->time + FULL + DELAY);
    ck_assert_uint_eq(wire_counts(wire, 1).held_messages, held_cases[_i].held);
    ck_assert_int_eq((sim_time)wire_counts(wire, 1).held_time, waited);
    wire_free(wire);
}
END_TEST

/* ---- connections that a host does not have ---- */

static void redirect(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)wire, (void)context;
    packet->dst = 2;
}

static void answer_for(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)wire, (void)context;
    packet->src = 1;
}

/* A device sends the third segment of a kept connection to another host, which answers RST, and
 * lets it look as if the connection's own did: what was under way is lost, and the next message has
 * a new connection. */
START_TEST(tcp_streams__reset_by_a_stranger)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_DATA, .nth = 3, .action = WIRE_TRANSFORM, .transform = redirect},
        {.from = 2, .count = WIRE_ALL, .action = WIRE_TRANSFORM, .transform = answer_for},
    };
    struct wire_config config = {
        .host_count = 3,
        .hosts = {{&tcp_transport, &tcp_defaults}},
        .delay = DELAY,
        .rate_bps = RATE,
        .rules = rules,
        .rule_count = 2,
    };
    struct wire *wire = wire_new(&config);
    uint32_t first = wire_submit(wire, 0, tcp_message(MSS, true), 0);
    uint32_t second = wire_submit(wire, 0, tcp_message(4 * MSS, true), 100 * SIM_US);
    uint32_t third = wire_submit(wire, 0, tcp_message(2 * MSS, true), 300 * SIM_US);
    wire_run(wire, SIM_S);
    ck_assert(wire_is_quiet(wire));
    ck_assert_int_ne(wire_completed_at(wire, 0, first), SIM_NEVER);
    ck_assert_int_eq(wire_completed_at(wire, 0, second), SIM_NEVER);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, second), SIM_NEVER);
    ck_assert_int_eq(wire_delivered_at(wire, 2, 0, second), SIM_NEVER);
    ck_assert_int_ne(wire_completed_at(wire, 0, third), SIM_NEVER);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_SYN, 0), 2);
    ck_assert_uint_eq(wire_counts(wire, 0).given_up, 1);
    wire_free(wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, tcp_streams__reset_by_a_stranger);
    tcase_add_loop_test(tcase, tcp_streams__held_messages, 0,
                        sizeof held_cases / sizeof *held_cases);
    tcase_add_loop_test(tcase, tcp_echo__exact, 0, 12);
    tcase_add_loop_test(tcase, tcp_echo__delay, 0, 2);
    tcase_add_test(tcase, tcp_echo__gap_is_told_at_once);
    tcase_add_test(tcase, tcp_streams__round_robin);
    tcase_add_test(tcase, tcp_streams__ports);
    tcase_add_loop_test(tcase, tcp_streams__empty_message, 0, 2);
    tcase_add_loop_test(tcase, tcp_streams__forgotten_connection, 0, 2);
    tcase_add_loop_test(tcase, tcp_streams__soak, 0, sizeof soaks / sizeof *soaks);
}

int main(void)
{
    return suite_run("tcp_streams", add);
}
