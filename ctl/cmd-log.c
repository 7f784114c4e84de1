/* log: nine questions about a report that is no mail, or their answers on the command line or
 * through a pipe. */
#include "error.h"
#include "init.h"
#include "madoctl.h"
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

/* In the order in which one asks on the telephone. */
static const struct asked {
    const char *name, *question;
} questions[] = {
    {"taken", N_("Time of it, and who took it [now, you]")},
    {"caller", N_("Name, organisation, department, role")},
    {"back", N_("Number to call back, best time; how was it checked?")},
    {"kind", N_("Kind: 1 incident 2 vulnerability 3 follow-up 4 question 5 press 6 sales 7 other")},
    {"what", N_("What happened, when (time zone), to what system?")},
    {"harm", N_("Does it go on? Damage to people or service?")},
    {"wants", N_("What do they want? May we pass on the name?")},
    {"promised", N_("What did we say and promise, by when?")},
    {"passed", N_("Passed to whom, at what time?")},
};
static const char *const kinds[] = {
    "incident", "vulnerability", "follow-up", "question", "press", "sales", "other", NULL};

struct answers {
    char *id;
    GPtrArray *set; /* char *: "caller=Tanaka" */
};

static void add(struct answers *answers, const char *name, const char *value)
{
    g_ptr_array_add(answers->set, g_strdup_printf("%s=%s", name, value));
}

/* -- asked -- */

/* A number of the list, or a word of it; "3 42" and "follow-up 42" name the ticket, too. FALSE: it
 * is neither. */
static gboolean take_kind(struct answers *answers, const char *typed)
{
    g_auto(GStrv) words = g_strsplit(typed, " ", 2);
    guint64 number = 0;

    for (gsize i = 0; kinds[i]; i++) {
        gboolean meant =
            g_str_equal(kinds[i], words[0]) ||
            (g_ascii_string_to_unsigned(words[0], 10, 1, 7, &number, NULL) && number == i + 1);
        if (!meant)
            continue;
        add(answers, "kind", kinds[i]);
        if (words[1] && !answers->id && g_str_equal(kinds[i], "follow-up"))
            answers->id = g_strdup(words[1]);
        return TRUE;
    }
    return FALSE;
}

/* TRUE: the next question. */
static gboolean take(struct answers *answers, const struct asked *asked, const char *line)
{
    if (g_str_equal(asked->name, "what") && !*line)
        return FALSE;
    if (g_str_equal(asked->name, "kind") && *line)
        return take_kind(answers, line);
    if (*line)
        add(answers, asked->name, line);
    return TRUE;
}

/* FALSE: they broke off. */
static gboolean ask_one(struct answers *answers, gsize number)
{
    const struct asked *asked = &questions[number];
    g_autofree char *prompt = g_strdup_printf("%d  %s: ", (int)number + 1, _(asked->question));

    for (;;) {
        g_autofree char *line = init_read_line(prompt, FALSE);
        g_autofree char *valid = line ? g_utf8_make_valid(line, -1) : NULL;
        if (!valid)
            return FALSE;
        if (take(answers, asked, valid))
            return TRUE;
        init_say("   %s\n", _("This one needs an answer."));
    }
}

static gboolean ask_all(struct answers *answers)
{
    init_say("%s\n", _("Nine questions; Enter where nobody knows, Ctrl-D gives up."));
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++)
        if (!ask_one(answers, i)) {
            init_say("madoctl: %s\n", _("Given up; nothing was written down."));
            return FALSE;
        }
    return TRUE;
}

/* -- given -- */

/* "caller=", and no ticket's subject with a = in it. */
static gboolean is_field(const char *word)
{
    gsize length = strspn(word, "abcdefghijklmnopqrstuvwxyz");

    return length > 0 && word[length] == '=';
}

