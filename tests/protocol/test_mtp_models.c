/* What MTP tells congestion models and how it obeys them: a recording model that sets a window and
 * a rate, for the transport or for one pathlet. The wire is that of test_mtp.c. */
#include <string.h>

#include "support/mtp_case.h"
#include "support/suite.h"

/* ---- a model that records ---- */

struct recorder_params {
    uint64_t window_bytes, rate_bps;
    uint64_t collapse_at; /* acknowledgements after which the window is 1500 bytes; 0: never */
    struct recorded {
        uint64_t acked, acked_bytes, marked_bytes, lost, timeouts, limited, without_entry;
        uint64_t last_value;
        sim_time last_rtt;
        bool order_broken; /* a position behind `sent`, or more acknowledged than in flight */
    } * recorded;
};

struct recorder {
    const struct recorder_params *params;
};

static void recorder_feedback(void *state, const struct sim_port_view *port,
                              struct sim_feedback *entry)
{
    (void)state;
    (void)port;
    entry->type = SIM_FEEDBACK_PRESENCE;
}

static void recorder_init(void *state, const void *params, const struct sim_congestion_env *env,
                          struct sim_congestion *control)
{
    struct recorder *recorder = state;
    recorder->params = params;
    control->window_bytes = recorder->params->window_bytes;
    control->rate_bps = recorder->params->rate_bps;
    ck_assert_uint_eq(env->packet_bytes, 1500);
    ck_assert_uint_eq(env->initial_window_bytes, 15000);
}

static void recorder_acked(void *state, struct sim_congestion *control,
                           const struct sim_ack_sample *sample)
{
    struct recorder *recorder = state;
    struct recorded *recorded = recorder->params->recorded;
    recorded->acked++;
    if (recorded->acked == recorder->params->collapse_at)
        control->window_bytes = 1500;
    recorded->acked_bytes += sample->acked_bytes;
    recorded->marked_bytes += sample->marked_bytes;
    recorded->limited += sample->window_limited;
    recorded->without_entry += !sample->feedback;
    recorded->last_value = sample->feedback ? sample->feedback->value : 0;
    recorded->last_rtt = sample->rtt ? sample->rtt : recorded->last_rtt;
    recorded->order_broken |=
        sample->position >= sample->sent || sample->acked_bytes > sample->in_flight_bytes;
}

static void recorder_lost(void *state, struct sim_congestion *control,
                          const struct sim_loss_sample *sample)
{
    struct recorder *recorder = state;
    (void)control;
    recorder->params->recorded->lost++;
    recorder->params->recorded->order_broken |= sample->position >= sample->sent;
}

static void recorder_timeout(void *state, struct sim_congestion *control,
                             const struct sim_loss_sample *sample)
{
    struct recorder *recorder = state;
    (void)control;
    (void)sample;
    recorder->params->recorded->timeouts++;
}

static const struct sim_congestion_ops recorder_congestion = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "recorder",
               .state_size = sizeof(struct recorder)},
    .feedback = recorder_feedback,
    .init = recorder_init,
    .acked = recorder_acked,
    .lost = recorder_lost,
    .timeout = recorder_timeout,
};

struct model_case {
    struct mtp_case test;
    struct recorded recorded;
    struct recorder_params params;
    struct sim_model model;
    uint32_t pathlet; /* that the model is for; 0: all */
    uint32_t acknowledgements;
};

static const struct sim_model *model_of(const void *network, uint32_t id)
{
    const struct model_case *models = network;
    return models->pathlet == 0 || models->pathlet == id ? &models->model : NULL;
}

static void model_case_init(struct model_case *models)
{
    memset(models, 0, sizeof *models);
    mtp_case_init(&models->test);
    models->params.window_bytes = 100000;
    models->params.recorded = &models->recorded;
    models->model = (struct sim_model){&recorder_congestion.plugin, &models->params};
    models->test.config.pathlet_model = model_of;
    models->test.config.network = models;
}

static void run_message(struct model_case *models, uint64_t bytes)
{
    mtp_case_start(&models->test);
    wire_submit(models->test.wire, 0, (struct sim_message){.dst = 1, .bytes = bytes}, 0);
    wire_run(models->test.wire, SIM_S / 2);
    mtp_case_check_empty(mtp_case_host(&models->test, 0));
}

/* ---- samples ---- */

