/* cli: verbs, their options and their help.
 *
 * stdout holds the result only; messages go to stderr. `mtpsim SCENARIO.yaml` is short for
 * `mtpsim run SCENARIO.yaml`.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit_status.h"
#include "cli/man.h"
#include "cli/rank_jobs.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "core/nearest.h"
#include "mpi/launch.h"

/* ---- options ---- */

#define OPTION_HELP                                                                                \
    {                                                                                              \
        "help", NULL, "this text", true                                                            \
    }
#define OPTION_PLUGIN                                                                              \
    {                                                                                              \
        "plugin", "FILE.so", "load models from a shared object; repeatable", true                  \
    }
#define OPTIONS_OF_SCENARIOS                                                                       \
    {"set", "PATH=VALUE",                                                                          \
     "change a value of the scenario, with the checks of the file; repeatable.\n"                  \
     "Named items of lists go by their name: topology.links.slow.rate=25Gbps,\n"                   \
     "systems by theirs: systems.mtp.transport.mtp.congestion.dctcp.g=0.125",                      \
     true},                                                                                        \
        {"vary", "PATH=A,B,C",                                                                     \
         "run with each of these values; of several --vary, with every\n"                          \
         "combination. Replaces what the scenario varies at the same path",                        \
         true},                                                                                    \
        {"system", "NAME", "only this system; repeatable", true},                                  \
        {"seed", "N", "the seed, instead of the scenario's", false},                               \
        {"seeds", "N..M", "all seeds from N to M", false},                                         \
        {"duration", "T", "simulated time, such as 5ms", false}, OPTION_PLUGIN

static const struct option_row cli_run_rows[] = {
    OPTIONS_OF_SCENARIOS,
    {"out", "DIR", "the result's folder, instead of results/NAME", false},
    {"jobs", "N", "runs at once, each a process; default: as many as the cores carry", false},
    {"threads", "N",
     "threads of each run, 1 to 256; default: 1. The result is the same for\nany number. Worth it "
     "for large networks; for several systems, seeds\nor points --jobs is faster",
     false},
    {"wall-limit", "T",
     "stop after T of wall-clock time, such as 600s, and write what was\nmeasured", false},
    {"json", NULL, "print summary.json instead of the table", false},
    {"quiet", NULL, "no progress and no messages", false},
    OPTION_HELP,
    {NULL, NULL, NULL, false},
};

static const struct option_row cli_scenario_rows[] = {
    OPTIONS_OF_SCENARIOS,
    OPTION_HELP,
    {NULL, NULL, NULL, false},
};

static const struct option_row cli_show_rows[] = {
    OPTIONS_OF_SCENARIOS,
    {"topology", NULL, "print the network of the first system instead, as a Graphviz graph", false},
    OPTION_HELP,
    {NULL, NULL, NULL, false},
};

static const struct option_row cli_model_rows[] = {
    OPTION_PLUGIN,
    OPTION_HELP,
    {NULL, NULL, NULL, false},
};

static const struct option_row cli_program_rows[] = {
    OPTION_HELP,
    {"version", NULL, "print the version", false},
    {"man", NULL, "print the manual page, as mdoc", false},
    {NULL, NULL, NULL, false},
};

/* ---- verbs ---- */

