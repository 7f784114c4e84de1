/* What a mail system wrote for people. Each has its own words, but most put the address at the
 * start of a line and what happened behind or below it; the others name it behind a few words. */
#include "bounce-parts.h"
#include <string.h>

enum { SECTION_MAX = 4096, LINES_MAX = 2000, BEFORE_MAX = 40 };

/* -- where it ends -- */

/* What stands in the line above the letter that comes back, in lower case. */
static const char *const separators[] = {"below this line is a copy", "enclosed is a copy of",
    "this is a copy of the message", "this is a copy of your message", "original message follows",
    "- original message -", "unsent message follows", "message headers follow",
    "the header of the original message", "returned message -", "-original m",
    "original message head", "copy of the original message", "copy of the message header",
    "header of the message follows", "en-têtes de message d'origine", "以下は元のメッセージ",
    "元のメール"};

/* A field that stands above all others in a letter that comes back as a whole. */
static const char *const first_fields[] = {
    "received:", "return-path:", "dkim-signature:", "x-originating-ip:", "x-received:"};

static gboolean begins_letter(const char *lower)
{
    for (gsize i = 0; i < G_N_ELEMENTS(first_fields); i++)
        if (g_str_has_prefix(lower, first_fields[i]))
            return TRUE;
    return FALSE;
}

static gboolean announces_letter(const char *lower)
{
    for (gsize i = 0; i < G_N_ELEMENTS(separators); i++)
        if (strstr(lower, separators[i]))
            return TRUE;
    return FALSE;
}

gsize text_end_of_notice(const char *text)
{
    for (const char *line = text; *line;) {
        gsize length = strcspn(line, "\n");
        g_autofree char *bytes = g_strndup(line, MIN(length, 200));
        g_autofree char *lower = g_ascii_strdown(bytes, -1);
        if (line != text && begins_letter(lower))
            return (gsize)(line - text);
        line += length + (line[length] == '\n');
        if (announces_letter(lower))
            return (gsize)(line - text);
    }
    return strlen(text);
}

char *text_unquote(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint quoted = 0, all = 0;

    for (char **line = lines; *line; line++) {
        quoted += **line == '>';
        all += **line != '\0';
    }
    if (quoted * 2 <= all)
        return NULL;
    for (char **line = lines; *line; line++)
        if (**line == '>')
            memmove(*line, *line + 1 + ((*line)[1] == ' '), strlen(*line) - ((*line)[1] == ' '));
    return g_strjoinv("\n", lines);
}

/* -- who it is about -- */

struct scan_text {
    GPtrArray *strong;       /* an address that begins a line */
    GPtrArray *weak;         /* one behind a word that announces it */
    struct mention *current; /* whose section this line is in */
    const GPtrArray *own;
    const char *before; /* the line before, without blanks at its end */
};

/* The line before names somebody else than a recipient. */
static const char *const others[] = {"sent by", "the address", "from", "contact"};
/* What announces a recipient within a line. */
static const char *const announcing[] = {"to", "to:", "recipient",
    "recipient:", "recipients:", "address:", "for", "full:", "size:", "attempts:", "list", "user",
    "mailbox", "宛先:", "宛先："};

static gboolean ends_with_any(const char *text, const char *const *words, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        gsize length = strlen(text), wanted = strlen(words[i]);
        if (length >= wanted && !g_ascii_strcasecmp(text + length - wanted, words[i]) &&
            (length == wanted || !g_ascii_isalnum(text[length - wanted - 1])))
            return TRUE;
    }
    return FALSE;
}

/* "554 5.1.1 " of a transcript; 0 if there is none. */
static gsize length_of_codes(const char *line)
{
    gsize at = strspn(line, "<>");

    at += strspn(line + at, " ");
    if (strspn(line + at, "0123456789") != 3 || !strchr(" -", line[at + 3]))
        return 0;
    at += 3 + strspn(line + at + 3, " -");
    return at + strspn(line + at, "0123456789. ");
}

static gboolean is_own(const GPtrArray *own, const char *address)
{
    for (guint i = 0; i < own->len; i++)
        if (!g_ascii_strcasecmp(own->pdata[i], address))
            return TRUE;
    return FALSE;
}

/* Is it announced by the words before it, or by the codes of a transcript? */
static gboolean is_announced(const char *line, gsize begin)
{
    gsize from = begin > BEFORE_MAX ? begin - BEFORE_MAX : 0;
    g_autofree char *before = g_strndup(line + from, begin - from);
    gsize length = strlen(before);

    while (length > 0 && strchr(" \t<\"[(", before[length - 1]))
        before[--length] = '\0';
    return ends_with_any(before, announcing, G_N_ELEMENTS(announcing)) ||
           (length_of_codes(line) > 0 && begin <= length_of_codes(line) + 1);
}

static gboolean begins_line(const char *line, gsize begin)
{
    gsize at = strspn(line, " \t*>-");

    return begin == at || (begin == at + 1 && strchr("<\"[", line[at]));
}

static void append(struct mention *mention, const char *line)
{
    gsize length = mention->said->len;

    if (length > 0 && length < SECTION_MAX)
        g_string_append_c(mention->said, '\n');
    if (length < SECTION_MAX)
        g_string_append_len(
            mention->said, line, (gssize)MIN(strlen(line), (gsize)SECTION_MAX - length));
}

static void read_line(struct scan_text *scan, const char *line)
{
    struct place place;
    g_autofree char *address = NULL;
    struct mention *mention = NULL;

    if (address_find(line, strlen(line), 0, &place))
        address = g_strndup(line + place.begin, place.end - place.begin);
    if (address && begins_line(line, place.begin) &&
        !ends_with_any(scan->before, others, G_N_ELEMENTS(others)))
        scan->current = mention = mention_of(scan->strong, address);
    else if (address)
        mention = mention_find(scan->strong, address);
    if (mention || (mention = scan->current))
        append(mention, line);
    if (address && !is_own(scan->own, address) && is_announced(line, place.begin) &&
        (mention = mention_of(scan->weak, address)))
        append(mention, line);
}

GPtrArray *text_mentions(const char *notice, const GPtrArray *own)
{
    struct scan_text scan = {mentions_new(), mentions_new(), NULL, own, ""};
    g_auto(GStrv) lines = g_strsplit(notice, "\n", LINES_MAX);

    for (char **line = lines; *line; line++) {
        read_line(&scan, g_strchomp(*line));
        if (**line)
            scan.before = *line;
    }
    if (scan.strong->len > 0) {
        g_ptr_array_unref(scan.weak);
        return scan.strong;
    }
    g_ptr_array_unref(scan.strong);
    return scan.weak;
}
