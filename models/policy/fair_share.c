/* fair_share: tenants share a port by weights, over one queue, by what each is told.
 *
 * Paper: 3.2 "multi-entity isolation" and 5.3 (the third system of Figure 7: "enforces a fair-share
 * policy between tenants at the switch ingress without requiring separate queues"). The paper does
 * not say how; all below is ours.
 *
 * Every tenant is a traffic class of its own. End-hosts keep a window for each (pathlet, TC) and
 * the class's feedback moves it, so telling each class about *its* share divides the port, whoever
 * has how many messages, flows or hosts.
 *
 * Shares. In each interval, which must last a round trip at least, the bytes that arrive of a
 * class are counted. Its demand is that rate, or what is left of an earlier, higher one, which
 * fades in about `release`: a sender whose rate swings (every window scheme's does) keeps its share
 * while it is in a trough. The share of a class is what it would get if it wanted everything and
 * the others what they demand: the weighted max-min fair division of `utilisation` times the port's
 * rate. A class that demands less than its part leaves the rest to the others (work conservation).
 * One that wakes has its part at once, and is taken to want it until two whole intervals have shown
 * what it does: its first window says little, and others that were told of the rest would have to
 * be told again.
 *
 * virtual_queue: each class has a counter that its packets fill and its share drains: the queue
 * that it would have on a link of its own. A packet that finds more than `burst` x share x interval
 * in it is marked. The counter must hold the burst of a window, or senders that do not pace are
 * marked far below their share: with one flow against eight, a round trip of 26 us and an interval
 * of 50 us the single flow is held at 5, 20 and 30 Gbps of 49 by a burst of 0.02, 0.10 and 0.15,
 * and has its share from 0.25 to 0.8 (half a round trip of the share, and more). And it drains
 * below the port's rate (`utilisation`), or it would never tell before the real queue does. The
 * queue's own mark is overruled: it would tell everybody of what one class does.
 *
 * explicit_rate: each sender of a class is told a rate in bit/s (feedback type 3, the congestion
 * model `rcp`): share / senders x use. The number of senders is counted, not configured: source
 * addresses set bits of a map in each interval, and the share of bits that stay unset gives their
 * number (linear counting; Whang et al., ACM TODS 15(2), 1990). It is that of this interval so far
 * or of one of the last two, whichever is most, since a sender may be silent for part of one; a new
 * sender counts with its first packet. `use` corrects what counting cannot know: senders that want
 * less than their part, bytes that grow on the way. It follows (share - arrival) / share as RCP's
 * rate does, and lies between 1/2 and the number of senders.
 *
 * Packets that collect no path feedback (TCP) are marked (CE) by the virtual queue under either
 * mechanism: a TCP sender cannot be told a rate.
 *
 * Rejected: shares by what arrives now, without `release`. Each trough of one class is then handed
 * to the other, which has to be marked out of it again: DCTCP's single flow needs tens of round
 * trips to regain what eight flows regain in a few. Means stay within 2 % of equal, but in 4 of 10
 * seeds a class leaves its share by more than 20 % for 500 us late in the run; with 500 us in none.
 * Tokens per flow: a flow is what one should not count.
 *
 * Not modelled: a link whose rate changes during the run (shares stay those of the rate at its
 * start), hierarchies of tenants.
 */
#include <math.h>
#include <stdlib.h>

#include <mtpsim/rng.h>

#include "classes.h"

#define SENDER_BITS     1024u
#define TRIAL_INTERVALS 3u /* the one that has begun, and two whole ones */

struct fair_share_params {
    uint32_t at;
    struct sim_list links;
    uint32_t mechanism;
    sim_time interval, release;
    double utilisation, burst;
};

enum { VIRTUAL_QUEUE, EXPLICIT_RATE };

/* Rates are bytes a picosecond. */
struct fair_share_class {
    double weight;
    double arrived_bytes;       /* in this interval */
    double demand;              /* 0: asleep */
    double share, share_before; /* now, and an interval ago */
    uint32_t trial;             /* interval ends until the demand is what was measured */

    double mark_bytes; /* length of the virtual queue above which packets are marked */
    double virtual_bytes;
    sim_time drained_at;

    uint64_t seen[SENDER_BITS / 64]; /* hashes of sources in this interval */
    uint32_t seen_count;             /* bits set */
    double senders, senders_before;  /* now; as the interval before counted them */
    double use;                      /* 0.5 to senders */
    uint64_t rate_bps;               /* told to each sender */
};

struct fair_share {
    const struct fair_share_params *params;
    const struct sim_policy_env *env;
    double capacity; /* that is shared out */
    sim_time interval_end;
    uint32_t count;
    uint32_t *by_demand; /* classes by demand over weight, least first */
    struct fair_share_class *classes;
};

/* ---- shares ---- */

static bool hungrier(const struct fair_share *self, uint32_t a, uint32_t b)
{
    const struct fair_share_class *x = &self->classes[a], *y = &self->classes[b];
    return x->demand * y->weight > y->demand * x->weight;
}

