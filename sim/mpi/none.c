/* A build without MPI. Started as one of several, it must not run: each would do the whole work and
 * write over the others' results. */
#include "mpi/launch.h"

#include <stdio.h>

struct ranks *launch_join(char **problem)
{
    uint32_t count = launch_count();
    *problem = NULL;
    if (count > 1 && count != UINT32_MAX &&
        asprintf(problem,
                 "started as one of %u processes, and built without MPI (CMake: MPI was not found, "
                 "or MTPSIM_MPI=OFF)",
                 count) < 0)
        SIM_CHECK(false, "out of memory");
    return NULL;
}

void launch_leave(struct ranks *ranks)
{
    (void)ranks;
}
