#include "models/wire/mtp.h"

#include <stddef.h>
#include <string.h>

enum {
    LIST_EXCLUDE = 0x01,
    LIST_FEEDBACK = 0x02,
    LIST_ACK_FEEDBACK = 0x04,
    LIST_SACK = 0x08,
    LIST_NACK = 0x10,
    LIST_ALL = 0x1f,
};
#define FLAGS_ALL 0x3fu

const char *mtp_wire_error_text(enum mtp_wire_error error)
{
    static const char *const texts[MTP_WIRE_ERRORS] = {
        [MTP_WIRE_OK] = "no error",
        [MTP_WIRE_SHORT_FIXED] = "shorter than the fixed header",
        [MTP_WIRE_SHORT_HEADER] = "shorter than the header length",
        [MTP_WIRE_VERSION] = "unknown version",
        [MTP_WIRE_RESERVED] = "reserved bits are set",
        [MTP_WIRE_FLAGS] = "unknown flag",
        [MTP_WIRE_LISTS] = "unknown list",
        [MTP_WIRE_HEADER_LENGTH] = "header length disagrees with the lists",
        [MTP_WIRE_LIST_HEAD] = "list begins behind the header's end",
        [MTP_WIRE_LIST_EMPTY] = "list without entries",
        [MTP_WIRE_LIST_COUNT] = "list with more than 8 entries",
        [MTP_WIRE_LIST_LENGTH] = "list length disagrees with its entries",
        [MTP_WIRE_PACKET] = "packet number outside the message",
        [MTP_WIRE_OFFSET] = "packet offset outside the message",
    };
    return (unsigned)error < MTP_WIRE_ERRORS ? texts[error] : "unknown error";
}

/* ---- bytes ---- */

static void put(uint8_t **at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = bytes; i-- > 0; value >>= 8)
        (*at)[i] = (uint8_t)value;
    *at += bytes;
}

static uint64_t get(const uint8_t **at, uint32_t bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++)
        value = value << 8 | (*at)[i];
    *at += bytes;
    return value;
}

/* ---- encoding ---- */

static uint32_t feedback_bytes(const struct mtp_wire_feedback *entries, uint32_t count)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += mtp_feedback_growth(i == 0, entries[i].entry.length);
    return bytes;
}

uint32_t mtp_wire_header_bytes(const struct mtp_wire_header *header)
{
    return MTP_FIXED_BYTES + mtp_wire_list_bytes(header->exclude_count, MTP_EXCLUDE_BYTES) +
           feedback_bytes(header->feedback, header->feedback_count) +
           feedback_bytes(header->ack_feedback, header->ack_feedback_count) +
           mtp_wire_list_bytes(header->sack_count, MTP_SACK_BYTES) +
           mtp_wire_list_bytes(header->nack_count, MTP_SACK_BYTES) +
           (header->has_blob ? MTP_SHIM_BYTES : 0);
}

static uint8_t lists_present(const struct mtp_wire_header *header)
{
    return (uint8_t)((header->exclude_count ? LIST_EXCLUDE : 0) |
                     (header->feedback_count ? LIST_FEEDBACK : 0) |
                     (header->ack_feedback_count ? LIST_ACK_FEEDBACK : 0) |
                     (header->sack_count ? LIST_SACK : 0) | (header->nack_count ? LIST_NACK : 0));
}

static void put_fixed(uint8_t **at, const struct mtp_wire_header *header, uint32_t header_bytes)
{
    const struct sim_mtp_header *fixed = &header->fixed;
    put(at, fixed->src_port, 2);
    put(at, fixed->dst_port, 2);
    put(at, MTP_VERSION << 4, 1);
    put(at, fixed->flags, 1);
    put(at, header->priority, 1);
    put(at, lists_present(header), 1);
    put(at, fixed->message, 8);
    put(at, fixed->message_bytes, 4);
    put(at, fixed->message_packets, 4);
    put(at, fixed->packet, 4);
    put(at, fixed->offset_bytes, 4);
    put(at, fixed->payload_bytes, 2);
    put(at, header_bytes, 2);
}

