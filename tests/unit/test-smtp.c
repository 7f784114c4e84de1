/* The courier's SMTP against a relay that follows a script: what it is told, and what it makes of
 * each answer. */
#include "error.h"
#include "fd.h"
#include "smtp-parts.h"
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A script is a line a step:
 *   C text   the client says a line that begins so        S text   the relay says a line
 *   BODY     the client sends a letter, to its final dot   CUT      the relay closes
 *   STALL    nothing comes any more until the client goes  RAW n    n bytes without an end
 * NEXT begins the script of the next connection. Without a further one the relay is out of reach.
 */
#define HELLO                                                                                      \
    "S 220 relay.example ESMTP\nC EHLO sakura.example\nS 250-relay.example\n"                      \
    "S 250-SIZE 100000\nS 250-8BITMIME\nS 250 SMTPUTF8\n"
#define NAMED HELLO "C MAIL FROM:<> SIZE=\nS 250 2.1.0 ok\nC RCPT TO:<h@peer.example>\nS 250 ok\n"
#define OPENED NAMED "C DATA\nS 354 go on\n"
#define LETTER OPENED "BODY\n"
#define SENT LETTER "S 250 2.0.0 queued as 1A\n"
#define ANOTHER                                                                                    \
    "C MAIL FROM:<> SIZE=\nS 250 ok\nC RCPT TO:<h@peer.example>\nS 250 ok\nC DATA\nS 354 go on\n"  \
    "BODY\nS 250 2.0.0 queued as 2B\n"

enum { TIMEOUT = 1, PATIENCE_MS = 30000, LONGEST_LINE = 4096 };

struct stage {
    char **scripts; /* one a connection */
    guint next;     /* which */
    int relay;      /* the relay's end of the connection; -1: none */
    GThread *thread;
    GString *wrong;    /* what the client said that the script did not want */
    GString *body;     /* what came between DATA and the dot, as it came */
    GString *said;     /* all lines of the client */
    gsize left;        /* bytes that the relay still says; then it closes */
    gboolean dribbles; /* each byte alone */
    guint dots;        /* how often the desk was told of one */
    gboolean no_desk;
    char *state;
    int desk[2]; /* a channel on which the desk says nothing */
    struct means means;
    gpointer way;
};

/* -- the relay -- */

/* One line without its end; FALSE: the client has gone. */
static gboolean hear_line(struct stage *stage, char *line)
{
    gsize length = 0;
    char byte = 0;

    while (length + 1 < LONGEST_LINE && recv(stage->relay, &byte, 1, 0) == 1 && byte != '\n')
        line[length++] = byte;
    line[length] = '\0';
    g_strchomp(line);
    return byte == '\n';
}

/* FALSE: that was all that this relay ever says. */
static gboolean say(struct stage *stage, const char *bytes, gsize size)
{
    gsize most = stage->dribbles ? 1 : size;

    for (gssize put; size > 0 && stage->left > 0; size -= (gsize)put) {
        put = send(stage->relay, bytes, MIN(MIN(size, most), stage->left), MSG_NOSIGNAL);
        if (put <= 0)
            return FALSE;
        bytes += put;
        stage->left -= (gsize)put;
    }
    return stage->left > 0;
}

static gboolean step_say(struct stage *stage, const char *text)
{
    g_autofree char *bytes = g_strcompress(text); /* "\\r\\n": more lines at once */
    g_autofree char *line = g_strconcat(bytes, "\r\n", NULL);

    return say(stage, line, strlen(line));
}

static gboolean step_hear(struct stage *stage, const char *wanted)
{
    char line[LONGEST_LINE] = "";

    if (!hear_line(stage, line))
        return FALSE;
    g_string_append_printf(stage->said, "%s\n", line);
    if (!g_str_has_prefix(line, wanted))
        g_string_append_printf(stage->wrong, "wanted \"%s\", came \"%s\"\n", wanted, line);
    return g_str_has_prefix(line, wanted);
}

static gboolean ends_letter(const GString *body)
{
    return g_str_equal(body->str, ".\r\n") || g_str_has_suffix(body->str, "\r\n.\r\n");
}

static gboolean step_body(struct stage *stage, const char *text)
{
    char byte;

    g_string_truncate(stage->body, 0);
    while (!ends_letter(stage->body)) {
        if (recv(stage->relay, &byte, 1, 0) != 1)
            return FALSE;
        g_string_append_c(stage->body, byte);
    }
    return TRUE;
}

static gboolean step_cut(struct stage *stage, const char *text)
{
    return FALSE;
}

static gboolean step_stall(struct stage *stage, const char *text)
{
    char byte;

    while (recv(stage->relay, &byte, 1, 0) == 1)
        ;
    return FALSE;
}

