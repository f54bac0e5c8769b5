/* options: one table of options for parsing, help and the nearest name.
 *
 * Not GOption: its messages have no nearest name, and it lets an option be given twice unnoticed.
 */
#include "cli/options.h"

#include <string.h>

#include "core/nearest.h"

static void options_free_values(gpointer values)
{
    g_ptr_array_unref(values);
}

static const struct option_row *options_find(const struct option_row *rows, const char *name)
{
    for (; rows->name; rows++)
        if (!strcmp(rows->name, name))
            return rows;
    return NULL;
}

static gboolean options_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean options_fail(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (error)
        *error = g_error_new_valist(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, arguments);
    va_end(arguments);
    return FALSE;
}

static gboolean options_unknown(const struct option_row *rows, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *given = g_strdup_printf("--%s", name);
    g_autofree char *hint = NULL;

    for (; rows->name; rows++)
        g_ptr_array_add(names, g_strdup_printf("--%s", rows->name));
    hint = nearest_hint(given, names);
    return options_fail(error, "unknown option \"%s\"%s", given, hint);
}

static gboolean options_add(struct options *options, const struct option_row *row,
                            const char *value, GError **error)
{
    GPtrArray *values = g_hash_table_lookup(options->values, row->name);

    if (values && !row->repeatable)
        return options_fail(error, "--%s is given twice", row->name);
    if (!values) {
        values = g_ptr_array_new();
        g_ptr_array_add(values, NULL);
        g_hash_table_insert(options->values, (gpointer)row->name, values);
    }
    g_ptr_array_insert(values, (gint)values->len - 1, (gpointer)value);
    return TRUE;
}

/* Reads the option at `argument` ("--name" or "--name=value"); takes the argument after it when it
 * needs that, and then sets *used_next. */
static gboolean options_read(struct options *options, const char *argument, const char *next,
                             bool *used_next, GError **error)
{
    const char *equals = strchr(argument, '=');
    g_autofree char *name =
        equals ? g_strndup(argument + 2, (gsize)(equals - argument - 2)) : g_strdup(argument + 2);
    const struct option_row *row = options_find(options->rows, name);

    *used_next = false;
    if (!row)
        return options_unknown(options->rows, name, error);
    if (!row->argument) {
        if (equals)
            return options_fail(error, "--%s takes no argument", name);
        return options_add(options, row, "", error);
    }
    if (equals)
        return options_add(options, row, equals + 1, error);
    if (!next)
        return options_fail(error, "--%s needs an argument: --%s %s", name, name, row->argument);
    *used_next = true;
    return options_add(options, row, next, error);
}

gboolean options_parse(struct options *options, const struct option_row *rows,
                       char *const *arguments, GError **error)
{
    *options = (struct options){
        .rows = rows,
        .values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, options_free_values),
        .positional = g_ptr_array_new(),
    };
    for (; *arguments; arguments++) {
        bool used_next = false;

        if (g_str_equal(*arguments, "-h"))
            options_add(options, options_find(rows, "help"), "", NULL);
        else if (g_str_has_prefix(*arguments, "--")) {
            if (!options_read(options, *arguments, arguments[1], &used_next, error))
                return FALSE;
        } else if (**arguments == '-' && (*arguments)[1])
            return options_fail(error, "unknown option \"%s\"; options begin with --", *arguments);
        else
            g_ptr_array_add(options->positional, *arguments);
        arguments += used_next;
    }
    g_ptr_array_add(options->positional, NULL);
    return TRUE;
}

void options_clear(struct options *options)
{
    g_hash_table_unref(options->values);
    g_ptr_array_unref(options->positional);
}

bool options_has(const struct options *options, const char *name)
{
    return g_hash_table_contains(options->values, name);
}

const char *const *options_values(const struct options *options, const char *name)
{
    GPtrArray *values = g_hash_table_lookup(options->values, name);

    return values ? (const char *const *)values->pdata : NULL;
}

const char *options_value(const struct options *options, const char *name)
{
    GPtrArray *values = g_hash_table_lookup(options->values, name);

    return values ? values->pdata[values->len - 2] : NULL;
}

guint options_positional_count(const struct options *options)
{
    return options->positional->len - 1;
}

char *options_help(const struct option_row *rows)
{
    GString *text = g_string_new(NULL);

    for (; rows->name; rows++) {
        g_autofree char *head = rows->argument
                                    ? g_strdup_printf("--%s %s", rows->name, rows->argument)
                                    : g_strdup_printf("--%s", rows->name);
        g_auto(GStrv) lines = g_strsplit(rows->help, "\n", -1);

        g_string_append_printf(text, "  %-20s  %s\n", head, lines[0]);
        for (char **line = lines + 1; lines[0] && *line; line++)
            g_string_append_printf(text, "  %-20s  %s\n", "", *line);
    }
    return g_string_free(text, FALSE);
}
