/* The engine's promises, on networks of the packet generator: the digest is the same for every
 * window, pause and merging; packets are conserved; ports, links and routes do what they say. */
#include "net/network.h"

#include <stdatomic.h>

#include "support/network.h"
#include "support/suite.h"

static const sim_time in_one_go = SIM_MS;

/* Runs in slices of `slice`. */
static struct simulation_totals run_network(struct network *network, sim_time slice)
{
    struct simulation *simulation = network_build(network);
    struct simulation_totals totals;
    for (sim_time until = slice; until < network->spec.duration; until += slice)
        ck_assert_int_eq(simulation_run(simulation, until, NULL), until);
    simulation_run(simulation, network->spec.duration, NULL);
    simulation_totals(simulation, &totals);
    simulation_check_conservation(simulation);
    simulation_free(simulation);
    return totals;
}

/* clang-format off */
START_TEST(engine__digest_is_the_same_for_every_window_pause_merging_and_thread_count)
{
    static const struct {
        sim_time window, merge_below, slice;
        uint32_t threads;
    } variants[] = {
        {0, 0, SIM_MS, 1},
        {100 * SIM_NS, 0, SIM_MS, 1},
        {7919, 0, SIM_MS, 1},
        {0, 0, 1234567, 1},
        {333333, 0, 99991, 1},
        {0, 400 * SIM_NS, SIM_MS, 1},
        {0, 600 * SIM_NS, 777777, 1},
        {0, SIM_MS, SIM_MS, 1},
        {50 * SIM_NS, SIM_MS, 12345678, 1},
        {0, 0, SIM_MS, 2},
        {0, 0, SIM_MS, 3},
        {0, 0, 1234567, 2},
        {77 * SIM_NS, 600 * SIM_NS, 5 * SIM_US, 3},
        {0, 0, SIM_MS, 12},
    };
    struct network network;
    uint64_t digest = 0, hops = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        network_square(&network);
        network.spec.duration = 200 * SIM_US;
        network.spec.window = variants[i].window;
        network.spec.merge_below = variants[i].merge_below;
        network.spec.threads = variants[i].threads;
        struct simulation_totals totals = run_network(&network, variants[i].slice);
        if (i == 0) {
            digest = totals.digest;
            hops = totals.packet_hops;
        }
        ck_assert_msg(totals.digest == digest, "variant %zu has another digest", i);
        ck_assert_uint_eq(totals.packet_hops, hops);
    }
    ck_assert_uint_gt(hops, 5000);
}
END_TEST

/* Five links of a dumbbell of four hosts: one is short, or all. */
START_TEST(engine__few_short_links_are_merged_away_many_are_not)
{
    static const struct {
        uint32_t short_links;
        double merge_at_most;
        uint32_t processes;
    } rows[] = {{0, 1, 6}, {1, 0.4, 5}, {5, 0.4, 6}, {5, 1, 1}, {5, 0, 6}, {1, 0, 6}};
    struct network network;
    network_dumbbell(&network, 2, 100, SIM_US);
    for (uint32_t i = 0; i < rows[_i].short_links; i++)
        network.links[4 - i].delay = 10 * SIM_NS;
    network.spec.merge_at_most = rows[_i].merge_at_most;
    struct simulation *simulation = network_build(&network);
    ck_assert_uint_eq(simulation->process_count, rows[_i].processes);
    simulation_free(simulation);
    network.spec.duration = 50 * SIM_US;
    uint64_t digest = run_network(&network, in_one_go).digest;
    network.spec.merge_at_most = rows[_i].merge_at_most > 0.5 ? 0 : 1;
    ck_assert_uint_eq(run_network(&network, in_one_go).digest, digest);
}
END_TEST

START_TEST(engine__digest_is_the_same_for_windows_of_one_picosecond)
{
    struct network network;
    network_square(&network);
    network.spec.duration = 5 * SIM_US;
    uint64_t digest = run_network(&network, in_one_go).digest;
    network.spec.window = 1;
    ck_assert_uint_eq(run_network(&network, in_one_go).digest, digest);
}
END_TEST

