/* What the tables say about models and blocks, for `mtpsim list` and `mtpsim explain`. */
#ifndef SIM_SCENARIO_EXPLAIN_H
#define SIM_SCENARIO_EXPLAIN_H

#include <glib.h>

#include "plugin/registry.h"

/* The text about a model (of every kind that has one of this name), about a block of the scenario or
 * another key of it, or about a kind of model: "dctcp", "topology.links", "workload", "congestion".
 * Free with g_free. NULL and an error with the nearest name when there is none. */
char *explain_model(const struct registry *registry, const char *name, GError **error);

/* A line for each model: name and summary; SIM_KINDS: of all kinds, under headings. Free with
 * g_free. */
char *list_models(const struct registry *registry, enum sim_kind kind);

#endif
