#include "support/suite.h"

#include <mtpsim/policy.h>

#include <string.h>

extern const struct sim_policy_ops fair_share_policy, tenant_class_policy;

/* As in models/policy/fair_share.c. */
struct params {
    uint32_t at;
    struct sim_list links;
    uint32_t mechanism;
    sim_time interval, release;
    double utilisation, burst;
};

enum { MARKS, RATES };

#define LINK_GBPS 100

/* A tenant that sends packets of equal size, evenly, from several hosts in turn. */
struct load {
    double gbps, weight;
    uint32_t senders;
    bool tcp;
    /* what came of it since the last reset */
    uint32_t packets, marked;
    uint64_t told_bps; /* the last rate */
    /* its own */
    double next_ps;
    uint32_t sent;
};

/* A policy before a port of 100 Gbps, and its tenants. */
struct bench {
    struct params params;
    struct sim_policy_env env;
    void *state;
    struct load loads[3];
    double now_ps;
};

/* Tenant i has the hosts from 100 i on. */
static uint32_t tenant_of(const struct sim_policy_env *env, const struct sim_packet *packet)
{
    uint32_t tenant = packet->src / 100;
    return tenant < env->tenant_count ? tenant : env->tenant_count;
}

static double weight_of(const struct sim_policy_env *env, uint32_t tenant)
{
    const struct bench *bench = env->rules;
    return tenant < env->tenant_count ? bench->loads[tenant].weight : 1;
}

static void bench_init(struct bench *bench, uint32_t mechanism)
{
    *bench = (struct bench){
        .params = {.mechanism = mechanism,
                   .interval = 50 * SIM_US,
                   .release = 500 * SIM_US,
                   .utilisation = 0.98,
                   .burst = 0.3},
        .env = {.tenant_count = 2,
                .tenant_of = tenant_of,
                .weight_of = weight_of,
                .rate_bps = LINK_GBPS * UINT64_C(1000000000),
                .mtu_bytes = 1500},
    };
    for (int i = 0; i < 3; i++)
        bench->loads[i] = (struct load){.weight = 1, .senders = 1};
}

/* Ready to run; weights are set before. */
static void bench_start(struct bench *bench)
{
    bench->env.rules = bench;
    bench->state = calloc(1, fair_share_policy.plugin.state_size);
    fair_share_policy.init(bench->state, &bench->params, &bench->env);
}

static void bench_clear(struct bench *bench)
{
    fair_share_policy.clear(bench->state);
    free(bench->state);
}

/* Without feedback (TCP), so that a packet's size here is its size on the wire. With feedback it
 * grows by the first entry; the size is less by that much. */
static void bench_packet(struct bench *bench, uint32_t tenant, sim_time now)
{
    struct load *load = &bench->loads[tenant];
    uint32_t growth = mtp_feedback_growth(true, bench->params.mechanism == RATES ? 8 : 1);
    struct sim_packet packet = {
        .src = 100 * tenant + load->sent++ % load->senders,
        .size_bytes = (uint16_t)(load->tcp ? 1500 : 1500 - growth),
        .flags = load->tcp ? 0 : SIM_PACKET_FEEDBACK,
    };
    struct sim_queue_view view = {.now = now};
    struct sim_feedback entry = {0};
    fair_share_policy.classify(bench->state, &packet);
    ck_assert_uint_eq(packet.tc, tenant);
    enum sim_verdict verdict =
        fair_share_policy.judge(bench->state, &packet, &view, SIM_MARK, &entry);
    load->packets++;
    load->marked += verdict == SIM_MARK;
    if (entry.type == SIM_FEEDBACK_RATE) {
        ck_assert_uint_eq(entry.length, 8);
        ck_assert_int_eq(verdict, SIM_ACCEPT);
        load->told_bps = entry.value;
    }
}

static void bench_run(struct bench *bench, sim_time duration)
{
    double end = bench->now_ps + (double)duration;
    for (int i = 0; i < 3; i++) {
        bench->loads[i].packets = bench->loads[i].marked = 0;
        if (bench->loads[i].next_ps < bench->now_ps)
            bench->loads[i].next_ps = bench->now_ps;
    }
    for (;;) {
        uint32_t first = 3;
        for (uint32_t i = 0; i < 3; i++)
            if (bench->loads[i].gbps > 0 &&
                (first == 3 || bench->loads[i].next_ps < bench->loads[first].next_ps))
                first = i;
        if (first == 3 || bench->loads[first].next_ps >= end)
            break;
        bench_packet(bench, first, (sim_time)bench->loads[first].next_ps);
        bench->loads[first].next_ps += 1500 * 8000 / bench->loads[first].gbps;
    }
    bench->now_ps = end;
}

