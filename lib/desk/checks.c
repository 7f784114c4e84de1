/* What a person's letter is looked at for before it goes. */
#include "checks.h"
#include "coordination.h"
#include "desk.h"
#include "say.h"
#include "text.h"
#include <string.h>

enum { NAMED = 3, SHORTEST_MARK = 4 };

const char *check_result_name(enum check_result result)
{
    static const char *const names[CHECK_RESULTS] = {"ok", "WARNING", "FAIL"};

    return (guint)result < CHECK_RESULTS ? names[result] : "?";
}

static void check_free(gpointer data)
{
    struct check *check = data;

    g_free(check->text);
    g_free(check);
}

GPtrArray *checks_new(void)
{
    return g_ptr_array_new_with_free_func(check_free);
}

void checks_add(GPtrArray *checks, const char *name, enum check_result result, char *text)
{
    struct check *check = g_new0(struct check, 1);

    *check = (struct check){name, result, text};
    g_ptr_array_add(checks, check);
}

enum check_result checks_worst(const GPtrArray *checks)
{
    enum check_result worst = CHECK_OK;

    for (guint i = 0; i < checks->len; i++)
        worst = MAX(worst, ((const struct check *)checks->pdata[i])->result);
    return worst;
}

/* -- what was meant to be replaced -- */

static gboolean is_quoted(const char *line)
{
    return *line == '>';
}

static const char *mark_in(const char *text)
{
    static const char *const marks[] = {"<<<", ">>>", "{{", "}}"};

    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (strstr(text, marks[i]))
            return marks[i];
    return NULL;
}

/* What others wrote is no template of ours, and quotes others in turn: ">>>". */
static void check_placeholder(const struct checking *checking, GPtrArray *checks)
{
    g_auto(GStrv) lines = g_strsplit(checking->text, "\n", -1);
    const char *found = mark_in(checking->subject);

    for (char **line = lines; *line && !found; line++)
        found = is_quoted(*line) ? NULL : mark_in(*line);
    if (found)
        checks_add(checks, "placeholder", CHECK_FAIL,
            g_strdup_printf(_("a placeholder is left (%s): write what belongs there"), found));
    else
        checks_add(checks, "placeholder", CHECK_OK, g_strdup(_("no placeholder left")));
}

static void check_number(const struct checking *checking, GPtrArray *checks)
{
    g_autofree char *start = g_strdup_printf("[%s]", checking->tag);

    if (g_str_has_prefix(checking->subject, start))
        checks_add(
            checks, "number", CHECK_OK, g_strdup(_("the subject begins with the ticket's number")));
    else
        checks_add(checks, "number", CHECK_FAIL,
            g_strdup_printf(
                _("the subject does not begin with %s: the answer would not find its ticket"),
                start));
}

static void check_text(const struct checking *checking, GPtrArray *checks)
{
    g_autofree char *stripped = g_strstrip(g_strdup(checking->text));

    if (!*stripped)
        checks_add(checks, "text", CHECK_FAIL, g_strdup(_("it says nothing")));
}

/* -- addresses -- */

static gboolean is_known(char **known, const char *address)
{
    for (char **one = known; one && *one; one++)
        if (g_ascii_strcasecmp(*one, address) == 0)
            return TRUE;
    return FALSE;
}

static void name(GString *names, guint *count, const char *one)
{
    if (strstr(names->str, one))
        return;
    if (*count < NAMED)
        g_string_append_printf(names, "%s%s", *count ? ", " : "", one);
    (*count)++;
}

static void check_addresses(const struct checking *checking, GPtrArray *checks)
{
    static GRegex *regex;
    g_autoptr(GMatchInfo) match = NULL;
    g_autoptr(GString) strange = g_string_new(NULL);
    guint count = 0;

    if (!regex)
        regex = g_regex_new(
            "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+", G_REGEX_OPTIMIZE, 0, NULL);
    g_regex_match(regex, checking->text, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *address = g_match_info_fetch(match, 0);
        if (!is_known(checking->known, address))
            name(strange, &count, address);
    }
    if (count)
        checks_add(checks, "address", CHECK_WARNING,
            g_strdup_printf(_("names who is not of this ticket: %s%s"), strange->str,
                count > NAMED ? ", ..." : ""));
    else
        checks_add(checks, "address", CHECK_OK, g_strdup(_("no address outside the ticket")));
}

