#include "inline.h"
#include <string.h>

#define BEGIN_SIGNED "-----BEGIN PGP SIGNED MESSAGE-----"
#define BEGIN_SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define END_SIGNATURE "-----END PGP SIGNATURE-----"
#define BEGIN_MESSAGE "-----BEGIN PGP MESSAGE-----"
#define END_MESSAGE "-----END PGP MESSAGE-----"
#define BEGIN_PIECE "-----BEGIN PGP MESSAGE, PART " /* RFC 4880 6.2; of several mails */

/* A line without its end, and without the blanks that mail systems add. */
struct line {
    const char *text;
    gsize length;
};

/* Where the scanner is in the text. */
enum state {
    BEFORE,         /* blank lines only so far */
    SIGNED_HEADERS, /* of the armour: RFC 4880 7 */
    SIGNED_TEXT,
    SIGNATURE_HEADERS,
    SIGNATURE,
    MESSAGE_HEADERS,
    MESSAGE,
    BEHIND, /* blank lines only may follow */
    OTHER,  /* not the one whole block */
    STATES
};

struct scanning {
    struct inline_block *out;
    enum state state;
    enum inline_kind kind;
    gsize at, next; /* of the line at hand, in the text */
};

static gboolean is(const struct line *line, const char *text)
{
    return line->length == strlen(text) && !memcmp(line->text, text, line->length);
}

static gboolean begins(const struct line *line, const char *text)
{
    return line->length >= strlen(text) && !memcmp(line->text, text, strlen(text));
}

static enum state open_block(struct scanning *scanning, enum inline_kind kind, enum state state)
{
    scanning->kind = kind;
    scanning->out->begin = scanning->at;
    return state;
}

static enum state before(struct scanning *scanning, const struct line *line)
{
    if (line->length == 0)
        return BEFORE;
    if (is(line, BEGIN_SIGNED))
        return open_block(scanning, INLINE_SIGNED, SIGNED_HEADERS);
    if (is(line, BEGIN_MESSAGE))
        return open_block(scanning, INLINE_ENCRYPTED, MESSAGE_HEADERS);
    return OTHER;
}

static gboolean is_made_of(const struct line *line, const char *signs)
{
    for (gsize i = 0; i < line->length; i++)
        if (!g_ascii_isalnum(line->text[i]) && (!line->text[i] || !strchr(signs, line->text[i])))
            return FALSE;
    return TRUE;
}

/* RFC 4880 7: only Hash headers, for others would pass for signed text in some programs. */
static enum state signed_headers(struct scanning *scanning, const struct line *line)
{
    if (line->length == 0)
        return SIGNED_TEXT;
    return begins(line, "Hash: ") && is_made_of(line, ": ,-") ? SIGNED_HEADERS : OTHER;
}

/* RFC 4880 7.1: lines of the text that begin with a dash are escaped. */
static enum state signed_text(struct scanning *scanning, const struct line *line)
{
    if (is(line, BEGIN_SIGNATURE))
        return SIGNATURE_HEADERS;
    return begins(line, "-----") ? OTHER : SIGNED_TEXT;
}

static gboolean is_armour_header(const struct line *line)
{
    gsize name = 0;

    while (name < line->length && (g_ascii_isalnum(line->text[name]) || line->text[name] == '-'))
        name++;
    return name > 0 && name < line->length && line->text[name] == ':' && line->text[0] != '-' &&
           !memchr(line->text, 0, line->length);
}

/* Not that of a signature: it is not signed. */
static void note_charset(struct scanning *scanning, const struct line *line)
{
    if (scanning->kind == INLINE_SIGNED || scanning->out->charset || line->length < 9 ||
        g_ascii_strncasecmp(line->text, "Charset:", 8) != 0)
        return;
    scanning->out->charset = g_strstrip(g_strndup(line->text + 8, line->length - 8));
}

static enum state armour_headers(
    struct scanning *scanning, const struct line *line, enum state here, enum state then)
{
    if (line->length == 0)
        return then;
    note_charset(scanning, line);
    return is_armour_header(line) ? here : OTHER;
}

static enum state signature_headers(struct scanning *scanning, const struct line *line)
{
    return armour_headers(scanning, line, SIGNATURE_HEADERS, SIGNATURE);
}

static enum state message_headers(struct scanning *scanning, const struct line *line)
{
    return armour_headers(scanning, line, MESSAGE_HEADERS, MESSAGE);
}

static enum state data(
    struct scanning *scanning, const struct line *line, enum state here, const char *end)
{
    if (is(line, end)) {
        scanning->out->end = scanning->next;
        return BEHIND;
    }
    return is_made_of(line, "+/=") ? here : OTHER;
}

static enum state signature(struct scanning *scanning, const struct line *line)
{
    return data(scanning, line, SIGNATURE, END_SIGNATURE);
}

static enum state message(struct scanning *scanning, const struct line *line)
{
    return data(scanning, line, MESSAGE, END_MESSAGE);
}

static enum state behind(struct scanning *scanning, const struct line *line)
{
    return line->length == 0 ? BEHIND : OTHER;
}

static enum state other(struct scanning *scanning, const struct line *line)
{
    return OTHER;
}

static enum state (*const states[STATES])(struct scanning *, const struct line *) = {
    [BEFORE] = before,
    [SIGNED_HEADERS] = signed_headers,
    [SIGNED_TEXT] = signed_text,
    [SIGNATURE_HEADERS] = signature_headers,
    [SIGNATURE] = signature,
    [MESSAGE_HEADERS] = message_headers,
    [MESSAGE] = message,
    [BEHIND] = behind,
    [OTHER] = other,
};

static void note_block(struct inline_block *block, const struct line *line)
{
    if (is(line, BEGIN_SIGNED))
        block->has_signed = TRUE;
    if (is(line, BEGIN_MESSAGE) || begins(line, BEGIN_PIECE))
        block->has_encrypted = TRUE;
}

static struct line line_of(const guint8 *bytes, gsize length)
{
    while (length > 0 && strchr(" \t\r", bytes[length - 1]) && bytes[length - 1])
        length--;
    return (struct line){(const char *)bytes, length};
}

void inline_scan(struct inline_block *block, const guint8 *bytes, gsize size)
{
    struct scanning scanning = {.out = block};
    gsize mark = size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;

    *block = (struct inline_block){0};
    for (scanning.at = mark; scanning.at < size; scanning.at = scanning.next) {
        const guint8 *begin = bytes + scanning.at, *end = memchr(begin, '\n', size - scanning.at);
        struct line line = line_of(begin, end ? (gsize)(end - begin) : size - scanning.at);
        scanning.next = end ? (gsize)(end - bytes) + 1 : size;
        note_block(block, &line);
        scanning.state = states[scanning.state](&scanning, &line);
    }
    if (scanning.state == BEHIND)
        block->kind = scanning.kind;
}

void inline_clear(struct inline_block *block)
{
    g_clear_pointer(&block->charset, g_free);
}
