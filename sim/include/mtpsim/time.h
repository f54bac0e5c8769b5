/* Simulated time and rates.
 *
 * Time is an integer number of picoseconds, so that one run is the same on every machine: 100 Gbps
 * is exactly 80 ps a byte, and int64_t holds 106 days.
 */
#ifndef MTPSIM_TIME_H
#define MTPSIM_TIME_H

#include <stdint.h>

typedef int64_t sim_time;

#define SIM_NEVER INT64_MAX
#define SIM_NS    ((sim_time)1000)
#define SIM_US    (1000 * SIM_NS)
#define SIM_MS    (1000 * SIM_US)
#define SIM_S     (1000 * SIM_MS)

/* A line rate as the time that one byte takes, in 2^-20 ps: rates that do not divide 8e12 are off
 * by less than 1e-6 ps a byte. Rates from 1 Mbps fit for packets up to 65535 bytes. */
struct sim_rate {
    uint64_t bps;
    uint64_t byte_time_q20;
};

static inline struct sim_rate sim_rate_of(uint64_t bps)
{
    unsigned __int128 q20 = (unsigned __int128)8000000000000u << 20;
    return (struct sim_rate){bps, (uint64_t)((q20 + bps / 2) / bps)};
}

/* Serialisation time of `bytes`, at most 65535. */
static inline sim_time sim_wire_time(struct sim_rate rate, uint32_t bytes)
{
    return (sim_time)((bytes * rate.byte_time_q20) >> 20);
}

/* The same of any number of bytes. */
static inline sim_time sim_rate_time(struct sim_rate rate, uint64_t bytes)
{
    return (sim_time)((unsigned __int128)bytes * rate.byte_time_q20 >> 20);
}

#endif
