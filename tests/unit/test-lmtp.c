/* LMTP: dialogues, each in one piece and byte by byte. */
#include "lmtp.h"
#include <mado/limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELLO "LHLO mta\r\n"
#define MAIL HELLO "MAIL FROM:<a@peer.example>\r\nRCPT TO:<csirt@sakura.example>\r\n"
#define DATA MAIL "DATA\r\n"
#define HEAD "Return-Path: <a@peer.example>\r\nDelivered-To: csirt@sakura.example\r\n"
#define GREETED                                                                                    \
    "220 host LMTP mado\r\n250-host\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"        \
    "250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
#define IN_MAIL GREETED "250 2.1.0 *\r\n250 2.1.5 *\r\n"
#define IN_DATA IN_MAIL "354 *\r\n"
#define TAKEN "250 2.0.0 taken for <csirt@sakura.example>\r\n"

static const char *const addresses[] = {
    "csirt@sakura.example", "Abuse@sakura.example", "窓口@さくら.example", NULL};

static struct lmtp_house house_of_tests(void)
{
    return (struct lmtp_house){
        .host = "host", .addresses = (char **)addresses, .max_message = 1000, .max_memory = 2000};
}

/* What comes of a dialogue. */
struct outcome {
    GString *replies, *mails; /* each mail with a line "--" behind it */
    gsize used;
    enum lmtp_state state;
};

static void take_mail(struct lmtp *lmtp, struct outcome *outcome, enum lmtp_verdict verdict)
{
    int fd = lmtp_take_mail(lmtp);
    char text[2000];
    ssize_t size = pread(fd, text, sizeof text, 0);

    g_assert_cmpint(size, >=, 0);
    g_string_append_len(outcome->mails, text, size);
    g_string_append(outcome->mails, "--\n");
    close(fd);
    lmtp_answer(lmtp, verdict);
}

static void feed(struct lmtp *lmtp, const char *said, gsize size, gsize at_once,
    enum lmtp_verdict verdict, struct outcome *outcome)
{
    while (outcome->used < size && lmtp_state(lmtp) != LMTP_OVER) {
        gsize some = MIN(at_once, size - outcome->used);
        gsize used = lmtp_feed(lmtp, said + outcome->used, some);
        GString *replies = lmtp_replies(lmtp);
        g_assert_cmpint(used, <=, some);
        outcome->used += used;
        g_string_append_len(outcome->replies, replies->str, (gssize)replies->len);
        g_string_truncate(replies, 0);
        if (lmtp_state(lmtp) == LMTP_WAITING)
            take_mail(lmtp, outcome, verdict);
    }
    g_string_append(outcome->replies, lmtp_replies(lmtp)->str);
    outcome->state = lmtp_state(lmtp);
}

static struct outcome talk(struct lmtp_house *house, const char *said, gsize size, gsize at_once,
    enum lmtp_verdict verdict)
{
    struct lmtp *lmtp = lmtp_new(house);
    struct outcome outcome = {g_string_new(NULL), g_string_new(NULL), 0, LMTP_COMMANDS};

    feed(lmtp, said, size, at_once, verdict, &outcome);
    lmtp_free(lmtp);
    g_assert_cmpint(house->memory, ==, 0);
    return outcome;
}

static void outcome_clear(struct outcome *outcome)
{
    g_string_free(outcome->replies, TRUE);
    g_string_free(outcome->mails, TRUE);
}

/* A '*' in `pattern` is any words of one line. */
static void assert_like(const char *name, const char *text, const char *pattern)
{
    g_autofree char *quoted = g_regex_escape_string(pattern, -1);
    g_auto(GStrv) parts = g_strsplit(quoted, "\\*", -1);
    g_autofree char *any = g_strjoinv("[^\r\n]*", parts);
    g_autofree char *whole = g_strconcat("\\A", any, "\\z", NULL);

    if (!g_regex_match_simple(whole, text, G_REGEX_DOLLAR_ENDONLY, 0))
        g_error("%s: found\n%swanted\n%s", name, text, pattern);
}

struct dialogue {
    const char *name, *said, *replies, *mails;
    enum lmtp_verdict verdict;
};

static void run_dialogue(gconstpointer data)
{
    const struct dialogue *dialogue = data;
    const gsize sizes[] = {100000, 1, 2, 3, 7};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct lmtp_house house = house_of_tests();
        struct outcome outcome =
            talk(&house, dialogue->said, strlen(dialogue->said), sizes[i], dialogue->verdict);
        assert_like(dialogue->name, outcome.replies->str, dialogue->replies);
        g_assert_cmpstr(outcome.mails->str, ==, dialogue->mails ?: "");
        outcome_clear(&outcome);
    }
}

