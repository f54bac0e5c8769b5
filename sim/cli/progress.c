/* progress: percent, simulated time, speed and remaining time.
 *
 * The speed is over wall-clock time and all processes together; what a run costs is in its summary.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#define PROGRESS_TERMINAL_US (G_USEC_PER_SEC / 5)
#define PROGRESS_LINE_US     (5 * G_USEC_PER_SEC)
#define PROGRESS_BAR_WIDTH   24

void progress_begin(struct progress *progress, bool quiet, guint jobs, sim_time duration)
{
    gint64 now_us = g_get_monotonic_time();

    *progress = (struct progress){
        .quiet = quiet,
        .terminal = isatty(STDERR_FILENO),
        .jobs = jobs,
        .duration = duration,
        .start_us = now_us,
    };
    progress->next_us = now_us + (progress->terminal ? PROGRESS_TERMINAL_US : PROGRESS_LINE_US);
}

static double progress_share(const struct progress *progress, const struct progress_state *state)
{
    return progress->duration ? (double)state->simulated / (double)progress->duration : 1;
}

/* Appends "12 s", "3 min 20 s", "2 h 5 min". */
static void progress_append_seconds(GString *text, double seconds)
{
    guint64 whole = (guint64)(seconds + 0.999);

    if (whole < 60)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT " s", whole);
    else if (whole < 3600)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT " min %" G_GUINT64_FORMAT " s",
                               whole / 60, whole % 60);
    else
        g_string_append_printf(text, "%" G_GUINT64_FORMAT " h %" G_GUINT64_FORMAT " min",
                               whole / 3600, whole % 3600 / 60);
}

char *progress_text(const struct progress *progress, const struct progress_state *state,
                    double elapsed_seconds)
{
    GString *text = g_string_new(NULL);
    double share = progress_share(progress, state);
    double jobs = progress->jobs * (double)SIM_MS;

    g_string_append_printf(text, "%3d %%, %.3f of %.3f ms", (int)(share * 100),
                           (double)state->simulated / jobs, (double)progress->duration / jobs);
    if (progress->jobs > 1)
        g_string_append_printf(text, " in each of %u runs", progress->jobs);
    if (elapsed_seconds > 0)
        g_string_append_printf(text, ", %.1f M packet-hops/s",
                               (double)state->packet_hops / elapsed_seconds / 1e6);
    if (share > 0 && share < 1) {
        g_string_append(text, ", ");
        progress_append_seconds(text, elapsed_seconds * (1 - share) / share);
        g_string_append(text, " left");
    }
    return g_string_free(text, FALSE);
}

static void progress_draw_bar(double share)
{
    int full = (int)(share * PROGRESS_BAR_WIDTH);

    fputs("\r[", stderr);
    for (int i = 0; i < PROGRESS_BAR_WIDTH; i++)
        fputc(i < full ? '#' : '.', stderr);
    fputs("] ", stderr);
}

void progress_update(struct progress *progress, const struct progress_state *state)
{
    gint64 now_us = g_get_monotonic_time();
    g_autofree char *text = NULL;

    if (progress->quiet || now_us < progress->next_us)
        return;
    text = progress_text(progress, state,
                         (double)(now_us - progress->start_us) / (double)G_USEC_PER_SEC);
    if (progress->terminal) {
        progress_draw_bar(progress_share(progress, state));
        fprintf(stderr, "%s\033[K", text);
        fflush(stderr);
        progress->drawn = true;
        progress->next_us = now_us + PROGRESS_TERMINAL_US;
    } else {
        fprintf(stderr, "mtpsim: %s\n", g_strchug(text));
        progress->next_us = now_us + PROGRESS_LINE_US;
    }
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
