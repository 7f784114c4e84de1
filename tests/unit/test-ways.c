/* The Maildir as a source and as a way out. */
#include "error.h"
#include "fd.h"
#include "folder.h"
#include "intake.h"
#include "send.h"
#include <string.h>
#include <sys/stat.h>
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
    g_assert_true(g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static gboolean is_there(struct box *box, const char *name)
{
    g_autofree char *file = g_build_filename(box->path, name, NULL);
    return g_file_test(file, G_FILE_TEST_EXISTS);
}

/* -- source -- */

/* The uids of a listing, in its order; a uid begins with the name. */
static GPtrArray *list(gpointer source, gboolean whole, guint expected)
{
    GPtrArray *uids = source_maildir.list(source, whole, NULL);

    g_assert_cmpint(uids->len, ==, expected);
    return uids;
}

/* What the last fetch brought. */
static struct {
    char text[64];
    gboolean came, refused;
} fetched;

static gboolean got(gpointer role, const char *uid, int mail, const char *why_not)
{
    fetched.came = mail >= 0;
    fetched.refused = why_not != NULL;
    memset(fetched.text, 0, sizeof fetched.text);
    if (mail < 0)
        return TRUE;
    g_assert_cmpint(pread(mail, fetched.text, sizeof fetched.text - 1, 0), >=, 0);
    close(mail);
    return TRUE;
}

static gpointer open_source(const char *path, GError **error)
{
    static const struct means means = {.channel = -1};
    g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&settings, "path", "s", path);
    return source_maildir.open(
        &(struct source_setup){
            .settings = &settings, .means = &means, .max_message = 1000, .got = got},
        error);
}

static void fetch(gpointer source, const char *uid)
{
    g_autoptr(GPtrArray) one = g_ptr_array_new();

    g_ptr_array_add(one, (gpointer)uid);
    fetched.came = fetched.refused = FALSE;
    g_assert_true(source_maildir.fetch(source, one, NULL));
}

static void assert_fetched(gpointer source, const char *uid, const char *text)
{
    fetch(source, uid);
    g_assert_true(fetched.came);
    g_assert_cmpstr(fetched.text, ==, text);
}

static void tell(gpointer source, const char *uid)
{
    g_autoptr(GPtrArray) one = g_ptr_array_new();

    g_ptr_array_add(one, (gpointer)uid);
    g_assert_true(source_maildir.taken(source, one, NULL));
}

static void test_mail_is_listed_oldest_first(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);
    g_autoptr(GPtrArray) uids = NULL;

    put(box, "new/200.b", "two");
    put(box, "new/100.a", "one");
    put(box, "new/.hidden", "no");
    uids = list(source, FALSE, 2);
    g_assert_true(g_str_has_prefix(uids->pdata[0], "100.a/"));
    source_maildir.close(source);
}

static void test_mail_that_a_person_has_seen_is_found_too(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);
    g_autoptr(GPtrArray) whole = NULL;

    put(box, "cur/100.a:2,S", "seen");
    g_ptr_array_unref(list(source, FALSE, 0));
    whole = list(source, TRUE, 1);
    assert_fetched(source, whole->pdata[0], "seen");
    tell(source, whole->pdata[0]);
    g_assert_true(is_there(box, "cur/100.a:2,S"));
    source_maildir.close(source);
}

static void test_taken_mail_moves_to_cur_once(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);
    g_autoptr(GPtrArray) before = NULL, behind = NULL;

    put(box, "new/100.a", "one");
    before = list(source, TRUE, 1);
    tell(source, before->pdata[0]);
    tell(source, before->pdata[0]);
    g_assert_true(is_there(box, "cur/100.a:2,"));
    g_assert_false(is_there(box, "new/100.a"));
    behind = list(source, TRUE, 1);
    g_assert_cmpstr(behind->pdata[0], ==, before->pdata[0]);
    source_maildir.close(source);
}

