#include "bounce.h"
#include "bounce-parts.h"
#include "fields.h"
#include <mado/limits.h>
#include <string.h>

enum {
    REPORT_MAX = 256 * 1024,
    NOTICE_MAX = 64 * 1024,
    OPENING_MAX = 4 * 1024, /* of it, where it is about many */
    LETTER_MAX = 64 * 1024, /* of a letter that comes back: its header */
};

/* What the parts of a bounce hold. */
struct bounced {
    struct message *message;
    const GArray *fields;
    const struct source *source;
    GString *report;    /* message/delivery-status, all of them */
    GString *feedback;  /* message/feedback-report */
    GPtrArray *letters; /* GByteArray: what comes back, its beginning */
    char *notice;       /* what the mail system wrote for people */
    GPtrArray *own;     /* addresses that the bounce was sent to; the message's strings */
};

/* -- the parts -- */

static void add_report(struct bounced *bounced, GMimeObject *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(bounced->source, part, REPORT_MAX);

    if (bounced->report->len < REPORT_MAX) {
        g_string_append_len(bounced->report, (const char *)bytes->data, bytes->len);
        g_string_append(bounced->report, "\n\n");
    }
}

static void add_feedback(struct bounced *bounced, GMimeObject *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(bounced->source, part, REPORT_MAX);

    if (bounced->feedback->len < REPORT_MAX)
        g_string_append_len(bounced->feedback, (const char *)bytes->data, bytes->len);
}

static void add_letter(struct bounced *bounced, GMimeObject *part)
{
    if (bounced->letters->len < LIMIT_RETURNED_IDS)
        g_ptr_array_add(bounced->letters, part_bytes(bounced->source, part, LETTER_MAX));
}

static const struct {
    const char *type;
    void (*add)(struct bounced *bounced, GMimeObject *part);
} parts[] = {
    {"message/delivery-status", add_report},
    {"message/global-delivery-status", add_report},
    {"message/feedback-report", add_feedback},
    {"message/rfc822", add_letter},
    {"message/rfc822-headers", add_letter},
    {"message/global", add_letter},
    {"message/global-headers", add_letter},
    {"text/rfc822-headers", add_letter},
    {"text/rfc822-header", add_letter},
};

/* A letter that comes back is not looked into: its own reports are not about us. */
static void collect(struct bounced *bounced, GMimeObject *part)
{
    g_autofree char *type = NULL;

    if (GMIME_IS_MULTIPART(part)) {
        for (int i = 0; i < g_mime_multipart_get_count((GMimeMultipart *)part); i++)
            collect(bounced, g_mime_multipart_get_part((GMimeMultipart *)part, i));
        return;
    }
    type = part_type(part);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (g_str_equal(type, parts[i].type))
            parts[i].add(bounced, part);
}

static void collect_own(struct bounced *bounced)
{
    for (guint i = 0; i < bounced->message->to->len; i++) {
        struct mailbox *to = g_ptr_array_index(bounced->message->to, i);
        g_ptr_array_add(bounced->own, to->addr);
    }
}

/* The first bytes of a text, as whole characters. */
static char *beginning(const char *text, gsize most)
{
    gsize length = strnlen(text, most);

    while (length > 0 && ((guchar)text[length] & 0xc0) == 0x80)
        length--;
    return g_strndup(text, length);
}

/* The text that people see, cut where the letter begins; that letter joins the others. */
static void collect_text(struct bounced *bounced)
{
    g_autofree char *shown = beginning(bounced->message->text, NOTICE_MAX);
    g_autofree char *unquoted = text_unquote(shown);
    const char *text = unquoted ?: shown;
    gsize end = text_end_of_notice(text);
    const char *begin = text + end + strspn(text + end, "\n -");

    bounced->notice = g_strndup(text, end);
    if (*begin) {
        GByteArray *letter = g_byte_array_new();
        g_byte_array_append(letter, (const guint8 *)begin, (guint)strlen(begin));
        g_ptr_array_add(bounced->letters, letter);
    }
}

/* -- which letter it was -- */

static void add_ids(GPtrArray *ids, const char *raw)
{
    g_auto(GStrv) found = header_decode_ids(raw);

    for (int i = 0; found && found[i] && ids->len < LIMIT_RETURNED_IDS; i++)
        if (!g_ptr_array_find_with_equal_func(ids, found[i], g_str_equal, NULL))
            g_ptr_array_add(ids, g_strdup(found[i]));
}

