/* What operators do to incidents: take, note, close, reopen, and the steps that these are made of.
 */
#include "control-work.h"
#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { LONGEST_NAME = 100, LONGEST_NOTE = 16 * 1024, LONGEST_RESULT = 500, MOST_TAKEN = 100 };

/* -- steps -- */

/* `by`: who or what has decided it stands beside it. */
static const struct {
    const char *name;
    gsize now;
    const char *by_name;
    gsize by;
    gboolean is_moment; /* seconds since 1970; 0 for none */
} fields[] = {
    {"state", offsetof(struct incident, state)},
    {"handler", offsetof(struct incident, handler)},
    {"team", offsetof(struct incident, team)},
    {"waits_for", offsetof(struct incident, waits_for)},
    {"due", offsetof(struct incident, due), .is_moment = TRUE},
    {"embargo_until", offsetof(struct incident, embargo_until), .is_moment = TRUE},
    {"subject", offsetof(struct incident, subject), "subject_by",
        offsetof(struct incident, subject_by)},
    {"result", offsetof(struct incident, result)},
    {"kept", offsetof(struct incident, kept)},
    {"category", offsetof(struct incident, category), "category_by",
        offsetof(struct incident, category_by)},
    {"severity", offsetof(struct incident, severity), "severity_by",
        offsetof(struct incident, severity_by)},
    {"label", offsetof(struct incident, label), "label_by", offsetof(struct incident, label_by)},
};

static const char *text_at(const struct incident *incident, gsize offset)
{
    return *(char *const *)((const char *)incident + offset);
}

/* As the store takes it; the caller frees it. */
static char *value_at(const struct incident *incident, gsize i)
{
    if (!fields[i].is_moment)
        return g_strdup(text_at(incident, fields[i].now));
    return g_strdup_printf("%" PRIi64, *(const gint64 *)((const char *)incident + fields[i].now));
}

/* As people read it; the caller frees it. */
static char *shown(const struct deed *deed, gsize i, const char *value)
{
    return fields[i].is_moment ? when_words(deed->answer, g_ascii_strtoll(value, NULL, 10))
                               : g_strdup(value);
}

gboolean deed_begin_any(struct deed *deed, struct answer *answer, const char *id, GError **error)
{
    guint64 incident;

    *deed = (struct deed){.answer = answer, .now = now_seconds()};
    if (!answer_find_named(answer, id, &incident, error) ||
        !(deed->was = store_incident_show(answer->context->store, incident, error)))
        return FALSE;
    deed->changes = json_array();
    deed->hints = json_array();
    return TRUE;
}

/* The work is done where its mails are. */
gboolean deed_is_whole(const struct answer *answer, const struct incident *incident, GError **error)
{
    struct incident *target = incident->merged_into ? store_incident_show(answer->context->store,
                                                          incident->merged_into, error)
                                                    : NULL;

    if (target)
        answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a part of %s. Nothing was changed. Do it to %s, or take it apart: madoctl merge "
            "undo %s",
            incident->number, target->number, target->number, incident->number);
    incident_free(target);
    return !incident->merged_into;
}

gboolean deed_begin(struct deed *deed, struct answer *answer, const char *id, GError **error)
{
    return deed_begin_any(deed, answer, id, error) &&
           (deed_is_whole(answer, deed->was, error) || deed_give_up(deed));
}

gboolean deed_give_up(struct deed *deed)
{
    g_clear_pointer(&deed->was, incident_free);
    g_clear_pointer(&deed->changes, json_decref);
    g_clear_pointer(&deed->hints, json_decref);
    g_clear_pointer(&deed->more, json_decref);
    return FALSE;
}

void deed_hint(struct deed *deed, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(_(format), values);
    va_end(values);
    json_array_append_new(deed->hints, ctl_string(text));
}

/* Also one who is in the configuration no longer, of their own. */
static gboolean is_person(const struct answer *answer, const char *name)
{
    return answer_find_operator(answer, name) || g_str_equal(answer->user, name);
}

