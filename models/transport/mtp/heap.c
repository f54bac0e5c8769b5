/* Binary heaps of contenders, the one whose stream goes first on top. A contender knows its place,
 * so that it can be moved or taken out. */
#include "mtp.h"

#include <stdlib.h>

static bool before(const struct mtp_contender *a, const struct mtp_contender *b)
{
    return mtp_stream_before(a->stream, b->stream);
}

static void put(struct mtp_heap *heap, uint32_t place, struct mtp_contender *contender)
{
    heap->entries[place] = contender;
    contender->place = place;
}

static void sift_up(struct mtp_heap *heap, struct mtp_contender *contender)
{
    uint32_t place = contender->place;
    while (place > 0 && before(contender, heap->entries[(place - 1) / 2])) {
        put(heap, place, heap->entries[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(heap, place, contender);
}

static void sift_down(struct mtp_heap *heap, struct mtp_contender *contender)
{
    uint32_t place = contender->place;
    for (uint32_t child; (child = 2 * place + 1) < heap->count; place = child) {
        if (child + 1 < heap->count && before(heap->entries[child + 1], heap->entries[child]))
            child++;
        if (!before(heap->entries[child], contender))
            break;
        put(heap, place, heap->entries[child]);
    }
    put(heap, place, contender);
}

void mtp_heap_add(struct mtp_heap *heap, struct mtp_contender *contender)
{
    heap->entries = mtp_grow(heap->entries, heap->count, &heap->capacity);
    put(heap, heap->count++, contender);
    if (SIM_UNLIKELY(heap->count > 1))
        sift_up(heap, contender);
}

void mtp_heap_sift(struct mtp_heap *heap, struct mtp_contender *contender)
{
    sift_up(heap, contender);
    sift_down(heap, contender);
}

void mtp_heap_remove(struct mtp_heap *heap, struct mtp_contender *contender)
{
    struct mtp_contender *last = heap->entries[--heap->count];
    if (last == contender)
        return;
    put(heap, contender->place, last);
    sift_up(heap, last);
    sift_down(heap, last);
}

void mtp_heap_clear(struct mtp_heap *heap)
{
    free(heap->entries);
    *heap = (struct mtp_heap){0};
}
