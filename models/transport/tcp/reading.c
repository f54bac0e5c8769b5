/* The receiving end for an application that reads at its own pace (a proxy): the window that it has
 * left, and the stream cut into messages by their frames.
 *
 * RFC 9293, 3.8.6.2: the window is the buffer without what waits in it, and its right edge never
 * moves back. It moves on by a segment or half the buffer at least, against the silly window
 * syndrome. Bytes that are not in order lie within the window that was offered, and need no count
 * of their own.
 *
 * When the application reads, an acknowledgement goes out for the window alone only if the sender
 * may be waiting for it: the window that it knows is at most half the buffer, and the new one is at
 * least twice as large (Linux, tcp_cleanup_rbuf). Otherwise the next acknowledgement of data says
 * it soon enough.
 */
#include "connection.h"

#include <stdlib.h>
#include <string.h>

struct tcp_reading *tcp_reading_new(struct tcp *tcp, uint64_t first)
{
    struct tcp_reading *reading = calloc(1, sizeof *reading);
    SIM_CHECK(reading, "out of memory for a connection of host %u", tcp->env->host);
    reading->edge = first + tcp->env->read_buffer_bytes;
    reading->serial = tcp->readings++;
    return reading;
}

void tcp_reading_free(struct tcp_reading *reading)
{
    if (reading)
        free(reading->frames);
    free(reading);
}

/* ---- the window ---- */

/* How far the right edge would move now; 0 when that is too little to tell. */
static uint64_t edge_step(const struct tcp_receiver *receiver)
{
    const struct tcp_reading *reading = receiver->reading;
    uint64_t buffer = receiver->tcp->env->read_buffer_bytes, least = receiver->tcp->mss_bytes;
    uint64_t edge = receiver->next + buffer - reading->unread;
    if (least > buffer / 2)
        least = buffer / 2;
    return edge >= reading->edge + least ? edge - reading->edge : 0;
}

uint32_t tcp_reading_window(struct tcp_receiver *receiver, uint64_t ack)
{
    struct tcp_reading *reading = receiver->reading;
    reading->edge += edge_step(receiver);
    return reading->edge > ack ? (uint32_t)(reading->edge - ack) : 0; /* a FIN lies on the edge */
}

void tcp_reading_consumed(struct tcp_receiver *receiver, uint64_t bytes)
{
    struct tcp_reading *reading = receiver->reading;
    uint64_t known = reading->edge > receiver->next ? reading->edge - receiver->next : 0;
    SIM_CHECK(bytes <= reading->unread, "%llu bytes read of %llu", (unsigned long long)bytes,
              (unsigned long long)reading->unread);
    reading->unread -= bytes;
    uint64_t step = edge_step(receiver);
    if (!receiver->closed && 2 * known <= receiver->tcp->env->read_buffer_bytes && step &&
        step >= known)
        tcp_owe_acknowledgement(receiver);
}

/* ---- messages ---- */

void tcp_reading_add_frame(struct tcp_receiver *receiver, uint64_t seq,
                           const struct sim_frame *frame)
{
    struct tcp_reading *reading = receiver->reading;
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? 2 * reading->capacity : 4;
        reading->frames = realloc(reading->frames, reading->capacity * sizeof *reading->frames);
        SIM_CHECK(reading->frames, "out of memory for %u frames", reading->capacity);
    }
    uint32_t place = reading->count++;
    for (; place > 0 && reading->frames[place - 1].seq > seq; place--)
        reading->frames[place] = reading->frames[place - 1];
    reading->frames[place] = (struct tcp_frame_at){seq, *frame};
}

/* The message that begins at `seq`. The frame in a message's last segment is not needed here and
 * is passed over. False: it has no frame. */
static bool begin_message(struct tcp_reading *reading, uint64_t seq)
{
    uint32_t passed = 0;
    while (passed < reading->count && reading->frames[passed].seq < seq)
        passed++;
    bool found = passed < reading->count && reading->frames[passed].seq == seq;
    if (found) {
        reading->frame = reading->frames[passed++].frame;
        reading->left = reading->frame.bytes;
    }
    reading->count -= passed;
    memmove(reading->frames, reading->frames + passed, reading->count * sizeof *reading->frames);
    return found;
}

void tcp_reading_arrived(struct tcp_receiver *receiver, uint64_t from, sim_time now)
{
    const struct sim_transport_env *env = receiver->tcp->env;
    struct tcp_reading *reading = receiver->reading;
    uint64_t end = receiver->next > receiver->fin_at ? receiver->fin_at : receiver->next;
    while (from < end) {
        struct sim_arrival arrival = {
            .stream = {receiver->key, reading->serial},
            .frame = &reading->frame,
            .note = &reading->note,
            .begins = !reading->left,
        };
        if (arrival.begins && !begin_message(reading, from))
            return; /* not for an offload: taken at once, as by any application */
        arrival.bytes = end - from < reading->left ? end - from : reading->left;
        reading->left -= arrival.bytes;
        reading->unread += arrival.bytes;
        arrival.ends = !reading->left;
        from += arrival.bytes;
        env->app_ops->arrived(env->app, &arrival, now);
    }
}
