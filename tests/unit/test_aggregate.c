/* aggregate: a further port of a pathlet changes the entry that the packet has. */
#include <mtpsim/packet.h>

#include "net/port_private.h"
#include "support/suite.h"

#define NEGATIVE UINT64_C(0xfffffff0) /* a change of -16, in 4 bytes */

/* The packet has (pathlet 3, TC 0, ECN 0), (pathlet 7, TC 1) of that type and value; a port of
 * pathlet 7 says the second. `after`: the value then; UINT64_MAX: it appends. */
static const struct {
    uint8_t type, length;
    uint64_t value;
    struct sim_feedback says;
    uint64_t after;
} rows[] = {
    {SIM_FEEDBACK_ECN,
     1,
     0,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_ECN, .length = 1, .value = 1},
     1},
    {SIM_FEEDBACK_ECN, 1, 1, {.path = 7, .tc = 1, .type = SIM_FEEDBACK_ECN, .length = 1}, 1},
    {SIM_FEEDBACK_RATE,
     8,
     50,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_RATE, .length = 8, .value = 20},
     20},
    {SIM_FEEDBACK_DELAY,
     4,
     50,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_DELAY, .length = 4, .value = 20},
     70},
    {SIM_FEEDBACK_OCCUPANCY,
     1,
     5,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_OCCUPANCY, .length = 1, .value = 9},
     9},
    {SIM_FEEDBACK_CHANGE,
     4,
     5,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_CHANGE, .length = 4, .value = NEGATIVE},
     NEGATIVE},
    {SIM_FEEDBACK_PRESENCE, 0, 0, {.path = 7, .tc = 1, .type = SIM_FEEDBACK_PRESENCE}, 0},
    {SIM_FEEDBACK_ECN,
     1,
     0,
     {.path = 7, .tc = 0, .type = SIM_FEEDBACK_ECN, .length = 1, .value = 1},
     UINT64_MAX},
    {SIM_FEEDBACK_ECN,
     1,
     0,
     {.path = 8, .tc = 1, .type = SIM_FEEDBACK_ECN, .length = 1, .value = 1},
     UINT64_MAX},
    {SIM_FEEDBACK_ECN,
     1,
     0,
     {.path = 7, .tc = 1, .type = SIM_FEEDBACK_RATE, .length = 8, .value = 1},
     UINT64_MAX},
};

START_TEST(aggregate__folds_into_the_entry_of_the_pathlet)
{
    struct sim_pool pool;
    sim_pool_init(&pool, 4);
    struct sim_packet *packet = sim_packet_new(&pool);
    union sim_packet_lists *lists = sim_packet_lists(&pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(&pool, packet);
    const struct sim_feedback first = {.path = 3, .type = SIM_FEEDBACK_ECN, .length = 1};
    const struct sim_feedback second = {.path = 7,
                                        .tc = 1,
                                        .type = rows[_i].type,
                                        .length = rows[_i].length,
                                        .value = rows[_i].value};
    sim_feedback_put(lists, rare, 0, &first);
    sim_feedback_put(lists, rare, 1, &second);
    packet->mtp.path_count = 2;
    ck_assert_int_eq(port_aggregate(packet, lists, rare, &rows[_i].says),
                     rows[_i].after != UINT64_MAX);
    uint64_t expected = rows[_i].after != UINT64_MAX ? rows[_i].after : rows[_i].value;
    ck_assert_uint_eq(sim_feedback_get(lists, rare, 1).value, expected);
    ck_assert_uint_eq(sim_feedback_get(lists, rare, 0).value, 0);
    ck_assert_uint_eq(packet->mtp.path_count, 2);
    sim_packet_free(&pool, packet);
    sim_pool_clear(&pool);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, aggregate__folds_into_the_entry_of_the_pathlet, 0,
                        sizeof rows / sizeof *rows);
}

int main(void)
{
    return suite_run("aggregate", add_cases);
}