/* "category=phishing (was infection, by proposal): REASON" */
static gboolean journal_change(
    struct deed *deed, const struct wish *wish, const char *before, const char *by, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s=%s (was %s%s%s)%s%s", wish->field,
        *wish->value ? wish->value : "-", *before ? before : "-", *by ? ", by " : "", by,
        wish->reason ? ": " : "", wish->reason ? wish->reason : "");

    return store_journal(deed->answer->context->store, deed->now, deed->answer->user, "set",
        deed->was->id, 0, text, error);
}

static void add_change(struct deed *deed, const struct wish *wish, const char *before)
{
    json_array_append_new(
        deed->changes, json_pack("{s:o,s:o,s:o}", "field", ctl_string(wish->field), "old",
                           ctl_known(before), "new", ctl_known(wish->value)));
}

gboolean deed_note(struct deed *deed, const struct wish *wish, const char *before, GError **error)
{
    add_change(deed, wish, before);
    return journal_change(deed, wish, before, "", error);
}

static gboolean set_field(struct deed *deed, gsize i, const struct wish *wish, GError **error)
{
    struct store *store = deed->answer->context->store;
    g_autofree char *before = value_at(deed->was, i);
    g_autofree char *old = shown(deed, i, before), *new = shown(deed, i, wish->value);
    const struct wish told = {wish->field, new, wish->reason};
    const char *by = fields[i].by_name ? text_at(deed->was, fields[i].by) : "";
    gboolean confirms = fields[i].by_name && !is_person(deed->answer, by);

    if (g_str_equal(before, wish->value) && !confirms)
        return TRUE;
    add_change(deed, &told, old);
    return store_set_incident(
               store, deed->was->id, fields[i].name, wish->value, deed->now, error) &&
           (!fields[i].by_name || store_set_incident(store, deed->was->id, fields[i].by_name,
                                      deed->answer->user, deed->now, error)) &&
           journal_change(deed, &told, old, by, error);
}

gboolean deed_set(struct deed *deed, const struct wish *wish, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (g_str_equal(fields[i].name, wish->field))
            return set_field(deed, i, wish, error);
    return answer_refuse(error, MADO_E_INTERNAL, "The field \"%s\" cannot be set.", wish->field);
}

/* What came of it the last time it was closed is not what comes of it now. */
static const char *result_then(const struct incident *was, const char *state, const char *result)
{
    if (result)
        return result;
    return state_is_over(was->state) == state_is_over(state) ? was->result : "";
}

/* What belongs to the state that it was in goes with it. */
static gboolean leave_behind(struct deed *deed, const char *state, GError **error)
{
    static const struct {
        const char *state, *field, *none;
    } kept[] = {{"waiting", "waits_for", ""}, {"embargo", "embargo_until", "0"}};

    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
        if (!g_str_equal(kept[i].state, state) &&
            !deed_set(deed, &(struct wish){.field = kept[i].field, .value = kept[i].none}, error))
            return FALSE;
    return TRUE;
}

/* The journal has it in English. */
static gboolean refuse_move(
    const struct deed *deed, const char *to, const char *why, GError **error)
{
    static const char format[] =
        N_("%s is %s and cannot be made %s: %s. Nothing was changed. See: madoctl help states");
    const struct incident *was = deed->was;
    g_autofree char *english = g_strdup_printf(format, was->number, was->state, to, why);
    g_autofree char *said = g_strdup_printf(_(format), was->number, was->state, to, _(why));

    return error_set_said(error, MADO_E_BAD_DATA, english, said);
}

gboolean deed_move(struct deed *deed, const struct wish *wish, const char *result, GError **error)
{
    const struct incident *was = deed->was;
    const char *refused = state_refusal(was->state, wish->value);

    if (refused)
        return refuse_move(deed, wish->value, refused, error);
    return deed_set(deed, wish, error) &&
           deed_set(deed,
               &(struct wish){.field = "result", .value = result_then(was, wish->value, result)},
               error) &&
           leave_behind(deed, wish->value, error);
}

