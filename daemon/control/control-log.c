/* log: what came by telephone, by a visit or on the web, and is no mail. It opens an incident or is
 * added to one, and is kept as it was said; the ledger, which is of mail, does not have it. */
#include "control-query.h"
#include "control-work.h"
#include "desk.h"
#include "duty.h"
#include "error.h"
#include "now.h"
#include "number.h"
#include "text.h"
#include <string.h>

enum { LONGEST_SUBJECT = 500, SUBJECT_COLUMNS = 78, TOLD_SHOWN = 100 };

/* In the order in which they are asked. */
static const char *const answer_names[TOLD_ANSWERS] = {
    "taken", "caller", "back", "kind", "what", "harm", "wants", "promised", "passed"};
static const char *const kinds[] = {
    "incident", "vulnerability", "follow-up", "question", "press", "sales", "other", NULL};
static const char *const ways[] = {"phone", "visit", "web", "import", NULL};

/* What was typed, sorted. */
struct record {
    struct told told;
    char *subject;
    GPtrArray *settings; /* const char *: words for `set` */
};

static void record_clear(struct record *record)
{
    for (int i = 0; i < TOLD_ANSWERS; i++)
        g_free(record->told.answer[i]);
    g_free(record->subject);
    g_ptr_array_unref(record->settings);
}

/* -- what was typed -- */

/* Where that answer is written; FALSE: it is none. */
static gboolean find_place(struct record *record, const char *name, char ***place)
{
    *place = &record->subject;
    if (g_str_equal(name, "subject"))
        return TRUE;
    for (int i = 0; i < TOLD_ANSWERS; i++)
        if (g_str_equal(answer_names[i], name)) {
            *place = &record->told.answer[i];
            return TRUE;
        }
    return FALSE;
}

/* "caller=Tanaka" is an answer, "severity=high" a field of the incident. */
static gboolean take_word(struct record *record, const char *word, GError **error)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : NULL;
    char **place;

    if (!name || !find_place(record, name, &place)) {
        g_ptr_array_add(record->settings, (gpointer)word);
        return TRUE;
    }
    if (**place)
        return answer_refuse(
            error, MADO_E_USAGE, "The field %s stands there twice. Nothing was changed.", name);
    g_free(*place);
    *place = g_strstrip(text_harmless(equals + 1, "\n\t"));
    return TRUE;
}

static gboolean check_record(struct record *record, GError **error)
{
    const char *kind = record->told.answer[TOLD_KIND];
    const char *what = record->told.answer[TOLD_WHAT];

    if (*kind && !answer_is_one_of("kind", kind, kinds, error))
        return FALSE;
    if (!*what)
        return answer_refuse(error, MADO_E_USAGE,
            "It does not say what happened. Nothing was changed. Write: madoctl log %s "
            "caller='Tanaka, Example Inc.' what='our shop shows another page'",
            record->told.way);
    if (!*record->subject) {
        g_auto(GStrv) lines = g_strsplit(what, "\n", 2);
        g_free(record->subject);
        record->subject = text_fit(lines[0], SUBJECT_COLUMNS);
    }
    return strlen(record->subject) <= LONGEST_SUBJECT ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The subject is longer than %d bytes. Nothing was changed.", LONGEST_SUBJECT);
}

static gboolean read_record(const struct answer *answer, struct record *record, GError **error)
{
    const json_t *words = json_object_get(answer->args, "set");
    gsize i;
    json_t *word;

    for (int one = 0; one < TOLD_ANSWERS; one++)
        record->told.answer[one] = g_strdup("");
    record->subject = g_strdup("");
    record->settings = g_ptr_array_new();
    json_array_foreach((json_t *)words, i, word)
        if (!take_word(record, json_string_value(word), error))
            return FALSE;
    return check_record(record, error);
}

/* "09:10 by tanaka", unless another time or person was named. */
static void note_taker(const struct answer *answer, struct record *record)
{
    g_autofree char *time = when_words(answer, record->told.at);
    char **taken = &record->told.answer[TOLD_TAKEN];

    if (**taken)
        return;
    g_free(*taken);
    *taken = g_strdup_printf("%s by %s", time, answer->user);
}

