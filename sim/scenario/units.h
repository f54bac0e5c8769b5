/* Quantities with units, exactly: 1.5us is 1500000 ps, and what is no whole number of the base unit
 * is refused, not rounded.
 *
 *     time      ps ns us ms s            ps
 *     rate      bps kbps Mbps Gbps Tbps  bit/s
 *     bytes     B KB MB GB TB (1000)  KiB MiB GiB TiB (1024)
 *     length    128p, or bytes
 *     fraction  20% or 0.2
 *
 * Units are written as above, in this case; a bare number has none.
 */
#ifndef SIM_SCENARIO_UNITS_H
#define SIM_SCENARIO_UNITS_H

#include <glib.h>
#include <mtpsim/plugin.h>

struct quantity {
    uint64_t base; /* COUNT, TIME (at most INT64_MAX), RATE, BYTES, LENGTH: in the base unit */
    double real;   /* REAL, FRACTION */
    bool packets;  /* LENGTH */
};

/* Whether a type is a quantity: one that units_parse reads. */
bool units_is_quantity(enum sim_param_type type);

/* NULL when the text is one; else what is wrong, to follow "NAME is TEXT": "; did you mean
 * 100Gbps?". Free with g_free. */
char *units_parse(enum sim_param_type type, const char *text, struct quantity *quantity);

/* As one would write it, with the largest unit that keeps it whole: 100Gbps, 384us, 128p. Reads
 * back to the same quantity. Free with g_free. */
char *units_format(enum sim_param_type type, const struct quantity *quantity);

/* FIRST..LAST, or one number for both; whether the text is one, with FIRST not above LAST. */
bool range_parse(const char *text, uint64_t *first, uint64_t *last);

/* A bound of a parameter of this type, in its base unit. Free with g_free. */
char *units_format_bound(enum sim_param_type type, double bound);

/* "a time such as 384us", for messages and explanations. */
const char *units_describe(enum sim_param_type type);

#endif
