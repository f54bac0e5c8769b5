#include <math.h>
#include <string.h>

#include "scenario/scenario.h"
#include "support/fake_models.h"
#include "support/suite.h"

/* Every block and every type of parameter once. */
static const char whole[] =
    "name: whole\n"
    "paper: \"Figure 5: a \\\"test\\\"\"\n"
    "duration: 20ms\n"
    "seeds: 3..7\n"
    "topology:\n"
    "  mtu: 9KB\n"
    "  hosts: [a, b]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 1.5us, pathlet: 4, pathlet_back: 5, loss: 1%}\n"
    "    - {name: out, ends: [s, b], rate: 10Gbps, delay: 0s, queue: {droptail: {capacity: "
    "64KB}}}\n"
    "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
    "selector: ecmp\n"
    "workload:\n"
    "  - fake_flow: {from: [a], to: b, over: out, at: s}\n"
    "  - fake_flow: {from: a, to: b}\n"
    "pathlets: {4: {congestion: {fake_control: {g: 0.5}}}, 5: {}}\n"
    "tenants: {t1: {from: all}}\n"
    "measure:\n"
    "  after: 2ms\n"
    "  messages: false\n"
    "  throughput: {every: 32us}\n"
    "  queues: {every: 1us, links: out}\n"
    "  windows: {every: 2us}\n"
    "engine: {window: 10ns, merge_below: 50ns}\n"
    "systems:\n"
    "  first:\n"
    "    transport:\n"
    "      fake_transport:\n"
    "        congestion: {fake_control: {g: 0.25, delay: 3ns}}\n"
    "        second: fake_control\n"
    "        count: 7\n"
    "        share: 12.5%\n"
    "        ratio: -1e-3\n"
    "        pace: 2.5Gbps\n"
    "        buffer: 64KiB\n"
    "        limit: 9p\n"
    "        label: 'é \"x\" \\ #'\n"
    "        style: odd\n"
    "        flag: true\n"
    "  second: {transport: fake_transport, queue: droptail, measure: {}}\n"
    "expect:\n"
    "  - {that: first.x / second.x, at_least: 1.1, paper: 1.33}\n"
    "  - {that: second.x, at_most: 3, every_seed: true}\n";

struct fixture {
    struct registry *registry;
    struct scenario *scenario;
};

static struct fixture load_named(const char *name, const char *text,
                                 const struct scenario_options *options)
{
    struct fixture fixture = {fake_registry(), NULL};
    struct scenario_errors *errors;

    fixture.scenario =
        scenario_load_text(name, text, strlen(text), options, fixture.registry, &errors);
    char *messages = scenario_errors_text(errors);
    ck_assert_msg(fixture.scenario && !*messages, "%s", messages);
    g_free(messages);
    scenario_errors_free(errors);
    return fixture;
}

static struct fixture load_with(const char *text, const struct scenario_options *options)
{
    return load_named("f", text, options);
}

static void clear(struct fixture *fixture)
{
    scenario_free(fixture->scenario);
    if (fixture->registry)
        registry_free(fixture->registry);
}

static const void *params_of(const struct sim_model *model, const char *name)
{
    ck_assert_str_eq(model->plugin->name, name);
    return model->params;
}

