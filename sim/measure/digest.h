/* The digest of a run: one 64-bit hash a node, of everything that the node did with packets, in
 * order. The run's digest combines them in the order of nodes, so it depends neither on windows nor
 * on threads. */
#ifndef SIM_MEASURE_DIGEST_H
#define SIM_MEASURE_DIGEST_H

#include <mtpsim/packet.h>

/* The two halves of the full product, xored. */
static inline uint64_t digest_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* What a packet is, whatever its place in the pool. */
static inline uint64_t digest_identity(const struct sim_packet *packet)
{
    const uint64_t *w = packet->words;
    return digest_fold(w[0] ^ w[3] ^ 0xa0761d6478bd642fu,
                       w[1] ^ (w[2] << 32 | w[2] >> 32) ^ 0xe7037ed1a0b428dbu) +
           ((uint64_t)packet->src << 32 | packet->dst) + ((uint64_t)packet->size_bytes << 16);
}

/* Adds one event: `verdict` tells what became of the packet. */
static inline uint64_t digest_add(uint64_t digest, sim_time now, uint32_t port, uint64_t identity,
                                  uint32_t verdict)
{
    return digest_fold(digest ^ (uint64_t)now ^ 0x8ebc6af09c88c6e3u,
                       identity ^ ((uint64_t)port << 40) ^ ((uint64_t)verdict << 8) ^
                           0x589965cc75374cc3u) +
           digest;
}

#endif
