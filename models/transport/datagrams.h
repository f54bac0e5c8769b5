/* Messages as datagrams: what UDP and RDMA's unreliable datagrams have in common.
 *
 * A message that does not fit one datagram is cut by the application, which puts a header of its
 * own before each piece: the message's number (4 bytes), its length and the piece's offset (6 bytes
 * each). Pieces are put together in any order; a message is delivered when all of them are there,
 * and never when one is lost. Nothing is acknowledged, sent again, or answered to.
 *
 * The receiver keeps a record of each message for `reassembly_timeout` after its last datagram: an
 * incomplete one is then abandoned, and a complete one has meanwhile told copies from the original,
 * so a message is delivered once. Of an endless message it remembers the newest gaps only.
 */
#ifndef MODELS_TRANSPORT_DATAGRAMS_H
#define MODELS_TRANSPORT_DATAGRAMS_H

#include <mtpsim/transport.h>

#include "models/transport/demux.h"
#include "models/transport/outbox.h"

#define DATAGRAMS_MESSAGE_HEADER_BYTES 16u

struct datagrams_config {
    enum sim_protocol protocol;
    uint8_t flags;         /* of its header */
    uint32_t header_bytes; /* all headers, the application's included */
    uint64_t rate_bps;     /* as in struct outbox */
    sim_time reassembly_timeout;
};

struct datagrams {
    const struct sim_transport_env *env;
    struct datagrams_config config;
    struct outbox outbox;
    struct demux records;                       /* of messages that arrive */
    struct datagrams_record *oldest, *youngest; /* by their last datagram */
    struct sim_timer expiry;
    struct sim_transport_counts counts;
};

void datagrams_init(struct datagrams *datagrams, const struct sim_transport_env *env,
                    const struct datagrams_config *config, bool *is_ready);
void datagrams_clear(struct datagrams *datagrams);
/* Takes the packet. */
void datagrams_receive(struct datagrams *datagrams, struct sim_packet *packet, sim_time now);
struct sim_packet *datagrams_transmit(struct datagrams *datagrams, sim_time now);
void datagrams_memory(const struct datagrams *datagrams, struct sim_transport_memory *memory);

#endif
