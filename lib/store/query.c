/* The query language as SQL. One index holds all that is asked of an incident itself, and is walked
 * in the order of the answer; what stands in other tables is found once, by their indexes. */
#include "error.h"
#include "statement.h"
#include "words.h"
#include <string.h>

/* Mails, and incidents, that are found by words: the latest. */
#define MOST_BY_WORDS "5000"

/* %d: the place of the first value. Of a pair of moments there are two. What is compared in an
 * expression is not looked up in another index, whose order would not be that of the answer. */
static const struct {
    const char *sql;
    guint values;
} conditions[QUERY_FIELDS] = {
    [QUERY_STATE] = {"instr(?%d, ' ' || state || ' ') > 0", 1},
    [QUERY_SEVERITY] = {"instr(?%d, ' ' || severity || ' ') > 0", 1},
    [QUERY_CATEGORY] = {"instr(?%d, ' ' || category || ' ') > 0", 1},
    [QUERY_HANDLER] = {"instr(?%d, ' ' || handler || ' ') > 0", 1},
    [QUERY_TEAM] = {"instr(?%d, ' ' || team || ' ') > 0", 1},
    [QUERY_LABEL] = {"instr(?%d, ' ' || label || ' ') > 0", 1},
    [QUERY_DUE] =
        {"(due > 0 AND due >= ?%d AND due < ?%d) OR id + 0 IN (SELECT incident FROM"
         " target WHERE met_at = 0 AND due > 0 AND over = 0 AND due >= ?%d AND due < ?%d)",
            4},
    [QUERY_OPENED] = {"opened_at >= ?%d AND opened_at < ?%d", 2},
    [QUERY_FROM] = {"id + 0 IN (SELECT incident FROM correspondent WHERE address = ?%d)", 1},
    [QUERY_REFERENCE] = {"id + 0 IN (SELECT incident FROM reference WHERE id = ?%d"
                         " UNION SELECT incident FROM reference_teller WHERE id = ?%d)",
        2},
    [QUERY_WORDS] = {"id + 0 IN (SELECT -rowid FROM (SELECT rowid FROM search WHERE search MATCH"
                     " ?%d AND rowid < 0 ORDER BY rowid LIMIT " MOST_BY_WORDS ") UNION SELECT"
                     " incident FROM mail WHERE incident IS NOT NULL AND id IN (SELECT rowid FROM"
                     " search WHERE search MATCH ?%d AND rowid > 0 ORDER BY rowid DESC"
                     " LIMIT " MOST_BY_WORDS "))",
        2},
};
static const char domain_sql[] =
    "id + 0 IN (SELECT incident FROM correspondent WHERE substr(address, -length(?%d)) = ?%d)";

void query_term_free(struct query_term *term)
{
    if (!term)
        return;
    g_free(term->text);
    g_free(term);
}

/* The statement and its values, as they grow. */
struct draft {
    GString *sql;
    struct value values[4 * QUERY_MOST_TERMS + 8];
    guint count;
    GPtrArray *words; /* owned texts */
};

static void add_value(struct draft *draft, struct value value)
{
    draft->values[draft->count++] = value;
}

static gboolean is_domain(const struct query_term *term)
{
    return term->field == QUERY_FROM && *term->text == '@';
}

/* A word that very many mails have cannot be looked for as what is not there. */
static gboolean may_negate(struct store *store, const char *match, GError **error)
{
    gint64 found = 0;

    if (!statement_number(store,
            "SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH ?1"
            " LIMIT " MOST_BY_WORDS ")",
            VALUES(TEXT(match)), &found, error))
        return FALSE;
    if (found < (gint64)strtol(MOST_BY_WORDS, NULL, 10))
        return TRUE;
    error_set(error, MADO_E_USAGE,
        "too many mails have these words to leave them out; nothing was changed: leave out a rarer "
        "word, or ask for one");
    return FALSE;
}

static gboolean values_of(
    struct store *store, struct draft *draft, const struct query_term *term, GError **error)
{
    char *match;

