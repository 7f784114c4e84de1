/* Letters as JSON rows, and what operators do with them. */
#include "control-enclose.h"
#include "control-sheet.h"
#include "error.h"
#include "now.h"
#include "outbox-policy.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 100, HEADER_SHOWN = 64 * 1024 };

/* -- rows -- */

json_t *answer_letter_row(const struct answer *answer, const struct outbox_row *letter)
{
    gboolean waits = g_str_equal(letter->state, "queued") || g_str_equal(letter->state, "deferred");
    json_t *row = ctl_row();

    answer_set(row, "id", answer_integer(letter->id));
    answer_set(row, "kind", ctl_string(letter->kind));
    answer_set(row, "state", ctl_string(letter->state));
    answer_set(row, "to", ctl_string(letter->recipient));
    answer_set(row, "subject", ctl_string(letter->subject));
    answer_set(row, "ticket", answer_ticket_number(answer, letter->incident));
    answer_set(row, "mail", letter->mail ? answer_integer(letter->mail) : json_null());
    answer_set(row, "created", answer_moment(answer, letter->created_at));
    answer_set(row, "age_seconds", answer_age(letter->created_at));
    answer_set(row, "next_try", answer_moment(answer, waits ? letter->next_try : 0));
    answer_set(row, "attempts", json_integer(letter->attempts));
    answer_set(row, "reply", ctl_known(letter->reply));
    return row;
}

static gboolean add_letter(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    answer_add(answer, answer_letter_row(answer, letter));
    return TRUE;
}

gboolean answer_letters(struct answer *answer, const char *state,
    gboolean (*add)(struct answer *answer, const struct outbox_row *letter, GError **error),
    GError **error)
{
    guint64 before = answer_page_number(answer, "before");
    struct sight_rule rule;
    guint room = PAGE;

    for (gboolean more = TRUE; more && room > 0;) {
        g_autoptr(GPtrArray) letters = store_list_letters(
            answer->context->store, state, answer_sight_rule(answer, &rule), before, PAGE, error);
        if (!letters)
            return FALSE;
        more = letters->len == PAGE;
        for (guint i = 0; i < letters->len && room > 0; i++) {
            const struct outbox_row *letter = g_ptr_array_index(letters, i);
            before = letter->id;
            if (!answer_sees_letter(answer, letter))
                continue;
            if (!add(answer, letter, error))
                return FALSE;
            room--;
        }
    }
    if (room == 0)
        answer->next = json_pack("{s:o}", "before", answer_integer(before));
    return TRUE;
}

gboolean answer_outbox(struct answer *answer, GError **error)
{
    static const char *const states[] = {
        "queued", "held", "sending", "sent", "deferred", "failed", "unknown", "dropped", NULL};
    const char *state = answer_string(answer, "state");

    return answer_is_one_of("state", state, states, error) &&
           answer_letters(answer, state, add_letter, error);
}

/* -- one letter -- */

struct outbox_row *answer_find_letter(const struct answer *answer, GError **error)
{
    const char *id = answer_string(answer, "id");
    g_autoptr(GError) failed = NULL;
    g_autoptr(mado_outbox_row) letter = NULL;
    guint64 number;

    if (!id || !g_ascii_string_to_unsigned(id, 10, 1, G_MAXINT64, &number, NULL)) {
        answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no number of a letter. Nothing was changed. See: madoctl outbox",
            id ? id : "");
        return NULL;
    }
    letter = store_letter_show(answer->context->store, number, &failed);
    if (letter && answer_sees_letter(answer, letter))
        return g_steal_pointer(&letter);
    if (letter || g_error_matches(failed, MADO_ERROR, MADO_E_NO_SUCH))
        answer_refuse(error, MADO_E_NO_SUCH,
            "There is no letter %s. Nothing was changed. See: madoctl outbox", id);
    else
        g_propagate_error(error, g_steal_pointer(&failed));
    return NULL;
}

