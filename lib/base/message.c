/* The message and its form on the wire. One table names each field once. */
#include <mado/message.h>
#include "pack.h"
#include <mado/limits.h>
#include <string.h>

static const char *const machine_names[MACHINE_KINDS] = {
    [MACHINE_NO] = "no",
    [MACHINE_AUTO_REPLY] = "auto-reply",
    [MACHINE_BOUNCE] = "bounce",
    [MACHINE_FEEDBACK] = "feedback",
    [MACHINE_MDN] = "mdn",
    [MACHINE_LIST] = "list",
    [MACHINE_NOTIFICATION] = "notification",
};

const char *machine_name(enum machine machine)
{
    return machine_names[machine];
}

/* -- the parts -- */

struct mailbox *mailbox_new(const char *name, const char *addr)
{
    struct mailbox *mailbox = g_new0(struct mailbox, 1);

    mailbox->name = g_strdup(name ?: "");
    mailbox->addr = g_strdup(addr ?: "");
    return mailbox;
}

void mailbox_free(gpointer data)
{
    struct mailbox *mailbox = data;

    if (!mailbox)
        return;
    g_free(mailbox->name);
    g_free(mailbox->addr);
    g_free(mailbox);
}

struct attachment *attachment_new(
    const char *name, const char *type, guint64 size, const char *sha256)
{
    struct attachment *attachment = g_new0(struct attachment, 1);

    attachment->name = g_strdup(name ?: "");
    attachment->type = g_strdup(type ?: "");
    attachment->size = size;
    attachment->sha256 = g_strdup(sha256 ?: "");
    return attachment;
}

void attachment_free(struct attachment *attachment)
{
    if (!attachment)
        return;
    g_free(attachment->name);
    g_free(attachment->type);
    g_free(attachment->sha256);
    g_free(attachment);
}

struct auth_result *auth_result_new(
    const char *authserv_id, const char *dmarc, const char *from_domain)
{
    struct auth_result *result = g_new0(struct auth_result, 1);

    result->authserv_id = g_strdup(authserv_id ?: "");
    result->dmarc = g_strdup(dmarc ?: "");
    result->from_domain = g_strdup(from_domain ?: "");
    return result;
}

static void auth_result_free(gpointer data)
{
    struct auth_result *result = data;

    g_free(result->authserv_id);
    g_free(result->dmarc);
    g_free(result->from_domain);
    g_free(result);
}

/* -- how each type of field is put on the wire and taken off -- */

static GVariant *put_mailboxes(const void *field)
{
    GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ss)"));
    for (guint i = 0; i < list->len; i++) {
        const struct mailbox *mailbox = g_ptr_array_index(list, i);
        g_variant_builder_add(&builder, "(ss)", mailbox->name, mailbox->addr);
    }
    return g_variant_builder_end(&builder);
}

static gboolean take_mailboxes(void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    GVariantIter iter;
    const char *name, *addr;

    g_variant_iter_init(&iter, value);
    while (g_variant_iter_next(&iter, "(&s&s)", &name, &addr))
        g_ptr_array_add(list, mailbox_new(name, addr));
    return list->len <= LIMIT_RECIPIENTS;
}

static GVariant *put_attachments(const void *field)
{
    GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ssts)"));
    for (guint i = 0; i < list->len; i++) {
        const struct attachment *a = g_ptr_array_index(list, i);
        g_variant_builder_add(&builder, "(ssts)", a->name, a->type, a->size, a->sha256);
    }
    return g_variant_builder_end(&builder);
}

static gboolean take_attachments(void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    GVariantIter iter;
    const char *name, *type, *sha256;
    guint64 size;

    g_variant_iter_init(&iter, value);
    while (g_variant_iter_next(&iter, "(&s&st&s)", &name, &type, &size, &sha256))
        g_ptr_array_add(list, attachment_new(name, type, size, sha256));
    return list->len <= LIMIT_PARTS;
}

