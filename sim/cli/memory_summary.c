#include "cli/memory_summary.h"

#include <math.h>

#include "cli/json_text.h"

/* Null when there is none to share the bytes. */
static double memory_share(uint64_t bytes, uint64_t count)
{
    return count ? (double)bytes / (double)count : NAN;
}

void memory_summary_add(JsonObject *system, const struct simulation_memory *memory,
                        const struct spec *spec)
{
    JsonObject *object = json_object_new();
    uint64_t total = memory->host_bytes + memory->switch_bytes + memory->port_bytes +
                     memory->route_bytes + memory->flow_bytes + memory->packet_bytes +
                     memory->record_bytes;

    json_set_real(object, "bytes_per_host", memory_share(memory->host_bytes, spec->host_count));
    json_set_real(object, "bytes_per_port",
                  memory_share(memory->port_bytes, 2 * (uint64_t)spec->link_count));
    json_set_real(object, "bytes_per_flow", memory_share(memory->flow_bytes, memory->flows));
    json_set_count(object, "flows", memory->flows);
    json_set_count(object, "host_bytes", memory->host_bytes);
    json_set_count(object, "switch_bytes", memory->switch_bytes);
    json_set_count(object, "port_bytes", memory->port_bytes);
    json_set_count(object, "route_bytes", memory->route_bytes);
    json_set_count(object, "flow_bytes", memory->flow_bytes);
    json_set_count(object, "packet_bytes", memory->packet_bytes);
    json_set_count(object, "record_bytes", memory->record_bytes);
    json_set_count(object, "total_bytes", total);
    json_object_set_object_member(system, "memory", object);
}
