/* Whose header fields count: those of the mail, or those that came out of a layer with the text. */
#include "read.h"
#include <string.h>

struct row {
    const char *name;
    const char *document;
    const char *subject; /* NULL: its header is not protected */
    const char *text;
    const char *attachments; /* types, separated by commas; NULL: none */
};

#define FIELDS                                                                                     \
    "From: A <a@a.example>\nTo: b@b.example\nCc: c@c.example\nSubject: inner\n"                    \
    "Date: Mon, 2 Mar 2026 09:00:00 +0900\nMessage-ID: <1@a.example>\nReferences: <0@a.example>\n" \
    "Return-Path: <r@a.example>\nDelivered-To: d@a.example\n"                                      \
    "Authentication-Results: mx; dmarc=pass\n"
#define PLAIN(settings) "Content-Type: text/plain" settings "\n\n"
#define HTML(settings) "Content-Type: text/html" settings "\n\n"
#define MIXED(settings) "Content-Type: multipart/mixed; boundary=x" settings "\n\n"
#define COPY "Subject: inner\nFrom: A\n  <a@a.example>\n"
#define V1 "; protected-headers=\"v1\""
#define SHOWN "; hp-legacy-display=\"1\""

static const struct row meant_rows[] = {
    {"RFC 9788, clear", FIELDS PLAIN("; hp=\"clear\"") "hi\n", "inner", "hi\n"},
    {"RFC 9788, encrypted", FIELDS PLAIN("; hp=cipher") "hi\n", "inner", "hi\n"},
    {"the older draft", FIELDS PLAIN(V1) "hi\n", "inner", "hi\n"},
    {"on a multipart", FIELDS MIXED("; HP=\"Cipher\"") "--x\n\nhi\n--x--\n", "inner", "hi"},
    {"behind the fields", PLAIN("; hp=clear") "hi\n", "", "hi\n"},
    {"no attribute", FIELDS PLAIN("") "hi\n", NULL, "hi\n"},
    {"another value", FIELDS PLAIN("; hp=maybe") "hi\n", NULL, "hi\n"},
    {"another version", FIELDS PLAIN("; protected-headers=v2") "hi\n", NULL, "hi\n"},
    {"on a part below", MIXED("") "--x\n" FIELDS PLAIN("; hp=clear") "hi\n--x--\n", NULL, "hi"},
    {"on a part below, and fields at the root",
        FIELDS MIXED("") "--x\n" PLAIN("; hp=clear") "hi\n--x--\n", NULL, "hi"},
    {"on another layer",
        FIELDS "Content-Type: multipart/signed; hp=clear; boundary=x\n\n--x\n\nhi\n--x\n"
               "Content-Type: application/pgp-signature\n\nS\n--x--\n",
        NULL, "hi", "application/pgp-signature"},
    {"on what calls itself another layer",
        FIELDS "Content-Type: multipart/encrypted; hp=cipher; boundary=x\n\n--x\n\nhi\n--x--\n",
        NULL, "hi"},
    {"two types", FIELDS "Content-Type: text/plain; hp=clear\nContent-Type: text/plain\n\nhi\n",
        NULL, "hi\n"},
    {"the attribute in pieces", FIELDS PLAIN("; hp*0=clear") "hi\n", NULL, "hi\n"},
    {"the attribute twice", FIELDS PLAIN("; hp=clear; hp=cipher") "hi\n", NULL, "hi\n"},
    {"no header at all", "\n" FIELDS "\nhi\n", NULL, FIELDS "\nhi\n"},
};

#define WRAPPED(settings) "Content-Type: message/rfc822" settings "\n\n"

static const struct row wrapped_rows[] = {
    {"RFC 8551", WRAPPED("; forwarded=no") FIELDS PLAIN("") "hi\n", "inner", "hi\n"},
    {"in base64",
        "Content-Type: message/rfc822; forwarded=\"no\"\nContent-Transfer-Encoding: base64\n\n"
        "U3ViamVjdDogYgoKaGkK",
        "b", "hi\n"},
    {"a forwarded mail", WRAPPED("; forwarded=yes") FIELDS PLAIN("") "hi\n", NULL, "",
        "message/rfc822"},
    {"a mail that is attached", WRAPPED("") FIELDS PLAIN("") "hi\n", NULL, "", "message/rfc822"},
    {"wrapped twice",
        WRAPPED("; forwarded=no") "Subject: b\n" WRAPPED("; forwarded=no") FIELDS "\nhi\n", "b", "",
        "message/rfc822"},
    {"around another layer",
        WRAPPED("; forwarded=no") FIELDS
        "Content-Type: multipart/signed; boundary=x\n\n--x\n\nhi\n--x\n"
        "Content-Type: application/pgp-signature\n\nS\n--x--\n",
        NULL, "hi", "application/pgp-signature"},
    {"below the root", MIXED("") "--x\n" WRAPPED("; forwarded=no") FIELDS "\nhi\n--x--\n", NULL, "",
        "message/rfc822"},
};

