/* proxy: terminates the clients' TCP connections and opens its own to the servers, as an L7 load
 * balancer does.
 *
 * Paper: 2.3 (Figure 2, "termination with many messages per flow"; Figure 3, "both passthrough and
 * termination"); Table 1.
 *
 * Bytes are sent on as they come, without waiting for the end of their message: each arrival is
 * submitted again as a part of its message. To each server goes one connection for each client,
 * kept open; or, with `persistent: false`, one for each message, which ends with it. On a
 * connection that is kept, messages of several connections of one client may be interleaved: each
 * part has a frame that says whose it is, as in HTTP/2 (RFC 9113, 4.1).
 *
 * The buffer is what was received in order and not yet sent for the first time. An arrival leaves
 * it when its last byte is sent. Its limit is the receive window: the transport offers the client
 * what is left of it. So with a window the client cannot send a message to an idle server past
 * those that wait for a busy one, which is the head-of-line blocking that the figure shows.
 *
 * With a `ratio` it changes the length of messages on their way, requests' and, with `ratio_back`,
 * answers', which a device between two connections can: each has sequence numbers of its own. What
 * comes of the bytes up to x are floor(x * ratio) bytes, but for the last one, which is kept until
 * the message ends, so that its end is never a part without bytes. An arrival of which nothing
 * comes waits for the next one of its message.
 *
 * The answer goes to the client when the server's acknowledgement of the whole message arrives, on
 * a connection of the proxy's own: it stands for the server's response, whose way to the proxy is
 * then that of the acknowledgement.
 *
 * Requests with content have an answer of their own: it comes from the server as any message does,
 * and goes on to the client that asked, on a connection for each server. With `balance` a request
 * goes to any of the servers, in turn or to the one with the fewest requests without an answer:
 * a proxy has the whole message in its hands, and can do what a balancer of packets cannot (2.3).
 *
 * Not modelled: the time that a proxy computes, its memory for data that was sent on and not yet
 * acknowledged; of messages without content, answers of more than one packet's size.
 */
#include <mtpsim/offload.h>

#include <stdlib.h>

#include "models/offload/scaling.h"

#define PROXY_ANSWER UINT32_MAX /* the number of all answers */

enum proxy_balance { PROXY_AS_ADDRESSED, PROXY_ROUND_ROBIN, PROXY_LEAST_OUTSTANDING };

struct proxy_params {
    uint32_t at;
    struct sim_list servers;
    uint64_t receive_window_bytes, answer_bytes;
    double ratio, ratio_back;
    bool persistent;
    uint32_t balance; /* enum proxy_balance */
};

/* What arrived at once, until the server has it. */
struct proxy_piece {
    struct sim_stream stream;
    uint64_t bytes;
    uint32_t origin, number; /* of the message that ends with it */
    uint16_t port;           /* of the connection to the server */
    bool ends, done;
    bool answered; /* by a message of the server's, not by one of the proxy's */
};

/* A message that is arriving; its note is its place. */
struct proxy_message {
    uint32_t dst;        /* where it goes */
    uint16_t port;       /* of the connection there */
    uint64_t ratio_q32;  /* that it is changed by */
    uint64_t length;     /* that it has then */
    uint64_t came, made; /* bytes of it, and of what is made of them */
    uint64_t waiting;    /* bytes that came and are in no piece yet */
    uint32_t next_free;
};

struct proxy {
    const struct proxy_params *params;
    const struct sim_offload_env *env;
    struct proxy_message *messages;
    uint32_t message_count, free_message; /* the first of a list; message_count: none */
    struct proxy_piece *pieces; /* a ring; the number that a piece is submitted under counts it */
    uint32_t mask, first, end;
    uint64_t buffered_bytes;
    uint16_t *free_ports; /* a stack: of connections for one message */
    uint32_t free_count;
    uint32_t turn;
    uint64_t *outstanding; /* by server: requests that were sent to it and not answered */
};

/* ---- pieces ---- */

static struct proxy_piece *proxy_piece_at(const struct proxy *self, uint32_t number)
{
    return &self->pieces[number & self->mask];
}

static struct proxy_piece *proxy_piece_add(struct proxy *self)
{
    uint32_t capacity = self->mask + 1;
    if (self->end - self->first == capacity) {
        struct proxy_piece *pieces = malloc(2 * (size_t)capacity * sizeof *pieces);
        SIM_CHECK(pieces, "out of memory for %u pieces", 2 * capacity);
        for (uint32_t i = self->first; i != self->end; i++)
            pieces[i & (2 * capacity - 1)] = *proxy_piece_at(self, i);
        free(self->pieces);
        self->pieces = pieces;
        self->mask = 2 * capacity - 1;
    }
    SIM_CHECK(self->end != PROXY_ANSWER, "the proxy at host %u ran out of numbers",
              self->env->host);
    return proxy_piece_at(self, self->end);
}

/* ---- servers ---- */

