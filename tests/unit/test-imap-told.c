/* What the IMAP source says to a server: the login, and what is done with mails that were taken. */
#include "error.h"
#include "folder.h"
#include "imap-house.h"
#include <glib/gstdio.h>

#define LINE(text) text "\r\n"

/* -- logins -- */

struct login {
    const char *name, *settings, *said, *told, *error;
};

#define HELLO(words) LINE("* OK ready") LINE("* CAPABILITY IMAP4rev1 " words) LINE("1 OK -")
#define IN LINE("m1 OK in") LINE("* CAPABILITY IMAP4rev1") LINE("2 OK -")
#define PLAIN "AGNzaXJ0AHMiXGNyZXQ="
#define XOAUTH2 "dXNlcj1jc2lydAFhdXRoPUJlYXJlciB0MGtlbgEB"
#define BEARER "bixhPWNzaXJ0LAFob3N0PW1haWwuZXhhbXBsZQFwb3J0PTE0MwFhdXRoPUJlYXJlciB0MGtlbgEB"
#define REFUSAL "eyJzdGF0dXMiOiI0MDAifQ==" /* {"status":"400"} */

static const struct login logins[] = {
    {"plain at once", "'auth': <'plain'>", HELLO("AUTH=PLAIN SASL-IR") IN,
        "1 CAPABILITY\r\nm1 AUTHENTICATE PLAIN " PLAIN "\r\n2 CAPABILITY\r\n", NULL},
    {"plain when asked", "'auth': <'plain'>", HELLO("AUTH=PLAIN") LINE("+ ") IN,
        "1 CAPABILITY\r\nm1 AUTHENTICATE PLAIN\r\n" PLAIN "\r\n2 CAPABILITY\r\n", NULL},
    {"LOGIN", "'auth': <'login'>", HELLO("AUTH=PLAIN") IN,
        "1 CAPABILITY\r\nm1 LOGIN \"csirt\" \"s\\\"\\\\cret\"\r\n2 CAPABILITY\r\n", NULL},
    {"LOGIN where PLAIN is missing", "'auth': <'plain'>", HELLO("") IN,
        "1 CAPABILITY\r\nm1 LOGIN \"csirt\" \"s\\\"\\\\cret\"\r\n2 CAPABILITY\r\n", NULL},
    {"a name of other letters", "'auth': <'login'>, 'user': <'日'>", HELLO("") LINE("+ go on") IN,
        "1 CAPABILITY\r\nm1 LOGIN {3}\r\n日 \"s\\\"\\\\cret\"\r\n2 CAPABILITY\r\n", NULL},
    {"LOGINDISABLED", "'auth': <'login'>", HELLO("AUTH=PLAIN LOGINDISABLED"), "1 CAPABILITY\r\n",
        "No password was sent"},
    {"LOGINDISABLED, no PLAIN", "'auth': <'plain'>", HELLO("LOGINDISABLED"), "1 CAPABILITY\r\n",
        "No password was sent"},
    {"a wrong password", "'auth': <'plain'>",
        HELLO("AUTH=PLAIN SASL-IR") LINE("m1 NO [AUTHENTICATIONFAILED] wrong"),
        "1 CAPABILITY\r\nm1 AUTHENTICATE PLAIN " PLAIN "\r\n",
        "refuses the login of csirt: NO [AUTHENTICATIONFAILED] wrong. No mail was read; check user "
        "and password"},
    {"questions without end", "'auth': <'plain'>",
        HELLO("AUTH=PLAIN SASL-IR") LINE("+ more") LINE("m1 BAD cancelled"),
        "1 CAPABILITY\r\nm1 AUTHENTICATE PLAIN " PLAIN "\r\n*\r\n", "cancelled"},
    {"XOAUTH2", "'auth': <'xoauth2'>", HELLO("AUTH=XOAUTH2 SASL-IR") IN,
        "1 CAPABILITY\r\nm1 AUTHENTICATE XOAUTH2 " XOAUTH2 "\r\n2 CAPABILITY\r\n", NULL},
    {"XOAUTH2 refused", "'auth': <'xoauth2'>",
        HELLO("AUTH=XOAUTH2 SASL-IR") LINE("+ " REFUSAL) LINE("m1 NO token"),
        "1 CAPABILITY\r\nm1 AUTHENTICATE XOAUTH2 " XOAUTH2 "\r\n\r\n",
        "NO token: {\"status\":\"400\"}. No mail was read; see what token_command"},
    {"OAUTHBEARER refused", "'auth': <'oauthbearer'>",
        HELLO("AUTH=OAUTHBEARER") LINE("+ ") LINE("+ " REFUSAL) LINE("m1 NO token"),
        "1 CAPABILITY\r\nm1 AUTHENTICATE OAUTHBEARER\r\n" BEARER "\r\nAQ==\r\n",
        "{\"status\":\"400\"}"},
    {"no OAuth2 there", "'auth': <'xoauth2'>", HELLO("AUTH=PLAIN"), "1 CAPABILITY\r\n",
        "takes no login by XOAUTH2"},
    {"a tag of another", "'auth': <'plain'>", HELLO("AUTH=PLAIN SASL-IR") LINE("m2 OK in"),
        "1 CAPABILITY\r\nm1 AUTHENTICATE PLAIN " PLAIN "\r\n", "answers what was not asked"},
    {"inside before TLS", "'tls': <'starttls'>, 'ca_file': <'/etc/ssl/certs/ca-certificates.crt'>",
        LINE("* PREAUTH come in"), "", "that is not to be believed"},
    {"no STARTTLS", "'tls': <'starttls'>, 'ca_file': <'/etc/ssl/certs/ca-certificates.crt'>",
        HELLO("AUTH=PLAIN"), "1 CAPABILITY\r\n", "does not offer STARTTLS"},
    {"words put behind STARTTLS",
        "'tls': <'starttls'>, 'ca_file': <'/etc/ssl/certs/ca-certificates.crt'>",
        HELLO("STARTTLS AUTH=PLAIN") LINE("2 OK go") LINE("* PREAUTH me"),
        "1 CAPABILITY\r\n2 STARTTLS\r\n", "somebody on the way"},
};

