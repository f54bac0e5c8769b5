/* Quantities are read digit by digit into 128-bit integers: strtod would make 0.3us 299999 ps. */
#include "scenario/units.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/number.h"

struct unit {
    const char *name;
    uint64_t base;
};

/* From the smallest to the largest; the binary ones apart, so that 1024B is not written 1KiB. */
static const struct unit time_units[] = {{"ps", 1},          {"ns", 1000},         {"us", 1000000},
                                         {"ms", 1000000000}, {"s", 1000000000000}, {NULL, 0}};
static const struct unit rate_units[] = {
    {"bps", 1},           {"kbps", 1000},          {"Mbps", 1000000},
    {"Gbps", 1000000000}, {"Tbps", 1000000000000}, {NULL, 0}};
static const struct unit byte_units[] = {{"B", 1},           {"KB", 1000},          {"MB", 1000000},
                                         {"GB", 1000000000}, {"TB", 1000000000000}, {NULL, 0}};
static const struct unit binary_units[] = {{"KiB", UINT64_C(1) << 10},
                                           {"MiB", UINT64_C(1) << 20},
                                           {"GiB", UINT64_C(1) << 30},
                                           {"TiB", UINT64_C(1) << 40},
                                           {NULL, 0}};
static const struct unit packet_units[] = {{"p", 1}, {NULL, 0}};
static const struct unit no_units[] = {{NULL, 0}};

#define TABLES_MAX 3
#define DIGITS_MAX 30 /* 10^30 units of at most 2^40 fit 128 bits with a fraction's digits cut */

/* Tables of units of a type; NULL ends them. */
static void unit_tables(enum sim_param_type type, const struct unit *tables[TABLES_MAX + 1])
{
    memset(tables, 0, (TABLES_MAX + 1) * sizeof tables[0]);
    switch (type) {
    case SIM_PARAM_TIME:
        tables[0] = time_units;
        break;
    case SIM_PARAM_RATE:
        tables[0] = rate_units;
        break;
    case SIM_PARAM_LENGTH:
        tables[0] = packet_units;
        tables[1] = byte_units;
        tables[2] = binary_units;
        break;
    case SIM_PARAM_BYTES:
        tables[0] = byte_units;
        tables[1] = binary_units;
        break;
    default:
        tables[0] = no_units;
        break;
    }
}

typedef gboolean (*same_text)(const char *a, const char *b);

static gboolean same_exactly(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static gboolean same_letters(const char *a, const char *b)
{
    return g_ascii_strcasecmp(a, b) == 0;
}

static const struct unit *unit_find(enum sim_param_type type, const char *name, same_text same)
{
    const struct unit *tables[TABLES_MAX + 1];

    unit_tables(type, tables);
    for (guint i = 0; tables[i]; i++)
        for (const struct unit *unit = tables[i]; unit->name; unit++)
            if (same(unit->name, name))
                return unit;
    return NULL;
}

bool units_is_quantity(enum sim_param_type type)
{
    return type == SIM_PARAM_COUNT || type == SIM_PARAM_REAL || type == SIM_PARAM_FRACTION ||
           type == SIM_PARAM_TIME || type == SIM_PARAM_RATE || type == SIM_PARAM_BYTES ||
           type == SIM_PARAM_LENGTH;
}

const char *units_describe(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_COUNT:
        return "a whole number";
    case SIM_PARAM_REAL:
        return "a number";
    case SIM_PARAM_FRACTION:
        return "a fraction such as 20% or 0.2";
    case SIM_PARAM_TIME:
        return "a time such as 384us (ps ns us ms s)";
    case SIM_PARAM_RATE:
        return "a rate such as 100Gbps (bps kbps Mbps Gbps Tbps)";
    case SIM_PARAM_BYTES:
        return "a size such as 64KB (B KB MB GB TB KiB MiB GiB TiB)";
    case SIM_PARAM_LENGTH:
        return "a length such as 128p (packets) or 64KB";
    default:
        return "a value";
    }
}

/* Length of "digits", "digits.digits" or ".digits"; 0 when there is no number. */
static size_t number_length(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t length = whole;

    if (text[length] == '.') {
        size_t fraction = strspn(text + length + 1, "0123456789");

        if (fraction == 0)
            return 0;
        length += 1 + fraction;
    }
    return length;
}

/* number x unit into *value; what is wrong, or NULL. */
static const char *scale_exactly(const char *number, size_t length, uint64_t unit, uint64_t limit,
                                 uint64_t *value)
{
    unsigned __int128 digits = 0, divisor = 1;
    guint count = 0;
    bool fraction = false;

    while (length && strchr("0", number[length - 1]) && memchr(number, '.', length))
        length--;
    for (size_t i = 0; i < length; i++) {
        if (number[i] == '.') {
            fraction = true;
            continue;
        }
        digits = digits * 10 + (unsigned)(number[i] - '0');
        divisor *= fraction ? 10 : 1;
        count += digits > 0;
        if (count > DIGITS_MAX || divisor > UINT64_MAX)
            return fraction ? "it has too many digits" : "it is too large";
    }
    if (digits > UINT64_MAX)
        return fraction ? "it has too many digits" : "it is too large";
    digits *= unit;
    if (digits % divisor)
        return "it is not a whole number of %s";
    digits /= divisor;
    if (digits > limit)
        return "it is too large";
    *value = (uint64_t)digits;
    return NULL;
}

static const char *base_name(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_TIME:
        return "ps";
    case SIM_PARAM_RATE:
        return "bit/s";
    case SIM_PARAM_COUNT:
        return "units";
    default:
        return "bytes";
    }
}

