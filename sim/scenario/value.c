/* Values against their parameter: type, range, choice, reference. */
#include "scenario/value.h"

#include <math.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/units.h"

bool value_is_none(const struct sim_param *param, const struct tree_node *node)
{
    switch (param->type) {
    case SIM_PARAM_LENGTH:
    case SIM_PARAM_STRING:
    case SIM_PARAM_MODEL:
    case SIM_PARAM_REAL:
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return param->fallback && strcmp(param->fallback, "none") == 0 && tree_is(node, "none");
    default:
        return false;
    }
}

static bool wrong(const struct scope *scope, const struct tree_node *node, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static bool wrong(const struct scope *scope, const struct tree_node *node, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    scenario_errors_add_text(scope->errors, node->at, message);
    g_free(message);
    return false;
}

/* Numbers as they are, words in quotes. */
static const char *quote_of(const char *text)
{
    return g_ascii_isdigit(*text) || (*text && strchr("+-.", *text)) ? "" : "\"";
}

static bool is_scalar(const struct scope *scope, const struct sim_param *param,
                      const struct tree_node *node, const char *description)
{
    if (node->kind == TREE_SCALAR && !tree_is_null(node))
        return true;
    return wrong(scope, node, "%s must be %s, not %s", param->name, description,
                 tree_kind_name(node));
}

void value_bounds(const struct sim_param *param, double *low, double *high)
{
    *low = param->min;
    *high = param->max;
    if (param->min == 0 && param->max == 0) {
        *low = param->type == SIM_PARAM_REAL ? -INFINITY : 0;
        *high = param->type == SIM_PARAM_FRACTION ? 1 : INFINITY;
    } else if (param->max <= param->min && param->max == 0) {
        *high = INFINITY; /* only a lower bound was given */
    }
}

static bool check_range(const struct scope *scope, const struct sim_param *param,
                        const struct tree_node *node, double value)
{
    double low, high;

    value_bounds(param, &low, &high);
    if (value >= low && value <= high)
        return true;
    char *least = units_format_bound(param->type, low);
    char *most = isfinite(high) ? units_format_bound(param->type, high) : NULL;
    if (!most)
        wrong(scope, node, "%s is %s; it must be at least %s", param->name, node->text, least);
    else if (!isfinite(low))
        wrong(scope, node, "%s is %s; it must be at most %s", param->name, node->text, most);
    else
        wrong(scope, node, "%s is %s; it must be between %s and %s", param->name, node->text, least,
              most);
    g_free(least);
    g_free(most);
    return false;
}

static bool check_quantity(const struct scope *scope, const struct sim_param *param,
                           const struct tree_node *node)
{
    struct quantity quantity;

    if (!is_scalar(scope, param, node, units_describe(param->type)))
        return false;
    char *problem = units_parse(param->type, node->text, &quantity);
    if (problem) {
        const char *quote = quote_of(node->text);
        wrong(scope, node, "%s is %s%s%s%s", param->name, quote, node->text, quote, problem);
        g_free(problem);
        return false;
    }
    bool real = param->type == SIM_PARAM_REAL || param->type == SIM_PARAM_FRACTION;
    return check_range(scope, param, node, real ? quantity.real : (double)quantity.base);
}

static bool check_bool(const struct scope *scope, const struct sim_param *param,
                       const struct tree_node *node)
{
    if (!is_scalar(scope, param, node, "true or false"))
        return false;
    if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)
        return true;
    return wrong(scope, node, "%s is \"%s\"; it must be true or false", param->name, node->text);
}

static bool check_choice(const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node)
{
    GPtrArray *names = g_ptr_array_new();
    bool found = false;

    for (const char *const *choice = param->choices; *choice; choice++) {
        g_ptr_array_add(names, (char *)*choice);
        found |= node->kind == TREE_SCALAR && strcmp(*choice, node->text) == 0;
    }
    if (!found && is_scalar(scope, param, node, "a word")) {
        char *hint = nearest_hint(node->text, names);
        wrong(scope, node, "%s is \"%s\"%s", param->name, node->text, hint);
        g_free(hint);
    }
    g_ptr_array_unref(names);
    return found;
}

/* ---- references ---- */

