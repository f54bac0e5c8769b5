/* What a model's table must have before it is registered: a plug-in's mistake shows when it is
 * loaded, by name, and not as a crash in the middle of a run. */
#include <mtpsim/congestion.h>
#include <mtpsim/offload.h>
#include <mtpsim/policy.h>
#include <mtpsim/queue.h>
#include <mtpsim/selector.h>
#include <mtpsim/sizes.h>
#include <mtpsim/transport.h>
#include <mtpsim/workload.h>
#include <string.h>

#include "plugin/plugin_private.h"

static gboolean is_name(const char *name)
{
    return name && g_ascii_islower(*name) &&
           name[strspn(name, G_CSET_a_2_z G_CSET_DIGITS "_")] == '\0';
}

/* ---- operations ---- */

#define REQUIRE(table, operation)                                                                  \
    do {                                                                                           \
        if (!(table)->operation)                                                                   \
            return #operation;                                                                     \
    } while (0)

/* The missing operation, or NULL; which ones may be missing is said in each kind's header. */
static const char *missing_of_queue(const struct sim_queue_ops *queue)
{
    REQUIRE(queue, init);
    REQUIRE(queue, admit);
    if (!queue->put && !queue->take)
        REQUIRE(queue, quiet);
    else
        REQUIRE(queue, put);
    if (queue->put)
        REQUIRE(queue, take);
    return NULL;
}

static const char *missing_of_selector(const struct sim_selector_ops *selector)
{
    REQUIRE(selector, init);
    REQUIRE(selector, choose);
    return NULL;
}

static const char *missing_of_congestion(const struct sim_congestion_ops *congestion)
{
    REQUIRE(congestion, init);
    REQUIRE(congestion, acked);
    REQUIRE(congestion, lost);
    REQUIRE(congestion, timeout);
    return NULL;
}

static const char *missing_of_transport(const struct sim_transport_ops *transport)
{
    REQUIRE(transport, init);
    REQUIRE(transport, clear);
    REQUIRE(transport, submit);
    REQUIRE(transport, receive);
    REQUIRE(transport, transmit);
    REQUIRE(transport, count);
    return NULL;
}

static const char *missing_of_workload(const struct sim_workload_ops *workload)
{
    REQUIRE(workload, init);
    return NULL;
}

static const char *missing_of_policy(const struct sim_policy_ops *policy)
{
    REQUIRE(policy, init);
    REQUIRE(policy, classify);
    return NULL;
}

static const char *missing_of_sizes(const struct sim_sizes_ops *sizes)
{
    REQUIRE(sizes, init);
    REQUIRE(sizes, mean);
    REQUIRE(sizes, draw);
    return NULL;
}

static const char *missing_of_offload(const struct sim_offload_ops *offload)
{
    REQUIRE(offload, init);
    REQUIRE(offload, arrived);
    REQUIRE(offload, completed);
    REQUIRE(offload, buffered);
    return NULL;
}

static const char *missing_operation(const struct sim_plugin *plugin)
{
    const void *table = plugin; /* the first member of every table of operations */

    switch (plugin->kind) {
    case SIM_QUEUE:
        return missing_of_queue(table);
    case SIM_SELECTOR:
        return missing_of_selector(table);
    case SIM_CONGESTION:
        return missing_of_congestion(table);
    case SIM_TRANSPORT:
        return missing_of_transport(table);
    case SIM_POLICY:
        return missing_of_policy(table);
    case SIM_SIZES:
        return missing_of_sizes(table);
    case SIM_OFFLOAD:
        return missing_of_offload(table);
    default:
        return missing_of_workload(table);
    }
}

/* ---- parameters ---- */

static size_t member_size(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_BOOL:
        return sizeof(bool);
    case SIM_PARAM_CHOICE:
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
        return sizeof(uint32_t);
    case SIM_PARAM_LENGTH:
        return sizeof(struct sim_length);
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return sizeof(struct sim_list);
    case SIM_PARAM_MODEL:
        return sizeof(struct sim_model);
    case SIM_PARAM_STRING:
    case SIM_PARAM_FILE:
        return sizeof(const char *);
    default:
        return sizeof(uint64_t);
    }
}

static const char *param_problem(const struct sim_plugin *plugin, const struct sim_param *param)
{
    if (!is_name(param->name))
        return "its name must be [a-z][a-z0-9_]*";
    if ((unsigned)param->type > SIM_PARAM_FILE)
        return "its type is unknown";
    if (!param->help)
        return "it has no help";
    if (param->offset + member_size(param->type) > plugin->params_size)
        return "its member lies outside the struct";
    if (param->type == SIM_PARAM_CHOICE && (!param->choices || !param->choices[0]))
        return "it has no choices";
    if (param->type == SIM_PARAM_MODEL && (unsigned)param->kind >= SIM_KINDS)
        return "its kind is unknown";
    if (param->max != 0 && param->min > param->max)
        return "its range is empty";
    for (const struct sim_param *other = plugin->params; other < param; other++)
        if (strcmp(other->name, param->name) == 0)
            return "it is there twice";
    return NULL;
}

static gboolean has_param(const struct sim_plugin *plugin, const char *name,
                          enum sim_param_type type)
{
    for (const struct sim_param *param = plugin->params; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return param->type == type;
    return FALSE;
}

static gboolean has_place(const struct sim_plugin *plugin)
{
    return has_param(plugin, "at", SIM_PARAM_HOST) &&
           has_param(plugin, "servers", SIM_PARAM_HOSTS) &&
           has_param(plugin, "receive_window", SIM_PARAM_BYTES);
}

static gboolean has_sources(const struct sim_plugin *plugin)
{
    return has_param(plugin, "from", SIM_PARAM_HOST) || has_param(plugin, "from", SIM_PARAM_HOSTS);
}

char *plugin_problem(const struct sim_plugin *plugin)
{
    if (plugin->abi != SIM_ABI)
        return g_strdup_printf("a model has ABI %u; this is %u: build it against these headers",
                               plugin->abi, SIM_ABI);
    if ((unsigned)plugin->kind >= SIM_KINDS)
        return g_strdup_printf("a model has the unknown kind %u", (unsigned)plugin->kind);
    if (!is_name(plugin->name))
        return g_strdup_printf("a %s has the name \"%s\"; it must be [a-z][a-z0-9_]*",
                               sim_kind_name(plugin->kind), plugin->name ? plugin->name : "");
    const char *kind = sim_kind_name(plugin->kind);
    if (!plugin->summary)
        return g_strdup_printf("%s \"%s\" has no summary", kind, plugin->name);
    const char *missing = missing_operation(plugin);
    if (missing)
        return g_strdup_printf("%s \"%s\" has no operation \"%s\"", kind, plugin->name, missing);
    for (const struct sim_param *param = plugin->params; param && param->name; param++) {
        const char *problem = param_problem(plugin, param);

        if (problem)
            return g_strdup_printf("%s \"%s\", parameter \"%s\": %s", kind, plugin->name,
                                   param->name, problem);
    }
    if (plugin->kind == SIM_WORKLOAD && !has_sources(plugin))
        return g_strdup_printf("%s \"%s\" has no parameter \"from\" of hosts", kind, plugin->name);
    if (plugin->kind == SIM_OFFLOAD && !has_place(plugin))
        return g_strdup_printf("%s \"%s\" has not the parameters \"at\", \"servers\" and "
                               "\"receive_window\"",
                               kind, plugin->name);
    return NULL;
}
