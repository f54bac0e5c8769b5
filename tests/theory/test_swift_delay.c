/* Swift's queueing delay against its target (SIGCOMM 2020, 3.5), N senders into one port.
 *
 * Without flow scaling the target is the same for any N. With it, N equal windows w share what is
 * in flight: N w = C (RTT + q), and q is the target for w: a fixed point, solved here by bisection.
 * The window moves by `ai` packets a round trip and gives beta times the excess back, so the mean
 * queue lies about the target, and within the packets that N windows grow by in the round trip
 * until they hear of it.
 */
#include <math.h>

#include "support/star.h"
#include "support/suite.h"

#define BASE_RTT    8.3e-6 /* s: 4 x 2 us, two data packets and two acknowledgements on the wire */
#define MTP_PACKET  1447.0 /* bytes, with one entry of 4 bytes */
#define TCP_PACKET  1500.0
#define RATE        100e9
#define HOP         2e-6
#define FS_MIN_CWND 0.1
#define FS_MAX_CWND 100.0

struct swift_case {
    uint32_t senders;
    bool tcp;
    double base_us, range_us; /* base: of queueing; for TCP the round trip comes on top */
    double tolerance;         /* of the mean delay */
};

/* Queueing delay, s, at which windows and target agree. */
static double theory_delay(const struct swift_case *it)
{
    double packet = it->tcp ? TCP_PACKET : MTP_PACKET;
    double a = it->range_us * 1e-6 / (1 / sqrt(FS_MIN_CWND) - 1 / sqrt(FS_MAX_CWND));
    double low = 0, high = 1e-3;
    for (int i = 0; i < 60; i++) {
        double q = (low + high) / 2;
        double window = RATE * (BASE_RTT + q) / 8 / packet / it->senders;
        double flows = a / sqrt(window) - a / sqrt(FS_MAX_CWND);
        double target = it->base_us * 1e-6 + HOP + fmax(0, fmin(flows, it->range_us * 1e-6));
        *(q < target ? &low : &high) = q;
    }
    return low;
}

static const struct swift_case cases[] = {
    {1, false, 10, 0, 0.05}, {4, false, 10, 0, 0.05},  {16, false, 10, 0, 0.1},
    {4, false, 30, 0, 0.05}, {16, false, 10, 40, 0.1}, {64, false, 10, 40, 0.1},
    {2, true, 10, 0, 0.05},  {4, true, 10, 0, 0.05},   {16, true, 10, 0, 0.1},
    {16, true, 10, 40, 0.1},
};

static struct star_result run_case(const struct swift_case *it)
{
    double base = it->base_us + (it->tcp ? BASE_RTT * 1e6 : 0);
    g_autofree char *transport =
        g_strdup_printf("{%s: {congestion: {swift: {base_target: %.3fus, fs_range: %.3fus}}}}",
                        it->tcp ? "tcp" : "mtp", base, it->range_us);
    return star_run(&(struct star){
        .senders = it->senders,
        .gbps = 100,
        .delay_ns = 2000,
        .duration_ms = 8,
        .queue = "{droptail: {capacity: 8000p}}",
        .transport = transport,
    });
}

START_TEST(swift_delay__near_its_target)
{
    const struct swift_case *it = &cases[_i];
    struct star_result result = run_case(it);
    double delay = result.queue_bytes * 8 / RATE, theory = theory_delay(it);
    double full = 100 * (it->tcp ? 1460 / TCP_PACKET : 1352 / MTP_PACKET);
    g_print("%s, %u senders, flow scaling %g us: delay %.2f us (theory %.2f), goodput %.2f of "
            "%.2f Gbps, Jain %.4f\n",
            it->tcp ? "tcp" : "mtp", it->senders, it->range_us, delay * 1e6, theory * 1e6,
            result.goodput_gbps, full, result.jain);
    ck_assert_double_eq_tol(delay, theory, it->tolerance * theory);
    ck_assert_double_eq_tol(result.goodput_gbps, full, 0.005 * full);
    ck_assert_double_gt(result.jain, 0.95);
    ck_assert_uint_eq(result.drops, 0);
}
END_TEST

/* So many senders that each has less than a packet in flight: 600 share some 320. A window grows by
 * a packet a round trip all the same, 600 in all, more than what is in flight, so the mean queue
 * lies above the fixed point. */
START_TEST(swift_delay__below_one_packet)
{
    struct swift_case it = {600, _i, 10, 40, 0};
    struct star_result result = run_case(&it);
    double full = 100 * (it.tcp ? 1460 / TCP_PACKET : 1352 / MTP_PACKET);
    g_print("%s, 600 senders: delay %.2f us (theory %.2f), goodput %.2f of %.2f Gbps, Jain %.4f\n",
            it.tcp ? "tcp" : "mtp", result.queue_bytes * 8 / RATE * 1e6, theory_delay(&it) * 1e6,
            result.goodput_gbps, full, result.jain);
    ck_assert_double_eq_tol(result.goodput_gbps, full, 0.005 * full);
    ck_assert_double_ge(result.queue_bytes * 8 / RATE, theory_delay(&it));
    ck_assert_double_le(result.queue_bytes * 8 / RATE, 1.4 * theory_delay(&it));
    ck_assert_double_gt(result.jain, 0.95);
    ck_assert_uint_eq(result.drops, 0);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, swift_delay__near_its_target, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, swift_delay__below_one_packet, 0, 2);
}

int main(void)
{
    return suite_run("Swift's delay", add);
}
