/* aggregate (the offload): who is told what about a contribution, and which contributions pass to
 * the server. */
#include "support/bench.h"
#include "support/suite.h"

extern const struct sim_offload_ops aggregate_offload;

#define PATIENCE (500 * SIM_US)
#define SLOTS    4

static void start(struct bench *bench)
{
    bench_init(bench, &aggregate_offload);
    uint64_t *workers = bench_parameter(bench, "workers", SIM_PARAM_COUNT);
    uint64_t *slots = bench_parameter(bench, "slots", SIM_PARAM_COUNT);
    sim_time *patience = bench_parameter(bench, "patience", SIM_PARAM_TIME);
    *workers = 2;
    *slots = SLOTS;
    *patience = PATIENCE;
    bench_start(bench);
}

static uint64_t message_of(uint32_t chunk, uint32_t worker)
{
    return 1000 + 10 * (uint64_t)chunk + worker;
}

/* Worker `worker`'s 100 + worker of the chunk, from the host of that number. */
static struct bench_packet contribution(uint32_t chunk, uint32_t worker, uint8_t flags)
{
    return (struct bench_packet){
        .line = {.protocol = SIM_PROTOCOL_MTP,
                 .src = worker,
                 .dst = BENCH_SERVER,
                 .flags = SIM_PACKET_FRAMED,
                 .size_bytes = 156,
                 .mtp = {.flags = (uint8_t)(SIM_MTP_DATA | flags),
                         .payload_bytes = 100,
                         .message = message_of(chunk, worker),
                         .message_bytes = 100,
                         .message_packets = 1}},
        .rare.frame = {.origin = worker,
                       .number = chunk,
                       .bytes = 100,
                       .content = {.kind = SIM_CONTENT_GRADIENT,
                                   .client = 2,
                                   .key = chunk,
                                   .worker = (uint8_t)worker,
                                   .value = 100 + worker}},
    };
}

static void contribute(struct bench *bench, uint32_t chunk, uint32_t worker, uint8_t flags,
                       sim_time now)
{
    struct bench_packet in = contribution(chunk, worker, flags);
    ck_assert_int_eq(bench_pass(bench, &in, now), SIM_DEVICE_SERVE);
}

/* The worker has the chunk's sum. */
static void acknowledge(struct bench *bench, uint32_t chunk, uint32_t worker, sim_time now)
{
    struct bench_packet in = {
        .line = {.protocol = SIM_PROTOCOL_MTP,
                 .src = worker,
                 .dst = BENCH_DEVICE,
                 .mtp.flags = SIM_MTP_ACK},
        .lists.mtp = {.sack_count = 1, .sack = {{message_of(chunk, worker), SIM_MTP_WHOLE}}},
    };
    bench_pass(bench, &in, now);
    bench_next(bench, BENCH_ABSORBED);
}

/* The contribution's packet is acknowledged, its message is not. */
static void expect_absorbed(struct bench *bench, uint32_t chunk, uint32_t worker)
{
    const struct bench_packet *out = bench_next(bench, BENCH_ANSWERED);
    ck_assert_uint_eq(out->line.dst, worker);
    ck_assert_uint_eq(out->lists.mtp.sack_count, 1);
    ck_assert_uint_eq(out->lists.mtp.sack[0].message, message_of(chunk, worker));
    ck_assert_uint_eq(out->lists.mtp.sack[0].packet, 0);
}

static void expect_passed(struct bench *bench, uint32_t chunk, uint32_t worker)
{
    const struct bench_packet *out = bench_next(bench, BENCH_FORWARDED);
    ck_assert_uint_eq(out->line.dst, BENCH_SERVER);
    ck_assert_uint_eq(out->line.mtp.message, message_of(chunk, worker));
    ck_assert_uint_eq(out->rare.frame.content.value, 100 + worker);
}

