#include "support/mtp_case.h"

extern const struct sim_congestion_ops dctcp_congestion;

static const struct {
    double g;
} dctcp_defaults = {0.0625};

static const uint32_t *pathlets_now(const struct mtp_route *route, sim_time now)
{
    bool after = route->period ? now / route->period % 2 : now >= route->switch_at;
    return after ? route->after : route->before;
}

static void collect(struct wire *wire, struct sim_packet *packet, void *context)
{
    const struct mtp_route *route = context;
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    const uint32_t *ids = pathlets_now(route, wire_now(wire));
    uint64_t draw = sim_mix64(packet->mtp.message * 31 + packet->mtp.packet + 1) >> 11;
    bool marked = (double)draw / (double)(UINT64_C(1) << 53) < route->mark;
    for (uint32_t i = 0; i < SIM_MTP_LIST_MAX && ids[i]; i++) {
        packet->size_bytes += (uint16_t)mtp_feedback_growth(packet->mtp.path_count == 0, 1);
        lists->mtp.path[packet->mtp.path_count++] = (struct sim_path_entry){
            .path = ids[i],
            .type = SIM_FEEDBACK_ECN,
            .length = 1,
            .value = marked && ids[i] == route->mark_path,
        };
    }
}

bool mtp_case_is_before(const struct sim_packet *packet, void *context)
{
    const struct mtp_case *test = context;
    (void)packet;
    return pathlets_now(&test->route, wire_now(test->wire)) == test->route.before;
}

void mtp_case_init(struct mtp_case *test)
{
    *test = (struct mtp_case){
        .params =
            {
                .congestion = {&dctcp_congestion.plugin, (void *)&dctcp_defaults},
                .initial_window = 10,
                .loss_threshold = 3,
                .feedback_headroom = 8,
                .feedback_every = 1,
                .min_rto = SIM_MS,
                .initial_rto = 3 * SIM_MS,
                .give_up = SIM_S,
                .window_ageing = 100 * SIM_MS,
                .path_exclude = true,
            },
        .route = {.before = {1}, .after = {1}},
        .config = {.host_count = 2, .delay = 10 * SIM_US, .rate_bps = 100000000000, .seed = 1},
    };
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_DATA,
                                           .from = WIRE_ANY_HOST,
                                           .count = WIRE_ALL,
                                           .action = WIRE_TRANSFORM,
                                           .transform = collect});
}

struct wire_rule *mtp_case_rule(struct mtp_case *test, struct wire_rule rule)
{
    ck_assert_uint_lt(test->config.rule_count, MTP_CASE_RULES);
    struct wire_rule *added = &test->rules[test->config.rule_count++];
    *added = rule;
    return added;
}

void mtp_case_start(struct mtp_case *test)
{
    test->rules[0].context = &test->route;
    test->config.rules = test->rules;
    test->config.hosts[0] = (struct wire_host_config){&mtp_transport, &test->params};
    test->wire = wire_new(&test->config);
}

struct mtp *mtp_case_host(struct mtp_case *test, uint32_t host)
{
    return wire_state(test->wire, host);
}

uint32_t mtp_case_path(struct mtp *mtp)
{
    const struct mtp_path *path = mtp->streams->path;
    uint32_t digits = 0;
    for (uint32_t i = 0; path && i < path->entry_count; i++)
        digits = digits * 10 + (uint32_t)(path->entries[i] >> 8);
    return digits;
}

const struct mtp_window *mtp_case_window(const struct mtp *mtp, uint32_t id)
{
    for (uint32_t i = 0; i < mtp->window_count; i++)
        if (mtp->windows[i]->id == id && mtp->windows[i]->tc == 0)
            return mtp->windows[i];
    return NULL;
}

/* ---- charges ---- */

static uint64_t charged_in(const struct mtp_ring *ring, const struct mtp_window *window)
{
    uint64_t bytes = 0;
    for (uint64_t number = ring->oldest; number < ring->next; number++) {
        const struct mtp_record *record = mtp_ring_at(ring, (uint32_t)number);
        if (record->state != MTP_FLIGHT)
            continue;
        for (uint32_t i = 0; i < record->path->window_count; i++)
            bytes += record->path->windows[i] == window ? record->charge : 0;
    }
    return bytes;
}

void mtp_case_check_charges(struct mtp *mtp)
{
    for (uint32_t i = 0; i < mtp->window_count; i++) {
        const struct mtp_window *window = mtp->windows[i];
        uint64_t bytes = 0;
        for (uint32_t j = 0; j < mtp->destination_count; j++)
            bytes += charged_in(&mtp->destinations[j]->ring, window);
        for (const struct mtp_stream *stream = mtp->streams; stream; stream = stream->next)
            bytes += charged_in(&stream->own, window);
        ck_assert_msg(bytes == window->in_flight_bytes,
                      "pathlet %u holds %llu bytes, %llu are in flight", window->id,
                      (unsigned long long)window->in_flight_bytes, (unsigned long long)bytes);
    }
}

void mtp_case_check_empty(struct mtp *mtp)
{
    ck_assert_ptr_null(mtp->streams);
    for (uint32_t i = 0; i < mtp->window_count; i++)
        ck_assert_uint_eq(mtp->windows[i]->in_flight_bytes, 0);
    for (uint32_t i = 0; i < mtp->destination_count; i++) {
        const struct mtp_destination *destination = mtp->destinations[i];
        ck_assert_uint_eq(destination->ring.oldest, destination->ring.next);
        ck_assert_ptr_null(destination->pending);
        ck_assert_ptr_null(destination->starved);
    }
    ck_assert_uint_eq(mtp->ready.count, 0);
}
