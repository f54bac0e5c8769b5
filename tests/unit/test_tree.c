#include <string.h>

#include "core/nearest.h"
#include "scenario/overrides.h"
#include "scenario/tree.h"
#include "support/suite.h"

struct fixture {
    struct tree *tree;
    struct scenario_errors *errors;
    struct tree_node *root;
};

static struct fixture parse_bytes(const char *text, size_t length)
{
    struct fixture fixture = {tree_new(), scenario_errors_new(), NULL};

    fixture.root =
        tree_parse(fixture.tree, tree_source(fixture.tree, "f"), text, length, fixture.errors);
    return fixture;
}

static struct fixture parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void clear(struct fixture *fixture)
{
    scenario_errors_free(fixture->errors);
    tree_free(fixture->tree);
}

static void assert_errors(struct fixture *fixture, const char *expected)
{
    char *text = scenario_errors_text(fixture->errors);

    ck_assert_str_eq(text, expected);
    g_free(text);
}

/* clang-format off */
START_TEST(tree__places_of_keys_and_values)
{
    struct fixture f = parse("a: 1\nbé: [x, {c: 'y'}]\n");
    assert_errors(&f, "");
    const struct tree_entry *b = tree_find(f.root, "bé");
    ck_assert_uint_eq(b->at.line, 2);
    ck_assert_uint_eq(b->at.column, 1);
    ck_assert_uint_eq(b->node->at.column, 5); /* in characters, not bytes */
    const struct tree_node *y = tree_get(tree_entry(b->node, 1)->node, "c");
    ck_assert_uint_eq(y->at.column, 13);
    ck_assert(!y->plain && tree_get(f.root, "a")->plain);
    ck_assert_str_eq(tree_text(f.root, "a"), "1");
    ck_assert_ptr_null(tree_find(f.root, "z"));
    clear(&f);
}
END_TEST

START_TEST(tree__a_byte_order_mark_is_no_part_of_the_text)
{
    struct fixture f = parse_bytes("\xef\xbb\xbf" "name: x", 10);
    ck_assert_ptr_nonnull(f.root);
    ck_assert_str_eq(tree_text(f.root, "name"), "x");
    ck_assert_uint_eq(tree_find(f.root, "name")->at.column, 1);
    clear(&f);
}
END_TEST