/* clang-format off */
START_TEST(scenario__network_of_a_system)
{
    struct fixture f = load_with(whole, NULL);
    const struct spec *spec = scenario_spec(f.scenario, 0);
    ck_assert_str_eq(f.scenario->name, "whole");
    ck_assert_str_eq(f.scenario->paper, "Figure 5: a \"test\"");
    ck_assert(f.scenario->first_seed == 3 && f.scenario->last_seed == 7);
    ck_assert_uint_eq(scenario_system_count(f.scenario), 2);
    ck_assert_str_eq(spec->system, "first");
    ck_assert(spec->seed == 3 && spec->duration == 20 * SIM_MS && spec->mtu_bytes == 9000);
    ck_assert(spec->host_count == 2 && spec->node_count == 3 && spec->link_count == 2);
    ck_assert_str_eq(spec->node_names[2], "s");
    const struct spec_link *in = &spec->links[0], *out = &spec->links[1];
    ck_assert_str_eq(in->name, "a-s");
    ck_assert(in->ends[0] == 0 && in->ends[1] == 2 && in->rate_bps == 100000000000u && in->delay == 1500000);
    ck_assert(in->pathlet == 4 && in->pathlet_back == 5 && in->loss == 0.01 && !in->queue.plugin);
    ck_assert_str_eq(out->name, "out");
    ck_assert(out->ends[0] == 2 && out->ends[1] == 1 && out->delay == 0 && out->pathlet == 0 && out->loss == 0);
    ck_assert_str_eq(out->queue.plugin->name, "droptail");
    ck_assert_str_eq(spec->queue.plugin->name, "ecn_threshold");
    ck_assert_str_eq(scenario_spec(f.scenario, 1)->queue.plugin->name, "droptail");
    clear(&f);
}
END_TEST

START_TEST(scenario__blocks_of_a_system)
{
    struct fixture f = load_with(whole, NULL);
    const struct spec *spec = scenario_spec(f.scenario, 0), *second = scenario_spec(f.scenario, 1);
    ck_assert_uint_eq(spec->selector_count, 1);
    ck_assert_str_eq(spec->selectors[0].plugin->name, "ecmp");
    ck_assert_uint_eq(spec->workload_count, 2);
    const struct fake_flow_params *one = params_of(&spec->workloads[0], "fake_flow");
    const struct fake_flow_params *short_form = params_of(&spec->workloads[1], "fake_flow");
    ck_assert(one->from.count == 1 && one->from.items[0] == 0 && one->to == 1 && one->at == 2);
    ck_assert(one->over.count == 1 && one->over.items[0] == 1);
    ck_assert(short_form->from.count == 1 && short_form->over.count == 2 && short_form->at == UINT32_MAX);
    ck_assert(spec->pathlet_count == 2 && spec->pathlets[0].id == 4 && spec->pathlets[1].id == 5);
    ck_assert(((const struct fake_control_params *)params_of(&spec->pathlets[0].congestion, "fake_control"))->g == 0.5);
    ck_assert_ptr_null(spec->pathlets[1].congestion.plugin);
    ck_assert(spec->tenant_count == 1 && spec->tenants[0].from.count == 2 && spec->tenants[0].from.items[1] == 1);
    ck_assert_str_eq(spec->tenants[0].name, "t1");
    ck_assert(spec->measure_after == 2 * SIM_MS && spec->throughput_every == 32 * SIM_US && !spec->messages);
    ck_assert(spec->queues_every == SIM_US && spec->queue_links.count == 1 && spec->queue_links.items[0] == 1);
    ck_assert(spec->windows_every == 2 * SIM_US && spec->window == 10 * SIM_NS && spec->merge_below == 50 * SIM_NS);
    ck_assert(second->measure_after == 0 && second->messages && !second->throughput_every && !second->queues_every);
    ck_assert(second->queue_links.count == 0 && second->windows_every == 0);
    clear(&f);
}
END_TEST

START_TEST(scenario__every_type_of_parameter)
{
    struct fixture f = load_with(whole, NULL);
    const struct fake_transport_params *given = params_of(&scenario_spec(f.scenario, 0)->transport, "fake_transport");
    const struct fake_transport_params *fallback = params_of(&scenario_spec(f.scenario, 1)->transport, "fake_transport");
    const struct fake_control_params *control = params_of(&given->congestion, "fake_control");
    ck_assert(control->g == 0.25 && control->delay == 3000);
    control = params_of(&given->second, "fake_control");
    ck_assert(control->g == 0.0625 && control->delay == 10 * SIM_US);
    ck_assert(given->count == 7 && given->share == 0.125 && given->ratio == -0.001 && given->pace == 2500000000u);
    ck_assert(given->buffer == 65536 && given->limit.value == 9 && given->limit.packets && given->limit.set);
    ck_assert_str_eq(given->label, "é \"x\" \\ #");
    ck_assert(given->style == 2 && given->flag);
    params_of(&fallback->congestion, "fake_control");
    ck_assert_ptr_null(fallback->second.plugin);
    ck_assert(fallback->count == 3 && fallback->share == 0.2 && isnan(fallback->ratio) && fallback->pace == 1000000000u);
    ck_assert(fallback->buffer == 64000 && !fallback->limit.set && !fallback->label && fallback->style == 0 && !fallback->flag);
    clear(&f);
}
END_TEST