/* Senders that do as told, all of a tenant alike, an interval late; up to `limits` Gbps. */
static void bench_obey(struct bench *bench, const double *limits, int intervals)
{
    for (int i = 0; i < intervals; i++) {
        bench_run(bench, 50 * SIM_US);
        for (int tenant = 0; tenant < 2; tenant++) {
            struct load *load = &bench->loads[tenant];
            double told = (double)load->told_bps * load->senders / 1e9;
            if (load->gbps > 0)
                load->gbps = told < limits[tenant] ? told : limits[tenant];
        }
    }
}

/* What two obedient tenants get, by their weights, senders and limits. */
static const struct rate_case {
    double weights[2];
    uint32_t senders[2];
    double limits[2];
    double gbps[2];
} rate_cases[] = {
    {{1, 1}, {1, 1}, {200, 200}, {49, 49}},     {{1, 1}, {1, 8}, {200, 200}, {49, 49}},
    {{1, 1}, {1, 64}, {200, 200}, {49, 49}},    {{3, 1}, {1, 8}, {200, 200}, {73.5, 24.5}},
    {{1, 3}, {1, 8}, {200, 200}, {24.5, 73.5}}, {{1, 1}, {1, 8}, {10, 200}, {10, 88}},
    {{1, 9}, {1, 8}, {200, 20}, {78, 20}},      {{3, 1}, {1, 8}, {10, 10}, {10, 10}},
};

/* clang-format off */
START_TEST(fair_share__rates_are_weighted_max_min_fair)
{
    const struct rate_case *c = &rate_cases[_i];
    struct bench bench;
    bench_init(&bench, RATES);
    for (int i = 0; i < 2; i++) {
        bench.loads[i].gbps = 5;
        bench.loads[i].weight = c->weights[i];
        bench.loads[i].senders = c->senders[i];
    }
    bench_start(&bench);
    bench_obey(&bench, c->limits, 60);
    for (int i = 0; i < 2; i++)
        ck_assert_double_eq_tol(bench.loads[i].gbps, c->gbps[i], 0.02 * c->gbps[i]);
    bench_clear(&bench);
}
END_TEST

/* No tenant alone is told more than the port has, however little was seen of it so far. */
START_TEST(fair_share__first_rates_count_the_senders)
{
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[0].gbps = bench.loads[1].gbps = 40;
    bench.loads[1].senders = 8;
    bench_start(&bench);
    bench_run(&bench, 10 * SIM_US);
    ck_assert_double_eq_tol((double)bench.loads[0].told_bps / 1e9, 49, 0.5);
    ck_assert_double_eq_tol(8e-9 * (double)bench.loads[1].told_bps, 49, 0.5);
    bench_clear(&bench);
}
END_TEST

START_TEST(fair_share__a_tenant_that_wakes_has_its_part_at_once)
{
    static const double limits[] = {200, 200};
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[1].gbps = 50;
    bench.loads[1].senders = 8;
    bench_start(&bench);
    bench_obey(&bench, limits, 40);
    ck_assert_double_eq_tol(bench.loads[1].gbps, 98, 2);
    bench.loads[0].gbps = 1;
    bench_run(&bench, 30 * SIM_US); /* less than an interval */
    ck_assert_double_eq_tol((double)bench.loads[0].told_bps / 1e9, 49, 1);
    ck_assert_double_eq_tol(8e-9 * (double)bench.loads[1].told_bps, 49, 1);
    bench_clear(&bench);
}
END_TEST

START_TEST(fair_share__a_tenant_that_stops_gives_its_part_away)
{
    static const double limits[] = {200, 200};
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[0].gbps = bench.loads[1].gbps = 40;
    bench_start(&bench);
    bench_obey(&bench, limits, 40);
    bench.loads[0].gbps = 0;
    bench_obey(&bench, limits, 12); /* 600 us; 500 us release about half of it */
    ck_assert_double_eq_tol(bench.loads[1].gbps, 98 - 49 / 2.8, 4);
    bench_obey(&bench, limits, 60);
    ck_assert_double_eq_tol(bench.loads[1].gbps, 98, 1);
    bench_clear(&bench);
}
END_TEST

