/* Whom a bounce names, what became of the letter, and which letter it was. */
#include "read.h"
#include <mado/limits.h>
#include <string.h>

#define HEAD(subject)                                                                              \
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: csirt@sakura.example\nSubject: " subject \
    "\n\n"
#define REPORT(groups)                                                                             \
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: csirt@sakura.example\nContent-Type: "    \
    "multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nIt failed.\n--x\n"        \
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" groups           \
    "\n--x--\n"
#define LETTER                                                                                     \
    "\n--- Below this line is a copy of the message.\n\nReceived: from a\nTo: b@b.example\n"       \
    "Message-ID: <1@sakura.example>\n\nMessage-ID: <2@sakura.example>\n<c@c.example>:\n550 no\n"

static struct message *read_text(const char *mail)
{
    return read_message((const guint8 *)mail, strlen(mail));
}

/* "recipient status reply reason outcome[!] ..." where ! is permanent. */
static char *told(const struct message *message)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < message->bounces->len; i++) {
        const struct bounce *b = message->bounces->pdata[i];
        g_string_append_printf(out, "%s%s %s %s %s %s%s", i ? "; " : "", b->recipient,
            *b->status ? b->status : "-", *b->reply_code ? b->reply_code : "-", b->reason,
            outcome_name(b->outcome), b->permanent ? "!" : "");
    }
    return g_string_free(out, FALSE);
}

