/* What an answer in a form means: one of several that are printed, a moment, a zone. */
#include "form-parts.h"
#include <string.h>

enum { MOST_CHOSEN = 2 };

enum kind { KIND_TEXT, KIND_LONG, KIND_CHOICE, KIND_YES_NO, KIND_PLAIN };

/* Whatever is not here is text in a line. */
static const struct {
    const char *name;
    enum kind kind;
} kinds[] = {
    {"wish", KIND_LONG},
    {"log", KIND_LONG},
    {"details", KIND_LONG},
    {"noticed-how", KIND_LONG},
    {"purpose", KIND_CHOICE},
    {"kind", KIND_CHOICE},
    {"pass-on", KIND_YES_NO},
    {"clock-synchronised", KIND_YES_NO},
    {"disclosed", KIND_YES_NO},
    {"phone", KIND_PLAIN},
    {"fax", KIND_PLAIN},
    {"mail", KIND_PLAIN},
    {"system-address", KIND_PLAIN},
    {"system-host", KIND_PLAIN},
    {"source-address", KIND_PLAIN},
    {"source-host", KIND_PLAIN},
    {"noticed-at", KIND_PLAIN},
    {"first-seen", KIND_PLAIN},
    {"last-seen", KIND_PLAIN},
    {"clock-error", KIND_PLAIN},
    {"site", KIND_PLAIN},
    {"cve", KIND_PLAIN},
    {"jvn", KIND_PLAIN},
    {"version", KIND_PLAIN},
    {"date-wished", KIND_PLAIN},
};

/* A number counts in that form; NULL: in every one. A word is looked for without blanks. */
static const struct choice {
    const char *name, *form;
    char number;
    const char *word, *value;
} choices[] = {
    {"purpose", NULL, '1', "情報提供", "information"},
    {"purpose", NULL, '2', "質問", "question"},
    {"purpose", NULL, '3', "関係サイト", "coordination"},
    {"purpose", NULL, '3', "連絡を希望", "coordination"},
    {"kind", "ntt-cert-1.1", '1', "プローブ", "port scan"},
    {"kind", "ntt-cert-1.1", '1', "スキャン", "port scan"},
    {"kind", "ntt-cert-1.1", '2', "不正中継", "spam"},
    {"kind", "ntt-cert-1.1", '3', "ウィルス", "virus"},
    {"kind", "ntt-cert-1.1", '3', "ウイルス", "virus"},
    {"kind", "ntt-cert-1.1", '3', "ワーム", "virus"},
    {"kind", "ntt-cert-1.1", '4', "不正侵入", "compromised server"},
    {"kind", "ntt-cert-1.1", '5', "サービス運用妨害", "dos"},
    {"kind", "ntt-cert-1.1", '6', "その他", "other"},
    {"kind", NULL, '\0', "フィッシング", "phishing"},
    {"kind", NULL, '\0', "改ざん", "defacement"},
    {"kind", NULL, '\0', "マルウェア", "malware"},
    {"kind", NULL, '\0', "マルウエア", "malware"},
    {"kind", NULL, '\0', "標的型", "targeted attack"},
    {"kind", NULL, '\0', "サービス妨害", "dos"},
    {"kind", NULL, '\0', "ddos", "ddos"},
    {"kind", NULL, '\0', "dos攻撃", "dos"},
    {"kind", NULL, '\0', "なりすまし", "fraud"},
    {"kind", NULL, '\0', "侵入", "compromised server"},
};

static enum kind kind_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].name, name))
            return kinds[i].kind;
    return KIND_TEXT;
}

gboolean form_is_long(const char *name)
{
    return kind_of(name) == KIND_LONG;
}

gboolean form_is_choice(const char *name)
{
    return kind_of(name) == KIND_CHOICE;
}

static char *normal(const char *text)
{
    char *out = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);

    return out ? g_strstrip(out) : g_strdup("");
}

/* -- boxes -- */

static gboolean is_one_of(gunichar c, const char *characters)
{
    return c >= 0x80 && g_utf8_strchr(characters, -1, c);
}

/* What stands behind a box that is filled, up to the next box; as it stands where there is no box.
 */
static char *ticked(const char *text)
{
    GString *out = g_string_new(NULL);
    gboolean boxes = FALSE, takes = FALSE;

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        gboolean filled = is_one_of(c, "■☑☒✓✔●◉");
        if (!filled && !is_one_of(c, "□☐○◯")) {
            if (takes)
                g_string_append_unichar(out, c);
            continue;
        }
        boxes = TRUE;
        takes = filled;
        if (filled && out->len)
            g_string_append(out, ", ");
    }
    if (!boxes)
        g_string_assign(out, text);
    return g_strstrip(g_string_free(out, FALSE));
}

/* -- choices -- */

/* "3", "[3]", "番号：3": a number that answers, and is none of a list. */
static char number_in(const char *line)
{
    g_autofree char *plain = form_plain(line, strlen(line));
    char *end = plain + strlen(plain);

    while (end > plain && strchr(")].", end[-1]))
        *--end = '\0';
    if (end == plain || !g_ascii_isdigit(end[-1]))
        return '\0';
    if (end - 1 == plain)
        return *plain;
    return g_utf8_strchr(":([=>→", -1, g_utf8_get_char(g_utf8_prev_char(end - 1))) ? end[-1] : '\0';
}

