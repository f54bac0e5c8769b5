#include "core/bytes.h"

#include <stdlib.h>

#define FIRST_CAPACITY 4096u

void bytes_grow(struct bytes *bytes, size_t more)
{
    size_t needed = bytes->length + more;
    size_t capacity = bytes->capacity ? bytes->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *data = realloc(bytes->data, capacity);
    SIM_CHECK(data, "out of memory for %zu bytes", capacity);
    bytes->data = data;
    bytes->capacity = capacity;
}

void bytes_clear(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}
