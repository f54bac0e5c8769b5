/* Encrypted messages and devices: without the key a device leaves no trace on them, with it the
 * device does what it does to others. Each case is called by its device. */
#include "support/mtp_case.h"
#include "support/run.h"
#include "support/suite.h"

static const struct encrypted_case {
    const char *name, *offload, *workload;
    bool only_serves; /* what it does to packets changes nothing: it serves all of them */
} cases[] = {
#define READS "requests: {from: [c1, c2], servers: [s1, s2], keys: 50, zipf: 0.9, count: 100, "
    {"compress", "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 0.3, ratio_back: 0.5",
     READS "outstanding: 8, request: 9KB, response: 5KB", false},
    {"expand", "mutate: {at: mid, servers: [s1, s2], rate: 10Gbps, ratio: 2.5, ratio_back: 1.5",
     READS "outstanding: 8, request: 9KB, response: 5KB", false},
    {"cache", "cache: {at: mid, servers: [s1, s2], rate: 10Gbps, entries: 20",
     READS "outstanding: 8, writes: 0.1", false},
    {"balance", "l7_balancer: {at: mid, servers: [s1, s2], rate: 10Gbps",
     READS "to: s1, outstanding: 8, request: 5KB", false},
    {"aggregate", "aggregate: {at: mid, servers: s1, rate: 10Gbps, workers: 2, slots: 16",
     "gradients: {from: [c1, c2], servers: s1, chunks: 100, window: 12", false},
    {"middlebox", "nf_chain: {at: mid, servers: [s1, s2], rate: 10Gbps, back: true",
     READS "outstanding: 8, request: 5KB", true},
};

/* What a run shows of the device, and of its messages. */
struct trace {
    struct device_record device;
    struct simulation_faults faults;
    uint32_t messages, unanswered, elsewhere;
    sim_time last;
};

static void trace_messages(const struct simulation *simulation, struct trace *trace)
{
    g_autoptr(GArray) messages = simulation_messages(simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        trace->messages++;
        if (!message->asks)
            continue;
        trace->unanswered += message->answered == SIM_NEVER;
        trace->elsewhere += message->answered_by != message->dst;
        trace->last = MAX(trace->last, message->answered);
    }
}

static void trace_of(const struct encrypted_case *c, bool encrypted, bool key, struct trace *trace)
{
    g_autofree char *text = g_strdup_printf(
        "name: encrypted\nduration: 100ms\n"
        "topology:\n  hosts: [c1, c2, s1, s2]\n  switches: [mid]\n  links:\n"
        "    - {name: c1, ends: [c1, mid], rate: 10Gbps, delay: 1us}\n"
        "    - {name: c2, ends: [c2, mid], rate: 10Gbps, delay: 1us}\n"
        "    - {name: s1, ends: [mid, s1], rate: 10Gbps, delay: 1us}\n"
        "    - {name: s2, ends: [mid, s2], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 256p, mark_at: 20p}}\n"
        "transport: {mtp: {}}\n"
        "offloads:\n  - %s, key: %s}\n"
        "workload:\n  - %s, encrypted: %s}\n",
        c->offload, key ? "true" : "false", c->workload, encrypted ? "true" : "false");
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    *trace = (struct trace){0};
    simulation_device(run.simulation, 0, &trace->device);
    simulation_faults(run.simulation, &trace->faults);
    trace_messages(run.simulation, trace);
    run_clear(&run);
}

static void check_clean(const struct encrypted_case *c, const struct trace *trace)
{
    ck_assert_msg(trace->messages > 0 && !trace->unanswered, "%s: %u of %u unanswered", c->name,
                  trace->unanswered, trace->messages);
    ck_assert_msg(!trace->faults.corrupt && !trace->faults.wrong, "%s: %llu corrupt, %llu wrong",
                  c->name, (unsigned long long)trace->faults.corrupt,
                  (unsigned long long)trace->faults.wrong);
}

START_TEST(mtp_encrypted__without_the_key_untouched)
{
    const struct encrypted_case *c = &cases[_i];
    struct trace trace;
    trace_of(c, true, false, &trace);
    const struct device_record *device = &trace.device;
    check_clean(c, &trace);
    ck_assert_msg(!trace.elsewhere, "%s: %u answered elsewhere", c->name, trace.elsewhere);
    ck_assert_msg(c->only_serves == (device->served_packets > 0), "%s: served %llu", c->name,
                  (unsigned long long)device->served_packets);
    ck_assert_msg(!device->created && !device->absorbed && !device->answered && !device->consumed &&
                      !device->peak_bytes,
                  "%s: a trace", c->name);
    for (uint32_t i = 0; i < device->counter_count; i++)
        ck_assert_msg(device->counters[i].value == 0, "%s: %s", c->name, device->counters[i].name);
}
END_TEST

static bool same_use(const struct device_record *a, const struct device_record *b)
{
    for (uint32_t i = 0; i < a->counter_count; i++)
        if (a->counters[i].value != b->counters[i].value)
            return false;
    return a->served_bytes == b->served_bytes && a->forwarded == b->forwarded &&
           a->created == b->created && a->absorbed == b->absorbed && a->answered == b->answered &&
           a->consumed == b->consumed && a->peak_bytes == b->peak_bytes;
}

/* To the packet and the picosecond: the flag takes no bytes. */
START_TEST(mtp_encrypted__with_the_key_as_others)
{
    const struct encrypted_case *c = &cases[_i];
    struct trace plain, encrypted;
    trace_of(c, false, false, &plain);
    trace_of(c, true, true, &encrypted);
    check_clean(c, &plain);
    check_clean(c, &encrypted);
    ck_assert_msg(plain.device.served_packets > 0, "%s: the device did nothing", c->name);
    ck_assert_msg(plain.last == encrypted.last, "%s: another course", c->name);
    ck_assert_msg(same_use(&plain.device, &encrypted.device), "%s: another use of the device",
                  c->name);
}
END_TEST

/* Of the messages that are sent below, those with odd counters are encrypted. */
static void check_entries(struct wire *wire, struct sim_packet *packet, void *context)
{
    const union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    bool encrypted = packet->mtp.flags & SIM_MTP_ENCRYPTED;
    uint32_t *entries = context;
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++)
        ck_assert_int_eq(lists->mtp.sack[i].message & 1, encrypted);
    *entries += lists->mtp.sack_count;
}

START_TEST(mtp_encrypted__acknowledgements_do_not_mix)
{
    uint32_t entries = 0;
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                            .from = 1,
                                            .count = WIRE_ALL,
                                            .action = WIRE_TRANSFORM,
                                            .transform = check_entries,
                                            .context = &entries});
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 10; i++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 3000, .encrypted = i & 1},
                    i * SIM_US * 2);
    wire_run(test.wire, SIM_S);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    ck_assert_uint_gt(entries, 40);
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, mtp_encrypted__acknowledgements_do_not_mix);
    tcase_add_loop_test(tcase, mtp_encrypted__without_the_key_untouched, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, mtp_encrypted__with_the_key_as_others, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("mtp_encrypted", add);
}