static void put_exclude(uint8_t **at, const struct sim_path_exclude *entries, uint32_t count)
{
    if (!count)
        return;
    put(at, count * MTP_EXCLUDE_BYTES, 2);
    put(at, count, 2);
    for (uint32_t i = 0; i < count; i++) {
        put(at, entries[i].path, 4);
        put(at, entries[i].tc, 1);
    }
}

static uint32_t first_bytes(const struct sim_feedback *entry)
{
    return entry->length < 8 ? entry->length : 8;
}

static void put_value(uint8_t **at, const struct mtp_wire_feedback *feedback)
{
    const struct sim_feedback *entry = &feedback->entry;
    if (entry->length > SIM_FEEDBACK_BYTES) {
        memcpy(*at, feedback->long_value, entry->length);
        *at += entry->length;
        return;
    }
    uint32_t first = first_bytes(entry);
    put(at, entry->value, first);
    put(at, entry->more, entry->length - first);
}

static void put_feedback(uint8_t **at, const struct mtp_wire_feedback *entries, uint32_t count)
{
    if (!count)
        return;
    put(at, feedback_bytes(entries, count) - MTP_LIST_HEAD_BYTES, 2);
    put(at, count, 2);
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_feedback *entry = &entries[i].entry;
        put(at, entry->path, 4);
        put(at, entry->tc, 1);
        put(at, entry->type, 1);
        put(at, entry->length, 1);
        put_value(at, &entries[i]);
    }
}

static void put_sack(uint8_t **at, const struct sim_mtp_sack *entries, uint32_t count)
{
    if (!count)
        return;
    put(at, count * MTP_SACK_BYTES, 2);
    put(at, count, 2);
    for (uint32_t i = 0; i < count; i++) {
        put(at, entries[i].message, 8);
        put(at, entries[i].packet, 4);
    }
}

uint32_t mtp_wire_encode(const struct mtp_wire_header *header, uint8_t *out, uint32_t size)
{
    uint32_t bytes = mtp_wire_header_bytes(header);
    if (bytes > size)
        return 0;
    uint8_t *at = out;
    put_fixed(&at, header, bytes);
    put_exclude(&at, header->exclude, header->exclude_count);
    put_feedback(&at, header->feedback, header->feedback_count);
    put_feedback(&at, header->ack_feedback, header->ack_feedback_count);
    put_sack(&at, header->sack, header->sack_count);
    put_sack(&at, header->nack, header->nack_count);
    if (header->has_blob) {
        put(&at, header->blob_id, 8);
        put(&at, header->blob_offset, 8);
        put(&at, header->blob_bytes, 8);
    }
    SIM_CHECK(at == out + bytes, "%td bytes written, %u accounted for", at - out, bytes);
    return bytes;
}

/* ---- decoding ---- */

/* What is not yet read of a header; `at` never passes `end`. */
struct reader {
    const uint8_t *at, *end;
};

/* Reads a list's head. Gives the list's entries as a reader of their own and moves behind them. */
static enum mtp_wire_error get_list(struct reader *reader, struct reader *entries, uint8_t *count)
{
    if (reader->end - reader->at < (ptrdiff_t)MTP_LIST_HEAD_BYTES)
        return MTP_WIRE_LIST_HEAD;
    uint32_t bytes = (uint32_t)get(&reader->at, 2);
    uint32_t number = (uint32_t)get(&reader->at, 2);
    if (number == 0)
        return MTP_WIRE_LIST_EMPTY;
    if (number > SIM_MTP_LIST_MAX)
        return MTP_WIRE_LIST_COUNT;
    if (reader->end - reader->at < (ptrdiff_t)bytes)
        return MTP_WIRE_LIST_LENGTH;
    *entries = (struct reader){reader->at, reader->at + bytes};
    *count = (uint8_t)number;
    reader->at += bytes;
    return MTP_WIRE_OK;
}

static enum mtp_wire_error get_exclude(struct reader *reader, struct sim_path_exclude *list,
                                       uint8_t *count)
{
    struct reader entries;
    enum mtp_wire_error error = get_list(reader, &entries, count);
    if (error)
        return error;
    if (entries.end - entries.at != (ptrdiff_t)(*count * MTP_EXCLUDE_BYTES))
        return MTP_WIRE_LIST_LENGTH;
    for (uint32_t i = 0; i < *count; i++) {
        list[i].path = (uint32_t)get(&entries.at, 4);
        list[i].tc = (uint8_t)get(&entries.at, 1);
    }
    return MTP_WIRE_OK;
}

