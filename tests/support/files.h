/* Files that parameters of models name, and what is said of them. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <glib.h>

#include <mtpsim/plugin.h>

/* A file of this text, the same one each time; unlink it. */
const char *file_of(const char *text);

/* Collects reports: "line:column: message", a line each. */
struct file_report {
    struct sim_report report;
    GString *said;
};
struct file_report file_report_new(void);
/* What was said is `expected`. Frees it. */
void file_report_end(struct file_report *report, const char *expected);

/* What a model says of the files that its parameters name. */
void file_assert_says(const struct sim_plugin *plugin, const void *params, const char *expected);

#endif
