/* link, similar: which tickets have to do with which; of these only those that the operator sees.
 */
#include "control-work.h"
#include "error.h"
#include "now.h"
#include <string.h>

enum { LINKS_SHOWN = 100, SIMILAR_SHOWN = 20, UNDO_SECONDS = 24 * 60 * 60 };

/* What the other is, and what one is to the other. */
static const struct {
    const char *kind, *back;
} kinds[] = {
    {"related", "related"},
    {"duplicate", "duplicate"},
    {"cause", "effect"},
    {"effect", "cause"},
};

static const char *back_of(const char *kind, GError **error)
{
    const char *names[G_N_ELEMENTS(kinds) + 1] = {NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        names[i] = kinds[i].kind;
        if (g_str_equal(kinds[i].kind, kind))
            return kinds[i].back;
    }
    answer_is_one_of("kind of link", kind, names, error);
    return NULL;
}

/* -- for show -- */

static json_t *link_row(const struct answer *answer, const struct incident_link *link)
{
    struct incident *other = store_incident_show(answer->context->store, link->other, NULL);
    json_t *row = NULL;

    if (other && answer_sees(answer, other))
        row = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "ticket", ctl_string(other->number),
            "kind", ctl_string(link->kind), "state", ctl_string(other->state), "subject",
            ctl_string(other->subject), "by", ctl_string(link->actor), "reason",
            ctl_known(link->reason), "at", answer_moment(answer, link->at));
    incident_free(other);
    return row;
}

static json_t *merged_row(const struct answer *answer, const struct merge *merge)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "into", answer_ticket_number(answer, merge->target),
        "by", ctl_string(merge->actor), "reason", ctl_known(merge->reason), "at",
        answer_moment(answer, merge->at), "undo_until",
        answer_moment(answer, merge->at + UNDO_SECONDS));
}

gboolean answer_links(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) links = store_links(store, incident->id, LINKS_SHOWN, error);
    g_autoptr(mado_merge) merge =
        incident->merged_into ? store_merge_show(store, incident->id, NULL) : NULL;
    json_t *rows = json_array();

    for (guint i = 0; links && i < links->len; i++) {
        json_t *one = link_row(answer, links->pdata[i]);
        if (one)
            json_array_append_new(rows, one);
    }
    answer_set(row, "links", rows);
    answer_set(row, "merged", merge ? merged_row(answer, merge) : json_null());
    return links != NULL;
}

/* -- link ID OTHER [--kind KIND] [--reason TEXT] -- */

/* Both must be there for who asks. */
static gboolean find_both(
    struct answer *answer, struct incident **one, struct incident **other, GError **error)
{
    guint64 first, second;

    if (!answer_find_ticket(answer, &first, error) ||
        !answer_find_named(answer, answer_string(answer, "other"), &second, error))
        return FALSE;
    if (first == second) {
        answer_refuse(error, MADO_E_USAGE,
            "A ticket is not linked to itself. Nothing was changed. Write: madoctl link 42 43");
        return FALSE;
    }
    *one = store_incident_show(answer->context->store, first, error);
    *other = *one ? store_incident_show(answer->context->store, second, error) : NULL;
    return *other != NULL;
}

/* Beside either of them: who sees one and not the other does not learn of the other. */
static gboolean note(struct answer *answer, const struct incident *one,
    const struct incident *other, const char *what, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    const struct incident *sides[][2] = {{one, other}, {other, one}};
    gint64 now = now_seconds();

    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
        gboolean hidden =
            sides[i][1]->restricted || (g_str_has_prefix(sides[i][1]->label, "TLP:RED") &&
                                           !g_str_has_prefix(sides[i][0]->label, "TLP:RED"));
        g_autofree char *text = g_strdup_printf("%s %s%s%s", what,
            hidden ? "a ticket that few see" : sides[i][1]->number, reason && !hidden ? ": " : "",
            reason && !hidden ? reason : "");
        if (!store_journal(
                answer->context->store, now, answer->user, "link", sides[i][0]->id, 0, text, error))
            return FALSE;
    }
    return TRUE;
}

static void tell(struct answer *answer, const struct incident *one, const struct incident *other,
    const char *kind)
{
    static const char *const next[] = {"madoctl show ID", "madoctl similar ID", NULL};
    json_t *row = ctl_row();

    answer_set(row, "ticket", ctl_string(one->number));
    answer_set(row, "other", ctl_string(other->number));
    answer_set(row, "kind", ctl_known(kind));
    answer_set(row, "next", answer_next(next, one->number));
    answer_add(answer, row);
}