/* Insertion: the order of the last interval is nearly right. */
static void sort_by_demand(struct fair_share *self)
{
    for (uint32_t i = 1; i < self->count; i++) {
        uint32_t class = self->by_demand[i], place = i;
        for (; place > 0 && hungrier(self, self->by_demand[place - 1], class); place--)
            self->by_demand[place] = self->by_demand[place - 1];
        self->by_demand[place] = class;
    }
}

/* What the class would get if it wanted everything: others that demand less than their part get
 * what they demand, the rest is divided by weight. */
static double share_of(const struct fair_share *self, uint32_t index)
{
    double left = self->capacity, weight = 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (i == index || self->classes[i].demand > 0)
            weight += self->classes[i].weight;
    for (uint32_t i = 0; i < self->count; i++) {
        const struct fair_share_class *other = &self->classes[self->by_demand[i]];
        if (self->by_demand[i] == index || other->demand == 0)
            continue;
        if (other->demand * weight >= left * other->weight)
            break;
        left -= other->demand;
        weight -= other->weight;
    }
    return left * self->classes[index].weight / weight;
}

/* ---- explicit rates ---- */

static double count_senders(const struct fair_share_class *class)
{
    uint32_t unset = SENDER_BITS - class->seen_count;
    return SENDER_BITS * log((double)SENDER_BITS / (unset ? unset : 1));
}

static void rate_update(struct fair_share_class *class)
{
    double bps = class->share * 8e12 / class->senders * class->use;
    class->rate_bps = bps < 1e6 ? 1000000 : (uint64_t)bps;
}

static void sender_seen(struct fair_share_class *class, uint32_t source)
{
    uint64_t hash = sim_mix64(source + UINT64_C(1)) % SENDER_BITS;
    uint64_t *word = &class->seen[hash / 64], bit = UINT64_C(1) << hash % 64;
    if (SIM_LIKELY(*word & bit))
        return;
    *word |= bit;
    class->seen_count++;
    double senders = count_senders(class);
    if (senders <= class->senders)
        return;
    class->senders = senders;
    rate_update(class);
}

static void senders_close(struct fair_share_class *class)
{
    double senders = count_senders(class), before = class->senders_before;
    class->senders_before = senders;
    class->senders = senders > before ? senders : before;
    if (class->senders < 1)
        class->senders = 1;
    for (uint32_t i = 0; i < SENDER_BITS / 64; i++)
        class->seen[i] = 0;
    class->seen_count = 0;
}

/* What arrived answers the rates of an interval before: senders hear of them a round trip later. */
static void use_update(struct fair_share_class *class, double arrival)
{
    double error = (class->share_before - arrival) / class->share_before;
    if (class->trial)
        return;
    class->use *= 1 + 0.5 * (error > -1 ? error : -1);
    if (class->use > class->senders)
        class->use = class->senders;
    if (class->use < 0.5)
        class->use = 0.5;
}

/* ---- intervals ---- */

static void shares_update(struct fair_share *self)
{
    sort_by_demand(self);
    for (uint32_t i = 0; i < self->count; i++) {
        struct fair_share_class *class = &self->classes[i];
        class->share = share_of(self, i);
        class->mark_bytes = self->params->burst * class->share * (double)self->params->interval;
        rate_update(class);
    }
}

static void demand_update(const struct fair_share *self, struct fair_share_class *class,
                          double arrival, sim_time elapsed)
{
    sim_time release = self->params->release;
    double fading = class->demand * (double)release / (double)(release + elapsed);
    if (class->trial && --class->trial)
        return;
    if (class->demand == self->capacity) /* its trial ended */
        fading = 0;
    class->demand = arrival > fading ? arrival : fading;
    /* Less than a packet in a release: asleep. */
    if (class->demand * (double)release < self->env->mtu_bytes)
        class->demand = 0;
}

static void interval_close(struct fair_share *self, sim_time now)
{
    sim_time interval = self->params->interval;
    sim_time elapsed = now - self->interval_end + interval;
    for (uint32_t i = 0; i < self->count; i++) {
        struct fair_share_class *class = &self->classes[i];
        double arrival = class->arrived_bytes / (double)elapsed;
        if (class->demand == 0)
            continue;
        senders_close(class);
        use_update(class, arrival);
        demand_update(self, class, arrival, elapsed);
        class->arrived_bytes = 0;
        class->share_before = class->share;
    }
    shares_update(self);
    self->interval_end = now + interval;
}

static void class_wake(struct fair_share *self, struct fair_share_class *class)
{
    class->demand = self->capacity;
    class->trial = TRIAL_INTERVALS;
    class->use = 1;
    shares_update(self);
    class->share_before = class->share;
}

/* ---- packets ---- */

