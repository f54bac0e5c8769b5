/* table: columns as wide as their widest cell, two blanks apart. */
#include "cli/table.h"

struct table {
    guint columns, left;
    GPtrArray *cells; /* char *, headers first */
    GArray *colours;  /* enum table_colour of each cell */
};

struct table *table_new(const char *const *headers, guint left)
{
    struct table *table = g_new(struct table, 1);

    *table = (struct table){.columns = g_strv_length((char **)headers),
                            .left = left,
                            .cells = g_ptr_array_new_with_free_func(g_free),
                            .colours = g_array_new(FALSE, FALSE, sizeof(enum table_colour))};
    for (guint i = 0; i < table->columns; i++)
        table_add(table, headers[i], TABLE_PLAIN);
    return table;
}

void table_free(struct table *table)
{
    g_ptr_array_unref(table->cells);
    g_array_unref(table->colours);
    g_free(table);
}

void table_add(struct table *table, const char *text, enum table_colour colour)
{
    g_ptr_array_add(table->cells, g_strdup(text));
    g_array_append_val(table->colours, colour);
}

static glong table_width(const struct table *table, guint column)
{
    glong width = 0;

    for (guint i = column; i < table->cells->len; i += table->columns)
        width = MAX(width, g_utf8_strlen(table->cells->pdata[i], -1));
    return width;
}

static void table_append_cell(const struct table *table, GString *text, guint index, bool colours)
{
    static const char *const codes[] = {[TABLE_GOOD] = "\033[32m", [TABLE_BAD] = "\033[1;31m"};
    const char *cell = table->cells->pdata[index];
    enum table_colour colour = g_array_index(table->colours, enum table_colour, index);
    guint column = index % table->columns;
    int blanks = (int)(table_width(table, column) - g_utf8_strlen(cell, -1));

    if (column)
        g_string_append(text, "  ");
    if (column >= table->left)
        g_string_append_printf(text, "%*s", blanks, "");
    if (colours && colour != TABLE_PLAIN)
        g_string_append_printf(text, "%s%s\033[0m", codes[colour], cell);
    else
        g_string_append(text, cell);
    if (column < table->left && column + 1 < table->columns)
        g_string_append_printf(text, "%*s", blanks, "");
}

char *table_text(const struct table *table, bool colours)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < table->cells->len; i++) {
        table_append_cell(table, text, i, colours);
        if ((i + 1) % table->columns == 0)
            g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
