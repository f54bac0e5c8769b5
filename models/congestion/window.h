/* What window-based models have in common: slow start, congestion avoidance, one reaction a round
 * trip, and the way back when a loss turned out to be none.
 *
 * RFC 5681 (slow start, avoidance, timeout), RFC 3465 (counting bytes, not acknowledgements; its
 * limit on what one acknowledgement counts for, 2 packets, matters for those that follow lost ones
 * only, and is not applied),
 * RFC 6582 and RFC 3168 (one reduction a window of data).
 *
 * A round trip is told by `position`: whatever was sent before the last reduction says nothing
 * about the window since then. Acknowledgements of such packets neither reduce the window again nor
 * let it grow, as in TCP's recovery and CWR states. The same test serves MTP, which has no
 * recovery phase.
 *
 * The least window after a reduction is two packets, RFC 5681's least ssthresh; RFC 8257 names
 * none of its own, and Linux's DCTCP takes two as well. With one packet in flight a delayed
 * acknowledgement stalls the flow.
 *
 * A loss halves the window, not the bytes in flight as RFC 5681 has it: the window grows only while
 * it is what limits, so the two are close, and the bytes in flight of a sender that waits for its
 * turn at the NIC say nothing about the path.
 *
 * Not modelled: proportional rate reduction (RFC 6937), restart after idleness.
 */
#ifndef MODELS_CONGESTION_WINDOW_H
#define MODELS_CONGESTION_WINDOW_H

#include <mtpsim/congestion.h>

struct window {
    uint64_t ssthresh_bytes;
    uint64_t reacted_at;  /* value of `sent` at the last reduction; earlier packets are stale */
    uint64_t grown_bytes; /* acknowledged since avoidance last added a packet */
    uint64_t packet_bytes;
    struct {
        uint64_t window_bytes; /* 0: nothing to go back to */
        uint64_t ssthresh_bytes;
        uint64_t reacted_at;
    } undo; /* as before the last loss or timeout */
};

static inline void window_init(struct window *window, const struct sim_congestion_env *env,
                               struct sim_congestion *control)
{
    *window = (struct window){.ssthresh_bytes = UINT64_MAX, .packet_bytes = env->packet_bytes};
    *control = (struct sim_congestion){.window_bytes = env->initial_window_bytes};
}

/* Whether news of a packet sent at `position` is about the window as it is now. */
static inline bool window_is_current(const struct window *window, uint64_t position)
{
    return position >= window->reacted_at;
}

/* Whether a window that follows what ports tell may grow: it limits, or at least half of it is in
 * flight. With pacing, or while another pathlet limits for a moment, the first alone is too strict.
 */
static inline bool window_is_used(const struct sim_congestion *control,
                                  const struct sim_ack_sample *sample)
{
    return sample->window_limited || 2 * sample->in_flight_bytes >= control->window_bytes;
}

/* Whether an acknowledgement lets the window grow. */
static inline bool window_may_grow(const struct window *window, const struct sim_ack_sample *sample)
{
    return sample->window_limited && window_is_current(window, sample->position);
}

/* Slow start, for an acknowledgement that lets the window grow; false when it is over. */
static inline bool window_slow_start(const struct window *window, struct sim_congestion *control,
                                     const struct sim_ack_sample *sample)
{
    if (control->window_bytes >= window->ssthresh_bytes)
        return false;
    uint64_t room = window->ssthresh_bytes - control->window_bytes;
    control->window_bytes += sample->acked_bytes < room ? sample->acked_bytes : room;
    return true;
}

/* An acknowledgement without a mark. */
static inline void window_grow(struct window *window, struct sim_congestion *control,
                               const struct sim_ack_sample *sample)
{
    if (!window_may_grow(window, sample) || window_slow_start(window, control, sample))
        return;
    window->grown_bytes += sample->acked_bytes;
    if (window->grown_bytes >= control->window_bytes) {
        window->grown_bytes -= control->window_bytes;
        control->window_bytes += window->packet_bytes;
    }
}

/* Goes down to `bytes`, or the least window. */
static inline void window_reduce(struct window *window, struct sim_congestion *control,
                                 uint64_t bytes, uint64_t sent)
{
    uint64_t least = 2 * window->packet_bytes;
    window->ssthresh_bytes = bytes > least ? bytes : least;
    if (control->window_bytes > window->ssthresh_bytes)
        control->window_bytes = window->ssthresh_bytes;
    window->grown_bytes = 0;
    window->reacted_at = sent;
}

static inline void window_remember(struct window *window, const struct sim_congestion *control)
{
    window->undo.window_bytes = control->window_bytes;
    window->undo.ssthresh_bytes = window->ssthresh_bytes;
    window->undo.reacted_at = window->reacted_at;
}

static inline void window_lost(struct window *window, struct sim_congestion *control,
                               const struct sim_loss_sample *sample)
{
    if (!window_is_current(window, sample->position))
        return;
    window_remember(window, control);
    window_reduce(window, control, control->window_bytes / 2, sample->sent);
}

/* One packet, then slow start up to `bytes`. When the same packet times out again, ssthresh stays
 * (RFC 5681, 3.1): a window of one packet has seen no acknowledgement yet. */
static inline void window_collapse(struct window *window, struct sim_congestion *control,
                                   uint64_t bytes, uint64_t sent)
{
    if (control->window_bytes > window->packet_bytes) {
        window_remember(window, control);
        window_reduce(window, control, bytes, sent);
        control->window_bytes = window->packet_bytes;
    }
    window->reacted_at = sent;
}

static inline void window_timeout(struct window *window, struct sim_congestion *control,
                                  const struct sim_loss_sample *sample)
{
    window_collapse(window, control, control->window_bytes / 2, sample->sent);
}

static inline void window_undo(struct window *window, struct sim_congestion *control)
{
    if (!window->undo.window_bytes)
        return;
    if (control->window_bytes < window->undo.window_bytes)
        control->window_bytes = window->undo.window_bytes;
    window->ssthresh_bytes = window->undo.ssthresh_bytes;
    window->reacted_at = window->undo.reacted_at;
    window->undo.window_bytes = 0;
}

/* Plain TCP's answer to an acknowledgement: halved by a mark, once a round trip. What models of
 * other feedback do where the network tells them nothing. */
static inline void window_acked(struct window *window, struct sim_congestion *control,
                                const struct sim_ack_sample *sample)
{
    if (!sample->marked_bytes)
        window_grow(window, control, sample);
    else if (window_is_current(window, sample->position))
        window_reduce(window, control, control->window_bytes / 2, sample->sent);
}

/* The network half of both models: this port's verdict on the packet. */
static inline void window_feedback(const struct sim_port_view *port, struct sim_feedback *entry)
{
    entry->type = SIM_FEEDBACK_ECN;
    entry->length = 1;
    entry->value = port->marked;
}

#endif
