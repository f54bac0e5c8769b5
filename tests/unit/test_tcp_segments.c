/* The scoreboard against RFC 6675 read literally: every quantity counted anew from a plain array
 * after each step of a random history. */
#include "models/transport/tcp/segments.h"

#include <mtpsim/rng.h>

#include "support/suite.h"

#define SEGMENTS 400
#define BYTES    10

struct naive {
    bool sacked, lost, resent;
};

struct history {
    struct tcp_segments segments;
    struct naive naive[SEGMENTS];
    uint32_t una, next; /* segments */
    uint64_t sent;
    uint32_t threshold;
    struct sim_rng rng;
};

static uint32_t below(struct history *history, uint32_t n)
{
    return (uint32_t)sim_rng_below(&history->rng, n);
}

static void send_new(struct history *history)
{
    if (history->next == SEGMENTS)
        return;
    struct tcp_segment *segment = tcp_segments_push(&history->segments, BYTES);
    *segment = (struct tcp_segment){
        .seq = history->next++ * BYTES, .position = history->sent, .bytes = BYTES};
    history->sent += BYTES;
}

/* RFC 6675, IsLost: `threshold` SACKed segments above. */
static bool is_lost(const struct history *history, uint32_t i)
{
    uint32_t above = 0;
    for (uint32_t j = i + 1; j < history->next; j++)
        above += history->naive[j].sacked;
    return above >= history->threshold;
}

/* SACKs some segments around a random one, in up to three blocks of what is SACKed there, and
 * acknowledges up to `una`. Gives the bytes that are new. */
static uint64_t naive_ack(struct history *history, struct range *blocks, uint32_t *count,
                          uint32_t una)
{
    uint64_t fresh = 0;
    *count = 0;
    for (uint32_t i = history->una; i < una; i++)
        fresh += history->naive[i].sacked ? 0 : BYTES;
    history->una = una;
    for (uint32_t block = below(history, 4); block > 0 && una + 1 < history->next; block--) {
        uint32_t at = una + 1 + below(history, history->next - una - 1), end = at + 1;
        while (end < history->next && (history->naive[end].sacked || below(history, 2)))
            end++;
        while (at > una + 1 && history->naive[at - 1].sacked)
            at--;
        for (uint32_t i = at; i < end; i++) {
            fresh += history->naive[i].sacked ? 0 : BYTES;
            history->naive[i].sacked = true;
        }
        blocks[(*count)++] = (struct range){at * BYTES, end * BYTES};
    }
    return fresh;
}

static void acknowledge(struct history *history)
{
    struct range blocks[TCP_SACK_MAX];
    struct tcp_delivery delivery = {0};
    uint32_t count, una = history->una;
    while (una < history->next && (history->naive[una].sacked || below(history, 4) == 0))
        una++;
    uint64_t fresh = naive_ack(history, blocks, &count, una);
    tcp_segments_ack(&history->segments, una * BYTES, &delivery);
    tcp_segments_sack(&history->segments, blocks, count, &delivery);
    ck_assert_uint_eq(delivery.bytes, fresh);
    ck_assert_uint_eq(delivery.segments, fresh / BYTES);
    const struct tcp_segment *segment;
    while ((segment = tcp_segments_lose_next(&history->segments, history->threshold))) {
        struct naive *naive = &history->naive[segment->seq / BYTES];
        ck_assert(!naive->lost && !naive->sacked);
        ck_assert(is_lost(history, (uint32_t)(segment->seq / BYTES)));
        naive->lost = true;
    }
    for (uint32_t i = history->una; i < history->next; i++)
        if (!history->naive[i].sacked && is_lost(history, i)) {
            ck_assert(history->naive[i].lost || history->naive[i].resent);
            history->naive[i].lost = true;
        }
}

static void resend(struct history *history, bool lost_only)
{
    uint64_t index;
    if (!tcp_segments_next_lost(&history->segments, &index) &&
        (lost_only || (!tcp_segments_next_below_sacked(&history->segments, &index) &&
                       !tcp_segments_highest_unsacked(&history->segments, &index))))
        return;
    tcp_segments_resent(&history->segments, index, history->sent, 0);
    history->sent += BYTES;
    history->naive[index].resent = true;
}

static void time_out(struct history *history)
{
    tcp_segments_lose_all(&history->segments);
    for (uint32_t i = history->una; i < history->next; i++)
        if (!history->naive[i].sacked)
            history->naive[i] = (struct naive){.lost = true};
}