static void expect_sum(struct bench *bench, uint32_t chunk, uint32_t worker)
{
    const struct bench_packet *out = bench_next(bench, BENCH_EMITTED);
    ck_assert_uint_eq(out->line.dst, worker);
    ck_assert_uint_eq(out->line.mtp.message, message_of(chunk, worker));
    ck_assert_uint_eq(out->rare.frame.content.kind, SIM_CONTENT_SUM);
    ck_assert_uint_eq(out->rare.frame.content.value, 201);
}

/* `delivered`: the message SACK; else a NACK for all of it. In the server's name. */
static void expect_verdict(struct bench *bench, uint32_t chunk, uint32_t worker, bool delivered)
{
    const struct bench_packet *out = bench_next(bench, BENCH_EMITTED);
    struct sim_mtp_sack entry = delivered ? out->lists.mtp.sack[1] : out->rare.mtp.nack[0];
    ck_assert_uint_eq(out->line.src, BENCH_SERVER);
    ck_assert_uint_eq(out->line.dst, worker);
    ck_assert_uint_eq(out->lists.mtp.sack_count, delivered ? 2 : 1);
    ck_assert_uint_eq(out->lists.mtp.nack_count, delivered ? 0 : 1);
    ck_assert_uint_eq(entry.message, message_of(chunk, worker));
    ck_assert_uint_eq(entry.packet, SIM_MTP_WHOLE);
}

/* No message is acknowledged before all have the sum. */
START_TEST(aggregate__all_are_told_when_all_have_it)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 0, 0, 0);
    expect_absorbed(&bench, 0, 0);
    contribute(&bench, 0, 1, 0, 1);
    expect_sum(&bench, 0, 0);
    expect_sum(&bench, 0, 1);
    expect_absorbed(&bench, 0, 1);
    acknowledge(&bench, 0, 1, 2);
    bench_quiet(&bench);
    acknowledge(&bench, 0, 1, 3);
    bench_quiet(&bench);
    struct bench_packet last = {
        .line = {.protocol = SIM_PROTOCOL_MTP, .dst = BENCH_DEVICE, .mtp.flags = SIM_MTP_ACK},
        .lists.mtp = {.sack_count = 1, .sack = {{message_of(0, 0), SIM_MTP_WHOLE}}},
    };
    bench_pass(&bench, &last, 4);
    expect_verdict(&bench, 0, 0, true);
    expect_verdict(&bench, 0, 1, true);
    bench_next(&bench, BENCH_ABSORBED);
    bench_quiet(&bench);
    ck_assert_uint_eq(bench.consumed, 2);
    /* Its slot is free, but not for what it had. */
    contribute(&bench, 0, 0, 0, 5);
    expect_passed(&bench, 0, 0);
    contribute(&bench, SLOTS, 0, 0, 6);
    expect_absorbed(&bench, SLOTS, 0);
    bench_clear(&bench);
}
END_TEST

/* A contribution that its worker sends again as a whole may have been answered, or given up: it
 * passes to the server, and so do all others of its chunk from then on. */
START_TEST(aggregate__restarted_contributions_pass_to_the_server)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 0, SIM_MTP_RESTART, 0);
    expect_passed(&bench, 0, 0);
    contribute(&bench, 0, 1, 0, 1);
    expect_passed(&bench, 0, 1);
    bench_quiet(&bench);
    /* One that waits in the slot is given back. */
    contribute(&bench, 1, 0, 0, 2);
    expect_absorbed(&bench, 1, 0);
    contribute(&bench, 1, 1, SIM_MTP_RESTART, 3);
    expect_verdict(&bench, 1, 0, false);
    expect_passed(&bench, 1, 1);
    contribute(&bench, 1, 0, 0, 4);
    expect_passed(&bench, 1, 0);
    bench_quiet(&bench);
    ck_assert_uint_eq(bench_count(&bench, "fallbacks"), 4);
    ck_assert_uint_eq(bench_count(&bench, "given_up"), 1);
    ck_assert_uint_eq(bench_count(&bench, "sums"), 0);
    bench_clear(&bench);
}
END_TEST

