/* What a mail server may say to the IMAP source, and what becomes of it. */
#include "error.h"
#include "imap-guard.h"
#include "imap-house.h"
#include "imap-name.h"

#define GREETING "* PREAUTH ready\r\n"
#define CAPABILITY "* CAPABILITY IMAP4rev1 UIDPLUS MOVE IDLE\r\n1 OK done\r\n"
#define SELECT(exists)                                                                             \
    "* FLAGS (\\Seen)\r\n* " exists " EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n"                    \
    "* OK [PERMANENTFLAGS (\\Seen \\*)] -\r\n* OK [HIGHESTMODSEQ 5] -\r\n2 OK [READ-WRITE] "       \
    "done\r\n"
#define SEARCH "* SEARCH 10 11\r\n3 OK done\r\n"
#define SIZES                                                                                      \
    "* 1 FETCH (UID 10 RFC822.SIZE 5)\r\n* 2 FETCH (RFC822.SIZE 6 UID 11)\r\n4 OK done\r\n"
#define FIRST "* 1 FETCH (UID 10 BODY[] {5}\r\nhello)\r\n"
#define SECOND "* 2 FETCH (BODY[] {6}\r\nworld! UID 11)\r\n"
#define UNTIL_LIST GREETING CAPABILITY SELECT("2")
#define UNTIL_FETCH UNTIL_LIST SEARCH SIZES
#define FETCHED "5 OK done\r\n"
#define MARKED "6 OK done\r\n"
#define IDLING "+ idling\r\n"
#define BEHIND FETCHED MARKED IDLING
#define WHOLE UNTIL_FETCH FIRST SECOND BEHIND
#define BOTH "INBOX/10=hello;INBOX/11=world!;"
#define ONE "INBOX/10=hello;"
#define OTHER "INBOX/11=world!;"

/* -- one look, whatever the server says -- */

struct look {
    const char *name, *said, *got, *error; /* error: a part of it, or NULL */
};

