/* The schema of scenarios, against a validator of the keywords that it uses: every scenario of the
 * tree is valid, and what the checks refuse for its form is not. */
#include <string.h>

#include "scenario/schema.h"
#include "scenario/tree.h"
#include "support/suite.h"

struct document {
    JsonObject *root;
};

static bool is_valid(const struct document *document, JsonObject *schema,
                     const struct tree_node *node);

/* ---- values ---- */

static bool is_number(const struct tree_node *node, double *number)
{
    char *end = NULL;
    if (node->kind != TREE_SCALAR || !node->plain || !*node->text)
        return false;
    *number = g_ascii_strtod(node->text, &end);
    return *end == '\0';
}

static bool has_type(const struct tree_node *node, const char *type)
{
    double number;
    bool truth = node->kind == TREE_SCALAR && (tree_is(node, "true") || tree_is(node, "false"));
    if (strcmp(type, "object") == 0)
        return node->kind == TREE_MAPPING;
    if (strcmp(type, "array") == 0)
        return node->kind == TREE_SEQUENCE;
    if (strcmp(type, "null") == 0)
        return tree_is_null(node);
    if (strcmp(type, "boolean") == 0)
        return truth;
    if (strcmp(type, "number") == 0)
        return is_number(node, &number);
    if (strcmp(type, "integer") == 0)
        return is_number(node, &number) && !strchr(node->text, '.');
    ck_assert_str_eq(type, "string");
    return node->kind == TREE_SCALAR && !tree_is_null(node) && !truth && !is_number(node, &number);
}

static bool has_some_type(JsonNode *types, const struct tree_node *node)
{
    if (!JSON_NODE_HOLDS_ARRAY(types))
        return has_type(node, json_node_get_string(types));
    JsonArray *array = json_node_get_array(types);
    for (guint i = 0; i < json_array_get_length(array); i++)
        if (has_type(node, json_array_get_string_element(array, i)))
            return true;
    return false;
}

static bool is_among(JsonArray *words, const struct tree_node *node)
{
    for (guint i = 0; i < json_array_get_length(words); i++)
        if (node->kind == TREE_SCALAR &&
            strcmp(json_array_get_string_element(words, i), node->text) == 0)
            return true;
    return false;
}

static bool matches_any(const struct document *document, JsonArray *schemas,
                        const struct tree_node *node)
{
    for (guint i = 0; i < json_array_get_length(schemas); i++)
        if (is_valid(document, json_array_get_object_element(schemas, i), node))
            return true;
    return false;
}

/* ---- mappings and lists ---- */

static bool has_all(JsonArray *required, const struct tree_node *node)
{
    for (guint i = 0; i < json_array_get_length(required); i++)
        if (node->kind == TREE_MAPPING &&
            !tree_find(node, json_array_get_string_element(required, i)))
            return false;
    return true;
}

/* Keys that are none of `properties` by `others`: false, or the schema of their values. */
static bool has_right_keys(const struct document *document, JsonObject *properties,
                           JsonNode *others, const struct tree_node *node)
{
    for (guint i = 0; node->kind == TREE_MAPPING && i < tree_count(node); i++) {
        const struct tree_entry *entry = tree_entry(node, i);
        if (properties && json_object_has_member(properties, entry->key)) {
            if (!is_valid(document, json_object_get_object_member(properties, entry->key),
                          entry->node))
                return false;
        } else if (!JSON_NODE_HOLDS_OBJECT(others) ||
                   !is_valid(document, json_node_get_object(others), entry->node)) {
            return false;
        }
    }
    return true;
}

static bool has_right_items(const struct document *document, JsonObject *item,
                            const struct tree_node *node)
{
    for (guint i = 0; node->kind == TREE_SEQUENCE && i < tree_count(node); i++)
        if (!is_valid(document, item, tree_entry(node, i)->node))
            return false;
    return true;
}

static JsonObject *referred(const struct document *document, const char *reference)
{
    ck_assert(g_str_has_prefix(reference, "#/definitions/"));
    JsonObject *definitions = json_object_get_object_member(document->root, "definitions");
    const char *name = reference + strlen("#/definitions/");
    ck_assert_msg(json_object_has_member(definitions, name), "no definition %s", name);
    return json_object_get_object_member(definitions, name);
}

/* ---- keywords ---- */

