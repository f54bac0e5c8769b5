/* Exit status of the program. */
#ifndef SIM_CLI_EXIT_STATUS_H
#define SIM_CLI_EXIT_STATUS_H

enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_INTERNAL = 1,
    EXIT_STATUS_USAGE = 2, /* or an error of the scenario */
    EXIT_STATUS_LIMIT = 4,
    EXIT_STATUS_EXPECTATION = 5,
    EXIT_STATUS_RESULTS = 6, /* could not be written */
    EXIT_STATUS_SIGNAL =
        128, /* plus the number of the signal: 129 SIGHUP, 130 SIGINT, 143 SIGTERM */
};

#endif
