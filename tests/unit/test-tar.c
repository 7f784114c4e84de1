/* Files in one file: what goes in comes out, tar itself reads it, and what is damaged is told. */
#include "error.h"
#include "fd.h"
#include "folder.h"
#include "tar.h"
#include <string.h>
#include <unistd.h>

enum {
    BLOCK = 512,
    SUM_AT = 148,
    SIZE_AT = 124,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    MOST = 1024 * 1024
};

static GBytes *filled(gsize size, char with)
{
    char *bytes = g_malloc(size + 1);

    memset(bytes, with, size);
    return g_bytes_new_take(bytes, size);
}

static void add(int fd, const char *name, gsize size, char with)
{
    g_autoptr(GBytes) bytes = filled(size, with);

    g_assert_true(tar_add(fd, name, bytes, 1790000000, NULL));
}

static void expect_member(
    int fd, struct tar_member *member, const char *name, gsize size, char with)
{
    g_autoptr(GBytes) wanted = filled(size, with);
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpint(tar_next(fd, member, NULL), ==, 1);
    g_assert_cmpstr(member->name, ==, name);
    g_assert_cmpuint(member->size, ==, size);
    bytes = tar_bytes(fd, member, size, NULL);
    g_assert_true(bytes && g_bytes_equal(bytes, wanted));
}

static const gsize sizes[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 100000};

static int whole(void)
{
    int fd = fd_new_memory("tar", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("file-%" G_GSIZE_FORMAT, i);
        add(fd, name, sizes[i], (char)('a' + i));
    }
    g_assert_true(tar_end(fd, NULL));
    return fd;
}

static void test_what_goes_in_comes_out(void)
{
    int fd = whole();
    struct tar_member member = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("file-%" G_GSIZE_FORMAT, i);
        expect_member(fd, &member, name, sizes[i], (char)('a' + i));
    }
    g_assert_cmpint(tar_next(fd, &member, NULL), ==, 0);
    g_assert_cmpint(lseek(fd, 0, SEEK_END) % BLOCK, ==, 0);
    close(fd);
}

/* Any host can unpack it. */
static void test_tar_reads_it(void)
{
    char *folder = g_dir_make_tmp("mado-tar-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.tar", NULL);
    g_autofree char *command = g_strdup_printf("tar -C %s -xpf %s", folder, path);
    int status = -1, fd = whole();
    g_autofree char *bytes = g_malloc(MOST);
    gssize size = pread(fd, bytes, MOST, 0);

    g_assert_cmpint(size, ==, lseek(fd, 0, SEEK_END));
    g_assert_true(g_file_set_contents(path, bytes, size, NULL));
    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("%s/file-%" G_GSIZE_FORMAT, folder, i);
        g_autofree char *text = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(name, &text, &length, NULL));
        g_assert_cmpuint(length, ==, sizes[i]);
        g_assert_true(length == 0 || text[length - 1] == (char)('a' + i));
    }
    close(fd);
    folder_remove(folder);
}

/* As long as its field has room: one that fills it has no end. */
static void test_names_have_their_length(void)
{
    static const gsize lengths[] = {1, 99, 100};
    int fd = fd_new_memory("tar", NULL);
    struct tar_member member = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *name = g_strnfill(lengths[i], 'n');
        add(fd, name, 1, 'x');
    }
    g_assert_true(tar_end(fd, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *name = g_strnfill(lengths[i], 'n');
        expect_member(fd, &member, name, 1, 'x');
    }
    close(fd);
}

