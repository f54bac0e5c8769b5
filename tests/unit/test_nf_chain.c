/* nf_chain: data is served, and acknowledgements, which cost no service elsewhere, pass by. */
#include "support/bench.h"
#include "support/suite.h"

extern const struct sim_offload_ops nf_chain_offload;

static const struct packet_case {
    const char *name;
    uint8_t protocol, flags;
    uint16_t payload_bytes;
    enum sim_device_use use;
} packets[] = {
    {"MTP data", SIM_PROTOCOL_MTP, SIM_MTP_DATA, 1000, SIM_DEVICE_SERVE},
    {"MTP data, empty", SIM_PROTOCOL_MTP, SIM_MTP_DATA, 0, SIM_DEVICE_SERVE},
    {"MTP acknowledgement", SIM_PROTOCOL_MTP, SIM_MTP_ACK, 0, SIM_DEVICE_PASS},
    {"TCP data", SIM_PROTOCOL_TCP, SIM_TCP_ACK, 1460, SIM_DEVICE_SERVE},
    {"TCP acknowledgement", SIM_PROTOCOL_TCP, SIM_TCP_ACK, 0, SIM_DEVICE_PASS},
    {"UDP", SIM_PROTOCOL_UDP, 0, 1000, SIM_DEVICE_SERVE},
    {"QUIC stream", SIM_PROTOCOL_QUIC, 0, 1000, SIM_DEVICE_SERVE},
    {"QUIC acknowledgement", SIM_PROTOCOL_QUIC, 0, 0, SIM_DEVICE_PASS},
    {"RDMA data", SIM_PROTOCOL_RDMA, SIM_RDMA_FIRST, 1000, SIM_DEVICE_SERVE},
    {"RDMA acknowledgement", SIM_PROTOCOL_RDMA, SIM_RDMA_ACK, 0, SIM_DEVICE_PASS},
};

START_TEST(nf_chain__serves_data)
{
    const struct packet_case *row = &packets[_i];
    const struct bench_packet packet = {
        .line = {.protocol = row->protocol,
                 .dst = BENCH_SERVER,
                 .common = {.flags = row->flags, .payload_bytes = row->payload_bytes}},
    };
    struct bench bench;
    bench_init(&bench, &nf_chain_offload);
    bench_start(&bench);
    ck_assert_msg(bench_pass(&bench, &packet, 0) == row->use, "%s", row->name);
    if (row->use == SIM_DEVICE_SERVE)
        bench_next(&bench, BENCH_FORWARDED);
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, nf_chain__serves_data, 0, G_N_ELEMENTS(packets));
}

int main(void)
{
    return suite_run("nf_chain", add);
}
