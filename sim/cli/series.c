/* series: throughput.csv, messages.csv, requests.csv, latency.csv, queues.csv, pathlets.csv,
 * buffers.csv, packets.csv and links.csv.
 *
 * Every number is written from integers, with a fixed number of digits: the files of two equal runs
 * are equal to the byte. Times are in us with all picoseconds; a cell is empty where there is no
 * value (a message that did not finish).
 */
#include "cli/series.h"

#include <errno.h>
#include <inttypes.h>
#include <mtpsim/offload.h>
#include <mtpsim/workload.h>
#include <stdio.h>

#include "cli/request_summary.h"
#include "measure/quantile.h"

struct series_file {
    FILE *file;
    char *path;
};

static gboolean series_failed(const char *path, int reason, GError **error)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(reason), "cannot write %s: %s", path,
                g_strerror(reason));
    return FALSE;
}

static gboolean series_open(struct series_file *series, const char *folder, const char *name,
                            GError **error)
{
    series->path = g_build_filename(folder, name, NULL);
    series->file = fopen(series->path, "w");
    if (series->file)
        return TRUE;
    series_failed(series->path, errno, error);
    g_free(series->path);
    return FALSE;
}

static gboolean series_close(struct series_file *series, GError **error)
{
    bool failed = ferror(series->file);
    int reason = errno;
    gboolean good = TRUE;

    if (fclose(series->file) || failed)
        good = series_failed(series->path, failed ? reason : errno, error);
    g_free(series->path);
    return good;
}

/* Writes "before", the time, nothing else. */
static void series_time(FILE *file, const char *before, sim_time time)
{
    fprintf(file, "%s%" PRId64 ".%06" PRId64, before, time / SIM_US, time % SIM_US);
}

/* bytes in `width` as Gbps, rounded to kbps. */
static void series_gbps(FILE *file, uint64_t bytes, sim_time width)
{
    unsigned __int128 kbit_ps = (unsigned __int128)bytes * 8000 * 1000000;
    uint64_t kbps = (uint64_t)((kbit_ps + (uint64_t)width / 2) / (uint64_t)width);

    fprintf(file, ",%" PRIu64 ".%06" PRIu64, kbps / 1000000, kbps % 1000000);
}

/* ---- throughput ---- */

static void series_throughput_header(FILE *file, const struct spec *spec)
{
    fputs("time_us,goodput_gbps", file);
    for (uint32_t i = 0; i < spec->tenant_count; i++)
        fprintf(file, ",%s_gbps", spec->tenants[i].name);
    fputs(spec->tenant_count ? ",others_gbps\n" : "\n", file);
}

/* `time_us` is the sample's start; the last one may be cut short by the end of the run. */
static gboolean series_throughput(const char *folder, const struct spec *spec,
                                  const struct simulation *simulation, sim_time now, GError **error)
{
    struct series_file series;

    if (!series_open(&series, folder, "throughput.csv", error))
        return FALSE;
    series_throughput_header(series.file, spec);
    for (uint32_t bin = 0; bin < simulation_throughput_bins(simulation); bin++) {
        sim_time start = (sim_time)bin * spec->throughput_every;
        sim_time width = MIN(now - start, spec->throughput_every);
        uint64_t bytes = 0;

        if (width <= 0)
            break;
        for (uint32_t row = 0; row <= spec->tenant_count; row++)
            bytes += simulation_throughput(simulation, row, bin);
        series_time(series.file, "", start);
        series_gbps(series.file, bytes, width);
        for (uint32_t row = 0; spec->tenant_count && row <= spec->tenant_count; row++)
            series_gbps(series.file, simulation_throughput(simulation, row, bin), width);
        fputc('\n', series.file);
    }
    return series_close(&series, error);
}

/* ---- messages ---- */

static void series_message(FILE *file, const struct spec *spec,
                           const struct message_record *message)
{
    fprintf(file, "%s,%s,%" PRIu32 ",%" PRIu16 ",%" PRIu16 ",%" PRIu64,
            spec->node_names[message->src], spec->node_names[message->dst], message->number,
            message->src_port, message->dst_port, message->bytes);
    series_time(file, ",", message->submitted);
    if (message->delivered == SIM_NEVER) {
        fputs(",,\n", file);
        return;
    }
    series_time(file, ",", message->delivered);
    series_time(file, ",", message->delivered - message->submitted);
    fputc('\n', file);
}

