/* A scenario of a test, from its text to a simulation. */
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include "net/simulation.h"
#include "scenario/scenario.h"

struct run {
    struct registry *registry;
    struct scenario *scenario;
    struct simulation *simulation;
};

/* Builds the system `system` of the text (0: the first); fails the test on any error. */
void run_init(struct run *run, const char *text, guint system);
/* The same with a model of the test's own. */
void run_init_with(struct run *run, const char *text, guint system, const struct sim_plugin *model);
/* Why the first system of a scenario cannot be built. Free with g_free. */
char *run_refusal(const char *text);
void run_clear(struct run *run);

/* Goodput from measure_after to the end, in Gbps. */
double run_goodput_gbps(const struct run *run);

#endif
