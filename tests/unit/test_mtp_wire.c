/* The codec of MTP's header: random headers, every truncation, every single-byte change, and each
 * reason to reject. */
#include "models/wire/mtp.h"

#include <stdlib.h>
#include <string.h>

#include <mtpsim/rng.h>

#include "support/suite.h"

static void random_feedback(struct sim_rng *rng, struct mtp_wire_feedback *list, uint8_t count,
                            const uint8_t *long_values)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t length =
            (uint8_t)(sim_rng_below(rng, 4) ? sim_rng_below(rng, 17) : sim_rng_below(rng, 256));
        uint8_t first = length < 8 ? length : 8, rest = (uint8_t)(length - first);
        bool is_long = length > SIM_FEEDBACK_BYTES;
        uint64_t value = sim_rng_next(rng), more = sim_rng_next(rng);
        list[i].entry = (struct sim_feedback){
            .path = (uint32_t)sim_rng_next(rng),
            .tc = (uint8_t)sim_rng_next(rng),
            .type = (uint8_t)sim_rng_next(rng),
            .length = length,
            .value = is_long || first == 0 ? 0 : value >> (64 - 8 * first),
            .more = is_long || rest == 0 ? 0 : more >> (64 - 8 * rest),
        };
        list[i].long_value = is_long ? long_values : NULL;
    }
}

static void random_sack(struct sim_rng *rng, struct sim_mtp_sack *list, uint8_t count)
{
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct sim_mtp_sack){
            .message = sim_rng_next(rng),
            .packet = sim_rng_below(rng, 2) ? SIM_MTP_WHOLE : (uint32_t)sim_rng_next(rng),
        };
}

static uint8_t random_count(struct sim_rng *rng)
{
    return (uint8_t)(sim_rng_below(rng, 2) ? sim_rng_below(rng, SIM_MTP_LIST_MAX + 1) : 0);
}

/* A header that a decoder accepts. */
static struct mtp_wire_header random_header(struct sim_rng *rng, const uint8_t *long_values)
{
    struct mtp_wire_header header;
    memset(&header, 0, sizeof header);
    struct sim_mtp_header *fixed = &header.fixed;
    fixed->src_port = (uint16_t)sim_rng_next(rng);
    fixed->dst_port = (uint16_t)sim_rng_next(rng);
    fixed->flags = (uint8_t)sim_rng_below(rng, 64);
    fixed->message = sim_rng_next(rng);
    fixed->message_packets = 1 + (uint32_t)sim_rng_below(rng, UINT32_MAX);
    fixed->packet = (uint32_t)sim_rng_below(rng, fixed->message_packets);
    fixed->payload_bytes = (uint16_t)sim_rng_next(rng);
    fixed->message_bytes = fixed->payload_bytes + (uint32_t)sim_rng_below(rng, 1u << 31);
    fixed->offset_bytes =
        (uint32_t)sim_rng_below(rng, fixed->message_bytes - fixed->payload_bytes + 1);
    header.priority = (uint8_t)sim_rng_next(rng);
    header.exclude_count = random_count(rng);
    for (uint32_t i = 0; i < header.exclude_count; i++)
        header.exclude[i] = (struct sim_path_exclude){.path = (uint32_t)sim_rng_next(rng),
                                                      .tc = (uint8_t)sim_rng_next(rng)};
    header.feedback_count = random_count(rng);
    random_feedback(rng, header.feedback, header.feedback_count, long_values);
    header.ack_feedback_count = random_count(rng);
    random_feedback(rng, header.ack_feedback, header.ack_feedback_count, long_values);
    header.sack_count = random_count(rng);
    random_sack(rng, header.sack, header.sack_count);
    header.nack_count = random_count(rng);
    random_sack(rng, header.nack, header.nack_count);
    header.has_blob = sim_rng_below(rng, 2);
    if (header.has_blob) {
        header.blob_id = sim_rng_next(rng);
        header.blob_offset = sim_rng_next(rng);
        header.blob_bytes = sim_rng_next(rng);
    }
    return header;
}

static void assert_same_feedback(const struct mtp_wire_feedback *a,
                                 const struct mtp_wire_feedback *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_mem_eq(&a[i].entry, &b[i].entry, sizeof a[i].entry);
        if (a[i].entry.length > SIM_FEEDBACK_BYTES)
            ck_assert_mem_eq(a[i].long_value, b[i].long_value, a[i].entry.length);
    }
}

