/* Flows that come and go: the heap after many of them against the heap after a few, at moments when
 * none is under way. What grows is the record that each message leaves for messages.csv, and
 * nothing else: connections, streams, reassemblies, their tables and timers are freed, or used
 * again, when a flow completes.
 *
 * The first measurement comes when everything that has a bound is full: the 256 closed connections
 * that a host keeps to answer what is sent again (tcp/receiver.c), receiving ends that are used
 * again with their addresses (quic, mptcp, rdma: a workload has 1000 ports), paths, windows,
 * tables.
 */
#include "net/network.h"

#include "support/heap.h"
#include "support/run.h"
#include "support/suite.h"

#define EVERY   (60 * SIM_US) /* nothing is under way shortly before */

static const struct flow_case {
    const char *name, *transport, *message;
} cases[] = {
    {"tcp, one packet", "tcp", "bytes: 1KB"},         {"tcp, many packets", "tcp", "bytes: 20KB"},
    {"mtp, one packet", "mtp", "bytes: 1KB"},         {"mtp, many packets", "mtp", "bytes: 20KB"},
    {"mtp, blobs", "mtp", "bytes: 20KB, blob: true"}, {"quic, one packet", "quic", "bytes: 1KB"},
    {"quic, many packets", "quic", "bytes: 20KB"},    {"mptcp, one packet", "mptcp", "bytes: 1KB"},
    {"mptcp, many packets", "mptcp", "bytes: 20KB"},  {"rdma, one packet", "rdma", "bytes: 1KB"},
    {"rdma, many packets", "rdma", "bytes: 20KB"},    {"udp", "udp", "bytes: 20KB"},
};

static char *scenario_text(const struct flow_case *c)
{
    return g_strdup_printf(
        "name: flows\nduration: 10s\n"
        "topology: {leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 1, rate: 100Gbps, "
        "uplink_rate: 100Gbps}}\n"
        "queue: {ecn_threshold: {capacity: 1000p, mark_at: 65p}}\n"
        "workload:\n  - messages: {from: l0_*, to: l1_*, count: 0, every: 60us, %s}\n"
        "transport: {%s: {}}\n",
        c->message, c->transport);
}

/* What a GArray of such elements has allocated. */
static size_t array_bytes(const GArray *array, size_t element)
{
    size_t bytes = 16;
    while (bytes < array->len * element)
        bytes *= 2;
    return bytes;
}

static size_t record_bytes(const struct simulation *simulation)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < simulation->host_count; i++)
        bytes += array_bytes(simulation->hosts[i].submitted, sizeof(struct submitted)) +
                 array_bytes(simulation->hosts[i].arrived, sizeof(struct delivered));
    return bytes;
}

/* The heap without the records, when so many messages have been sent, all completed. */
static size_t heap_after(struct simulation *simulation, uint32_t messages)
{
    simulation_run(simulation, messages * EVERY - SIM_US, NULL);
    GArray *records = simulation_messages(simulation);
    ck_assert_uint_eq(records->len, messages);
    for (guint i = 0; i < records->len; i++)
        ck_assert_int_ne(g_array_index(records, struct message_record, i).delivered, SIM_NEVER);
    g_array_unref(records);
    return heap_bytes() - record_bytes(simulation);
}

START_TEST(flow_memory__completed_flows_leave_only_their_records)
{
    const struct flow_case *c = &cases[_i];
    g_autofree char *text = scenario_text(c);
    struct run run;
    run_init(&run, text, 0);
    size_t first = heap_after(run.simulation, 1000), second = heap_after(run.simulation, 3000);
    /* Less than a pointer for each of the 2000 flows between the two; large blocks are rounded up
     * to pages. */
    ck_assert_msg(second < first + 4 * 2000, "%s: %zu bytes after 1000 flows, %zu after 3000",
                  c->name, first, second);
    run_clear(&run);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, flow_memory__completed_flows_leave_only_their_records, 0,
                        G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("flow memory", add_cases);
}
