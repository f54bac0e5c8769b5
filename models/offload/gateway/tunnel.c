/* The gateway's connections.
 *
 * Each connection that it opens is an instance of the tcp model with one persistent connection in
 * it, so that it can be reset alone; what the other gateway opens is received by one instance more.
 * TCP's segments go out when the wire is free, at the rate of the gateway, in turn among
 * connections, as at a host's NIC; acknowledgements go at once.
 *
 * After a restart a gateway knows nothing of the connections to it. To a segment of one it answers
 * RST (RFC 9293, 3.10.7.1), and the other gateway opens that connection anew and sends again what
 * was not acknowledged. The tcp model does not know RST in that direction, so it is done here. The
 * RST acknowledges the segment that it answers; one that answers an older connection's is ignored,
 * since TCP's first sequence number is the time at which a connection was opened.
 */
#include "models/offload/gateway/gateway.h"

#include <stdlib.h>

/* ---- instances of TCP ---- */

static void tunnel_pump(struct gateway *self, sim_time now);

static void tcp_settle(struct gateway_tcp *tcp)
{
    sim_time next = sim_timers_next(&tcp->timers);
    if (next == SIM_NEVER)
        tcp->timer.deadline = SIM_NEVER;
    else if (next != tcp->timer.deadline)
        sim_timer_set(tcp->gateway->env->timers, &tcp->timer, next);
}

static void tcp_timer_fire(struct sim_timer *timer, sim_time now)
{
    struct gateway_tcp *tcp = (struct gateway_tcp *)timer;
    while (sim_timers_next(&tcp->timers) <= now)
        sim_timers_step(&tcp->timers, now);
    tcp_settle(tcp);
    tunnel_pump(tcp->gateway, now);
}

static void tcp_init(struct gateway_tcp *tcp, struct gateway *self,
                     const struct sim_app_ops *app_ops)
{
    tcp->gateway = self;
    sim_timer_init(&tcp->timer, tcp_timer_fire);
    sim_timers_init(&tcp->timers);
    tcp->env = (struct sim_transport_env){
        .pool = self->env->pool,
        .timers = &tcp->timers,
        .rng = self->env->rng,
        .app_ops = app_ops,
        .app = tcp,
        .host = self->env->address,
        .mtu_bytes = self->env->mtu_bytes,
        .line_bps = self->params->device.rate_bps,
    };
    tcp->state = calloc(1, self->ops->plugin.state_size);
    SIM_CHECK(tcp->state, "out of memory for a TCP of a gateway");
    self->ops->init(tcp->state, self->params->tcp.params, &tcp->env);
}

static void tcp_clear(struct gateway_tcp *tcp)
{
    struct gateway *self = tcp->gateway;
    self->ops->count(tcp->state, &self->counts);
    self->ops->clear(tcp->state);
    sim_timers_clear(&tcp->timers);
    sim_timer_clear(self->env->timers, &tcp->timer);
    free(tcp->state);
}

/* ---- the sending end ---- */

static void sender_completed(void *app, uint32_t number, sim_time now)
{
    struct gateway_sender *sender = app;
    (void)now;
    gateway_record_forget(sender->tcp.gateway, sender, number);
}

static void sender_sent(void *app, uint32_t number, sim_time now)
{
    struct gateway_sender *sender = app;
    const struct gateway_record *record = gateway_record_at(sender, number);
    (void)now;
    uint32_t bytes = gateway_record_bytes(&record->rare.carried);
    sender->waiting_bytes -= bytes;
    sender->sent_bytes += bytes;
    sender->sent = number + 1;
}

static const struct sim_app_ops sender_app = {.completed = sender_completed, .sent = sender_sent};

static struct sim_message message_on(const struct gateway_sender *sender)
{
    return (struct sim_message){
        .dst = sender->tcp.gateway->env->peer,
        .src_port = sender->port,
        .dst_port = GATEWAY_PORT,
        .persistent = true,
    };
}

