/* status, and the bare `madoctl`: the contact point on one screen, and what to do next. */
#include "madoctl.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { NAMES = 19, COUNTS = 6, AGES = 9 };

/* Lines that are there even when nothing is; the others only with a count. */
static const struct {
    const char *state, *name, *next;
    gboolean always;
} states[] = {
    {"new", N_("New"), "madoctl list state:new", TRUE},
    {"open", N_("Open"), "madoctl list state:open", TRUE},
    {"waiting", N_("Waiting for others"), "madoctl list state:waiting", TRUE},
    {"embargo", N_("Under embargo"), "madoctl list state:embargo", FALSE},
};

static const struct {
    const char *state, *name, *next;
} letters[] = {
    {"queued", N_("Letters to send"), "madoctl outbox queued"},
    {"held", N_("Held for approval"), "madoctl hold"},
    {"deferred", N_("Letters deferred"), "madoctl outbox deferred"},
    {"failed", N_("Letters failed"), "madoctl outbox failed"},
    {"unknown", N_("Letters uncertain"), "madoctl outbox unknown"},
};

static json_t *args(char **words, const struct options *options, GError **error)
{
    return json_object();
}

static const json_t *state_of(const json_t *counts, const char *state)
{
    gsize i;
    json_t *one;

    json_array_foreach((json_t *)counts, i, one)
        if (g_str_equal(row_text(one, "state"), state))
            return one;
    return NULL;
}

static void draw_count(struct screen *screen, const char *name, const json_t *one, const char *next)
{
    gint64 count = row_number(one, "count");
    g_autofree char *written = ctl_count((guint64)count);
    g_autofree char *plain = g_strdup_printf("%" PRIi64, count);
    g_autofree char *seconds = g_strdup_printf("%" PRIi64, row_number(one, "oldest_seconds"));
    g_autofree char *age = ctl_age_long(row_number(one, "oldest_seconds"));

    if (screen->terminal) {
        screen_pad(screen, PLAIN, _(name), NAMES);
        screen_print(screen, PLAIN, "%*s  %-*s%s%s\n", COUNTS, written, count ? AGES - 1 : 1,
            count ? age : "-", count ? " " : "", count ? next : "");
    } else
        screen_cells(screen, name, plain, count ? seconds : "", NULL);
}

