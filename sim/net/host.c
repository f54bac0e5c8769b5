#include "net/host.h"

#include <stdlib.h>

#include "net/forward.h"
#include "net/node.h"
#include "net/policies.h"
#include "net/simulation.h"

/* Windows of one host in a sample; the series leaves out what is beyond. */
#define WINDOWS_MAX 4096

enum { HOST_DELIVERED = 1u << 16, HOST_UNCLAIMED = 2u << 16 };

/* Gives what becomes of it. Takes the packet. */
static enum port_verdict host_send(struct worker *worker, struct host *host,
                                   struct sim_packet *packet, sim_time now)
{
    host->injected++;
    enum port_verdict verdict = port_send(worker, host->nic, packet, now);
    if (SIM_UNLIKELY(verdict == PORT_TOO_LARGE)) {
        host->node->drops_mtu++;
        sim_packet_free(worker->pool, packet);
    }
    return verdict;
}

void host_pull(struct worker *worker, struct node *node, sim_time now)
{
    struct host *host = node->host;
    node->pull_at = SIM_NEVER;
    if (!host->transport->ready)
        return;
    if (host->nic->busy_until > now) {
        node->pull_at = host->nic->busy_until;
        return;
    }
    if (SIM_UNLIKELY(host->nic->backlog && host->nic->backlog->packets))
        return; /* paused: until it resumes */
    sim_time again = SIM_NEVER;
    struct sim_packet *packet = host->ops->transmit(host->transport, now, &again);
    if (packet) {
        host_send(worker, host, packet, now);
        again = host->nic->busy_until;
    }
    if (SIM_LIKELY(again >= now)) /* else the NIC holds it */
        node->pull_at = again;
}

uint32_t host_receive(struct worker *worker, struct node *node, struct sim_packet *packet,
                      sim_time now)
{
    struct host *host = node->host;
    if (SIM_UNLIKELY(packet->dst != node->index || packet->protocol != host->ops->protocol)) {
        node->drops_unclaimed++;
        sim_packet_free(worker->pool, packet);
        return HOST_UNCLAIMED;
    }
    host->delivered++;
    struct sim_packet *answer = host->ops->receive(host->transport, packet, now);
    uint32_t verdict = HOST_DELIVERED;
    if (answer)
        verdict |= 1 + host_send(worker, host, answer, now);
    host_pull(worker, node, now);
    return verdict;
}

/* ---- the application's side ---- */

void host_measure(struct host *host)
{
    const struct measuring *m = host->measuring;
    host->measured = calloc(m->rows, sizeof *host->measured);
    host->bins = calloc((size_t)m->rows * m->bins + 1, sizeof *host->bins);
    SIM_CHECK(host->measured && host->bins, "out of memory for %u samples", m->bins);
}

/* An offload's answer to a message of this host: no payload of the workload's. */
static bool is_answer(const struct host *host, const struct sim_packet *packet)
{
    return (packet->flags & SIM_PACKET_FRAMED) && packet->protocol == SIM_PROTOCOL_TCP &&
           sim_packet_rare(host->env.pool, packet)->frame.origin == host->env.host;
}

static void host_received(void *app, const struct sim_packet *packet, uint32_t bytes, sim_time now)
{
    struct host *host = app;
    const struct measuring *m = host->measuring;
    if (SIM_UNLIKELY(is_answer(host, packet)))
        return;
    if (SIM_UNLIKELY(!host->measured))
        host_measure(host);
    uint32_t row = m->rows == 1 ? 0 : spec_tenant_of(m->spec, packet);
    if (now >= m->after)
        host->measured[row] += bytes;
    if (m->bins == 0)
        return;
    if (SIM_UNLIKELY(now >= host->bin_end)) {
        host->bin = (uint64_t)(now / m->every);
        host->bin_end = (sim_time)(host->bin + 1) * m->every;
    }
    if (SIM_LIKELY(host->bin < m->bins))
        host->bins[row * m->bins + host->bin] += bytes;
}

/* A message of the workload is done. */
static void host_finish(struct host *host, uint32_t number, sim_time now)
{
    const struct submitted *sent = &g_array_index(host->submitted, struct submitted, number);
    struct workload *workload = &host->workloads[sent->workload];
    if (!workload->server && workload->ops->completed)
        workload->ops->completed(workload->state, number, now);
}

void host_delivered(void *app, uint32_t src, uint32_t number, sim_time now)
{
    struct host *host = app;
    if (SIM_UNLIKELY(src == host->env.host)) {
        host_finish(host, number, now); /* it came back: the offload's answer */
        return;
    }
    struct delivered record = {src, number, now};
    g_array_append_val(host->arrived, record);
}

