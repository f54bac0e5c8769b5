#include <mtpsim/csv.h>

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

#define WRONG_MAX 20 /* of a file; what is no CSV at all would be wrong in every line */

void sim_csv_open(struct sim_csv *csv, const char *name, const struct sim_csv_column *columns,
                  uint32_t column_count, struct sim_report *report)
{
    SIM_CHECK(column_count >= 1 && column_count <= SIM_CSV_COLUMNS_MAX, "%s: %u columns", name,
              column_count);
    *csv = (struct sim_csv){
        .name = name,
        .columns = columns,
        .report = report,
        .file = fopen(name, "r"),
        .column_count = column_count,
    };
    if (!csv->file)
        sim_csv_wrong(csv, 0, "cannot be read");
}

void sim_csv_close(struct sim_csv *csv)
{
    if (csv->file)
        fclose(csv->file);
    free(csv->text);
}

/* ---- what is wrong ---- */

static void csv_wrong_at(struct sim_csv *csv, uint32_t column, const char *message)
{
    SIM_CHECK(csv->report, "%s:%u:%u: %s", csv->name, csv->line, column, message);
    csv->wrong++;
    csv->report->wrong(csv->report, csv->name, csv->line, column ? column : 1, message);
}

void sim_csv_wrong(struct sim_csv *csv, uint32_t column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    csv_wrong_at(csv, csv->at[column], message);
}

/* The row is too short, or too long. */
static void csv_wrong_count(struct sim_csv *csv, const char *where, const char *problem,
                            uint32_t column)
{
    g_autoptr(GString) message = g_string_new(NULL);
    g_string_printf(message, "the row %s %s; allowed:", problem, csv->columns[column].name);
    for (uint32_t i = 0; i < csv->column_count; i++)
        g_string_append_printf(message, "%c%s", i ? ',' : ' ', csv->columns[i].name);
    csv_wrong_at(csv, (uint32_t)(where - csv->text) + 1, message->str);
}

static void csv_wrong_number(struct sim_csv *csv, uint32_t column, const char *text, size_t length)
{
    const struct sim_csv_column *expected = &csv->columns[column];
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    g_autofree char *shown = g_strescape(valid, NULL);
    g_autofree char *min = number_text(expected->min), *max = number_text(expected->max);
    sim_csv_wrong(csv, column, "%s is \"%s\"; allowed: %s from %s to %s", expected->name, shown,
                  expected->whole ? "a whole number" : "a number", min, max);
}

/* ---- rows ---- */

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r");
}

/* Reads the number of a column, and goes on to the comma or the end after it. */
static bool csv_number(struct sim_csv *csv, uint32_t column, const char **text, double *number)
{
    const struct sim_csv_column *expected = &csv->columns[column];
    const char *start = skip_blanks(*text), *stop = start + strcspn(start, ",");
    char *end;
    csv->at[column] = (uint32_t)(start - csv->text) + 1;
    *text = stop;
    *number = g_ascii_strtod(start, &end);
    if (end != start && skip_blanks(end) == stop && *number >= expected->min &&
        *number <= expected->max && (!expected->whole || *number == floor(*number)))
        return true;
    while (stop > start && strchr(" \t\r", stop[-1]))
        stop--;
    csv_wrong_number(csv, column, start, (size_t)(stop - start));
    return false;
}

static bool csv_row(struct sim_csv *csv, double *numbers)
{
    const char *text = csv->text;
    bool right = true;
    for (uint32_t i = 0; i < csv->column_count; i++) {
        right &= csv_number(csv, i, &text, &numbers[i]);
        if (i + 1 < csv->column_count && *text == '\0') {
            csv_wrong_count(csv, text, "ends before", i + 1);
            return false;
        }
        text += *text == ',' && i + 1 < csv->column_count;
    }
    if (*text)
        csv_wrong_count(csv, text, "goes on after", csv->column_count - 1);
    return right && !*text;
}

/* The next line that is a row. */
static bool csv_line(struct sim_csv *csv)
{
    ssize_t length;
    while (csv->file && (length = getline(&csv->text, &csv->capacity, csv->file)) >= 0) {
        csv->line++;
        if (length && csv->text[length - 1] == '\n')
            csv->text[--length] = '\0';
        if (*csv->text == '#' || (size_t)(skip_blanks(csv->text) - csv->text) == (size_t)length)
            continue;
        if (strlen(csv->text) == (size_t)length)
            return true;
        csv_wrong_at(csv, (uint32_t)strlen(csv->text) + 1, "a byte 0 is in the line");
    }
    return false;
}

bool sim_csv_next(struct sim_csv *csv, double *numbers)
{
    while (csv_line(csv)) {
        if (csv->wrong >= WRONG_MAX) {
            csv_wrong_at(csv, 1, "so much is wrong that the rest is not read");
            return false;
        }
        if (csv_row(csv, numbers))
            return true;
    }
    return false;
}
