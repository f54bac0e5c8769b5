/* The program's manual page, from the tables that its help is printed from. */
#ifndef SIM_CLI_MAN_H
#define SIM_CLI_MAN_H

#include "cli/verbs.h"

/* A head and what is said of it. */
struct man_row {
    const char *head, *text; /* NULL at the end of a table */
};

struct man_page {
    const char *name, *summary;
    const struct verb *verbs;
    guint verb_count;
    const struct option_row *rows; /* options without a verb */
    const struct man_row *statuses, *examples;
    const char *see_also; /* a page and its section */
};

/* In mdoc, the language of manual pages. Free with g_free. */
char *man_text(const struct man_page *page);

#endif