    if (term->field == QUERY_DUE || term->field == QUERY_OPENED) {
        for (guint i = 0; i < conditions[term->field].values; i += 2) {
            add_value(draft, (struct value)NUMBER(term->since));
            add_value(draft, (struct value)NUMBER(term->until));
        }
        return TRUE;
    }
    if (term->field != QUERY_WORDS) {
        guint count = is_domain(term) ? 2 : conditions[term->field].values;
        for (guint i = 0; i < count; i++)
            add_value(draft, (struct value)TEXT(term->text));
        return TRUE;
    }
    match = words_query(term->text);
    g_ptr_array_add(draft->words, match);
    add_value(draft, (struct value)TEXT(match));
    add_value(draft, (struct value)TEXT(match));
    if (!*match) {
        error_set(
            error, MADO_E_USAGE, "\"%s\" has no word to look for; nothing was changed", term->text);
        return FALSE;
    }
    return !term->negated || may_negate(store, match, error);
}

/* The text with the places of its values, which are numbered from `place`. */
static void append_numbered(GString *sql, const char *text, guint place)
{
    for (const char *at = text; *at; at++) {
        if (at[0] == '%' && at[1] == 'd') {
            g_string_append_printf(sql, "%u", place++);
            at++;
        } else {
            g_string_append_c(sql, *at);
        }
    }
}

static gboolean add_term(
    struct store *store, struct draft *draft, const struct query_term *term, GError **error)
{
    g_string_append(draft->sql, term->negated ? " AND NOT (" : " AND (");
    append_numbered(
        draft->sql, is_domain(term) ? domain_sql : conditions[term->field].sql, draft->count + 1);
    g_string_append_c(draft->sql, ')');
    return values_of(store, draft, term, error);
}

static gboolean asks_state(const struct incident_query *query)
{
    for (guint i = 0; i < query->terms->len; i++) {
        const struct query_term *term = query->terms->pdata[i];
        if (term->field == QUERY_STATE && !term->negated)
            return TRUE;
    }
    return FALSE;
}

/* In the order of the fields, so that there are few different statements. */
static gboolean add_terms(
    struct store *store, struct draft *draft, const struct incident_query *query, GError **error)
{
    for (int field = 0; field < QUERY_FIELDS; field++)
        for (guint i = 0; i < query->terms->len; i++) {
            const struct query_term *term = query->terms->pdata[i];
            if ((int)term->field == field && !add_term(store, draft, term, error))
                return FALSE;
        }
    return TRUE;
}

static void add_sight(struct draft *draft, const struct sight_rule *sight)
{
    guint first = draft->count + 1;

    g_string_append_printf(draft->sql, " AND " SIGHT_SQL, first, first + 1, first + 2, first + 3);
    add_value(draft, (struct value)NUMBER(sight->red));
    add_value(draft, (struct value)NUMBER(sight->embargo));
    add_value(draft, (struct value)NUMBER(sight->restricted));
    add_value(draft, (struct value)TEXT(sight->member));
}

GPtrArray *store_query_incidents(
    struct store *store, const struct incident_query *query, GError **error)
{
    g_autoptr(GString) sql =
        g_string_new("SELECT " INCIDENT_COLUMNS " FROM incident WHERE (updated_at, id) < (?1, ?2)");
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    struct draft draft = {.sql = sql, .words = words};
    gboolean first = query->before_id == 0;

    g_return_val_if_fail(query->terms->len <= QUERY_MOST_TERMS, NULL);
    add_value(&draft, (struct value)NUMBER(first ? G_MAXINT64 : query->before_updated));
    add_value(&draft, (struct value)NUMBER(first ? G_MAXINT64 : (gint64)query->before_id));
    if (!query->finished && !asks_state(query)) /* in the words of the index */
        g_string_append(sql, " AND state NOT IN ('closed', 'rejected')");
    if (query->sight)
        add_sight(&draft, query->sight);
    if (!add_terms(store, &draft, query, error))
        return NULL;
    g_string_append_printf(sql, " ORDER BY updated_at DESC, id DESC LIMIT ?%u", draft.count + 1);
    add_value(&draft, (struct value)NUMBER(query->most));
    draft.values[draft.count].kind = VALUE_END;
    return statement_rows(store, sql->str, draft.values, &incident_shape, error);
}
