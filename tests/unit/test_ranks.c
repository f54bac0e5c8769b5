/* A simulation that is split over ranks is the same simulation: digest, counts, records. The ranks
 * are threads here, and swap through memory. */
#include "net/network.h"
#include "net/ranks.h"

#include "support/network.h"
#include "support/rank_threads.h"
#include "support/suite.h"

/* One way to run the network, and what came of it at rank 0. */
struct variant {
    sim_time window, merge_below, slice;
    uint32_t ranks, threads;
};

struct outcome {
    struct variant variant;
    bool lossless; /* with priority flow control */
    struct simulation_totals totals;
    struct sim_transport_counts counts;
    GArray *messages, *queues, *packets, *links;
};

static const struct spec_event events[] = {
    {.at = 20 * SIM_US, .link = 8, .change = SPEC_EVENT_DOWN},
    {.at = 60 * SIM_US, .link = 8, .change = SPEC_EVENT_UP},
    {.at = 90 * SIM_US, .link = 10, .change = SPEC_EVENT_RATE, .rate_bps = 25000000000u},
    {.at = 120 * SIM_US, .link = 9, .change = SPEC_EVENT_LOSS, .loss = 0.01},
};
static uint32_t all_links[] = {0, 1, 2, 3, 8, 9, 10, 11};
static uint32_t sampled[] = {8, 9, 10, 11};
static uint32_t traced[] = {0, 4, 1, 5};

static void fill_network(struct network *network, const struct variant *variant, bool lossless)
{
    network_square(network);
    network->links[11].loss = 0.001;
    network->spec.duration = 200 * SIM_US;
    network->spec.window = variant->window;
    network->spec.merge_below = variant->merge_below;
    network->spec.threads = variant->threads;
    network->spec.events = events;
    network->spec.event_count = G_N_ELEMENTS(events);
    network->spec.throughput_every = 10 * SIM_US;
    network->spec.queues_every = 5 * SIM_US;
    network->spec.queue_links = (struct sim_list){sampled, G_N_ELEMENTS(sampled)};
    network->spec.trace_hosts = (struct sim_list){traced, G_N_ELEMENTS(traced)};
    network->spec.trace_until = 50 * SIM_US;
    if (!lossless)
        return;
    network->generator.window = 15;
    network->spec.pfc = (struct spec_pfc){
        .links = {all_links, G_N_ELEMENTS(all_links)},
        .xoff_bytes = 9000,
        .xon_bytes = 4500,
        .headroom_bytes = UINT64_MAX,
        .classes = 2,
    };
}

/* A packet's place in its pool is no result. */
static GArray *read_packets(const struct simulation *simulation)
{
    GArray *packets = simulation_packets(simulation);
    for (guint i = 0; i < packets->len; i++) {
        struct sim_packet *packet = &g_array_index(packets, struct packet_record, i).packet;
        packet->next = 0;
        packet->next_arrival = 0;
    }
    return packets;
}

static void read_outcome(const struct simulation *simulation, struct outcome *outcome)
{
    simulation_check_conservation(simulation);
    simulation_totals(simulation, &outcome->totals);
    simulation_counts(simulation, &outcome->counts);
    outcome->messages = simulation_messages(simulation);
    outcome->queues = simulation_queues(simulation);
    outcome->packets = read_packets(simulation);
    outcome->links = simulation_links(simulation);
}

static void run_at_rank(struct ranks *ranks, void *data)
{
    struct outcome *outcome = data;
    struct network network;
    fill_network(&network, &outcome->variant, outcome->lossless);
    network.spec.ranks = ranks;
    struct simulation *simulation = network_build(&network);
    for (sim_time until = 0; until < network.spec.duration; until += outcome->variant.slice)
        ck_assert_int_eq(simulation_run(simulation, until, NULL), until);
    simulation_run(simulation, network.spec.duration, NULL);
    simulation_gather(simulation);
    if (!ranks || ranks_lead(ranks))
        read_outcome(simulation, outcome);
    simulation_free(simulation);
}

static void clear_outcome(struct outcome *outcome)
{
    g_array_unref(outcome->messages);
    g_array_unref(outcome->queues);
    g_array_unref(outcome->packets);
    g_array_unref(outcome->links);
}

static void assert_same_records(const GArray *a, const GArray *b)
{
    ck_assert_uint_eq(a->len, b->len);
    if (a->len)
        ck_assert_mem_eq(a->data, b->data, a->len * g_array_get_element_size((GArray *)a));
}

