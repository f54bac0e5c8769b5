/* The network of a system as a Graphviz text, for `mtpsim show --topology`: hosts as ellipses,
 * switches as boxes, links with name, rate, delay, loss and pathlets. */
#ifndef SIM_SCENARIO_GRAPHVIZ_H
#define SIM_SCENARIO_GRAPHVIZ_H

#include "scenario/spec.h"

/* To draw it: dot -Tsvg. Free with g_free. */
char *graphviz_text(const struct spec *spec);

#endif