static void sender_submit(struct gateway_sender *sender, const struct gateway_record *record,
                          sim_time now)
{
    struct sim_message message = message_on(sender);
    message.number = record->number;
    message.bytes = gateway_record_bytes(&record->rare.carried);
    message.tells = true;
    sender->tcp.gateway->ops->submit(sender->tcp.state, &message, now);
    tcp_settle(&sender->tcp);
}

static void sender_open(struct gateway_sender *sender, sim_time now)
{
    struct gateway *self = sender->tcp.gateway;
    struct sim_message message = message_on(sender);
    message.opens = true;
    sender->opened_at = (uint64_t)now;
    self->ops->submit(sender->tcp.state, &message, now);
    tcp_settle(&sender->tcp);
}

/* The other gateway does not know the connection: another one, for what is not acknowledged. */
static void sender_reset(struct gateway *self, struct gateway_sender *sender, sim_time now)
{
    self->resets++;
    tcp_clear(&sender->tcp);
    tcp_init(&sender->tcp, self, &sender_app);
    sender_open(sender, now);
    for (uint32_t i = sender->first; i != sender->sent; i++)
        sender->waiting_bytes += gateway_record_bytes(&gateway_record_at(sender, i)->rare.carried);
    sender->sent = sender->first;
    for (uint32_t i = sender->first; i != sender->end; i++)
        sender_submit(sender, gateway_record_at(sender, i), now);
}

/* All packets of a message take one connection, so they stay in order. */
static struct gateway_sender *sender_of(const struct gateway *self, const struct sim_packet *packet)
{
    uint64_t hash = sim_mix64(sim_mix64(packet->src) ^ packet->mtp.message);
    return &self->senders[hash % gateway_connections(self)];
}

void gateway_tunnel_send(struct gateway *self, const struct sim_packet *packet, sim_time now)
{
    struct gateway_sender *sender = sender_of(self, packet);
    sender_submit(sender, gateway_record_add(self, sender, packet), now);
    tunnel_pump(self, now);
}

/* ---- the receiving end ---- */

static void arrivals_received(void *app, const struct sim_packet *segment, uint32_t bytes,
                              sim_time now)
{
    struct gateway *self = ((struct gateway_tcp *)app)->gateway;
    (void)bytes;
    (void)now;
    if (segment->flags & SIM_PACKET_CARRIES)
        gateway_record_read(self, self->arriving, segment);
}

static void arrivals_delivered(void *app, uint32_t src, uint32_t number, sim_time now)
{
    struct gateway *self = ((struct gateway_tcp *)app)->gateway;
    (void)src;
    self->released++;
    self->env->emit(self->env->device, gateway_record_give(self, self->arriving, number), now);
}

static const struct sim_app_ops arrivals_app = {.received = arrivals_received,
                                                .delivered = arrivals_delivered};

static void answer_reset(struct gateway *self, struct sim_packet *segment, sim_time now)
{
    struct sim_packet old = *segment;
    *segment = (struct sim_packet){
        .size_bytes = GATEWAY_TCP_BYTES,
        .protocol = SIM_PROTOCOL_TCP,
        .src = old.dst,
        .dst = old.src,
        .hash = old.hash,
        .tcp = {.src_port = old.tcp.dst_port,
                .dst_port = old.tcp.src_port,
                .flags = SIM_TCP_RST | SIM_TCP_ACK,
                .seq = old.tcp.ack,
                .ack = old.tcp.seq + old.tcp.payload_bytes},
    };
    self->env->answer(self->env->device, segment, now);
}

/* What TCP does with a segment that is its own from now on. */
static void tcp_receive(struct gateway *self, struct gateway_tcp *tcp, struct sim_packet *segment,
                        sim_time now)
{
    self->env->keep(self->env->device, segment);
    struct sim_packet *answer = self->ops->receive(tcp->state, segment, now);
    tcp_settle(tcp);
    if (!answer)
        return;
    self->answer_bytes += answer->size_bytes;
    self->wire_free_at = (self->wire_free_at > now ? self->wire_free_at : now) +
                         sim_wire_time(self->rate, answer->size_bytes);
    self->env->emit(self->env->device, answer, now);
}

