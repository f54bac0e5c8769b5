/* What MTP's sender asks pathlets, and what comes back: a model that asks for the position of each
 * packet, and labelled ports of the engine that answer. The wire is that of test_mtp.c. */
#include <string.h>

#include "net/port_private.h"
#include "support/mtp_case.h"
#include "support/suite.h"

#define ASKED         (SIM_FEEDBACK_PLUGIN | SIM_FEEDBACK_REQUEST)
#define ANSWERED      SIM_FEEDBACK_PLUGIN
#define REQUEST_BYTES 12u
#define GROWTH        (4 + 7 + REQUEST_BYTES)

struct asker_params {
    struct asked {
        uint64_t asked, acked, answered, presences, wrong;
    } * asked;
};

struct asker {
    struct asked *asked;
};

/* Answers an asked pathlet with what it asked; tells its presence when it was not asked. */
static void asker_feedback(void *state, const struct sim_port_view *view,
                           struct sim_feedback *entry)
{
    (void)state;
    (void)view;
    if (entry->type == ASKED)
        entry->type = ANSWERED;
}

static void asker_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct asker *asker = state;
    asker->asked = ((const struct asker_params *)params)->asked;
    control->window_bytes = 50000;
    ck_assert_uint_eq(env->packet_bytes, 1500);
}

static void asker_request(void *state, const struct sim_congestion *control,
                          const struct sim_send_sample *sample, struct sim_feedback *entry)
{
    struct asker *asker = state;
    ck_assert_uint_le(sample->in_flight_bytes, control->window_bytes);
    ck_assert_uint_ge(sample->in_flight_bytes, sample->packet_bytes);
    entry->type = ASKED;
    entry->value = sample->position;
    entry->more = sample->packet_bytes;
    asker->asked->asked++;
}

static void asker_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct asker *asker = state;
    (void)control;
    asker->asked->acked++;
    if (!sample->feedback)
        return;
    asker->asked->presences += sample->feedback->type == SIM_FEEDBACK_PRESENCE;
    if (sample->feedback->type != ANSWERED)
        return;
    asker->asked->answered++;
    asker->asked->wrong += sample->feedback->value != sample->position ||
                           sample->feedback->more != sample->acked_bytes || sample->hops != 1;
}

static void asker_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static const struct sim_congestion_ops asker_congestion = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "asker",
               .state_size = sizeof(struct asker)},
    .request_bytes = REQUEST_BYTES,
    .feedback = asker_feedback,
    .init = asker_init,
    .acked = asker_acked,
    .lost = asker_lost,
    .timeout = asker_lost,
    .request = asker_request,
};

struct asker_case {
    struct mtp_case test;
    struct asked asked;
    struct asker_params params;
    struct sim_model model;
    uint32_t pathlets; /* that the model is for, as bits */
};

static const struct sim_model *model_of(const void *network, uint32_t id)
{
    const struct asker_case *askers = network;
    return askers->pathlets >> id & 1 ? &askers->model : NULL;
}

/* The ports of a route. */
static void cross(struct wire *wire, struct sim_packet *packet, void *context)
{
    const struct mtp_route *route = context;
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    const uint32_t *ids = wire_now(wire) >= route->switch_at ? route->after : route->before;
    for (uint32_t i = 0; i < SIM_MTP_LIST_MAX && ids[i]; i++) {
        struct pathlet label = {.id = ids[i], .ops = &asker_congestion};
        struct port port = {.pathlet = &label, .mtu_bytes = 1500};
        struct sim_port_view view = {.now = wire_now(wire)};
        if (packet->flags & SIM_PACKET_REQUESTS) {
            port_answer(&port, packet, lists, sim_packet_rare(wire_pool(wire), packet), &view);
            continue;
        }
        packet->size_bytes += (uint16_t)mtp_feedback_growth(packet->mtp.path_count == 0, 0);
        lists->mtp.path[packet->mtp.path_count++] = (struct sim_path_entry){.path = ids[i]};
    }
}

static void asker_case_init(struct asker_case *askers)
{
    memset(askers, 0, sizeof *askers);
    mtp_case_init(&askers->test);
    askers->test.rules[0].transform = cross;
    askers->params.asked = &askers->asked;
    askers->model = (struct sim_model){&asker_congestion.plugin, &askers->params};
    askers->pathlets = 0xfe;
    askers->test.config.pathlet_model = model_of;
    askers->test.config.network = askers;
}

static void run_message(struct asker_case *askers, uint64_t bytes)
{
    mtp_case_start(&askers->test);
    wire_submit(askers->test.wire, 0, (struct sim_message){.dst = 1, .bytes = bytes}, 0);
    for (sim_time time = 0; time < 200 * SIM_US; time += 7 * SIM_US) {
        wire_run(askers->test.wire, time);
        mtp_case_check_charges(mtp_case_host(&askers->test, 0));
    }
    wire_run(askers->test.wire, SIM_S / 2);
    mtp_case_check_empty(mtp_case_host(&askers->test, 0));
}

/* The first window goes out before the path is known; every later packet asks, and every request is
 * answered with what it asked. */
