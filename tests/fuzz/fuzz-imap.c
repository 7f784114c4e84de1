/* Any bytes as all that an IMAP server says; the first of them chooses how mado is configured. What
 * it hands over is a whole mail of a name that was listed, each once; what it says to the server
 * expunges nothing of others, sets no \Seen, and has a secret only where one may be said. With
 * libFuzzer (-DMADO_LIBFUZZER -fsanitize=fuzzer) it runs for as long as it is let; else main()
 * tries the corpus that is kept, and a fixed number of fixed mutations of it. */
#include "folder.h"
#include "imap-house.h"
#include <glib/gstdio.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

#define NEVER "s3cret-of-ours"

static const struct {
    const char *settings;
    gboolean secret; /* may be told: this host is at the other end */
} ways[] = {
    {"'after': <'keyword'>", FALSE},
    {"'after': <'move'>", FALSE},
    {"'after': <'leave'>", FALSE},
    {"'after': <'move'>, 'user': <'csirt'>, 'auth': <'plain'>", TRUE},
    {"'after': <'keyword'>, 'user': <'日'>, 'auth': <'login'>", TRUE},
    {"'after': <'keyword'>, 'user': <'csirt'>, 'auth': <'xoauth2'>", TRUE},
    {"'after': <'leave'>, 'user': <'csirt'>, 'auth': <'oauthbearer'>", TRUE},
    {"'after': <'leave'>, 'user': <'csirt'>, 'tls': <'starttls'>, 'fingerprint': <'" /* of nobody */
     "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF'>",
        FALSE},
};

static char *folder, *password;
static GHashTable *listed; /* uid -> whether it came already */

/* -- the role -- */

