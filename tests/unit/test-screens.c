/* What operators see: rows as the daemon sends them -> the screen, and the lines for a pipe. */
#include "madoctl.h"
#include "text.h"
#include <string.h>

enum kind { TERMINAL_80, TERMINAL_100, PIPE };

static struct screen *screen_of(enum kind kind)
{
    struct screen *screen = g_new0(struct screen, 1);

    screen->terminal = kind != PIPE;
    screen->columns = kind == TERMINAL_100 ? 100 : 80;
    screen->rows = 24;
    screen->text = g_string_new(NULL);
    return screen;
}

static json_t *rows_from(const char *lines)
{
    json_t *rows = json_array();
    g_auto(GStrv) split = g_strsplit(lines, "\n", -1);

    for (char **line = split; *line; line++)
        if (**line) {
            json_t *row = json_loads(*line, 0, NULL);
            g_assert_nonnull(row);
            json_array_append_new(rows, row);
        }
    return rows;
}

static char *drawn(const struct view *view, const char *lines, enum kind kind)
{
    struct screen *screen = screen_of(kind);
    json_t *rows = rows_from(lines);
    char *text;

    view->draw(screen, rows, TRUE);
    text = g_strdup(screen->text->str);
    json_decref(rows);
    screen_free(screen);
    return text;
}

static void check(const struct view *view, const char *lines, enum kind kind, const char *expected)
{
    g_autofree char *text = drawn(view, lines, kind);
    g_assert_cmpstr(text, ==, expected);
}

#define TICKET_ROWS                                                                                \
    "{\"schema\":\"mado/1\",\"ticket\":\"2026-0042-K7\",\"severity\":\"high\",\"state\":\"new\","  \
    "\"age_seconds\":2460,\"category\":\"defacement\",\"category_by\":\"proposal\",\"handler\":"   \
    "null,\"tlp\":\"TLP:AMBER\","                                                                  \
    "\"subject\":\"貴社Webサイトの改ざんについてのご連絡です\","                \
    "\"reporter\":{\"name\":\"山吹 花子\",\"address\":\"hanako@yamabuki.example\"},"           \
    "\"received\":\"2026-11-20T08:31:00+09:00\",\"updated\":\"2026-11-20T08:31:00+09:00\"}\n"      \
    "{\"schema\":\"mado/1\",\"ticket\":\"2026-0040-WQ\",\"severity\":\"medium\","                  \
    "\"state\":\"waiting\",\"age_seconds\":1036800,\"category\":null,\"handler\":\"tanaka\","      \
    "\"tlp\":null,\"subject\":\"[phishing] \\u001b[31mfake login page\\u202e of a bank\","         \
    "\"reporter\":{\"name\":null,\"address\":\"peer@cert.example\"},"                              \
    "\"target\":{\"kind\":\"triage\",\"due\":\"2026-11-20T11:19:00+09:00\",\"left_seconds\":4740," \
    "\"late\":false},"                                                                             \
    "\"received\":\"2026-11-08T09:12:00+09:00\",\"updated\":\"2026-11-20T08:00:00+09:00\"}\n"

static void test_list_fits_the_terminal(void)
{
    check(&view_list, TICKET_ROWS, TERMINAL_80,
        "TICKET        SEV     AGE  DUE  STATE    HANDLER  TLP    SUBJECT\n"
        "2026-0042-K7  high    41m  -    new      -        AMBER  defacement? 貴社Webサ..\n"
        "2026-0040-WQ  medium  12d  1h   waiting  tanaka   -      [phishing] \\x1B[31mfa..\n");
    check(&view_list, TICKET_ROWS, TERMINAL_100,
        "TICKET        SEV     AGE  DUE  STATE    HANDLER  TLP    SUBJECT\n"
        "2026-0042-K7  high    41m  -    new      -        AMBER  "
        "defacement? 貴社Webサイトの改ざんについて..\n"
        "2026-0040-WQ  medium  12d  1h   waiting  tanaka   -      "
        "[phishing] \\x1B[31mfake login page\\u{202E..\n");
}