static void assert_same(const struct mtp_wire_header *a, const struct mtp_wire_header *b)
{
    ck_assert_mem_eq(&a->fixed, &b->fixed, sizeof a->fixed);
    ck_assert_uint_eq(a->priority, b->priority);
    ck_assert_uint_eq(a->exclude_count, b->exclude_count);
    ck_assert_mem_eq(a->exclude, b->exclude, sizeof a->exclude);
    ck_assert_uint_eq(a->feedback_count, b->feedback_count);
    assert_same_feedback(a->feedback, b->feedback, a->feedback_count);
    ck_assert_uint_eq(a->ack_feedback_count, b->ack_feedback_count);
    assert_same_feedback(a->ack_feedback, b->ack_feedback, a->ack_feedback_count);
    ck_assert_uint_eq(a->sack_count, b->sack_count);
    ck_assert_mem_eq(a->sack, b->sack, sizeof a->sack);
    ck_assert_uint_eq(a->nack_count, b->nack_count);
    ck_assert_mem_eq(a->nack, b->nack, sizeof a->nack);
    ck_assert_uint_eq(a->has_blob, b->has_blob);
    ck_assert_uint_eq(a->blob_id, b->blob_id);
    ck_assert_uint_eq(a->blob_offset, b->blob_offset);
    ck_assert_uint_eq(a->blob_bytes, b->blob_bytes);
}

struct bytes {
    uint8_t data[MTP_HEADER_MAX_BYTES];
    uint32_t count;
    uint8_t long_values[255];
    struct mtp_wire_header header;
};

static void encode_random(struct sim_rng *rng, struct bytes *bytes)
{
    for (uint32_t i = 0; i < sizeof bytes->long_values; i++)
        bytes->long_values[i] = (uint8_t)sim_rng_next(rng);
    bytes->header = random_header(rng, bytes->long_values);
    bytes->count = mtp_wire_encode(&bytes->header, bytes->data, sizeof bytes->data);
    ck_assert_uint_eq(bytes->count, mtp_wire_header_bytes(&bytes->header));
}

START_TEST(codec__random_headers_come_back)
{
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "codec");
    for (int i = 0; i < 5000; i++) {
        struct bytes bytes;
        struct mtp_wire_header decoded;
        encode_random(&rng, &bytes);
        ck_assert_int_eq(mtp_wire_decode(bytes.data, bytes.count, &decoded), MTP_WIRE_OK);
        assert_same(&bytes.header, &decoded);
        ck_assert_uint_eq(mtp_wire_encode(&bytes.header, bytes.data, bytes.count - 1), 0);
    }
}
END_TEST

/* The copy is exactly as long as the input, so that the sanitizer sees a read behind it. */
static enum mtp_wire_error decode_copy(const uint8_t *data, uint32_t count,
                                       struct mtp_wire_header *header, uint8_t **copy)
{
    *copy = malloc(count ? count : 1);
    memcpy(*copy, data, count);
    return mtp_wire_decode(*copy, count, header);
}

START_TEST(codec__every_truncation_is_rejected)
{
    struct sim_rng rng;
    sim_rng_init(&rng, 2, "codec");
    for (int i = 0; i < 200; i++) {
        struct bytes bytes;
        encode_random(&rng, &bytes);
        for (uint32_t count = 0; count < bytes.count; count++) {
            struct mtp_wire_header header;
            uint8_t *copy;
            enum mtp_wire_error error = decode_copy(bytes.data, count, &header, &copy);
            ck_assert_int_eq(error, count < MTP_FIXED_BYTES ? MTP_WIRE_SHORT_FIXED
                                                            : MTP_WIRE_SHORT_HEADER);
            free(copy);
        }
    }
}
END_TEST

/* Of each byte: every single bit, all bits, and a random value. */
static uint8_t mutated(struct sim_rng *rng, uint8_t byte, uint32_t way)
{
    if (way < 8)
        return (uint8_t)(byte ^ 1u << way);
    return way == 8 ? (uint8_t)~byte : (uint8_t)sim_rng_next(rng);
}

START_TEST(codec__every_changed_byte_is_rejected_or_kept)
{
    struct sim_rng rng;
    sim_rng_init(&rng, 3, "codec");
    uint32_t accepted = 0, rejected = 0;
    for (int i = 0; i < 60; i++) {
        struct bytes bytes;
        encode_random(&rng, &bytes);
        for (uint32_t at = 0; at < bytes.count * 10; at++) {
            uint8_t original = bytes.data[at / 10], *copy, again[MTP_HEADER_MAX_BYTES];
            struct mtp_wire_header header;
            bytes.data[at / 10] = mutated(&rng, original, at % 10);
            if (decode_copy(bytes.data, bytes.count, &header, &copy)) {
                rejected++;
            } else {
                uint32_t count = mtp_wire_encode(&header, again, sizeof again);
                ck_assert_uint_le(count, bytes.count);
                ck_assert_mem_eq(again, copy, count);
                accepted++;
            }
            free(copy);
            bytes.data[at / 10] = original;
        }
    }
    ck_assert_uint_gt(accepted, 1000);
    ck_assert_uint_gt(rejected, 1000);
}
END_TEST

