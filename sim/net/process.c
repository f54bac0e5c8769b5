/* How a process goes through a window.
 *
 * A node's inputs are merged with a loser tree of keys: the arrival time within the window in the
 * high bits, the input's place in the low ones, so that one unsigned comparison orders by (time,
 * port) and replaying a path is a minimum and a maximum a level, without branches. Only inputs that
 * hold a packet due in this window are leaves; nothing new comes due while it runs. Local events
 * stay outside the tree.
 */
#include "net/node.h"

#include "measure/digest.h"
#include "net/pfc.h"
#include "net/prefetch.h"
#include "net/trace.h"

#define PLACE_BITS 16

static inline uint32_t node_handle(struct worker *worker, struct node *node,
                                   struct sim_packet *packet, sim_time now)
{
    return node->host ? host_receive(worker, node, packet, now)
                      : switch_receive(worker, node, packet, now);
}

/* A packet at a node with a trace or with flow control. */
static __attribute__((noinline, cold)) void node_watch(struct worker *worker, struct node *node,
                                                       uint32_t port, struct sim_packet *packet,
                                                       sim_time now)
{
    uint64_t identity = digest_identity(packet);
    bool traced = node->trace && trace_arrival(node->trace, node, port, packet, now);
    uint32_t verdict;
    if (node->pfc)
        node->pfc->input = port;
    if (packet->protocol == SIM_PROTOCOL_PAUSE)
        verdict = pfc_obey(worker, node, port, packet, now);
    else
        verdict = node_handle(worker, node, packet, now);
    if (node->pfc)
        node->pfc->input = PFC_NO_INPUT;
    node->digest = digest_add(node->digest, now, port, identity, verdict);
    if (traced)
        trace_verdict(node->trace, node, verdict);
}

/* Takes the first packet of an input and handles it. Inline in each loop: that and the port's way
 * inline (forward.h) save 5 % of all instructions. */
static inline __attribute__((always_inline)) void node_take(struct worker *worker,
                                                            struct node *node, uint32_t port)
{
    struct pipe *pipe = &node->pipes[port];
    sim_time now = pipe->head_time;
    struct sim_packet *packet = sim_packet_at(worker->pool, pipe->head);
    if (pipe->head == pipe->tail) {
        *pipe = (struct pipe){.head_time = SIM_NEVER};
        node->busy[port / 64] &= ~(UINT64_C(1) << (port % 64));
    } else {
        pipe->head = packet->next;
        pipe->head_time = packet->next_arrival;
        packet_prefetch(worker, node, pipe->head);
    }
    worker->events++;
    if (SIM_UNLIKELY(node->watched)) {
        node_watch(worker, node, port, packet, now);
        return;
    }
    uint64_t identity = digest_identity(packet);
    uint32_t verdict = node_handle(worker, node, packet, now);
    node->digest = digest_add(node->digest, now, port, identity, verdict);
}

static inline sim_time node_local_next(const struct node *node)
{
    sim_time timer = sim_timers_next(&node->timers);
    return timer < node->pull_at ? timer : node->pull_at;
}

/* The node's first timer is due; false: the worker stops instead. */
static bool node_timer_step(struct worker *worker, struct node *node, sim_time now)
{
    if (SIM_UNLIKELY(worker->events >= worker->ask_at) && worker_stops(worker))
        return false;
    worker->events++;
    sim_timers_step(&node->timers, now);
    if (node->host)
        host_pull(worker, node, now);
    return true;
}

/* A packet a pull: it does not ask, so that nothing a packet-hop does. */
static void node_pull_step(struct worker *worker, struct node *node, sim_time now)
{
    worker->events++;
    host_pull(worker, node, now);
}

/* The local event that is due first, timers before the NIC; false: the worker stops instead. */
static inline bool node_local_step(struct worker *worker, struct node *node)
{
    sim_time timer = sim_timers_next(&node->timers);
    sim_time now = timer < node->pull_at ? timer : node->pull_at;
    SIM_CHECK(now >= node->local_now, "node %u: a local event at %lld ps, after one at %lld ps",
              node->index, (long long)now, (long long)node->local_now);
    node->local_now = now;
    if (timer <= now)
        return node_timer_step(worker, node, timer);
    node_pull_step(worker, node, now);
    return true;
}

/* Local events up to `until`, that included: at one time they go before packets. False: the worker
 * stops before the last of them. */
static inline bool node_local_upto(struct worker *worker, struct node *node, sim_time until)
{
    while (SIM_UNLIKELY(node_local_next(node) <= until))
        if (!node_local_step(worker, node))
            return false;
    return true;
}

static inline sim_time earlier(sim_time a, sim_time b)
{
    return a < b ? a : b;
}

/* Inputs with a packet due before the window's end, in the order of ports; gives how many. *later
 * becomes the first arrival at the others. Without branches on what is due, which nothing predicts:
 * on a fat-tree with links of 10 ns most inputs hold packets for later windows. */
static uint32_t node_collect(struct worker *worker, const struct node *node, sim_time base,
                             sim_time *later)
{
    uint32_t count = 0;
    *later = SIM_NEVER;
    for (uint32_t word = 0; word * 64 < node->port_count; word++)
        for (uint64_t bits = node->busy[word]; bits; bits &= bits - 1) {
            uint32_t port = word * 64 + (uint32_t)__builtin_ctzll(bits);
            sim_time head = node->pipes[port].head_time;
            bool due = head < worker->window_end;
            worker->keys[count] = (uint64_t)(head - base) << PLACE_BITS | count;
            worker->key_ports[count] = (uint16_t)port;
            count += due;
            *later = earlier(*later, due ? SIM_NEVER : head);
        }
    return count;
}

