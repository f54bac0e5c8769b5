#include "net/trace.h"

#include <string.h>

static bool is_traced_host(const struct spec *spec, uint32_t host)
{
    for (uint32_t i = 0; i < spec->trace_hosts.count; i++)
        if (spec->trace_hosts.items[i] == host)
            return true;
    return false;
}

bool trace_arrival(struct trace *trace, const struct node *node, uint32_t port,
                   const struct sim_packet *packet, sim_time now)
{
    const struct spec *spec = trace->spec;
    if (now < spec->trace_from || now >= spec->trace_until || !is_traced_host(spec, packet->src) ||
        !is_traced_host(spec, packet->dst))
        return false;
    struct packet_record record = {
        .time = now,
        .node = node->index,
        .link = node->ports[port].link,
        .packet = *packet,
        .out_link = UINT32_MAX,
    };
    g_array_append_val(trace->records, record);
    return true;
}

void trace_verdict(struct trace *trace, const struct node *node, uint32_t verdict)
{
    struct packet_record *record =
        &g_array_index(trace->records, struct packet_record, trace->records->len - 1);
    if (node->host) {
        record->outcome = PACKET_RECEIVED;
        return;
    }
    static const enum packet_outcome outcomes[] = {
        [PORT_SENT] = PACKET_SENT,       [PORT_MARKED] = PACKET_MARKED,
        [PORT_DROPPED] = PACKET_DROPPED, [PORT_TRIMMED] = PACKET_TRIMMED,
        [PORT_LOST] = PACKET_LOST,       [PORT_TOO_LARGE] = PACKET_DROPPED,
    };
    record->outcome = verdict == UINT32_MAX ? PACKET_DROPPED : outcomes[verdict & 7];
    if (verdict != UINT32_MAX && verdict >> 3 < node->port_count)
        record->out_link = node->ports[verdict >> 3].link;
}

/* ---- reading ---- */

static int order_records(gconstpointer a, gconstpointer b)
{
    const struct packet_record *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

GArray *trace_collect(const struct node *nodes, uint32_t node_count)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct packet_record));
    for (uint32_t i = 0; i < node_count; i++) {
        if (!nodes[i].trace)
            continue;
        const GArray *records = nodes[i].trace->records;
        for (guint row = 0; row < records->len; row++) {
            struct packet_record record = g_array_index(records, struct packet_record, row);
            record.place = row;
            g_array_append_val(all, record);
        }
    }
    g_array_sort(all, order_records);
    return all;
}
