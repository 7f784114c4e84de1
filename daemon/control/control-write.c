/* Letters of people: a draft, what would become of it, and its sending; and taking it back. */
#include "control-enclose.h"
#include "control-work.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <string.h>

enum { LONGEST_SUBJECT = 500, LONGEST_TEXT = 256 * 1024, LONGEST_NAME = 200, ID_DIGITS = 16 };

/* What letters are for, and what they make of the ticket: from one of those states to another. */
static const struct purpose {
    const char *name, *template;
    const char *from[3], *behind; /* from: NULL-terminated; empty: any */
} purposes[] = {
    {"reply", "reply", {"new"}, "open"},
    {"ask", "ask-info", {"new", "open"}, "waiting"},
    {"close", "close", {NULL}, "closed"},
    {"reject", "reject", {NULL}, "rejected"},
};

static const struct purpose *find_purpose(const char *name, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(purposes); i++)
        if (name && g_str_equal(purposes[i].name, name))
            return &purposes[i];
    answer_refuse(error, MADO_E_USAGE, "There are no letters of the kind \"%s\". Nothing was sent.",
        name ? name : "");
    return NULL;
}

/* -- the sheet -- */

/* Who asks is root, or the daemon's own user, and no operator: then by that name. */
static void set_writer(const struct answer *answer, struct sheet *sheet)
{
    const struct member *member = answer_find_operator(answer, answer->user);

    sheet->writer = g_strdup(answer->user);
    sheet->writer_name = g_strdup(member ? member->name : answer->user);
}

static gboolean is_language(const char *name)
{
    return name && (g_str_equal(name, "ja") || g_str_equal(name, "en"));
}

/* As it was asked for, else as the contact reads, else as their mail was, else as we write first.
 */
static const char *language_of(
    const struct answer *answer, const struct contact *contact, const struct thread_mail *last)
{
    const char *const wishes[] = {answer_string(answer, "language"),
        contact ? contact->language : NULL, last ? last->language : NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(wishes); i++)
        if (is_language(wishes[i]))
            return wishes[i];
    return answer->context->settings->team.languages[0];
}

/* NULL without an error: nobody's whom we know. */
static struct contact *contact_of(const struct answer *answer, const char *address, GError **error)
{
    guint64 id;

    return store_find_address(answer->context->store, address, &id, error) && id
               ? store_contact(answer->context->store, id, error)
               : NULL;
}

/* The name that they gave themselves, if nobody could take it for words of ours. */
static char *name_of(const struct thread_mail *last)
{
    static const char *const ours[] = {"<<<", ">>>", "{{", "}}", NULL};
    g_autofree char *name = g_strstrip(text_harmless(last ? last->from_name : "", NULL));

    for (const char *const *one = ours; *one; one++)
        if (strstr(name, *one))
            return g_strdup("");
    return strlen(name) > LONGEST_NAME || checks_label_in(name) ? g_strdup("")
                                                                : g_steal_pointer(&name);
}

static gboolean fill(const struct answer *answer, struct sheet *sheet, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(mado_contact) contact = contact_of(answer, sheet->to, &failed);
    g_autoptr(GPtrArray) thread =
        failed ? NULL : store_thread(answer->context->store, sheet->incident, sheet->to, &failed);
    const struct thread_mail *last = thread && thread->len ? thread->pdata[0] : NULL;

    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    sheet->mail = last ? last->mail : 0;
    sheet->to_name = name_of(last);
    sheet->organisation = g_strdup(contact ? contact->organisation : "");
    sheet->language = g_strdup(language_of(answer, contact, last));
    sheet->charset = g_strdup(contact ? contact->charset : "");
    return TRUE;
}

/* These letters go to who told us of it: nobody else hears of it by a slip. */
static gboolean check_recipient(
    const struct answer *answer, const struct incident *incident, const char *to, GError **error)
{
    gboolean is = FALSE;

    if (!*to)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s has no reporter with a mail address. Nothing was sent. See: madoctl show %s",
            incident->number, incident->number);
    if (!text_is_safe_address(to))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "\"%s\" is no mail address that can be written to. Nothing was sent.", to);
    if (!store_is_correspondent(answer->context->store, incident->id, to, &is, error))
        return FALSE;
    return is ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s has not written to us about %s. Nothing was sent. Who has: madoctl show %s", to,
               incident->number, incident->number);
}

