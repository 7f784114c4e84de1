/* The most specific kind wins: a bounce that calls itself auto-replied is a bounce. RFC 3834, RFC
 * 3464, RFC 5965, RFC 8098, and what is sent by those who read none of them. */
#include "machine.h"
#include "fields.h"
#include "text.h"
#include <string.h>

struct facts {
    const struct message *message;
    const GArray *fields;
};

/* How a value is compared: all ignore case. */
enum how { ANY, IS, BEGINS, HAS };

static gboolean matches(const char *value, enum how how, const char *wanted)
{
    g_autofree char *lower = NULL;

    switch (how) {
    case ANY:
        return TRUE;
    case IS:
        return !g_ascii_strcasecmp(value, wanted);
    case BEGINS:
        return !g_ascii_strncasecmp(value, wanted, strlen(wanted));
    case HAS:
        lower = g_ascii_strdown(value, -1);
        return strstr(lower, wanted) != NULL;
    }
    return FALSE;
}

/* -- what a header field says by itself -- */

struct field_rule {
    const char *field;
    enum how how;
    const char *value; /* lower case for HAS */
};

static const struct field_rule report_rules[] = {
    {"X-ARF", BEGINS, "yes"},
    {"X-ARF", BEGINS, "plain"},
    {"X-XARF", ANY, NULL},
    {"Feedback-Type", ANY, NULL},
    {"X-Apple-Unsubscribe", HAS, "true"},
};

static const struct field_rule bounce_rules[] = {
    {"X-Failed-Recipients", ANY, NULL},
};

static const struct field_rule reply_rules[] = {
    {"Auto-Submitted", BEGINS, "auto-replied"},
    {"X-Autoreply", ANY, NULL},
    {"X-Autorespond", ANY, NULL},
    {"X-Autoresponder", ANY, NULL},
    {"X-Auto-Reply-From", ANY, NULL},
    {"X-Mail-Autoreply", ANY, NULL},
    {"X-Apple-Action", HAS, "vacation"},
    {"Precedence", IS, "auto_reply"},
    {"Precedence", IS, "auto-reply"},
    {"X-Precedence", IS, "auto_reply"},
    {"Delivered-To", IS, "autoresponder"},
    {"X-POST-MessageClass", HAS, "autoresponder"},
};

static const struct field_rule list_rules[] = {
    {"List-Id", ANY, NULL},
    {"List-Post", ANY, NULL},
    {"List-Unsubscribe", ANY, NULL},
    {"List-Help", ANY, NULL},
    {"List-Subscribe", ANY, NULL},
    {"List-Owner", ANY, NULL},
    {"List-Archive", ANY, NULL},
    {"Mailing-List", ANY, NULL},
    {"X-Mailing-List", ANY, NULL},
    {"X-ML-Name", ANY, NULL},
    {"Precedence", IS, "list"},
    {"Precedence", IS, "bulk"},
    {"Precedence", IS, "junk"},
};

/* X-Auto-Response-Suppress is a request, not proof; but it is one that is to be kept. */
static const struct field_rule notification_rules[] = {
    {"Auto-Submitted", BEGINS, "auto-"},
    {"X-FC-MachineGenerated", HAS, "true"},
    {"X-Auto-Response-Suppress", HAS, "all"},
    {"X-Auto-Response-Suppress", HAS, "autoreply"},
    {"X-Auto-Response-Suppress", HAS, "oof"},
    {"X-Cron-Env", ANY, NULL},
    {"Feedback-ID", ANY, NULL},
};

/* RFC 3834 5: any other value of Auto-Submitted than "no" is said by a machine too. */
static gboolean is_submitted_by_machine(const char *value)
{
    return *value && g_ascii_strncasecmp(value, "no", 2);
}