static void assert_same(const struct outcome *one, const struct outcome *other)
{
    ck_assert_uint_eq(one->totals.digest, other->totals.digest);
    ck_assert_uint_eq(one->totals.events, other->totals.events);
    ck_assert_uint_eq(one->totals.packet_hops, other->totals.packet_hops);
    ck_assert_uint_eq(one->totals.injected, other->totals.injected);
    ck_assert_uint_eq(one->totals.delivered, other->totals.delivered);
    ck_assert_uint_eq(one->totals.in_flight, other->totals.in_flight);
    ck_assert_uint_eq(one->totals.marks, other->totals.marks);
    ck_assert_uint_eq(one->totals.pauses, other->totals.pauses);
    ck_assert_int_eq(one->totals.paused_time, other->totals.paused_time);
    ck_assert_mem_eq(one->totals.drops, other->totals.drops, sizeof one->totals.drops);
    ck_assert_mem_eq(&one->counts, &other->counts, sizeof one->counts);
    assert_same_records(one->messages, other->messages);
    assert_same_records(one->queues, other->queues);
    assert_same_records(one->packets, other->packets);
    assert_same_records(one->links, other->links);
}

/* clang-format off */
START_TEST(ranks__results_are_those_of_one_process)
{
    static const struct variant variants[] = {
        {0, 0, SIM_MS, 1, 1},
        {0, 0, SIM_MS, 2, 1},
        {0, 0, SIM_MS, 3, 1},
        {0, 0, SIM_MS, 8, 1},
        {0, 0, SIM_MS, 12, 1}, /* more than hosts: some have switches, or nothing */
        {7919, 0, 34567891, 2, 1},
        {0, 600 * SIM_NS, 7777777, 3, 1},
        {0, SIM_MS, SIM_MS, 2, 1}, /* one process: a rank that has all, and one that has nothing */
        {0, 0, 5 * SIM_US, 2, 2},
        {0, 0, SIM_MS, 3, 3},
    };
    struct outcome whole = {.variant = {.slice = SIM_MS}, .lossless = _i};
    run_at_rank(NULL, &whole);
    ck_assert_uint_gt(whole.totals.drops[DROP_LINK_DOWN] + whole.totals.drops[DROP_LINK_LOSS], 0);
    ck_assert_uint_gt(whole.totals.in_flight, 0);
    ck_assert_uint_gt(whole.packets->len, 0);
    ck_assert_int_eq(whole.totals.pauses > 0, _i);
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        struct outcome split = {.variant = variants[i], .lossless = _i};
        rank_threads_run(variants[i].ranks, run_at_rank, &split);
        assert_same(&split, &whole);
        clear_outcome(&split);
    }
    clear_outcome(&whole);
}
END_TEST

struct stop_if {
    struct stop stop;
    bool now;
};

static bool stop_if_asked(const struct stop *stop)
{
    return ((const struct stop_if *)stop)->now;
}

static void stop_at_rank(struct ranks *ranks, void *data)
{
    struct network network;
    struct simulation_totals totals;
    network_square(&network);
    network.spec.ranks = ranks;
    struct simulation *simulation = network_build(&network);
    struct stop_if stop = {{stop_if_asked}, ranks->index == *(const uint32_t *)data};
    ck_assert_int_eq(simulation_run(simulation, 50 * SIM_US, NULL), 50 * SIM_US);
    ck_assert_int_lt(simulation_run(simulation, SIM_MS, &stop.stop), SIM_MS);
    ck_assert_int_eq(simulation_run(simulation, SIM_MS, NULL), SIM_MS);
    simulation_gather(simulation);
    if (ranks_lead(ranks)) {
        simulation_check_conservation(simulation);
        simulation_totals(simulation, &totals);
        ck_assert_uint_gt(totals.packet_hops, 10000);
    }
    simulation_free(simulation);
}

START_TEST(ranks__all_stop_when_one_does)
{
    for (uint32_t who = 0; who < 3; who++)
        rank_threads_run(3, stop_at_rank, &who);
}
END_TEST

static void agree_at_rank(struct ranks *ranks, void *data)
{
    uint32_t against = *(const uint32_t *)data;
    ck_assert_int_eq(ranks_agree(ranks, ranks->index != against), against >= ranks->count);
}

START_TEST(ranks__agree_only_when_all_do)
{
    for (uint32_t against = 0; against <= 3; against++)
        rank_threads_run(3, agree_at_rank, &against);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, ranks__results_are_those_of_one_process, 0, 2);
    tcase_add_test(tcase, ranks__all_stop_when_one_does);
    tcase_add_test(tcase, ranks__agree_only_when_all_do);
}

int main(void)
{
    return suite_run("ranks", add_cases);
}