static gboolean take_ticket(struct answer *answer, struct sheet *sheet, GError **error)
{
    const char *to = answer_string(answer, "to");
    struct incident *incident;
    gboolean done;

    if (!answer_find_ticket(answer, &sheet->incident, error) ||
        !(incident = store_incident_show(answer->context->store, sheet->incident, error)))
        return FALSE;
    answer->incident = incident->id;
    sheet->to = g_strdup(to && *to ? to : incident->reporter_addr);
    done = deed_is_whole(answer, incident, error) &&
           check_recipient(answer, incident, sheet->to, error);
    incident_free(incident);
    return done;
}

static const struct purpose *begin(struct answer *answer, struct sheet *sheet, GError **error)
{
    const struct purpose *purpose = find_purpose(answer_string(answer, "purpose"), error);

    if (!purpose || !take_ticket(answer, sheet, error) || !fill(answer, sheet, error))
        return NULL;
    sheet->purpose = g_strdup(purpose->name);
    sheet->template = g_strdup(purpose->template);
    sheet->confirmed = answer_flag(answer, "confirmed");
    set_writer(answer, sheet);
    return purpose;
}

/* -- draft -- */

static void set_contact(const struct answer *answer, const struct sheet *sheet, json_t *row)
{
    g_autoptr(mado_contact) contact = contact_of(answer, sheet->to, NULL);

    answer_set(row, "contact", ctl_string(contact ? contact->name : NULL));
    answer_set(row, "verified", answer_moment(answer, contact ? contact->verified_at : 0));
}

static json_t *sheet_row(const struct answer *answer, const struct sheet *sheet)
{
    json_t *row = ctl_row();

    answer_set(row, "draft", ctl_string(sheet->id));
    answer_set(row, "purpose", ctl_string(sheet->purpose));
    answer_set(row, "ticket", answer_ticket_number(answer, sheet->incident));
    answer_set(row, "to", ctl_string(sheet->to));
    answer_set(row, "name", ctl_known(sheet->to_name));
    set_contact(answer, sheet, row);
    answer_set(row, "language", ctl_string(sheet->language));
    answer_set(row, "charset", ctl_known(sheet->charset));
    answer_set(row, "subject", ctl_string(sheet->subject));
    answer_set(row, "text", ctl_string(sheet->text));
    return row;
}

static char **questions_of(const struct answer *answer)
{
    GStrvBuilder *builder = g_strv_builder_new();
    char **list;
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(answer->args, "questions"), i, one)
        g_strv_builder_add(builder, json_string_value(one));
    list = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return list;
}

static gboolean cannot(GError **error)
{
    return answer_refuse(error, MADO_E_BUSY, "Letters cannot be written now. Nothing was sent.");
}

static gboolean draft(struct answer *answer, struct sheet *sheet, GError **error)
{
    const struct control_context *context = answer->context;
    g_auto(GStrv) questions = questions_of(answer);
    const struct said said = {.text = answer_string(answer, "text"),
        .result = answer_string(answer, "result"),
        .reason = answer_string(answer, "reason"),
        .questions = questions,
        .quote = answer_flag(answer, "quote")};
    json_t *row;

    if (!context->draft)
        return cannot(error);
    if (!context->draft(context->desk, sheet, &said, error))
        return FALSE;
    row = sheet_row(answer, sheet);
    answer_set(row, "hint", ctl_string(sheet->hint));
    answer_add(answer, row);
    return TRUE;
}

gboolean answer_draft(struct answer *answer, GError **error)
{
    struct sheet sheet = {0};
    gboolean done;

    sheet.id = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    done = begin(answer, &sheet, error) && draft(answer, &sheet, error);
    sheet_clear(&sheet);
    return done;
}

/* -- weigh -- */

static gboolean is_id(const char *id)
{
    return id && strlen(id) == ID_DIGITS && strspn(id, "0123456789abcdef") == ID_DIGITS;
}

