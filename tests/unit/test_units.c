#include <math.h>
#include <string.h>

#include "scenario/units.h"
#include "support/suite.h"

#define TIME     SIM_PARAM_TIME
#define RATE     SIM_PARAM_RATE
#define BYTES    SIM_PARAM_BYTES
#define LENGTH   SIM_PARAM_LENGTH
#define COUNT    SIM_PARAM_COUNT
#define REAL     SIM_PARAM_REAL
#define FRACTION SIM_PARAM_FRACTION

/* clang-format off */
START_TEST(units__whole_quantities)
{
    static const struct {
        enum sim_param_type type;
        const char *text;
        uint64_t base;
        bool packets;
        const char *formatted;
    } cases[] = {
        {TIME, "384us", 384000000, false, "384us"},
        {TIME, "1.5us", 1500000, false, "1500ns"},
        {TIME, "0.3us", 300000, false, "300ns"}, /* 299999.99999999994 as a double */
        {TIME, "0.001ns", 1, false, "1ps"},
        {TIME, "1.0000000000000000000000ns", 1000, false, "1ns"},
        {TIME, ".5s", 500000000000, false, "500ms"},
        {TIME, "9223372036854775806ps", INT64_MAX - 1, false, "9223372036854775806ps"},
        {TIME, "0s", 0, false, "0ps"},
        {RATE, "100Gbps", 100000000000, false, "100Gbps"},
        {RATE, "2.5Gbps", 2500000000, false, "2500Mbps"},
        {RATE, "56kbps", 56000, false, "56kbps"},
        {RATE, "1Tbps", 1000000000000, false, "1Tbps"},
        {RATE, "18446744073709551615bps", UINT64_MAX, false, "18446744073709551615bps"},
        {BYTES, "64KB", 64000, false, "64KB"},
        {BYTES, "64KiB", 65536, false, "65536B"},
        {BYTES, "1.5MiB", 1572864, false, "1572864B"},
        {BYTES, "1500B", 1500, false, "1500B"},
        {BYTES, "0.1TB", 100000000000, false, "100GB"},
        {LENGTH, "128p", 128, true, "128p"},
        {LENGTH, "64KB", 64000, false, "64KB"},
        {LENGTH, "1.0p", 1, true, "1p"},
        {COUNT, "0", 0, false, "0"},
        {COUNT, "18446744073709551615", UINT64_MAX, false, "18446744073709551615"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct quantity quantity, again;
        char *problem = units_parse(cases[i].type, cases[i].text, &quantity);
        ck_assert_msg(!problem, "%s%s", cases[i].text, problem);
        ck_assert_msg(quantity.base == cases[i].base, "%s is %" G_GUINT64_FORMAT, cases[i].text, quantity.base);
        ck_assert_int_eq(quantity.packets, cases[i].packets);
        char *text = units_format(cases[i].type, &quantity);
        ck_assert_str_eq(text, cases[i].formatted);
        ck_assert_ptr_null(units_parse(cases[i].type, text, &again));
        ck_assert(again.base == quantity.base && again.packets == quantity.packets);
        g_free(text);
    }
}
END_TEST

START_TEST(units__reals)
{
    static const struct {
        enum sim_param_type type;
        const char *text;
        double real;
        const char *formatted;
    } cases[] = {
        {REAL, "0.0625", 0.0625, "0.0625"}, {REAL, "-1", -1, "-1"},     {REAL, "1e-3", 0.001, "0.001"},
        {REAL, "+2.5E2", 250, "250"},       {REAL, "0.1", 0.1, "0.1"},  {REAL, "1e300", 1e300, "1e+300"},
        {FRACTION, "20%", 0.2, "0.2"},      {FRACTION, "0.2", 0.2, "0.2"}, {FRACTION, "12.5%", 0.125, "0.125"},
        {FRACTION, "120%", 1.2, "1.2"},     {REAL, "0.3333333333333333", 1.0 / 3, "0.333333333333333315"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct quantity quantity, again;
        char *problem = units_parse(cases[i].type, cases[i].text, &quantity);
        ck_assert_msg(!problem, "%s%s", cases[i].text, problem);
        ck_assert_msg(quantity.real == cases[i].real, "%s is %.17g", cases[i].text, quantity.real);
        char *text = units_format(cases[i].type, &quantity);
        ck_assert_ptr_null(units_parse(REAL, text, &again));
        ck_assert(again.real == quantity.real);
        if (strlen(cases[i].formatted) < 15)
            ck_assert_str_eq(text, cases[i].formatted);
        g_free(text);
    }
}
END_TEST

START_TEST(units__refused)
{
    static const struct {
        enum sim_param_type type;
        const char *text, *problem;
    } cases[] = {
        {TIME, "384", ", without a unit; write a time such as 384us (ps ns us ms s)"},
        {TIME, "384US", "; did you mean 384us?"},
        {TIME, "384 us", "; did you mean 384us?"},
        {TIME, "384µs", "; did you mean 384us?"},
        {TIME, "0.5ps", "; it is not a whole number of ps"},
        {TIME, "0.0001ns", "; it is not a whole number of ps"},
        {TIME, "-1us", "; it must not be negative"},
        {TIME, "9223372036854775807ps", "; it is too large"},
        {TIME, "107days", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "1e3us", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "1.us", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "us", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "1us ", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "0x10us", "; write a time such as 384us (ps ns us ms s)"},
        {TIME, "1.23456789012345678901234567890ns", "; it has too many digits"},
        {RATE, "100gbps", "; did you mean 100Gbps?"},
        {RATE, "100GBPS", "; did you mean 100Gbps?"},
        {RATE, "1.5bps", "; it is not a whole number of bit/s"},
        {RATE, "99999999999999999999999999999999999999Tbps", "; it is too large"},
        {RATE, "18446744073709551616bps", "; it is too large"},
        {BYTES, "64kb", "; did you mean 64KB?"},
        {BYTES, "0.0001KB", "; it is not a whole number of bytes"},
        {BYTES, "128p", "; write a size such as 64KB (B KB MB GB TB KiB MiB GiB TiB)"},
        {LENGTH, "128", ", without a unit; write a length such as 128p (packets) or 64KB"},
        {LENGTH, "1.5p", "; it is not a whole number of packets"},
        {LENGTH, "128P", "; did you mean 128p?"},
        {COUNT, "3abc", "; write a whole number"},
        {COUNT, "1.5", "; write a whole number"},
        {COUNT, "-3", "; it must not be negative"},
        {COUNT, "1e6", "; write a whole number"},
        {COUNT, "18446744073709551616", "; it is too large"},
        {REAL, "nan", "; write a number"},
        {REAL, "inf", "; write a number"},
        {REAL, "0x1p3", "; write a number"},
        {REAL, "1e", "; write a number"},
        {REAL, "--1", "; write a number"},
        {REAL, "20%", "; write a number"},
        {REAL, "1e999", "; it is too large"},
        {FRACTION, "%", "; write a fraction such as 20% or 0.2"},
        {FRACTION, "20%%", "; write a fraction such as 20% or 0.2"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct quantity quantity;
        char *problem = units_parse(cases[i].type, cases[i].text, &quantity);
        ck_assert_msg(problem && strcmp(problem, cases[i].problem) == 0, "\"%s\": \"%s\", not \"%s\"", cases[i].text,
                      problem ? problem : "(right)", cases[i].problem);
        g_free(problem);
    }
}
END_TEST

START_TEST(units__ranges)
{
    static const struct {
        const char *text;
        uint64_t first, last;
        bool right;
    } cases[] = {
        {"1..5", 1, 5, true},   {"7", 7, 7, true},   {"0..0", 0, 0, true},  {"5..1", 0, 0, false}, {"", 0, 0, false},    {"..", 0, 0, false},
        {"1..", 0, 0, false},   {"..5", 0, 0, false}, {"1...5", 0, 0, false}, {"1..5..9", 0, 0, false}, {"-1..5", 0, 0, false}, {"a..b", 0, 0, false},
        {"0..18446744073709551615", 0, UINT64_MAX, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t first, last;
        bool right = range_parse(cases[i].text, &first, &last);
        ck_assert_msg(right == cases[i].right, "%s", cases[i].text);
        ck_assert_msg(!right || (first == cases[i].first && last == cases[i].last), "%s", cases[i].text);
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, units__whole_quantities);
    tcase_add_test(tcase, units__reals);
    tcase_add_test(tcase, units__refused);
    tcase_add_test(tcase, units__ranges);
}

int main(void)
{
    return suite_run("units", add_cases);
}
