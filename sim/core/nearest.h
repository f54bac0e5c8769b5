/* The nearest valid name, for messages about unknown ones. */
#ifndef SIM_CORE_NEAREST_H
#define SIM_CORE_NEAREST_H

#include <glib.h>

/* The name with the least edit distance (insert, delete, replace, swap neighbours; letters' case
 * counts half), or NULL when none is near: more than a third of the word would change. */
const char *nearest_name(const char *word, const GPtrArray *names);

/* `; did you mean "x"?`, or `; allowed: a, b, c`, or "; there are none". Free with g_free. */
char *nearest_hint(const char *word, const GPtrArray *names);

#endif
