/* Packets and their pool.
 *
 * A packet is one cache line, which is all that a hop touches. What only some packets carry, the
 * lists (path feedback, SACK blocks, ...), lies in a second array at the same index, and what few
 * carry in a third. Each is touched only by who uses it, and memory that no packet touches is never
 * backed: 1024 MTP hosts took 352 bytes a packet with one array of lists, and take 192. In one
 * struct the first lines would fall on a fraction of the cache's sets.
 *
 * Every packet has one owner. Comments say who *takes* it (owns it from then on) and who *gives*
 * it.
 *
 * Header fields are kept decoded; models/wire/ has the codecs, and the size that a header has on
 * the wire is in `size`.
 */
#ifndef MTPSIM_PACKET_H
#define MTPSIM_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mtpsim/check.h>
#include <mtpsim/time.h>

enum sim_protocol {
    SIM_PROTOCOL_RAW, /* no transport: packet generators of tests */
    SIM_PROTOCOL_TCP,
    SIM_PROTOCOL_MTP,
    SIM_PROTOCOL_UDP,
    SIM_PROTOCOL_PAUSE, /* between neighbours: no transport sees it */
    SIM_PROTOCOL_QUIC,
    SIM_PROTOCOL_RDMA, /* RoCEv2; unreliable datagrams are of sim_packet.datagram */
};

/* How the header of every protocol begins. A packet of SIM_PROTOCOL_RAW has zeros there. */
struct sim_common_header {
    uint16_t src_port, dst_port;
    uint8_t flags; /* the protocol's own */
    uint8_t count;
    uint16_t payload_bytes;
};

/* RFC 3168: the ECN field of the IP header. */
enum sim_ecn { SIM_ECN_NOT_ECT = 0, SIM_ECN_ECT = 2, SIM_ECN_CE = 3 };

/* Bits of sim_packet.flags. */
enum {
    SIM_PACKET_FEEDBACK = 0x01, /* ports with a pathlet append path feedback (MTP packets other than
                                   acknowledgements) */
    SIM_PACKET_TRIMMED =
        0x02, /* the payload was cut off by a queue; lengths in the header are the original ones */
    SIM_PACKET_RESENT = 0x04,   /* data that was sent before: for counts, no header says it and no
                                   protocol may act on it */
    SIM_PACKET_FRAMED = 0x08,   /* sim_packet_rare.frame is part of the payload */
    SIM_PACKET_REQUESTS = 0x10, /* MTP data: its path feedback ends with requests that no pathlet
                                   has answered yet */
    SIM_PACKET_MAPPED = 0x40,   /* TCP: sim_packet_lists.tcp.mapping is an option of the segment */
    SIM_PACKET_DAMAGED = 0x20,  /* a device rewrote the payload and the transport's header does not
                                   say so: for counts, as RESENT */
    SIM_PACKET_CARRIES = 0x80,  /* TCP data: a packet of another protocol ends in its payload. Its
                                   line is sim_packet_rare.carried, its lists are this packet's */
};

/* TCP (RFC 9293) with 64-bit sequence numbers: wrap-around is not modelled. */
struct sim_tcp_header {
    uint16_t src_port, dst_port;
    uint8_t flags;      /* SIM_TCP_* */
    uint8_t sack_count; /* entries of sim_packet_lists.tcp.sack, 4 at most */
    uint16_t payload_bytes;
    uint64_t seq; /* of the first payload byte; SYN and FIN take one number each */
    uint64_t ack;
    uint32_t window_bytes; /* advertised receive window, scaled */
    uint32_t message; /* on SIM_TCP_PSH: number of the message whose last byte this is (framing of
                         the application) */
};

enum {
    SIM_TCP_FIN = 0x01,
    SIM_TCP_SYN = 0x02,
    SIM_TCP_RST = 0x04,
    SIM_TCP_PSH = 0x08,
    SIM_TCP_ACK = 0x10,
    SIM_TCP_ECE = 0x40,
    SIM_TCP_CWR = 0x80,
};

/* MTP (paper, Figure 4), the fixed part; the priority is sim_packet.priority. */
struct sim_mtp_header {
    uint16_t src_port, dst_port;
    uint8_t flags;      /* SIM_MTP_* */
    uint8_t path_count; /* entries of lists.mtp.path: path feedback (data) or ACK path feedback
                           (acknowledgement) */
    uint16_t payload_bytes;
    uint64_t message; /* 16-bit destination index of the sender, 48-bit counter */
    uint32_t message_bytes, message_packets;
    uint32_t packet, offset_bytes;
};

