/* reply, ask, reject, close --notice: a letter of the operator's. It is drafted, edited, looked at,
 * and sent only when its writer says so; what was looked at is what goes. */
#include "error.h"
#include "madoctl.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void pen_clear(struct pen *pen)
{
    json_decref(pen->extra);
    json_decref(pen->draft);
    json_decref(pen->files);
    json_decref(pen->weighed);
}

/* Asks for one row, which the caller owns; takes `args`. */
static json_t *ask_row(struct pen *pen, const char *command, json_t *args, GError **error)
{
    json_t *rows = json_array(), *next = NULL, *row = NULL;

    if (client_ask(pen->call, command, args, rows, &next, error))
        row = json_incref(json_array_get(rows, 0));
    json_decref(next);
    json_decref(rows);
    return row;
}

/* -- the draft -- */

static char **questions_of(const struct pen *pen)
{
    if (pen->call->options.requests)
        return pen->call->options.requests;
    return g_str_equal(pen->purpose, "ask") ? pen->call->words + 1 : NULL;
}

static json_t *draft_args(const struct pen *pen, const char *text)
{
    const struct options *options = &pen->call->options;
    json_t *args = json_object(), *questions = json_array();

    for (char **word = questions_of(pen); word && *word; word++)
        json_array_append_new(questions, ctl_string(*word));
    view_give(args, "purpose", pen->purpose);
    view_give(args, "id", pen->ticket);
    view_give(args, "to", options->to);
    view_give(args, "language", options->language);
    view_give(args, "text", text);
    view_give(args, "result", options->result);
    view_give(args, "reason", options->reason);
    json_object_set_new(args, "questions", questions);
    json_object_set_new(args, "quote", json_boolean(options->quote));
    if (pen->extra)
        json_object_update(args, pen->extra);
    return args;
}

/* Standard input can be read once. */
static gboolean read_given(struct call *call, char **text, GError **error)
{
    static char *given;

    if (call->options.text && !given && !edit_read(call->options.text, &given, error))
        return FALSE;
    *text = given;
    return TRUE;
}

gboolean pen_draft(struct pen *pen, GError **error)
{
    char *text;

    if (!read_given(pen->call, &text, error))
        return FALSE;
    pen->draft = ask_row(pen, "draft", draft_args(pen, text), error);
    if (pen->draft && *row_text(pen->draft, "hint"))
        screen_complain_softly("%s", row_text(pen->draft, "hint"));
    pen->files = json_array();
    return pen->draft && attach_all(pen->call, pen->draft, pen->files, error);
}

/* The first line is the subject, the second is empty. */
static void take_edited(struct pen *pen, const char *edited)
{
    static const char start[] = "Subject:";
    const char *end = strchr(edited, '\n');
    g_autofree char *first = g_strndup(edited, end ? (gsize)(end - edited) : strlen(edited));
    const char *rest = end ? end + 1 : "";

    if (g_str_has_prefix(first, start)) {
        rest += *rest == '\n';
        json_object_set_new(pen->draft, "subject", ctl_string(g_strstrip(first + strlen(start))));
    } else {
        screen_complain_softly("The first line is not \"Subject: ...\": its subject stays as it "
                               "was.");
        rest = edited;
    }
    json_object_set_new(pen->draft, "text", ctl_string(rest));
    g_clear_pointer(&pen->weighed, json_decref);
}

gboolean pen_edit(struct pen *pen, GError **error)
{
    g_autofree char *before = g_strdup_printf(
        "Subject: %s\n\n%s", row_text(pen->draft, "subject"), row_text(pen->draft, "text"));
    g_autofree char *edited = NULL;

    if (!edit_text(before, &edited, error))
        return FALSE;
    pen->edited = TRUE;
    take_edited(pen, edited);
    return TRUE;
}

/* -- weighing -- */

static json_t *sheet_args(const struct pen *pen)
{
    static const char *const names[] = {
        "draft", "purpose", "to", "language", "subject", "text", NULL};
    json_t *args = pen->extra ? json_copy(pen->extra) : json_object();

    for (const char *const *name = names; *name; name++)
        json_object_set(args, *name, json_object_get(pen->draft, *name));
    if (*row_text(pen->draft, "reply_by"))
        json_object_set(args, "reply_by", json_object_get(pen->draft, "reply_by"));
    json_object_set(args, "id", json_object_get(pen->draft, "ticket"));
    json_object_set(args, "files", pen->files);
    json_object_set_new(args, "confirmed", json_boolean(pen->confirmed));
    return args;
}

gboolean pen_weigh(struct pen *pen, GError **error)
{
    json_decref(pen->weighed);
    pen->weighed = ask_row(pen, "weigh", sheet_args(pen), error);
    return pen->weighed != NULL;
}

