/* How a process becomes a rank: `mpirun -n N mtpsim ...` starts N of them.
 *
 * All that knows of MPI is mpi.c here; a build without MPI has none.c in its place. A process that
 * was not started by a launcher of MPI, or is the only one of its kind, never initialises MPI: it
 * pays nothing, and may fork.
 */
#ifndef SIM_MPI_LAUNCH_H
#define SIM_MPI_LAUNCH_H

#include "net/ranks.h"

/* Gives the ranks of which this process is one; NULL when it is alone, or with a *problem (free
 * with free) when it is not and cannot join the others. */
struct ranks *launch_join(char **problem);

/* The last that all ranks do together. Takes the ranks; NULL: nothing to do. */
void launch_leave(struct ranks *ranks);

/* How many processes a launcher says it has started: 0 when there is none, UINT32_MAX when it does
 * not say. */
uint32_t launch_count(void);

#endif
