/* A bitmap that is as long as the numbers in it are spread: when they come in order it holds
 * nothing, and the set is one counter. A word may hold bits of [base, end) only, so sliding clears
 * what it passes. */
#include "containers.h"

#include <stdlib.h>

static uint64_t *word_of(const struct mtp_seen *seen, uint64_t number)
{
    return &seen->words[number / 64 & (seen->capacity - 1)];
}

static void seen_grow(struct mtp_seen *seen, uint64_t words)
{
    struct mtp_seen old = *seen;
    uint32_t capacity = old.capacity ? old.capacity : 1;
    while (capacity < words)
        capacity *= 2;
    seen->capacity = capacity;
    seen->words = calloc(capacity, sizeof *seen->words);
    SIM_CHECK(seen->words, "out of memory for %u words", capacity);
    for (uint64_t word = old.base / 64; old.capacity && word * 64 < old.end; word++)
        *word_of(seen, word * 64) = *word_of(&old, word * 64);
    free(old.words);
}

/* Moves base to `base`, beyond it over all members that follow. */
static void seen_slide(struct mtp_seen *seen, uint64_t base)
{
    while (seen->base < seen->end) {
        uint64_t *word = word_of(seen, seen->base);
        if (seen->base >= base && !(*word >> seen->base % 64 & 1))
            return;
        *word &= ~(UINT64_C(1) << seen->base % 64);
        seen->base++;
    }
    if (seen->base < base)
        seen->base = base;
    seen->end = seen->base;
}

bool mtp_seen_insert(struct mtp_seen *seen, uint64_t number, uint64_t limit)
{
    if (mtp_seen_has(seen, number))
        return false;
    if (limit && number - seen->base >= limit)
        seen_slide(seen, number - limit + 1);
    uint64_t words = number / 64 - seen->base / 64 + 1;
    if (words > seen->capacity)
        seen_grow(seen, words);
    *word_of(seen, number) |= UINT64_C(1) << number % 64;
    if (seen->end <= number)
        seen->end = number + 1;
    seen_slide(seen, seen->base);
    return true;
}

void mtp_seen_clear(struct mtp_seen *seen)
{
    free(seen->words);
    *seen = (struct mtp_seen){0};
}
