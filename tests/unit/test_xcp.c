/* xcp: what a port answers, against the paper's equations by hand-worked values; and the window. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops xcp_congestion;

/* As in models/congestion/xcp.c. */
struct params {
    sim_time rtt;
    double alpha, beta, gamma;
};

static const struct params params = {10 * SIM_US, 0.4, 0.226, 0.1};

#define LINK_BPS UINT64_C(100000000000) /* 125000 bytes an interval of 10 us */
#define PACKET   1000u
#define ASK      (SIM_FEEDBACK_CHANGE | SIM_FEEDBACK_REQUEST)

/* ---- the network half ---- */

struct port {
    uint64_t state[32];
    sim_time now;
    uint64_t arrived_bytes;
};

static void port_init(struct port *port)
{
    memset(port, 0, sizeof *port);
    ck_assert_uint_le(xcp_congestion.pathlet_state_size, sizeof port->state);
    xcp_congestion.pathlet_init(port->state, &params, LINK_BPS);
}

/* A packet whose sender asks with that window and a round trip of 10 us. Gives the change. */
static double ask(struct port *port, uint64_t cwnd, uint64_t queue_bytes)
{
    struct sim_feedback entry = {.type = ASK, .length = 8, .value = cwnd << 32 | 10000};
    struct sim_port_view view = {.now = port->now,
                                 .rate_bps = LINK_BPS,
                                 .queue_bytes = queue_bytes,
                                 .sent_bytes = port->arrived_bytes - queue_bytes,
                                 .packet_bytes = PACKET};
    port->arrived_bytes += PACKET;
    xcp_congestion.feedback(port->state, &view, &entry);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_CHANGE);
    ck_assert_uint_eq(entry.length, 4);
    return (int32_t)(uint32_t)entry.value / 256.0;
}

/* An interval with so many packets of windows of that size each, in turn as they fall. Gives the
 * changes that the last of each was told. */
static void interval(struct port *port, const uint64_t counts[2], const uint64_t cwnds[2],
                     uint64_t queue_bytes, double changes[2])
{
    uint64_t total = counts[0] + counts[1], done[2] = {0, 0};
    sim_time begin = port->now;
    for (uint64_t i = 0; i < total; i++) {
        uint32_t which = done[0] * total >= counts[0] * (i + 1) ? 1 : 0;
        port->now = begin + (sim_time)i * params.rtt / (sim_time)total;
        changes[which] = ask(port, cwnds[which], queue_bytes);
        done[which]++;
    }
    port->now = begin + params.rtt;
}

static const struct {
    uint64_t counts[2], cwnds[2], queue_bytes;
    double changes[2];
} laws[] = {
    /* phi = 0.4 (125000 - 100000), to each of 100 packets alike; nothing is shuffled. */
    {{100, 0}, {50000, 1}, 0, {100, 0}},
    /* phi 0; 12500 bytes are shuffled: 250 - 100 and 62.5 - 100. */
    {{25, 100}, {25000, 100000}, 0, {150, -37.5}},
    /* Equal windows: what they gain they lose. */
    {{125, 0}, {62500, 1}, 0, {0, 0}},
    /* phi = -0.226 x 50000; 1200 are shuffled: 9.6 - 100. */
    {{125, 0}, {62500, 1}, 50000, {-90.4, 0}},
    /* Too much arrives: phi = 0.4 (125000 - 250000), to 250 packets. */
    {{250, 0}, {125000, 1}, 0, {-200, 0}},
};

START_TEST(xcp_feedback__the_law)
{
    double changes[2] = {0, 0};
    struct port port;
    port_init(&port);
    for (int i = 0; i < 4; i++)
        interval(&port, laws[_i].counts, laws[_i].cwnds, laws[_i].queue_bytes, changes);
    /* The last of an interval may find nothing left: rounding. */
    double first = ask(&port, laws[_i].cwnds[0], laws[_i].queue_bytes);
    ck_assert_double_eq_tol(first, laws[_i].changes[0], 0.02 * fabs(laws[_i].changes[0]) + 0.5);
    if (laws[_i].counts[1]) {
        double second = ask(&port, laws[_i].cwnds[1], laws[_i].queue_bytes);
        ck_assert_double_eq_tol(second, laws[_i].changes[1], 0.5);
    }
}
END_TEST