static const struct choice *by_number(const struct form *form, const char *name, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const struct choice *found = NULL;

    for (char **line = lines; *line; line++) {
        char number = number_in(*line);
        for (gsize i = 0; number && i < G_N_ELEMENTS(choices); i++)
            if (choices[i].number == number && g_str_equal(choices[i].name, name) &&
                (!choices[i].form || g_str_equal(choices[i].form, form->name)))
                found = &choices[i];
    }
    return found;
}

/* The one that stands there; `count` is how many different ones do. */
static const struct choice *by_word(const char *name, const char *text, int *count)
{
    g_autofree char *plain = form_plain(text, strlen(text));
    const struct choice *found = NULL;

    *count = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++) {
        if (!g_str_equal(choices[i].name, name) || !strstr(plain, choices[i].word))
            continue;
        if (found && g_str_equal(found->value, choices[i].value))
            continue;
        found = found ? found : &choices[i];
        (*count)++;
    }
    return *count == 1 ? found : NULL;
}

/* A list of which nothing was chosen is no answer. */
static char *chosen(const struct form *form, const char *name, const char *text)
{
    const struct choice *choice = by_number(form, name, text);
    int count = 0;

    if (!choice)
        choice = by_word(name, text, &count);
    if (choice)
        return g_strdup(choice->value);
    return count > MOST_CHOSEN ? g_strdup("") : normal(text);
}

const char *form_category(const char *answer)
{
    return category_of(answer);
}

/* -- yes and no -- */

static char *yes_or_no(const char *text)
{
    static const struct {
        const char *word, *value;
    } words[] = {{"有/無", ""}, {"可/不可", ""}, {"はい/いいえ", ""}, {"有無", ""}, {"有", "yes"},
        {"あり", "yes"}, {"はい", "yes"}, {"可", "yes"}, {"する", "yes"}, {"している", "yes"},
        {"済", "yes"}, {"yes", "yes"}, {"無", "no"}, {"なし", "no"}, {"いいえ", "no"},
        {"不可", "no"}, {"しない", "no"}, {"していない", "no"}, {"未", "no"}, {"no", "no"}};
    g_autofree char *plain = form_plain(text, strlen(text));
    const char *begin = plain + strspn(plain, "([");

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(begin, words[i].word))
            return g_strdup(words[i].value);
    return normal(text);
}

/* An example that was printed is no answer. */
static gboolean is_example(const char *text)
{
    return g_str_has_prefix(text, "(例") || g_str_has_prefix(text, "（例") ||
           g_str_has_prefix(text, "例)") || g_str_has_prefix(text, "例：");
}

char *form_answer(const struct form *form, const char *name, const char *written)
{
    enum kind kind = kind_of(name);
    g_autofree char *text =
        g_str_equal(name, "log") ? g_strstrip(g_strdup(written)) : ticked(written);
    g_autofree char *answer = NULL;

    if (!*text || is_example(text))
        return NULL;
    if (kind == KIND_CHOICE)
        answer = chosen(form, name, text);
    else if (kind == KIND_YES_NO)
        answer = yes_or_no(text);
    else
        answer = kind == KIND_PLAIN ? normal(text) : g_strdup(text);
    g_strdelimit(answer, "\n\t\r", ' ');
    return *answer ? g_steal_pointer(&answer) : NULL;
}

/* -- times -- */

/* Signs of a date as punctuation; what stands in brackets is a day of the week. */
static void add_moment(GString *out, gunichar c, gboolean digit_follows)
{
    static const struct {
        gunichar c;
        const char *as;
    } signs[] = {{0x5e74, "/"}, {0x6708, "/"}, {0x65e5, " "}, {0x6642, ":"}, {0x79d2, ""}};

    if (c < 0x80) {
        g_string_append_c(out, (char)c);
        return;
    }
    if (c == 0x5206 && digit_follows) /* a minute, before seconds */
        g_string_append_c(out, ':');
    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
        if (signs[i].c == c)
            g_string_append(out, signs[i].as);
    if (c == 0x6642 && !digit_follows) /* an hour, and no minute */
        g_string_append(out, "00");
}

char *form_moment(const char *written)
{
    g_autofree char *plain = normal(written);
    GString *out = g_string_new(NULL);
    gboolean inside = FALSE;

    for (const char *at = plain; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        const char *next = form_skip_blanks(g_utf8_next_char(at));
        inside = inside ? c != ')' : c == '(' && g_utf8_get_char(next) >= 0x80;
        if (!inside && !(c == ')' && strchr(plain, '(') < at))
            add_moment(out, c, g_ascii_isdigit(*next));
        else if (c == ')')
            g_string_append_c(out, ' ');
    }
    return g_strstrip(g_string_free(out, FALSE));
}

char *form_zone(const char *written)
{
    static const char *const japanese[] = {"日本標準時", "日本時間", "日本", "asia/tokyo"};
    g_autofree char *plain = form_plain(written, strlen(written));

    for (gsize i = 0; i < G_N_ELEMENTS(japanese); i++)
        if (strstr(plain, japanese[i]))
            return g_strdup("JST");
    return g_steal_pointer(&plain);
}
