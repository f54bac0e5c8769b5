/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/selector.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_selector_ops *)mtpsim_models[0])

/* The parameters, in the order of the model's struct. */
struct params {
    uint64_t choices;
};

/* A switch whose port 7 has nothing to send. */
static sim_time backlog(const struct fabric_switch *self, uint32_t port, sim_time now)
{
    (void)self;
    (void)now;
    return port == 7 ? 0 : SIM_US;
}

static const uint16_t ports[] = {3, 5, 7};
static const struct sim_selector_env env = {.port_count = 8, .backlog = backlog};

/* Packets of how many of 300 flows take the port. */
static int flows_over(uint32_t port, uint64_t choices)
{
    const struct params params = {choices};
    _Alignas(16) char state[256] = {0};
    int flows = 0;
    MODEL->init(state, &params, &env, false);
    for (uint32_t hash = 0; hash < 300; hash++) {
        const struct sim_packet packet = {.hash = hash};
        flows += MODEL->choose(state, ports, 3, &packet, 0) == port;
    }
    return flows;
}

static void modelname__spreads_flows_over_all_ports(void)
{
    for (int i = 0; i < 3; i++)
        assert(flows_over(ports[i], 1) > 60);
}

static void modelname__takes_the_free_port_where_it_is_a_choice(void)
{
    assert(flows_over(7, 3) == 300);
    assert(flows_over(7, 2) > 150);
}

int main(void)
{
    modelname__spreads_flows_over_all_ports();
    modelname__takes_the_free_port_where_it_is_a_choice();
    puts("modelname: all tests passed");
    return 0;
}
