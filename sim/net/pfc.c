#include "net/pfc.h"

#include "net/node.h"
#include "net/port_private.h"

/* While a packet waits, next_arrival is its place in the order of arrivals, and its input below. */
#define INPUT_BITS 16

static uint32_t pfc_class(const struct pfc_node *pfc, const struct sim_packet *packet)
{
    uint32_t last = pfc->spec->classes - 1;
    return packet->priority < last ? packet->priority : last;
}

static uint8_t class_bit(uint32_t class)
{
    return (uint8_t)(1u << class);
}

/* Whose packets are counted: the input, unless its link has no flow control; or NULL. */
static struct pfc_input *lossless_input(const struct pfc_node *pfc, uint32_t number)
{
    if (!pfc->inputs || number == PFC_NO_INPUT || !pfc->inputs[number].lossless)
        return NULL;
    return &pfc->inputs[number];
}

/* ---- the half that holds back ---- */

static void pfc_tell(struct pfc_node *pfc, uint32_t input, uint32_t class, bool pause, sim_time now)
{
    struct sim_packet *frame = sim_packet_new(pfc->worker->pool);
    frame->protocol = SIM_PROTOCOL_PAUSE;
    frame->size_bytes = PFC_FRAME_BYTES;
    frame->src = frame->dst = UINT32_MAX;
    frame->words[0] = (uint64_t) class << 1 | pause;
    pfc->frames_sent++;
    port_control(pfc->worker, &pfc->node->ports[input], frame, now);
}

static void input_hold(struct pfc_node *pfc, uint32_t number, uint32_t class, uint64_t bytes,
                       sim_time now)
{
    struct pfc_input *input = lossless_input(pfc, number);
    if (!input)
        return;
    input->bytes[class] += bytes;
    if (input->bytes[class] <= pfc->spec->xoff_bytes || (input->told & class_bit(class)))
        return;
    input->told |= class_bit(class);
    pfc_tell(pfc, number, class, true, now);
}

static void input_release(struct pfc_node *pfc, uint32_t number, uint32_t class, uint64_t bytes,
                          sim_time now)
{
    struct pfc_input *input = lossless_input(pfc, number);
    if (!input)
        return;
    input->bytes[class] -= bytes;
    if (input->bytes[class] > pfc->spec->xon_bytes || !(input->told & class_bit(class)))
        return;
    input->told &= (uint8_t)~class_bit(class);
    pfc_tell(pfc, number, class, false, now);
}

/* ---- the waiting packets ---- */

static void pfc_put(struct backlog *backlog, uint32_t class, struct sim_packet *packet,
                    sim_time now)
{
    struct pfc_port *port = backlog->pfc;
    struct pfc_node *pfc = port->at;
    packet->next_arrival = (sim_time)(pfc->order++ << INPUT_BITS | pfc->input);
    sim_packet_list_put(&port->waiting[class], backlog->worker->pool, packet);
    port->busy |= class_bit(class);
    backlog->packets++;
    backlog->bytes += packet->size_bytes;
    input_hold(pfc, pfc->input, class, packet->size_bytes, now);
}

/* The class whose first packet came first, of those that are not paused. */
static uint32_t pfc_next_class(const struct backlog *backlog)
{
    const struct pfc_port *port = backlog->pfc;
    uint32_t best = PFC_CLASSES_MAX;
    sim_time first = SIM_NEVER;
    for (uint32_t open = port->busy & ~port->paused; open; open &= open - 1) {
        uint32_t class = (uint32_t)__builtin_ctz(open);
        sim_time order =
            sim_packet_at(backlog->worker->pool, port->waiting[class].head)->next_arrival;
        if (order < first) {
            first = order;
            best = class;
        }
    }
    return best;
}

static struct sim_packet *pfc_take(struct backlog *backlog, uint32_t class)
{
    struct pfc_port *port = backlog->pfc;
    struct sim_packet *packet = sim_packet_list_take(&port->waiting[class], backlog->worker->pool);
    if (!port->waiting[class].head)
        port->busy &= (uint8_t)~class_bit(class);
    backlog->packets--;
    backlog->bytes -= packet->size_bytes;
    return packet;
}

static bool may_send(const struct backlog *backlog)
{
    return backlog->pfc->busy & ~backlog->pfc->paused;
}

