#include <mtpsim/sizes.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/suite.h"

extern const struct sim_sizes_ops bounded_pareto_sizes, empirical_sizes, fixed_sizes;

struct pareto_parameters {
    uint64_t min, max;
    double shape;
};

struct file_parameter {
    const char *file;
};

union any_sizes {
    char bytes[64];
    uint64_t align;
};

/* clang-format off */
START_TEST(fixed__is_what_it_says)
{
    uint64_t bytes = 16384;
    union any_sizes sizes = {{0}};
    fixed_sizes.init(&sizes, &bytes);
    ck_assert_uint_eq(fixed_sizes.draw(&sizes, NULL), 16384);
    ck_assert_double_eq(fixed_sizes.mean(&sizes), 16384);
}
END_TEST

/* Quantiles by the closed form, and the mean of draws where the variance lets it converge. */
START_TEST(bounded_pareto__has_the_quantiles_of_its_formula)
{
    static const struct pareto_parameters cases[] = {
        {10000, 1000000000, 1.1}, {10000, 1000000000, 1.0}, {1000, 50000, 0.5}, {100, 100, 2}, {1, 4000000000, 3},
    };
    enum { DRAWS = 40000 };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct pareto_parameters *p = &cases[c];
        union any_sizes sizes = {{0}};
        struct sim_rng rng;
        uint32_t below_median = 0, above_99 = 0;
        double kept = 1 - pow((double)p->min / (double)p->max, p->shape);
        double median = (double)p->min * pow(1 - 0.5 * kept, -1 / p->shape);
        double p99 = (double)p->min * pow(1 - 0.99 * kept, -1 / p->shape);
        bounded_pareto_sizes.init(&sizes, p);
        sim_rng_init(&rng, 1, "sizes");
        for (int i = 0; i < DRAWS; i++) {
            uint64_t bytes = bounded_pareto_sizes.draw(&sizes, &rng);
            ck_assert(bytes >= p->min && bytes <= p->max);
            below_median += (double)bytes < median - 0.5;
            above_99 += (double)bytes > p99 + 0.5;
        }
        if (p->min == p->max || median < 100) /* a point, or whole numbers too coarse */
            continue;
        ck_assert_int_lt(labs((long)below_median - DRAWS / 2), 5 * 100); /* 5 standard deviations */
        ck_assert_int_lt(labs((long)above_99 - DRAWS / 100), 5 * 20);
    }
}
END_TEST

START_TEST(bounded_pareto__mean_is_the_integral)
{
    static const struct pareto_parameters cases[] = {
        {10000, 1000000000, 1.1}, {10000, 1000000000, 1.0}, {1000, 50000, 0.5}, {100, 100, 2}, {10, 4000000000, 3},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct pareto_parameters *p = &cases[c];
        union any_sizes sizes = {{0}};
        bounded_pareto_sizes.init(&sizes, p);
        double low = (double)p->min, high = (double)p->max, kept = 1 - pow(low / high, p->shape), sum = 0;
        enum { STEPS = 200000 };
        for (int i = 0; i < STEPS && p->min != p->max; i++) { /* of P(size > x), on a logarithmic grid */
            double x = low * pow(high / low, (i + 0.5) / STEPS);
            double more = (pow(low / x, p->shape) - (1 - kept)) / kept;
            sum += more * x * log(high / low) / STEPS;
        }
        ck_assert_double_eq_tol(bounded_pareto_sizes.mean(&sizes) / (low + sum), 1, 1e-6);
    }
}
END_TEST

