#include "net/ranks.h"

#include <stdlib.h>

void ranks_init(struct ranks *ranks, uint32_t count, uint32_t index, const struct ranks_ops *ops)
{
    *ranks = (struct ranks){
        .count = count,
        .index = index,
        .out = calloc(count, sizeof *ranks->out),
        .in = calloc(count, sizeof *ranks->in),
        .ops = ops,
    };
    SIM_CHECK(ranks->out && ranks->in, "out of memory for %u ranks", count);
}

void ranks_clear(struct ranks *ranks)
{
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        bytes_clear(&ranks->out[rank]);
        bytes_clear(&ranks->in[rank]);
    }
    free(ranks->out);
    free(ranks->in);
    *ranks = (struct ranks){0};
}

void ranks_tell(struct ranks *ranks, const void *what, size_t size)
{
    for (uint32_t rank = 0; rank < ranks->count; rank++)
        if (rank != ranks->index)
            bytes_put(&ranks->out[rank], what, size);
    ranks->ops->swap(ranks);
}

bool ranks_agree(struct ranks *ranks, bool good)
{
    uint64_t own = good;
    ranks_tell(ranks, &own, sizeof own);
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        uint64_t others = 1;
        if (rank != ranks->index)
            bytes_get(&ranks->in[rank], &others, sizeof others);
        good = good && others;
    }
    return good;
}
