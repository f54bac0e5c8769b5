/* The folder of a result: written aside, put in place when it is complete. */
#ifndef SIM_CLI_RESULT_DIR_H
#define SIM_CLI_RESULT_DIR_H

#include <glib.h>

/* The member of manifest.json by which a folder is known to be a result of ours. */
#define RESULT_MARKER "mtpsim_result"

struct result_dir;

/* Makes a temporary folder beside `destination`, whose parents are made too. Refused when something
 * is there that is neither an earlier result nor an empty folder. */
struct result_dir *result_dir_begin(const char *destination, GError **error);

/* The temporary folder, to write into. */
const char *result_dir_path(const struct result_dir *dir);

/* Where the result will be. */
const char *result_dir_destination(const struct result_dir *dir);

/* Writes a file of the result. */
gboolean result_dir_write(struct result_dir *dir, const char *name, const char *text,
                          GError **error);

/* Puts the result in place of what was there. On an error, what was there still is. */
gboolean result_dir_commit(struct result_dir *dir, GError **error);

/* Removes the temporary folder unless it was put in place. NULL is allowed. */
void result_dir_free(struct result_dir *dir);

#endif
