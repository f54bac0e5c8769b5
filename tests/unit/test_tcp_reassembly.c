/* The receiver's ranges against a map of bytes, and the order of SACK blocks. */
#include "models/transport/tcp/reassembly.h"

#include <mtpsim/rng.h>

#include "support/suite.h"

#define SPAN 400

/* The range around `seq` in the map. */
static struct range around(const bool *map, uint64_t seq)
{
    struct range block = {seq, seq};
    while (block.start > 0 && map[block.start - 1])
        block.start--;
    while (block.end < SPAN && map[block.end])
        block.end++;
    return block;
}

START_TEST(tcp_reassembly__against_a_map)
{
    struct tcp_reassembly reassembly = {0};
    struct sim_rng rng;
    bool map[SPAN] = {false};
    uint64_t next = 0;
    sim_rng_init(&rng, (uint64_t)_i, "reassembly");
    while (next < SPAN) {
        uint64_t start = next + sim_rng_below(&rng, SPAN - next), fresh = 0;
        uint64_t end = start + 1 + sim_rng_below(&rng, 12);
        end = end < SPAN ? end : SPAN;
        for (uint64_t i = start; i < end; i++) {
            fresh += !map[i];
            map[i] = true;
        }
        ck_assert_uint_eq(tcp_reassembly_add(&reassembly, (struct range){start, end}), fresh);
        while (next < SPAN && map[next])
            next++;
        uint64_t before = reassembly.arrived.count ? reassembly.arrived.items[0].start : next;
        ck_assert_uint_eq(tcp_reassembly_advance(&reassembly, before < next ? before : next), next);
        struct range blocks[TCP_SACK_MAX];
        uint32_t count = tcp_reassembly_report(&reassembly, blocks, TCP_SACK_MAX);
        if (start > next) {
            struct range newest = around(map, start);
            ck_assert(count > 0 && blocks[0].start == newest.start && blocks[0].end == newest.end);
        }
        for (uint32_t i = 0; i < count; i++) {
            struct range whole = around(map, blocks[i].start);
            bool told = blocks[i].start <= next;
            for (uint32_t j = 0; j < i; j++)
                told |= blocks[i].start == blocks[j].start;
            ck_assert(!told && whole.start == blocks[i].start && whole.end == blocks[i].end);
        }
    }
    ck_assert_uint_eq(reassembly.arrived.count, 0);
    tcp_reassembly_clear(&reassembly);
}
END_TEST

/* RFC 2018, 4: the newest first, then those reported before, newest first, at most four. */
START_TEST(tcp_reassembly__report_order)
{
    struct tcp_reassembly reassembly = {0};
    struct range blocks[TCP_SACK_MAX];
    const uint64_t starts[] = {50, 10, 90, 30, 70, 11};
    const uint64_t expected[] = {10, 70, 30, 90};
    for (int i = 0; i < 6; i++)
        tcp_reassembly_add(&reassembly, (struct range){starts[i], starts[i] + 1});
    ck_assert_uint_eq(tcp_reassembly_report(&reassembly, blocks, TCP_SACK_MAX), 4);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(blocks[i].start, expected[i]);
    ck_assert_uint_eq(blocks[0].end, 12);
    ck_assert_uint_eq(tcp_reassembly_report(&reassembly, blocks, 2), 2);
    ck_assert_uint_eq(tcp_reassembly_advance(&reassembly, 10), 12);
    ck_assert_uint_eq(tcp_reassembly_report(&reassembly, blocks, TCP_SACK_MAX), 3);
    ck_assert_uint_eq(blocks[0].start, 70);
    tcp_reassembly_clear(&reassembly);
}
END_TEST

START_TEST(tcp_reassembly__message_ends)
{
    struct tcp_reassembly reassembly = {0};
    struct tcp_message_end end = {0};
    const uint64_t ends[] = {300, 100, 500, 200, 400};
    for (uint32_t i = 0; i < 5; i++)
        tcp_reassembly_add_end(
            &reassembly,
            (struct tcp_message_end){.seq = ends[i], .src = 7, .number = (uint32_t)ends[i] / 100});
    tcp_reassembly_touch_end(&reassembly, 100, 1);
    tcp_reassembly_touch_end(&reassembly, 101, 2);
    tcp_reassembly_touch_end(&reassembly, 501, 5); /* its end is not known yet */
    ck_assert(!tcp_reassembly_take_end(&reassembly, 99, &end));
    for (uint32_t expected = 1; expected <= 3; expected++) {
        ck_assert(tcp_reassembly_take_end(&reassembly, 399, &end));
        ck_assert_uint_eq(end.number, expected);
        ck_assert_uint_eq(end.src, 7);
        ck_assert_int_eq(end.newest, expected < 3 ? expected : 0);
    }
    ck_assert(!tcp_reassembly_take_end(&reassembly, 399, &end));
    tcp_reassembly_clear(&reassembly);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, tcp_reassembly__against_a_map, 0, 50);
    tcase_add_test(tcase, tcp_reassembly__report_order);
    tcase_add_test(tcase, tcp_reassembly__message_ends);
}

int main(void)
{
    return suite_run("tcp_reassembly", add);
}