static void draw_counts(struct screen *screen, const json_t *row)
{
    const json_t *counts = json_object_get(row, "states");
    const json_t *outbox = json_object_get(row, "outbox");

    if (screen->terminal) {
        screen_print(
            screen, BOLD, "%*s%s  ", NAMES + COUNTS - text_width(_("count")), "", _("count"));
        screen_pad(screen, BOLD, _("oldest"), AGES);
        screen_print(screen, BOLD, "%s\n", _("next"));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (states[i].always || state_of(counts, states[i].state))
            draw_count(screen, states[i].name, state_of(counts, states[i].state), states[i].next);
    draw_count(screen, "Mail to sort", json_object_get(row, "mail_to_sort"), "madoctl inbox");
    if (row_number(row, "unreadable.count") > 0)
        draw_count(screen, "Could not decrypt", json_object_get(row, "unreadable"),
            "madoctl ledger unreadable");
    if (row_number(row, "could_not_read.count") > 0)
        draw_count(screen, "Could not be read", json_object_get(row, "could_not_read"),
            "madoctl ledger quarantine");
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
        if (row_number(state_of(outbox, letters[i].state), "count") > 0)
            draw_count(
                screen, letters[i].name, state_of(outbox, letters[i].state), letters[i].next);
}

/* Three counts, which are never one: a report that joined is a report, and a merged incident is a
 * part of another. */
static void draw_counted(struct screen *screen, const json_t *row)
{
    const json_t *counted = json_object_get(row, "counted");
    gint64 overdue = row_number(row, "due.overdue"), today = row_number(row, "due.today");

    if (counted)
        screen_print(screen, PLAIN,
            "Today reports %" PRIi64 ", incidents %" PRIi64 ", coordinations %" PRIi64 ".\n",
            row_number(counted, "reports"), row_number(counted, "incidents"),
            row_number(counted, "coordinations"));
    if (overdue + today > 0)
        screen_print(screen, overdue ? BAD : NOTICE,
            "Due: %" PRIi64 " overdue, %" PRIi64 " today (madoctl list due:overdue, due:today).\n",
            overdue, today);
    view_first_due(screen, row);
}

static void draw_traffic(struct screen *screen, const json_t *row)
{
    g_autofree char *in = row_when(row, "last_in", row_text(row, "now"));
    g_autofree char *out = row_when(row, "last_out", row_text(row, "now"));
    gint64 unread = row_number(row, "waiting_mail");
    gint64 untold = row_number(row, "untold");
    g_autofree char *up = ctl_age_long(row_number(row, "up_seconds"));

    if (!screen->terminal) {
        screen_cells(
            screen, "Last mail", row_text(row, "last_in"), row_text(row, "last_out"), NULL);
        return;
    }
    screen_print(screen, PLAIN,
        "\nLast mail in %s, out %s. Today %" PRIi64 " in, %" PRIi64 " out, %" PRIi64
        " failed.\nDaemon up %s.\n",
        in, out, row_number(row, "today.in"), row_number(row, "today.out"),
        row_number(row, "today.failed"), up);
    draw_counted(screen, row);
    if (unread > 0)
        screen_print(screen, NOTICE, "In the store and not read yet: %" PRIi64 ".\n", unread);
    if (untold > 0)
        screen_print(screen, PLAIN, "For the next notice to the operators: %" PRIi64 ".\n", untold);
}

/* "told duty@sakura.example 09:10"; or why not. */
static char *whom(const json_t *alarm, const json_t *row)
{
    g_autofree char *when = row_when(alarm, "told_at", row_text(row, "now"));

    if (json_is_true(json_object_get(alarm, "letter_waits")))
        return g_strdup_printf(_("the letter to %s waits"), row_text(alarm, "told"));
    if (json_is_true(json_object_get(alarm, "letter_lost")))
        return g_strdup_printf(_("the letter to %s may not have arrived"), row_text(alarm, "told"));
    if (*row_text(alarm, "told"))
        return g_strdup_printf(_("told %s %s"), row_text(alarm, "told"), when);
    return g_strdup(*row_text(row, "alarms_to") ? _("nobody was told yet")
                                                : _("nobody is told: notices.to is not set"));
}

static void draw_alarm(struct screen *screen, const json_t *alarm, const json_t *row)
{
    g_autofree char *since = row_when(alarm, "since", row_text(row, "now"));
    g_autofree char *told = whom(alarm, row);
    g_autofree char *text = g_strdup_printf(
        "%s since %s: %s; %s", row_text(alarm, "condition"), since, row_text(alarm, "text"), told);

    if (!screen->terminal) {
        screen_cells(screen, "Alarm", row_text(alarm, "condition"), row_text(alarm, "since"),
            row_text(alarm, "text"), told, NULL);
        return;
    }
    screen_print(screen, BAD, "ALARM  ");
    screen_wrap(screen, (int)strlen("ALARM  "), text);
}

static void draw_role(struct screen *screen, const char *what, const char *text, gboolean well)
{
    g_autofree char *head = g_strconcat(well ? "" : "FAIL  ", _(what), NULL);

    screen_print(screen, well ? PLAIN : BAD, "%s", head);
    screen_wrap(screen, (int)strlen(head), text);
}

static void draw_source(struct screen *screen, const json_t *one, const json_t *row)
{
    gboolean well = json_is_true(json_object_get(one, "well"));
    g_autofree char *last = row_when(one, "last_mail", row_text(row, "now"));
    g_autofree char *since = row_when(one, "since", row_text(row, "now"));

    const char *left = row_text(one, "left");
    g_autofree char *text =
        g_strdup_printf(_("%s (%s): last mail in %s; %s; %" PRIi64 " waiting; %s since %s%s%s"),
            row_text(one, "name"), row_text(one, "type"), last, row_text(one, "state"),
            row_number(one, "waiting"), well ? _("well") : _("not well"), since, *left ? "; " : "",
            left);

    if (screen->terminal)
        draw_role(screen, "Source ", text, well);
    else
        screen_cells(screen, "Source", row_text(one, "name"), well ? "ok" : "FAIL",
            row_text(one, "state"), row_text(one, "since"), left, NULL);
}

static void draw_relay(struct screen *screen, const json_t *row)
{
    const json_t *relay = json_object_get(row, "relay");
    gboolean well = json_is_true(json_object_get(relay, "well"));
    g_autofree char *last = row_when(relay, "last_letter", row_text(row, "now"));
    g_autofree char *since = row_when(relay, "since", row_text(row, "now"));

    g_autofree char *text =
        g_strdup_printf(_("%s: last letter out %s; %s; %s since %s"), row_text(relay, "transport"),
            last, row_text(relay, "state"), well ? _("well") : _("not well"), since);

    if (screen->terminal)
        draw_role(screen, "Sending ", text, well);
    else
        screen_cells(screen, "Sending", row_text(relay, "transport"), well ? "ok" : "FAIL",
            row_text(relay, "state"), row_text(relay, "since"), NULL);
}

static void draw_inside(struct screen *screen, const json_t *row)
{
    g_autofree char *text = g_strdup_printf(
        _("Reader %s. Keys role: %s."), row_text(row, "reader"), row_text(row, "keys_role"));

    if (screen->terminal)
        screen_wrap(screen, 0, text);
}

/* "our key 0123..CDEF good; of others, 2 end soon and 1 counts no more" */
static void draw_keys(struct screen *screen, const json_t *row)
{
    const json_t *keys = json_object_get(row, "keys");
    gint64 ending = row_number(keys, "others_ending"), over = row_number(keys, "others_over");
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean well = ending + over == 0;
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(keys, "own"), i, one) {
        g_string_append_printf(text, _("%sour key %s %s"), i ? ", " : "", row_text(one, "short"),
            row_text(one, "state"));
        well &= json_is_true(json_object_get(one, "well"));
    }
    if (ending + over)
        g_string_append_printf(text,
            _("%sof others, %" PRIi64 " end soon, %" PRIi64
              " are expired or revoked: madoctl key check"),
            text->len ? "; " : "", ending, over);
    if (!text->len)
        return;
    if (screen->terminal)
        draw_role(screen, "Keys ", text->str, well);
    else
        screen_cells(screen, "Keys", well ? "ok" : "FAIL", text->str, NULL);
}

