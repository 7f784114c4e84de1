#include "header.h"
#include "charset.h"
#include "header-parts.h"
#include <mado/limits.h>
#include <string.h>

/* The lines of a header block. A lone CR ends one only where there is no LF at all, for otherwise a
 * sender could hide fields from everybody but us. */
struct lines {
    const char *at, *end;
    char ending;
};

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next line without its ending; FALSE at the end. */
static gboolean next_line(struct lines *lines, const char **start, gsize *length)
{
    const char *stop;

    if (lines->at == lines->end)
        return FALSE;
    *start = lines->at;
    stop = memchr(lines->at, lines->ending, (gsize)(lines->end - lines->at));
    lines->at = stop ? stop + 1 : lines->end;
    if (!stop)
        stop = lines->end;
    *length = (gsize)(stop - *start);
    if (*length > 0 && lines->ending == '\n' && stop[-1] == '\r')
        --*length;
    return TRUE;
}

/* RFC 5322, 3.6.8 and 4.5: printable ASCII, then blanks perhaps, then the colon. */
static gboolean parse_field(const char *line, gsize length, struct header_field *field)
{
    gsize colon, name = 0;

    while (name < length && line[name] > ' ' && line[name] < 0x7f && line[name] != ':')
        name++;
    for (colon = name; colon < length && is_blank(line[colon]); colon++)
        ;
    if (name == 0 || colon == length || line[colon] != ':')
        return FALSE;
    *field = (struct header_field){
        line, name, line + colon + 1, MIN(length - colon - 1, LIMIT_HEADER_FIELD_BYTES)};
    return TRUE;
}

static gboolean is_envelope_line(const char *line, gsize length)
{
    return (length >= 5 && memcmp(line, "From ", 5) == 0) ||
           (length >= 6 && memcmp(line, ">From ", 6) == 0);
}

static void extend(GArray *fields, const char *line_end)
{
    struct header_field *last = &g_array_index(fields, struct header_field, fields->len - 1);

    last->value_length = MIN((gsize)(line_end - last->value), LIMIT_HEADER_FIELD_BYTES);
}

/* What header_split() has found so far. */
struct block {
    GArray *fields;
    const char *start;
    const char *junk; /* the first line that is no field since the last that was one, or NULL */
    gboolean any;     /* there was a field */
    gboolean kept;    /* the last field is within the limits */
};

/* FALSE: not even the start of a header block. What lies beyond a limit is passed over. */
static gboolean take_line(struct block *block, const char *line, gsize length)
{
    struct header_field field;

    if (block->any && !block->junk && is_blank(*line)) {
        if (block->kept)
            extend(block->fields, line + length);
    } else if (parse_field(line, length, &field)) {
        block->any = TRUE;
        block->junk = NULL;
        block->kept =
            block->fields->len < LIMIT_HEADER_FIELDS && line - block->start < LIMIT_HEADER_BYTES;
        if (block->kept)
            g_array_append_val(block->fields, field);
    } else if (!block->junk && (line != block->start || !is_envelope_line(line, length))) {
        block->junk = line;
    }
    return block->any || !block->junk;
}

/* A line that is no field is passed over when others follow, as GMime does; without any, it is the
 * first line of a body that nothing separates from the header. */
GArray *header_split(const guint8 *bytes, gsize size, gsize *body)
{
    const char *start = (const char *)bytes, *line = start;
    struct block block = {g_array_new(FALSE, FALSE, sizeof(struct header_field)), start};
    struct lines lines = {start, start + size, '\n'};
    gsize length;

    if (size > 0 && !memchr(start, '\n', MIN(size, LIMIT_HEADER_BYTES)))
        lines.ending = '\r';
    while (next_line(&lines, &line, &length) && length > 0)
        if (!take_line(&block, line, length))
            break;
    *body = (gsize)((block.junk ? block.junk : lines.at) - start);
    return block.fields;
}

/* RFC 5322, 2.2.3: the line ends go, the blanks behind them stay. */
static char *unfold(const struct header_field *field)
{
    GString *out = g_string_sized_new(field->value_length + 1);

    for (gsize i = 0; i < field->value_length; i++) {
        char c = field->value[i];
        char next = i + 1 < field->value_length ? field->value[i + 1] : ' ';
        if (c != '\r' && c != '\n' && c != '\0')
            g_string_append_c(out, c);
        else if (c == '\0' || !(is_blank(next) || next == '\n'))
            g_string_append_c(out, ' ');
    }
    return g_strstrip(g_string_free(out, FALSE));
}

char *header_raw(const GArray *fields, const char *name)
{
    gsize length = strlen(name);

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        if (field->name_length == length && g_ascii_strncasecmp(field->name, name, length) == 0)
            return unfold(field);
    }
    return NULL;
}

char *header_to_utf8(const char *raw)
{
    if (g_utf8_validate(raw, -1, NULL) && !strchr(raw, '\033'))
        return g_strdup(raw);
    return charset_to_utf8(NULL, (const guint8 *)raw, strlen(raw), NULL, NULL);
}

/* Unicode's Default_Ignorable_Code_Point and the interlinear marks, but for variation selectors. */
static gboolean is_unseen(gunichar c)
{
    static const struct {
        gunichar first, last;
    } ranges[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
        {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff}};

    for (gsize i = 0; i < G_N_ELEMENTS(ranges) && c >= ranges[i].first; i++)
        if (c <= ranges[i].last)
            return TRUE;
    return FALSE;
}

static gboolean moves_cursor(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

gboolean header_is_harmless(const char *text)
{
    for (; *text; text = g_utf8_next_char(text))
        if (moves_cursor(g_utf8_get_char(text)) || is_unseen(g_utf8_get_char(text)))
            return FALSE;
    return TRUE;
}

char *header_harmless(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 1);

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (moves_cursor(c))
            g_string_append_c(out, ' ');
        else if (!is_unseen(c))
            g_string_append_unichar(out, c);
    }
    return g_strstrip(g_string_free(out, FALSE));
}

char *header_decode_text(const char *raw)
{
    g_autofree char *text = header_to_utf8(raw);
    g_autofree char *decoded = header_decode_words(text);

    return header_harmless(decoded);
}

/* One id from behind its "<"; `*at` is moved behind it. Blanks within come from folding. */
static char *take_id(const char **at)
{
    GString *id = g_string_new(NULL);

    for (; **at && **at != '>' && **at != '<'; ++*at)
        if (!g_ascii_isspace(**at))
            g_string_append_c(id, **at);
    return g_string_free(id, FALSE);
}

static void add_id(GPtrArray *ids, char *id)
{
    if (*id && header_is_harmless(id) && ids->len < LIMIT_REFERENCES)
        g_ptr_array_add(ids, id);
    else
        g_free(id);
}

/* Ids without their brackets are taken only where there is no bracket at all: old programs write
 * sentences into In-Reply-To. */
char **header_decode_ids(const char *raw)
{
    g_autofree char *text = header_to_utf8(raw);
    GPtrArray *ids = g_ptr_array_new();

    if (strchr(text, '<')) {
        for (const char *at = strchr(text, '<'); at; at = strchr(at, '<')) {
            at++;
            add_id(ids, take_id(&at));
        }
    } else {
        g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n,;", -1);
        for (guint i = 0; words[i]; i++)
            if (strchr(words[i], '@'))
                add_id(ids, g_strdup(words[i]));
    }
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}
