/* The built-in models: an explicit list, so that the order of linking does not matter. */
#include <mtpsim/plugin.h>

#include "plugin/registry.h"

#include <mtpsim/congestion.h>
#include <mtpsim/offload.h>
#include <mtpsim/policy.h>
#include <mtpsim/queue.h>
#include <mtpsim/selector.h>
#include <mtpsim/sizes.h>
#include <mtpsim/transport.h>
#include <mtpsim/workload.h>

extern const struct sim_queue_ops drr_queue, droptail_queue, ecn_threshold_queue, red_ecn_queue,
    strict_priority_queue, trim_queue;
extern const struct sim_policy_ops fair_share_policy, filter_policy, tenant_class_policy;
extern const struct sim_selector_ops alternate_selector, ecmp_selector, least_loaded_selector,
    message_aware_selector, spray_selector;
extern const struct sim_congestion_ops dctcp_congestion, newreno_congestion, rcp_congestion;
extern const struct sim_congestion_ops fixed_congestion, hpcc_congestion, occupancy8_congestion,
    xcp_congestion;
extern const struct sim_congestion_ops cubic_congestion, dcqcn_congestion, swift_congestion;
extern const struct sim_transport_ops mtp_transport, tcp_transport;
extern const struct sim_congestion_ops lia_congestion;
extern const struct sim_transport_ops mptcp_transport, quic_transport, rdma_transport,
    swift_transport, udp_transport;
extern const struct sim_sizes_ops bounded_pareto_sizes, empirical_sizes, fixed_sizes;
extern const struct sim_workload_ops poisson_workload, trace_workload;
extern const struct sim_workload_ops closed_loop_workload, long_flow_workload, messages_workload;

extern const struct sim_offload_ops aggregate_offload, cache_offload, gateway_offload,
    inspect_offload, l7_balancer_offload, mutate_offload, nf_chain_offload, proxy_offload;
extern const struct sim_workload_ops gradients_workload, requests_workload;

const struct sim_plugin *const sim_builtin_models[] = {
    &drr_queue.plugin,
    &droptail_queue.plugin,
    &ecn_threshold_queue.plugin,
    &red_ecn_queue.plugin,
    &strict_priority_queue.plugin,
    &trim_queue.plugin,
    &fair_share_policy.plugin,
    &filter_policy.plugin,
    &tenant_class_policy.plugin,
    &alternate_selector.plugin,
    &ecmp_selector.plugin,
    &least_loaded_selector.plugin,
    &message_aware_selector.plugin,
    &spray_selector.plugin,
    &aggregate_offload.plugin,
    &cache_offload.plugin,
    &gateway_offload.plugin,
    &inspect_offload.plugin,
    &l7_balancer_offload.plugin,
    &mutate_offload.plugin,
    &nf_chain_offload.plugin,
    &proxy_offload.plugin,
    &bounded_pareto_sizes.plugin,
    &empirical_sizes.plugin,
    &fixed_sizes.plugin,
    &cubic_congestion.plugin,
    &dcqcn_congestion.plugin,
    &dctcp_congestion.plugin,
    &swift_congestion.plugin,
    &newreno_congestion.plugin,
    &rcp_congestion.plugin,
    &fixed_congestion.plugin,
    &hpcc_congestion.plugin,
    &occupancy8_congestion.plugin,
    &xcp_congestion.plugin,
    &lia_congestion.plugin,
    &mptcp_transport.plugin,
    &mtp_transport.plugin,
    &quic_transport.plugin,
    &rdma_transport.plugin,
    &tcp_transport.plugin,
    &swift_transport.plugin,
    &udp_transport.plugin,
    &closed_loop_workload.plugin,
    &long_flow_workload.plugin,
    &messages_workload.plugin,
    &poisson_workload.plugin,
    &gradients_workload.plugin,
    &requests_workload.plugin,
    &trace_workload.plugin,
    NULL,
};
