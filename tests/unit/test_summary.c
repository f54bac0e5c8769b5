#include <math.h>

#include "cli/json_text.h"
#include "cli/system_summary.h"
#include "support/suite.h"

static const struct spec_tenant tenants[] = {{.name = "t1"}, {.name = "t2"}};
static const char *const hosts[] = {"h0", "h1", "h2"};
static const struct spec the_spec = {
    .tenants = tenants, .tenant_count = 2, .system = "mtp", .node_names = hosts, .host_count = 3};

/* 8 us measured after 2 us; 2 tenants and the rest. */
static struct measurement make_measurement(void)
{
    struct measurement measurement = {
        .measure_after = 2 * SIM_US,
        .tenant_bytes = g_new0(uint64_t, 3),
        .messages = g_array_new(FALSE, FALSE, sizeof(struct message_record)),
    };

    measurement.totals.now = 10 * SIM_US;
    measurement.totals.drops[DROP_QUEUE_FULL] = 2;
    measurement.totals.drops[DROP_LINK_LOSS] = 3;
    measurement.totals.digest = 0x12;
    measurement.counts.data_payload_bytes = 900;
    measurement.counts.data_header_bytes = 100;
    measurement.tenant_bytes[0] = 1000;
    measurement.tenant_bytes[1] = 2000;
    measurement.tenant_bytes[2] = 6000;
    return measurement;
}

static void add_message(struct measurement *measurement, sim_time submitted, sim_time took,
                        uint64_t bytes)
{
    struct message_record message = {
        .bytes = bytes,
        .submitted = submitted,
        .delivered = took == SIM_NEVER ? SIM_NEVER : submitted + took,
    };

    g_array_append_val(measurement->messages, message);
}

struct number_case {
    const char *path;
    double value; /* NAN: null */
};

static void check_numbers(struct measurement *measurement, const struct number_case *cases,
                          size_t count)
{
    JsonNode *summary = system_summary(measurement, &the_spec);

    for (size_t i = 0; i < count; i++) {
        double value = json_number(json_at(summary, cases[i].path));

        ck_assert_ptr_nonnull(json_at(summary, cases[i].path));
        if (isnan(cases[i].value))
            ck_assert_msg(isnan(value), "%s is %g", cases[i].path, value);
        else
            ck_assert_msg(fabs(value - cases[i].value) < 1e-9, "%s is %.9g", cases[i].path, value);
    }
    json_node_unref(summary);
    measurement_clear(measurement);
}