START_TEST(scenario__expectations)
{
    struct fixture f = load_with(whole, NULL);
    ck_assert_uint_eq(f.scenario->expectations->len, 2);
    const struct spec_expectation *one = &g_array_index(f.scenario->expectations, struct spec_expectation, 0);
    ck_assert_str_eq(one[0].that, "first.x / second.x");
    ck_assert(one[0].at_least == 1.1 && isnan(one[0].at_most) && one[0].paper == 1.33 && !one[0].every_seed);
    ck_assert(isnan(one[1].at_least) && one[1].at_most == 3 && isnan(one[1].paper) && one[1].every_seed);
    ck_assert_str_eq(one[1].file, "f");
    ck_assert(one[1].line == 44 && one[1].column == 5);
    clear(&f);
}
END_TEST

/* Blocks that change who is served how, and the network itself. */
START_TEST(scenario__policies_tenants_and_events)
{
    struct fixture f = load_with("name: f\nduration: 20ms\nqueue: droptail\ntransport: fake_transport\n"
                                 "topology:\n  hosts: [a, b]\n  switches: [s]\n"
                                 "  links: [{ends: [a, s], rate: 1Gbps, delay: 1us}, {name: out, ends: [s, b], rate: 1Gbps, delay: 1us}]\n"
                                 "workload: {fake_flow: {from: '[a]', to: b, over: '*'}}\n"
                                 "policy: {tenant_class: {at: s, links: ou?}}\n"
                                 "tenants: {t1: {from: '[ab]', ports: 1024..2023, weight: 3}, t2: {from: all, ports: 7}, t3: {from: b, ports: 9..9}}\n"
                                 "events:\n  - {at: 5ms, link: out, down: true}\n  - {at: 6ms, link: '*', rate: 50Gbps}\n"
                                 "  - {at: 2ms, link: out, up: true}\n  - {at: 7ms, link: [a-s], loss: 0%}\n"
                                 "systems:\n  whole: {}\n  bare: {policy: [], events: [], tenants: {t4: {from: a}}}\n", NULL);
    const struct spec *spec = scenario_spec(f.scenario, 0), *bare = scenario_spec(f.scenario, 1);
    const struct fake_flow_params *flow = spec->workloads[0].params;
    ck_assert(flow->from.count == 1 && flow->from.items[0] == 0 && flow->over.count == 2);
    ck_assert_uint_eq(spec->policy_count, 1);
    ck_assert_str_eq(spec->policies[0].plugin->name, "tenant_class");
    ck_assert_uint_eq(((const struct sim_list *)sim_model_param(&spec->policies[0], "links", SIM_PARAM_LINKS))->items[0], 1);
    ck_assert_uint_eq(spec->tenant_count, 3);
    const struct spec_tenant *t = spec->tenants;
    ck_assert(t[0].from.count == 2 && t[0].first_port == 1024 && t[0].last_port == 2023 && t[0].weight == 3);
    ck_assert(t[1].from.count == 2 && t[1].first_port == 7 && t[1].last_port == 7 && t[1].weight == 1);
    ck_assert(t[2].from.count == 1 && t[2].first_port == 9 && t[2].last_port == 9);
    const struct spec_event *e = spec->events;
    ck_assert_uint_eq(spec->event_count, 5);
    ck_assert(e[0].at == 5 * SIM_MS && e[0].link == 1 && e[0].change == SPEC_EVENT_DOWN);
    ck_assert(e[1].at == 6 * SIM_MS && e[1].link == 0 && e[1].change == SPEC_EVENT_RATE && e[1].rate_bps == 50000000000u);
    ck_assert(e[2].link == 1 && e[2].change == SPEC_EVENT_RATE && e[2].rate_bps == 50000000000u);
    ck_assert(e[3].at == 2 * SIM_MS && e[3].change == SPEC_EVENT_UP);
    ck_assert(e[4].link == 0 && e[4].change == SPEC_EVENT_LOSS && e[4].loss == 0);
    ck_assert(bare->policy_count == 0 && bare->event_count == 0 && bare->tenant_count == 1);
    ck_assert(bare->tenants[0].first_port == 0 && bare->tenants[0].last_port == UINT16_MAX);
    struct fixture again = load_with(f.scenario->effective->str, NULL);
    ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
    clear(&again);
    clear(&f);
}
END_TEST

