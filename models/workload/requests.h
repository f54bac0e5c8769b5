/* The two ends of `requests`: requests.c asks, requests_server.c answers. */
#ifndef MODELS_WORKLOAD_REQUESTS_H
#define MODELS_WORKLOAD_REQUESTS_H

#include <mtpsim/workload.h>

enum requests_service { REQUESTS_EXPONENTIAL, REQUESTS_FIXED };

struct requests_params {
    struct sim_list from, servers;
    uint32_t to; /* UINT32_MAX: each key at one of the servers */
    uint64_t keys;
    double zipf, writes;
    uint64_t request_bytes, write_bytes, response_bytes;
    uint64_t outstanding; /* 0: open loop */
    sim_time interval, start, jitter;
    uint64_t count;
    sim_time service;
    uint32_t service_times; /* enum requests_service */
    uint64_t parallel;
    bool persistent, encrypted;
};

extern const struct sim_server_ops requests_server;

#endif