static void test_nobody_is_given_more_than_they_take(void)
{
    int fd = fd_new_memory("tar", NULL);
    struct tar_member member = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) all = NULL;

    add(fd, "file", 10, 'x');
    g_assert_true(tar_end(fd, NULL));
    g_assert_cmpint(tar_next(fd, &member, NULL), ==, 1);
    g_assert_null(tar_bytes(fd, &member, 9, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    all = tar_bytes(fd, &member, 10, NULL);
    g_assert_cmpuint(g_bytes_get_size(all), ==, 10);
    close(fd);
}

/* -- damage -- */

static void sum_again(int fd)
{
    guint8 header[BLOCK];
    char digits[8] = "";
    guint sum = 0;

    g_assert_cmpint(pread(fd, header, BLOCK, 0), ==, BLOCK);
    for (guint i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : header[i];
    g_snprintf(digits, sizeof digits, "%06o", sum);
    g_assert_cmpint(pwrite(fd, digits, 7, SUM_AT), ==, 7);
}

/* `mends`: the sum is right again, so that the field itself is looked at. */
static void test_what_is_damaged_is_told(void)
{
    static const struct {
        const char *what;
        goffset at;
        const char *bytes;
        gboolean mends;
    } rows[] = {
        {"a letter of the name", 0, "g", FALSE},
        {"the sum", SUM_AT, "777777", FALSE},
        {"the size", SIZE_AT + 5, "7", FALSE},
        {"the kind, with its sum", TYPE_AT, "2", TRUE},
        {"the magic, with its sum", MAGIC_AT, "USTAR", TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int fd = fd_new_memory("tar", NULL);
        struct tar_member member = {0};
        g_autoptr(GError) error = NULL;
        g_test_message("%s", rows[i].what);
        add(fd, "file", 10, 'x');
        g_assert_true(tar_end(fd, NULL));
        g_assert_cmpint(pwrite(fd, rows[i].bytes, strlen(rows[i].bytes), rows[i].at), >, 0);
        if (rows[i].mends)
            sum_again(fd);
        g_assert_cmpint(tar_next(fd, &member, &error), ==, -1);
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
        close(fd);
    }
}

/* Wherever it is cut: no member that is not whole, no end that is none. */
static void test_what_is_cut_short_is_told(void)
{
    for (goffset length = 0; length < 3 * BLOCK; length += 37) {
        int fd = fd_new_memory("tar", NULL);
        struct tar_member member = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = NULL;
        int got;
        add(fd, "file", BLOCK, 'x');
        g_assert_true(tar_end(fd, NULL));
        g_assert_cmpint(ftruncate(fd, length), ==, 0);
        got = tar_next(fd, &member, &error);
        g_assert_cmpint(got, ==, length < BLOCK ? -1 : 1);
        bytes = got == 1 ? tar_bytes(fd, &member, BLOCK, NULL) : NULL;
        g_assert_cmpint(bytes != NULL, ==, length >= 2 * BLOCK);
        if (bytes)
            g_assert_cmpint(tar_next(fd, &member, NULL), ==, -1);
        close(fd);
    }
}

/* A size that leads around the end of all numbers leads nowhere. */
static void test_a_size_beyond_all_is_told(void)
{
    int fd = fd_new_memory("tar", NULL);
    struct tar_member member = {0};

    add(fd, "file", 10, 'x');
    g_assert_true(tar_end(fd, NULL));
    g_assert_cmpint(pwrite(fd, "77777777777", 11, SIZE_AT), ==, 11);
    sum_again(fd);
    g_assert_cmpint(tar_next(fd, &member, NULL), ==, 1);
    g_assert_null(tar_bytes(fd, &member, 1000, NULL));
    g_assert_cmpint(tar_next(fd, &member, NULL), ==, -1);
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tar/what goes in comes out", test_what_goes_in_comes_out);
    g_test_add_func("/tar/tar reads it", test_tar_reads_it);
    g_test_add_func("/tar/names have their length", test_names_have_their_length);
    g_test_add_func(
        "/tar/nobody is given more than they take", test_nobody_is_given_more_than_they_take);
    g_test_add_func("/tar/what is damaged is told", test_what_is_damaged_is_told);
    g_test_add_func("/tar/what is cut short is told", test_what_is_cut_short_is_told);
    g_test_add_func("/tar/a size beyond all is told", test_a_size_beyond_all_is_told);
    return g_test_run();
}
