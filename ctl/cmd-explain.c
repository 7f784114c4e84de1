/*
 * explain: what would be done with a mail, and why
 *
 * SECURITY. The mail is never looked at here: a confined reader does that, as in the daemon.
 * Nothing is written, queued or told; the daemon is asked for history only.
 */
#include "conf.h"
#include "desk.h"
#include "error.h"
#include "fd.h"
#include "madoctl.h"
#include "now.h"
#include "opener.h"
#include "reason.h"
#include <errno.h>
#include <fcntl.h>
#include <mado/limits.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { NAME_WIDTH = 10, MOST_LINES = 5, MOST_BOUNCES = 3 };

struct explain {
    struct call *call;
    struct settings *settings;
    struct opener *opener;
    gboolean alone; /* the daemon did not answer: it is not asked again */
};

/* -- the row -- */

static json_t *mailboxes(const GPtrArray *boxes)
{
    json_t *rows = json_array();

    for (guint i = 0; i < boxes->len; i++) {
        const struct mailbox *box = g_ptr_array_index(boxes, i);
        json_array_append_new(rows, json_pack("{s:o,s:o}", "name", ctl_string(box->name), "address",
                                        ctl_string(box->addr)));
    }
    return rows;
}

static json_t *attachments(const GPtrArray *all)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct attachment *one = g_ptr_array_index(all, i);
        json_array_append_new(rows, json_pack("{s:o,s:o,s:I,s:o}", "name", ctl_string(one->name),
                                        "type", ctl_string(one->type), "size",
                                        (json_int_t)one->size, "sha256", ctl_string(one->sha256)));
    }
    return rows;
}

static json_t *message_row(const struct message *message)
{
    json_t *row = json_object();

    json_object_set_new(row, "from", mailboxes(message->from));
    json_object_set_new(row, "subject", ctl_string(message->subject));
    json_object_set_new(row, "subject_from", ctl_string(message->subject_from));
    json_object_set_new(row, "date", ctl_string(message->date));
    json_object_set_new(row, "message_id", ctl_string(message->message_id));
    json_object_set_new(row, "language", ctl_known(message->language));
    json_object_set_new(row, "text", ctl_string(message->text));
    json_object_set_new(row, "attachments", attachments(message->attachments));
    json_object_set_new(row, "problems", ctl_texts(message->problems));
    return row;
}

static json_t *bounces(const GPtrArray *all)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct bounce *one = g_ptr_array_index(all, i);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o,s:b}", "recipient", ctl_string(one->recipient),
                      "status", ctl_known(one->status), "reply_code", ctl_known(one->reply_code),
                      "reason", ctl_string(one->reason), "permanent", one->permanent));
    }
    return rows;
}

static void add_handling(json_t *row, const struct handling *handling)
{
    json_object_set_new(row, "tlp",
        json_pack("{s:o,s:b,s:o,s:o}", "label", ctl_string(handling->label), "explicit",
            *handling->where != '\0', "where", ctl_known(handling->where), "all",
            ctl_texts(handling->all)));
    json_object_set_new(row, "pap", ctl_known(handling->pap));
}

/* A plan holds words only; what is a number, or a question of yes or no, becomes one here. */
static json_t *field_value(const char *name, const char *value)
{
    static const char *const truths[] = {"sealed", "permanent", NULL};

    if (g_strv_contains(truths, name))
        return json_boolean(g_strcmp0(value, "yes") == 0);
    if (g_str_equal(name, "letter"))
        return json_integer((json_int_t)g_ascii_strtoull(value, NULL, 10));
    return ctl_known(value);
}

