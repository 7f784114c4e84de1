/* One mail, from bytes to a message. Limits are checked before anything is built; header fields,
 * names and texts are decoded by ourselves; the library only tells which part stands where. */
#include "read.h"
#include "auth-results.h"
#include "below.h"
#include "body.h"
#include "bounce.h"
#include "charset.h"
#include "date.h"
#include "fields.h"
#include "html.h"
#include "language.h"
#include "layer.h"
#include "machine.h"
#include "offer.h"
#include "protect.h"
#include "scan.h"
#include "text.h"
#include <mado/limits.h>
#include <libxml/parser.h>
#include <string.h>

/* A mail of each kind that makes a library load a table of its own. */
static const char warm_mail[] =
    "From: =?ISO-2022-JP?B?GyRCO0M/YRsoQg==?= <a@a.example>\n"
    "Date: Mon, 02 Mar 2026 09:00:00 +0900\nSubject: =?utf-8?Q?a?=\n"
    "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html; charset=utf-8\n\n"
    "<meta charset=shift_jis><p style=\"font-size:0\">a&nbsp;&eacute;<a "
    "href=http://a.example>b</a>\n"
    "--x\nContent-Type: text/plain; format=flowed; name*=utf-8''a%20b\n"
    "Content-Transfer-Encoding: base64\n\nYWJj\n--x\nContent-Type: message/rfc822\n\n"
    "To: a@a.example\n\na\n--x--\n";

/* One document, while it is read. */
struct document {
    struct facts *facts;
    struct message *message; /* of the facts */
    GPtrArray *problems;
    struct entity root;
    gboolean inner;    /* it came out of a layer */
    gboolean wrapped;  /* in a mail of its own */
    gboolean shielded; /* its header is to be believed as its text is */
};

void read_warm(gboolean rare)
{
    const char *charset;

    g_get_charset(&charset);
    g_random_int();
    g_mime_init();
    xmlInitParser();
    htmlDefaultSAXHandlerInit();
    charset_warm(rare);
    message_free(read_message((const guint8 *)warm_mail, sizeof warm_mail - 1));
}

/* -- the header -- */

static void set(char **field, char *value)
{
    g_free(*field);
    *field = value ? value : g_strdup("");
}

/* A line of an mbox before the header, or blank lines, hide the header from those who follow the
 * RFC. */
static gsize skip_envelope(const guint8 *bytes, gsize size)
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

static void drop_long_fields(GArray *fields, GPtrArray *problems)
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
        g_autofree char *text =
            g_strdup_printf("more than one %s field: the first counts", once[i]);
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
static void read_trace(struct message *message, const GArray *fields)
{
    read_auth_results(message, fields);
    message->return_path = read_return_path(fields);
    g_strfreev(message->delivered_to);
    message->delivered_to = read_delivered_to(fields);
}

static void read_header(struct message *message, GPtrArray *problems, const GArray *fields)
{
    g_autofree char *subject = header_raw(fields, "Subject");
    g_autofree char *date = header_raw(fields, "Date");
    g_autofree char *id = header_raw(fields, "Message-ID");
    g_auto(GStrv) ids = id ? header_decode_ids(id) : NULL;

    note_repeated(fields, problems);
    note_recipients(fields, problems);
    read_addresses(message, fields);
    set(&message->subject, subject ? header_decode_text(subject) : NULL);
    message->date = date_to_rfc3339(date);
    if (date && !message->date)
        problem_add(problems, "Date cannot be read");
    message->message_id = ids ? g_strdup(ids[0]) : NULL;
    g_strfreev(message->references);
    message->references = read_references(fields);
}

/* Of what came out of a layer the header counts only where it is protected, and the fields of mail
 * servers never. */
static void read_fields(struct document *document)
{
    struct message *message = document->message;
    const GArray *fields = document->root.fields;

    if (document->inner && !document->shielded)
        return;
    read_header(message, document->problems, fields);
    offer_autocrypt(document->facts->offers, document->problems, fields, message->from);
    if (document->inner)
        set(&message->subject_from, g_strdup("protected"));
    else
        read_trace(message, fields);
}

/* -- the body -- */

/* Of the header only what says how the body is built, each field once, so that no other field,
 * however odd, changes what the library finds. */
static GArray *structural_fields(const GArray *fields)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct header_field));

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        g_autofree char *name = g_strndup(field->name, field->name_length);
        if (field_begins(field, "Content-") && fields_count(found, name) == 0)
            g_array_append_vals(found, field, 1);
    }
    return found;
}

static GByteArray *parser_input(const GArray *fields, const guint8 *body, gsize size, gsize *shift)
{
    GByteArray *input = g_byte_array_sized_new((guint)size + 1024);

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        g_byte_array_append(input, (const guint8 *)field->name, (guint)field->name_length);
        g_byte_array_append(input, (const guint8 *)":", 1);
        g_byte_array_append(input, (const guint8 *)field->value, (guint)field->value_length);
        g_byte_array_append(input, (const guint8 *)"\n", 1);
    }
    g_byte_array_append(input, (const guint8 *)"\n", 1);
    *shift = input->len;
    g_byte_array_append(input, body, (guint)size);
    return input;
}

