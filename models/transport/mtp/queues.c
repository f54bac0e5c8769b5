/* Which stream sends next: the most urgent priority, within it the least left to send (3.1.2), and
 * among equals the one that was served least recently, so that long flows take turns.
 *
 * A stream waits in the queue of the path that it will take: its own once its packets were
 * acknowledged, before that its flow's. Windows belong to paths, so all queues of a path are
 * eligible or not, and are looked at only when the path may have room: one that found a window full
 * waits there until a charge leaves it.
 *
 * So there are three levels of heaps: streams in a queue, queues of a path, paths that may send.
 * With a list of queues instead, 1600 source ports that share a path cost 158 us a packet. Who
 * waits for a window are paths, in a list: all of them are tried when it has room, since the first
 * may be stopped by another window.
 *
 * Of a path that waits, the streams that may ask for another path (path exclude) still do so when
 * their turn comes among all that may send: the next one stands for its path in the heap (`asker`).
 */
#include "mtp.h"

bool mtp_stream_before(const struct mtp_stream *a, const struct mtp_stream *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    uint64_t a_left = mtp_stream_left(a), b_left = mtp_stream_left(b);
    return a_left != b_left ? a_left < b_left : a->turn < b->turn;
}

/* ---- paths ---- */

void mtp_path_set_asker(struct mtp *mtp, struct mtp_path *path, struct mtp_stream *stream)
{
    if (path->asker.stream)
        mtp_heap_remove(&mtp->ready, &path->asker);
    path->asker.stream = stream;
    if (!stream)
        return;
    mtp_heap_add(&mtp->ready, &path->asker);
    mtp->transport.ready = true;
}

static inline void path_withdraw(struct mtp *mtp, struct mtp_path *path)
{
    if (SIM_UNLIKELY(path->asker.stream))
        mtp_path_set_asker(mtp, path, NULL);
    if (path->standing == MTP_READY) {
        mtp_heap_remove(&mtp->ready, &path->contender);
    } else if (path->standing != MTP_IDLE) {
        *path->link = path->waits_next;
        if (path->waits_next)
            path->waits_next->link = path->link;
    }
    path->standing = MTP_IDLE;
}

static inline void path_ready(struct mtp *mtp, struct mtp_path *path)
{
    mtp->transport.ready = true;
    if (path->standing == MTP_READY)
        return;
    path_withdraw(mtp, path);
    path->standing = MTP_READY;
    mtp_heap_add(&mtp->ready, &path->contender);
}

void mtp_path_wait(struct mtp *mtp, struct mtp_path *path, struct mtp_path **list,
                   enum mtp_standing standing)
{
    path_withdraw(mtp, path);
    path->standing = standing;
    path->waits_next = *list;
    path->link = list;
    if (path->waits_next)
        path->waits_next->link = &path->waits_next;
    *list = path;
}

void mtp_paths_wake(struct mtp *mtp, struct mtp_path **list)
{
    while (*list)
        path_ready(mtp, *list);
}

/* Its first stream is another one, or has another key. */
static inline void path_reordered(struct mtp *mtp, struct mtp_path *path)
{
    if (path->standing == MTP_READY)
        mtp_heap_moved(&mtp->ready, &path->contender);
}

/* Its first queue is another one, or has another first stream or key. */
static inline void path_moved(struct mtp *mtp, struct mtp_path *path)
{
    if (SIM_UNLIKELY(!path->queues.count)) {
        path_withdraw(mtp, path);
        return;
    }
    path->contender.stream = path->queues.entries[0]->stream;
    path_reordered(mtp, path);
}

/* ---- queues ---- */

static inline void queue_moved(struct mtp *mtp, struct mtp_queue *queue)
{
    queue->contender.stream = queue->streams.entries[0]->stream;
    mtp_heap_moved(&queue->path->queues, &queue->contender);
    path_moved(mtp, queue->path);
}

static void queue_leave_path(struct mtp *mtp, struct mtp_queue *queue)
{
    if (SIM_UNLIKELY(queue->path->asker.stream == queue->contender.stream))
        mtp_path_set_asker(mtp, queue->path, NULL);
    mtp_heap_remove(&queue->path->queues, &queue->contender);
    path_moved(mtp, queue->path);
}

/* A queue has a new first stream. A path that waits for room is looked at again for a new first of
 * all, whose packet may be smaller; another one may ask for another path. */
static void queue_noticed(struct mtp *mtp, struct mtp_queue *queue)
{
    struct mtp_path *path = queue->path;
    if (queue->contender.place == 0 || path->standing != MTP_BLOCKED) {
        path_ready(mtp, path);
        return;
    }
    struct mtp_stream *stream = queue->contender.stream;
    if (!path->asker.stream || mtp_stream_before(stream, path->asker.stream))
        mtp_path_set_asker(mtp, path, stream);
}

static void queue_enter_path(struct mtp *mtp, struct mtp_queue *queue)
{
    queue->contender.stream = queue->streams.entries[0]->stream;
    mtp_heap_add(&queue->path->queues, &queue->contender);
    path_moved(mtp, queue->path);
    queue_noticed(mtp, queue);
}

void mtp_queue_set_path(struct mtp *mtp, struct mtp_queue *queue, struct mtp_path *path)
{
    if (queue->path == path)
        return;
    if (queue->streams.count)
        queue_leave_path(mtp, queue);
    queue->path = path;
    if (queue->streams.count)
        queue_enter_path(mtp, queue);
}

void mtp_queue_clear(struct mtp_queue *queue)
{
    mtp_heap_clear(&queue->streams);
}

/* ---- streams ---- */

void mtp_queue_leave(struct mtp_stream *stream)
{
    struct mtp_queue *queue = stream->queue;
    if (!queue)
        return;
    stream->queue = NULL;
    mtp_heap_remove(&queue->streams, &stream->contender);
    if (SIM_UNLIKELY(queue->path->asker.stream == stream))
        mtp_path_set_asker(stream->mtp, queue->path,
                           queue->streams.count ? queue->streams.entries[0]->stream : NULL);
    if (queue->streams.count)
        queue_moved(stream->mtp, queue);
    else
        queue_leave_path(stream->mtp, queue);
}

static void queue_enter(struct mtp *mtp, struct mtp_queue *queue, struct mtp_stream *stream)
{
    stream->queue = queue;
    mtp_heap_add(&queue->streams, &stream->contender);
    if (queue->streams.count == 1) {
        queue_enter_path(mtp, queue);
        return;
    }
    queue_moved(mtp, queue);
    if (stream->contender.place == 0)
        queue_noticed(mtp, queue);
}

static void queue_change(struct mtp *mtp, struct mtp_stream *stream, struct mtp_queue *wanted)
{
    mtp_queue_leave(stream);
    if (wanted)
        queue_enter(mtp, wanted, stream);
}

void mtp_queue_stream(struct mtp *mtp, struct mtp_stream *stream, bool to_send)
{
    struct mtp_queue *wanted = NULL;
    if (to_send)
        wanted = stream->path ? &stream->path->queue : &stream->flow->queue;
    if (SIM_UNLIKELY(stream->queue != wanted)) {
        queue_change(mtp, stream, wanted);
        return;
    }
    if (!wanted)
        return;
    if (SIM_LIKELY(wanted->streams.count == 1 && wanted->path->queues.count == 1)) {
        path_reordered(mtp, wanted->path);
    } else {
        mtp_heap_moved(&wanted->streams, &stream->contender);
        queue_moved(mtp, wanted);
    }
    if (SIM_UNLIKELY(wanted->path->asker.stream == stream))
        mtp_heap_moved(&mtp->ready, &wanted->path->asker);
}