static json_t *action_rows(const struct plan *plan)
{
    json_t *rows = json_array();

    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = g_ptr_array_index(plan->actions, i);
        const char *const *fields = action_fields(action->kind);
        json_t *row = json_object();
        json_object_set_new(row, "action", json_string(action_name(action->kind)));
        json_object_set_new(row, "why", ctl_string(action->why));
        for (int f = 0; fields[f]; f++)
            json_object_set_new(row, fields[f], field_value(fields[f], action->value[f]));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* -- deciding -- */

static struct history *consult(struct explain *explain, const struct question *question)
{
    json_t *rows = json_array();
    json_t *args = json_pack("{s:o}", "question", ctl_question_to_json(question));
    json_t *next = NULL;
    struct history *history = NULL;

    if (client_ask(explain->call, "consult", args, rows, &next, NULL))
        history = ctl_history_from_json(json_object_get(json_array_get(rows, 0), "history"));
    json_decref(rows);
    json_decref(next);
    return history;
}

/* Those that hit, whether or not they change anything. */
static json_t *rule_names(
    struct explain *explain, const struct message *message, const struct crypto *crypto)
{
    g_autoptr(mado_ruling) ruling = rules_apply(message, crypto, explain->settings);
    json_t *names = json_array();

    for (guint i = 0; i < ruling->hits->len; i++)
        json_array_append_new(names, ctl_string(((struct rule *)ruling->hits->pdata[i])->name));
    return names;
}

static json_t *decide(struct explain *explain, const struct message *message,
    const struct crypto *crypto, const char *death, gboolean *consulted)
{
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_history) history = NULL;
    g_autoptr(mado_plan) plan = NULL;
    g_autoptr(mado_handling) handling = NULL;
    json_t *row = json_object();

    *consulted = FALSE;
    if (!death) {
        desk_leave_out(message, explain->settings);
        question = desk_ask(message, crypto, explain->settings);
        if (!explain->alone)
            history = consult(explain, question);
        explain->alone = history == NULL;
        if (!history)
            history = history_new();
        *consulted = history->consulted;
    }
    plan = death ? desk_quarantine(death, explain->settings)
                 : desk_decide(message, crypto, question, history, explain->settings);
    handling = desk_handling(
        message->report, explain->settings->handling.default_in, !plan_find(plan, ACTION_JOIN));
    json_object_set_new(row, "ledger", ctl_string(ledger_name(plan->ledger)));
    add_handling(row, handling);
    json_object_set_new(row, "rules", rule_names(explain, message, crypto));
    json_object_set_new(row, "actions", action_rows(plan));
    return row;
}

static json_t *explain_mail(
    struct explain *explain, const char *file, int mail, const char *sha256, GError **error)
{
    g_autofree char *death = NULL;
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = opener_open(explain->opener, mail, &crypto, &death, error);
    json_t *decided, *row;
    gboolean consulted;

    if (!message && !death)
        return NULL;
    if (!message)
        message = message_new();
    decided = decide(explain, message, crypto, death, &consulted);
    row = ctl_row();
    json_object_set_new(row, "file", ctl_string(file));
    json_object_set_new(row, "sha256", ctl_string(sha256));
    json_object_set(row, "ledger", json_object_get(decided, "ledger"));
    json_object_set_new(row, "message", message_row(message));
    json_object_set_new(row, "indicators", ctl_indicators(message->report));
    if (death)
        json_array_append_new(row_at(row, "message.problems"), ctl_string(death));
    json_object_set(row, "tlp", json_object_get(decided, "tlp"));
    json_object_set(row, "pap", json_object_get(decided, "pap"));
    json_object_set_new(row, "crypto", ctl_crypto(crypto, NULL));
    json_object_set_new(row, "machine",
        json_pack("{s:o,s:o}", "kind", ctl_string(machine_name(message->machine)), "why",
            ctl_known(message->machine_why)));
    json_object_set_new(row, "bounce", bounces(message->bounces));
    json_object_set_new(row, "report", ctl_report(message->report, G_MAXUINT));
    json_object_set_new(row, "feedback_type", ctl_known(message->feedback_type));
    json_object_set_new(row, "history", json_string(consulted ? "consulted" : "none"));
    json_object_set(row, "rules", json_object_get(decided, "rules"));
    json_object_set(row, "actions", json_object_get(decided, "actions"));
    json_decref(decided);
    return row;
}