static gboolean step_raw(struct stage *stage, const char *text)
{
    gsize left = (gsize)g_ascii_strtoull(text, NULL, 10);
    g_autofree char *piece = g_strnfill(65536, 'x');

    while (left >= 65536 && say(stage, piece, 65536))
        left -= 65536;
    return TRUE;
}

static const struct {
    const char *word;
    gboolean (*take)(struct stage *stage, const char *text);
} steps[] = {
    {"S", step_say},
    {"C", step_hear},
    {"BODY", step_body},
    {"CUT", step_cut},
    {"STALL", step_stall},
    {"RAW", step_raw},
};

static gboolean take_step(struct stage *stage, const char *line)
{
    gsize length = strcspn(line, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (strlen(steps[i].word) == length && strncmp(steps[i].word, line, length) == 0)
            return steps[i].take(stage, line[length] ? line + length + 1 : "");
    g_error("no such step: %s", line);
}

static gpointer play(gpointer data)
{
    struct stage *stage = data;
    g_auto(GStrv) lines = g_strsplit(stage->scripts[stage->next - 1], "\n", -1);
    gboolean more = TRUE;

    for (char **line = lines; more && *line; line++)
        more = !**line || take_step(stage, *line);
    shutdown(stage->relay, SHUT_RDWR);
    return NULL;
}

static void end_connection(struct stage *stage)
{
    if (stage->thread)
        g_thread_join(g_steal_pointer(&stage->thread));
    if (stage->relay >= 0)
        close(stage->relay);
    stage->relay = -1;
}

/* -- the desk -- */

static int need(gpointer role, enum ipc_need what, GError **error)
{
    struct stage *stage = role;
    int pair[2];

    end_connection(stage);
    if (!stage->scripts[stage->next]) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_LINK, "out of reach");
        return -1;
    }
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    stage->relay = pair[1];
    stage->next++;
    stage->thread = g_thread_new("relay", play, stage);
    return pair[0];
}

static gboolean hear_desk(gpointer role)
{
    return FALSE;
}

static void note_state(gpointer role, const char *sentence)
{
    struct stage *stage = role;

    g_free(stage->state);
    stage->state = g_strdup(sentence);
}

static gboolean note_dot(gpointer role, guint64 letter)
{
    struct stage *stage = role;

    g_assert_cmpint(letter, ==, 7);
    stage->dots++;
    return !stage->no_desk;
}

static gpointer open_way(struct stage *stage, const char *user, const char *auth, const char *file)
{
    g_autoptr(GVariantDict) settings = g_variant_dict_new(NULL);
    struct transport_setup setup = {settings, &stage->means, note_dot};
    g_autoptr(GError) error = NULL;
    gpointer way;

    g_variant_dict_insert(settings, "domain", "s", "sakura.example");
    g_variant_dict_insert(settings, "host", "s", "localhost");
    g_variant_dict_insert(settings, "port", "x", (gint64)25);
    g_variant_dict_insert(settings, "tls", "s", "none");
    g_variant_dict_insert(settings, "ca_file", "s", "");
    g_variant_dict_insert(settings, "fingerprint", "s", "");
    g_variant_dict_insert(settings, "user", "s", user);
    g_variant_dict_insert(settings, "auth", "s", auth);
    g_variant_dict_insert(settings, "password_file", "s", file);
    g_variant_dict_insert(settings, "password_credential", "s", "");
    g_variant_dict_insert(settings, "timeout", "x", (gint64)TIMEOUT);
    way = transport_smtp.open(&setup, &error);
    g_assert_no_error(error);
    return way;
}

static void stage_open(struct stage *stage, const char *scripts)
{
    *stage = (struct stage){.relay = -1, .left = G_MAXSIZE};
    stage->scripts = g_strsplit(scripts, "NEXT\n", -1);
    stage->wrong = g_string_new(NULL);
    stage->body = g_string_new(NULL);
    stage->said = g_string_new(NULL);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, stage->desk), ==, 0);
    stage->means = (struct means){.role = stage,
        .channel = stage->desk[0],
        .need = need,
        .hear = hear_desk,
        .state = note_state};
}

static void stage_close(struct stage *stage)
{
    transport_smtp.close(stage->way);
    end_connection(stage);
    g_assert_cmpstr(stage->wrong->str, ==, "");
    g_string_free(stage->wrong, TRUE);
    g_string_free(stage->body, TRUE);
    g_string_free(stage->said, TRUE);
    close(stage->desk[0]);
    close(stage->desk[1]);
    g_strfreev(stage->scripts);
    g_free(stage->state);
}