/* Of equal ones that whose turn it is. */
static uint32_t proxy_least(struct proxy *self)
{
    uint32_t count = self->params->servers.count, best = self->turn++ % count;
    for (uint32_t i = 1, first = best; i < count; i++)
        if (self->outstanding[(first + i) % count] < self->outstanding[best])
            best = (first + i) % count;
    return best;
}

static void proxy_answered(struct proxy *self, uint32_t host)
{
    const struct sim_list *servers = &self->params->servers;
    for (uint32_t i = 0; i < servers->count; i++)
        if (servers->items[i] == host && self->outstanding[i])
            self->outstanding[i]--;
}

/* Where a message goes: an answer to who asked, a request to one of the servers. */
static uint32_t proxy_end_of(struct proxy *self, const struct sim_frame *frame)
{
    const struct sim_list *servers = &self->params->servers;
    if (sim_content_is_answer(frame->content.kind)) {
        proxy_answered(self, frame->origin);
        return frame->content.client;
    }
    if (self->params->balance == PROXY_AS_ADDRESSED || !frame->content.kind)
        return frame->dst;
    uint32_t server = self->params->balance == PROXY_ROUND_ROBIN ? self->turn++ % servers->count
                                                                 : proxy_least(self);
    self->outstanding[server]++;
    return servers->items[server];
}

/* ---- messages ---- */

static void proxy_more_messages(struct proxy *self)
{
    uint32_t before = self->message_count, count = before ? 2 * before : 64;
    self->messages = realloc(self->messages, count * sizeof *self->messages);
    SIM_CHECK(self->messages, "out of memory for %u messages", count);
    for (uint32_t i = before; i < count; i++)
        self->messages[i].next_free = i + 1;
    self->message_count = count;
}

/* The port of the connection that a message takes. */
static uint16_t proxy_port(struct proxy *self, const struct sim_frame *frame)
{
    if (self->params->persistent)
        return (uint16_t)(self->env->port + 1u + frame->origin % (self->env->ports - 1u));
    SIM_CHECK(self->free_count, "no free port at host %u", self->env->host);
    return self->free_ports[--self->free_count];
}

static uint64_t proxy_length(uint64_t ratio_q32, uint64_t bytes)
{
    uint64_t length = bytes == SIM_ENDLESS ? SIM_ENDLESS : offload_scale(ratio_q32, bytes);
    return length ? length : 1;
}

/* The arrival's message, perhaps new. */
static struct proxy_message *proxy_message_of(struct proxy *self, const struct sim_arrival *arrival)
{
    const struct sim_frame *frame = arrival->frame;
    if (!arrival->begins)
        return &self->messages[*arrival->note];
    if (self->free_message == self->message_count)
        proxy_more_messages(self);
    *arrival->note = self->free_message;
    struct proxy_message *message = &self->messages[*arrival->note];
    self->free_message = message->next_free;
    bool back = sim_content_is_answer(frame->content.kind);
    uint64_t ratio_q32 = offload_ratio_q32(back ? self->params->ratio_back : self->params->ratio);
    *message = (struct proxy_message){
        .dst = proxy_end_of(self, frame),
        .port = proxy_port(self, frame),
        .ratio_q32 = ratio_q32,
        .length = proxy_length(ratio_q32, frame->bytes),
    };
    return message;
}

static void proxy_message_ends(struct proxy *self, uint32_t place)
{
    self->messages[place].next_free = self->free_message;
    self->free_message = place;
}

/* What comes of an arrival, in bytes. */
static uint64_t proxy_make(struct proxy_message *message, const struct sim_arrival *arrival)
{
    message->came += arrival->bytes;
    message->waiting += arrival->bytes;
    uint64_t made = offload_scale(message->ratio_q32, message->came);
    if (arrival->ends)
        made = message->length;
    else if (made >= message->length)
        made = message->length - 1;
    uint64_t bytes = made - message->made;
    message->made = made;
    return bytes;
}

static void proxy_pass_on(struct proxy *self, struct proxy_message *from,
                          const struct sim_arrival *arrival, uint64_t bytes, sim_time now)
{
    struct proxy_piece *piece = proxy_piece_add(self);
    *piece = (struct proxy_piece){
        .stream = arrival->stream,
        .bytes = from->waiting,
        .origin = arrival->frame->origin,
        .number = arrival->frame->number,
        .port = from->port,
        .ends = arrival->ends,
        .answered = arrival->frame->content.kind,
    };
    struct sim_message message = {
        .number = self->end++,
        .dst = from->dst,
        .src_port = from->port,
        .dst_port = self->env->port,
        .bytes = bytes,
        .persistent = true,
        .part = !arrival->ends,
        .closes = arrival->ends && !self->params->persistent,
        .tells = true,
        .framed = true,
        .frame = *arrival->frame,
    };
    message.frame.dst = from->dst;
    message.frame.bytes = from->length;
    from->waiting = 0;
    self->env->submit(self->env->host_state, &message, now);
}

