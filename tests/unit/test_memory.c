/* What a simulation says that it has allocated, against the heap. */
#include "net/network.h"

#include "support/heap.h"
#include "support/network.h"
#include "support/run.h"
#include "support/suite.h"

static const char *const transports[] = {
    "tcp: {}",
    "mtp: {}",
    "udp: {rate: 5Gbps}",
    "quic: {}",
    "mptcp: {}",
    "rdma: {}",
    "rdma: {mode: uc, rate: 5Gbps}",
    "rdma: {mode: ud, rate: 5Gbps}",
};

/* Flows that come and go, and some under way when it ends. */
static char *scenario_text(const char *transport)
{
    return g_strdup_printf(
        "name: memory\nduration: 500us\n"
        "topology: {fat_tree: {k: 4, rate: 100Gbps, delay: 1us, pathlets: port}}\n"
        "queue: {ecn_threshold: {capacity: 1000p, mark_at: 65p}}\n"
        "workload:\n"
        "  - poisson: {from: all, to: all, load: 50%%, of: 1.6Tbps, sizes: {fixed: {bytes: "
        "300KB}}}\n"
        "  - long_flow: {from: all, to: all, pattern: permutation}\n"
        "measure: {throughput: {every: 10us}}\n"
        "transport: {%s}\n",
        transport);
}

static uint64_t total_bytes(const struct simulation_memory *memory)
{
    return memory->host_bytes + memory->switch_bytes + memory->port_bytes + memory->route_bytes +
           memory->flow_bytes + memory->record_bytes;
}

/* Packets lie in memory of their own. Arrays of records may be half empty, and the heap has what
 * this leaves out: processes, schedules, what workloads allocate. */
START_TEST(memory__is_what_the_heap_holds)
{
    g_autofree char *text = scenario_text(transports[_i]);
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, 500 * SIM_US, NULL);
    struct simulation_memory memory;
    simulation_memory(run.simulation, &memory);
    double said = (double)total_bytes(&memory);
    size_t with = heap_bytes();
    simulation_free(run.simulation);
    double held = (double)(with - heap_bytes());
    run.simulation = NULL;
    ck_assert_msg(said < held && said > 0.8 * held, "%s: %.0f bytes said, %.0f held",
                  transports[_i], said, held);
    scenario_free(run.scenario);
    registry_free(run.registry);
}
END_TEST

/* Of a network whose parts are known. */
START_TEST(memory__of_hosts_ports_and_flows)
{
    struct network *network = g_new0(struct network, 1);
    network_dumbbell(network, 4, 100, SIM_US);
    struct simulation *simulation = network_build(network);
    struct simulation_memory memory;
    simulation_memory(simulation, &memory);
    ck_assert_uint_eq(memory.flows, 0);
    ck_assert_uint_eq(memory.flow_bytes, 0);
    ck_assert_uint_eq(memory.packet_bytes, 0);
    ck_assert_uint_gt(memory.port_bytes, 18 * sizeof(struct port));
    ck_assert_uint_lt(memory.port_bytes, 18 * (sizeof(struct port) + 256));
    simulation_run(simulation, SIM_MS, NULL);
    struct simulation_totals totals;
    simulation_totals(simulation, &totals);
    simulation_memory(simulation, &memory);
    ck_assert_uint_eq(memory.packet_bytes, totals.in_flight * (sizeof(struct sim_packet) +
                                                               sizeof(union sim_packet_lists)));
    simulation_free(simulation);
    g_free(network);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, memory__is_what_the_heap_holds, 0, G_N_ELEMENTS(transports));
    tcase_add_test(tcase, memory__of_hosts_ports_and_flows);
}

int main(void)
{
    return suite_run("memory", add_cases);
}