static void test_any_name_is_taken(struct box *box, gconstpointer data)
{
    static const char *const names[] = {
        "100.a:2,S", "100.a", ":2,", "a:b:c", "line\nend", "\xff\xfe", "\xfe\xff"};
    g_autofree char *longest = g_strnfill(255, 'x');
    g_autofree char *longest_path = g_strconcat("new/", longest, NULL);
    gpointer source = open_source(box->path, NULL);
    g_autoptr(GPtrArray) uids = NULL;
    g_autoptr(GHashTable) different = g_hash_table_new(g_str_hash, g_str_equal);

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat("new/", names[i], NULL);
        put(box, path, "text");
    }
    put(box, longest_path, "text");
    uids = list(source, FALSE, G_N_ELEMENTS(names) + 1);
    for (guint i = 0; i < uids->len; i++) {
        g_assert_true(g_utf8_validate(uids->pdata[i], -1, NULL));
        g_assert_true(g_hash_table_add(different, uids->pdata[i]));
        assert_fetched(source, uids->pdata[i], "text");
        tell(source, uids->pdata[i]);
    }
    g_ptr_array_unref(list(source, FALSE, 0));
    source_maildir.close(source);
}

static void test_a_name_used_twice_is_two_mails(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);
    g_autoptr(GPtrArray) first = NULL, second = NULL;

    put(box, "new/report", "one");
    first = list(source, TRUE, 1);
    tell(source, first->pdata[0]);
    put(box, "new/report", "two");
    second = list(source, FALSE, 1);
    g_assert_cmpstr(first->pdata[0], !=, second->pdata[0]);
    assert_fetched(source, second->pdata[0], "two");
    tell(source, second->pdata[0]);
    g_ptr_array_unref(list(source, TRUE, 2));
    source_maildir.close(source);
}

static void test_mail_that_vanished_is_no_error(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);

    fetch(source, "gone/1.2");
    g_assert_false(fetched.came || fetched.refused);
    source_maildir.close(source);
}

static void test_what_is_no_file_is_not_opened(struct box *box, gconstpointer data)
{
    gpointer source = open_source(box->path, NULL);
    g_autofree char *link = g_build_filename(box->path, "new/link", NULL);
    g_autofree char *pipe = g_build_filename(box->path, "new/pipe", NULL);
    g_autofree char *folder = g_build_filename(box->path, "new/folder", NULL);
    g_autoptr(GPtrArray) uids = NULL;

    g_assert_cmpint(symlink("/etc/passwd", link), ==, 0);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    uids = list(source, FALSE, 3);
    for (guint i = 0; i < uids->len; i++) {
        fetch(source, uids->pdata[i]);
        g_assert_true(!fetched.came && fetched.refused);
    }
    source_maildir.close(source);
}

static void test_what_is_no_maildir_is_refused(struct box *box, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(open_source("/proc/self", &error));
    g_assert_error(error, MADO_ERROR, MADO_E_SOURCE);
}

/* -- way out -- */

static char *send_text(struct box *box, guint64 id, const char *text)
{
    g_autoptr(GVariantDict) settings = g_variant_dict_new(NULL);
    struct transport_setup setup = {.settings = settings};
    gpointer way;
    int fd = fd_new_memory("letter", NULL);
    struct letter_out letter = {id, "", "hanako@yamabuki.example", fd};
    struct send_result result;

    g_variant_dict_insert(settings, "path", "s", box->path);
    way = transport_maildir.open(&setup, NULL);
    g_assert_true(transport_maildir.prove(way, NULL));
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
    ADD("/source/what is no file is not opened", test_what_is_no_file_is_not_opened);
    ADD("/source/any name is taken", test_any_name_is_taken);
    ADD("/source/a name used twice is two mails", test_a_name_used_twice_is_two_mails);
    ADD("/source/what is no maildir is refused", test_what_is_no_maildir_is_refused);
    ADD("/way/a letter sent twice is there once", test_a_letter_sent_twice_is_there_once);
    ADD("/way/a letter that was read is not sent again",
        test_a_letter_that_was_read_is_not_sent_again);
    ADD("/way/another letter of the same id is sent", test_another_letter_of_the_same_id_is_sent);
    return g_test_run();
}
