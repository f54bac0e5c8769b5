/* manifest: tool, command line, machine, times, and what each run cost. */
#include "cli/manifest.h"

#include <math.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "cli/json_text.h"
#include "cli/result_dir.h"
#include "cli/version.h"
#include "net/ranks.h"

static double manifest_seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static JsonArray *manifest_arguments(char *const *arguments)
{
    JsonArray *list = json_array_new();

    for (; *arguments; arguments++) {
        g_autofree char *text = g_utf8_make_valid(*arguments, -1);

        json_array_add_string_element(list, text);
    }
    return list;
}

static JsonObject *manifest_host(void)
{
    JsonObject *host = json_object_new();
    struct utsname name;

    uname(&name);
    json_object_set_string_member(host, "name", name.nodename);
    json_object_set_string_member(host, "system", name.sysname);
    json_object_set_string_member(host, "release", name.release);
    json_object_set_string_member(host, "machine", name.machine);
    json_set_count(host, "cores", g_get_num_processors());
    return host;
}

static void manifest_add_time(JsonObject *manifest, const char *name, GDateTime *time)
{
    g_autofree char *text = g_date_time_format_iso8601(time);

    json_object_set_string_member(manifest, name, text);
}

/* One entry a run: system, seed, and its cost. */
static JsonArray *manifest_runs(const struct job *jobs, guint count)
{
    JsonArray *runs = json_array_new();

    for (guint i = 0; i < count; i++) {
        const struct job *job = &jobs[i];
        JsonObject *run = json_object_new();
        double cpu_seconds, packet_hops;

        if (job->point)
            json_object_set_string_member(run, "point", job->point);
        json_object_set_string_member(run, "system", job->spec.system);
        json_set_count(run, "seed", job->spec.seed);
        json_set_count(run, "ranks", job->spec.ranks ? job->spec.ranks->count : 1);
        cpu_seconds = job->summary ? json_number(json_child(job->summary, "cpu_seconds")) : NAN;
        packet_hops = job->summary ? json_number(json_child(job->summary, "packet_hops")) : NAN;
        json_set_real(run, "cpu_seconds", cpu_seconds);
        json_set_real(run, "wall_seconds", job->summary ? job->usage.wall_seconds : NAN);
        json_set_real(run, "packet_hops_per_cpu_second", packet_hops / cpu_seconds);
        json_set_real(run, "peak_memory_bytes",
                      job->summary ? (double)job->usage.peak_memory_bytes : NAN);
        if (job->message)
            json_object_set_string_member(run, "crashed", job->message);
        json_array_add_object_element(runs, run);
    }
    return runs;
}

/* Of this process and all its children; not of other ranks, whose cost is in the runs. */
static void manifest_add_cost(JsonObject *manifest, const struct job *jobs, guint count)
{
    struct rusage own, children;
    uint64_t peak_memory_bytes;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    peak_memory_bytes = (uint64_t)own.ru_maxrss * 1024;
    for (guint i = 0; i < count; i++)
        peak_memory_bytes = MAX(peak_memory_bytes, jobs[i].usage.peak_memory_bytes);
    json_set_real(manifest, "cpu_seconds",
                  manifest_seconds(own.ru_utime) + manifest_seconds(own.ru_stime) +
                      manifest_seconds(children.ru_utime) + manifest_seconds(children.ru_stime));
    json_set_count(manifest, "peak_memory_bytes", peak_memory_bytes);
    json_object_set_array_member(manifest, "runs", manifest_runs(jobs, count));
}

JsonNode *manifest_make(const struct scenario *scenario, char *const *arguments, GDateTime *start,
                        const struct job *jobs, guint job_count)
{
    g_autoptr(GDateTime) end = g_date_time_new_now_utc();
    JsonObject *manifest = json_object_new();

    json_set_count(manifest, RESULT_MARKER, 1);
    json_object_set_string_member(manifest, "version", MTPSIM_VERSION);
    json_object_set_string_member(manifest, "revision", MTPSIM_REVISION);
    json_object_set_array_member(manifest, "command_line", manifest_arguments(arguments));
    json_object_set_string_member(manifest, "scenario", scenario->name);
    json_set_count(manifest, "seed", scenario->first_seed);
    json_set_count(manifest, "last_seed", scenario->last_seed);
    json_object_set_object_member(manifest, "host", manifest_host());
    manifest_add_time(manifest, "start", start);
    manifest_add_time(manifest, "end", end);
    json_set_real(manifest, "wall_seconds",
                  (double)g_date_time_difference(end, start) / (double)G_USEC_PER_SEC);
    manifest_add_cost(manifest, jobs, job_count);
    return json_node_init_object(json_node_alloc(), manifest);
}
