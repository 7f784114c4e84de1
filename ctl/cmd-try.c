/* try: a mail to ourselves, out by the relay and in by the mailbox, step by step. */
#include "error.h"
#include "madoctl.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PATIENCE_SECONDS = 120,
    TROUBLE_SECONDS = 10, /* then it is no start that takes its time */
    PAUSE_MS = 250,
    NAME_WIDTH = 8
};

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        finding_draw(screen, row, NAME_WIDTH);
}

static gboolean tell(
    struct call *call, const char *check, enum finding result, const char *text, const char *todo)
{
    json_t *rows = json_array();

    finding_add(rows, check, result, text, todo);
    view_show_rows(&view_try, call, rows, TRUE, NULL);
    json_decref(rows);
    return result == FINDING_OK;
}

/* Where the letter is; NULL with an error. Takes `args`. */
static json_t *ask(struct call *call, json_t *args, GError **error)
{
    json_t *rows = json_array();
    json_t *next = NULL;
    json_t *row = NULL;

    if (client_ask(call, "try", args, rows, &next, error))
        row = json_incref(json_array_get(rows, 0));
    json_decref(next);
    json_decref(rows);
    return row;
}

static gboolean is_one_of(const json_t *row, const char *states)
{
    g_auto(GStrv) all = g_strsplit(states, " ", -1);
    return g_strv_contains((const char *const *)all, row_text(row, "state"));
}

static gboolean has_left(const json_t *row)
{
    return is_one_of(row, "sent unknown failed held");
}

static gboolean has_arrived(const json_t *row)
{
    return row_number(row, "mail") > 0 || is_one_of(row, "failed held");
}

static void show_wait(const char *what, gint64 began)
{
    gint64 seconds = (g_get_monotonic_time() - began) / G_USEC_PER_SEC;

    if (isatty(STDERR_FILENO) && seconds >= 2)
        fprintf(stderr, _("\rwaiting for %s, %" PRIi64 " s "), what, seconds);
}

/* Less of it while something is wrong that may pass, or not. */
static gboolean is_patient(const json_t *row, gint64 began)
{
    int seconds = *row_text(row, "trouble") ? TROUBLE_SECONDS : PATIENCE_SECONDS;

    return g_get_monotonic_time() - began < seconds * G_USEC_PER_SEC;
}

/* Asks until it is so, or patience ends: the last answer in place of `*row`. */
static gboolean wait_until(struct call *call, json_t **row, gboolean (*is_so)(const json_t *),
    const char *what, GError **error)
{
    gint64 began = g_get_monotonic_time();
    json_t *now = json_incref(*row);

    while (now && !is_so(now) && is_patient(now, began)) {
        json_decref(now);
        g_usleep(PAUSE_MS * 1000);
        show_wait(what, began);
        now = ask(call, json_pack("{s:s}", "message_id", row_text(*row, "message_id")), error);
    }
    if (isatty(STDERR_FILENO) && g_get_monotonic_time() - began > 2 * G_USEC_PER_SEC)
        fprintf(stderr, "\r\033[K");
    if (!now)
        return FALSE;
    json_decref(*row);
    *row = now;
    return TRUE;
}

static gboolean tell_letter(struct call *call, const json_t *row)
{
    g_autofree char *taken = g_strdup_printf(_("to %s has left: %s"), row_text(row, "to"),
        *row_text(row, "reply") ? row_text(row, "reply") : "taken");
    const char *why = *row_text(row, "reply") ? row_text(row, "reply") : row_text(row, "trouble");
    g_autofree char *not_taken = g_strdup_printf(
        _("to %s is %s%s%s"), row_text(row, "to"), row_text(row, "state"), *why ? ": " : "", why);

    if (is_one_of(row, "sent"))
        return tell(call, "letter", FINDING_OK, taken, NULL);
    return tell(call, "letter", is_one_of(row, "failed") ? FINDING_FAILURE : FINDING_WARNING,
        not_taken, _("madoctl doctor says how the relay is; madoctl outbox, how the letter is"));
}

static gboolean tell_arrival(struct call *call, const json_t *row)
{
    g_autofree char *text = g_strdup_printf(
        _("came in as mail:%" PRIi64 " from %s"), row_number(row, "mail"), row_text(row, "source"));
    g_autofree char *not_arrived = g_strconcat(_("it did not come in"),
        *row_text(row, "trouble") ? ": " : "", row_text(row, "trouble"), NULL);

    if (row_number(row, "mail"))
        return tell(call, "arrival", FINDING_OK, text, NULL);
    if (g_str_equal(row_text(row, "transport"), "maildir"))
        return tell(call, "arrival", FINDING_OK,
            _("not waited for: letters go into a folder (outgoing.transport)"), NULL);
    return tell(call, "arrival", FINDING_FAILURE, not_arrived,
        _("madoctl doctor says how the mailbox is; is it the one of that address?"));
}

/* 0: it came back. 1: it did not. */
static int follow(struct call *call, json_t **row, GError **error)
{
    if (!wait_until(call, row, has_left, _("the relay"), error))
        return -1;
    if (!tell_letter(call, *row))
        return 1;
    if (!g_str_equal(row_text(*row, "transport"), "maildir") &&
        !wait_until(call, row, has_arrived, _("the letter to come in"), error))
        return -1;
    return tell_arrival(call, *row) ? 0 : 1;
}

static int run(struct call *call, GError **error)
{
    json_t *row = ask(call, json_object(), error);
    int status = row ? follow(call, &row, error) : -1;

    json_decref(row);
    return status;
}

const struct view view_try = {"try", .draw = draw, .run = run};
