/* droptail and ecn_threshold: verdicts at and around their limits, and that `quiet` never promises
 * more than `admit` keeps. */
#include <mtpsim/queue.h>

#include "support/suite.h"

extern const struct sim_queue_ops droptail_queue, ecn_threshold_queue;

/* Both models' parameters: droptail has the first alone. */
struct limits {
    struct sim_length capacity, mark_at;
};

#define PACKETS(n)                                                                                 \
    {                                                                                              \
        .value = (n), .packets = true, .set = true                                                 \
    }
#define BYTES(n)                                                                                   \
    {                                                                                              \
        .value = (n), .packets = false, .set = true                                                \
    }

static const struct {
    const struct sim_queue_ops *ops;
    struct limits limits;
    uint64_t packets, bytes; /* found */
    enum sim_verdict expected;
} cases[] = {
    {&droptail_queue, {PACKETS(3), {0}}, 2, 3000, SIM_ACCEPT},
    {&droptail_queue, {PACKETS(3), {0}}, 3, 3001, SIM_DROP},
    {&droptail_queue, {BYTES(4000), {0}}, 2, 3000, SIM_ACCEPT},
    {&droptail_queue, {BYTES(4000), {0}}, 2, 3001, SIM_DROP},
    {&ecn_threshold_queue, {PACKETS(128), PACKETS(20)}, 20, 20000, SIM_ACCEPT},
    {&ecn_threshold_queue, {PACKETS(128), PACKETS(20)}, 21, 20001, SIM_MARK},
    {&ecn_threshold_queue, {PACKETS(128), PACKETS(20)}, 127, 127000, SIM_MARK},
    {&ecn_threshold_queue, {PACKETS(128), PACKETS(20)}, 128, 127001, SIM_DROP},
    {&ecn_threshold_queue, {BYTES(10000), BYTES(5000)}, 5, 5000, SIM_ACCEPT},
    {&ecn_threshold_queue, {BYTES(10000), BYTES(5000)}, 6, 5001, SIM_MARK},
    {&ecn_threshold_queue, {BYTES(10000), BYTES(5000)}, 9, 9000, SIM_MARK},
    {&ecn_threshold_queue, {BYTES(10000), BYTES(5000)}, 9, 9001, SIM_DROP},
    {&ecn_threshold_queue, {PACKETS(10), BYTES(5000)}, 9, 5000, SIM_ACCEPT},
    {&ecn_threshold_queue, {PACKETS(10), BYTES(5000)}, 10, 4000, SIM_DROP},
    {&ecn_threshold_queue, {BYTES(10000), PACKETS(2)}, 3, 3000, SIM_MARK},
};

/* Room for either state. */
union any_queue {
    char bytes[256];
    uint64_t align;
};

static const struct sim_packet packet = {.size_bytes = 1000, .ecn = SIM_ECN_ECT};

/* clang-format off */
START_TEST(queue__verdict_at_its_limits)
{
    union any_queue state = {{0}};
    struct sim_queue_view view = {.packets = cases[_i].packets, .bytes = cases[_i].bytes};
    ck_assert_uint_le(cases[_i].ops->plugin.state_size, sizeof state);
    cases[_i].ops->init(&state, &cases[_i].limits);
    ck_assert_int_eq(cases[_i].ops->admit(&state, &view, &packet), cases[_i].expected);
}
END_TEST

START_TEST(queue__quiet_promises_no_more_than_admit_keeps)
{
    union any_queue state = {{0}};
    uint64_t packets, bytes;
    cases[_i].ops->init(&state, &cases[_i].limits);
    cases[_i].ops->quiet(&state, &packets, &bytes);
    for (uint64_t found = 0; found <= packets && found < 200; found++)
        for (uint64_t length = 0; length <= bytes && length <= found * 1000; length += 500) {
            struct sim_queue_view view = {.packets = found, .bytes = length};
            ck_assert_int_eq(cases[_i].ops->admit(&state, &view, &packet), SIM_ACCEPT);
        }
}
END_TEST

START_TEST(ecn_threshold__a_mark_that_cannot_happen_is_refused)
{
    struct limits limits = {PACKETS(20), PACKETS(20)};
    ck_assert_ptr_nonnull(ecn_threshold_queue.plugin.check(&limits));
    limits.mark_at.value = 19;
    ck_assert_ptr_null(ecn_threshold_queue.plugin.check(&limits));
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    int count = sizeof cases / sizeof *cases;
    tcase_add_loop_test(tcase, queue__verdict_at_its_limits, 0, count);
    tcase_add_loop_test(tcase, queue__quiet_promises_no_more_than_admit_keeps, 0, count);
    tcase_add_test(tcase, ecn_threshold__a_mark_that_cannot_happen_is_refused);
}

int main(void)
{
    return suite_run("queues", add_cases);
}