static const char *reference_word(enum sim_param_type type)
{
    switch (type) {
    case SIM_PARAM_HOST:
    case SIM_PARAM_HOSTS:
        return "host";
    case SIM_PARAM_SWITCH:
        return "switch";
    case SIM_PARAM_LINKS:
        return "link";
    default:
        return "node";
    }
}

static bool no_such_name(const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node)
{
    const char *word = reference_word(param->type);
    uint32_t other =
        param->type == SIM_PARAM_LINKS ? NAME_ABSENT : names_node(scope->names, node->text);

    if (other != NAME_ABSENT)
        return wrong(scope, node, "%s names \"%s\", which is a %s, not a %s", param->name,
                     node->text, other < scope->names->hosts->len ? "host" : "switch", word);
    char *hint = nearest_hint(node->text, names_of_type(scope->names, param->type));
    wrong(scope, node, "%s names no %s \"%s\"%s", param->name, word, node->text, hint);
    g_free(hint);
    return false;
}

static bool check_reference(const struct scope *scope, const struct sim_param *param,
                            const struct tree_node *node)
{
    const char *word = reference_word(param->type);

    if (node->kind != TREE_SCALAR || tree_is_null(node))
        return wrong(scope, node, "%s must be the name of a %s, not %s", param->name, word,
                     tree_kind_name(node));
    if (!scope->names || names_index(scope->names, param->type, node->text) != NAME_ABSENT)
        return true;
    return no_such_name(scope, param, node);
}

/* Of a list, the bounds count its items. */
static bool check_length(const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node)
{
    guint count = node->kind == TREE_SEQUENCE ? tree_count(node) : 1;

    if (count && count >= param->min && (count <= param->max || param->max == 0))
        return true;
    const char *plural = count == 1 ? "" : "s";
    double least = MAX(param->min, 1);
    if (param->max == 0)
        return wrong(scope, node, "%s has %u item%s; it must have at least %g", param->name, count,
                     plural, least);
    if (least == param->max)
        return wrong(scope, node, "%s has %u item%s; it must have %g", param->name, count, plural,
                     least);
    return wrong(scope, node, "%s has %u item%s; it must have between %g and %g", param->name,
                 count, plural, least, param->max);
}

static bool check_references(const struct scope *scope, const struct sim_param *param,
                             const struct tree_node *node)
{
    bool right = true;

    if (tree_is(node, "all") && param->type != SIM_PARAM_NODES)
        return true;
    if (node->kind == TREE_MAPPING || tree_is_null(node))
        return check_reference(scope, param, node);
    if (!check_length(scope, param, node))
        return false;
    if (node->kind == TREE_SCALAR)
        return check_reference(scope, param, node);
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < tree_count(node); i++) {
        const struct tree_node *item = tree_entry(node, i)->node;

        right &= check_reference(scope, param, item);
        if (item->kind == TREE_SCALAR && !g_hash_table_add(seen, (char *)item->text))
            right = wrong(scope, item, "%s names \"%s\" twice", param->name, item->text);
    }
    g_hash_table_unref(seen);
    return right;
}

/* ---- all ---- */

bool value_check(const struct scope *scope, const struct sim_param *param, struct tree_node *node)
{
    if (value_is_none(param, node))
        return true;
    switch (param->type) {
    case SIM_PARAM_BOOL:
        return check_bool(scope, param, node);
    case SIM_PARAM_STRING:
        return is_scalar(scope, param, node, "a text");
    case SIM_PARAM_CHOICE:
        return check_choice(scope, param, node);
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
        return check_reference(scope, param, node);
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return check_references(scope, param, node);
    case SIM_PARAM_MODEL:
        return model_check(scope, param->name, param->kind, node);
    default:
        return check_quantity(scope, param, node);
    }
}

struct tree_node *value_fallback(const struct scope *scope, const struct sim_param *param,
                                 struct position at)
{
    const char *text = param->fallback;

    if (*text == '[' || *text == '{') {
        struct tree_node *node = tree_parse(scope->tree, at, text, strlen(text), scope->errors);

        if (node)
            return node;
    }
    struct tree_node *node = tree_scalar(scope->tree, at, text);
    node->plain = *text != '\0';
    return node;
}
