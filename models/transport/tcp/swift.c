/* swift: the endpoint of Swift, which answers to delay.
 *
 * Kumar et al., "Swift: Delay is Simple and Effective for Congestion Control in the Datacenter",
 * SIGCOMM 2020. Paper: 6, and the row of Table 1.
 *
 * Swift is a congestion control, and what it asks of its transport: a delay measured for each
 * packet, so that none's acknowledgement waits for another; selective acknowledgements and a timer
 * against loss; packets spaced out where the window is below one. All of this TCP here has, so the
 * transport is TCP with Swift's model by default (models/congestion/swift.c says what of it is
 * Swift's) and TCP's defaults otherwise. To devices its packets are TCP's, one stream of bytes a
 * connection, which is what Table 1 turns on.
 *
 * Not modelled: Pony Express (Marty et al., "Snap", SOSP 2019), which Swift runs in, with
 * operations in place of a stream and packets of its own.
 */
#include "params.h"

static const struct sim_param swift_table[] = {TCP_PARAMS("swift"), {.name = NULL}};

SIM_API const struct sim_transport_ops swift_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "swift",
               .summary = "TCP that answers to delay as Swift does",
               .source = "Kumar et al., SIGCOMM 2020; paper, Table 1",
               .state_size = sizeof(struct tcp),
               .params_size = sizeof(struct tcp_params),
               .params = swift_table,
               .check = tcp_check},
    TCP_OPERATIONS,
};