static const struct verb cli_verbs[] = {
    {"run", "SCENARIO.yaml", "run a scenario: every system in it, compared in one table",
     "Runs every system of the scenario with every seed, each in a process of its own, and prints\n"
     "one table that compares them, with the scenario's expectations. \"-\" reads the scenario "
     "from\n"
     "standard input.\n"
     "\n"
     "The result is a folder: manifest.json (how it was made), scenario.yaml (the effective\n"
     "scenario), summary.json, and a folder of CSV files for each system. It is written aside and\n"
     "put in place when complete; an earlier result is replaced, nothing else is. Equal scenario\n"
     "and seed give equal bytes, whatever --jobs and --threads; only manifest.json and\n"
     "cpu_seconds differ.\n"
     "\n"
     "A sweep (vary:, --vary) runs every system with every seed at every point, and checks the\n"
     "expectations at each. points.csv has a row a system and point; sweep/POINT is a result as "
     "of\n"
     "that point alone.\n"
     "\n"
     "\"mpirun -n N mtpsim run SCENARIO.yaml\" splits each run over N processes, on one machine "
     "or\n"
     "several, with the same result. Worth it where a network is too large for the cores of one\n"
     "machine. The runs then go one after another, since a process of MPI cannot fork;\n"
     "--threads are those of each process. Files that the scenario names are read by all of\n"
     "them. mpirun gives a run that it ends one second to write what was measured; with Open\n"
     "MPI \"--mca odls_base_sigkill_timeout 60\" gives it a minute.\n"
     "\n"
     "Ctrl-C ends the run early and writes what was measured; a second one discards it.\n",
     cli_run_rows, 1, 1, verb_run},
    {"validate", "SCENARIO.yaml", "check a scenario and run nothing",
     "Reports all errors of the scenario at once, as file:line:column: message, and exits with 2\n"
     "when there are any.\n",
     cli_scenario_rows, 1, 1, verb_validate},
    {"show", "SCENARIO.yaml", "print the effective scenario",
     "Prints the scenario after all overrides, with every default written out. Its output is a\n"
     "scenario that runs the same. To see the network:\n"
     "  mtpsim show SCENARIO.yaml --topology | dot -Tsvg > network.svg\n",
     cli_show_rows, 1, 1, verb_show},
    {"list", "[KIND]", "list the models that a scenario can name",
     "Kinds: queue, selector, policy, offload, congestion, transport, workload, sizes.\n"
     "Models of your own: man mtpsim-models, mtpsim-new-model --help.\n",
     cli_model_rows, 0, 1, verb_list},
    {"explain", "NAME", "describe a model's parameters, or a block of the scenario",
     "Prints each parameter with its unit, range and default, and where the model comes from\n"
     "(paper section, RFC). NAME is a model (dctcp), a block (topology.links, measure), or a key\n"
     "or kind (workload, congestion), whose models are listed.\n",
     cli_model_rows, 1, 1, verb_explain},
    {"schema", "", "print the form of scenarios as a JSON Schema, for editors",
     "An editor that checks YAML by a schema then completes keys and shows their help:\n"
     "  mtpsim schema > mtpsim.schema.json\n"
     "and in the scenario's first line, for the YAML language server:\n"
     "  # yaml-language-server: $schema=mtpsim.schema.json\n"
     "With --plugin it knows the models of a shared object too.\n",
     cli_model_rows, 0, 0, verb_schema},
};

static const struct man_row cli_statuses[] = {
    {"0", "done"},
    {"1", "internal error"},
    {"2", "usage or scenario error"},
    {"4", "stopped by a limit"},
    {"5", "an expectation failed"},
    {"6", "results could not be written"},
    {"130, 143, 129", "interrupted by SIGINT (Ctrl-C), SIGTERM, SIGHUP"},
    {NULL, NULL},
};

static const struct man_row cli_examples[] = {
    {"mtpsim scenarios/multipath.yaml", "run every system of a scenario and compare them"},
    {"mtpsim scenarios/multipath.yaml --set topology.links.slow.rate=25Gbps --out results/slow25",
     "the same with another value, and the result elsewhere"},
    {"mtpsim explain dctcp", "a model's parameters with their units, ranges and defaults"},
    {NULL, NULL},
};

static const struct man_page cli_page = {
    .name = "mtpsim",
    .summary = "a packet-level simulator of data-centre transports and in-network computing",
    .verbs = cli_verbs,
    .verb_count = G_N_ELEMENTS(cli_verbs),
    .rows = cli_program_rows,
    .statuses = cli_statuses,
    .examples = cli_examples,
    .see_also = "mtpsim-models 7",
};

static void cli_print_verb_help(const struct verb *verb)
{
    g_autofree char *options = options_help(verb->rows);

    printf("Usage: mtpsim %s%s%s [OPTION]...\n\n%s\nOptions:\n%s", verb->name,
           *verb->arguments ? " " : "", verb->arguments, verb->description, options);
}

static void cli_print_help(FILE *file)
{
    g_autofree char *options = options_help(cli_program_rows);

    fprintf(file,
            "Usage: mtpsim SCENARIO.yaml [OPTION]...\n"
            "       mtpsim VERB [ARGUMENT] [OPTION]...\n"
            "\n"
            "mtpsim is %s.\n"
            "\n"
            "Verbs:\n",
            cli_page.summary);
    for (guint i = 0; i < G_N_ELEMENTS(cli_verbs); i++) {
        g_autofree char *head = g_strdup_printf("%s %s", cli_verbs[i].name, cli_verbs[i].arguments);

        fprintf(file, "  %-22s  %s\n", head, cli_verbs[i].summary);
    }
    fprintf(file,
            "\n"
            "A scenario without a verb is run. \"mtpsim VERB --help\" describes a verb and its "
            "options.\n"
            "\n"
            "Options without a verb:\n%s"
            "\n"
            "Exit status:\n",
            options);
    for (const struct man_row *row = cli_statuses; row->head; row++)
        fprintf(file, "  %-13s  %s\n", row->head, row->text);
    fputs("\nExamples:\n", file);
    for (const struct man_row *row = cli_examples; row->head; row++)
        fprintf(file, "  %s\n", row->head);
}

