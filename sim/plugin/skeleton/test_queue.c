/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/queue.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_queue_ops *)mtpsim_models[0])

/* The parameters, in the order of the model's struct. */
struct params {
    uint64_t capacity, mark_at;
};

static void modelname__accepts_then_marks_then_drops(void)
{
    static const struct {
        uint64_t packets;
        enum sim_verdict verdict;
    } cases[] = {{0, SIM_ACCEPT}, {2, SIM_ACCEPT}, {3, SIM_MARK}, {4, SIM_MARK}, {5, SIM_DROP}};
    const struct params params = {5, 2};
    const struct sim_packet packet = {.size_bytes = 1500};
    _Alignas(16) char state[256] = {0};
    MODEL->init(state, &params);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_queue_view view = {.packets = cases[i].packets};
        assert(MODEL->admit(state, &view, &packet) == cases[i].verdict);
    }
}

static void modelname__is_quiet_where_it_accepts(void)
{
    const struct params params = {5, 2};
    uint64_t packets, bytes;
    _Alignas(16) char state[256] = {0};
    MODEL->init(state, &params);
    MODEL->quiet(state, &packets, &bytes);
    assert(packets == 2 && bytes == UINT64_MAX);
}

static void modelname__checks_its_parameters(void)
{
    assert(!MODEL->plugin.check(&(struct params){5, 2}));
    assert(MODEL->plugin.check(&(struct params){5, 5}));
}

int main(void)
{
    modelname__accepts_then_marks_then_drops();
    modelname__is_quiet_where_it_accepts();
    modelname__checks_its_parameters();
    puts("modelname: all tests passed");
    return 0;
}
