/* Requests: what a model asks of its pathlet, in the packet that will cross it (XCP's congestion
 * header is one).
 *
 * The request is an entry of path feedback that the sender itself puts into the packet, one for
 * each pathlet of the path that the packet is charged to whose model has something to ask; the port
 * answers in its place. Its bytes are part of the packet's size and charge, and take from the
 * headroom that full packets leave for feedback. Without room under the MTU nothing is asked.
 *
 * Each transmission asks anew: a retransmission carries what is true when it is sent. A request for
 * a pathlet that the packet does not cross after all, because the path has changed, comes to the
 * receiver as it was; the receiver leaves it out of its answer, so the sender learns the path as it
 * is. Pathlet 0 is no port, and is asked nothing.
 */
#include "mtp.h"

static bool asks(const struct mtp_window *window)
{
    return window->id && window->ops->request;
}

uint32_t mtp_requests_bytes(const struct mtp_path *path)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < path->window_count; i++) {
        const struct mtp_window *window = path->windows[i];
        if (asks(window))
            bytes += mtp_feedback_growth(bytes == 0, window->ops->request_bytes);
    }
    return bytes;
}

static struct sim_feedback request_of(const struct mtp_window *window,
                                      const struct sim_send_sample *sample)
{
    const struct sim_congestion_ops *ops = window->ops;
    struct sim_feedback entry = {
        .path = window->id,
        .tc = window->tc,
        .type = SIM_FEEDBACK_REQUEST,
        .length = ops->request_bytes,
    };
    ops->request((void *)window->state, &window->control, sample, &entry);
    SIM_CHECK(sim_feedback_is_request(entry.type) && entry.length == ops->request_bytes,
              "model \"%s\" asks with type %u and %u bytes", ops->plugin.name, entry.type,
              entry.length);
    return entry;
}

void mtp_requests_fill(const struct mtp *mtp, const struct mtp_path *path,
                       struct sim_packet *packet, const struct mtp_record *record)
{
    union sim_packet_lists *lists = sim_packet_lists(mtp->env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(mtp->env->pool, packet);
    struct sim_send_sample sample = {
        .now = record->sent_at,
        .packet_bytes = record->charge,
        .position = record->clock,
    };
    for (uint32_t i = 0; i < path->window_count; i++) {
        const struct mtp_window *window = path->windows[i];
        if (!asks(window))
            continue;
        sample.srtt = window->srtt;
        sample.in_flight_bytes = window->in_flight_bytes;
        struct sim_feedback entry = request_of(window, &sample);
        sim_feedback_put(lists, rare, packet->mtp.path_count++, &entry);
    }
    packet->flags |= SIM_PACKET_REQUESTS;
}