/* A line that begins no field belongs to the one above it. */
static gboolean take_line(struct answers *answers, const char *line, GError **error)
{
    char **last = answers->set->len ? (char **)&answers->set->pdata[answers->set->len - 1] : NULL;
    g_autofree char *before = NULL;

    if (is_field(line)) {
        g_ptr_array_add(answers->set, g_strdup(line));
        return TRUE;
    }
    if (!last)
        return !*line || view_usage(error,
                             "The first line is no FIELD=VALUE. Nothing was changed. Write it as: "
                             "caller=Tanaka, Example Inc.");
    before = *last;
    *last = g_strconcat(before, "\n", line, NULL);
    return TRUE;
}

static gboolean read_input(struct answers *answers, GError **error)
{
    g_autofree char *bytes = NULL, *text = NULL;
    g_autoptr(GError) failed = NULL;
    g_auto(GStrv) lines = NULL;
    gsize size;

    if (!g_file_get_contents("/dev/stdin", &bytes, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s. Nothing was changed.", failed->message);
        return FALSE;
    }
    if (size > LIMIT_CONTROL_MUCH / 2)
        return view_usage(error, "The answers are too long. Nothing was changed.");
    text = g_strchomp(g_utf8_make_valid(bytes, (gssize)size));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (!take_line(answers, *line, error))
            return FALSE;
    return TRUE;
}

static gboolean take_word(struct answers *answers, const char *word, GError **error)
{
    if (g_str_equal(word, "-"))
        return read_input(answers, error);
    if (is_field(word)) {
        g_ptr_array_add(answers->set, g_strdup(word));
        return TRUE;
    }
    if (answers->id)
        return view_usage(error,
            "\"%s\" sets no field. Nothing was changed. Write: madoctl log phone %s what='TEXT'",
            word, answers->id);
    answers->id = g_strdup(word);
    return TRUE;
}

/* -- both -- */

/* 0, or the exit status; -1 with an error. */
static int collect(struct call *call, struct answers *answers, GError **error)
{
    for (char **word = call->words; *word; word++)
        if (!take_word(answers, *word, error))
            return -1;
    if (answers->set->len)
        return 0;
    if (isatty(STDIN_FILENO))
        return ask_all(answers) ? 0 : 1;
    view_usage(error,
        "Nobody is there to be asked. Nothing was changed. Write: madoctl %s caller='Tanaka' "
        "what='a fake shop', or - and a line for each field on standard input",
        call->command->name);
    return -1;
}

static json_t *request(const struct call *call, const struct answers *answers)
{
    json_t *args = json_object(), *set = json_array();

    for (guint i = 0; i < answers->set->len; i++)
        json_array_append_new(set, ctl_string(answers->set->pdata[i]));
    json_object_set_new(args, "set", set);
    view_give(args, "id", answers->id);
    view_give(args, "reason", call->options.reason);
    return args;
}

static void draw_one(struct screen *screen, const json_t *row)
{
    gboolean opens = json_is_true(row_at(row, "told.opens"));
    gsize i;
    json_t *one;

    screen_print(screen, BOLD, "%s", row_text(row, "ticket"));
    screen_print(screen, PLAIN, "   %s   %s   %s   %s   %s\n", opens ? _("opened") : _("added to"),
        row_text(row, "state"), row_text(row, "severity"), row_text(row, "tlp"),
        row_text(row, "category"));
    json_array_foreach(json_object_get(row, "hints"), i, one)
        screen_wrap(screen, 0, json_string_value(one));
    screen_print(screen, BOLD, "%s  %s\n", _("Read out:"), row_text(row, "read_out"));
    view_next(screen, row);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (screen->terminal)
        draw_one(screen, row);
    else
        screen_cells(screen, row_text(row, "ticket"), row_text(row, "read_out"), NULL);
}

static int run(struct call *call, GError **error)
{
    struct answers answers = {.set = g_ptr_array_new_with_free_func(g_free)};
    const struct view drawn = {call->command->name, .draw = draw};
    int status = collect(call, &answers, error);

    if (status == 0)
        status = view_order(call, &drawn, request(call, &answers), error);
    g_free(answers.id);
    g_ptr_array_unref(answers.set);
    return status;
}

const struct view view_log_phone = {"log phone", .run = run};
const struct view view_log_visit = {"log visit", .run = run};
const struct view view_log_web = {"log web", .run = run};
