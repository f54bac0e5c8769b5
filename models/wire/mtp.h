/* mtp: the layout of MTP's header on the wire, its codec and its size.
 *
 * Paper: Figure 4 names the fields and gives no widths; the widths are ours. All of it is in
 * network byte order, behind 20 bytes of IP (protocol 253, the experimental number of RFC 3692).
 *
 *      0  source port (2)             16  message length, bytes (4)
 *      2  destination port (2)        20  message length, packets (4)
 *      4  version, reserved (4 bits   24  packet number (4)
 *         each)                       28  packet offset, bytes (4)
 *      5  flags (1)                   32  packet length, payload bytes (2)
 *      6  message priority (1)        34  header length, lists and shim included (2)
 *      7  which lists follow (1)      36  the lists: path exclude, path feedback,
 *      8  message ID (8)                  ACK path feedback, SACK, NACK; then the blob's shim
 *
 * A list is: length of its entries (2), their count (2), the entries. A list without entries is
 * left out, so that every header has one encoding only.
 *
 * The blob's shim (3.1.2: "a layer beneath the application") counts as header. Figure 4 has no
 * field for it and no flag is spent on it: it is there exactly when the header length exceeds the
 * lists by its 24 bytes.
 *
 * A feedback value may be longer than the 16 bytes that the simulator works with (types of
 * plug-ins); a decoder skips it by its length.
 *
 * A sender's request to a pathlet is an entry of path feedback whose type has bit 0x40; the
 * pathlet answers in its place.
 */
#ifndef MODELS_WIRE_MTP_H
#define MODELS_WIRE_MTP_H

#include <mtpsim/packet.h>

#define MTP_IP_BYTES         20u
#define MTP_FIXED_BYTES      36u
#define MTP_SHIM_BYTES       24u
#define MTP_LIST_HEAD_BYTES  4u
#define MTP_EXCLUDE_BYTES    5u
#define MTP_FEEDBACK_BYTES   7u /* and the value */
#define MTP_SACK_BYTES       12u
#define MTP_VERSION          1u
#define MTP_HEADER_MAX_BYTES 4800u /* five full lists with values of 255 bytes, and the shim */

enum mtp_wire_error {
    MTP_WIRE_OK,
    MTP_WIRE_SHORT_FIXED,   /* fewer bytes than the fixed part */
    MTP_WIRE_SHORT_HEADER,  /* fewer bytes than the header length says */
    MTP_WIRE_VERSION,       /* not version 1 */
    MTP_WIRE_RESERVED,      /* reserved bits set */
    MTP_WIRE_FLAGS,         /* unknown flag bits */
    MTP_WIRE_LISTS,         /* unknown list bits */
    MTP_WIRE_HEADER_LENGTH, /* below the fixed part, or not the end of the lists (and shim) */
    MTP_WIRE_LIST_HEAD,     /* a list's head passes the header's end */
    MTP_WIRE_LIST_EMPTY,    /* a list that is said to follow has no entry */
    MTP_WIRE_LIST_COUNT,    /* more than 8 entries */
    MTP_WIRE_LIST_LENGTH,   /* a list's length is not that of its entries, or passes the header */
    MTP_WIRE_PACKET,        /* data: packet number outside the message */
    MTP_WIRE_OFFSET,        /* data: packet offset and length outside the message */
    MTP_WIRE_ERRORS
};

struct mtp_wire_feedback {
    struct sim_feedback entry; /* value and more: 0 when there are more than 16 bytes */
    const uint8_t *long_value; /* of more than 16 bytes: borrowed from the decoded buffer */
};

struct mtp_wire_header {
    struct sim_mtp_header fixed; /* path_count is not used here */
    uint8_t priority;
    uint8_t exclude_count, feedback_count, ack_feedback_count, sack_count, nack_count;
    bool has_blob;
    uint64_t blob_id, blob_offset, blob_bytes;
    struct sim_path_exclude exclude[SIM_MTP_LIST_MAX];
    struct mtp_wire_feedback feedback[SIM_MTP_LIST_MAX];
    struct mtp_wire_feedback ack_feedback[SIM_MTP_LIST_MAX];
    struct sim_mtp_sack sack[SIM_MTP_LIST_MAX];
    struct sim_mtp_sack nack[SIM_MTP_LIST_MAX];
};

/* Header length: fixed part, lists, shim; without IP and payload. */
uint32_t mtp_wire_header_bytes(const struct mtp_wire_header *header);
/* Writes the header; gives its length, or 0 when `size` bytes do not hold it. */
uint32_t mtp_wire_encode(const struct mtp_wire_header *header, uint8_t *out, uint32_t size);
/* Reads a header from the start of `in`; never past `size`. On an error `header` is undefined. */
enum mtp_wire_error mtp_wire_decode(const uint8_t *in, uint32_t size,
                                    struct mtp_wire_header *header);
const char *mtp_wire_error_text(enum mtp_wire_error error);

/* The header of a packet of the simulator. */
void mtp_wire_of_packet(const struct sim_packet *packet, const union sim_packet_lists *lists,
                        const union sim_packet_rare *rare, struct mtp_wire_header *header);
/* Fills a packet's header fields and lists, not its size. False when the header has more than a
 * packet holds: both kinds of feedback, path exclude or a blob's shim beside SACK or NACK, more
 * than 4 of these, a value longer than 16 bytes. */
bool mtp_wire_to_packet(const struct mtp_wire_header *header, struct sim_packet *packet,
                        union sim_packet_lists *lists, union sim_packet_rare *rare);
/* Encodes and decodes the packet's header; aborts when the copy or the packet's size differs. */
void mtp_wire_check(const struct sim_packet *packet, const union sim_packet_lists *lists,
                    const union sim_packet_rare *rare);

/* Makes a data packet its own answer, back to where it came from; the SACK and NACK lists are set
 * already, and the path feedback becomes the ACK path feedback where it lies. */
void mtp_wire_turn_round(struct sim_packet *packet, union sim_packet_lists *lists);

static inline uint32_t mtp_wire_list_bytes(uint32_t count, uint32_t entry_bytes)
{
    return count ? MTP_LIST_HEAD_BYTES + count * entry_bytes : 0;
}

static inline uint32_t mtp_wire_path_bytes(const struct sim_packet *packet,
                                           const union sim_packet_lists *lists)
{
    uint32_t bytes = mtp_wire_list_bytes(packet->mtp.path_count, MTP_FEEDBACK_BYTES);
    for (uint32_t i = 0; i < packet->mtp.path_count; i++)
        bytes += lists->mtp.path[i].length;
    return bytes;
}

/* Size of the IP packet. A trimmed packet keeps its length fields and has no payload. */
static inline uint32_t mtp_wire_size(const struct sim_packet *packet,
                                     const union sim_packet_lists *lists)
{
    bool trimmed = (packet->flags & SIM_PACKET_TRIMMED) || (packet->mtp.flags & SIM_MTP_TRIMMED);
    return MTP_IP_BYTES + MTP_FIXED_BYTES + mtp_wire_path_bytes(packet, lists) +
           mtp_wire_list_bytes(lists->mtp.exclude_count, MTP_EXCLUDE_BYTES) +
           mtp_wire_list_bytes(lists->mtp.sack_count, MTP_SACK_BYTES) +
           mtp_wire_list_bytes(lists->mtp.nack_count, MTP_SACK_BYTES) +
           (lists->mtp.has_blob ? MTP_SHIM_BYTES : 0) + (trimmed ? 0 : packet->mtp.payload_bytes);
}

#endif
