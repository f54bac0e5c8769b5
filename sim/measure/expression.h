/* Expressions of metrics, as `expect:` has them: `mtp.goodput_gbps / dctcp.goodput_gbps`.
 *
 *     sum     = product {("+" | "-") product}
 *     product = factor {("*" | "/") factor}
 *     factor  = "-" factor | number | path | function "(" sum {"," sum} ")" | "(" sum ")"
 *     path    = SYSTEM "." metric {"." metric}
 *     function = "min" | "max" (one argument or more) | "abs" (one)
 *
 * Names of systems may contain "-" and ".": the longest name that is known and followed by "."
 * counts, so `mtp.drops-1` is a difference unless a system is called so.
 */
#ifndef SIM_MEASURE_EXPRESSION_H
#define SIM_MEASURE_EXPRESSION_H

#include <glib.h>
#include <stdint.h>

struct expression;

struct expression_error {
    char *message;   /* free with g_free */
    uint32_t offset; /* byte of the text where it is */
};

/* NULL and *error on a mistake. `systems` ends with NULL. */
struct expression *expression_parse(const char *text, const char *const *systems,
                                    struct expression_error *error);
void expression_free(struct expression *expression);

/* Whether a path starts with this system. */
gboolean expression_uses(const struct expression *expression, const char *system);

/* The value; NAN when a metric has none (lookup gave NAN), or when the result is not finite. `path`
 * is as written: "mtp.messages.fct_us.p99". */
typedef double (*expression_lookup)(void *context, const char *path);
double expression_evaluate(const struct expression *expression, expression_lookup lookup,
                           void *context);

#endif