/* -- sending -- */

static json_t *send_args(const struct pen *pen)
{
    json_t *args = sheet_args(pen);

    json_object_set(args, "weighed", json_object_get(pen->weighed, "weighed"));
    json_object_set_new(args, "approve", json_boolean(pen->approve));
    view_give(args, "result", pen->call->options.result);
    view_give(args, "reason", pen->call->options.reason);
    return args;
}

json_t *pen_send(struct pen *pen, GError **error)
{
    json_t *row = ask_row(pen, "send", send_args(pen), error);

    if (row)
        edit_forget();
    return row;
}

static int send_it(struct pen *pen, GError **error)
{
    static const struct view sent = {"send", .draw = preview_draw_sent};
    json_t *row = pen_send(pen, error);
    json_t *rows = json_array();
    gboolean done;

    if (row)
        json_array_append_new(rows, row);
    done = row && view_show_rows(&sent, pen->call, rows, TRUE, error);
    json_decref(rows);
    return done ? 0 : -1;
}

/* -- at a terminal -- */

gboolean pen_fails(const struct pen *pen)
{
    return g_str_equal(row_text(pen->weighed, "worst"), "FAIL") ||
           g_str_equal(row_text(pen->weighed, "gate"), "refuse");
}

static gboolean has_masked(const struct pen *pen)
{
    return !g_str_equal(row_text(pen->weighed, "masked"), row_text(pen->weighed, "text"));
}

/* In lower case and without blanks; "" for an end of input too. What stands behind a long line's
 * beginning is no answer to the next question. */
char *pen_read_word(const char *prompt)
{
    char line[64] = "", more[64] = "";

    fprintf(stderr, "%s", prompt);
    fflush(stderr);
    if (!fgets(line, sizeof line, stdin))
        fprintf(stderr, "\n");
    else if (!strchr(line, '\n'))
        while (fgets(more, sizeof more, stdin) && !strchr(more, '\n'))
            ;
    return g_ascii_strdown(g_strstrip(line), -1);
}

static int do_nothing(struct pen *pen, GError **error)
{
    fprintf(stderr, _("Nothing was sent.\n"));
    return 1;
}

static int do_edit(struct pen *pen, GError **error)
{
    return pen_edit(pen, error) ? 0 : -1;
}

static int do_mask(struct pen *pen, GError **error)
{
    json_object_set(pen->draft, "text", json_object_get(pen->weighed, "masked"));
    g_clear_pointer(&pen->weighed, json_decref);
    pen->edited = FALSE; /* and its writer sees what has become of it */
    return 0;
}

/* Its label asks for a word that is not typed by habit. */
static gboolean confirm(struct pen *pen, GError **error)
{
    g_autofree char *word = NULL, *label = g_strdup(row_text(pen->weighed, "label"));

    if (!json_is_true(json_object_get(pen->weighed, "confirm")))
        return TRUE;
    word = pen_read_word(_("It goes in clear, and whoever carries it can read it. Type clear: "));
    pen->confirmed = g_str_equal(word, "clear");
    if (!pen->confirmed || !pen_weigh(pen, error))
        return FALSE;
    if (g_str_equal(label, row_text(pen->weighed, "label")))
        return TRUE;
    fprintf(stderr, _("It is %s by now.\n"), row_text(pen->weighed, "label"));
    return FALSE;
}

static int do_send(struct pen *pen, GError **error)
{
    if (pen_fails(pen))
        return do_nothing(pen, error);
    if (!confirm(pen, error))
        return error && *error ? -1 : do_nothing(pen, error);
    return send_it(pen, error);
}

static int do_hold(struct pen *pen, GError **error)
{
    pen->approve = TRUE;
    return do_send(pen, error);
}

static const struct choice {
    const char *word, *prompt; /* the first letter of the word is enough */
    int (*run)(struct pen *pen, GError **error);
    gboolean goes_on;
} choices[] = {
    {"yes", N_("[y]es  "), do_send},
    {"edit", N_("[e]dit  "), do_edit, TRUE},
    {"mask", N_("[m]ask links  "), do_mask, TRUE},
    {"hold", N_("[h]old for approval  "), do_hold},
    {"no", N_("[N]o: "), do_nothing},
};

static gboolean is_offered(const struct pen *pen, const struct choice *choice)
{
    if (choice->run == do_send || choice->run == do_hold)
        return !pen_fails(pen);
    return choice->run != do_mask || has_masked(pen);
}

/* "help" is no "hold". */
static gboolean is_meant(const struct choice *choice, const char *typed)
{
    return g_str_equal(typed, choice->word) || (*typed == *choice->word && !typed[1]);
}

