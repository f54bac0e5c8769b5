/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/policy.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_policy_ops *)mtpsim_models[0])

/* The parameters, in the order of the model's struct. */
struct params {
    uint32_t at;
    struct sim_list links;
    uint64_t favourite;
};

/* Host i's packets are tenant i's. */
static uint32_t tenant_of(const struct sim_policy_env *env, const struct sim_packet *packet)
{
    return packet->src < env->tenant_count ? packet->src : env->tenant_count;
}

static enum sim_verdict verdict_of(uint32_t host, enum sim_verdict by_queue)
{
    const struct params params = {.favourite = 1};
    const struct sim_policy_env env = {.tenant_count = 2, .tenant_of = tenant_of};
    const struct sim_queue_view view = {0};
    struct sim_packet packet = {.src = host};
    struct sim_feedback entry = {0};
    _Alignas(16) char state[256] = {0};
    MODEL->init(state, &params, &env);
    MODEL->classify(state, &packet);
    assert(packet.tc == (host < 2 ? host : 2));
    return MODEL->judge(state, &packet, &view, by_queue, &entry);
}

static void modelname__spares_its_favourite_a_mark(void)
{
    assert(verdict_of(0, SIM_MARK) == SIM_MARK);
    assert(verdict_of(1, SIM_MARK) == SIM_ACCEPT);
    assert(verdict_of(5, SIM_MARK) == SIM_MARK);
}

static void modelname__leaves_other_verdicts(void)
{
    assert(verdict_of(1, SIM_DROP) == SIM_DROP);
    assert(verdict_of(1, SIM_ACCEPT) == SIM_ACCEPT);
}

int main(void)
{
    modelname__spares_its_favourite_a_mark();
    modelname__leaves_other_verdicts();
    puts("modelname: all tests passed");
    return 0;
}