static const struct dialogue dialogues[] = {
    {"a mail", DATA "Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n", IN_DATA TAKEN "221 2.0.0 *\r\n",
        HEAD "Subject: x\r\n\r\nbody\r\n--\n"},
    {"an empty mail", DATA ".\r\n", IN_DATA TAKEN, HEAD "--\n"},
    {"dots are undone", DATA "..\r\n.a\r\n...\r\na.\r\n.\r\n", IN_DATA TAKEN,
        HEAD ".\r\na\r\n..\r\na.\r\n--\n"},
    {"two mails",
        DATA "1\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\n2\r\n.\r\n",
        IN_DATA TAKEN "250 2.1.0 *\r\n250 2.1.5 *\r\n354 *\r\n" TAKEN,
        HEAD "1\r\n--\nReturn-Path: <>\r\nDelivered-To: csirt@sakura.example\r\n2\r\n--\n"},
    {"not committed", DATA "1\r\n.\r\n", IN_DATA "451 4.3.0 *<csirt@sakura.example>\r\n",
        HEAD "1\r\n--\n", LMTP_REFUSED},
    {"a reply for each recipient, the same one too",
        MAIL "RCPT TO:<nobody@sakura.example>\r\nRCPT TO:<CSIRT@Sakura.EXAMPLE>\r\n"
             "RCPT TO:<csirt@sakura.example>\r\nDATA\r\n.\r\n",
        IN_MAIL "550 5.1.1 *\r\n250 2.1.5 *\r\n250 2.1.5 *\r\n354 *\r\n" TAKEN
                "250 * <CSIRT@Sakura.EXAMPLE>\r\n" TAKEN,
        HEAD "Delivered-To: CSIRT@Sakura.EXAMPLE\r\nDelivered-To: csirt@sakura.example\r\n--\n"},

    /* Only CRLF . CRLF is an end. */
    {"LF . LF smuggles nothing", DATA "a\n.\nMAIL FROM:<evil@x>\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\n.\nMAIL FROM:<evil@x>\r\n--\n"},
    {"LF . CRLF smuggles nothing", DATA "a\n.\r\nRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\n.\r\nRSET\r\n--\n"},
    {"CRLF . LF smuggles nothing", DATA "a\r\n.\nRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r\n\nRSET\r\n--\n"},
    {"CR . CR smuggles nothing", DATA "a\r.\rRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r.\rRSET\r\n--\n"},
    {"CR . CRLF smuggles nothing", DATA "a\r.\r\nRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r.\r\nRSET\r\n--\n"},
    {"CRLF . CR smuggles nothing", DATA "a\r\n.\rRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r\n\rRSET\r\n--\n"},
    {"CRLF . CR CRLF smuggles nothing", DATA "a\r\n.\r\r\nRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r\n\r\r\nRSET\r\n--\n"},
    {"CRLF LF . CRLF smuggles nothing", DATA "a\r\n\n.\r\nRSET\r\n.\r\n", IN_DATA TAKEN,
        HEAD "a\r\n\n.\r\nRSET\r\n--\n"},
    {"CR CRLF is a CR and a line end", DATA "a\r\r\n.\r\n", IN_DATA TAKEN, HEAD "a\r\r\n--\n"},
    {"a dot in a line is no end", DATA "a.\r\nb.\r\n.\r\n", IN_DATA TAKEN, HEAD "a.\r\nb.\r\n--\n"},

    /* Commands. */
    {"nothing without LHLO", "MAIL FROM:<>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\n",
        "220 *\r\n503 5.5.1 *\r\n503 5.5.1 *\r\n503 5.5.1 *\r\n"},
    {"this is no SMTP", "EHLO a\r\nHELO a\r\nBDAT 1\r\n",
        "220 *\r\n500 5.5.1 *\r\n500 5.5.1 *\r\n500 5.5.1 *\r\n"},
    {"LHLO takes a name", "LHLO\r\n", "220 *\r\n501 5.5.4 *\r\n"},
    {"no recipient, no DATA",
        HELLO "MAIL FROM:<>\r\nRCPT TO:<nobody@sakura.example>\r\nDATA\r\nNOOP\r\n",
        GREETED "250 *\r\n550 5.1.1 *\r\n503 5.5.1 *\r\n250 *\r\n"},
    {"one mail at a time", MAIL "MAIL FROM:<>\r\n", IN_MAIL "503 5.5.1 *\r\n"},
    {"RSET and LHLO forget", MAIL "RSET\r\nDATA\r\n" MAIL "LHLO b\r\nDATA\r\n",
        IN_MAIL "250 *\r\n503 *\r\n250-host\r\n250-*\r\n250-*\r\n250-*\r\n250-*\r\n250 *\r\n250 "
                "*\r\n250 *\r\n"
                "250-host\r\n250-*\r\n250-*\r\n250-*\r\n250-*\r\n250 *\r\n503 *\r\n"},
    {"in any case of letters", "lhlo x\r\nmail from:<>\r\nrcpt to:<POSTMASTER>\r\nrset\r\n",
        GREETED "250 *\r\n250 *\r\n250 *\r\n"},
    {"the rest", "NOOP x y\r\nVRFY csirt\r\nHELP\r\nRSET\r\nDATA x\r\nquit\r\nNOOP\r\n",
        "220 *\r\n250 *\r\n252 *\r\n214 *\r\n250 *\r\n501 *\r\n221 *\r\n"},
    {"a line ends with CRLF", "NOOP\nNOOP\r\nNO\rOP\r\nNOOP \t\r\n\r\n",
        "220 *\r\n500 5.5.2 *\r\n250 *\r\n500 5.5.2 *\r\n500 5.5.2 *\r\n500 5.5.1 *\r\n"},

    /* Parameters. */
    {"known parameters",
        HELLO
        "MAIL FROM:<> SIZE=1000 BODY=8BITMIME SMTPUTF8\r\nRSET\r\nMAIL FROM:<>  body=7bit\r\n",
        GREETED "250 *\r\n250 *\r\n250 *\r\n"},
    {"bad parameters",
        HELLO "MAIL FROM:<> SIZE=\r\nMAIL FROM:<> SIZE=-1\r\nMAIL FROM:<> SIZE\r\n"
              "MAIL FROM:<> SIZE=99999999999999999999999\r\nMAIL FROM:<> BODY=BINARYMIME\r\n"
              "MAIL FROM:<> SMTPUTF8=1\r\nMAIL FROM:<>SIZE=1\r\n",
        GREETED "501 *\r\n501 *\r\n501 *\r\n501 *\r\n501 *\r\n501 *\r\n501 *\r\n"},
    {"unknown parameters", HELLO "MAIL FROM:<> AUTH=<>\r\n" MAIL "RCPT TO:<x@y> NOTIFY=NEVER\r\n",
        GREETED "555 5.5.4 *\r\n250-host\r\n250-*\r\n250-*\r\n250-*\r\n250-*\r\n250 *\r\n250 "
                "*\r\n250 *\r\n555 *\r\n"},
    {"too large is said early",
        HELLO "MAIL FROM:<> SIZE=1001\r\nRCPT TO:<csirt@sakura.example>\r\n",
        GREETED "552 5.3.4 *\r\n503 *\r\n"},

    /* Addresses. */
    {"odd but right",
        HELLO "MAIL FROM:<\"a > b\\\"\"@peer.example>\r\nRCPT TO:<@a,@b:csirt@sakura.example>\r\n"
              "RCPT TO: <csirt+SAKURA-42@sakura.example>\r\nRCPT "
              "TO:<postmaster@SAKURA.example>\r\nDATA\r\n.\r\n",
        GREETED "250 *\r\n250 *\r\n250 *\r\n250 *\r\n354 *\r\n" TAKEN "250 *\r\n250 *\r\n",
        "Return-Path: <\"a > b\\\"\"@peer.example>\r\nDelivered-To: csirt@sakura.example\r\n"
        "Delivered-To: csirt+SAKURA-42@sakura.example\r\nDelivered-To: "
        "postmaster@SAKURA.example\r\n--\n"},
    {"wrong",
        HELLO
        "MAIL FROM:a@b\r\nMAIL FROM:<a\r\nMAIL a\r\nMAIL\r\nMAIL FROM:<a b>\r\nMAIL FROM:<<a>>\r\n",
        GREETED "501 *\r\n501 *\r\n501 *\r\n501 *\r\n501 *\r\n501 *\r\n"},
    {"not ours",
        HELLO "MAIL FROM:<>\r\nRCPT TO:<csirt@other.example>\r\nRCPT TO:<csirtx@sakura.example>\r\n"
              "RCPT TO:<csirt>\r\nRCPT TO:<@sakura.example>\r\nRCPT TO:<>\r\nRCPT "
              "TO:<postmaster@other.example>\r\n",
        GREETED "250 *\r\n550 *\r\n550 *\r\n550 *\r\n550 *\r\n550 *\r\n550 *\r\n"},
    {"international",
        HELLO "MAIL FROM:<田中@例え.example> SMTPUTF8\r\nRCPT TO:<窓口+1@xn--r8jm4p.example>\r\n"
              "RCPT TO:<窓口@さくら.example>\r\nDATA\r\n.\r\n",
        GREETED "250 *\r\n550 *\r\n250 *\r\n354 *\r\n250 *\r\n",
        "Return-Path: <田中@例え.example>\r\nDelivered-To: 窓口@さくら.example\r\n--\n"},
    {"international takes SMTPUTF8",
        HELLO "MAIL FROM:<田中@例え.example>\r\nMAIL FROM:<>\r\nRCPT TO:<窓口@さくら.example>\r\n",
        GREETED "553 5.6.7 *\r\n250 *\r\n553 5.6.7 *\r\n"},
    {"no broken UTF-8 in a header", HELLO "MAIL FROM:<\xff\xfe@x> SMTPUTF8\r\n",
        GREETED "501 *\r\n"},
};

