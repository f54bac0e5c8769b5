/* Containers of the MTP endpoint that know nothing of it. */
#ifndef MODELS_TRANSPORT_MTP_CONTAINERS_H
#define MODELS_TRANSPORT_MTP_CONTAINERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mtpsim/check.h>

/* ---- seen: a set of numbers that fills from below ---- */

struct mtp_seen {
    uint64_t base;     /* all below are in the set */
    uint64_t end;      /* none from here on is */
    uint64_t *words;   /* bit n is at n modulo the capacity; bits outside [base, end) are 0 */
    uint32_t capacity; /* words: a power of two, or 0 */
};

#define MTP_ID_WINDOW UINT64_C(65536)

static inline bool mtp_seen_has(const struct mtp_seen *seen, uint64_t number)
{
    if (number < seen->base)
        return true;
    return number < seen->end && seen->words[number / 64 & (seen->capacity - 1)] >> number % 64 & 1;
}

/* mtp_seen_add, out of order. */
bool mtp_seen_insert(struct mtp_seen *seen, uint64_t number, uint64_t limit);

/* Adds a number; gives whether it was new. With `limit`, numbers from number - limit downwards
 * become members. */
static inline bool mtp_seen_add(struct mtp_seen *seen, uint64_t number, uint64_t limit)
{
    if (SIM_UNLIKELY(number != seen->base || number != seen->end))
        return mtp_seen_insert(seen, number, limit);
    seen->end = ++seen->base;
    return true;
}

void mtp_seen_clear(struct mtp_seen *seen);

/* ---- memory ---- */

/* Zeroed, on cache lines of its own. For what lives long: it is slower to get than from calloc. */
static inline void *mtp_new_lines(size_t bytes)
{
    size_t whole = (bytes + 63) / 64 * 64;
    void *memory = aligned_alloc(64, whole);
    SIM_CHECK(memory, "out of memory for %zu bytes", bytes);
    return memset(memory, 0, whole);
}

/* ---- arrays of pointers ---- */

/* Makes room for one more; gives the array. */
static inline void *mtp_grow(void *array, uint32_t count, uint32_t *capacity)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 4;
    array = realloc(array, *capacity * sizeof(void *));
    SIM_CHECK(array, "out of memory for %u pointers", *capacity);
    return array;
}

#endif
