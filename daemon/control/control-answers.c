/*
 * One request -> its answer
 *
 * SECURITY. Arguments come from an operator's program: names, types and lengths are checked here,
 * by one table. Text of strangers leaves as JSON strings only.
 */
#include "control-answers.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include <mado/limits.h>
#include <stdarg.h>
#include <string.h>

enum { LONGEST_ARGUMENT = 4096, LONGEST_REASON = 500 };

#define PARTY "format:s only:s coordination:s label:s reply_by:s show_reporter:s target:s"
#define SHEET                                                                                      \
    "draft:s purpose:s id:s to:s language:s template:s subject:s text:f confirmed:b "              \
    "files:r " PARTY

/* `args`: name and type with blanks between; s = string, f = a file in base64, b = true or false,
 * l = list of strings, r = list of rows, o = object. What changes something does all of it or
 * nothing, and is answered behind the commit; what `frees` may let a held letter go. */
static const struct handler {
    const char *command;
    const char *args;
    gboolean (*run)(struct answer *answer, GError **error);
    gboolean changes, much, most, frees;
} handlers[] = {
    {"status", "", answer_status},
    {"stats", "kind:s by:s period:s format:s language:s width:s mark:b", answer_stats},
    {"report", "kind:s period:s audience:s format:s language:s label:s width:s mark:b",
        answer_report},
    {"list", "query:s state:s severity:s category:s handler:s all:b page:o", answer_list},
    {"view", "", answer_views},
    {"view set", "name:s query:s replace:b", answer_view_set, .changes = TRUE},
    {"view drop", "name:s", answer_view_drop, .changes = TRUE},
    {"merge", "id:s target:s reason:s", answer_merge, .changes = TRUE, .frees = TRUE},
    {"merge undo", "id:s reason:s", answer_merge_undo, .changes = TRUE, .frees = TRUE},
    {"split", "mail:s reason:s", answer_split, .changes = TRUE},
    {"link", "id:s other:s kind:s reason:s", answer_link, .changes = TRUE},
    {"link drop", "id:s other:s reason:s", answer_link_drop, .changes = TRUE},
    {"similar", "id:s", answer_similar},
    {"show", "id:s mail:b page:o", answer_show},
    {"artifact", "id:s", answer_artifacts},
    {"artifact save", "id:s file:s page:o", answer_artifact_save},
    {"search", "text:s", answer_search},
    {"history", "id:s page:o", answer_history},
    {"outbox", "state:s page:o", answer_outbox},
    {"outbox show", "id:s", answer_letter},
    {"outbox retry", "id:s", answer_retry, .changes = TRUE},
    {"outbox drop", "id:s reason:s", answer_drop, .changes = TRUE},
    {"take", "ids:l over:b", answer_take, .changes = TRUE},
    {"set", "id:s set:l reason:s", answer_set_fields, .changes = TRUE, .frees = TRUE},
    {"note", "id:s text:f advice:b decision:s", answer_note, .changes = TRUE, .much = TRUE},
    {"close", "id:s result:s", answer_close, .changes = TRUE},
    {"reopen", "id:s reason:s", answer_reopen, .changes = TRUE},
    {"watch", "page:o", answer_watch},
    {"log phone", "id:s set:l reason:s", answer_log_phone, .changes = TRUE, .much = TRUE},
    {"log visit", "id:s set:l reason:s", answer_log_visit, .changes = TRUE, .much = TRUE},
    {"log web", "id:s set:l reason:s", answer_log_web, .changes = TRUE, .much = TRUE},
    {"restrict", "id:s members:l", answer_restrict, .changes = TRUE},
    {"unrestrict", "id:s reason:s", answer_unrestrict, .changes = TRUE},
    {"retry", "id:s", answer_open_again, .changes = TRUE},
    {"inbox", "page:o", answer_inbox},
    {"inbox show", "mail:s", answer_inbox_show},
    {"inbox accept", "mail:s reason:s page:o", answer_inbox_accept, .changes = TRUE},
    {"inbox attach", "mail:s id:s ack:b page:o", answer_inbox_attach, .changes = TRUE},
    {"inbox feed", "mail:s reason:s page:o", answer_inbox_feed, .changes = TRUE},
    {"inbox spam", "mail:s reason:s page:o", answer_inbox_spam, .changes = TRUE},
    {"inbox reject", "mail:s reason:s page:o", answer_inbox_reject, .changes = TRUE},
    {"hold", "page:o", answer_held},
    {"hold show", "id:s", answer_held_letter},
    {"hold release", "id:s reason:s", answer_release, .changes = TRUE},
    {"hold undo", "id:s", answer_undo, .changes = TRUE},
    {"export", "id:s all:b page:o", answer_export, .changes = TRUE},
    {"share", "id:s format:s only:s page:o", answer_share, .changes = TRUE},
    {"enclose", "draft:s sha256:s piece:f first:b last:b kept:b", answer_enclose, .much = TRUE},
    {"draft",
        "purpose:s id:s to:s language:s template:s text:f questions:l result:s reason:s "
        "quote:b " PARTY,
        answer_draft, .much = TRUE},
    {"weigh", SHEET, answer_weigh, .much = TRUE},
    {"send", SHEET " weighed:s approve:b result:s reason:s", answer_send, .changes = TRUE,
        .much = TRUE},
    {"recipients", "purpose:s id:s names:l group:s target:s", answer_recipients},
    {"coord list", "id:s all:b page:o", answer_coord_list},
    {"coord show", "coordination:s", answer_coord_show},
    {"coord done", "coordination:s result:s", answer_coord_done, .changes = TRUE},
    {"notify list", "id:s", answer_notify_list},
    {"escalate list", "id:s", answer_escalations},
    {"ack-escalation", "id:s target:s how:s", answer_ack_escalation, .changes = TRUE},
    {"duty", "", answer_duty},
    {"duty week", "day:s", answer_duty_week},
    {"duty show", "handover:s", answer_duty_show},
    {"duty set", "when:s user:s", answer_duty_set, .changes = TRUE},
    {"duty swap", "one:s other:s", answer_duty_swap, .changes = TRUE},
    {"duty handover", "to:s text:f dry_run:b", answer_duty_handover, .changes = TRUE, .much = TRUE},
    {"duty accept", "handover:s", answer_duty_accept, .changes = TRUE},
    {"hold drop", "id:s reason:s", answer_held_drop, .changes = TRUE},
    {"taint check", "id:s text:f", answer_taint_check, .much = TRUE},
    {"taint release", "id:s facts:l reason:s", answer_taint_release, .changes = TRUE,
        .frees = TRUE},
    {"import", "file:s rows:r look:b undo:s", answer_import, .changes = TRUE, .most = TRUE},
    {"ledger", "place:s page:o", answer_ledger},
    {"alarms", "all:b page:o", answer_alarms},
    {"doctor", "page:o", answer_doctor},
    {"try", "message_id:s", answer_try},
    {"config show", "changed:b", answer_config},
    {"audit verify", "page:o", answer_audit},
    {"audit export", "compare:s page:o", answer_audit_export, .changes = TRUE},
    {"backup", "fetch:b page:o", answer_backup},
    {"purge", "dry_run:b count:s page:o", answer_purge, .changes = TRUE},
    {"consult", "question:o", answer_consult},
    {"rules test", "name:s last:s page:o", answer_rules_test},
    {"contact", "query:s page:o", answer_contacts},
    {"contact show", "contact:s", answer_contact},
    {"contact add", "name:s set:l", answer_contact_add, .changes = TRUE, .frees = TRUE},
    {"contact edit", "contact:s set:l", answer_contact_edit, .changes = TRUE, .frees = TRUE},
    {"contact verify", "contact:s how:s", answer_contact_verify, .changes = TRUE, .frees = TRUE},
    {"named", "id:s", answer_named},
    {"named add", "id:s contact:s reason:s", answer_named_add, .changes = TRUE, .frees = TRUE},
    {"named remove", "id:s contact:s reason:s", answer_named_remove, .changes = TRUE},
    {"key", "query:s page:o", answer_keys},
    {"key show", "key:s", answer_key},
    {"key import", "file:f name:s own:b keep:b page:o", answer_key_import, .much = TRUE},
    {"key pin", "key:s contact:s how:s page:o", answer_key_pin},
    {"key unpin", "key:s reason:s", answer_key_unpin, .changes = TRUE},
    {"key export", "key:s page:o", answer_key_export},
    {"key check", "page:o", answer_key_check},
    {"key init", "name:s address:s days:s until:s replace:b keep:b page:o", answer_key_init},
    {"key extend", "key:s days:s until:s page:o", answer_key_extend},
    {"key publish", "page:o", answer_key_export},
    {"damage", "id:s set:l", answer_damage, .changes = TRUE},
    {"goal", "", answer_goals},
    {"goal set", "name:s set:l", answer_goal_set, .changes = TRUE},
    {"goal drop", "name:s", answer_goal_drop, .changes = TRUE},
    {"contact review", "query:s page:o", answer_contact_review},
    {"contact ask", "contact:s", answer_contact_ask, .changes = TRUE},
    {"step", "to:s by_hand:b", answer_step},
    {"contact import", "lines:r dry_run:b", answer_contact_import, .changes = TRUE, .much = TRUE,
        .frees = TRUE},
};

