/* The table of bad scenarios, tests/system/bad_scenarios/cases.txt, which the unit test and the
 * command line's test share. */
#ifndef TESTS_SUPPORT_BAD_CASES_H
#define TESTS_SUPPORT_BAD_CASES_H

#include <glib.h>

struct bad_case {
    char *name;
    guint line;         /* in cases.txt */
    GString *text;      /* the scenario */
    GPtrArray *options; /* char *: "--set a=b" */
    GString *expected;  /* messages, a line each; the file is called "bad.yaml" */
};

/* struct bad_case *; free with g_ptr_array_unref. Fails the test when the table is wrong. */
GPtrArray *bad_cases_read(void);

/* tests/system/bad_scenarios/NAME. Free with g_free. */
char *bad_cases_file(const char *name);

#endif