static struct send_result send_bytes(
    struct stage *stage, const char *from, const char *to, const char *bytes, gsize size)
{
    struct letter_out letter = {7, from, to, fd_new_memory("letter", NULL)};
    struct send_result result = {SEND_OUTCOMES, NULL};

    if (!stage->way)
        stage->way = open_way(stage, "", "plain", "");
    g_assert_true(fd_write_all(letter.fd, bytes, size, NULL));
    transport_smtp.send(stage->way, &letter, &result);
    close(letter.fd);
    g_assert_nonnull(result.reply);
    return result;
}

static struct send_result send_text(struct stage *stage, const char *text)
{
    return send_bytes(stage, "", "h@peer.example", text, strlen(text));
}

#define TEXT "Subject: x\r\n\r\nhello\r\n"

/* -- what the relay says at each step -- */

struct answer {
    const char *name, *scripts;
    enum send_outcome outcome;
    gboolean dot; /* the desk was told of it */
    const char *reply;
};

static const struct answer answers[] = {
    {"all is well", SENT "C QUIT\nS 221 bye\n", SEND_DONE, TRUE, "250 2.0.0 queued as 1A"},
    {"out of reach", "", SEND_NOT_TRIED, FALSE, "out of reach"},
    {"the greeting refuses", "S 554 5.3.2 not here\n", SEND_NOT_TRIED, FALSE, "554 5.3.2 not here"},
    {"the greeting puts off", "S 421 busy\n", SEND_NOT_TRIED, FALSE, "421 busy"},
    {"the greeting is another's", "S * OK IMAP4rev1\n", SEND_NOT_TRIED, FALSE, "no SMTP"},
    {"cut at the greeting", "CUT\n", SEND_NOT_TRIED, FALSE, "closed"},
    {"cut in the greeting", "S 220-relay\nCUT\n", SEND_NOT_TRIED, FALSE, "closed"},
    {"EHLO is refused", "S 220 hi\nC EHLO\nS 550 5.7.1 who?\n", SEND_NOT_TRIED, FALSE, "550 5.7.1"},
    {"MAIL is put off", HELLO "C MAIL\nS 451 4.3.0 later\n", SEND_DEFERRED, FALSE,
        "451 4.3.0 later"},
    {"MAIL is refused", HELLO "C MAIL\nS 550 5.7.1 no\n", SEND_FAILED, FALSE, "550 5.7.1 no"},
    {"MAIL wants a login", HELLO "C MAIL\nS 530 5.7.0 authenticate\n", SEND_NOT_TRIED, FALSE,
        "outgoing.user"},
    {"cut at MAIL", HELLO "C MAIL\nCUT\n", SEND_DEFERRED, FALSE, "lost at MAIL"},
    {"421 at MAIL", HELLO "C MAIL\nS 421 4.3.2 going down\n", SEND_DEFERRED, FALSE, "421 4.3.2"},
    {"RCPT is put off", HELLO "C MAIL\nS 250 ok\nC RCPT\nS 450 4.2.0 full\n", SEND_DEFERRED, FALSE,
        "450 4.2.0 full"},
    {"RCPT is refused", HELLO "C MAIL\nS 250 ok\nC RCPT\nS 550 5.1.1 no such user\n", SEND_FAILED,
        FALSE, "550 5.1.1 no such user"},
    {"RCPT is forwarded",
        HELLO "C MAIL\nS 250 ok\nC RCPT\nS 251 moved\nC DATA\nS 354 go\nBODY\nS 250 ok\n",
        SEND_DONE, TRUE, "250 ok"},
    {"cut at RCPT", HELLO "C MAIL\nS 250 ok\nC RCPT\nCUT\n", SEND_DEFERRED, FALSE, "lost at RCPT"},
    {"DATA is refused", NAMED "C DATA\nS 554 5.5.1 no\n", SEND_FAILED, FALSE, "554 5.5.1 no"},
    {"DATA is put off", NAMED "C DATA\nS 421 4.4.2 bye\n", SEND_DEFERRED, FALSE, "421 4.4.2 bye"},
    {"DATA is answered as if it were done", NAMED "C DATA\nS 250 queued\n", SEND_DEFERRED, FALSE,
        "that is no SMTP"},
    {"the letter is refused", LETTER "S 554 5.7.1 spam\n", SEND_FAILED, TRUE, "554 5.7.1 spam"},
    {"the letter is put off", LETTER "S 452 4.3.1 full\n", SEND_DEFERRED, TRUE, "452 4.3.1 full"},
    {"421 behind the dot", LETTER "S 421 4.3.2 going down\n", SEND_DEFERRED, TRUE, "421 4.3.2"},
    {"cut behind the dot", LETTER "CUT\n", SEND_UNKNOWN, TRUE, "no answer to the final dot"},
    {"cut in the answer to the dot", LETTER "S 250-2.0.0\nCUT\n", SEND_UNKNOWN, TRUE, "closed"},
    {"garbage behind the dot", LETTER "S ok\n", SEND_UNKNOWN, TRUE, "no SMTP"},
    {"another question behind the dot", LETTER "S 354 more\n", SEND_UNKNOWN, TRUE, "354 more"},
    {"an early yes", HELLO "C MAIL\nS 250 ok\\r\\n250 ok\\r\\n354 go\\r\\n250 queued\nSTALL\n",
        SEND_DEFERRED, FALSE, "that is no SMTP"},
    {"a yes before the letter", NAMED "C DATA\nS 354 go on\\r\\n250 queued\nSTALL\n", SEND_DEFERRED,
        FALSE, "that is no SMTP"},
    {"a no before the letter", NAMED "C DATA\nS 354 go on\\r\\n552 5.3.4 too big\nSTALL\n",
        SEND_FAILED, FALSE, "552 5.3.4 too big"},
    {"codes that differ", "S 220-relay\nS 250 relay\n", SEND_NOT_TRIED, FALSE, "no SMTP"},
    {"no code", "S hello\n", SEND_NOT_TRIED, FALSE, "no SMTP"},
    {"a line without an end", "RAW 100000000\nCUT\n", SEND_NOT_TRIED, FALSE, "more than"},
    {"a line without an end behind the dot", LETTER "RAW 100000000\nCUT\n", SEND_UNKNOWN, TRUE,
        "more than"},
};

