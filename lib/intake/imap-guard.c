#include "imap-guard.h"
#include "text.h"
#include <string.h>

enum { DEEPEST = 2, TEXT_SHOWN = 200, DISARMED = '\x1d' };

static enum imap_verdict refuse(struct imap_guard *guard, const char *what, const char *line)
{
    g_autofree char *text = g_strndup(line, TEXT_SHOWN);

    imap_guard_clear(guard);
    guard->why = g_strdup_printf("%s: %s", what, text);
    return IMAP_REFUSE;
}

void imap_guard_clear(struct imap_guard *guard)
{
    g_clear_pointer(&guard->why, g_free);
}

/* Does `text` begin with this word, and does the word end there? */
static gboolean is_word(const char *text, const char *word)
{
    gsize length = strlen(word);

    return g_ascii_strncasecmp(text, word, length) == 0 && !g_ascii_isalnum(text[length]) &&
           text[length] != '-';
}

static const char *skip_digits(const char *text)
{
    while (g_ascii_isdigit(*text))
        text++;
    return text;
}

/* -- status: RFC 9051, 7.1 -- */

static gboolean has_nothing(GString *line, gsize at)
{
    return line->str[at] == ']';
}

static gboolean has_number(GString *line, gsize at)
{
    const char *number = line->str + at + 1;
    const char *end = line->str[at] == ' ' ? skip_digits(number) : number;

    return end > number && *end == ']';
}

/* An atom, which may have a backslash before it (RFC 9051, 9: flag); or "\*". */
static gboolean is_flag(const char *flag)
{
    const char *atom = flag + (*flag == '\\');

    if (g_str_equal(flag, "\\*"))
        return TRUE;
    for (const char *at = atom; *at; at++)
        if ((guchar)*at <= ' ' || (guchar)*at >= 0x7f || strchr("(){}[]%*\"\\", *at))
            return FALSE;
    return *atom != '\0';
}

/* Of the words from `at` until `end`, which are divided by blanks, the odd ones are left out:
 * libetpan breaks on lists that it cannot read. How many are left? */
static guint keep_words(GString *line, gsize at, gsize end)
{
    g_autofree char *all = g_strndup(line->str + at, end - at);
    g_autofree char *rest = g_strdup(line->str + end);
    g_auto(GStrv) words = g_strsplit(all, " ", -1);
    guint kept = 0;

    g_string_truncate(line, at);
    for (char **word = words; *word; word++)
        if (is_flag(*word))
            g_string_append_printf(line, "%s%s", kept++ ? " " : "", *word);
    g_string_append(line, rest);
    return kept;
}

static gboolean has_flags(GString *line, gsize at)
{
    const char *open = line->str + at, *end = strstr(open, ")]");

    if (!end || !g_str_has_prefix(open, " ("))
        return FALSE;
    keep_words(line, at + strlen(" ("), (gsize)(end - line->str));
    return TRUE;
}

static const struct {
    const char *word;
    gboolean (*check)(GString *line, gsize at); /* `at`: behind the word */
} codes[] = {{"PERMANENTFLAGS", has_flags}, {"READ-ONLY", has_nothing}, {"READ-WRITE", has_nothing},
    {"TRYCREATE", has_nothing}, {"UIDNEXT", has_number}, {"UIDVALIDITY", has_number}};

static gboolean is_good_code(GString *line, gsize at)
{
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (is_word(line->str + at, codes[i].word))
            return codes[i].check(line, at + strlen(codes[i].word));
    return FALSE;
}

/* Any code but these is text for us, and shall be text for the parser; in a greeting they are, too:
 * there it looks for a place that it does not have. A person sees the code as it was written. */
static void disarm_code(struct imap_guard *guard, GString *line, gsize at)
{
    if (line->str[at] == '[' && (!guard->greeted || !is_good_code(line, at + 1)))
        line->str[at] = DISARMED;
    guard->greeted = TRUE;
}

char *imap_guard_shown(const char *said, gsize most)
{
    g_autofree char *part = g_strndup(said, most);

    return text_harmless(g_strdelimit(part, (char[]){DISARMED, '\0'}, '['), NULL);
}

/* `at`: behind OK, NO, BAD or PREAUTH. */
static enum imap_verdict check_status(struct imap_guard *guard, GString *line, gsize at)
{
    gsize code = at + strspn(line->str + at, " ");

    if (code == at || !line->str[code]) { /* RFC 9051 wants a text; some servers have none */
        g_string_truncate(line, at);
        g_string_append(line, " -");
        return IMAP_PASS;
    }
    disarm_code(guard, line, code);
    return IMAP_PASS;
}

/* -- FETCH -- */

/* What stands in quotes is not looked at. */
static const char *skip_quoted(const char *text)
{
    if (*text != '"')
        return text;
    for (text++; *text && *text != '"'; text++)
        text += *text == '\\' && text[1];
    return text;
}