static gboolean series_messages(const char *folder, const struct spec *spec,
                                const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) messages = simulation_messages(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "messages.csv", error))
        return FALSE;
    fputs("source,destination,number,source_port,destination_port,bytes,submitted_us,"
          "delivered_us,fct_us\n",
          series.file);
    for (guint i = 0; i < messages->len; i++)
        series_message(series.file, spec, &g_array_index(messages, struct message_record, i));
    return series_close(&series, error);
}

/* Of requests, the time that each share of them did not exceed; empty among those without an
 * answer. */
static gboolean series_latency(const char *folder, const struct spec *spec,
                               const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) messages = simulation_messages(simulation);
    g_autoptr(GArray) times = request_latencies(messages, spec->measure_after);
    struct series_file series;

    if (!times->len)
        return TRUE;
    if (!series_open(&series, folder, "latency.csv", error))
        return FALSE;
    fputs("share,latency_us\n", series.file);
    for (uint32_t per_mille = 1; per_mille <= 1000; per_mille++) {
        sim_time time = quantile_nearest_rank((const sim_time *)times->data, times->len, per_mille);

        fprintf(series.file, "%u.%03u,", per_mille / 1000, per_mille % 1000);
        if (time != SIM_NEVER)
            series_time(series.file, "", time);
        fputc('\n', series.file);
    }
    return series_close(&series, error);
}

/* Who answered: a host, or the device of that place in the list of offloads. */
static const char *series_answerer(const struct spec *spec, uint32_t address)
{
    uint32_t device = spec->host_count;
    if (address < spec->host_count)
        return spec->node_names[address];
    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const struct sim_plugin *plugin = spec->offloads[i].plugin;
        const struct sim_device_params *params = spec->offloads[i].params;
        if (((const struct sim_offload_ops *)plugin)->device && device++ == address)
            return params->name ? params->name : plugin->name;
    }
    return "";
}

static void series_request(FILE *file, const struct spec *spec,
                           const struct message_record *request)
{
    fprintf(file, "%s,%" PRIu32, spec->node_names[request->src], request->number);
    series_time(file, ",", request->submitted);
    if (request->answered == SIM_NEVER) {
        fputs(",,,\n", file);
        return;
    }
    series_time(file, ",", request->answered);
    series_time(file, ",", request->answered - request->submitted);
    fprintf(file, ",%s\n", series_answerer(spec, request->answered_by));
}

static bool series_has_requests(const struct spec *spec)
{
    for (uint32_t i = 0; i < spec->workload_count; i++)
        if (((const struct sim_workload_ops *)spec->workloads[i].plugin)->server)
            return true;
    return false;
}

static gboolean series_requests(const char *folder, const struct spec *spec,
                                const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) messages = simulation_messages(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "requests.csv", error))
        return FALSE;
    fputs("client,number,submitted_us,answered_us,took_us,answered_by\n", series.file);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        if (message->asks)
            series_request(series.file, spec, message);
    }
    return series_close(&series, error);
}

/* ---- queues, windows, links ---- */

/* A port is named by its link and the node that sends into it. */
static void series_port(FILE *file, const struct spec *spec, uint32_t link, uint32_t end)
{
    fprintf(file, "%s,%s", spec->links[link].name, spec->node_names[spec->links[link].ends[end]]);
}

static gboolean series_queues(const char *folder, const struct spec *spec,
                              const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) queues = simulation_queues(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "queues.csv", error))
        return FALSE;
    fputs("time_us,link,from,queue_packets,queue_bytes\n", series.file);
    for (guint i = 0; i < queues->len; i++) {
        const struct queue_record *queue = &g_array_index(queues, struct queue_record, i);

        series_time(series.file, "", queue->time);
        fputc(',', series.file);
        series_port(series.file, spec, queue->link, queue->end);
        fprintf(series.file, ",%" PRIu64 ",%" PRIu64 "\n", queue->packets, queue->bytes);
    }
    return series_close(&series, error);
}

