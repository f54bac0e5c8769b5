/* trim: a short FIFO that cuts the payload off what finds it full; headers go first.
 *
 * Handley et al., "Re-architecting datacenter networks and stacks for low latency and high
 * performance" (NDP), SIGCOMM 2017, 3.1. Paper: 4 ("NDP": trimming plus NACK).
 *
 * The header of a trimmed packet overtakes the data, so that the receiver knows of the loss before
 * what was ahead of it arrives, and says so (NACK). Acknowledgements and other packets without
 * payload are served like headers. After `headers_in_turn` of them a data packet goes, if one
 * waits: headers alone would otherwise fill the link under a large incast (NDP's ratio is 10).
 *
 * Only MTP knows a trimmed packet; others are dropped as by any full queue. A queue of headers that
 * is full drops too. NDP trims the arriving packet or the last in the queue, at random, against
 * phase effects; here it is always the arriving one. Headers go back to nobody but the receiver
 * (NDP's return-to-sender is not modelled).
 */
#include <mtpsim/queue.h>

struct trim_params {
    uint64_t capacity, mark_at; /* packets */
    uint64_t header_capacity;
    uint64_t headers_in_turn;
};

struct trim {
    const struct trim_params *params;
    struct sim_packet_list data, headers;
    uint64_t turn; /* headers sent while data waited, since the last data packet */
};

static void trim_init(void *self, const void *params)
{
    struct trim *queue = self;
    queue->params = params;
}

static bool is_header(const struct sim_packet *packet)
{
    if (packet->flags & SIM_PACKET_TRIMMED)
        return true;
    return packet->protocol != SIM_PROTOCOL_RAW && packet->common.payload_bytes == 0;
}

static enum sim_verdict trim_admit(void *self, const struct sim_queue_view *view,
                                   const struct sim_packet *packet)
{
    struct trim *queue = self;
    (void)view;
    bool headers_full = queue->headers.packets >= queue->params->header_capacity;
    if (is_header(packet))
        return headers_full ? SIM_DROP : SIM_ACCEPT;
    if (queue->data.packets >= queue->params->capacity)
        return packet->protocol != SIM_PROTOCOL_MTP || headers_full ? SIM_DROP : SIM_TRIM;
    return queue->data.packets > queue->params->mark_at ? SIM_MARK : SIM_ACCEPT;
}

static void trim_put(void *self, struct sim_pool *pool, struct sim_packet *packet)
{
    struct trim *queue = self;
    sim_packet_list_put(is_header(packet) ? &queue->headers : &queue->data, pool, packet);
}

static struct sim_packet *trim_take(void *self, struct sim_pool *pool)
{
    struct trim *queue = self;
    bool data_turn = queue->data.packets && queue->turn >= queue->params->headers_in_turn;
    if (queue->headers.packets && !data_turn) {
        queue->turn = queue->data.packets ? queue->turn + 1 : 0;
        return sim_packet_list_take(&queue->headers, pool);
    }
    queue->turn = 0;
    return sim_packet_list_take(&queue->data, pool);
}

static const char *trim_check(const void *params)
{
    const struct trim_params *p = params;
    return p->mark_at >= p->capacity ? "mark_at is not below capacity: nothing would ever be marked"
                                     : NULL;
}

static const struct sim_param trim_table[] = {
    {.name = "capacity",
     .help = "data packets that may wait; what finds as many is trimmed",
     .fallback = "8",
     .offset = offsetof(struct trim_params, capacity),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "mark_at",
     .help = "a packet that finds more data packets than this is marked",
     .fallback = "6",
     .offset = offsetof(struct trim_params, mark_at),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "header_capacity",
     .help = "headers and acknowledgements that may wait",
     .fallback = "1000",
     .offset = offsetof(struct trim_params, header_capacity),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "headers_in_turn",
     .help = "headers that may go before a data packet does",
     .fallback = "10",
     .offset = offsetof(struct trim_params, headers_in_turn),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

const struct sim_queue_ops trim_queue = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_QUEUE,
               .name = "trim",
               .summary = "a short FIFO that trims what does not fit; headers go first",
               .source = "paper, 4; NDP, SIGCOMM 2017",
               .state_size = sizeof(struct trim),
               .params_size = sizeof(struct trim_params),
               .params = trim_table,
               .check = trim_check},
    .init = trim_init,
    .admit = trim_admit,
    .put = trim_put,
    .take = trim_take,
};