/* A restart loses what waits, and so the port has sent and holds less than when the interval began:
 * nobody is told to give back what never arrived. */
START_TEST(xcp_feedback__what_is_lost_from_the_queue_did_not_arrive)
{
    static const uint64_t counts[2] = {50, 0}, cwnds[2] = {25000, 1};
    double changes[2];
    struct port port;
    port_init(&port);
    for (int i = 0; i < 4; i++)
        interval(&port, counts, cwnds, 0, changes);
    ask(&port, cwnds[0], 0);
    port.arrived_bytes -= 20 * PACKET;
    port.now += params.rtt;
    ck_assert_double_gt(ask(&port, cwnds[0], 0), 0);
}
END_TEST

/* Four times the packets of the interval before: what is given out is not more than phi. */
START_TEST(xcp_feedback__gives_no_more_than_there_is)
{
    static const uint64_t counts[2] = {10, 0}, cwnds[2] = {10000, 1};
    double changes[2], sum = 0;
    struct port port;
    port_init(&port);
    interval(&port, counts, cwnds, 0, changes);
    interval(&port, counts, cwnds, 0, changes);
    for (int i = 0; i < 40; i++)
        sum += ask(&port, 10000, 0);
    double phi = 0.4 * (125000 - 10000);
    ck_assert_double_le(sum, 1.11 * phi); /* by one packet at most */
    ck_assert_double_ge(sum, 0.99 * phi);
    ck_assert_double_eq(ask(&port, 10000, 0), 0);
}
END_TEST

/* Who asks nothing is told nothing, but its traffic counts. */
START_TEST(xcp_feedback__without_a_question)
{
    static const uint64_t counts[2] = {100, 0}, cwnds[2] = {50000, 1};
    double changes[2];
    struct port port;
    struct sim_feedback entry = {0};
    port_init(&port);
    struct sim_port_view view = {.now = 0, .rate_bps = LINK_BPS, .packet_bytes = PACKET};
    xcp_congestion.feedback(port.state, &view, &entry);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_PRESENCE);
    interval(&port, counts, cwnds, 0, changes);
    port.arrived_bytes += 25000;
    /* phi 0, so 12500 are shuffled between these packets, which are equal. */
    ck_assert_double_eq_tol(ask(&port, 50000, 0), 0, 0.1);
}
END_TEST

/* ---- the end-host half ---- */

struct host {
    uint64_t state[32];
    struct sim_congestion control;
    uint64_t sent;
};

static void host_init(struct host *host)
{
    const struct sim_congestion_env env = {.packet_bytes = PACKET, .initial_window_bytes = 10000};
    ck_assert_uint_le(xcp_congestion.plugin.state_size, sizeof host->state);
    memset(host, 0, sizeof *host);
    xcp_congestion.init(host->state, &params, &env, &host->control);
}

static void told(struct host *host, uint8_t type, double change, uint64_t in_flight)
{
    struct sim_feedback entry = {.type = type, .value = (uint32_t)(int32_t)(change * 256)};
    const struct sim_ack_sample sample = {.acked_bytes = PACKET,
                                          .position = host->sent,
                                          .sent = host->sent + 10000,
                                          .in_flight_bytes = in_flight,
                                          .feedback = &entry};
    host->sent += 10000;
    xcp_congestion.acked(host->state, &host->control, &sample);
}

START_TEST(xcp_acked__adds_the_change)
{
    static const struct {
        double change;
        uint64_t in_flight, window;
    } rows[] = {{500, 10000, 10500}, {-500, 10000, 9500}, {500, 5000, 10500},
                {500, 4999, 10000},  {-500, 4999, 9500},  {-20000, 10000, PACKET},
                {0.5, 10000, 10000}};
    struct host host;
    host_init(&host);
    told(&host, SIM_FEEDBACK_CHANGE, rows[_i].change, rows[_i].in_flight);
    ck_assert_uint_eq(host.control.window_bytes, rows[_i].window);
    ck_assert_uint_eq(host.control.rate_bps, 0);
}
END_TEST

