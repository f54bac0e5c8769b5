/* The verbs of the command line. Each gives the exit status of the program. */
#ifndef SIM_CLI_VERBS_H
#define SIM_CLI_VERBS_H

#include "cli/options.h"
#include "net/ranks.h"
#include "plugin/registry.h"
#include "scenario/scenario.h"

struct verb_call {
    const struct options *options;
    char *const *arguments; /* of the program, NULL at the end */
    struct ranks *ranks;    /* this is rank 0 of several processes; NULL: it is alone */
};

struct verb {
    const char *name;
    const char *arguments;
    const char *summary;
    const char *description; /* paragraphs of the help; lines that begin with blanks stand alone */
    const struct option_row *rows;
    guint least, most; /* positional arguments */
    int (*call)(const struct verb_call *call);
};

int verb_run(const struct verb_call *call);
int verb_validate(const struct verb_call *call);
int verb_show(const struct verb_call *call);
int verb_list(const struct verb_call *call);
int verb_explain(const struct verb_call *call);
int verb_schema(const struct verb_call *call);

/* "mtpsim: message" on stderr. */
void verb_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* What the options change in a scenario. */
struct scenario_options verb_overrides(const struct options *options);

/* Loads the scenario that a call names, with the overrides of its options, and checks the names in
 * its expectations. NULL when there are errors, which have been printed. */
struct scenario *verb_load(const struct verb_call *call, struct registry *registry);

/* Ends what goes to stdout: `status`, or EXIT_STATUS_RESULTS with a message when it could not all
 * be written. */
int verb_end_output(int status);

#endif