/* A person has said one of them; the other is a proposal, whose mark stays where it is cut. */
static void test_a_proposed_category_is_marked(void)
{
    static const char row[] =
        "{\"schema\":\"mado/1\",\"ticket\":\"2026-0042-K7\",\"severity\":\"low\",\"state\":"
        "\"new\",\"age_seconds\":60,\"category\":\"%s\",\"category_by\":\"%s\",\"tlp\":"
        "\"TLP:RED\",\"subject\":\"a site\"}";
    static const struct {
        const char *category, *by, *shown;
    } rows[] = {
        {"infection", "proposal", "  infection? a site\n"},
        {"infection", "tanaka", "  infection: a site\n"},
        {"infection", "rule banks", "  infection: a site\n"},
        {"", "proposal", "  a site\n"},
        {"a-category-of-many-letters", "proposal", "  a-category..? a site\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *line = g_strdup_printf(row, rows[i].category, rows[i].by);
        g_autofree char *text = drawn(&view_list, line, TERMINAL_80);
        g_assert_nonnull(strstr(text, rows[i].shown));
    }
}

static void test_no_line_is_wider_than_the_terminal(void)
{
    static const char wide[] =
        "{\"schema\":\"mado/1\",\"ticket\":\"2026-0042-K7\",\"severity\":\"critical\",\"state\":"
        "\"accepted\",\"age_seconds\":17280000,\"category\":\"a-category-of-many-letters\","
        "\"category_by\":\"proposal\",\"handler\":\"a-very-long-user-name\",\"tlp\":"
        "\"TLP:AMBER+STRICT\",\"subject\":\"a subject that is long enough for any screen\"}\n";
    g_autofree char *text = drawn(&view_list, wide, TERMINAL_80);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_assert_cmpint(text_width(*line), <=, 80);
}

static void test_long_addresses_and_reasons_fit_the_terminal(void)
{
    static const char rows[] =
        "{\"schema\":\"mado/1\",\"id\":123456,\"kind\":\"notice\",\"state\":\"failed\","
        "\"to\":\"a-very-long-name-of-a-person@a-long-name-of-a-site.example\","
        "\"subject\":\"貴社Webサイトの改ざんについてのご連絡です\",\"ticket\":\"2026-0042-K7\","
        "\"mail\":7,\"created\":\"2026-11-20T08:31:00+09:00\",\"age_seconds\":60,"
        "\"next_try\":null,\"attempts\":100,\"reply\":\"550 5.1.1 そのような宛先はありません。"
        "そのような宛先はありません。 no such user here, see https://mx.peer.example/why\"}";
    g_autofree char *text = drawn(&view_outbox, rows, TERMINAL_80);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_assert_cmpint(text_width(*line), <=, 80);
    g_assert_nonnull(strstr(text, "a-very-long-"));
    g_assert_nonnull(strstr(text, "why\n"));
}

static void test_list_for_a_pipe_is_whole(void)
{
    check(&view_list, TICKET_ROWS, PIPE,
        "2026-0042-K7\thigh\t2026-11-20T08:31:00+09:00\t\tnew\t\tTLP:AMBER\t"
        "貴社Webサイトの改ざんについてのご連絡です\n"
        "2026-0040-WQ\tmedium\t2026-11-08T09:12:00+09:00\t2026-11-20T11:19:00+09:"
        "00\twaiting\ttanaka\t\t"
        "[phishing] \\x1B[31mfake login page\\u{202E} of a bank\n");
}

static void test_colour_only_repeats_what_words_say(void)
{
    struct screen *screen = screen_of(TERMINAL_80);
    json_t *rows = rows_from(TICKET_ROWS);
    g_autoptr(GRegex) colour = g_regex_new("\033\\[[0-9]*m", 0, 0, NULL);
    g_autofree char *plain = drawn(&view_list, TICKET_ROWS, TERMINAL_80);
    g_autofree char *bare = NULL;

    screen->colour = TRUE;
    view_list.draw(screen, rows, TRUE);
    g_assert_nonnull(strstr(screen->text->str, "\033[31mhigh\033[0m"));
    bare = g_regex_replace_literal(colour, screen->text->str, -1, 0, "", 0, NULL);
    g_assert_cmpstr(bare, ==, plain);
    json_decref(rows);
    screen_free(screen);
}

#define SHOW_ROW                                                                                   \
    "{\"schema\":\"mado/1\",\"ticket\":\"2026-0042-K7\",\"severity\":\"high\",\"state\":\"new\","  \
    "\"age_seconds\":2460,\"category\":\"defacement\",\"handler\":null,\"tlp\":\"TLP:AMBER\","     \
    "\"subject\":\"貴社Webサイトの改ざんについて\","                                  \
    "\"reporter\":{\"name\":\"山吹 花子\",\"address\":\"hanako@yamabuki.example\"},"           \
    "\"received\":\"2026-11-20T08:31:00+09:00\",\"updated\":\"2026-11-20T08:31:09+09:00\","        \
    "\"tag\":\"SAKURA\",\"zone\":\"JST\",\"events\":["                                             \
    "{\"id\":1,\"at\":\"2026-11-20T08:31:00+09:00\",\"actor\":\"mado\",\"kind\":\"mail-in\","      \
    "\"ticket\":\"2026-0042-K7\",\"mail\":7,\"text\":\"from hanako\\nforged line\"},"              \
    "{\"id\":2,\"at\":\"2026-11-21T08:31:09+09:00\",\"actor\":\"mado\",\"kind\":\"ack\","          \
    "\"ticket\":\"2026-0042-K7\",\"mail\":7,\"text\":\"acknowledgement (ja)\"}],"                  \
    "\"acknowledged\":{\"state\":\"%s\",\"at\":\"2026-11-20T08:31:09+09:00\",\"seconds\":9,"       \
    "\"why\":%s},\"mails\":[{\"mail\":7,\"attachments\":[{\"name\":\"shot.png\","                  \
    "\"type\":\"image/png\",\"size\":12345,\"sha256\":\"00\"}],\"problems\":[\"no charset\"]}],"   \
    "\"mails_left_out\":false}\n"

static void test_show_tells_the_ticket(void)
{
    g_autofree char *row = g_strdup_printf(SHOW_ROW, "sent", "null");

    check(&view_show, row, TERMINAL_80,
        "SAKURA#2026-0042-K7   high   new   TLP:AMBER   defacement\n"
        "貴社Webサイトの改ざんについて\n"
        "\n"
        "Reporter      山吹 花子 <hanako@yamabuki.example>\n"
        "Received      2026-11-20 08:31 JST\n"
        "Acknowledged  08:31 (in 9s)\n"
        "Attached      shot.png (12 kB, image/png)\n"
        "Problems      no charset\n"
        "\n"
        "08:31  mail-in       from hanako\\x0Aforged line\n"
        "2026-11-21 08:31  ack           acknowledgement (ja)\n"
        "\n"
        "Next:  madoctl show 2026-0042-K7 --mail\n       madoctl take 2026-0042-K7\n");
}

static void test_show_tells_why_nothing_was_acknowledged(void)
{
    static const struct {
        const char *state, *why, *line;
    } rows[] = {
        {"none", "\"Auto-Submitted says so\"", "Acknowledged  no: Auto-Submitted says so\n"},
        {"none", "null", "Acknowledged  no\n"},
        {"failed", "null", "Acknowledged  no, the letter failed: see madoctl outbox failed\n"},
        {"unknown", "null", "Acknowledged  uncertain: see madoctl outbox unknown\n"},
        {"queued", "null",
            "Acknowledged  not yet, the letter is queued: see madoctl outbox queued\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *row = g_strdup_printf(SHOW_ROW, rows[i].state, rows[i].why);
        g_autofree char *text = drawn(&view_show, row, TERMINAL_80);
        g_assert_nonnull(strstr(text, rows[i].line));
    }
}

static void test_show_tells_what_came_back(void)
{
    g_autofree char *row = g_strdup_printf(SHOW_ROW, "failed", "null");
    g_autofree char *rest = g_strdup(strstr(row, "\"mails\":"));
    g_autofree char *whole = NULL;
    g_autofree char *text = NULL;

    *strstr(row, "\"mails\":") = '\0';
    whole = g_strconcat(row,
        "\"deliveries\":[{\"recipient\":\"hanako@yamabuki.example\",\"outcome\":\"failed\","
        "\"permanent\":true,\"status\":\"5.1.1\",\"reply_code\":\"550\",\"reason\":"
        "\"userunknown\",\"mail\":9},{\"recipient\":\"a\\u001b@b.example\",\"outcome\":\"delayed\","
        "\"permanent\":false,\"status\":null,\"reply_code\":null,\"reason\":\"expired\","
        "\"mail\":10}],",
        rest, NULL);
    text = drawn(&view_show, whole, TERMINAL_80);
    g_assert_nonnull(
        strstr(text, "Delivery      failed: hanako@yamabuki.example, userunknown 550 5.1.1, "
                     "permanent\n              (mail:9)\n"
                     "Delivery      delayed: a\\x1B@b.example, expired (mail:10)\n"));
}

static void test_show_says_what_it_leaves_out(void)
{
    static const char row[] =
        "{\"ticket\":\"2026-0042-K7\",\"subject\":\"%s\",\"received\":\"2026-11-20T08:31:00+09:"
        "00\","
        "\"events\":[{}],\"events_left_out\":true,\"mails\":[{},{}],\"mails_left_out\":true}";
    g_autofree char *subject = g_strnfill(30000, 'x');
    g_autofree char *whole = g_strdup_printf(row, subject);
    g_autofree char *text = drawn(&view_show, whole, TERMINAL_80);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_nonnull(
        strstr(text, "\nOnly the first 1 events stand here. All: madoctl history 2026-0042-K7\n"));
    g_assert_nonnull(strstr(text,
        "\nOnly the files of the first 2 mails stand here. All: madoctl show 2026-0042-K7 "
        "--mail\n"));
    g_assert_cmpuint(g_strv_length(lines), <, 20);
    g_assert_true(g_str_has_suffix(lines[2], "x.."));
}

static void test_show_prints_a_mail(void)
{
    check(&view_show,
        "{\"schema\":\"mado/1\",\"mail\":7,\"ticket\":\"2026-0042-K7\",\"ledger\":\"pending\","
        "\"arrived\":\"2026-11-20T08:31:00+09:00\",\"age_seconds\":1,\"source\":\"inbox\","
        "\"size\":4096,\"sha256\":\"00\",\"claims\":\"2026-0001-AA\","
        "\"from\":{\"name\":null,\"address\":\"a@x.example\"},\"subject\":\"s\",\"date\":null,"
        "\"language\":\"en\",\"machine\":{\"kind\":\"no\",\"why\":null},\"problems\":[],"
        "\"attachments\":[],\"text\":\"hello\\n\\u001b]0;title\\u0007\\n\"}",
        TERMINAL_80,
        "Mail 7   pending   2026-11-20 08:31   4 kB\n"
        "Ticket        2026-0042-K7\n"
        "From          <a@x.example>\n"
        "Subject       s\n"
        "Claims        2026-0001-AA\n"
        "\n"
        "hello\n"
        "\\x1B]0;title\\x07\n"
        "\n");
}

#define LEDGER_ROW(sum, balanced)                                                                  \
    "{\"schema\":\"mado/1\",\"arrived\":12345,\"repeats\":5,\"mails\":12340,"                      \
    "\"places\":{\"incident\":12300,\"pending\":30},\"waiting\":10,\"sum\":" sum                   \
    ",\"balanced\":" balanced "}"

static void test_ledger_shows_the_sum(void)
{
    check(&view_ledger, LEDGER_ROW("12340", "true"), TERMINAL_80,
        "arrived              12,345  handed over by the sources\n"
        "repeats                   5  bytes that were here already\n"
        "mails                12,340\n"
        "\n"
        "incident             12,300  opened a ticket or joined one\n"
        "pending                  30  for a person to sort\n"
        "waiting                  10  not read yet\n"
        "sum                  12,340\n"
        "\n"
        "ok: each mail is in exactly one place.\n"
        "The mails of one place: madoctl ledger pending\n");
    check(&view_ledger, LEDGER_ROW("12339", "false"), PIPE,
        "arrived\t12345\nrepeats\t5\nmails\t12340\nincident\t12300\npending\t30\nwaiting\t10\n"
        "sum\t12339\nbalanced\tno\n");
}

static int judged(const struct view *view, const char *line)
{
    json_t *rows = rows_from(line);
    int status = view->judge(json_array_get(rows, 0));
    json_decref(rows);
    return status;
}

static void test_a_script_sees_a_negative_answer(void)
{
    g_assert_cmpint(judged(&view_ledger, LEDGER_ROW("12340", "true")), ==, 0);
    g_assert_cmpint(judged(&view_ledger, LEDGER_ROW("12339", "false")), ==, 1);
    g_assert_cmpint(judged(&view_audit_verify, "{\"checked\":9,\"intact\":true}"), ==, 0);
    g_assert_cmpint(judged(&view_audit_verify, "{\"checked\":9,\"intact\":false}"), ==, 1);
}

static void test_audit_names_what_does_not_fit(void)
{
    check(&view_audit_verify, "{\"checked\":18442,\"intact\":true,\"why\":null}", TERMINAL_80,
        "ok: the journal is intact, 18,442 rows.\n");
    check(&view_audit_verify, "{\"checked\":9,\"intact\":false,\"why\":\"Row 10 was changed.\"}",
        TERMINAL_80,
        "FAIL: Row 10 was changed.\n9 rows before it are intact. Nothing was changed.\n");
    check(&view_audit_verify, "", TERMINAL_80, "");
}

#define STATUS_ROW                                                                                 \
    "{\"schema\":\"mado/1\",\"team\":\"SAKURA-CSIRT\",\"now\":\"2026-11-20T09:12:00+09:00\","      \
    "\"zone\":\"JST\",\"version\":\"0.1.0\",\"states\":["                                          \
    "{\"state\":\"new\",\"count\":3,\"oldest_seconds\":2460},"                                     \
    "{\"state\":\"open\",\"count\":11,\"oldest_seconds\":792000}],"                                \
    "\"mail_to_sort\":{\"count\":1,\"oldest_seconds\":480},"                                       \
    "\"could_not_read\":{\"count\":0,\"oldest_seconds\":null},\"waiting_mail\":0,\"untold\":0,"    \
    "\"outbox\":[{\"state\":\"sent\",\"count\":9,\"oldest_seconds\":9},"                           \
    "{\"state\":\"failed\",\"count\":2,\"oldest_seconds\":360}],"                                  \
    "\"last_out\":\"2026-11-20T09:11:00+09:00\",\"today\":{\"in\":14,\"out\":9,\"failed\":0},"     \
    "\"up_seconds\":1036800,\"last_in\":\"2026-11-20T09:10:00+09:00\",\"sources\":["               \
    "{\"name\":\"inbox\",\"type\":\"imap\",\"state\":\"IMAP idle\",\"well\":true,"                 \
    "\"since\":\"2026-11-20T08:00:00+09:00\",\"waiting\":0,"                                       \
    "\"last_mail\":\"2026-11-20T09:10:00+09:00\"},"                                                \
    "{\"name\":\"soc\",\"type\":\"pop3\",\"state\":\"trouble: no answer\",\"well\":false,"         \
    "\"since\":\"2026-11-20T08:50:00+09:00\",\"waiting\":2,\"last_mail\":null}],"                  \
    "\"reader\":\"2 at work\",\"keys_role\":\"1 at "                                               \
    "work\",\"courier\":\"rests\",\"relay\":{\"transport\":\"smtp\","                              \
    "\"state\":\"rests\",\"well\":true,\"since\":\"2026-11-20T08:00:00+09:00\","                   \
    "\"last_letter\":\"2026-11-20T09:11:00+09:00\"},\"alarms\":["                                  \
    "{\"condition\":\"source soc\",\"text\":\"no "                                                 \
    "answer\",\"since\":\"2026-11-20T08:50:00+09:00\","                                            \
    "\"told\":\"duty@sakura.example\",\"told_at\":\"2026-11-20T09:05:00+09:00\","                  \
    "\"letter_waits\":false}],\"alarms_to\":\"duty@sakura.example\"}"

static void test_status_is_the_contact_point_on_one_screen(void)
{
    g_autofree char *piped = drawn(&view_status, STATUS_ROW, PIPE);

    check(&view_status, STATUS_ROW, TERMINAL_80,
        "SAKURA-CSIRT contact point      Fri 2026-11-20 09:12 JST\n"
        "\n"
        "                    count  oldest   next\n"
        "New                     3  41m      madoctl list state:new\n"
        "Open                   11  9d 4h    madoctl list state:open\n"
        "Waiting for others      0  -\n"
        "Mail to sort            1  8m       madoctl inbox\n"
        "Letters failed          2  6m       madoctl outbox failed\n"
        "\n"
        "Last mail in 09:10, out 09:11. Today 14 in, 9 out, 0 failed.\n"
        "Daemon up 12d.\n"
        "Source inbox (imap): last mail in 09:10; IMAP idle; 0 waiting; well since 08:00\n"
        "FAIL  Source soc (pop3): last mail in -; trouble: no answer; 2 waiting; not well\n"
        "             since 08:50\n"
        "Sending smtp: last letter out 09:11; rests; well since 08:00\n"
        "Reader 2 at work. Keys role: 1 at work.\n"
        "ALARM  source soc since 08:50: no answer; told duty@sakura.example 09:05\n");
    g_assert_nonnull(strstr(piped, "\nAlarm\tsource soc\t2026-11-20T08:50:00+09:00\tno answer\t"
                                   "told duty@sakura.example 09:05\n"));
}

/* A clock alone would be taken for today's. */
static void test_status_dates_what_is_not_of_today(void)
{
    g_autofree char *text = drawn(&view_status,
        "{\"now\":\"2026-11-21T09:12:00+09:00\",\"last_in\":\"2026-11-20T09:10:00+09:00\","
        "\"last_out\":null,\"today\":{\"in\":0,\"out\":0,\"failed\":0}}",
        TERMINAL_80);
    g_assert_nonnull(strstr(text, "\nLast mail in 2026-11-20 09:10, out -. Today 0 in,"));
}

static void test_an_alarm_says_whom_it_was_told(void)
{
    static const struct {
        const char *fields, *to, *words;
    } rows[] = {
        {"\"told\":null,\"told_at\":null,\"letter_waits\":false", "null",
            "nobody is told: notices.to is not set"},
        {"\"told\":null,\"told_at\":null,\"letter_waits\":false", "\"a@x.example\"",
            "nobody was told yet"},
        {"\"told\":\"a@x.example\",\"told_at\":\"2026-11-21T09:05:00+09:00\","
         "\"letter_waits\":true",
            "\"a@x.example\"", "the letter to a@x.example waits"},
        {"\"told\":\"a@x.example\",\"told_at\":\"2026-11-21T09:05:00+09:00\","
         "\"letter_waits\":false,\"letter_lost\":true",
            "\"a@x.example\"", "the letter to a@x.example may not have arrived"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *row = g_strdup_printf("{\"now\":\"2026-11-21T09:12:00+09:00\","
                                               "\"alarms\":[{\"condition\":\"relay\",%s}],"
                                               "\"alarms_to\":%s}",
            rows[i].fields, rows[i].to);
        g_autofree char *text = drawn(&view_status, row, PIPE);
        g_assert_nonnull(strstr(text, rows[i].words));
    }
}

static void test_alarms_say_what_since_when_and_whom(void)
{
    static const char rows[] =
        "{\"id\":2,\"condition\":\"disk\",\"text\":\"it is full\","
        "\"since\":\"2026-11-20T08:31:00+09:00\",\"over\":null,\"told\":null,\"told_at\":null,"
        "\"letter_waits\":false}\n"
        "{\"id\":1,\"condition\":\"relay\",\"text\":\"no answer\","
        "\"since\":\"2026-11-20T07:31:00+09:00\",\"over\":\"2026-11-20T07:50:00+09:00\","
        "\"told\":\"duty@sakura.example\",\"told_at\":\"2026-11-20T07:50:00+09:00\","
        "\"letter_waits\":false}";

    check(&view_alarms, rows, TERMINAL_80,
        "disk  since 2026-11-20 08:31\n"
        "    it is full\n"
        "    nobody was told\n"
        "relay  since 2026-11-20 07:31, over 2026-11-20 07:50\n"
        "    no answer\n"
        "    told duty@sakura.example, last 2026-11-20 07:50\n");
    check(&view_alarms, rows, PIPE,
        "disk\t2026-11-20T08:31:00+09:00\t\t\t\tit is full\n"
        "relay\t2026-11-20T07:31:00+09:00\t2026-11-20T07:50:00+09:00\tduty@sakura.example\t"
        "2026-11-20T07:50:00+09:00\tno answer\n");
    check(&view_alarms, "", TERMINAL_80, "No alarms.\n");
}

static void test_bare_madoctl_says_what_next(void)
{
    g_autofree char *text = drawn(&view_home, STATUS_ROW, TERMINAL_80);
    g_assert_nonnull(strstr(
        text, "\nNext:  madoctl alarms\n       madoctl list state:new\n       madoctl inbox\n"));
}

static void test_history_and_outbox_are_tables(void)
{
    check(&view_history,
        "{\"schema\":\"mado/1\",\"id\":1,\"at\":\"2026-11-20T08:31:00+09:00\",\"actor\":\"mado\","
        "\"kind\":\"opened\",\"ticket\":\"2026-0042-K7\",\"mail\":7,\"text\":\"a report\"}",
        TERMINAL_80,
        "WHEN              WHO   WHAT    MAIL  WHY\n"
        "2026-11-20 08:31  mado  opened     7  a report\n");
    check(&view_outbox,
        "{\"schema\":\"mado/1\",\"id\":3,\"kind\":\"ack\",\"state\":\"sent\","
        "\"to\":\"hanako@yamabuki.example\",\"subject\":\"[SAKURA#2026-0042-K7]\","
        "\"ticket\":\"2026-0042-K7\",\"mail\":7,\"created\":\"2026-11-20T08:31:00+09:00\","
        "\"age_seconds\":60,\"next_try\":null,\"attempts\":1,\"reply\":null}",
        PIPE,
        "3\tsent\t2026-11-20T08:31:00+09:00\tack\t2026-0042-K7\t1\thanako@yamabuki.example\t"
        "[SAKURA#2026-0042-K7]\n");
}

#define LETTER                                                                                     \
    "\"schema\":\"mado/1\",\"id\":3,\"kind\":\"ack\",\"to\":\"hanako@yamabuki.example\","          \
    "\"subject\":\"[SAKURA#2026-0042-K7]\",\"ticket\":\"2026-0042-K7\",\"mail\":7,"                \
    "\"created\":\"2026-11-20T08:31:00+09:00\",\"age_seconds\":60,\"attempts\":2,"

static void test_a_letter_is_shown_with_all_that_is_known(void)
{
    static const char row[] =
        "{" LETTER "\"state\":\"unknown\",\"next_try\":null,\"reply\":\"no answer\",\"from\":\"\","
        "\"message_id\":\"1@sakura.example\",\"changed\":\"2026-11-20T08:32:00+09:00\","
        "\"dropped_by\":null,\"dropped_at\":null,\"dropped_why\":null,\"size\":812,"
        "\"headers\":[\"From: SAKURA-CSIRT\",\"To: \\u001b[31m\"],\"deliveries\":["
        "{\"recipient\":\"hanako@yamabuki.example\",\"outcome\":\"failed\",\"permanent\":true,"
        "\"status\":\"5.1.1\","
        "\"reply_code\":\"550\",\"reason\":\"userunknown\",\"mail\":9,"
        "\"at\":\"2026-11-20T09:00:00+09:00\"}]}";

    check(&view_outbox_show, row, TERMINAL_80,
        "Letter 3   ack   unknown   812 B\n"
        "Ticket        2026-0042-K7\n"
        "Sender        <> (no bounces)\n"
        "Recipient     hanako@yamabuki.example\n"
        "Message-ID    1@sakura.example\n"
        "Queued        2026-11-20 08:31\n"
        "Changed       2026-11-20 08:32\n"
        "Tries         2\n"
        "Answer        no answer\n"
        "Delivery      failed: hanako@yamabuki.example, userunknown 550 5.1.1, permanent\n"
        "              (mail:9)\n"
        "\n"
        "From: SAKURA-CSIRT\n"
        "To: \\x1B[31m\n"
        "\n"
        "Next:  madoctl outbox retry 3\n"
        "       madoctl outbox drop 3 --reason TEXT\n");
}

static void test_what_was_done_with_a_letter_is_said(void)
{
    check(&view_outbox_retry,
        "{" LETTER "\"state\":\"queued\",\"next_try\":null,\"reply\":null,\"warning\":"
        "\"this may be a second copy.\"}",
        TERMINAL_80,
        "Letter 3 to hanako@yamabuki.example is sent again.\nthis may be a second copy.\n");
    check(&view_outbox_drop,
        "{" LETTER "\"state\":\"dropped\",\"next_try\":null,\"reply\":null,\"warning\":null}",
        TERMINAL_80, "Letter 3 to hanako@yamabuki.example is not sent any more.\n");
    check(&view_outbox_drop,
        "{" LETTER "\"state\":\"dropped\",\"next_try\":null,\"reply\":null,\"warning\":null}", PIPE,
        "3\tdropped\thanako@yamabuki.example\t\n");
}

static void test_long_text_goes_on_below_itself(void)
{
    static const struct {
        const char *text, *drawn;
    } rows[] = {
        {"short", "short\n"},
        {"", "\n"},
        {"exactly thirty columns, no more. And the rest",
            "exactly thirty columns, no\n          more. And the rest\n"},
        {"一二三四五六七八九十一二三四五六七八九十",
            "一二三四五六七八九十一二三四五\n          六七八九十\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct screen *screen = screen_of(TERMINAL_80);
        screen->columns = 40;
        screen_wrap(screen, 10, rows[i].text);
        g_assert_cmpstr(screen->text->str, ==, rows[i].drawn);
        screen_free(screen);
    }
}

static void test_doctor_is_aligned_and_says_what_to_do(void)
{
    check(&view_doctor,
        "{\"check\":\"store\",\"result\":\"ok\",\"text\":\"fine\",\"do\":null}\n"
        "{\"check\":\"source inbox\",\"result\":\"failure\",\"text\":\"gone\","
        "\"do\":\"see the log\"}\n"
        "{\"check\":\"disk\",\"result\":\"unknown\",\"text\":\"?\",\"do\":null}\n",
        TERMINAL_80,
        "ok       store         fine\n"
        "FAIL     source inbox  gone\n"
        "                       -> see the log\n"
        "unknown  disk          ?\n"
        "Problems: 2\n");
}

static void test_below_a_list_stands_how_many(void)
{
    static const struct {
        const struct view *view;
        guint64 rows;
        const char *line;
    } rows[] = {
        {&view_list, 0, ""},
        {&view_list, 1, "1 ticket. To see it: madoctl show ID\n"},
        {&view_list, 1234, "1,234 tickets. One of them: madoctl show ID\n"},
        {&view_search, 199, "199 tickets. One of them: madoctl show ID\n"},
        {&view_search, 200, "The search stopped at 200 tickets: more words find fewer.\n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct screen *screen = screen_of(TERMINAL_80);
        rows[i].view->finish(screen, rows[i].rows);
        g_assert_cmpstr(screen->text->str, ==, rows[i].line);
        screen_free(screen);
    }
}

#define KEY_ROW                                                                                    \
    "{\"schema\":\"mado/1\",\"fingerprint\":\"0123456789ABCDEF0123456789ABCDEF01234567\","         \
    "\"short\":\"0123..4567\",\"type\":\"openpgp\",\"place\":\"%s\",\"state\":\"ends in 12 "       \
    "days\","                                                                                      \
    "\"contact\":%s,\"user_ids\":[\"Alice \\u001b[31m<alice@peer.example>\"],\"addresses\":"       \
    "[\"alice@peer.example\"],\"algorithm\":\"ed25519/cv25519\",\"created\":"                      \
    "\"2026-01-02T03:04:05+09:00\",\"expires\":\"2026-12-02T03:04:05+09:00\",\"days_left\":12,"    \
    "\"revoked\":false,\"can_sign\":true,\"can_encrypt\":true,\"origin\":\"mail:17\","             \
    "\"came\":\"2026-11-20T08:31:00+09:00\",\"pinned\":null}"

/* What a key says of itself is shown as a claim, and harmless. */
static void test_a_key_that_is_nobodys_is_a_claim(void)
{
    g_autofree char *offered = g_strdup_printf(KEY_ROW, "offered", "null");
    g_autofree char *pinned = g_strdup_printf(KEY_ROW, "pinned", "\"株式会社やまぶき\"");
    g_autofree char *both = g_strconcat(pinned, "\n", offered, NULL);

    check(&view_key, both, TERMINAL_80,
        "PLACE    KEY         STATE            DAYS  ALGORITHM        WHOSE\n"
        "pinned   0123..4567  ends in 12 days    12  ed25519/cv25519  株式会社やまぶき\n"
        "offered  0123..4567  ends in 12 days    12  ed25519/cv25519  says: Alice \\x1B[..\n");
    check(&view_key, offered, PIPE,
        "offered\t0123456789ABCDEF0123456789ABCDEF01234567\tends in 12 days\t12\t"
        "ed25519/cv25519\tsays: Alice \\x1B[31m<alice@peer.example>\n");
    check(&view_key_show, offered, TERMINAL_80,
        "Fingerprint   0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567\n"
        "Place         offered: counts for nothing until a person pins it\n"
        "It claims     Alice \\x1B[31m<alice@peer.example>\n"
        "State         ends in 12 days\n"
        "Algorithm     ed25519/cv25519\n"
        "Made          2026-01-02 03:04\n"
        "Ends          2026-12-02 03:04\n"
        "From          mail:17\n"
        "Came          2026-11-20 08:31\n");
}

static void test_a_contact_is_shown_with_how_it_was_verified(void)
{
    static const char row[] =
        "{\"schema\":\"mado/1\",\"contact\":3,\"name\":\"山吹 花子\",\"kind\":\"person\","
        "\"organisation\":\"株式会社やまぶき\",\"addresses\":[\"hanako@yamabuki.example\","
        "\"h@yamabuki.example\"],\"language\":\"ja\",\"seal\":\"always\",\"members\":[],\"note\":"
        "null,"
        "\"verified\":{\"at\":\"2026-11-20T08:31:00+09:00\",\"by\":\"suzuki\",\"how\":\"card\"},"
        "\"known_since\":\"2026-11-20T08:31:00+09:00\",\"known_age\":259200,"
        "\"created\":\"2026-11-20T08:31:00+09:00\",\"changed\":\"2026-11-20T08:31:00+09:00\"}";

    check(&view_contact, row, TERMINAL_80,
        "ID  NAME       KIND    ORGANISATION      LANG  VERIFIED  ADDRESS\n"
        " 3  山吹 花子  person  株式会社やまぶき  ja          3d  hanako@yamabuki.examp..\n");
    check(&view_contact_show, row, TERMINAL_80,
        "山吹 花子\n"
        "Number        3\n"
        "Kind          person\n"
        "Organisation  株式会社やまぶき\n"
        "Addresses     hanako@yamabuki.example, h@yamabuki.example\n"
        "Language      ja\n"
        "Seal          always: nothing goes there in clear\n"
        "Verified      2026-11-20 08:31 by suzuki: card\n"
        "Age           3d\n");
}

static void check_width(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (text_width(*line) > 80)
            g_error("wider than 80 columns: %s", *line);
}

static void test_help_fits_a_terminal(void)
{
    struct screen *screen = screen_of(TERMINAL_80);
    int lines = 0;

    help_print(screen);
    check_width(screen->text->str);
    for (const char *at = screen->text->str; *at; at++)
        lines += *at == '\n';
    g_assert_cmpint(lines, <, 24);
    g_assert_true(g_str_has_prefix(screen->text->str, "  madoctl  "));
    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group)
            help_command(screen, command);
    check_width(screen->text->str);
    screen_free(screen);
}

static void test_a_query_becomes_arguments(void)
{
    static const struct {
        const char *words, *args;
    } rows[] = {
        {"", "{}"},
        {"state:new sev:high", "{\"query\":\"state:new sev:high\"}"},
        {"@night -login", "{\"query\":\"@night -login\"}"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) words = g_strsplit(rows[i].words, " ", -1);
        const struct options options = {0};
        g_autoptr(GError) error = NULL;
        json_t *args = view_list.args(words, &options, &error);
        g_autofree char *line = args ? ctl_dump(args) : NULL;
        g_assert_cmpstr(line, ==, rows[i].args);
        json_decref(args);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/screens/list/fits the terminal", test_list_fits_the_terminal);
    g_test_add_func("/screens/list/no line is too wide", test_no_line_is_wider_than_the_terminal);
    g_test_add_func(
        "/screens/list/a proposed category is marked", test_a_proposed_category_is_marked);
    g_test_add_func(
        "/screens/outbox/no line is too wide", test_long_addresses_and_reasons_fit_the_terminal);
    g_test_add_func("/screens/list/whole for a pipe", test_list_for_a_pipe_is_whole);
    g_test_add_func("/screens/list/colour repeats words", test_colour_only_repeats_what_words_say);
    g_test_add_func("/screens/list/query", test_a_query_becomes_arguments);
    g_test_add_func("/screens/list/how many", test_below_a_list_stands_how_many);
    g_test_add_func("/screens/long text", test_long_text_goes_on_below_itself);
    g_test_add_func("/screens/doctor", test_doctor_is_aligned_and_says_what_to_do);
    g_test_add_func("/screens/key", test_a_key_that_is_nobodys_is_a_claim);
    g_test_add_func("/screens/contact", test_a_contact_is_shown_with_how_it_was_verified);
    g_test_add_func("/screens/help", test_help_fits_a_terminal);
    g_test_add_func("/screens/show/what came back", test_show_tells_what_came_back);
    g_test_add_func("/screens/show/left out", test_show_says_what_it_leaves_out);
    g_test_add_func("/screens/status/other days", test_status_dates_what_is_not_of_today);
    g_test_add_func("/screens/show/a ticket", test_show_tells_the_ticket);
    g_test_add_func(
        "/screens/show/why not acknowledged", test_show_tells_why_nothing_was_acknowledged);
    g_test_add_func("/screens/show/a mail", test_show_prints_a_mail);
    g_test_add_func("/screens/ledger/the sum", test_ledger_shows_the_sum);
    g_test_add_func("/screens/negative answers", test_a_script_sees_a_negative_answer);
    g_test_add_func("/screens/audit/what does not fit", test_audit_names_what_does_not_fit);
    g_test_add_func("/screens/status/one screen", test_status_is_the_contact_point_on_one_screen);
    g_test_add_func("/screens/status/what next", test_bare_madoctl_says_what_next);
    g_test_add_func("/screens/history and outbox", test_history_and_outbox_are_tables);
    g_test_add_func("/screens/status/whom", test_an_alarm_says_whom_it_was_told);
    g_test_add_func("/screens/alarms", test_alarms_say_what_since_when_and_whom);
    g_test_add_func("/screens/letter", test_a_letter_is_shown_with_all_that_is_known);
    g_test_add_func("/screens/letter changed", test_what_was_done_with_a_letter_is_said);
    return g_test_run();
}