/* The lines in front of the first empty one, as they are sent. */
static json_t *header_rows(const char *bytes, gsize size)
{
    g_autofree char *text = g_strndup(bytes, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    json_t *rows = json_array();

    for (char **line = lines; *line && *g_strchomp(*line); line++)
        json_array_append_new(rows, ctl_string(*line));
    return rows;
}

static gboolean add_headers(
    const struct answer *answer, guint64 letter, json_t *row, GError **error)
{
    int fd = store_letter_fd(answer->context->store, letter, error);
    g_autofree char *bytes = g_malloc(HEADER_SHOWN);
    gssize got;
    off_t size;

    if (fd < 0)
        return FALSE;
    size = lseek(fd, 0, SEEK_END);
    got = pread(fd, bytes, HEADER_SHOWN, 0);
    close(fd);
    answer_set(row, "size", answer_integer((guint64)MAX(size, 0)));
    answer_set(row, "headers", header_rows(bytes, (gsize)MAX(got, 0)));
    return TRUE;
}

static gboolean add_files(const struct answer *answer, guint64 letter, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) files = store_enclosures(answer->context->store, letter, error);

    if (files)
        answer_set(row, "files", answer_file_rows(files));
    return files != NULL;
}

static gboolean show(struct answer *answer, const struct outbox_row *letter,
    const struct gate_answer *gate, GError **error)
{
    json_t *row = answer_letter_row(answer, letter);

    answer_set(row, "from", ctl_string(letter->sender));
    answer_set(row, "message_id", ctl_known(letter->message_id));
    answer_set(row, "changed", answer_moment(answer, letter->changed_at));
    answer_set(row, "to_do", ctl_known(letter->seal));
    answer_set(row, "signed_with", ctl_known(letter->signed_with));
    answer_set(row, "sealed_to", ctl_lines(letter->sealed_to));
    answer_set(row, "dropped_by", ctl_known(letter->dropped_by));
    answer_set(row, "dropped_at", answer_moment(answer, letter->dropped_at));
    answer_set(row, "dropped_why", ctl_known(letter->dropped_why));
    if (gate) {
        answer_set(row, "gate", ctl_string(gate_way_name(gate->way)));
        answer_set(row, "gate_rule", ctl_string(gate->rule));
        answer_set(row, "gate_why", ctl_string(gate->said));
    }
    if (add_headers(answer, letter->id, row, error) &&
        answer_letter_deliveries(answer, letter->id, row, error) &&
        add_files(answer, letter->id, row, error)) {
        answer_add(answer, row);
        return TRUE;
    }
    json_decref(row);
    return FALSE;
}

gboolean answer_letter(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);
    gboolean done = letter && show(answer, letter, NULL, error);

    outbox_row_free(letter);
    return done;
}

/* -- changes -- */

/* Why nothing can be done with a letter in that state; NULL: something can. */
static const struct {
    const char *state, *retry, *drop;
} standings[] = {
    {"queued", N_("it goes next by itself"), NULL},
    {"held", N_("it must not go as things are (see: madoctl hold)"), NULL},
    {"sending", N_("it is on its way now"), N_("it is on its way now; look again in a minute")},
    {"sent", N_("the relay has it already"), N_("the relay has it already")},
    {"deferred", NULL, NULL},
    {"failed", NULL, NULL},
    {"unknown", NULL, NULL},
    {"dropped", N_("it was given up"), N_("it was given up before")},
};

static gboolean may(const struct outbox_row *letter, gboolean drop, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(standings); i++) {
        const char *why = drop ? standings[i].drop : standings[i].retry;
        if (why && g_str_equal(standings[i].state, letter->state))
            return answer_refuse(error, MADO_E_BAD_DATA,
                "Letter %" PRIu64 " is %s: %s. Nothing was changed. "
                "See: madoctl outbox show %" PRIu64,
                letter->id, letter->state, _(why), letter->id);
    }
    return TRUE;
}

gboolean answer_note_letter(const struct answer *answer, const struct outbox_row *letter,
    const char *kind, const char *how, GError **error)
{
    g_autofree char *text = g_strdup_printf("letter %" PRIu64 " (%s to %s, %s): %s", letter->id,
        letter->kind, letter->recipient, letter->state, how);

    return store_journal(answer->context->store, now_seconds(), answer->user, kind,
        letter->incident, letter->mail, text, error);
}