/* While the sum is here it is the answer, however often a contribution comes. */
START_TEST(aggregate__a_sum_that_is_here_is_sent_again)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 0, 0, 0);
    contribute(&bench, 0, 1, 0, 1);
    expect_absorbed(&bench, 0, 0);
    expect_sum(&bench, 0, 0);
    expect_sum(&bench, 0, 1);
    expect_absorbed(&bench, 0, 1);
    contribute(&bench, 0, 0, SIM_MTP_RESTART, 2);
    expect_sum(&bench, 0, 0);
    expect_absorbed(&bench, 0, 0);
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

/* One that adds to a sum of another number of workers is the server's. */
START_TEST(aggregate__sums_of_others_pass)
{
    struct bench bench;
    start(&bench);
    struct bench_packet in = contribution(0, 0, 0);
    in.rare.frame.content.client = 3;
    bench_pass(&bench, &in, 0);
    expect_passed(&bench, 0, 0);
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

/* A straggler: those that wait for it are asked for their contributions again. */
START_TEST(aggregate__gives_up_what_waits_too_long)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 1, 0, 0);
    expect_absorbed(&bench, 0, 1);
    bench_wait(&bench, PATIENCE - 1);
    bench_quiet(&bench);
    bench_wait(&bench, PATIENCE);
    expect_verdict(&bench, 0, 1, false);
    contribute(&bench, 0, 0, 0, PATIENCE + 1);
    expect_passed(&bench, 0, 0);
    contribute(&bench, 0, 1, SIM_MTP_RESTART, PATIENCE + 2);
    expect_passed(&bench, 0, 1);
    bench_quiet(&bench);
    ck_assert_uint_eq(bench.messages, 0);
    bench_clear(&bench);
}
END_TEST

/* A chunk whose slot is taken passes, all of it, also when the slot is free again. */
START_TEST(aggregate__a_chunk_without_a_slot_passes_whole)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 0, 0, 0);
    expect_absorbed(&bench, 0, 0);
    contribute(&bench, SLOTS, 0, 0, 1);
    expect_passed(&bench, SLOTS, 0);
    bench_wait(&bench, PATIENCE);
    expect_verdict(&bench, 0, 0, false);
    contribute(&bench, SLOTS, 1, 0, PATIENCE + 1);
    expect_passed(&bench, SLOTS, 1);
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

/* After a restart it knows nobody; the workers' timeouts do the rest. */
START_TEST(aggregate__a_restart_says_nothing)
{
    struct bench bench;
    start(&bench);
    contribute(&bench, 0, 0, 0, 0);
    expect_absorbed(&bench, 0, 0);
    bench.ops->restart(bench.state, 1);
    bench_wait(&bench, PATIENCE);
    bench_quiet(&bench);
    contribute(&bench, 0, 1, 0, PATIENCE + 1);
    expect_absorbed(&bench, 0, 1);
    contribute(&bench, 0, 0, SIM_MTP_RESTART, PATIENCE + 2);
    expect_verdict(&bench, 0, 1, false);
    expect_passed(&bench, 0, 0);
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, aggregate__all_are_told_when_all_have_it);
    tcase_add_test(tcase, aggregate__restarted_contributions_pass_to_the_server);
    tcase_add_test(tcase, aggregate__a_sum_that_is_here_is_sent_again);
    tcase_add_test(tcase, aggregate__sums_of_others_pass);
    tcase_add_test(tcase, aggregate__gives_up_what_waits_too_long);
    tcase_add_test(tcase, aggregate__a_chunk_without_a_slot_passes_whole);
    tcase_add_test(tcase, aggregate__a_restart_says_nothing);
}

int main(void)
{
    return suite_run("offload_aggregate", add);
}
