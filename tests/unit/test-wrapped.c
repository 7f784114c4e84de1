/* What a saved file is called, and what of it stays when it cannot be written. */
#include "madoctl.h"
#include <mado/enclosure.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static void test_names_are_harmless(void)
{
    static const struct {
        const char *name, *wanted;
    } rows[] = {
        {"invoice.pdf", "invoice.pdf"},
        {"請求書 (1).pdf", "請求書 (1).pdf"},
        {"../../etc/passwd", "passwd"},
        {"C:\\temp\\a.exe", "a.exe"},
        {"a:b|c*d?.exe", "a_b_c_d_.exe"},
        {".hidden", "_hidden"},
        {"ends.", "ends"},
        {"a\nb\x1b[31m", "a_b_[31m"},
        {"evil\u202egnp.exe", "evil_gnp.exe"},
        {"$(id)`.sh", "_(id)_.sh"},
        {"/", "file"},
        {"", "file"},
        {"  ", "file"},
        {"\xff", "_"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = enclosure_safe_name(rows[i].name);
        g_assert_cmpstr(name, ==, rows[i].wanted);
    }
}

static void test_a_name_is_of_some_length(void)
{
    g_autofree char *all = g_strnfill(5000, 'x');
    g_autofree char *name = enclosure_safe_name(all);

    g_assert_cmpint(g_utf8_strlen(name, -1), <=, 120);
}

static void test_what_is_there_stays(void)
{
    g_autofree char *folder = g_dir_make_tmp("mado-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.zip", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new_static("PK", 2);
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL, *second = NULL;
    gsize size;
    struct stat is;

    g_assert_true(wrapped_write(path, "a", bytes, &error));
    g_assert_cmpint(stat(path, &is), ==, 0);
    g_assert_cmpint(is.st_mode & 0777, ==, 0600);
    g_assert_true(g_file_get_contents(path, &first, &size, NULL));
    g_assert_false(wrapped_write(path, "b", bytes, &error));
    g_assert_nonnull(error);
    g_assert_true(g_file_get_contents(path, &second, NULL, NULL));
    g_assert_cmpmem(first, size, second, size);
    g_remove(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wrapped/names are harmless", test_names_are_harmless);
    g_test_add_func("/wrapped/a name is of some length", test_a_name_is_of_some_length);
    g_test_add_func("/wrapped/what is there stays", test_what_is_there_stays);
    return g_test_run();
}