/* -- limits -- */

static void expect_replies(const GString *said, enum lmtp_state state, const char *replies)
{
    struct lmtp_house house = house_of_tests();
    struct outcome outcome = talk(&house, said->str, said->len, 4096, LMTP_TAKEN);

    assert_like("limit", outcome.replies->str, replies);
    g_assert_cmpint(outcome.state, ==, state);
    outcome_clear(&outcome);
}

static void repeat(GString *text, const char *piece, guint times)
{
    while (times--)
        g_string_append(text, piece);
}

static void test_nul_is_no_end_of_a_command(void)
{
    g_autoptr(GString) said = g_string_new(NULL);

    g_string_append_len(said, "NOOP\0x\r\nNOOP\r\n", 14);
    expect_replies(said, LMTP_COMMANDS, "220 *\r\n500 5.5.2 *\r\n250 *\r\n");
}

static void test_nul_in_a_mail_is_kept(void)
{
    struct lmtp_house house = house_of_tests();
    const char said[] = DATA "a\0b\r\n.\r\n";
    struct outcome outcome = talk(&house, said, sizeof said - 1, 4096, LMTP_TAKEN);

    g_assert_cmpint(outcome.mails->len, ==, strlen(HEAD) + 5 + 3);
    g_assert_cmpmem(outcome.mails->str + strlen(HEAD), 5, "a\0b\r\n", 5);
    outcome_clear(&outcome);
}