static gboolean link_both(
    struct answer *answer, const struct incident *one, const struct incident *other, GError **error)
{
    const char *kind = answer_string(answer, "kind"), *reason = answer_string(answer, "reason");
    struct incident_link link = {
        .incident = one->id,
        .other = other->id,
        .kind = (char *)(kind ? kind : "related"),
        .actor = (char *)answer->user,
        .reason = (char *)(reason ? reason : ""),
        .at = now_seconds(),
    };
    const char *back = back_of(link.kind, error);
    g_autofree char *what = g_strdup_printf("%s:", link.kind);

    if (!back || (reason && !answer_is_reason(reason, "madoctl link 42 43 --reason TEXT", error)) ||
        !store_link(answer->context->store, &link, back, error) ||
        !note(answer, one, other, what, error))
        return FALSE;
    tell(answer, one, other, link.kind);
    return TRUE;
}

gboolean answer_link(struct answer *answer, GError **error)
{
    struct incident *one = NULL, *other = NULL;
    gboolean done = find_both(answer, &one, &other, error) && link_both(answer, one, other, error);

    incident_free(one);
    incident_free(other);
    return done;
}

static gboolean unlink_both(
    struct answer *answer, const struct incident *one, const struct incident *other, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    gboolean was;

    if ((reason && !answer_is_reason(reason, "madoctl link drop 42 43 --reason TEXT", error)) ||
        !store_unlink(answer->context->store, one->id, other->id, &was, error))
        return FALSE;
    if (!was)
        return answer_refuse(error, MADO_E_NO_SUCH,
            "%s and %s are not linked. Nothing was changed. See: madoctl show %s", one->number,
            other->number, one->number);
    tell(answer, one, other, NULL);
    return note(answer, one, other, "no longer linked:", error);
}

gboolean answer_link_drop(struct answer *answer, GError **error)
{
    struct incident *one = NULL, *other = NULL;
    gboolean done =
        find_both(answer, &one, &other, error) && unlink_both(answer, one, other, error);

    incident_free(one);
    incident_free(other);
    return done;
}

/* -- similar ID: past cases that share something, or have the same subject -- */

static void tell_similar(
    struct answer *answer, guint64 id, const GPtrArray *shared, GHashTable *told)
{
    struct incident *other = store_incident_show(answer->context->store, id, NULL);
    g_autoptr(GPtrArray) nothing = g_ptr_array_new();
    json_t *row;

    if (other && answer_sees(answer, other) && g_hash_table_size(told) < SIMILAR_SHOWN &&
        g_hash_table_add(told, GSIZE_TO_POINTER(id))) {
        row = answer_ticket_row(answer, other);
        answer_set(row, "shared", answer_shared(shared ? shared : nothing));
        answer_set(row, "same_subject", json_boolean(!shared));
        answer_add(answer, row);
    }
    incident_free(other);
}

/* Without "Re:" and the numbers of trackers, which say nothing of the case. */
static char *subject_words(const char *subject)
{
    g_autoptr(GRegex) noise =
        g_regex_new("\\[[^\\]]*\\]|^\\s*((re|fwd?|aw)\\s*:\\s*)+|[\"\\x{201c}\\x{201d}]",
            G_REGEX_CASELESS, 0, NULL);

    return g_strstrip(g_regex_replace_literal(noise, subject, -1, 0, " ", 0, NULL));
}

static gboolean add_similar(struct answer *answer, const struct incident *incident, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) related = store_related(store, incident->id, SIMILAR_SHOWN * 2, error);
    g_autofree char *words = subject_words(incident->subject);
    g_autoptr(GPtrArray) named =
        related ? store_search(store, strlen(words) < 500 ? words : "", SIMILAR_SHOWN * 2, error)
                : NULL;
    g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);

    for (guint i = 0; named && i < related->len; i++) {
        const struct related *one = related->pdata[i];
        tell_similar(answer, one->incident, one->shared, told);
    }
    for (guint i = 0; named && i < named->len; i++) {
        const struct incident *one = named->pdata[i];
        if (one->id != incident->id && !one->merged_into)
            tell_similar(answer, one->id, NULL, told);
    }
    return named != NULL;
}

gboolean answer_similar(struct answer *answer, GError **error)
{
    guint64 id;
    struct incident *incident = NULL;
    gboolean done = answer_find_ticket(answer, &id, error) &&
                    (incident = store_incident_show(answer->context->store, id, error)) &&
                    add_similar(answer, incident, error);

    incident_free(incident);
    return done;
}
