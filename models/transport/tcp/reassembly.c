#include "reassembly.h"

#include <stdlib.h>
#include <string.h>

void tcp_reassembly_clear(struct tcp_reassembly *reassembly)
{
    ranges_clear(&reassembly->arrived);
    free(reassembly->ends);
    free(reassembly->parts);
    *reassembly = (struct tcp_reassembly){0};
}

static void *more(void *array, uint32_t *capacity, size_t size)
{
    *capacity = *capacity ? *capacity * 2 : 4;
    array = realloc(array, *capacity * size);
    SIM_CHECK(array, "out of memory for %u ranges", *capacity);
    return array;
}

/* Puts the range that holds `seq` in front of the recent ones. */
static void touch(struct tcp_reassembly *reassembly, uint64_t seq, struct range range)
{
    uint32_t kept = 1;
    uint64_t recent[TCP_SACK_MAX] = {seq};
    for (uint32_t i = 0; i < reassembly->recent_count && kept < TCP_SACK_MAX; i++)
        if (reassembly->recent[i] < range.start || reassembly->recent[i] >= range.end)
            recent[kept++] = reassembly->recent[i];
    memcpy(reassembly->recent, recent, sizeof recent);
    reassembly->recent_count = kept;
}

uint64_t tcp_reassembly_add(struct tcp_reassembly *reassembly, struct range block)
{
    struct range merged = block;
    uint64_t fresh = ranges_add(&reassembly->arrived, block, &merged);
    touch(reassembly, block.start, merged);
    return fresh;
}

uint32_t tcp_reassembly_report(struct tcp_reassembly *reassembly, struct range *blocks,
                               uint32_t max)
{
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < reassembly->recent_count; i++) {
        uint64_t seq = reassembly->recent[i];
        uint32_t range = ranges_find(&reassembly->arrived, seq + 1);
        if (range == reassembly->arrived.count || reassembly->arrived.items[range].start > seq)
            continue; /* delivered since */
        reassembly->recent[kept++] = seq;
        if (count < max)
            blocks[count++] = reassembly->arrived.items[range];
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

void tcp_reassembly_touch_end(struct tcp_reassembly *reassembly, uint64_t seq, sim_time now)
{
    uint32_t low = 0, high = reassembly->end_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (reassembly->ends[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < reassembly->end_count)
        reassembly->ends[low].newest = now;
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

/* The message's place; or part_count: none of its parts is here. */
static uint32_t find_parts(const struct tcp_reassembly *reassembly, const struct tcp_parts *part)
{
    uint32_t place = 0;
    while (place < reassembly->part_count && (reassembly->parts[place].src != part->src ||
                                              reassembly->parts[place].number != part->number))
        place++;
    return place;
}

void tcp_reassembly_add_part(struct tcp_reassembly *reassembly, struct tcp_parts part)
{
    uint32_t place = find_parts(reassembly, &part);
    if (place == reassembly->part_count) {
        if (reassembly->part_count == reassembly->part_capacity)
            reassembly->parts =
                more(reassembly->parts, &reassembly->part_capacity, sizeof *reassembly->parts);
        reassembly->parts[reassembly->part_count++] = part;
        return;
    }
    reassembly->parts[place].bytes += part.bytes;
    reassembly->parts[place].damaged |= part.damaged;
}

void tcp_reassembly_take_parts(struct tcp_reassembly *reassembly, struct tcp_parts *last)
{
    uint32_t place = find_parts(reassembly, last);
    if (place == reassembly->part_count)
        return;
    last->bytes += reassembly->parts[place].bytes;
    last->damaged |= reassembly->parts[place].damaged;
    reassembly->parts[place] = reassembly->parts[--reassembly->part_count];
}