/* ---- reasons ---- */

/* A data header: packet 1 of 3, bytes 1376 to 2752 of 4000, one exclude entry (at 36), one path
 * feedback entry of an ECN mark (at 45), two SACK entries (at 57); 85 bytes. */
static uint32_t plain(uint8_t *out)
{
    struct mtp_wire_header header = {
        .fixed = {.src_port = 7,
                  .dst_port = 9,
                  .flags = SIM_MTP_DATA,
                  .payload_bytes = 1376,
                  .message = 5,
                  .message_bytes = 4000,
                  .message_packets = 3,
                  .packet = 1,
                  .offset_bytes = 1376},
        .exclude_count = 1,
        .exclude = {{.path = 3, .tc = 1}},
        .feedback_count = 1,
        .feedback = {{.entry = {.path = 2, .type = SIM_FEEDBACK_ECN, .length = 1, .value = 1}}},
        .sack_count = 2,
        .sack = {{.message = 5, .packet = 0}, {.message = 4, .packet = SIM_MTP_WHOLE}},
    };
    uint32_t count = mtp_wire_encode(&header, out, MTP_HEADER_MAX_BYTES);
    ck_assert_uint_eq(count, 85);
    return count;
}

static const struct rejection {
    uint32_t at;    /* byte that is changed */
    uint8_t to;     /* its new value */
    uint32_t count; /* bytes given; 0: all */
    enum mtp_wire_error error;
} rejections[] = {
    {0, 0, 0, MTP_WIRE_OK},
    {0, 0, 35, MTP_WIRE_SHORT_FIXED},
    {0, 0, 84, MTP_WIRE_SHORT_HEADER},
    {35, 86, 0, MTP_WIRE_SHORT_HEADER},
    {4, 0x20, 0, MTP_WIRE_VERSION},
    {4, 0x00, 0, MTP_WIRE_VERSION},
    {4, 0x11, 0, MTP_WIRE_RESERVED},
    {5, 0x41, 0, MTP_WIRE_FLAGS},
    {5, 0x81, 0, MTP_WIRE_FLAGS},
    {7, 0x2b, 0, MTP_WIRE_LISTS},
    {7, 0x03, 0, MTP_WIRE_HEADER_LENGTH}, /* the SACK list is not announced */
    {7, 0x1b, 0, MTP_WIRE_LIST_HEAD},     /* a NACK list is announced and is not there */
    {35, 35, 0, MTP_WIRE_HEADER_LENGTH},
    {35, 84, 0, MTP_WIRE_LIST_LENGTH},
    {35, 58, 0, MTP_WIRE_LIST_HEAD},
    {39, 0, 0, MTP_WIRE_LIST_EMPTY},
    {39, 9, 0, MTP_WIRE_LIST_COUNT},
    {38, 1, 0, MTP_WIRE_LIST_COUNT},
    {39, 2, 0, MTP_WIRE_LIST_LENGTH},
    {37, 4, 0, MTP_WIRE_LIST_LENGTH},
    {37, 255, 0, MTP_WIRE_LIST_LENGTH},
    {46, 7, 0, MTP_WIRE_LIST_LENGTH},  /* path feedback: the value passes the list */
    {46, 9, 0, MTP_WIRE_LIST_LENGTH},  /* a byte behind the last entry */
    {48, 2, 0, MTP_WIRE_LIST_LENGTH},  /* two entries in the bytes of one */
    {55, 2, 0, MTP_WIRE_LIST_LENGTH},  /* a longer value */
    {58, 12, 0, MTP_WIRE_LIST_LENGTH}, /* SACK: two entries in the bytes of one */
    {27, 3, 0, MTP_WIRE_PACKET},
    {23, 1, 0, MTP_WIRE_PACKET},
    {23, 0, 0, MTP_WIRE_PACKET},
    {28, 1, 0, MTP_WIRE_OFFSET},
    {32, 255, 0, MTP_WIRE_OFFSET},
    {18, 0, 0, MTP_WIRE_OFFSET},
};

