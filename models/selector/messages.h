/* What selectors that look at messages read from a packet: whose it is, how long it is, and which
 * paths it asks not to take. */
#ifndef MODELS_SELECTOR_MESSAGES_H
#define MODELS_SELECTOR_MESSAGES_H

#include <mtpsim/selector.h>

#define SELECTOR_PORTS_MAX 1024u /* equal ways that are compared */

/* The message of a data packet. */
struct selector_message {
    uint64_t id; /* with src: of the message */
    uint32_t src;
    bool first;  /* its first packet */
    bool single; /* and its only one */
    bool again;  /* the first packet of a message that is sent again in whole: a pin dies */
    bool last;   /* nothing of it follows, retransmissions apart */
    bool shared; /* its sender does not send the shortest first, but all at once */
    uint8_t priority;
    uint64_t bytes;  /* of payload, of the message; 0: not known */
    uint64_t passed; /* of it, with this packet, if all came in order */
};

/* Whether the packet is of a message: an MTP data packet, or a segment of a TCP connection in the
 * direction of the data, which is a message that only its SYN tells the size of (see
 * sim_packet_lists.tcp). Not: acknowledgements, packets without a transport. */
bool selector_message_of(const struct sim_packet *packet, struct sim_pool *pool,
                         struct selector_message *message);

/* Keeps those of `ports` whose pathlet the packet does not exclude (protocol: path exclude), or all
 * of them if none would be left. Gives how many are in `kept`. */
uint32_t selector_not_excluded(const struct sim_selector_env *env, const uint16_t *ports,
                               uint32_t count, const struct sim_packet *packet,
                               uint16_t kept[static SELECTOR_PORTS_MAX]);

/* As ecmp does. */
uint32_t selector_hashed(const struct sim_selector_env *env, const uint16_t *ports, uint32_t count,
                         const struct sim_packet *packet);

#endif
