/* Runs of acknowledged packets, which tell what other messages' packets say; see order.c. */
#ifndef MODELS_TRANSPORT_MTP_ORDER_H
#define MODELS_TRANSPORT_MTP_ORDER_H

#include <mtpsim/time.h>

struct mtp_path;

#define MTP_RUNS 4

/* Acknowledged packets to a destination, next to each other in the order sent, that agree on path
 * and priority. */
struct mtp_run {
    struct mtp_path *path;  /* NULL: no run */
    uint64_t first, newest; /* clocks of the packets at its ends */
    sim_time first_sent_at, newest_sent_at;
    uint32_t messages; /* whose first report of a path is in it */
    uint8_t priority;
};

/* The last few, newest first. */
struct mtp_order {
    struct mtp_run runs[MTP_RUNS];
    uint64_t floor; /* of packets sent before this clock nothing is kept any more */
};

#endif
