#include "body.h"
#include "charset.h"
#include "flowed.h"
#include "html.h"
#include "protect.h"
#include <mado/limits.h>
#include <string.h>

/* Bytes of one part that are decoded: markup and wide charsets take more room than their text. */
#define MAX_PART_BYTES (4 * LIMIT_TEXT_BYTES)
#define PEEK_BYTES (16 * 1024)

struct reading {
    const struct source *source;
    GMimeObject *root;
    struct message *message;
    GPtrArray *problems;
    GString *text;
    gboolean plain, html; /* what the text came from so far */
    gboolean shielded;    /* copies of the header fields are left out of the text */
    GMimeObject *spare;   /* an attachment that serves as the text where there is no other */
    guint spare_at;       /* its place among the attachments */
};

void problem_add(GPtrArray *problems, const char *text)
{
    if (problems->len < LIMIT_PROBLEMS &&
        !g_ptr_array_find_with_equal_func(problems, text, g_str_equal, NULL))
        g_ptr_array_add(problems, g_strdup(text));
}

/* -- the text of one leaf -- */

static gboolean is_blank(const char *text)
{
    for (; *text; text = g_utf8_next_char(text))
        if (!g_unichar_isspace(g_utf8_get_char(text)))
            return FALSE;
    return TRUE;
}

/* The next byte that may not stay as it is, or the end. */
static const char *next_control(const char *at)
{
    while ((guint8)*at >= ' ' ? *at != 0x7f && (guint8)*at != 0xc2 : *at == '\n' || *at == '\t')
        at++;
    return at;
}

/* Any decoded text as the message carries it: LF, no control characters but tabs. */
static char *clean_text(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    const char *at = text + (g_str_has_prefix(text, "\xEF\xBB\xBF") ? 3 : 0), *control;

    for (; *(control = next_control(at)); at = control + 1) {
        g_string_append_len(out, at, control - at);
        if (*control == '\r') {
            g_string_append_c(out, '\n');
            control += control[1] == '\n';
        } else if ((guint8)*control == 0xc2 && (guint8)control[1] >= 0xa0) {
            g_string_append_c(out, *control); /* U+00A0 and up are no controls */
        } else {
            control += (guint8)*control == 0xc2;
            g_string_append_printf(out, "\\x%02X", (guint8)*control);
        }
    }
    return g_string_free(g_string_append_len(out, at, control - at), FALSE);
}

static char *render_html(struct reading *reading, const char *text)
{
    gboolean hidden, cut;
    char *rendered = html_to_text(text, strlen(text), LIMIT_TEXT_BYTES + 1, &hidden, &cut);

    if (hidden)
        problem_add(reading->problems, "hidden text in HTML");
    if (cut)
        problem_add(reading->problems, "HTML too long or too deep: cut");
    return rendered;
}

static char *unfold(GMimeObject *part, const char *text)
{
    g_autofree char *format = part_parameter(part, "Content-Type", "format");
    g_autofree char *delsp = part_parameter(part, "Content-Type", "delsp");

    if (!format || g_ascii_strcasecmp(format, "flowed"))
        return g_strdup(text);
    return flowed_unfold(text, delsp && !g_ascii_strcasecmp(delsp, "yes"));
}

static char *decode(struct reading *reading, GMimeObject *part)
{
    g_autoptr(GByteArray) bytes = part_bytes(reading->source, part, MAX_PART_BYTES);
    g_autofree char *label = part_parameter(part, "Content-Type", "charset");
    const char *used = NULL, *problem = NULL;
    char *text = charset_to_utf8(label, bytes->data, bytes->len, &used, &problem);

    if (problem)
        problem_add(reading->problems, problem);
    if (bytes->len >= MAX_PART_BYTES)
        problem_add(reading->problems, "text part > 16 MB: cut");
    return text;
}

static gboolean has_setting(GMimeObject *part, const char *name, const char *value)
{
    g_autofree char *found = part_parameter(part, "Content-Type", name);

    return found && !g_ascii_strcasecmp(found, value);
}

/* RFC 9788: the sender's program says in which texts it has put copies of header fields. */
static const char *without_display(
    struct reading *reading, GMimeObject *part, gboolean html, char *text)
{
    if (!reading->shielded || !has_setting(part, "hp-legacy-display", "1"))
        return text;
    if (html)
        protect_cut_display(text);
    return html ? text : protect_skip_display(text);
}

static char *text_of(struct reading *reading, GMimeObject *part, gboolean html)
{
    g_autofree char *decoded = decode(reading, part);
    g_autofree char *clean = clean_text(decoded);
    const char *text = without_display(reading, part, html, clean);

    return html ? render_html(reading, text) : unfold(part, text);
}