/* Whether a machine wrote it is told by the mail itself, not by what is in it. */
static void recognise(struct document *document)
{
    if (!document->inner)
        machine_recognise(document->message, document->root.fields);
}

static void read_root(struct document *document, struct source *source, GMimeObject *root)
{
    struct message *message = document->message;

    body_read(message, document->problems, source, root, document->shielded);
    below_read(document->facts, document->problems, source, root);
    recognise(document);
    if (!document->inner)
        bounce_read(message, document->root.fields, source, root);
}

/* How many parts the root has, as the library sees it; -1: it is no multipart. */
static int read_tree(struct document *document, struct source source)
{
    g_autoptr(GArray) fields = structural_fields(document->root.fields);
    GByteArray *input = parser_input(fields, source.body, source.size, &source.shift);
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(input); /* owns it now */
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeObject *root = g_mime_parser_construct_part(parser, NULL);
    int parts = GMIME_IS_MULTIPART(root) ? g_mime_multipart_get_count((GMimeMultipart *)root) : -1;

    if (root) {
        read_root(document, &source, root);
    } else {
        problem_add(document->problems, "the structure cannot be read");
        recognise(document);
    }
    g_clear_object(&root);
    g_object_unref(parser);
    g_object_unref(stream);
    return parts;
}

/* The layer is cut from the bytes as they came, once the library has let go of its copy. */
static void read_layer(struct document *document, int parts)
{
    struct rooted rooted = {&document->root, parts, document->message->text, document->problems};

    layer_find(document->facts->layer, &rooted);
}

static void read_header_alone(struct document *document, const char *too_complex)
{
    problem_add(document->problems, too_complex);
    recognise(document);
}

static void read_body(struct document *document)
{
    g_autoptr(GArray) fields = structural_fields(document->root.fields);
    g_autoptr(GByteArray) mended = NULL;
    struct source body = {.body = document->root.body, .size = document->root.size};
    struct scan scan;

    scan_body(&scan, fields, body.body, body.size);
    if (scan.strays->len > 0 && !scan.too_complex) {
        mended = scan_mend(&scan, body.body, body.size);
        body.body = mended->data;
        body.size = mended->len;
        problem_add(document->problems, "a part's header runs into its text");
        scan_clear(&scan);
        scan_body(&scan, fields, body.body, body.size);
    }
    body.scan = &scan;
    if (scan.too_complex)
        read_header_alone(document, scan.too_complex);
    else
        read_layer(document, read_tree(document, body));
    scan_clear(&scan);
}

static void set_problems(struct message *message, GPtrArray *problems)
{
    g_ptr_array_add(problems, NULL);
    g_strfreev(message->problems);
    message->problems = (char **)g_ptr_array_free(problems, FALSE);
}

static void split(struct document *document, const guint8 *bytes, gsize size)
{
    struct entity *root = &document->root;
    gsize body = 0;

    root->fields = header_split(bytes, size, &body);
    root->body = bytes + body;
    root->size = size - body;
    drop_long_fields(root->fields, document->problems);
    content_read(&root->content, root->fields);
}

static void read_document(struct document *document, const guint8 *bytes, gsize size)
{
    const char *too_complex;

    split(document, bytes, size);
    too_complex = scan_header(bytes, (gsize)(document->root.body - bytes));
    document->shielded = document->inner && !layer_is_type(document->root.content.type) &&
                         (document->wrapped || protect_is_meant(&document->root));
    read_fields(document);
    if (too_complex)
        read_header_alone(document, too_complex);
    else
        read_body(document);
    entity_clear(&document->root);
}

/* A mail in which the document is wrapped; NULL if it is not, and most are not. */
static GByteArray *unwrap(const struct document *document, const guint8 *bytes, gsize size)
{
    GByteArray *wrapped = NULL;
    struct entity root;

    if (!document->inner)
        return NULL;
    entity_read(&root, bytes, size);
    if (protect_is_wrapped(&root))
        wrapped = entity_bytes(&root, root.size);
    entity_clear(&root);
    return wrapped;
}

struct facts *read_facts(const guint8 *bytes, gsize size, gboolean inner)
{
    struct facts *facts = facts_new();
    struct document document = {
        .facts = facts, .message = facts->message, .problems = g_ptr_array_new(), .inner = inner};
    gsize begin = inner ? 0 : skip_envelope(bytes, size);
    g_autoptr(GByteArray) wrapped = unwrap(&document, bytes, size);

    document.wrapped = wrapped != NULL;
    if (wrapped)
        read_document(&document, wrapped->data, wrapped->len);
    else
        read_document(&document, bytes + begin, size - begin);
    set(&facts->message->language,
        g_strdup(language_of(facts->message->subject, facts->message->text)));
    set_problems(facts->message, document.problems);
    return facts;
}

struct message *read_message(const guint8 *bytes, gsize size)
{
    struct facts *facts = read_facts(bytes, size, FALSE);
    struct message *message = g_steal_pointer(&facts->message);

    facts_free(facts);
    return message;
}