/* The wire is free, unless a frame went first. */
static void pfc_fire(struct sim_timer *timer, sim_time now)
{
    struct backlog *backlog = (struct backlog *)timer;
    struct pfc_node *pfc = backlog->pfc->at;
    struct port *port = backlog->port;
    if (port->busy_until > now) {
        sim_timer_set(&backlog->node->timers, timer, port->busy_until);
        return;
    }
    uint32_t class = pfc_next_class(backlog);
    if (class == PFC_CLASSES_MAX)
        return;
    struct sim_packet *packet = pfc_take(backlog, class);
    uint32_t input = (uint32_t)packet->next_arrival & ((1u << INPUT_BITS) - 1);
    uint64_t bytes = packet->size_bytes;
    port_transmit(backlog->worker, port, packet, now);
    input_release(pfc, input, class, bytes, now);
    if (may_send(backlog))
        sim_timer_set(&backlog->node->timers, timer, port->busy_until);
}

/* Starts the packet, or lets it wait. While the timer is not set nothing waits that might go. */
static enum port_verdict pfc_enqueue(struct worker *worker, struct port *port,
                                     struct sim_packet *packet, enum port_verdict verdict,
                                     sim_time now)
{
    struct backlog *backlog = port->backlog;
    uint32_t class = pfc_class(backlog->pfc->at, packet);
    bool open = !(backlog->pfc->paused & class_bit(class));
    bool idle = backlog->timer.deadline == SIM_NEVER;
    if (open && idle && port->busy_until <= now)
        return port_transmit(worker, port, packet, now) ? verdict : PORT_LOST;
    pfc_put(backlog, class, packet, now);
    if (open && idle)
        sim_timer_set(&backlog->node->timers, &backlog->timer, port->busy_until);
    return verdict;
}

/* A full queue marks; a full input drops. */
static enum sim_verdict pfc_verdict(struct port *port, struct sim_packet *packet,
                                    const struct sim_queue_view *view)
{
    const struct pfc_node *pfc = port->backlog->pfc->at;
    const struct pfc_input *input = lossless_input(pfc, pfc->input);
    enum sim_verdict verdict = port_verdict_of(port, packet, view);
    if (!input)
        return verdict;
    if (input->bytes[pfc_class(pfc, packet)] + packet->size_bytes > input->limit_bytes)
        return SIM_DROP;
    return verdict == SIM_DROP ? SIM_MARK : verdict;
}

enum port_verdict pfc_forward(struct worker *worker, struct port *port, struct sim_packet *packet,
                              sim_time now)
{
    struct sim_queue_view view = backlog_view(port, now);
    enum sim_verdict verdict = pfc_verdict(port, packet, &view);
    sim_time start = now + sim_rate_time(port->rate, view.bytes);
    if (!port_admit(worker, port, packet, verdict, start, now))
        return PORT_DROPPED;
    return pfc_enqueue(worker, port, packet, (enum port_verdict)verdict, now);
}

enum port_verdict pfc_send(struct worker *worker, struct port *port, struct sim_packet *packet,
                           sim_time now)
{
    sim_time start = port->busy_until > now ? port->busy_until : now;
    port_admit(worker, port, packet, SIM_ACCEPT, start, now);
    return pfc_enqueue(worker, port, packet, PORT_SENT, now);
}

/* ---- the half that obeys ---- */

static void port_pause(struct pfc_port *port, uint32_t class, sim_time now)
{
    if (!port->paused)
        port->paused_since = now;
    port->paused |= class_bit(class);
    port->pauses++;
}

static void port_resume(struct backlog *backlog, uint32_t class, sim_time now)
{
    struct pfc_port *port = backlog->pfc;
    port->paused &= (uint8_t)~class_bit(class);
    if (!port->paused)
        port->paused_time += now - port->paused_since;
    if (backlog->timer.deadline == SIM_NEVER && may_send(backlog))
        pfc_fire(&backlog->timer, now);
}

uint32_t pfc_obey(struct worker *worker, struct node *node, uint32_t port, struct sim_packet *frame,
                  sim_time now)
{
    struct backlog *backlog = node->ports[port].backlog;
    uint32_t class = (uint32_t)(frame->words[0] >> 1);
    bool pause = frame->words[0] & 1;
    node->pfc->frames_received++;
    sim_packet_free(worker->pool, frame);
    if (pause)
        port_pause(backlog->pfc, class, now);
    else
        port_resume(backlog, class, now);
    if (node->host && !pause)
        host_pull(worker, node, now);
    return class << 1 | pause;
}