enum {
    SIM_MTP_DATA = 0x01,
    SIM_MTP_ACK = 0x02,
    SIM_MTP_TRIMMED = 0x04,
    SIM_MTP_MUTATED = 0x08,
    SIM_MTP_ENCRYPTED = 0x10,
    SIM_MTP_RESTART = 0x20,
};

/* A datagram of UDP, or of RDMA's unreliable datagrams: one piece of a message, as the header that
 * the application puts in front of the payload says. */
struct sim_datagram_header {
    uint16_t src_port, dst_port;
    uint8_t flags; /* 0, or SIM_RDMA_DATAGRAM */
    uint8_t count;
    uint16_t payload_bytes;
    uint32_t message; /* the application's number */
    uint32_t reserved;
    uint64_t message_bytes; /* UINT64_MAX: endless */
    uint64_t offset;
};

/* RDMA over a queue pair. Packet sequence numbers have 64 bits: wrap-around is not modelled. */
struct sim_rdma_header {
    uint16_t src_port, dst_port; /* stand for the queue pairs */
    uint8_t flags;               /* SIM_RDMA_* */
    uint8_t marked;              /* acknowledgement: packets with CE since the one before */
    uint16_t payload_bytes;
    uint32_t message; /* the application's number */
    uint32_t reserved;
    uint64_t psn;   /* acknowledgement: everything below it arrived, and it is the next one due */
    uint64_t first; /* the queue pair's first psn. No header has it: the ends agree on it when the
                       queue pair is set up */
};

enum {
    SIM_RDMA_FIRST = 0x01, /* packet of a message */
    SIM_RDMA_LAST = 0x02,
    SIM_RDMA_ACK = 0x04,
    SIM_RDMA_NAK = 0x08,      /* with ACK: a packet is missing */
    SIM_RDMA_DATAGRAM = 0x10, /* the header is sim_packet.datagram */
    SIM_RDMA_ASK = 0x20,      /* AckReq: it wants an acknowledgement */
};

/* QUIC (RFC 9000): a packet carries one STREAM frame, or an ACK frame, or the handshake. */
struct sim_quic_header {
    uint16_t src_port, dst_port;
    uint8_t flags;       /* SIM_QUIC_* */
    uint8_t range_count; /* entries of sim_packet_lists.quic.ranges */
    uint16_t payload_bytes;
    uint64_t packet;  /* number. Of INITIAL, and of what answers, that of the connection's first */
    uint64_t offset;  /* of the payload in its stream */
    uint32_t stream;  /* counts the streams of the connection */
    uint32_t message; /* the application's number of it */
};

enum {
    SIM_QUIC_INITIAL = 0x01,
    SIM_QUIC_ACCEPT = 0x02, /* answers INITIAL */
    SIM_QUIC_STREAM = 0x04,
    SIM_QUIC_FIN = 0x08,   /* with STREAM */
    SIM_QUIC_EARLY = 0x10, /* 0-RTT */
    SIM_QUIC_ACK = 0x20,
};

#define SIM_QUIC_RANGES_MAX 7

struct sim_packet {
    sim_time next_arrival; /* arrival time of `next` at the end of the link that holds both */
    uint32_t next;         /* index of the next packet in the link or queue; 0 is none */
    uint16_t size_bytes;   /* IP packet, headers and lists included; a link adds nothing */
    uint8_t ecn;           /* enum sim_ecn */
    uint8_t protocol;      /* enum sim_protocol */
    uint32_t src, dst;     /* host indexes */
    uint32_t hash;         /* of the flow or message: what ECMP spreads by */
    uint8_t priority;      /* 0 the most urgent */
    uint8_t tc;            /* traffic class, assigned by the network */
    uint8_t flags;         /* SIM_PACKET_* */
    uint8_t reserved;
    union {
        struct sim_common_header common;
        struct sim_tcp_header tcp;
        struct sim_mtp_header mtp;
        struct sim_datagram_header datagram;
        struct sim_rdma_header rdma;
        struct sim_quic_header quic;
        uint64_t words[4]; /* for the digest */
    };
};
_Static_assert(sizeof(struct sim_packet) == 64, "a packet is one cache line");