/* Cuts at a whole character. */
static void limit_text(struct reading *reading)
{
    GString *text = reading->text;

    if (text->len <= LIMIT_TEXT_BYTES)
        return;
    g_string_truncate(text,
        (gsize)(g_utf8_find_prev_char(text->str, text->str + LIMIT_TEXT_BYTES + 1) - text->str));
    problem_add(reading->problems, "text > 4 MB: cut");
}

static void append_text(struct reading *reading, const char *text)
{
    GString *out = reading->text;

    while (out->len > 0 && out->str[out->len - 1] == '\n')
        g_string_truncate(out, out->len - 1);
    if (out->len > 0)
        g_string_append(out, "\n\n");
    g_string_append(out, text);
    limit_text(reading);
}

/* FALSE if there is nothing to be read in it. */
static gboolean show_text(struct reading *reading, GMimeObject *part, gboolean html)
{
    g_autofree char *text = NULL;

    if (reading->text->len >= LIMIT_TEXT_BYTES)
        return FALSE;
    text = text_of(reading, part, html);
    if (is_blank(text))
        return FALSE;
    append_text(reading, text);
    if (html)
        reading->html = TRUE;
    else
        reading->plain = TRUE;
    return TRUE;
}

/* -- the tree -- */

static void list(struct reading *reading, GMimeObject *part)
{
    GPtrArray *attachments = reading->message->attachments;
    struct attachment *attachment;

    if (attachments->len >= LIMIT_PARTS)
        return;
    attachment = part_describe(reading->source, part);
    g_ptr_array_add(attachments, attachment);
    if (!reading->spare && g_str_has_prefix(attachment->type, "text/") && !part_is_attached(part)) {
        reading->spare = part;
        reading->spare_at = attachments->len - 1;
    }
}

static gboolean is_shown_type(const char *type)
{
    return !strcmp(type, "text/plain") || !strcmp(type, "text/html");
}

static void show_leaf(struct reading *reading, GMimeObject *part)
{
    g_autofree char *type = part_type(part);
    g_autofree char *name = part_name(part);
    gboolean html = !strcmp(type, "text/html");

    if (!is_shown_type(type) || *name || part_is_attached(part))
        list(reading, part);
    else if (!show_text(reading, part, html) && html)
        list(reading, part);
}

static void show(struct reading *reading, GMimeObject *part);

static GMimeObject *child(GMimeObject *part, int index)
{
    return g_mime_multipart_get_part((GMimeMultipart *)part, index);
}

static int children(GMimeObject *part)
{
    return GMIME_IS_MULTIPART(part) ? g_mime_multipart_get_count((GMimeMultipart *)part) : 0;
}

/* Without a boundary, or never reaching it, the parser finds no part; the text is there all the
 * same. */
static void show_prologue(struct reading *reading, GMimeObject *part)
{
    const char *prologue = g_mime_multipart_get_prologue((GMimeMultipart *)part);
    const char *used, *problem = NULL;
    g_autofree char *text = NULL, *clean = NULL;

    problem_add(reading->problems, "multipart without parts");
    if (!prologue)
        return;
    text = charset_to_utf8(NULL, (const guint8 *)prologue, strlen(prologue), &used, &problem);
    clean = clean_text(text);
    if (is_blank(clean))
        return;
    append_text(reading, clean);
    reading->plain = TRUE;
}

static void show_all(struct reading *reading, GMimeObject *part)
{
    for (int i = 0; i < children(part); i++)
        show(reading, child(part, i));
}

static void list_all(struct reading *reading, GMimeObject *part)
{
    if (!GMIME_IS_MULTIPART(part))
        list(reading, part);
    for (int i = 0; i < children(part); i++)
        list_all(reading, child(part, i));
}

/* RFC 1847: one part is signed, and what follows it is not what was signed. */
static void show_signed(struct reading *reading, GMimeObject *part)
{
    show(reading, child(part, 0));
    for (int i = 1; i < children(part); i++)
        list_all(reading, child(part, i));
}

/* Would showing `part` show text of that type? */
static gboolean gives(struct reading *reading, GMimeObject *part, const char *wanted)
{
    g_autofree char *type = NULL;
    g_autoptr(GByteArray) peek = NULL;

    for (int i = 0; i < children(part); i++)
        if (gives(reading, child(part, i), wanted))
            return TRUE;
    if (GMIME_IS_MULTIPART(part))
        return FALSE;
    type = part_type(part);
    if (strcmp(type, wanted) != 0 || part_is_attached(part))
        return FALSE;
    peek = part_bytes(reading->source, part, PEEK_BYTES);
    for (guint i = 0; i < peek->len; i++)
        if (!g_ascii_isspace(peek->data[i]))
            return TRUE;
    return peek->len == PEEK_BYTES;
}

