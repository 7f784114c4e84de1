#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include <string.h>

GPtrArray *query_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)query_term_free);
}

static gboolean refuse_value(const char *word, const char *forms, GError **error)
{
    return answer_refuse(error, MADO_E_USAGE,
        "\"%s\" cannot be read. Nothing was changed. Write: %s. See: madoctl help query", word,
        forms);
}

/* -- one value each -- */

/* "high", ">=high" for that and what stands before it, "<=high" for what stands behind it. */
static void read_scale(
    const char *value, const char *const *names, const char *canonical, GString *into)
{
    gboolean and_above = g_str_has_prefix(value, ">="), and_below = g_str_has_prefix(value, "<=");
    gboolean is = FALSE, behind = FALSE;

    for (; *names; names++) {
        is = g_str_equal(*names, canonical);
        if (is || (and_above && !behind) || (and_below && behind))
            g_string_append_printf(into, "%s ", *names);
        behind |= is;
    }
}

static const char *behind_signs(const char *value)
{
    return value + strspn(value, "<>=");
}

static gboolean read_severity(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    g_autoptr(GString) names = g_string_new(" ");

    if (!answer_is_one_of("severity", behind_signs(value), severity_names, error))
        return FALSE;
    read_scale(value, severity_names, behind_signs(value), names);
    term->text = g_strdup(names->str);
    return TRUE;
}

static gboolean read_label(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    const char *label = label_from_words(behind_signs(value));
    g_autoptr(GString) names = g_string_new(" ");

    if (!label)
        return refuse_value(value, "tlp:red, tlp:amber+strict, 'tlp:>=amber'", error);
    read_scale(value, label_names, label, names);
    term->text = g_strdup(names->str);
    return TRUE;
}

/* Several, with commas between; "any" is all of them. */
static gboolean read_state(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    g_auto(GStrv) given = g_strsplit(value, ",", -1);
    g_autofree char *all = g_strjoinv(" ", (char **)incident_states);
    g_autofree char *joined = g_strjoinv(" ", given);

    if (!g_str_equal(value, "any"))
        for (char **one = given; *one; one++)
            if (!answer_is_one_of("state", *one, incident_states, error))
                return FALSE;
    term->text = g_strdup_printf(" %s ", g_str_equal(value, "any") ? all : joined);
    return TRUE;
}

/* "-" is none. */
static gboolean read_name(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    gboolean me = term->field == QUERY_HANDLER && g_str_equal(value, "me");

    term->text = g_strdup_printf(" %s ", me ? answer->user : g_str_equal(value, "-") ? "" : value);
    return TRUE;
}

static gboolean read_from(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(value, -1);

    if (!*value || g_str_equal(value, "@"))
        return refuse_value(value, "from:a@peer.example or from:@peer.example", error);
    term->text = g_strconcat(strchr(lower, '@') ? "" : "@", lower, NULL);
    return TRUE;
}

static gboolean read_text(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    term->text = g_strdup(value);
    return *value || refuse_value(value, "ref:JPCERT#90000123", error);
}

static gboolean read_due(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    term->until = G_MAXINT64;
    if (g_str_equal(value, "any") || g_str_equal(value, "-")) {
        term->negated ^= g_str_equal(value, "-");
        return TRUE;
    }
    if (g_str_equal(value, "overdue")) {
        term->until = now_seconds();
        return TRUE;
    }
    return when_period(answer, value, &term->since, &term->until) ||
           refuse_value(value, "due:today, due:overdue, due:2026-12-01 or due:-", error);
}

static gboolean read_age(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    gint64 span = when_span(behind_signs(value)), then = now_seconds() - span;

    if (!span || (*value != '<' && *value != '>'))
        return refuse_value(value, "'age:>7d' or 'age:<12h'", error);
    term->since = *value == '<' ? then : 0;
    term->until = *value == '<' ? G_MAXINT64 : then;
    return TRUE;
}

static gboolean read_since(
    struct answer *answer, const char *value, struct query_term *term, GError **error)
{
    gint64 span = when_span(value), until;

    term->until = G_MAXINT64;
    term->since = now_seconds() - span;
    return span || when_period(answer, value, &term->since, &until) ||
           refuse_value(value, "since:2026-04, since:2026-04-01 or since:7d", error);
}

