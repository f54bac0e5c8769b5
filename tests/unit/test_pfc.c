/* Priority flow control: thresholds to the picosecond and to the byte, pauses that spread, no drop,
 * and the digest that does not depend on how a run is executed. */
#include "net/pfc.h"

#include "net/network.h"

#include "support/network.h"
#include "support/run.h"
#include "support/suite.h"

static uint32_t all_links[NETWORK_LINKS_MAX];

static void flow_control(struct network *network, uint64_t xoff_bytes, uint64_t xon_bytes)
{
    for (uint32_t i = 0; i < network->spec.link_count; i++)
        all_links[i] = i;
    network->spec.pfc = (struct spec_pfc){
        .links = {all_links, network->spec.link_count},
        .xoff_bytes = xoff_bytes,
        .xon_bytes = xon_bytes,
        .headroom_bytes = UINT64_MAX,
        .classes = 1,
    };
}

static struct simulation_totals run_network(struct network *network, sim_time slice)
{
    struct simulation *simulation = network_build(network);
    struct simulation_totals totals;
    for (sim_time until = slice; until < network->spec.duration; until += slice)
        simulation_run(simulation, until, NULL);
    simulation_run(simulation, network->spec.duration, NULL);
    simulation_totals(simulation, &totals);
    simulation_check_conservation(simulation);
    simulation_free(simulation);
    return totals;
}

/* Two senders, a switch, a receiver; all links 100 Gbps and 1 us. */
static void two_to_one(struct network *network)
{
    network_init(network, 3, 1);
    for (uint32_t host = 0; host < 3; host++)
        network_link(network, host, 3, 100, SIM_US);
    network_flow(network, 0, 2);
    network_flow(network, 1, 2);
    network->generator.window = 1000;
    network->spec.duration = 20 * SIM_US;
}

static const struct pfc_port *nic_of(const struct simulation *simulation, uint32_t host)
{
    return simulation->nodes[host].ports[0].backlog->pfc;
}

/* Generated packets that a host has sent or holds in its NIC. */
static uint64_t packets_sent(const struct simulation *simulation, uint32_t host)
{
    return simulation->nodes[host].ports[0].packets;
}

/* clang-format off */

/* Packets of 1500 bytes take 120 ns. Both senders' packet k arrives at 1120 + 120 k ns, sender 0's first, and the
 * switch sends one of them on in that time: sender 0's first at once, then 1, 0, 1, ... After the arrivals at
 * 1120 + 120 k, k + 1 packets wait. At k = 8 these are 4 of sender 0 and 5 of sender 1, which is above xoff, 4; at k =
 * 9, 5 of sender 0. A pause frame takes 5.12 ns and 1 us: sender 1 is paused at 2080 + 1005.12 ns, during its packet
 * 25 (3000 to 3120 ns), and sender 0 at 2200 + 1005.12, during its packet 26. So 26 and 27 packets come, and 13 of
 * each wait at most. Sender 1's are down to xon, 2, when its packet 23 starts, at 1120 + 120 x 47 ns, and sender
 * 0's with packet 24, 120 ns later; the resume frames find the wire free. */
START_TEST(pfc__two_senders_as_computed_by_hand)
{
    static const sim_time paused_at[] = {3205120, 3085120}, resumed_at[] = {7885120, 7765120};
    static const uint64_t sent[] = {27, 26};
    struct network network;
    two_to_one(&network);
    flow_control(&network, 6000, 3000);
    struct simulation *simulation = network_build(&network);
    for (uint32_t host = 2; host-- > 0;) {
        simulation_run(simulation, paused_at[host], NULL);
        ck_assert_uint_eq(nic_of(simulation, host)->pauses, 0);
        simulation_run(simulation, paused_at[host] + 1, NULL);
        ck_assert_uint_eq(nic_of(simulation, host)->pauses, 1);
        ck_assert_uint_eq(nic_of(simulation, host)->paused, 1);
    }
    for (uint32_t host = 2; host-- > 0;) {
        simulation_run(simulation, resumed_at[host], NULL);
        ck_assert_uint_eq(nic_of(simulation, host)->paused, 1);
        ck_assert_uint_eq(packets_sent(simulation, host), sent[host]);
        simulation_run(simulation, resumed_at[host] + 1, NULL);
        ck_assert_uint_eq(nic_of(simulation, host)->paused, 0);
        ck_assert_uint_eq(packets_sent(simulation, host), sent[host] + 1);
        ck_assert_int_eq(nic_of(simulation, host)->paused_time, resumed_at[host] - paused_at[host]);
    }
    simulation_check_conservation(simulation);
    simulation_free(simulation);
}
END_TEST

