/* The parts of the MTP endpoint and what they share. mtp.c says what MTP is here and what was left
 * open by the paper; each part's file begins with its own choices.
 *
 *     sender      messages and blobs as streams of packets
 *     transmit    choosing and building the next packet
 *     queues      which stream goes next
 *     heap        heaps of streams, queues and paths
 *     pathlets    windows per (pathlet, TC), charges
 *     paths       ordered lists of pathlets, round-trip times
 *     acks        what an acknowledgement does to all of these
 *     loss        packets overtaken by others of their message
 *     order       packets overtaken by other messages on their path
 *     timeouts    retransmission and message timers, giving up
 *     probe       the packet that goes although no window has room
 *     exclude     asking the network for another path
 *     requests    what models ask of pathlets
 *     receiver    sources, answers
 *     pulls       answers at the rate of the receiver's link
 *     assembly    exactly-once delivery, reassembly
 *     flight      records of packets, in the order sent
 *     memory      what all of this has allocated
 *     seen        containers.h
 *
 * What they share of records, queues and paths is in the headers of these names, inline where every
 * packet or acknowledgement takes it (5 % of all instructions of a run were for these calls).
 */
#ifndef MODELS_TRANSPORT_MTP_MTP_H
#define MODELS_TRANSPORT_MTP_MTP_H

#include <mtpsim/queue.h>
#include <mtpsim/transport.h>

#include "models/transport/demux.h"
#include "models/wire/mtp.h"
#include "order.h"
#include "paths.h"

extern const struct sim_transport_ops mtp_transport;

struct mtp_params {
    struct sim_model congestion;
    uint64_t initial_window;    /* packets of the MTU */
    uint64_t loss_threshold;    /* packets */
    uint64_t feedback_headroom; /* entries of 8 bytes */
    uint64_t feedback_every;    /* acknowledgements */
    sim_time min_rto, initial_rto;
    sim_time give_up;
    sim_time window_ageing;
    bool path_exclude;
    const char *avoid; /* pathlet IDs; NULL: none */
    bool pull;         /* answers are paced */
};

/* ---- sender ---- */

#define MTP_KNOWN_PATHS 8

/* A (destination, source port). */
struct mtp_flow {
    struct mtp_queue queue; /* of streams that know no path of their own; its path is the flow's */
    uint64_t path_clock;    /* of the newest packet that reported it */
    sim_time path_at;       /* when it was reported last */
    struct mtp_flow *next;  /* of the destination */
};

/* Path feedback that was returned last. */
struct mtp_last_report {
    union sim_packet_lists lists;
    union sim_packet_rare rare;
    uint32_t count;
};

struct mtp_destination {
    struct sim_timer probe_timer; /* first: the timer is the destination */
    struct mtp *mtp;
    struct mtp_ring ring; /* by message counter: packets of blobs, messages */
    sim_time heard_at, sent_at;
    sim_time least_rtt; /* 0: not known */
    uint32_t host;
    uint16_t index;      /* high 16 bits of message IDs */
    uint8_t probe_shift; /* the next silence lasts 2^this of the first */
    uint8_t known_count, known_next;
    struct mtp_stream *pending;              /* streams with something to send */
    struct mtp_stream *starved;              /* of these: those that wait for a message ID */
    struct mtp_path *unknown;                /* pathlet 0 */
    struct mtp_window *implicit;             /* windows of pathlet 0 */
    struct mtp_path *known[MTP_KNOWN_PATHS]; /* reported lately */
    struct demux flows;
    struct mtp_flow *first_flow;
    sim_time exclude_hold;        /* how long the last refusal lasts */
    sim_time exclude_after;       /* no path exclude before */
    bool exclude_heeded;          /* the last message that asked got another path */
    bool exclude_asked;           /* a message has asked and has no answer yet */
    struct mtp_last_report *last; /* with feedback_every above 1 */
    struct mtp_order order;
};

/* A message or a blob that is being sent. */
struct mtp_stream {
    struct sim_timer timer; /* first: the timer is the stream */
    struct mtp *mtp;
    struct mtp_destination *destination;
    struct mtp_flow *flow;
    struct mtp_ring *ring; /* its packets' records: its own, or the destination's (blobs, messages
                              of one packet) */
    struct mtp_path *path; /* NULL: the flow's */
    uint64_t path_clock;   /* of the newest packet that reported the path; 0: expected only */
    uint64_t newest_acked; /* clock of the newest acknowledged packet */
    struct mtp_list flight, lost, acked;
    struct mtp_gap before; /* ahead of the oldest packet in flight */