/* The same packets leave at the same times whether a FIFO's departures are computed or its packets wait one by one. */
START_TEST(engine__a_backlog_gives_the_digest_of_computed_departures)
{
    struct network network;
    network_dumbbell(&network, 4, 100, SIM_US);
    network.links[8].rate_bps = 30000000000u;
    network.generator.window = 40;
    network.queue.capacity.value = 100;
    struct simulation_totals computed = run_network(&network, in_one_go), waiting;
    struct simulation *simulation = network_build(&network);
    for (uint32_t i = simulation->host_count; i < simulation->node_count; i++)
        for (uint32_t port = 0; port < simulation->nodes[i].port_count; port++)
            port_schedule(&simulation->nodes[i].ports[port], &simulation->nodes[i],
                          simulation->crew.workers);
    simulation_run(simulation, SIM_MS, NULL);
    simulation_check_conservation(simulation);
    simulation_totals(simulation, &waiting);
    ck_assert_uint_gt(computed.drops[DROP_QUEUE_FULL], 0);
    ck_assert_uint_eq(waiting.drops[DROP_QUEUE_FULL], computed.drops[DROP_QUEUE_FULL]);
    ck_assert_uint_eq(waiting.marks, computed.marks);
    ck_assert_uint_eq(waiting.digest, computed.digest);
    simulation_free(simulation);
}
END_TEST

/* One flow over one link that changes; what arrives in each state, in packets of 120 ns at 100 Gbps. */
START_TEST(engine__link_events_act_at_their_time)
{
    static const struct spec_event events[] = {
        {.at = 100 * SIM_US, .link = 1, .change = SPEC_EVENT_DOWN},
        {.at = 200 * SIM_US, .link = 1, .change = SPEC_EVENT_UP},
        {.at = 300 * SIM_US, .link = 1, .change = SPEC_EVENT_RATE, .rate_bps = 200000000000u},
        {.at = 400 * SIM_US, .link = 1, .change = SPEC_EVENT_RATE, .rate_bps = 10000000000u},
        {.at = 500 * SIM_US, .link = 1, .change = SPEC_EVENT_LOSS, .loss = 1},
    };
    static const double received[] = {100 / 0.12, 0, 100 / 0.12, 100 / 0.12, 100 / 1.2, 0};
    struct network network;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 1, 100, SIM_US);
    network_flow(&network, 0, 1);
    network.spec.events = events;
    network.spec.event_count = G_N_ELEMENTS(events);
    network.generator = (struct generator_params){.mean_gap = 100 * SIM_NS, .packet_bytes = 1500};
    network.queue.capacity.value = 30;
    struct simulation *simulation = network_build(&network);
    const struct generator *receiver = (struct generator *)simulation->hosts[1].transport;
    uint64_t before = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(received); i++) {
        simulation_run(simulation, (sim_time)(i + 1) * 100 * SIM_US, NULL);
        /* What was in flight at a change: 2 us, and a queue that drains. */
        ck_assert_double_eq_tol((double)(receiver->received - before), received[i], 55);
        before = receiver->received;
        simulation_check_conservation(simulation);
    }
    simulation_free(simulation);
}
END_TEST

START_TEST(engine__a_link_that_is_down_is_avoided)
{
    static const struct spec_event events[] = {
        {.at = 100 * SIM_US, .link = 1, .change = SPEC_EVENT_DOWN}};
    struct network network;
    struct simulation_totals totals;
    network_init(&network, 2, 2);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 3, 100, SIM_US);
    network_link(&network, 2, 3, 100, SIM_US);
    network_link(&network, 3, 1, 100, SIM_US);
    network_flow(&network, 0, 1);
    network.spec.events = events;
    network.spec.event_count = 1;
    network.generator = (struct generator_params){.mean_gap = 500 * SIM_NS, .packet_bytes = 1500};
    struct simulation *simulation = network_build(&network);
    simulation_run(simulation, SIM_MS, NULL);
    simulation_totals(simulation, &totals);
    ck_assert_uint_le(totals.drops[DROP_LINK_DOWN], 20);
    ck_assert_uint_gt(totals.delivered, 1800);
    simulation_free(simulation);
}
END_TEST

START_TEST(engine__digest_tells_runs_apart)
{
    struct network network;
    network_square(&network);
    uint64_t digest = run_network(&network, in_one_go).digest;
    network_square(&network);
    network.links[9].delay += 1;
    ck_assert_uint_ne(run_network(&network, in_one_go).digest, digest);
    network_square(&network);
    network.links[9].loss = 0.01;
    uint64_t with_loss = run_network(&network, in_one_go).digest;
    ck_assert_uint_ne(with_loss, digest);
    network.spec.seed = 2;
    ck_assert_uint_ne(run_network(&network, in_one_go).digest, with_loss);
}
END_TEST

