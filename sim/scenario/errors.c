/* Errors of a scenario. Kept sorted only when they are written: they come in any order, because
 * the checks of one block need the names of another. */
#include "scenario/errors.h"

#include <stdarg.h>
#include <string.h>

struct entry {
    struct position at; /* with a copy of the file's name */
    char *message;
};

struct scenario_errors {
    GArray *entries;
};

static void entry_clear(void *data)
{
    struct entry *entry = data;

    g_free((char *)entry->at.file);
    g_free(entry->message);
}

struct scenario_errors *scenario_errors_new(void)
{
    struct scenario_errors *errors = g_new0(struct scenario_errors, 1);

    errors->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    g_array_set_clear_func(errors->entries, entry_clear);
    return errors;
}

void scenario_errors_free(struct scenario_errors *errors)
{
    if (!errors)
        return;
    g_array_unref(errors->entries);
    g_free(errors);
}

static int position_compare(const struct position *a, const struct position *b)
{
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (strcmp(a->file, b->file) != 0)
        return strcmp(a->file, b->file);
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return 0;
}

static int entry_compare(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;
    int order = position_compare(&first->at, &second->at);

    return order ? order : strcmp(first->message, second->message);
}

void scenario_errors_add_text(struct scenario_errors *errors, struct position at,
                              const char *message)
{
    for (guint i = 0; i < errors->entries->len; i++) {
        const struct entry *entry = &g_array_index(errors->entries, struct entry, i);

        if (position_compare(&entry->at, &at) == 0 && strcmp(entry->message, message) == 0)
            return;
    }
    struct entry entry = {at, g_strdup(message)};
    entry.at.file = g_strdup(at.file);
    g_array_append_val(errors->entries, entry);
}

void scenario_errors_add(struct scenario_errors *errors, struct position at, const char *format,
                         ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    scenario_errors_add_text(errors, at, message);
    g_free(message);
}

guint scenario_errors_count(const struct scenario_errors *errors)
{
    return errors->entries->len;
}

char *scenario_errors_text(struct scenario_errors *errors)
{
    GString *text = g_string_new(NULL);

    g_array_sort(errors->entries, entry_compare);
    for (guint i = 0; i < errors->entries->len; i++) {
        const struct entry *entry = &g_array_index(errors->entries, struct entry, i);

        g_string_append(text, entry->at.file);
        if (entry->at.line)
            g_string_append_printf(text, ":%u:%u", entry->at.line, entry->at.column);
        g_string_append_printf(text, ": %s\n", entry->message);
    }
    return g_string_free(text, FALSE);
}

void scenario_errors_print(struct scenario_errors *errors, FILE *file)
{
    char *text = scenario_errors_text(errors);

    fputs(text, file);
    g_free(text);
}