/* -- what can be clicked on -- */

static gboolean is_own(const struct checking *checking, const char *link)
{
    for (char **own = checking->own_links; own && *own; own++)
        if (**own && g_str_has_prefix(link, *own))
            return TRUE;
    return FALSE;
}

static gboolean is_name_end(gunichar c)
{
    return !g_unichar_isalnum(c) && c != '-' && c != '.' && c != '_' && c != '@';
}

/* The name stands there by itself, and neither in another one nor masked. */
static const char *find_mark(const char *text, const char *mark)
{
    for (const char *at = text; (at = strcasestr(at, mark)); at++) {
        const char *end = at + strlen(mark);
        gboolean begins =
            at == text || is_name_end(g_utf8_get_char(g_utf8_prev_char(at))) || at[-1] == '.';
        gboolean dot = *end == '.' && (!end[1] || g_ascii_isspace(end[1]));
        if (begins && (!*end || dot || is_name_end(g_utf8_get_char(end))))
            return at;
    }
    return NULL;
}

static GRegex *links(void)
{
    static GRegex *regex;

    if (!regex)
        regex = g_regex_new(
            "\\b(https?|ftp)://[^\\s<>\"]+", G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    return regex;
}

static void find_links(const struct checking *checking, GString *found, guint *count)
{
    g_autoptr(GMatchInfo) match = NULL;

    g_regex_match(links(), checking->text, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *link = g_match_info_fetch(match, 0);
        g_autofree char *shown = text_fit(link, 40);
        if (!is_own(checking, link))
            name(found, count, shown);
    }
}

static void check_links(const struct checking *checking, GPtrArray *checks)
{
    g_autoptr(GString) found = g_string_new(NULL);
    guint count = 0;

    find_links(checking, found, &count);
    for (guint i = 0; checking->marks && i < checking->marks->len; i++) {
        const char *mark = checking->marks->pdata[i];
        if (strlen(mark) >= SHORTEST_MARK && find_mark(checking->text, mark))
            name(found, &count, mark);
    }
    if (count)
        checks_add(checks, "link", CHECK_WARNING,
            g_strdup_printf(_("the text has what can be clicked on, unmasked: %s%s"), found->str,
                count > NAMED ? ", ..." : ""));
    else
        checks_add(
            checks, "link", CHECK_OK, g_strdup(_("nothing unmasked that can be clicked on")));
}

static gboolean mask_link(const GMatchInfo *match, GString *out, gpointer data)
{
    const struct checking *checking = ((gpointer *)data)[0];
    guint *count = ((gpointer *)data)[1];
    g_autofree char *link = g_match_info_fetch(match, 0);
    char *host = strstr(link, "://") + 3;
    gsize length = strcspn(host, "/?#");

    if (is_own(checking, link)) {
        g_string_append(out, link);
        return FALSE;
    }
    (*count)++;
    if (g_ascii_strncasecmp(link, "http", 4) == 0)
        memcpy(link + 1, "xx", 2);
    else
        link[1] = 'x';
    g_string_append_len(out, link, host - link);
    for (gsize i = 0; i < length; i++)
        g_string_append_printf(out, host[i] == '.' ? "[%c]" : "%c", host[i]);
    g_string_append(out, host + length);
    return FALSE;
}

static char *mask_name(char *text, const char *mark, guint *count)
{
    g_auto(GStrv) parts = g_strsplit(mark, ".", -1);
    g_autofree char *masked = g_strjoinv("[.]", parts);
    const char *at;

    while (strlen(mark) >= SHORTEST_MARK && strchr(mark, '.') && (at = find_mark(text, mark))) {
        char *next = g_strdup_printf("%.*s%s%s", (int)(at - text), text, masked, at + strlen(mark));
        g_free(text);
        text = next;
        (*count)++;
    }
    return text;
}

char *checks_mask(const char *text, const struct checking *checking, guint *count)
{
    gpointer data[] = {(gpointer)checking, count};
    char *masked;

    *count = 0;
    masked = g_regex_replace_eval(links(), text, -1, 0, 0, mask_link, data, NULL);
    for (guint i = 0; checking->marks && i < checking->marks->len; i++)
        masked = mask_name(masked, checking->marks->pdata[i], count);
    return masked;
}

/* -- the label -- */

static const char *stricter_of(const char *one, const char *other)
{
    return !one || (other && label_is_stricter(other, one)) ? other : one;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static const char *behind_sign(const char *at, const char *signs)
{
    at = skip_blanks(at);
    return *at && strchr(signs, *at) ? skip_blanks(at + 1) : at;
}

/* "RED", "AMBER (STRICT)", as people type; NULL: no label stands there. */
static const char *word_at(const char *at)
{
    for (const char *const *label = label_names; *label; label++) {
        const char *word = strchr(*label, ':') + 1;
        gsize length = strcspn(word, "+");
        if (strncmp(at, word, length) != 0 || g_ascii_isalnum(at[length]))
            continue;
        if (!word[length] || g_str_has_prefix(behind_sign(at + length, "+-("), "STRICT"))
            return *label;
    }
    return g_str_has_prefix(at, "WHITE") ? "TLP:CLEAR" : NULL;
}

/* As whoever gets it reads it (so do we, of theirs): in small letters, full width, with blanks. */
static const char *loose_label_in(const char *line)
{
    g_autofree char *normal = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *upper = g_ascii_strup(normal ? normal : "", -1);
    const char *strictest = NULL, *label;

    for (const char *at = upper; (at = strstr(at, "TLP")); at++)
        if ((label = word_at(behind_sign(at + strlen("TLP"), ":-="))))
            strictest = stricter_of(strictest, label);
    return strictest;
}

/* What is no label may be meant to be any. */
static gboolean has_unknown_label(const char *line)
{
    for (const char *at = line; (at = strstr(at, "TLP:")); at++) {
        g_autofree char *upper = g_ascii_strup(skip_blanks(at + strlen("TLP:")), -1);
        if (!word_at(upper))
            return TRUE;
    }
    return FALSE;
}

const char *checks_label_in(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const char *strictest = NULL;

    for (char **line = lines; *line; line++) {
        if (is_quoted(*line))
            continue;
        strictest = stricter_of(strictest, loose_label_in(*line));
        if (has_unknown_label(*line))
            return label_names[0];
    }
    return strictest;
}

/* TLP 2.0: the label stands directly in front of what it is for. */
static const char *label_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *alone = g_strstrip(g_strdup(*line));
        if (g_str_has_prefix(alone, "TLP:") && label_from_words(alone))
            return label_from_words(alone);
    }
    return NULL;
}