static const struct look looks[] = {
    {"all is well", WHOLE, BOTH, NULL},
    {"nothing there", GREETING CAPABILITY SELECT("0") IDLING, "", NULL},
    {"a body in quotes", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] \"hello\")\r\n" SECOND BEHIND, BOTH,
        NULL},
    {"news that nobody asked for",
        GREETING "* ENABLED X\r\n* 3 RECENT\r\n" CAPABILITY SELECT(
            "2") "* VANISHED 1:9\r\n* LIST () \"/\" a\r\n" SEARCH SIZES
                 "* 3 FETCH (FLAGS (\\Seen))\r\n" FIRST "* 9 EXISTS\r\n" SECOND BEHIND,
        BOTH, NULL},
    {"an empty list of numbers",
        UNTIL_LIST "* SEARCH\r\n3 OK done\r\n"
                   "+ idling\r\n",
        "", NULL},

    /* wrong answers that libetpan calls a success */
    {"a mail that nobody asked for",
        UNTIL_FETCH "* 9 FETCH (UID 99 BODY[] {4}\r\nevil)\r\n" FIRST SECOND BEHIND, BOTH, NULL},
    {"a mail without its number", UNTIL_FETCH "* 1 FETCH (BODY[] {5}\r\nhello)\r\n" SECOND BEHIND,
        OTHER, NULL},
    {"no body", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] NIL)\r\n" SECOND BEHIND, OTHER, NULL},
    {"only the number", UNTIL_FETCH "* 1 FETCH (UID 10)\r\n" SECOND BEHIND, OTHER, NULL},
    {"less than was announced",
        UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {4}\r\nhell)\r\n" SECOND BEHIND, OTHER, NULL},
    {"twice", UNTIL_FETCH FIRST "* 1 FETCH (UID 10 BODY[] {5}\r\nother)\r\n" SECOND BEHIND, BOTH,
        NULL},
    {"it is gone", UNTIL_FETCH SECOND BEHIND, OTHER, NULL},
    {"one cannot be had", UNTIL_FETCH FIRST "5 NO some cannot be read\r\n" MARKED IDLING, ONE,
        NULL},
    {"too large",
        UNTIL_LIST SEARCH "* 1 FETCH (UID 10 RFC822.SIZE 101)\r\n* 2 FETCH (UID 11 RFC822.SIZE "
                          "6)\r\n4 OK -\r\n" SECOND BEHIND,
        "INBOX/10!it has 101 bytes, intake.max_message allows 100;" OTHER, NULL},

    /* what no server would say */
    {"not IMAP", "220 mail.example ESMTP\r\n", "", "this is not IMAP"},
    {"BYE at once", "* BYE too many connections\r\n", "",
        "it ends the session: too many connections"},
    {"BYE in between", UNTIL_FETCH FIRST "* BYE shutting down\r\n", ONE, "it ends the session"},
    {"no word", "", "", "closed"},
    {"a literal in the greeting", "* OK [BADCHARSET ({5}\r\nabcde)] -\r\n", "", "not IMAP"},
    {"flags in the greeting", "* OK [PERMANENTFLAGS (\\Seen \\*)] -\r\n" CAPABILITY, "",
        "`user` is not set"},
    {"flags that do not end",
        GREETING CAPABILITY "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] -\r\n* OK [PERMANENTFLAGS "
                            "(\\\\Flagged] -\r\n2 OK -\r\n" IDLING,
        "", NULL},
    {"odd flags",
        GREETING CAPABILITY "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] -\r\n* OK [PERMANENTFLAGS "
                            "({5} \\\\ \"a\" a]b  $Mad\xff)] -\r\n2 OK -\r\n" IDLING,
        "", NULL},
    {"a UIDVALIDITY that is none", GREETING CAPABILITY "* OK [UIDVALIDITY (7)] -\r\n2 OK -\r\n", "",
        "no UIDVALIDITY"},
    {"BADCHARSET twice",
        UNTIL_LIST "* NO [BADCHARSET (A)] -\r\n* NO [BADCHARSET (B)] -\r\n3 OK -\r\n" IDLING, "",
        NULL},
    {"MODSEQ behind a search", UNTIL_LIST "* SEARCH 10 (MODSEQ 917)\r\n3 OK -\r\n", "",
        "cannot be understood"},
    {"a wrong tag", UNTIL_LIST "* SEARCH 10\r\n77 OK done\r\n", "", "UID SEARCH"},
    {"BAD", UNTIL_LIST "3 BAD no idea\r\n", "", "no idea"},
    {"NO", UNTIL_LIST "3 NO not today\r\n", "", "refuses UID SEARCH: not today"},
    {"NO with a code", UNTIL_LIST "3 NO [SERVERBUG] not [now]\r\n", "",
        "refuses UID SEARCH: [SERVERBUG] not [now]"},
    {"no CAPABILITY", GREETING "1 OK done\r\n" SELECT("0"), "", NULL},
    {"no UIDVALIDITY", GREETING CAPABILITY "* 2 EXISTS\r\n2 OK -\r\n", "", "UIDVALIDITY"},
    {"a folder that is missing", GREETING CAPABILITY "2 NO no such folder\r\n", "",
        "folder \"INBOX\": mail.example: the mail server refuses SELECT: no such folder"},
    {"a huge literal", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {4294967295}\r\n", "", "closed"},
    {"a larger literal", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {4294967296}\r\n", "",
        "cannot be a mail's"},
    {"a negative literal", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {-5}\r\nhello)\r\n", "",
        "cannot be a mail's"},
    {"a literal that is none", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {5} hello)\r\n", "",
        "cannot be a mail's"},
    {"a literal where no mail was asked for", UNTIL_LIST "* 1 FETCH (BODY[] {9}\r\n", "",
        "cannot be a mail's"},
    {"a literal in a name", UNTIL_LIST "* LIST () \"/\" {4}\r\nname\r\n", "", "nobody asked"},
    {"BODYSTRUCTURE", UNTIL_LIST "* 1 FETCH (BODYSTRUCTURE ((((((((\r\n", "", "more of a mail"},
    {"a part", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[1.2] {5}\r\n", "", "more of a mail"},
    {"a body in quotes that looks like one",
        UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] \"BODY[\\\"((((\")\r\n" SECOND BEHIND, OTHER, NULL},
    {"a second literal", UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {5}\r\nhello BODY[TEXT] {9}\r\n", "",
        "more of a mail"},
    {"no capability at all", GREETING "* CAPABILITY\r\n* CAPABILITY  \r\n1 OK done\r\n" SELECT("0"),
        "", NULL},
    {"odd capabilities",
        GREETING "* CAPABILITY (( \"A  B\xff IDLE \r\n1 OK done\r\n" SELECT("0") IDLING, "", NULL},
    {"IDLE refused", UNTIL_FETCH FIRST SECOND FETCHED MARKED "m1 NO\r\n", BOTH, "IDLE"},
    {"no login and none configured", "* OK ready\r\n" CAPABILITY, "", "`user` is not set"},
};

