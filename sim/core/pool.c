/* The pool's arrays are reserved as address space at once, so that indexes and pointers stay
 * valid while it grows; the system backs pages as they are first used. Freed packets go to a LIFO
 * list: the one used last is warm. */
#include <mtpsim/packet.h>

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

static void *reserve(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SIM_CHECK(memory != MAP_FAILED, "cannot reserve %zu bytes of address space", bytes);
    return memory;
}

void sim_pool_init(struct sim_pool *pool, uint32_t capacity)
{
    *pool = (struct sim_pool){.used = 1, .limit = capacity, .capacity = capacity};
    pool->packets = reserve((size_t)capacity * sizeof *pool->packets);
    pool->lists = reserve((size_t)capacity * sizeof *pool->lists);
    pool->rare = reserve((size_t)capacity * sizeof *pool->rare);
}

void sim_pool_clear(struct sim_pool *pool)
{
    ASAN_UNPOISON_MEMORY_REGION(pool->packets, pool->used * sizeof *pool->packets);
    ASAN_UNPOISON_MEMORY_REGION(pool->lists, pool->used * sizeof *pool->lists);
    ASAN_UNPOISON_MEMORY_REGION(pool->rare, pool->used * sizeof *pool->rare);
    munmap(pool->packets, (size_t)pool->capacity * sizeof *pool->packets);
    munmap(pool->lists, (size_t)pool->capacity * sizeof *pool->lists);
    munmap(pool->rare, (size_t)pool->capacity * sizeof *pool->rare);
    *pool = (struct sim_pool){0};
}

void sim_pool_split(struct sim_pool *pools, uint32_t count)
{
    uint32_t share = pools[0].share = pools[0].capacity / count;
    for (uint32_t i = 1; i < count; i++) {
        pools[i] = pools[0];
        pools[i].used = pools[i].first = i * share;
        pools[i].limit = (i + 1) * share;
    }
    pools[0].limit = share;
}

/* Also of one that was never given out: an earlier pool may have left poison at its place. */
static void packet_unpoison(struct sim_pool *pool, uint32_t index)
{
    ASAN_UNPOISON_MEMORY_REGION(&pool->packets[index], sizeof *pool->packets);
    ASAN_UNPOISON_MEMORY_REGION(&pool->lists[index], sizeof *pool->lists);
    ASAN_UNPOISON_MEMORY_REGION(&pool->rare[index], sizeof *pool->rare);
}

struct sim_packet *sim_packet_new(struct sim_pool *pool)
{
    uint32_t index = pool->free;
    if (SIM_LIKELY(index)) {
        struct sim_packet *packet = &pool->packets[index];
        packet_unpoison(pool, index);
        pool->free = packet->next;
        memset(packet, 0, sizeof *packet);
    } else {
        index = pool->used++;
        SIM_CHECK(index < pool->limit, "all %u packets are in use", pool->capacity);
        packet_unpoison(pool, index);
    }
    pool->live++;
    return &pool->packets[index];
}

static void send_home(struct sim_pool *pool, struct sim_packet *packet, uint32_t index)
{
    struct sim_returned *home = &pool->returned[index / pool->share];
    packet->next = home->head;
    if (!home->head)
        home->tail = index;
    home->head = index;
}

void sim_pool_take_back(struct sim_pool *pool, struct sim_returned *returned)
{
    if (!returned->head)
        return;
    pool->packets[returned->tail].next = pool->free;
    pool->free = returned->head;
}

void sim_packet_free(struct sim_pool *pool, struct sim_packet *packet)
{
    uint32_t index = sim_packet_index(pool, packet);
    pool->live--;
    if (SIM_LIKELY(index - pool->first < pool->limit - pool->first)) {
        packet->next = pool->free;
        pool->free = index;
    } else {
        send_home(pool, packet, index);
    }
    ASAN_POISON_MEMORY_REGION(&pool->lists[index], sizeof *pool->lists);
    ASAN_POISON_MEMORY_REGION(&pool->rare[index], sizeof *pool->rare);
    /* The link to the next free packet stays readable. */
    ASAN_POISON_MEMORY_REGION(packet, offsetof(struct sim_packet, next));
    ASAN_POISON_MEMORY_REGION(&packet->size_bytes,
                              sizeof *packet - offsetof(struct sim_packet, size_bytes));
}
