#include "cli/warnings.h"

#include <mtpsim/transport.h>

#include "cli/verbs.h"
#include "net/pathlet_count.h"

/* Entries of path feedback that a full packet has room for; UINT64_MAX: it carries none. */
static uint64_t warnings_room(const struct spec *spec)
{
    const struct sim_transport_ops *ops = (const struct sim_transport_ops *)spec->transport.plugin;
    const uint64_t *headroom =
        sim_model_param(&spec->transport, "feedback_headroom", SIM_PARAM_COUNT);

    if (!ops->path_feedback || !headroom)
        return UINT64_MAX;
    return MIN(*headroom, SIM_MTP_LIST_MAX);
}

/* NULL when there is room on every route. Free with g_free. */
static char *warnings_of_pathlets(const struct spec *spec)
{
    uint64_t room = warnings_room(spec);
    struct pathlet_route route = {0};

    if (room != UINT64_MAX)
        route = pathlet_count_most(spec);
    if (route.pathlets <= room)
        return NULL;
    return g_strdup_printf(
        "warning: system %s: the route from %s to %s has %u pathlets, and a full packet has room "
        "for the feedback of %" G_GUINT64_FORMAT "; the others are not heard of",
        spec->system, spec->node_names[route.from], spec->node_names[route.to], route.pathlets,
        room);
}

void warnings_print(const struct points *points)
{
    g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < points->count; i++) {
        const struct scenario *scenario = points->items[i].scenario;

        for (guint system = 0; system < scenario_system_count(scenario); system++) {
            char *warning = warnings_of_pathlets(scenario_spec(scenario, system));

            if (warning && g_hash_table_add(said, warning))
                verb_complain("%s", warning);
        }
    }
}
