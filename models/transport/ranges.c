#include "models/transport/ranges.h"

#include <mtpsim/check.h>
#include <stdlib.h>
#include <string.h>

void ranges_clear(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){0};
}

uint32_t ranges_find(const struct ranges *ranges, uint64_t number)
{
    uint32_t low = 0, high = ranges->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ranges->items[middle].end < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Puts `count` ranges in the place of those from `from` to before `to`. */
static void replace(struct ranges *ranges, uint32_t from, uint32_t to, const struct range *range,
                    uint32_t count)
{
    uint32_t left = ranges->count - (to - from) + count;
    if (left > ranges->capacity) {
        ranges->capacity = ranges->capacity ? ranges->capacity * 2 : 4;
        ranges->items = realloc(ranges->items, ranges->capacity * sizeof *ranges->items);
        SIM_CHECK(ranges->items, "out of memory for %u ranges", ranges->capacity);
    }
    if (from + count != to)
        memmove(&ranges->items[from + count], &ranges->items[to],
                (ranges->count - to) * sizeof *ranges->items);
    for (uint32_t i = 0; i < count; i++)
        ranges->items[from + i] = range[i];
    ranges->count = left;
}

uint64_t ranges_add(struct ranges *ranges, struct range range, struct range *merged)
{
    if (range.start < ranges->floor)
        range.start = ranges->floor;
    if (range.start >= range.end)
        return 0;
    uint64_t known = 0, size = range.end - range.start;
    uint32_t from = ranges_find(ranges, range.start), to = from;
    struct range whole = range;
    while (to < ranges->count && ranges->items[to].start <= range.end) {
        struct range old = ranges->items[to++];
        uint64_t start = old.start > range.start ? old.start : range.start;
        uint64_t end = old.end < range.end ? old.end : range.end;
        known += end > start ? end - start : 0;
        whole.start = old.start < whole.start ? old.start : whole.start;
        whole.end = old.end > whole.end ? old.end : whole.end;
    }
    replace(ranges, from, to, &whole, 1);
    if (merged)
        *merged = whole;
    return size - known;
}

void ranges_remove(struct ranges *ranges, struct range range)
{
    struct range left[2];
    uint32_t count = 0, from = ranges_find(ranges, range.start + 1), to = from;
    while (to < ranges->count && ranges->items[to].start < range.end)
        to++;
    if (from == to)
        return;
    if (ranges->items[from].start < range.start)
        left[count++] = (struct range){ranges->items[from].start, range.start};
    if (ranges->items[to - 1].end > range.end)
        left[count++] = (struct range){range.end, ranges->items[to - 1].end};
    replace(ranges, from, to, left, count);
}

bool ranges_cover(const struct ranges *ranges, struct range range)
{
    if (range.start < ranges->floor)
        range.start = ranges->floor;
    if (range.start >= range.end)
        return true;
    uint32_t at = ranges_find(ranges, range.end);
    return at < ranges->count && ranges->items[at].start <= range.start;
}

uint64_t ranges_advance(struct ranges *ranges, uint64_t next)
{
    uint32_t gone = 0;
    while (gone < ranges->count && ranges->items[gone].start <= next) {
        if (ranges->items[gone].end > next)
            next = ranges->items[gone].end;
        gone++;
    }
    replace(ranges, 0, gone, NULL, 0);
    return next;
}

void ranges_forget(struct ranges *ranges, uint32_t max)
{
    if (ranges->count <= max)
        return;
    uint32_t gone = ranges->count - max;
    ranges->floor = ranges->items[gone].start;
    replace(ranges, 0, gone, NULL, 0);
}
