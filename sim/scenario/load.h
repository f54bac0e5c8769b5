/* Checked mappings become parameter structs: libcyaml loads them by a schema that is generated from
 * the parameter table. */
#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include "scenario/block.h"

/* What loaded structs consist of; freed at once. */
struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *memory);
/* As realloc, of a struct memory: what libcyaml asks for. */
void *memory_resize(void *context, void *block, size_t size);
void *memory_take_zeroed(struct memory *memory, size_t size);

/* The parameters of a mapping that passed block_check with the same scope; zeroed when the block
 * has none. References are unset when scope->names is NULL. */
void *load_block(const struct scope *scope, const struct block *block,
                 const struct tree_node *mapping, struct memory *memory);

/* A model that passed model_check; .plugin NULL when "none" was written. */
struct sim_model load_model(const struct scope *scope, enum sim_kind kind,
                            const struct tree_node *node, struct memory *memory);

#endif
