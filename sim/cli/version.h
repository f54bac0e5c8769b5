/* What this program is. The build defines the version and writes the revision. */
#ifndef SIM_CLI_VERSION_H
#define SIM_CLI_VERSION_H

#if defined(__has_include)
#if __has_include("mtpsim_revision.h")
#include "mtpsim_revision.h"
#endif
#endif

#ifndef MTPSIM_VERSION
#define MTPSIM_VERSION "unversioned"
#endif
#ifndef MTPSIM_REVISION
#define MTPSIM_REVISION "unknown"
#endif
#ifndef MTPSIM_DATE /* of the revision */
#define MTPSIM_DATE "an unknown day"
#endif

#endif
