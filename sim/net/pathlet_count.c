#include "net/pathlet_count.h"

#include <glib.h>

#define FAR UINT32_MAX

/* A port, from the node that it is at. */
struct way {
    uint32_t peer;
    uint32_t labels; /* 1: it has a pathlet */
};

struct walk {
    const struct spec *spec;
    uint32_t *first; /* of a node's ways; node_count + 1 */
    struct way *ways;
    uint32_t *distance; /* to the switch that is looked at */
    uint32_t *most;     /* pathlets on the way there */
    uint32_t *queue;
};

static struct way way_of(const struct spec_link *link, int end)
{
    uint32_t pathlet = end == 0 ? link->pathlet : link->pathlet_back;
    return (struct way){link->ends[!end], pathlet != 0};
}

static void walk_init(struct walk *walk, const struct spec *spec)
{
    *walk = (struct walk){
        .spec = spec,
        .first = g_new0(uint32_t, spec->node_count + 2),
        .ways = g_new(struct way, 2 * (size_t)spec->link_count + 1),
        .distance = g_new(uint32_t, spec->node_count),
        .most = g_new(uint32_t, spec->node_count),
        .queue = g_new(uint32_t, spec->node_count),
    };
    uint32_t *next = walk->first + 1; /* moves on to the node's end as its ways are filled in */
    for (uint32_t i = 0; i < spec->link_count; i++)
        for (int end = 0; end < 2; end++)
            next[spec->links[i].ends[end] + 1]++;
    for (uint32_t node = 0; node < spec->node_count; node++)
        next[node + 1] += next[node];
    for (uint32_t i = 0; i < spec->link_count; i++)
        for (int end = 0; end < 2; end++)
            walk->ways[next[spec->links[i].ends[end]]++] = way_of(&spec->links[i], end);
}

static void walk_clear(struct walk *walk)
{
    g_free(walk->first);
    g_free(walk->ways);
    g_free(walk->distance);
    g_free(walk->most);
    g_free(walk->queue);
}

/* One way from a node that is reached: on to a node that is not, or back, a step nearer to the
 * goal. */
static void spread_over(struct walk *walk, uint32_t node, const struct way *way, uint32_t *end)
{
    uint32_t distance = walk->distance[node], *of_peer = &walk->distance[way->peer];
    if (*of_peer == FAR) {
        *of_peer = distance + 1;
        walk->most[way->peer] = 0;
        if (way->peer >= walk->spec->host_count) /* hosts forward nothing */
            walk->queue[(*end)++] = way->peer;
    } else if (*of_peer + 1 == distance) {
        walk->most[node] = MAX(walk->most[node], walk->most[way->peer] + way->labels);
    }
}

/* From the goal on, the nearest first: when a node's turn comes all that are nearer have theirs. */
static void spread(struct walk *walk, uint32_t goal)
{
    uint32_t end = 0;
    for (uint32_t node = 0; node < walk->spec->node_count; node++)
        walk->distance[node] = FAR;
    walk->distance[goal] = walk->most[goal] = 0;
    walk->queue[end++] = goal;
    for (uint32_t at = 0; at < end; at++) {
        uint32_t node = walk->queue[at];
        for (uint32_t i = walk->first[node]; i < walk->first[node + 1]; i++)
            spread_over(walk, node, &walk->ways[i], &end);
    }
}

/* The best route to a host, whose switch all others were just spread from. */
static void look_from_hosts(const struct walk *walk, uint32_t to, uint32_t labels,
                            struct pathlet_route *best)
{
    for (uint32_t from = 0; from < walk->spec->host_count; from++) {
        const struct way *nic = &walk->ways[walk->first[from]];
        if (from == to || walk->distance[nic->peer] == FAR)
            continue;
        uint32_t pathlets = nic->labels + walk->most[nic->peer] + labels;
        if (pathlets > best->pathlets)
            *best = (struct pathlet_route){from, to, pathlets};
    }
}

struct pathlet_route pathlet_count_most(const struct spec *spec)
{
    struct pathlet_route best = {0};
    struct walk walk;
    walk_init(&walk, spec);
    for (uint32_t node = spec->host_count; node < spec->node_count; node++) {
        bool spread_already = false, labelled = false;
        for (uint32_t i = walk.first[node]; i < walk.first[node + 1]; i++) {
            const struct way *way = &walk.ways[i];
            if (way->peer >= spec->host_count || (spread_already && labelled >= way->labels))
                continue; /* no better than a host of this switch before */
            if (!spread_already)
                spread(&walk, node);
            spread_already = true;
            labelled |= way->labels;
            look_from_hosts(&walk, way->peer, way->labels, &best);
        }
    }
    walk_clear(&walk);
    return best;
}