static const struct {
    const char *typed;
    enum query_field field;
    gboolean (*read)(
        struct answer *answer, const char *value, struct query_term *term, GError **error);
} keys[] = {
    {"state", QUERY_STATE, read_state},
    {"sev", QUERY_SEVERITY, read_severity},
    {"severity", QUERY_SEVERITY, read_severity},
    {"cat", QUERY_CATEGORY, read_name},
    {"category", QUERY_CATEGORY, read_name},
    {"handler", QUERY_HANDLER, read_name},
    {"team", QUERY_TEAM, read_name},
    {"tlp", QUERY_LABEL, read_label},
    {"label", QUERY_LABEL, read_label},
    {"from", QUERY_FROM, read_from},
    {"ref", QUERY_REFERENCE, read_text},
    {"due", QUERY_DUE, read_due},
    {"age", QUERY_OPENED, read_age},
    {"since", QUERY_OPENED, read_since},
};

/* -- words -- */

static gboolean refuse_key(const char *key, GError **error)
{
    const char *names[G_N_ELEMENTS(keys) + 1] = {NULL};
    const char *guess;

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        names[i] = keys[i].typed;
    guess = ctl_nearest(key, names);
    if (guess)
        return answer_refuse(error, MADO_E_USAGE,
            "Unknown query word \"%s:\": did you mean \"%s:\"? Nothing was changed. See: madoctl "
            "help query",
            key, guess);
    return answer_refuse(error, MADO_E_USAGE,
        "Unknown query word \"%s:\". Nothing was changed. See: madoctl help query", key);
}

/* The key of a word, if it is written as one: "http://" and "10:30" are words. */
static char *key_of(const char *word)
{
    const char *colon = strchr(word, ':');
    gsize letters = strspn(word, "abcdefghijklmnopqrstuvwxyz");

    return colon && letters > 0 && word + letters == colon && colon[1] != '/'
               ? g_strndup(word, letters)
               : NULL;
}

static gboolean read_term(
    struct answer *answer, gsize key, const char *value, struct query_term *term, GError **error)
{
    term->field = keys[key].field;
    return keys[key].read(answer, value, term, error);
}

static gboolean fill_term(struct answer *answer, const char *word, enum query_place place,
    struct query_term *term, GError **error)
{
    g_autofree char *key = key_of(word);

    for (gsize i = 0; key && i < G_N_ELEMENTS(keys); i++)
        if (g_str_equal(keys[i].typed, key))
            return read_term(answer, i, word + strlen(key) + 1, term, error);
    if (key && place != QUERY_OF_SEARCH)
        return refuse_key(key, error);
    term->field = QUERY_WORDS;
    term->text = g_strdup(word);
    return TRUE;
}

static gboolean add_view(struct answer *answer, const char *name, GPtrArray *terms, GError **error)
{
    g_autofree char *query = store_saved_query(answer->context->store, name, error);

    if (query)
        return query_parse(answer, query, QUERY_OF_VIEW, terms, error);
    return (error && *error) || answer_refuse(error, MADO_E_NO_SUCH,
                                    "There is no view \"%s\". Nothing was changed. See: madoctl "
                                    "view",
                                    name);
}

static gboolean add_word(struct answer *answer, const char *word, enum query_place place,
    GPtrArray *terms, GError **error)
{
    struct query_term *term;

    if (*word == '@' && place == QUERY_OF_LIST)
        return add_view(answer, word + 1, terms, error);
    if (*word == '@' && place == QUERY_OF_VIEW)
        return answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is a view, and a view has none in it. Nothing was changed. Write its words.",
            word);
    if (terms->len >= QUERY_MOST_TERMS)
        return answer_refuse(error, MADO_E_USAGE,
            "A query has at most %d words. Nothing was changed. Write fewer.", QUERY_MOST_TERMS);
    term = g_new0(struct query_term, 1);
    term->negated = *word == '-' && word[1];
    g_ptr_array_add(terms, term);
    return fill_term(answer, word + term->negated, place, term, error);
}

/* As far as the next blank that is in no quotes; what stands in quotes stays together. */
static char *next_word(const char **at)
{
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean quoted = FALSE;

    *at += strspn(*at, " \t\n");
    for (; **at && (quoted || !strchr(" \t\n", **at)); (*at)++) {
        quoted ^= **at == '"';
        if (**at != '"' || !strchr(word->str, ':'))
            g_string_append_c(word, **at);
    }
    return word->len ? g_strdup(word->str) : NULL;
}

gboolean query_parse(struct answer *answer, const char *text, enum query_place place,
    GPtrArray *terms, GError **error)
{
    for (char *word; (word = next_word(&text));) {
        gboolean added = add_word(answer, word, place, terms, error);
        g_free(word);
        if (!added)
            return FALSE;
    }
    return TRUE;
}
