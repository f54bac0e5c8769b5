#include "reassembly.h"

#include <stdlib.h>
#include <string.h>

void tcp_reassembly_clear(struct tcp_reassembly *reassembly)
{
    free(reassembly->ranges);
    free(reassembly->ends);
    *reassembly = (struct tcp_reassembly){0};
}

static void *more(void *array, uint32_t *capacity, size_t size)
{
    *capacity = *capacity ? *capacity * 2 : 4;
    array = realloc(array, *capacity * size);
    SIM_CHECK(array, "out of memory for %u ranges", *capacity);
    return array;
}

/* The first range that ends at or after `seq`. */
static uint32_t find(const struct tcp_reassembly *reassembly, uint64_t seq)
{
    uint32_t low = 0, high = reassembly->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (reassembly->ranges[middle].end < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void replace(struct tcp_reassembly *reassembly, uint32_t from, uint32_t to,
                    struct tcp_block block)
{
    if (from == to && reassembly->count == reassembly->capacity)
        reassembly->ranges =
            more(reassembly->ranges, &reassembly->capacity, sizeof *reassembly->ranges);
    memmove(&reassembly->ranges[from + 1], &reassembly->ranges[to],
            (reassembly->count - to) * sizeof *reassembly->ranges);
    reassembly->ranges[from] = block;
    reassembly->count = reassembly->count - (to - from) + 1;
}

/* Puts the range that holds `seq` in front of the recent ones. */
static void touch(struct tcp_reassembly *reassembly, uint64_t seq, struct tcp_block range)
{
    uint32_t kept = 1;
    uint64_t recent[TCP_SACK_MAX] = {seq};
    for (uint32_t i = 0; i < reassembly->recent_count && kept < TCP_SACK_MAX; i++)
        if (reassembly->recent[i] < range.start || reassembly->recent[i] >= range.end)
            recent[kept++] = reassembly->recent[i];
    memcpy(reassembly->recent, recent, sizeof recent);
    reassembly->recent_count = kept;
}

uint64_t tcp_reassembly_add(struct tcp_reassembly *reassembly, struct tcp_block block)
{
    uint64_t known = 0, seq = block.start, size = block.end - block.start;
    uint32_t from = find(reassembly, block.start), to = from;
    struct tcp_block merged = block;
    while (to < reassembly->count && reassembly->ranges[to].start <= block.end) {
        struct tcp_block range = reassembly->ranges[to++];
        uint64_t start = range.start > block.start ? range.start : block.start;
        uint64_t end = range.end < block.end ? range.end : block.end;
        known += end > start ? end - start : 0;
        merged.start = range.start < merged.start ? range.start : merged.start;
        merged.end = range.end > merged.end ? range.end : merged.end;
    }
    replace(reassembly, from, to, merged);
    touch(reassembly, seq, merged);
    return size - known;
}

uint64_t tcp_reassembly_advance(struct tcp_reassembly *reassembly, uint64_t next)
{
    uint32_t gone = 0;
    while (gone < reassembly->count && reassembly->ranges[gone].start <= next) {
        if (reassembly->ranges[gone].end > next)
            next = reassembly->ranges[gone].end;
        gone++;
    }
    reassembly->count -= gone;
    memmove(reassembly->ranges, reassembly->ranges + gone,
            reassembly->count * sizeof *reassembly->ranges);
    return next;
}

uint32_t tcp_reassembly_report(struct tcp_reassembly *reassembly, struct tcp_block *blocks,
                               uint32_t max)
{
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < reassembly->recent_count; i++) {
        uint64_t seq = reassembly->recent[i];
        uint32_t range = find(reassembly, seq + 1);
        if (range == reassembly->count || reassembly->ranges[range].start > seq)
            continue; /* delivered since */
        reassembly->recent[kept++] = seq;
        if (count < max)
            blocks[count++] = reassembly->ranges[range];
    }
    reassembly->recent_count = kept;
    return count;
}

void tcp_reassembly_add_end(struct tcp_reassembly *reassembly, struct tcp_message_end end)
{
    if (reassembly->end_count == reassembly->end_capacity)
        reassembly->ends =
            more(reassembly->ends, &reassembly->end_capacity, sizeof *reassembly->ends);
    uint32_t place = reassembly->end_count++;
    while (place > 0 && reassembly->ends[place - 1].seq > end.seq) {
        reassembly->ends[place] = reassembly->ends[place - 1];
        place--;
    }
    reassembly->ends[place] = end;
}

bool tcp_reassembly_take_end(struct tcp_reassembly *reassembly, uint64_t next,
                             struct tcp_message_end *end)
{
    if (!reassembly->end_count || reassembly->ends[0].seq > next)
        return false;
    *end = reassembly->ends[0];
    reassembly->end_count--;
    memmove(reassembly->ends, reassembly->ends + 1,
            reassembly->end_count * sizeof *reassembly->ends);
    return true;
}
