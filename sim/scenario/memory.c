/* What libcyaml allocates for loaded structs, in one set, so that nothing has to know their shape
 * to free them. */
#include "scenario/load.h"

struct memory {
    GHashTable *blocks;
};

struct memory *memory_new(void)
{
    struct memory *memory = g_new0(struct memory, 1);

    memory->blocks = g_hash_table_new_full(g_direct_hash, g_direct_equal, g_free, NULL);
    return memory;
}

void memory_free(struct memory *memory)
{
    if (!memory)
        return;
    g_hash_table_unref(memory->blocks);
    g_free(memory);
}

void *memory_resize(void *context, void *block, size_t size)
{
    struct memory *memory = context;

    if (block)
        g_hash_table_steal(memory->blocks, block);
    if (size == 0) {
        g_free(block);
        return NULL;
    }
    block = g_realloc(block, size);
    g_hash_table_add(memory->blocks, block);
    return block;
}

void *memory_take_zeroed(struct memory *memory, size_t size)
{
    void *block = g_malloc0(MAX(size, 1));

    g_hash_table_add(memory->blocks, block);
    return block;
}