static sim_time node_next_packet(const struct node *node)
{
    sim_time next = SIM_NEVER;
    for (uint32_t word = 0; word * 64 < node->port_count; word++)
        for (uint64_t bits = node->busy[word]; bits; bits &= bits - 1) {
            uint32_t port = word * 64 + (uint32_t)__builtin_ctzll(bits);
            if (node->pipes[port].head_time < next)
                next = node->pipes[port].head_time;
        }
    return next;
}

/* These two give when the next packet arrives at the inputs that they ran. */
static sim_time node_run_one_input(struct worker *worker, struct node *node, uint32_t port)
{
    struct pipe *pipe = &node->pipes[port];
    while (pipe->head_time < worker->window_end && node_local_upto(worker, node, pipe->head_time))
        node_take(worker, node, port);
    return pipe->head_time;
}

/* Makes keys[0, leaves) the inner nodes of a loser tree over its `leaves` keys, which it copies
 * aside; gives the winner. */
static uint64_t tree_build(uint64_t *keys, uint32_t leaves)
{
    uint64_t *winner = keys + leaves; /* winner[1, 2 x leaves): a scratch tree of winners */
    for (uint32_t i = 0; i < leaves; i++)
        winner[leaves + i] = keys[i];
    for (uint32_t i = leaves - 1; i > 0; i--) {
        uint64_t left = winner[2 * i], right = winner[2 * i + 1];
        winner[i] = left < right ? left : right;
        keys[i] = left < right ? right : left;
    }
    return winner[1];
}

static inline uint64_t tree_replay(uint64_t *losers, uint32_t leaves, uint32_t leaf, uint64_t key)
{
    for (uint32_t i = (leaf + leaves) / 2; i > 0; i /= 2) {
        uint64_t other = losers[i];
        losers[i] = other < key ? key : other;
        key = other < key ? other : key;
    }
    return key;
}

static sim_time node_run_inputs(struct worker *worker, struct node *node, sim_time base,
                                uint32_t count)
{
    uint64_t *keys = worker->keys;
    sim_time later = SIM_NEVER;
    uint32_t leaves = 2;
    while (leaves < count)
        leaves *= 2;
    for (uint32_t i = count; i < leaves; i++)
        keys[i] = UINT64_MAX;
    uint64_t key = tree_build(keys, leaves);
    while (key != UINT64_MAX) {
        uint32_t leaf = (uint32_t)(key & ((1u << PLACE_BITS) - 1));
        uint32_t port = worker->key_ports[leaf];
        struct pipe *pipe = &node->pipes[port];
        if (!node_local_upto(worker, node, pipe->head_time))
            return node_next_packet(node);
        node_take(worker, node, port);
        key = UINT64_MAX;
        if (pipe->head_time < worker->window_end)
            key = (uint64_t)(pipe->head_time - base) << PLACE_BITS | leaf;
        else
            later = earlier(later, pipe->head_time);
        key = tree_replay(keys, leaves, leaf, key);
    }
    return later;
}

sim_time node_next(const struct node *node)
{
    sim_time packet = node_next_packet(node), local = node_local_next(node);
    return packet < local ? packet : local;
}

static void node_run(struct worker *worker, struct node *node, sim_time base)
{
    sim_time later;
    uint32_t count = node_collect(worker, node, base, &later);
    if (count == 1)
        later = earlier(later, node_run_one_input(worker, node, worker->key_ports[0]));
    else if (count > 1)
        later = earlier(later, node_run_inputs(worker, node, base, count));
    node_local_upto(worker, node, worker->window_end - 1);
    worker_wake(worker, node, earlier(later, node_local_next(node)));
}

/* One event of one node: the inner step of a merged process. */
static void node_step(struct worker *worker, struct node *node, sim_time now)
{
    if (node_local_next(node) <= now) {
        node_local_step(worker, node);
        return;
    }
    for (uint32_t word = 0; word * 64 < node->port_count; word++)
        for (uint64_t bits = node->busy[word]; bits; bits &= bits - 1) {
            uint32_t port = word * 64 + (uint32_t)__builtin_ctzll(bits);
            if (node->pipes[port].head_time == now) {
                node_take(worker, node, port);
                return;
            }
        }
    SIM_CHECK(false, "node %u has no event at %lld ps", node->index, (long long)now);
}

static void process_run_merged(struct worker *worker, struct process *process)
{
    struct winners *winners = &process->winners;
    for (uint32_t i = 0; i < process->node_count; i++)
        winners_set(winners, i, node_next(process->nodes[i]));
    worker->merged = winners;
    worker->merged_process = process->nodes[0]->process;
    for (;;) {
        uint32_t place = winners->winner[1];
        sim_time now = winners->times[place];
        if (now >= worker->window_end)
            break;
        node_step(worker, process->nodes[place], now);
        winners_set(winners, place, node_next(process->nodes[place]));
    }
    worker->merged = NULL;
    worker_wake(worker, process->nodes[0], winners->times[winners->winner[1]]);
}

void process_run(struct worker *worker, struct process *process, sim_time window_start)
{
    if (SIM_LIKELY(process->node_count == 1))
        node_run(worker, process->nodes[0], window_start);
    else
        process_run_merged(worker, process);
}