static GVariant *put_auth_results(const void *field)
{
    GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
    for (guint i = 0; i < list->len; i++) {
        const struct auth_result *result = g_ptr_array_index(list, i);
        g_variant_builder_add(
            &builder, "(sss)", result->authserv_id, result->dmarc, result->from_domain);
    }
    return g_variant_builder_end(&builder);
}

static gboolean take_auth_results(void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    GVariantIter iter;
    const char *authserv_id, *dmarc, *from_domain;

    g_variant_iter_init(&iter, value);
    while (g_variant_iter_next(&iter, "(&s&s&s)", &authserv_id, &dmarc, &from_domain))
        g_ptr_array_add(list, auth_result_new(authserv_id, dmarc, from_domain));
    return list->len <= LIMIT_HEADER_FIELDS;
}

static GVariant *put_bounces(const void *field)
{
    GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ssssbu)"));
    for (guint i = 0; i < list->len; i++) {
        const struct bounce *bounce = g_ptr_array_index(list, i);
        g_variant_builder_add(&builder, "(ssssbu)", bounce->recipient, bounce->status,
            bounce->reply_code, bounce->reason, bounce->permanent, (guint32)bounce->outcome);
    }
    return g_variant_builder_end(&builder);
}

static gboolean take_bounces(void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    GVariantIter iter;
    const char *recipient, *status, *reply_code, *reason;
    gboolean permanent;
    guint32 outcome;

    g_variant_iter_init(&iter, value);
    while (g_variant_iter_next(
        &iter, "(&s&s&s&sbu)", &recipient, &status, &reply_code, &reason, &permanent, &outcome)) {
        struct bounce *bounce = bounce_new(recipient, status, reply_code, reason);
        g_ptr_array_add(list, bounce);
        bounce->permanent = permanent;
        bounce->outcome = outcome;
        if (outcome >= OUTCOMES || !g_strv_contains(bounce_reasons, reason))
            return FALSE;
    }
    return list->len <= LIMIT_BOUNCES;
}

static GVariant *put_machine(const void *field)
{
    return g_variant_new_uint32(*(const enum machine *)field);
}

static gboolean take_machine(void *field, GVariant *value)
{
    *(enum machine *)field = g_variant_get_uint32(value);
    return g_variant_get_uint32(value) < MACHINE_KINDS;
}

static GVariant *put_report(const void *field)
{
    return report_to_variant(*(struct report *const *)field);
}

static gboolean take_report(void *field, GVariant *value)
{
    struct report **report = field;

    report_free(*report);
    *report = report_from_variant(value);
    return *report != NULL;
}

static const struct pack_codec mailboxes = {put_mailboxes, take_mailboxes};
static const struct pack_codec attachments = {put_attachments, take_attachments};
static const struct pack_codec auth_results = {put_auth_results, take_auth_results};
static const struct pack_codec bounces = {put_bounces, take_bounces};
static const struct pack_codec found_report = {put_report, take_report};
static const struct pack_codec machine_kind = {put_machine, take_machine};

