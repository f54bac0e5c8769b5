/* The built-in dctcp as a plug-in of another name: its own source, compiled into a shared object
 * against the installed headers. A run with it has the built-in's digest. */
#include "models/congestion/dctcp.c"

static const struct sim_congestion_ops dctcp_so = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "dctcp_so",
            .summary = "dctcp from a shared object",
            .state_size = sizeof(struct dctcp),
            .params_size = sizeof(struct dctcp_params),
            .params = dctcp_table,
        },
    .feedback = dctcp_feedback,
    .init = dctcp_init,
    .acked = dctcp_acked,
    .lost = dctcp_lost,
    .timeout = dctcp_timeout,
    .undo = dctcp_undo,
};

SIM_API const struct sim_plugin *const mtpsim_models[] = {&dctcp_so.plugin, NULL};