static char *unit_problem(enum sim_param_type type, const char *text, size_t number,
                          const char *suffix)
{
    const struct unit *near = unit_find(type, suffix, same_letters);

    if (near)
        return g_strdup_printf("; did you mean %.*s%s?", (int)number, text, near->name);
    if (strcmp(suffix, "µs") == 0 && type == SIM_PARAM_TIME)
        return g_strdup_printf("; did you mean %.*sus?", (int)number, text);
    if (*suffix == '\0')
        return g_strdup_printf(", without a unit; write %s", units_describe(type));
    return g_strdup_printf("; write %s", units_describe(type));
}

static char *parse_scaled(enum sim_param_type type, const char *text, struct quantity *quantity)
{
    size_t number = number_length(text);
    const char *suffix = text + number + strspn(text + number, " ");
    const struct unit one = {"", 1};
    const struct unit *unit = &one;

    if (!number)
        return g_strdup_printf("; write %s", units_describe(type));
    if (type == SIM_PARAM_COUNT) {
        if (*suffix || memchr(text, '.', number))
            return g_strdup_printf("; write %s", units_describe(type));
    } else {
        unit = suffix == text + number ? unit_find(type, suffix, same_exactly) : NULL;
        if (!unit)
            return unit_problem(type, text, number, suffix);
    }
    uint64_t limit = type == SIM_PARAM_TIME ? INT64_MAX - 1 : UINT64_MAX;
    const char *problem = scale_exactly(text, number, unit->base, limit, &quantity->base);
    quantity->packets = strcmp(unit->name, "p") == 0;
    if (!problem)
        return NULL;
    if (strstr(problem, "%s"))
        return g_strdup_printf("; it is not a whole number of %s",
                               quantity->packets ? "packets" : base_name(type));
    return g_strdup_printf("; %s", problem);
}

/* A number as JSON has it, a leading "+" or "." besides; strtod alone would take "nan" and "0x1p3".
 */
static bool real_parse(const char *text, double *value)
{
    const char *at = text + strspn(text, "+-");
    size_t number = number_length(at);
    char *end;

    if (at > text + 1 || !number)
        return false;
    at += number;
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        size_t exponent = strspn(at, "0123456789");
        if (!exponent)
            return false;
        at += exponent;
    }
    if (*at)
        return false;
    *value = g_ascii_strtod(text, &end);
    return true;
}

static char *parse_real(enum sim_param_type type, const char *text, struct quantity *quantity)
{
    size_t length = strlen(text);
    bool percent = type == SIM_PARAM_FRACTION && length && text[length - 1] == '%';
    /* Hundredths by the exponent: 20% is then the same double as 0.2. */
    char *number = percent ? g_strdup_printf("%.*se-2", (int)length - 1, text) : g_strdup(text);
    char *problem = NULL;

    errno = 0;
    if (!real_parse(number, &quantity->real))
        problem = g_strdup_printf("; write %s", units_describe(type));
    else if (!isfinite(quantity->real))
        problem = g_strdup("; it is too large");
    g_free(number);
    return problem;
}

char *units_parse(enum sim_param_type type, const char *text, struct quantity *quantity)
{
    *quantity = (struct quantity){0};
    if (type == SIM_PARAM_REAL || type == SIM_PARAM_FRACTION)
        return parse_real(type, text, quantity);
    if (text[0] == '-' && number_length(text + 1))
        return g_strdup("; it must not be negative");
    return parse_scaled(type, text, quantity);
}

static char *format_scaled(const struct unit *units, uint64_t value)
{
    const struct unit *best = units;

    for (const struct unit *unit = units; value && unit->name; unit++)
        if (value % unit->base == 0)
            best = unit;
    return g_strdup_printf("%" G_GUINT64_FORMAT "%s", value / best->base, best->name);
}

char *units_format(enum sim_param_type type, const struct quantity *quantity)
{
    switch (type) {
    case SIM_PARAM_TIME:
        return format_scaled(time_units, quantity->base);
    case SIM_PARAM_RATE:
        return format_scaled(rate_units, quantity->base);
    case SIM_PARAM_BYTES:
        return format_scaled(byte_units, quantity->base);
    case SIM_PARAM_LENGTH:
        return format_scaled(quantity->packets ? packet_units : byte_units, quantity->base);
    case SIM_PARAM_COUNT:
        return g_strdup_printf("%" G_GUINT64_FORMAT, quantity->base);
    default:
        return number_text(quantity->real);
    }
}

char *units_format_bound(enum sim_param_type type, double bound)
{
    struct quantity quantity = {.real = bound};

    if (type == SIM_PARAM_LENGTH)
        return number_text(bound);
    if (type != SIM_PARAM_REAL && type != SIM_PARAM_FRACTION)
        quantity.base = bound >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)bound;
    return units_format(type, &quantity);
}

bool range_parse(const char *text, uint64_t *first, uint64_t *last)
{
    const char *dots = strstr(text, "..");
    char *left = dots ? g_strndup(text, (gsize)(dots - text)) : g_strdup(text);
    struct quantity from = {0}, to = {0};
    char *wrong_left = units_parse(SIM_PARAM_COUNT, left, &from);
    char *wrong_right = units_parse(SIM_PARAM_COUNT, dots ? dots + 2 : text, &to);
    bool right = !wrong_left && !wrong_right && from.base <= to.base;

    *first = from.base;
    *last = to.base;
    g_free(left);
    g_free(wrong_left);
    g_free(wrong_right);
    return right;
}