START_TEST(empirical__interpolates_between_its_rows)
{
    enum { DRAWS = 40000 };
    struct file_parameter p = {file_of("# a comment\n\n100, 0\n200, 0.5\n1000,0.5\n2000,1\n")};
    union any_sizes sizes = {{0}};
    struct sim_rng rng;
    uint32_t low = 0, quarter = 0;
    file_assert_says(&empirical_sizes.plugin, &p, "");
    empirical_sizes.init(&sizes, &p);
    ck_assert_double_eq_tol(empirical_sizes.mean(&sizes), 0.5 * 150 + 0.5 * 1500, 1e-9);
    sim_rng_init(&rng, 1, "sizes");
    for (int i = 0; i < DRAWS; i++) {
        uint64_t bytes = empirical_sizes.draw(&sizes, &rng);
        ck_assert((bytes >= 100 && bytes <= 200) || (bytes >= 1000 && bytes <= 2000));
        low += bytes <= 200;
        quarter += bytes <= 150;
    }
    empirical_sizes.clear(&sizes);
    unlink(p.file);
    ck_assert_int_lt(labs((long)low - DRAWS / 2), 5 * 100);
    ck_assert_int_lt(labs((long)quarter - DRAWS / 4), 5 * 87);
}
END_TEST

START_TEST(empirical__says_where_a_file_is_wrong)
{
    static const struct { const char *text, *says; } cases[] = {
        {"", "0:1: the rows end before share is 1\n"},
        {"# none\n", "1:1: the rows end before share is 1\n"},
        {"100,0\n", "1:5: the rows end before share is 1\n"},
        {"100,0\n200,0.9\n", "2:5: the rows end before share is 1\n"},
        {"100,0.1\n200,1\n", "1:5: share is 0.1; in the first row it is 0\n2:5: share is 1; in the first row it is 0\n"},
        {"100,0\n100,1\n", "2:1: bytes is 100, after 100 in the row before\n"},
        {"100,0\n200,0.6\n300,0.5\n400,1\n", "3:5: share is 0.5, after 0.6 in the row before\n"},
        {"100,0\n200,1.5\n300,2\n", "2:5: share is \"1.5\"; allowed: a number from 0 to 1\n3:5: share is \"2\"; allowed: a number from 0 to 1\n"},
        {"100,0\n5000000000,1\n", "2:1: bytes is \"5000000000\"; allowed: a number from 0 to 4000000000\n"},
    };
    struct file_parameter p = {file_of(cases[_i].text)};
    file_assert_says(&empirical_sizes.plugin, &p, cases[_i].says);
    unlink(p.file);
}
END_TEST

START_TEST(empirical__has_at_most_a_thousand_rows)
{
    GString *text = g_string_new("1,0\n");
    for (int i = 1; i < 999; i++)
        g_string_append_printf(text, "%d,0.5\n", i + 1);
    g_string_append(text, "5000,1");
    for (int more = 0; more < 2; more++) {
        struct file_parameter p = {file_of(text->str)};
        file_assert_says(&empirical_sizes.plugin, &p, more ? "1001:1: there are more than 1000 rows\n" : "");
        unlink(p.file);
        g_string_append(text, "\n6000,1");
    }
    g_string_free(text, TRUE);
}
END_TEST

/* The means that the files' own comments state. */
START_TEST(empirical__the_published_distributions_load)
{
    static const struct { const char *file; double mean; } cases[] = {
        {"scenarios/sizes/web_search.csv", 1711250}, {"scenarios/sizes/data_mining.csv", 12658198.6},
    };
    const char *source = getenv("MTPSIM_SOURCE_DIR");
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char path[1000];
        snprintf(path, sizeof path, "%s/%s", source ? source : ".", cases[c].file);
        struct file_parameter p = {path};
        union any_sizes sizes = {{0}};
        file_assert_says(&empirical_sizes.plugin, &p, "");
        empirical_sizes.init(&sizes, &p);
        ck_assert_double_eq_tol(empirical_sizes.mean(&sizes), cases[c].mean, 1);
        empirical_sizes.clear(&sizes);
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, fixed__is_what_it_says);
    tcase_add_test(tcase, bounded_pareto__has_the_quantiles_of_its_formula);
    tcase_add_test(tcase, bounded_pareto__mean_is_the_integral);
    tcase_add_test(tcase, empirical__interpolates_between_its_rows);
    tcase_add_loop_test(tcase, empirical__says_where_a_file_is_wrong, 0, 9);
    tcase_add_test(tcase, empirical__has_at_most_a_thousand_rows);
    tcase_add_test(tcase, empirical__the_published_distributions_load);
}

int main(void)
{
    return suite_run("sizes", add_cases);
}
