/* The containers of MTP's endpoint against plain models of them, and the interning of paths. */
#include <stdlib.h>
#include <string.h>

#include <mtpsim/rng.h>

#include "support/mtp_case.h"
#include "support/suite.h"

/* ---- seen ---- */

#define NUMBERS 200000

/* Check tells its parent of every assertion that it makes, which takes most of the time of a loop as
 * long as these: they assert only what is wrong. */
static void expect_same(uint64_t number, bool value, bool expected, const char *what)
{
    if (value != expected)
        ck_abort_msg("%s of %llu is %d", what, (unsigned long long)number, value);
}

/* Against an array of flags; numbers come within `spread` of a front that moves. */
START_TEST(seen__like_an_array)
{
    static const uint64_t spreads[] = {1, 3, 63, 64, 65, 1000, 70000};
    uint64_t spread = spreads[_i], limit = MTP_ID_WINDOW;
    struct mtp_seen seen = {0};
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "seen");
    bool *flags = calloc(NUMBERS + 70000, sizeof *flags);
    uint64_t newest = 0;
    for (uint64_t front = 0; front < NUMBERS; front += sim_rng_below(&rng, 3)) {
        uint64_t number = front + sim_rng_below(&rng, spread);
        newest = number > newest ? number : newest;
        bool expected = !flags[number] && number + limit > newest;
        expect_same(number, mtp_seen_has(&seen, number), !expected, "has before");
        expect_same(number, mtp_seen_add(&seen, number, limit), expected, "add");
        expect_same(number, mtp_seen_has(&seen, number), true, "has after");
        flags[number] = true;
    }
    for (uint64_t number = 0; number < newest + 100; number++)
        expect_same(number, mtp_seen_has(&seen, number),
                    number + limit <= newest || (number <= newest && flags[number]), "has at last");
    mtp_seen_clear(&seen);
    free(flags);
}
END_TEST

START_TEST(seen__in_order_needs_no_memory)
{
    struct mtp_seen seen = {0};
    for (uint64_t number = 0; number < 100000; number++)
        expect_same(number, mtp_seen_add(&seen, number, MTP_ID_WINDOW), true, "add");
    ck_assert_uint_eq(seen.capacity, 0);
    ck_assert(!mtp_seen_add(&seen, 5, MTP_ID_WINDOW));
    ck_assert(mtp_seen_add(&seen, 100010, MTP_ID_WINDOW));
    ck_assert_uint_le(seen.capacity, 2);
    mtp_seen_clear(&seen);
}
END_TEST

START_TEST(seen__old_numbers_become_members)
{
    static const struct {
        uint64_t first, then;
        uint64_t low, high; /* newest that became a member, oldest that did not */
    } rows[] = {
        {0, 65535, 0, 1},
        {0, 65536, 0, 1},
        {0, 65537, 1, 2},
        {5, 1000000, 1000000 - 65536, 1000000 - 65535},
        {1000000, 1000001, 1000001 - 65536, 1000001 - 65535},
    };
    struct mtp_seen seen = {0};
    ck_assert(mtp_seen_add(&seen, rows[_i].first, MTP_ID_WINDOW));
    ck_assert(mtp_seen_add(&seen, rows[_i].then, MTP_ID_WINDOW));
    ck_assert(mtp_seen_has(&seen, rows[_i].low));
    ck_assert(!mtp_seen_has(&seen, rows[_i].high));
    ck_assert_uint_le(seen.capacity * 64, 2 * 65536);
    mtp_seen_clear(&seen);
}
END_TEST

/* ---- rings ---- */

START_TEST(ring__grows_with_its_live_window)
{
    struct mtp_ring ring = {.oldest = UINT64_C(0xfffffffd), .next = UINT64_C(0xfffffffd)};
    for (uint64_t i = 0; i < 3000; i++) {
        struct mtp_record *record = mtp_ring_push(&ring);
        record->state = MTP_FLIGHT;
        record->offset = ring.next - 1;
        for (uint64_t number = ring.oldest; i % 500 == 0 && number < ring.next; number++)
            ck_assert_uint_eq(mtp_ring_at(&ring, (uint32_t)number)->offset, number);
        if (i >= 40) {
            mtp_ring_at(&ring, (uint32_t)(ring.next - 41))->state = MTP_FREE;
            mtp_ring_advance(&ring);
        }
    }
    ck_assert_uint_eq(ring.next - ring.oldest, 40);
    ck_assert_uint_eq(ring.mask, 63);
    mtp_ring_clear(&ring);
}
END_TEST

