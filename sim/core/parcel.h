/* A packet on its way to another process: its line, and what it may use of the 320 bytes of its
 * lists. What is sent is what the exchange between processes costs. A protocol that is not known
 * here sends all of it: right, and slow.
 */
#ifndef SIM_CORE_PARCEL_H
#define SIM_CORE_PARCEL_H

#include <mtpsim/packet.h>

#include "core/bytes.h"

/* Adds a packet that arrives at `arrival`. Borrows it. */
void parcel_pack(struct bytes *bytes, const struct sim_pool *pool, const struct sim_packet *packet,
                 sim_time arrival);
/* Gives the next packet, a new one of the pool; its next_arrival is its own arrival. */
struct sim_packet *parcel_unpack(struct bytes *bytes, struct sim_pool *pool);

#endif
