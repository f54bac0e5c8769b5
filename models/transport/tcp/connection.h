/* The state of a host's TCP: its connections, as senders and as receivers.
 *
 * Data flows one way on a connection, from the host that submits; so each end is either a sender
 * or a receiver, and each host has one table of either. SYN, data, FIN and RST go to receivers;
 * SYN-ACK and pure acknowledgements go to senders.
 *
 * tcp.c        the operations, the tables, whose turn it is at the NIC
 * open.c       submission; senders come and go
 * sender.c     handshake, segmentation, acknowledgements in order: the hot path
 * recovery.c   SACK, loss, recovery, RACK, undo: only entered when something is out of order
 * rto.c        round-trip times and the retransmission timer
 * receiver.c   arrivals, acknowledgements, ECN echo
 * reading.c    an application that reads at its own pace: the window that is left
 * memory.c     what all of this has allocated
 * params.h     what its tables have in common; swift.c the one of another name
 * segments.c, reassembly.c: data structures without protocol
 */
#ifndef MODELS_TRANSPORT_TCP_CONNECTION_H
#define MODELS_TRANSPORT_TCP_CONNECTION_H

#include "models/transport/demux.h"
#include "reassembly.h"
#include "segments.h"
#include "tcp.h"

#define TCP_HEADER_BYTES      40u /* IP and TCP */
#define TCP_SYN_OPTIONS_BYTES 12u /* MSS, SACK permitted, window scale, padding */
#define TCP_SACK_OPTION_BYTES 4u  /* kind, length, padding; then 8 for each block */
#define TCP_CLOSED_MAX        256u

/* Why a sender's next step is not simply the next new segment. */
enum {
    TCP_HANDSHAKE = 0x01, /* no SYN-ACK yet */
    TCP_SYN_DUE = 0x02,
    TCP_RECOVERY = 0x04,
    TCP_AFTER_TIMEOUT = 0x08, /* with RECOVERY: slow start again, no NextSeg rules 3 and 4 */
    TCP_PACED = 0x10,         /* waits for its pacing timer */
    TCP_PROBE_DUE = 0x20,     /* of a window that the receiver closed */
    TCP_FIN_DUE = 0x40,       /* a FIN without data */
    TCP_FAST_DUE = 0x80,      /* the first retransmission of a recovery, whatever the window */
};

/* A message that is being sent. */
struct tcp_outgoing {
    uint64_t end; /* sequence number after its last byte; UINT64_MAX: endless */
    uint32_t number;
    bool part, tells, framed; /* as in sim_message */
    struct sim_frame frame;
};

/* RFC 8985 */
struct tcp_rack {
    uint64_t position; /* of the newest-sent segment that arrived */
    sim_time rtt;      /* of that segment */
    sim_time min_rtt;  /* SIM_NEVER: none yet */
    bool reordering_seen;
    uint32_t window_multiple; /* of a quarter of min_rtt */
    uint32_t window_persists; /* recoveries until the multiple is 1 again */
    uint64_t dsack_round;     /* the multiple grows again when una has reached this */
    struct sim_timer timer;
};

struct tcp_sender {
    /* What an acknowledgement in order, and the segment that follows it, touch. */
    uint64_t una;         /* lowest sequence number not acknowledged */
    uint64_t next;        /* of the next new segment */
    uint64_t limit;       /* end of the message being cut; `next` when there is none */
    uint64_t peer_edge;   /* the receiver accepts sequence numbers below this */
    uint64_t complete_at; /* end of the oldest message not completed; UINT64_MAX: none */
    uint64_t sent;        /* bytes, retransmissions included: the clock of `position` */
    uint64_t limited_at;  /* `sent` when the window last kept it from sending */
    struct sim_congestion control;
    struct tcp_segments segments;
    const struct sim_congestion_ops *congestion;
    void *congestion_state;
    struct tcp *tcp;
    struct tcp_sender *ready_next, *ready_previous; /* a ring; NULL when not ready */
    struct sim_timer rto_timer; /* while handshaking: of the SYN; with nothing in flight: probes */
    sim_time srtt, rttvar;      /* srtt 0: not measured yet */
    sim_time rto;               /* without back-off */
    uint32_t cold;              /* TCP_HANDSHAKE ... */
    uint32_t backoff;           /* the RTO is doubled so many times */
    uint16_t own_port, peer_port;
    uint32_t peer, hash;
    uint64_t key; /* in the table */
    bool rack;    /* loss_detection */
    bool eager;   /* as in sim_transport_env */
    bool framed;  /* the message being cut has a frame, and no segment yet */

