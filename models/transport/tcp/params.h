/* What transports that are this machine have in common: the entries of their tables. */
#ifndef MODELS_TRANSPORT_TCP_PARAMS_H
#define MODELS_TRANSPORT_TCP_PARAMS_H

#include "connection.h"

extern const char *const tcp_loss_detection_names[];

#define TCP_PARAM(member) .offset = offsetof(struct tcp_params, member)

/* Parameters, as struct tcp_params has them. */
#define TCP_PARAMS(congestion_model)                                                               \
    {.name = "congestion",                                                                         \
     .help = "how the window moves",                                                               \
     .fallback = congestion_model,                                                                 \
     TCP_PARAM(congestion),                                                                        \
     .type = SIM_PARAM_MODEL,                                                                      \
     .kind = SIM_CONGESTION},                                                                      \
        {.name = "initial_window",                                                                 \
         .help = "packets that a new connection may send at once",                                 \
         .fallback = "10",                                                                         \
         TCP_PARAM(initial_window_pkts),                                                           \
         .min = 1,                                                                                 \
         .max = 1e6,                                                                               \
         .type = SIM_PARAM_COUNT},                                                                 \
        {.name = "min_rto",                                                                        \
         .help = "least retransmission timeout",                                                   \
         .fallback = "1ms",                                                                        \
         TCP_PARAM(min_rto),                                                                       \
         .min = 1e6,                                                                               \
         .max = 6e13,                                                                              \
         .type = SIM_PARAM_TIME},                                                                  \
        {.name = "initial_rto",                                                                    \
         .help = "retransmission timeout before the first round trip is measured, so of the SYN",  \
         .fallback = "3ms",                                                                        \
         TCP_PARAM(initial_rto),                                                                   \
         .min = 1e6,                                                                               \
         .max = 6e13,                                                                              \
         .type = SIM_PARAM_TIME},                                                                  \
        {.name = "duplicate_ack_threshold",                                                        \
         .help = "segments SACKed above one that make it lost",                                    \
         .fallback = "3",                                                                          \
         TCP_PARAM(duplicate_ack_threshold),                                                       \
         .min = 1,                                                                                 \
         .max = 1e6,                                                                               \
         .type = SIM_PARAM_COUNT},                                                                 \
        {.name = "loss_detection",                                                                 \
         .help = "by the number of segments SACKed above (RFC 6675), or by time (RFC 8985)",       \
         .fallback = "duplicate_acks",                                                             \
         TCP_PARAM(loss_detection),                                                                \
         .choices = tcp_loss_detection_names,                                                      \
         .type = SIM_PARAM_CHOICE},                                                                \
        {.name = "undo",                                                                           \
         .help = "go back to the window before a recovery that DSACKs prove needless",             \
         .fallback = "false",                                                                      \
         TCP_PARAM(undo),                                                                          \
         .type = SIM_PARAM_BOOL},                                                                  \
        {.name = "ack_every",                                                                      \
         .help = "segments in order to one acknowledgement; 1: none is delayed",                   \
         .fallback = "1",                                                                          \
         TCP_PARAM(ack_every),                                                                     \
         .min = 1,                                                                                 \
         .max = 1000,                                                                              \
         .type = SIM_PARAM_COUNT},                                                                 \
        {.name = "ack_delay",                                                                      \
         .help = "longest that an acknowledgement is delayed",                                     \
         .fallback = "100us",                                                                      \
         TCP_PARAM(ack_delay),                                                                     \
         .min = 1,                                                                                 \
         .max = 1e12,                                                                              \
         .type = SIM_PARAM_TIME},                                                                  \
    {                                                                                              \
        .name = "receive_window",                                                                  \
        .help = "bytes that the receiver takes beyond what it acknowledged", .fallback = "1GB",    \
        TCP_PARAM(receive_window_bytes), .min = 10000, .max = 1073741823, .type = SIM_PARAM_BYTES  \
    }

/* Operations, and what else the engine reads of a transport. */
#define TCP_OPERATIONS                                                                             \
    .protocol = SIM_PROTOCOL_TCP, .least_packet_bytes = TCP_HEADER_BYTES, .init = tcp_init,        \
    .clear = tcp_clear, .submit = tcp_submit, .receive = tcp_receive, .transmit = tcp_transmit,    \
    .count = tcp_count, .consumed = tcp_consumed, .windows = tcp_windows, .memory = tcp_memory

#endif
