/* A device on a bench: one by one packets pass it, and what it does with each is kept. It has hosts
 * 0 to 7, of which 4 to 7 are its servers, and the address 8. */
#ifndef TESTS_SUPPORT_BENCH_H
#define TESTS_SUPPORT_BENCH_H

#include <mtpsim/offload.h>

#include <glib.h>

#define BENCH_SERVER  4u
#define BENCH_SERVERS 4u
#define BENCH_DEVICE  8u

enum bench_fate {
    BENCH_FORWARDED,
    BENCH_ANSWERED,
    BENCH_EMITTED,
    BENCH_ABSORBED,
    BENCH_DROPPED,
};

struct bench_packet {
    enum bench_fate fate; /* not of those that go in */
    struct sim_packet line;
    union sim_packet_lists lists;
    union sim_packet_rare rare;
};

struct bench {
    struct sim_pool pool;
    struct sim_timers timers;
    struct sim_rng rng;
    struct sim_device_env env;
    struct sim_model model;
    const struct sim_device_ops *ops;
    void *state;
    uint32_t servers[BENCH_SERVERS];
    uint32_t away;                        /* a bit for each server that cannot be reached */
    GArray *out;                          /* struct bench_packet, in order */
    guint taken;                          /* of them by bench_next */
    uint64_t messages, bytes, most_bytes; /* that it holds */
    uint64_t consumed;
};

/* All parameters but the servers are 0 until the test sets them: then bench_start. */
void bench_init(struct bench *bench, const struct sim_offload_ops *offload);
/* A parameter's place. */
void *bench_parameter(struct bench *bench, const char *name, enum sim_param_type type);
void bench_start(struct bench *bench);
/* Checks that no packet and no timer is left. */
void bench_clear(struct bench *bench);

/* Gives what the device wants of it. Unless it passes by, the device takes it. */
enum sim_device_use bench_pass(struct bench *bench, const struct bench_packet *packet,
                               sim_time now);
/* Fires all timers until then. */
void bench_wait(struct bench *bench, sim_time until);
/* The next packet of what came out; fails the test when there is none, or has another fate. */
const struct bench_packet *bench_next(struct bench *bench, enum bench_fate fate);
/* Fails the test when something else came out. */
void bench_quiet(const struct bench *bench);
/* One of the device's own counters. */
uint64_t bench_count(const struct bench *bench, const char *name);

#endif
