/* One FIFO port against queueing theory: Poisson arrivals of packets of one size are an M/D/1
 * queue, whose mean wait is rho S / (2 (1 - rho)) (Pollaczek 1930, Khinchine 1932), S the time of
 * one packet on the wire. */
#include "net/network.h"

#include "support/network.h"
#include "support/suite.h"

#define SERVICE (1200 * SIM_NS) /* 1500 bytes at 10 Gbps */

/* Mean wait in the port at load rho, in units of S. The access link is so fast that its own wait is
 * beneath notice, 1e-4 of the port's. */
static double measured_wait(double rho, uint64_t seed, sim_time duration)
{
    struct network network;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100000, SIM_US);
    network_link(&network, 2, 1, 10, SIM_US);
    network_flow(&network, 0, 1);
    network.spec.seed = seed;
    network.spec.duration = duration;
    network.queue.capacity.value = 1000000;
    network.queue.mark_at.value = 999999;
    network.generator = (struct generator_params){.mean_gap = (sim_time)((double)SERVICE / rho),
                                                  .packet_bytes = 1500};
    struct simulation *simulation = network_build(&network);
    struct generator *receiver = (struct generator *)simulation->hosts[1].transport;
    receiver->count_after = duration / 20;
    simulation_run(simulation, duration, NULL);
    double mean = (double)receiver->delay_sum / (double)receiver->delays;
    double fixed = (double)(2 * SIM_US + SERVICE + 120);
    simulation_free(simulation);
    return (mean - fixed) / (double)SERVICE;
}

/* clang-format off */
START_TEST(md1__mean_wait_within_2_percent)
{
    static const double loads[] = {0.3, 0.5, 0.7, 0.9};
    double rho = loads[_i];
    double expected = rho / (2 * (1 - rho));
    /* Waits at high load are correlated over about S / (1 - rho)^2, so it needs more of them. */
    sim_time duration = rho > 0.8 ? 30 * SIM_S / 2 : 2 * SIM_S;
    double wait = measured_wait(rho, 1, duration);
    ck_assert_msg(wait > 0.98 * expected && wait < 1.02 * expected, "load %g: waits %g S, not %g S", rho,
                  wait, expected);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, md1__mean_wait_within_2_percent, 0, 4);
}

int main(void)
{
    return suite_run("M/D/1", add_cases);
}
