/* What is said of mailboxes and of the relay, before anything is connected. */
#include "conf-place.h"
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE(text) TEAM "\nintake:{sources=(\n{" text "}\n);};\n"
#define TWO(one, other) TEAM "\nintake:{sources=(\n{" one "},\n{" other "}\n);};\n"
#define SERVER "host=\"i.example\";user=\"u\";password_credential=\"p\";"
#define IMAP "type=\"imap\";" SERVER
#define POP3 "type=\"pop3\";" SERVER
#define LOCAL(host)                                                                                \
    "type=\"imap\";tls=\"none\";user=\"u\";password_credential=\"p\";host=\"" host "\";"
#define BY_TOKEN "type=\"imap\";host=\"i.example\";user=\"u\";auth=\"xoauth2\";"
#define RELAY(text) REQUIRED "outgoing:{transport=\"smtp\";host=\"r.example\";\n" text "};"
#define HUNDRED_BYTES                                                                              \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaa"

static void test_taken(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE(IMAP), ""},
        {SOURCE(IMAP "port=1993;folders=[\"INBOX\",\"Abuse\"];after=\"move\";move_to=\"Done\";"),
            ""},
        {SOURCE(LOCAL("localhost")), ""},
        {SOURCE(LOCAL("127.0.0.2")), ""},
        {SOURCE(LOCAL("::1")), ""},
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";host=\"2001:db8::25\";"), ""},
        {SOURCE(POP3 "after=\"delete\";"), ""},
        {SOURCE("type=\"lmtp\";path=\"lmtp.sock\";"), ""},
        {SOURCE("type=\"lmtp\";listen=\"[::1]:2424\";"), ""},
        {TWO(IMAP, IMAP "folders=[\"Abuse\"];"), ""},
        {TWO(IMAP, IMAP "port=1993;"), ""},
        {TWO(IMAP, POP3), ""},
        {SOURCE("type=\"lmtp\";path=\"s\";host=\"\";tls=\"tls\";folders=[\"INBOX\"];"), ""},
        {RELAY(""), ""},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_hosts_and_ports(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";\nhost=\"i.example:993\";"),
            "206:4:6:its port stands in `port`"},
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";\nhost=\"[2001:db8::1]\";"),
            "206:4:6:without brackets"},
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";\nhost=\"2001:db8:\";"),
            "206:4:6:`intake.sources.host` cannot be"},
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";\nhost=\"fe80::1%eth0\";"),
            "206:4:6:`intake.sources.host` cannot be"},
        {SOURCE(IMAP "\nport=0;"), "206:4:6:at the port 0"},
        {SOURCE(IMAP "\nport=65536;"), "206:4:6:to 65535"},
        {SOURCE("type=\"lmtp\";\nlisten=\"127.0.0.1:99999\";"), "206:4:8:no such address or port"},
        {SOURCE("type=\"lmtp\";\nlisten=\"127.0.0.999:24\";"), "206:4:8:no such address or port"},
        {SOURCE("type=\"lmtp\";\nlisten=\"0.0.0.0:24\";"), "206:4:8:an address of this host"},
        {SOURCE("type=\"lmtp\";\nlisten=\"localhost:24\";"), "206:4:8:an address of this host"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_without_tls_to_this_host_alone(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE(IMAP "\ntls=\"none\";"), "208:4:5:without TLS everybody"},
        {SOURCE(LOCAL("127.evil.example")), "208:3:18:without TLS everybody"},
        {SOURCE(LOCAL("127.0.0.1.evil.example")), "208:3:18:without TLS everybody"},
        {SOURCE(LOCAL("localhost.evil.example")), "208:3:18:without TLS everybody"},
        {SOURCE(LOCAL("2001:db8::1")), "208:3:18:without TLS everybody"},
        {RELAY("tls=\"none\";"), "208:3:5:without TLS everybody"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_one_place_for_a_secret(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE("type=\"imap\";host=\"i.example\";\nuser=\"u\";"), "208:4:6:exactly one place"},
        {SOURCE(IMAP "\npassword_file=\"mado.conf\";"), "208:3:36:exactly one place"},
        {SOURCE(IMAP "\ntoken_command=[\"/bin/sh\"];"), "208:3:36:exactly one place"},
        {SOURCE(IMAP "auth=\"xoauth2\";\ntoken_command=[\"/bin/sh\"];"), "208:4:15:no password"},
        {SOURCE(IMAP "\nauth=\"oauthbearer\";"), "208:3:1:no password"},
        {SOURCE(BY_TOKEN "\ntoken_command=[];"), "208:4:15:takes a token"},
        {RELAY("password_file=\"mado.conf\";"), "208:3:15:nobody logs in without a user"},
        {RELAY("auth=\"xoauth2\";token_command=[\"/bin/sh\"];"), "208:3:6:without a user"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

/* What was refused is not also missing. */
static void test_each_fault_is_told_once(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE("type=\"imap\";user=\"u\";password_credential=\"p\";\nhost=\"a b\";"),
            "206:4:6:`intake.sources.host` cannot be"},
        {SOURCE("type=\"imap\";host=\"i.example\";user=\"u\";\npassword_file=\"nowhere\";"),
            "208:4:15:there is no file"},
        {SOURCE("type=\"imap\";host=\"i.example\";user=\"u\";\npassword_credential=\"../x\";"),
            "206:4:21:up to 32 letters"},
        {SOURCE("type=\"imap\";host=\"i.example\";password_credential=\"p\";\nuser=\"a\\nb\";"),
            "206:4:6:control characters"},
        {SOURCE("type=\"lmtp\";\nlisten=\"::1\";"), "206:4:8:an address of this host"},
        {SOURCE("type=\"imapp\";host=\"i.example\";user=\"u\";password_credential=\"p\";"),
            "206:3:7:did you mean \"imap\"?"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_two_for_one_mailbox(struct place *place, gconstpointer data)
{
    g_autofree char *link = g_build_filename(place->folder, "link", NULL);
    static const struct conf_case cases[] = {
        {TWO(IMAP, IMAP), "208:4:19:two sources read the folder INBOX of u at i.example, port 993"},
        {TWO(IMAP, "type=\"imap\";host=\"I.Example\";user=\"u\";password_credential=\"q\";"),
            "208:4:19:two sources read the folder INBOX"},
        {TWO(IMAP, IMAP "\nfolders=[\"Abuse\",\"inbox\"];"), "208:5:9:the folder INBOX"},
        {TWO(POP3, POP3), "208:4:19:the folder INBOX"},
        {TWO("path=\"in\";", "path=\"link\";"), "208:4:7:two sources read"},
        {TWO("type=\"lmtp\";listen=\"127.0.0.1:24\";", "type=\"lmtp\";listen=\"127.0.0.1:24\";"),
            "208:4:21:two sources read 127.0.0.1:24"},
        {SOURCE(IMAP "folders=[\"INBOX\",\"Done\"];after=\"move\";\nmove_to=\"Done\";"),
            "208:4:9:for ever"},
        {SOURCE(IMAP "after=\"move\";\nmove_to=\"inbox\";"), "208:4:9:for ever"},
    };

    g_assert_cmpint(symlink("in", link), ==, 0);
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

static void test_what_is_a_warning(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE("path=\"in\";\nhost=\"i.example\";"),
            "208:4:6:of the type \"maildir\" has no such"},
        {SOURCE(IMAP "\npath=\"in\";"), "208:4:6:of the type \"imap\" has no such"},
        {SOURCE(POP3 "\nfolders=[\"INBOX\",\"Abuse\"];"), "208:4:9:of the type \"pop3\""},
        {SOURCE("type=\"lmtp\";path=\"s\";\nuser=\"u\";"), "208:4:6:of the type \"lmtp\""},
        {SOURCE("type=\"lmtp\";\npath=\"nowhere/s\";"), "208:4:6:there is no folder"},
        {SOURCE("type=\"lmtp\";\npath=\"in\";"), "208:4:6:there is something else"},
        {SOURCE(BY_TOKEN "\ntoken_command=[\"/no/such/program\"];"), "208:4:15:is not there"},
        {SOURCE(BY_TOKEN "\ntoken_command=[\"/bin\"];"), "208:4:15:is not there"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) problems = conf_problems_new();
        struct settings *settings;
        write_file(place, "mado.conf", cases[i].text);
        settings = conf_load(place->path, problems);
        g_assert_nonnull(settings);
        g_assert_cmpuint(problems->len, ==, 1);
        g_assert_true(((struct conf_problem *)problems->pdata[0])->warning);
        assert_problem(problems->pdata[0], cases[i].problems);
        conf_free(settings);
    }
}

static void test_places_of_a_socket(struct place *place, gconstpointer data)
{
    static const struct conf_case cases[] = {
        {SOURCE("type=\"lmtp\";\npath=\"/" HUNDRED_BYTES "aaaaaa\";"), ""},
        {SOURCE("type=\"lmtp\";\npath=\"/" HUNDRED_BYTES "aaaaaaa\";"), "208:4:6:up to 107"},
        {SOURCE("type=\"lmtp\";\npath=\"run/s\";") "daemon:{run=\"run\";};", ""},
        {SOURCE("type=\"lmtp\";\npath=\"run/control.sock\";") "daemon:{run=\"run\";};",
            "208:4:6:mado's own"},
        {SOURCE("type=\"lmtp\";\npath=\"run/deliver.sock\";") "daemon:{run=\"run\";};",
            "208:4:6:mado's own"},
    };
    run_cases(place, cases, G_N_ELEMENTS(cases));
}

int main(int argc, char **argv)
{
    static const struct place_test tests[] = {
        {"/conf/sources/taken", test_taken},
        {"/conf/sources/hosts-and-ports", test_hosts_and_ports},
        {"/conf/sources/without-tls", test_without_tls_to_this_host_alone},
        {"/conf/sources/secrets", test_one_place_for_a_secret},
        {"/conf/sources/told-once", test_each_fault_is_told_once},
        {"/conf/sources/twice", test_two_for_one_mailbox},
        {"/conf/sources/warnings", test_what_is_a_warning},
        {"/conf/sources/sockets", test_places_of_a_socket},
    };

    g_test_init(&argc, &argv, NULL);
    place_add_tests(tests, G_N_ELEMENTS(tests));
    return g_test_run();
}