static gboolean take_text(struct answer *answer, struct sheet *sheet, GError **error)
{
    const char *id = answer_string(answer, "draft");
    const char *subject = answer_string(answer, "subject"), *text = answer_string(answer, "text");

    if (!is_id(id) || !subject || !text)
        return answer_refuse(
            error, MADO_E_USAGE, "That is no letter that was drafted. Nothing was sent.");
    if (strlen(subject) > LONGEST_SUBJECT || strlen(text) > LONGEST_TEXT)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The subject is longer than %d bytes, or the text than %d. Nothing was sent. Write a "
            "shorter letter.",
            LONGEST_SUBJECT, LONGEST_TEXT);
    sheet->id = g_strdup(id);
    sheet->subject = g_strstrip(text_harmless(subject, NULL));
    sheet->text = text_harmless(text, "\n\t");
    return TRUE;
}

/* The name below the letter is that of an operator. */
static void check_signature(const struct answer *answer, struct weighed *weighed)
{
    if (!answer_find_operator(answer, answer->user))
        checks_add(weighed->checks, "signature", CHECK_WARNING,
            g_strdup_printf(_("%s stands in no `operators` of mado.conf, and has no other name"),
                answer->user));
}

static struct weighed *weigh(struct answer *answer, const struct sheet *sheet, GError **error)
{
    const struct control_context *context = answer->context;
    struct weighed *weighed = NULL;

    if (!context->weigh)
        cannot(error);
    else if ((weighed = context->weigh(context->desk, sheet, error)))
        check_signature(answer, weighed);
    return weighed;
}

static json_t *check_rows(const GPtrArray *checks)
{
    json_t *rows = json_array();

    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];
        json_array_append_new(rows,
            json_pack("{s:o,s:o,s:o}", "check", ctl_string(check->name), "result",
                ctl_string(check_result_name(check->result)), "text", ctl_string(check->text)));
    }
    return rows;
}

static void set_gate(json_t *row, const struct gate_answer *gate)
{
    json_t *to = json_array();

    for (char **one = gate->to; one && *one; one++)
        json_array_append_new(to, ctl_string(*one));
    answer_set(row, "gate", ctl_string(gate_way_name(gate->way)));
    answer_set(row, "gate_rule", ctl_string(gate->rule));
    answer_set(row, "gate_why", ctl_string(gate->said));
    answer_set(row, "sealed_to", to);
    answer_set(row, "approvals", json_integer(gate->approvals));
    answer_set(row, "confirm", json_boolean(gate->confirm));
}

static void tell_weighed(
    struct answer *answer, const struct sheet *sheet, const struct weighed *weighed)
{
    json_t *row = sheet_row(answer, sheet);

    answer_set(row, "label", ctl_string(weighed->label));
    set_gate(row, weighed->answer);
    answer_set(row, "files", answer_file_rows(sheet->files));
    answer_set(row, "checks", check_rows(weighed->checks));
    answer_set(row, "worst", ctl_string(check_result_name(checks_worst(weighed->checks))));
    answer_set(row, "masked", ctl_string(weighed->masked));
    answer_set(row, "weighed", ctl_string(weighed->sha256));
    answer_set(row, "undo_seconds", json_integer(answer->context->settings->outgoing.undo));
    answer_add(answer, row);
}

gboolean answer_weigh(struct answer *answer, GError **error)
{
    struct sheet sheet = {0};
    struct weighed *weighed = NULL;

    if (begin(answer, &sheet, error) && take_text(answer, &sheet, error) &&
        answer_take_files(answer, &sheet, error))
        weighed = weigh(answer, &sheet, error);
    if (weighed)
        tell_weighed(answer, &sheet, weighed);
    sheet_clear(&sheet);
    weighed_free(weighed);
    return weighed != NULL;
}

/* -- send -- */

static const struct check *first_failure(const GPtrArray *checks)
{
    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];
        if (check->result == CHECK_FAIL)
            return check;
    }
    return NULL;
}

/* In English for the journal, and in their language for who asks. */
static gboolean does_not_go(GError **error, int code, const char *why, const char *said)
{
    g_autofree char *english =
        g_strdup_printf("The letter does not go: %s. Nothing was sent.", why);
    g_autofree char *spoken =
        g_strdup_printf(_("The letter does not go: %s. Nothing was sent."), said);

    return error_set_said(error, code, english, spoken);
}