static void host_completed(void *app, uint32_t number, sim_time now)
{
    struct host *host = app;
    uint32_t dst = g_array_index(host->submitted, struct submitted, number).dst;
    if (SIM_LIKELY(!host->via || host->via[dst] == dst))
        host_finish(host, number, now); /* else the offload has it, and the server not yet */
}

/* ---- requests and answers ---- */

static void host_answered(struct host *host, const struct sim_delivery *delivery, sim_time now)
{
    const struct sim_content *content = &delivery->frame->content;
    if (content->client != host->env.host || content->request >= host->submitted->len) {
        host->unasked++;
        return;
    }
    struct submitted *sent = &g_array_index(host->submitted, struct submitted, content->request);
    if (sent->answered != SIM_NEVER) {
        host->repeated++;
        return;
    }
    sent->answered = now;
    sent->answered_by = delivery->frame->origin;
    struct workload *workload = &host->workloads[sent->workload];
    host->wrong += !workload->ops->answered(workload->state, delivery, now);
}

static void host_asked(struct host *host, const struct sim_delivery *delivery, sim_time now)
{
    for (uint32_t i = 0; i < host->workload_count; i++) {
        struct workload *workload = &host->workloads[i];
        if (!workload->server || workload->env.entry != delivery->frame->content.entry)
            continue;
        workload->server->request(workload->state, delivery, now);
        return;
    }
    host->unasked++;
}

/* A message that is not what was sent is counted and goes no further: its content is not what it
 * seems. */
static void host_framed(void *app, const struct sim_delivery *delivery, sim_time now)
{
    struct host *host = app;
    if (delivery->damaged || delivery->bytes != delivery->frame->bytes)
        host->corrupt++;
    else if (sim_content_is_answer(delivery->frame->content.kind))
        host_answered(host, delivery, now);
    else
        host_asked(host, delivery, now);
}

void host_set_slowdown(struct host *host, double factor, sim_time now)
{
    for (uint32_t i = 0; i < host->workload_count; i++)
        if (host->workloads[i].server && host->workloads[i].server->slow)
            host->workloads[i].server->slow(host->workloads[i].state, factor, now);
}

const struct sim_app_ops host_app_ops = {
    .received = host_received,
    .delivered = host_delivered,
    .framed = host_framed,
    .completed = host_completed,
};

/* Through an offload, on one connection for all its servers if it is persistent. A message of no
 * bytes takes one. */
static void host_relay(struct host *host, struct sim_message message, sim_time now)
{
    message.bytes += !message.bytes;
    message.framed = true;
    message.frame.origin = host->env.host;
    message.frame.number = message.number;
    message.frame.dst = message.dst;
    message.frame.bytes = message.bytes;
    message.dst = host->via[message.dst];
    host->ops->submit(host->transport, &message, now);
}

uint32_t host_submit(void *host_state, uint32_t workload, struct sim_message *message, sim_time now)
{
    struct host *host = host_state;
    message->number = host->submitted->len;
    if (message->framed) {
        message->frame.origin = host->env.host;
        message->frame.number = message->number;
        message->frame.dst = message->dst;
        message->frame.bytes = message->bytes;
    }
    struct submitted record = {
        .when = now,
        .answered = SIM_NEVER,
        .bytes = message->bytes,
        .dst = message->dst,
        .workload = workload,
        .src_port = message->src_port,
        .dst_port = message->dst_port,
        .asks = message->framed && !sim_content_is_answer(message->frame.content.kind),
    };
    g_array_append_val(host->submitted, record);
    if (host->via && host->via[message->dst] != message->dst)
        host_relay(host, *message, now);
    else
        host->ops->submit(host->transport, message, now);
    return message->number;
}

void host_sample_windows(struct sim_timer *timer, sim_time now)
{
    struct sampler *sampler = (struct sampler *)((char *)timer - offsetof(struct sampler, timer));
    struct host *host = sampler->node->host;
    struct sim_window_sample samples[WINDOWS_MAX];
    uint32_t count = host->ops->windows(host->transport, samples, G_N_ELEMENTS(samples));
    for (uint32_t i = 0; i < count; i++) {
        struct window_record record = {now, sampler->node->index, samples[i]};
        g_array_append_val(sampler->records, record);
    }
    sim_timer_set(&sampler->node->timers, timer, now + sampler->every);
}
