#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/result_dir.h"
#include "support/suite.h"

#define OURS "{\"" RESULT_MARKER "\": 1}\n"

/* A folder for a test, and paths in it. */
static char *folder;

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void make_folder(void)
{
    folder = g_dir_make_tmp("result_dir-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void remove_folder(void)
{
    const char *arguments[] = {"rm", "-rf", folder, NULL};

    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    g_free(folder);
}

static void write_file(const char *name, const char *text)
{
    char *path = in_folder(name);
    char *parent = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(parent, 0777), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    g_free(parent);
    g_free(path);
}

static void check_file(const char *name, const char *expected)
{
    char *path = in_folder(name), *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    if (expected)
        ck_assert_str_eq(text, expected);
    else
        ck_assert_ptr_null(text);
    g_free(text);
    g_free(path);
}

/* Names in the folder, hidden ones too. */
static guint count_entries(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir))
        count++;
    g_dir_close(dir);
    return count;
}

/* Writes a result there; gives the error's text, or NULL. Free with g_free. */
static char *write_result(const char *name, const char *text)
{
    char *path = in_folder(name), *problem = NULL;
    GError *error = NULL;
    struct result_dir *dir = result_dir_begin(path, &error);

    if (dir && result_dir_write(dir, "manifest.json", OURS, &error) &&
        result_dir_write(dir, "seeds.csv", text, &error))
        result_dir_commit(dir, &error);
    if (error)
        problem = g_strdup(error->message);
    g_clear_error(&error);
    result_dir_free(dir);
    g_free(path);
    return problem;
}

START_TEST(result_dir__new_with_parents)
{
    make_folder();
    ck_assert_ptr_null(write_result("a/b/result", "one"));
    check_file("a/b/result/seeds.csv", "one");
    ck_assert_uint_eq(count_entries(), 1);
    remove_folder();
}
END_TEST

START_TEST(result_dir__replaces_an_earlier_result)
{
    make_folder();
    ck_assert_ptr_null(write_result("result", "one"));
    write_file("result/picture.png", "old");
    ck_assert_ptr_null(write_result("result", "two"));
    check_file("result/seeds.csv", "two");
    check_file("result/picture.png", NULL);
    ck_assert_uint_eq(count_entries(), 1);
    remove_folder();
}
END_TEST

START_TEST(result_dir__replaces_an_empty_folder)
{
    char *path;

    make_folder();
    path = in_folder("result");
    g_mkdir(path, 0777);
    ck_assert_ptr_null(write_result("result", "one"));
    check_file("result/seeds.csv", "one");
    g_free(path);
    remove_folder();
}
END_TEST

START_TEST(result_dir__refuses_what_is_not_ours)
{
    static const struct {
        const char *file, *text, *problem;
    } cases[] = {
        {"result", "a file", "it is not a folder"},
        {"result/thesis", "precious", "holds no earlier result"},
        {"result/manifest.json", "{\"name\": \"a web app\"}", "holds no earlier result"},
        {"result/manifest.json", "[1]", "holds no earlier result"},
        {"result/manifest.json", "", "holds no earlier result"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *problem;

        make_folder();
        write_file(cases[i].file, cases[i].text);
        problem = write_result("result", "one");
        ck_assert_msg(problem && strstr(problem, cases[i].problem), "%s", problem);
        check_file(cases[i].file, cases[i].text);
        ck_assert_uint_eq(count_entries(), 1);
        g_free(problem);
        remove_folder();
    }
}
END_TEST

/* What appears at the destination while a run goes on is not replaced either. */
START_TEST(result_dir__keeps_a_file_of_the_user)
{
    char *problem;

    make_folder();
    ck_assert_ptr_null(write_result("result", "one"));
    write_file("result/notes.txt", "mine");
    problem = write_result("result", "two");
    ck_assert_ptr_nonnull(problem);
    ck_assert_ptr_nonnull(strstr(problem, "it holds notes.txt, which is no part of a result"));
    check_file("result/notes.txt", "mine");
    check_file("result/seeds.csv", "one");
    g_free(problem);
    remove_folder();
}
END_TEST

START_TEST(result_dir__looks_again_at_the_end)
{
    GError *error = NULL;
    struct result_dir *dir;
    char *path;

    make_folder();
    path = in_folder("result");
    dir = result_dir_begin(path, NULL);
    ck_assert_ptr_nonnull(dir);
    write_file("result/thesis", "precious");
    ck_assert(!result_dir_commit(dir, &error));
    ck_assert_ptr_nonnull(error);
    g_clear_error(&error);
    result_dir_free(dir);
    check_file("result/thesis", "precious");
    ck_assert_uint_eq(count_entries(), 1);
    g_free(path);
    remove_folder();
}
END_TEST

START_TEST(result_dir__leaves_nothing_when_given_up)
{
    struct result_dir *dir;
    char *path;

    make_folder();
    path = in_folder("result");
    dir = result_dir_begin(path, NULL);
    ck_assert(result_dir_write(dir, "seeds.csv", "half", NULL));
    ck_assert_uint_eq(count_entries(), 1);
    result_dir_free(dir);
    ck_assert_uint_eq(count_entries(), 0);
    g_free(path);
    remove_folder();
}
END_TEST

/* A link to a result stays a link; what it points to is replaced. */
START_TEST(result_dir__follows_a_link)
{
    char *link;
    struct stat status;

    make_folder();
    ck_assert_ptr_null(write_result("real", "one"));
    link = in_folder("link");
    ck_assert_int_eq(symlink("real", link), 0);
    ck_assert_ptr_null(write_result("link", "two"));
    check_file("real/seeds.csv", "two");
    ck_assert_int_eq(lstat(link, &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    g_free(link);
    remove_folder();
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, result_dir__new_with_parents);
    tcase_add_test(tcase, result_dir__replaces_an_earlier_result);
    tcase_add_test(tcase, result_dir__replaces_an_empty_folder);
    tcase_add_test(tcase, result_dir__refuses_what_is_not_ours);
    tcase_add_test(tcase, result_dir__keeps_a_file_of_the_user);
    tcase_add_test(tcase, result_dir__looks_again_at_the_end);
    tcase_add_test(tcase, result_dir__leaves_nothing_when_given_up);
    tcase_add_test(tcase, result_dir__follows_a_link);
}

int main(void)
{
    return suite_run("result_dir", add_cases);
}
