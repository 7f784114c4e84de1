/* Any bytes make a message: valid UTF-8, within the limits, and able to travel. With libFuzzer
 * (-DMADO_LIBFUZZER -fsanitize=fuzzer) it runs for as long as it is let; else main() tries a fixed
 * number of fixed mutations of the seeds. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    read_warm(FALSE);
    return 0;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    g_autoptr(mado_message) message = read_message(bytes, size);
    g_autoptr(GVariant) wire = g_variant_ref_sink(message_to_variant(message));
    g_autoptr(mado_message) again = message_from_variant(wire);

    /* g_assert is for our own promises, never for what strangers send */
    g_assert_nonnull(again);
    g_assert_true(g_utf8_validate(message->text, -1, NULL));
    g_assert_true(g_utf8_validate(message->subject, -1, NULL));
    g_assert_true(g_utf8_validate(message->machine_why, -1, NULL));
    g_assert_null(strpbrk(message->text, "\r\x1b\x7f"));
    g_assert_cmpuint(strlen(message->text), <=, LIMIT_TEXT_BYTES);
    g_assert_cmpuint(message->attachments->len, <=, LIMIT_PARTS);
    for (guint i = 0; i < message->attachments->len; i++) {
        const struct attachment *a = message->attachments->pdata[i];
        g_assert_true(g_utf8_validate(a->name, -1, NULL));
        g_assert_null(strpbrk(a->name, "/\\\n\r\x1b"));
        g_assert_cmpint(*a->name, !=, '.');
    }
    return 0;
}

#ifndef MADO_LIBFUZZER

static const char tree[] =
    "Return-Path: <a@a.example>\nFrom: =?utf-8?B?5bGx5ZC5?= <a@a.example>\nTo: g: b@b.example, c;\n"
    "Subject: =?iso-2022-jp?B?GyRCSnM5cBsoQg==?=\nDate: Mon, 2 Mar 2026 09:00:00 +0900\n"
    "Message-ID: <1@a.example>\nReferences: <2@a.example>\n"
    "Authentication-Results: mx; dmarc=pass (a (b)) x=\"y\"\n"
    "Content-Type: multipart/mixed; boundary=\"x\"\n\npre\n--x\n"
    "Content-Type: multipart/alternative; boundary=y\n\n--y\n"
    "Content-Type: text/plain; charset=shift_jis; format=flowed; delsp=yes\n\n\x82\xa8\x92m "
    "\n\x82\xe7>\n--y\n"
    "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    "<p style=3D\"display:none\"><ul><li><a "
    "href=3Dhttp://a>b</a><table><td>&eacute;<pre>x=\n--y--\n--x\n"
    "Content-Type: application/pdf; name*0*=utf-8''%e3%81; name*1=a.pdf\n"
    "Content-Transfer-Encoding: base64\n\nYWJj\n--x\nContent-Type: message/rfc822\n\n"
    "To: a@a.example\nContent-Type: multipart/digest; boundary=z\n\n--z\n\nSubject: "
    "a\n\na\n--z--\n--x--\n";

static const char bounce[] =
    "From: MAILER-DAEMON\nContent-Type: multipart/report; report-type=delivery-status; "
    "boundary=x\n\n--x\n"
    "stray\n--x\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n--x\n"
    "Content-Type: text/plain; name=\"../a\\\"b\"\nContent-Transfer-Encoding: x-uuencode\n\n"
    "begin 644 a\n%:&5L;&\\\n`\nend\n--x--\n";

static const char japanese[] =
    "X-ARF: yes\nAuto-Submitted: auto-replied\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    "\x1b$B-!$*@$OC\x1b(I6E\x1b(B\r\n\x1b$B";

static const char *const seeds[] = {tree, bounce, japanese};

static void mutate(GRand *rand, GByteArray *bytes)
{
    static const char *const pieces[] = {"--x\n", "\n\n", "\r", "\"", "=?utf-8?Q?", "?=", ";",
        "*0*=", "\xff", "<", "&#", "\x1b$B", "Content-Type: multipart/mixed; boundary=x\n\n", "(",
        ":", "%00"};
    const char *piece = pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))];
    gint length_wanted = g_rand_int_range(rand, 1, 200);
    guint at = (guint)g_rand_int_range(rand, 0, (gint)bytes->len);
    guint length = MIN(bytes->len - at, (guint)length_wanted);
    g_autofree guint8 *again = NULL;

    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        bytes->data[at] = (guint8)g_rand_int(rand);
        break;
    case 1:
        memcpy(bytes->data + at, piece, MIN(strlen(piece), bytes->len - at));
        break;
    case 2:
        g_byte_array_remove_range(bytes, at, MIN(length, 40u));
        break;
    default:
        again = g_memdup2(bytes->data + at, length);
        g_byte_array_append(bytes, again, length);
    }
    if (bytes->len == 0)
        g_byte_array_append(bytes, (const guint8 *)"a", 1);
}

static void test_mutations(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260302);

    for (int i = 0; i < 2000; i++) {
        const char *seed = seeds[(gsize)i % G_N_ELEMENTS(seeds)];
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_byte_array_append(bytes, (const guint8 *)seed, (guint)strlen(seed));
        for (int n = g_rand_int_range(rand, 1, 8); n > 0; n--)
            mutate(rand, bytes);
        LLVMFuzzerTestOneInput(bytes->data, bytes->len);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    g_test_add_func("/fuzz/read/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