static const struct choice *choose(const struct pen *pen)
{
    g_autoptr(GString) prompt =
        g_string_new(pen_fails(pen) ? _("\nIt cannot go so.  ") : _("\nSend now?  "));
    g_autofree char *word = NULL;
    const struct choice *no = &choices[G_N_ELEMENTS(choices) - 1];

    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++)
        if (is_offered(pen, &choices[i]))
            g_string_append(prompt, _(choices[i].prompt));
    word = pen_read_word(prompt->str);
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++)
        if (is_offered(pen, &choices[i]) && is_meant(&choices[i], word))
            return &choices[i];
    return no;
}

/* What was written is there still. A lost order is told again by its draft, and not done twice. */
static gboolean goes_on(struct pen *pen, int status, GError **error)
{
    if (status >= 0 || !*error)
        return FALSE;
    screen_complain_softly("%s", (*error)->message);
    if (g_error_matches(*error, MADO_ERROR, MADO_E_NOT_RUNNING))
        g_clear_pointer(&pen->call->client, client_free);
    g_clear_error(error);
    return TRUE;
}

static int talk(struct pen *pen, GError **error)
{
    const struct choice *choice;
    int status = 0;

    do {
        if (!pen_weigh(pen, error))
            return -1;
        preview_draw(pen);
        choice = choose(pen);
        status = choice->run(pen, error);
    } while (goes_on(pen, status, error) || (choice->goes_on && status == 0));
    return status;
}

/* -- without one -- */

static int show_only(struct pen *pen, GError **error)
{
    json_t *rows = json_array();
    static const struct view view = {"weigh"};
    gboolean done = TRUE;

    json_array_append(rows, pen->weighed);
    if (pen->call->options.json)
        done = view_show_rows(&view, pen->call, rows, TRUE, error);
    else
        preview_draw(pen);
    json_decref(rows);
    if (!pen->call->options.json)
        fprintf(stderr, _("Nothing was sent (dry run).\n"));
    return done ? 0 : -1;
}

int pen_go(struct pen *pen, GError **error)
{
    const struct options *options = &pen->call->options;

    if (!pen->said && !options->yes && !options->dry_run && !pen_edit(pen, error))
        return -1;
    if (options->dry_run || options->yes) {
        if (!pen_weigh(pen, error))
            return -1;
        return pen->call->options.dry_run ? show_only(pen, error) : send_it(pen, error);
    }
    return talk(pen, error);
}

/* -- the commands -- */

static gboolean has_said(const struct call *call)
{
    const struct options *options = &call->options;

    return options->text || options->result || options->reason || call->words[1];
}

gboolean pen_may_begin(const struct call *call, GError **error)
{
    const struct options *options = &call->options;

    if (options->yes || options->dry_run || isatty(STDIN_FILENO))
        return TRUE;
    return view_usage(error,
        "What leaves the house is asked for, and there is no terminal to ask at. Nothing was sent. "
        "Add --yes to send, or --dry-run to look.");
}

static gboolean may_begin(const struct call *call, const char *purpose, GError **error)
{
    if (!*call->words)
        return view_usage(
            error, "Which ticket? Nothing was sent. Write: madoctl %s 42", call->command->name);
    if (g_str_equal(purpose, "reject") && !call->options.reason)
        return view_usage(error, "The reporter is told why. Nothing was sent. Write: madoctl "
                                 "reject 42 --reason TEXT");
    return pen_may_begin(call, error);
}

int write_letter_about(struct call *call, const char *purpose, GError **error)
{
    struct pen pen = {.call = call,
        .purpose = purpose,
        .ticket = *call->words,
        .extra = json_object(),
        .said = has_said(call),
        .confirmed = call->options.in_clear,
        .approve = call->options.approve};
    int status = -1;

    view_give(pen.extra, "show_reporter", call->options.show_reporter);
    if (may_begin(call, purpose, error) && pen_draft(&pen, error))
        status = pen_go(&pen, error);
    pen_clear(&pen);
    return status;
}

static int run_reply(struct call *call, GError **error)
{
    return write_letter_about(call, "reply", error);
}

static int run_ask(struct call *call, GError **error)
{
    return write_letter_about(call, "ask", error);
}

static int run_reject(struct call *call, GError **error)
{
    return write_letter_about(call, "reject", error);
}

/* -- hold undo ID -- */

static json_t *undo_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "id", "Which letter? See: madoctl hold.", error);
}

static void draw_undone(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    view_changed_letter(screen, row, _("is taken back, and not sent. It says"));
    screen_print(screen, PLAIN, "%s%s\n", screen->terminal ? "\n" : "", row_text(row, "text"));
}

const struct view view_reply = {"reply", .run = run_reply};
const struct view view_ask = {"ask", .run = run_ask};
const struct view view_reject = {"reject", .run = run_reject};
const struct view view_hold_undo = {"hold undo", undo_args, draw_undone};