static const struct verb *cli_find_verb(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(cli_verbs); i++)
        if (!strcmp(cli_verbs[i].name, name))
            return &cli_verbs[i];
    return NULL;
}

/* A word that is no verb is a scenario if it can be a file's name. */
static bool cli_is_scenario(const char *word)
{
    return !strcmp(word, "-") || strpbrk(word, "./") || g_file_test(word, G_FILE_TEST_EXISTS);
}

static int cli_unknown_verb(const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *hint = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(cli_verbs); i++)
        g_ptr_array_add(names, (gpointer)cli_verbs[i].name);
    hint = nearest_hint(word, names);
    verb_complain("unknown verb \"%s\"%s", word, hint);
    return EXIT_STATUS_USAGE;
}

static bool cli_check_count(const struct verb *verb, const struct options *options)
{
    guint count = options_positional_count(options);

    if (count < verb->least)
        verb_complain("%s needs an argument: mtpsim %s %s", verb->name, verb->name,
                      verb->arguments);
    else if (count > verb->most)
        verb_complain("%s takes %s argument; \"%s\" is too much", verb->name,
                      verb->most ? "one" : "no",
                      (const char *)options->positional->pdata[verb->most]);
    return count >= verb->least && count <= verb->most;
}

static int cli_call_verb(const struct verb *verb, char **argv, char *const *arguments,
                         struct ranks *ranks)
{
    struct options options;
    struct verb_call call = {&options, argv, ranks};
    g_autoptr(GError) error = NULL;
    int status = EXIT_STATUS_USAGE;

    if (!options_parse(&options, verb->rows, arguments, &error)) {
        verb_complain("%s", error->message);
    } else if (options_has(&options, "help")) {
        cli_print_verb_help(verb);
        status = verb_end_output(EXIT_STATUS_DONE);
    } else if (cli_check_count(verb, &options)) {
        status = verb->call(&call);
    }
    options_clear(&options);
    return status;
}

/* --help, --version, --man and what is wrong before any verb. */
static int cli_program(char *const *arguments)
{
    struct options options;
    g_autoptr(GError) error = NULL;
    int status = EXIT_STATUS_DONE;

    if (!options_parse(&options, cli_program_rows, arguments, &error)) {
        verb_complain("%s", error->message);
        status = EXIT_STATUS_USAGE;
    } else if (options_has(&options, "version")) {
        printf("mtpsim %s (%s)\n", MTPSIM_VERSION, MTPSIM_REVISION);
    } else if (options_has(&options, "man")) {
        g_autofree char *text = man_text(&cli_page);
        fputs(text, stdout);
    } else {
        cli_print_help(stdout);
    }
    options_clear(&options);
    return verb_end_output(status);
}

/* Everything, of a process that is alone or rank 0. */
static int cli_lead(int argc, char **argv, struct ranks *ranks)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const struct verb *verb;

    if (!word) {
        cli_print_help(stderr);
        return EXIT_STATUS_USAGE;
    }
    verb = cli_find_verb(word);
    if (verb)
        return cli_call_verb(verb, argv, argv + 2, ranks);
    if (!strcmp(word, "help"))
        return cli_program(argv + 2);
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "--version") ||
        !strcmp(word, "--man"))
        return cli_program(argv + 1);
    if (*word != '-' && !cli_is_scenario(word))
        return cli_unknown_verb(word);
    return cli_call_verb(cli_find_verb("run"), argv, argv + 1, ranks);
}

/* What is wrong with its arguments rank 0 says, and orders no run. */
static int cli_follow(int argc, char **argv, struct ranks *ranks)
{
    bool verb = argc > 1 && cli_find_verb(argv[1]);
    struct options options;
    int status;

    options_parse(&options, cli_run_rows, argv + (verb ? 2 : MIN(argc, 1)), NULL);
    status = rank_jobs_follow(ranks, &options);
    options_clear(&options);
    return status;
}

int cli_main(int argc, char **argv)
{
    char *problem;
    struct ranks *ranks = launch_join(&problem);
    int status;

    if (problem) {
        verb_complain("%s", problem);
        free(problem);
        return EXIT_STATUS_USAGE;
    }
    if (!ranks)
        return cli_lead(argc, argv, NULL);
    if (ranks_lead(ranks)) {
        status = cli_lead(argc, argv, ranks);
        rank_jobs_end(ranks, status);
    } else {
        status = cli_follow(argc, argv, ranks);
    }
    launch_leave(ranks);
    return status;
}
