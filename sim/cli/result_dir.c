/* result_dir: a result is there as a whole, or not at all.
 *
 * The temporary folder is a sibling of the destination, so that putting it in place is a rename
 * within one file system. An earlier result is renamed away first and removed last: whatever
 * happens in between, one of the two is complete.
 *
 * Not covered: two runs that write to one destination at the same time; the last one wins.
 */
#include "cli/result_dir.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct result_dir {
    char *destination;
    char *temporary; /* NULL once it is in place */
};

static gboolean result_dir_failed(GError **error, const char *what, const char *path, int reason)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(reason), "cannot %s %s: %s", what,
                path, g_strerror(reason));
    return FALSE;
}

static int result_dir_remove_entry(const char *path, const struct stat *status, int type,
                                   struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

/* Removes a folder with all in it; does not follow links. */
static int result_dir_remove(const char *path)
{
    return nftw(path, result_dir_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool result_dir_is_ours(const char *path)
{
    g_autofree char *manifest = g_build_filename(path, "manifest.json", NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;

    if (!json_parser_load_from_file(parser, manifest, NULL))
        return false;
    root = json_parser_get_root(parser);
    return root && JSON_NODE_HOLDS_OBJECT(root) &&
           json_object_has_member(json_node_get_object(root), RESULT_MARKER);
}

/* The name of a file in the folder itself that no result holds, or NULL; free with g_free. */
static char *result_dir_foreign_file(const char *path)
{
    static const char *const ours[] = {"manifest.json", "scenario.yaml", "summary.json",
                                       "seeds.csv",     "points.csv",    NULL};
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    char *foreign = NULL;

    while (dir && !foreign && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (!g_strv_contains(ours, name) && !g_str_has_suffix(name, ".png") &&
            !g_str_has_suffix(name, ".svg") && !g_file_test(file, G_FILE_TEST_IS_DIR))
            foreign = g_strdup(name);
    }
    if (dir)
        g_dir_close(dir);
    return foreign;
}

static bool result_dir_is_empty(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    bool empty = dir && !g_dir_read_name(dir);

    if (dir)
        g_dir_close(dir);
    return empty;
}

/* Whether nothing that is not ours would be lost at `path`. */
static gboolean result_dir_is_replaceable(const char *path, GError **error)
{
    const char *what = "not a folder";
    g_autofree char *foreign = NULL;
    struct stat status;

    if (stat(path, &status))
        return errno == ENOENT || result_dir_failed(error, "look at", path, errno);
    if (S_ISDIR(status.st_mode)) {
        if (result_dir_is_empty(path))
            return TRUE;
        if (result_dir_is_ours(path) && !(foreign = result_dir_foreign_file(path)))
            return TRUE;
        what = "not empty and holds no earlier result";
    }
    if (foreign) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "will not replace %s: it holds %s, which is no part of a result", path,
                    foreign);
        return FALSE;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                "will not replace %s: it is %s; remove it, or choose another with --out", path,
                what);
    return FALSE;
}

/* The path without links, so that a rename replaces the folder and not the link to it. */
static char *result_dir_resolve(const char *path)
{
    char *real = realpath(path, NULL);
    char *resolved = real ? g_strdup(real) : g_canonicalize_filename(path, NULL);

    free(real);
    return resolved;
}

/* A new folder ".NAME.tag-XXXXXX" beside the destination; NULL and errno. */
static char *result_dir_sibling(const char *destination, const char *tag)
{
    g_autofree char *parent = g_path_get_dirname(destination);
    g_autofree char *name = g_path_get_basename(destination);
    g_autofree char *hidden = g_strdup_printf(".%s.%s-XXXXXX", name, tag);
    char *path = g_build_filename(parent, hidden, NULL);

    if (g_mkdir_with_parents(parent, 0777) == 0 && g_mkdtemp_full(path, 0777))
        return path;
    g_free(path);
    return NULL;
}

struct result_dir *result_dir_begin(const char *destination, GError **error)
{
    g_autofree char *resolved = result_dir_resolve(destination);
    struct result_dir *dir;
    char *temporary;

    if (!result_dir_is_replaceable(resolved, error))
        return NULL;
    temporary = result_dir_sibling(resolved, "part");
    if (!temporary) {
        result_dir_failed(error, "make a folder for", destination, errno);
        return NULL;
    }
    dir = g_new(struct result_dir, 1);
    *dir = (struct result_dir){g_steal_pointer(&resolved), temporary};
    return dir;
}

const char *result_dir_path(const struct result_dir *dir)
{
    return dir->temporary;
}

const char *result_dir_destination(const struct result_dir *dir)
{
    return dir->destination;
}

gboolean result_dir_write(struct result_dir *dir, const char *name, const char *text,
                          GError **error)
{
    g_autofree char *path = g_build_filename(dir->temporary, name, NULL);

    return g_file_set_contents(path, text, -1, error);
}

gboolean result_dir_commit(struct result_dir *dir, GError **error)
{
    g_autofree char *earlier = NULL;

    /* Once more: a long run has passed since the first look. */
    if (!result_dir_is_replaceable(dir->destination, error))
        return FALSE;
    earlier = result_dir_sibling(dir->destination, "earlier");
    if (!earlier)
        return result_dir_failed(error, "make a folder beside", dir->destination, errno);
    if (g_rename(dir->destination, earlier) && errno != ENOENT) {
        int reason = errno;

        g_rmdir(earlier);
        return result_dir_failed(error, "move away", dir->destination, reason);
    }
    if (g_rename(dir->temporary, dir->destination)) {
        int reason = errno;

        if (g_rmdir(earlier)) /* not empty: it is the earlier result */
            g_rename(earlier, dir->destination);
        return result_dir_failed(error, "put the result at", dir->destination, reason);
    }
    g_clear_pointer(&dir->temporary, g_free);
    result_dir_remove(earlier);
    return TRUE;
}

void result_dir_free(struct result_dir *dir)
{
    if (!dir)
        return;
    if (dir->temporary)
        result_dir_remove(dir->temporary);
    g_free(dir->temporary);
    g_free(dir->destination);
    g_free(dir);
}