/* The most that a node's input holds, as seen every 20 ns: it changes with packets, of 120 ns. */
static uint64_t most_held(struct simulation *simulation, uint32_t node, uint32_t input,
                          sim_time until)
{
    uint64_t most = 0;
    for (sim_time now = 0; now < until; now += 20 * SIM_NS) {
        simulation_run(simulation, now, NULL);
        most = MAX(most, simulation->nodes[node].pfc->inputs[input].bytes[0]);
    }
    return most;
}

/* The same: what came before the pause, less what left. */
START_TEST(pfc__the_most_that_an_input_holds)
{
    struct network network;
    two_to_one(&network);
    flow_control(&network, 6000, 3000);
    struct simulation *simulation = network_build(&network);
    ck_assert_uint_eq(most_held(simulation, 3, (uint32_t)_i, 20 * SIM_US), 13 * 1500);
    simulation_free(simulation);
}
END_TEST

/* Eight senders, one receiver, 20 packets of queue. */
START_TEST(pfc__an_incast_drops_only_without)
{
    struct network network;
    struct simulation_totals totals[2];
    for (int with = 0; with < 2; with++) {
        network_init(&network, 9, 1);
        for (uint32_t host = 0; host < 9; host++)
            network_link(&network, host, 9, 100, SIM_US);
        for (uint32_t host = 0; host < 8; host++)
            network_flow(&network, host, 8);
        network.generator = (struct generator_params){.mean_gap = 200 * SIM_NS, .packet_bytes = 1500};
        network.queue.capacity.value = 20;
        if (with)
            flow_control(&network, 15000, 12000);
        totals[with] = run_network(&network, SIM_MS);
    }
    ck_assert_uint_gt(totals[0].drops[DROP_QUEUE_FULL], 10000);
    ck_assert_uint_eq(totals[0].pauses, 0);
    ck_assert_uint_eq(totals[1].drops[DROP_QUEUE_FULL], 0);
    ck_assert_uint_gt(totals[1].pauses, 100);
    ck_assert_uint_gt(totals[1].paused_time, 4 * SIM_MS); /* of 8 NICs, 3/8 of whose load fits */
    ck_assert_uint_gt(totals[1].delivered, 8200);         /* of 8333 */
}
END_TEST

/* Senders 0 and 1 fill a slow link behind the second switch; 2 goes elsewhere over the same middle link. */
static void victim(struct network *network)
{
    network_init(network, 5, 2);
    network_link(network, 0, 5, 100, SIM_US);
    network_link(network, 1, 5, 100, SIM_US);
    network_link(network, 2, 5, 100, SIM_US);
    network_link(network, 5, 6, 100, SIM_US);
    network_link(network, 6, 3, 10, SIM_US);
    network_link(network, 6, 4, 100, SIM_US);
    network_flow(network, 0, 3);
    network_flow(network, 1, 3);
    network_flow(network, 2, 4);
    network->generator = (struct generator_params){.mean_gap = 400 * SIM_NS, .packet_bytes = 1500};
}

START_TEST(pfc__pauses_spread_hop_by_hop_and_hit_bystanders)
{
    uint64_t received[2];
    for (int with = 0; with < 2; with++) {
        struct network network;
        victim(&network);
        if (with)
            flow_control(&network, 15000, 12000);
        struct simulation *simulation = network_build(&network);
        if (with) {
            /* The middle link first, then the senders, whatever their packets' way. */
            sim_time middle = SIM_NEVER, first = SIM_NEVER, victim_at = SIM_NEVER;
            for (sim_time now = 0; now < 100 * SIM_US; now += 100 * SIM_NS) {
                simulation_run(simulation, now, NULL);
                if (middle == SIM_NEVER && simulation->nodes[5].ports[3].backlog->pfc->pauses)
                    middle = now;
                if (first == SIM_NEVER && nic_of(simulation, 0)->pauses)
                    first = now;
                if (victim_at == SIM_NEVER && nic_of(simulation, 2)->pauses)
                    victim_at = now;
            }
            ck_assert_int_lt(middle, first);
            ck_assert_int_lt(middle, victim_at);
            ck_assert_int_lt(victim_at, 100 * SIM_US);
        }
        simulation_run(simulation, SIM_MS, NULL);
        received[with] = ((struct generator *)simulation->hosts[4].transport)->received;
        simulation_free(simulation);
    }
    /* 30 Gbps; with pauses what each of three senders gets through a middle link that 10 Gbps for two hold up. */
    ck_assert_double_eq_tol((double)received[0], 1e-3 * 30e9 / 12000, 150);
    ck_assert_double_eq_tol((double)received[1], 1e-3 * 5e9 / 12000, 100);
}
END_TEST