static void test_a_command_has_2048_bytes(void)
{
    g_autoptr(GString) said = g_string_new("NOOP ");

    repeat(said, "x", LIMIT_LMTP_COMMAND_BYTES - 7);
    g_string_append(said, "\r\nNOOP ");
    repeat(said, "x", LIMIT_LMTP_COMMAND_BYTES - 6);
    g_string_append(said, "\r\nNOOP ");
    repeat(said, "x", 1000000);
    g_string_append(said, "\r\nNOOP\r\n");
    expect_replies(
        said, LMTP_COMMANDS, "220 *\r\n250 *\r\n500 5.5.2 *\r\n500 5.5.2 *\r\n250 *\r\n");
}

static void test_twenty_errors_end_the_session(void)
{
    g_autoptr(GString) said = g_string_new(NULL), replies = g_string_new("220 *\r\n");

    repeat(said, "nonsense\r\n", 100);
    repeat(replies, "500 *\r\n", LIMIT_LMTP_ERRORS - 1);
    g_string_append(replies, "421 4.7.0 *\r\n");
    expect_replies(said, LMTP_OVER, replies->str);
}

static void test_strange_recipients_are_no_errors(void)
{
    g_autoptr(GString) said = g_string_new(HELLO "MAIL FROM:<>\r\n");
    g_autoptr(GString) replies = g_string_new(GREETED "250 *\r\n");

    repeat(said, "RCPT TO:<nobody@other.example>\r\n", 100);
    repeat(replies, "550 *\r\n", 100);
    expect_replies(said, LMTP_COMMANDS, replies->str);
}