void control_add_line(GString *lines, json_t *value)
{
    g_autofree char *line = ctl_dump(value);

    json_decref(value);
    g_string_append(lines, line);
    g_string_append_c(lines, '\n');
}

void answer_add(struct answer *answer, json_t *row)
{
    control_add_line(answer->lines, row);
}

gboolean answer_add_if(struct answer *answer, json_t *row, gboolean done)
{
    if (done)
        answer_add(answer, row);
    else
        json_decref(row);
    return done;
}

void answer_set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

json_t *answer_integer(guint64 value)
{
    return json_integer((json_int_t)value);
}

json_t *answer_moment(const struct answer *answer, gint64 at)
{
    return ctl_time(at, answer->context->zone);
}

json_t *answer_age(gint64 since)
{
    return since ? json_integer(MAX(now_seconds() - since, 0)) : json_null();
}

const char *answer_string(const struct answer *answer, const char *name)
{
    return json_string_value(json_object_get(answer->args, name));
}

gboolean answer_flag(const struct answer *answer, const char *name)
{
    return json_is_true(json_object_get(answer->args, name));
}

/* A number of the page token; 0 on the first page and for what is no such number. */
guint64 answer_page_number(const struct answer *answer, const char *name)
{
    json_t *value = json_object_get(json_object_get(answer->args, "page"), name);
    return json_integer_value(value) > 0 ? (guint64)json_integer_value(value) : 0;
}