static void add_ids_of_letter(GPtrArray *ids, const GByteArray *letter)
{
    gsize body;
    g_autoptr(GArray) fields = header_split(letter->data, letter->len, &body);
    g_autofree char *raw = header_raw(fields, "Message-ID");

    if (raw)
        add_ids(ids, raw);
}

/* Some name it among what they say of the letter, and send nothing of it. */
static void add_ids_of_notice(GPtrArray *ids, const char *notice)
{
    static const char name[] = "message-id:";

    for (const char *line = notice; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\n");
        if (!g_ascii_strncasecmp(line, name, strlen(name))) {
            const char *value = line + strlen(name);
            g_autofree char *raw = NULL;
            value += strspn(value, " \t\n");
            raw = g_strndup(value, strcspn(value, "\n"));
            if (*raw == '<')
                add_ids(ids, raw);
        }
    }
}

static void set_ids(struct bounced *bounced)
{
    GPtrArray *ids = g_ptr_array_new();

    for (guint i = 0; i < bounced->letters->len; i++)
        add_ids_of_letter(ids, bounced->letters->pdata[i]);
    add_ids_of_notice(ids, bounced->notice);
    g_ptr_array_add(ids, NULL);
    g_strfreev(bounced->message->returned_ids);
    bounced->message->returned_ids = (char **)g_ptr_array_free(ids, FALSE);
}

/* -- whom it did not reach -- */

static void add_addresses(GPtrArray *mentions, const char *raw)
{
    g_autoptr(GPtrArray) found = header_decode_addresses(raw);

    for (guint i = 0; i < found->len; i++) {
        const struct mailbox *mailbox = g_ptr_array_index(found, i);
        if (strchr(mailbox->addr, '@'))
            mention_of(mentions, mailbox->addr);
    }
}

static GPtrArray *named_by_field(const struct bounced *bounced)
{
    GPtrArray *mentions = mentions_new();
    g_autoptr(GPtrArray) raw = fields_all(bounced->fields, "X-Failed-Recipients");

    for (guint i = 0; i < raw->len; i++)
        add_addresses(mentions, raw->pdata[i]);
    return mentions;
}

/* Whom the letter was for, where nothing else names anybody. */
static GPtrArray *named_by_letter(const struct bounced *bounced)
{
    static const char *const names[] = {"X-HmXmrOriginalRecipient", "To"};
    GPtrArray *mentions = mentions_new();

    for (guint i = 0; i < bounced->letters->len; i++) {
        const GByteArray *letter = bounced->letters->pdata[i];
        gsize body;
        g_autoptr(GArray) fields = header_split(letter->data, letter->len, &body);
        for (gsize n = 0; n < G_N_ELEMENTS(names) && mentions->len == 0; n++) {
            g_autofree char *raw = header_raw(fields, names[n]);
            if (raw)
                add_addresses(mentions, raw);
        }
    }
    return mentions;
}

static gboolean names_anybody(const GPtrArray *mentions)
{
    for (guint i = 0; i < mentions->len; i++)
        if (*((const struct mention *)mentions->pdata[i])->recipient)
            return TRUE;
    return FALSE;
}

/* The best that names anybody: the report, the field, the text, the letter. */
static GPtrArray *choose(const struct bounced *bounced, GPtrArray *report, GPtrArray *text)
{
    GPtrArray *field;

    if (names_anybody(report))
        return g_ptr_array_ref(report);
    field = named_by_field(bounced);
    if (field->len > 0)
        return field;
    g_ptr_array_unref(field);
    return text->len > 0 ? g_ptr_array_ref(text) : named_by_letter(bounced);
}

static const char *said_of(const GPtrArray *mentions, const char *recipient)
{
    const struct mention *mention = mention_find(mentions, recipient);

    return mention ? mention->said->str : "";
}

/* The report of a group that names nobody is about the only recipient that there is. */
static const struct mention *reported(const GPtrArray *report, const char *recipient, gboolean only)
{
    const struct mention *mention = mention_find(report, recipient);

    return mention || !only ? mention : mention_find(report, "");
}