static void test_a_mail_has_500_recipients(void)
{
    g_autoptr(GString) said = g_string_new(HELLO "MAIL FROM:<>\r\n");
    g_autoptr(GString) replies = g_string_new(GREETED "250 *\r\n");

    repeat(said, "RCPT TO:<csirt@sakura.example>\r\n", LIMIT_RECIPIENTS + 2);
    repeat(replies, "250 *\r\n", LIMIT_RECIPIENTS);
    repeat(replies, "452 4.5.3 *\r\n", 2);
    expect_replies(said, LMTP_COMMANDS, replies->str);
}

static void test_a_mail_without_an_end_costs_no_memory(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *lmtp = lmtp_new(&house);
    g_autoptr(GString) line = g_string_new(NULL);

    repeat(line, "x", 60000);
    lmtp_feed(lmtp, DATA, strlen(DATA));
    for (int i = 0; i < 200; i++)
        g_assert_cmpint(lmtp_feed(lmtp, line->str, line->len), ==, line->len);
    g_assert_cmpint(house.memory, ==, 0);
    g_string_truncate(lmtp_replies(lmtp), 0);
    lmtp_feed(lmtp, "\r\n.\r\n", 5);
    assert_like("too large", lmtp_replies(lmtp)->str, "552 5.3.4 *<csirt@sakura.example>\r\n");
    lmtp_free(lmtp);
}

/* As large as is taken is taken, one byte more is not; our own lines count. */
static void test_the_limit_is_exact(void)
{
    for (guint more = 0; more < 2; more++) {
        g_autoptr(GString) said = g_string_new(DATA);
        repeat(said, "x", 1000 - (guint)strlen(HEAD) - 2 + more);
        g_string_append(said, "\r\n.\r\n");
        expect_replies(
            said, LMTP_COMMANDS, more ? IN_DATA "552 5.3.4 *\r\n" : IN_DATA "250 2.0.0 *\r\n");
    }
}

/* -- several clients -- */

/* A client with a mail of so many x on its way. */
static struct lmtp *client_with(struct lmtp_house *house, guint size)
{
    g_autoptr(GString) said = g_string_new(DATA);
    struct lmtp *lmtp = lmtp_new(house);

    repeat(said, "x", size);
    g_assert_cmpint(lmtp_feed(lmtp, said->str, said->len), ==, said->len);
    g_string_truncate(lmtp_replies(lmtp), 0);
    return lmtp;
}

static void assert_answer(struct lmtp *lmtp, const char *said, const char *reply)
{
    lmtp_feed(lmtp, said, strlen(said));
    assert_like(said, lmtp_replies(lmtp)->str, reply);
    g_string_truncate(lmtp_replies(lmtp), 0);
}

static void test_all_mails_in_hand_have_a_limit(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *some[] = {
        client_with(&house, 800), client_with(&house, 800), client_with(&house, 800)};
    struct lmtp *fourth = lmtp_new(&house);

    g_assert_cmpint(house.memory, <=, house.max_memory);
    assert_answer(some[2], "\r\n.\r\n", "452 4.3.1 *\r\n");
    assert_answer(fourth, HELLO "MAIL FROM:<> SIZE=900\r\n",
        "220 *\r\n*\r\n*\r\n*\r\n*\r\n*\r\n*\r\n452 4.3.1 *\r\n");
    lmtp_free(some[0]);
    assert_answer(fourth, "MAIL FROM:<> SIZE=900\r\n", "250 *\r\n");
    lmtp_free(some[1]);
    lmtp_free(some[2]);
    lmtp_free(fourth);
    g_assert_cmpint(house.memory, ==, 0);
}

static void test_one_mail_alone_is_always_taken(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *lmtp;

    house.max_memory = 10;
    lmtp = client_with(&house, 800);
    lmtp_feed(lmtp, "\r\n.\r\n", 5);
    g_assert_cmpint(lmtp_state(lmtp), ==, LMTP_WAITING);
    lmtp_free(lmtp);
}

static void test_a_pause_puts_mail_off(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *before = client_with(&house, 10), *then = lmtp_new(&house);

    house.paused = TRUE;
    assert_answer(before, "\r\n.\r\n", "452 4.3.1 *\r\n");
    assert_answer(
        then, HELLO "MAIL FROM:<>\r\n", "220 *\r\n*\r\n*\r\n*\r\n*\r\n*\r\n*\r\n452 4.3.1 *\r\n");
    house.paused = FALSE;
    assert_answer(then, "MAIL FROM:<>\r\n", "250 *\r\n");
    lmtp_free(before);
    lmtp_free(then);
}