static enum mtp_wire_error get_feedback_entry(struct reader *entries,
                                              struct mtp_wire_feedback *feedback)
{
    if (entries->end - entries->at < (ptrdiff_t)MTP_FEEDBACK_BYTES)
        return MTP_WIRE_LIST_LENGTH;
    struct sim_feedback *entry = &feedback->entry;
    entry->path = (uint32_t)get(&entries->at, 4);
    entry->tc = (uint8_t)get(&entries->at, 1);
    entry->type = (uint8_t)get(&entries->at, 1);
    entry->length = (uint8_t)get(&entries->at, 1);
    if (entries->end - entries->at < entry->length)
        return MTP_WIRE_LIST_LENGTH;
    if (entry->length <= SIM_FEEDBACK_BYTES) {
        uint32_t first = first_bytes(entry);
        entry->value = get(&entries->at, first);
        entry->more = get(&entries->at, entry->length - first);
    } else {
        feedback->long_value = entries->at;
        entries->at += entry->length;
    }
    return MTP_WIRE_OK;
}

static enum mtp_wire_error get_feedback(struct reader *reader, struct mtp_wire_feedback *list,
                                        uint8_t *count)
{
    struct reader entries;
    enum mtp_wire_error error = get_list(reader, &entries, count);
    for (uint32_t i = 0; !error && i < *count; i++)
        error = get_feedback_entry(&entries, &list[i]);
    if (!error && entries.at != entries.end)
        error = MTP_WIRE_LIST_LENGTH;
    return error;
}

static enum mtp_wire_error get_sack(struct reader *reader, struct sim_mtp_sack *list,
                                    uint8_t *count)
{
    struct reader entries;
    enum mtp_wire_error error = get_list(reader, &entries, count);
    if (error)
        return error;
    if (entries.end - entries.at != (ptrdiff_t)(*count * MTP_SACK_BYTES))
        return MTP_WIRE_LIST_LENGTH;
    for (uint32_t i = 0; i < *count; i++) {
        list[i].message = get(&entries.at, 8);
        list[i].packet = (uint32_t)get(&entries.at, 4);
    }
    return MTP_WIRE_OK;
}

static enum mtp_wire_error get_fixed(struct reader *reader, struct mtp_wire_header *header,
                                     uint8_t *lists, uint32_t *header_bytes)
{
    struct sim_mtp_header *fixed = &header->fixed;
    fixed->src_port = (uint16_t)get(&reader->at, 2);
    fixed->dst_port = (uint16_t)get(&reader->at, 2);
    uint8_t version = (uint8_t)get(&reader->at, 1);
    fixed->flags = (uint8_t)get(&reader->at, 1);
    header->priority = (uint8_t)get(&reader->at, 1);
    *lists = (uint8_t)get(&reader->at, 1);
    fixed->message = get(&reader->at, 8);
    fixed->message_bytes = (uint32_t)get(&reader->at, 4);
    fixed->message_packets = (uint32_t)get(&reader->at, 4);
    fixed->packet = (uint32_t)get(&reader->at, 4);
    fixed->offset_bytes = (uint32_t)get(&reader->at, 4);
    fixed->payload_bytes = (uint16_t)get(&reader->at, 2);
    *header_bytes = (uint32_t)get(&reader->at, 2);
    if (version >> 4 != MTP_VERSION)
        return MTP_WIRE_VERSION;
    if (version & 0x0f)
        return MTP_WIRE_RESERVED;
    if (fixed->flags & ~FLAGS_ALL)
        return MTP_WIRE_FLAGS;
    if (*lists & ~LIST_ALL)
        return MTP_WIRE_LISTS;
    return MTP_WIRE_OK;
}

static enum mtp_wire_error get_lists(struct reader *reader, struct mtp_wire_header *header,
                                     uint8_t lists)
{
    enum mtp_wire_error error = MTP_WIRE_OK;
    if (lists & LIST_EXCLUDE)
        error = get_exclude(reader, header->exclude, &header->exclude_count);
    if (!error && lists & LIST_FEEDBACK)
        error = get_feedback(reader, header->feedback, &header->feedback_count);
    if (!error && lists & LIST_ACK_FEEDBACK)
        error = get_feedback(reader, header->ack_feedback, &header->ack_feedback_count);
    if (!error && lists & LIST_SACK)
        error = get_sack(reader, header->sack, &header->sack_count);
    if (!error && lists & LIST_NACK)
        error = get_sack(reader, header->nack, &header->nack_count);
    return error;
}