static void test_each_answer(gconstpointer data)
{
    const struct answer *row = data;
    struct stage stage;
    struct send_result result;

    stage_open(&stage, row->scripts);
    result = send_text(&stage, TEXT);
    g_assert_cmpint(result.outcome, ==, row->outcome);
    g_assert_cmpint(stage.dots, ==, row->dot);
    if (!strstr(result.reply, row->reply))
        g_test_fail_printf("not \"%s\": \"%s\"", row->reply, result.reply);
    g_free(result.reply);
    stage_close(&stage);
}

static void test_an_answer_never_ends(void)
{
    g_autoptr(GString) script = g_string_new("S 220 hi\nC EHLO\n");
    struct stage stage;
    struct send_result result;

    for (int i = 0; i < REPLY_LINES + 1; i++)
        g_string_append(script, "S 250-and more\n");
    g_string_append(script, "STALL\n");
    stage_open(&stage, script->str);
    result = send_text(&stage, TEXT);
    g_assert_cmpint(result.outcome, ==, SEND_NOT_TRIED);
    g_assert_nonnull(strstr(result.reply, "no SMTP"));
    g_free(result.reply);
    stage_close(&stage);
}

/* -- what the client says -- */

static void test_a_connection_carries_several_letters(void)
{
    struct stage stage;

    stage_open(&stage,
        SENT ANOTHER "C MAIL\nS 250 ok\nC RCPT\nS 550 5.1.1 no\nC RSET\nS 250 ok\n" ANOTHER
                     "C QUIT\nS 221 bye\n");
    for (int i = 0; i < 4; i++) {
        struct send_result result = send_text(&stage, TEXT);
        g_assert_cmpint(result.outcome, ==, i == 2 ? SEND_FAILED : SEND_DONE);
        g_free(result.reply);
    }
    g_assert_cmpuint(stage.next, ==, 1);
    g_assert_cmpstr(stage.state, ==, "sending");
    transport_smtp.rest(stage.way);
    g_assert_cmpstr(stage.state, ==, "the relay rests");
    g_assert_nonnull(strstr(stage.said->str, "QUIT\n"));
    stage_close(&stage);
}

static void test_a_connection_that_was_closed_meanwhile_is_no_attempt(void)
{
    static const char *const ends[] = {"CUT\n", "S 421 4.4.2 idle for too long\nCUT\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *scripts = g_strconcat(SENT, ends[i], "NEXT\n", SENT, NULL);
        struct stage stage;
        struct send_result result;
        stage_open(&stage, scripts);
        g_free(send_text(&stage, TEXT).reply);
        g_thread_join(g_steal_pointer(&stage.thread)); /* it has closed */
        result = send_text(&stage, TEXT);
        g_assert_cmpint(result.outcome, ==, SEND_DONE);
        g_assert_cmpuint(stage.next, ==, 2);
        g_free(result.reply);
        stage_close(&stage);
    }
}