gboolean answer_refuse(GError **error, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    error_set_valist(error, code, format, values);
    va_end(values);
    return FALSE;
}

gboolean answer_is_one_of(
    const char *what, const char *value, const char *const *names, GError **error)
{
    g_autofree char *all = g_strjoinv(", ", (char **)names);

    if (!value || g_strv_contains(names, value))
        return TRUE;
    return answer_refuse(error, MADO_E_USAGE,
        "There is no %s \"%s\"; there are: %s. Nothing was changed.", what, value, all);
}

gboolean answer_is_reason(const char *text, const char *usage, GError **error)
{
    g_autofree char *reason = g_strstrip(g_strdup(text ? text : ""));

    if (!*reason)
        return answer_refuse(
            error, MADO_E_USAGE, "The journal keeps why. Nothing was changed. Write: %s", usage);
    return strlen(reason) <= LONGEST_REASON ||
           answer_refuse(error, MADO_E_USAGE,
               "The reason is longer than %d bytes. Nothing was changed. Write a shorter one.",
               LONGEST_REASON);
}

char *answer_zone_name(const struct answer *answer)
{
    GTimeZone *zone = answer->context->zone;

    if (!zone)
        return g_strdup("UTC");
    return g_strdup(g_time_zone_get_abbreviation(
        zone, g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, now_seconds())));
}

static gboolean is_text(const json_t *value, gsize longest)
{
    return json_is_string(value) && json_string_length(value) <= longest &&
           strlen(json_string_value(value)) == json_string_length(value);
}

static gboolean is_string(const json_t *value)
{
    return is_text(value, LONGEST_ARGUMENT);
}

static gboolean is_file(const json_t *value)
{
    return is_text(value, LIMIT_CONTROL_MUCH);
}

static gboolean is_flag(const json_t *value)
{
    return json_is_boolean(value);
}

static gboolean is_list(const json_t *value)
{
    gsize i;
    json_t *one;

    json_array_foreach((json_t *)value, i, one)
        if (!is_string(one))
            return FALSE;
    return json_is_array(value);
}

/* Of strings, numbers and lists of strings. */
static gboolean is_row(const json_t *value)
{
    const char *name;
    json_t *one;

    json_object_foreach((json_t *)value, name, one)
        if (!is_string(one) && !json_is_integer(one) && !is_list(one))
            return FALSE;
    return json_is_object(value);
}

static gboolean is_rows(const json_t *value)
{
    gsize i;
    json_t *one;

    json_array_foreach((json_t *)value, i, one)
        if (!is_row(one))
            return FALSE;
    return json_is_array(value);
}

static gboolean is_object(const json_t *value)
{
    return json_is_object(value);
}

static gboolean has_type(const json_t *value, char type)
{
    static const struct {
        char type;
        gboolean (*is)(const json_t *value);
    } types[] = {{'s', is_string}, {'f', is_file}, {'b', is_flag}, {'l', is_list}, {'r', is_rows},
        {'o', is_object}};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].type == type)
            return types[i].is(value);
    return FALSE;
}

