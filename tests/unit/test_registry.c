#include <mtpsim/congestion.h>
#include <mtpsim/queue.h>
#include <mtpsim/selector.h>
#include <mtpsim/transport.h>
#include <mtpsim/workload.h>
#include <math.h>
#include <string.h>

#include "scenario/explain.h"
#include "scenario/plugins.h"
#include "support/fake_models.h"
#include "support/suite.h"

/* The fake model of a kind, as a copy to spoil. */
static const struct sim_plugin *fake_of(enum sim_kind kind)
{
    for (int i = 0; fake_models[i]; i++)
        if (fake_models[i]->kind == kind)
            return fake_models[i];
    return NULL;
}

static void assert_refused(const struct sim_plugin *plugin, const char *expected)
{
    struct registry *registry = registry_new();
    GError *error = NULL;

    ck_assert(!registry_add(registry, plugin, "test", &error));
    ck_assert_msg(error && strcmp(error->message, expected) == 0, "\"%s\", not \"%s\"",
                  error ? error->message : "", expected);
    g_error_free(error);
    ck_assert_ptr_null(registry_origin(registry, plugin));
    registry_free(registry);
}

/* clang-format off */
START_TEST(registry__kinds_have_names)
{
    for (unsigned kind = 0; kind < SIM_KINDS; kind++)
        ck_assert_int_eq(sim_kind_of(sim_kind_name((enum sim_kind)kind)), (int)kind);
    ck_assert_int_eq(sim_kind_of("queues"), SIM_KINDS);
}
END_TEST

START_TEST(registry__built_ins_are_there_and_sorted)
{
    struct registry *registry = fake_registry();
    GPtrArray *list = registry_list(registry, SIM_CONGESTION);
    ck_assert_uint_ge(list->len, 3);
    for (guint i = 1; i < list->len; i++)
        ck_assert_str_lt(((struct sim_plugin *)g_ptr_array_index(list, i - 1))->name,
                         ((struct sim_plugin *)g_ptr_array_index(list, i))->name);
    const struct sim_plugin *dctcp = registry_find(registry, SIM_CONGESTION, "dctcp");
    ck_assert_str_eq(registry_origin(registry, dctcp), "built-in");
    ck_assert_ptr_null(registry_find(registry, SIM_QUEUE, "dctcp"));
    ck_assert_str_eq(registry_origin(registry, fake_models[0]), "test");
    g_ptr_array_unref(list);
    registry_free(registry);
}
END_TEST

START_TEST(registry__refuses_wrong_heads)
{
    struct sim_congestion_ops ops = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
    ops.plugin.abi = SIM_ABI + 1;
    assert_refused(&ops.plugin, "test: a model has ABI 4; this is 3: build it against these headers");
    ops.plugin.abi = SIM_ABI;
    ops.plugin.kind = SIM_KINDS;
    g_autofree char *unknown = g_strdup_printf("test: a model has the unknown kind %d", SIM_KINDS);
    assert_refused(&ops.plugin, unknown);
    ops.plugin.kind = SIM_CONGESTION;
    ops.plugin.name = "Cubic";
    assert_refused(&ops.plugin, "test: a congestion has the name \"Cubic\"; it must be [a-z][a-z0-9_]*");
    ops.plugin.name = NULL;
    assert_refused(&ops.plugin, "test: a congestion has the name \"\"; it must be [a-z][a-z0-9_]*");
    ops.plugin.name = "dctcp";
    assert_refused(&ops.plugin, "test: congestion \"dctcp\" is there already (built-in)");
    ops.plugin.name = "cubic";
    ops.plugin.summary = NULL;
    assert_refused(&ops.plugin, "test: congestion \"cubic\" has no summary");
}
END_TEST