static char *rule_why(const GArray *fields, const struct field_rule *rules, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(GPtrArray) values = fields_all(fields, rules[i].field);
        for (guint k = 0; k < values->len; k++) {
            const char *value = g_strstrip(g_ptr_array_index(values, k));
            if (matches(value, rules[i].how, rules[i].value))
                return g_strdup_printf("%s: %.60s", rules[i].field, value);
        }
    }
    return NULL;
}

/* -- what the parts and the sender say -- */

/* A field of the header that names a report, or a part of that type. */
static char *report_why(const struct facts *facts, const char *type, const char *report)
{
    const GPtrArray *parts = facts->message->attachments;
    g_autofree char *root = header_raw(facts->fields, "Content-Type");
    g_autofree char *named = root ? header_decode_parameter(root, "report-type") : NULL;

    if (named && !g_ascii_strcasecmp(named, report))
        return g_strdup_printf("Content-Type: multipart/report; report-type=%s", report);
    for (guint i = 0; i < parts->len; i++) {
        const struct attachment *part = g_ptr_array_index(parts, i);
        if (!strcmp(part->type, type))
            return g_strdup_printf("a part of type %s", type);
    }
    return NULL;
}

static const char *first_address(const GPtrArray *list)
{
    const struct mailbox *first = list->len > 0 ? list->pdata[0] : NULL;

    return first ? first->addr : "";
}

static const char *first_from(const struct facts *facts)
{
    return first_address(facts->message->from);
}