/* Commands behind the dot wait with it: what comes next is answered behind the mail. */
static void test_nothing_is_used_while_a_mail_waits(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *lmtp = client_with(&house, 10);

    g_assert_cmpint(lmtp_feed(lmtp, "\r\n.\r\nNOOP\r\n", 11), ==, 5);
    g_assert_cmpint(lmtp_feed(lmtp, "NOOP\r\n", 6), ==, 0);
    g_assert_cmpint(lmtp_replies(lmtp)->len, ==, 0);
    lmtp_answer(lmtp, LMTP_TAKEN);
    assert_answer(lmtp, "NOOP\r\n", TAKEN "250 *\r\n");
    lmtp_free(lmtp);
}

static void test_who_does_not_read_is_not_heard(void)
{
    struct lmtp_house house = house_of_tests();
    g_autoptr(GString) said = g_string_new(NULL);
    struct lmtp *lmtp = lmtp_new(&house);
    gsize used;

    repeat(said, "NOOP\r\n", 100000);
    used = lmtp_feed(lmtp, said->str, said->len);
    g_assert_cmpint(used, <, said->len);
    g_assert_cmpint(lmtp_replies(lmtp)->len, <, 70000);
    g_assert_cmpint(lmtp_feed(lmtp, said->str + used, said->len - used), ==, 0);
    g_string_truncate(lmtp_replies(lmtp), 0);
    g_assert_cmpint(lmtp_feed(lmtp, said->str + used, said->len - used), >, 0);
    lmtp_free(lmtp);
}

static void test_an_ended_session_does_nothing_more(void)
{
    struct lmtp_house house = house_of_tests();
    struct lmtp *lmtp = client_with(&house, 10);

    lmtp_end(lmtp, "421 4.4.2 too slow");
    assert_answer(lmtp, "\r\n.\r\n", "421 4.4.2 too slow\r\n");
    g_assert_cmpint(house.memory, ==, 0);
    lmtp_answer(lmtp, LMTP_TAKEN);
    g_assert_cmpint(lmtp_replies(lmtp)->len, ==, 0);
    lmtp_free(lmtp);
}

static void test_without_addresses_all_are_taken(void)
{
    struct lmtp_house house = house_of_tests();
    char *none = NULL;
    struct lmtp *lmtp = lmtp_new(&house);

    house.addresses = &none;
    assert_answer(lmtp, HELLO "MAIL FROM:<>\r\nRCPT TO:<any@where.example>\r\n",
        "220 *\r\n*\r\n*\r\n*\r\n*\r\n*\r\n*\r\n250 *\r\n250 *\r\n");
    lmtp_free(lmtp);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
        g_autofree char *path = g_strconcat("/lmtp/dialogue/", dialogues[i].name, NULL);
        g_test_add_data_func(path, &dialogues[i], run_dialogue);
    }
    g_test_add_func("/lmtp/nul in a command", test_nul_is_no_end_of_a_command);
    g_test_add_func("/lmtp/nul in a mail", test_nul_in_a_mail_is_kept);
    g_test_add_func("/lmtp/limit/command", test_a_command_has_2048_bytes);
    g_test_add_func("/lmtp/limit/errors", test_twenty_errors_end_the_session);
    g_test_add_func("/lmtp/limit/strange recipients", test_strange_recipients_are_no_errors);
    g_test_add_func("/lmtp/limit/recipients", test_a_mail_has_500_recipients);
    g_test_add_func("/lmtp/limit/no end", test_a_mail_without_an_end_costs_no_memory);
    g_test_add_func("/lmtp/limit/exact", test_the_limit_is_exact);
    g_test_add_func("/lmtp/limit/memory", test_all_mails_in_hand_have_a_limit);
    g_test_add_func("/lmtp/limit/one alone", test_one_mail_alone_is_always_taken);
    g_test_add_func("/lmtp/pause", test_a_pause_puts_mail_off);
    g_test_add_func("/lmtp/waiting", test_nothing_is_used_while_a_mail_waits);
    g_test_add_func("/lmtp/not reading", test_who_does_not_read_is_not_heard);
    g_test_add_func("/lmtp/ended", test_an_ended_session_does_nothing_more);
    g_test_add_func("/lmtp/no addresses", test_without_addresses_all_are_taken);
    return g_test_run();
}
