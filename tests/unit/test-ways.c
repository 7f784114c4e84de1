/* The Maildir as a source and as a way out. */
#include "error.h"
#include "fd.h"
#include "folder.h"
#include "intake.h"
#include "send.h"
#include <string.h>
#include <unistd.h>

struct box {
    char *path;
};

static void make_box(struct box *box, gconstpointer data)
{
    box->path = g_dir_make_tmp("box-XXXXXX", NULL);
    const char *folders[] = {"new", "cur", "tmp"};
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(box->path, folders[i], NULL);
        g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    }
}

static void drop_box(struct box *box, gconstpointer data)
{
    folder_remove(box->path);
}

static void put(struct box *box, const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(box->path, name, NULL);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
}

static gboolean is_there(struct box *box, const char *name)
{
    g_autofree char *file = g_build_filename(box->path, name, NULL);
    return g_file_test(file, G_FILE_TEST_EXISTS);
}

static void test_mail_is_listed_oldest_first(struct box *box, gconstpointer data)
{
    gpointer source = source_maildir.open(box->path, NULL);
    g_autoptr(GPtrArray) uids = NULL;

    put(box, "new/200.b", "two");
    put(box, "new/100.a", "one");
    put(box, "new/.hidden", "no");
    uids = source_maildir.list(source, FALSE, NULL);
    g_assert_cmpint(uids->len, ==, 2);
    g_assert_cmpstr(uids->pdata[0], ==, "100.a");
    source_maildir.close(source);
}

static void test_mail_that_a_person_has_seen_is_found_too(struct box *box, gconstpointer data)
{
    gpointer source = source_maildir.open(box->path, NULL);
    g_autoptr(GPtrArray) inbox = NULL, whole = NULL;
    char text[8];
    int fd;

    put(box, "cur/100.a:2,S", "seen");
    inbox = source_maildir.list(source, FALSE, NULL);
    whole = source_maildir.list(source, TRUE, NULL);
    g_assert_cmpint(inbox->len, ==, 0);
    g_assert_cmpstr(whole->pdata[0], ==, "100.a");
    fd = source_maildir.fetch(source, "100.a", NULL);
    g_assert_cmpint(read(fd, text, sizeof text), ==, 4);
    close(fd);
    g_assert_true(source_maildir.taken(source, "100.a", NULL));
    g_assert_true(is_there(box, "cur/100.a:2,S"));
    source_maildir.close(source);
}

static void test_taken_mail_moves_to_cur_once(struct box *box, gconstpointer data)
{
    gpointer source = source_maildir.open(box->path, NULL);

    put(box, "new/100.a", "one");
    g_assert_true(source_maildir.taken(source, "100.a", NULL));
    g_assert_true(source_maildir.taken(source, "100.a", NULL));
    g_assert_true(is_there(box, "cur/100.a:2,"));
    g_assert_false(is_there(box, "new/100.a"));
    source_maildir.close(source);
}

static void test_mail_that_vanished_is_no_error(struct box *box, gconstpointer data)
{
    gpointer source = source_maildir.open(box->path, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(source_maildir.fetch(source, "gone", &error), ==, -1);
    g_assert_no_error(error);
    source_maildir.close(source);
}

static void test_a_link_is_not_followed(struct box *box, gconstpointer data)
{
    gpointer source = source_maildir.open(box->path, NULL);
    g_autofree char *link = g_build_filename(box->path, "new/link", NULL);

    g_assert_cmpint(symlink("/etc/passwd", link), ==, 0);
    g_assert_cmpint(source_maildir.fetch(source, "link", NULL), ==, -1);
    source_maildir.close(source);
}

static void test_what_is_no_maildir_is_refused(struct box *box, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(source_maildir.open("/proc/self", &error));
    g_assert_error(error, MADO_ERROR, MADO_E_SOURCE);
}

static char *send_text(struct box *box, guint64 id, const char *text)
{
    gpointer way = transport_maildir.open(box->path, NULL);
    int fd = fd_new_memory("letter", NULL);
    struct letter_out letter = {id, "", "hanako@yamabuki.example", fd};
    struct send_result result;

    g_assert_true(fd_write_all(fd, text, strlen(text), NULL));
    transport_maildir.send(way, &letter, &result);
    g_assert_cmpint(result.outcome, ==, SEND_DONE);
    close(fd);
    transport_maildir.close(way);
    return result.reply;
}

static guint count_letters(struct box *box, const char *folder)
{
    g_autofree char *path = g_build_filename(box->path, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir))
        count++;
    return count;
}

static void test_a_letter_sent_twice_is_there_once(struct box *box, gconstpointer data)
{
    g_autofree char *again = NULL;

    g_free(send_text(box, 7, "Subject: x\r\n\r\nhello\r\n"));
    again = send_text(box, 7, "Subject: x\r\n\r\nhello\r\n");
    g_assert_cmpstr(again, ==, "was there already");
    g_assert_cmpint(count_letters(box, "new"), ==, 1);
    g_assert_cmpint(count_letters(box, "tmp"), ==, 0);
}

static void test_a_letter_that_was_read_is_not_sent_again(struct box *box, gconstpointer data)
{
    g_autofree char *first = send_text(box, 7, "hello");
    g_autofree char *name = g_path_get_basename(first);
    g_autofree char *from = g_build_filename(box->path, "new", name, NULL);
    g_autofree char *to = g_strdup_printf("%s/cur/%s:2,S", box->path, name);

    g_assert_cmpint(rename(from, to), ==, 0);
    g_free(send_text(box, 7, "hello"));
    g_assert_cmpint(count_letters(box, "new"), ==, 0);
}

static void test_another_letter_of_the_same_id_is_sent(struct box *box, gconstpointer data)
{
    g_free(send_text(box, 7, "of the store before"));
    g_free(send_text(box, 7, "of a new store"));
    g_assert_cmpint(count_letters(box, "new"), ==, 2);
}

#define ADD(name, test) g_test_add(name, struct box, NULL, make_box, test, drop_box)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/source/mail is listed oldest first", test_mail_is_listed_oldest_first);
    ADD("/source/mail that a person has seen is found too",
        test_mail_that_a_person_has_seen_is_found_too);
    ADD("/source/taken mail moves to cur once", test_taken_mail_moves_to_cur_once);
    ADD("/source/mail that vanished is no error", test_mail_that_vanished_is_no_error);
    ADD("/source/a link is not followed", test_a_link_is_not_followed);
    ADD("/source/what is no maildir is refused", test_what_is_no_maildir_is_refused);
    ADD("/way/a letter sent twice is there once", test_a_letter_sent_twice_is_there_once);
    ADD("/way/a letter that was read is not sent again",
        test_a_letter_that_was_read_is_not_sent_again);
    ADD("/way/another letter of the same id is sent", test_another_letter_of_the_same_id_is_sent);
    return g_test_run();
}
