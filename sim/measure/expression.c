/* Expressions of metrics: a recursive descent into postfix steps, and a stack to evaluate them. */
#include "measure/expression.h"

#include <math.h>
#include <mtpsim/check.h>
#include <stdbool.h>
#include <string.h>

#include "core/nearest.h"

#define DEPTH_MAX 100 /* of nesting, and so of the stack's growth by it */

enum step_kind {
    NUMBER,
    PATH,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    NEGATE,
    MINIMUM,
    MAXIMUM,
    ABSOLUTE
};

struct step {
    enum step_kind kind;
    guint arguments; /* of a function */
    double number;
    char *path;
    size_t system_length; /* of the path's first part, which may hold dots */
};

struct expression {
    GArray *steps; /* struct step, postfix */
};

struct parser {
    const char *text, *at;
    const char *const *systems;
    GArray *steps;
    guint depth;
    struct expression_error *error; /* message NULL: none yet */
};

/* ---- parsing ---- */

static bool fail(struct parser *parser, const char *at, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static bool fail(struct parser *parser, const char *at, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    parser->error->message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    parser->error->offset = (uint32_t)(at - parser->text);
    return false;
}

static void push(struct parser *parser, struct step step)
{
    g_array_append_val(parser->steps, step);
}

static void skip_spaces(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

static bool take(struct parser *parser, char letter)
{
    skip_spaces(parser);
    if (*parser->at != letter)
        return false;
    parser->at++;
    return true;
}

static bool parse_sum(struct parser *parser);
static bool parse_factor(struct parser *parser);

static size_t word_length(const char *text)
{
    return strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");
}

/* Length of the longest system's name that is here, followed by a dot; 0 when there is none. */
static size_t system_length(const struct parser *parser)
{
    size_t longest = 0;

    for (guint i = 0; parser->systems && parser->systems[i]; i++) {
        size_t length = strlen(parser->systems[i]);

        if (length > longest && strncmp(parser->at, parser->systems[i], length) == 0 &&
            parser->at[length] == '.' && word_length(parser->at + length + 1))
            longest = length;
    }
    return longest;
}

static bool parse_path(struct parser *parser, size_t system)
{
    size_t length = system;

    while (parser->at[length] == '.' && word_length(parser->at + length + 1))
        length += 1 + word_length(parser->at + length + 1);
    push(parser, (struct step){
                     .kind = PATH, .path = g_strndup(parser->at, length), .system_length = system});
    parser->at += length;
    return true;
}

static bool parse_number(struct parser *parser)
{
    char *end;
    double number = g_ascii_strtod(parser->at, &end);

    if (g_ascii_isalpha(*end) || *end == '_' || !isfinite(number))
        return fail(parser, parser->at, "\"%.*s\" is not a number",
                    (int)(end - parser->at + (gssize)word_length(end)), parser->at);
    push(parser, (struct step){.kind = NUMBER, .number = number});
    parser->at = end;
    return true;
}

static bool parse_function(struct parser *parser, const char *word, size_t length)
{
    static const struct {
        const char *name;
        enum step_kind kind;
    } functions[] = {{"min", MINIMUM}, {"max", MAXIMUM}, {"abs", ABSOLUTE}};
    struct step step = {.kind = NUMBER};

    for (guint i = 0; i < G_N_ELEMENTS(functions); i++)
        if (strlen(functions[i].name) == length && strncmp(functions[i].name, word, length) == 0)
            step.kind = functions[i].kind;
    if (step.kind == NUMBER)
        return fail(parser, word, "unknown function \"%.*s\"; allowed: min, max, abs", (int)length,
                    word);
    do {
        if (!parse_sum(parser))
            return false;
        step.arguments++;
    } while (take(parser, ','));
    if (!take(parser, ')'))
        return fail(parser, parser->at, "expected \")\" or \",\"");
    if (step.kind == ABSOLUTE && step.arguments != 1)
        return fail(parser, word, "abs takes one argument");
    push(parser, step);
    return true;
}

static bool unknown_system(struct parser *parser, const char *word, size_t length)
{
    GPtrArray *names = g_ptr_array_new();
    char *name = g_strndup(word, length);

    for (guint i = 0; parser->systems && parser->systems[i]; i++)
        g_ptr_array_add(names, (char *)parser->systems[i]);
    char *hint = nearest_hint(name, names);
    fail(parser, word, "unknown system \"%s\"%s", name, hint);
    g_free(hint);
    g_free(name);
    g_ptr_array_unref(names);
    return false;
}

/* A function, or the mistake that the word is. */
static bool parse_word(struct parser *parser)
{
    const char *word = parser->at;
    size_t length = word_length(word);

    parser->at += length;
    if (take(parser, '('))
        return parse_function(parser, word, length);
    for (guint i = 0; parser->systems && parser->systems[i]; i++)
        if (strlen(parser->systems[i]) == length && strncmp(word, parser->systems[i], length) == 0)
            return fail(parser, word, "a metric of \"%s\" is missing: write %s.METRIC",
                        parser->systems[i], parser->systems[i]);
    if (word[length] != '.')
        return fail(parser, word, "\"%.*s\" is no metric; write SYSTEM.METRIC", (int)length, word);
    return unknown_system(parser, word, length);
}

static bool parse_operand(struct parser *parser)
{
    skip_spaces(parser);
    size_t system = system_length(parser);
    if (system)
        return parse_path(parser, system);
    if (take(parser, '-')) {
        if (!parse_factor(parser))
            return false;
        push(parser, (struct step){.kind = NEGATE});
        return true;
    }
    if (take(parser, '(')) {
        if (!parse_sum(parser))
            return false;
        return take(parser, ')') || fail(parser, parser->at, "expected \")\"");
    }
    if (g_ascii_isdigit(*parser->at) || (*parser->at == '.' && g_ascii_isdigit(parser->at[1])))
        return parse_number(parser);
    if (word_length(parser->at))
        return parse_word(parser);
    if (*parser->at == '\0')
        return fail(parser, parser->at, "the expression ends too early");
    return fail(parser, parser->at, "expected a number, a metric or \"(\" instead of \"%.*s\"",
                (int)(g_utf8_next_char(parser->at) - parser->at), parser->at);
}

static bool parse_factor(struct parser *parser)
{
    if (parser->depth == DEPTH_MAX)
        return fail(parser, parser->at, "nested too deeply");
    parser->depth++;
    bool right = parse_operand(parser);
    parser->depth--;
    return right;
}

static bool parse_product(struct parser *parser)
{
    if (!parse_factor(parser))
        return false;
    for (;;) {
        enum step_kind kind = take(parser, '*') ? MULTIPLY : take(parser, '/') ? DIVIDE : NUMBER;

        if (kind == NUMBER)
            return true;
        if (!parse_factor(parser))
            return false;
        push(parser, (struct step){.kind = kind});
    }
}

static bool parse_sum(struct parser *parser)
{
    if (!parse_product(parser))
        return false;
    for (;;) {
        enum step_kind kind = take(parser, '+') ? ADD : take(parser, '-') ? SUBTRACT : NUMBER;

        if (kind == NUMBER)
            return true;
        if (!parse_product(parser))
            return false;
        push(parser, (struct step){.kind = kind});
    }
}

static void step_clear(void *data)
{
    struct step *step = data;

    g_free(step->path);
}

struct expression *expression_parse(const char *text, const char *const *systems,
                                    struct expression_error *error)
{
    struct parser parser = {.text = text, .at = text, .systems = systems, .error = error};

    *error = (struct expression_error){0};
    parser.steps = g_array_new(FALSE, FALSE, sizeof(struct step));
    g_array_set_clear_func(parser.steps, step_clear);
    if (parse_sum(&parser)) {
        skip_spaces(&parser);
        if (*parser.at)
            fail(&parser, parser.at, "expected +, -, * or / instead of \"%.*s\"",
                 (int)(g_utf8_next_char(parser.at) - parser.at), parser.at);
    }
    if (error->message) {
        g_array_unref(parser.steps);
        return NULL;
    }
    struct expression *expression = g_new0(struct expression, 1);
    expression->steps = parser.steps;
    return expression;
}

void expression_free(struct expression *expression)
{
    if (!expression)
        return;
    g_array_unref(expression->steps);
    g_free(expression);
}

gboolean expression_uses(const struct expression *expression, const char *system)
{
    size_t length = strlen(system);

    for (guint i = 0; i < expression->steps->len; i++) {
        const struct step *step = &g_array_index(expression->steps, struct step, i);

        if (step->path && step->system_length == length && strncmp(step->path, system, length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* ---- evaluation ---- */

static double combine(enum step_kind kind, double a, double b)
{
    switch (kind) {
    case ADD:
        return a + b;
    case SUBTRACT:
        return a - b;
    case MULTIPLY:
        return a * b;
    case DIVIDE:
        return a / b;
    case MINIMUM:
        return isnan(a) || isnan(b) ? NAN : MIN(a, b);
    default:
        return isnan(a) || isnan(b) ? NAN : MAX(a, b);
    }
}

/* Replaces the arguments on top of the stack by the result. */
static void apply(GArray *stack, const struct step *step)
{
    guint arguments = step->arguments ? step->arguments : 2;

    if (step->kind == NEGATE || step->kind == ABSOLUTE)
        arguments = 1;
    SIM_CHECK(stack->len >= arguments, "%u values for %u arguments", stack->len, arguments);
    double *values = &g_array_index(stack, double, stack->len - arguments);
    if (step->kind == NEGATE)
        values[0] = -values[0];
    else if (step->kind == ABSOLUTE)
        values[0] = fabs(values[0]);
    for (guint i = 1; i < arguments; i++)
        values[0] = combine(step->kind, values[0], values[i]);
    g_array_set_size(stack, stack->len - arguments + 1);
}

double expression_evaluate(const struct expression *expression, expression_lookup lookup,
                           void *context)
{
    GArray *stack = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint i = 0; i < expression->steps->len; i++) {
        const struct step *step = &g_array_index(expression->steps, struct step, i);

        if (step->kind != NUMBER && step->kind != PATH) {
            apply(stack, step);
            continue;
        }
        double value = step->kind == NUMBER ? step->number : lookup(context, step->path);
        g_array_append_val(stack, value);
    }
    double value = g_array_index(stack, double, 0);
    g_array_unref(stack);
    return isfinite(value) ? value : NAN;
}