/* Linear counting of up to as many senders as the map has bits. */
START_TEST(fair_share__senders_are_counted)
{
    static const uint32_t senders[] = {1, 2, 8, 30, 99};
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[0].gbps = bench.loads[1].gbps = 98;
    bench.loads[0].senders = senders[_i];
    bench_start(&bench);
    bench_run(&bench, 50 * SIM_US);
    double counted = 49e9 / (double)bench.loads[0].told_bps;
    ck_assert_double_eq_tol(counted, senders[_i], 0.05 * senders[_i]);
    bench_clear(&bench);
}
END_TEST

/* Arrivals of two tenants that do not listen, and who hears marks then. */
static const struct mark_case {
    double gbps[2], weights[2];
    bool marked[2];
} mark_cases[] = {
    {{45, 45}, {1, 1}, {false, false}},
    {{45, 70}, {1, 1}, {false, true}},
    {{70, 70}, {1, 1}, {true, true}},
    {{10, 80}, {1, 1}, {false, false}}, /* work-conserving */
    {{10, 95}, {1, 1}, {false, true}},
    {{70, 20}, {3, 1}, {false, false}},
    {{70, 40}, {3, 1}, {false, true}},
    {{45, 45}, {3, 1}, {false, false}}, /* 53 are left */
    {{0, 95}, {1, 1}, {false, false}},
};

START_TEST(fair_share__marks_only_above_the_share)
{
    const struct mark_case *c = &mark_cases[_i / 2];
    struct bench bench;
    bench_init(&bench, MARKS);
    for (int i = 0; i < 2; i++) {
        bench.loads[i].gbps = c->gbps[i];
        bench.loads[i].weight = c->weights[i];
        bench.loads[i].senders = i ? 8 : 1;
        bench.loads[i].tcp = _i % 2;
    }
    bench_start(&bench);
    bench_run(&bench, SIM_MS);
    bench_run(&bench, SIM_MS);
    for (int i = 0; i < 2; i++)
        if (c->marked[i])
            ck_assert_double_gt((double)bench.loads[i].marked / bench.loads[i].packets, 0.9);
        else
            ck_assert_uint_eq(bench.loads[i].marked, 0);
    bench_clear(&bench);
}
END_TEST

/* The virtual queue holds burst x share x interval: 0.3 x 49 Gbps x 50 us, 61 packets. */
START_TEST(fair_share__a_burst_passes_unmarked)
{
    struct bench bench;
    bench_init(&bench, MARKS);
    bench.loads[0].gbps = bench.loads[1].gbps = 40;
    bench_start(&bench);
    bench_run(&bench, SIM_MS);
    bench.loads[0].packets = bench.loads[0].marked = 0;
    for (uint32_t i = 0; i < 100; i++)
        bench_packet(&bench, 0, SIM_MS);
    ck_assert_uint_ge(100 - bench.loads[0].marked, 60);
    ck_assert_uint_le(100 - bench.loads[0].marked, 80); /* tenant 2's unused part is its too */
    bench_clear(&bench);
}
END_TEST

START_TEST(fair_share__tcp_is_marked_where_rates_are_told)
{
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[0].gbps = bench.loads[1].gbps = 80;
    bench.loads[0].tcp = true;
    bench_start(&bench);
    bench_run(&bench, SIM_MS);
    ck_assert_uint_gt(bench.loads[0].marked, 0);
    ck_assert_uint_eq(bench.loads[0].told_bps, 0);
    ck_assert_uint_eq(bench.loads[1].marked, 0);
    ck_assert_uint_gt(bench.loads[1].told_bps, 0);
    bench_clear(&bench);
}
END_TEST

START_TEST(fair_share__what_the_queue_drops_stays_dropped)
{
    static const enum sim_verdict verdicts[] = {SIM_DROP, SIM_TRIM};
    struct bench bench;
    struct sim_packet packet = {.size_bytes = 1400, .flags = SIM_PACKET_FEEDBACK};
    struct sim_queue_view view = {0};
    struct sim_feedback entry = {0};
    bench_init(&bench, _i / 2);
    bench_start(&bench);
    fair_share_policy.classify(bench.state, &packet);
    ck_assert_int_eq(
        fair_share_policy.judge(bench.state, &packet, &view, verdicts[_i % 2], &entry),
        verdicts[_i % 2]);
    bench_clear(&bench);
}
END_TEST