START_TEST(engine__two_simulations_live_side_by_side)
{
    struct network a, b;
    network_square(&a);
    network_square(&b);
    uint64_t alone = run_network(&a, in_one_go).digest;
    struct simulation *x = network_build(&a), *y = network_build(&b);
    struct simulation_totals totals;
    for (sim_time until = 0; until <= SIM_MS; until += 50 * SIM_US) {
        simulation_run(x, until, NULL);
        simulation_run(y, until, NULL);
    }
    simulation_totals(y, &totals);
    ck_assert_uint_eq(totals.digest, alone);
    simulation_free(x);
    simulation_free(y);
}
END_TEST

/* Stops a run when it is asked more often than `patience`; each thread asks once at the start. */
struct patient {
    struct stop stop;
    unsigned patience;
    atomic_uint asked;
};

static bool patient_asked(const struct stop *stop)
{
    struct patient *patient = (struct patient *)stop;
    return atomic_fetch_add(&patient->asked, 1) >= patient->patience;
}

static sim_time patient_run(struct simulation *simulation, sim_time until, unsigned patience)
{
    struct patient patient = {{patient_asked}, patience, 0};
    return simulation_run(simulation, until, &patient.stop);
}

START_TEST(engine__a_stop_at_the_start_runs_nothing)
{
    struct network network;
    struct simulation_totals totals;
    network_square(&network);
    struct simulation *simulation = network_build(&network);
    ck_assert_int_eq(patient_run(simulation, SIM_MS, 0), 0);
    simulation_totals(simulation, &totals);
    ck_assert_uint_eq(totals.events, 0);
    simulation_free(simulation);
}
END_TEST

/* A window of 100 us has many times the events that are between two questions. Merged processes, threads, and slices that
 * cut windows go on from there to the same end. */
START_TEST(engine__stops_within_windows_and_goes_on_to_the_same_end)
{
    static const struct {
        sim_time delay, merge_below, slice;
        uint32_t threads;
    } variants[] = {
        {SIM_US, 0, SIM_MS, 1},       {100 * SIM_US, 0, SIM_MS, 1},
        {SIM_US, SIM_MS, SIM_MS, 1},  {100 * SIM_US, 0, 33333333, 1},
        {100 * SIM_US, 0, SIM_MS, 3}, {SIM_US, 0, SIM_MS, 2},
    };
    const sim_time end = 250 * SIM_US;
    struct network network;
    network_dumbbell(&network, 4, 100, variants[_i].delay);
    network.generator = (struct generator_params){.mean_gap = 10 * SIM_NS, .packet_bytes = 64};
    network.spec.duration = end;
    uint64_t digest = run_network(&network, in_one_go).digest;
    network.spec.merge_below = variants[_i].merge_below;
    network.spec.threads = variants[_i].threads;
    struct simulation *simulation = network_build(&network);
    struct simulation_totals totals;
    unsigned stops = 0;
    for (sim_time now = 0; now < end; stops++) {
        sim_time slice = now + variants[_i].slice, until = slice < end ? slice : end;
        sim_time reached = patient_run(simulation, until, variants[_i].threads);
        ck_assert_int_ge(reached, now);
        ck_assert_int_le(reached, until);
        now = reached;
        simulation_check_conservation(simulation);
    }
    simulation_totals(simulation, &totals);
    ck_assert_uint_gt(stops, 20);
    ck_assert_uint_eq(totals.digest, digest);
    simulation_free(simulation);
}
END_TEST

/* One packet through one switch: its delay is known to the picosecond. */
START_TEST(engine__one_packet_takes_what_arithmetic_says)
{
    struct network network;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 1, 10, 2 * SIM_US);
    network_flow(&network, 0, 1);
    network.generator.window = 1;
    sim_time there = 120 * SIM_NS + SIM_US + 1200 * SIM_NS + 2 * SIM_US;
    sim_time back = 32 * SIM_NS + 2 * SIM_US + 3200 + SIM_US;
    network.spec.duration = 100 * (there + back);
    struct simulation_totals totals = run_network(&network, network.spec.duration);
    /* Packets leave the host each round trip, and the last one's answer is not handled at the end. */
    ck_assert_uint_eq(totals.packet_hops, 4 * 100);
    ck_assert_uint_eq(totals.delivered, 2 * 100 - 1);
    ck_assert_uint_eq(totals.in_flight, 1);
}
END_TEST