/* In the order of MESSAGE_TYPE. */
static const struct pack_field fields[] = {
    {&mailboxes, G_STRUCT_OFFSET(struct message, from)},
    {&mailboxes, G_STRUCT_OFFSET(struct message, reply_to)},
    {&mailboxes, G_STRUCT_OFFSET(struct message, to)},
    {&pack_maybe, G_STRUCT_OFFSET(struct message, return_path)},
    {&pack_string, G_STRUCT_OFFSET(struct message, subject)},
    {&pack_string, G_STRUCT_OFFSET(struct message, subject_from)},
    {&pack_maybe, G_STRUCT_OFFSET(struct message, date)},
    {&pack_maybe, G_STRUCT_OFFSET(struct message, message_id)},
    {&pack_strings, G_STRUCT_OFFSET(struct message, references)},
    {&pack_strings, G_STRUCT_OFFSET(struct message, delivered_to)},
    {&pack_string, G_STRUCT_OFFSET(struct message, language)},
    {&pack_string, G_STRUCT_OFFSET(struct message, text)},
    {&pack_string, G_STRUCT_OFFSET(struct message, text_from)},
    {&attachments, G_STRUCT_OFFSET(struct message, attachments)},
    {&pack_strings, G_STRUCT_OFFSET(struct message, problems)},
    {&machine_kind, G_STRUCT_OFFSET(struct message, machine)},
    {&pack_string, G_STRUCT_OFFSET(struct message, machine_why)},
    {&auth_results, G_STRUCT_OFFSET(struct message, auth_results)},
    {&bounces, G_STRUCT_OFFSET(struct message, bounces)},
    {&pack_strings, G_STRUCT_OFFSET(struct message, returned_ids)},
    {&pack_string, G_STRUCT_OFFSET(struct message, feedback_type)},
    {&pack_strings, G_STRUCT_OFFSET(struct message, fields)},
    {&found_report, G_STRUCT_OFFSET(struct message, report)},
};

GVariant *message_to_variant(const struct message *message)
{
    return pack(fields, G_N_ELEMENTS(fields), message);
}

struct message *message_from_variant(GVariant *variant)
{
    g_autoptr(mado_message) message = message_new();

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(MESSAGE_TYPE)) ||
        !unpack(fields, G_N_ELEMENTS(fields), message, variant))
        return NULL;
    return g_steal_pointer(&message);
}

struct message *message_new(void)
{
    struct message *message = g_new0(struct message, 1);

    message->from = g_ptr_array_new_with_free_func(mailbox_free);
    message->reply_to = g_ptr_array_new_with_free_func(mailbox_free);
    message->to = g_ptr_array_new_with_free_func(mailbox_free);
    message->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
    message->auth_results = g_ptr_array_new_with_free_func(auth_result_free);
    message->subject = g_strdup("");
    message->subject_from = g_strdup("outer");
    message->references = g_new0(char *, 1);
    message->delivered_to = g_new0(char *, 1);
    message->language = g_strdup("");
    message->text = g_strdup("");
    message->text_from = g_strdup("none");
    message->problems = g_new0(char *, 1);
    message->machine_why = g_strdup("");
    message->bounces = g_ptr_array_new_with_free_func(bounce_free);
    message->returned_ids = g_new0(char *, 1);
    message->feedback_type = g_strdup("");
    message->fields = g_new0(char *, 1);
    message->report = report_new();
    return message;
}

void message_free(struct message *message)
{
    if (!message)
        return;
    g_ptr_array_unref(message->from);
    g_ptr_array_unref(message->reply_to);
    g_ptr_array_unref(message->to);
    g_ptr_array_unref(message->attachments);
    g_ptr_array_unref(message->auth_results);
    g_free(message->return_path);
    g_free(message->subject);
    g_free(message->subject_from);
    g_free(message->date);
    g_free(message->message_id);
    g_strfreev(message->references);
    g_strfreev(message->delivered_to);
    g_free(message->language);
    g_free(message->text);
    g_free(message->text_from);
    g_strfreev(message->problems);
    g_free(message->machine_why);
    g_ptr_array_unref(message->bounces);
    g_strfreev(message->returned_ids);
    g_free(message->feedback_type);
    g_strfreev(message->fields);
    report_free(message->report);
    g_free(message);
}

gboolean message_keeps_field(const char *name)
{
    static const char *const others[] = {"from", "to", "cc", "subject", "date", "message-id",
        "references", "in-reply-to", "mime-version", "received", "return-path", "delivered-to",
        "dkim-*", "domainkey-*", "arc-*", "authentication-results", "received-spf", "autocrypt",
        "x-google-*", "x-ms-exchange-*", "x-microsoft-antispam*", "content-*", "openpgp"};
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_pattern_match_simple(others[i], lower))
            return FALSE;
    return TRUE;
}