/* Line ends of any kind go as CRLF, dots are doubled, and so nothing in a letter ends it. */
static const struct {
    const char *stored;
    gssize size;
    const char *wire;
} bodies[] = {
    {"a\r\nb\r\n", -1, "a\r\nb\r\n.\r\n"},
    {"a\nb\n", -1, "a\r\nb\r\n.\r\n"},
    {"a\rb\r", -1, "a\r\nb\r\n.\r\n"},
    {"a\r\r\nb", -1, "a\r\n\r\nb\r\n.\r\n"},
    {"a\n\rb", -1, "a\r\n\r\nb\r\n.\r\n"},
    {"", -1, ".\r\n"},
    {".", -1, "..\r\n.\r\n"},
    {".\r\n..\r\n", -1, "..\r\n...\r\n.\r\n"},
    {"a\n.\nMAIL FROM:<x>\n", -1, "a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"},
    {"a\r.\rMAIL FROM:<x>", -1, "a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"},
    {"a\r\n.\nb", -1, "a\r\n..\r\nb\r\n.\r\n"},
    {"a\n.\r\nb", -1, "a\r\n..\r\nb\r\n.\r\n"},
    {"a.\r\n b.c", -1, "a.\r\n b.c\r\n.\r\n"},
};

static void test_nothing_in_a_letter_ends_it(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        struct stage stage;
        struct send_result result;
        g_autofree char *size = NULL;
        gsize plain = strlen(bodies[i].wire) - 3;
        stage_open(&stage, SENT);
        result = send_text(&stage, bodies[i].stored);
        g_assert_cmpint(result.outcome, ==, SEND_DONE);
        g_assert_cmpstr(stage.body->str, ==, bodies[i].wire);
        for (const char *at = bodies[i].wire; (at = strstr(at, "..")); at++)
            if (at == bodies[i].wire || at[-1] == '\n')
                plain--; /* a doubled dot counts once (RFC 1870) */
        size = g_strdup_printf("SIZE=%zu\n", plain);
        g_assert_nonnull(strstr(stage.said->str, size));
        g_free(result.reply);
        stage_close(&stage);
    }
}

static void test_a_large_letter_arrives_as_it_is(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) wire = g_string_new(NULL);
    struct stage stage;
    struct send_result result;

    while (text->len < 90000) { /* dots, and CR and LF apart, at the edges of the blocks */
        g_string_append_printf(text, ".%0*d\r\n", (int)(text->len % 77) + 1, 0);
        g_string_append_c(text, 'x');
        g_string_append(text, text->len % 3 ? "\r\n" : "\n");
    }
    for (const char *at = text->str; *at; at++) {
        if (*at == '.' && (at == text->str || at[-1] == '\n'))
            g_string_append_c(wire, '.');
        if (*at == '\n' && at[-1] != '\r')
            g_string_append_c(wire, '\r');
        g_string_append_c(wire, *at);
    }
    g_string_append(wire, ".\r\n");
    stage_open(&stage, SENT);
    result = send_text(&stage, text->str);
    g_assert_cmpint(result.outcome, ==, SEND_DONE);
    g_assert_true(g_string_equal(stage.body, wire));
    g_free(result.reply);
    stage_close(&stage);
}

static const struct {
    const char *offers, *from, *to, *text;
    enum send_outcome outcome;
    const char *said; /* to the relay; or else in the reply */
} envelopes[] = {
    {"SIZE", "", "h@peer.example", "x", SEND_DONE, "MAIL FROM:<> SIZE=3\n"},
    {"8BITMIME", "a@b.example", "h@peer.example", "x", SEND_DONE, "MAIL FROM:<a@b.example>\n"},
    {"8BITMIME", "", "h@peer.example", "\xe7\xaa\x93", SEND_DONE, "MAIL FROM:<> BODY=8BITMIME\n"},
    {"8bitmime", "", "h@peer.example", "\xe7\xaa\x93", SEND_DONE, "MAIL FROM:<> BODY=8BITMIME\n"},
    {"SMTPUTF8", "", "窓@peer.example", "x", SEND_DONE,
        "MAIL FROM:<> SMTPUTF8\nRCPT TO:<窓@peer.example>"},
    {"SMTPUTF8", "窓@b.example", "h@peer.example", "x", SEND_DONE,
        "MAIL FROM:<窓@b.example> SMTPUTF8"},
    {"HELP", "", "窓@peer.example", "x", SEND_FAILED, "SMTPUTF8"},
    {"HELP", "", "h@peer.example", "\xe7\xaa\x93", SEND_FAILED, "8BITMIME"},
    {"SIZE 3", "", "h@peer.example", "x", SEND_DONE, "SIZE=3\n"},
    {"SIZE 3", "", "h@peer.example", "xy", SEND_FAILED, "up to 3 bytes, this one has 4"},
    {"SIZE 0", "", "h@peer.example", "xy", SEND_DONE, "SIZE=4\n"},
    {"SIZE -1", "", "h@peer.example", "xy", SEND_DONE, "SIZE=4\n"},
    {"HELP", "", "h@peer.example>\r\nRCPT TO:<evil@x.example", "x", SEND_FAILED, "envelope"},
    {"HELP", "", "h x@peer.example", "x", SEND_FAILED, "envelope"},
    {"HELP", "a\nb@c.example", "h@peer.example", "x", SEND_FAILED, "envelope"},
    {"HELP", "", "", "x", SEND_FAILED, "envelope"},
    {"HELP", "", "\xff@peer.example", "x", SEND_FAILED, "envelope"},
};

