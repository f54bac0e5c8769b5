/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/offload.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_offload_ops *)mtpsim_models[0])

/* The parameters, in the order of the model's struct. */
struct params {
    struct sim_device_params device;
    uint64_t longest;
    uint32_t to;
};

static const struct params params = {.longest = 5000, .to = 7};

static void forward(void *forwarded, struct sim_packet *packet, sim_time now)
{
    (void)packet;
    (void)now;
    ++*(uint32_t *)forwarded;
}

static struct sim_packet packet_of(uint32_t message_bytes, uint32_t number)
{
    return (struct sim_packet){
        .protocol = SIM_PROTOCOL_MTP,
        .dst = 3,
        .mtp = {.flags = SIM_MTP_DATA, .message_bytes = message_bytes, .packet = number}};
}

static void modelname__redirects_every_packet_of_a_long_message(void)
{
    static const struct {
        uint32_t message_bytes, packet, dst;
        uint64_t messages, redirected;
    } cases[] = {{5000, 0, 3, 1, 0}, {5001, 1, 7, 1, 0}, {5001, 0, 7, 2, 1}, {5000, 3, 3, 2, 1}};
    uint32_t forwarded = 0;
    const struct sim_device_env env = {.forward = forward, .device = &forwarded};
    struct sim_device_counter seen, redirected;
    _Alignas(16) char state[256] = {0};
    MODEL->device->init(state, &params, &env);
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_packet packet = packet_of(cases[i].message_bytes, cases[i].packet);
        MODEL->device->take(state, &packet, SIM_DEVICE_TOWARDS, 0);
        assert(packet.dst == cases[i].dst && forwarded == i + 1);
        assert(MODEL->device->counter(state, 0, &seen) && seen.value == cases[i].messages);
        assert(MODEL->device->counter(state, 1, &redirected));
        assert(redirected.value == cases[i].redirected);
    }
    assert(!MODEL->device->counter(state, 2, &seen));
}

static void modelname__serves_data_that_it_can_read(void)
{
    static const struct {
        uint8_t protocol, flags;
        enum sim_device_way way;
        enum sim_device_use use;
    } cases[] = {
        {SIM_PROTOCOL_MTP, SIM_MTP_DATA, SIM_DEVICE_TOWARDS, SIM_DEVICE_SERVE},
        {SIM_PROTOCOL_MTP, SIM_MTP_DATA, SIM_DEVICE_BACK, SIM_DEVICE_PASS},
        {SIM_PROTOCOL_MTP, SIM_MTP_ACK, SIM_DEVICE_TOWARDS, SIM_DEVICE_PASS},
        {SIM_PROTOCOL_MTP, SIM_MTP_DATA | SIM_MTP_ENCRYPTED, SIM_DEVICE_TOWARDS, SIM_DEVICE_PASS},
        {SIM_PROTOCOL_TCP, SIM_TCP_ACK, SIM_DEVICE_TOWARDS, SIM_DEVICE_PASS},
    };
    const struct sim_device_env env = {.forward = forward};
    _Alignas(16) char state[256] = {0};
    MODEL->device->init(state, &params, &env);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_packet packet = {.protocol = cases[i].protocol,
                                    .common = {.flags = cases[i].flags}};
        assert(MODEL->device->look(state, &packet, cases[i].way) == cases[i].use);
    }
}

int main(void)
{
    modelname__redirects_every_packet_of_a_long_message();
    modelname__serves_data_that_it_can_read();
    puts("modelname: all tests passed");
    return 0;
}