/* What follows the lists is the blob's shim or nothing. */
static enum mtp_wire_error get_shim(struct reader *reader, struct mtp_wire_header *header)
{
    if (reader->at == reader->end)
        return MTP_WIRE_OK;
    if (reader->end - reader->at != (ptrdiff_t)MTP_SHIM_BYTES)
        return MTP_WIRE_HEADER_LENGTH;
    header->has_blob = true;
    header->blob_id = get(&reader->at, 8);
    header->blob_offset = get(&reader->at, 8);
    header->blob_bytes = get(&reader->at, 8);
    return MTP_WIRE_OK;
}

/* A pure acknowledgement's message fields are not checked. */
static enum mtp_wire_error check_message(const struct sim_mtp_header *fixed)
{
    if (!(fixed->flags & SIM_MTP_DATA))
        return MTP_WIRE_OK;
    if (fixed->packet >= fixed->message_packets)
        return MTP_WIRE_PACKET;
    if ((uint64_t)fixed->offset_bytes + fixed->payload_bytes > fixed->message_bytes)
        return MTP_WIRE_OFFSET;
    return MTP_WIRE_OK;
}

enum mtp_wire_error mtp_wire_decode(const uint8_t *in, uint32_t size,
                                    struct mtp_wire_header *header)
{
    if (size < MTP_FIXED_BYTES)
        return MTP_WIRE_SHORT_FIXED;
    memset(header, 0, sizeof *header);
    struct reader reader = {in, in + MTP_FIXED_BYTES};
    uint8_t lists = 0;
    uint32_t header_bytes = 0;
    enum mtp_wire_error error = get_fixed(&reader, header, &lists, &header_bytes);
    if (error)
        return error;
    if (header_bytes < MTP_FIXED_BYTES)
        return MTP_WIRE_HEADER_LENGTH;
    if (header_bytes > size)
        return MTP_WIRE_SHORT_HEADER;
    reader.end = in + header_bytes;
    error = get_lists(&reader, header, lists);
    if (!error)
        error = get_shim(&reader, header);
    return error ? error : check_message(&header->fixed);
}

/* ---- packets of the simulator ---- */

void mtp_wire_of_packet(const struct sim_packet *packet, const union sim_packet_lists *lists,
                        const union sim_packet_rare *rare, struct mtp_wire_header *header)
{
    memset(header, 0, sizeof *header);
    bool ack = packet->mtp.flags & SIM_MTP_ACK;
    header->fixed = packet->mtp;
    header->fixed.path_count = 0;
    if (packet->flags & SIM_PACKET_TRIMMED)
        header->fixed.flags |= SIM_MTP_TRIMMED;
    header->priority = packet->priority;
    struct mtp_wire_feedback *path = ack ? header->ack_feedback : header->feedback;
    *(ack ? &header->ack_feedback_count : &header->feedback_count) = packet->mtp.path_count;
    for (uint32_t i = 0; i < packet->mtp.path_count; i++)
        path[i].entry = sim_feedback_get(lists, rare, i);
    header->exclude_count = lists->mtp.exclude_count;
    for (uint32_t i = 0; i < header->exclude_count; i++)
        header->exclude[i] = rare->mtp.exclude[i];
    header->sack_count = lists->mtp.sack_count;
    for (uint32_t i = 0; i < header->sack_count; i++)
        header->sack[i] = lists->mtp.sack[i];
    header->nack_count = lists->mtp.nack_count;
    for (uint32_t i = 0; i < header->nack_count; i++)
        header->nack[i] = rare->mtp.nack[i];
    header->has_blob = lists->mtp.has_blob;
    if (header->has_blob) {
        header->blob_id = lists->mtp.blob_id;
        header->blob_offset = lists->mtp.blob_offset;
        header->blob_bytes = lists->mtp.blob_bytes;
    }
}

