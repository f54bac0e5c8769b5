/* occupancy8: the byte, and the law by hand-worked values. The parameters are round numbers: full
 * 255000 bytes (1000 a step), target 51 of 255. */
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops occupancy8_congestion;

/* As in models/congestion/occupancy8.c. */
struct params {
    uint64_t full_bytes;
    double target, beta, g;
};

static const struct params params = {255000, 0.2, 0.5, 1};
#define PACKET UINT64_C(1000)

/* ---- the network half ---- */

static const struct {
    uint64_t queue_bytes, told;
} bytes[] = {{0, 0}, {499, 0}, {500, 1}, {127400, 127}, {255000, 255}, {9000000, 255}};

START_TEST(occupancy8_feedback__one_byte)
{
    uint64_t port[4] = {0};
    struct sim_feedback entry = {0};
    const struct sim_port_view view = {.queue_bytes = bytes[_i].queue_bytes};
    ck_assert_uint_le(occupancy8_congestion.pathlet_state_size, sizeof port);
    occupancy8_congestion.pathlet_init(port, &params, 1);
    occupancy8_congestion.feedback(port, &view, &entry);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_OCCUPANCY);
    ck_assert_uint_eq(entry.length, 1);
    ck_assert_uint_eq(entry.value, bytes[_i].told);
}
END_TEST

/* ---- the end-host half ---- */

struct host {
    uint64_t state[32];
    struct sim_congestion control;
    uint64_t sent;
};

static void host_init(struct host *host, const struct params *p)
{
    const struct sim_congestion_env env = {.packet_bytes = PACKET,
                                           .initial_window_bytes = 10 * PACKET};
    ck_assert_uint_le(occupancy8_congestion.plugin.state_size, sizeof host->state);
    memset(host, 0, sizeof *host);
    host->sent = 1;
    occupancy8_congestion.init(host->state, p, &env, &host->control);
}

/* A window of data, acknowledged at once. */
static void round_trip(struct host *host, uint64_t occupancy, bool limited)
{
    struct sim_feedback entry = {.type = SIM_FEEDBACK_OCCUPANCY, .length = 1, .value = occupancy};
    struct sim_ack_sample sample = {.acked_bytes = host->control.window_bytes,
                                    .position = host->sent,
                                    .sent = host->sent + 1000000,
                                    .window_limited = limited,
                                    .feedback = &entry};
    host->sent += 1000000;
    occupancy8_congestion.acked(host->state, &host->control, &sample);
}

/* Out of slow start, with a window of 100 packets. */
static void host_settle(struct host *host, const struct params *p)
{
    host_init(host, p);
    round_trip(host, 255, true);
    host->control.window_bytes = 100 * PACKET;
}

START_TEST(occupancy8__doubles_until_the_target)
{
    struct host host;
    host_init(&host, &params);
    round_trip(&host, 0, true);
    ck_assert_uint_eq(host.control.window_bytes, 20 * PACKET);
    round_trip(&host, 51, true); /* at the target, not above */
    ck_assert_uint_eq(host.control.window_bytes, 40 * PACKET);
    round_trip(&host, 52, true);
    ck_assert_uint_le(host.control.window_bytes, 41 * PACKET);
    round_trip(&host, 0, true);
    ck_assert_uint_le(host.control.window_bytes, 42 * PACKET);
}
END_TEST

static const struct {
    uint64_t occupancy;
    double g;
    uint64_t window_bytes; /* of 100 packets, and an average at the target */
} laws[] = {
    {0, 1, 101000},    {51, 1, 101000},
    {102, 1, 88500},   /* 0.4 is 1/4 of the way from 0.2 to 1: 1/8 off, and a packet */
    {255, 1, 51000},   /* half off */
    {255, 0.5, 76000}, /* the average is 0.6: half the way, 1/4 off */
};

START_TEST(occupancy8__the_law)
{
    struct params p = params;
    struct host host;
    p.g = laws[_i].g;
    host_settle(&host, &p);
    for (int i = 0; i < 60; i++)
        round_trip(&host, 51, false);
    host.control.window_bytes = 100 * PACKET;
    round_trip(&host, laws[_i].occupancy, true);
    ck_assert_uint_le(host.control.window_bytes, laws[_i].window_bytes + 1);
    ck_assert_uint_ge(host.control.window_bytes, laws[_i].window_bytes - 1);
}
END_TEST

START_TEST(occupancy8__grows_only_when_it_limits)
{
    struct host host;
    host_settle(&host, &params);
    round_trip(&host, 0, false);
    ck_assert_uint_eq(host.control.window_bytes, 100 * PACKET);
    round_trip(&host, 102, false); /* but shrinks always: 1/8 */
    ck_assert_uint_eq(host.control.window_bytes, 87500);
}
END_TEST

START_TEST(occupancy8__losses_as_in_tcp)
{
    struct host host;
    host_settle(&host, &params);
    const struct sim_loss_sample loss = {.position = host.sent, .sent = host.sent + 100000};
    occupancy8_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 50 * PACKET);
    occupancy8_congestion.undo(host.state, &host.control);
    ck_assert_uint_eq(host.control.window_bytes, 100 * PACKET);
    occupancy8_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, PACKET);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, occupancy8_feedback__one_byte, 0, sizeof bytes / sizeof *bytes);
    tcase_add_test(tcase, occupancy8__doubles_until_the_target);
    tcase_add_loop_test(tcase, occupancy8__the_law, 0, sizeof laws / sizeof *laws);
    tcase_add_test(tcase, occupancy8__grows_only_when_it_limits);
    tcase_add_test(tcase, occupancy8__losses_as_in_tcp);
}

int main(void)
{
    return suite_run("occupancy8", add_cases);
}