static void test_the_envelope_says_what_the_letter_needs(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(envelopes); i++) {
        g_autofree char *scripts =
            g_strdup_printf("S 220 hi\nC EHLO\nS 250-hi\nS 250 %s\nC MAIL FROM:<\n"
                            "S 250 ok\nC RCPT TO:<\nS 250 ok\nC DATA\nS 354 go\n"
                            "BODY\nS 250 ok\n",
                envelopes[i].offers);
        struct stage stage;
        struct send_result result;
        stage_open(&stage, scripts);
        result = send_bytes(&stage, envelopes[i].from, envelopes[i].to, envelopes[i].text,
            strlen(envelopes[i].text));
        g_assert_cmpint(result.outcome, ==, envelopes[i].outcome);
        if (!strstr(
                result.outcome == SEND_DONE ? stage.said->str : result.reply, envelopes[i].said))
            g_test_fail_printf(
                "not \"%s\": \"%s\" \"%s\"", envelopes[i].said, stage.said->str, result.reply);
        g_assert_cmpuint(stage.dots, ==, result.outcome == SEND_DONE);
        g_free(result.reply);
        stage_close(&stage);
    }
}

static void test_without_a_desk_no_dot(void)
{
    struct stage stage;
    struct send_result result;

    stage_open(&stage, OPENED "BODY\n");
    stage.no_desk = TRUE;
    result = send_text(&stage, TEXT);
    g_assert_cmpint(result.outcome, ==, SEND_DEFERRED);
    end_connection(&stage);
    g_assert_false(ends_letter(stage.body));
    g_free(result.reply);
    stage_close(&stage);
}

