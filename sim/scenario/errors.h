/* The errors of a scenario: collected, sorted by where they are, reported at once. */
#ifndef SIM_SCENARIO_ERRORS_H
#define SIM_SCENARIO_ERRORS_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

/* A place in a file, or in the text of an option. */
struct position {
    const char *file;      /* or "--set topology.mtu"; lives as long as what is written there */
    uint32_t source;       /* order of the files and options: errors sort by it first */
    uint32_t line, column; /* from 1; line 0: the file as a whole */
};

/* All files that the scenario names: after the scenario, by their names. */
#define SOURCE_OTHER_FILE UINT32_MAX

struct scenario_errors;

struct scenario_errors *scenario_errors_new(void);
void scenario_errors_free(struct scenario_errors *errors);

/* Adds one, unless the same is there already: systems share the blocks of their scenario. */
void scenario_errors_add(struct scenario_errors *errors, struct position at, const char *format,
                         ...) G_GNUC_PRINTF(3, 4);
void scenario_errors_add_text(struct scenario_errors *errors, struct position at,
                              const char *message);

guint scenario_errors_count(const struct scenario_errors *errors);

/* "file:line:column: message" for each, in the order of their places, a line each. Free with
 * g_free. */
char *scenario_errors_text(struct scenario_errors *errors);
void scenario_errors_print(struct scenario_errors *errors, FILE *file);

#endif
