/* Sources and destinations in pairs: what workloads with `from` and `to` have in common. */
#ifndef MODELS_WORKLOAD_PAIRS_H
#define MODELS_WORKLOAD_PAIRS_H

#include <mtpsim/plugin.h>

/* The destination of the source at `index`: its own, or the one of all. */
static inline uint32_t pairs_destination(const struct sim_list *to, uint32_t index)
{
    return to->items[index % to->count];
}

/* What is wrong with them, or NULL. */
static inline const char *pairs_check(const struct sim_list *from, const struct sim_list *to)
{
    if (to->count != 1 && to->count != from->count)
        return "`to` names neither one host nor one for each of `from`";
    for (uint32_t i = 0; i < from->count; i++)
        if (from->items[i] == pairs_destination(to, i))
            return "a host sends to itself";
    return NULL;
}

#endif