json_t *answer_next(const char *const *next, const char *number)
{
    json_t *rows = json_array();

    for (; *next; next++) {
        g_auto(GStrv) parts = g_strsplit(*next, "ID", 2);
        g_autofree char *command = g_strjoinv(number, parts);
        json_array_append_new(rows, ctl_string(command));
    }
    return rows;
}

gboolean deed_end(struct deed *deed, const char *const *next, GError **error)
{
    struct answer *answer = deed->answer;
    struct incident *now = store_follow_changes(answer->context->store, error)
                               ? store_incident_show(answer->context->store, deed->was->id, error)
                               : NULL;
    json_t *row;

    if (!now)
        return deed_give_up(deed);
    row = answer_ticket_row(answer, now);
    answer_set(row, "changes", g_steal_pointer(&deed->changes));
    answer_set(row, "hints", g_steal_pointer(&deed->hints));
    if (deed->more)
        json_object_update(row, deed->more);
    answer_set(row, "next", answer_next(next, now->number));
    answer_add(answer, row);
    incident_free(now);
    deed_give_up(deed);
    return TRUE;
}

static void hint_proposal(struct deed *deed)
{
    const struct incident *was = deed->was;

    if (g_str_equal(was->category_by, "proposal"))
        deed_hint(deed,
            "The category %s is a proposal that nobody has confirmed: madoctl set %s category=%s",
            was->category, was->number, was->category);
}

/* -- take ID... [--over] -- */

static gboolean may_take(const struct deed *deed, GError **error)
{
    const struct incident *was = deed->was;
    const char *user = deed->answer->user;

    if (state_is_over(was->state))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is %s. Nothing was changed. Open it again first: madoctl reopen %s", was->number,
            was->state, was->number);
    if (!*was->handler || g_str_equal(was->handler, user) || answer_flag(deed->answer, "over"))
        return TRUE;
    return answer_refuse(error, MADO_E_BAD_DATA,
        "%s has a handler: %s. Nothing was changed. To take it over: madoctl take %s --over",
        was->number, was->handler, was->number);
}

static gboolean take(struct answer *answer, const char *id, GError **error)
{
    static const char *const next[] = {"madoctl show ID --mail", "madoctl note ID TEXT", NULL};
    struct deed deed;

    if (!deed_begin(&deed, answer, id, error))
        return FALSE;
    if (!may_take(&deed, error) ||
        !deed_set(&deed, &(struct wish){.field = "handler", .value = answer->user}, error) ||
        (g_str_equal(deed.was->state, "new") &&
            !deed_move(&deed, &(struct wish){"state", "open", NULL}, NULL, error)))
        return deed_give_up(&deed);
    hint_proposal(&deed);
    return deed_end(&deed, next, error);
}

gboolean answer_take(struct answer *answer, GError **error)
{
    json_t *ids = json_object_get(answer->args, "ids"), *id;
    gsize i;

    if (!json_array_size(ids) || json_array_size(ids) > MOST_TAKEN)
        return answer_refuse(error, MADO_E_USAGE,
            "Which ticket? At most %d at once. Nothing was changed. Write: madoctl take 42",
            MOST_TAKEN);
    json_array_foreach(ids, i, id)
        if (!take(answer, json_string_value(id), error))
            return FALSE;
    return TRUE;
}

/* -- note ID TEXT [--advice] -- */

static json_t *note_row(const struct deed *deed, const char *text, gboolean advice)
{
    static const char *const next[] = {"madoctl history ID", NULL};
    json_t *row = ctl_row();

    answer_set(row, "ticket", ctl_string(deed->was->number));
    answer_set(row, "actor", ctl_string(deed->answer->user));
    answer_set(row, "at", answer_moment(deed->answer, deed->now));
    answer_set(row, "advice", json_boolean(advice));
    answer_set(row, "decision", ctl_known(answer_string(deed->answer, "decision")));
    answer_set(row, "text", ctl_string(text));
    answer_set(row, "next", answer_next(next, deed->was->number));
    return row;
}