static const struct row {
    const char *name, *mail, *told;
} rows[] = {
    {"a report",
        REPORT("Final-Recipient: rfc822; a@a.example\nAction: failed\nStatus: 5.1.1\n"
               "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"),
        "a@a.example 5.1.1 550 userunknown failed!"},
    {"a report of two, in its order, in any order of fields",
        REPORT("Status: 5.2.2\nAction: Failed\nfinal-recipient: RFC822; <b@b.example>\n\n"
               "Original-Recipient: rfc822;a@a.example\nAction: delayed\nStatus: 4.4.1 (no)\n"),
        "b@b.example 5.2.2 - mailboxfull failed; a@a.example 4.4.1 - networkerror delayed"},
    {"two groups without a line between them",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: failed\nStatus: 5.1.2\n"
               "Final-Recipient: rfc822;b@b.example\nAction: failed\nStatus: 5.7.26\n"),
        "a@a.example 5.1.2 - hostunknown failed!; b@b.example 5.7.26 - authfailure failed"},
    {"a folded diagnosis",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: failed\nStatus: 5.0.0\n"
               "Diagnostic-Code: smtp; 552-5.2.2 the\n 552 5.2.2 mailbox\n\tis full\n"),
        "a@a.example 5.2.2 552 mailboxfull failed"},
    {"the refusing server knows better",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: failed\nStatus: 5.1.1\n"
               "Diagnostic-Code: smtp; 550 5.7.1 client host blocked using a list\n"),
        "a@a.example 5.7.1 550 blocked failed"},
    {"a complaint of somebody without an address",
        "From: Feedback <provider.example>\nContent-Type: multipart/report; "
        "report-type=feedback-report; boundary=x\n\n--x\n\nIt is abuse.\n--x--\n",
        ""},
    {"an address of a host is no status",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: failed\nStatus: 5.0.0\n"
               "Diagnostic-Code: smtp; 554 5.1.2.3 refused to talk to me\n"),
        "a@a.example 5.0.0 554 undefined failed"},
    {"what is only tried for now is not permanent",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: delayed\nStatus: 4.1.1\n"
               "Diagnostic-Code: smtp; 450 4.1.1 user unknown yet\n"),
        "a@a.example 4.1.1 450 userunknown delayed"},
    {"nor what failed for a while",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: failed\nStatus: 4.4.7\n"),
        "a@a.example 4.4.7 - expired failed"},
    {"a success is no failure",
        REPORT("Final-Recipient: rfc822;a@a.example\nAction: expanded\nStatus: 2.0.0\n\n"
               "Final-Recipient: rfc822;b@b.example\nAction: delivered\nStatus: 2.1.5\n"),
        "a@a.example 2.0.0 - delivered delivered; b@b.example 2.1.5 - delivered delivered"},
    {"a pipe is nobody, the field names the address",
        "X-Failed-Recipients: a@a.example\n" REPORT(
            "Final-Recipient: rfc822;|/bin/x a\nAction: failed\nStatus: 5.3.0\n"),
        "a@a.example 5.3.0 - undefined failed"},
    {"addresses that are not ASCII (RFC 6533)",
        REPORT("Final-Recipient: utf-8; \xe8\x8a\xb1@\xe5\xb1\xb1.example\nAction: failed\nStatus: "
               "5.1.1\n"),
        "花@山.example 5.1.1 - userunknown failed!"},

    {"qmail",
        HEAD("failure notice") "Hi. This is the qmail-send program at a.example.\n\n"
                               "<b@b.example>:\n192.0.2.1 does not like recipient.\nRemote host "
                               "said: 550 5.1.1 unknown user\n" LETTER,
        "b@b.example 5.1.1 550 userunknown failed!"},
    {"qmail, and what the letter says is not heeded",
        HEAD("failure notice") "Hi. This is the qmail-send program at a.example.\n\n"
                               "<b@b.example>:\nmailbox is full\n" LETTER,
        "b@b.example - - mailboxfull failed"},
    {"exim, whose sender is not a recipient",
        HEAD("Mail delivery failed") "A message sent by\n\n  <csirt@sakura.example>\n\ncould not "
                                     "be delivered. The following address(es) failed:\n\n"
                                     "  b@b.example\n    Unrouteable address\n" LETTER,
        "b@b.example - - hostunknown failed!"},
    {"exim, with the field",
        "X-Failed-Recipients: b@b.example, c@c.example\n" HEAD(
            "Mail delivery failed") "The following address(es) failed:\n\n  b@b.example\n    SMTP "
                                    "error from remote mail "
                                    "server after RCPT TO:<b@b.example>:\n    550 5.2.1 user "
                                    "unknown\n  c@c.example\n    "
                                    "retry timeout exceeded\n" LETTER,
        "b@b.example 5.2.1 550 userunknown failed!; c@c.example - - expired failed"},
    {"a filter behind the text, not the address",
        HEAD("Returned mail") "<b@b.example>\n   (reason: 550 5.2.0 unknown user)\n>>> DATA\n<<< "
                              "550 5.2.0 unknown user\n",
        "b@b.example 5.2.0 550 filtered failed"},
    {"a sender that is refused is not an unknown recipient",
        HEAD("Mail delivery failed") "  b@b.example\n    SMTP error from remote mail server after "
                                     "MAIL FROM:<csirt@sakura.example>:\n    550 unknown user\n",
        "b@b.example - 550 rejected failed"},
    {"a transcript of long ago",
        HEAD("Returned mail: Host unknown") "   ----- Transcript of session follows -----\n550 "
                                            "b.example (smtp)... 550 Host unknown\n554 "
                                            "<b@b.example>... 550 Host unknown\n"
                                            "   ----- Unsent message follows -----\n\nTo: x\n",
        "b@b.example - 554 hostunknown failed!"},
    {"a warning",
        HEAD("Delivery Status Notification (Delay)") "THIS IS A WARNING MESSAGE ONLY.\n\nDelivery "
                                                     "to the following recipient has been "
                                                     "delayed:\n\n     b@b.example\n",
        "b@b.example - - expired delayed"},
    {"behind a word",
        HEAD("Mail delivery failed") "There was an error delivering your mail to "
                                     "<b@b.example>.\n\nmx said:\n552 5.2.2 <b@b.example>: full, "
                                     "over quota\n\nMessage headers follow.\n\nTo: c@c.example\n",
        "b@b.example 5.2.2 552 mailboxfull failed"},
    {"a group of readers, in one line each",
        HEAD("Delivery status notification: error") "b@b.example: 550 5.2.2 mailbox full\n"
                                                    "\"c d\"@c.example: 550 5.1.1 user unknown\n",
        "b@b.example 5.2.2 550 mailboxfull failed; \"c d\"@c.example 5.1.1 550 userunknown "
        "failed!"},
    {"Japanese, without a space around the address",
        HEAD("failure notice") "以下のメールアドレスへの送信に失敗しました。\nb@b.exampleは容量を"
                               "超えています\n",
        "b@b.example - - mailboxfull failed"},
    {"nobody is named but in the letter",
        HEAD("Undelivered Mail Returned to Sender") "Delivery report unavailable\n" LETTER,
        "b@b.example - - undefined failed"},
    {"nothing at all", HEAD("failure notice") "Sorry.\n", ""},
    {"a notification in JSON",
        "X-Amz-Sns-Message-Id: 1\nFrom: no-reply@cloud.example\n\n{\"Type\" : \"Notification\",\n"
        "\"Message\" : \"{\\\"notificationType\\\":\\\"Bounce\\\",\\\"bounce\\\":{\\\"x\\\":["
        "{\\\"status\\\":\\\"5.1.1\\\",\\\"action\\\":\\\"failed\\\",\\\"diagnosticCode\\\":"
        "\\\"smtp; 550 5.1.1 user unknown\\\",\\\"emailAddress\\\":\\\"a@a.example\\\"}]}}\"}\n",
        "a@a.example 5.1.1 550 userunknown failed!"},
    {"a delivery in JSON",
        "X-Amz-Sns-Message-Id: 1\nFrom: no-reply@cloud.example\n\n{\"notificationType\":"
        "\"Delivery\",\"delivery\":{\"recipients\":[\"a@a.example\"],\"smtpResponse\":\"250 "
        "2.6.0 ok\"}}\n",
        "a@a.example 2.6.0 250 delivered delivered"},
    {"a list that knows us not",
        "List-Subscribe: <mailto:l@l.example>\nFrom: l-admin@l.example\nSubject: You are not "
        "member\n\nYou are not a member of this mailing list <l@l.example>.\n",
        "l@l.example - - rejected failed"},
    {"passed on by a person without a word",
        "From: hanako@sakura.example\nSubject: Fwd: Returned mail\n\nFYI\n\n> From: Mail Delivery "
        "Subsystem <MAILER-DAEMON>\n> Reporting-MTA: dns; a\n>\n> Final-Recipient: RFC822; "
        "a@a.example\n> Action: failed\n> Status: 5.1.1\n",
        "a@a.example 5.1.1 - userunknown failed!"},

    {"a person says nothing of the kind",
        "From: hanako@yamabuki.example\nSubject: a\n\n<b@b.example>:\n550 5.1.1 user unknown\n",
        ""},
};

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_message) message = read_text(row->mail);
    g_autofree char *found = told(message);

    g_assert_cmpstr(found, ==, row->told);
}