START_TEST(tree__refused_texts)
{
    char deep[200] = "";
    for (int i = 0; i < 60; i++)
        strcat(deep, "[");
    const struct {
        const char *text;
        size_t length; /* 0: of the string */
        const char *expected;
    } cases[] = {
        {"a: \0b", 5, "f:1:4: a NUL byte is not allowed\n"},
        {"a: 1\nb: \xff", 0, "f:2:4: this is not valid UTF-8\n"},
        {"a: 1\nb: \xc3", 0, "f:2:4: this is not valid UTF-8\n"},
        {"\xff\xfe" "a\0", 4, "f:1:1: this is not valid UTF-8\n"},
        {"a: \x01", 0, "f:1:4: control character 0x01 is not allowed\n"},
        {"a: \"\\0\"", 0, "f:1:4: a NUL byte is not allowed\n"},
        {deep, 0, "f:1:51: nested deeper than 50 levels\n"},
        {"[a]: 1", 0, "f:1:1: a key must be a single word\n"},
        {"a: 1\na: 2\na: 3", 0,
         "f:2:1: duplicate key \"a\"; the first is at 1:1\nf:3:1: duplicate key \"a\"; the first is at 1:1\n"},
        {"a: &x 1", 0, "f:1:4: anchors (&) are not allowed\n"},
        {"&x a: 1", 0, "f:1:1: anchors (&) are not allowed\n"},
        {"a: &x {}", 0, "f:1:4: anchors (&) are not allowed\n"},
        {"a: !t {}", 0, "f:1:4: tags (!) are not allowed\n"},
        {"a: !t []", 0, "f:1:4: tags (!) are not allowed\n"},
        {"a: *x", 0, "f:1:4: aliases (*) are not allowed\n"},
        {"*x : 1", 0, "f:1:1: aliases (*) are not allowed\n"},
        {"--- 1\n--- 2\n", 0, "f:2:1: a second document is not allowed\n"},
        {"", 0, "f:1:1: there is nothing here\n"},
        {"\xef\xbb\xbf", 0, "f:1:1: there is nothing here\n"},
        {"\xef\xbb\xbf" "a: *x", 0, "f:1:4: aliases (*) are not allowed\n"},
        {"a: 1\n\xef\xbb\xbf" "a: 2", 0, "f:2:2: YAML: did not find expected key (while parsing a block mapping)\n"},
        {"'a", 0, "f:1:3: YAML: found unexpected end of stream (while scanning a quoted scalar)\n"},
        {"a: @x", 0, "f:1:4: YAML: found character that cannot start any token (while scanning for the next token)\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fixture f = parse_bytes(cases[i].text, cases[i].length ? cases[i].length : strlen(cases[i].text));
        ck_assert_ptr_null(f.root);
        assert_errors(&f, cases[i].expected);
        clear(&f);
    }
}
END_TEST

/* What is written reads back to the same tree, whatever the strings. */
START_TEST(tree__writes_what_it_reads)
{
    static const char *const texts[] = {
        "a: 1\n",
        "a: {}\n",
        "- {b: [], c: ''}\n",
        "a: 'x: y'\nb: \"# no\"\nc: '- '\nd: 'null'\ne: \"\\n\\t\\\"\"\nf: \"\\u2028 \\u00e9\"\n",
        "long:\n  a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  b: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
        "text: |\n  two\n  lines\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct fixture first = parse(texts[i]);
        assert_errors(&first, "");
        char *text = tree_write(first.root);
        struct fixture second = parse(text);
        assert_errors(&second, "");
        char *again = tree_write(second.root);
        ck_assert_str_eq(text, again);
        if (first.root->kind == TREE_MAPPING)
            for (guint j = 0; j < tree_count(first.root); j++) {
                const char *key = tree_entry(first.root, j)->key;
                const char *value = tree_text(first.root, key);
                ck_assert(!value || strcmp(value, tree_text(second.root, key)) == 0);
            }
        g_free(text);
        g_free(again);
        clear(&first);
        clear(&second);
    }
}
END_TEST

START_TEST(override__paths)
{
    static const char base[] = "d: 1ms\nt: {links: [{name: slow, r: 1}, {ends: [a, b]}, {name: v1.2, r: 2}]}\n"
                               "w: [{flow: {to: b}}, other]\nq: tail\ns: {x.y: {k: 1}}\n";
    static const struct {
        const char *set, *written; /* of what the path's first key holds; or the error */
    } cases[] = {
        {"d=2ms", "2ms\n"},
        {"t.links.slow.r=9", "{links: [{name: slow, r: 9}, {ends: [a, b]}, {name: v1.2, r: 2}]}\n"},
        {"t.links.a-b.r=9", "{links: [{name: slow, r: 1}, {ends: [a, b], r: 9}, {name: v1.2, r: 2}]}\n"},
        {"t.links.v1.2.r=9", "{links: [{name: slow, r: 1}, {ends: [a, b]}, {name: v1.2, r: 9}]}\n"},
        {"t.links.1.r=9", "{links: [{name: slow, r: 1}, {ends: [a, b], r: 9}, {name: v1.2, r: 2}]}\n"},
        {"t.links.0=x", "{links: [x, {ends: [a, b]}, {name: v1.2, r: 2}]}\n"},
        {"w.flow.to=c", "[{flow: {to: c}}, other]\n"},
        {"w.other.n=3", "[{flow: {to: b}}, {other: {n: 3}}]\n"},
        {"w.0.flow.to=c", "[{flow: {to: c}}, other]\n"},
        {"q.tail.size=3", "{tail: {size: 3}}\n"},
        {"q={tail: {size: 3}}", "{tail: {size: 3}}\n"},
        {"s.x.y.k=2", "{x.y: {k: 2}}\n"},
        {"s.x.z=2", "{x.y: {k: 1}, x: {z: 2}}\n"},
        {"n.a.b=[1, 2]", "{a: {b: [1, 2]}}\n"},
        {"t.links.slwo.r=9", "--set t.links.slwo.r:1:9: no item \"slwo\"; did you mean \"slow\"?\n"},
        {"t.links.3.r=9", "--set t.links.3.r:1:9: no item \"3\"; allowed: slow, a-b, v1.2\n"},
        {"d.x=1", "--set d.x:1:3: there is no \"x\" in \"1ms\"\n"},
        {"d", "--set d:1:1: write it as path=value\n"},
        {"d=", "--set d:1:1: write it as path=value\n"},
        {"=1", "--set :1:1: write it as path=value\n"},
        {"n..b=1", "--set n..b:1:3: the path has an empty part\n"},
        {"d=*x", "--set d:1:3: aliases (*) are not allowed\n"},
        {"d=\xff", "--set d=\xff:1:1: this is not valid UTF-8\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fixture f = parse(base);
        override_apply(f.tree, f.root, cases[i].set, f.errors);
        char *key = g_strndup(cases[i].set, strcspn(cases[i].set, ".="));
        if (scenario_errors_count(f.errors)) {
            char *text = scenario_errors_text(f.errors);
            ck_assert_msg(strcmp(text, cases[i].written) == 0 || g_str_has_prefix(cases[i].written, "--set d=\xff"),
                          "%s: %s", cases[i].set, text);
            g_free(text);
        } else {
            char *text = tree_write(tree_get(f.root, key));
            ck_assert_msg(strcmp(text, cases[i].written) == 0, "%s: %s", cases[i].set, text);
            g_free(text);
        }
        g_free(key);
        clear(&f);
    }
}
END_TEST

/* A copy does not change with what it is of, and is written on one line, however long. */
START_TEST(tree__copies)
{
    struct fixture f = parse("{a: [1, 'x, y', {b: c}], long: \"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\"}");
    struct tree_node *copy = tree_copy(f.tree, f.root);
    tree_remove(f.root, "long");
    tree_become_mapping(f.tree, tree_entry(tree_get(f.root, "a"), 0)->node);
    char *line = tree_write_line(copy);
    ck_assert_str_eq(line, "{a: [1, \"x, y\", {b: c}], long: \"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\"}");
    ck_assert_uint_eq(tree_get(copy, "a")->at.column, 5);
    ck_assert_uint_eq(tree_find(copy, "a")->at.column, 2);
    g_free(line);
    clear(&f);
}
END_TEST

START_TEST(nearest__names)
{
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"perod", "period"}, {"perdio", "period"}, {"Period", "period"}, {"periods", "period"}, {"delay", "delay"},
        {"dealy", "delay"},  {"colour", NULL},     {"x", NULL},          {"", NULL},            {"ratte", "rate"},
    };
    static const char *const names[] = {"period", "phase", "rate", "delay", "at"};
    GPtrArray *list = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(list, (char *)names[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        ck_assert_msg(g_strcmp0(nearest_name(cases[i].word, list), cases[i].nearest) == 0, "%s: %s", cases[i].word,
                      nearest_name(cases[i].word, list));
    g_ptr_array_unref(list);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, tree__places_of_keys_and_values);
    tcase_add_test(tcase, tree__a_byte_order_mark_is_no_part_of_the_text);
    tcase_add_test(tcase, tree__refused_texts);
    tcase_add_test(tcase, tree__writes_what_it_reads);
    tcase_add_test(tcase, tree__copies);
    tcase_add_test(tcase, override__paths);
    tcase_add_test(tcase, nearest__names);
}

int main(void)
{
    return suite_run("tree", add_cases);
}
