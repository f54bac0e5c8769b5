#include "support/storm.h"

#include <check.h>

#include "support/two_hosts.h"

#define STORM_MESSAGES 200u

static uint32_t sender_of(uint32_t message)
{
    return message % 3 == 0 ? 2 : 0;
}

static struct wire *storm_wire(const struct storm *storm, const struct wire_rule *rule)
{
    return wire_new(&(struct wire_config){
        .host_count = 3,
        .hosts = {{storm->transport, storm->params}},
        .delay = 10 * SIM_US,
        .rate_bps = 100000000000,
        .rules = rule,
        .rule_count = 1,
        .seed = storm->seed,
        .loss = storm->loss,
        .mark = storm->mark,
        .reorder = storm->reorder,
        .reorder_by = 5 * SIM_US,
    });
}

/* Gives how many bytes. */
static uint64_t storm_submit(const struct storm *storm, struct wire *wire)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < STORM_MESSAGES; i++) {
        struct sim_message one = two_hosts_message(storm->least_bytes + i * 97 % 9000, i % 2);
        one.own_port = (uint16_t)(2000 + i % 20);
        one.priority = (uint8_t)(i % 3);
        bytes += one.bytes;
        wire_submit(wire, sender_of(i), one, i * SIM_US);
    }
    return bytes;
}

void storm_run(const struct storm *storm)
{
    const struct wire_rule twice = {.class = WIRE_ANY,
                                    .from = WIRE_ANY_HOST,
                                    .nth = 100,
                                    .count = 300,
                                    .action = WIRE_DUPLICATE,
                                    .delay = 7 * SIM_US};
    struct wire *wire = storm_wire(storm, &twice);
    uint64_t bytes = storm_submit(storm, wire);
    wire_run(wire, storm->until);
    uint32_t numbers[3] = {0};
    for (uint32_t i = 0; i < STORM_MESSAGES; i++) {
        uint32_t from = sender_of(i), number = numbers[from]++;
        ck_assert_uint_eq(wire_delivered_times(wire, 1, from, number), 1);
        ck_assert_int_gt(wire_completed_at(wire, from, number),
                         wire_delivered_at(wire, 1, from, number));
    }
    ck_assert_uint_eq(wire_received_bytes(wire, 1), bytes);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