/* The effective scenario loads to the same, and is its own effective scenario. */
START_TEST(scenario__effective_of_effective)
{
    struct fixture first = load_with(whole, NULL);
    struct fixture second = load_with(first.scenario->effective->str, NULL);
    ck_assert_str_eq(first.scenario->effective->str, second.scenario->effective->str);
    ck_assert_ptr_nonnull(strstr(first.scenario->effective->str, "  switches: [s]\n"));
    ck_assert_ptr_nonnull(strstr(first.scenario->effective->str, "- name: a-s\n"));
    const struct fake_transport_params *given = params_of(&scenario_spec(second.scenario, 0)->transport, "fake_transport");
    ck_assert_str_eq(given->label, "é \"x\" \\ #");
    ck_assert(given->limit.value == 9 && given->share == 0.125);
    ck_assert(second.scenario->first_seed == 3 && second.scenario->last_seed == 7);
    clear(&first);
    clear(&second);
}
END_TEST

START_TEST(scenario__options)
{
    const char *const sets[] = {"topology.links.out.rate=25Gbps", "topology.links.a-s.delay=2us",
                                "systems.first.transport.fake_transport.congestion.fake_control.g=1",
                                "systems.second.transport.fake_transport.count=9", "workload.1.fake_flow.to=a",
                                "workload.1.fake_flow.from=b", "engine.window=100ns", "selector.ecmp={}", NULL};
    const char *const systems[] = {"second", NULL};
    const struct scenario_options options = {.sets = sets, .seed = "11", .duration = "5ms"};
    const struct scenario_options one = {.systems = systems, .seeds = "2..4"};
    struct fixture f = load_with(whole, &options);
    const struct spec *first = scenario_spec(f.scenario, 0), *second = scenario_spec(f.scenario, 1);
    ck_assert(first->links[1].rate_bps == 25000000000u && first->links[0].delay == 2 * SIM_US);
    const struct fake_transport_params *transport = first->transport.params;
    ck_assert(((const struct fake_control_params *)transport->congestion.params)->g == 1);
    ck_assert(((const struct fake_transport_params *)second->transport.params)->count == 9);
    ck_assert(((const struct fake_flow_params *)first->workloads[1].params)->to == 0);
    ck_assert(first->window == 100 * SIM_NS && first->duration == 5 * SIM_MS);
    ck_assert(first->seed == 11 && f.scenario->last_seed == 11);
    struct spec other = scenario_spec_with_seed(f.scenario, 0, 12);
    ck_assert(other.seed == 12 && other.links == first->links);
    clear(&f);

    f = load_with(whole, &one);
    ck_assert_uint_eq(scenario_system_count(f.scenario), 1);
    ck_assert_str_eq(scenario_spec(f.scenario, 0)->system, "second");
    ck_assert_uint_eq(f.scenario->expectations->len, 1);
    ck_assert(f.scenario->first_seed == 2 && f.scenario->last_seed == 4);
    struct fixture again = load_with(f.scenario->effective->str, NULL);
    ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
    clear(&again);
    clear(&f);
}
END_TEST