static void receive_data(struct gateway *self, struct gateway_receiver *receiver,
                         struct sim_packet *segment, sim_time now)
{
    bool syn = segment->tcp.flags & SIM_TCP_SYN;
    if (!receiver->open && !syn) {
        if (segment->tcp.flags & SIM_TCP_RST)
            self->env->absorb(self->env->device, segment);
        else
            answer_reset(self, segment, now);
        return;
    }
    if (syn && (!receiver->open || segment->tcp.seq > receiver->opened_at)) {
        gateway_receiver_forget(self, receiver);
        receiver->open = true;
        receiver->opened_at = segment->tcp.seq;
    }
    self->arriving = receiver;
    tcp_receive(self, &self->arrivals, segment, now);
}

static void receive_answer(struct gateway *self, struct gateway_sender *sender,
                           struct sim_packet *segment, sim_time now)
{
    if (!(segment->tcp.flags & SIM_TCP_RST)) {
        tcp_receive(self, &sender->tcp, segment, now);
        return;
    }
    if (segment->tcp.ack > sender->opened_at)
        sender_reset(self, sender, now);
    self->env->absorb(self->env->device, segment);
}

void gateway_tunnel_receive(struct gateway *self, struct sim_packet *segment, sim_time now)
{
    bool data = segment->tcp.dst_port == GATEWAY_PORT;
    uint32_t number = (data ? segment->tcp.src_port : segment->tcp.dst_port) - GATEWAY_PORT - 1;
    if (segment->protocol != SIM_PROTOCOL_TCP || segment->src != self->env->peer ||
        number >= (data ? GATEWAY_CONNECTIONS_MAX : gateway_connections(self)))
        self->env->absorb(self->env->device, segment);
    else if (data)
        receive_data(self, &self->receivers[number], segment, now);
    else
        receive_answer(self, &self->senders[number], segment, now);
    tunnel_pump(self, now);
}

/* ---- the wire ---- */

/* Instances in turn: the senders, then what receives. */
static struct gateway_tcp *instance_at(struct gateway *self, uint32_t place)
{
    return place < gateway_connections(self) ? &self->senders[place].tcp : &self->arrivals;
}

/* Whose turn it is of those that have something to send; false: none has. */
static bool next_turn(struct gateway *self, uint32_t *turn)
{
    uint32_t count = gateway_connections(self) + 1;
    for (uint32_t i = 1; i <= count; i++) {
        *turn = (self->turn + i) % count;
        if (instance_at(self, *turn)->state->ready)
            return true;
    }
    return false;
}

static void count_out(struct gateway *self, const struct sim_packet *segment)
{
    if (!segment->tcp.payload_bytes)
        return;
    self->segments++;
    self->segment_bytes += segment->size_bytes;
}

static void tunnel_transmit(struct gateway *self, struct gateway_tcp *tcp, sim_time now)
{
    sim_time again;
    struct sim_packet *segment = self->ops->transmit(tcp->state, now, &again);
    tcp_settle(tcp);
    if (!segment)
        return;
    if (tcp != &self->arrivals && (segment->tcp.flags & SIM_TCP_PSH)) {
        const struct gateway_sender *sender = (struct gateway_sender *)tcp;
        gateway_record_write(self, gateway_record_at(sender, segment->tcp.message), segment);
    }
    count_out(self, segment);
    self->wire_free_at = now + sim_wire_time(self->rate, segment->size_bytes);
    self->env->emit(self->env->device, segment, now);
}

static void tunnel_pump(struct gateway *self, sim_time now)
{
    uint32_t turn;
    while (next_turn(self, &turn)) {
        if (self->wire_free_at > now) {
            sim_timer_set(self->env->timers, &self->wire, self->wire_free_at);
            return;
        }
        self->turn = turn;
        tunnel_transmit(self, instance_at(self, turn), now);
    }
}

