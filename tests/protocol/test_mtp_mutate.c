/* MTP through devices that change messages, where they come to the edge of what they can do: what
 * is left of a message when it is empty, when there is no room for its groups, when the
 * acknowledgements are the devices' own.
 *
 * Two clients and two servers, the devices between them, loss on both sides. */
#include "support/disturb.h"
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

static const struct edge_case {
    const char *name, *offloads, *workload, *drop;
} edges[] = {
#define AT "at: mid, servers: [s1, s2], rate: 10Gbps"
    {"an empty blob in pieces", "mutate: {" AT ", ratio: 2}",
     "messages: {from: [c1, c2], to: s1, bytes: 0B, count: 8, every: 1us, burst: 4, blob: true}",
     "0"},
    {"a blob with empty pieces", "mutate: {" AT ", ratio: 2.5}",
     "messages: {from: [c1, c2], to: s1, bytes: 1B, count: 8, every: 1us, burst: 4, blob: true}",
     "0"},
    {"one group merged", "mutate: {" AT ", ratio: 0.25, groups: 1}",
     "closed_loop: {from: [c1, c2], to: [s1, s2], order: cycle, outstanding: 8, bytes: 16KB, "
     "count: 300}",
     "0"},
    {"one group merged, with loss", "mutate: {" AT ", ratio: 0.25, groups: 1}",
     "closed_loop: {from: [c1, c2], to: [s1, s2], order: cycle, outstanding: 8, bytes: 16KB, "
     "count: 300}",
     "0.01"},
    {"one group split", "mutate: {" AT ", ratio: 3, groups: 1}",
     "closed_loop: {from: [c1, c2], to: [s1, s2], order: cycle, outstanding: 8, bytes: 16KB, "
     "count: 300}",
     "0"},
    {"merged twice, with loss",
     "mutate: {" AT ", name: first, ratio: 0.3}\n  - mutate: {" AT ", ratio: 0.3}",
     "closed_loop: {from: [c1, c2], to: [s1, s2], order: cycle, outstanding: 8, bytes: 40KB, "
     "count: 600}",
     "0.02"},
};

static char *scenario_text(const struct edge_case *edge)
{
    return g_strdup_printf(
        "name: edges\nduration: 2500ms\n"
        "topology:\n  hosts: [c1, c2, s1, s2]\n  switches: [left, mid, right]\n  links:\n"
        "    - {name: c1, ends: [c1, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: c2, ends: [c2, left], rate: 10Gbps, delay: 1us}\n"
        "    - {name: up, ends: [left, mid], rate: 10Gbps, delay: 1us, pathlet: 1}\n"
        "    - {name: down, ends: [mid, right], rate: 10Gbps, delay: 1us, pathlet: 3}\n"
        "    - {name: s1, ends: [right, s1], rate: 10Gbps, delay: 1us}\n"
        "    - {name: s2, ends: [right, s2], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "transport: mtp\n"
        "offloads:\n"
        "  - disturb: {at: left, name: left, servers: all, rate: 100Gbps, drop: %s}\n"
        "  - %s\n"
        "  - disturb: {at: right, name: right, servers: all, rate: 100Gbps, drop: %s}\n"
        "workload:\n  - %s\n",
        edge->drop, edge->offloads, edge->drop, edge->workload);
}

START_TEST(mtp_mutate__once_each)
{
    const struct edge_case *edge = &edges[_i];
    g_autofree char *text = scenario_text(edge);
    struct run run;
    run_init_with(&run, text, 0, &disturb_offload.plugin);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    struct outcome outcome = outcome_of(run.simulation);
    ck_assert_msg(outcome.messages > 0, "%s: no messages", edge->name);
    ck_assert_msg(!outcome.undelivered && !outcome.twice && !outcome.counts.given_up,
                  "%s: of %u messages %u undelivered, %u twice, %" G_GUINT64_FORMAT " given up",
                  edge->name, outcome.messages, outcome.undelivered, outcome.twice,
                  outcome.counts.given_up);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp_mutate__once_each, 0, G_N_ELEMENTS(edges));
}

int main(void)
{
    return suite_run("mtp_mutate", add);
}