/* Does the local part say that nobody is behind it? */
static gboolean is_daemon(const char *address)
{
    static const char *const names[] = {"mailer-daemon", "mailer_daemon", "mailerdaemon",
        "mail-daemon", "mail.daemon", "postmaster", "post_master", "mail-delivery", "bounce"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (!g_ascii_strncasecmp(address, names[i], strlen(names[i])))
            return TRUE;
    return FALSE;
}

static gboolean has_null_sender(const struct facts *facts)
{
    const char *path = facts->message->return_path;

    return path && !*path;
}

static gboolean comes_from_mail_system(const struct facts *facts)
{
    g_autofree char *from = header_raw(facts->fields, "From");
    g_autofree char *lower = g_ascii_strdown(from ?: "", -1);

    return has_null_sender(facts) || is_daemon(first_from(facts)) ||
           strstr(lower, "mailer-daemon") || strstr(lower, "mail delivery s") ||
           (facts->message->return_path && is_daemon(facts->message->return_path));
}

/* As the mail systems of the world begin or name their bounces. */
static const char *const bounce_subjects[] = {"undelivered mail", "undeliverable", "undelivered",
    "mail delivery fail", "mail delivery system", "mail system error", "mail failure",
    "failure notice", "returned mail", "delivery status notification", "delivery failure",
    "delivery notification", "delivery report", "delivery fail", "message delivery fail",
    "mail could not be delivered", "could not send message", "non delivery", "nondeliverable",
    "non-deliverable", "message could not be delivered", "warning: message", "warning: could not",
    "user unknown", "unknown user", "email rejected", "mail error", "delayed mail", "unzustellbar",
    "não entregue", "message you sent blocked", "fallo en la entrega", "messaggio non consegnato",
    "mail not delivered", "not delivered", "error sending your mail", "unable to deliver",
    "cannot deliver", "delivery error", "配信不能", "配信でき", "送信でき", "配送でき", "不達",
    "エラーメール", "送信エラー", "届きません"};

/* At the start of the text, and believed of a mail system alone: a person quotes such words too. */
static const char *const bounce_openings[] = {"this message was created automatically by mail",
    "hi. this is the qmail", "this is the mail system at host", "this is the mail delivery",
    "the original message was received at", "your message did not reach",
    "error: invalid user address", "could not be delivered to:", "we had trouble delivering",
    "your message was not", "your message cannot be delivered",
    "your message could not be delivered", "this is an automatically generated delivery",
    "this report relates to a message you sent", "delivery to the following recipient",
    "delivery has failed", "undeliverable message", "the following message could not be delivered",
    "the following recipient", "could not deliver message", "the user(s) account is",
    "unable to deliver message", "unable to relay message", "message could not be delivered",
    "the mail system", "this message was created automatically by the mail",
    "the following address", "unknown user", "sorry, we were unable to deliver",
    "invalid final delivery", "an error occurred while trying to deliver",
    "a message that you sent could not be delivered", "we were unable to deliver your message",
    "次のあて先", "以下のメールアドレス", "あて先に指定された", "メールを配信でき",
    "お送りいただいたメール", "your mail message to the following"};

static char *found_in(const char *text, const char *const *words, gsize count)
{
    g_autofree char *lower = g_utf8_strdown(text, -1);

    for (gsize i = 0; i < count; i++)
        if (strstr(lower, words[i]))
            return g_strdup(words[i]);
    return NULL;
}

static char *opening_of(const char *text)
{
    const char *end = text;

    for (int i = 0; i < 400 && *end; i++)
        end = g_utf8_next_char(end);
    return g_strndup(text, (gsize)(end - text));
}

static char *mail_system_why(const struct facts *facts)
{
    g_autofree char *opening = NULL;
    g_autofree char *word = NULL;

    if (!comes_from_mail_system(facts))
        return NULL;
    word = found_in(facts->message->subject, bounce_subjects, G_N_ELEMENTS(bounce_subjects));
    if (word)
        return g_strdup_printf("Subject of a mail system: \"%s\"", word);
    opening = opening_of(facts->message->text);
    word = found_in(opening, bounce_openings, G_N_ELEMENTS(bounce_openings));
    return word ? g_strdup_printf("text of a mail system: \"%s\"", word) : NULL;
}

static const char *const reply_subjects[] = {"auto:", "auto response", "auto-response",
    "auto reply", "auto-reply", "autoreply", "autoresponse", "automatic reply",
    "automatic response", "automated reply", "automated response", "out of office",
    "out of the office", "out-of-office", "away from", "abwesend", "abwesenheit",
    "automatische antwort", "réponse automatique", "respuesta automática", "risposta automatica",
    "vacation", "自動応答", "自動返信", "不在通知", "不在の"};

static char *reply_subject_why(const struct facts *facts)
{
    g_autofree char *lower = g_utf8_strdown(facts->message->subject, -1);
    const char *begin = lower + strspn(lower, " [(");

    begin += g_str_has_prefix(begin, "【") ? strlen("【") : 0;
    for (gsize i = 0; i < G_N_ELEMENTS(reply_subjects); i++)
        if (g_str_has_prefix(begin, reply_subjects[i]))
            return g_strdup_printf("Subject begins \"%s\"", reply_subjects[i]);
    return NULL;
}

static char *sender_why(const struct facts *facts)
{
    static const char *const nobody[] = {"noreply", "no-reply", "no_reply", "no.reply",
        "donotreply", "do-not-reply", "do_not_reply", "notification", "owner-", "listmaster",
        "autoreport", "auto-report", "automat"};
    static const char *const ends[] = {"-request", "-bounce", "-bounces"};
    const char *from = first_from(facts), *answer_to = first_address(facts->message->reply_to);
    g_autofree char *local = g_strndup(from, strcspn(from, "@"));

    if (has_null_sender(facts))
        return g_strdup("Return-Path: <>");
    if (is_daemon(from))
        return g_strdup_printf("From: %.60s", from);
    if (is_daemon(answer_to))
        return g_strdup_printf("Reply-To: %.60s", answer_to);
    for (gsize i = 0; i < G_N_ELEMENTS(nobody); i++)
        if (matches(local, HAS, nobody[i]))
            return g_strdup_printf("From: %.60s", from);
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(local, ends[i]))
            return g_strdup_printf("From: %.60s", from);
    return NULL;
}