START_TEST(mtp__samples_account_for_every_byte)
{
    struct model_case models;
    model_case_init(&models);
    models.test.route.mark = 0.25;
    models.test.route.mark_path = 1;
    run_message(&models, 500 * 1376);
    struct sim_transport_counts counts = wire_counts(models.test.wire, 0);
    ck_assert_uint_eq(models.recorded.acked, 500);
    ck_assert_uint_eq(models.recorded.acked_bytes,
                      counts.data_payload_bytes + counts.data_header_bytes);
    ck_assert_uint_ge(models.recorded.marked_bytes, models.recorded.acked_bytes / 5);
    ck_assert_uint_le(models.recorded.marked_bytes, models.recorded.acked_bytes / 10 * 3);
    ck_assert_uint_eq(models.recorded.marked_bytes % 1432, 0);
    ck_assert_uint_gt(models.recorded.limited, 300); /* 100 kB a round trip of 250 kB */
    ck_assert_uint_eq(models.recorded.without_entry, 0);
    ck_assert(!models.recorded.order_broken);
    wire_free(models.test.wire);
}
END_TEST

START_TEST(mtp__models_hear_of_losses)
{
    static const struct {
        uint32_t nth, count;
        uint64_t lost, timeouts;
    } rows[] = {{20, 1, 1, 0}, {20, 5, 5, 0}, {100, 1, 0, 1}, {96, 5, 0, 1}};
    struct model_case models;
    model_case_init(&models);
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_FIRST,
                                                   .from = 0,
                                                   .nth = rows[_i].nth,
                                                   .count = rows[_i].count,
                                                   .action = WIRE_DROP});
    run_message(&models, 100 * 1376);
    ck_assert_uint_eq(models.recorded.lost, rows[_i].lost);
    ck_assert_uint_eq(models.recorded.timeouts, rows[_i].timeouts);
    ck_assert(!models.recorded.order_broken);
    wire_free(models.test.wire);
}
END_TEST

/* Messages that are lost together time out one by one, but the model hears of it once. */
START_TEST(mtp__models_hear_one_timeout_a_round_trip)
{
    struct model_case models;
    model_case_init(&models);
    mtp_case_rule(
        &models.test,
        (struct wire_rule){.class = WIRE_FIRST, .from = 0, .count = 5, .action = WIRE_DROP});
    mtp_case_start(&models.test);
    for (uint32_t i = 0; i < 5; i++)
        wire_submit(models.test.wire, 0, (struct sim_message){.dst = 1, .bytes = 1000}, 0);
    wire_run(models.test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).timeouts, 5);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).retransmissions, 5);
    ck_assert_uint_eq(models.recorded.timeouts, 1);
    mtp_case_check_empty(mtp_case_host(&models.test, 0));
    wire_free(models.test.wire);
}
END_TEST

/* The window closes, and for many least round trips acknowledgements come while nothing may be
 * sent. That is no silence: no probe. All packets but the first take 500 us longer. */
START_TEST(mtp__no_probe_while_acknowledgements_come)
{
    struct model_case models;
    model_case_init(&models);
    models.params.collapse_at = 20;
    models.test.config.rate_bps = 1000000000;
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_DATA,
                                                   .from = 0,
                                                   .nth = 2,
                                                   .count = 100000,
                                                   .action = WIRE_DELAY,
                                                   .delay = 500 * SIM_US});
    mtp_case_start(&models.test);
    wire_submit(models.test.wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
    wire_run(models.test.wire, 800 * SIM_US);
    uint64_t sent = wire_counts(models.test.wire, 0).data_packets;
    ck_assert_uint_gt(models.recorded.acked, 20);
    wire_run(models.test.wire, 1200 * SIM_US);
    ck_assert_uint_gt(models.recorded.acked, 50);
    ck_assert_int_lt(mtp_case_host(&models.test, 0)->destinations[0]->least_rtt, 40 * SIM_US);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).probes, 0);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).data_packets, sent);
    wire_free(models.test.wire);
}
END_TEST

/* A packet that was sent twice is acknowledged over a path that it is not charged to: the marks are
 * not those of the windows that held it. */
START_TEST(mtp__marks_of_another_path_are_nobodys)
{
    struct model_case models;
    model_case_init(&models);
    models.test.route.mark = 1;
    models.test.route.mark_path = 1;
    mtp_case_rule(&models.test,
                  (struct wire_rule){.class = WIRE_FIRST, .from = 0, .action = WIRE_DROP});
    run_message(&models, 1000);
    ck_assert_uint_eq(models.recorded.timeouts, 1);
    ck_assert_uint_eq(models.recorded.acked, 1);
    ck_assert_uint_eq(models.recorded.marked_bytes, 0);
    ck_assert_uint_eq(models.recorded.without_entry, 1);
    ck_assert_int_eq(models.recorded.last_rtt, 0);
    wire_free(models.test.wire);
}
END_TEST