START_TEST(summary__goodput_and_drops)
{
    static const struct number_case cases[] = {
        {"goodput_gbps", 9},
        {"goodput_normalised_gbps", 10},
        {"payload_share", 0.9},
        {"header_share", 0.1},
        {"goodput_gbps_by_tenant.t1", 1},
        {"goodput_gbps_by_tenant.t2", 2},
        {"goodput_gbps_by_tenant.others", 6},
        {"fairness", 0.9}, /* 1 and 2: 9 / (2 * 5) */
        {"drops", 5},
        {"drops_by_reason.queue_full", 2},
        {"drops_by_reason.link_loss", 3},
        {"simulated_us", 10},
        {"fluid_ideal_gbps", NAN},
        {"recovery.samples_max", NAN},
        {"messages.completed", 0},
        {"messages.fct_us.p99", NAN},
    };
    struct measurement measurement = make_measurement();

    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(summary__nothing_measured_is_null)
{
    static const struct number_case cases[] = {
        {"goodput_gbps", NAN},  {"goodput_normalised_gbps", NAN},
        {"payload_share", NAN}, {"share_of_ideal", NAN},
        {"drops", 5},           {"fairness", NAN},
    };
    struct measurement measurement = make_measurement();

    measurement.totals.now = SIM_US;
    measurement.tenant_bytes[0] = measurement.tenant_bytes[1] = 0;
    measurement.counts = (struct sim_transport_counts){0};
    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(summary__messages)
{
    static const struct number_case cases[] = {
        {"messages.completed", 3},
        {"messages.unfinished", 1},
        {"messages.fct_us.p50", 2},
        {"messages.fct_us.p99", NAN},
        {"messages.fct_us.max", NAN},
        {"messages.by_size.0.completed", 2},
        {"messages.by_size.0.fct_us.max", 3},
        {"messages.by_size.0.below_bytes", 10000},
        {"messages.by_size.1.completed", 1}, /* 10000 bytes: the lower end belongs to a bin */
        {"messages.by_size.1.from_bytes", 10000},
        {"messages.by_size.1.fct_us.p999", 2},
        {"messages.by_size.5.unfinished", 1},
        {"messages.by_size.5.below_bytes", NAN},
        {"messages.by_size.5.fct_us.p50", NAN},
    };
    struct measurement measurement = make_measurement();

    add_message(&measurement, SIM_US, 100 * SIM_US, 500); /* before the measured time */
    add_message(&measurement, 2 * SIM_US, 3 * SIM_US, 500);
    add_message(&measurement, 3 * SIM_US, SIM_US, 0);
    add_message(&measurement, 4 * SIM_US, 2 * SIM_US, 10000);
    add_message(&measurement, 5 * SIM_US, SIM_NEVER, 1000000000);
    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(summary__messages_by_destination)
{
    static const struct number_case cases[] = {
        {"messages.completed", 4},
        {"messages.by_destination.h0.completed", 1},
        {"messages.by_destination.h0.unfinished", 1},
        {"messages.by_destination.h0.fct_us.p50", 1},
        {"messages.by_destination.h2.completed", 3},
        {"messages.by_destination.h2.fct_us.p50", 7},
        {"messages.by_destination.h2.fct_us.max", 9},
    };
    struct measurement measurement = make_measurement();

    add_message(&measurement, 3 * SIM_US, SIM_US, 500);
    add_message(&measurement, 3 * SIM_US, SIM_NEVER, 500);
    for (sim_time took = 5; took <= 9; took += 2) {
        add_message(&measurement, 3 * SIM_US, took * SIM_US, 500);
        g_array_index(measurement.messages, struct message_record, measurement.messages->len - 1)
            .dst = 2;
    }
    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

/* Only bins that lie in the measured time count: the first two do not. */
START_TEST(summary__variation_and_buffer)
{
    static const struct number_case cases[] = {
        {"throughput_cv", 0.5}, {"buffer.max_bytes", 65000}, {"buffer.slope_gbps", NAN}};
    static const uint64_t bytes[] = {1000, 0, 100, 300, 100, 300};
    struct measurement measurement = make_measurement();

    measurement.offloads = (struct offload_measurement){65000, NAN};
    measurement.measure_after = 3 * SIM_US;
    measurement.bin_width = 2 * SIM_US;
    measurement.bins = 6;
    measurement.bin_bytes = g_memdup2(bytes, sizeof bytes);
    measurement.tenant_bins = g_new0(uint64_t, 3 * 6);
    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(summary__alternation)
{
    static const struct number_case cases[] = {
        {"fluid_ideal_gbps", 0.9 * 50}, {"share_of_ideal", 0.2}, {"recovery.switches", 2},
        {"recovery.samples_max", 2},    {"recovery.never", 0},
    };
    struct measurement measurement = make_measurement();

    /* 90 and 10 Gbps for 2 us each: fast from 0, 4 and 8 us. */
    measurement.alternates = true;
    measurement.alternation = (struct alternation){
        .period = 2 * SIM_US, .path_count = 2, .rates_bps = {90000000000, 10000000000}};
    measurement.bin_width = SIM_US;
    measurement.bins = 10;
    measurement.bin_bytes = g_new0(uint64_t, 10);
    measurement.tenant_bins = g_new0(uint64_t, 3 * 10);
    measurement.bin_bytes[9] = 10000;
    measurement.bin_bytes[5] = 10000; /* of 90 Gbps x 1 us = 11250 bytes x 0.9 x 0.9 */
    check_numbers(&measurement, cases, G_N_ELEMENTS(cases));
}
END_TEST

/* Expectations are checked against it: it must have all that any run has. */
START_TEST(summary__of_an_empty_run_has_every_member)
{
    struct measurement empty, full = make_measurement();
    JsonNode *of_empty, *of_full;

    add_message(&full, 2 * SIM_US, SIM_US, 1);
    measurement_init_empty(&empty, &the_spec);
    of_empty = system_summary(&empty, &the_spec);
    of_full = system_summary(&full, &the_spec);
    ck_assert_uint_eq(json_object_get_size(json_node_get_object(of_empty)),
                      json_object_get_size(json_node_get_object(of_full)));
    ck_assert_ptr_nonnull(json_at(of_empty, "messages.by_size.5.fct_us.p50"));
    ck_assert_ptr_nonnull(json_at(of_empty, "goodput_gbps_by_tenant.others"));
    ck_assert_ptr_nonnull(json_at(of_empty, "messages.by_destination.h2.fct_us.p50"));
    json_node_unref(of_empty);
    json_node_unref(of_full);
    measurement_clear(&empty);
    measurement_clear(&full);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, summary__goodput_and_drops);
    tcase_add_test(tcase, summary__nothing_measured_is_null);
    tcase_add_test(tcase, summary__messages);
    tcase_add_test(tcase, summary__messages_by_destination);
    tcase_add_test(tcase, summary__variation_and_buffer);
    tcase_add_test(tcase, summary__alternation);
    tcase_add_test(tcase, summary__of_an_empty_run_has_every_member);
}

int main(void)
{
    return suite_run("summary", add_cases);
}