static gboolean may_send(const struct answer *answer, const struct weighed *weighed, GError **error)
{
    const struct check *failed = first_failure(weighed->checks);

    if (failed)
        return does_not_go(error, MADO_E_BAD_DATA, failed->name, failed->text);
    if (weighed->answer->way == GATE_REFUSE)
        return does_not_go(error, MADO_E_FORBIDDEN, weighed->answer->why, weighed->answer->said);
    if (g_strcmp0(answer_string(answer, "weighed"), weighed->sha256) != 0)
        return answer_refuse(error, MADO_E_BUSY,
            "What would go now is not what was looked at: a mail has come, or the label, a key or "
            "a contact was changed. Nothing was sent. Look at it again.");
    if (weighed->answer->confirm)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The letter would go in clear, and its label asks that you say so: %s. Nothing was "
            "sent. If it may be read on its way: --in-clear",
            weighed->answer->said);
    return TRUE;
}

static gboolean moves(const struct purpose *purpose, const char *state)
{
    if (g_str_equal(purpose->behind, state))
        return FALSE;
    return !*purpose->from || g_strv_contains(purpose->from, state);
}

/* What the letter says of the ticket is done. */
static gboolean move(
    struct deed *deed, const struct purpose *purpose, struct posting *how, GError **error)
{
    g_autofree char *result = deed_line_of(deed->answer, "result");
    g_autofree char *reason = deed_line_of(deed->answer, "reason");
    const struct wish wish = {"state", purpose->behind, reason};

    if (!moves(purpose, deed->was->state))
        return TRUE;
    if (!deed_is_short(result, error) || !deed_is_short(reason, error))
        return FALSE;
    how->state_before = deed->was->state;
    how->state_behind = purpose->behind;
    return deed_move(deed, &wish, result ? result : reason, error) &&
           (!g_str_equal(purpose->behind, "waiting") ||
               deed_set(deed, &(struct wish){"waits_for", "reporter", NULL}, error));
}

static gboolean keep_move(
    const struct deed *deed, const struct posting *how, guint64 letter, GError **error)
{
    return !*how->state_before || store_keep_move(deed->answer->context->store,
                                      &(struct letter_move){letter, deed->was->id,
                                          deed->was->waits_for, deed->was->result},
                                      error);
}

static gboolean tell_sent(
    struct answer *answer, guint64 letter, const struct deed *deed, GError **error)
{
    struct outbox_row *sent = store_letter_show(answer->context->store, letter, error);
    json_t *row;

    if (!sent)
        return FALSE;
    row = answer_letter_row(answer, sent);
    answer_set(row, "undo_seconds", json_integer(MAX(sent->next_try - now_seconds(), 0)));
    answer_set(row, "changes", json_incref(deed->changes));
    answer_add(answer, row);
    outbox_row_free(sent);
    return TRUE;
}

static gboolean send(struct answer *answer, const struct sheet *sheet,
    const struct weighed *weighed, const struct purpose *purpose, GError **error)
{
    const struct control_context *context = answer->context;
    struct posting how = {answer_flag(answer, "approve"), "", ""};
    struct deed deed;
    guint64 letter = 0;
    gboolean done;

    if (!may_send(answer, weighed, error) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    done = move(&deed, purpose, &how, error) &&
           context->post(context->desk, sheet, weighed, &how, &letter, error) &&
           keep_move(&deed, &how, letter, error) && tell_sent(answer, letter, &deed, error);
    deed_give_up(&deed);
    return done;
}

static gboolean send_once(
    struct answer *answer, struct sheet *sheet, const struct purpose *purpose, GError **error)
{
    struct weighed *weighed;
    guint64 before;
    gboolean done;

    if (!answer_was_sent(answer, sheet, &before, error))
        return FALSE;
    if (before) {
        struct deed deed;
        done = deed_begin(&deed, answer, answer_string(answer, "id"), error) &&
               tell_sent(answer, before, &deed, error);
        deed_give_up(&deed);
        return done;
    }
    weighed = answer_take_files(answer, sheet, error) ? weigh(answer, sheet, error) : NULL;
    done = weighed && send(answer, sheet, weighed, purpose, error);
    if (done)
        answer_forget_files(answer);
    weighed_free(weighed);
    return done;
}

gboolean answer_send(struct answer *answer, GError **error)
{
    struct sheet sheet = {0};
    const struct purpose *purpose = begin(answer, &sheet, error);
    gboolean done =
        purpose && take_text(answer, &sheet, error) && send_once(answer, &sheet, purpose, error);

    sheet_clear(&sheet);
    return done;
}
