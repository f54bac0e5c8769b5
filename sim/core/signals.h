/* The signals that ask a run to end and to write what it has: SIGINT (Ctrl-C), SIGTERM, and SIGHUP
 * (the terminal is gone).
 *
 * Blocked and looked at, not handled. Of one that is ignored, as nohup ignores SIGHUP, nothing is
 * heard: it must not be blocked, since a signal that is ignored but blocked is kept all the same.
 */
#ifndef SIM_CORE_SIGNALS_H
#define SIM_CORE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static inline bool signals_is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* SIGTERM is always among them: it is how a child process is told. */
static inline void signals_of_ending(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    if (!signals_is_ignored(SIGINT))
        sigaddset(signals, SIGINT);
    if (!signals_is_ignored(SIGHUP))
        sigaddset(signals, SIGHUP);
}

#endif
