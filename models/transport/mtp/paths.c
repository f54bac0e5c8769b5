/* Paths: each ordered list of (pathlet, TC) that feedback ever named exists once, so that the
 * common acknowledgement compares a few numbers and takes no look-up.
 *
 * Destinations share a path of equal list, and with it the round-trip time and back-off; pathlet 0
 * differs per destination and so does a path with it.
 *
 * The timeout is RFC 6298's, from the path's own round-trip times, between min_rto and a minute. It
 * doubles with each timeout, up to 64 times, until a packet that was sent once is acknowledged: also
 * where this gives no round-trip time, as when a device acknowledges early or a later
 * acknowledgement repeats it (RFC 9002, 6.2.1; RFC 6298, 5 waits for a time to measure). Packets
 * that were in flight at a timeout do not double it again.
 */
#include "mtp.h"

#include <stdlib.h>

#define RTO_MAX     (60 * SIM_S)
#define BACKOFF_MAX 6

bool mtp_path_begins(const struct mtp_path *path, const struct mtp_path *longer)
{
    if (path->entry_count >= longer->entry_count)
        return false;
    for (uint32_t i = 0; i < path->entry_count; i++)
        if (path->entries[i] != longer->entries[i])
            return false;
    return true;
}

static void path_add_window(struct mtp_path *path, uint32_t entry, struct mtp_window *window)
{
    uint8_t place = 0;
    while (place < path->window_count && path->windows[place] != window)
        place++;
    if (place == path->window_count)
        path->windows[path->window_count++] = window;
    else
        path->repeats = true;
    path->window_of[entry] = place;
}

static struct mtp_path *path_new(struct mtp *mtp, struct mtp_destination *destination,
                                 const struct sim_path_entry *entries, uint32_t count)
{
    struct mtp_path *path = mtp_new_lines(sizeof *path);
    path->index = mtp->path_count;
    path->rto = mtp->params->initial_rto;
    path->entry_count = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++) {
        path->entries[i] = mtp_entry_key(&entries[i]);
        path_add_window(path, i, mtp_window_get(mtp, destination, entries[i].path, entries[i].tc));
        if (entries[i].path == 0)
            path->destination = destination;
    }
    path->request_bytes = (uint8_t)mtp_requests_bytes(path);
    path->queue.path = path;
    path->asker.asks = true;
    mtp->paths = mtp_grow(mtp->paths, mtp->path_count, &mtp->path_capacity);
    mtp->paths[mtp->path_count++] = path;
    return path;
}

static uint64_t hash_of(const struct mtp_destination *destination,
                        const struct sim_path_entry *entries, uint32_t count)
{
    uint64_t hash = count;
    bool implicit = false;
    for (uint32_t i = 0; i < count; i++) {
        hash = sim_mix64(hash * 31 + mtp_entry_key(&entries[i]));
        implicit |= entries[i].path == 0;
    }
    return implicit ? sim_mix64(hash + 1 + destination->index) : hash;
}

struct mtp_path *mtp_path_get(struct mtp *mtp, struct mtp_destination *destination,
                              const struct sim_path_entry *entries, uint32_t count)
{
    uint64_t hash = hash_of(destination, entries, count);
    struct mtp_path *first = demux_find(&mtp->path_by_hash, hash), *path = first;
    while (path && !mtp_path_is(path, destination, entries, count))
        path = path->next;
    if (path)
        return path;
    path = path_new(mtp, destination, entries, count);
    if (first) {
        path->next = first->next;
        first->next = path;
    } else {
        demux_add(&mtp->path_by_hash, hash, path);
    }
    return path;
}

void mtp_path_free(struct mtp_path *path)
{
    mtp_queue_clear(&path->queue);
    mtp_heap_clear(&path->queues);
    free(path);
}

/* ---- time ---- */

static sim_time path_rto(const struct mtp *mtp, const struct mtp_path *path)
{
    sim_time rto = path->srtt ? path->srtt + 4 * path->rttvar : mtp->params->initial_rto;
    rto = rto > mtp->params->min_rto ? rto : mtp->params->min_rto;
    rto <<= path->backoff;
    return rto < RTO_MAX ? rto : RTO_MAX;
}

void mtp_path_measured(struct mtp *mtp, struct mtp_path *path, uint64_t clock, sim_time rtt)
{
    if (SIM_LIKELY(clock > path->newest_acked))
        path->newest_acked = clock;
    if (SIM_LIKELY(path->srtt)) {
        sim_time error = rtt - path->srtt;
        path->rttvar += ((error < 0 ? -error : error) - path->rttvar) / 4;
        path->srtt += error / 8;
    } else {
        path->srtt = rtt;
        path->rttvar = rtt / 2;
    }
    path->backoff = 0;
    path->rto = path_rto(mtp, path);
}

void mtp_path_answered(const struct mtp *mtp, struct mtp_path *path)
{
    if (!path->backoff)
        return;
    path->backoff = 0;
    path->rto = path_rto(mtp, path);
}

void mtp_path_back_off(struct mtp *mtp, struct mtp_path *path, uint64_t clock)
{
    if (clock < path->backoff_clock)
        return;
    path->backoff_clock = mtp->clock;
    if (path->backoff < BACKOFF_MAX)
        path->backoff++;
    path->rto = path_rto(mtp, path);
}
