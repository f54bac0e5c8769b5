/* Whose turn it is: a ring of those that can send, each of which goes to the end of it after its
 * turn. The order is that of entering, never of addresses. */
#ifndef MODELS_TRANSPORT_RING_H
#define MODELS_TRANSPORT_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring_node {
    struct ring_node *next, *previous; /* NULL when it is in no ring */
};

struct ring {
    struct ring_node *head; /* whose turn it is; NULL: nobody's */
};

static inline bool ring_holds(const struct ring_node *node)
{
    return node->next != NULL;
}

/* Enters as the last. */
static inline void ring_enter(struct ring *ring, struct ring_node *node)
{
    struct ring_node *head = ring->head;
    if (!head) {
        node->next = node->previous = node;
        ring->head = node;
        return;
    }
    node->next = head;
    node->previous = head->previous;
    head->previous->next = node;
    head->previous = node;
}

static inline void ring_leave(struct ring *ring, struct ring_node *node)
{
    if (node->next == node) {
        ring->head = NULL;
    } else {
        node->next->previous = node->previous;
        node->previous->next = node->next;
        if (ring->head == node)
            ring->head = node->next;
    }
    node->next = NULL;
}

static inline void ring_set(struct ring *ring, struct ring_node *node, bool there)
{
    if (there == ring_holds(node))
        return;
    if (there)
        ring_enter(ring, node);
    else
        ring_leave(ring, node);
}

/* The head has had its turn. */
static inline void ring_turn(struct ring *ring)
{
    ring->head = ring->head->next;
}

#endif
