/* Rows of numbers from a file that a parameter names (SIM_PARAM_FILE).
 *
 * CSV: one row a line, its numbers separated by commas, blanks around them allowed; empty lines and
 * those that begin with # are skipped. Every row has all columns, and every number is in the range
 * of its column; what else is wrong with a row the model says. A row that is wrong is reported with
 * its place and left out, so that all are reported at once.
 */
#ifndef MTPSIM_CSV_H
#define MTPSIM_CSV_H

#include <stdio.h>

#include <mtpsim/plugin.h>

#define SIM_CSV_COLUMNS_MAX 8

struct sim_csv_column {
    const char *name;
    double min, max;
    bool whole; /* no fractions */
};

struct sim_csv {
    const char *name; /* of the file */
    const struct sim_csv_column *columns;
    struct sim_report *report; /* NULL: the file was found right, anything wrong is an error here */
    FILE *file;
    char *text; /* the line, of `capacity` bytes */
    size_t capacity;
    uint32_t column_count;
    uint32_t line;                    /* from 1 */
    uint32_t at[SIM_CSV_COLUMNS_MAX]; /* where the numbers of the row begin, from 1 */
    uint32_t wrong;                   /* so often */
};

/* The file and the columns outlive it. Close it in any case. */
SIM_API void sim_csv_open(struct sim_csv *csv, const char *name,
                          const struct sim_csv_column *columns, uint32_t column_count,
                          struct sim_report *report);
SIM_API void sim_csv_close(struct sim_csv *csv);

/* The next right row; false at the end, and when very much is wrong. */
SIM_API bool sim_csv_next(struct sim_csv *csv, double *numbers);

/* Reports what the model finds wrong with the row, at one of its numbers. */
SIM_API void sim_csv_wrong(struct sim_csv *csv, uint32_t column, const char *format, ...)
    SIM_PRINTF(3, 4);

#endif