static void proxy_arrived(void *state, const struct sim_arrival *arrival, sim_time now)
{
    struct proxy *self = state;
    struct proxy_message *message = proxy_message_of(self, arrival);
    uint64_t bytes = proxy_make(message, arrival);
    self->buffered_bytes += arrival->bytes;
    if (bytes)
        proxy_pass_on(self, message, arrival, bytes, now);
    if (arrival->ends)
        proxy_message_ends(self, *arrival->note);
}

static void proxy_sent(void *state, uint32_t number, sim_time now)
{
    struct proxy *self = state;
    const struct proxy_piece *piece = proxy_piece_at(self, number);
    self->buffered_bytes -= piece->bytes;
    self->env->consumed(self->env->host_state, piece->stream, piece->bytes, now);
}

static void proxy_answer(struct proxy *self, const struct proxy_piece *piece, sim_time now)
{
    struct sim_message answer = {
        .number = PROXY_ANSWER,
        .dst = piece->origin,
        .src_port = self->env->port,
        .dst_port = self->env->port,
        .bytes = self->params->answer_bytes,
        .persistent = true,
        .framed = true,
        .frame = {.origin = piece->origin,
                  .number = piece->number,
                  .dst = piece->origin,
                  .bytes = self->params->answer_bytes},
    };
    self->env->submit(self->env->host_state, &answer, now);
}

static void proxy_completed(void *state, uint32_t number, sim_time now)
{
    struct proxy *self = state;
    if (number == PROXY_ANSWER)
        return;
    struct proxy_piece *piece = proxy_piece_at(self, number);
    piece->done = true;
    if (piece->ends) {
        if (!piece->answered)
            proxy_answer(self, piece, now);
        if (!self->params->persistent)
            self->free_ports[self->free_count++] = piece->port;
    }
    while (self->first != self->end && proxy_piece_at(self, self->first)->done)
        self->first++;
}

static uint64_t proxy_buffered(const void *state)
{
    const struct proxy *self = state;
    return self->buffered_bytes;
}

/* ---- the table ---- */

static void proxy_init(void *state, const void *params, const struct sim_offload_env *env)
{
    struct proxy *self = state;
    self->params = params;
    self->env = env;
    self->mask = 63;
    self->pieces = calloc(self->mask + 1, sizeof *self->pieces);
    self->free_ports = calloc(env->ports, sizeof *self->free_ports);
    self->outstanding = calloc(self->params->servers.count, sizeof *self->outstanding);
    SIM_CHECK(self->pieces && self->free_ports && self->outstanding, "out of memory for a proxy");
    for (uint32_t port = env->ports - 1u; port > 0; port--)
        self->free_ports[self->free_count++] = (uint16_t)(env->port + port);
}

static void proxy_clear(void *state)
{
    struct proxy *self = state;
    free(self->messages);
    free(self->pieces);
    free(self->free_ports);
    free(self->outstanding);
}

static const char *const proxy_balances[] = {"as_addressed", "round_robin", "least_outstanding",
                                             NULL};

#define MEMBER(member) .offset = offsetof(struct proxy_params, member)

static const struct sim_param proxy_table[] = {
    {.name = "at", .help = "the host that it is", MEMBER(at), .type = SIM_PARAM_HOST},
    {.name = "servers",
     .help = "hosts that it stands for: what others send to them goes through it",
     MEMBER(servers),
     .type = SIM_PARAM_HOSTS},
    {.name = "receive_window",
     .help = "buffer of each connection to it; 1GB is as good as unlimited",
     .fallback = "1GB",
     MEMBER(receive_window_bytes),
     .min = 10000,
     .max = 1073741823,
     .type = SIM_PARAM_BYTES},
    {.name = "answer",
     .help = "size of the message to the client when a server has got all of a message",
     .fallback = "64B",
     MEMBER(answer_bytes),
     .min = 1,
     .max = 1000,
     .type = SIM_PARAM_BYTES},
    {.name = "persistent",
     .help = "one connection to a server for all messages of a client, else one for each",
     .fallback = "true",
     MEMBER(persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "ratio",
     .help = "bytes that go to a server for one that came, as serialisation adds them",
     .fallback = "1",
     MEMBER(ratio),
     .min = 1.0 / 32,
     .max = 32,
     .type = SIM_PARAM_REAL},
    {.name = "ratio_back",
     .help = "the same of answers, of messages with content",
     .fallback = "1",
     MEMBER(ratio_back),
     .min = 1.0 / 32,
     .max = 32,
     .type = SIM_PARAM_REAL},
    {.name = "balance",
     .help = "which server a request goes to, of messages with content",
     .fallback = "as_addressed",
     MEMBER(balance),
     .choices = proxy_balances,
     .type = SIM_PARAM_CHOICE},
    {.name = NULL},
};

const struct sim_offload_ops proxy_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "proxy",
               .summary = "terminates TCP connections between clients and servers",
               .source = "paper, 2.3",
               .state_size = sizeof(struct proxy),
               .params_size = sizeof(struct proxy_params),
               .params = proxy_table},
    .init = proxy_init,
    .clear = proxy_clear,
    .arrived = proxy_arrived,
    .sent = proxy_sent,
    .completed = proxy_completed,
    .buffered = proxy_buffered,
};