static gboolean series_pathlets(const char *folder, const struct spec *spec,
                                const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) windows = simulation_windows(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "pathlets.csv", error))
        return FALSE;
    fputs("time_us,host,id,tc,window_bytes,in_flight_bytes,rate_bps,srtt_us\n", series.file);
    for (guint i = 0; i < windows->len; i++) {
        const struct window_record *record = &g_array_index(windows, struct window_record, i);
        const struct sim_window_sample *window = &record->window;

        series_time(series.file, "", record->time);
        fprintf(series.file, ",%s,%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64,
                spec->node_names[record->host], window->id, window->tc, window->window_bytes,
                window->in_flight_bytes, window->rate_bps);
        series_time(series.file, ",", window->srtt);
        fputc('\n', series.file);
    }
    return series_close(&series, error);
}

static gboolean series_buffers(const char *folder, const struct spec *spec,
                               const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) buffers = simulation_buffers(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "buffers.csv", error))
        return FALSE;
    fputs("time_us,offload,buffer_bytes\n", series.file);
    for (guint i = 0; i < buffers->len; i++) {
        const struct buffer_record *buffer = &g_array_index(buffers, struct buffer_record, i);

        series_time(series.file, "", buffer->time);
        fprintf(series.file, ",%s,%" PRIu64 "\n", spec->node_names[buffer->host], buffer->bytes);
    }
    return series_close(&series, error);
}

/* What the header says, a column each; a cell is empty in the other protocols' columns. */
static void series_packet_mtp(FILE *file, const struct sim_mtp_header *mtp)
{
    fprintf(file, "mtp,%s,%u,%u,%u,%" PRIu64 ",%" PRIu32 ",,,",
            mtp->flags & SIM_MTP_ACK ? "ack" : "data", mtp->src_port, mtp->dst_port,
            mtp->payload_bytes, mtp->message, mtp->packet);
}

static void series_packet_tcp(FILE *file, const struct sim_tcp_header *tcp)
{
    fprintf(file, "tcp,%s%s%s%s,%u,%u,%u,,,%" PRIu64 ",%" PRIu64 ",",
            tcp->flags & SIM_TCP_SYN ? "syn" : "", tcp->flags & SIM_TCP_FIN ? "fin" : "",
            tcp->payload_bytes ? "data" : "", tcp->flags & SIM_TCP_ACK ? "ack" : "", tcp->src_port,
            tcp->dst_port, tcp->payload_bytes, tcp->seq, tcp->ack);
}

static void series_packet_datagram(FILE *file, const char *protocol,
                                   const struct sim_datagram_header *datagram)
{
    fprintf(file, "%s,data,%u,%u,%u,%" PRIu32 ",,%" PRIu64 ",,", protocol, datagram->src_port,
            datagram->dst_port, datagram->payload_bytes, datagram->message, datagram->offset);
}

static void series_packet_rdma(FILE *file, const struct sim_rdma_header *rdma)
{
    bool ack = rdma->flags & SIM_RDMA_ACK;

    fprintf(file, "rdma,%s,%u,%u,%u,",
            rdma->flags & SIM_RDMA_NAK ? "nak"
            : ack                      ? "ack"
                                       : "data",
            rdma->src_port, rdma->dst_port, rdma->payload_bytes);
    if (ack)
        fprintf(file, ",,,%" PRIu64 ",", rdma->psn);
    else
        fprintf(file, "%" PRIu32 ",%" PRIu64 ",,,", rdma->message, rdma->psn);
}

static void series_packet_quic(FILE *file, const struct sim_quic_header *quic)
{
    const char *kind = quic->flags & SIM_QUIC_STREAM    ? "data"
                       : quic->flags & SIM_QUIC_INITIAL ? "initial"
                       : quic->flags & SIM_QUIC_ACCEPT  ? "accept"
                                                        : "ack";

    fprintf(file, "quic,%s,%u,%u,%u,", kind, quic->src_port, quic->dst_port, quic->payload_bytes);
    if (quic->flags & SIM_QUIC_STREAM)
        fprintf(file, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",,", quic->message, quic->packet,
                quic->offset);
    else
        fprintf(file, ",%" PRIu64 ",,,", quic->packet);
}

