/* list, search and their saved views: tickets that the operator may see, by the query language. */
#include "control-answers.h"
#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include <string.h>

enum { PAGE = 100, LONGEST_NAME = 40, LONGEST_QUERY = 1000 };

/* Adds those of `found` that the operator sees, until the page is full; TRUE then. */
static gboolean add_tickets(
    struct answer *answer, const GPtrArray *found, guint *room, const struct incident **last)
{
    for (guint i = 0; i<found->len && * room> 0; i++) {
        const struct incident *one = g_ptr_array_index(found, i);
        if (!answer_sees(answer, one))
            continue;
        answer_add(answer, answer_ticket_row(answer, one));
        *last = one;
        (*room)--;
    }
    return *room == 0;
}

/* A page ends with what is seen: nothing tells of what was passed over. */
static gboolean list_tickets(
    struct answer *answer, struct incident_query *query, guint room, GError **error)
{
    struct sight_rule rule;

    query->sight = answer_sight_rule(answer, &rule);
    for (gboolean more = TRUE; more;) {
        g_autoptr(GPtrArray) found = store_query_incidents(answer->context->store, query, error);
        const struct incident *last = NULL, *end;
        if (!found)
            return FALSE;
        more = found->len == PAGE;
        if (add_tickets(answer, found, &room, &last)) {
            answer->next = json_pack("{s:o,s:o}", "updated",
                answer_integer((guint64)last->updated_at), "id", answer_integer(last->id));
            return TRUE;
        }
        if (!more)
            return TRUE;
        end = g_ptr_array_index(found, PAGE - 1);
        query->before_updated = end->updated_at;
        query->before_id = end->id;
    }
    return TRUE;
}

/* Arguments that stand for a word of the query each. */
static gboolean add_arguments(struct answer *answer, GPtrArray *terms, GError **error)
{
    static const char *const names[] = {"state", "severity", "category", "handler"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = answer_string(answer, names[i]);
        g_autofree char *word = value ? g_strdup_printf("%s:\"%s\"", names[i], value) : NULL;
        if (word && !query_parse(answer, word, QUERY_OF_LIST, terms, error))
            return FALSE;
    }
    return TRUE;
}

gboolean answer_list(struct answer *answer, GError **error)
{
    const char *text = answer_string(answer, "query");
    g_autoptr(GPtrArray) terms = query_new();
    struct incident_query query = {
        .terms = terms,
        .finished = answer_flag(answer, "all"),
        .before_updated = (gint64)answer_page_number(answer, "updated"),
        .before_id = answer_page_number(answer, "id"),
        .most = PAGE,
    };

    return add_arguments(answer, terms, error) &&
           (!text || query_parse(answer, text, QUERY_OF_LIST, terms, error)) &&
           list_tickets(answer, &query, PAGE, error);
}

/* -- search: past cases too -- */

/* Nothing but words: the index alone answers, best first. */
static gboolean is_all_words(const GPtrArray *terms)
{
    for (guint i = 0; i < terms->len; i++) {
        const struct query_term *term = terms->pdata[i];
        if (term->field != QUERY_WORDS || term->negated)
            return FALSE;
    }
    return TRUE;
}

static gboolean search_words(struct answer *answer, const char *text, GError **error)
{
    g_autoptr(GPtrArray) found = store_search(answer->context->store, text, CTL_MOST_FOUND, error);
    const struct incident *last;
    guint room = CTL_MOST_FOUND + 1;

    if (!found)
        return FALSE;
    add_tickets(answer, found, &room, &last);
    return TRUE;
}

gboolean answer_search(struct answer *answer, GError **error)
{
    const char *text = answer_string(answer, "text");
    g_autoptr(GPtrArray) terms = query_new();
    struct incident_query query = {.terms = terms, .finished = TRUE, .most = PAGE};

    if (!text || !*text)
        return answer_refuse(error, MADO_E_USAGE,
            "No words to search for. Nothing was changed. Write: madoctl search WORDS");
    if (!query_parse(answer, text, QUERY_OF_SEARCH, terms, error))
        return FALSE;
    if (is_all_words(terms))
        return search_words(answer, text, error);
    if (!list_tickets(answer, &query, CTL_MOST_FOUND, error))
        return FALSE;
    json_decref(answer->next);
    answer->next = NULL;
    return TRUE;
}