static bool every_second(const struct sim_packet *packet, void *context)
{
    struct model_case *models = context;
    (void)packet;
    return models->acknowledgements++ % 2;
}

/* Half of the acknowledgements are lost. What repeated entries say later, without feedback, is not
 * taken for unmarked bytes: of a path that marks all packets, all that the model hears is marked.
 */
START_TEST(mtp__repeated_entries_are_not_observed)
{
    struct model_case models;
    model_case_init(&models);
    models.test.route.mark = 1;
    models.test.route.mark_path = 1;
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                                   .from = 1,
                                                   .count = WIRE_ALL,
                                                   .action = WIRE_DROP,
                                                   .match = every_second,
                                                   .context = &models});
    run_message(&models, 400 * 1376);
    ck_assert_uint_gt(models.recorded.acked, 180);
    ck_assert_uint_lt(models.recorded.acked, 220);
    ck_assert_uint_eq(models.recorded.marked_bytes, models.recorded.acked_bytes);
    wire_free(models.test.wire);
}
END_TEST

static void mark_entry(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)context;
    sim_packet_lists(wire_pool(wire), packet)->mtp.path[0].value = 1;
}

/* Feedback returns when it changed. A NACK returned a mark: what follows is without one again, and
 * says so. */
START_TEST(mtp__nack_counts_as_returned_feedback)
{
    struct model_case models;
    model_case_init(&models);
    models.test.params.feedback_every = 1000;
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_FIRST,
                                                   .from = 0,
                                                   .nth = 20,
                                                   .action = WIRE_TRANSFORM,
                                                   .transform = mark_entry});
    mtp_case_rule(
        &models.test,
        (struct wire_rule){.class = WIRE_FIRST, .from = 0, .nth = 20, .action = WIRE_TRIM});
    run_message(&models, 100 * 1376);
    ck_assert_uint_eq(wire_counts(models.test.wire, 1).nacks, 1);
    ck_assert_uint_eq(models.recorded.acked, 100);
    ck_assert_uint_eq(models.recorded.marked_bytes, 0);
    wire_free(models.test.wire);
}
END_TEST

/* Eight entries leave no place for pathlet 0: the last pathlet takes the mark of an unlabelled
 * queue. */
START_TEST(mtp__mark_on_a_full_list_is_the_last_pathlets)
{
    struct model_case models;
    model_case_init(&models);
    models.pathlet = 8;
    models.test.route =
        (struct mtp_route){.before = {1, 2, 3, 4, 5, 6, 7, 8}, .after = {1, 2, 3, 4, 5, 6, 7, 8}};
    mtp_case_rule(
        &models.test,
        (struct wire_rule){.class = WIRE_FIRST, .from = 0, .nth = 20, .action = WIRE_MARK});
    run_message(&models, 100 * 1376);
    ck_assert_uint_eq(models.recorded.acked, 100);
    ck_assert_uint_eq(models.recorded.marked_bytes, 1432);
    wire_free(models.test.wire);
}
END_TEST

/* ---- a pathlet's own model ---- */

START_TEST(mtp__pathlet_names_its_model)
{
    struct model_case models;
    model_case_init(&models);
    models.pathlet = 2;
    models.test.route = (struct mtp_route){.before = {1, 2}, .after = {1, 2}};
    run_message(&models, 100 * 1376);
    const struct mtp *mtp = mtp_case_host(&models.test, 0);
    ck_assert_ptr_eq(mtp_case_window(mtp, 2)->ops, &recorder_congestion);
    ck_assert_ptr_ne(mtp_case_window(mtp, 1)->ops, &recorder_congestion);
    ck_assert_ptr_ne(mtp_case_window(mtp, 0)->ops, &recorder_congestion);
    ck_assert_uint_eq(models.recorded.acked, 100);
    wire_free(models.test.wire);
}
END_TEST

/* ---- rates ---- */