#define REFUSE_WITHOUT(type, table, operation, kind)                                                                  \
    do {                                                                                                              \
        type spoilt = table;                                                                                          \
        spoilt.operation = NULL;                                                                                      \
        assert_refused(&spoilt.plugin, "test: " kind " \"spoilt\" has no operation \"" #operation "\"");              \
    } while (0)

START_TEST(registry__refuses_missing_operations)
{
    struct sim_congestion_ops congestion = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
    struct sim_transport_ops transport = *(const struct sim_transport_ops *)(const void *)fake_of(SIM_TRANSPORT);
    struct sim_workload_ops workload = *(const struct sim_workload_ops *)(const void *)fake_of(SIM_WORKLOAD);
    congestion.plugin.name = transport.plugin.name = workload.plugin.name = "spoilt";
    REFUSE_WITHOUT(struct sim_congestion_ops, congestion, init, "congestion");
    REFUSE_WITHOUT(struct sim_congestion_ops, congestion, acked, "congestion");
    REFUSE_WITHOUT(struct sim_congestion_ops, congestion, lost, "congestion");
    REFUSE_WITHOUT(struct sim_congestion_ops, congestion, timeout, "congestion");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, init, "transport");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, clear, "transport");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, submit, "transport");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, receive, "transport");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, transmit, "transport");
    REFUSE_WITHOUT(struct sim_transport_ops, transport, count, "transport");
    REFUSE_WITHOUT(struct sim_workload_ops, workload, init, "workload");

    struct registry *registry = registry_new();
    struct sim_queue_ops queue =
        *(const struct sim_queue_ops *)(const void *)registry_find(registry, SIM_QUEUE, "droptail");
    struct sim_selector_ops selector =
        *(const struct sim_selector_ops *)(const void *)registry_find(registry, SIM_SELECTOR, "ecmp");
    queue.plugin.name = selector.plugin.name = "spoilt";
    REFUSE_WITHOUT(struct sim_queue_ops, queue, init, "queue");
    REFUSE_WITHOUT(struct sim_queue_ops, queue, quiet, "queue");
    REFUSE_WITHOUT(struct sim_queue_ops, queue, admit, "queue");
    REFUSE_WITHOUT(struct sim_selector_ops, selector, init, "selector");
    REFUSE_WITHOUT(struct sim_selector_ops, selector, choose, "selector");
    registry_free(registry);
}
END_TEST

START_TEST(registry__refuses_wrong_parameters)
{
    static const char *const no_words[] = {NULL};
    static const char *const one_word_twice[] = {"a", "b", "a", NULL};
    static const char *const one_word[] = {"a", NULL};
    static const char *const an_empty_word[] = {"a", "", NULL};
    static const struct {
        struct sim_param param;
        const char *problem;
    } cases[] = {
        {{.name = "G", .help = "x"}, "parameter \"G\": its name must be [a-z][a-z0-9_]*"},
        {{.name = "p", .help = NULL}, "parameter \"p\": it has no help"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_FILE + 1}, "parameter \"p\": its type is unknown"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_COUNT, .offset = 1}, "parameter \"p\": its member lies outside the struct"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_LENGTH}, "parameter \"p\": its member lies outside the struct"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE}, "parameter \"p\": it has no choices"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE, .choices = no_words}, "parameter \"p\": it has no choices"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE, .choices = one_word_twice}, "parameter \"p\": a choice is there twice"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE, .choices = an_empty_word}, "parameter \"p\": a choice is empty, or not one line of UTF-8"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_COUNT, .min = 3, .max = 2}, "parameter \"p\": its range is empty"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_REAL, .max = NAN}, "parameter \"p\": its range is empty"},
        {{.name = "p\n", .help = "x"}, "parameter \"p\\n\": its name must be [a-z][a-z0-9_]*"},
        {{.name = "p", .help = "two\nlines"}, "parameter \"p\": its help is not one line of UTF-8"},
        {{.name = "p", .help = "\xff"}, "parameter \"p\": its help is not one line of UTF-8"},
        {{.name = "p", .help = "x", .fallback = "a\tb"}, "parameter \"p\": its default is not one line of UTF-8"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE, .choices = an_empty_word + 2}, "parameter \"p\": it has no choices"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_COUNT, .offset = SIZE_MAX - 6}, "parameter \"p\": its member lies outside the struct"},
        {{.name = "p", .help = "x", .type = SIM_PARAM_CHOICE, .choices = one_word, .offset = 2}, "parameter \"p\": its offset is no place for a member of its type"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sim_congestion_ops ops = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
        struct sim_param params[] = {cases[i].param, {.name = NULL}};
        char *expected = g_strdup_printf("test: congestion \"spoilt\", %s", cases[i].problem);
        ops.plugin.name = "spoilt";
        ops.plugin.params = params;
        ops.plugin.params_size = 8;
        assert_refused(&ops.plugin, expected);
        g_free(expected);
    }
    struct sim_workload_ops ops = *(const struct sim_workload_ops *)(const void *)fake_of(SIM_WORKLOAD);
    ops.plugin.name = "spoilt";
    ops.plugin.params = NULL;
    assert_refused(&ops.plugin, "test: workload \"spoilt\" has no parameter \"from\" of hosts");
}
END_TEST