static void draw_backup(struct screen *screen, const json_t *row)
{
    const json_t *backup = json_object_get(row, "backup");
    const char *why = row_text(backup, "why"), *done = row_text(backup, "done");
    g_autofree char *when = row_when(backup, "done", row_text(row, "now"));
    g_autofree char *last = g_strdup_printf(*done ? _("last %s") : _("none"), when);
    g_autofree char *text =
        g_strconcat(last, *why ? _("; the next one failed: madoctl doctor") : "", NULL);

    if (!screen->terminal)
        screen_cells(screen, "Backup", *why ? "FAIL" : "ok", done, why, NULL);
    else if (*done || *why)
        draw_role(screen, "Backup ", text, !*why);
}

static void draw_machinery(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "sources"), i, one)
        draw_source(screen, one, row);
    draw_relay(screen, row);
    draw_keys(screen, row);
    draw_backup(screen, row);
    draw_inside(screen, row);
    json_array_foreach(json_object_get(row, "alarms"), i, one)
        draw_alarm(screen, one, row);
}

static void draw_head(struct screen *screen, const json_t *row)
{
    g_autofree char *now = row_time(row, "now");
    g_autoptr(GDateTime) day = g_date_time_new_from_iso8601(row_text(row, "now"), NULL);
    g_autofree char *weekday = day ? g_date_time_format(day, "%u") : g_strdup("1");
    static const char *const days[] = {
        "", N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")};

    screen_print(screen, BOLD, "%s contact point", row_text(row, "team"));
    screen_print(
        screen, PLAIN, "      %s %s %s\n\n", _(days[weekday[0] - '0']), now, row_text(row, "zone"));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (screen->terminal)
        draw_head(screen, row);
    draw_counts(screen, row);
    draw_traffic(screen, row);
    draw_machinery(screen, row);
}

/* What there is to do, the most urgent first; then what one always needs. */
static void draw_next(struct screen *screen, const json_t *row)
{
    enum { FIVE = 5, NEXT_WIDTH = 30 };
    const json_t *counts = json_object_get(row, "states"), *outbox = json_object_get(row, "outbox");
    const struct {
        gboolean wanted;
        const char *command;
    } all[] = {
        {json_array_size(json_object_get(row, "alarms")) > 0, "madoctl alarms"},
        {row_number(row, "due.overdue") > 0, "madoctl list due:overdue"},
        {row_number(state_of(counts, "new"), "count") > 0, "madoctl list state:new"},
        {row_number(row, "mail_to_sort.count") > 0, "madoctl inbox"},
        {row_number(state_of(outbox, "held"), "count") > 0, "madoctl hold"},
        {TRUE, "madoctl list"},
        {TRUE, "madoctl show ID"},
        {TRUE, "madoctl search WORDS"},
        {TRUE, "madoctl doctor"},
        {TRUE, "madoctl help"},
    };
    int drawn = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(all) && drawn < FIVE; i++)
        if (all[i].wanted) {
            screen_pad(screen, PLAIN, drawn == 0 ? _("Next:") : "", 7);
            screen_print(screen, PLAIN, "%s\n", all[i].command);
            drawn++;
        }
}

/* As status, with no more of the machinery than what is not well. */
static void draw_home(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    gsize i;
    json_t *one;

    if (!screen->terminal) {
        draw(screen, rows, first);
        return;
    }
    draw_head(screen, row);
    draw_counts(screen, row);
    draw_traffic(screen, row);
    json_array_foreach(json_object_get(row, "alarms"), i, one)
        draw_alarm(screen, one, row);
    screen_print(screen, PLAIN, "\n");
    draw_next(screen, row);
}

static int run(struct call *call, GError **error)
{
    static const struct view whole = {"status", args, draw};
    const struct options *options = &call->options;

    if (options->commander && options->meeting) {
        view_usage(error, "Write --commander or --meeting, not both. Nothing was changed.");
        return -1;
    }
    return options->commander ? report_status(call, "commander", error)
           : options->meeting ? report_status(call, "meeting", error)
                              : view_run(&whole, call, error);
}

const struct view view_status = {"status", .draw = draw, .run = run};
const struct view view_home = {"status", args, draw_home};