    /* The rest. */
    bool persistent;
    uint32_t serial; /* counts the host's connections */
    uint32_t syns;   /* sent */
    sim_time syn_sent_at;
    struct { /* messages not completed, a ring of counted places */
        struct tcp_outgoing *ring;
        uint32_t mask;
        uint32_t first, writing, end; /* first <= writing (being cut into segments) <= end */
        uint64_t last_seq;            /* end of the newest message */
    } outgoing;
    uint64_t recovery_end; /* recovery ends when everything below is acknowledged */
    bool rescued;          /* NextSeg's rule 4 was used */
    bool undo_armed;
    uint64_t undo_seq;  /* una when recovery began: earlier DSACKs say nothing of it */
    uint32_t undo_left; /* retransmissions of this recovery not yet known to be spurious */
    struct sim_timer pacing_timer;
    uint64_t paced_bps; /* with TCP_PACED: the rate that its time was computed from */
    struct tcp_rack rack_state;
    struct tcp_sender *all_next, *all_previous; /* in the order of creation */
};

/* A frame whose message does not begin yet. */
struct tcp_frame_at {
    uint64_t seq;
    struct sim_frame frame;
};

/* Of a connection whose application reads at its own pace. */
struct tcp_reading {
    uint64_t unread;        /* bytes in order that it has not consumed */
    uint64_t edge;          /* sequence numbers below it were offered to the sender */
    uint64_t left;          /* bytes of the message that is arriving; 0: none is */
    struct sim_frame frame; /* of that message */
    uint32_t note;          /* the application's, of that message */
    uint32_t serial;
    struct tcp_frame_at *frames; /* ascending */
    uint32_t count, capacity;
};

struct tcp_receiver {
    uint64_t next;   /* lowest sequence number that did not arrive */
    uint64_t fin_at; /* sequence number of FIN; UINT64_MAX: not seen */
    uint64_t first;  /* sequence number of the SYN */
    struct tcp_reassembly reassembly;
    uint64_t told; /* up to here the application knows of messages */
    bool damaged;  /* a segment of what it does not know of was rewritten on its way */
    struct tcp_reading *reading; /* NULL: the application takes at once whatever is in order */
    struct range duplicate;      /* for the next acknowledgement to report; start == end: none */
    struct tcp *tcp;
    uint64_t key;        /* in the table */
    uint32_t peer, hash; /* hash of its acknowledgements */
    uint16_t own_port, peer_port;
    uint32_t unacked; /* segments that arrived since the last acknowledgement */
    bool ce;          /* DCTCP.CE of RFC 8257: whether the last segment was marked */
    bool owes;        /* in the list of those that owe an acknowledgement */
    bool closed;      /* FIN arrived; kept to answer what is sent again */
    struct sim_timer ack_timer;
    struct tcp_receiver *owes_next;
    struct tcp_receiver *list_next, *list_previous; /* of open or of closed receivers */
};

struct tcp_receiver_list {
    struct tcp_receiver *head, *tail;
    uint32_t count;
};

struct tcp {
    struct sim_transport transport; /* first */
    const struct tcp_params *params;
    const struct sim_transport_env *env;
    const struct sim_congestion_ops *congestion;
    uint16_t mss_bytes;
    uint32_t window_bytes;      /* to advertise */
    uint32_t serials, readings; /* counts connections: of senders, and of those that are read */
    struct tcp_sender *ready;   /* the next one at the NIC, in a ring */
    struct tcp_receiver *owes_head, *owes_tail;
    struct tcp_sender *last_sender;     /* found last; NULL: none */
    struct tcp_receiver *last_receiver; /* the same */
    struct demux senders, receivers;
    struct tcp_sender *senders_head, *senders_tail;
    struct tcp_sender *idle; /* freed senders, linked by all_next */
    struct tcp_receiver_list open, closed;
    bool forgot; /* a closed one was freed */
    struct sim_transport_counts counts;
};

static inline const struct tcp_outgoing *tcp_outgoing_at(const struct tcp_sender *sender,
                                                         uint32_t counter)
{
    return &sender->outgoing.ring[counter & sender->outgoing.mask];
}

/* ---- tcp.c ---- */
/* The operations of mtpsim/transport.h (params.h). */
void tcp_init(void *self, const void *params, const struct sim_transport_env *env);
void tcp_clear(void *self);
void tcp_submit(void *self, const struct sim_message *message, sim_time now);
struct sim_packet *tcp_receive(void *self, struct sim_packet *packet, sim_time now);
struct sim_packet *tcp_transmit(void *self, sim_time now, sim_time *again);
void tcp_count(const void *self, struct sim_transport_counts *counts);
void tcp_consumed(void *self, struct sim_stream stream, uint64_t bytes, sim_time now);
uint32_t tcp_windows(const void *self, struct sim_window_sample *samples, uint32_t max);
const char *tcp_check(const void *params);
uint32_t tcp_flow_hash(uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port);
/* To go out with the next pull. */
void tcp_owe_acknowledgement(struct tcp_receiver *receiver);
void tcp_disown_acknowledgement(struct tcp_receiver *receiver);

static inline void tcp_update_ready(struct tcp *tcp)
{
    tcp->transport.ready = tcp->ready || tcp->owes_head;
}

