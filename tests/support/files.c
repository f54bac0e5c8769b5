#include "support/files.h"

#include <check.h>
#include <stdio.h>
#include <unistd.h>

const char *file_of(const char *text)
{
    static char name[256];
    snprintf(name, sizeof name, "%s/mtpsim_test_%ld.csv", g_get_tmp_dir(), (long)getpid());
    ck_assert(g_file_set_contents(name, text, -1, NULL));
    return name;
}

static void file_wrong(struct sim_report *report, const char *file, uint32_t line, uint32_t column,
                       const char *message)
{
    struct file_report *self = (struct file_report *)report;
    ck_assert_ptr_nonnull(file);
    g_string_append_printf(self->said, "%u:%u: %s\n", line, column, message);
}

struct file_report file_report_new(void)
{
    return (struct file_report){{file_wrong}, g_string_new(NULL)};
}

void file_report_end(struct file_report *report, const char *expected)
{
    ck_assert_str_eq(report->said->str, expected);
    g_string_free(report->said, TRUE);
}

void file_assert_says(const struct sim_plugin *plugin, const void *params, const char *expected)
{
    struct file_report report = file_report_new();
    plugin->check_files(params, &report.report);
    file_report_end(&report, expected);
}
