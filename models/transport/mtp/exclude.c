/* Path exclude (3.1.3): "end-hosts communicate back to the network which pathlets the network
 * should not use".
 *
 * A message that has not begun, and whose path has a full pathlet, lists the full pathlets on its
 * first packet when the destination has answered over another path that has room, and expects that
 * path: its packets are charged there until its own acknowledgements tell.
 *
 * A message of several packets also asks when its path has room for its first packet but not for
 * all of it, and another one has: it would stop half-way. And where the network heeds what is
 * asked, and so places messages one by one, a message stays with the path that it began with until
 * its own acknowledgements tell: what others report says nothing of it. (On a circuit it does:
 * there the message follows its flow.)
 *
 * A network that does not listen (a circuit, a plain hash) would be overloaded by what is charged
 * elsewhere. So when the first report names an excluded pathlet, the destination gets no list for
 * 16 least round trips, then 32, 64, ...; a report that does not resets this.
 *
 * Besides, a host may list the same pathlets in every message (`avoid`): a policy of the end-host,
 * not an answer to congestion. The network is free to take such a path when it has no other, so
 * nothing is concluded from a message that took it.
 *
 * Blobs ask for nothing: their packets are messages each, and a blob that is spread over two paths
 * has no path that its charges could follow.
 */
#include "mtp.h"

#include <stdlib.h>

#define HOLD_LEAST_RTTS 16

/* ---- what is always avoided ---- */

int mtp_exclude_parse(const char *text, uint32_t ids[static SIM_MTP_LIST_MAX])
{
    int count = 0;
    for (const char *at = text; at;) {
        char *end;
        unsigned long long id = strtoull(at, &end, 10);
        bool digits = *at >= '0' && *at <= '9';
        if (!digits || id == 0 || id > UINT32_MAX || count == SIM_MTP_LIST_MAX)
            return -1;
        ids[count++] = (uint32_t)id;
        if (*end && *end != ',')
            return -1;
        at = *end ? end + 1 : NULL;
        while (at && *at == ' ')
            at++;
    }
    return count;
}

void mtp_exclude_begin(struct mtp_stream *stream)
{
    const struct mtp *mtp = stream->mtp;
    for (uint32_t i = 0; i < mtp->avoid_count; i++)
        stream->exclude[i] = (struct sim_path_exclude){.path = mtp->avoid[i]};
    stream->exclude_count = mtp->avoid_count;
}

/* Whether it lists more than that. */
static bool asked(const struct mtp_stream *stream)
{
    return !stream->blob && stream->exclude_count > stream->mtp->avoid_count;
}

/* ---- what is full ---- */

void mtp_exclude_remember(struct mtp_destination *destination, struct mtp_path *path)
{
    for (uint32_t i = 0; i < destination->known_count; i++)
        if (destination->known[i] == path)
            return;
    destination->known[destination->known_next] = path;
    destination->known_next = (uint8_t)((destination->known_next + 1) % MTP_KNOWN_PATHS);
    if (destination->known_count < MTP_KNOWN_PATHS)
        destination->known_count++;
    if (destination->known_count > 1 && destination->mtp->params->path_exclude)
        destination->mtp->may_exclude = true;
}

/* The known path with the most room. */
static struct mtp_path *best_other(const struct mtp_destination *destination,
                                   const struct mtp_path *path, uint32_t bytes, sim_time now)
{
    struct mtp_path *best = NULL;
    for (uint32_t i = 0; i < destination->known_count; i++) {
        struct mtp_path *other = destination->known[i];
        struct mtp_room room;
        if (other == path || !mtp_path_room(other, bytes, now, &room))
            continue;
        if (!best || mtp_path_least_room(other) > mtp_path_least_room(best))
            best = other;
    }
    return best;
}