static bool fits_packet(const struct mtp_wire_header *header, bool ack)
{
    bool fits = header->sack_count <= SIM_MTP_SACK_MAX && header->nack_count <= SIM_MTP_SACK_MAX &&
                !((header->exclude_count || header->has_blob) &&
                  (header->sack_count || header->nack_count)) &&
                !(ack ? header->feedback_count : header->ack_feedback_count);
    const struct mtp_wire_feedback *path = ack ? header->ack_feedback : header->feedback;
    uint32_t count = ack ? header->ack_feedback_count : header->feedback_count;
    for (uint32_t i = 0; i < count; i++)
        fits = fits && path[i].entry.length <= SIM_FEEDBACK_BYTES;
    return fits;
}

bool mtp_wire_to_packet(const struct mtp_wire_header *header, struct sim_packet *packet,
                        union sim_packet_lists *lists, union sim_packet_rare *rare)
{
    bool ack = header->fixed.flags & SIM_MTP_ACK;
    if (!fits_packet(header, ack))
        return false;
    packet->mtp = header->fixed;
    packet->protocol = SIM_PROTOCOL_MTP;
    packet->priority = header->priority;
    packet->mtp.path_count = ack ? header->ack_feedback_count : header->feedback_count;
    const struct mtp_wire_feedback *path = ack ? header->ack_feedback : header->feedback;
    for (uint32_t i = 0; i < packet->mtp.path_count; i++) {
        sim_feedback_put(lists, rare, i, &path[i].entry);
        if (sim_feedback_is_request(path[i].entry.type))
            packet->flags |= SIM_PACKET_REQUESTS;
    }
    lists->mtp.exclude_count = header->exclude_count;
    for (uint32_t i = 0; i < header->exclude_count; i++)
        rare->mtp.exclude[i] = header->exclude[i];
    lists->mtp.sack_count = header->sack_count;
    for (uint32_t i = 0; i < header->sack_count; i++)
        lists->mtp.sack[i] = header->sack[i];
    lists->mtp.nack_count = header->nack_count;
    for (uint32_t i = 0; i < header->nack_count; i++)
        rare->mtp.nack[i] = header->nack[i];
    lists->mtp.has_blob = header->has_blob;
    if (header->has_blob) {
        lists->mtp.blob_id = header->blob_id;
        lists->mtp.blob_offset = header->blob_offset;
        lists->mtp.blob_bytes = header->blob_bytes;
    }
    return true;
}

void mtp_wire_check(const struct sim_packet *packet, const union sim_packet_lists *lists,
                    const union sim_packet_rare *rare)
{
    uint8_t first[MTP_HEADER_MAX_BYTES], second[MTP_HEADER_MAX_BYTES];
    struct mtp_wire_header header;
    mtp_wire_of_packet(packet, lists, rare, &header);
    uint32_t bytes = mtp_wire_encode(&header, first, sizeof first);
    enum mtp_wire_error error = mtp_wire_decode(first, bytes, &header);
    SIM_CHECK(!error, "a packet was sent that does not decode: %s", mtp_wire_error_text(error));
    uint32_t again = mtp_wire_encode(&header, second, sizeof second);
    SIM_CHECK(bytes == again && memcmp(first, second, bytes) == 0,
              "decoding changed a header of %u bytes (%u after)", bytes, again);
    uint32_t payload = header.fixed.flags & SIM_MTP_TRIMMED ? 0 : header.fixed.payload_bytes;
    SIM_CHECK(packet->size_bytes == MTP_IP_BYTES + bytes + payload,
              "packet of %u bytes, header %u, payload %u", packet->size_bytes, bytes, payload);
}

void mtp_wire_turn_round(struct sim_packet *packet, union sim_packet_lists *lists)
{
    uint32_t src = packet->src;
    packet->src = packet->dst;
    packet->dst = src;
    packet->ecn = SIM_ECN_NOT_ECT;
    packet->flags = 0;
    packet->tc = 0;
    packet->mtp = (struct sim_mtp_header){
        .src_port = packet->mtp.dst_port,
        .dst_port = packet->mtp.src_port,
        .flags = (uint8_t)(SIM_MTP_ACK | (packet->mtp.flags & SIM_MTP_ENCRYPTED)),
        .path_count = packet->mtp.path_count,
    };
    lists->mtp.exclude_count = 0;
    lists->mtp.has_blob = false;
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
}