static gboolean check_argument(
    char **allowed, const char *name, const json_t *value, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *guess;

    for (char **one = allowed; *one && **one; one++) {
        const char *colon = strchr(*one, ':');
        g_ptr_array_add(names, g_strndup(*one, (gsize)(colon - *one)));
        if (g_str_equal(g_ptr_array_index(names, names->len - 1), name))
            return has_type(value, colon[1]) ? TRUE
                                             : answer_refuse(error, MADO_E_USAGE,
                                                   "The argument \"%s\" has a wrong type or is too "
                                                   "long. Nothing was changed.",
                                                   name);
    }
    g_ptr_array_add(names, NULL);
    guess = ctl_nearest(name, (const char *const *)names->pdata);
    if (guess)
        return answer_refuse(error, MADO_E_USAGE,
            "Unknown argument \"%s\": did you mean \"%s\"? Nothing was changed.", name, guess);
    return answer_refuse(
        error, MADO_E_USAGE, "Unknown argument \"%s\". Nothing was changed.", name);
}

static gboolean check_arguments(const struct handler *handler, json_t *args, GError **error)
{
    g_auto(GStrv) allowed = g_strsplit(handler->args, " ", -1);
    const char *name;
    json_t *value;

    json_object_foreach(args, name, value)
        if (!check_argument(allowed, name, value, error))
            return FALSE;
    return TRUE;
}

static const struct handler *find_handler(const char *command)
{
    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        if (g_str_equal(handlers[i].command, command))
            return &handlers[i];
    return NULL;
}

static gboolean undo(struct store *store, GError **error)
{
    g_autoptr(GError) worse = NULL;

    if (!store_undo(store, &worse)) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&worse));
    }
    return FALSE;
}

/* What an operator wanted and was not given is noted, beside what they were: whatever they may not
 * do, of what only some may. Who looks for a ticket that is not there for them has asked for it. */
static gboolean note_refusal(
    const struct handler *handler, const struct answer *answer, const GError *error)
{
    const struct refusal refusal = {answer->user, handler->command,
        *answer->hidden    ? *answer->hidden
        : answer->incident ? answer->incident
                           : *answer->about};
    gboolean noted = ctl_find(handler->command)->role > CTL_VIEWER || *answer->hidden ||
                     g_error_matches(error, MADO_ERROR, MADO_E_FORBIDDEN);

    if (noted && error && !answer->dry_run)
        refusal_note(answer->context->store, &refusal,
            error->domain == MADO_ERROR ? error->code : MADO_E_INTERNAL, error->message);
    return FALSE;
}

/* In the desk's turn, with a savepoint of its own: an answer tells only what is on the disk. */
static gboolean change(const struct handler *handler, struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;

    if (!store_begin(context->store, error) || !store_mark(context->store, error))
        return FALSE;
    if (!handler->run(answer, error))
        return undo(context->store, error);
    if (answer->dry_run)
        return store_undo(context->store, error);
    if (!store_keep(context->store, error) || !store_commit(context->store, error))
        return FALSE;
    if (context->changed)
        context->changed(context->desk);
    if (handler->frees && context->look_at_held)
        context->look_at_held(context->desk);
    return TRUE;
}

static gboolean run(const struct handler *handler, struct answer *answer, GError **error)
{
    return (check_arguments(handler, answer->args, error) &&
               (handler->changes ? change(handler, answer, error) : handler->run(answer, error))) ||
           note_refusal(handler, answer, error ? *error : NULL);
}

gsize control_longest(const struct ctl_command *command)
{
    const struct handler *handler = find_handler(command->name);

    return handler && handler->most   ? LIMIT_CONTROL_IMPORT
           : handler && handler->much ? LIMIT_CONTROL_MUCH
                                      : LIMIT_CONTROL_REQUEST;
}

/* Files come from those who may change something, and years of work from one who may do all. */
gsize control_longest_of(enum ctl_role role)
{
    return role >= CTL_ADMIN   ? LIMIT_CONTROL_IMPORT
           : role >= CTL_NIGHT ? LIMIT_CONTROL_MUCH
                               : LIMIT_CONTROL_REQUEST;
}

void control_answer(const struct control_context *context, const struct asker *asker,
    const struct ctl_command *command, json_t *args, GString *lines)
{
    guint64 about = 0, hidden = 0;
    struct answer answer = {.context = context,
        .user = asker->user,
        .role = asker->role,
        .args = args,
        .lines = lines,
        .about = &about,
        .hidden = &hidden};
    const struct handler *handler = find_handler(command->name);
    g_autoptr(GError) error = NULL;
    gsize start = lines->len;

    if (!handler)
        answer_refuse(&error, MADO_E_UNKNOWN_COMMAND, "The daemon has no such command.");
    else if (run(handler, &answer, &error)) {
        control_add_line(lines, ctl_end(answer.next));
        return;
    }
    json_decref(answer.next);
    g_string_truncate(lines, start);
    control_add_line(lines, ctl_error(error));
}
