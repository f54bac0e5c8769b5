/* A text becomes a tree: libyaml's events, with what YAML allows and scenarios do not need refused
 * by name, since each is a way to mean something else than what a reader sees: anchors and aliases,
 * tags, several documents, duplicate keys. */
#include <string.h>
#include <yaml.h>

#include "scenario/tree.h"

#define DEPTH_MAX 50

struct parser {
    struct tree *tree;
    struct scenario_errors *errors;
    struct position origin, end;
    const char *text;
    yaml_parser_t yaml;
    yaml_event_t event; /* the current one */
    guint depth;
};

static struct position position_of_byte(struct position origin, const char *text, size_t offset)
{
    struct position at = origin;

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

/* libyaml ends a text that lacks a line break on a line of its own: the end of the text is meant.
 */
static struct position position_at(const struct parser *parser, yaml_mark_t mark)
{
    struct position at = parser->origin;

    if (parser->origin.line + mark.line > parser->end.line)
        return parser->end;
    at.column = (uint32_t)mark.column + 1 + (mark.line == 0 ? parser->origin.column - 1 : 0);
    at.line = parser->origin.line + (uint32_t)mark.line;
    return at;
}

/* What libyaml's reader would refuse without a place. */
static bool check_bytes(struct position origin, const char *text, size_t length,
                        struct scenario_errors *errors)
{
    const char *end;