/* What the relay says is shown to operators: one line, bounded, harmless, each status once. */
static void test_the_reply_is_fit_to_be_read(void)
{
    static const struct {
        const char *script, *reply;
    } rows[] = {
        {"S 550-5.7.1 We do not\nS 550-5.7.1 want\nS 550 5.7.1 this.\n",
            "550 5.7.1 We do not want this."},
        {"S 550 \033[31mred\n", "550 \\x1B[31mred"},
        {"S 550\n", "550"},
        {"S 550-\nS 550 \n", "550"},
        {"S 550 \xff\n", "550 \xef\xbf\xbd"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *scripts = g_strconcat(LETTER, rows[i].script, NULL);
        struct stage stage;
        struct send_result result;
        stage_open(&stage, scripts);
        result = send_text(&stage, TEXT);
        g_assert_cmpstr(result.reply, ==, rows[i].reply);
        g_free(result.reply);
        stage_close(&stage);
    }
}

static void test_a_long_reply_is_cut(void)
{
    g_autoptr(GString) script = g_string_new(LETTER "S 550 ");
    struct stage stage;
    struct send_result result;

    for (int i = 0; i < 5000; i++)
        g_string_append(script, "窓");
    g_string_append_c(script, '\n');
    stage_open(&stage, script->str);
    result = send_text(&stage, TEXT);
    g_assert_cmpuint(strlen(result.reply), <=, REPLY_TEXT + 2);
    g_assert_true(g_utf8_validate(result.reply, -1, NULL));
    g_assert_true(g_str_has_suffix(result.reply, "窓.."));
    g_free(result.reply);
    stage_close(&stage);
}

/* -- the login -- */

static const struct {
    const char *auth, *script;
    enum send_outcome outcome;
    const char *reply;
} logins[] = {
    {"plain", "S 250 AUTH LOGIN PLAIN\nC AUTH PLAIN AGNzaXJ0AHNlY3JldA==\nS 235 ok\n" ANOTHER,
        SEND_DONE, "250"},
    {"plain", "S 250 auth plain\nC AUTH PLAIN AGNzaXJ0AHNlY3JldA==\nS 235 ok\n" ANOTHER, SEND_DONE,
        "250"},
    {"plain", "S 250 AUTH PLAIN\nC AUTH PLAIN\nS 535 5.7.8 wrong\n", SEND_NOT_TRIED,
        "535 5.7.8 wrong"},
    {"plain", "S 250 AUTH PLAIN\nC AUTH PLAIN\nS 454 4.7.0 later\n", SEND_NOT_TRIED,
        "454 4.7.0 later"},
    {"plain", "S 250 AUTH PLAIN\nC AUTH PLAIN\nS 334 \nC \nS 501 no\n", SEND_NOT_TRIED, "501 no"},
    {"plain", "S 250 AUTH LOGIN XPLAIN\n", SEND_NOT_TRIED, "offers no login by PLAIN"},
    {"plain", "S 250 HELP\n", SEND_NOT_TRIED, "offers no login by PLAIN"},
    {"plain", "S 250 AUTH PLAIN\nC AUTH PLAIN\nS 250 ok\n", SEND_NOT_TRIED, "250 ok"},
    {"plain", "S 250 AUTH PLAIN\nC AUTH PLAIN\nCUT\n", SEND_NOT_TRIED, "closed"},
    {"login",
        "S 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC Y3NpcnQ=\nS 334 UGFzc3dvcmQ6\n"
        "C c2VjcmV0\nS 235 ok\n" ANOTHER,
        SEND_DONE, "250"},
    {"login", "S 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC Y3NpcnQ=\nS 535 no\n",
        SEND_NOT_TRIED, "535 no"},
};

static void test_each_login(void)
{
    g_autofree char *file = NULL;
    int fd = g_file_open_tmp("password-XXXXXX", &file, NULL);

    g_assert_true(fd_write_all(fd, "secret\n", 7, NULL));
    close(fd);
    for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
        g_autofree char *script =
            g_strconcat("S 220 hi\nC EHLO\nS 250-hi\nS 250-SIZE\n", logins[i].script, NULL);
        struct stage stage;
        struct send_result result;
        stage_open(&stage, script);
        stage.way = open_way(&stage, "csirt", logins[i].auth, file);
        result = send_text(&stage, TEXT);
        g_assert_cmpint(result.outcome, ==, logins[i].outcome);
        if (!strstr(result.reply, logins[i].reply))
            g_test_fail_printf("not \"%s\": \"%s\"", logins[i].reply, result.reply);
        g_assert_null(strstr(result.reply, "secret"));
        g_free(result.reply);
        stage_close(&stage);
    }
    unlink(file);
}

/* -- proof -- */

