/* Which mail no person wrote, and what says so. */
#include "read.h"
#include <string.h>

#define PERSON "From: Hanako <hanako@yamabuki.example>\nTo: csirt@sakura.example\n"
#define REPORT(type)                                                                               \
    "From: a@a.example\nContent-Type: multipart/report; report-type=" type "; boundary=x\n\n"
#define PARTS(type) "--x\n\nhi\n--x\nContent-Type: " type "\n\nA: b\n--x--\n"

#define PASSED_ON                                                                                  \
    "> From: Mail Delivery Subsystem <MAILER-DAEMON>\n> Reporting-MTA: dns; a\n> "                 \
    "Final-Recipient: "                                                                            \
    "RFC822; a@a.example\n> Action: failed\n> Status: 5.1.1\n"

static const struct row {
    const char *mail;
    enum machine kind;
    const char *why;
} rows[] = {
    {PERSON "Subject: Phishing\n\nhi\n", MACHINE_NO, ""},
    {PERSON "Auto-Submitted: no\n\nhi\n", MACHINE_NO, ""},
    {PERSON "Subject: bounce\n\nHi. This is the qmail-send program, says the page\n", MACHINE_NO,
        ""},
    {PERSON "Subject: Fwd: Undelivered Mail Returned to Sender\n\nsee below\n", MACHINE_NO, ""},
    {PERSON "Precedence: first-class\n\nhi\n", MACHINE_NO, ""},
    {PERSON "X-RT-Loop-Prevention: peer.example\n\na person at a peer wrote this\n", MACHINE_NO,
        ""},

    {REPORT("delivery-status") PARTS("text/plain"), MACHINE_BOUNCE,
        "Content-Type: multipart/report; report-type=delivery-status"},
    {REPORT("\"Delivery-Status\"") PARTS("text/plain"), MACHINE_BOUNCE,
        "Content-Type: multipart/report; report-type=delivery-status"},
    {"From: a@a.example\nContent-Type: multipart/mixed; boundary=x\n\n" PARTS(
         "message/delivery-status"),
        MACHINE_NO, ""}, /* a person shows us a bounce */
    {"From: <>\nContent-Type: multipart/mixed; boundary=x\n\n" PARTS("message/delivery-status"),
        MACHINE_BOUNCE, "a part of type message/delivery-status"},
    {"From: postmaster@a.example\nContent-Type: multipart/mixed; boundary=x\n\n" PARTS(
         "message/delivery-status"),
        MACHINE_BOUNCE, "a part of type message/delivery-status"},
    {"Auto-Submitted: auto-replied\n" REPORT("delivery-status") PARTS("message/delivery-status"),
        MACHINE_BOUNCE, "Content-Type: multipart/report; report-type=delivery-status"},
    {"Return-Path: <>\nFrom: a@a.example\nSubject: Undelivered Mail Returned to Sender\n\nhi\n",
        MACHINE_BOUNCE, "Subject of a mail system: \"undelivered mail\""},
    {"From: MAILER-DAEMON@a.example\nSubject: failure notice\n\nhi\n", MACHINE_BOUNCE,
        "Subject of a mail system: \"failure notice\""},
    {"Return-Path: <>\nFrom: a@a.example\nSubject: "
     "=?utf-8?B?6YWN5L+h5LiN6IO944Gu44GK55+l44KJ44Gb?=\n\na\n",
        MACHINE_BOUNCE, "Subject of a mail system: \"配信不能\""},
    {"Return-Path: <>\nFrom: a@a.example\nSubject: a\n\nHi. This is the qmail-send program at "
     "a.example.\n",
        MACHINE_BOUNCE, "text of a mail system: \"hi. this is the qmail\""},
    {"From: postmaster@a.example\nSubject: a\n\nA message that you sent could not be delivered "
     "to\n",
        MACHINE_BOUNCE,
        "text of a mail system: \"a message that you sent could not be delivered\""},
    {"From: a@a.example\nX-Failed-Recipients: b@b.example\n\nhi\n", MACHINE_BOUNCE,
        "X-Failed-Recipients: b@b.example"},
    {"X-Amz-Sns-Message-Id: 1\nFrom: no-reply@cloud.example\nFeedback-ID: 1\n\n"
     "{ \"notificationType\" : \"Delivery\", \"mail\" : {}}\n",
        MACHINE_BOUNCE, "X-Amz-Sns-Message-Id, with a notification of delivery"},
    {PERSON "\n{\"notificationType\":\"Bounce\",\"mail\":{}}\n", MACHINE_NO, ""},
    {"List-Subscribe: <mailto:a@a.example>\nFrom: a-admin@a.example\n\nYou are not a member of "
     "this mailing list <a@a.example>.\n",
        MACHINE_BOUNCE, "text of a mailing list: \"you are not a member\""},
    {PERSON "\nYou are not a member of this mailing list, said the page\n", MACHINE_NO, ""},
    {PERSON "Subject: Fwd: Returned mail\n\nFYI\n\n" PASSED_ON, MACHINE_BOUNCE,
        "a bounce that was passed on without a word"},
    /* a report about a bounce is for a person */
    {PERSON "Subject: Fwd: Returned mail\n\nWe never wrote this. Somebody sends mail in our name "
            "from your network.\n\n" PASSED_ON,
        MACHINE_NO, ""},
    {PERSON "Subject: Returned mail\n\nFYI\n\n" PASSED_ON, MACHINE_NO, ""},

    {REPORT("feedback-report") PARTS("message/feedback-report"), MACHINE_FEEDBACK,
        "Content-Type: multipart/report; report-type=feedback-report"},
    {"From: a@a.example\nContent-Type: multipart/mixed; boundary=x\n\n" PARTS(
         "message/feedback-report"),
        MACHINE_FEEDBACK, "a part of type message/feedback-report"},
    {"X-Amz-Sns-Message-Id: 1\nFrom: no-reply@cloud.example\n\n"
     "{\"Message\":\"{\\\"notificationType\\\":\\\"Complaint\\\",\\\"x\\\":1}\"}\n",
        MACHINE_FEEDBACK, "X-Amz-Sns-Message-Id, with a complaint"},
    {PERSON "X-ARF: YES\nAuto-Submitted: auto-generated\n\nhi\n", MACHINE_FEEDBACK, "X-ARF: YES"},
    {PERSON "X-XARF: PLAIN\n\nhi\n", MACHINE_FEEDBACK, "X-XARF: PLAIN"},

    {REPORT("disposition-notification") PARTS("message/disposition-notification"), MACHINE_MDN,
        "Content-Type: multipart/report; report-type=disposition-notification"},

    {PERSON "Auto-Submitted: auto-replied (vacation)\n\nhi\n", MACHINE_AUTO_REPLY,
        "Auto-Submitted: auto-replied (vacation)"},
    {PERSON "X-Autoreply: yes\n\nhi\n", MACHINE_AUTO_REPLY, "X-Autoreply: yes"},
    {PERSON "X-Autorespond: a\n\nhi\n", MACHINE_AUTO_REPLY, "X-Autorespond: a"},
    {PERSON "X-Apple-Action: JUNK-MAIL/VACATION\n\nhi\n", MACHINE_AUTO_REPLY,
        "X-Apple-Action: JUNK-MAIL/VACATION"},
    {PERSON "Precedence: auto_reply\n\nhi\n", MACHINE_AUTO_REPLY, "Precedence: auto_reply"},
    {PERSON "Subject: Auto: your report\n\nhi\n", MACHINE_AUTO_REPLY, "Subject begins \"auto:\""},
    {PERSON "Subject: Automatic reply: your report\n\nhi\n", MACHINE_AUTO_REPLY,
        "Subject begins \"automatic reply\""},
    {PERSON "Subject: Out of Office Re: a\n\nhi\n", MACHINE_AUTO_REPLY,
        "Subject begins \"out of office\""},
    {PERSON "Subject: =?utf-8?B?6Ieq5YuV5b+c562UOiDkuI3lnKg=?=\n\na\n", MACHINE_AUTO_REPLY,
        "Subject begins \"自動応答\""},
    {PERSON "Subject: =?utf-8?B?44CQ6Ieq5YuV6L+U5L+h44CR?=\n\na\n", MACHINE_AUTO_REPLY,
        "Subject begins \"自動返信\""},
    {PERSON "List-Id: <a.a.example>\nSubject: Auto: a\n\nhi\n", MACHINE_AUTO_REPLY,
        "Subject begins \"auto:\""},
    {PERSON "Subject: Automobile parts shop sells my data\n\nhi\n", MACHINE_NO, ""},

    {PERSON "List-Id: <a.a.example>\n\nhi\n", MACHINE_LIST, "List-Id: <a.a.example>"},
    {PERSON "List-Unsubscribe: <mailto:a@a.example>\n\nhi\n", MACHINE_LIST,
        "List-Unsubscribe: <mailto:a@a.example>"},
    {PERSON "Precedence: bulk\n\nhi\n", MACHINE_LIST, "Precedence: bulk"},
    {PERSON "PRECEDENCE: List\n\nhi\n", MACHINE_LIST, "Precedence: List"},
    {PERSON "Precedence: junk\n\nhi\n", MACHINE_LIST, "Precedence: junk"},

    {PERSON "Auto-Submitted: auto-generated\n\nhi\n", MACHINE_NOTIFICATION,
        "Auto-Submitted: auto-generated"},
    {PERSON "Auto-Submitted: of-course\n\nhi\n", MACHINE_NOTIFICATION, "Auto-Submitted: of-course"},
    {PERSON "X-FC-MachineGenerated: true\n\nhi\n", MACHINE_NOTIFICATION,
        "X-FC-MachineGenerated: true"},
    {PERSON "X-Auto-Response-Suppress: All\n\nhi\n", MACHINE_NOTIFICATION,
        "X-Auto-Response-Suppress: All"},
    {PERSON "X-Loop: a@a.example\n\nhi\n", MACHINE_NOTIFICATION, "x-loop"},
    {"Return-Path: <>\n" PERSON "\nhi\n", MACHINE_NOTIFICATION, "Return-Path: <>"},
    {"From: No-Reply <no-reply@a.example>\n\nhi\n", MACHINE_NOTIFICATION,
        "From: no-reply@a.example"},
    {"From: noreply@a.example\n\nhi\n", MACHINE_NOTIFICATION, "From: noreply@a.example"},
    {"From: MAILER-DAEMON@a.example\n\nhi\n", MACHINE_NOTIFICATION,
        "From: MAILER-DAEMON@a.example"},
    {"From: owner-list@a.example\n\nhi\n", MACHINE_NOTIFICATION, "From: owner-list@a.example"},
    {"From: list-request@a.example\n\nhi\n", MACHINE_NOTIFICATION, "From: list-request@a.example"},
    {PERSON "Reply-To: bounces@a.example\n\nhi\n", MACHINE_NOTIFICATION,
        "Reply-To: bounces@a.example"},
    {PERSON "X-Loop: a\nAuto-Submitted: a\x1b[31mb\n\nhi\n", MACHINE_NOTIFICATION, NULL},
};

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_message) message = read_message((const guint8 *)row->mail, strlen(row->mail));

    g_assert_cmpstr(machine_name(message->machine), ==, machine_name(row->kind));
    if (row->why)
        g_assert_cmpstr(message->machine_why, ==, row->why);
    g_assert_null(strchr(message->machine_why, '\x1b'));
    /* recognition loses nothing */
    g_assert_cmpstr(message->text, !=, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/machine/%02zu %s", i, machine_name(rows[i].kind));
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