#define SIM_BEGINS_AS_COMMON(header)                                                               \
    _Static_assert(                                                                                \
        offsetof(struct header, src_port) == 0 && offsetof(struct header, dst_port) == 2 &&        \
            offsetof(struct header, flags) == 4 && offsetof(struct header, payload_bytes) == 6,    \
        #header " begins as sim_common_header")
SIM_BEGINS_AS_COMMON(sim_tcp_header);
SIM_BEGINS_AS_COMMON(sim_mtp_header);
SIM_BEGINS_AS_COMMON(sim_datagram_header);
SIM_BEGINS_AS_COMMON(sim_rdma_header);
SIM_BEGINS_AS_COMMON(sim_quic_header);

/* Feedback types of MTP (TLV); 128-255 are for plug-ins. With bit SIM_FEEDBACK_REQUEST an entry is
 * not yet feedback: the sender put it into the packet for its pathlet, which answers in its place
 * with a type without that bit. */
enum sim_feedback_type {
    SIM_FEEDBACK_PRESENCE = 0,
    SIM_FEEDBACK_ECN = 1,         /* 1 byte: 1 when this port marked the packet */
    SIM_FEEDBACK_QUEUE_BYTES = 2, /* 4 bytes */
    SIM_FEEDBACK_RATE = 3,        /* 8 bytes, bit/s */
    SIM_FEEDBACK_DELAY = 4,       /* 4 bytes, queueing delay in ns */
    SIM_FEEDBACK_OCCUPANCY = 5,   /* 1 byte, 0-255 */
    SIM_FEEDBACK_TELEMETRY = 6,   /* 8 bytes: queue, rate, time, bytes sent; telemetry.h */
    SIM_FEEDBACK_CHANGE = 7,      /* 4 bytes, signed: of the window, in bytes / 256 */
    SIM_FEEDBACK_TYPES,           /* the next one; up to 63 */
    SIM_FEEDBACK_PLUGIN = 128,    /* those of plug-ins, from here on */
};
#define SIM_FEEDBACK_REQUEST 0x40u
#define SIM_FEEDBACK_BYTES   16u /* of value, at most */

struct sim_feedback {
    uint32_t path; /* pathlet ID */
    uint8_t tc;
    uint8_t type;   /* enum sim_feedback_type */
    uint8_t length; /* bytes of value on the wire, up to SIM_FEEDBACK_BYTES */
    uint8_t reserved;
    uint64_t value; /* the first 8 of them, or all */
    uint64_t more;  /* the rest, of a longer value */
};

static inline bool sim_feedback_is_request(uint8_t type)
{
    return type & SIM_FEEDBACK_REQUEST;
}

/* Bytes that an MTP packet grows by when a feedback entry is appended: the list's head comes with
 * the first one, then path ID, TC, type and length before the value. */
static inline uint32_t mtp_feedback_growth(bool first, uint8_t length)
{
    return (first ? 4u : 0u) + 7u + length;
}

/* Folds an entry into that of the same pathlet earlier on the path, at the end-host or on the way:
 * marks are ORed, rates and changes take the least, delays add, bytes and occupancies take the
 * greatest. */
static inline void sim_feedback_fold(struct sim_feedback *into, const struct sim_feedback *entry)
{
    if (into->type != entry->type) {
        if (into->type == SIM_FEEDBACK_PRESENCE)
            *into = *entry;
        return;
    }
    switch (entry->type) {
    case SIM_FEEDBACK_ECN:
        into->value |= entry->value;
        break;
    case SIM_FEEDBACK_RATE:
        into->value = entry->value < into->value ? entry->value : into->value;
        break;
    case SIM_FEEDBACK_CHANGE:
        into->value = (int32_t)entry->value < (int32_t)into->value ? entry->value : into->value;
        break;
    case SIM_FEEDBACK_DELAY:
        into->value += entry->value;
        break;
    case SIM_FEEDBACK_PRESENCE:
        break;
    default:
        into->value = entry->value > into->value ? entry->value : into->value;
    }
}

/* The same as a packet keeps it: a whole list is one cache line, to which each hop adds. */
struct sim_path_entry {
    uint32_t path;
    uint8_t tc, type, length;
    uint8_t value; /* of a length up to 1; longer ones are in sim_packet_rare.mtp.values */
};

/* An entry of SACK or NACK. */
struct sim_mtp_sack {
    uint64_t message;
    uint32_t packet; /* SIM_MTP_WHOLE: the message */
} __attribute__((packed, aligned(4)));
#define SIM_MTP_WHOLE UINT32_C(0xffffffff)

struct sim_path_exclude {
    uint32_t path;
    uint8_t tc;
    uint8_t reserved[3];
};

#define SIM_MTP_LIST_MAX 8 /* entries of a list */
#define SIM_MTP_SACK_MAX 4 /* entries of SACK, and of NACK, that are kept with a packet */

enum sim_content_kind {
    SIM_CONTENT_NONE,
    SIM_CONTENT_READ,     /* of an object */
    SIM_CONTENT_WRITE,    /* of an object, or what else is not to be answered from a copy */
    SIM_CONTENT_RESPONSE, /* to READ */
    SIM_CONTENT_WRITTEN,  /* to WRITE */
    SIM_CONTENT_GRADIENT, /* a worker's contribution to a sum */
    SIM_CONTENT_SUM,      /* of all contributions */
};

static inline bool sim_content_is_answer(uint8_t kind)
{
    return kind == SIM_CONTENT_RESPONSE || kind == SIM_CONTENT_WRITTEN || kind == SIM_CONTENT_SUM;
}

/* What a request or a response says, for whoever speaks the application's language: its server, and
 * devices on the way. Bits of real content would say the same; none are modelled. */
struct sim_content {
    uint32_t key;             /* of the object; of a gradient its chunk */
    uint32_t ticket;          /* a device's mark on a READ, which the RESPONSE brings back */
    uint64_t value;           /* what was read: the object's version; a gradient, or the sum */
    uint32_t client, request; /* of an answer: whose request, by that host's number of it; `client`
                                 of a gradient: how many workers add to the sum */
    uint32_t response_bytes;  /* that a request asks for */
    uint32_t waiting;         /* of an answer: requests that are at the server, and */
    uint32_t service_ns;      /* how long it has served this one: feedback for balancers */
    uint16_t entry;           /* place in the list of workloads: which application */
    uint8_t kind;             /* enum sim_content_kind */
    uint8_t worker;           /* whose gradient, from 0 */
};

/* What an application puts in front of a message, as HTTP does, for offloads and for its peer:
 * whose it is, where it is to go, what it says. It is content of the payload: no header has it, and
 * it takes no bytes of its own. */
struct sim_frame {
    uint32_t origin, number; /* the host that submitted it, and that host's number of it */
    uint32_t dst;            /* the host where it ends */
    bool part; /* TCP sets it: it is of a part of the message, others follow, and between them there
                  may be parts of other messages, as in HTTP/2 */
    uint64_t bytes; /* of the message; SIM_ENDLESS: a long flow */
    struct sim_content content;
};

/* MPTCP (RFC 8684): where in the connection's data the payload belongs. On a SYN: its subflow, and
 * where the data begins. */
struct sim_mapping {
    uint64_t seq;     /* of the data sequence */
    uint32_t message; /* the application's number (framing of the application) */
    uint8_t subflow;
    bool last; /* the message ends with the segment */
};

/* The lists of one packet. A data packet has path feedback and perhaps the blob shim; an
 * acknowledgement has ACK path feedback and SACK. */
union sim_packet_lists {
    struct {
        struct sim_path_entry path[SIM_MTP_LIST_MAX];
        uint8_t exclude_count, sack_count, nack_count;
        bool has_blob;
        uint32_t number; /* content of the payload, not of the header: the application's number of
                            the message (see sim_message) */
        union {
            struct {
                uint64_t blob_id, blob_offset, blob_bytes; /* blob_bytes UINT64_MAX: endless */
            };
            struct sim_mtp_sack sack[SIM_MTP_SACK_MAX];
        };
    } mtp;
    struct {
        struct {
            uint64_t start, end; /* [start, end) */
        } sack[4];
        uint64_t message_bytes; /* on a SYN: size of the connection's only message; 0: not told. No
                                   TCP header has it: it lets a balancer know of TCP what MTP
                                   says in every header */
        struct sim_mapping mapping; /* with SIM_PACKET_MAPPED */
    } tcp;
    struct {
        uint64_t marked; /* packets that arrived with CE, in all */
        sim_time delay;  /* for which the acknowledgement of the newest packet waited */
        struct {
            uint64_t start, end;       /* [start, end) */
        } ranges[SIM_QUIC_RANGES_MAX]; /* of packets that arrived, the newest first */
    } quic;
    uint64_t lines[16]; /* two cache lines, of which path feedback is the first */
};
_Static_assert(sizeof(union sim_packet_lists) == 128, "what does not fit is rare");

/* What few packets carry. */
union sim_packet_rare {
    struct {
        /* With SIM_PACKET_FRAMED, of any transport's packet: of the message that begins with it, in
         * a stream also of the one that ends with it. */
        struct sim_frame frame;
        struct {
            struct {
                uint64_t value, more;
            } values[SIM_MTP_LIST_MAX]; /* of path feedback, where longer than a byte */
            union {
                struct sim_path_exclude exclude[SIM_MTP_LIST_MAX];
                struct sim_mtp_sack nack[SIM_MTP_SACK_MAX];
            };
        } mtp;
        struct sim_packet carried; /* with SIM_PACKET_CARRIES */
    };
};

/* Entry i of a packet's path feedback. */
static inline struct sim_feedback sim_feedback_get(const union sim_packet_lists *lists,
                                                   const union sim_packet_rare *rare, uint32_t i)
{
    const struct sim_path_entry *entry = &lists->mtp.path[i];
    struct sim_feedback feedback = {
        .path = entry->path,
        .tc = entry->tc,
        .type = entry->type,
        .length = entry->length,
        .value = entry->value,
    };
    if (SIM_UNLIKELY(entry->length > 1)) {
        feedback.value = rare->mtp.values[i].value;
        feedback.more = rare->mtp.values[i].more;
    }
    return feedback;
}

static inline void sim_feedback_put(union sim_packet_lists *lists, union sim_packet_rare *rare,
                                    uint32_t i, const struct sim_feedback *feedback)
{
    lists->mtp.path[i] = (struct sim_path_entry){
        .path = feedback->path,
        .tc = feedback->tc,
        .type = feedback->type,
        .length = feedback->length,
        .value = (uint8_t)feedback->value,
    };
    if (SIM_UNLIKELY(feedback->length > 1)) {
        rare->mtp.values[i].value = feedback->value;
        rare->mtp.values[i].more = feedback->more;
    }
}

/* Packets of another pool that were freed here: a list on its way home. */
struct sim_returned {
    uint32_t head, tail; /* head 0: empty */
};

/* All packets of a run (later: of a thread). Index 0 is never given out. */
struct sim_pool {
    struct sim_packet *packets;
    union sim_packet_lists *lists;
    union sim_packet_rare *rare;
    uint32_t free;                 /* head of the LIFO free list */
    uint32_t used;                 /* indexes below were given out at least once */
    uint32_t first, limit;         /* its own indexes: [first, limit) */
    uint32_t share;                /* indexes of each pool */
    struct sim_returned *returned; /* by pool; NULL when it is alone */
    uint32_t capacity;             /* of the arrays */
    uint32_t live;                 /* packets given out now */
    char apart[64];                /* no cache line has parts of two pools */
};

SIM_API void sim_pool_init(struct sim_pool *pool, uint32_t capacity);
SIM_API void sim_pool_clear(struct sim_pool *pool);
/* Shares the arrays of pools[0], which is empty, among `count` pools, each with indexes of its own
 * to give out. A packet may be freed to any of them: it then waits in `returned`, which its owner
 * sets and empties (sim_pool_take_back), or a flow of packets in one direction would use up the
 * pool where they begin. Only pools[0] is cleared. */
SIM_API void sim_pool_split(struct sim_pool *pools, uint32_t count);
/* Takes home what other pools freed: a constant number of steps. */
SIM_API void sim_pool_take_back(struct sim_pool *pool, struct sim_returned *returned);
/* Gives a packet whose fields are zero, its lists (and what is rare) unset. Aborts when the pool is
 * exhausted. */
SIM_API struct sim_packet *sim_packet_new(struct sim_pool *pool);
/* Takes a packet. */
SIM_API void sim_packet_free(struct sim_pool *pool, struct sim_packet *packet);

static inline struct sim_packet *sim_packet_at(const struct sim_pool *pool, uint32_t index)
{
    return &pool->packets[index];
}

static inline uint32_t sim_packet_index(const struct sim_pool *pool,
                                        const struct sim_packet *packet)
{
    return (uint32_t)(packet - pool->packets);
}

static inline union sim_packet_lists *sim_packet_lists(const struct sim_pool *pool,
                                                       const struct sim_packet *packet)
{
    return &pool->lists[packet - pool->packets];
}

static inline union sim_packet_rare *sim_packet_rare(const struct sim_pool *pool,
                                                     const struct sim_packet *packet)
{
    return &pool->rare[packet - pool->packets];
}

#endif
