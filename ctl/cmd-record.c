/* damage, goal: what is written down for the year. */
#include "error.h"
#include "init.h"
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* -- damage -- */

/* In the order of practice: whose data, how bad, how it was dealt with. */
static const struct {
    const char *name, *question;
} questions[] = {
    {"persons", N_("Data of how many persons?")},
    {"distress", N_("How much does that distress them (worst kind of data): 1, 2 or 3?")},
    {"loss", N_("How much money may they lose by it (same kind): 1, 2 or 3?")},
    {"identification", N_("Are they known by it: easy (name and address), partial or hard?")},
    {"responsibility", N_("Our responsibility in society: high or normal?")},
    {"response", N_("Was it dealt with well: good (or not known), or poor?")},
};

static json_t *damage_args(char **words, const struct options *options, GError **error)
{
    json_t *args;

    if (!*words) {
        view_usage(error, "Which ticket? Nothing was changed. Write: madoctl damage 42");
        return NULL;
    }
    args = json_pack("{s:o}", "id", ctl_string(*words));
    if (words[1])
        json_object_set_new(args, "set", ctl_texts(words + 1));
    return args;
}

/* As the formula has it, with every factor. */
static void draw_reckoning(struct screen *screen, const json_t *row)
{
    g_autofree char *person = ctl_count((guint64)row_number(row, "damage.per_person"));
    g_autofree char *total = ctl_count((guint64)row_number(row, "damage.total"));
    g_autofree char *persons = ctl_count((guint64)row_number(row, "damage.persons"));

    screen_print(screen, PLAIN,
        "  %" PRIi64 " x (10^%" PRIi64 " + 5^%" PRIi64 " = %" PRIi64 ") x %" PRIi64 " x %" PRIi64
        " x %" PRIi64 " = ",
        row_number(row, "damage.base"), row_number(row, "damage.distress") - 1,
        row_number(row, "damage.loss") - 1, row_number(row, "damage.sensitivity"),
        row_number(row, "damage.ease_factor"), row_number(row, "damage.responsibility_factor"),
        row_number(row, "damage.response_factor"));
    screen_print(screen, PLAIN, _("%s yen a person\n"), person);
    screen_print(screen, BOLD, _("  x %s persons = %s yen\n"), persons, total);
}

static void draw_damage(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *total = g_strdup_printf("%" PRIi64, row_number(row, "damage.total"));

    if (!*row_text(row, "damage.caution")) {
        screen_print(screen, PLAIN, "%s\n", _("Nobody has said what it was: madoctl damage ID"));
        return;
    }
    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "ticket"), total, row_text(row, "damage.caution"), NULL);
        return;
    }
    screen_print(screen, BOLD, "%s\n", row_text(row, "ticket"));
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *path = g_strconcat("damage.", questions[i].name, NULL);
        g_autofree char *number = g_strdup_printf("%" PRIi64, row_number(row, path));
        const char *text = row_text(row, path);
        view_fact(screen, questions[i].name, *text ? text : number);
    }
    draw_reckoning(screen, row);
    screen_wrap(screen, 0, row_text(row, "damage.caution"));
}

static const struct view plain_damage = {"damage", damage_args, draw_damage};

/* Enter gives up: half of it is no figure. */
static gboolean ask_all(GPtrArray *words)
{
    init_say("%s\n", _("Six questions; Ctrl-D gives up, and nothing is written down."));
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *prompt = g_strdup_printf("%d  %s ", (int)i + 1, _(questions[i].question));
        g_autofree char *line = init_read_line(prompt, FALSE);
        g_autofree char *valid = line ? g_utf8_make_valid(line, -1) : NULL;
        if (!valid || !*g_strstrip(valid))
            return FALSE;
        g_ptr_array_add(words, g_strdup_printf("%s=%s", questions[i].name, valid));
    }
    return TRUE;
}

