#include "support/bad_cases.h"

#include <string.h>

static void bad_case_free(void *data)
{
    struct bad_case *bad = data;

    g_free(bad->name);
    g_string_free(bad->text, TRUE);
    g_string_free(bad->expected, TRUE);
    g_ptr_array_unref(bad->options);
    g_free(bad);
}

static struct bad_case *bad_case_new(const char *name, guint line, const char *base)
{
    struct bad_case *bad = g_new0(struct bad_case, 1);

    bad->name = g_strdup(name);
    bad->line = line;
    bad->text = g_string_new(base);
    bad->expected = g_string_new(NULL);
    bad->options = g_ptr_array_new_with_free_func(g_free);
    return bad;
}

char *bad_cases_file(const char *name)
{
    const char *source = g_getenv("MTPSIM_SOURCE_DIR");

    return g_build_filename(source ? source : ".", "tests/system/bad_scenarios", name, NULL);
}

static char *read_file(const char *name)
{
    char *path = bad_cases_file(name), *text;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("%s cannot be read", path);
    g_free(path);
    return text;
}

/* \n and \t. */
static char *unescape(const char *text)
{
    GString *plain = g_string_new(text);

    g_string_replace(plain, "\\n", "\n", 0);
    g_string_replace(plain, "\\t", "\t", 0);
    return g_string_free(plain, FALSE);
}

/* Replaces `from`, which is there once, by `to`. */
static void replace(struct bad_case *bad, const char *from, const char *to)
{
    char *found = strstr(bad->text->str, from);

    if (!found || strstr(found + 1, from))
        g_error("cases.txt:%u: \"%s\" is not there once", bad->line, from);
    gssize place = found - bad->text->str;
    g_string_erase(bad->text, place, (gssize)strlen(from));
    g_string_insert(bad->text, place, to);
}

static void read_line(struct bad_case *bad, const char *line, char **from)
{
    char *text = unescape(line + 2);

    if (*from && *line != '+')
        replace(bad, *from, "");
    if (*line == '+')
        replace(bad, *from, text);
    g_clear_pointer(from, g_free);
    if (*line == '-')
        *from = g_strdup(text);
    else if (*line == '=')
        g_string_assign(bad->text, text);
    else if (*line == '!')
        g_ptr_array_add(bad->options, g_strdup(text));
    else if (*line == '>')
        g_string_append_printf(bad->expected, "%s%s\n", line[2] == '@' ? "bad.yaml" : "",
                               line[2] == '@' ? text + 1 : text);
    g_free(text);
}

GPtrArray *bad_cases_read(void)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(bad_case_free);
    char *base = read_file("base.yaml"), *table = read_file("cases.txt");
    char **lines = g_strsplit(table, "\n", -1);
    struct bad_case *bad = NULL;
    char *from = NULL;

    for (guint i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "case ")) {
            bad = bad_case_new(lines[i] + 5, i + 1, base);
            g_ptr_array_add(cases, bad);
        } else if (*lines[i] && *lines[i] != '#') {
            if (!bad || !strchr("-+=!>", *lines[i]) || lines[i][1] != ' ')
                g_error("cases.txt:%u: \"%s\"", i + 1, lines[i]);
            read_line(bad, lines[i], &from);
        }
    }
    g_strfreev(lines);
    g_free(base);
    g_free(table);
    return cases;
}