/* Fills the class's virtual queue; whether it found too much there. */
static bool virtual_queue_enter(struct fair_share_class *class, uint32_t bytes, sim_time now)
{
    double drained = class->share * (double)(now - class->drained_at);
    class->virtual_bytes = class->virtual_bytes > drained ? class->virtual_bytes - drained : 0;
    class->drained_at = now;
    bool marked = class->virtual_bytes > class->mark_bytes;
    class->virtual_bytes += bytes;
    return marked;
}

/* What the packet has on the wire of this port: with the entry that it gets here. */
static uint32_t wire_bytes(const struct fair_share *self, const struct sim_packet *packet)
{
    if (!(packet->flags & SIM_PACKET_FEEDBACK))
        return packet->size_bytes;
    uint8_t value = self->params->mechanism == EXPLICIT_RATE ? 8 : 1;
    return packet->size_bytes + mtp_feedback_growth(packet->mtp.path_count == 0, value);
}

static void fair_share_classify(void *self, struct sim_packet *packet)
{
    struct fair_share *policy = self;
    packet->tc = policy_class_of(policy->env, packet);
}

static enum sim_verdict fair_share_judge(void *self, struct sim_packet *packet,
                                         const struct sim_queue_view *queue,
                                         enum sim_verdict by_queue, struct sim_feedback *entry)
{
    struct fair_share *policy = self;
    struct fair_share_class *class = &policy->classes[packet->tc];
    uint32_t bytes = wire_bytes(policy, packet);
    if (queue->now >= policy->interval_end)
        interval_close(policy, queue->now);
    if (SIM_UNLIKELY(class->demand == 0))
        class_wake(policy, class);
    class->arrived_bytes += bytes;
    sender_seen(class, packet->src);
    bool marked = virtual_queue_enter(class, bytes, queue->now);
    if (by_queue == SIM_DROP || by_queue == SIM_TRIM)
        return by_queue;
    if (policy->params->mechanism == EXPLICIT_RATE && (packet->flags & SIM_PACKET_FEEDBACK)) {
        entry->type = SIM_FEEDBACK_RATE;
        entry->length = 8;
        entry->value = class->rate_bps;
        return SIM_ACCEPT;
    }
    return marked ? SIM_MARK : SIM_ACCEPT;
}

/* ---- set-up ---- */

static void fair_share_init(void *self, const void *params, const struct sim_policy_env *env)
{
    struct fair_share *policy = self;
    const struct fair_share_params *p = params;
    *policy = (struct fair_share){.params = p, .env = env};
    policy->capacity = p->utilisation * (double)env->rate_bps / 8e12;
    policy->count = policy_class_count(env);
    policy->classes = calloc(policy->count, sizeof *policy->classes);
    policy->by_demand = calloc(policy->count, sizeof *policy->by_demand);
    SIM_CHECK(policy->classes && policy->by_demand, "out of memory for %u classes", policy->count);
    policy->interval_end = p->interval;
    for (uint32_t i = 0; i < policy->count; i++) {
        struct fair_share_class *class = &policy->classes[i];
        policy->by_demand[i] = i;
        class->weight = env->weight_of(env, i);
        class->senders = class->use = 1;
    }
}

static void fair_share_clear(void *self)
{
    struct fair_share *policy = self;
    free(policy->classes);
    free(policy->by_demand);
}

static const char *const fair_share_mechanisms[] = {"virtual_queue", "explicit_rate", NULL};

static const struct sim_param fair_share_table[] = {
    POLICY_PARAMS(struct fair_share_params),
    {.name = "mechanism",
     .help = "how a class is told: marks of a virtual queue, or rates (congestion model rcp)",
     .fallback = "virtual_queue",
     .offset = offsetof(struct fair_share_params, mechanism),
     .choices = fair_share_mechanisms,
     .type = SIM_PARAM_CHOICE},
    {.name = "interval",
     .help = "over which arrivals are measured; a round trip at least",
     .fallback = "50us",
     .offset = offsetof(struct fair_share_params, interval),
     .min = 1e6,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "release",
     .help = "in which half of an unused share goes to others",
     .fallback = "500us",
     .offset = offsetof(struct fair_share_params, release),
     .min = 1e6,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "utilisation",
     .help = "part of the port's rate that is shared out",
     .fallback = "98%",
     .offset = offsetof(struct fair_share_params, utilisation),
     .min = 0.1,
     .max = 1,
     .type = SIM_PARAM_FRACTION},
    {.name = "burst",
     .help = "the virtual queue marks above this much of share x interval",
     .fallback = "0.3",
     .offset = offsetof(struct fair_share_params, burst),
     .min = 0.001,
     .max = 100,
     .type = SIM_PARAM_REAL},
    {.name = NULL},
};

const struct sim_policy_ops fair_share_policy = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_POLICY,
               .name = "fair_share",
               .summary = "tenants share a port by weights, over one queue, by feedback alone",
               .source = "paper, 5.3",
               .state_size = sizeof(struct fair_share),
               .params_size = sizeof(struct fair_share_params),
               .params = fair_share_table},
    .init = fair_share_init,
    .clear = fair_share_clear,
    .classify = fair_share_classify,
    .judge = fair_share_judge,
};
