/* Edit distance in its "optimal string alignment" form: a swap of neighbours counts once, since
 * "perdio" for "period" is as frequent a slip as a missing letter. */
#include "core/nearest.h"

#include <string.h>

#define WORD_MAX  64 /* longer words get no suggestion */
#define NAMES_MAX 16 /* shown in a list */

enum { REPLACE = 2, CASE = 1 };

static guint letter_cost(char a, char b)
{
    if (a == b)
        return 0;
    return g_ascii_tolower(a) == g_ascii_tolower(b) ? CASE : REPLACE;
}

/* In half edits. */
static guint edit_distance(const char *a, guint a_length, const char *b, guint b_length)
{
    guint rows[3][WORD_MAX + 1];
    guint *before = rows[0], *above = rows[1], *row = rows[2];

    for (guint j = 0; j <= b_length; j++)
        above[j] = REPLACE * j;
    for (guint i = 1; i <= a_length; i++) {
        row[0] = REPLACE * i;
        for (guint j = 1; j <= b_length; j++) {
            guint cost = above[j - 1] + letter_cost(a[i - 1], b[j - 1]);

            cost = MIN(cost, above[j] + REPLACE);
            cost = MIN(cost, row[j - 1] + REPLACE);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = MIN(cost, before[j - 2] + REPLACE);
            row[j] = cost;
        }
        guint *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length];
}

const char *nearest_name(const char *word, const GPtrArray *names)
{
    size_t length = strlen(word);
    const char *best = NULL;

    if (length > WORD_MAX)
        return NULL;
    guint least = REPLACE * MAX(1, (guint)length / 3) + 1;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        size_t name_length = strlen(name);

        if (name_length > WORD_MAX)
            continue;
        guint distance = edit_distance(word, (guint)length, name, (guint)name_length);
        if (distance < least && distance < REPLACE * length) {
            least = distance;
            best = name;
        }
    }
    return best;
}

char *nearest_hint(const char *word, const GPtrArray *names)
{
    const char *nearest = nearest_name(word, names);

    if (nearest)
        return g_strdup_printf("; did you mean \"%s\"?", nearest);
    if (names->len == 0)
        return g_strdup("; there are none");
    GString *text = g_string_new("; allowed: ");
    for (guint i = 0; i < names->len && i < NAMES_MAX; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > NAMES_MAX)
        g_string_append_printf(text, " and %u more", names->len - NAMES_MAX);
    return g_string_free(text, FALSE);
}