START_TEST(fair_share__nobodys_packets_are_a_class_of_their_own)
{
    struct bench bench;
    bench_init(&bench, MARKS);
    for (int i = 0; i < 3; i++)
        bench.loads[i].gbps = i == 2 ? 60 : 30;
    bench_start(&bench);
    bench_run(&bench, SIM_MS); /* a third each: 32.7 */
    ck_assert_uint_eq(bench.loads[0].marked, 0);
    ck_assert_uint_eq(bench.loads[1].marked, 0);
    ck_assert_uint_gt(bench.loads[2].marked, 0);
    bench_clear(&bench);
}
END_TEST

/* 10 of 98 go to the third class, whatever its place in the list, and the rest is divided by two. */
START_TEST(fair_share__the_least_demand_is_met_first)
{
    static const double gbps[] = {95, 40, 10};
    struct bench bench;
    bench_init(&bench, MARKS);
    for (int i = 0; i < 3; i++)
        bench.loads[i].gbps = gbps[i];
    bench_start(&bench);
    bench_run(&bench, SIM_MS); /* not the first, when all are taken to want their part */
    bench_run(&bench, SIM_MS);
    ck_assert_uint_gt(bench.loads[0].marked, 0);
    ck_assert_uint_eq(bench.loads[1].marked, 0);
    ck_assert_uint_eq(bench.loads[2].marked, 0);
    bench_clear(&bench);
}
END_TEST

/* Of eight senders seven want 1 Gbps each: the eighth is told what they leave. */
START_TEST(fair_share__rates_rise_to_what_modest_senders_leave)
{
    struct bench bench;
    bench_init(&bench, RATES);
    bench.loads[0].gbps = 49;
    bench.loads[1].gbps = 8;
    bench.loads[1].senders = 8;
    bench_start(&bench);
    for (int i = 0; i < 100; i++) {
        bench_run(&bench, 50 * SIM_US);
        bench.loads[0].gbps = (double)bench.loads[0].told_bps / 1e9;
        bench.loads[1].gbps = 7 + (double)bench.loads[1].told_bps / 1e9;
    }
    ck_assert_double_eq_tol(bench.loads[1].gbps, 49, 1);
    bench_clear(&bench);
}
END_TEST

START_TEST(tenant_class__numbers_the_tenants)
{
    struct bench bench;
    uint64_t state[8] = {0};
    bench_init(&bench, MARKS);
    ck_assert_uint_le(tenant_class_policy.plugin.state_size, sizeof state);
    tenant_class_policy.init(state, &bench.params, &bench.env);
    for (uint32_t src = 0; src < 300; src += 50) {
        struct sim_packet packet = {.src = src, .tc = 77};
        tenant_class_policy.classify(state, &packet);
        ck_assert_uint_eq(packet.tc, src / 100);
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, fair_share__rates_are_weighted_max_min_fair, 0,
                        sizeof rate_cases / sizeof *rate_cases);
    tcase_add_test(tcase, fair_share__first_rates_count_the_senders);
    tcase_add_test(tcase, fair_share__a_tenant_that_wakes_has_its_part_at_once);
    tcase_add_test(tcase, fair_share__a_tenant_that_stops_gives_its_part_away);
    tcase_add_loop_test(tcase, fair_share__senders_are_counted, 0, 5);
    tcase_add_loop_test(tcase, fair_share__marks_only_above_the_share, 0,
                        2 * (int)(sizeof mark_cases / sizeof *mark_cases));
    tcase_add_test(tcase, fair_share__a_burst_passes_unmarked);
    tcase_add_test(tcase, fair_share__tcp_is_marked_where_rates_are_told);
    tcase_add_loop_test(tcase, fair_share__what_the_queue_drops_stays_dropped, 0, 4);
    tcase_add_test(tcase, fair_share__nobodys_packets_are_a_class_of_their_own);
    tcase_add_test(tcase, fair_share__the_least_demand_is_met_first);
    tcase_add_test(tcase, fair_share__rates_rise_to_what_modest_senders_leave);
    tcase_add_test(tcase, tenant_class__numbers_the_tenants);
}

int main(void)
{
    return suite_run("fair_share", add_cases);
}
