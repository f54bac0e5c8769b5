/* A labelled port and the requests in a packet: which entry it answers, in which order entries
 * stand then, and what the packet's size becomes. */
#include <string.h>

#include "net/port_private.h"
#include "support/suite.h"

#define ASKED    (SIM_FEEDBACK_PLUGIN | SIM_FEEDBACK_REQUEST)
#define ANSWERED SIM_FEEDBACK_PLUGIN

/* Answers with one more than was asked, in 8 bytes; without a request, with 1. */
static void adder_feedback(void *state, const struct sim_port_view *view,
                           struct sim_feedback *entry)
{
    (void)state;
    (void)view;
    entry->value = entry->type == ASKED ? entry->value + 1 : 1;
    entry->type = ANSWERED;
    entry->length = 8;
}

/* Leaves the entry as it is. */
static void idle_feedback(void *state, const struct sim_port_view *view, struct sim_feedback *entry)
{
    (void)state;
    (void)view;
    (void)entry;
}

static const struct sim_congestion_ops adder = {.feedback = adder_feedback};
static const struct sim_congestion_ops idler = {.feedback = idle_feedback};

struct case_packet {
    struct sim_packet packet;
    union sim_packet_lists lists;
    union sim_packet_rare rare;
};

static void put(struct case_packet *it, uint32_t path, uint8_t type, uint8_t length, uint64_t value)
{
    struct sim_feedback entry = {.path = path, .type = type, .length = length, .value = value};
    it->packet.size_bytes += (uint16_t)mtp_feedback_growth(it->packet.mtp.path_count == 0, length);
    sim_feedback_put(&it->lists, &it->rare, it->packet.mtp.path_count++, &entry);
    if (type & SIM_FEEDBACK_REQUEST)
        it->packet.flags |= SIM_PACKET_REQUESTS;
}

static bool answer(struct case_packet *it, uint32_t pathlet, const struct sim_congestion_ops *ops,
                   uint16_t mtu_bytes, uint64_t *no_room)
{
    struct pathlet label = {.id = pathlet, .ops = ops};
    struct port port = {.pathlet = &label, .mtu_bytes = mtu_bytes};
    struct sim_port_view view = {.packet_bytes = it->packet.size_bytes};
    bool told = port_answer(&port, &it->packet, &it->lists, &it->rare, &view);
    if (no_room)
        *no_room = label.no_room;
    return told;
}

static uint64_t value_at(const struct case_packet *it, uint32_t i)
{
    return sim_feedback_get(&it->lists, &it->rare, i).value;
}

static uint32_t size_of(const struct case_packet *it)
{
    uint32_t bytes = 100;
    for (uint32_t i = 0; i < it->packet.mtp.path_count; i++)
        bytes += mtp_feedback_growth(i == 0, it->lists.mtp.path[i].length);
    return bytes;
}

/* Pathlets 1 to 3 in the order of `crossed`, with a request for each digit of `asked`. */
START_TEST(answer__entries_stand_in_the_order_of_the_path)
{
    static const struct {
        uint32_t asked[3], crossed[4], list[4]; /* the list: pathlets, those not answered + 100 */
        bool left;
    } rows[] = {
        {{1}, {1}, {1}, false},
        {{2}, {1, 2}, {1, 2}, false},
        {{2}, {2, 1}, {2}, false}, /* the second port has no request before it: it appends */
        {{1, 2}, {2, 1}, {2, 1}, false},
        {{1, 2, 3}, {3, 1, 2}, {3, 1, 2}, false},
        {{3}, {1, 2}, {1, 2, 103}, true},
        {{1, 3}, {2, 1}, {2, 1, 103}, true},
        {{1, 2, 3}, {2}, {2, 101, 103}, true},
    };
    struct case_packet it = {.packet = {.size_bytes = 100, .tc = 5}};
    for (uint32_t i = 0; i < 3 && rows[_i].asked[i]; i++)
        put(&it, rows[_i].asked[i], ASKED, 12, 10 * rows[_i].asked[i]);
    for (uint32_t i = 0; i < 4 && rows[_i].crossed[i]; i++)
        if (it.packet.flags & SIM_PACKET_REQUESTS)
            ck_assert(answer(&it, rows[_i].crossed[i], &adder, 1500, NULL));
    uint32_t count = 0;
    for (; count < 4 && rows[_i].list[count]; count++) {
        const struct sim_path_entry *entry = &it.lists.mtp.path[count];
        bool open = rows[_i].list[count] > 100;
        ck_assert_uint_eq(entry->path, rows[_i].list[count] % 100);
        ck_assert_uint_eq(entry->type, open ? ASKED : ANSWERED);
        ck_assert_uint_eq(entry->tc, open ? 0 : 5);
        ck_assert_uint_eq(entry->length, open ? 12 : 8);
    }
    ck_assert_uint_eq(it.packet.mtp.path_count, count);
    ck_assert_uint_eq((it.packet.flags & SIM_PACKET_REQUESTS) != 0, rows[_i].left);
    ck_assert_uint_eq(it.packet.size_bytes, size_of(&it));
}
END_TEST