    uint64_t bytes;                  /* SIM_ENDLESS */
    uint64_t unsent;                 /* payload not yet sent; endless: SIM_ENDLESS */
    uint64_t next_offset;            /* of the next new packet of a blob */
    uint64_t lost_bytes;             /* payload to be sent again */
    uint64_t id;                     /* message; once it is started */
    uint64_t live;                   /* blob: packets sent and not delivered */
    uint32_t packets, packets_begun; /* message: in all; sent at least once */
    uint32_t number, hash;
    uint16_t src_port, dst_port;
    uint8_t priority;
    bool blob, encrypted, started;
    uint8_t restarts; /* of the whole message */
    uint8_t exclude_count;
    bool is_pending, is_starved;
    sim_time progress_at; /* last acknowledgement of something (the first time round), or start */
    sim_time waiting_at; /* message: when its last packet was acknowledged; SIM_NEVER: it was not */
    sim_time look_at;    /* no look at the order before */

    uint64_t turn;                                   /* when it was last served, in packets */
    struct mtp_queue *queue;                         /* that it is in */
    struct mtp_contender contender;                  /* there */
    struct sim_frame *frame;                         /* on packet 0; NULL: none */
    struct mtp_stream *pending_next, **pending_link; /* of the destination */
    struct mtp_stream *starved_next;
    struct mtp_stream *next, **link;                   /* of the host */
    struct sim_path_exclude exclude[SIM_MTP_LIST_MAX]; /* on packet 0 */
    struct mtp_ring own;
};

/* Packets to be sent for the first time (or, of a message that is sent again, in order once more).
 */
static inline bool mtp_stream_has_new(const struct mtp_stream *stream)
{
    if (stream->blob)
        return stream->unsent > 0 || !stream->started;
    return stream->packets > 1 ? stream->own.next < stream->packets : !stream->started;
}

static inline uint64_t mtp_stream_left(const struct mtp_stream *stream)
{
    return stream->unsent == SIM_ENDLESS ? SIM_ENDLESS : stream->unsent + stream->lost_bytes;
}

static inline bool mtp_stream_to_send(const struct mtp_stream *stream)
{
    return stream->lost.head != MTP_NONE || (mtp_stream_has_new(stream) && !stream->is_starved);
}

/* Whether the next new packet of the stream takes a message ID. */
static inline bool mtp_stream_needs_id(const struct mtp_stream *stream)
{
    return stream->lost.head == MTP_NONE && (stream->blob || !stream->started);
}

void mtp_submit(struct mtp *mtp, const struct sim_message *message, sim_time now);
struct mtp_destination *mtp_destination_get(struct mtp *mtp, uint32_t host);
void mtp_destination_free(struct mtp_destination *destination);
/* The destination's oldest message was forgotten: others may take an ID. */
void mtp_destination_unstarve(struct mtp_destination *destination, sim_time now);
/* What it has to send, or by which path, changed. */
void mtp_stream_changed(struct mtp_stream *stream, sim_time now);
/* Cuts a message that has not begun into packets. */
void mtp_stream_divide(struct mtp_stream *stream);
/* Gives a message its ID. */
void mtp_stream_identify(struct mtp_stream *stream, uint64_t counter);
static inline uint32_t mtp_stream_exclude_bytes(const struct mtp_stream *stream)
{
    return mtp_wire_list_bytes(stream->exclude_count, MTP_EXCLUDE_BYTES);
}
/* Ends a stream: all that it holds is released. */
void mtp_stream_free(struct mtp_stream *stream, sim_time now);
/* Sends a message of several packets again, all of it. */
void mtp_stream_restart(struct mtp_stream *stream, sim_time now);
struct sim_packet *mtp_transmit(struct mtp *mtp, sim_time now, sim_time *again);
/* Size of the packet that the stream would send next, by that path. */
uint32_t mtp_stream_next_bytes(const struct mtp_stream *stream, const struct mtp_path *path);
/* Sends it, charged to `path`. */
struct sim_packet *mtp_stream_send(struct mtp_stream *stream, struct mtp_path *path, sim_time now);

static inline struct mtp_path *mtp_stream_path(const struct mtp_stream *stream)
{
    return stream->path ? stream->path : stream->flow->queue.path;
}

/* ---- acks, loss, timeouts, probe, exclude ---- */

void mtp_acks_receive(struct mtp *mtp, const struct sim_packet *packet, sim_time now);

/* Out of order: what loss detection is to know of the record that leaves. */
void mtp_flight_close_gap(struct mtp_stream *stream, const struct mtp_record *record,
                          const struct mtp_path *path);

/* Takes a record out of the flight. `path`: that an acknowledgement reported; NULL: nothing is
 * known. */
static inline void mtp_flight_remove(struct mtp_stream *stream, uint32_t place,
                                     const struct mtp_path *path)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, place);
    if (SIM_UNLIKELY(record->prev != MTP_NONE || record->gap_first != MTP_NONE))
        mtp_flight_close_gap(stream, record, path);
    else if (path) /* of what is ahead of the oldest packet only the last path counts */
        stream->before = (struct mtp_gap){path->index, path->index, 1, 1};
    mtp_list_remove(&stream->flight, stream->ring, place);
}