static void test_a_proof_sends_nothing(void)
{
    struct stage stage;
    g_autoptr(GError) error = NULL;

    stage_open(&stage, HELLO "C QUIT\nS 221 bye\nNEXT\nS 554 no\n");
    stage.way = open_way(&stage, "", "plain", "");
    g_assert_true(transport_smtp.prove(stage.way, &error));
    g_assert_no_error(error);
    g_assert_false(transport_smtp.prove(stage.way, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    g_clear_error(&error);
    g_assert_false(transport_smtp.prove(stage.way, &error));
    stage_close(&stage);
}

/* -- time: each phase has its own, and all are tried side by side -- */

static const struct {
    enum smtp_phase phase;
    guint times;
    const char *script;
    enum send_outcome outcome;
} stalls[] = {
    {PHASE_GREETING, 5, "STALL\n", SEND_NOT_TRIED},
    {PHASE_EHLO, 5, "S 220 hi\nC EHLO\nSTALL\n", SEND_NOT_TRIED},
    {PHASE_MAIL, 5, HELLO "C MAIL\nSTALL\n", SEND_DEFERRED},
    {PHASE_RCPT, 5, HELLO "C MAIL\nS 250 ok\nC RCPT\nSTALL\n", SEND_DEFERRED},
    {PHASE_DATA, 2, NAMED "C DATA\nSTALL\n", SEND_DEFERRED},
    {PHASE_DOT, 10, LETTER "STALL\n", SEND_UNKNOWN},
    {PHASE_DOT, 10, LETTER "S 250-still\nSTALL\n", SEND_UNKNOWN},
};

static gpointer wait_in_vain(gpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    struct stage stage;
    struct send_result result;
    gint64 start = g_get_monotonic_time(), took;

    stage_open(&stage, stalls[i].script);
    result = send_text(&stage, TEXT);
    took = g_get_monotonic_time() - start;
    g_assert_cmpint(result.outcome, ==, stalls[i].outcome);
    g_assert_nonnull(strstr(result.reply, "was not done within"));
    g_assert_cmpint(took, >=, stalls[i].times * TIMEOUT * G_USEC_PER_SEC);
    g_assert_cmpint(took, <, (stalls[i].times * TIMEOUT + 10) * G_USEC_PER_SEC);
    g_free(result.reply);
    stage_close(&stage);
    return NULL;
}

static void test_no_phase_is_waited_for_beyond_its_time(void)
{
    GThread *threads[G_N_ELEMENTS(stalls)];

    for (gsize i = 0; i < G_N_ELEMENTS(stalls); i++)
        threads[i] =
            g_thread_new(smtp_phase_name(stalls[i].phase), wait_in_vain, GSIZE_TO_POINTER(i));
    for (gsize i = 0; i < G_N_ELEMENTS(stalls); i++)
        g_thread_join(threads[i]);
}

/* -- whatever is cut, at each byte that the relay says -- */

static void test_a_cut_at_each_byte(void)
{
    static const char *const said[] = {"220 relay.example ESMTP",
        "250-relay.example\r\n250-SIZE 100000\r\n250-8BITMIME\r\n250 SMTPUTF8", "250 2.1.0 ok",
        "250 ok", "354 go on", "250 2.0.0 queued as 1A"};
    gsize ends[G_N_ELEMENTS(said)] = {0}, total = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
        ends[i] = total += strlen(said[i]) + 2;
    for (gsize cut = 0; cut <= total; cut++) {
        enum send_outcome wanted = cut < ends[1]   ? SEND_NOT_TRIED
                                   : cut < ends[4] ? SEND_DEFERRED
                                   : cut < ends[5] ? SEND_UNKNOWN
                                                   : SEND_DONE;
        struct stage stage;
        struct send_result result;
        stage_open(&stage, SENT);
        stage.left = cut;
        if (cut == ends[4]) /* the 354 is there, and then nothing: before the dot, or behind it? */
            stage.left = cut + 1;
        result = send_text(&stage, TEXT);
        g_assert_cmpint(result.outcome, ==, wanted);
        g_assert_cmpint(
            stage.dots, ==, wanted >= SEND_UNKNOWN ? wanted == SEND_UNKNOWN : cut >= ends[5]);
        g_free(result.reply);
        stage_close(&stage);
    }
}

static void test_a_relay_that_dribbles(void)
{
    struct stage stage;
    struct send_result result;

    stage_open(&stage, SENT);
    stage.dribbles = TRUE;
    result = send_text(&stage, TEXT);
    g_assert_cmpint(result.outcome, ==, SEND_DONE);
    g_free(result.reply);
    stage_close(&stage);
}

static void test_a_cut_in_the_letter(void)
{
    g_autofree char *text = g_strnfill(8 << 20, 'x');
    struct stage stage;
    struct send_result result;

    stage_open(&stage, "S 220 hi\nC EHLO\nS 250 hi\nC MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\n"
                       "S 354 go on\nCUT\n");
    result = send_text(&stage, text);
    g_assert_cmpint(result.outcome, ==, SEND_DEFERRED);
    g_assert_cmpuint(stage.dots, ==, 0);
    g_assert_nonnull(strstr(result.reply, "lost at the letter"));
    g_free(result.reply);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autofree char *name = g_strconcat("/smtp/answer/", answers[i].name, NULL);
        g_test_add_data_func(name, &answers[i], test_each_answer);
    }
    g_test_add_func("/smtp/answer/never ends", test_an_answer_never_ends);
    g_test_add_func("/smtp/several letters", test_a_connection_carries_several_letters);
    g_test_add_func(
        "/smtp/closed meanwhile", test_a_connection_that_was_closed_meanwhile_is_no_attempt);
    g_test_add_func("/smtp/body", test_nothing_in_a_letter_ends_it);
    g_test_add_func("/smtp/large", test_a_large_letter_arrives_as_it_is);
    g_test_add_func("/smtp/envelope", test_the_envelope_says_what_the_letter_needs);
    g_test_add_func("/smtp/no desk", test_without_a_desk_no_dot);
    g_test_add_func("/smtp/reply", test_the_reply_is_fit_to_be_read);
    g_test_add_func("/smtp/long reply", test_a_long_reply_is_cut);
    g_test_add_func("/smtp/login", test_each_login);
    g_test_add_func("/smtp/proof", test_a_proof_sends_nothing);
    g_test_add_func("/smtp/time", test_no_phase_is_waited_for_beyond_its_time);
    g_test_add_func("/smtp/cut", test_a_cut_at_each_byte);
    g_test_add_func("/smtp/cut in the letter", test_a_cut_in_the_letter);
    g_test_add_func("/smtp/dribbles", test_a_relay_that_dribbles);
    return g_test_run();
}
