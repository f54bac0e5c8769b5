/* Lengths under a ratio, as devices compute that change the length of messages: byte x of a message
 * becomes byte floor(x * ratio), the same wherever it is computed, with a ratio of 32 binary
 * places. */
#ifndef MODELS_OFFLOAD_SCALING_H
#define MODELS_OFFLOAD_SCALING_H

#include <stdint.h>

#define OFFLOAD_RATIO_ONE (UINT64_C(1) << 32)

static inline uint64_t offload_ratio_q32(double ratio)
{
    return (uint64_t)(ratio * (double)OFFLOAD_RATIO_ONE + 0.5);
}

static inline uint64_t offload_scale(uint64_t ratio_q32, uint64_t bytes)
{
    return (uint64_t)((unsigned __int128)bytes * ratio_q32 >> 32);
}

#endif