static void assert_labels(const struct scenario *scenario, guint point, const char *expected)
{
    char **labels = scenario_point_labels(scenario, point), *joined = g_strjoinv(" ", labels);
    ck_assert_str_eq(joined, expected);
    g_free(joined);
    g_strfreev(labels);
}

/* The scenario at a point, which has no sweep of its own and is what its effective text says. */
static struct fixture load_point(const struct fixture *sweep, guint point)
{
    struct scenario_errors *errors;
    struct fixture f = {NULL, scenario_load_point(sweep->scenario, point, &errors)};
    char *messages = scenario_errors_text(errors);
    ck_assert_msg(f.scenario && !*messages, "%s", messages);
    ck_assert_ptr_null(strstr(f.scenario->effective->str, "vary"));
    ck_assert_uint_eq(scenario_point_count(f.scenario), 1);
    struct fixture again = load_with(f.scenario->effective->str, NULL);
    ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
    clear(&again);
    g_free(messages);
    scenario_errors_free(errors);
    return f;
}

START_TEST(scenario__sweep)
{
    g_autofree char *text = g_strdup_printf("%svary:\n  topology.links.out.rate: [1Gbps, 2Gbps, 3Gbps]\n"
                                            "  systems.second.queue: [droptail, {ecn_threshold: {capacity: 9p, mark_at: 3p}}]\n", whole);
    struct fixture f = load_with(text, NULL);
    ck_assert_uint_eq(scenario_point_count(f.scenario), 6);
    ck_assert_uint_eq(scenario_spec(f.scenario, 0)->links[1].rate_bps, 1000000000u);
    assert_labels(f.scenario, 0, "topology.links.out.rate=1Gbps systems.second.queue=droptail");
    assert_labels(f.scenario, 3, "topology.links.out.rate=2Gbps systems.second.queue={ecn_threshold: {capacity: 9p, mark_at: 3p}}");
    struct fixture again = load_with(f.scenario->effective->str, NULL);
    ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
    ck_assert_uint_eq(scenario_point_count(again.scenario), 6);
    for (guint i = 0; i < 6; i++) {
        struct fixture p = load_point(&f, i);
        ck_assert_uint_eq(scenario_spec(p.scenario, 0)->links[1].rate_bps, (i / 2 + 1) * 1000000000u);
        ck_assert_str_eq(scenario_spec(p.scenario, 1)->queue.plugin->name, i % 2 ? "ecn_threshold" : "droptail");
        ck_assert_str_eq(scenario_spec(p.scenario, 0)->queue.plugin->name, "ecn_threshold");
        clear(&p);
    }
    clear(&again);
    clear(&f);
}
END_TEST

/* A required value can be a varied one. */
START_TEST(scenario__sweep_of_a_required_value)
{
    g_autofree char *text = g_strdup_printf("%svary: {workload.0.fake_flow.to: [b]}\n", whole);
    memset(strstr(text, "to: b, "), ' ', strlen("to: b, "));
    struct fixture f = load_with(text, NULL);
    ck_assert_uint_eq(scenario_point_count(f.scenario), 1);
    assert_labels(f.scenario, 0, "workload.0.fake_flow.to=b");
    ck_assert_uint_eq(((const struct fake_flow_params *)scenario_spec(f.scenario, 0)->workloads[0].params)->to, 1);
    clear(&f);
}
END_TEST

