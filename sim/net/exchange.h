/* What ranks tell each other between two windows. */
#ifndef SIM_NET_EXCHANGE_H
#define SIM_NET_EXCHANGE_H

#include "net/crew.h"

/* What a rank says of itself, before its packets. */
struct exchange_head {
    uint64_t next; /* the window that it needs next; UINT64_MAX: none */
    uint64_t stop; /* nonzero: all stop before it */
};

/* Sends what the workers of this rank have for other ranks in their outboxes of `parity`, with the
 * head; puts what comes into the pipes here, and gives the least `next` of all ranks and whether
 * one stops. The workers wait meanwhile. */
struct exchange_head exchange_window(struct crew *crew, uint32_t parity, struct exchange_head own);

#endif