START_TEST(registry__refuses_members_that_overlap)
{
    struct sim_congestion_ops ops = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
    struct sim_param params[] = {{.name = "a", .help = "x", .type = SIM_PARAM_LENGTH},
                                 {.name = "b", .help = "x", .type = SIM_PARAM_BOOL, .offset = 15},
                                 {.name = NULL}};
    ops.plugin.name = "spoilt";
    ops.plugin.params = params;
    ops.plugin.params_size = 24;
    assert_refused(&ops.plugin, "test: congestion \"spoilt\", parameter \"b\": its member overlaps another parameter's");
}
END_TEST

START_TEST(registry__refuses_sizes_that_cannot_be)
{
    struct sim_congestion_ops congestion = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
    struct sim_transport_ops transport = *(const struct sim_transport_ops *)(const void *)fake_of(SIM_TRANSPORT);
    congestion.plugin.name = transport.plugin.name = "spoilt";
    congestion.plugin.state_size = SIZE_MAX;
    assert_refused(&congestion.plugin, "test: congestion \"spoilt\" has a state_size above 1 GiB");
    congestion.plugin.state_size = 0;
    congestion.plugin.params_size = SIZE_MAX;
    assert_refused(&congestion.plugin, "test: congestion \"spoilt\" has a params_size above 1 GiB");
    congestion.plugin.params_size = 64;
    congestion.pathlet_state_size = SIZE_MAX;
    assert_refused(&congestion.plugin, "test: congestion \"spoilt\" has a pathlet_state_size above 1 GiB");
    congestion.pathlet_state_size = 0;
    congestion.request_bytes = 9;
    assert_refused(&congestion.plugin, "test: congestion \"spoilt\" has a request_bytes above 8");
    transport.least_packet_bytes = 0;
    assert_refused(&transport.plugin, "test: transport \"spoilt\" has a least_packet_bytes of 0");
    transport.plugin.state_size = 0;
    assert_refused(&transport.plugin, "test: transport \"spoilt\" has a state_size without place for struct "
                                      "sim_transport, which it begins with");
}
END_TEST

/* Two models, each the other's default: a scenario that names one would never end to be filled in. */
START_TEST(registry__refuses_defaults_in_a_circle)
{
    struct registry *registry = registry_new();
    struct sim_congestion_ops ops[2];
    struct sim_param params[2][2];
    static const char *const names[] = {"chicken", "egg"}, *const others[] = {"{egg: {}}", "chicken"};
    GError *error = NULL;
    for (int i = 0; i < 2; i++) {
        ops[i] = *(const struct sim_congestion_ops *)(const void *)fake_of(SIM_CONGESTION);
        params[i][0] = (struct sim_param){
            .name = "from", .help = "x", .fallback = others[i], .type = SIM_PARAM_MODEL, .kind = SIM_CONGESTION};
        params[i][1] = (struct sim_param){.name = NULL};
        ops[i].plugin.name = names[i];
        ops[i].plugin.params = params[i];
        ops[i].plugin.params_size = sizeof(struct sim_model);
    }
    ck_assert(registry_add(registry, &ops[0].plugin, "test", &error));
    ck_assert(!registry_add(registry, &ops[1].plugin, "test", &error));
    ck_assert_str_eq(error->message, "test: congestion \"egg\" is its own parameter's default");
    g_clear_error(&error);
    params[1][0].fallback = "dctcp";
    ck_assert(registry_add(registry, &ops[1].plugin, "test", &error));
    registry_free(registry);
}
END_TEST

START_TEST(registry__built_ins_have_right_defaults)
{
    struct registry *registry = registry_new();
    for (guint i = 0; sim_builtin_models[i]; i++) {
        char *problem = plugin_default_problem(registry, sim_builtin_models[i]);
        ck_assert_msg(!problem, "%s", problem);
    }
    registry_free(registry);
}
END_TEST

