/* The DOT language. Names need no escapes: the format allows letters, digits, "_", "-" and ".". */
#include "scenario/graphviz.h"

#include "scenario/units.h"

#define LABELS_MAX 100 /* links; above, labels would cover the picture and become tooltips */

static char *quantity_text(enum sim_param_type type, uint64_t base, double real)
{
    const struct quantity quantity = {.base = base, .real = real};

    return units_format(type, &quantity);
}

static void append_pathlet(GString *text, const struct spec *spec, const struct spec_link *link,
                           uint32_t from)
{
    uint32_t id = from == 0 ? link->pathlet : link->pathlet_back;

    if (id)
        g_string_append_printf(text, "\\npathlet %u to %s", id,
                               spec->node_names[link->ends[1 - from]]);
}

static void append_link(GString *text, const struct spec *spec, const struct spec_link *link)
{
    g_autofree char *rate = quantity_text(SIM_PARAM_RATE, link->rate_bps, 0);
    g_autofree char *delay = quantity_text(SIM_PARAM_TIME, (uint64_t)link->delay, 0);
    g_autofree char *loss = quantity_text(SIM_PARAM_FRACTION, 0, link->loss);
    const char *attribute = spec->link_count > LABELS_MAX ? "tooltip" : "label";

    g_string_append_printf(text, "  \"%s\" -- \"%s\" [%s=\"%s\\n%s %s",
                           spec->node_names[link->ends[0]], spec->node_names[link->ends[1]],
                           attribute, link->name, rate, delay);
    if (link->loss > 0)
        g_string_append_printf(text, "\\nloss %s", loss);
    append_pathlet(text, spec, link, 0);
    append_pathlet(text, spec, link, 1);
    g_string_append(text, "\"]\n");
}

static void append_nodes(GString *text, const struct spec *spec, uint32_t first, uint32_t end,
                         const char *shape)
{
    if (first == end)
        return;
    g_string_append_printf(text, "  node [shape=%s]\n", shape);
    for (uint32_t i = first; i < end; i++)
        g_string_append_printf(text, "  \"%s\"\n", spec->node_names[i]);
}

char *graphviz_text(const struct spec *spec)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "graph \"%s\" {\n  rankdir=LR\n", spec->system);
    append_nodes(text, spec, 0, spec->host_count, "ellipse");
    append_nodes(text, spec, spec->host_count, spec->node_count, "box");
    for (uint32_t i = 0; i < spec->link_count; i++)
        append_link(text, spec, &spec->links[i]);
    g_string_append(text, "}\n");
    return g_string_free(text, FALSE);
}
