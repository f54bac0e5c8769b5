#include "net/node.h"

#include <stdlib.h>

bool winners_init(struct winners *winners, uint32_t leaves)
{
    uint32_t size = 1;
    while (size < leaves)
        size *= 2;
    winners->leaves = size;
    winners->times = malloc(size * sizeof *winners->times);
    winners->winner = malloc(2 * size * sizeof *winners->winner);
    if (!winners->times || !winners->winner)
        return false;
    for (uint32_t i = 0; i < size; i++)
        winners->times[i] = SIM_NEVER;
    for (uint32_t i = 2 * size; i-- > 1;)
        winners->winner[i] = i >= size ? i - size : winners->winner[2 * i];
    return true;
}

void winners_clear(struct winners *winners)
{
    free(winners->times);
    free(winners->winner);
    *winners = (struct winners){0};
}

void winners_set(struct winners *winners, uint32_t leaf, sim_time when)
{
    winners->times[leaf] = when;
    for (uint32_t i = (leaf + winners->leaves) / 2; i > 0; i /= 2) {
        uint32_t left = winners->winner[2 * i], right = winners->winner[2 * i + 1];
        /* At equal times the left, that is, the lower node. */
        winners->winner[i] = winners->times[right] < winners->times[left] ? right : left;
    }
}