START_TEST(xcp_acked__parts_of_a_byte_add_up)
{
    struct host host;
    host_init(&host);
    for (int i = 0; i < 8; i++)
        told(&host, SIM_FEEDBACK_CHANGE, 0.25, 10000);
    ck_assert_uint_eq(host.control.window_bytes, 10002);
}
END_TEST

/* Asks with the window, or with what it uses of it. */
START_TEST(xcp_request__window_and_round_trip)
{
    static const struct {
        uint64_t in_flight;
        sim_time srtt;
        uint8_t type;
        uint64_t cwnd, rtt_ns;
    } rows[] = {{10000, 7 * SIM_US, ASK, 10000, 7000},
                {12000, 7 * SIM_US, ASK, 10000, 7000},
                {3000, 7 * SIM_US, ASK, 6000, 7000},
                {10000, 0, SIM_FEEDBACK_REQUEST, 10000, 0},
                {10000, 10 * SIM_S, ASK, 10000, UINT32_MAX}};
    struct host host;
    host_init(&host);
    told(&host, SIM_FEEDBACK_CHANGE, 0, 6000);
    struct sim_send_sample sample = {
        .srtt = rows[_i].srtt, .packet_bytes = PACKET, .in_flight_bytes = rows[_i].in_flight};
    struct sim_feedback entry = {.type = SIM_FEEDBACK_REQUEST, .length = 8};
    xcp_congestion.request(host.state, &host.control, &sample, &entry);
    ck_assert_uint_eq(entry.type, rows[_i].type);
    ck_assert_uint_eq(entry.value >> 32, rows[_i].cwnd);
    ck_assert_uint_eq(entry.value & UINT32_MAX, rows[_i].rtt_ns);
}
END_TEST

/* A window that 32 bits do not hold is told as the largest one: never as 0, by which ports divide.
 */
START_TEST(xcp_request__window_beyond_its_field)
{
    struct host host;
    host_init(&host);
    host.control.window_bytes = UINT64_C(1) << 40;
    const struct sim_send_sample sample = {
        .srtt = 7 * SIM_US, .packet_bytes = PACKET, .in_flight_bytes = UINT64_C(1) << 32};
    struct sim_feedback entry = {.type = SIM_FEEDBACK_REQUEST, .length = 8};
    xcp_congestion.request(host.state, &host.control, &sample, &entry);
    ck_assert_uint_eq(entry.value >> 32, UINT32_MAX);
}
END_TEST

START_TEST(xcp__losses_halve_the_window_and_the_ports_bring_it_back)
{
    struct host host;
    host_init(&host);
    told(&host, SIM_FEEDBACK_CHANGE, 0.5, 10000);
    const struct sim_loss_sample loss = {.position = host.sent, .sent = host.sent + 10000};
    xcp_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 5000);
    told(&host, SIM_FEEDBACK_CHANGE, 300, 5000);
    ck_assert_uint_eq(host.control.window_bytes, 5300);
    told(&host, SIM_FEEDBACK_PRESENCE, 0, 5300); /* told nothing: no slow start of its own */
    ck_assert_uint_eq(host.control.window_bytes, 5300);
    xcp_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, PACKET);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, xcp_feedback__the_law, 0, sizeof laws / sizeof *laws);
    tcase_add_test(tcase, xcp_feedback__what_is_lost_from_the_queue_did_not_arrive);
    tcase_add_test(tcase, xcp_feedback__gives_no_more_than_there_is);
    tcase_add_test(tcase, xcp_feedback__without_a_question);
    tcase_add_loop_test(tcase, xcp_acked__adds_the_change, 0, 7);
    tcase_add_test(tcase, xcp_acked__parts_of_a_byte_add_up);
    tcase_add_loop_test(tcase, xcp_request__window_and_round_trip, 0, 5);
    tcase_add_test(tcase, xcp_request__window_beyond_its_field);
    tcase_add_test(tcase, xcp__losses_halve_the_window_and_the_ports_bring_it_back);
}

int main(void)
{
    return suite_run("xcp", add_cases);
}
