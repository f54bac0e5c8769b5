/* Models: what a scenario chooses by name.
 *
 * A model is a table of operations whose first member is struct sim_plugin; each kind has a header
 * of its own (queue.h, selector.h, congestion.h, transport.h, workload.h). The engine allocates the
 * model's state (state_size, zeroed) and its parameters (params_size), fills the parameters from
 * the scenario by the table below, and calls init.
 *
 * A shared object exports one symbol, mtpsim_models: its tables, NULL at the end. Built-in models
 * go through the same door (models/registry.c), so a built-in that is rebuilt as a shared object
 * gives the same digest.
 */
#ifndef MTPSIM_PLUGIN_H
#define MTPSIM_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mtpsim/check.h>
#include <mtpsim/time.h>

#define SIM_ABI 3u

enum sim_kind {
    SIM_QUEUE,
    SIM_SELECTOR,
    SIM_CONGESTION,
    SIM_TRANSPORT,
    SIM_WORKLOAD,
    SIM_POLICY,
    SIM_SIZES,
    SIM_OFFLOAD,
    SIM_KINDS
};

/* Type of a parameter: how it is written, and the C type of the member that it fills. */
enum sim_param_type {
    SIM_PARAM_BOOL,     /* true, false                 bool                */
    SIM_PARAM_COUNT,    /* 3                           uint64_t            */
    SIM_PARAM_REAL,     /* 0.0625                      double              */
    SIM_PARAM_FRACTION, /* 20% or 0.2                  double              */
    SIM_PARAM_TIME,     /* 384us (ps ns us ms s)       sim_time            */
    SIM_PARAM_RATE,     /* 100Gbps (bps k M G T)       uint64_t, bit/s     */
    SIM_PARAM_BYTES,    /* 64KB (B KB MB GB; KiB ...)  uint64_t            */
    SIM_PARAM_LENGTH,   /* 128p or 64KB                struct sim_length   */
    SIM_PARAM_STRING,   /*                             const char *        */
    SIM_PARAM_CHOICE,   /* a word of `choices`         uint32_t, its index */
    SIM_PARAM_HOST,     /* a host's name               uint32_t, host index */
    SIM_PARAM_HOSTS,    /* a name or a list of names, "s*"   struct sim_list */
    SIM_PARAM_SWITCH,   /* a switch's name             uint32_t, node index */
    SIM_PARAM_LINKS,    /* a name or a list of names   struct sim_list of link indexes */
    SIM_PARAM_MODEL,    /* {name: {parameters}} or name   struct sim_model; `kind` says which */
    SIM_PARAM_NODES,    /* a list of hosts or switches  struct sim_list of node indexes */
    SIM_PARAM_FILE, /* a file's path               const char *: the whole path. Written relative
                       to the scenario file */
};

/* A queue length: packets, or bytes. */
struct sim_length {
    uint64_t value;
    bool packets;
    bool set; /* false: "none" was written */
};

struct sim_list {
    uint32_t *items;
    uint32_t count;
};

struct sim_plugin;

/* A chosen model with its parameters. */
struct sim_model {
    const struct sim_plugin *plugin;
    void *params;
};

struct sim_param {
    const char *name;
    const char *help;     /* one line; the unit is in the type */
    const char *fallback; /* as one would write it in the scenario; NULL: it must be given. "none"
                             is allowed where the fallback is "none": LENGTH (.set false), STRING
                             and FILE (NULL), MODEL (.plugin NULL), REAL and FRACTION (NAN), RATE
                             (0), HOST and SWITCH (UINT32_MAX), HOSTS, LINKS and NODES (.count 0).
                             HOSTS and LINKS know the word "all" and patterns of names. */
    size_t offset;        /* of the member in the parameter struct */
    double min, max;      /* both 0: no bound. In base units: ps, bit/s, bytes, packets */
    const char *const *choices; /* NULL at the end */
    enum sim_param_type type;
    enum sim_kind kind; /* of a SIM_PARAM_MODEL */
};

/* Hears what is wrong with a file that a parameter names: where (line 0: the file as a whole), and
 * what. */
struct sim_report {
    void (*wrong)(struct sim_report *report, const char *file, uint32_t line, uint32_t column,
                  const char *message);
};

struct sim_plugin {
    uint32_t abi; /* SIM_ABI */
    enum sim_kind kind;
    const char *name;    /* as in the scenario, [a-z][a-z0-9_]* */
    const char *summary; /* one line */
    const char *source;  /* paper section, RFC; NULL when none */
    size_t state_size;
    size_t params_size;
    const struct sim_param *params; /* name NULL at the end; NULL when there are none */
    /* Says what is wrong between parameters that are each in range ("mark_at is above capacity"),
     * or NULL. Optional. */
    const char *(*check)(const void *params);
    /* Reads the files that parameters name, after `check` found these right, and reports all that
     * is wrong there (mtpsim/csv.h does so). Optional. */
    void (*check_files)(const void *params, struct sim_report *report);
};

/* The member of a model's parameters that its table names so and gives this type; NULL when there
 * is none. How the engine finds parameters that it acts on itself: `from` of a workload, `at` and
 * `over` of a selector. */
SIM_API const void *sim_model_param(const struct sim_model *model, const char *name,
                                    enum sim_param_type type);

/* What a shared object exports:
 *     SIM_API const struct sim_plugin *const mtpsim_models[] = {&my_congestion.plugin, NULL}; */
#define SIM_PLUGIN_SYMBOL "mtpsim_models"

#endif