START_TEST(engine__a_full_queue_drops_and_a_long_one_marks)
{
    struct network network;
    network_dumbbell(&network, 4, 100, SIM_US);
    network.links[8].rate_bps = 10000000000u;
    network.generator.window = 40;
    network.queue.capacity.value = 100;
    struct simulation_totals totals = run_network(&network, in_one_go);
    ck_assert_uint_gt(totals.drops[DROP_QUEUE_FULL], 0);
    ck_assert_uint_gt(totals.marks, 0);
    network.queue.capacity.value = 1000;
    network.queue.mark_at.value = 160; /* all that four windows hold */
    totals = run_network(&network, in_one_go);
    ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
    ck_assert_uint_eq(totals.marks, 0);
}
END_TEST

START_TEST(engine__link_loss_has_its_probability)
{
    struct network network;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 1, 100, SIM_US)->loss = 0.1;
    network_flow(&network, 0, 1);
    network.generator = (struct generator_params){.mean_gap = SIM_US, .packet_bytes = 1000};
    network.spec.duration = 20 * SIM_MS;
    struct simulation_totals totals = run_network(&network, SIM_MS);
    double share = (double)totals.drops[DROP_LINK_LOSS] / (double)totals.injected;
    ck_assert_double_eq_tol(share, 0.1, 5 * 0.3 / 141); /* 20000 packets */
}
END_TEST

START_TEST(engine__a_packet_above_the_mtu_is_dropped_and_counted)
{
    struct network network;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 1, 100, SIM_US);
    network_flow(&network, 0, 1);
    network.generator.packet_bytes = 1501;
    struct simulation_totals totals = run_network(&network, in_one_go);
    ck_assert_uint_eq(totals.drops[DROP_MTU], 10);
    ck_assert_uint_eq(totals.delivered, 0);
}
END_TEST

START_TEST(engine__a_host_with_two_links_is_refused)
{
    struct network network;
    GError *error = NULL;
    network_init(&network, 2, 1);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 1, 100, SIM_US);
    ck_assert_ptr_null(simulation_new(&network.spec, &error));
    ck_assert_str_eq(error->message, "host n0 has 2 links; a host has exactly one");
    g_error_free(error);
}
END_TEST

START_TEST(engine__two_hosts_may_be_joined_directly)
{
    struct network network;
    network_init(&network, 2, 0);
    network_link(&network, 0, 1, 100, SIM_US);
    network_flow(&network, 0, 1);
    ck_assert_uint_gt(run_network(&network, in_one_go).delivered, 1000);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase,
                   engine__digest_is_the_same_for_every_window_pause_merging_and_thread_count);
    tcase_add_loop_test(tcase, engine__few_short_links_are_merged_away_many_are_not, 0, 6);
    tcase_add_test(tcase, engine__digest_is_the_same_for_windows_of_one_picosecond);
    tcase_add_test(tcase, engine__a_backlog_gives_the_digest_of_computed_departures);
    tcase_add_test(tcase, engine__link_events_act_at_their_time);
    tcase_add_test(tcase, engine__a_link_that_is_down_is_avoided);
    tcase_add_test(tcase, engine__digest_tells_runs_apart);
    tcase_add_test(tcase, engine__two_simulations_live_side_by_side);
    tcase_add_test(tcase, engine__a_stop_at_the_start_runs_nothing);
    tcase_add_loop_test(tcase, engine__stops_within_windows_and_goes_on_to_the_same_end, 0, 6);
    tcase_add_test(tcase, engine__one_packet_takes_what_arithmetic_says);
    tcase_add_test(tcase, engine__a_full_queue_drops_and_a_long_one_marks);
    tcase_add_test(tcase, engine__link_loss_has_its_probability);
    tcase_add_test(tcase, engine__a_packet_above_the_mtu_is_dropped_and_counted);
    tcase_add_test(tcase, engine__a_host_with_two_links_is_refused);
    tcase_add_test(tcase, engine__two_hosts_may_be_joined_directly);
}

int main(void)
{
    return suite_run("engine", add_cases);
}