static const char *warning_for(const struct outbox_row *letter)
{
    if (!g_str_equal(letter->state, "unknown"))
        return NULL;
    return outbox_is_automatic(letter->kind)
               ? "Nobody knows whether the first one arrived: this may be a second copy."
               : _("Nobody knows whether the first one arrived: this may be a second copy, with "
                   "the "
                   "same Message-ID.");
}

/* The letter as it is now, and what the operator should know. */
gboolean answer_tell_letter(struct answer *answer, guint64 id, const char *warning, GError **error)
{
    struct outbox_row *letter = store_letter_show(answer->context->store, id, error);
    json_t *row;

    if (!letter)
        return FALSE;
    row = answer_letter_row(answer, letter);
    answer_set(row, "warning", ctl_string(warning));
    answer_add(answer, row);
    outbox_row_free(letter);
    return TRUE;
}

/* Else what goes, and is said to have gone, is a mail without a word. */
static gboolean says_something(
    const struct answer *answer, const struct outbox_row *letter, GError **error)
{
    g_autoptr(GBytes) bytes = store_letter_bytes(answer->context->store, letter->id, error);

    if (!bytes)
        return FALSE;
    return g_bytes_get_size(bytes) > 0 ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "All that letter %" PRIu64
               " said was purged. Nothing was changed. Write another one.",
               letter->id);
}

static gboolean retry(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    gint64 now = now_seconds();

    return may(letter, FALSE, error) && says_something(answer, letter, error) &&
           store_letter_settled(
               answer->context->store, letter->id, "queued", NULL, now, now, error) &&
           answer_note_letter(answer, letter, "retried", "it is sent again", error) &&
           answer_tell_letter(answer, letter->id, warning_for(letter), error);
}

gboolean answer_retry(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);
    gboolean done = letter && retry(answer, letter, error);

    outbox_row_free(letter);
    return done;
}

static gboolean drop(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    const char *given = answer_string(answer, "reason");
    g_autofree char *reason = g_strstrip(g_strdup(given ? given : ""));

    return may(letter, TRUE, error) &&
           answer_is_reason(reason, "madoctl outbox drop ID --reason TEXT", error) &&
           store_drop_letter(
               answer->context->store, letter->id, answer->user, reason, now_seconds(), error) &&
           answer_note_letter(answer, letter, "dropped", reason, error) &&
           answer_given_up(answer, letter, reason, error) &&
           answer_tell_letter(answer, letter->id, NULL, error);
}

gboolean answer_drop(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);
    gboolean done = letter && drop(answer, letter, error);

    outbox_row_free(letter);
    return done;
}

/* -- letters that are held -- */

struct outbox_row *answer_find_held(const struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);

    if (!letter || g_str_equal(letter->state, "held"))
        return letter;
    answer_refuse(error, MADO_E_BAD_DATA,
        "Letter %" PRIu64 " is %s, and not held. Nothing was changed. See: madoctl hold",
        letter->id, letter->state);
    outbox_row_free(letter);
    return NULL;
}

struct gate_answer *answer_ask_gate(
    const struct answer *answer, const struct outbox_row *letter, gboolean release, GError **error)
{
    const struct control_context *context = answer->context;

    if (context->ask_gate)
        return context->ask_gate(context->desk, letter->id, release, error);
    answer_refuse(error, MADO_E_BUSY, "The gate cannot be asked now. Nothing was changed.");
    return NULL;
}

gboolean answer_held_letter(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_held(answer, error);
    g_autoptr(mado_gate_answer) gate =
        letter ? answer_ask_gate(answer, letter, FALSE, error) : NULL;
    gboolean done = gate && show(answer, letter, gate, error);

    outbox_row_free(letter);
    return done;
}

gboolean answer_held_drop(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_held(answer, error);
    gboolean done = letter && drop(answer, letter, error);

    outbox_row_free(letter);
    return done;
}