static bool obeys(const struct document *document, JsonObject *schema, const char *keyword,
                  JsonNode *value, const struct tree_node *node)
{
    static const char *const notes[] = {"description", "title",      "$schema",
                                        "definitions", "properties", NULL};
    double number = 0;
    if (g_strv_contains(notes, keyword))
        return true;
    if (strcmp(keyword, "type") == 0)
        return has_some_type(value, node);
    if (strcmp(keyword, "const") == 0)
        return node->kind == TREE_SCALAR && strcmp(node->text, json_node_get_string(value)) == 0;
    if (strcmp(keyword, "enum") == 0)
        return is_among(json_node_get_array(value), node);
    if (strcmp(keyword, "pattern") == 0)
        return node->kind == TREE_SCALAR &&
               g_regex_match_simple(json_node_get_string(value), node->text, 0, 0);
    if (strcmp(keyword, "minimum") == 0)
        return !is_number(node, &number) || number >= json_node_get_double(value);
    if (strcmp(keyword, "maximum") == 0)
        return !is_number(node, &number) || number <= json_node_get_double(value);
    if (strcmp(keyword, "minProperties") == 0)
        return tree_count(node) >= json_node_get_int(value);
    if (strcmp(keyword, "maxProperties") == 0)
        return tree_count(node) <= json_node_get_int(value);
    if (strcmp(keyword, "anyOf") == 0)
        return matches_any(document, json_node_get_array(value), node);
    if (strcmp(keyword, "required") == 0)
        return has_all(json_node_get_array(value), node);
    if (strcmp(keyword, "items") == 0)
        return has_right_items(document, json_node_get_object(value), node);
    if (strcmp(keyword, "$ref") == 0)
        return is_valid(document, referred(document, json_node_get_string(value)), node);
    ck_assert_str_eq(keyword, "additionalProperties");
    JsonObject *properties = json_object_has_member(schema, "properties")
                                 ? json_object_get_object_member(schema, "properties")
                                 : NULL;
    return has_right_keys(document, properties, value, node);
}

static bool is_valid(const struct document *document, JsonObject *schema,
                     const struct tree_node *node)
{
    g_autoptr(GList) keywords = json_object_get_members(schema);
    for (GList *at = keywords; at; at = at->next)
        if (!obeys(document, schema, at->data, json_object_get_member(schema, at->data), node))
            return false;
    return true;
}

/* ---- the tests ---- */

static bool is_valid_text(const char *text)
{
    struct registry *registry = registry_new();
    g_autoptr(JsonNode) schema = schema_make(registry);
    struct tree *tree = tree_new();
    struct scenario_errors *errors = scenario_errors_new();
    const struct document document = {json_node_get_object(schema)};
    struct tree_node *root =
        tree_parse(tree, tree_source(tree, "test"), text, strlen(text), errors);
    ck_assert_ptr_nonnull(root);
    bool valid = is_valid(&document, document.root, root);
    scenario_errors_free(errors);
    tree_free(tree);
    registry_free(registry);
    return valid;
}

/* Of a folder and those below; counts them. */
static guint check_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    guint count = 0;
    const char *name;
    ck_assert_ptr_nonnull(folder);
    while ((name = g_dir_read_name(folder))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *text = NULL;
        if (g_file_test(file, G_FILE_TEST_IS_DIR)) {
            count += check_folder(file);
        } else if (g_str_has_suffix(name, ".yaml")) {
            ck_assert(g_file_get_contents(file, &text, NULL, NULL));
            ck_assert_msg(is_valid_text(text), "%s is not valid by the schema", file);
            count++;
        }
    }
    return count;
}

START_TEST(schema__every_scenario_is_valid)
{
    g_autofree char *path = g_build_filename(g_getenv("MTPSIM_SOURCE_DIR"), "scenarios", NULL);
    ck_assert_uint_gt(check_folder(path), 10);
}
END_TEST

#define TOPOLOGY "topology: {dumbbell: {senders: 2, receivers: 2, rate: 10Gbps}}\n"
#define WORKLOAD "workload: {long_flow: {from: s0, to: r0}}\n"
#define HEAD     "name: n\nduration: 1ms\n" TOPOLOGY WORKLOAD

static const struct form {
    const char *text;
    bool valid;
} forms[] = {
    {HEAD, true},
    {HEAD "queue: droptail\ntransport: {tcp: }\n", true},
    {HEAD "queue: {ecn_threshold: {capacity: 128p, mark_at: 30KB}}\n", true},
    {HEAD
     "transport: {mtp: {congestion: {dctcp: {g: 0.125}}}}\nsystems: {a: , b: {queue: droptail}}\n",
     true},
    {HEAD "pfc: {xoff: 96KB, xon: none}\n", true},
    {"duration: 1ms\n" TOPOLOGY WORKLOAD, false}, /* no name */
    {HEAD "quue: droptail\n", false},
    {HEAD "queue: dropptail\n", false},
    {HEAD "queue: {droptail: {capacity: 128p}, trim: {}}\n", false}, /* two models */
    {HEAD "queue: {droptail: {capacty: 128p}}\n", false},
    {HEAD "queue: {droptail: {capacity: 128}}\n", false}, /* no unit */
    {HEAD "transport: {mtp: {congestion: {dctcp: {g: 2}}}}\n", false},
    {HEAD "transport: {mtp: {initial_window: 1.5}}\n", false},
    {"name: n\nduration: 1ms\n" TOPOLOGY "workload: long_flow\n", false}, /* needs from and to */
    {HEAD "systems: {a: {duration: 2ms}}\n", false},
    {HEAD "pfc: {}\n", false},
    {HEAD "expect: [{at_least: 1}]\n", false},
    {"name: n\nduration: 1\n" TOPOLOGY WORKLOAD, false},
};

START_TEST(schema__tells_right_forms_from_wrong_ones)
{
    const struct form *form = &forms[_i];
    ck_assert_msg(is_valid_text(form->text) == form->valid, "%s", form->text);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, schema__every_scenario_is_valid);
    tcase_add_loop_test(tcase, schema__tells_right_forms_from_wrong_ones, 0, G_N_ELEMENTS(forms));
}

int main(void)
{
    return suite_run("schema", add_cases);
}
