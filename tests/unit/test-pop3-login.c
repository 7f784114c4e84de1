/* How the POP3 source logs in: what it says, and that it says no secret to the wrong one. */
#include "pop3-house.h"

#define LINE(text) text "\r\n"
#define ITS_OK LINE("+OK")
#define CAPA(words) ITS_OK words LINE(".")
#define EMPTY ITS_OK LINE(".") ITS_OK LINE(".") ITS_OK /* LIST, UIDL, QUIT */
#define IN LINE("LIST") LINE("UIDL") LINE("QUIT")
#define PLAIN "AGNzaXJ0AHNlY3JldA=="
#define XOAUTH2 "dXNlcj1jc2lydAFhdXRoPUJlYXJlciB0MGtlbgEB"
#define BEARER "bixhPWNzaXJ0LAFob3N0PW1haWwuZXhhbXBsZQFwb3J0PTExMAFhdXRoPUJlYXJlciB0MGtlbgEB"
#define REFUSAL "eyJzdGF0dXMiOiI0MDAifQ==" /* {"status":"400"} */
#define STARTTLS "{'tls': <'starttls'>, 'ca_file': <'/etc/ssl/certs/ca-certificates.crt'>}"
#define LONG_NAME                                                                                  \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nnnnnnnnnnnnnnnn"

static const struct login {
    const char *name, *settings, *said, *told, *error;
} logins[] = {
    {"USER and PASS", "{}", ITS_OK LINE("-ERR") ITS_OK ITS_OK EMPTY,
        LINE("CAPA") LINE("USER csirt") LINE("PASS secret") IN, NULL},
    {"plain is AUTH", "{'auth': <'plain'>}", ITS_OK CAPA(LINE("SASL LOGIN plain")) ITS_OK EMPTY,
        LINE("CAPA") LINE("AUTH PLAIN " PLAIN) IN, NULL},
    {"plain where there is no AUTH", "{'auth': <'plain'>}",
        ITS_OK CAPA(LINE("USER") LINE("SASL CRAM-MD5")) ITS_OK ITS_OK EMPTY,
        LINE("CAPA") LINE("USER csirt") LINE("PASS secret") IN, NULL},
    {"a name of other letters", "{'user': <'日'>}", ITS_OK LINE("-ERR") ITS_OK ITS_OK EMPTY,
        LINE("CAPA") LINE("USER 日") LINE("PASS secret") IN, NULL},
    {"a name of two lines", "{'user': <'a\\r\\nDELE 1'>}", ITS_OK LINE("-ERR"), LINE("CAPA"),
        "has a line end in it. Nothing was sent"},
    {"a wrong name", "{}", ITS_OK LINE("-ERR") LINE("-ERR nobody"), LINE("CAPA") LINE("USER csirt"),
        "refuses the login: nobody. No mail was read; look at `user`"},
    {"a wrong password", "{}", ITS_OK LINE("-ERR") ITS_OK LINE("-ERR [AUTH] wrong"),
        LINE("CAPA") LINE("USER csirt") LINE("PASS secret"),
        "refuses the login: [AUTH] wrong. No mail was read; look at `user`"},
    {"it is in use", "{}", ITS_OK LINE("-ERR") ITS_OK LINE("-ERR [IN-USE] by another"), NULL,
        "lets nobody into the mailbox now: [IN-USE] by another. It is tried again"},
    {"XOAUTH2", "{'auth': <'xoauth2'>}", ITS_OK CAPA(LINE("SASL XOAUTH2")) ITS_OK EMPTY,
        LINE("CAPA") LINE("AUTH XOAUTH2 " XOAUTH2) IN, NULL},
    {"XOAUTH2 refused", "{'auth': <'xoauth2'>}",
        ITS_OK CAPA(LINE("SASL XOAUTH2")) LINE("+ " REFUSAL) LINE("-ERR token"),
        LINE("CAPA") LINE("AUTH XOAUTH2 " XOAUTH2) LINE(""),
        "refuses the login: token: {\"status\":\"400\"}. No mail was read"},
    {"OAUTHBEARER refused", "{'auth': <'oauthbearer'>}",
        ITS_OK CAPA(LINE("SASL OAUTHBEARER")) LINE("+ " REFUSAL) LINE("-ERR token"),
        LINE("CAPA") LINE("AUTH OAUTHBEARER " BEARER) LINE("AQ=="), "{\"status\":\"400\"}"},
    {"questions without end", "{'auth': <'plain'>}",
        ITS_OK CAPA(LINE("SASL PLAIN")) LINE("+ a") LINE("+") LINE("+ ") LINE("+ !") LINE("+ more"),
        NULL, "the server asks and asks"},

    /* before TLS */
    {"no STLS", STARTTLS, ITS_OK CAPA(LINE("USER") LINE("SASL PLAIN")), LINE("CAPA"),
        "has no STLS, or somebody on the way has struck it out. Nothing secret was sent"},
    {"STLS is refused", STARTTLS, ITS_OK CAPA(LINE("STLS")) LINE("-ERR not now"),
        LINE("CAPA") LINE("STLS"), "does not start TLS now: not now. Nothing secret was sent"},
    {"words put behind STLS", STARTTLS,
        ITS_OK CAPA(LINE("STLS")) ITS_OK CAPA(LINE("SASL PLAIN")) ITS_OK EMPTY,
        LINE("CAPA") LINE("STLS"), "put words between STLS and TLS. Nothing secret was sent"},
    {"one byte put behind STLS", STARTTLS, ITS_OK CAPA(LINE("STLS")) ITS_OK "+",
        LINE("CAPA") LINE("STLS"), "put words between STLS and TLS. Nothing secret was sent"},
};

static void test_login(gconstpointer data)
{
    const struct login *login = data;
    struct pop3_house house = {0};
    g_autoptr(GError) error = NULL;
    gboolean done;

    pop3_house_begin(&house);
    pop3_house_open(&house, login->settings, &error);
    g_assert_no_error(error);
    done = pop3_house_look(&house, login->said, strlen(login->said), &error);
    if (login->told)
        g_assert_cmpstr(house.told->str, ==, login->told);
    if (!login->error)
        g_assert_no_error(error);
    else if (!error || !strstr(error->message, login->error))
        g_error("\"%s\" is not: %s", login->error, error ? error->message : "no error");
    g_assert_cmpint(done, ==, !login->error);
    pop3_house_end(&house);
}

/* RFC 2449 4: no command is longer than 255 bytes. */
static void test_long_secret(void)
{
    static const char said[] = ITS_OK CAPA(LINE("SASL PLAIN")) LINE("+ ") ITS_OK EMPTY;
    struct pop3_house house = {0};
    g_auto(GStrv) lines = NULL;

    pop3_house_begin(&house);
    pop3_house_open(&house, "{'auth': <'plain'>, 'user': <'" LONG_NAME "'>}", NULL);
    g_assert_true(pop3_house_look(&house, said, strlen(said), NULL));
    lines = g_strsplit(house.told->str, "\r\n", -1);
    g_assert_cmpstr(lines[1], ==, "AUTH PLAIN");
    g_assert_cmpuint(strlen(lines[2]), >, 255);
    pop3_house_end(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
        g_autofree char *path = g_strdup_printf("/pop3/login/%s", logins[i].name);
        g_test_add_data_func(path, &logins[i], test_login);
    }
    g_test_add_func("/pop3/login/a secret too long for one command", test_long_secret);
    return g_test_run();
}
