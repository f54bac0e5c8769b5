#include "cli/queue_summary.h"

#include <math.h>

#include "cli/json_text.h"
#include "measure/quantile.h"

/* With more links than that, queues would be most of the summary. */
#define SUMMARY_QUEUES_MAX 16

GArray *queue_measure_none(const struct spec *spec)
{
    GArray *queues = g_array_new(FALSE, FALSE, sizeof(struct queue_measurement));

    for (uint32_t i = 0; spec->queues_every && i < spec->queue_links.count; i++) {
        struct queue_measurement queue = {
            .link = spec->links[spec->queue_links.items[i]].name,
            .mean_packets = NAN,
            .p99_packets = NAN,
            .max_packets = NAN,
        };
        if (spec->queue_links.count <= SUMMARY_QUEUES_MAX)
            g_array_append_val(queues, queue);
    }
    return queues;
}

/* Lengths in the measured time at one end of a link; quantile.h sorts its own type. */
static GArray *queue_lengths(const struct spec *spec, const GArray *records, uint32_t link,
                             uint8_t end)
{
    GArray *lengths = g_array_new(FALSE, FALSE, sizeof(sim_time));

    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        sim_time packets = (sim_time)record->packets;

        if (record->time >= spec->measure_after && record->link == link && record->end == end)
            g_array_append_val(lengths, packets);
    }
    return lengths;
}

/* Takes the lengths. */
static void queue_measure_end(struct queue_measurement *queue, GArray *lengths)
{
    sim_time *packets = (sim_time *)lengths->data;
    double sum = 0;

    for (guint i = 0; i < lengths->len; i++)
        sum += (double)packets[i];
    if (lengths->len && !(sum / lengths->len <= queue->mean_packets)) {
        quantile_sort(packets, lengths->len);
        queue->mean_packets = sum / lengths->len;
        queue->p99_packets = (double)quantile_nearest_rank(packets, lengths->len, 990);
        queue->max_packets = (double)packets[lengths->len - 1];
    }
    g_array_unref(lengths);
}

GArray *queue_measure(const struct spec *spec, const struct simulation *simulation)
{
    GArray *queues = queue_measure_none(spec);
    g_autoptr(GArray) records = queues->len ? simulation_queues(simulation) : NULL;

    for (guint i = 0; i < queues->len; i++)
        for (uint8_t end = 0; end < 2; end++)
            queue_measure_end(&g_array_index(queues, struct queue_measurement, i),
                              queue_lengths(spec, records, spec->queue_links.items[i], end));
    return queues;
}

void queue_summary_add(JsonObject *system, const GArray *queues)
{
    JsonObject *links = json_object_new();

    for (guint i = 0; queues && i < queues->len; i++) {
        const struct queue_measurement *queue = &g_array_index(queues, struct queue_measurement, i);
        JsonObject *object = json_object_new();

        json_set_real(object, "mean_packets", queue->mean_packets);
        json_set_real(object, "p99_packets", queue->p99_packets);
        json_set_real(object, "max_packets", queue->max_packets);
        json_object_set_object_member(links, queue->link, object);
    }
    json_object_set_object_member(system, "queues", links);
}
