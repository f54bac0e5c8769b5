/* A growing row of bytes that is written at its end and read from its start: what travels between
 * processes of one binary, so values are copied as they are in memory. */
#ifndef SIM_CORE_BYTES_H
#define SIM_CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mtpsim/check.h>

/* All zero: empty. */
struct bytes {
    uint8_t *data;
    size_t length, capacity;
    size_t taken; /* read until now */
};

void bytes_clear(struct bytes *bytes);
/* The slow half of bytes_reserve. */
void bytes_grow(struct bytes *bytes, size_t more);

static inline void bytes_empty(struct bytes *bytes)
{
    bytes->length = bytes->taken = 0;
}

/* Room for `more` bytes behind those that are there: they move nothing when added. */
static inline void bytes_reserve(struct bytes *bytes, size_t more)
{
    if (SIM_UNLIKELY(bytes->capacity - bytes->length < more))
        bytes_grow(bytes, more);
}

/* Adds `size` bytes, to be written by the caller. */
static inline void *bytes_add(struct bytes *bytes, size_t size)
{
    bytes_reserve(bytes, size);
    uint8_t *at = bytes->data + bytes->length;
    bytes->length += size;
    return at;
}

static inline void bytes_put(struct bytes *bytes, const void *from, size_t size)
{
    if (size)
        memcpy(bytes_add(bytes, size), from, size);
}

/* The next `size` bytes. Aborts when there are fewer. */
static inline const void *bytes_take(struct bytes *bytes, size_t size)
{
    SIM_CHECK(size <= bytes->length - bytes->taken, "%zu bytes wanted of %zu", size,
              bytes->length - bytes->taken);
    const uint8_t *at = bytes->data + bytes->taken;
    bytes->taken += size;
    return at;
}

static inline void bytes_get(struct bytes *bytes, void *to, size_t size)
{
    if (size)
        memcpy(to, bytes_take(bytes, size), size);
}

#endif