/* The complaints of one large provider, older than RFC 5965: a subject of its own, and the mail. */
static char *complaint_why(const struct facts *facts)
{
    static const char subject[] = "complaint about message from ";
    const GPtrArray *parts = facts->message->attachments;
    const struct attachment *first = parts->len > 0 ? parts->pdata[0] : NULL;

    if (!first || strcmp(first->type, "message/rfc822") != 0 ||
        !matches(facts->message->subject, BEGINS, subject))
        return NULL;
    return g_strdup_printf("Subject begins \"%s\", with a mail", subject);
}

/* X-Loop, and the same with a name in it: put there so that nobody answers in a circle. */
static char *loop_why(const struct facts *facts)
{
    for (guint i = 0; i < facts->fields->len; i++) {
        const struct header_field *field = &g_array_index(facts->fields, struct header_field, i);
        g_autofree char *name = g_ascii_strdown(field->name, (gssize)field->name_length);
        if (g_str_has_prefix(name, "x-") && g_str_has_suffix(name, "-loop"))
            return g_strdup_printf("%.60s", name);
    }
    return NULL;
}

/* -- the order -- */

static char *feedback(const struct facts *facts)
{
    return report_why(facts, "message/feedback-report", "feedback-report")
               ?: rule_why(facts->fields, report_rules, G_N_ELEMENTS(report_rules))
               ?: complaint_why(facts)
               ?: machine_odd_why(MACHINE_FEEDBACK, facts->message, facts->fields);
}

static char *mdn(const struct facts *facts)
{
    return report_why(facts, "message/disposition-notification", "disposition-notification");
}

/* A person who sends us somebody's bounce, part by part, is a person. */
static gboolean is_report_or_of_mail_system(const struct facts *facts)
{
    g_autofree char *root = header_raw(facts->fields, "Content-Type");

    return comes_from_mail_system(facts) || !*first_from(facts) ||
           (root && matches(root, HAS, "multipart/report"));
}

static char *status_why(const struct facts *facts)
{
    if (!is_report_or_of_mail_system(facts))
        return NULL;
    return report_why(facts, "message/delivery-status", "delivery-status")
               ?: report_why(facts, "message/global-delivery-status", "global-delivery-status");
}

static char *bounce(const struct facts *facts)
{
    return status_why(facts)
        ?: rule_why(facts->fields, bounce_rules, G_N_ELEMENTS(bounce_rules))
        ?: mail_system_why(facts)
        ?: machine_odd_why(MACHINE_BOUNCE, facts->message, facts->fields);
}

static char *reply(const struct facts *facts)
{
    return rule_why(facts->fields, reply_rules, G_N_ELEMENTS(reply_rules))
               ?: reply_subject_why(facts);
}

static char *mailing_list(const struct facts *facts)
{
    return rule_why(facts->fields, list_rules, G_N_ELEMENTS(list_rules));
}

static char *notification(const struct facts *facts)
{
    g_autofree char *submitted = header_raw(facts->fields, "Auto-Submitted");

    if (submitted && is_submitted_by_machine(g_strstrip(submitted)))
        return g_strdup_printf("Auto-Submitted: %.60s", submitted);
    return rule_why(facts->fields, notification_rules, G_N_ELEMENTS(notification_rules))
        ?: loop_why(facts)
               ?: sender_why(facts);
}

static const struct {
    enum machine kind;
    char *(*why)(const struct facts *facts); /* the reason, or NULL; the caller frees it */
} kinds[] = {
    {MACHINE_FEEDBACK, feedback},
    {MACHINE_MDN, mdn},
    {MACHINE_BOUNCE, bounce},
    {MACHINE_AUTO_REPLY, reply},
    {MACHINE_LIST, mailing_list},
    {MACHINE_NOTIFICATION, notification},
};

void machine_recognise(struct message *message, const GArray *fields)
{
    struct facts facts = {message, fields};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        char *why = kinds[i].why(&facts);
        if (!why)
            continue;
        message->machine = kinds[i].kind;
        g_free(message->machine_why);
        message->machine_why = text_harmless(why, NULL);
        g_free(why);
        return;
    }
}
