/* Command-line options of a verb. */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

/* An option: `--name argument`, `--name=argument`, or `--name` when it takes none. */
struct option_row {
    const char *name;
    const char *argument; /* what its argument is called in the help; NULL: takes none */
    const char *help;     /* lines after the first are indented by options_help */
    bool repeatable;
};

struct options {
    const struct option_row *rows; /* name NULL at the end */
    GHashTable *values;            /* name -> GPtrArray of const char *, NULL at its end */
    GPtrArray *positional;         /* const char *, NULL at its end */
};

/* Reads the arguments, which outlive the options. FALSE and an error that says what is wrong;
 * options_clear is due in any case. */
gboolean options_parse(struct options *options, const struct option_row *rows,
                       char *const *arguments, GError **error);
void options_clear(struct options *options);

bool options_has(const struct options *options, const char *name);
/* The last one given, or NULL. */
const char *options_value(const struct options *options, const char *name);
/* All that were given, in their order, NULL at the end; NULL when there are none. */
const char *const *options_values(const struct options *options, const char *name);
guint options_positional_count(const struct options *options);

/* The part of a help text that lists them; free with g_free. */
char *options_help(const struct option_row *rows);

#endif