/* All that was said, a line each. */
static char *said(const struct told *told)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < TOLD_ANSWERS; i++)
        if (*told->answer[i])
            g_string_append_printf(
                text, "%s%s: %s", text->len ? "\n" : "", answer_names[i], told->answer[i]);
    return g_string_free(text, FALSE);
}

/* -- triage, as of a mail -- */

static struct plan *decide(
    const struct answer *answer, const struct record *record, const char *label)
{
    g_autoptr(mado_message) message = message_new();

    g_free(message->subject);
    message->subject = g_strdup(record->subject);
    g_free(message->text);
    message->text = said(&record->told);
    return desk_told(message, answer->context->settings, label);
}

static gboolean apply_set(struct deed *deed, const struct action *action, GError **error)
{
    static const char *const own[] = {"label", "handler", "team", NULL};
    const char *field = action->value[0];
    g_autofree char *text = g_strdup_printf("%s=%s: %s", field, action->value[1], action->why);

    if (g_strv_contains(own, field))
        return deed_set(deed, &(struct wish){field, action->value[1], action->why}, error);
    if (g_str_equal(field, "flag"))
        deed_hint(deed, "Look at its label: %s.", action->why);
    return store_journal(deed->answer->context->store, deed->now, "mado",
        g_str_equal(field, "flag") ? "set" : field, deed->was->id, 0, text, error);
}

static gboolean apply_plan(struct deed *deed, const struct plan *plan, GError **error)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = g_ptr_array_index(plan->actions, i);
        if (action->kind == ACTION_SET && !apply_set(deed, action, error))
            return FALSE;
    }
    return TRUE;
}

/* -- a new incident -- */

static gboolean note_opening(const struct answer *answer, const struct record *record,
    const struct action *open, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *no_mail =
        g_strdup_printf("it came by %s: there is no mail to answer", record->told.way);

    return store_journal(store, record->told.at, "mado", "opened", record->told.incident, 0,
               open->why, error) &&
           store_journal(
               store, record->told.at, "mado", "no-ack", record->told.incident, 0, no_mail, error);
}

static gboolean note_new(const struct answer *answer, const struct record *record,
    const struct action *open, const char *number, GError **error)
{
    const char *to = answer->context->settings->notices.to;

    return note_opening(answer, record, open, error) &&
           (((!to || !*to) && !duty_is_kept(answer->context->settings)) ||
               store_add_notice(answer->context->store, 0, number, "new", open->value[1],
                   open->value[2], record->told.at, error));
}

/* Nobody can answer a caller by mail: there is no address, and one that was read out proves
 * nothing. */
static gboolean open_incident(const struct answer *answer, struct record *record,
    const struct plan *plan, char **number, GError **error)
{
    const struct action *open = plan_find(plan, ACTION_OPEN);
    const struct new_incident wanted = {
        .year = when_year(answer, record->told.at),
        .category = open->value[0],
        .severity = open->value[1],
        .label = open->value[2],
        .category_by = open->value[3],
        .severity_by = open->value[4],
        .label_by = open->value[5],
        .subject = record->subject,
        .reporter_name = record->told.answer[TOLD_CALLER],
        .reporter_addr = "",
        .at = record->told.at,
    };
    int sequence;

    record->told.opens = TRUE;
    return store_open_incident(answer->context->store, &wanted, number_format,
               &record->told.incident, &sequence, number, error) &&
           note_new(answer, record, open, *number, error);
}

static gboolean open_for(struct answer *answer, struct record *record, struct plan **plan,
    struct deed *deed, GError **error)
{
    g_autofree char *number = NULL;

    *plan = decide(answer, record, NULL);
    return open_incident(answer, record, *plan, &number, error) &&
           deed_begin(deed, answer, number, error);
}

/* -- one there is -- */

