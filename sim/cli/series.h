/* The CSV files of one run of one system. */
#ifndef SIM_CLI_SERIES_H
#define SIM_CLI_SERIES_H

#include "net/simulation.h"

/* Writes those that the scenario asks for, and links.csv, into a folder that exists. */
gboolean series_write(const char *folder, const struct spec *spec,
                      const struct simulation *simulation, GError **error);

#endif