START_TEST(mtp__rate_paces_and_caps_the_flight)
{
    static const uint64_t gbps[] = {1, 10, 40};
    struct model_case models;
    model_case_init(&models);
    models.params.window_bytes = 10000000;
    models.params.rate_bps = gbps[_i] * 1000000000;
    mtp_case_start(&models.test);
    wire_submit(models.test.wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
    wire_run(models.test.wire, SIM_MS);
    const struct mtp_window *window = mtp_case_window(mtp_case_host(&models.test, 0), 1);
    uint64_t before = wire_counts(models.test.wire, 0).data_packets;
    for (sim_time time = SIM_MS; time < 2 * SIM_MS; time += 10 * SIM_US) {
        wire_run(models.test.wire, time);
        ck_assert_uint_le(window->in_flight_bytes,
                          models.params.rate_bps / 8 * 21 / 1000000 + 2 * 1432);
    }
    wire_run(models.test.wire, 2 * SIM_MS);
    double sent = (double)(wire_counts(models.test.wire, 0).data_packets - before) * 1432 * 8;
    ck_assert_double_eq_tol(sent / 1e-3, (double)models.params.rate_bps,
                            0.03 * (double)models.params.rate_bps);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).retransmissions, 0);
    wire_free(models.test.wire);
}
END_TEST

/* ---- feedback ---- */

struct entries {
    struct sim_feedback list[3];
    uint32_t count;
};

static void collect_entries(struct wire *wire, struct sim_packet *packet, void *context)
{
    const struct entries *entries = context;
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct sim_feedback *entry = &entries->list[i];
        packet->size_bytes +=
            (uint16_t)mtp_feedback_growth(packet->mtp.path_count == 0, entry->length);
        sim_feedback_put(lists, sim_packet_rare(wire_pool(wire), packet), packet->mtp.path_count++,
                         entry);
    }
}

#define ENTRY(TYPE, LENGTH, VALUE)                                                                 \
    {                                                                                              \
        .path = 7, .type = (TYPE), .length = (LENGTH), .value = (VALUE)                            \
    }

/* The same pathlet twice on a path, and types that nobody knows. */
START_TEST(mtp__feedback_is_folded)
{
    static const struct {
        struct entries entries;
        uint64_t value, marked, without_entry, unknown;
    } rows[] = {
        {{{ENTRY(SIM_FEEDBACK_ECN, 1, 0), ENTRY(SIM_FEEDBACK_ECN, 1, 1)}, 2}, 1, 1, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_ECN, 1, 0), ENTRY(SIM_FEEDBACK_ECN, 1, 0)}, 2}, 0, 0, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_RATE, 8, 50), ENTRY(SIM_FEEDBACK_RATE, 8, 20)}, 2}, 20, 0, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_RATE, 8, 20), ENTRY(SIM_FEEDBACK_RATE, 8, 50)}, 2}, 20, 0, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_CHANGE, 4, 20), ENTRY(SIM_FEEDBACK_CHANGE, 4, 0xfffffff0)}, 2},
         0xfffffff0, /* negative */
         0,
         0,
         0},
        {{{ENTRY(SIM_FEEDBACK_DELAY, 4, 20), ENTRY(SIM_FEEDBACK_DELAY, 4, 50)}, 2}, 70, 0, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_QUEUE_BYTES, 4, 20), ENTRY(SIM_FEEDBACK_QUEUE_BYTES, 4, 50)}, 2},
         50,
         0,
         0,
         0},
        {{{ENTRY(SIM_FEEDBACK_OCCUPANCY, 1, 9), ENTRY(SIM_FEEDBACK_OCCUPANCY, 1, 5)}, 2},
         9,
         0,
         0,
         0},
        {{{ENTRY(SIM_FEEDBACK_PRESENCE, 0, 0), ENTRY(SIM_FEEDBACK_DELAY, 4, 5)}, 2}, 5, 0, 0, 0},
        {{{ENTRY(SIM_FEEDBACK_PRESENCE, 0, 0)}, 1}, 0, 0, 0, 0},
        {{{ENTRY(200, 2, 77)}, 1}, 77, 0, 0, 0}, /* a plug-in's */
        {{{ENTRY(99, 2, 77)}, 1}, 0, 0, 1, 1},
    };
    struct entries entries = rows[_i].entries;
    struct model_case models;
    model_case_init(&models);
    models.pathlet = 7;
    models.test.route = (struct mtp_route){.before = {0}, .after = {0}};
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_DATA,
                                                   .from = 0,
                                                   .count = WIRE_ALL,
                                                   .action = WIRE_TRANSFORM,
                                                   .transform = collect_entries,
                                                   .context = &entries});
    run_message(&models, 1000);
    ck_assert_uint_eq(models.recorded.acked, 1);
    ck_assert_uint_eq(models.recorded.last_value, rows[_i].value);
    ck_assert_uint_eq(models.recorded.marked_bytes > 0, rows[_i].marked);
    ck_assert_uint_eq(models.recorded.without_entry, rows[_i].without_entry);
    ck_assert_uint_eq(wire_counts(models.test.wire, 0).unknown_feedback, rows[_i].unknown);
    uint32_t bytes = 4;
    for (uint32_t i = 0; i < entries.count; i++)
        bytes += 7 + entries.list[i].length;
    ck_assert_uint_eq(wire_counts(models.test.wire, 1).feedback_bytes, bytes);
    wire_free(models.test.wire);
}
END_TEST

