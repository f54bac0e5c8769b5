/* A tree becomes a text that reads back to the same tree: libyaml's emitter chooses the quotes. */
#include <mtpsim/check.h>
#include <string.h>
#include <yaml.h>

#include "scenario/tree.h"

#define FLOW_MAX 76 /* characters of a mapping or list that is written on one line */
/* What cannot be plain in flow style: the emitter would choose other quotes for it than for what is
 * quoted already. */
#define FLOW_LETTERS ",?[]{}"

/* How long the node would be in flow style; stops counting above `limit`. */
static size_t flow_length(const struct tree_node *node, size_t limit)
{
    size_t length = tree_count(node) ? 0 : 2; /* brackets; else they stand for the last ", " */

    if (node->kind == TREE_SCALAR)
        return strlen(node->text) + (node->plain ? 0 : 2);
    for (guint i = 0; i < tree_count(node) && length <= limit; i++) {
        const struct tree_entry *entry = tree_entry(node, i);

        length += (entry->key ? strlen(entry->key) + 2 : 0) + 2;
        length += flow_length(entry->node, limit);
    }
    return length;
}

static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    SIM_CHECK(made && yaml_emitter_emit(emitter, event), "libyaml cannot write: %s",
              emitter->problem ? emitter->problem : "out of memory");
}

static void emit_scalar(yaml_emitter_t *emitter, const char *text, bool plain)
{
    yaml_event_t event;
    yaml_scalar_style_t style = plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;

    emit(emitter, &event,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                      (int)strlen(text), 1, 1, style));
}

static void emit_node(yaml_emitter_t *emitter, const struct tree_node *node);

static void emit_sequence(yaml_emitter_t *emitter, const struct tree_node *node, bool flow)
{
    yaml_event_t event;
    yaml_sequence_style_t style = flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;

    emit(emitter, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style));
    for (guint i = 0; i < tree_count(node); i++)
        emit_node(emitter, tree_entry(node, i)->node);
    emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
}

static void emit_mapping(yaml_emitter_t *emitter, const struct tree_node *node, bool flow)
{
    yaml_event_t event;
    yaml_mapping_style_t style = flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;

    emit(emitter, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style));
    for (guint i = 0; i < tree_count(node); i++) {
        emit_scalar(emitter, tree_entry(node, i)->key, true);
        emit_node(emitter, tree_entry(node, i)->node);
    }
    emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
}

static void emit_as(yaml_emitter_t *emitter, const struct tree_node *node, bool flow)
{
    if (node->kind == TREE_SCALAR)
        emit_scalar(emitter, node->text, node->plain && !strpbrk(node->text, FLOW_LETTERS));
    else if (node->kind == TREE_SEQUENCE)
        emit_sequence(emitter, node, flow);
    else
        emit_mapping(emitter, node, flow);
}

static void emit_node(yaml_emitter_t *emitter, const struct tree_node *node)
{
    emit_as(emitter, node, flow_length(node, FLOW_MAX) <= FLOW_MAX);
}

static int append(void *data, unsigned char *buffer, size_t size)
{
    g_string_append_len(data, (const char *)buffer, (gssize)size);
    return 1;
}

static char *write_document(const struct tree_node *node, bool flow)
{
    GString *text = g_string_new(NULL);
    yaml_emitter_t emitter;
    yaml_event_t event;

    SIM_CHECK(yaml_emitter_initialize(&emitter), "libyaml: out of memory");
    yaml_emitter_set_output(&emitter, append, text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    emit(&emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&emitter, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit_as(&emitter, node, flow);
    emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&emitter);
    return g_string_free(text, FALSE);
}

char *tree_write(const struct tree_node *node)
{
    return write_document(node, flow_length(node, FLOW_MAX) <= FLOW_MAX);
}

char *tree_write_line(const struct tree_node *node)
{
    return g_strchomp(write_document(node, true));
}
