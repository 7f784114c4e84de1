/* Which keys a sender sends along, as they came; and that more of them are passed over. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>

struct row {
    const char *name;
    const char *mail;
    const char *offers; /* separated by "|"; "" for none */
    gboolean inner;
};

#define KEY "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nYWJj\n-----END PGP PUBLIC KEY BLOCK-----"
#define SECRET "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nYWJj\n-----END PGP PRIVATE KEY BLOCK-----"
#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----"
#define ROOT "From: a@a.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n--x\n"
#define END "\n--x--\n"
#define FILE(type, name)                                                                           \
    "Content-Type: " type "\nContent-Disposition: attachment; filename=\"" name "\"\n"
/* 0x98, then "abc" */
#define PACKET "mGFiYw=="
#define AUTOCRYPT(addr) "Autocrypt: addr=" addr "; prefer-encrypt=mutual; keydata=\n mGFi\n Yw==\n"

static const struct row rows[] = {
    {"none", "From: a@a.example\n\nhi\n", ""},
    {"by its type", ROOT "Content-Type: application/pgp-keys\n\n" KEY END, KEY},
    {"by its type, in binary form",
        ROOT "Content-Type: application/pgp-keys\nContent-Transfer-Encoding: base64\n\n" PACKET END,
        "\x98"
        "abc"},
    {"by its name", ROOT FILE("text/plain", "Key.ASC") "\n" KEY END, KEY},
    {"a signature of that name", ROOT FILE("text/plain", "a.asc") "\nabc" END, ""},
    {"a secret key", ROOT "Content-Type: application/pgp-keys\n\n" SECRET END, ""},
    {"a secret key behind a public one",
        ROOT "Content-Type: application/pgp-keys\n\n" KEY "\n" SECRET END, ""},
    {"a certificate by its type",
        ROOT "Content-Type: application/pkix-cert\nContent-Transfer-Encoding: base64\n\nYWJj" END,
        "abc"},
    {"a certificate by its name", ROOT FILE("application/octet-stream", "a.crt") "\nabc" END,
        "abc"},
    {"certificates of S/MIME", ROOT FILE("application/octet-stream", "a.p7c") "\nabc" END, "abc"},
    {"a certificate in armour", ROOT FILE("text/plain", "a.pem") "\n" CERTIFICATE END, CERTIFICATE},
    {"a secret key of a server",
        ROOT FILE("text/plain", "a.pem") "\n" CERTIFICATE "\n-----BEGIN PRIVATE KEY-----\nYWJj" END,
        ""},
    {"the same twice",
        ROOT "Content-Type: application/pgp-keys\n\n" KEY
             "\n--x\n" FILE("text/plain", "a.asc") "\n" KEY END,
        KEY},
    {"in an embedded mail",
        ROOT "Content-Type: message/rfc822\n\nContent-Type: application/pgp-keys\n\n" KEY END, ""},
    {"Autocrypt", AUTOCRYPT("A@a.example") "From: a@a.example\n\nhi\n",
        "\x98"
        "abc"},
    {"Autocrypt of somebody else", AUTOCRYPT("b@a.example") "From: a@a.example\n\nhi\n", ""},
    {"Autocrypt of two senders", AUTOCRYPT("a@a.example") "From: a@a.example, b@a.example\n\nhi\n",
        ""},
    {"Autocrypt twice",
        AUTOCRYPT("a@a.example") AUTOCRYPT("a@a.example") "From: a@a.example\n\nhi\n", ""},
    {"Autocrypt that is no key",
        "Autocrypt: addr=a@a.example; keydata=YWJj\nFrom: a@a.example\n\nhi\n", ""},
    {"Autocrypt that is empty", "Autocrypt: addr=a@a.example; keydata=\nFrom: a@a.example\n\nhi\n",
        ""},
    {"Autocrypt of one character",
        "Autocrypt: addr=a@a.example; keydata=m\nFrom: a@a.example\n\nhi\n", ""},
    {"Autocrypt that asks for what is not known",
        "Autocrypt: addr=a@a.example; must=x; keydata=mGFiYw==\nFrom: a@a.example\n\nhi\n", ""},
    {"Autocrypt that says more",
        "Autocrypt: addr=a@a.example; _more=x; keydata=mGFiYw==\nFrom: a@a.example\n\nhi\n",
        "\x98"
        "abc"},
    {"Autocrypt in a protected header",
        AUTOCRYPT("a@a.example") "From: a@a.example\nContent-Type: text/plain; hp=cipher\n\nhi\n",
        "\x98"
        "abc",
        TRUE},
    {"Autocrypt in a header that is not", AUTOCRYPT("a@a.example") "From: a@a.example\n\nhi\n", "",
        TRUE},
};

static char *offers_of(const struct facts *facts)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < facts->offers->len; i++) {
        gsize size;
        const char *data = g_bytes_get_data(facts->offers->pdata[i], &size);
        if (i)
            g_string_append_c(all, '|');
        g_string_append_len(all, data, (gssize)size);
    }
    return g_string_free(all, FALSE);
}

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts =
        read_facts((const guint8 *)row->mail, strlen(row->mail), row->inner);
    g_autofree char *offers = offers_of(facts);

    g_assert_cmpstr(offers, ==, row->offers);
}

/* A mail with `count` keys, of which each is `size` bytes. */
static struct facts *read_keys(guint count, gsize size)
{
    g_autoptr(GString) mail = g_string_new("Content-Type: multipart/mixed; boundary=x\n\n");

    for (guint i = 0; i < count; i++) {
        gsize begin;
        g_string_append(mail, "--x\nContent-Type: application/pgp-keys\n\n");
        begin = mail->len;
        g_string_append_printf(mail, "%s\n%u\n", KEY, i);
        while (mail->len - begin < size)
            g_string_append_c(mail, 'a');
        g_string_append_c(mail, '\n');
    }
    g_string_append(mail, "--x--\n");
    return read_facts((const guint8 *)mail->str, mail->len, FALSE);
}

static gboolean says(const struct facts *facts, const char *problem)
{
    return g_strv_contains((const char *const *)facts->message->problems, problem);
}

static void test_limits(void)
{
    g_autoptr(mado_facts) most = read_keys(LIMIT_OFFERS, LIMIT_OFFER_BYTES);
    g_autoptr(mado_facts) many = read_keys(LIMIT_OFFERS + 1, 0);
    g_autoptr(mado_facts) large = read_keys(1, LIMIT_OFFER_BYTES + 1);

    g_assert_cmpuint(most->offers->len, ==, LIMIT_OFFERS);
    g_assert_cmpuint(g_bytes_get_size(most->offers->pdata[0]), ==, LIMIT_OFFER_BYTES);
    g_assert_cmpuint(g_strv_length(most->message->problems), ==, 0);
    g_assert_cmpuint(many->offers->len, ==, LIMIT_OFFERS);
    g_assert_true(says(many, "more than 4 keys came along: the rest passed over"));
    g_assert_cmpuint(large->offers->len, ==, 0);
    g_assert_true(says(large, "a key that came along is > 64 kB: passed over"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/offer/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/offer/limits", test_limits);
    return g_test_run();
}