/* A device tells what only a plug-in's model knows, and this host has another model for the
 * pathlet: the entry names the path, and its value is skipped and counted. */
START_TEST(mtp__feedback_of_a_model_that_is_not_here)
{
    static const uint8_t types[] = {200, SIM_FEEDBACK_RATE, SIM_FEEDBACK_TELEMETRY, 99};
    struct entries entries = {{ENTRY(types[_i], 8, UINT64_MAX)}, 1};
    struct model_case models;
    model_case_init(&models);
    models.pathlet = 1;
    models.test.route = (struct mtp_route){.before = {0}, .after = {0}};
    mtp_case_rule(&models.test, (struct wire_rule){.class = WIRE_DATA,
                                                   .from = 0,
                                                   .count = WIRE_ALL,
                                                   .action = WIRE_TRANSFORM,
                                                   .transform = collect_entries,
                                                   .context = &entries});
    run_message(&models, 100 * 1376);
    const struct mtp *mtp = mtp_case_host(&models.test, 0);
    struct sim_transport_counts counts = wire_counts(models.test.wire, 0);
    ck_assert_uint_eq(counts.unknown_feedback, 100);
    ck_assert_uint_eq(counts.retransmissions + counts.timeouts, 0);
    ck_assert_uint_eq(models.recorded.acked, 0);
    ck_assert_uint_gt(mtp_case_window(mtp, 7)->control.window_bytes, 15000); /* unmarked: it grew */
    wire_free(models.test.wire);
}
END_TEST

/* Parameters decide how much of a packet is payload. */
START_TEST(mtp__headroom)
{
    static const struct {
        uint64_t headroom;
        uint32_t message, blob; /* size of a full packet as it is sent */
    } rows[] = {{8, 1432, 1432}, {2, 1480, 1480}, {0, 1500, 1500}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.feedback_headroom = rows[_i].headroom;
    test.route = (struct mtp_route){.before = {0}, .after = {0}};
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 2; i++)
        wire_submit(
            test.wire, 0,
            (struct sim_message){.dst = 1, .bytes = 100000, .blob = i == 1, .priority = (uint8_t)i},
            0);
    wire_run(test.wire, SIM_S / 2);
    const GArray *sent = wire_sent(test.wire);
    uint32_t message = 0, blob = 0;
    for (guint i = 0; i < sent->len; i++) {
        const struct wire_sent *packet = &g_array_index(sent, struct wire_sent, i);
        uint32_t *most = packet->lists.mtp.has_blob ? &blob : &message;
        if (packet->data && packet->packet.size_bytes > *most)
            *most = packet->packet.size_bytes;
    }
    ck_assert_uint_eq(message, rows[_i].message);
    ck_assert_uint_eq(blob, rows[_i].blob);
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, mtp__samples_account_for_every_byte);
    tcase_add_loop_test(tcase, mtp__models_hear_of_losses, 0, 4);
    tcase_add_test(tcase, mtp__models_hear_one_timeout_a_round_trip);
    tcase_add_test(tcase, mtp__no_probe_while_acknowledgements_come);
    tcase_add_test(tcase, mtp__repeated_entries_are_not_observed);
    tcase_add_test(tcase, mtp__nack_counts_as_returned_feedback);
    tcase_add_test(tcase, mtp__mark_on_a_full_list_is_the_last_pathlets);
    tcase_add_test(tcase, mtp__marks_of_another_path_are_nobodys);
    tcase_add_test(tcase, mtp__pathlet_names_its_model);
    tcase_add_loop_test(tcase, mtp__rate_paces_and_caps_the_flight, 0, 3);
    tcase_add_loop_test(tcase, mtp__feedback_is_folded, 0, 12);
    tcase_add_loop_test(tcase, mtp__feedback_of_a_model_that_is_not_here, 0, 4);
    tcase_add_loop_test(tcase, mtp__headroom, 0, 3);
}

int main(void)
{
    return suite_run("mtp_models", add);
}
