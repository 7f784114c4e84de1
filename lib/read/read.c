/* One mail, from bytes to a message. Limits are checked before anything is built; header fields,
 * names and texts are decoded by ourselves; the library only tells which part stands where. */
#include "read.h"
#include "below.h"
#include "body.h"
#include "bounce.h"
#include "charset.h"
#include "cut.h"
#include "fields.h"
#include "files.h"
#include "html.h"
#include "language.h"
#include "layer.h"
#include "machine.h"
#include "offer.h"
#include "protect.h"
#include "read-parts.h"
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
    gboolean inner;     /* it came out of a layer */
    gboolean wrapped;   /* in a mail of its own */
    gboolean shielded;  /* its header is to be believed as its text is */
    const char *wanted; /* the SHA-256 of a file of it; NULL: none */
    GBytes *cut;        /* that file */
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
        read_set(&message->subject_from, g_strdup("protected"));
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
    GMimeObject *shown = body_read(message, document->problems, source, root, document->shielded);

    below_read(document->facts, document->problems, source, root);
    files_read(document->facts, source, root, shown);
    if (document->wanted)
        document->cut = cut_part(source, root, document->wanted);
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
    if (document->wanted && !document->cut && document->facts->layer->payload)
        document->cut = cut_whole(document->facts->layer->payload, document->wanted);
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
    read_drop_long_fields(root->fields, document->problems);
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

static void read_whole(struct document *document, const guint8 *bytes, gsize size)
{
    gsize begin = document->inner ? 0 : read_skip_envelope(bytes, size);
    g_autoptr(GByteArray) wrapped = unwrap(document, bytes, size);

    document->wrapped = wrapped != NULL;
    if (wrapped)
        read_document(document, wrapped->data, wrapped->len);
    else
        read_document(document, bytes + begin, size - begin);
}

struct facts *read_facts(const guint8 *bytes, gsize size, gboolean inner)
{
    struct facts *facts = facts_new();
    struct document document = {
        .facts = facts, .message = facts->message, .problems = g_ptr_array_new(), .inner = inner};

    read_whole(&document, bytes, size);
    read_set(&facts->message->language,
        g_strdup(language_of(facts->message->subject, facts->message->text)));
    set_problems(facts->message, document.problems);
    return facts;
}

GBytes *read_cut(const guint8 *bytes, gsize size, gboolean inner, const char *sha256)
{
    g_autoptr(mado_facts) facts = facts_new();
    struct document document = {.facts = facts,
        .message = facts->message,
        .problems = g_ptr_array_new(),
        .inner = inner,
        .wanted = sha256};

    read_whole(&document, bytes, size);
    set_problems(facts->message, document.problems);
    return document.cut;
}

struct message *read_message(const guint8 *bytes, gsize size)
{
    struct facts *facts = read_facts(bytes, size, FALSE);
    struct message *message = g_steal_pointer(&facts->message);

    facts_free(facts);
    return message;
}