/* Another form of the text that is shown is neither shown nor attached; what comes with it is
 * attached. */
static void pass_over(struct reading *reading, GMimeObject *part)
{
    static const char *const forms[] = {"text/plain", "text/html", "text/enriched", "text/richtext",
        "text/x-amp-html", "text/watch-html", NULL};
    g_autofree char *type = NULL;

    for (int i = 0; i < children(part); i++)
        pass_over(reading, child(part, i));
    if (GMIME_IS_MULTIPART(part))
        return;
    type = part_type(part);
    if (part_is_attached(part) || !g_strv_contains(forms, type))
        list(reading, part);
}

/* RFC 2046 5.1.4 says the last is the best; but plain text cannot lie by its looks. */
static int best_of(struct reading *reading, GMimeObject *part)
{
    for (int i = 0; i < children(part); i++)
        if (gives(reading, child(part, i), "text/plain"))
            return i;
    for (int i = children(part) - 1; i >= 0; i--)
        if (gives(reading, child(part, i), "text/html"))
            return i;
    return -1;
}

static void show_alternative(struct reading *reading, GMimeObject *part)
{
    int best = best_of(reading, part);

    for (int i = 0; i < children(part); i++)
        if (i == best || best < 0)
            show(reading, child(part, i));
        else
            pass_over(reading, child(part, i));
}

/* The older way: a part of its own, before the text, which says so itself. */
static gboolean is_display(struct reading *reading, GMimeObject *part)
{
    g_autofree char *type = part_type(part);
    g_autofree char *text = NULL;

    if ((strcmp(type, "text/plain") != 0 && strcmp(type, "text/rfc822-headers") != 0) ||
        !has_setting(part, "protected-headers", "v1"))
        return FALSE;
    text = decode(reading, part);
    return protect_is_display(text);
}

static void show_mixed(struct reading *reading, GMimeObject *part)
{
    int first = reading->shielded && part == reading->root && children(part) > 1 &&
                has_setting(part, "protected-headers", "v1") && is_display(reading, child(part, 0));

    for (int i = first; i < children(part); i++)
        show(reading, child(part, i));
}

/* Any other multipart is shown as a sequence (RFC 2046 5.1.7). */
static const struct {
    const char *type;
    void (*show)(struct reading *reading, GMimeObject *part);
} multiparts[] = {
    {"multipart/alternative", show_alternative},
    {"multipart/mixed", show_mixed},
    {"multipart/signed", show_signed},
};

static void show(struct reading *reading, GMimeObject *part)
{
    g_autofree char *type = NULL;

    if (!GMIME_IS_MULTIPART(part)) {
        show_leaf(reading, part);
        return;
    }
    if (children(part) == 0) {
        show_prologue(reading, part);
        return;
    }
    type = part_type(part);
    for (gsize i = 0; i < G_N_ELEMENTS(multiparts); i++)
        if (!strcmp(type, multiparts[i].type)) {
            multiparts[i].show(reading, part);
            return;
        }
    show_all(reading, part);
}

/* A mail that is one text is shown, whatever it is called: itself then, or NULL. */
static GMimeObject *show_root(struct reading *reading, GMimeObject *root)
{
    g_autofree char *type = part_type(root);
    gboolean text = g_str_has_prefix(type, "text/") && !GMIME_IS_MULTIPART(root);

    if (!text)
        show(reading, root);
    else if (show_text(reading, root, !strcmp(type, "text/html")))
        return root;
    else if (!strcmp(type, "text/html"))
        list(reading, root);
    return NULL;
}

/* The attachment, or NULL if nothing can be read in it. */
static GMimeObject *show_spare(struct reading *reading)
{
    g_autofree char *type = part_type(reading->spare);

    if (!show_text(reading, reading->spare, !strcmp(type, "text/html")))
        return NULL;
    g_ptr_array_remove_index(reading->message->attachments, reading->spare_at);
    return reading->spare;
}

GMimeObject *body_read(struct message *message, GPtrArray *problems, const struct source *source,
    GMimeObject *root, gboolean shielded)
{
    struct reading reading = {.source = source,
        .root = root,
        .message = message,
        .problems = problems,
        .text = g_string_new(NULL),
        .shielded = shielded};
    GMimeObject *shown = show_root(&reading, root);

    if (reading.text->len == 0 && reading.spare)
        shown = show_spare(&reading);
    g_free(message->text);
    message->text = g_string_free(reading.text, FALSE);
    g_free(message->text_from);
    message->text_from = g_strdup(reading.plain ? "plain" : reading.html ? "html" : "none");
    return shown;
}
