/* Heaps of what competes for the next packet, and queues of streams; see queues.c. */
#ifndef MODELS_TRANSPORT_MTP_QUEUES_H
#define MODELS_TRANSPORT_MTP_QUEUES_H

#include "containers.h"

struct mtp;
struct mtp_path;
struct mtp_stream;

/* What competes for the next packet: a stream; a queue or a path by the first of its streams. */
struct mtp_contender {
    struct mtp_stream *stream;
    uint32_t place; /* in its heap */
    bool asks;      /* a path that is full: the stream may ask for another one */
};

struct mtp_heap {
    struct mtp_contender **entries;
    uint32_t count, capacity;
};

void mtp_heap_add(struct mtp_heap *heap, struct mtp_contender *contender);
void mtp_heap_remove(struct mtp_heap *heap, struct mtp_contender *contender);
void mtp_heap_clear(struct mtp_heap *heap);
/* Moves a contender whose key changed to where it belongs. */
void mtp_heap_sift(struct mtp_heap *heap, struct mtp_contender *contender);

/* Its stream or its stream's key is another one. */
static inline void mtp_heap_moved(struct mtp_heap *heap, struct mtp_contender *contender)
{
    if (SIM_UNLIKELY(heap->count > 1))
        mtp_heap_sift(heap, contender);
}

/* Streams that have something to send and know, or do not know, a path in the same way. */
struct mtp_queue {
    struct mtp_contender contender; /* in the path's queues, while it has a stream */
    struct mtp_heap streams;
    struct mtp_path *path;
};

enum mtp_standing {
    MTP_IDLE,    /* no stream has something to send by the path */
    MTP_READY,   /* in mtp.ready: it may have room */
    MTP_BLOCKED, /* waits for room in a window */
    MTP_PACED,   /* in mtp.paced: waits for the rates */
};

/* Puts a stream where its path says, with its key as it is now; or takes it out when it has nothing
 * to send. Called whenever one of these changed. */
void mtp_queue_stream(struct mtp *mtp, struct mtp_stream *stream, bool to_send);
void mtp_queue_leave(struct mtp_stream *stream);
void mtp_queue_set_path(struct mtp *mtp, struct mtp_queue *queue, struct mtp_path *path);
void mtp_path_set_asker(struct mtp *mtp, struct mtp_path *path, struct mtp_stream *stream);
void mtp_path_wait(struct mtp *mtp, struct mtp_path *path, struct mtp_path **list,
                   enum mtp_standing standing);
void mtp_paths_wake(struct mtp *mtp, struct mtp_path **list);
/* Whether `a` goes first. */
bool mtp_stream_before(const struct mtp_stream *a, const struct mtp_stream *b);
void mtp_queue_clear(struct mtp_queue *queue);

#endif
