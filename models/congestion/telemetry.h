/* In-band telemetry of one port in one feedback value of 8 bytes (SIM_FEEDBACK_TELEMETRY).
 *
 * The fields and their widths are those of HPCC's INT (Li et al., SIGCOMM 2019, 4.1), so that what
 * a sender can know is as coarse here as there. Most significant bits first:
 *
 *     queue   16 bits, 80 bytes each, 65535 for whatever is more (5.2 MB)
 *     rate     4 bits, a code of the table below
 *     time    24 bits, ns, wraps after 16.8 ms
 *     bytes   20 bits, 128 bytes each, sent by the port, wraps after 134 MB (10.7 ms at 100 Gbps)
 *
 * The order is ours: the greatest of two values is that of the longer queue, which is what is left
 * when a pathlet is on a path twice. Codes for rates are ours too. A rate without a code is told as
 * the next lower one: senders then leave some of the link unused, rather than overload it.
 */
#ifndef MODELS_CONGESTION_TELEMETRY_H
#define MODELS_CONGESTION_TELEMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include <mtpsim/time.h>

#define TELEMETRY_TIME_BITS  24u
#define TELEMETRY_BYTES_BITS 20u
#define TELEMETRY_QUEUE_UNIT 80u
#define TELEMETRY_BYTES_UNIT 128u

static const uint64_t telemetry_rates_bps[16] = {
    100000000,    1000000000,   2500000000,   5000000000,   10000000000,  20000000000,
    25000000000,  40000000000,  50000000000,  80000000000,  100000000000, 160000000000,
    200000000000, 400000000000, 800000000000, 1600000000000};

struct telemetry {
    uint64_t queue_bytes, rate_bps;
    uint32_t time_ns;    /* modulo 2^24 */
    uint32_t sent_units; /* of 128 bytes, modulo 2^20 */
};

static inline uint64_t telemetry_pack(uint64_t queue_bytes, uint64_t rate_bps, sim_time now,
                                      uint64_t sent_bytes)
{
    uint64_t queue = queue_bytes / TELEMETRY_QUEUE_UNIT, code = 15;
    while (code > 0 && telemetry_rates_bps[code] > rate_bps)
        code--;
    uint64_t time = (uint64_t)(now / SIM_NS) & ((1u << TELEMETRY_TIME_BITS) - 1);
    uint64_t sent = sent_bytes / TELEMETRY_BYTES_UNIT & ((1u << TELEMETRY_BYTES_BITS) - 1);
    return (queue < 65535 ? queue : 65535) << 48 | code << 44 | time << TELEMETRY_BYTES_BITS | sent;
}

static inline struct telemetry telemetry_unpack(uint64_t value)
{
    return (struct telemetry){
        .queue_bytes = (value >> 48) * TELEMETRY_QUEUE_UNIT,
        .rate_bps = telemetry_rates_bps[value >> 44 & 15],
        .time_ns = (uint32_t)(value >> TELEMETRY_BYTES_BITS) & ((1u << TELEMETRY_TIME_BITS) - 1),
        .sent_units = (uint32_t)value & ((1u << TELEMETRY_BYTES_BITS) - 1),
    };
}

/* From `before` to `after`, ns. Negative when `after` is older: packets overtook each other. */
static inline int32_t telemetry_elapsed_ns(const struct telemetry *before,
                                           const struct telemetry *after)
{
    uint32_t shift = 32 - TELEMETRY_TIME_BITS;
    return (int32_t)((after->time_ns - before->time_ns) << shift) >> shift;
}

static inline uint64_t telemetry_sent_bytes(const struct telemetry *before,
                                            const struct telemetry *after)
{
    uint32_t units = (after->sent_units - before->sent_units) & ((1u << TELEMETRY_BYTES_BITS) - 1);
    return (uint64_t)units * TELEMETRY_BYTES_UNIT;
}

/* Whether differences to a value that is so old are unambiguous: neither counter went half round.
 */
static inline bool telemetry_is_comparable(const struct telemetry *before, sim_time age)
{
    uint64_t half = (UINT64_C(1) << (TELEMETRY_BYTES_BITS - 1)) * TELEMETRY_BYTES_UNIT;
    return age < (SIM_NS << (TELEMETRY_TIME_BITS - 1)) &&
           (double)age / (double)SIM_S * (double)before->rate_bps < 8 * (double)half;
}

#endif
