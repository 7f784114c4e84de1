#include "error.h"
#include "fd.h"
#include "ipc.h"
#include <mado/limits.h>
#include "text.h"
#include "token.h"
#include <mado/message.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_message_survives_the_wire(void)
{
    g_autoptr(mado_message) sent = message_new();
    g_autoptr(mado_message) got = NULL;
    g_autoptr(GVariant) wire = NULL;

    g_ptr_array_add(sent->from, mailbox_new("山吹 花子", "hanako@yamabuki.example"));
    g_ptr_array_add(sent->attachments, attachment_new("a.png", "image/png", 12, "00"));
    g_ptr_array_add(sent->auth_results, auth_result_new("mx.sakura.example", "pass", ""));
    sent->machine = MACHINE_LIST;
    sent->return_path = g_strdup("");
    wire = g_variant_ref_sink(message_to_variant(sent));
    got = message_from_variant(wire);
    g_assert_nonnull(got);
    g_assert_cmpstr(((struct mailbox *)got->from->pdata[0])->name, ==, "山吹 花子");
    g_assert_cmpstr(got->return_path, ==, "");
    g_assert_null(got->date);
    g_assert_cmpint(got->machine, ==, MACHINE_LIST);
    g_assert_cmpint(got->auth_results->len, ==, 1);
}

static void test_message_of_another_type_is_refused(void)
{
    g_autoptr(GVariant) wrong = g_variant_ref_sink(g_variant_new("(s)", "x"));
    g_assert_null(message_from_variant(wrong));
}

static void make_pair(int pair[2])
{
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
}

static void test_channel_carries_body_and_file(void)
{
    int pair[2];
    int fd = fd_new_memory("mail", NULL);
    struct ipc_message got;
    guint64 seq, size;

    make_pair(pair);
    g_assert_true(fd_write_all(fd, "hello", 5, NULL));
    g_assert_true(ipc_send(pair[0], IPC_MAIL, g_variant_new("(tts)", 7, 0, "uid"), fd, NULL));
    g_assert_true(ipc_receive(pair[1], &got, NULL));
    g_assert_cmpint(got.kind, ==, IPC_MAIL);
    g_variant_get_child(got.body, 0, "t", &seq);
    g_assert_cmpuint(seq, ==, 7);
    g_assert_true(fd_seal(got.fd, 100, &size, NULL));
    g_assert_cmpuint(size, ==, 5);
    /* sealed: the sender can change nothing any more */
    g_assert_cmpint(write(fd, "x", 1), <, 0);
    ipc_message_clear(&got);
    close(fd);
    close(pair[0]);
    g_assert_false(ipc_receive(pair[1], &got, NULL));
    close(pair[1]);
}

static void test_garbage_on_a_channel_is_an_error_not_a_crash(void)
{
    int pair[2];
    guint8 noise[512];

    make_pair(pair);
    for (int i = 0; i < 20000; i++) {
        gsize length = 1 + (gsize)g_test_rand_int_range(0, sizeof noise - 1);
        struct ipc_message got;
        g_autoptr(GError) error = NULL;
        for (gsize k = 0; k < length; k++)
            noise[k] = (guint8)g_test_rand_int_range(0, 256);
        if (i % 2) /* a header that is right, so that the body is looked at */
            memcpy(noise, (guint32[]){(guint32)i % IPC_KINDS, 0}, MIN(length, 8));
        g_assert_cmpint(send(pair[0], noise, length, 0), ==, length);
        if (ipc_receive(pair[1], &got, &error))
            ipc_message_clear(&got);
        else
            g_assert_error(error, MADO_ERROR, MADO_E_IPC);
    }
    close(pair[0]);
    close(pair[1]);
}

static void test_a_file_too_large_or_not_of_memory_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    guint64 size;
    int fd = fd_new_memory("sparse", NULL);
    FILE *file = tmpfile();

    g_assert_cmpint(ftruncate(fd, (off_t)1 << 40), ==, 0);
    g_assert_false(fd_seal(fd, LIMIT_MAIL_BYTES, &size, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    g_clear_error(&error);
    g_assert_false(fd_seal(fileno(file), LIMIT_MAIL_BYTES, &size, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_IPC);
    fclose(file);
    close(fd);
}

static void test_text_becomes_harmless(void)
{
    static const struct {
        const char *in, *keep, *out;
    } rows[] = {
        {"plain 山", NULL, "plain 山"},
        {"a\033[31mb", NULL, "a\\x1B[31mb"},
        {"a\r\nb", "\n", "a\\x0D\nb"},
        {"a\u202eb\u200bc", NULL, "a\\u{202E}b\\u{200B}c"},
        {"a\xff!", NULL, "a\uFFFD!"},
        {"\xc2\x85", NULL, "\\x85"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *out = text_harmless(rows[i].in, rows[i].keep);
        g_assert_cmpstr(out, ==, rows[i].out);
    }
}

static void test_text_is_measured_in_columns(void)
{
    g_autofree char *cut = text_fit("貴社Webサイトの改ざん", 10);

    g_assert_cmpint(text_width("漢字 abc"), ==, 8);
    g_assert_cmpstr(cut, ==, "貴社Web..");
    g_assert_cmpint(text_width(cut), <=, 10);
}

static void test_addresses_that_could_break_out_are_refused(void)
{
    g_assert_true(text_is_safe_address("a.b+c@sakura.example"));
    const char *bad[] = {"a", "@b", "a@", "a@b\r\nBcc: x@y", "a@b@c", "a b@c", "a@b>", "\"a\"@b",
        "a@\xe5\xb1\xb1", "a,b@c"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(text_is_safe_address(bad[i]));
}

static void test_token_is_bound_to_incident_and_address(void)
{
    g_autoptr(GBytes) secret = g_bytes_new_static("0123456789abcdef0123456789abcdef", 32);
    g_autofree char *token = token_make(secret, 2026, 42, "Hanako@yamabuki.example");
    g_autofree char *id = token_message_id(2026, 42, token, "x1", "sakura.example");
    g_autofree char *found = NULL;
    int year, sequence;

    g_assert_cmpint(strlen(token), ==, 16);
    g_assert_true(token_is_right(secret, 2026, 42, "hanako@yamabuki.example", token));
    g_assert_false(token_is_right(secret, 2026, 43, "hanako@yamabuki.example", token));
    g_assert_false(token_is_right(secret, 2026, 42, "other@yamabuki.example", token));
    g_assert_true(token_parse_message_id(id, "sakura.example", &year, &sequence, &found));
    g_assert_cmpint(sequence, ==, 42);
    g_assert_cmpstr(found, ==, token);
    g_clear_pointer(&found, g_free);
    g_assert_false(token_parse_message_id(id, "other.example", &year, &sequence, &found));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/survives the wire", test_message_survives_the_wire);
    g_test_add_func("/message/of another type is refused", test_message_of_another_type_is_refused);
    g_test_add_func("/ipc/carries body and file", test_channel_carries_body_and_file);
    g_test_add_func(
        "/ipc/garbage is an error, not a crash", test_garbage_on_a_channel_is_an_error_not_a_crash);
    g_test_add_func("/fd/too large or not of memory is refused",
        test_a_file_too_large_or_not_of_memory_is_refused);
    g_test_add_func("/text/becomes harmless", test_text_becomes_harmless);
    g_test_add_func("/text/is measured in columns", test_text_is_measured_in_columns);
    g_test_add_func("/text/addresses that could break out are refused",
        test_addresses_that_could_break_out_are_refused);
    g_test_add_func(
        "/token/is bound to incident and address", test_token_is_bound_to_incident_and_address);
    return g_test_run();
}
