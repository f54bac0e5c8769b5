/* TCP on a scripted wire: each class of packet lost, duplicated, reordered, delayed or trimmed, and
 * the outcome to the picosecond.
 *
 * The wire is 100 Gbps and 10 us one way. An undisturbed message of 20 segments on a connection of
 * its own takes three round trips, worked out in `undisturbed` below.
 */
#include <inttypes.h>
#include <string.h>

#include "support/suite.h"
#include "support/tcp_wire.h"

/* SYN, SYN-ACK; ten segments, the acknowledgement of the first; the other ten, the acknowledgement
 * of the last. */
static const sim_time undisturbed =
    6 * DELAY + 2 * 52 * BYTE + FULL + 40 * BYTE + 10 * FULL + 40 * BYTE;

/* ---- one disturbance each ---- */

struct outcome {
    sim_time completed, delivered; /* in ns: rounded down */
    uint64_t data_packets, retransmissions, timeouts, spurious, reordered;
};

static const struct {
    const char *name;
    struct wire_rule rules[3];
    struct outcome outcome;
} cases[] = {
    {"nothing", {{0}}, {61334, 51331, 20, 0, 0, 0, 0}},
    /* the initial RTO, 3 ms */
    {"SYN lost",
     {{.class = WIRE_SYN, .from = 0, .action = WIRE_DROP}},
     {3061334, 3051331, 20, 0, 1, 0, 0}},
    /* 3 + 6 ms, and a window of one packet: RFC 6928 */
    {"SYN lost twice",
     {{.class = WIRE_SYN, .from = 0, .count = 2, .action = WIRE_DROP}},
     {9121104, 9111101, 20, 0, 2, 0, 0}},
    {"SYN twice",
     {{.class = WIRE_SYN, .from = 0, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 0, 0}},
    {"SYN twice, long after",
     {{.class = WIRE_SYN, .from = 0, .action = WIRE_DUPLICATE, .delay = SIM_MS}},
     {61334, 51331, 20, 0, 0, 0, 0}},
    /* the late copy finds a closed connection */
    {"SYN late",
     {{.class = WIRE_SYN, .from = 0, .action = WIRE_DELAY, .delay = 4 * SIM_MS}},
     {3061334, 3051331, 20, 0, 1, 0, 0}},
    {"SYN-ACK lost",
     {{.class = WIRE_SYN_ACK, .from = 1, .action = WIRE_DROP}},
     {3061334, 3051331, 20, 0, 1, 0, 0}},
    {"SYN-ACK twice",
     {{.class = WIRE_SYN_ACK, .from = 1, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 0, 0}},
    {"SYN-ACK late",
     {{.class = WIRE_SYN_ACK, .from = 1, .action = WIRE_DELAY, .delay = 4 * SIM_MS}},
     {3061334, 3051331, 20, 0, 1, 0, 0}},
    /* one more round trip */
    {"first data lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_DROP}},
     {81338, 71335, 21, 1, 0, 0, 0}},
    {"first data twice",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 1, 1}},
    {"first data overtaken by 2",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_DELAY, .delay = 2 * FULL + 1}},
     {61455, 51452, 20, 0, 0, 0, 1}},
    /* as TCP suffers: taken for lost */
    {"first data overtaken by 3",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_DELAY, .delay = 3 * FULL + 1}},
     {81217, 71214, 21, 1, 0, 1, 1}},
    {"first data late",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_DELAY, .delay = 50 * SIM_US}},
     {81338, 71335, 21, 1, 0, 1, 1}},
    {"first data trimmed",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .action = WIRE_TRIM}},
     {81338, 71335, 21, 1, 0, 0, 0}},
    /* NextSeg's rule 4 sends the last segment again, needlessly */
    {"middle data lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 12, .action = WIRE_DROP}},
     {80858, 70855, 22, 2, 0, 1, 0}},
    {"middle data twice",
     {{.class = WIRE_DATA, .from = 0, .nth = 12, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 1, 1}},
    {"middle data overtaken by 2",
     {{.class = WIRE_DATA, .from = 0, .nth = 12, .action = WIRE_DELAY, .delay = 2 * FULL + 1}},
     {61334, 51331, 20, 0, 0, 0, 1}},
    {"middle data overtaken by 3",
     {{.class = WIRE_DATA, .from = 0, .nth = 12, .action = WIRE_DELAY, .delay = 3 * FULL + 1}},
     {61334, 51331, 22, 2, 0, 2, 1}},
    {"middle data late",
     {{.class = WIRE_DATA, .from = 0, .nth = 12, .action = WIRE_DELAY, .delay = 2 * SIM_MS}},
     {80858, 70855, 22, 2, 0, 2, 1}},
    {"three data lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 5, .count = 3, .action = WIRE_DROP}},
     {80858, 70855, 24, 4, 0, 1, 0}},
    /* the RTO, then 1, 2, 4, 5, 6, 2 segments */
    {"whole window lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 1, .count = 10, .action = WIRE_DROP}},
     {1140867, 1130864, 30, 10, 1, 0, 0}},
    /* two segments above are too few: RTO */
    {"last but two lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 18, .action = WIRE_DROP}},
     {1081097, 1071094, 21, 1, 1, 0, 0}},
    {"last but three lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 17, .action = WIRE_DROP}},
     {81458, 71455, 21, 1, 0, 0, 0}},
    {"FIN lost",
     {{.class = WIRE_FIN, .from = 0, .action = WIRE_DROP}},
     {1081337, 1071334, 21, 1, 1, 0, 0}},
    /* 1 + 2 ms */
    {"FIN lost twice",
     {{.class = WIRE_FIN, .from = 0, .count = 2, .action = WIRE_DROP}},
     {3081337, 3071334, 22, 2, 2, 0, 0}},
    {"FIN twice",
     {{.class = WIRE_FIN, .from = 0, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 1, 1}},
    {"FIN first of its burst",
     {{.class = WIRE_DATA,
       .from = 0,
       .nth = 11,
       .count = 9,
       .action = WIRE_DELAY,
       .delay = 10 * FULL}},
     {62414, 52411, 20, 0, 0, 0, 9}},
    {"FIN late",
     {{.class = WIRE_FIN, .from = 0, .action = WIRE_DELAY, .delay = 2 * SIM_MS}},
     {1081337, 1071334, 21, 1, 1, 1, 1}},
    {"first acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 1, .action = WIRE_DROP}},
     {61454, 51451, 20, 0, 0, 0, 0}},
    {"acknowledgement twice",
     {{.class = WIRE_ACKNOWLEDGEMENT,
       .from = 1,
       .nth = 1,
       .action = WIRE_DUPLICATE,
       .delay = SIM_US}},
     {61334, 51331, 20, 0, 0, 0, 0}},
    {"acknowledgement overtaken by 2",
     {{.class = WIRE_ACKNOWLEDGEMENT,
       .from = 1,
       .nth = 5,
       .action = WIRE_DELAY,
       .delay = 2 * FULL + 1}},
     {61334, 51331, 20, 0, 0, 0, 0}},
    /* delivered in time; the receiver remembers */
    {"last acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 20, .action = WIRE_DROP}},
     {1081338, 51331, 21, 1, 1, 1, 0}},
    {"last acknowledgement late",
     {{.class = WIRE_ACKNOWLEDGEMENT,
       .from = 1,
       .nth = 20,
       .action = WIRE_DELAY,
       .delay = 1500 * SIM_US}},
     {1081338, 51331, 21, 1, 1, 1, 0}},
    /* one segment again tells of all */
    {"acknowledgements of a window lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 1, .count = 10, .action = WIRE_DROP}},
     {1080858, 1070855, 21, 1, 1, 1, 0}},
    {"all but one acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 1, .count = 9, .action = WIRE_DROP}},
     {62414, 52411, 20, 0, 0, 0, 0}},
    /* RFC 6675 needs the RTO for that */
    {"retransmission lost",
     {{.class = WIRE_DATA, .from = 0, .nth = 3, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .from = 0, .action = WIRE_DROP}},
     {1060974, 1050971, 23, 3, 1, 1, 0}},
    {"retransmission twice",
     {{.class = WIRE_DATA, .from = 0, .nth = 3, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .from = 0, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {80738, 70735, 22, 2, 0, 2, 0}},
    {"retransmission late",
     {{.class = WIRE_DATA, .from = 0, .nth = 3, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .from = 0, .action = WIRE_DELAY, .delay = 2 * SIM_MS}},
     {1060974, 1050971, 23, 3, 1, 2, 0}},
    {"original arrives after its retransmission",
     {{.class = WIRE_DATA, .from = 0, .nth = 3, .action = WIRE_DELAY, .delay = 40 * SIM_US}},
     {80738, 70735, 22, 2, 0, 2, 1}},
};

START_TEST(tcp__one_disturbance)
{
    uint32_t rules = 0;
    while (rules < 3 && cases[_i].rules[rules].class != WIRE_ANY)
        rules++;
    struct wire *wire = tcp_wire(&tcp_defaults, cases[_i].rules, rules);
    uint32_t number = wire_submit(wire, 0, tcp_message(20 * MSS, false), 0);
    wire_run(wire, SIM_S);
    struct sim_transport_counts sent = wire_counts(wire, 0), got = wire_counts(wire, 1);
    struct outcome is = {
        wire_completed_at(wire, 0, number) / SIM_NS,
        wire_delivered_at(wire, 1, 0, number) / SIM_NS,
        sent.data_packets,
        sent.retransmissions,
        sent.timeouts,
        got.spurious_retransmissions,
        got.reordered,
    };
    const struct outcome *expected = &cases[_i].outcome;
    if (memcmp(&is, expected, sizeof is) != 0) {
        wire_print(wire);
        ck_abort_msg("%s: {%" PRId64 ", %" PRId64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64
                     ", %" PRIu64 ", %" PRIu64 "}",
                     cases[_i].name, is.completed, is.delivered, is.data_packets,
                     is.retransmissions, is.timeouts, is.spurious, is.reordered);
    }
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 20 * MSS);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_uint_eq(sent.data_payload_bytes, sent.data_packets * MSS);
    ck_assert_uint_eq(sent.data_header_bytes, sent.data_packets * 40);
    ck_assert(wire_is_quiet(wire));
    if (_i == 0)
        ck_assert_int_eq(wire_completed_at(wire, 0, number), undisturbed);
    wire_free(wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, tcp__one_disturbance, 0, sizeof cases / sizeof *cases);
}

int main(void)
{
    return suite_run("tcp", add);
}
