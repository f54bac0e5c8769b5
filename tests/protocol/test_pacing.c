/* A rate that changes while it holds a packet back, in MTP and in TCP: the packet goes when what
 * was left of its wait has passed at the new rate. And what a model hears of packets that are sent.
 * The model sets one rate at first and another with the first acknowledgement. */
#include <string.h>

#include "support/mtp_case.h"
#include "support/suite.h"
#include "support/tcp_wire.h"

struct pacer_params {
    uint64_t first_bps, then_bps, window_bytes;
    struct paced {
        uint64_t sending, sending_bytes, acked;
        sim_time last;
        bool wrong;
    } * paced;
};

struct pacer {
    const struct pacer_params *params;
};

static void pacer_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct pacer *pacer = state;
    (void)env;
    pacer->params = params;
    *control = (struct sim_congestion){pacer->params->window_bytes, pacer->params->first_bps};
}

static void pacer_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct pacer *pacer = state;
    (void)sample;
    pacer->params->paced->acked++;
    control->rate_bps = pacer->params->then_bps;
}

static void pacer_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static void pacer_sending(void *state, struct sim_congestion *control,
                          const struct sim_send_sample *sample)
{
    struct pacer *pacer = state;
    struct paced *paced = pacer->params->paced;
    paced->sending++;
    paced->sending_bytes += sample->packet_bytes;
    paced->wrong |= control->rate_bps == 0 || sample->in_flight_bytes < sample->packet_bytes ||
                    sample->now < paced->last;
    paced->last = sample->now;
}

static const struct sim_congestion_ops pacer_congestion = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "pacer",
               .state_size = sizeof(struct pacer)},
    .init = pacer_init,
    .acked = pacer_acked,
    .lost = pacer_lost,
    .timeout = pacer_lost,
    .sending = pacer_sending,
};

struct pacing_run {
    struct mtp_case mtp;
    struct tcp_params tcp;
    struct wire *wire;
};

/* 20 full packets. */
static void run_paced(struct pacing_run *run, struct pacer_params *params, bool tcp)
{
    memset(run, 0, sizeof *run);
    struct sim_message message = tcp_message(20 * (tcp ? MSS : 1376), false);
    if (tcp) {
        run->tcp = tcp_defaults;
        run->tcp.min_rto = run->tcp.initial_rto = 50 * SIM_MS;
        run->tcp.congestion = (struct sim_model){&pacer_congestion.plugin, params};
        run->wire = tcp_wire(&run->tcp, NULL, 0);
    } else {
        mtp_case_init(&run->mtp);
        run->mtp.route = (struct mtp_route){.before = {0}, .after = {0}};
        run->mtp.params.min_rto = run->mtp.params.initial_rto = 50 * SIM_MS;
        run->mtp.params.congestion = (struct sim_model){&pacer_congestion.plugin, params};
        mtp_case_start(&run->mtp);
        run->wire = run->mtp.wire;
    }
    wire_submit(run->wire, 0, message, 0);
    wire_run(run->wire, SIM_S / 2);
}

static sim_time sent_at(const struct pacing_run *run, uint32_t nth)
{
    return wire_sent_nth(run->wire, WIRE_FIRST, 0, nth)->time;
}

static const struct {
    uint64_t first_bps, then_bps;
} changes[] = {
    {10000000, 1000000000}, /* 1.2 ms a packet, then 12 us: a hundredth of what was left */
    {10000000, 20000000},   {10000000, 10000000},
    {100000000, 50000000}, /* slower: 120 us, of which 100 are left, become 20 + 200 */
    {10000000, 0},         /* no rate any more: at once */
};

START_TEST(pacing__follows_a_changed_rate)
{
    bool tcp = _i % 2;
    struct paced paced = {0};
    struct pacer_params params = {changes[_i / 2].first_bps, changes[_i / 2].then_bps, 1000000,
                                  &paced};
    struct pacing_run run;
    run_paced(&run, &params, tcp);
    const sim_time round_trip = 20200 * SIM_NS; /* and some ns */
    double packet = tcp ? 1500 : 1432;
    double gap = packet * 8 / (double)params.first_bps * (double)SIM_S;
    double share = params.then_bps ? (double)params.first_bps / (double)params.then_bps : 0;
    double wait = (double)round_trip + (gap - (double)round_trip) * share;
    ck_assert_double_eq_tol((double)(sent_at(&run, 2) - sent_at(&run, 1)), wait,
                            100e3 + wait / 500);
    if (params.then_bps)
        ck_assert_double_eq_tol((double)(sent_at(&run, 4) - sent_at(&run, 3)),
                                packet * 8 / (double)params.then_bps * (double)SIM_S, 2000);
    ck_assert_uint_eq(wire_counts(run.wire, 0).retransmissions, 0);
    wire_free(run.wire);
}
END_TEST

/* Every packet that is sent under a rate, of the bytes that it is charged with; none without. */
START_TEST(pacing__models_hear_of_packets_sent)
{
    bool tcp = _i % 2, stops = _i / 2;
    struct paced paced = {0};
    struct pacer_params params = {100000000, stops ? 0 : 100000000, 1000000, &paced};
    struct pacing_run run;
    run_paced(&run, &params, tcp);
    ck_assert_uint_eq(paced.sending, stops ? 1 : 20);
    ck_assert_uint_eq(paced.sending_bytes, paced.sending * (tcp ? MSS : 1432));
    ck_assert_uint_eq(paced.acked, 20);
    ck_assert(!paced.wrong);
    wire_free(run.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, pacing__follows_a_changed_rate, 0,
                        2 * sizeof changes / sizeof *changes);
    tcase_add_loop_test(tcase, pacing__models_hear_of_packets_sent, 0, 4);
}

int main(void)
{
    return suite_run("pacing", add);
}