sim_time pfc_paused_time(const struct port *port, sim_time now)
{
    const struct pfc_port *pfc = port->backlog->pfc;
    return pfc->paused_time + (pfc->paused ? now - pfc->paused_since : 0);
}

/* ---- set-up ---- */

uint64_t pfc_headroom_bytes(const struct spec_pfc *pfc, uint64_t rate_bps, sim_time delay,
                            uint32_t mtu_bytes)
{
    double round_trip = 2 * (double)delay * (double)rate_bps / (8.0 * (double)SIM_S);
    uint64_t frames = UINT64_C(2) * pfc->classes * PFC_FRAME_BYTES;
    return (uint64_t)round_trip + 1 + 3 * mtu_bytes + frames;
}

static GQuark pfc_error(void)
{
    return g_quark_from_static_string("mtpsim-pfc");
}

/* At the highest rate that the link ever has. */
static uint64_t link_headroom_bytes(const struct spec *spec, uint32_t link)
{
    uint64_t bps = spec->links[link].rate_bps;
    for (uint32_t i = 0; i < spec->event_count; i++)
        if (spec->events[i].link == link && spec->events[i].rate_bps > bps)
            bps = spec->events[i].rate_bps;
    return pfc_headroom_bytes(&spec->pfc, bps, spec->links[link].delay, spec->mtu_bytes);
}

static bool check_headroom(const struct spec *spec, uint32_t link, GError **error)
{
    uint64_t needed = link_headroom_bytes(spec, link);
    if (spec->pfc.headroom_bytes >= needed)
        return true;
    g_set_error(error, pfc_error(), 0,
                "pfc: headroom is %" G_GUINT64_FORMAT "B; link %s needs %" G_GUINT64_FORMAT
                "B: its round trip, three packets and pause frames",
                spec->pfc.headroom_bytes, spec->links[link].name, needed);
    return false;
}

static void node_equip(const struct spec *spec, struct node *node, struct worker *worker)
{
    if (node->pfc)
        return;
    node->watched = true;
    node->pfc = g_new0(struct pfc_node, 1);
    *node->pfc = (struct pfc_node){
        .node = node, .worker = worker, .spec = &spec->pfc, .input = PFC_NO_INPUT};
    if (node->index >= spec->host_count)
        node->pfc->inputs = g_new0(struct pfc_input, node->port_count);
    for (uint32_t i = 0; i < node->port_count; i++) {
        struct port *port = &node->ports[i];
        port_schedule(port, node, worker);
        port->backlog->pfc = calloc(1, sizeof *port->backlog->pfc);
        SIM_CHECK(port->backlog->pfc, "out of memory for a port");
        port->backlog->pfc->at = node->pfc;
        sim_timer_init(&port->backlog->timer, pfc_fire);
    }
}

static bool check_queues(const struct spec *spec, const struct node *node, GError **error)
{
    for (uint32_t i = 0; i < node->port_count; i++) {
        const struct port *port = &node->ports[i];
        if (!port->queue || !port->queue->take)
            continue;
        g_set_error(error, pfc_error(), 0,
                    "pfc: link %s has the queue %s, which orders packets by itself; use a FIFO, as "
                    "droptail or ecn_threshold",
                    spec->links[port->link].name, port->queue->plugin.name);
        return false;
    }
    return true;
}

static void input_equip(const struct spec *spec, struct node *node, uint32_t link)
{
    for (uint32_t i = 0; node->pfc->inputs && i < node->port_count; i++)
        if (node->ports[i].link == link) {
            uint64_t headroom = spec->pfc.headroom_bytes;
            if (headroom == UINT64_MAX)
                headroom = link_headroom_bytes(spec, link);
            node->pfc->inputs[i].lossless = true;
            node->pfc->inputs[i].limit_bytes = spec->pfc.xoff_bytes + headroom;
        }
}

bool pfc_install(const struct spec *spec, struct node *nodes, struct worker *workers,
                 GError **error)
{
    for (uint32_t i = 0; i < spec->pfc.links.count; i++) {
        uint32_t link = spec->pfc.links.items[i];
        if (!check_headroom(spec, link, error))
            return false;
        for (int end = 0; end < 2; end++) {
            struct node *node = &nodes[spec->links[link].ends[end]];
            if (!check_queues(spec, node, error))
                return false;
            node_equip(spec, node, &workers[node->worker]);
            input_equip(spec, node, link);
        }
    }
    return true;
}

void pfc_clear(struct node *node)
{
    if (node->pfc)
        g_free(node->pfc->inputs);
    g_free(node->pfc);
}
