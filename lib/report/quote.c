#include "quote.h"
#include <string.h>

enum { LONGEST_LEAD = 300, LEAST_RULE = 3, LINES_OF_A_HEADER = 3 };

static gsize line_length(const struct folded *folded, gsize at)
{
    const char *end = memchr(folded->bytes + at, '\n', MIN(folded->length - at, LONGEST_LEAD));

    return end ? (gsize)(end - folded->bytes) - at : MIN(folded->length - at, LONGEST_LEAD);
}

static gsize next_line(const struct folded *folded, gsize at)
{
    gsize end = at + line_length(folded, at);

    return folded->bytes[end] == '\n' ? end + 1 : end;
}

/* The start of a line as it is written: Japanese words are found there. */
static char *written_line(struct folded *folded, gsize at)
{
    gsize length = line_length(folded, at);
    const char *begin = folded_at(folded, at);

    return g_strndup(begin, (gsize)(folded_at(folded, at + length) - begin));
}

static gboolean begins(struct folded *folded, gsize at, const char *words)
{
    return g_str_has_prefix(folded_at(folded, at), words);
}

/* "-----Original Message-----" */
static gboolean is_rule(struct folded *folded, gsize at)
{
    g_autofree char *line = NULL;
    gsize begin = folded_skip_blanks(folded, at);
    gsize dashes = strspn(folded->bytes + begin, "-");

    if (dashes < LEAST_RULE)
        return FALSE;
    if (folded_stands(folded, folded_skip_blanks(folded, begin + dashes), "ORIGINAL MESSAGE"))
        return TRUE;
    line = written_line(folded, at);
    return strstr(line, "元のメッセージ") || strstr(line, "オリジナルメッセージ");
}

/* "From: ..." and, a line or three on, "Sent: ...": how Outlook begins the mail that it answers. */
static gboolean is_header(struct folded *folded, gsize at)
{
    gboolean english = folded_stands(folded, at, "FROM:");

    if (!english && !begins(folded, at, "差出人"))
        return FALSE;
    for (int i = 0; i < LINES_OF_A_HEADER; i++) {
        at = next_line(folded, at);
        if (begins(folded, at, english ? "Sent:" : "送信日時"))
            return TRUE;
    }
    return FALSE;
}

static gboolean has_date_or_address(const char *line)
{
    return strpbrk(line, "0123456789@") != NULL;
}

/* "On Mon, 2 Nov 2026 at 10:00, A <a@a.example> wrote:", in front of lines without '>'. */
static gboolean is_lead(struct folded *folded, gsize at)
{
    static const char *const ends[] = {
        "wrote:", "writes:", "書きました:", "書きました：", "のメール:", "のメール："};
    g_autofree char *line = NULL;
    gsize length = line_length(folded, at), next;

    if (length >= LONGEST_LEAD || !memchr(folded->bytes + at, ':', length))
        return FALSE;
    line = g_strchomp(written_line(folded, at));
    next = next_line(folded, at);
    next += strspn(folded->bytes + next, " \n");
    if (!has_date_or_address(line) || folded->bytes[next] == '>')
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(line, ends[i]))
            return TRUE;
    return FALSE;
}

/* A lead-in says of what follows it, and is itself none. */
void quote_begin_line(struct quoting *quoting, struct folded *folded, gsize at)
{
    if (!quoting->looks)
        return;
    quoting->line = quoting->behind || folded->bytes[folded_skip_blanks(folded, at)] == '>';
    quoting->behind = quoting->behind || is_rule(folded, at) || is_header(folded, at) ||
                      (!quoting->line && is_lead(folded, at));
}
