#include "net/prefetch.h"

#include "net/host.h"
#include "net/switch.h"

PREFETCH_INLINE void prefetch_pointed(const struct node *node)
{
    prefetch_lines(node->pipes, node->port_count * sizeof *node->pipes);
    if (node->host)
        prefetch_lines(node->host, offsetof(struct host, submitted));
    else
        prefetch_lines(node->fabric_switch, sizeof *node->fabric_switch);
}

PREFETCH_INLINE void prefetch_heads(const struct worker *worker, const struct node *node)
{
    for (uint32_t port = 0; port < node->port_count; port++) {
        packet_prefetch(worker, node, node->pipes[port].head);
        prefetch_lines(&node->ports[port], PORT_HOT_BYTES);
    }
    if (node->host)
        prefetch_lines(node->host->transport, 4 * CACHE_LINE);
}

void processes_prefetch(const struct worker *worker, const struct process *processes,
                        const uint32_t *next, uint32_t count)
{
    if (count > 3)
        prefetch_lines(processes[next[3]].nodes[0], sizeof(struct node));
    if (count > 2 && processes[next[2]].node_count == 1)
        prefetch_pointed(processes[next[2]].nodes[0]);
    if (count > 1 && processes[next[1]].node_count == 1)
        prefetch_heads(worker, processes[next[1]].nodes[0]);
}