static void check_label(const struct checking *checking, GPtrArray *checks)
{
    const char *line = label_line(checking->text);

    if (!line && g_str_equal(checking->label, "TLP:CLEAR"))
        checks_add(checks, "label", CHECK_OK, g_strdup("TLP:CLEAR"));
    else if (!line)
        checks_add(checks, "label", CHECK_FAIL,
            g_strdup_printf(_("a line with the label is missing: %s stands alone in a line above "
                              "what it is for"),
                checking->label));
    else if (label_is_stricter(checking->label, line))
        checks_add(checks, "label", CHECK_FAIL,
            g_strdup_printf(
                _("its label %s is weaker than that of the ticket, %s"), line, checking->label));
    else
        checks_add(checks, "label", CHECK_OK, g_strdup(line));
}

/* -- characters -- */

static void check_characters(const struct checking *checking, GPtrArray *checks)
{
    if (*checking->unfit)
        checks_add(checks, "characters", CHECK_FAIL,
            g_strdup_printf(_("they read %s alone, which has no %s: write these otherwise"),
                checking->charset, checking->unfit));
}

/* -- who reported it -- */

static void check_reporter(const struct checking *checking, GPtrArray *checks)
{
    g_autofree char *all = g_strdup_printf("%s\n%s", checking->subject, checking->text);
    g_autofree char *found = checking->hidden ? identity_find(checking->hidden, all) : NULL;

    if (found)
        checks_add(checks, "reporter", CHECK_FAIL,
            g_strdup_printf(
                _("it tells who reported it (\"%s\"): take that out, or say why they may "
                  "know: --show-reporter REASON"),
                found));
    else if (checking->hidden)
        checks_add(checks, "reporter", CHECK_OK, g_strdup(_("nothing tells who reported it")));
}

GPtrArray *checks_make(const struct checking *checking)
{
    static void (*const all[])(const struct checking *checking, GPtrArray *checks) = {check_text,
        check_placeholder, check_number, check_addresses, check_links, check_label,
        check_characters, check_reporter};
    GPtrArray *checks = checks_new();

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        all[i](checking, checks);
    return checks;
}
