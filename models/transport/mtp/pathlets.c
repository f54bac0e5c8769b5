/* Windows per (pathlet, TC), and what is charged to them (paper, 3.1.3).
 *
 * A packet is charged, in the bytes that it has on the wire when it is sent, to every pathlet of
 * the path that it is expected to take: what devices append on the way is not the sender's load.
 * The charge leaves with the acknowledgement, with the loss, or to another path.
 *
 * Pathlet 0 stands for whatever is unlabelled, which differs from destination to destination: its
 * window is kept per destination, so an unknown destination gets one initial window of its own, and
 * a network without labels behaves as TCP (3.1.3: one pathlet mimics TCP).
 *
 * Positions in the samples are read from one clock for the whole host, the bytes that it sent to
 * anyone. Models compare positions, to tell whether a packet was sent after an event: for that one
 * clock is as exact as one per window, and it stays right when charges move between windows.
 *
 * A window limits the sender at the moment when the NIC asks, there is something to send, and this
 * window has the least room of all on the path. Every packet in flight then was part of a full
 * window, so its acknowledgement lets the window grow; of packets sent later nothing is known yet.
 * A packet may always go when nothing is in flight, however small the window.
 *
 * A window unused for `window_ageing` halves for each such time that has passed, down to the
 * initial window, in the spirit of RFC 2861: what it knows about the pathlet fades.
 */
#include "mtp.h"

static struct mtp_window *window_new(struct mtp *mtp, uint32_t id, uint8_t tc)
{
    const struct sim_model *model = mtp->env->pathlet_model(mtp->env->network, id);
    if (!model || !model->plugin)
        model = &mtp->params->congestion;
    const struct sim_congestion_ops *ops = (const struct sim_congestion_ops *)model->plugin;
    struct mtp_window *window = mtp_new_lines(sizeof *window + ops->plugin.state_size);
    window->id = id;
    window->tc = tc;
    window->packet_bytes = mtp->env->mtu_bytes;
    window->ops = ops;
    const struct sim_congestion_env env = {
        .packet_bytes = mtp->env->mtu_bytes,
        .initial_window_bytes = mtp->params->initial_window * mtp->env->mtu_bytes,
        .line_bps = mtp->env->line_bps,
    };
    ops->init(window->state, model->params, &env, &window->control);
    mtp->windows = mtp_grow(mtp->windows, mtp->window_count, &mtp->window_capacity);
    mtp->windows[mtp->window_count++] = window;
    return window;
}

struct mtp_window *mtp_window_get(struct mtp *mtp, struct mtp_destination *destination, uint32_t id,
                                  uint8_t tc)
{
    struct mtp_window *window;
    if (id == 0) {
        for (window = destination->implicit; window; window = window->next)
            if (window->tc == tc)
                return window;
        window = window_new(mtp, id, tc);
        window->next = destination->implicit;
        return destination->implicit = window;
    }
    uint64_t key = (uint64_t)id << 8 | tc;
    window = demux_find(&mtp->window_by_key, key);
    if (!window) {
        window = window_new(mtp, id, tc);
        demux_add(&mtp->window_by_key, key, window);
    }
    return window;
}

/* ---- room ---- */

/* One round trip of the rate and a packet: in whole packets, less would not sustain the rate. */
uint64_t mtp_window_rate_cap(const struct mtp_window *window)
{
    unsigned __int128 bits =
        (unsigned __int128)window->control.rate_bps * (uint64_t)window->srtt / (uint64_t)SIM_S;
    return (uint64_t)(bits / 8) + window->packet_bytes;
}

bool mtp_window_is_full(const struct mtp_window *window, uint32_t bytes)
{
    return window->in_flight_bytes && mtp_window_room(window) < (int64_t)bytes;
}

int64_t mtp_path_least_room(const struct mtp_path *path)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < path->window_count; i++) {
        int64_t left = mtp_window_room(path->windows[i]);
        least = left < least ? left : least;
    }
    return least;
}

/* ---- charges ---- */

void mtp_window_age(const struct mtp *mtp, struct mtp_window *window, sim_time now)
{
    sim_time age = mtp->params->window_ageing;
    uint64_t initial = mtp->params->initial_window * mtp->env->mtu_bytes;
    for (sim_time idle = now - window->unused_at;
         idle >= age && window->control.window_bytes > initial; idle -= age) {
        uint64_t half = window->control.window_bytes / 2;
        window->control.window_bytes = half > initial ? half : initial;
    }
}

void mtp_window_pace(struct mtp_window *window, const struct mtp_record *record, sim_time now)
{
    struct sim_congestion *control = &window->control;
    if (window->ops->sending) {
        struct sim_send_sample sample = {
            .now = now,
            .srtt = window->srtt,
            .packet_bytes = record->charge,
            .position = record->clock,
            .in_flight_bytes = window->in_flight_bytes,
        };
        window->ops->sending(window->state, control, &sample);
    }
    if (!control->rate_bps)
        return;
    sim_time from = window->pace_at > now ? window->pace_at : now;
    window->pace_at = from + sim_wire_time(sim_rate_of(control->rate_bps), record->charge);
    window->pace_bps = control->rate_bps;
}

void mtp_charge_release(struct mtp *mtp, const struct mtp_record *record, sim_time now)
{
    for (uint32_t i = 0; i < record->path->window_count; i++) {
        struct mtp_window *window = record->path->windows[i];
        SIM_CHECK(window->in_flight_bytes >= record->charge,
                  "pathlet %u has %llu bytes in flight, %u are released", window->id,
                  (unsigned long long)window->in_flight_bytes, record->charge);
        window->in_flight_bytes -= record->charge;
        if (SIM_UNLIKELY(!window->in_flight_bytes))
            window->unused_at = now;
        if (window->waiting)
            mtp_paths_wake(mtp, &window->waiting);
    }
}