/* The same, with the bystander in another class. */
static const char two_classes[] =
    "name: classes\n"
    "duration: 1ms\n"
    "topology:\n"
    "  hosts: [a, b, c, d]\n"
    "  switches: [s, t]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [b, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [s, t], rate: 400Gbps, delay: 1us}\n"
    "    - {ends: [t, c], rate: 10Gbps, delay: 1us}\n"
    "    - {ends: [t, d], rate: 100Gbps, delay: 1us}\n"
    "queue: {droptail: {capacity: 100000p}}\n"
    "transport: {mtp: {congestion: newreno}}\n"
    "workload:\n"
    "  - messages: {from: a, to: c, bytes: 100MB, priority: 3}\n"
    "  - messages: {from: b, to: d, bytes: 100MB, priority: 5}\n"
    "pfc: {xoff: 30KB}\n"
    "systems:\n"
    "  apart: {}\n"
    "  together: {pfc: {xoff: 30KB, classes: 3}}\n";

START_TEST(pfc__a_class_is_paused_alone)
{
    for (guint system = 0; system < 2; system++) {
        struct run run;
        struct simulation_totals totals;
        run_init(&run, two_classes, system);
        simulation_run(run.simulation, SIM_MS, NULL);
        simulation_totals(run.simulation, &totals);
        simulation_check_conservation(run.simulation);
        ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
        ck_assert_uint_gt(nic_of(run.simulation, 0)->pauses, 0);
        ck_assert_int_eq(nic_of(run.simulation, 1)->pauses > 0, system == 1);
        if (system == 0)
            ck_assert_double_gt(run_goodput_gbps(&run), 90);
        else
            ck_assert_double_lt(run_goodput_gbps(&run), 40);
        run_clear(&run);
    }
}
END_TEST

/* What a device makes belongs to no input: nobody is held back for it, and its queue may drop it. */
static const char with_device[] =
    "name: device\n"
    "duration: 1ms\n"
    "topology:\n"
    "  hosts: [a, c]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [s, c], rate: 10Gbps, delay: 1us}\n"
    "queue: {droptail: {capacity: 64p}}\n"
    "transport: {mtp: {congestion: newreno}}\n"
    "offloads: [{mutate: {at: s, servers: c, rate: 100Gbps, ratio: 0.9}}]\n"
    "workload: [{messages: {from: a, to: c, bytes: 1MB}}]\n"
    "pfc: {xoff: 30KB}\n";

START_TEST(pfc__what_a_device_sends_is_no_inputs)
{
    struct run run;
    struct simulation_totals totals;
    run_init(&run, with_device, 0);
    simulation_run(run.simulation, SIM_MS, NULL);
    simulation_totals(run.simulation, &totals);
    ck_assert_uint_eq(totals.pauses, 0);
    ck_assert_uint_gt(totals.drops[DROP_QUEUE_FULL], 0);
    run_clear(&run);
}
END_TEST

START_TEST(pfc__digest_is_the_same_for_every_window_pause_merging_and_thread_count)
{
    static const struct {
        sim_time window, merge_below, slice;
        uint32_t threads;
    } variants[] = {
        {0, 0, SIM_MS, 1},           {100 * SIM_NS, 0, SIM_MS, 1},  {7919, 0, SIM_MS, 1},
        {333333, 0, 99991, 1},       {0, 600 * SIM_NS, 777777, 1},  {0, SIM_MS, SIM_MS, 1},
        {0, 0, SIM_MS, 2},           {0, 0, 1234567, 3},            {77 * SIM_NS, 600 * SIM_NS, 5 * SIM_US, 3},
    };
    uint64_t digest = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        struct network network;
        network_square(&network);
        network.generator.window = 15;
        flow_control(&network, 9000, 4500);
        network.spec.pfc.classes = 2;
        network.spec.duration = 300 * SIM_US;
        network.spec.window = variants[i].window;
        network.spec.merge_below = variants[i].merge_below;
        network.spec.threads = variants[i].threads;
        struct simulation_totals totals = run_network(&network, variants[i].slice);
        if (i == 0)
            digest = totals.digest;
        ck_assert_msg(totals.digest == digest, "variant %zu has another digest", i);
        ck_assert_uint_gt(totals.pauses, 100);
        ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
    }
}
END_TEST

/* Four switches in a circle that all send on around it: with small thresholds each waits for the next. Nothing moves
 * again, nothing is lost, and the pauses stay. */
