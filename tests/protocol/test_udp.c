/* UDP on a scripted wire of 100 Gbps and 10 us: what one disturbance does to three messages of four
 * datagrams each. Nothing is ever sent again, and each message stands for itself. */
#include "models/transport/udp.h"
#include "support/suite.h"
#include "support/wire.h"

#define PAYLOAD (1500u - 44u)
#define DELAY   (10 * SIM_US)
#define FULL    (1500 * (sim_time)80)

static const struct udp_params defaults = {.reassembly_timeout = SIM_MS};

static struct wire *udp_wire(const struct udp_params *params, const struct wire_rule *rules,
                             uint32_t count)
{
    return wire_new(&(struct wire_config){
        .host_count = 2,
        .hosts = {{&udp_transport, params}},
        .delay = DELAY,
        .rate_bps = 100000000000,
        .rules = rules,
        .rule_count = count,
    });
}

static struct sim_message message(uint64_t bytes)
{
    return (struct sim_message){.dst = 1, .src_port = 1000, .dst_port = 80, .bytes = bytes};
}

/* ---- one disturbance each ---- */

static const struct {
    const char *name;
    struct wire_rule rule;
    sim_time delivered[3]; /* in datagrams sent, and `late` */
    sim_time late;
    uint64_t abandoned, reordered;
    uint32_t received; /* datagrams */
} cases[] = {
    {"nothing", {0}, {4, 8, 12}, 0, 0, 0, 12},
    {"first lost", {.class = WIRE_DATA, .action = WIRE_DROP}, {-1, 8, 12}, 0, 1, 0, 11},
    {"last of a message lost",
     {.class = WIRE_DATA, .nth = 8, .action = WIRE_DROP},
     {4, -1, 12},
     0,
     1,
     0,
     11},
    {"a message lost",
     {.class = WIRE_DATA, .nth = 5, .count = 4, .action = WIRE_DROP},
     {4, -1, 12},
     0,
     0, /* nobody heard of it */
     0,
     8},
    {"trimmed", {.class = WIRE_DATA, .nth = 2, .action = WIRE_TRIM}, {-1, 8, 12}, 0, 1, 0, 11},
    {"twice",
     {.class = WIRE_DATA, .nth = 2, .action = WIRE_DUPLICATE, .delay = FULL / 2},
     {4, 8, 12},
     0,
     0,
     0,
     12},
    {"whole message twice",
     {.class = WIRE_DATA, .nth = 5, .count = 4, .action = WIRE_DUPLICATE, .delay = 50 * SIM_US},
     {4, 8, 12},
     0,
     0,
     0,
     12},
    {"overtaken within its message",
     {.class = WIRE_DATA, .nth = 1, .action = WIRE_DELAY, .delay = 3 * FULL / 2},
     {4, 8, 12},
     0,
     0,
     1,
     12},
    {"overtaken by all",
     {.class = WIRE_DATA, .nth = 2, .action = WIRE_DELAY, .delay = 100 * SIM_US},
     {2, 8, 12},
     100 * SIM_US,
     0,
     1,
     12},
    /* the rest of it was abandoned meanwhile, and so is what comes late */
    {"too late",
     {.class = WIRE_DATA, .nth = 2, .action = WIRE_DELAY, .delay = 2 * SIM_MS},
     {-1, 8, 12},
     0,
     2,
     0,
     12},
};

START_TEST(udp__one_disturbance)
{
    struct wire *wire = udp_wire(&defaults, &cases[_i].rule, cases[_i].rule.class != WIRE_ANY);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(wire_submit(wire, 0, message(4 * PAYLOAD - 100), 0), i);
    wire_run(wire, SIM_S);
    for (uint32_t i = 0; i < 3; i++) {
        sim_time packets = cases[_i].delivered[i];
        sim_time late = i == 0 ? cases[_i].late : 0;
        /* The last datagram of each message is 100 bytes short. */
        sim_time time =
            packets < 0 ? SIM_NEVER : packets * FULL - packets / 4 * 8000 + DELAY + late;
        ck_assert_msg(wire_delivered_at(wire, 1, 0, i) == time, "%s: message %u", cases[_i].name,
                      i);
        ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, i), packets >= 0);
        /* All that the sender knows is that it left. */
        ck_assert_int_eq(wire_completed_at(wire, 0, i), (i + 1) * (4 * FULL - 8000) - FULL + 8000);
    }
    struct sim_transport_counts sent = wire_counts(wire, 0), got = wire_counts(wire, 1);
    ck_assert_uint_eq(sent.data_packets, 12);
    ck_assert_uint_eq(sent.data_payload_bytes, 3 * (4 * PAYLOAD - 100));
    ck_assert_uint_eq(sent.data_header_bytes, 12 * 44);
    ck_assert_uint_eq(sent.retransmissions + got.spurious_retransmissions + sent.timeouts, 0);
    ck_assert_uint_eq(got.given_up, cases[_i].abandoned);
    ck_assert_uint_eq(got.reordered, cases[_i].reordered);
    uint64_t shorter = cases[_i].received < 12 && cases[_i].delivered[1] < 0 ? 2 : 3;
    ck_assert_uint_eq(wire_received_bytes(wire, 1), cases[_i].received * PAYLOAD - shorter * 100);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_ANY, 1), 0);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