/* ---- open.c ---- */
void tcp_sender_submit(struct tcp *tcp, const struct sim_message *message, sim_time now);
void tcp_sender_free(struct tcp_sender *sender);

/* ---- sender.c ---- */
/* The peer says that it has no such connection. */
void tcp_sender_reset(struct tcp_sender *sender, const struct sim_packet *packet);
void tcp_sender_leave_ring(struct tcp_sender *sender);
void tcp_sender_pacing_timer(struct sim_timer *timer, sim_time now);
void tcp_sender_synack(struct tcp_sender *sender, const struct sim_packet *packet, sim_time now);
void tcp_sender_acked(struct tcp_sender *sender, const struct sim_packet *packet, sim_time now);
struct sim_packet *tcp_sender_emit(struct tcp_sender *sender, sim_time now);
/* Enters or leaves the ring of those that can send. After everything that happens to a sender. */
void tcp_sender_settle(struct tcp_sender *sender, sim_time now);

/* The oldest message that is not cut yet is the next one. */
static inline void tcp_sender_begin_message(struct tcp_sender *sender)
{
    const struct tcp_outgoing *message = tcp_outgoing_at(sender, sender->outgoing.writing);
    sender->limit = message->end;
    sender->framed = message->framed;
}

/* When the oldest message is acknowledged as a whole: with its FIN, if it has one. */
static inline uint64_t tcp_sender_complete_at(const struct tcp_sender *sender)
{
    const uint32_t first = sender->outgoing.first;
    uint64_t end = tcp_outgoing_at(sender, first)->end;
    bool fin = !sender->persistent && first + 1 == sender->outgoing.end && end != UINT64_MAX;
    return end + fin;
}

static inline uint32_t tcp_sender_next_bytes(const struct tcp_sender *sender)
{
    uint64_t left = sender->limit - sender->next;
    return left < sender->tcp->mss_bytes ? (uint32_t)left : sender->tcp->mss_bytes;
}

/* ---- recovery.c ---- */
void tcp_recovery_sack(struct tcp_sender *sender, const struct sim_packet *packet,
                       struct tcp_delivery *delivery);
/* After an acknowledgement that was not simply in order. */
void tcp_recovery_acked(struct tcp_sender *sender, const struct tcp_delivery *delivery,
                        uint64_t in_flight_bytes, sim_time now);
void tcp_recovery_timeout(struct tcp_sender *sender, sim_time now);
/* What NextSeg's rules 3 and 4 allow when there is nothing else to send. */
bool tcp_recovery_last_resort(const struct tcp_sender *sender, uint64_t *index);
void tcp_recovery_resent(struct tcp_sender *sender, uint64_t index);
void tcp_recovery_reordering_timer(struct sim_timer *timer, sim_time now);

/* ---- rto.c ---- */
void tcp_rto_sample(struct tcp_sender *sender, sim_time rtt);
sim_time tcp_rto_backed_off(const struct tcp_sender *sender);
void tcp_rto_fire(struct sim_timer *timer, sim_time now);

static inline void tcp_rto_restart(struct tcp_sender *sender, sim_time now)
{
    sim_time wait = sender->backoff ? tcp_rto_backed_off(sender) : sender->rto;
    sim_timer_set(sender->tcp->env->timers, &sender->rto_timer, now + wait);
}

/* Leaves the timer's entry where it is: it will be needed again soon. */
static inline void tcp_rto_stop(struct tcp_sender *sender)
{
    sender->rto_timer.deadline = SIM_NEVER;
}

/* ---- receiver.c ---- */
/* Take a packet and may give one. */
struct sim_packet *tcp_receiver_syn(struct tcp *tcp, struct tcp_receiver *receiver,
                                    struct sim_packet *packet);
struct sim_packet *tcp_receiver_data(struct tcp_receiver *receiver, struct sim_packet *packet,
                                     sim_time now);
struct sim_packet *tcp_receiver_unknown(struct tcp *tcp, struct sim_packet *packet);
/* Writes the acknowledgement that is owed into `packet`. */
struct sim_packet *tcp_receiver_acknowledge(struct tcp_receiver *receiver,
                                            struct sim_packet *packet);
void tcp_receiver_free(struct tcp_receiver *receiver);

/* ---- reading.c ---- */
struct tcp_reading *tcp_reading_new(struct tcp *tcp, uint64_t first);
void tcp_reading_free(struct tcp_reading *reading);
/* The window to advertise with the acknowledgement `ack`. */
uint32_t tcp_reading_window(struct tcp_receiver *receiver, uint64_t ack);
void tcp_reading_add_frame(struct tcp_receiver *receiver, uint64_t seq,
                           const struct sim_frame *frame);
/* Everything from `from` to receiver->next is in order now. */
void tcp_reading_arrived(struct tcp_receiver *receiver, uint64_t from, sim_time now);
void tcp_reading_consumed(struct tcp_receiver *receiver, uint64_t bytes);

/* ---- memory.c ---- */
void tcp_memory(const void *self, struct sim_transport_memory *memory);

#endif
