#include <mtpsim/policy.h>

#include "support/suite.h"

extern const struct sim_policy_ops filter_policy;

/* As in models/policy/filter.c. */
struct params {
    uint32_t at;
    struct sim_list links;
    uint32_t passes;
};

enum { PASSES_TCP, PASSES_MTP, PASSES_UDP, PASSES_QUIC, PASSES_RDMA };

static const struct filter_case {
    uint32_t passes;
    uint8_t protocol;
    enum sim_verdict by_queue, expected;
} cases[] = {
    {PASSES_TCP, SIM_PROTOCOL_TCP, SIM_ACCEPT, SIM_ACCEPT},
    {PASSES_TCP, SIM_PROTOCOL_TCP, SIM_MARK, SIM_MARK},
    {PASSES_TCP, SIM_PROTOCOL_TCP, SIM_DROP, SIM_DROP},
    {PASSES_TCP, SIM_PROTOCOL_MTP, SIM_ACCEPT, SIM_DROP},
    {PASSES_TCP, SIM_PROTOCOL_MTP, SIM_TRIM, SIM_DROP},
    {PASSES_TCP, SIM_PROTOCOL_RAW, SIM_ACCEPT, SIM_DROP},
    {PASSES_MTP, SIM_PROTOCOL_MTP, SIM_ACCEPT, SIM_ACCEPT},
    {PASSES_MTP, SIM_PROTOCOL_TCP, SIM_ACCEPT, SIM_DROP},
    {PASSES_UDP, SIM_PROTOCOL_UDP, SIM_ACCEPT, SIM_ACCEPT},
    {PASSES_QUIC, SIM_PROTOCOL_QUIC, SIM_ACCEPT, SIM_ACCEPT},
    {PASSES_RDMA, SIM_PROTOCOL_RDMA, SIM_ACCEPT, SIM_ACCEPT},
    {PASSES_RDMA, SIM_PROTOCOL_UDP, SIM_ACCEPT, SIM_DROP},
};

START_TEST(filter_judge__one_protocol_passes_and_no_other)
{
    const struct filter_case *c = &cases[_i];
    const struct params params = {.passes = c->passes};
    struct sim_policy_env env = {0};
    struct sim_queue_view view = {0};
    struct sim_feedback entry = {0};
    struct sim_packet packet = {.protocol = c->protocol, .tc = 3};
    _Alignas(16) char state[64] = {0};
    ck_assert_uint_le(filter_policy.plugin.state_size, sizeof state);
    filter_policy.init(state, &params, &env);
    filter_policy.classify(state, &packet);
    ck_assert_uint_eq(packet.tc, 3);
    ck_assert_int_eq(filter_policy.judge(state, &packet, &view, c->by_queue, &entry), c->expected);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_PRESENCE);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, filter_judge__one_protocol_passes_and_no_other, 0,
                        sizeof cases / sizeof *cases);
}

int main(void)
{
    return suite_run("filter", add);
}
