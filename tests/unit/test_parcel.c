/* Parcels: what a packet uses arrives, whatever it uses; what it does not use is not sent. */
#include "core/parcel.h"

#include <stdlib.h>

#include "support/suite.h"

#define ROUNDS 2000

/* A packet of random bytes with counts that are possible. */
static struct sim_packet *random_packet(struct sim_pool *pool, uint8_t protocol)
{
    struct sim_packet *packet = sim_packet_new(pool);
    union sim_packet_lists *lists = sim_packet_lists(pool, packet);
    for (size_t i = 0; i < sizeof *packet; i++)
        ((uint8_t *)packet)[i] = (uint8_t)rand();
    for (size_t i = 0; i < sizeof *lists; i++)
        ((uint8_t *)lists)[i] = (uint8_t)rand();
    for (size_t i = 0; i < sizeof(union sim_packet_rare); i++)
        ((uint8_t *)sim_packet_rare(pool, packet))[i] = (uint8_t)rand();
    packet->protocol = protocol;
    if (protocol != SIM_PROTOCOL_TCP)
        packet->flags &= (uint8_t)~SIM_PACKET_CARRIES;
    if (protocol == SIM_PROTOCOL_TCP)
        packet->tcp.sack_count = (uint8_t)(rand() % 5);
    if (protocol == SIM_PROTOCOL_MTP) {
        bool acknowledges = rand() % 2;
        packet->mtp.path_count = (uint8_t)(rand() % (SIM_MTP_LIST_MAX + 1));
        lists->mtp.has_blob = !acknowledges && rand() % 2;
        for (uint32_t i = 0; i < packet->mtp.path_count; i++)
            lists->mtp.path[i].length %= rand() % 2 ? 17 : 2;
        lists->mtp.exclude_count = acknowledges ? 0 : (uint8_t)(rand() % (SIM_MTP_LIST_MAX + 1));
        lists->mtp.sack_count = acknowledges ? (uint8_t)(rand() % (SIM_MTP_SACK_MAX + 1)) : 0;
        lists->mtp.nack_count = acknowledges ? (uint8_t)(rand() % (SIM_MTP_SACK_MAX + 1)) : 0;
    }
    return packet;
}

#define ASSERT_SAME(a, b, size)                                                                    \
    do {                                                                                           \
        if ((size) > 0)                                                                            \
            ck_assert_mem_eq(a, b, size);                                                          \
    } while (0)

struct lists {
    const union sim_packet_lists *lists;
    const union sim_packet_rare *rare;
};

static struct lists lists_of(const struct sim_pool *pool, const struct sim_packet *packet)
{
    return (struct lists){sim_packet_lists(pool, packet), sim_packet_rare(pool, packet)};
}

static void assert_same_path(struct lists a, struct lists b, uint32_t count)
{
    ASSERT_SAME(a.lists->mtp.path, b.lists->mtp.path, count * sizeof a.lists->mtp.path[0]);
    for (uint32_t i = 0; i < count; i++) {
        struct sim_feedback one = sim_feedback_get(a.lists, a.rare, i);
        struct sim_feedback two = sim_feedback_get(b.lists, b.rare, i);
        ck_assert_uint_eq(one.value, two.value);
        ck_assert_uint_eq(one.more, two.more);
    }
}

static void assert_same_mtp(const struct sim_packet *packet, struct lists a, struct lists b)
{
    const union sim_packet_lists *lists = a.lists;
    assert_same_path(a, b, packet->mtp.path_count);
    ck_assert_mem_eq(&lists->mtp.exclude_count, &b.lists->mtp.exclude_count, 8);
    if (lists->mtp.has_blob)
        ck_assert_mem_eq(&lists->mtp.blob_id, &b.lists->mtp.blob_id, 24);
    ASSERT_SAME(a.rare->mtp.exclude, b.rare->mtp.exclude,
                lists->mtp.exclude_count * sizeof a.rare->mtp.exclude[0]);
    ASSERT_SAME(lists->mtp.sack, b.lists->mtp.sack,
                lists->mtp.sack_count * sizeof lists->mtp.sack[0]);
    ASSERT_SAME(a.rare->mtp.nack, b.rare->mtp.nack,
                lists->mtp.nack_count * sizeof a.rare->mtp.nack[0]);
}

