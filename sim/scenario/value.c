/* Values against their parameter: type, range, choice. */
#include "scenario/value.h"

#include <math.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/references.h"
#include "scenario/units.h"

bool value_is_none(const struct sim_param *param, const struct tree_node *node)
{
    switch (param->type) {
    case SIM_PARAM_LENGTH:
    case SIM_PARAM_STRING:
    case SIM_PARAM_FILE:
    case SIM_PARAM_MODEL:
    case SIM_PARAM_REAL:
    case SIM_PARAM_FRACTION:
    case SIM_PARAM_RATE:
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

bool value_wrong(const struct scope *scope, const struct tree_node *node, const char *format, ...)
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
    return value_wrong(scope, node, "%s must be %s, not %s", param->name, description,
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
        value_wrong(scope, node, "%s is %s; it must be at least %s", param->name, node->text,
                    least);
    else if (!isfinite(low))
        value_wrong(scope, node, "%s is %s; it must be at most %s", param->name, node->text, most);
    else
        value_wrong(scope, node, "%s is %s; it must be between %s and %s", param->name, node->text,
                    least, most);
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
        value_wrong(scope, node, "%s is %s%s%s%s", param->name, quote, node->text, quote, problem);
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
    return value_wrong(scope, node, "%s is \"%s\"; it must be true or false", param->name,
                       node->text);
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
        value_wrong(scope, node, "%s is \"%s\"%s", param->name, node->text, hint);
        g_free(hint);
    }
    g_ptr_array_unref(names);
    return found;
}

/* A file is relative to the folder of the scenario, or, when an option names it, to the working
 * directory. The effective scenario names it by its whole path: it is written elsewhere. */
static bool check_file(const struct scope *scope, const struct sim_param *param,
                       struct tree_node *node)
{
    if (!is_scalar(scope, param, node, "a file"))
        return false;
    bool by_option = g_str_has_prefix(node->at.file, "--");
    g_autofree char *folder = by_option ? g_get_current_dir() : g_path_get_dirname(node->at.file);
    g_autofree char *whole_folder = g_canonicalize_filename(folder, NULL);
    g_autofree char *path = g_canonicalize_filename(node->text, whole_folder);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return value_wrong(scope, node, "%s names the file %s, which is not there", param->name,
                           path);
    node->text = tree_string(scope->tree, path);
    return true;
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
    case SIM_PARAM_FILE:
        return check_file(scope, param, node);
    case SIM_PARAM_CHOICE:
        return check_choice(scope, param, node);
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
        return reference_check(scope, param, node);
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return references_check(scope, param, node);
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
