/* man: the help as a manual page in mdoc (which groff and mandoc set).
 *
 * mdoc wants a sentence to begin a line, so paragraphs are broken there and filled by whoever sets
 * them; lines of the help that begin with blanks are commands, and stay lines.
 */
#include "cli/man.h"

#include <string.h>

#include "cli/version.h"

#define MAN_COLUMNS 72

/* Appends text as it is to be read: no character of it is markup, no quotation mark ends the
 * argument of a macro, and "--" stays two hyphens. */
static void man_append_escaped(GString *page, const char *text)
{
    if (*text == '.' || *text == '\'')
        g_string_append(page, "\\&");
    for (; *text; text++)
        if (*text == '\\')
            g_string_append(page, "\\e");
        else if (*text == '"')
            g_string_append(page, "\\(dq");
        else if (g_str_has_prefix(text, "--") && ++text)
            g_string_append(page, "\\-\\-");
        else
            g_string_append_c(page, *text);
}

static void man_append_argument(GString *page, const char *text)
{
    g_string_append_c(page, '"');
    man_append_escaped(page, text);
    g_string_append_c(page, '"');
}

/* ---- text ---- */

static bool man_ends_sentence(const char *word, const char *next)
{
    return strchr(".!?:", word[strlen(word) - 1]) && (g_ascii_isupper(*next) || *next == '"');
}

/* A paragraph, a sentence a line, or several lines when it is long. */
static void man_append_paragraph(GString *page, const char *paragraph)
{
    g_auto(GStrv) words = g_strsplit_set(paragraph, " \n", -1);
    g_autoptr(GString) line = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        g_string_append_printf(line, "%s%s", line->len ? " " : "", *word);
        if (word[1] && !man_ends_sentence(*word, word[1]) &&
            line->len + 1 + strlen(word[1]) <= MAN_COLUMNS)
            continue;
        man_append_escaped(page, line->str);
        g_string_append_c(page, '\n');
        g_string_truncate(line, 0);
    }
}

static bool man_is_command(const char *line)
{
    return *line == ' ';
}

/* Lines [first, end), which are all commands or none. */
static void man_append_lines(GString *page, char **first, char **end)
{
    if (man_is_command(*first)) {
        g_string_append(page, ".Bd -literal -offset indent\n");
        for (; first < end; first++) {
            man_append_escaped(page, g_strchug(*first));
            g_string_append_c(page, '\n');
        }
        g_string_append(page, ".Ed\n");
        return;
    }
    g_autoptr(GString) text = g_string_new(*first);
    while (++first < end)
        g_string_append_printf(text, "\n%s", *first);
    man_append_paragraph(page, text->str);
}

static void man_append_description(GString *page, const char *description)
{
    g_auto(GStrv) lines = g_strsplit(description, "\n", -1);
    char **first = lines;

    for (char **line = lines; *line; line++) {
        bool blank = **line == '\0';
        if (first < line && (blank || man_is_command(*line) != man_is_command(*first))) {
            man_append_lines(page, first, line);
            first = line;
        }
        if (!blank)
            continue;
        if (line[1] && *line[1])
            g_string_append(page, ".Pp\n");
        first = line + 1;
    }
}

/* ---- parts ---- */

static void man_append_options(GString *page, const struct option_row *rows)
{
    g_string_append(page, ".Bl -tag -width Ds\n");
    for (; rows->name; rows++) {
        g_string_append_printf(page, ".It Fl \\-%s", rows->name);
        if (rows->argument) {
            g_string_append(page, " Ar ");
            man_append_argument(page, rows->argument);
        }
        g_string_append_c(page, '\n');
        man_append_paragraph(page, rows->help);
    }
    g_string_append(page, ".El\n");
}

static void man_append_rows(GString *page, const struct man_row *rows, const char *macro)
{
    g_string_append(page, ".Bl -tag -width Ds\n");
    for (; rows->head; rows++) {
        g_string_append_printf(page, ".It %s ", macro);
        man_append_argument(page, rows->head);
        g_string_append_c(page, '\n');
        man_append_paragraph(page, rows->text);
    }
    g_string_append(page, ".El\n");
}

static void man_append_verbs(GString *page, const struct man_page *man)
{
    g_string_append(page, ".Sh DESCRIPTION\nVerbs:\n.Bl -tag -width Ds\n");
    for (guint i = 0; i < man->verb_count; i++) {
        const struct verb *verb = &man->verbs[i];

        g_string_append_printf(page, ".It Cm %s%s%s\n", verb->name, *verb->arguments ? " Ar " : "",
                               verb->arguments);
        man_append_paragraph(page, verb->summary);
    }
    g_string_append(page, ".El\n.Pp\nA scenario without a verb is run.\n");
}

static void man_append_verb(GString *page, const struct verb *verb)
{
    g_string_append_printf(page, ".Ss %s\n", verb->name);
    man_append_description(page, verb->description);
    g_string_append(page, ".Pp\nOptions:\n");
    man_append_options(page, verb->rows);
}

char *man_text(const struct man_page *man)
{
    GString *page = g_string_new(NULL);
    g_autofree char *title = g_ascii_strup(man->name, -1);

    g_string_append_printf(page, ".Dd %s\n.Dt %s 1\n.Os\n", MTPSIM_DATE, title);
    g_string_append_printf(page, ".Sh NAME\n.Nm %s\n.Nd %s\n", man->name, man->summary);
    g_string_append(page, ".Sh SYNOPSIS\n.Nm\n.Ar SCENARIO.yaml\n.Op Ar OPTION ...\n");
    g_string_append(page, ".Nm\n.Ar VERB\n.Op Ar ARGUMENT\n.Op Ar OPTION ...\n");
    man_append_verbs(page, man);
    g_string_append(page, ".Pp\nOptions without a verb:\n");
    man_append_options(page, man->rows);
    for (guint i = 0; i < man->verb_count; i++)
        man_append_verb(page, &man->verbs[i]);
    g_string_append(page, ".Sh EXIT STATUS\n");
    man_append_rows(page, man->statuses, "Li");
    g_string_append(page, ".Sh EXAMPLES\n");
    man_append_rows(page, man->examples, "Li");
    g_string_append_printf(page, ".Sh SEE ALSO\n.Xr %s\n", man->see_also);
    return g_string_free(page, FALSE);
}
