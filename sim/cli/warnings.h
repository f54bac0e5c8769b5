/* What is allowed in a scenario and may not be meant: lines on stderr. */
#ifndef SIM_CLI_WARNINGS_H
#define SIM_CLI_WARNINGS_H

#include "cli/points.h"

/* Of every system at every point, each warning once. */
void warnings_print(const struct points *points);

#endif