/* -- views -- */

static json_t *view_row(const struct answer *answer, const struct saved_view *view)
{
    static const char *const next[] = {"madoctl list @ID", NULL};
    json_t *row = ctl_row();

    answer_set(row, "name", ctl_string(view->name));
    answer_set(row, "query", ctl_string(view->query));
    answer_set(row, "by", ctl_string(view->actor));
    answer_set(row, "at", answer_moment(answer, view->at));
    answer_set(row, "next", answer_next(next, view->name));
    return row;
}

gboolean answer_views(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) views = store_saved_views(answer->context->store, error);

    for (guint i = 0; views && i < views->len; i++)
        answer_add(answer, view_row(answer, views->pdata[i]));
    return views != NULL;
}

static gboolean is_name(const char *name, GError **error)
{
    gboolean good = name && *name && strlen(name) <= LONGEST_NAME;

    for (const char *at = name; good && *at; at++)
        good = g_ascii_isalnum(*at) || *at == '-' || *at == '_';
    return good || answer_refuse(error, MADO_E_USAGE,
                       "A view has a name of letters, digits, - and _ (at most %d). Nothing was "
                       "changed. Write: madoctl view set night 'sev:>=high handler:-'",
                       LONGEST_NAME);
}

/* What a colleague lists by is not another one from one day to the next. */
static gboolean may_replace(const struct answer *answer, const struct saved_view *was,
    const struct saved_view *view, GError **error)
{
    return !was || g_str_equal(was->actor, view->actor) || g_str_equal(was->query, view->query) ||
           answer_flag(answer, "replace") ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The view %s is of %s: %s. Nothing was changed. Take another name, or put yours in "
               "its place: --replace",
               view->name, was->actor, was->query);
}

static gboolean keep_view(struct answer *answer, const struct saved_view *view, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *noted = g_strdup_printf("view %s: %s", view->name, view->query);

    return store_save_view(store, view, error) &&
           store_journal(store, view->at, view->actor, "view", 0, 0, noted, error);
}

/* As it is already, it stays that of whoever wrote it. */
static gboolean set_view(struct answer *answer, const struct saved_view *view, GError **error)
{
    struct saved_view *was = NULL;
    gboolean done = store_saved_view(answer->context->store, view->name, &was, error) &&
                    may_replace(answer, was, view, error);

    gboolean same = done && was && g_str_equal(was->query, view->query);

    done = done && (same || keep_view(answer, view, error));
    if (done)
        answer_add(answer, view_row(answer, same ? was : view));
    saved_view_free(was);
    return done;
}

gboolean answer_view_set(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "name"), *text = answer_string(answer, "query");
    const struct saved_view view = {
        (char *)name, (char *)text, (char *)answer->user, now_seconds()};
    g_autoptr(GPtrArray) terms = query_new();

    if (!is_name(name, error))
        return FALSE;
    if (!text || !*text || strlen(text) > LONGEST_QUERY)
        return answer_refuse(error, MADO_E_USAGE,
            "A view has a query (of at most %d bytes). Nothing was changed. "
            "Write: madoctl view set %s 'sev:>=high'",
            LONGEST_QUERY, name);
    return query_parse(answer, text, QUERY_OF_VIEW, terms, error) && set_view(answer, &view, error);
}

gboolean answer_view_drop(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "name");
    struct store *store = answer->context->store;
    g_autofree char *query = NULL, *noted = NULL;
    gboolean was;

    if (!is_name(name, error))
        return FALSE;
    query = store_saved_query(store, name, error);
    noted = g_strdup_printf("view %s dropped", name);
    if (!store_drop_view(store, name, &was, error))
        return FALSE;
    if (!was)
        return answer_refuse(error, MADO_E_NO_SUCH,
            "There is no view \"%s\". Nothing was changed. See: madoctl view", name);
    answer_add(answer,
        view_row(answer, &(struct saved_view){(char *)name, query, (char *)answer->user, 0}));
    return store_journal(store, now_seconds(), answer->user, "view", 0, 0, noted, error);
}
