/* Whether the paths of a system alternate, and how: what an ideal goodput can be computed from.
 *
 * It can when there is one `alternate` selector and all traffic crosses its links forwards: every
 * source is on the near side of them, every destination beyond, and nobody answers with traffic of
 * its own. Otherwise some of the goodput has nothing to do with the alternation.
 */
#include "net/network.h"

static bool describe(const struct spec *spec, const struct sim_model *model,
                     struct alternation *alternation)
{
    const struct sim_list *over = sim_model_param(model, "over", SIM_PARAM_LINKS);
    const sim_time *period = sim_model_param(model, "period", SIM_PARAM_TIME);
    const sim_time *phase = sim_model_param(model, "phase", SIM_PARAM_TIME);
    if (!over || !period || !phase || over->count > ALTERNATION_PATHS_MAX)
        return false;
    *alternation = (struct alternation){*period, *phase, over->count, {0}};
    for (uint32_t i = 0; i < over->count; i++)
        alternation->rates_bps[i] = spec->links[over->items[i]].rate_bps;
    return true;
}

static bool holds(const struct sim_list *list, uint32_t item)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == item)
            return true;
    return false;
}

/* Marks what can be reached from `start` without the links of `over`. Free with g_free. */
static bool *near_side(const struct spec *spec, uint32_t start, const struct sim_list *over)
{
    bool *near = g_new0(bool, spec->node_count);
    bool grown = near[start] = true;
    while (grown) {
        grown = false;
        for (uint32_t i = 0; i < spec->link_count; i++) {
            const uint32_t *ends = spec->links[i].ends;
            if (near[ends[0]] == near[ends[1]] || holds(over, i))
                continue;
            near[ends[0]] = near[ends[1]] = grown = true;
        }
    }
    return near;
}

static bool all_are(const struct sim_model *model, const char *name, const bool *near, bool wanted)
{
    const struct sim_list *hosts = sim_model_param(model, name, SIM_PARAM_HOSTS);
    const uint32_t *host = sim_model_param(model, name, SIM_PARAM_HOST);
    if (!hosts)
        return host && near[*host] == wanted;
    for (uint32_t i = 0; i < hosts->count; i++)
        if (near[hosts->items[i]] != wanted)
            return false;
    return true;
}

static bool all_traffic_crosses(const struct spec *spec, const struct sim_model *selector)
{
    const struct sim_list *over = sim_model_param(selector, "over", SIM_PARAM_LINKS);
    const uint32_t *at = sim_model_param(selector, "at", SIM_PARAM_SWITCH);
    g_autofree bool *near = at ? near_side(spec, *at, over) : NULL;
    bool crosses = near && spec->offload_count == 0;
    for (uint32_t i = 0; crosses && i < spec->workload_count; i++) {
        const struct sim_model *workload = &spec->workloads[i];
        const struct sim_workload_ops *ops = (const struct sim_workload_ops *)workload->plugin;
        crosses = !ops->server && all_are(workload, "from", near, true) &&
                  all_are(workload, "to", near, false);
    }
    return crosses;
}

bool simulation_alternation(const struct simulation *simulation, struct alternation *alternation)
{
    const struct spec *spec = simulation->spec;
    const struct sim_model *only = NULL;
    for (uint32_t i = 0; i < spec->selector_count; i++) {
        if (!describe(spec, &spec->selectors[i], alternation))
            continue;
        if (only)
            return false;
        only = &spec->selectors[i];
    }
    return only && all_traffic_crosses(spec, only);
}