static inline void mtp_flight_append(struct mtp_stream *stream, uint32_t place)
{
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    record->gap_first = MTP_NONE;
    record->gap_last = MTP_NONE;
    record->gap_first_count = 0;
    record->gap_last_count = 0;
    mtp_list_append(&stream->flight, stream->ring, place);
}

/* Which older packets the acknowledgement of one behind `place` shows to be lost. */
void mtp_loss_detect(struct mtp_stream *stream, uint32_t place, const struct mtp_path *path,
                     sim_time now);
/* A packet in flight is to be sent again; the models hear of a loss. */
void mtp_loss_declare(struct mtp_stream *stream, uint32_t place, sim_time now);
/* The same without telling the models. */
void mtp_loss_resend(struct mtp_stream *stream, uint32_t place, sim_time now);

/* A packet sent once was acknowledged and reported `path`; `placed`: the first one of its message
 * that did. This is the slow half of what acks.c does with it. */
void mtp_order_insert(struct mtp_stream *stream, const struct mtp_record *record,
                      struct mtp_path *path, bool placed);
/* A packet in flight is found lost, by whatever. */
void mtp_order_lost(const struct mtp *mtp, const struct mtp_record *record);
/* How long after it was sent by the path a packet is looked for in the order; at most the timeout.
 */
sim_time mtp_order_patience(const struct mtp_path *path);
/* Declares those of the stream's packets lost that later ones of other messages overtook. */
void mtp_order_look(struct mtp_stream *stream, sim_time now);

void mtp_timeout_fire(struct sim_timer *timer, sim_time now);
/* Sets the stream's timer by what it waits for now. */
void mtp_timeout_arm(struct mtp_stream *stream, sim_time now);
/* A packet that is acknowledged, of a message (of one packet) that is not, is sent again. */
void mtp_timeout_restart_record(struct mtp_stream *stream, uint32_t place, sim_time now);

void mtp_probe_fire(struct sim_timer *timer, sim_time now);
/* There is something to send from now on. */
void mtp_probe_arm(struct mtp_destination *destination, sim_time now);
/* An acknowledgement came. */
void mtp_probe_heard(struct mtp_destination *destination, sim_time now);
struct sim_packet *mtp_probe_send(struct mtp *mtp, sim_time now);

/* Reads the IDs of `avoid`; gives how many, or -1 when the text is wrong. */
int mtp_exclude_parse(const char *text, uint32_t ids[static SIM_MTP_LIST_MAX]);
/* A new message lists what the host always avoids. */
void mtp_exclude_begin(struct mtp_stream *stream);
/* Of the first streams in the queues of a full path the one to ask next for another, after `last`
 * (NULL: the first); or NULL. */
struct mtp_stream *mtp_exclude_next(const struct mtp_path *path, const struct mtp_stream *last,
                                    sim_time now);
/* Whether a message that has not begun asks, and takes another path. */
bool mtp_exclude_ask(struct mtp_stream *stream, const struct mtp_path *path, sim_time now);
/* It is about to begin by `path`. True: it asks for another one, which has room for all of the
 * message and this one has not. */
bool mtp_exclude_start(struct mtp_stream *stream, struct mtp_path *path, sim_time now);
/* The first report of a message that asked for another path. */
void mtp_exclude_answer(struct mtp_stream *stream, const struct mtp_path *path, sim_time now);
/* It ends, perhaps without an answer. */
void mtp_exclude_forget(struct mtp_stream *stream);
void mtp_exclude_remember(struct mtp_destination *destination, struct mtp_path *path);

/* ---- requests ---- */

/* What packets grow by for the requests of the path's models. */
uint32_t mtp_requests_bytes(const struct mtp_path *path);
/* Puts them into a packet whose size counts them already. */
void mtp_requests_fill(const struct mtp *mtp, const struct mtp_path *path,
                       struct sim_packet *packet, const struct mtp_record *record);

/* ---- receiver ---- */

/* A message of several packets, or a blob, that is not complete. */
struct mtp_assembly {
    uint64_t key;             /* message counter, or blob ID */
    uint64_t arrived, wanted; /* packets of the message, bytes of the blob */
    uint64_t ahead;           /* one more than the highest packet number or offset so far */
    sim_time heard_at;
    struct mtp_seen packets;           /* message: which arrived */
    struct sim_frame *frame;           /* NULL: none, or packet 0 is not here */
    struct mtp_assembly *next, **link; /* of the source */
};

