#include "scenario/granularity.h"

#include <stdbool.h>
#include <string.h>

const char *const granularity_words[] = {"none", "port", "tier", "network", NULL};

enum granularity granularity_of(const char *word)
{
    guint place = 0;

    while (granularity_words[place] && strcmp(granularity_words[place], word))
        place++;
    return granularity_words[place] ? (enum granularity)place : GRANULARITY_NONE;
}

/* The distance of each node from the nearest host; nodes without a way to one keep the number of
 * nodes. */
static guint *host_distances(const struct granularity_links *links)
{
    guint *distances = g_new(guint, links->nodes + 1);
    bool nearer = true;

    for (guint node = 0; node < links->nodes; node++)
        distances[node] = node < links->hosts ? 0 : links->nodes;
    while (nearer) {
        nearer = false;
        for (guint end = 0; end < 2 * links->count; end++) {
            guint *here = &distances[links->ends[end]];
            guint there = distances[links->ends[end ^ 1]];

            if (*here <= there + 1)
                continue;
            *here = there + 1;
            nearer = true;
        }
    }
    return distances;
}

/* The tier's number of the direction from `from` to `to`: 1 to a host, then 2 up and 3 down. */
static uint32_t tier_number(const guint *distances, uint32_t from, uint32_t to, bool first_end)
{
    guint tier = MIN(distances[from], distances[to]);
    bool up = distances[from] == distances[to] ? first_end : distances[from] < distances[to];

    return tier == 0 ? 1 : 2 * tier + !up;
}

void granularity_label(enum granularity granularity, const struct granularity_links *links,
                       uint32_t *labels)
{
    uint32_t last = 0, taken = 0;

    if (granularity == GRANULARITY_NONE)
        return;
    guint *distances = host_distances(links);
    for (guint i = 0; i < 2 * links->count; i++)
        last = MAX(last, labels[i]);
    for (guint i = 2 * links->first; i < 2 * links->count; i += 2) {
        bool own = labels[i] || labels[i + 1];

        for (guint end = i; end < i + 2; end++) {
            if (own || links->ends[end] < links->hosts)
                continue;
            taken++;
            labels[end] = last + (granularity == GRANULARITY_PORT ? taken
                                  : granularity == GRANULARITY_TIER
                                      ? tier_number(distances, links->ends[end],
                                                    links->ends[end ^ 1], end == i)
                                      : 1);
        }
    }
    g_free(distances);
}
