#include <math.h>

#include "cli/json_text.h"
#include "support/suite.h"

START_TEST(json_text__order_and_nulls)
{
    JsonObject *object = json_object_new();
    JsonNode *node = json_node_init_object(json_node_alloc(), object);
    JsonArray *numbers = json_array_new();
    char *text;

    json_set_real(object, "z", NAN);
    json_set_real(object, "a", INFINITY);
    json_set_count(object, "m", 3);
    json_set_hash(object, "digest", 0xabc);
    json_object_set_string_member(object, "text", "a\"\\\n");
    json_object_set_boolean_member(object, "yes", TRUE);
    json_array_add_double_element(numbers, 0.5);
    json_array_add_null_element(numbers);
    json_object_set_array_member(object, "numbers", numbers);
    json_object_set_object_member(object, "empty", json_object_new());
    text = json_text(node);
    ck_assert_str_eq(text, "{\n"
                           "  \"z\": null,\n"
                           "  \"a\": null,\n"
                           "  \"m\": 3,\n"
                           "  \"digest\": \"0x0000000000000abc\",\n"
                           "  \"text\": \"a\\\"\\\\\\u000a\",\n"
                           "  \"yes\": true,\n"
                           "  \"numbers\": [0.5, null],\n"
                           "  \"empty\": {}\n"
                           "}\n");
    g_free(text);
    json_node_unref(node);
}
END_TEST

START_TEST(json_text__paths)
{
    JsonNode *node = json_from_string("{\"a\": {\"b\": [1, {\"c\": 2.5}], \"n\": null}}", NULL);

    ck_assert_double_eq(json_number(json_at(node, "a.b.0")), 1);
    ck_assert_double_eq(json_number(json_at(node, "a.b.1.c")), 2.5);
    ck_assert(isnan(json_number(json_at(node, "a.n"))));
    ck_assert_ptr_nonnull(json_at(node, "a.n"));
    ck_assert_ptr_null(json_at(node, "a.b.2"));
    ck_assert_ptr_null(json_at(node, "a.x.y"));
    ck_assert_ptr_null(json_at(node, "a.b.0.c"));
    ck_assert(isnan(json_number(NULL)));
    json_node_unref(node);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, json_text__order_and_nulls);
    tcase_add_test(tcase, json_text__paths);
}

int main(void)
{
    return suite_run("json_text", add_cases);
}
