/* device_summary: what each device did to packets and messages, and how much it ever held.
 *
 * peak_messages and peak_bytes are of its state: what it remembers of messages between their
 * packets. Packets that wait for its service are the queue's.
 */
#include "cli/device_summary.h"

#include <mtpsim/offload.h>

#include "cli/json_text.h"

static void device_add(JsonObject *devices, const struct device_record *record)
{
    JsonObject *device = json_object_new();

    json_set_count(device, "served_packets", record->served_packets);
    json_set_count(device, "served_bytes", record->served_bytes);
    json_set_count(device, "forwarded", record->forwarded);
    json_set_count(device, "created", record->created);
    json_set_count(device, "answered", record->answered);
    json_set_count(device, "absorbed", record->absorbed);
    json_set_count(device, "dropped", record->dropped);
    json_set_count(device, "overflowed", record->overflowed);
    json_set_count(device, "marks", record->marks);
    json_set_count(device, "messages_ended", record->consumed);
    json_set_count(device, "restarts", record->restarts);
    json_set_count(device, "peak_queue_packets", record->peak_queue_packets);
    json_set_count(device, "peak_queue_bytes", record->peak_queue_bytes);
    json_set_count(device, "peak_messages", record->peak_messages);
    json_set_count(device, "peak_bytes", record->peak_bytes);
    for (uint32_t i = 0; i < record->counter_count; i++)
        json_set_count(device, record->counters[i].name, record->counters[i].value);
    json_object_set_object_member(devices, record->name, device);
}

JsonObject *device_summary(const struct simulation *simulation)
{
    JsonObject *devices = json_object_new();

    for (uint32_t i = 0; i < simulation_devices(simulation); i++) {
        struct device_record record;

        simulation_device(simulation, i, &record);
        device_add(devices, &record);
    }
    return devices;
}

JsonObject *device_summary_empty(const struct spec *spec)
{
    JsonObject *devices = json_object_new();

    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const struct sim_plugin *plugin = spec->offloads[i].plugin;
        const struct sim_device_ops *ops = ((const struct sim_offload_ops *)plugin)->device;
        const struct sim_device_params *params = spec->offloads[i].params;
        g_autofree void *state = g_malloc0(plugin->state_size + 1);

        if (!ops)
            continue;
        struct device_record record = {.name = params->name ? params->name : plugin->name};
        while (ops->counter && record.counter_count < DEVICE_COUNTERS_MAX &&
               ops->counter(state, record.counter_count, &record.counters[record.counter_count]))
            record.counter_count++;
        device_add(devices, &record);
    }
    return devices;
}
