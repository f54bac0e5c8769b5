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
    if (!workload->server)
        return NULL;
    REQUIRE(workload, answered);
    REQUIRE(workload->server, init);
    REQUIRE(workload->server, request);
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
    if (offload->device) {
        REQUIRE(offload->device, init);
        REQUIRE(offload->device, look);
        REQUIRE(offload->device, take);
        return NULL;
    }
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

/* ---- parameters that a kind must have ---- */

struct device_only {
    struct sim_device_params device;
};

static gboolean has_param(const struct sim_plugin *plugin, const char *name,
                          enum sim_param_type type)
{
    for (const struct sim_param *param = plugin->params; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return param->type == type;
    return FALSE;
}

static gboolean is_device(const struct sim_plugin *plugin)
{
    return ((const struct sim_offload_ops *)plugin)->device != NULL;
}

/* The parameters that the engine acts on itself, where struct sim_device_params has them. */
static gboolean has_device_params(const struct sim_plugin *plugin)
{
    static const struct sim_param common[] = {SIM_DEVICE_PARAMS(struct device_only)};

    for (gsize i = 0; i < G_N_ELEMENTS(common); i++) {
        const struct sim_param *param = plugin->params;
        while (param && param->name && strcmp(param->name, common[i].name) != 0)
            param++;
        if (!param || !param->name || param->type != common[i].type ||
            param->offset != common[i].offset)
            return FALSE;
    }
    return TRUE;
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

static const char *missing_parameter(const struct sim_plugin *plugin)
{
    if (plugin->kind == SIM_WORKLOAD && !has_sources(plugin))
        return "no parameter \"from\" of hosts";
    if (plugin->kind == SIM_WORKLOAD && ((const struct sim_workload_ops *)plugin)->server &&
        !has_param(plugin, "servers", SIM_PARAM_HOSTS))
        return "no parameter \"servers\" of hosts";
    if (plugin->kind == SIM_OFFLOAD && is_device(plugin))
        return has_device_params(plugin) ? NULL : "parameters that do not begin as a device's";
    if (plugin->kind == SIM_OFFLOAD && !has_place(plugin))
        return "not the parameters \"at\", \"servers\" and \"receive_window\"";
    return NULL;
}

/* ---- sizes ---- */

/* Nobody means more for one port or connection: a size that was not set, or of something else. */
#define STATE_MAX ((size_t)1 << 30)

static const char *size_problem_of_kind(const struct sim_plugin *plugin)
{
    const void *table = plugin;

    if (plugin->kind == SIM_TRANSPORT) {
        const struct sim_transport_ops *transport = table;
        if (plugin->state_size < sizeof(struct sim_transport))
            return "a state_size without place for struct sim_transport, which it begins with";
        if (transport->least_packet_bytes == 0)
            return "a least_packet_bytes of 0";
    }
    if (plugin->kind == SIM_CONGESTION) {
        const struct sim_congestion_ops *congestion = table;
        if (congestion->pathlet_state_size > STATE_MAX)
            return "a pathlet_state_size above 1 GiB";
        if (congestion->request_bytes > sizeof(uint64_t))
            return "a request_bytes above 8";
    }
    return NULL;
}

static const char *size_problem(const struct sim_plugin *plugin)
{
    if (plugin->state_size > STATE_MAX)
        return "a state_size above 1 GiB";
    if (plugin->params_size > STATE_MAX)
        return "a params_size above 1 GiB";
    return size_problem_of_kind(plugin);
}

/* ---- all ---- */

/* Of the part by which messages name the model. */
static char *head_problem(const struct sim_plugin *plugin)
{
    if (plugin->abi != SIM_ABI)
        return g_strdup_printf("a model has ABI %u; this is %u: build it against these headers",
                               plugin->abi, SIM_ABI);
    if ((unsigned)plugin->kind >= SIM_KINDS)
        return g_strdup_printf("a model has the unknown kind %u", (unsigned)plugin->kind);
    if (plugin_is_name(plugin->name))
        return NULL;
    g_autofree char *name = g_strescape(plugin->name ? plugin->name : "", NULL);
    return g_strdup_printf("a %s has the name \"%s\"; it must be [a-z][a-z0-9_]*",
                           sim_kind_name(plugin->kind), name);
}

char *plugin_problem(const struct sim_plugin *plugin)
{
    char *problem = head_problem(plugin);

    if (problem)
        return problem;
    const char *kind = sim_kind_name(plugin->kind);
    if (!plugin->summary)
        return g_strdup_printf("%s \"%s\" has no summary", kind, plugin->name);
    if (!plugin_is_line(plugin->summary) || (plugin->source && !plugin_is_line(plugin->source)))
        return g_strdup_printf("%s \"%s\" has a summary or a source that is not one line of UTF-8",
                               kind, plugin->name);
    const char *missing = missing_operation(plugin);
    if (missing)
        return g_strdup_printf("%s \"%s\" has no operation \"%s\"", kind, plugin->name, missing);
    const char *size = size_problem(plugin);
    if (size)
        return g_strdup_printf("%s \"%s\" has %s", kind, plugin->name, size);
    problem = plugin_params_problem(plugin);
    if (problem)
        return problem;
    missing = missing_parameter(plugin);
    return missing ? g_strdup_printf("%s \"%s\" has %s", kind, plugin->name, missing) : NULL;
}