/* --vary replaces a path of the file, in its place, and adds others after it. */
START_TEST(scenario__sweep_of_options)
{
    const char *const varies[] = {"duration=5ms,6ms", "measure.after=1ms,3ms", NULL};
    const struct scenario_options options = {.varies = varies, .duration = "7ms"};
    g_autofree char *text = g_strdup_printf("%svary: {measure.after: [9us]}\n", whole);
    struct fixture f = load_with(text, &options);
    ck_assert_uint_eq(scenario_point_count(f.scenario), 4);
    assert_labels(f.scenario, 1, "measure.after=1ms duration=6ms");
    struct fixture last = load_point(&f, 3);
    const struct spec *spec = scenario_spec(last.scenario, 0);
    ck_assert(spec->duration == 6 * SIM_MS && spec->measure_after == 3 * SIM_MS);
    clear(&last);
    clear(&f);

    f = load_with(whole, NULL);
    ck_assert_uint_eq(scenario_point_count(f.scenario), 1);
    assert_labels(f.scenario, 0, "");
    last = load_point(&f, 0);
    ck_assert_str_eq(last.scenario->effective->str, f.scenario->effective->str);
    clear(&last);
    clear(&f);
}
END_TEST

/* Without `systems:` there is one, called after the scenario. */
START_TEST(scenario__one_system)
{
    struct fixture f = load_with("name: alone\nduration: 1ms\nqueue: droptail\ntransport: fake_transport\n"
                                 "topology: {hosts: [a, b], links: [{name: none, ends: [a, b], rate: 1Gbps, delay: 1us}]}\n"
                                 "workload: {fake_flow: {from: a, to: b}}\n"
                                 "expect: [{that: alone.x, at_least: 1}]\n", NULL);
    const struct spec *spec = scenario_spec(f.scenario, 0);
    ck_assert_uint_eq(scenario_system_count(f.scenario), 1);
    ck_assert_str_eq(spec->system, "alone");
    ck_assert(spec->mtu_bytes == 1500 && spec->seed == 1 && spec->messages && spec->merge_below == 100 * SIM_NS);
    ck_assert_uint_eq(spec->selector_count, 1);
    ck_assert_str_eq(spec->links[0].name, "a-b");
    ck_assert_ptr_null(f.scenario->paper);
    struct fixture again = load_with(f.scenario->effective->str, NULL);
    ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
    clear(&again);
    clear(&f);
}
END_TEST

/* The shape that the documentation shows, and every scenario of the repository. */
START_TEST(scenario__files_of_the_repository_load)
{
    static const char *const folders[] = {"scenarios", "scenarios/bench"};
    guint count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        char *folder = g_build_filename(g_getenv("MTPSIM_SOURCE_DIR"), folders[i], NULL);
        GDir *files = g_dir_open(folder, 0, NULL);
        for (const char *name = files ? g_dir_read_name(files) : NULL; name; name = g_dir_read_name(files)) {
            if (!g_str_has_suffix(name, ".yaml"))
                continue;
            char *path = g_build_filename(folder, name, NULL), *text;
            ck_assert(g_file_get_contents(path, &text, NULL, NULL));
            struct fixture f = load_named(path, text, NULL);
            struct fixture again = load_named(path, f.scenario->effective->str, NULL);
            ck_assert_str_eq(again.scenario->effective->str, f.scenario->effective->str);
            count++;
            clear(&again);
            clear(&f);
            g_free(text);
            g_free(path);
        }
        g_dir_close(files);
        g_free(folder);
    }
    ck_assert_uint_ge(count, 2);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, scenario__network_of_a_system);
    tcase_add_test(tcase, scenario__blocks_of_a_system);
    tcase_add_test(tcase, scenario__every_type_of_parameter);
    tcase_add_test(tcase, scenario__expectations);
    tcase_add_test(tcase, scenario__policies_tenants_and_events);
    tcase_add_test(tcase, scenario__effective_of_effective);
    tcase_add_test(tcase, scenario__options);
    tcase_add_test(tcase, scenario__sweep);
    tcase_add_test(tcase, scenario__sweep_of_a_required_value);
    tcase_add_test(tcase, scenario__sweep_of_options);
    tcase_add_test(tcase, scenario__one_system);
    tcase_add_test(tcase, scenario__files_of_the_repository_load);
}

int main(void)
{
    return suite_run("scenario", add_cases);
}