static gboolean walk(
    struct imap_house *house, const char *said, gsize length, const char *settings, GError **error)
{
    house->said = said;
    house->length = length;
    if (!house->source)
        imap_house_open(house, settings, NULL);
    return imap_house_walk(house, error);
}

static void test_look(gconstpointer data)
{
    const struct look *look = data;
    struct imap_house house = {.stays = !look->error};
    g_autoptr(GError) error = NULL;
    gboolean done = walk(&house, look->said, strlen(look->said), NULL, &error);

    g_assert_cmpstr(house.got->str, ==, look->got);
    if (look->error) {
        g_assert_nonnull(error);
        if (!strstr(error->message, look->error))
            g_error("%s: %s", look->error, error->message);
    } else {
        g_assert_no_error(error);
    }
    g_assert_cmpint(done, ==, !look->error);
    imap_house_close(&house);
}

/* Whole mails or none, and an error for each end that is not the end. */
static void test_cut(void)
{
    gsize length = strlen(WHOLE);

    for (gsize cut = 0; cut < length; cut++) {
        struct imap_house house = {0};
        g_autoptr(GError) error = NULL;
        gboolean done = walk(&house, WHOLE, cut, NULL, &error);
        gboolean whole = cut >= strlen(UNTIL_FETCH FIRST SECOND);
        gboolean one = cut >= strlen(UNTIL_FETCH FIRST);
        g_assert_cmpstr(house.got->str, ==, whole ? BOTH : one ? ONE : "");
        g_assert_false(done);
        g_assert_nonnull(error);
        g_assert_cmpint(strlen(error->message), >, 20);
        imap_house_close(&house);
    }
}

static const char stalling[] = UNTIL_FETCH FIRST FETCHED;

static gpointer stall_at(gpointer end)
{
    struct imap_house house = {.stays = TRUE};
    g_autoptr(GError) error = NULL;
    gint64 before = g_get_monotonic_time();

    g_assert_false(walk(
        &house, stalling, (gsize)((const char *)end - stalling), "{'timeout': <int64 1>}", &error));
    g_assert_nonnull(strstr(error->message, "was not done within"));
    g_assert_cmpint(g_get_monotonic_time() - before, <, 20 * G_USEC_PER_SEC);
    imap_house_close(&house);
    return NULL;
}

/* A server that says nothing more, at each line; at all of them at once, for each takes seconds. */
static void test_stall(void)
{
    g_autoptr(GPtrArray) threads = g_ptr_array_new();

    for (const char *end = stalling; *end; end = strchr(end, '\n') + 1)
        g_ptr_array_add(threads, g_thread_new("stall", stall_at, (gpointer)end));
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
}