START_TEST(codec__rejects_with_a_reason)
{
    const struct rejection *rejection = &rejections[_i];
    uint8_t data[MTP_HEADER_MAX_BYTES], *copy;
    struct mtp_wire_header header;
    uint32_t count = plain(data);
    data[rejection->at] = rejection->error ? rejection->to : data[rejection->at];
    if (rejection->count) {
        plain(data);
        count = rejection->count;
    }
    enum mtp_wire_error error = decode_copy(data, count, &header, &copy);
    free(copy);
    ck_assert_msg(error == rejection->error, "row %d: \"%s\" instead of \"%s\"", _i,
                  mtp_wire_error_text(error), mtp_wire_error_text(rejection->error));
    for (int other = 0; other < MTP_WIRE_ERRORS; other++)
        ck_assert(other == (int)error ||
                  strcmp(mtp_wire_error_text(error),
                         mtp_wire_error_text((enum mtp_wire_error)other)) != 0);
}
END_TEST

START_TEST(codec__acknowledgement_fields_are_not_checked)
{
    uint8_t data[MTP_HEADER_MAX_BYTES];
    struct mtp_wire_header header;
    uint32_t count = plain(data);
    data[5] = SIM_MTP_ACK;
    data[23] = 0;
    ck_assert_int_eq(mtp_wire_decode(data, count, &header), MTP_WIRE_OK);
}
END_TEST

/* ---- packets ---- */

START_TEST(codec__packet_sizes)
{
    struct sim_packet packet = {.protocol = SIM_PROTOCOL_MTP};
    union sim_packet_lists lists;
    union sim_packet_rare rare = {0};
    memset(&lists, 0, sizeof lists);
    packet.mtp = (struct sim_mtp_header){
        .flags = SIM_MTP_DATA, .message_packets = 1, .payload_bytes = 100, .message_bytes = 100};
    ck_assert_uint_eq(mtp_wire_size(&packet, &lists), 20 + 36 + 100);
    lists.mtp.has_blob = true;
    ck_assert_uint_eq(mtp_wire_size(&packet, &lists), 20 + 36 + 24 + 100);
    uint32_t size = mtp_wire_size(&packet, &lists);
    for (uint32_t i = 0; i < 3; i++) {
        lists.mtp.path[i] = (struct sim_path_entry){.path = i + 1, .type = 1, .length = 1};
        size += mtp_feedback_growth(packet.mtp.path_count == 0, 1);
        packet.mtp.path_count++;
    }
    ck_assert_uint_eq(size, 180 + 4 + 3 * 8);
    ck_assert_uint_eq(mtp_wire_size(&packet, &lists), size);
    lists.mtp.exclude_count = 2;
    ck_assert_uint_eq(mtp_wire_size(&packet, &lists), size + 14);
    packet.size_bytes = (uint16_t)mtp_wire_size(&packet, &lists);
    mtp_wire_check(&packet, &lists, &rare);
    packet.flags |= SIM_PACKET_TRIMMED;
    ck_assert_uint_eq(mtp_wire_size(&packet, &lists), size + 14 - 100);
}
END_TEST

START_TEST(codec__packets_come_back)
{
    struct sim_rng rng;
    sim_rng_init(&rng, 4, "codec");
    uint32_t kept = 0;
    for (int i = 0; i < 5000; i++) {
        struct bytes bytes;
        struct mtp_wire_header header;
        struct sim_packet packet = {0};
        union sim_packet_lists lists;
        union sim_packet_rare rare;
        memset(&lists, 0, sizeof lists);
        encode_random(&rng, &bytes);
        if (!mtp_wire_to_packet(&bytes.header, &packet, &lists, &rare))
            continue;
        kept++;
        mtp_wire_of_packet(&packet, &lists, &rare, &header);
        uint8_t again[MTP_HEADER_MAX_BYTES];
        ck_assert_uint_eq(mtp_wire_encode(&header, again, sizeof again), bytes.count);
        ck_assert_mem_eq(again, bytes.data, bytes.count);
    }
    ck_assert_uint_gt(kept, 200);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, codec__random_headers_come_back);
    tcase_add_test(tcase, codec__every_truncation_is_rejected);
    tcase_add_test(tcase, codec__every_changed_byte_is_rejected_or_kept);
    tcase_add_loop_test(tcase, codec__rejects_with_a_reason, 0,
                        (int)(sizeof rejections / sizeof rejections[0]));
    tcase_add_test(tcase, codec__acknowledgement_fields_are_not_checked);
    tcase_add_test(tcase, codec__packet_sizes);
    tcase_add_test(tcase, codec__packets_come_back);
}

int main(void)
{
    return suite_run("mtp_wire", add);
}
