/* What the tests of MTP share: a wire of MTP hosts whose data packets collect scripted path
 * feedback, and a check of all charges. */
#ifndef TESTS_SUPPORT_MTP_CASE_H
#define TESTS_SUPPORT_MTP_CASE_H

#include <check.h>

#include "models/transport/mtp/mtp.h"
#include "support/wire.h"

#define MTP_CASE_RULES 8

/* The pathlets that data packets pass: those of `before` until `switch_at`, of `after` from then
 * on; with a period, each for one period in turn. */
struct mtp_route {
    uint32_t before[SIM_MTP_LIST_MAX], after[SIM_MTP_LIST_MAX]; /* pathlets, 0 ends the list */
    sim_time switch_at, period;
    double mark;        /* share of packets that are marked, */
    uint32_t mark_path; /* by this pathlet */
};

struct mtp_case {
    struct mtp_params params;
    struct mtp_route route;
    struct wire_config config;
    struct wire_rule rules[MTP_CASE_RULES]; /* rule 0 is the route */
    struct wire *wire;                      /* once it is started */
};

/* Default parameters, two hosts, 100 Gbps, 10 us one way; one pathlet, 1. */
void mtp_case_init(struct mtp_case *test);
struct wire_rule *mtp_case_rule(struct mtp_case *test, struct wire_rule rule);
void mtp_case_start(struct mtp_case *test);
struct mtp *mtp_case_host(struct mtp_case *test, uint32_t host);
/* Every window of the host holds the charges of its unacknowledged packets, no more and no less. */
void mtp_case_check_charges(struct mtp *mtp);
/* Data packets that a rule with this match acts on: those sent before the switch, and after it. The
 * rule's context is the case. */
bool mtp_case_is_before(const struct sim_packet *packet, void *context);
/* The first stream's path, as its pathlets in decimal digits ("12"); 0: none of its own. */
uint32_t mtp_case_path(struct mtp *mtp);
/* The window of a pathlet with TC 0, or NULL. */
const struct mtp_window *mtp_case_window(const struct mtp *mtp, uint32_t id);
/* Checks that nothing is left at the sender. */
void mtp_case_check_empty(struct mtp *mtp);

#endif