/* ---- heap ---- */

#define HEAP_STREAMS 60

static const struct mtp_stream *first_of(const struct mtp_stream *streams, const bool *in)
{
    const struct mtp_stream *first = NULL;
    for (uint32_t i = 0; i < HEAP_STREAMS; i++)
        if (in[i] && (!first || mtp_stream_before(&streams[i], first)))
            first = &streams[i];
    return first;
}

/* Streams come, go and change their keys; the one on top is that of a look at all. */
START_TEST(heap__first_is_on_top)
{
    struct mtp_stream *streams = calloc(HEAP_STREAMS, sizeof *streams);
    bool in[HEAP_STREAMS] = {false};
    struct mtp_heap heap = {0};
    struct sim_rng rng;
    sim_rng_init(&rng, 5, "heap");
    for (uint64_t turn = 1; turn < 20000; turn++) {
        uint32_t i = (uint32_t)sim_rng_below(&rng, HEAP_STREAMS);
        struct mtp_stream *stream = &streams[i];
        bool stays = in[i] && sim_rng_below(&rng, 3);
        if (in[i] && !stays)
            mtp_heap_remove(&heap, &stream->contender);
        stream->contender.stream = stream;
        stream->priority = (uint8_t)sim_rng_below(&rng, 2);
        stream->unsent = sim_rng_below(&rng, 4);
        stream->turn = turn;
        if (stays)
            mtp_heap_moved(&heap, &stream->contender);
        else if (!in[i])
            mtp_heap_add(&heap, &stream->contender);
        in[i] = stays || !in[i];
        const struct mtp_stream *first = first_of(streams, in);
        ck_assert_uint_eq(heap.count > 0, first != NULL);
        if (first)
            ck_assert_ptr_eq(heap.entries[0]->stream, first);
    }
    mtp_heap_clear(&heap);
    free(streams);
}
END_TEST

/* ---- paths ---- */

static struct mtp_path *path_of(struct mtp *mtp, uint32_t host, const char *text)
{
    struct sim_path_entry entries[SIM_MTP_LIST_MAX] = {{0}};
    uint32_t count = 0;
    for (; text[count]; count++)
        entries[count] = (struct sim_path_entry){.path = (uint32_t)(text[count] - '0')};
    return mtp_path_get(mtp, mtp_destination_get(mtp, host), entries, count);
}

static const struct {
    const char *a, *b;
    uint32_t a_host, b_host;
    bool same;
} pairs[] = {
    {"123", "123", 1, 1, true},  {"123", "123", 1, 2, true},
    {"123", "132", 1, 1, false}, {"12", "123", 1, 1, false},
    {"1", "2", 1, 1, false},     {"0", "0", 1, 1, true},
    {"0", "0", 1, 2, false},     {"120", "120", 1, 2, false},
    {"11", "1", 1, 1, false},    {"12345678", "12345678", 1, 2, true},
};

START_TEST(paths__equal_lists_are_one_path)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 3;
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    struct mtp_path *a = path_of(mtp, pairs[_i].a_host, pairs[_i].a);
    struct mtp_path *b = path_of(mtp, pairs[_i].b_host, pairs[_i].b);
    ck_assert_int_eq(a == b, pairs[_i].same);
    ck_assert_ptr_eq(path_of(mtp, pairs[_i].a_host, pairs[_i].a), a);
    wire_free(test.wire);
}
END_TEST

/* The list of a path with pathlet 0 is one destination's. */
START_TEST(paths__is)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 3;
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    struct mtp_destination *one = mtp_destination_get(mtp, 1), *two = mtp_destination_get(mtp, 2);
    const struct sim_path_entry entries[] = {{.path = 3}, {.path = 0}, {.path = 3, .tc = 1}};
    ck_assert(mtp_path_is(path_of(mtp, 1, "30"), one, entries, 2));
    ck_assert(!mtp_path_is(path_of(mtp, 1, "30"), two, entries, 2));
    ck_assert(mtp_path_is(path_of(mtp, 1, "3"), two, entries, 1));
    ck_assert(!mtp_path_is(path_of(mtp, 1, "3"), one, entries + 2, 1));
    ck_assert(!mtp_path_is(path_of(mtp, 1, "3"), one, entries, 2));
    wire_free(test.wire);
}
END_TEST