static void test_which_letter_it_was(void)
{
    static const struct {
        const char *mail, *ids;
    } cases[] = {
        /* the header of the letter alone: what its body says is anybody's */
        {HEAD("failure notice") "<b@b.example>:\nno\n" LETTER, "1@sakura.example"},
        {REPORT("Final-Recipient: rfc822; a@a.example\nAction: failed\n\n--x\nContent-Type: "
                "text/rfc822-headers\n\nMessage-ID: <3@sakura.example>\n"),
            "3@sakura.example"},
        {REPORT("Final-Recipient: rfc822; a@a.example\nAction: failed\n\n--x\nContent-Type: "
                "message/rfc822\n\nSubject: a\nMessage-ID:\n <3@sakura.example>\nContent-Type: "
                "message/rfc822\n\nMessage-ID: <4@sakura.example>\n\n<a>\n"),
            "3@sakura.example"},
        {HEAD("Delivery Notification: Delivery has failed") "It was:\n  Message-id: "
                                                            "<5@sakura.example>\n  To: b@b\n",
            "5@sakura.example"},
        {HEAD("failure notice") "<b@b.example>:\nno\n", ""},
        {"From: hanako@yamabuki.example\nSubject: a\n\nMessage-ID: <1@sakura.example>\n", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = read_text(cases[i].mail);
        g_autofree char *ids = g_strjoinv(" ", message->returned_ids);
        g_assert_cmpstr(ids, ==, cases[i].ids);
    }
}

static void test_what_a_complaint_is_about(void)
{
    static const struct {
        const char *mail, *type, *told;
    } cases[] = {
        {"Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\na\n"
         "--x\nContent-Type: message/feedback-report\n\nUser-Agent: a\nFeedback-Type: Fraud \n"
         "Original-Rcpt-To: <a@a.example>\nOriginal-Rcpt-To: b@b.example\n--x--\n",
            "fraud", "a@a.example - - feedback delivered; b@b.example - - feedback delivered"},
        {"From: staff@a.example\nSubject: complaint about message from 192.0.2.1\nContent-Type: "
         "multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nTo: "
         "a@a.example\n\nhi\n--x--\n",
            "abuse", "a@a.example - - feedback delivered"},
        {"From: a@a.example\nX-Apple-Unsubscribe: true\n\nunsubscribe\n", "opt-out",
            "a@a.example - - feedback delivered"},
        {"From: a@a.example\nFeedback-Type: \x1b[31m\xff\n\nhi\n", "",
            "a@a.example - - feedback delivered"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = read_text(cases[i].mail);
        g_autofree char *found = told(message);
        g_assert_cmpint(message->machine, ==, MACHINE_FEEDBACK);
        g_assert_cmpstr(message->feedback_type, ==, cases[i].type);
        g_assert_cmpstr(found, ==, cases[i].told);
    }
}

static void test_recipients_beyond_the_limit_are_passed_over(void)
{
    g_autoptr(GString) text = g_string_new(HEAD("failure notice"));
    g_autoptr(GString) groups = g_string_new(NULL);
    g_autofree char *report = NULL;
    g_autoptr(mado_message) of_text = NULL;
    g_autoptr(mado_message) of_report = NULL;
    g_autoptr(GVariant) wire = NULL;
    g_autoptr(mado_message) again = NULL;

    for (int i = 0; i < 5 * LIMIT_BOUNCES; i++) {
        g_string_append_printf(text, "<a%d@a.example>:\n550 no\n", i);
        g_string_append_printf(groups, "Final-Recipient: rfc822;a%d@a.example\n\n", i);
    }
    report = g_strconcat("Content-Type: message/delivery-status\n\n", groups->str, NULL);
    of_text = read_text(text->str);
    of_report = read_text(report);
    g_assert_cmpuint(of_text->bounces->len, ==, LIMIT_BOUNCES);
    g_assert_cmpuint(of_report->bounces->len, ==, LIMIT_BOUNCES);
    wire = g_variant_ref_sink(message_to_variant(of_text));
    again = message_from_variant(wire);
    g_assert_cmpuint(again->bounces->len, ==, LIMIT_BOUNCES);
}

/* A megabyte of what looks like the beginning of an address, or of a code, takes no time. */
static void test_hostile_texts_take_no_time(void)
{
    static const char *const pieces[] = {"@", "a@", "<a@a.a>:", "\"@", "550 5.1.1 ", "5.5.5.5.",
        "user unknown ", "\n\"a", "Final-Recipient: rfc822;", "{\"emailAddress\":\"", "@a.a,", "> ",
        "Message-ID: <", "\\\"", "550-"};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) mail = g_string_new(HEAD("failure notice"));
        g_autoptr(mado_message) message = NULL;
        while (mail->len < 1000 * 1000)
            g_string_append(mail, pieces[i]);
        g_test_timer_start();
        message = read_text(mail->str);
        g_assert_nonnull(message);
        g_test_message("%s: %.2f s", pieces[i], g_test_timer_elapsed());
        g_assert_cmpfloat(g_test_timer_elapsed(), <, 5);
    }
}