START_TEST(answer__sees_what_was_asked)
{
    struct case_packet it = {.packet = {.size_bytes = 100}};
    put(&it, 7, ASKED, 12, 41);
    put(&it, 9, ASKED, 12, 41);
    ck_assert(answer(&it, 7, &adder, 1500, NULL));
    ck_assert_uint_eq(value_at(&it, 0), 42);
    ck_assert(answer(&it, 8, &adder, 1500, NULL)); /* nobody asked it */
    ck_assert_uint_eq(value_at(&it, 1), 1);
    ck_assert(answer(&it, 7, &adder, 1500, NULL)); /* once more on the path: it appends */
    ck_assert_uint_eq(it.lists.mtp.path[2].path, 7);
    ck_assert_uint_eq(value_at(&it, 2), 1);
    ck_assert_uint_eq(it.lists.mtp.path[3].type, ASKED);
}
END_TEST

/* A model that knows nothing of the request leaves the pathlet's presence. */
START_TEST(answer__request_not_understood)
{
    struct case_packet it = {.packet = {.size_bytes = 100}};
    put(&it, 7, ASKED, 12, 41);
    ck_assert(answer(&it, 7, &idler, 1500, NULL));
    ck_assert_uint_eq(it.lists.mtp.path[0].type, SIM_FEEDBACK_PRESENCE);
    ck_assert_uint_eq(it.lists.mtp.path[0].length, 0);
    ck_assert_uint_eq(it.packet.size_bytes, 111);
    ck_assert_uint_eq(it.packet.flags & SIM_PACKET_REQUESTS, 0);
}
END_TEST

START_TEST(answer__without_room)
{
    struct case_packet it = {.packet = {.size_bytes = 100}}, before;
    uint64_t no_room;
    put(&it, 7, ASKED, 12, 41);
    before = it;
    ck_assert(!answer(&it, 8, &adder, it.packet.size_bytes, &no_room)); /* under the MTU */
    ck_assert_uint_eq(no_room, 1);
    ck_assert_mem_eq(&it, &before, sizeof it);
    ck_assert(answer(&it, 7, &adder, it.packet.size_bytes, &no_room)); /* it only shrinks */
    ck_assert_uint_eq(no_room, 0);
    for (uint32_t i = 1; i < SIM_MTP_LIST_MAX; i++)
        put(&it, 10 + i, ASKED, 12, 0);
    ck_assert(!answer(&it, 8, &adder, 1500, &no_room)); /* in the list */
    ck_assert_uint_eq(no_room, 1);
    ck_assert(answer(&it, 12, &adder, 1500, NULL));
    ck_assert_uint_eq(it.lists.mtp.path[1].path, 12);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, answer__entries_stand_in_the_order_of_the_path, 0, 8);
    tcase_add_test(tcase, answer__sees_what_was_asked);
    tcase_add_test(tcase, answer__request_not_understood);
    tcase_add_test(tcase, answer__without_room);
}

int main(void)
{
    return suite_run("answer", add);
}