    if (!g_utf8_validate(text, (gssize)length, &end)) {
        size_t offset = (size_t)(end - text);
        const char *what = *end ? "this is not valid UTF-8" : "a NUL byte is not allowed";

        scenario_errors_add_text(errors, position_of_byte(origin, text, offset), what);
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if ((byte < 0x20 && !strchr("\t\n\r", byte)) || byte == 0x7f) {
            scenario_errors_add(errors, position_of_byte(origin, text, i),
                                "control character 0x%02x is not allowed", byte);
            return false;
        }
    }
    return true;
}

/* A tab that indents a line up to `last`; libyaml's message about it names another place. */
static bool report_tab(struct parser *parser, size_t last)
{
    const char *line = parser->text;

    for (size_t i = 0; line && i <= last; i++) {
        size_t indent = strspn(line, " \t");
        const char *tab = memchr(line, '\t', indent);

        if (tab && !strchr("#\r\n", line[indent])) {
            scenario_errors_add_text(
                parser->errors,
                position_of_byte(parser->origin, parser->text, (size_t)(tab - parser->text)),
                "YAML: a tab in the indentation; use blanks");
            return true;
        }
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return false;
}

static void report_yaml(struct parser *parser)
{
    const yaml_parser_t *yaml = &parser->yaml;

    if (report_tab(parser, yaml->problem_mark.line))
        return;
    if (yaml->error == YAML_READER_ERROR)
        scenario_errors_add(parser->errors, position_at(parser, yaml->mark), "YAML: %s",
                            yaml->problem);
    else if (yaml->context)
        scenario_errors_add(parser->errors, position_at(parser, yaml->problem_mark),
                            "YAML: %s (%s)", yaml->problem, yaml->context);
    else
        scenario_errors_add(parser->errors, position_at(parser, yaml->problem_mark), "YAML: %s",
                            yaml->problem ? yaml->problem : "cannot be read");
}

/* The next event; false after an error. */
static bool advance(struct parser *parser)
{
    yaml_event_delete(&parser->event);
    if (yaml_parser_parse(&parser->yaml, &parser->event))
        return true;
    memset(&parser->event, 0, sizeof parser->event);
    report_yaml(parser);
    return false;
}

static struct tree_node *fail(struct parser *parser, const char *message)
{
    scenario_errors_add_text(parser->errors, position_at(parser, parser->event.start_mark),
                             message);
    return NULL;
}

static struct tree_node *build(struct parser *parser);

static struct tree_node *build_scalar(struct parser *parser)
{
    const yaml_event_t *event = &parser->event;

    if (event->data.scalar.anchor)
        return fail(parser, "anchors (&) are not allowed");
    if (event->data.scalar.tag)
        return fail(parser, "tags (!) are not allowed");
    if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        return fail(parser, "a NUL byte is not allowed");

    struct tree_node *node = tree_scalar(parser->tree, position_at(parser, event->start_mark),
                                         (const char *)event->data.scalar.value);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->shown = event->start_mark.line == event->end_mark.line;
    return node;
}

static struct tree_node *build_sequence(struct parser *parser)
{
    if (parser->event.data.sequence_start.anchor)
        return fail(parser, "anchors (&) are not allowed");
    if (parser->event.data.sequence_start.tag)
        return fail(parser, "tags (!) are not allowed");

    struct tree_node *node =
        tree_sequence(parser->tree, position_at(parser, parser->event.start_mark));
    while (advance(parser)) {
        if (parser->event.type == YAML_SEQUENCE_END_EVENT)
            return node;
        struct tree_node *item = build(parser);
        if (!item)
            return NULL;
        tree_append(parser->tree, node, item->at, NULL, item);
    }
    return NULL;
}

/* One "key: value"; the event is the key's. */
static bool build_entry(struct parser *parser, struct tree_node *mapping)
{
    if (parser->event.type != YAML_SCALAR_EVENT && parser->event.type != YAML_ALIAS_EVENT) {
        fail(parser, "a key must be a single word");
        return false;
    }
    struct tree_node *key = build(parser);
    if (!key || !advance(parser))
        return false;
    struct tree_node *value = build(parser);
    if (!value)
        return false;
    const struct tree_entry *first = tree_find(mapping, key->text);
    if (first)
        scenario_errors_add(parser->errors, key->at, "duplicate key \"%s\"; the first is at %u:%u",
                            key->text, first->at.line, first->at.column);
    else
        tree_append(parser->tree, mapping, key->at, key->text, value);
    return true;
}

static struct tree_node *build_mapping(struct parser *parser)
{
    if (parser->event.data.mapping_start.anchor)
        return fail(parser, "anchors (&) are not allowed");
    if (parser->event.data.mapping_start.tag)
        return fail(parser, "tags (!) are not allowed");

    struct tree_node *node =
        tree_mapping(parser->tree, position_at(parser, parser->event.start_mark));
    while (advance(parser)) {
        if (parser->event.type == YAML_MAPPING_END_EVENT)
            return node;
        if (!build_entry(parser, node))
            return NULL;
    }
    return NULL;
}

/* The node that begins with the current event. */
static struct tree_node *build(struct parser *parser)
{
    struct tree_node *node = NULL;

    if (parser->depth == DEPTH_MAX)
        return fail(parser, "nested deeper than 50 levels");
    parser->depth++;
    switch (parser->event.type) {
    case YAML_SCALAR_EVENT:
        node = build_scalar(parser);
        break;
    case YAML_SEQUENCE_START_EVENT:
        node = build_sequence(parser);
        break;
    case YAML_MAPPING_START_EVENT:
        node = build_mapping(parser);
        break;
    default:
        fail(parser, "aliases (*) are not allowed");
        break;
    }
    parser->depth--;
    return node;
}

/* From the start of the stream to its end, which must come after one document. */
static struct tree_node *build_document(struct parser *parser)
{
    struct tree_node *node;

    if (!advance(parser) || !advance(parser))
        return NULL;
    if (parser->event.type == YAML_STREAM_END_EVENT) {
        scenario_errors_add_text(parser->errors, parser->origin, "there is nothing here");
        return NULL;
    }
    if (!advance(parser))
        return NULL;
    node = build(parser);
    if (!node || !advance(parser) || !advance(parser))
        return NULL;
    if (parser->event.type != YAML_STREAM_END_EVENT)
        return fail(parser, "a second document is not allowed");
    return node;
}

/* A byte order mark, as some editors put before UTF-8; libyaml takes it for a column of the text.
 */
static size_t byte_order_mark(const char *text, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t bytes = sizeof mark - 1;

    return length >= bytes && memcmp(text, mark, bytes) == 0 ? bytes : 0;
}

struct tree_node *tree_parse(struct tree *tree, struct position origin, const char *text,
                             size_t length, struct scenario_errors *errors)
{
    size_t skipped = byte_order_mark(text, length);
    text += skipped;
    length -= skipped;
    struct parser parser = {.tree = tree,
                            .errors = errors,
                            .origin = origin,
                            .end = position_of_byte(origin, text, length),
                            .text = text};
    guint before = scenario_errors_count(errors);

    if (!check_bytes(origin, text, length, errors))
        return NULL;
    if (!yaml_parser_initialize(&parser.yaml))
        g_error("libyaml: out of memory");
    yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser.yaml, (const unsigned char *)text, length);
    struct tree_node *node = build_document(&parser);
    yaml_event_delete(&parser.event);
    yaml_parser_delete(&parser.yaml);
    /* Duplicate keys do not stop the parser, so that all of them are reported. */
    return scenario_errors_count(errors) == before ? node : NULL;
}
