/* Letters of people: a draft, what would become of it, and its sending; and taking it back. */
#include "control-enclose.h"
#include "control-sheet.h"
#include "coordination.h"
#include "control-query.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <string.h>

enum { LONGEST_SUBJECT = 500, LONGEST_TEXT = 256 * 1024, ID_DIGITS = 16 };

/* -- draft -- */

static void set_contact(const struct answer *answer, const struct sheet *sheet, json_t *row)
{
    g_autoptr(mado_contact) contact = sheet_contact(answer, sheet->to, NULL);

    answer_set(row, "contact", ctl_string(contact ? contact->name : NULL));
    answer_set_verified(answer, contact ? contact->id : 0, row);
}

/* The number that it has, or would have. */
static char *coordination_of(const struct answer *answer, const struct sheet *sheet)
{
    struct store *store = answer->context->store;
    g_autoptr(mado_coordination) one =
        sheet->coordination ? store_coordination(store, sheet->coordination, NULL) : NULL;
    int year = when_year(answer, now_seconds());
    gint64 next = 0;

    if (one)
        return g_strdup(one->number);
    if (!g_str_equal(sheet->purpose, "coord") || !store_next_coordination(store, year, &next, NULL))
        return NULL;
    return coordination_format(year, (int)next);
}

/* By when an answer is asked for is told as it is typed. */
static void set_coordination(const struct answer *answer, const struct sheet *sheet, json_t *row)
{
    g_autofree char *number = coordination_of(answer, sheet);
    g_autofree char *due =
        when_words(answer, g_str_equal(sheet->purpose, "coord") ? sheet->due : 0);

    answer_set(row, "coordination", ctl_string(number));
    answer_set(row, "reply_by", ctl_known(due));
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
    set_coordination(answer, sheet, row);
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

/* Nobody should write to who may not read it. */
static gboolean may_begin(const struct answer *answer, const struct sheet *sheet, GError **error)
{
    static const char *const others[] = {"coord", "remind", "escalate", "share", NULL};
    const struct control_context *context = answer->context;
    const char *id = answer_string(answer, "id");
    struct weighed *weighed;
    gboolean may;

    if (!g_strv_contains(others, sheet->purpose))
        return TRUE;
    weighed = context->weigh(context->desk, sheet, error);
    may =
        weighed &&
        (weighed->answer->way != GATE_REFUSE ||
            answer_refuse(error, MADO_E_FORBIDDEN,
                "Nothing goes to %s: %s. Nothing was sent or changed. To ask the source for wider "
                "sharing: madoctl ask %s",
                *sheet->party ? sheet->party : sheet->to, weighed->answer->why, id));
    weighed_free(weighed);
    return may;
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
    if (!answer_share_file(answer, sheet, error) ||
        !context->draft(context->desk, sheet, &said, error) || !may_begin(answer, sheet, error))
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
    done = sheet_begin(answer, &sheet, error) && draft(answer, &sheet, error);
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

/* A table that came sealed keeps no request back that may go without it. */
static gboolean leaves_evidence(struct sheet *sheet, const struct weighed *weighed)
{
    if (!sheet->evidence || !g_str_equal(weighed->answer->rule, "tainted-files"))
        return FALSE;
    sheet->evidence = FALSE;
    g_ptr_array_remove_index(sheet->files, 0);
    return TRUE;
}

static struct weighed *weigh(struct answer *answer, struct sheet *sheet, GError **error)
{
    const struct control_context *context = answer->context;
    struct weighed *weighed = NULL;
    gboolean left = FALSE;

    if (!context->weigh) {
        cannot(error);
        return NULL;
    }
    weighed = context->weigh(context->desk, sheet, error);
    if (weighed && leaves_evidence(sheet, weighed)) {
        left = TRUE;
        weighed_free(weighed);
        weighed = context->weigh(context->desk, sheet, error);
    }
    if (!weighed)
        return NULL;
    check_signature(answer, weighed);
    if (left)
        checks_add(weighed->checks, "evidence", CHECK_WARNING,
            g_strdup(_("the table of what is known came sealed, and does not go with it: pin a key "
                       "of theirs, or release what they need: madoctl taint release")));
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

    if (sheet_begin(answer, &sheet, error) && take_text(answer, &sheet, error) &&
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
    if (!*purpose->behind || g_str_equal(purpose->behind, state))
        return FALSE;
    return !*purpose->from || g_strv_contains(purpose->from, state);
}

/* What the letter says of the ticket is done. */
static gboolean move(struct deed *deed, const struct purpose *purpose, const struct sheet *sheet,
    struct posting *how, GError **error)
{
    g_autofree char *peer = g_strdup_printf("peer: %s", sheet->party);
    const char *whom = g_str_equal(purpose->name, "coord") ? peer : "reporter";
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
               deed_set(deed, &(struct wish){"waits_for", whom, NULL}, error));
}

static void set_number(const struct answer *answer, guint64 letter, json_t *row)
{
    struct store *store = answer->context->store;
    guint64 id = 0;
    g_autoptr(mado_coordination) one = store_coordination_of_letter(store, letter, &id, NULL) && id
                                           ? store_coordination(store, id, NULL)
                                           : NULL;

    answer_set(row, "coordination", ctl_string(one ? one->number : NULL));
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
    set_number(answer, letter, row);
    answer_add(answer, row);
    outbox_row_free(sent);
    return TRUE;
}

static gboolean send(struct answer *answer, struct sheet *sheet, const struct weighed *weighed,
    const struct purpose *purpose, GError **error)
{
    const struct control_context *context = answer->context;
    struct posting how = {answer_flag(answer, "approve"), "", ""};
    struct deed deed;
    guint64 letter = 0;
    gboolean done;

    if (!may_send(answer, weighed, error) ||
        !deed_begin(&deed, answer, answer_string(answer, "id"), error))
        return FALSE;
    done = move(&deed, purpose, sheet, &how, error) && party_open(answer, sheet, error) &&
           context->post(context->desk, sheet, weighed, &how, &letter, error) &&
           party_keep(answer, sheet, letter, error) && keep_move(&deed, &how, letter, error) &&
           tell_sent(answer, letter, &deed, error);
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
    const struct purpose *purpose = sheet_begin(answer, &sheet, error);
    gboolean done =
        purpose && take_text(answer, &sheet, error) && send_once(answer, &sheet, purpose, error);

    sheet_clear(&sheet);
    return done;
}