START_TEST(registry__refuses_files_that_are_no_plugins)
{
    struct registry *registry = registry_new();
    char *text = g_build_filename(g_getenv("MTPSIM_SOURCE_DIR"), "CMakeLists.txt", NULL);
    const char *const files[][2] = {
        {"/nowhere/model.so", "/nowhere/model.so: No such file or directory"},
        {text, ": is no shared object of this machine"},
        {"/proc/self/exe", ": "},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        GError *error = NULL;
        ck_assert(!registry_load(registry, files[i][0], &error));
        ck_assert_msg(strstr(error->message, files[i][1]) != NULL, "%s", error->message);
        g_error_free(error);
    }
    g_free(text);
    registry_free(registry);
}
END_TEST

START_TEST(explain__keys_and_kinds)
{
    static const struct {
        const char *name, *begins, *has;
    } cases[] = {
        {"workload", "workload: what the hosts send\n", "  fake_flow        a flow of nothing\n"},
        {"transport", "transport: the transport of every host\n", "\n  fake_transport "},
        {"congestion", "congestion: a kind of model\n", "\n  fake_control     a window that never moves\n"},
        {"duration", "duration: simulated time\n", "a time such as 384us (ps ns us ms s); 1ps to 1000000s; required"},
        {"vary", "vary: a sweep", "  lists of values by path\n"},
    };
    struct registry *registry = fake_registry();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        char *text = explain_model(registry, cases[i].name, &error);
        ck_assert_msg(text != NULL, "%s", cases[i].name);
        ck_assert_msg(g_str_has_prefix(text, cases[i].begins) && strstr(text, cases[i].has), "%s", text);
        g_free(text);
    }
    registry_free(registry);
}
END_TEST

START_TEST(explain__models_and_blocks)
{
    struct registry *registry = fake_registry();
    GError *error = NULL;
    char *text = explain_model(registry, "fake_control", &error);
    ck_assert_str_eq(text, "congestion fake_control: a window that never moves\n"
                           "source: nowhere\n"
                           "from: test\n"
                           "\n"
                           "  g                a gain\n"
                           "                   a number; 0 to 1; default 0.0625\n"
                           "  delay            a time\n"
                           "                   a time such as 384us (ps ns us ms s); default 10us\n");
    g_free(text);
    text = explain_model(registry, "topology.links", &error);
    ck_assert_ptr_nonnull(strstr(text, "  rate             of each direction\n"
                                       "                   a rate such as 100Gbps (bps kbps Mbps Gbps Tbps); "
                                       "1Mbps to 100Tbps; required\n"));
    g_free(text);
    ck_assert_ptr_null(explain_model(registry, "fake_contrl", &error));
    ck_assert_str_eq(error->message, "no model or block \"fake_contrl\"; did you mean \"fake_control\"?");
    g_clear_error(&error);
    ck_assert_ptr_null(explain_model(registry, "nothing_near", &error));
    ck_assert_str_eq(error->message,
                     "no model or block \"nothing_near\"; see `mtpsim list` and `mtpsim explain scenario`");
    g_clear_error(&error);
    static const char *const blocks[] = {"scenario", "systems", "topology", "links",   "pathlets", "tenants",
                                         "measure",  "queues",  "windows",  "engine", "expect",   "fake_transport"};
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        text = explain_model(registry, blocks[i], &error);
        ck_assert_ptr_nonnull(text);
        g_free(text);
    }
    text = list_models(registry, SIM_WORKLOAD);
    ck_assert_ptr_nonnull(strstr(text, "fake_flow        a flow of nothing\n"));
    g_free(text);
    text = list_models(registry, SIM_KINDS);
    ck_assert_ptr_nonnull(strstr(text, "transport:\n"));
    g_free(text);
    registry_free(registry);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, registry__kinds_have_names);
    tcase_add_test(tcase, registry__built_ins_are_there_and_sorted);
    tcase_add_test(tcase, registry__refuses_wrong_heads);
    tcase_add_test(tcase, registry__refuses_missing_operations);
    tcase_add_test(tcase, registry__refuses_wrong_parameters);
    tcase_add_test(tcase, registry__refuses_members_that_overlap);
    tcase_add_test(tcase, registry__refuses_sizes_that_cannot_be);
    tcase_add_test(tcase, registry__refuses_defaults_in_a_circle);
    tcase_add_test(tcase, registry__built_ins_have_right_defaults);
    tcase_add_test(tcase, registry__refuses_files_that_are_no_plugins);
    tcase_add_test(tcase, explain__models_and_blocks);
    tcase_add_test(tcase, explain__keys_and_kinds);
}

int main(void)
{
    return suite_run("registry", add_cases);
}