static int need(gpointer role, enum ipc_need what, GError **error)
{
    int fd;

    if (what == NEED_CONNECTION)
        return imap_house_need(role, what, error);
    fd = fd_new_memory("token", error);
    g_assert_true(fd_write_all(fd, "t0ken\n", 6, error));
    return fd;
}

static void test_login(gconstpointer data)
{
    const struct login *login = data;
    struct imap_house house = {.said = login->said, .length = strlen(login->said)};
    char *folder = g_dir_make_tmp("imap-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "password", NULL);
    g_autofree char *settings =
        g_strdup_printf("{'user': <'csirt'>, 'password_file': <'%s'>, %s}", file, login->settings);
    g_autoptr(GError) error = NULL;
    g_autofree char *told = NULL;

    g_assert_true(
        g_file_set_contents_full(file, "s\"\\cret\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    imap_house_open(&house, settings, &error);
    g_assert_no_error(error);
    house.means.need = need;
    g_assert_null(imap_house_look(&house, TRUE, &error));
    told = imap_house_told(&house);
    if (g_str_has_suffix(told, "3 SELECT INBOX\r\n")) /* nobody answers that any more */
        told[strlen(told) - strlen("3 SELECT INBOX\r\n")] = '\0';
    g_assert_cmpstr(told, ==, login->told);
    if (login->error && !strstr(error->message, login->error))
        g_error("%s: %s", login->error, error->message);
    g_assert_null(strstr(error->message, "\\cret"));
    imap_house_close(&house);
    folder_remove(folder);
}

/* -- afterwards -- */

struct after {
    const char *name, *after, *capabilities, *flags, *said, *told, *note;
    gboolean fails;
};

#define STORE(flags) "6 UID STORE 10:11 +FLAGS.SILENT " flags "\r\n"

static const struct after afters[] = {
    {"leave", "leave", "", "\\*", "", "", NULL, FALSE},
    {"keyword", "keyword", "", "\\*", LINE("6 OK -"), STORE("($MadoTaken)"), NULL, FALSE},
    {"keyword by name", "keyword", "", "\\Seen $MadoTaken", LINE("6 OK -"), STORE("($MadoTaken)"),
        NULL, FALSE},
    {"no keywords", "keyword", "", "\\Seen", "", "", "keeps no keywords", FALSE},
    {"move", "move", "MOVE", "\\*", LINE("6 OK -"), "6 UID MOVE 10:11 \"mado/Done\"\r\n", NULL,
        FALSE},
    {"move to a folder that is missing", "move", "MOVE", "\\*",
        LINE("6 NO [TRYCREATE] no") LINE("7 OK -") LINE("8 NO -") LINE("9 OK -"),
        "6 UID MOVE 10:11 \"mado/Done\"\r\n7 CREATE \"mado/Done\"\r\n8 SUBSCRIBE \"mado/Done\"\r\n"
        "9 UID MOVE 10:11 \"mado/Done\"\r\n",
        NULL, FALSE},
    {"move refused", "move", "MOVE", "\\*", LINE("6 NO over quota") LINE("7 NO exists"),
        "6 UID MOVE 10:11 \"mado/Done\"\r\n7 CREATE \"mado/Done\"\r\n", NULL, TRUE},
    {"copy and expunge", "move", "UIDPLUS", "\\*",
        LINE("* SEARCH") LINE("6 OK -") LINE("7 OK -") LINE("8 OK -") LINE("9 OK -"),
        "6 UID SEARCH UID 10:11 KEYWORD $MadoCopied\r\n7 UID COPY 10:11 \"mado/Done\"\r\n"
        "8 UID STORE 10:11 +FLAGS.SILENT ($MadoTaken $MadoCopied \\Deleted)\r\n9 UID EXPUNGE "
        "10:11\r\n",
        NULL, FALSE},
    {"copied before", "move", "UIDPLUS", "\\*",
        LINE("* SEARCH 11 10") LINE("6 OK -") LINE("7 OK -"),
        "6 UID SEARCH UID 10:11 KEYWORD $MadoCopied\r\n7 UID EXPUNGE 10:11\r\n", NULL, FALSE},
    {"one copied before", "move", "UIDPLUS", "\\*",
        LINE("* SEARCH 10") LINE("6 OK -") LINE("7 OK -") LINE("8 OK -") LINE("9 OK -"),
        "6 UID SEARCH UID 10:11 KEYWORD $MadoCopied\r\n7 UID COPY 11 \"mado/Done\"\r\n"
        "8 UID STORE 11 +FLAGS.SILENT ($MadoTaken $MadoCopied \\Deleted)\r\n9 UID EXPUNGE "
        "10:11\r\n",
        NULL, FALSE},
    {"a copy that breaks off expunges nothing", "move", "UIDPLUS", "\\*",
        LINE("* SEARCH") LINE("6 OK -") LINE("7 NO no") LINE("8 NO no"),
        "6 UID SEARCH UID 10:11 KEYWORD $MadoCopied\r\n7 UID COPY 10:11 \"mado/Done\"\r\n8 "
        "CREATE \"mado/Done\"\r\n",
        NULL, TRUE},
    {"never a bare EXPUNGE", "move", "", "\\*",
        LINE("* SEARCH") LINE("6 OK -") LINE("7 OK -") LINE("8 OK -"),
        "6 UID SEARCH UID 10:11 KEYWORD $MadoCopied\r\n7 UID COPY 10:11 \"mado/Done\"\r\n"
        "8 UID STORE 10:11 +FLAGS.SILENT ($MadoTaken $MadoCopied)\r\n",
        "neither MOVE nor UIDPLUS", FALSE},
    {"neither moves nor keeps keywords", "move", "UIDPLUS", "\\Seen", "", "",
        "can neither move nor", FALSE},
};

static char *say_until_taken(const struct after *after)
{
    return g_strdup_printf(
        LINE("* PREAUTH ready") LINE("* CAPABILITY IMAP4rev1 %s") LINE("1 OK -") LINE("* 2 EXISTS")
            LINE("* OK [UIDVALIDITY 7] -") LINE("* OK [PERMANENTFLAGS (%s)] -") LINE("2 OK -")
                LINE("* SEARCH 11 10") LINE("3 OK -") LINE("* 1 FETCH (UID 10 RFC822.SIZE 1)")
                    LINE("* 2 FETCH (UID 11 RFC822.SIZE 1)") LINE("4 OK -")
                        LINE("* 1 FETCH (UID 10 BODY[] {1}") LINE("a)")
                            LINE("* 2 FETCH (UID 11 BODY[] {1}") LINE("b)") LINE("5 OK -") "%s",
        after->capabilities, after->flags, after->said);
}

static void test_after(gconstpointer data)
{
    const struct after *after = data;
    g_autofree char *said = say_until_taken(after);
    g_autofree char *settings = g_strdup_printf("{'after': <'%s'>}", after->after);
    struct imap_house house = {.said = said, .length = strlen(said), .stays = TRUE};
    g_autoptr(GError) error = NULL;
    g_autofree char *told = NULL;
    const char *behind;

    imap_house_open(&house, settings, &error);
    g_assert_no_error(error);
    g_assert_cmpint(imap_house_walk(&house, &error), ==, !after->fails);
    told = imap_house_told(&house);
    behind = strstr(told, "5 UID FETCH 10:11 (UID BODY.PEEK[])\r\n");
    g_assert_nonnull(behind);
    g_assert_cmpstr(strchr(behind, '\n') + 1, ==, after->told);
    if (after->fails)
        g_assert_nonnull(strstr(error->message, "refuses UID "));
    if (after->note)
        g_assert_nonnull(strstr(house.state, after->note));
    else if (!after->fails)
        g_assert_cmpstr(house.state, ==, "IMAP, looks every 60 s");
    imap_house_close(&house);
}

/* -- what is never opened -- */

static void test_circle(void)
{
    struct imap_house house = {0};
    g_autoptr(GError) error = NULL;

    imap_house_open(&house, "{'after': <'move'>, 'folders': <['INBOX', 'mado/Done']>}", &error);
    g_assert_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE);
    imap_house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
        g_autofree char *path = g_strdup_printf("/imap/login/%s", logins[i].name);
        g_test_add_data_func(path, &logins[i], test_login);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(afters); i++) {
        g_autofree char *path = g_strdup_printf("/imap/after/%s", afters[i].name);
        g_test_add_data_func(path, &afters[i], test_after);
    }
    g_test_add_func("/imap/moves in a circle", test_circle);
    return g_test_run();
}