/* The same pathlet twice on a path is one window, charged once. */
START_TEST(paths__repeated_pathlet_is_charged_once)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {4, 5, 4}, .after = {4, 5, 4}};
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    struct mtp_path *path = path_of(mtp, 1, "454");
    ck_assert_uint_eq(path->entry_count, 3);
    ck_assert_uint_eq(path->window_count, 2);
    ck_assert(path->repeats);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 500000}, 0);
    for (sim_time time = 0; time < SIM_MS; time += 5 * SIM_US) {
        wire_run(test.wire, time);
        mtp_case_check_charges(mtp);
    }
    mtp_case_check_empty(mtp);
    wire_free(test.wire);
}
END_TEST

/* ---- room ---- */

/* Of windows of 15000 bytes; a packet of 1432 may go, or the window with the least room is full. */
START_TEST(paths__room)
{
    static const struct {
        uint64_t in_flight[3];
        uint32_t full; /* pathlet; 0: it may go */
    } rows[] = {
        {{0, 0, 0}, 0},
        {{13568, 13568, 13568}, 0},
        {{13569, 0, 0}, 1},
        {{13600, 13700, 13600}, 2},
        {{13600, 13700, 13900}, 3},
        {{14000, 13700, 13900}, 1},
        {{14000, 14000, 14000}, 1},
        {{20000, 14000, 30000}, 3},
    };
    struct mtp_case test;
    struct mtp_room room;
    mtp_case_init(&test);
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    struct mtp_path *path = path_of(mtp, 1, "123");
    for (uint32_t i = 0; i < 3; i++)
        path->windows[i]->in_flight_bytes = rows[_i].in_flight[i];
    ck_assert_int_eq(mtp_path_room(path, 1432, 0, &room), rows[_i].full == 0);
    ck_assert_uint_eq(room.full ? room.full->id : 0, rows[_i].full);
    /* Nothing in flight: whatever the window. */
    for (uint32_t i = 0; i < 3; i++) {
        path->windows[i]->in_flight_bytes = 0;
        path->windows[i]->control.window_bytes = 1;
    }
    ck_assert(mtp_path_room(path, 1432, 0, &room));
    wire_free(test.wire);
}
END_TEST

/* ---- timeouts of a path ---- */

START_TEST(paths__rto_follows_rfc_6298)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.min_rto = SIM_US;
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    struct mtp_path *path = path_of(mtp, 1, "1");
    ck_assert_int_eq(path->rto, 3 * SIM_MS);
    mtp_path_measured(mtp, path, 1, 100 * SIM_US); /* srtt 100, rttvar 50 */
    ck_assert_int_eq(path->rto, 300 * SIM_US);
    mtp_path_measured(mtp, path, 1, 180 * SIM_US); /* rttvar 50 + (80 - 50)/4, srtt 110 */
    ck_assert_int_eq(path->srtt, 110 * SIM_US);
    ck_assert_int_eq(path->rto, 110 * SIM_US + 4 * 57500 * SIM_NS);
    sim_time rto = path->rto;
    mtp->clock = 1000;
    mtp_path_back_off(mtp, path, 10);
    ck_assert_int_eq(path->rto, 2 * rto);
    mtp_path_back_off(mtp, path, 999); /* was in flight then */
    ck_assert_int_eq(path->rto, 2 * rto);
    for (int i = 0; i < 20; i++)
        mtp_path_back_off(mtp, path, mtp->clock);
    ck_assert_int_eq(path->rto, 64 * rto);
    mtp_path_measured(mtp, path, 1, 110 * SIM_US);
    ck_assert_int_lt(path->rto, rto);
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, seen__like_an_array, 0, 7);
    tcase_add_test(tcase, seen__in_order_needs_no_memory);
    tcase_add_loop_test(tcase, seen__old_numbers_become_members, 0, 5);
    tcase_add_test(tcase, ring__grows_with_its_live_window);
    tcase_add_test(tcase, heap__first_is_on_top);
    tcase_add_loop_test(tcase, paths__equal_lists_are_one_path, 0,
                        (int)(sizeof pairs / sizeof pairs[0]));
    tcase_add_test(tcase, paths__is);
    tcase_add_test(tcase, paths__repeated_pathlet_is_charged_once);
    tcase_add_loop_test(tcase, paths__room, 0, 8);
    tcase_add_test(tcase, paths__rto_follows_rfc_6298);
}

int main(void)
{
    return suite_run("mtp_parts", add);
}