/* Lists in lists; and parts of a mail, of which libetpan forgets to free what it cannot read. */
static gboolean is_too_much(const char *text)
{
    int depth = 0;

    for (; *text; text++) {
        text = skip_quoted(text);
        if (!*text)
            break;
        depth += (*text == '(') - (*text == ')');
        if (depth > DEEPEST ||
            (g_ascii_strncasecmp(text, "BODY[", 5) == 0 && text[strlen("BODY[")] != ']'))
            return TRUE;
    }
    return FALSE;
}

/* The only literal that we ask for is that of BODY[]. Behind it the line goes on. */
static gboolean take_literal(struct imap_guard *guard, const char *line)
{
    static const char section[] = "BODY[] {";
    const char *open = strchr(line, '{');
    gsize before = open ? (gsize)(open - line) + 1 : 0;
    const char *end = open ? skip_digits(open + 1) : "";

    guard->literal = 0;
    guard->in_fetch = open != NULL;
    if (!open)
        return TRUE;
    if (before < sizeof section - 1 || end == open + 1 || end - open > 11 || strcmp(end, "}") ||
        g_ascii_strncasecmp(open - sizeof section + 2, section, sizeof section - 1))
        return FALSE;
    guard->literal = g_ascii_strtoull(open + 1, NULL, 10);
    return guard->literal <= guard->most_literal;
}

static enum imap_verdict check_fetch(struct imap_guard *guard, GString *line, gsize at)
{
    if (is_too_much(line->str + at))
        return refuse(guard, "it says more of a mail than it was asked", line->str);
    if (!take_literal(guard, line->str))
        return refuse(guard, "it announces bytes that cannot be a mail's", line->str);
    return IMAP_PASS;
}

/* -- the others -- */

static enum imap_verdict check_capability(struct imap_guard *guard, GString *line, gsize at)
{
    /* What ends in a literal would go on. */
    if (strchr(line->str, '{'))
        return refuse(guard, "its answer cannot be understood", line->str);
    return line->str[at] && keep_words(line, at + 1, line->len) ? IMAP_PASS : IMAP_SKIP;
}

static enum imap_verdict check_numbers(struct imap_guard *guard, GString *line, gsize at)
{
    /* Blanks and digits, for condstore puts a list behind them; nobody asked for that. */
    gsize numbers = strspn(line->str + at, " 0123456789");

    if (line->str[at + numbers])
        return refuse(guard, "its answer cannot be understood", line->str);
    return IMAP_PASS;
}

static enum imap_verdict check_bye(struct imap_guard *guard, GString *line, gsize at)
{
    if (guard->leaving)
        return check_status(guard, line, at);
    return refuse(guard, "it ends the session", line->str + at + strspn(line->str + at, " "));
}

static const struct {
    const char *word;
    gboolean numbered; /* "* 5 EXISTS" */
    enum imap_verdict (*check)(struct imap_guard *guard, GString *line, gsize at);
} answers[] = {
    {"OK", FALSE, check_status},
    {"NO", FALSE, check_status},
    {"BAD", FALSE, check_status},
    {"PREAUTH", FALSE, check_status},
    {"BYE", FALSE, check_bye},
    {"CAPABILITY", FALSE, check_capability},
    {"SEARCH", FALSE, check_numbers},
    {"EXISTS", TRUE, check_numbers},
    {"RECENT", TRUE, check_numbers},
    {"EXPUNGE", TRUE, check_numbers},
    {"FETCH", TRUE, check_fetch},
};

static enum imap_verdict check_untagged(struct imap_guard *guard, GString *line)
{
    const char *text = line->str + 2;
    const char *behind = skip_digits(text);
    gboolean numbered = behind > text && *behind == ' ';

    if (numbered)
        text = behind + 1;
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        if (answers[i].numbered == numbered && is_word(text, answers[i].word))
            return answers[i].check(
                guard, line, (gsize)(text - line->str) + strlen(answers[i].word));
    /* What follows a literal in it would be taken for lines. */
    if (line->str[line->len - 1] == '}')
        return refuse(guard, "it announces bytes that nobody asked for", line->str);
    return IMAP_SKIP;
}

static enum imap_verdict check_tagged(struct imap_guard *guard, GString *line)
{
    static const char *const ends[] = {"OK", "NO", "BAD"};
    gsize at = 0;

    while (g_ascii_isalnum(line->str[at]))
        at++;
    for (gsize i = 0; at && line->str[at] == ' ' && i < G_N_ELEMENTS(ends); i++)
        if (is_word(line->str + at + 1, ends[i]))
            return check_status(guard, line, at + 1 + strlen(ends[i]));
    return refuse(guard, "this is not IMAP", line->str);
}

enum imap_verdict imap_guard_line(struct imap_guard *guard, GString *line)
{
    imap_guard_clear(guard);
    guard->literal = 0;
    if (guard->in_fetch)
        return check_fetch(guard, line, 0);
    if (g_str_has_prefix(line->str, "* "))
        return check_untagged(guard, line);
    return line->str[0] == '+' ? IMAP_PASS : check_tagged(guard, line);
}
