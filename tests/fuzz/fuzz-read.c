/* Any bytes make a message and a layer: valid UTF-8, within the limits, and able to travel. With
 * libFuzzer (-DMADO_LIBFUZZER -fsanitize=fuzzer) it runs for as long as it is let; else main()
 * tries a fixed number of fixed mutations of the seeds. */
#include "mutate.h"
#include "read.h"
#include <mado/limits.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    read_warm(FALSE);
    return 0;
}

/* g_assert is for our own promises, never for what strangers send */
static void check_message(const struct message *message)
{
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
}

static gboolean is_detached(const struct layer *layer)
{
    return layer->kind == LAYER_PGP_SIGNED || layer->kind == LAYER_CMS_SIGNED;
}

static void check_layer(const struct layer *layer)
{
    g_assert_cmpint(layer->kind != LAYER_NONE, ==, layer->payload != NULL);
    g_assert_cmpint(is_detached(layer), ==, layer->signature != NULL);
    g_assert_true(layer->whole || layer->kind == LAYER_NONE || is_detached(layer));
    g_assert_false(layer->whole && (layer->has_signed_part || layer->has_encrypted_part));
    g_assert_null(strchr(layer->header, '\t'));
    if (*layer->header)
        g_assert_true(g_str_has_suffix(layer->header, "\r\n\r\n"));
}

static void check(const guint8 *bytes, size_t size, gboolean inner)
{
    g_autoptr(mado_facts) facts = read_facts(bytes, size, inner);
    g_autoptr(GVariant) wire = g_variant_ref_sink(facts_to_variant(facts));
    g_autoptr(mado_facts) again = facts_from_variant(wire);

    g_assert_nonnull(again);
    check_message(facts->message);
    check_layer(facts->layer);
    g_assert_cmpuint(facts->offers->len, <=, LIMIT_OFFERS);
    if (inner && strcmp(facts->message->subject_from, "protected") != 0)
        g_assert_cmpuint(facts->message->from->len, ==, 0);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    check(bytes, size, FALSE);
    check(bytes, size, TRUE);
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

static const char layers[] =
    "From: a@a.example\nAutocrypt: addr=a@a.example; keydata=mGFiYw==\n"
    "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=x; "
    "hp=clear\n\n"
    "note\n--x\nContent-Type: multipart/mixed; protected-headers=v1; boundary=y\nSubject: a\n\n"
    "--y\nContent-Type: text/plain; protected-headers=v1\n\nSubject: a\n\n--y\n"
    "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
    "MIAGCSqGSIb3DQEHA6CA\n--y\nContent-Type: application/pgp-keys\n\n"
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n--y--\n--x\n"
    "Content-Type: application/pgp-signature; name=a.asc\n\nS\n--x--\n";

static const char sealed[] =
    "Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x\n"
    "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"
    "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\nYWJj\n--x--\n";

static const char armour[] =
    "Content-Type: text/plain; charset=koi8-r; hp=cipher; hp-legacy-display=1\nSubject: a\n\n"
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSubject: a\n\n- -----a\n"
    "-----BEGIN PGP SIGNATURE-----\n\nYWJj\n=abcd\n-----END PGP SIGNATURE-----\n";

static const char wrapped[] = "Content-Type: message/rfc822; forwarded=no\n\nSubject: a\n"
                              "Content-Type: application/pkcs7-mime; smime-type=signed-data\n"
                              "Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHAqCA\n";

static const char *const seeds[] = {tree, bounce, japanese, layers, sealed, armour, wrapped};
static const char *const pieces[] = {"--x\n", "\n\n", "\r", "\"", "=?utf-8?Q?", "?=", ";",
    "*0*=", "\xff", "<", "&#", "\x1b$B", "Content-Type: multipart/mixed; boundary=x\n\n", "(", ":",
    "%00"};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    g_test_add_func("/fuzz/read/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
