/*
 * Secrets that stand in a configuration by mistake: a complaint, which goes into logs, does not
 * show them. By their looks alone, for the syntax may be broken: it hides too much rather than too
 * little.
 */
#include "conf-scan.h"
#include "conf-table.h"
#include <string.h>

static gboolean is_ours(const char *name)
{
    for (const struct conf_row *row = conf_source_rows; row->name; row++)
        if (g_str_equal(row->name, name))
            return TRUE;
    return FALSE;
}

gboolean conf_names_secret(const char *name)
{
    static const char *const signs[] = {"pass", "token", "secret"};
    static const char *const words[] = {"password", "token", "secret", NULL};
    g_autofree char *low = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strstr(low, signs[i]))
            return !is_ours(name);
    return conf_guess(name, words) != NULL;
}

struct line {
    const char *at;
    int place; /* of `at`, in characters from 1 */
    GString *out;
    int *column, wanted;
};

static void track(struct line *line)
{
    if (!line->column || line->place != line->wanted)
        return;
    *line->column = (int)g_utf8_strlen(line->out->str, -1) + 1;
    line->wanted = 0;
}

/* The next character, shown or not. */
static void pass(struct line *line, gboolean shown)
{
    const char *next = g_utf8_next_char(line->at);

    track(line);
    if (shown)
        g_string_append_len(line->out, line->at, next - line->at);
    line->at = next;
    line->place++;
}

static gboolean in_name(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '*';
}

/* Over a name and what divides it from its value: one may have put the name in quotes, too. */
static enum conf_hiding pass_name(struct line *line)
{
    const char *end = line->at, *value;
    g_autofree char *name = NULL;

    while (in_name(*end))
        end++;
    name = g_strndup(line->at, (gsize)(end - line->at));
    value = end + strspn(end, "\" ");
    do
        pass(line, TRUE);
    while (line->at < end);
    if (!*name || !conf_names_secret(name))
        return CONF_SHOWN;
    if (*value != '=' && *value != ':')
        return end[strspn(end, " ")] == '"' ? CONF_AWAITED : CONF_SHOWN;
    while (line->at <= value)
        pass(line, TRUE);
    return CONF_AWAITED;
}

static enum conf_hiding leave_out_comment(struct line *line)
{
    while (*line->at)
        pass(line, FALSE);
    return CONF_AWAITED;
}

/* Between a name and its value, or behind one string, where another may go on with it. */
static enum conf_hiding pass_gap(struct line *line, enum conf_hiding state)
{
    gboolean quote = *line->at == '"', opens = strchr(" =:([{", *line->at) != NULL;

    if (state == CONF_BEHIND && *line->at != ' ' && !quote)
        return *line->at == ',' ? (pass(line, TRUE), CONF_AWAITED) : CONF_SHOWN;
    if (*line->at == '#' || *line->at == '/')
        return leave_out_comment(line);
    track(line);
    if (quote || !opens)
        g_string_append(line->out, quote ? "\"..." : "...");
    if (quote || opens)
        pass(line, opens);
    return quote ? CONF_QUOTED : opens ? state : CONF_BARE;
}

static enum conf_hiding pass_quoted(struct line *line)
{
    gboolean ends = *line->at == '"';

    if (*line->at == '\\' && line->at[1])
        pass(line, FALSE);
    pass(line, ends);
    return ends ? CONF_BEHIND : CONF_QUOTED;
}

static enum conf_hiding pass_bare(struct line *line)
{
    gboolean ends = *line->at == ';';

    pass(line, ends);
    return ends ? CONF_SHOWN : CONF_BARE;
}

char *conf_hide_secrets(const char *text, enum conf_hiding *state, int *column)
{
    struct line line = {text, 1, g_string_new(NULL), column, column ? *column : 0};
    gboolean comment = *state == CONF_SHOWN && text[strspn(text, " ")] == '#';

    if (*state == CONF_QUOTED)
        g_string_append(line.out, "...");
    while (*line.at) {
        if (*state == CONF_SHOWN)
            *state = pass_name(&line);
        else if (*state == CONF_QUOTED)
            *state = pass_quoted(&line);
        else if (*state == CONF_BARE)
            *state = pass_bare(&line);
        else
            *state = pass_gap(&line, *state);
    }
    if (*state == CONF_BARE || comment)
        *state = CONF_SHOWN;
    track(&line);
    return g_string_free(line.out, FALSE);
}