static void clean_up(void)
{
    folder_remove(folder);
    g_free(password);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    folder = g_dir_make_tmp("fuzz-imap-XXXXXX", NULL);
    password = g_build_filename(folder, "password", NULL);
    listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_assert_true(
        g_file_set_contents_full(password, NEVER "\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    return atexit(clean_up);
}

static int need(gpointer role, enum ipc_need what, GError **error)
{
    int fd;

    if (what == NEED_CONNECTION)
        return imap_house_need(role, what, error);
    fd = fd_new_memory("token", error);
    g_assert_true(fd_write_all(fd, NEVER "\n", sizeof NEVER, error));
    return fd;
}

static gboolean take(gpointer role, const char *uid, int mail, const char *why)
{
    struct stat is;

    g_assert_true(g_hash_table_contains(listed, uid));
    g_assert_true((mail < 0) == (why != NULL));
    if (mail < 0)
        return TRUE;
    g_assert_true(fstat(mail, &is) == 0 && is.st_size <= 100);
    close(mail);
    g_assert_false(GPOINTER_TO_INT(g_hash_table_lookup(listed, uid)));
    g_hash_table_insert(listed, g_strdup(uid), GINT_TO_POINTER(TRUE));
    return TRUE;
}

/* -- all that a role does, with what may be said to the server -- */

static void check_told(struct imap_house *house, gboolean secret)
{
    g_autofree char *told = house->end >= 0 ? imap_house_told(house) : g_strdup("");

    g_assert_null(strstr(told, "\\Seen"));
    g_assert_null(strstr(told, " BODY["));
    g_assert_true(secret || !strstr(told, "AUTHENTICATE"));
    g_assert_true(secret || !strstr(told, "LOGIN"));
    g_assert_true(secret || !strstr(told, NEVER));
    for (const char *at = told; (at = strstr(at, "EXPUNGE")); at++)
        g_assert_true(at - told > 4 && g_str_has_prefix(at - 4, "UID EXPUNGE "));
}

static gboolean take_all(struct imap_house *house, GError **error)
{
    g_autoptr(GPtrArray) uids = imap_house_look(house, TRUE, error);

    if (!uids)
        return FALSE;
    g_hash_table_remove_all(listed);
    for (guint i = 0; i < uids->len; i++) {
        g_assert_true(g_str_has_prefix(uids->pdata[i], "INBOX/"));
        g_assert_true(g_hash_table_add(listed, g_strdup(uids->pdata[i])));
        g_hash_table_insert(listed, g_strdup(uids->pdata[i]), NULL);
    }
    return source_imap.fetch(house->source, uids, error) &&
           source_imap.taken(house->source, uids, error);
}

/* The second look is on the same connection, or on one that says the same again. */
static void live(struct imap_house *house, gboolean secret)
{
    for (int look = 0; look < 3; look++) {
        g_autoptr(GError) error = NULL;
        gboolean done =
            take_all(house, &error) &&
            source_imap.wait(house->source, g_get_monotonic_time(), &house->news, &error);
        g_assert_true(done == (error == NULL));
        g_assert_true(!error || secret || !strstr(error->message, NEVER));
        check_told(house, secret);
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    gsize way = size ? *bytes % G_N_ELEMENTS(ways) : 0;
    struct imap_house house = {
        .said = (const char *)bytes + 1, .length = size ? size - 1 : 0, .take = take};
    g_autofree char *settings = g_strdup_printf(
        "{'timeout': <int64 1>, 'password_file': <'%s'>, %s}", password, ways[way].settings);

    if (size && memmem(bytes, size, NEVER, strlen(NEVER)))
        return 0; /* it knows it already */
    imap_house_open(&house, settings, NULL);
    g_assert_nonnull(house.source);
    house.means.need = need;
    live(&house, ways[way].secret);
    imap_house_close(&house);
    return 0;
}

#ifndef MADO_LIBFUZZER

static void mutate(GRand *rand, GByteArray *bytes)
{
    static const char *const pieces[] = {"\r\n", "* ", " EXISTS\r\n", "{5}\r\n", "{4294967295}",
        "[UIDVALIDITY 1]", "(", ")", "\"", "NIL", "UID 10 ", "* 1 EXPUNGE\r\n", "+ \r\n", "OK ",
        "NO ", "* BYE ", "\xff", "4294967295", "-1", "BODY[] "};
    const char *piece = pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))];
    guint at = (guint)g_rand_int_range(rand, 0, (gint)bytes->len);
    guint wanted = (guint)g_rand_int_range(rand, 1, 60);
    guint length = MIN(bytes->len - at, wanted);
    g_autofree guint8 *rest = g_memdup2(bytes->data + at, bytes->len - at);
    guint left = bytes->len - at, from = 0;

    g_byte_array_set_size(bytes, at);
    if (g_rand_boolean(rand)) /* something is put in */
        g_byte_array_append(bytes, (const guint8 *)piece, (guint)strlen(piece));
    else if (g_rand_boolean(rand)) /* it is there twice, or left out */
        g_byte_array_append(bytes, rest, length);
    else
        from = length;
    g_byte_array_append(bytes, rest + from, left - from);
    if (!bytes->len)
        g_byte_array_append(bytes, (const guint8 *)"0", 1);
}

static void test_kept(gconstpointer file)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260302);
    g_autofree char *kept = NULL;
    gsize size;

    g_assert_true(g_file_get_contents(file, &kept, &size, NULL));
    LLVMFuzzerTestOneInput((const guint8 *)kept, size);
    for (int i = 0; i < 100; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_byte_array_append(bytes, (const guint8 *)kept, (guint)size);
        for (int n = g_rand_int_range(rand, 1, 6); n > 0; n--)
            mutate(rand, bytes);
        LLVMFuzzerTestOneInput(bytes->data, bytes->len);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *corpus =
        g_build_filename(g_getenv("MADO_SOURCE"), "tests/fuzz/corpus/imap", NULL);
    g_autoptr(GDir) dir = g_dir_open(corpus, 0, NULL);
    const char *name;

    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_strdup_printf("/fuzz/imap/%s", name);
        g_test_add_data_func_full(path, g_build_filename(corpus, name, NULL), test_kept, g_free);
    }
    return g_test_run();
}

#endif