/* On a terminal, and only where nobody has said it yet. */
static gboolean is_to_be_asked(struct call *call)
{
    g_autoptr(GError) failed = NULL;
    json_t *rows, *next = NULL;
    gboolean asked = FALSE;

    if (!call->words[0] || call->words[1] || call->options.json || !isatty(STDIN_FILENO))
        return FALSE;
    rows = json_array();
    if (client_ask(call, "damage", json_pack("{s:o}", "id", ctl_string(call->words[0])), rows,
            &next, &failed))
        asked = json_is_null(json_object_get(json_array_get(rows, 0), "damage"));
    json_decref(next);
    json_decref(rows);
    return asked;
}

static int run_damage(struct call *call, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    char **before = call->words;
    int status;

    if (!is_to_be_asked(call))
        return view_run(&plain_damage, call, error);
    g_ptr_array_add(words, g_strdup(call->words[0]));
    if (!ask_all(words)) {
        init_say("madoctl: %s\n", _("Given up; nothing was written down."));
        return 1;
    }
    g_ptr_array_add(words, NULL);
    call->words = (char **)words->pdata;
    status = view_run(&plain_damage, call, error);
    call->words = before;
    return status;
}

const struct view view_damage = {"damage", .draw = draw_damage, .run = run_damage};

/* -- goal -- */

static const struct column columns[] = {
    {"GOAL", "goal", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"PERIOD", "period", CELL_TEXT},
    {"NOW", "now", CELL_TEXT},
    {"WANTED", "wanted", CELL_TEXT},
    {NULL},
};

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (!*words || g_str_equal(*words, "list"))
        return json_object();
    view_usage(
        error, "Nothing was changed. See: madoctl goal, or write: madoctl goal set NAME ...");
    return NULL;
}

static char *now_of(const json_t *row)
{
    gint64 count = row_number(row, "count"), all = row_number(row, "all");

    if (g_str_equal(row_text(row, "limit"), "at-most"))
        return g_strdup_printf("%" PRIi64, count);
    return all ? g_strdup_printf(
                     "%" PRIi64 "%% (%" PRIi64 "/%" PRIi64 ")", count * 100 / all, count, all)
               : g_strdup("-");
}

static char *wanted_of(const json_t *row)
{
    gboolean share = g_str_equal(row_text(row, "limit"), "at-least");
    const char *severity = row_text(row, "severity"), *category = row_text(row, "category");

    return g_strdup_printf(share ? _("%s in time, at least %" PRIi64 "%%%s%s%s%s")
                                 : _("%s, at most %" PRIi64 "%s%s%s%s"),
        row_text(row, "measure"), row_number(row, "value"), *severity ? ", sev:>=" : "", severity,
        *category ? ", cat:" : "", category);
}

static void draw_goals(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *now = now_of(row), *wanted = wanted_of(row);
        json_object_set_new(row, "now", ctl_string(now));
        json_object_set_new(row, "wanted", ctl_string(wanted));
    }
    view_table(screen, columns, rows, first,
        "No goals. Set one: madoctl goal set serious severity=high at-most=0");
}

static json_t *set_args(char **words, const struct options *options, GError **error)
{
    if (!words[0] || !words[1]) {
        view_usage(error,
            "Which goal? Nothing was changed. Write: madoctl goal set serious severity=high "
            "at-most=0");
        return NULL;
    }
    return json_pack("{s:o,s:o}", "name", ctl_string(*words), "set", ctl_texts(words + 1));
}

static json_t *drop_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "name", "Which goal? See: madoctl goal.", error);
}

static void draw_dropped(struct screen *screen, json_t *rows, gboolean first)
{
    screen_print(
        screen, GOOD, _("%s is no goal any more.\n"), row_text(json_array_get(rows, 0), "goal"));
}

const struct view view_goal = {"goal", list_args, draw_goals};
const struct view view_goal_set = {"goal set", set_args, draw_goals};
const struct view view_goal_drop = {"goal drop", drop_args, draw_dropped};