static void list_full(struct mtp_stream *stream, const struct mtp_path *path, uint64_t bytes)
{
    for (uint32_t i = 0; i < path->window_count; i++) {
        const struct mtp_window *window = path->windows[i];
        if (window->id == 0 || mtp_window_room(window) >= (int64_t)bytes ||
            stream->exclude_count == SIM_MTP_LIST_MAX)
            continue;
        stream->exclude[stream->exclude_count++] =
            (struct sim_path_exclude){.path = window->id, .tc = window->tc};
    }
}

static bool may_ask(const struct mtp_stream *stream, sim_time now)
{
    const struct mtp_destination *destination = stream->destination;
    return !stream->blob && !stream->started && !stream->path && destination->known_count > 1 &&
           now >= destination->exclude_after &&
           (!destination->exclude_asked || destination->exclude_heeded);
}

/* The message asks for `other` instead of `path`, whose windows have no room for so many bytes. */
static bool ask_for(struct mtp_stream *stream, struct mtp_path *other, const struct mtp_path *path,
                    uint64_t bytes, sim_time now)
{
    list_full(stream, path, bytes);
    if (!asked(stream))
        return false;
    stream->destination->exclude_asked = true;
    stream->path = other;
    mtp_stream_divide(stream);
    mtp_stream_changed(stream, now);
    return true;
}

bool mtp_exclude_ask(struct mtp_stream *stream, const struct mtp_path *path, sim_time now)
{
    uint32_t bytes = mtp_stream_next_bytes(stream, path);
    struct mtp_path *other =
        may_ask(stream, now) ? best_other(stream->destination, path, bytes, now) : NULL;
    return other && ask_for(stream, other, path, bytes, now);
}

bool mtp_exclude_start(struct mtp_stream *stream, struct mtp_path *path, sim_time now)
{
    uint64_t bytes = stream->bytes + (uint64_t)stream->packets * (MTP_IP_BYTES + MTP_FIXED_BYTES);
    if (stream->packets < 2 || stream->path)
        return false;
    if (mtp_path_least_room(path) < (int64_t)bytes && may_ask(stream, now)) {
        struct mtp_path *other =
            best_other(stream->destination, path, stream->mtp->env->mtu_bytes, now);
        if (other && mtp_path_least_room(other) >= (int64_t)bytes &&
            ask_for(stream, other, path, bytes, now))
            return true;
    }
    if (stream->destination->exclude_heeded)
        stream->path = path;
    return false;
}

struct mtp_stream *mtp_exclude_next(const struct mtp_path *path, const struct mtp_stream *last,
                                    sim_time now)
{
    struct mtp_stream *next = NULL;
    for (uint32_t i = 0; i < path->queues.count; i++) {
        struct mtp_stream *stream = path->queues.entries[i]->stream;
        if (may_ask(stream, now) && (!last || mtp_stream_before(last, stream)) &&
            (!next || mtp_stream_before(stream, next)))
            next = stream;
    }
    return next;
}

static bool is_excluded(const struct mtp_stream *stream, const struct mtp_path *path)
{
    for (uint32_t i = 0; i < path->entry_count; i++)
        for (uint32_t j = stream->mtp->avoid_count; j < stream->exclude_count; j++)
            if (path->entries[i] ==
                ((uint64_t)stream->exclude[j].path << 8 | stream->exclude[j].tc))
                return true;
    return false;
}

void mtp_exclude_answer(struct mtp_stream *stream, const struct mtp_path *path, sim_time now)
{
    struct mtp_destination *destination = stream->destination;
    if (!asked(stream))
        return;
    destination->exclude_asked = false;
    destination->exclude_heeded = !is_excluded(stream, path);
    if (destination->exclude_heeded) {
        destination->exclude_hold = 0;
        return;
    }
    sim_time hold = destination->exclude_hold ? destination->exclude_hold * 2
                                              : destination->least_rtt * HOLD_LEAST_RTTS;
    destination->exclude_hold = hold;
    destination->exclude_after = now + hold;
}

void mtp_exclude_forget(struct mtp_stream *stream)
{
    if (asked(stream) && !stream->path_clock)
        stream->destination->exclude_asked = false;
}