static void wire_fire(struct sim_timer *timer, sim_time now)
{
    tunnel_pump((struct gateway *)((char *)timer - offsetof(struct gateway, wire)), now);
}

/* ---- the state of a connection ---- */

/* Bits a second that its window gives; 0: nothing is known of it yet. */
static double window_bps(const struct gateway *self, const struct gateway_sender *sender)
{
    struct sim_window_sample sample;
    if (!self->ops->windows(sender->tcp.state, &sample, 1) || !sample.srtt)
        return 0;
    return 8 * (double)sample.window_bytes / ((double)sample.srtt / (double)SIM_S);
}

void gateway_tunnel_backlog(const struct gateway *self, const struct sim_packet *packet,
                            struct sim_device_backlog *backlog)
{
    const struct gateway_sender *sender = sender_of(self, packet);
    double bps = window_bps(self, sender);
    *backlog = (struct sim_device_backlog){
        .pathlet = (uint32_t)(sender - self->senders),
        .packets = sender->end - sender->sent,
        .bytes = sender->waiting_bytes,
        .sent_bytes = sender->sent_bytes,
        .rate_bps = bps < 1 || bps > (double)self->rate.bps ? self->rate.bps : (uint64_t)bps,
    };
}

void gateway_tunnel_count(const struct gateway *self, struct sim_transport_counts *counts)
{
    sim_transport_counts_add(counts, &self->counts);
    for (uint32_t i = 0; i < gateway_connections(self); i++)
        self->ops->count(self->senders[i].tcp.state, counts);
    self->ops->count(self->arrivals.state, counts);
}

/* ---- coming and going ---- */

void gateway_tunnel_init(struct gateway *self)
{
    uint32_t count = gateway_connections(self);
    self->senders = calloc(count, sizeof *self->senders);
    self->receivers = calloc(GATEWAY_CONNECTIONS_MAX, sizeof *self->receivers);
    SIM_CHECK(self->senders && self->receivers, "out of memory for %u connections", count);
    tcp_init(&self->arrivals, self, &arrivals_app);
    for (uint32_t i = 0; i < count; i++) {
        self->senders[i].port = (uint16_t)(GATEWAY_PORT + 1 + i);
        tcp_init(&self->senders[i].tcp, self, &sender_app);
        sender_open(&self->senders[i], 0);
    }
    sim_timer_init(&self->wire, wire_fire);
    sim_timer_set(self->env->timers, &self->wire, 0);
}

static void tunnel_forget(struct gateway *self)
{
    for (uint32_t i = 0; i < gateway_connections(self); i++) {
        self->forgotten += gateway_sender_forget(self, &self->senders[i]);
        tcp_clear(&self->senders[i].tcp);
    }
    for (uint32_t i = 0; i < GATEWAY_CONNECTIONS_MAX; i++) {
        self->forgotten += gateway_receiver_forget(self, &self->receivers[i]);
        self->receivers[i].open = false;
    }
    tcp_clear(&self->arrivals);
}

void gateway_tunnel_restart(struct gateway *self, sim_time now)
{
    tunnel_forget(self);
    self->wire_free_at = now;
    tcp_init(&self->arrivals, self, &arrivals_app);
    for (uint32_t i = 0; i < gateway_connections(self); i++) {
        struct gateway_sender *sender = &self->senders[i];
        sender->first = sender->sent = sender->end = 0;
        tcp_init(&sender->tcp, self, &sender_app);
        sender_open(sender, now);
    }
    tunnel_pump(self, now);
}

void gateway_tunnel_clear(struct gateway *self)
{
    tunnel_forget(self);
    for (uint32_t i = 0; i < gateway_connections(self); i++)
        free(self->senders[i].ring);
    sim_timer_clear(self->env->timers, &self->wire);
    free(self->senders);
    free(self->receivers);
    gateway_records_clear(self);
}
