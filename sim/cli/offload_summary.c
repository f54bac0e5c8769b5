/* offload_summary: the greatest fill of an offload's buffer, and its slope.
 *
 * The slope is of payload, as the buffer is: what arrives less what leaves. It is the mean over the
 * measured time, by its first and its last sample: over milliseconds of growth a packet more or
 * less at either end is nothing.
 */
#include "cli/offload_summary.h"

#include <math.h>

#include "cli/json_text.h"

const struct offload_measurement offload_measurement_none = {NAN, NAN};

/* Bytes in all offloads at the time of a sample. */
static double offload_total(const GArray *samples, sim_time time)
{
    double bytes = 0;

    for (guint i = 0; i < samples->len; i++) {
        const struct buffer_record *sample = &g_array_index(samples, struct buffer_record, i);

        if (sample->time == time)
            bytes += (double)sample->bytes;
    }
    return bytes;
}

static double offload_slope_gbps(const GArray *samples, sim_time after)
{
    guint first = 0;

    while (first < samples->len && g_array_index(samples, struct buffer_record, first).time < after)
        first++;
    if (first == samples->len)
        return NAN;
    sim_time start = g_array_index(samples, struct buffer_record, first).time;
    sim_time end = g_array_index(samples, struct buffer_record, samples->len - 1).time;
    if (start == end)
        return NAN;
    return (offload_total(samples, end) - offload_total(samples, start)) * 8000 /
           (double)(end - start);
}

struct offload_measurement offload_measure(const struct spec *spec,
                                           const struct simulation *simulation)
{
    g_autoptr(GArray) samples = simulation_buffers(simulation);
    uint64_t max_bytes = simulation_buffer_max(simulation);

    return (struct offload_measurement){
        .max_bytes = max_bytes == UINT64_MAX ? NAN : (double)max_bytes,
        .slope_gbps = offload_slope_gbps(samples, spec->measure_after),
    };
}

void offload_summary_add(JsonObject *system, const struct offload_measurement *measurement)
{
    JsonObject *buffer = json_object_new();

    json_set_real(buffer, "max_bytes", measurement->max_bytes);
    json_set_real(buffer, "slope_gbps", measurement->slope_gbps);
    json_object_set_object_member(system, "buffer", buffer);
}
