/* Which stream sends next: the most urgent priority, within it the least left to send (3.1.2), and
 * among equals the one that was served least recently, so that long flows take turns.
 *
 * A stream waits in the queue of the path that it will take: its own once its packets were
 * acknowledged, before that its flow's. Windows belong to paths, so a whole queue is eligible or
 * not, and is looked at only when its path may have room: a queue that found a window full waits
 * there until a charge leaves it. */
#include "mtp.h"

#include <stdlib.h>

bool mtp_stream_before(const struct mtp_stream *a, const struct mtp_stream *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    uint64_t a_left = mtp_stream_left(a), b_left = mtp_stream_left(b);
    return a_left != b_left ? a_left < b_left : a->turn < b->turn;
}

static void heap_put(struct mtp_queue *queue, uint32_t place, struct mtp_stream *stream)
{
    queue->heap[place] = stream;
    stream->heap_index = place;
}

static void sift_up(struct mtp_queue *queue, uint32_t place)
{
    struct mtp_stream *stream = queue->heap[place];
    while (place > 0 && mtp_stream_before(stream, queue->heap[(place - 1) / 2])) {
        heap_put(queue, place, queue->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    heap_put(queue, place, stream);
}

static void sift_down(struct mtp_queue *queue, uint32_t place)
{
    struct mtp_stream *stream = queue->heap[place];
    for (uint32_t child; (child = 2 * place + 1) < queue->count; place = child) {
        if (child + 1 < queue->count &&
            mtp_stream_before(queue->heap[child + 1], queue->heap[child]))
            child++;
        if (!mtp_stream_before(queue->heap[child], stream))
            break;
        heap_put(queue, place, queue->heap[child]);
    }
    heap_put(queue, place, stream);
}

/* ---- lists of queues ---- */

static void queue_unlink(struct mtp_queue *queue)
{
    if (!queue->link)
        return;
    *queue->link = queue->next;
    if (queue->next)
        queue->next->link = queue->link;
    queue->link = NULL;
}

void mtp_queue_move(struct mtp_queue *queue, struct mtp_queue **list)
{
    queue_unlink(queue);
    queue->next = *list;
    queue->link = list;
    if (queue->next)
        queue->next->link = &queue->next;
    *list = queue;
}

static void queue_ready(struct mtp *mtp, struct mtp_queue *queue)
{
    mtp_queue_move(queue, &mtp->ready);
    queue->blocked = false;
    mtp->transport.ready = true;
}

void mtp_queues_wake(struct mtp *mtp, struct mtp_queue **list)
{
    while (*list)
        queue_ready(mtp, *list);
}

void mtp_queue_set_path(struct mtp *mtp, struct mtp_queue *queue, struct mtp_path *path)
{
    if (queue->path == path)
        return;
    queue->path = path;
    if (queue->count)
        queue_ready(mtp, queue);
}

/* The order among equals is settled by turns, not by the order in the list. */
struct mtp_queue *mtp_queue_best(const struct mtp *mtp)
{
    struct mtp_queue *best = mtp->ready;
    if (!best)
        return NULL;
    for (struct mtp_queue *queue = best->next; queue; queue = queue->next)
        if (mtp_stream_before(queue->heap[0], best->heap[0]))
            best = queue;
    return best;
}

void mtp_queue_clear(struct mtp_queue *queue)
{
    queue_unlink(queue);
    free(queue->heap);
    queue->heap = NULL;
}

/* ---- streams ---- */

void mtp_queue_leave(struct mtp_stream *stream)
{
    struct mtp_queue *queue = stream->queue;
    if (!queue)
        return;
    stream->queue = NULL;
    uint32_t place = stream->heap_index;
    struct mtp_stream *last = queue->heap[--queue->count];
    if (last != stream) {
        heap_put(queue, place, last);
        sift_up(queue, place);
        sift_down(queue, last->heap_index);
    }
    if (!queue->count)
        queue_unlink(queue);
}

static void queue_enter(struct mtp *mtp, struct mtp_queue *queue, struct mtp_stream *stream)
{
    queue->heap = mtp_grow(queue->heap, queue->count, &queue->capacity);
    stream->queue = queue;
    queue->heap[queue->count++] = stream;
    heap_put(queue, queue->count - 1, stream);
    sift_up(queue, queue->count - 1);
    /* A queue that waits for room is looked at again for a new first: its packet may be smaller,
     * and it may ask for another path. */
    if (stream->heap_index == 0)
        queue_ready(mtp, queue);
}

void mtp_queue_stream(struct mtp *mtp, struct mtp_stream *stream)
{
    struct mtp_queue *wanted = NULL;
    if (mtp_stream_to_send(stream))
        wanted = stream->path ? &stream->path->queue : &stream->flow->queue;
    if (SIM_LIKELY(stream->queue == wanted)) {
        if (wanted && wanted->count > 1) {
            sift_up(wanted, stream->heap_index);
            sift_down(wanted, stream->heap_index);
        }
        return;
    }
    mtp_queue_leave(stream);
    if (wanted)
        queue_enter(mtp, wanted, stream);
}
