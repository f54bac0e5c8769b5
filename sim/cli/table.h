/* Text in columns. */
#ifndef SIM_CLI_TABLE_H
#define SIM_CLI_TABLE_H

#include <glib.h>
#include <stdbool.h>

enum table_colour { TABLE_PLAIN, TABLE_GOOD, TABLE_BAD };

struct table;

/* `headers` ends with NULL. The first `left` columns are aligned left, the others right. */
struct table *table_new(const char *const *headers, guint left);
void table_free(struct table *table);

/* Adds the next cell, row by row; copies the text. */
void table_add(struct table *table, const char *text, enum table_colour colour);

/* Each line ends with a newline and has no blanks at its end; free with g_free. */
char *table_text(const struct table *table, bool colours);

#endif