static void test_a_reader_that_lies_is_not_believed(void)
{
    g_autoptr(mado_message) message = message_new();
    struct bounce *bounce = bounce_new("a@a.example", "5.1.1", "550", "userunknown");
    g_autoptr(GVariant) good = NULL;
    g_autoptr(GVariant) odd = NULL;
    g_autoptr(GVariant) wrong = NULL;
    g_autoptr(mado_message) got = NULL;

    g_ptr_array_add(message->bounces, bounce);
    good = g_variant_ref_sink(message_to_variant(message));
    got = message_from_variant(good);
    g_assert_nonnull(got);
    bounce->outcome = OUTCOMES;
    wrong = g_variant_ref_sink(message_to_variant(message));
    g_assert_null(message_from_variant(wrong));
    bounce->outcome = OUTCOME_FAILED;
    g_free(bounce->reason);
    bounce->reason = g_strdup("a word of theirs");
    odd = g_variant_ref_sink(message_to_variant(message));
    g_assert_null(message_from_variant(odd));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/bounce/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/bounces/which letter it was", test_which_letter_it_was);
    g_test_add_func("/bounces/complaints", test_what_a_complaint_is_about);
    g_test_add_func("/bounces/limit", test_recipients_beyond_the_limit_are_passed_over);
    g_test_add_func("/bounces/hostile texts", test_hostile_texts_take_no_time);
    g_test_add_func("/bounces/a lying reader", test_a_reader_that_lies_is_not_believed);
    return g_test_run();
}