static void series_packet_header(FILE *file, const struct sim_packet *packet)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_MTP:
        series_packet_mtp(file, &packet->mtp);
        break;
    case SIM_PROTOCOL_UDP:
        series_packet_datagram(file, "udp", &packet->datagram);
        break;
    case SIM_PROTOCOL_QUIC:
        series_packet_quic(file, &packet->quic);
        break;
    case SIM_PROTOCOL_RDMA:
        if (packet->rdma.flags & SIM_RDMA_DATAGRAM)
            series_packet_datagram(file, "rdma", &packet->datagram);
        else
            series_packet_rdma(file, &packet->rdma);
        break;
    default:
        series_packet_tcp(file, &packet->tcp);
    }
}

static void series_packet(FILE *file, const struct spec *spec, const struct packet_record *record)
{
    static const char *const outcomes[] = {
        [PACKET_SENT] = "sent",       [PACKET_MARKED] = "marked", [PACKET_TRIMMED] = "trimmed",
        [PACKET_DROPPED] = "dropped", [PACKET_LOST] = "lost",     [PACKET_RECEIVED] = "received",
    };
    const struct sim_packet *packet = &record->packet;

    series_time(file, "", record->time);
    fprintf(file, ",%s,%s,%s,%s,", spec->node_names[record->node], spec->links[record->link].name,
            spec->node_names[packet->src], spec->node_names[packet->dst]);
    series_packet_header(file, packet);
    fprintf(file, "%u,%s,%s,%s\n", packet->size_bytes, packet->ecn == SIM_ECN_CE ? "ce" : "",
            outcomes[record->outcome],
            record->out_link == UINT32_MAX ? "" : spec->links[record->out_link].name);
}

static gboolean series_packets(const char *folder, const struct spec *spec,
                               const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) packets = simulation_packets(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "packets.csv", error))
        return FALSE;
    fputs(
        "time_us,at,over,src,dst,protocol,kind,src_port,dst_port,payload_bytes,message,packet,seq,"
        "ack,size_bytes,ecn,outcome,out\n",
        series.file);
    for (guint i = 0; i < packets->len; i++)
        series_packet(series.file, spec, &g_array_index(packets, struct packet_record, i));
    return series_close(&series, error);
}

static gboolean series_links(const char *folder, const struct spec *spec,
                             const struct simulation *simulation, GError **error)
{
    g_autoptr(GArray) links = simulation_links(simulation);
    struct series_file series;

    if (!series_open(&series, folder, "links.csv", error))
        return FALSE;
    fputs("link,from,packets,bytes,drops_packets,marks_packets,utilisation_share,"
          "pauses,paused_us\n",
          series.file);
    for (guint i = 0; i < links->len; i++) {
        const struct link_record *link = &g_array_index(links, struct link_record, i);

        series_port(series.file, spec, link->link, link->end);
        fprintf(series.file, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f,%" PRIu64,
                link->packets, link->bytes, link->drops, link->marks, link->utilisation,
                link->pauses);
        series_time(series.file, ",", link->paused_time);
        fputc('\n', series.file);
    }
    return series_close(&series, error);
}

gboolean series_write(const char *folder, const struct spec *spec,
                      const struct simulation *simulation, GError **error)
{
    struct simulation_totals totals;

    simulation_totals(simulation, &totals);
    return (!spec->throughput_every ||
            series_throughput(folder, spec, simulation, totals.now, error)) &&
           (!spec->messages || series_messages(folder, spec, simulation, error)) &&
           series_latency(folder, spec, simulation, error) &&
           (!spec->messages || !series_has_requests(spec) ||
            series_requests(folder, spec, simulation, error)) &&
           (!spec->queues_every || series_queues(folder, spec, simulation, error)) &&
           (!spec->windows_every || series_pathlets(folder, spec, simulation, error)) &&
           (!spec->buffers_every || !spec->offload_count ||
            series_buffers(folder, spec, simulation, error)) &&
           (!spec->trace_hosts.count || series_packets(folder, spec, simulation, error)) &&
           series_links(folder, spec, simulation, error);
}