static gboolean join_for(struct answer *answer, struct record *record, struct plan **plan,
    struct deed *deed, GError **error)
{
    if (!deed_begin(deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    record->told.incident = deed->was->id;
    *plan = decide(answer, record, deed->was->label);
    if (state_is_over(deed->was->state))
        deed_hint(deed, "%s is %s. To open it again: madoctl reopen %s", deed->was->number,
            deed->was->state, deed->was->number);
    return store_join_incident(answer->context->store, deed->was->id, deed->now, error);
}

/* -- what is kept, and told -- */

/* What an operator says of a new incident needs no reason: there was nothing before. */
static gboolean set_words(struct deed *deed, const struct record *record, GError **error)
{
    const char *given = answer_string(deed->answer, "reason");
    g_autofree char *reason = g_strdup_printf("as it was told (%s)", record->told.way);

    for (guint i = 0; i < record->settings->len; i++)
        if (!deed_set_word(deed, g_ptr_array_index(record->settings, i),
                given || !record->told.opens ? given : reason, error))
            return FALSE;
    return TRUE;
}

/* "SAKURA, 2026, 42, K-7": as one says it on the telephone. */
static char *read_out(const struct deed *deed)
{
    const char *number = deed->was->number;
    gsize length = strlen(number);

    return g_strdup_printf("%s, %d, %d, %c-%c", deed->answer->context->settings->tickets.tag,
        deed->was->year, deed->was->sequence, number[length - 2], number[length - 1]);
}

static json_t *told_row(const struct answer *answer, const struct told *told)
{
    json_t *row = json_object();

    answer_set(row, "way", ctl_string(told->way));
    answer_set(row, "actor", ctl_string(told->actor));
    answer_set(row, "at", answer_moment(answer, told->at));
    answer_set(row, "opens", json_boolean(told->opens));
    for (int i = 0; i < TOLD_ANSWERS; i++)
        answer_set(row, answer_names[i], ctl_known(told->answer[i]));
    return row;
}

static gboolean keep(struct deed *deed, const struct record *record, GError **error)
{
    const struct told *told = &record->told;
    struct store *store = deed->answer->context->store;
    g_autofree char *text = said(told);
    g_autofree char *spoken = read_out(deed);

    deed->more = json_pack(
        "{s:o,s:o}", "told", told_row(deed->answer, told), "read_out", ctl_string(spoken));
    return store_add_told(store, told, error) &&
           store_journal(store, told->at, told->actor, told->way, told->incident, 0, text, error);
}

static gboolean write_down(struct answer *answer, struct record *record, GError **error)
{
    static const char *const next[] = {"madoctl show ID", "madoctl take ID", NULL};
    g_autoptr(mado_plan) plan = NULL;
    struct deed deed = {0};
    gboolean begun =
        (answer_string(answer, "id") ? join_for : open_for)(answer, record, &plan, &deed, error);

    if (!begun || !keep(&deed, record, error) || !apply_plan(&deed, plan, error) ||
        !set_words(&deed, record, error))
        return deed_give_up(&deed);
    return deed_end(&deed, next, error);
}

static gboolean log_by(struct answer *answer, const char *way, GError **error)
{
    struct record record = {
        .told = {.way = (char *)way, .actor = (char *)answer->user, .at = now_seconds()}};
    gboolean done = read_record(answer, &record, error);

    if (done)
        note_taker(answer, &record);
    done = done && write_down(answer, &record, error);
    record_clear(&record);
    return done;
}

gboolean answer_log_phone(struct answer *answer, GError **error)
{
    return log_by(answer, ways[0], error);
}

gboolean answer_log_visit(struct answer *answer, GError **error)
{
    return log_by(answer, ways[1], error);
}

gboolean answer_log_web(struct answer *answer, GError **error)
{
    return log_by(answer, ways[2], error);
}

/* -- in the rows of others -- */

gboolean answer_told(const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) all = store_told(answer->context->store, incident, TOLD_SHOWN, error);
    json_t *rows = json_array();

    for (guint i = 0; all && i < all->len; i++)
        json_array_append_new(rows, told_row(answer, all->pdata[i]));
    answer_set(row, "told", rows);
    return all != NULL;
}

gboolean answer_count_told(const struct answer *answer, json_t *row, GError **error)
{
    json_t *counts = json_object();
    gint64 count;

    answer_set(row, "told", counts);
    for (const char *const *way = ways; *way; way++) {
        if (!store_count_told(answer->context->store, *way, &count, error))
            return FALSE;
        answer_set(counts, *way, json_integer(count));
    }
    return TRUE;
}