static void assert_same_tcp(const struct sim_packet *packet, const union sim_packet_lists *a,
                            const union sim_packet_lists *b)
{
    ASSERT_SAME(a->tcp.sack, b->tcp.sack, packet->tcp.sack_count * sizeof a->tcp.sack[0]);
    if (packet->tcp.flags & SIM_TCP_SYN)
        ck_assert_uint_eq(a->tcp.message_bytes, b->tcp.message_bytes);
}

static void assert_same(const struct sim_packet *a, struct lists lists_a,
                        const struct sim_packet *b, struct lists lists_b)
{
    ck_assert_mem_eq(&a->size_bytes, &b->size_bytes,
                     sizeof *a - offsetof(struct sim_packet, size_bytes));
    if (a->flags & SIM_PACKET_CARRIES) {
        ck_assert_mem_eq(lists_a.lists, lists_b.lists, sizeof *lists_a.lists);
        ck_assert_mem_eq(lists_a.rare, lists_b.rare, sizeof *lists_a.rare);
        return;
    }
    if (a->flags & SIM_PACKET_FRAMED)
        ck_assert_mem_eq(&lists_a.rare->frame, &lists_b.rare->frame, sizeof lists_a.rare->frame);
    if (a->protocol == SIM_PROTOCOL_MTP)
        assert_same_mtp(a, lists_a, lists_b);
    else if (a->protocol == SIM_PROTOCOL_TCP)
        assert_same_tcp(a, lists_a.lists, lists_b.lists);
    else if (a->protocol != SIM_PROTOCOL_RAW) {
        ck_assert_mem_eq(lists_a.lists, lists_b.lists, sizeof *lists_a.lists);
        ck_assert_mem_eq(&lists_a.rare->mtp, &lists_b.rare->mtp, sizeof lists_a.rare->mtp);
    }
}

/* clang-format off */
START_TEST(parcel__what_is_used_arrives)
{
    static const uint8_t protocols[] = {SIM_PROTOCOL_RAW, SIM_PROTOCOL_TCP, SIM_PROTOCOL_MTP, 200};
    struct sim_pool from, to;
    struct bytes bytes = {0};
    uint8_t protocol = protocols[_i];
    sim_pool_init(&from, ROUNDS + 1);
    sim_pool_init(&to, ROUNDS + 1);
    srand(7);
    for (sim_time i = 0; i < ROUNDS; i++)
        parcel_pack(&bytes, &from, random_packet(&from, protocol), 1000 + i);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct sim_packet *sent = sim_packet_at(&from, 1 + i);
        const struct sim_packet *got = parcel_unpack(&bytes, &to);
        ck_assert_int_eq(got->next_arrival, 1000 + i);
        ck_assert_uint_eq(got->next, 0);
        assert_same(sent, lists_of(&from, sent), got, lists_of(&to, got));
    }
    ck_assert_uint_eq(bytes.taken, bytes.length);
    bytes_clear(&bytes);
    sim_pool_clear(&from);
    sim_pool_clear(&to);
}
END_TEST

START_TEST(parcel__a_plain_packet_is_its_line)
{
    struct sim_pool pool;
    struct bytes bytes = {0};
    sim_pool_init(&pool, 8);
    struct sim_packet *packet = sim_packet_new(&pool);
    packet->protocol = SIM_PROTOCOL_TCP;
    packet->tcp.flags = SIM_TCP_ACK;
    parcel_pack(&bytes, &pool, packet, 1);
    ck_assert_uint_eq(bytes.length, sizeof *packet);
    packet->tcp.sack_count = 2;
    parcel_pack(&bytes, &pool, packet, 1);
    ck_assert_uint_eq(bytes.length, 2 * sizeof *packet + 2 * 16);
    bytes_clear(&bytes);
    sim_pool_clear(&pool);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, parcel__what_is_used_arrives, 0, 4);
    tcase_add_test(tcase, parcel__a_plain_packet_is_its_line);
}

int main(void)
{
    return suite_run("parcel", add_cases);
}