/* Of whoever has decided it: a line that is not long. */
static gboolean is_name(const char *name, GError **error)
{
    g_autofree char *harmless = g_strstrip(text_harmless(name, NULL));

    return (*harmless && g_str_equal(harmless, name) && strlen(name) <= LONGEST_NAME) ||
           answer_refuse(error, MADO_E_USAGE,
               "Who has decided it? A name of at most %d bytes. Nothing was changed. Write: "
               "madoctl note 42 'we publish' --decision 'Sato, CISO'",
               LONGEST_NAME);
}

/* It stays in the journal: no letter is made of that. */
static gboolean write_note(struct deed *deed, const char *text, GError **error)
{
    gboolean advice = answer_flag(deed->answer, "advice");
    const char *decided = answer_string(deed->answer, "decision");
    g_autofree char *by = decided ? g_strdup_printf("decided by %s: ", decided) : g_strdup("");
    g_autofree char *kept = g_strconcat(advice ? "advice: " : "", by, text, NULL);

    if (decided && !is_name(decided, error))
        return FALSE;

    if (!*text || strlen(text) > LONGEST_NOTE)
        return answer_refuse(error, *text ? MADO_E_BAD_DATA : MADO_E_USAGE,
            *text ? "The note is longer than %d bytes. Nothing was changed. Write several notes."
                  : N_("The note has no text (of at most %d bytes). Nothing was changed. Write: "
                       "madoctl note ID TEXT"),
            LONGEST_NOTE);
    if (!store_journal(deed->answer->context->store, deed->now, deed->answer->user, "note",
            deed->was->id, 0, kept, error) ||
        !store_join_incident(deed->answer->context->store, deed->was->id, deed->now, error))
        return FALSE;
    answer_add(deed->answer, note_row(deed, text, advice));
    return TRUE;
}

gboolean answer_note(struct answer *answer, GError **error)
{
    const char *given = answer_string(answer, "text");
    g_autofree char *text = g_strstrip(text_harmless(given ? given : "", "\n\t"));
    struct deed deed;
    gboolean done;

    if (!deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    done = write_note(&deed, text, error);
    deed_give_up(&deed);
    return done;
}

/* -- close ID [--result TEXT], reopen ID [--reason TEXT] -- */

gboolean deed_is_short(const char *text, GError **error)
{
    return !text || strlen(text) <= LONGEST_RESULT ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The text is longer than %d bytes. Nothing was changed. Write a shorter one, and a "
               "note with the rest.",
               LONGEST_RESULT);
}

char *deed_line_of(const struct answer *answer, const char *name)
{
    const char *given = answer_string(answer, name);

    return given ? g_strstrip(text_harmless(given, NULL)) : NULL;
}

gboolean answer_close(struct answer *answer, GError **error)
{
    static const char *const next[] = {"madoctl reopen ID --reason TEXT", NULL};
    g_autofree char *result = deed_line_of(answer, "result");
    struct deed deed;

    if (!deed_is_short(result, error) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    hint_proposal(&deed);
    if (!deed_move(&deed, &(struct wish){"state", "closed", NULL}, result, error))
        return deed_give_up(&deed);
    return deed_end(&deed, next, error);
}

gboolean answer_reopen(struct answer *answer, GError **error)
{
    static const char *const next[] = {"madoctl show ID", "madoctl take ID", NULL};
    g_autofree char *reason = deed_line_of(answer, "reason");
    struct deed deed;

    if (!deed_is_short(reason, error) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    if (!state_is_over(deed.was->state))
        deed_hint(&deed, "%s is %s: there is nothing to open.", deed.was->number, deed.was->state);
    else if (!deed_move(&deed, &(struct wish){"state", "open", reason}, NULL, error))
        return deed_give_up(&deed);
    return deed_end(&deed, next, error);
}