/* A (source, destination index of the source): one sender of messages to this host. */
struct mtp_source {
    uint64_t key;
    struct mtp_seen ids; /* counters of messages that were delivered */
    sim_time heard_at;
    struct sim_mtp_sack sacks[SIM_MTP_SACK_MAX]; /* the last entries sent, newest first */
    uint8_t sack_count;
    bool implicit;  /* a CE mark from an unlabelled queue was seen */
    bool encrypted; /* what the entries are about */
    struct mtp_assembly *last_message, *last_blob;

    uint64_t reported;            /* what path feedback was last returned, as a hash */
    uint64_t withheld;            /* acknowledgements since */
    struct demux messages, blobs; /* assemblies */
    struct mtp_assembly *assemblies;
};

/* What becomes of a data packet. */
struct mtp_arrival {
    bool fresh;              /* its payload was not here before */
    bool complete;           /* its message is delivered, now or earlier */
    struct sim_frame *frame; /* of a message of several packets that is complete now; or NULL */
};

/* A packet of a message arrived, with its payload. Calls the application. */
struct mtp_arrival mtp_assemble(struct mtp *mtp, struct mtp_source *source,
                                const struct sim_packet *packet,
                                const union sim_packet_lists *lists, sim_time now);
/* Whether its payload is here. */
bool mtp_assembly_has(const struct mtp_source *source, const struct sim_packet *packet);
/* Forgets messages that were last heard of before that and cannot be completed any more. */
void mtp_assembly_expire(struct mtp_source *source, sim_time before);
void mtp_assembly_clear(struct mtp_source *source);
size_t mtp_assembly_bytes(const struct mtp_source *source);

struct mtp_receiver {
    struct sim_timer expiry; /* first: the timer is the receiver */
    struct mtp *mtp;
    struct demux by_key;
    struct mtp_source **sources; /* in the order they came up */
    uint32_t count, capacity;
    struct mtp_source *last;
};

void mtp_receiver_init(struct mtp_receiver *receiver, struct mtp *mtp);
void mtp_receiver_clear(struct mtp_receiver *receiver);
/* Takes a data packet, gives its answer. */
struct sim_packet *mtp_receiver_data(struct mtp_receiver *receiver, struct sim_packet *packet,
                                     sim_time now);
/* Memory that it holds for sources. */
size_t mtp_receiver_bytes(const struct mtp_receiver *receiver);

/* ---- pulls ---- */

struct mtp_pulls {
    struct sim_packet_list waiting; /* answers */
    sim_time next;                  /* none goes before */
    struct sim_rate rate;           /* of the link */
};

void mtp_pulls_init(struct mtp *mtp);
void mtp_pulls_clear(struct mtp *mtp);
/* Bytes of a data packet that arrived, before it was trimmed. */
uint32_t mtp_pull_bytes(const struct sim_packet *packet);
/* Takes an answer to a packet of so many bytes. */
void mtp_pulls_put(struct mtp *mtp, struct sim_packet *answer, uint32_t bytes);
/* Gives the next one, when it is due. */
struct sim_packet *mtp_pulls_take(struct mtp *mtp, sim_time now);
/* Has the NIC ask again for the next one, if there is one. */
void mtp_pulls_wait(struct mtp *mtp, sim_time *again);

/* ---- the endpoint ---- */

struct mtp {
    /* What every packet takes, on the first cache lines. */
    struct sim_transport transport; /* first */
    const struct mtp_params *params;
    const struct sim_transport_env *env;
    uint64_t clock; /* bytes sent by this host, plus 1: orders all that it sent */
    uint64_t turns;
    uint32_t message_payload, blob_payload; /* of a full packet */
    struct mtp_heap ready;                  /* paths */
    struct mtp_path *paced;
    struct mtp_stream *probing;            /* may send one packet regardless of windows */
    struct mtp_destination **destinations; /* by index */
    uint32_t destination_count, destination_capacity;
    bool may_exclude; /* a destination answered over two paths */
    uint8_t avoid_count;
    struct sim_transport_counts counts;

    uint32_t avoid[SIM_MTP_LIST_MAX]; /* pathlets that messages list in any case */
    struct mtp_stream *streams;
    struct demux destination_by_host;

    struct mtp_path **paths; /* by index */
    uint32_t path_count, path_capacity;
    struct demux path_by_hash;

    struct mtp_window **windows; /* in the order they came up */
    uint32_t window_count, window_capacity;
    struct demux window_by_key;

    struct mtp_receiver receiver;
    struct mtp_pulls pulls;
};

void mtp_memory(const void *self, struct sim_transport_memory *memory);

/* Debug builds encode and decode every packet that is sent, and check its size there and on
 * arrival. */
static inline void mtp_debug_check(const struct mtp *mtp, const struct sim_packet *packet)
{
#ifdef MTPSIM_DEBUG_WIRE
    mtp_wire_check(packet, sim_packet_lists(mtp->env->pool, packet),
                   sim_packet_rare(mtp->env->pool, packet));
#else
    (void)mtp;
    (void)packet;
#endif
}

#endif
