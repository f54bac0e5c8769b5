/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/workload.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_workload_ops *)mtpsim_models[0])

/* outside the tree: what the model calls of the simulator */
void sim_timer_raise(struct sim_timers *timers, struct sim_timer *timer, sim_time deadline)
{
    (void)timers;
    timer->deadline = deadline;
}

void sim_timers_clear(struct sim_timers *timers)
{
    (void)timers;
}
/* until here */

/* The parameters, in the order of the model's struct. */
struct params {
    struct sim_list from;
    uint32_t to;
    uint64_t bytes;
    sim_time every;
};

struct submitted {
    struct sim_message message;
    sim_time at;
    uint32_t count;
};

static uint32_t submit(void *host, uint32_t workload, struct sim_message *message, sim_time now)
{
    struct submitted *submitted = host;
    (void)workload;
    submitted->message = *message;
    submitted->at = now;
    return submitted->count++;
}

static void modelname__submits_at_its_times(void)
{
    const struct params params = {.to = 3, .bytes = 5000, .every = 2 * SIM_US};
    struct submitted submitted = {.count = 0};
    struct sim_timers timers = {0};
    const struct sim_workload_env env = {
        .port = 1024, .ports = 10, .timers = &timers, .submit = submit, .host_state = &submitted};
    _Alignas(16) char state[256] = {0};
    struct sim_timer *timer = (struct sim_timer *)state;
    MODEL->init(state, &params, &env);
    assert(submitted.count == 0);
    for (uint32_t i = 1; i <= 3; i++) {
        assert(timer->deadline == i * 2 * SIM_US);
        timer->fire(timer, timer->deadline);
        assert(submitted.count == i && submitted.at == i * 2 * SIM_US);
    }
    assert(submitted.message.dst == 3 && submitted.message.bytes == 5000);
    assert(submitted.message.src_port == 1024);
    sim_timers_clear(&timers);
}

int main(void)
{
    modelname__submits_at_its_times();
    puts("modelname: all tests passed");
    return 0;
}