static void add_bounces(struct bounced *bounced, GPtrArray *report, GPtrArray *text)
{
    g_autoptr(GPtrArray) chosen = choose(bounced, report, text);
    gboolean only = chosen->len == 1;
    g_autofree char *opening = beginning(bounced->notice, OPENING_MAX);

    for (guint i = 0; i < chosen->len; i++) {
        const char *recipient = ((const struct mention *)chosen->pdata[i])->recipient;
        const struct mention *of_report = reported(report, recipient, only);
        struct evidence evidence = {
            .action = of_report ? of_report->action : "",
            .status = of_report ? of_report->status : "",
            .said = of_report ? of_report->said->str : "",
            .section = said_of(text, recipient),
            .notice = only               ? bounced->notice
                      : report->len == 0 ? opening
                                         : "",
        };
        if (*recipient)
            g_ptr_array_add(bounced->message->bounces, reason_weigh(recipient, &evidence));
    }
}

static void read_bounce(struct bounced *bounced)
{
    g_autofree char *json = *bounced->notice == '{' ? report_of_json(bounced->notice) : NULL;
    g_autoptr(GPtrArray) report = NULL, text = text_mentions(bounced->notice, bounced->own);

    if (bounced->report->len == 0)
        g_string_append(bounced->report, json ?: bounced->notice);
    report = report_mentions(bounced->report->str);
    add_bounces(bounced, report, text);
}

/* -- complaints -- */

/* Those who do not say it in a report of RFC 5965. */
static char *type_by_header(const struct bounced *bounced)
{
    static const struct {
        const char *field, *type; /* NULL: the value */
    } rows[] = {{"Feedback-Type", NULL}, {"X-Apple-Unsubscribe", "opt-out"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *raw = header_raw(bounced->fields, rows[i].field);
        if (raw && rows[i].type)
            return g_strdup(rows[i].type);
        if (raw) {
            g_autofree char *line = g_strdup_printf("%s:%s", rows[i].field, raw);
            char *type = NULL;
            g_ptr_array_unref(report_feedback(line, &type));
            return type;
        }
    }
    return g_str_has_prefix(bounced->message->machine_why, "Subject begins") ? g_strdup("abuse")
                                                                             : g_strdup("");
}

/* Who wants no more. */
static void mention_sender(GPtrArray *mentions, const struct mailbox *sender)
{
    g_autofree char *address = address_of_field(sender->addr);

    if (address)
        mention_of(mentions, address);
}

static void read_feedback(struct bounced *bounced)
{
    const GPtrArray *from = bounced->message->from;
    char *type = NULL;
    g_autoptr(GPtrArray) mentions = report_feedback(bounced->feedback->str, &type);

    if (!*type) {
        g_free(type);
        type = type_by_header(bounced);
    }
    g_free(bounced->message->feedback_type);
    bounced->message->feedback_type = type;
    if (mentions->len == 0) {
        g_ptr_array_unref(mentions);
        mentions = named_by_letter(bounced);
    }
    if (mentions->len == 0 && bounced->feedback->len == 0 && from->len == 1)
        mention_sender(mentions, from->pdata[0]);
    for (guint i = 0; i < mentions->len; i++) {
        struct mention *mention = mentions->pdata[i];
        struct bounce *bounce = bounce_new(mention->recipient, "", "", "feedback");
        bounce->outcome = OUTCOME_DELIVERED; /* or nobody could complain */
        g_ptr_array_add(bounced->message->bounces, bounce);
    }
}

static const struct {
    enum machine kind;
    void (*read)(struct bounced *bounced);
} kinds[] = {{MACHINE_BOUNCE, read_bounce}, {MACHINE_FEEDBACK, read_feedback}};

void bounce_read(
    struct message *message, const GArray *fields, const struct source *source, GMimeObject *root)
{
    struct bounced bounced = {.message = message, .fields = fields, .source = source};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (message->machine != kinds[i].kind)
            continue;
        bounced.report = g_string_new(NULL);
        bounced.feedback = g_string_new(NULL);
        bounced.letters = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
        bounced.own = g_ptr_array_new();
        collect(&bounced, root);
        collect_own(&bounced);
        collect_text(&bounced);
        set_ids(&bounced);
        kinds[i].read(&bounced);
        g_string_free(bounced.report, TRUE);
        g_string_free(bounced.feedback, TRUE);
        g_ptr_array_unref(bounced.letters);
        g_ptr_array_unref(bounced.own);
        g_free(bounced.notice);
    }
}