START_TEST(pfc__a_circle_of_pauses_is_a_deadlock)
{
    struct network network;
    struct simulation_totals before, after;
    network_square(&network);
    network.generator.window = 40;
    flow_control(&network, 3000, 1500);
    struct simulation *simulation = network_build(&network);
    simulation_run(simulation, 500 * SIM_US, NULL);
    simulation_totals(simulation, &before);
    simulation_run(simulation, SIM_MS, NULL);
    simulation_totals(simulation, &after);
    simulation_check_conservation(simulation);
    ck_assert_uint_gt(after.in_flight, 100);
    ck_assert_uint_eq(after.packet_hops, before.packet_hops);
    ck_assert_uint_eq(after.pauses, before.pauses);
    ck_assert_int_ge(after.paused_time - before.paused_time, 4 * 500 * SIM_US);
    simulation_free(simulation);
}
END_TEST

/* With thresholds that are never reached, packets leave as from computed departures. */
START_TEST(pfc__unused_it_gives_the_digest_without)
{
    struct network network;
    network_square(&network);
    struct simulation_totals without = run_network(&network, SIM_MS), with;
    flow_control(&network, 100000000, 50000000);
    network.spec.pfc.classes = 8;
    with = run_network(&network, SIM_MS);
    ck_assert_uint_eq(with.pauses, 0);
    ck_assert_uint_gt(with.packet_hops, 20000);
    ck_assert_uint_eq(with.digest, without.digest);
}
END_TEST

/* Over many delays the most that waits stays within the headroom, and comes within the packets that are in
 * transmission at the worst of times. */
START_TEST(pfc__headroom_is_enough_and_not_much_more)
{
    uint64_t closest = UINT64_MAX;
    for (uint32_t i = 0; i < 40; i++) {
        struct network network;
        victim(&network);
        network_flow(&network, 3, 0); /* so that pause frames meet packets */
        network_flow(&network, 4, 2);
        network.generator.mean_gap = 130 * SIM_NS;
        network.spec.seed = i;
        network.links[3].delay = (100 + 371 * i) * SIM_NS;
        flow_control(&network, 6000, 6000);
        struct simulation *simulation = network_build(&network);
        struct simulation_totals totals;
        uint64_t most = most_held(simulation, 6, 0, 200 * SIM_US);
        uint64_t limit = simulation->nodes[6].pfc->inputs[0].limit_bytes;
        simulation_totals(simulation, &totals);
        ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
        ck_assert_uint_le(most, limit);
        closest = MIN(closest, limit - most);
        simulation_free(simulation);
    }
    ck_assert_uint_le(closest, 3 * 1500 + 1024);
}
END_TEST

START_TEST(pfc__what_is_refused)
{
    static const struct {
        const char *queue, *pfc, *message;
    } cases[] = {
        {"droptail: {capacity: 100p}", "xoff: 30KB, headroom: 30523B",
         "pfc: headroom is 30523B; link near needs 30525B: its round trip, three packets and pause frames"},
        {"strict_priority: {}", "xoff: 30KB",
         "pfc: link near has the queue strict_priority, which orders packets by itself; use a FIFO, as droptail or "
         "ecn_threshold"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("name: refused\n"
                                                "duration: 1ms\n"
                                                "topology:\n"
                                                "  hosts: [a, b]\n"
                                                "  switches: [s]\n"
                                                "  links:\n"
                                                "    - {name: near, ends: [s, a], rate: 100Gbps, delay: 1us}\n"
                                                "    - {name: far, ends: [s, b], rate: 100Gbps, delay: 1us}\n"
                                                "queue: {%s}\n"
                                                "transport: tcp\n"
                                                "pfc: {%s}\n"
                                                "workload: [long_flow: {from: a, to: b}]\n",
                                                cases[i].queue, cases[i].pfc);
        g_autofree char *message = run_refusal(text);
        ck_assert_str_eq(message, cases[i].message);
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, pfc__two_senders_as_computed_by_hand);
    tcase_add_loop_test(tcase, pfc__the_most_that_an_input_holds, 0, 2);
    tcase_add_test(tcase, pfc__an_incast_drops_only_without);
    tcase_add_test(tcase, pfc__pauses_spread_hop_by_hop_and_hit_bystanders);
    tcase_add_test(tcase, pfc__a_class_is_paused_alone);
    tcase_add_test(tcase, pfc__what_a_device_sends_is_no_inputs);
    tcase_add_test(tcase, pfc__digest_is_the_same_for_every_window_pause_merging_and_thread_count);
    tcase_add_test(tcase, pfc__a_circle_of_pauses_is_a_deadlock);
    tcase_add_test(tcase, pfc__unused_it_gives_the_digest_without);
    tcase_add_test(tcase, pfc__headroom_is_enough_and_not_much_more);
    tcase_add_test(tcase, pfc__what_is_refused);
}

int main(void)
{
    return suite_run("pfc", add_cases);
}
