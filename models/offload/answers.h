/* What devices that absorb and answer have in common: the protocol's side of it (mtpsim/device.h,
 * points 3 and 4). */
#ifndef MODELS_OFFLOAD_ANSWERS_H
#define MODELS_OFFLOAD_ANSWERS_H

#include <mtpsim/device.h>

/* Path feedback belongs to the first entry of an acknowledgement. Where a device has none to pass
 * on for what it says, the first entry names this packet, which does not exist. */
#define OFFLOAD_NOBODY (SIM_MTP_WHOLE - 1)

/* Payload of the largest packet that a device sends: as much as a sender of MTP does that leaves
 * room for a full list of path feedback. */
uint32_t offload_payload_max(const struct sim_device_env *env);

/* Makes a data packet its own packet SACK, on its way back to the sender. */
void offload_sack(const struct sim_device_env *env, struct sim_packet *packet);

/* A message of one packet from the device to `dst`, under the ID of the message that it answers. */
struct sim_answer {
    uint32_t dst;
    uint64_t message;
    uint16_t src_port, dst_port;
    uint8_t priority;
    bool encrypted;
    uint32_t bytes;
    struct sim_content content;
};
struct sim_packet *offload_answer(const struct sim_device_env *env,
                                  const struct sim_answer *answer);

/* An acknowledgement that came to the device, of answers that it sent: makes it what it means for
 * the messages that were answered, for their sender. A message SACK stays one; a NACK asks for all
 * of the message again. False: it means nothing. */
bool offload_relay(const struct sim_device_env *env, struct sim_packet *packet);

enum offload_verdict {
    OFFLOAD_HELD,      /* nothing yet: the caller adds SACK entries */
    OFFLOAD_DELIVERED, /* its message SACK */
    OFFLOAD_GIVEN_UP,  /* a NACK for all of it */
};

/* Makes an acknowledgement to `dst` about a message that it sent to `src`, in the name of that. */
struct sim_packet *offload_verdict(const struct sim_device_env *env, uint32_t src, uint32_t dst,
                                   uint64_t message, bool encrypted, enum offload_verdict verdict);

#endif