/* -- files -- */

static int open_file(const char *file, GError **error)
{
    int fd = g_str_equal(file, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        error_set(error, MADO_E_NO_SUCH, "%s cannot be read: %s.", file, g_strerror(errno));
    return fd;
}

/* A copy that nobody can change any more, or -1. */
static int sealed_copy(struct explain *explain, const char *file, guint64 *size, GError **error)
{
    guint64 most = (guint64)explain->settings->intake.max_message;
    int from = open_file(file, error);
    int mail = from >= 0 ? fd_new_memory("mail", error) : -1;
    gboolean done =
        mail >= 0 && fd_copy(from, mail, most, size, error) && fd_seal(mail, most, size, error);

    if (from >= 0)
        close(from);
    if (done)
        return mail;
    if (mail >= 0)
        close(mail);
    return -1;
}

static int failed_status(const GError *error)
{
    /* A folder opens and then cannot be read: that is no fault of a role. */
    return g_error_matches(error, MADO_ERROR, MADO_E_IPC) ? EX_NOINPUT : error_exit_status(error);
}

/* 0, or the exit status of what went wrong with this file; -1 ends everything. */
static int explain_file(struct explain *explain, const char *file, gboolean first, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *sha256 = NULL;
    json_t *row = NULL;
    json_t *rows;
    guint64 size = 0;
    int mail = sealed_copy(explain, file, &size, &failed);
    gboolean done;

    if (mail >= 0)
        sha256 = fd_sha256(mail, size, &failed);
    if (mail >= 0 && sha256)
        row = explain_mail(explain, file, mail, sha256, error);
    if (mail >= 0)
        close(mail);
    if (failed) {
        if (failed->code != MADO_E_NO_SUCH)
            g_prefix_error(&failed, "%s: ", file);
        screen_complain(failed);
        return failed_status(failed);
    }
    if (!row)
        return -1;
    rows = json_pack("[o]", row);
    done = view_show_rows(&view_explain, explain->call, rows, first, error);
    json_decref(rows);
    return done ? 0 : -1;
}

static int explain_all(struct explain *explain, GError **error)
{
    int status = 0;

    for (char **file = explain->call->words; *file && status >= 0; file++) {
        int here = explain_file(explain, *file, file == explain->call->words, error);
        status = here < 0 ? here : MAX(status, here);
    }
    return status;
}

static int run(struct call *call, GError **error)
{
    struct explain explain = {.call = call};
    int status = -1;

    if (!*call->words) {
        view_usage(error, "Which mail? Write: madoctl explain FILE, or - for standard input. "
                          "Nothing was changed.");
        return -1;
    }
    if (call->options.now && !now_fix_from_text(call->options.now, error))
        return -1;
    explain.settings = client_settings(&call->options, NULL, error);
    if (!explain.settings)
        return -1;
    explain.opener = opener_new(explain.settings);
    if (!call->options.keys || opener_take_keys(explain.opener, call->options.keys, error))
        status = explain_all(&explain, error);
    opener_free(explain.opener);
    conf_free(explain.settings);
    return status;
}

/* -- the screen -- */

static char *fields_text(json_t *action)
{
    GString *out = g_string_new(NULL);
    const char *name;
    json_t *value;

    json_object_foreach(action, name, value) {
        if (g_str_equal(name, "action") || g_str_equal(name, "why") || json_is_null(value))
            continue;
        g_string_append_printf(out, "%s%s=", out->len ? " " : "", name);
        if (json_is_integer(value))
            g_string_append_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else
            g_string_append(out, json_is_string(value) ? json_string_value(value)
                                 : json_is_true(value) ? "yes"
                                                       : "no");
    }
    return g_string_free(out, FALSE);
}

static void line(struct screen *screen, const char *name, const char *text)
{
    screen_print(screen, PLAIN, "  ");
    screen_pad(screen, PLAIN, _(name), NAME_WIDTH + 1);
    screen_wrap_some(screen, NAME_WIDTH + 3, MOST_LINES, text);
}

static void lower_line(struct screen *screen, const char *name, const char *text)
{
    g_autofree char *lower = g_ascii_strdown(_(name), -1);

    line(screen, lower, text);
}

static void draw_actions(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *action;

    json_array_foreach(json_object_get(row, "actions"), i, action) {
        g_autofree char *fields = fields_text(action);
        const char *name = row_text(action, "action");
        const char *why = row_text(action, "why");
        g_autofree char *said = reason_said(why);
        g_autofree char *text = g_strdup_printf("%s%s%s", fields, *fields ? ": " : "", said);
        if (screen->terminal)
            line(screen, name, text);
        else
            screen_cells(
                screen, row_text(row, "file"), row_text(row, "ledger"), name, fields, why, NULL);
    }
}

/* The first few recipients; one is the rule. */
static void draw_bounces(struct screen *screen, const json_t *row)
{
    const json_t *all = json_object_get(row, "bounce");
    gsize i;
    json_t *one;

    if (*row_text(row, "feedback_type"))
        line(screen, "complaint", row_text(row, "feedback_type"));
    json_array_foreach(all, i, one) {
        g_autofree char *text = view_bounce(one);
        if (i < MOST_BOUNCES)
            line(screen, "recipient", text);
    }
    if (json_array_size(all) > MOST_BOUNCES)
        screen_print(screen, PLAIN, _("  recipients %zu in all\n"), json_array_size(all));
}

static void draw_handling(struct screen *screen, const json_t *row)
{
    const char *where = row_text(row, "tlp.where");
    g_autofree char *text = *where
                                ? g_strdup_printf("%s (%s)", row_text(row, "tlp.label"), where)
                                : g_strdup_printf(_("%s (by default)"), row_text(row, "tlp.label"));

    line(screen, "tlp", text);
    if (*row_text(row, "pap"))
        line(screen, "pap", row_text(row, "pap"));
}

static void draw_facts(struct screen *screen, const json_t *row)
{
    const json_t *from = json_array_get(row_at(row, "message.from"), 0);
    gsize files = json_array_size(row_at(row, "message.attachments"));
    const char *machine_why = row_text(row, "machine.why");
    g_autofree char *sender =
        g_strdup_printf("%s <%s>", row_text(from, "name"), row_text(from, "address"));
    g_autofree char *machine =
        g_strdup_printf("%s: %s", row_text(row, "machine.kind"), machine_why);
    g_autofree char *rules = view_joined(row, "rules", ", ");
    gsize i;
    json_t *problem;

    screen_print(screen, BOLD, "%s\n", row_text(row, "file"));
    line(screen, "from", sender);
    line(screen, "subject", row_text(row, "message.subject"));
    if (files > 0)
        screen_print(screen, PLAIN, _("  attached   %zu\n"), files);
    if (*machine_why)
        line(screen, "machine", machine);
    draw_bounces(screen, row);
    draw_handling(screen, row);
    view_protection(screen, json_object_get(row, "crypto"), lower_line);
    view_found(screen, row, lower_line);
    view_report(screen, json_object_get(row, "report"), lower_line);
    json_array_foreach(row_at(row, "message.problems"), i, problem) {
        g_autofree char *said = reason_said(json_string_value(problem));
        line(screen, "problem", said);
    }
    if (*rules)
        line(screen, "rules", rules);
    screen_print(screen, PLAIN, "  ends in    %s%s\n", row_text(row, "ledger"),
        g_str_equal(row_text(row, "history"), "none") ? _(" (the daemon was not asked)") : "");
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        if (screen->terminal && !first)
            screen_print(screen, PLAIN, "\n");
        if (screen->terminal)
            draw_facts(screen, row);
        draw_actions(screen, row);
    }
}

const struct view view_explain = {"explain", .draw = draw, .run = run};