/* Bytes without end: a line, lines, a mail. */
static void test_endless(void)
{
    static const char *const starts[] = {"* OK ", UNTIL_LIST "* SEARCH ", UNTIL_LIST,
        UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {4294967295}\r\n"};
    static const char *const then[] = {"x", "1 ", "* 1 EXPUNGE\r\n", "x"};

    for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
        struct imap_house house = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) said = g_string_new(starts[i]);
        while (said->len < 150000)
            g_string_append(said, then[i]);
        g_assert_false(walk(&house, said->str, said->len, NULL, &error));
        g_assert_cmpstr(house.got->str, ==, "");
        imap_house_close(&house);
    }
}

/* -- more than one look -- */

static void test_connects_again(void)
{
    struct imap_house house = {0};
    g_autoptr(GError) error = NULL;

    g_assert_false(walk(&house, UNTIL_FETCH FIRST, strlen(UNTIL_FETCH FIRST), NULL, &error));
    g_clear_error(&error);
    house.stays = TRUE;
    walk(&house, WHOLE, strlen(WHOLE), NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(house.got->str, ==, ONE BOTH);
    g_assert_cmpint(house.opened, ==, 2);
    g_assert_cmpint((int)house.validity, ==, 7);
    g_assert_cmpstr(house.state, ==, "IMAP idle");
    imap_house_close(&house);
}

/* What comes while the others are fetched is said once, in the middle of something else; but a
 * number that is said again is no news. */
static void test_news_in_between(void)
{
    static const struct {
        const char *said;
        gboolean news;
    } rows[] = {
        {UNTIL_FETCH FIRST "* 3 EXISTS\r\n" SECOND FETCHED MARKED, TRUE},
        {UNTIL_FETCH FIRST SECOND FETCHED "* 3 EXISTS\r\n" MARKED, TRUE},
        {UNTIL_FETCH FIRST "* 1 EXPUNGE\r\n" SECOND FETCHED "* 2 EXISTS\r\n" MARKED, TRUE},
        {UNTIL_FETCH FIRST "* 2 EXISTS\r\n" SECOND FETCHED MARKED IDLING, FALSE},
        {UNTIL_FETCH FIRST SECOND BEHIND "* 3 EXISTS\r\n", TRUE},
        {UNTIL_FETCH FIRST SECOND BEHIND "* VANISHED 1\r\n* OK still here\r\n", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct imap_house house = {.stays = TRUE};
        g_autoptr(GError) error = NULL;
        walk(&house, rows[i].said, strlen(rows[i].said), NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(house.news, ==, rows[i].news);
        imap_house_close(&house);
    }
}

#define EMPTY(tag, next)                                                                           \
    "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] -\r\n* OK [UIDNEXT " next "] -\r\n" tag " OK -\r\n"

/* What comes to the first folder while another is selected shows when it is selected again. */
static void test_news_behind_us(void)
{
    static const struct {
        const char *said;
        gboolean news;
    } rows[] = {
        {GREETING CAPABILITY EMPTY("2", "12") "3 OK -\r\n" EMPTY("4", "1") EMPTY("5", "12") IDLING,
            FALSE},
        {GREETING CAPABILITY EMPTY("2", "12") "3 OK -\r\n" EMPTY("4", "1") EMPTY("5", "13"), TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct imap_house house = {
            .said = rows[i].said, .length = strlen(rows[i].said), .stays = TRUE};
        g_autoptr(GError) error = NULL;
        imap_house_open(&house, "{'folders': <['INBOX', 'a']>}", NULL);
        for (guint place = 0; place < 2; place++) {
            g_autoptr(GPtrArray) uids = NULL;
            g_assert_true(source_imap.enter(house.source, place, &house.validity, &error));
            uids = source_imap.list(house.source, TRUE, &error);
            g_assert_cmpint((int)uids->len, ==, 0);
        }
        g_assert_true(source_imap.wait(house.source, g_get_monotonic_time(), &house.news, &error));
        g_assert_no_error(error);
        g_assert_cmpint(house.news, ==, rows[i].news);
        imap_house_close(&house);
    }
}

/* What no guard lets through is heard all the same, and nobody waits for more. */
static void test_odd_news(void)
{
    static const char said[] = WHOLE "* VANISHED 1\r\n";
    struct imap_house house = {.stays = TRUE};
    g_autoptr(GError) error = NULL;

    g_assert_true(walk(&house, said, strlen(said), "{'timeout': <int64 1>}", &error));
    g_assert_true(source_imap.wait(
        house.source, g_get_monotonic_time() + G_USEC_PER_SEC / 10, &house.news, &error));
    g_assert_true(source_imap.wait(
        house.source, g_get_monotonic_time() + 2 * G_USEC_PER_SEC, &house.news, &error));
    g_assert_no_error(error);
    imap_house_close(&house);
}

/* A size that is announced wrongly is believed when the body has the same one again. */
static void test_odd_size(void)
{
    static const char said[] =
        UNTIL_FETCH "* 1 FETCH (UID 10 BODY[] {4}\r\nhell)\r\n" SECOND BEHIND "* BYE\r\n";
    struct imap_house house = {0};

    walk(&house, said, strlen(said), NULL, NULL);
    g_assert_cmpstr(house.got->str, ==, OTHER);
    walk(&house, said, strlen(said), NULL, NULL);
    g_assert_cmpstr(house.got->str, ==, OTHER "INBOX/10=hell;" OTHER);
    imap_house_close(&house);
}

/* A mail with which the server breaks off keeps the others waiting a few times only. */
static void test_poison(void)
{
    static const char broken[] = UNTIL_FETCH "* BYE internal error\r\n";
    static const char alone[] =
        UNTIL_FETCH "* 2 FETCH (UID 11 BODY[] {6}\r\nworld!)\r\n5 OK -\r\n* BYE internal error\r\n";
    static const char without[] = UNTIL_FETCH SECOND BEHIND;
    struct imap_house house = {0};

    g_assert_false(walk(&house, broken, strlen(broken), NULL, NULL));
    for (int i = 0; i < 2; i++)
        g_assert_false(walk(&house, alone, strlen(alone), NULL, NULL));
    house.stays = TRUE;
    g_assert_true(walk(&house, without, strlen(without), NULL, NULL));
    g_assert_cmpstr(house.got->str, ==,
        OTHER OTHER "INBOX/10!the mail server breaks off when it is asked for it;" OTHER);
    imap_house_close(&house);
}

/* -- names -- */

static void test_names(void)
{
    static const char *const rows[][2] = {{"INBOX", "INBOX"}, {"a & b", "a &- b"},
        {"報告", "&WDFUSg-"}, {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        {"é", "&AOk-"}, {"\xf0\x9f\x92\xa3", "&2D3cow-"}, {"a\r\nb", "a&AA0ACg-b"},
        {"\"\\", "\"\\"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = imap_name_encode(rows[i][0]);
        g_assert_cmpstr(name, ==, rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(looks); i++) {
        g_autofree char *path = g_strdup_printf("/imap/look/%s", looks[i].name);
        g_test_add_data_func(path, &looks[i], test_look);
    }
    g_test_add_func("/imap/cut at any byte", test_cut);
    g_test_add_func("/imap/stalls at any line", test_stall);
    g_test_add_func("/imap/bytes without end", test_endless);
    g_test_add_func("/imap/connects again", test_connects_again);
    g_test_add_func("/imap/news in between", test_news_in_between);
    g_test_add_func("/imap/news behind us", test_news_behind_us);
    g_test_add_func("/imap/odd news", test_odd_news);
    g_test_add_func("/imap/a size that is announced wrongly", test_odd_size);
    g_test_add_func("/imap/a mail that breaks the server", test_poison);
    g_test_add_func("/imap/names of folders", test_names);
    return g_test_run();
}