START_TEST(requests__are_answered)
{
    struct asker_case askers;
    asker_case_init(&askers);
    run_message(&askers, 100 * 1376);
    ck_assert_uint_eq(askers.asked.asked, 90);
    ck_assert_uint_eq(askers.asked.acked, 100);
    ck_assert_uint_eq(askers.asked.answered, 90);
    ck_assert_uint_eq(askers.asked.presences, 10);
    ck_assert_uint_eq(askers.asked.wrong, 0);
    const struct wire_sent *first = wire_sent_nth(askers.test.wire, WIRE_FIRST, 0, 1);
    const struct wire_sent *asking = wire_sent_nth(askers.test.wire, WIRE_FIRST, 0, 11);
    ck_assert_uint_eq(first->packet.size_bytes, 1432);
    ck_assert_uint_eq(first->packet.mtp.path_count, 0);
    ck_assert_uint_eq(asking->packet.size_bytes, 1432 + GROWTH);
    ck_assert_uint_eq(asking->packet.mtp.path_count, 1);
    struct sim_transport_counts counts = wire_counts(askers.test.wire, 0);
    ck_assert_uint_eq(counts.data_header_bytes, 100 * 56 + 90 * GROWTH);
    ck_assert_uint_eq(wire_counts(askers.test.wire, 1).feedback_bytes, 10 * 11 + 90 * GROWTH);
    ck_assert_uint_eq(counts.unknown_feedback, 0);
    wire_free(askers.test.wire);
}
END_TEST

/* Only some pathlets of a path are asked: its order is that of the route all the same, so it is one
 * path to the sender. */
START_TEST(requests__do_not_change_the_path)
{
    static const uint32_t pathlets[] = {1 << 3, 1 << 1, 1 << 2, 1 << 1 | 1 << 3, 0};
    struct asker_case askers;
    asker_case_init(&askers);
    askers.test.route = (struct mtp_route){.before = {1, 2, 3}, .after = {1, 2, 3}};
    askers.pathlets = pathlets[_i];
    mtp_case_start(&askers.test);
    wire_submit(askers.test.wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
    wire_run(askers.test.wire, SIM_MS);
    struct mtp *mtp = mtp_case_host(&askers.test, 0);
    ck_assert_uint_eq(mtp_case_path(mtp), 123);
    ck_assert_uint_eq(mtp->path_count, 2); /* and that of pathlet 0 */
    ck_assert_uint_eq(askers.asked.wrong, 0);
    ck_assert_uint_eq(askers.asked.asked > 0, pathlets[_i] > 0);
    mtp_case_check_charges(mtp);
    wire_free(askers.test.wire);
}
END_TEST

/* Packets ask pathlet 1 and cross pathlet 2: nobody answers, the sender learns the way they took,
 * and from then on asks there. */
START_TEST(requests__of_the_wrong_path_are_left_out)
{
    struct asker_case askers;
    asker_case_init(&askers);
    askers.test.route = (struct mtp_route){.before = {1}, .after = {2}, .switch_at = 60 * SIM_US};
    run_message(&askers, 300 * 1376);
    struct mtp *mtp = mtp_case_host(&askers.test, 0);
    ck_assert_uint_eq(mtp->path_count, 3);
    ck_assert_uint_eq(askers.asked.acked, 300);
    ck_assert_uint_gt(askers.asked.presences, 10 + 10); /* of 2, which was not asked */
    ck_assert_uint_eq(askers.asked.asked, 290);
    ck_assert_uint_eq(askers.asked.answered + askers.asked.presences, 300);
    ck_assert_uint_eq(askers.asked.wrong, 0);
    wire_free(askers.test.wire);
}
END_TEST

START_TEST(requests__are_made_anew_for_retransmissions)
{
    struct asker_case askers;
    asker_case_init(&askers);
    mtp_case_rule(
        &askers.test,
        (struct wire_rule){.class = WIRE_FIRST, .from = 0, .nth = 20, .action = WIRE_DROP});
    run_message(&askers, 100 * 1376);
    const struct wire_sent *lost = wire_sent_nth(askers.test.wire, WIRE_FIRST, 0, 20);
    const struct wire_sent *again = wire_sent_nth(askers.test.wire, WIRE_RETRANSMISSION, 0, 1);
    ck_assert_uint_eq(again->packet.size_bytes, lost->packet.size_bytes);
    ck_assert_uint_eq(again->lists.mtp.path[0].type, ASKED);
    ck_assert_uint_gt(sim_feedback_get(&again->lists, &again->rare, 0).value,
                      sim_feedback_get(&lost->lists, &lost->rare, 0).value);
    ck_assert_uint_eq(askers.asked.asked, 91);
    wire_free(askers.test.wire);
}
END_TEST

/* A full packet that has no room for a request goes without; the last one has room. */
START_TEST(requests__only_under_the_mtu)
{
    struct asker_case askers;
    asker_case_init(&askers);
    askers.test.params.feedback_headroom = 0;
    run_message(&askers, 50 * 1444 + 100);
    ck_assert_uint_eq(askers.asked.asked, 1);
    ck_assert_uint_eq(wire_sent_nth(askers.test.wire, WIRE_FIRST, 0, 20)->packet.size_bytes, 1500);
    ck_assert_uint_eq(wire_sent_nth(askers.test.wire, WIRE_FIRST, 0, 51)->packet.size_bytes,
                      156 + GROWTH);
    wire_free(askers.test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, requests__are_answered);
    tcase_add_loop_test(tcase, requests__do_not_change_the_path, 0, 5);
    tcase_add_test(tcase, requests__of_the_wrong_path_are_left_out);
    tcase_add_test(tcase, requests__are_made_anew_for_retransmissions);
    tcase_add_test(tcase, requests__only_under_the_mtu);
}

int main(void)
{
    return suite_run("mtp_requests", add);
}
