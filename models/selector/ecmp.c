/* ecmp: equal-cost multipath by a hash of the flow (RFC 2992); paper, 5.2 (the first baseline of
 * Figure 6).
 *
 * All packets with the same hash, that is, of one TCP connection or one MTP message, take the same
 * path. The hash is salted by switch, or the switches of a second stage would repeat the choice of
 * the first and leave links unused.
 */
#include <mtpsim/selector.h>

struct ecmp {
    uint64_t salt;
};

static void ecmp_init(void *self, const void *params, const struct sim_selector_env *env, bool far)
{
    struct ecmp *ecmp = self;
    (void)params;
    (void)far;
    ecmp->salt = env->salt;
}

static uint32_t ecmp_choose(void *self, const uint16_t *ports, uint32_t count,
                            const struct sim_packet *packet, sim_time now)
{
    const struct ecmp *ecmp = self;
    (void)now;
    uint64_t hash = sim_mix64(packet->hash ^ ecmp->salt) >> 32;
    return ports[hash * count >> 32];
}

const struct sim_selector_ops ecmp_selector = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_SELECTOR,
               .name = "ecmp",
               .summary = "one path a flow, by a hash",
               .source = "RFC 2992; paper, 5.2",
               .state_size = sizeof(struct ecmp)},
    .init = ecmp_init,
    .choose = ecmp_choose,
};
