/* The header fields of a mail, as a message has them. */
#include "auth-results.h"
#include "body.h"
#include "date.h"
#include "fields.h"
#include "read-parts.h"
#include "reason.h"
#include "scan.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

enum { MOST_OTHER_FIELDS = 40, MOST_OF_A_FIELD = 400, MOST_OF_A_NAME = 80 };

void read_set(char **field, char *value)
{
    g_free(*field);
    *field = value ? value : g_strdup("");
}

/* A line of an mbox before the header, or blank lines, hide the header from those who follow the
 * RFC. */
gsize read_skip_envelope(const guint8 *bytes, gsize size)
{
    gsize at = 0;

    while (at < size && (bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    while (size - at > 6 && (!memcmp(bytes + at, "From ", 5) || !memcmp(bytes + at, ">From ", 6))) {
        const guint8 *end = memchr(bytes + at, '\n', size - at);
        at = end ? (gsize)(end - bytes) + 1 : size;
    }
    return at;
}

void read_drop_long_fields(GArray *fields, GPtrArray *problems)
{
    for (guint i = fields->len; i-- > 0;) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        if (field->name_length + field->value_length <= LIMIT_HEADER_FIELD_BYTES)
            continue;
        problem_add(problems, "too complex: header field > 64 kB, passed over");
        g_array_remove_index(fields, i);
    }
}

static void add_addresses(GPtrArray *list, const char *raw)
{
    g_autoptr(GPtrArray) found = header_decode_addresses(raw);

    for (guint i = 0; i < found->len && list->len < LIMIT_RECIPIENTS; i++) {
        const struct mailbox *mailbox = g_ptr_array_index(found, i);
        g_ptr_array_add(list, mailbox_new(mailbox->name, mailbox->addr));
    }
}

static void read_addresses(struct message *message, const GArray *fields)
{
    const struct {
        const char *name;
        GPtrArray *list;
        gboolean all; /* every field of that name; else the first */
    } lists[] = {
        {"From", message->from, TRUE}, /* two senders are none: no answer, no proof */
        {"Reply-To", message->reply_to, FALSE},
        {"To", message->to, TRUE},
        {"Cc", message->to, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GPtrArray) raw = fields_all(fields, lists[i].name);
        for (guint k = 0; k < raw->len && (lists[i].all || k == 0); k++)
            add_addresses(lists[i].list, raw->pdata[k]);
    }
}

static void note_recipients(const GArray *fields, GPtrArray *problems)
{
    gsize recipients = 0;

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        if (field_is(field, "To") || field_is(field, "Cc"))
            recipients += scan_recipients(field);
    }
    if (recipients > LIMIT_RECIPIENTS)
        problem_add(problems, "too complex: recipients > 500, the rest passed over");
}

/* RFC 5322 3.6: these stand once. Which of two is shown elsewhere is not known. */
static void note_repeated(const GArray *fields, GPtrArray *problems)
{
    static const char *const once[] = {"Subject", "Date", "Message-ID", "Content-Type"};

    if (fields_count(fields, "From") > 1)
        problem_add(problems, "more than one From field: all of them count");
    for (gsize i = 0; i < G_N_ELEMENTS(once); i++) {
        g_autofree char *text = reason_make(REASON_TWICE, once[i], NULL);
        if (fields_count(fields, once[i]) > 1)
            problem_add(problems, text);
    }
}

/* "<>" is the null sender; a Return-Path without brackets is read too. */
static char *read_return_path(const GArray *fields)
{
    g_autofree char *raw = header_raw(fields, "Return-Path");
    g_autoptr(GPtrArray) found = NULL;
    const struct mailbox *first;

    if (!raw)
        return NULL;
    found = header_decode_addresses(raw);
    first = found->len > 0 ? found->pdata[0] : NULL;
    return g_strdup(first ? first->addr : "");
}

static char **read_references(const GArray *fields)
{
    static const char *const names[] = {"In-Reply-To", "References"};
    GPtrArray *all = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *raw = header_raw(fields, names[i]);
        g_auto(GStrv) ids = raw ? header_decode_ids(raw) : NULL;
        for (guint k = 0; ids && ids[k] && all->len < LIMIT_REFERENCES; k++)
            if (!g_ptr_array_find_with_equal_func(all, ids[k], g_str_equal, NULL))
                g_ptr_array_add(all, g_strdup(ids[k]));
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static char **read_delivered_to(const GArray *fields)
{
    static const char *const names[] = {"Delivered-To", "X-Original-To", "Envelope-To"};
    GPtrArray *all = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GPtrArray) raw = fields_all(fields, names[i]);
        for (guint k = 0; k < raw->len && all->len < LIMIT_RECIPIENTS; k++) {
            g_autoptr(GPtrArray) found = header_decode_addresses(raw->pdata[k]);
            const struct mailbox *first = found->len > 0 ? found->pdata[0] : NULL;
            if (first && *first->addr)
                g_ptr_array_add(all, g_strdup(first->addr));
        }
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static void read_auth_results(struct message *message, const GArray *fields)
{
    g_autoptr(GPtrArray) raw = fields_all(fields, "Authentication-Results");

    for (guint i = 0; i < raw->len; i++)
        g_ptr_array_add(message->auth_results, auth_results_parse(raw->pdata[i]));
}

/* What mail servers write on its way. */
void read_trace(struct message *message, const GArray *fields)
{
    read_auth_results(message, fields);
    message->return_path = read_return_path(fields);
    g_strfreev(message->delivered_to);
    message->delivered_to = read_delivered_to(fields);
}

static char *short_field(const struct header_field *field, const char *name)
{
    g_autofree char *raw = g_strndup(field->value, MIN(field->value_length, MOST_OF_A_FIELD));
    g_autofree char *value = header_decode_text(raw);
    g_autofree char *harmless = text_harmless(g_strstrip(value), NULL);

    return g_strdup_printf("%s: %s", name, harmless);
}

static void read_other_fields(struct message *message, const GArray *fields)
{
    g_autoptr(GStrvBuilder) found = g_strv_builder_new();

    for (guint i = 0, count = 0; i < fields->len && count < MOST_OTHER_FIELDS; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        g_autofree char *name = g_strndup(field->name, MIN(field->name_length, MOST_OF_A_NAME));
        g_autofree char *harmless = text_harmless(name, NULL);
        g_autofree char *line = message_keeps_field(name) ? short_field(field, harmless) : NULL;
        if (!line)
            continue;
        g_strv_builder_add(found, line);
        count++;
    }
    g_strfreev(message->fields);
    message->fields = g_strv_builder_end(found);
}

void read_header(struct message *message, GPtrArray *problems, const GArray *fields)
{
    g_autofree char *subject = header_raw(fields, "Subject");
    g_autofree char *date = header_raw(fields, "Date");
    g_autofree char *id = header_raw(fields, "Message-ID");
    g_auto(GStrv) ids = id ? header_decode_ids(id) : NULL;

    note_repeated(fields, problems);
    note_recipients(fields, problems);
    read_addresses(message, fields);
    read_set(&message->subject, subject ? header_decode_text(subject) : NULL);
    message->date = date_to_rfc3339(date);
    if (date && !message->date)
        problem_add(problems, "Date cannot be read");
    message->message_id = ids ? g_strdup(ids[0]) : NULL;
    g_strfreev(message->references);
    message->references = read_references(fields);
    read_other_fields(message, fields);
}
