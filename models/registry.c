/* The built-in models: an explicit list, so that the order of linking does not matter. */
#include <mtpsim/plugin.h>

#include "plugin/registry.h"

#include <mtpsim/congestion.h>
#include <mtpsim/queue.h>
#include <mtpsim/selector.h>
#include <mtpsim/transport.h>
#include <mtpsim/workload.h>

extern const struct sim_queue_ops droptail_queue, ecn_threshold_queue;
extern const struct sim_selector_ops alternate_selector, ecmp_selector;
extern const struct sim_congestion_ops dctcp_congestion, newreno_congestion;
extern const struct sim_transport_ops mtp_transport, tcp_transport;
extern const struct sim_workload_ops long_flow_workload, messages_workload;

const struct sim_plugin *const sim_builtin_models[] = {
    &droptail_queue.plugin,
    &ecn_threshold_queue.plugin,
    &alternate_selector.plugin,
    &ecmp_selector.plugin,
    &dctcp_congestion.plugin,
    &newreno_congestion.plugin,
    &mtp_transport.plugin,
    &tcp_transport.plugin,
    &long_flow_workload.plugin,
    &messages_workload.plugin,
    NULL,
};