void mtp_charge_move(struct mtp *mtp, struct mtp_record *record, struct mtp_path *path,
                     sim_time now)
{
    mtp_charge_release(mtp, record, now);
    record->path = path;
    for (uint32_t i = 0; i < path->window_count; i++)
        mtp_window_charge(mtp, path->windows[i], record->charge, now);
}

/* ---- what the models hear ---- */

/* Whether the window's model, or any, knows what that type means. If not, the entry is skipped by
 * its length. Marks are the transport's to read. */
static bool is_known(const struct mtp_window *window, uint8_t type)
{
    if (type == SIM_FEEDBACK_PRESENCE || type == SIM_FEEDBACK_ECN || type == window->ops->reads)
        return true;
    return !window->ops->reads && (type < SIM_FEEDBACK_TYPES || type >= SIM_FEEDBACK_PLUGIN);
}

/* The rate has changed while it held a packet back: so has the time for which it does. */
static void window_repace(struct mtp_window *window, sim_time now)
{
    uint64_t bps = window->control.rate_bps;
    if (!bps) {
        window->pace_at = now;
    } else if (bps != window->pace_bps) {
        double left = (double)(window->pace_at - now);
        window->pace_at = now + (sim_time)(left * (double)window->pace_bps / (double)bps);
        window->pace_bps = bps;
    }
}

static inline void window_acked(struct mtp *mtp, struct mtp_window *window,
                                const struct mtp_record *record, const struct sim_feedback *entry,
                                struct sim_ack_sample *sample)
{
    bool marked = entry && entry->type == SIM_FEEDBACK_ECN && entry->value;
    if (SIM_UNLIKELY(entry && !is_known(window, entry->type))) {
        mtp->counts.unknown_feedback++;
        entry = NULL;
    }
    sample->marked_bytes = marked ? record->charge : 0;
    sample->in_flight_bytes = window->in_flight_bytes;
    sample->window_limited = record->clock < window->limited_clock;
    sample->feedback = entry;
    if (sample->rtt)
        window->srtt = window->srtt ? window->srtt + (sample->rtt - window->srtt) / 8 : sample->rtt;
    window->ops->acked(window->state, &window->control, sample);
    if (SIM_UNLIKELY(window->pace_at > sample->now))
        window_repace(window, sample->now);
}

/* A pathlet is on the path twice: the report as one entry per window, and how many each was made
 * of. */
static __attribute__((noinline, cold)) void path_acked_folded(struct mtp *mtp,
                                                              const struct mtp_record *record,
                                                              const struct mtp_report *report,
                                                              struct sim_ack_sample *sample)
{
    const struct mtp_path *path = record->path;
    struct sim_feedback folded[SIM_MTP_LIST_MAX];
    uint32_t hops[SIM_MTP_LIST_MAX] = {0};
    for (uint32_t i = 0; i < report->count; i++) {
        uint32_t window = path->window_of[i];
        struct sim_feedback entry = sim_feedback_get(report->lists, report->rare, i);
        if (hops[window]++)
            sim_feedback_fold(&folded[window], &entry);
        else
            folded[window] = entry;
    }
    for (uint32_t i = 0; i < path->window_count; i++) {
        sample->hops = hops[i];
        window_acked(mtp, path->windows[i], record, &folded[i], sample);
    }
}

void mtp_path_acked(struct mtp *mtp, const struct mtp_record *record,
                    const struct mtp_report *report, sim_time rtt, sim_time now)
{
    const struct mtp_path *path = record->path;
    struct sim_ack_sample sample = {
        .now = now,
        .rtt = rtt,
        .acked_bytes = record->charge,
        .position = record->clock,
        .sent = mtp->clock,
        .hops = report != NULL,
    };
    if (SIM_UNLIKELY(path->repeats && report)) {
        path_acked_folded(mtp, record, report, &sample);
        return;
    }
    for (uint32_t i = 0; i < path->window_count; i++) {
        struct sim_feedback entry;
        if (report)
            entry = sim_feedback_get(report->lists, report->rare, i);
        window_acked(mtp, path->windows[i], record, report ? &entry : NULL, &sample);
    }
}

static struct sim_loss_sample loss_sample(const struct mtp *mtp, const struct mtp_record *record,
                                          const struct mtp_window *window, sim_time now)
{
    return (struct sim_loss_sample){
        .now = now,
        .position = record->clock,
        .sent = mtp->clock,
        .in_flight_bytes = window->in_flight_bytes,
    };
}

void mtp_path_lost(struct mtp *mtp, const struct mtp_record *record, sim_time now)
{
    for (uint32_t i = 0; i < record->path->window_count; i++) {
        struct mtp_window *window = record->path->windows[i];
        struct sim_loss_sample sample = loss_sample(mtp, record, window, now);
        window->ops->lost(window->state, &window->control, &sample);
    }
}

void mtp_path_timed_out(struct mtp *mtp, const struct mtp_record *record, sim_time now)
{
    for (uint32_t i = 0; i < record->path->window_count; i++) {
        struct mtp_window *window = record->path->windows[i];
        struct sim_loss_sample sample = loss_sample(mtp, record, window, now);
        window->ops->timeout(window->state, &window->control, &sample);
    }
}