/* The newest transmission of one segment is lost, as RACK finds. */
static void lose_one(struct history *history)
{
    if (history->una == history->next)
        return;
    uint32_t i = history->una + below(history, history->next - history->una);
    struct naive *naive = &history->naive[i];
    if (naive->sacked || (naive->lost && !naive->resent))
        return;
    tcp_segments_lose(&history->segments, i);
    naive->lost = true;
    naive->resent = false;
}

static void find_again(struct history *history)
{
    tcp_segments_find_again(&history->segments);
    for (uint32_t i = history->una; i < history->next; i++)
        if (!history->naive[i].sacked && !history->naive[i].resent)
            history->naive[i].lost = false;
}

static void compare(const struct history *history)
{
    uint64_t pipe = 0;
    uint32_t sacked = 0, waiting = 0, first_waiting = SEGMENTS;
    for (uint32_t i = history->una; i < history->next; i++) {
        const struct naive *naive = &history->naive[i];
        sacked += naive->sacked;
        if (naive->sacked)
            continue;
        pipe += (naive->lost ? 0 : BYTES) + (naive->resent ? BYTES : 0);
        if (naive->lost && !naive->resent) {
            waiting++;
            first_waiting = i < first_waiting ? i : first_waiting;
        }
    }
    ck_assert_uint_eq(history->segments.pipe_bytes, pipe);
    ck_assert_uint_eq(history->segments.sacked, sacked);
    ck_assert_uint_eq(history->segments.lost_waiting, waiting);
    struct tcp_segments copy = history->segments;
    uint64_t index;
    ck_assert_int_eq(tcp_segments_next_lost(&copy, &index), waiting > 0);
    if (waiting)
        ck_assert_uint_eq(index, first_waiting);
}

/* find_again has a test of its own: what it returns to the pipe is not judged by count again. */
START_TEST(tcp_segments__against_rfc_6675)
{
    struct history history = {.threshold = 1 + (uint32_t)_i % 5};
    sim_rng_init(&history.rng, (uint64_t)_i, "segments");
    tcp_segments_init(&history.segments);
    while (history.una < SEGMENTS) {
        uint32_t die = below(&history, 100);
        if (die < 40)
            send_new(&history);
        else if (die < 75)
            acknowledge(&history);
        else if (die < 95)
            resend(&history, die < 90);
        else if (die < 97)
            time_out(&history);
        else
            lose_one(&history);
        compare(&history);
    }
    ck_assert_uint_eq(history.segments.pipe_bytes, 0);
    tcp_segments_clear(&history.segments);
}
END_TEST

/* An undo puts what waits to be sent again back into the pipe. */
START_TEST(tcp_segments__find_again)
{
    struct history history = {.threshold = 3};
    sim_rng_init(&history.rng, 1, "segments");
    tcp_segments_init(&history.segments);
    for (int i = 0; i < 20; i++)
        send_new(&history);
    for (int i = 0; i < 8; i++)
        lose_one(&history);
    resend(&history, true);
    compare(&history);
    find_again(&history);
    compare(&history);
    ck_assert_uint_eq(history.segments.lost_waiting, 0);
    tcp_segments_clear(&history.segments);
}
END_TEST

/* An original that arrives after a later one is reordering; a retransmission is not. */
START_TEST(tcp_segments__reordering)
{
    struct history history = {.threshold = 3};
    struct tcp_delivery late = {0}, again = {0}, sacked = {0};
    struct range block = {2 * BYTES, 3 * BYTES};
    tcp_segments_init(&history.segments);
    for (int i = 0; i < 3; i++)
        send_new(&history);
    tcp_segments_sack(&history.segments, &block, 1, &sacked);
    ck_assert(!sacked.reordered);
    tcp_segments_lose(&history.segments, 1);
    tcp_segments_resent(&history.segments, 1, 99, 7);
    tcp_segments_ack(&history.segments, BYTES, &late);
    ck_assert(late.reordered);
    tcp_segments_ack(&history.segments, 3 * BYTES, &again);
    ck_assert(!again.reordered);
    ck_assert_uint_eq(again.position, 99);
    ck_assert_int_eq(again.sent_at, 7);
    ck_assert(again.flags & TCP_SEGMENT_TWICE);
    tcp_segments_clear(&history.segments);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, tcp_segments__against_rfc_6675, 0, 100);
    tcase_add_test(tcase, tcp_segments__find_again);
    tcase_add_test(tcase, tcp_segments__reordering);
}

int main(void)
{
    return suite_run("tcp_segments", add);
}
