/* CUBIC's window between losses against RFC 9438's curve, in the whole simulator: a flow alone on a
 * wide-area path with a short tail-drop queue. From each loss to the next the sampled window is
 * compared with C (t - K)^3 + Wmax, Wmax and the curve's start read from the samples beside the
 * loss. The Reno-friendly region is off: on this path it would overtake the curve half way.
 */
#include <math.h>

#include "support/run.h"
#include "support/suite.h"

#define C    0.4
#define BETA 0.7

static const char wide_area[] =
    "name: curve\n"
    "duration: 40s\n"
    "topology:\n"
    "  hosts: [a, b]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {name: in, ends: [a, s], rate: 1Gbps, delay: 1ms}\n"
    "    - {name: out, ends: [s, b], rate: 50Mbps, delay: 24ms, pathlet: 1}\n"
    "queue: {droptail: {capacity: 60p}}\n"
    "workload: [{long_flow: {from: a, to: b}}]\n"
    "transport: {%s: {congestion: {cubic: {friendly: false}}, min_rto: 1s, initial_rto: 1s%s}}\n"
    "measure: {after: 10s, windows: {every: 5ms}}\n";

static const struct {
    const char *transport, *more;
    double packet_bytes;
} curve_cases[] = {{"tcp", ", receive_window: 16MB", 1460}, {"mtp", "", 1500}};

struct sample {
    double time, window; /* s, packets */
};

/* The flow's window, which is the one with the most in flight. */
static GArray *window_samples(const struct run *run, double packet_bytes)
{
    GArray *records = simulation_windows(run->simulation);
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(struct sample));
    for (guint i = 0; i < records->len; i++) {
        const struct window_record *record = &g_array_index(records, struct window_record, i);
        struct sample sample = {(double)record->time / (double)SIM_S,
                                (double)record->window.window_bytes / packet_bytes};
        if (record->window.in_flight_bytes > 20 * packet_bytes)
            g_array_append_val(samples, sample);
    }
    g_array_unref(records);
    return samples;
}

/* The largest distance between samples first .. last, which begin with a reduction from `max`, and
 * the curve. Avoidance begins a round trip after the reduction, in which the window stands still.
 */
static double off_the_curve(const GArray *samples, guint first, guint last, double max)
{
    const struct sample *start = &g_array_index(samples, struct sample, first);
    double k = cbrt((max - start->window) / C), worst = 0;
    guint moves = first;
    while (moves < last && g_array_index(samples, struct sample, moves).window == start->window)
        moves++;
    double epoch = g_array_index(samples, struct sample, moves).time - 0.0025; /* half a sample */
    for (guint i = moves; i < last; i++) {
        const struct sample *sample = &g_array_index(samples, struct sample, i);
        double curve = C * pow(sample->time - epoch - k, 3) + max;
        worst = fmax(worst, fabs(sample->window - curve));
    }
    return worst;
}

/* From one reduction to the next. */
struct cycles {
    const char *transport;
    double max, last_max; /* Wmax, and that of the cycle before */
    guint begin;          /* sample of the reduction; 0: none yet */
    double begin_time;
    guint judged;
    double worst;
};

static void cycle_ends(struct cycles *cycles, const GArray *samples, guint end)
{
    double reduced = g_array_index(samples, struct sample, end).window;
    double before = g_array_index(samples, struct sample, end - 1).window;
    double time = g_array_index(samples, struct sample, end).time;
    if (cycles->begin_time > 10) {
        ck_assert_double_eq_tol(reduced / before, BETA, 0.01);
        double off = off_the_curve(samples, cycles->begin, end, cycles->max);
        g_print("%s: from %.2f s to %.2f s, Wmax %.1f: %.2f packets off the curve\n",
                cycles->transport, cycles->begin_time, time, cycles->max, off);
        cycles->worst = fmax(cycles->worst, off);
        cycles->judged++;
    }
    /* 4.7: fast convergence */
    cycles->max = before < cycles->last_max ? before * (1 + BETA) / 2 : before;
    cycles->last_max = cycles->max;
    cycles->begin = end;
    cycles->begin_time = time;
}

START_TEST(cubic_curve__between_losses)
{
    struct run run;
    g_autofree char *text =
        g_strdup_printf(wide_area, curve_cases[_i].transport, curve_cases[_i].more);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 40 * SIM_S, NULL);
    GArray *samples = window_samples(&run, curve_cases[_i].packet_bytes);
    struct cycles cycles = {.transport = curve_cases[_i].transport};
    for (guint i = 1; i < samples->len; i++)
        if (g_array_index(samples, struct sample, i).window <=
            0.9 * g_array_index(samples, struct sample, i - 1).window)
            cycle_ends(&cycles, samples, i);
    ck_assert_uint_ge(cycles.judged, 2);
    ck_assert_msg(cycles.worst < 0.5, "%.2f packets off the curve", cycles.worst);
    g_array_unref(samples);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, cubic_curve__between_losses, 0, G_N_ELEMENTS(curve_cases));
}

int main(void)
{
    return suite_run("CUBIC's curve", add);
}