/* ---- sizes ---- */

static const uint64_t sizes[] = {0, 1, PAYLOAD, PAYLOAD + 1, 100 * PAYLOAD};

START_TEST(udp__sizes)
{
    struct wire *wire = udp_wire(&defaults, NULL, 0);
    uint32_t number = wire_submit(wire, 0, message(sizes[_i]), 0);
    uint64_t packets = sizes[_i] ? (sizes[_i] + PAYLOAD - 1) / PAYLOAD : 1;
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_DATA, 0), packets);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, number),
                     (sim_time)(sizes[_i] + packets * 44) * 80 + DELAY);
    wire_free(wire);
}
END_TEST

/* ---- pace ---- */

/* Two flows of 10 Gbps each: a datagram every 1.2 us of either. */
START_TEST(udp__pace_of_each_flow)
{
    const struct udp_params params = {.rate_bps = 10000000000, .reassembly_timeout = SIM_MS};
    struct wire *wire = udp_wire(&params, NULL, 0);
    struct sim_message other = message(10 * PAYLOAD);
    other.src_port = 1001;
    wire_submit(wire, 0, message(10 * PAYLOAD), 0);
    wire_submit(wire, 0, other, 0);
    wire_run(wire, SIM_S);
    for (uint32_t i = 0; i < 20; i++) {
        const struct wire_sent *sent = wire_sent_nth(wire, WIRE_DATA, 0, i + 1);
        ck_assert_uint_eq(sent->packet.datagram.src_port, 1000 + i % 2);
        ck_assert_int_eq(sent->time, (i / 2) * 10 * FULL + (i % 2) * FULL);
    }
    wire_free(wire);
}
END_TEST

/* Messages of one flow follow each other at its pace, also when the next comes later. */
START_TEST(udp__pace_between_messages)
{
    const struct udp_params params = {.rate_bps = 10000000000, .reassembly_timeout = SIM_MS};
    struct wire *wire = udp_wire(&params, NULL, 0);
    wire_submit(wire, 0, message(PAYLOAD), 0);
    wire_submit(wire, 0, message(PAYLOAD), FULL * 3);
    wire_submit(wire, 0, message(PAYLOAD), FULL * 100);
    wire_run(wire, SIM_S);
    ck_assert_int_eq(wire_sent_nth(wire, WIRE_DATA, 0, 2)->time, 10 * FULL);
    ck_assert_int_eq(wire_sent_nth(wire, WIRE_DATA, 0, 3)->time, 100 * FULL);
    wire_free(wire);
}
END_TEST

/* Lossy, doubling and reordering: what arrives whole is delivered once, and nothing else. */
START_TEST(udp__storm)
{
    enum { MESSAGES = 300 };
    const struct wire_rule twice = {.class = WIRE_DATA,
                                    .nth = 1,
                                    .count = MESSAGES,
                                    .action = WIRE_DUPLICATE,
                                    .delay = 20 * SIM_US};
    struct wire *wire = wire_new(&(struct wire_config){
        .host_count = 2,
        .hosts = {{&udp_transport, &defaults}},
        .delay = DELAY,
        .rate_bps = 100000000000,
        .rules = &twice,
        .rule_count = 1,
        .seed = (uint64_t)_i + 1,
        .loss = 0.05,
        .reorder = 0.2,
        .reorder_by = 5 * SIM_US,
    });
    for (uint32_t i = 0; i < MESSAGES; i++)
        wire_submit(wire, 0, message(i * 50), i * SIM_US);
    wire_run(wire, SIM_S);
    uint32_t delivered = 0;
    for (uint32_t i = 0; i < MESSAGES; i++) {
        ck_assert_uint_le(wire_delivered_times(wire, 1, 0, i), 1);
        delivered += wire_delivered_times(wire, 1, 0, i);
    }
    ck_assert_uint_gt(delivered, MESSAGES / 2);
    ck_assert_uint_gt(wire_counts(wire, 1).given_up, 0);
    ck_assert_uint_le(delivered + wire_counts(wire, 1).given_up, MESSAGES);
    wire_free(wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, udp__one_disturbance, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tcase, udp__sizes, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tcase, udp__pace_of_each_flow);
    tcase_add_test(tcase, udp__pace_between_messages);
    tcase_add_loop_test(tcase, udp__storm, 0, 3);
}

int main(void)
{
    return suite_run("udp", add);
}
