/* Sizes of QUIC's packets on the wire (RFC 9000, 16, 17 and 19; RFC 9001, 5.3).
 *
 * A short header has a connection ID of 8 bytes and a packet number of 4; a long one (0-RTT) both
 * IDs, version and length beside. 16 bytes of AEAD end each packet. The STREAM frame is the last of
 * its packet, so it has no length; without an offset at the stream's start.
 */
#ifndef MODELS_WIRE_QUIC_H
#define MODELS_WIRE_QUIC_H

#include <mtpsim/packet.h>

#include "models/wire/udp.h"

#define QUIC_OUTER_BYTES   (WIRE_IP_BYTES + WIRE_UDP_BYTES)
#define QUIC_SHORT_BYTES   (1u + 8 + 4)
#define QUIC_LONG_BYTES    (1u + 4 + 1 + 8 + 1 + 8 + 2 + 4)
#define QUIC_AEAD_BYTES    16u
#define QUIC_INITIAL_BYTES (QUIC_OUTER_BYTES + 1200) /* RFC 9000, 14.1: padded, both ways */

static inline uint32_t quic_varint_bytes(uint64_t value)
{
    return value < 1u << 6 ? 1 : value < 1u << 14 ? 2 : value < 1u << 30 ? 4 : 8;
}

/* Everything but the payload. A stream's ID is four times its number and two: of the client, one
 * way. */
static inline uint32_t quic_stream_header_bytes(bool early, uint64_t stream, uint64_t offset)
{
    return QUIC_OUTER_BYTES + (early ? QUIC_LONG_BYTES : QUIC_SHORT_BYTES) + 1 +
           quic_varint_bytes(4 * stream + 2) + (offset ? quic_varint_bytes(offset) : 0) +
           QUIC_AEAD_BYTES;
}

/* Of an acknowledgement with `count` ranges of packets numbered from `first` on: type, largest
 * number, delay (2), count, the ranges' lengths and gaps, three counts of ECN. */
static inline uint32_t quic_ack_bytes(const union sim_packet_lists *lists, uint32_t count,
                                      uint64_t first, uint64_t packets)
{
    uint32_t bytes = QUIC_OUTER_BYTES + QUIC_SHORT_BYTES + QUIC_AEAD_BYTES + 1 + 2 +
                     quic_varint_bytes(count) +
                     quic_varint_bytes(lists->quic.ranges[0].end - 1 - first) +
                     quic_varint_bytes(packets) + 1 + quic_varint_bytes(lists->quic.marked);
    for (uint32_t i = 0; i < count; i++) {
        bytes += quic_varint_bytes(lists->quic.ranges[i].end - lists->quic.ranges[i].start);
        if (i > 0)
            bytes += quic_varint_bytes(lists->quic.ranges[i - 1].start - lists->quic.ranges[i].end);
    }
    return bytes;
}

#endif