static const struct row display_rows[] = {
    {"a part of its own", FIELDS MIXED(V1) "--x\n" PLAIN(V1) COPY "\n--x\n" PLAIN("") "hi\n--x--\n",
        "inner", "hi"},
    {"a part of header fields",
        FIELDS MIXED(V1) "--x\nContent-Type: text/rfc822-headers" V1
                         "\nContent-Disposition: inline\n\n" COPY "\n--x\n" PLAIN("") "hi\n--x--\n",
        "inner", "hi"},
    {"it does not say so",
        FIELDS MIXED(V1) "--x\n" PLAIN("") COPY "\n--x\n" PLAIN("") "hi\n--x--\n", "inner",
        COPY "\nhi"},
    {"it says more than fields",
        FIELDS MIXED(V1) "--x\n" PLAIN(V1) COPY "\npay\n--x\n" PLAIN("") "hi\n--x--\n", "inner",
        COPY "\npay\n\nhi"},
    {"it is not the first",
        FIELDS MIXED(V1) "--x\n" PLAIN("") "hi\n--x\n" PLAIN(V1) COPY "\n--x--\n", "inner",
        "hi\n\n" COPY},
    {"nothing else is there", FIELDS MIXED(V1) "--x\n" PLAIN(V1) COPY "\n--x--\n", "inner", COPY},
    {"the root does not say so",
        FIELDS MIXED("") "--x\n" PLAIN(V1) COPY "\n--x\n" PLAIN("") "hi\n--x--\n", NULL,
        COPY "\nhi"},
    {"in the text", FIELDS PLAIN("; hp=cipher" SHOWN) COPY "\nhi\n\nyou\n", "inner", "hi\n\nyou\n"},
    {"in a part of the text", FIELDS MIXED("; hp=cipher") "--x\n" PLAIN(SHOWN) COPY "\nhi\n--x--\n",
        "inner", "hi"},
    {"in HTML",
        FIELDS HTML("; hp=cipher" SHOWN) "<body><div class=\"header-protection-legacy-display\">"
                                         "<pre>Subject: inner</pre></div><p>hi</p></body>",
        "inner", "hi"},
    {"the text does not say so", FIELDS PLAIN("; hp=cipher") COPY "\nhi\n", "inner", COPY "\nhi\n"},
    {"no fields in the text", FIELDS PLAIN("; hp=cipher" SHOWN) "Dear b,\n\nhi\n", "inner",
        "Dear b,\n\nhi\n"},
    {"no blank line behind them", FIELDS PLAIN("; hp=cipher" SHOWN) COPY "hi\n", "inner",
        COPY "hi\n"},
    {"its header is not protected", FIELDS PLAIN(SHOWN) COPY "\nhi\n", NULL, COPY "\nhi\n"},
};

static struct facts *read_string(const char *mail, gboolean inner)
{
    return read_facts((const guint8 *)mail, strlen(mail), inner);
}

static void assert_nothing_of_servers(const struct message *message)
{
    g_assert_null(message->return_path);
    g_assert_cmpuint(g_strv_length(message->delivered_to), ==, 0);
    g_assert_cmpuint(message->auth_results->len, ==, 0);
    g_assert_cmpint(message->machine, ==, MACHINE_NO);
}

static void assert_nothing_counts(const struct message *message)
{
    g_assert_cmpstr(message->subject, ==, "");
    g_assert_cmpstr(message->subject_from, ==, "outer");
    g_assert_cmpuint(message->from->len, ==, 0);
    g_assert_cmpuint(message->to->len, ==, 0);
    g_assert_null(message->date);
    g_assert_null(message->message_id);
    g_assert_cmpuint(g_strv_length(message->references), ==, 0);
}

static char *types_of(const struct message *message)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < message->attachments->len; i++) {
        const struct attachment *one = message->attachments->pdata[i];
        g_string_append_printf(all, "%s%s", i ? "," : "", one->type);
    }
    return g_string_free(all, FALSE);
}

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts = read_string(row->document, TRUE);
    g_autofree char *types = types_of(facts->message);

    if (row->subject) {
        g_assert_cmpstr(facts->message->subject, ==, row->subject);
        g_assert_cmpstr(facts->message->subject_from, ==, "protected");
    } else {
        assert_nothing_counts(facts->message);
    }
    assert_nothing_of_servers(facts->message);
    g_assert_cmpstr(facts->message->text, ==, row->text);
    g_assert_cmpstr(types, ==, row->attachments ?: "");
}

/* The same bytes, sent in clear by a stranger. */
static void test_a_mail_protects_nothing(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts = read_string(row->document, FALSE);

    g_assert_cmpstr(facts->message->subject_from, ==, "outer");
    if (strstr(row->document, "<pre>"))
        g_assert_nonnull(strstr(facts->message->text, "Subject: inner"));
    else if (strstr(row->document, COPY) && !strstr(row->document, "text/rfc822-headers"))
        g_assert_nonnull(strstr(facts->message->text, COPY));
}

static void test_fields(void)
{
    g_autoptr(mado_facts) facts = read_string(FIELDS PLAIN("; hp=clear") "hi\n", TRUE);
    const struct message *message = facts->message;
    const struct mailbox *from = message->from->pdata[0];

    g_assert_cmpuint(message->from->len, ==, 1);
    g_assert_cmpstr(from->addr, ==, "a@a.example");
    g_assert_cmpuint(message->to->len, ==, 2);
    g_assert_cmpstr(message->date, ==, "2026-03-02T09:00:00+09:00");
    g_assert_cmpstr(message->message_id, ==, "1@a.example");
    g_assert_cmpstr(message->references[0], ==, "0@a.example");
}

static void add_rows(const char *group, const struct row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *inner = g_strdup_printf("/protect/%s/%s", group, rows[i].name);
        g_autofree char *outer =
            g_strdup_printf("/protect/not in a mail/%s/%s", group, rows[i].name);
        g_test_add_data_func(inner, &rows[i], test_row);
        g_test_add_data_func(outer, &rows[i], test_a_mail_protects_nothing);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    add_rows("meant", meant_rows, G_N_ELEMENTS(meant_rows));
    add_rows("wrapped", wrapped_rows, G_N_ELEMENTS(wrapped_rows));
    add_rows("display", display_rows, G_N_ELEMENTS(display_rows));
    g_test_add_func("/protect/meant/fields", test_fields);
    return g_test_run();
}
