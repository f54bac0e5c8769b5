/* DCQCN's fixed point (Zhu, Ghobadi, Misra, Padhye, "ECN or Delay: Lessons Learnt from Analysis of
 * DCQCN and TIMELY", CoNEXT 2016, Theorem 1): N flows share C equally, and packets are marked with
 *
 *     p* ~ cbrt(Rai N^2 / (t C^2) (1 / B + N / (T C))^2),
 *     q* = Kmin + p* / Pmax (Kmax - Kmin)
 *
 * in packets and seconds, t the interval of alpha, B the byte counter, T the rate's timer. With 8
 * flows q* is near Kmax, beyond which every packet is marked, not one in a hundred: all flows cut
 * at once there, and the mean queue is less than the fluid's.
 */
#include <math.h>

#include "support/star.h"
#include "support/suite.h"

#define RATE    40e9
#define K_MIN   5000.0
#define K_MAX   200000.0
#define P_MAX   0.01
#define TIMER   55e-6
#define R_AI    40e6
#define COUNTER 10e6

static double theory_queue_bytes(uint32_t senders, double packet_bytes)
{
    double n = senders, c = RATE / 8 / packet_bytes, ai = R_AI / 8 / packet_bytes;
    double b = COUNTER / packet_bytes;
    double p = cbrt(ai * n * n / (TIMER * c * c) * pow(1 / b + n / (TIMER * c), 2));
    return K_MIN + p / P_MAX * (K_MAX - K_MIN);
}

START_TEST(dcqcn_fluid__fixed_point)
{
    static const struct {
        uint32_t senders;
        bool tcp;
    } rows[] = {{2, false}, {4, false}, {8, false}, {2, true}, {4, true}, {8, true}};
    const double packet = rows[_i].tcp ? 1500 : 1444;
    struct star_result result = star_run(&(struct star){
        .senders = rows[_i].senders,
        .gbps = 40,
        .delay_ns = 500,
        .duration_ms = 60,
        .queue = "{red_ecn: {capacity: 20000p}}",
        .transport = rows[_i].tcp ? "{tcp: {congestion: dcqcn, receive_window: 1GB}}"
                                  : "{mtp: {congestion: dcqcn}}",
    });
    double theory = theory_queue_bytes(rows[_i].senders, packet);
    g_print("%s, %u senders: queue %.1f KB (theory %.1f), most %.1f, goodput %.2f Gbps, Jain "
            "%.4f, %llu drops\n",
            rows[_i].tcp ? "tcp" : "mtp", rows[_i].senders, result.queue_bytes / 1000,
            theory / 1000, result.queue_max_bytes / 1000, result.goodput_gbps, result.jain,
            (unsigned long long)result.drops);
    double full = 40 * (rows[_i].tcp ? 1460 : 1352) / packet;
    if (rows[_i].senders < 8)
        ck_assert_double_eq_tol(result.queue_bytes, theory, 0.2 * theory);
    else
        ck_assert(result.queue_bytes > K_MIN && result.queue_bytes < theory);
    ck_assert_double_ge(result.goodput_gbps, 0.97 * full);
    ck_assert_double_gt(result.jain, 0.98);
    ck_assert_uint_eq(result.drops, 0);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, dcqcn_fluid__fixed_point, 0, 6);
}

int main(void)
{
    return suite_run("DCQCN's fixed point", add);
}
