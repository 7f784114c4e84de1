/* watch: the dashboard, drawn anew when something has happened; a line each through a pipe. When
 * the daemon is started again it waits, and goes on behind what it has told. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LATEST = 3, END_OF_INPUT = 4, FIRST_PAUSE_MS = 250, DOUBLED = 4, MOST_REFUSED = 5 };
enum wait { WAIT_NEWS, WAIT_RESIZED, WAIT_END };

struct watch {
    struct call *call;   /* waits for news */
    struct call drawing; /* asks for the dashboard meanwhile */
    gboolean live, keys; /* on a terminal; it is read, too */
    json_t *latest;      /* the last few rows */
    json_t *page;        /* behind what was told; NULL: nothing was heard yet */
    guint tries;         /* since the daemon is away; 0: it is not */
    guint refused;       /* of them, one behind the other */
    json_t *back;        /* since when it is there again; NULL: it was never away */
};

/* -- the terminal -- */

static struct termios shown; /* how it was */

static void restore_and_end(int number)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    signal(number, SIG_DFL);
    raise(number);
}

static void note_resized(int number)
{
    /* poll() ends by it */
}

/* Single keys come at once, and are not shown. */
static gboolean take_keys(void)
{
    struct termios single;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) < 0)
        return FALSE;
    single = shown;
    single.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    signal(SIGINT, restore_and_end);
    signal(SIGTERM, restore_and_end);
    signal(SIGHUP, restore_and_end);
    sigaction(SIGWINCH, &(struct sigaction){.sa_handler = note_resized}, NULL);
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &single) == 0;
}

/* -- waiting -- */

static gboolean ends(void)
{
    char key;
    gssize got = read(STDIN_FILENO, &key, 1);

    return got == 0 || (got == 1 && (key == 'q' || key == 'Q' || key == END_OF_INPUT));
}

static enum wait wait_for_news(const struct watch *watch)
{
    struct pollfd waits[] = {{.fd = client_descriptor(watch->call), .events = POLLIN},
        {.fd = watch->keys ? STDIN_FILENO : -1, .events = POLLIN}};

    for (;;) {
        int ready = poll(waits, G_N_ELEMENTS(waits), -1);
        if (ready < 0)
            return errno == EINTR ? WAIT_RESIZED : WAIT_NEWS;
        if (waits[1].revents && ends())
            return WAIT_END;
        if (waits[0].revents)
            return WAIT_NEWS;
    }
}

/* -- drawing -- */

static void keep_latest(struct watch *watch, json_t *rows)
{
    json_array_extend(watch->latest, rows);
    while (json_array_size(watch->latest) > LATEST)
        json_array_remove(watch->latest, 0);
}

static void draw_event(struct screen *screen, const json_t *row, const char *now)
{
    g_autofree char *when = row_when(row, "at", now);
    g_autofree char *text = g_strdup_printf("%s  %s %s %s: %s", when, row_text(row, "ticket"),
        row_text(row, "kind"), row_text(row, "actor"), row_text(row, "text"));

    screen_wrap_some(screen, 2, 1, text);
}

/* In place of all that the terminal shows. What does not fit is left out: the top matters most. */
static gboolean replace(struct screen *screen)
{
    gboolean dumb = g_strcmp0(g_getenv("TERM"), "dumb") == 0;
    const char *at = screen->text->str;

    for (int line = 1; at && line < screen->rows; line++)
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    if (at)
        g_string_truncate(screen->text, (gsize)(at - screen->text->str));
    g_string_prepend(screen->text, dumb ? "\n" : "\033[H\033[2J");
    return screen_flush(screen, FALSE);
}

/* When it came back stays there: who looked elsewhere meanwhile is told, too. */
static void draw_back(struct watch *watch, json_t *board)
{
    const char *now = row_text(board, "now");
    g_autofree char *since = NULL;

    if (!watch->back)
        return;
    if (!json_object_size(watch->back))
        json_object_set(watch->back, "since", json_object_get(board, "now"));
    since = row_when(watch->back, "since", now);
    screen_print(
        watch->call->screen, NOTICE, _("\nThe daemon was away; it is back since %s.\n"), since);
}

static gboolean draw_board(struct watch *watch, GError **error)
{
    struct screen *screen = watch->call->screen;
    json_t *rows = json_array(), *next = NULL, *row;
    gboolean done = client_ask(&watch->drawing, "status", json_object(), rows, &next, error);
    gsize i;

    screen_measure(screen);
    if (done)
        view_status.draw(screen, rows, TRUE);
    if (done && json_array_size(watch->latest))
        screen_print(screen, PLAIN, "\n");
    json_array_foreach(watch->latest, i, row)
        if (done)
            draw_event(screen, row, row_text(json_array_get(rows, 0), "now"));
    if (done)
        draw_back(watch, json_array_get(rows, 0));
    json_decref(rows);
    if (done)
        screen_print(screen, PLAIN, "\nq ends.  madoctl show ID: one of them\n");
    return done && replace(screen);
}

static void draw_line(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        screen_cells(screen, row_text(row, "at"), row_text(row, "actor"), row_text(row, "kind"),
            row_text(row, "ticket"), row_text(row, "text"), NULL);
}

/* -- news -- */

static gboolean show(struct watch *watch, json_t *rows, GError **error)
{
    static const struct view lines = {"watch", .draw = draw_line};

    keep_latest(watch, rows);
    return watch->live ? draw_board(watch, error)
                       : view_show_rows(&lines, watch->call, rows, FALSE, error);
}

/* One wait; where the following one begins is kept even if what came cannot be drawn yet. */
static enum wait follow(struct watch *watch, GError **error)
{
    json_t *args = watch->page ? json_pack("{s:O}", "page", watch->page) : json_object();
    json_t *rows = json_array(), *next = NULL;
    enum wait ended = WAIT_RESIZED;
    gboolean done = client_begin(watch->call, "watch", args, error);

    while (done && (ended = wait_for_news(watch)) == WAIT_RESIZED)
        done = !watch->live || draw_board(watch, error);
    if (done && ended == WAIT_NEWS && (done = client_end(watch->call, rows, &next, error))) {
        json_decref(watch->page);
        watch->page = next;
        done = show(watch, rows, error);
    }
    json_decref(rows);
    return done ? ended : WAIT_END;
}

/* -- while the daemon is away -- */

/* A socket is there before its group may use it, and a configuration that cannot be read starts no
 * daemon either. */
static gboolean may_pass(struct watch *watch, const GError *why)
{
    gboolean away = watch->tries > 0;
    gboolean refused =
        away && !watch->call->client && g_error_matches(why, MADO_ERROR, MADO_E_FORBIDDEN);

    watch->refused = refused ? watch->refused + 1 : 0;
    if (!watch->page)
        return FALSE;
    return g_error_matches(why, MADO_ERROR, MADO_E_NOT_RUNNING) ||
           (away && g_error_matches(why, MADO_ERROR, MADO_E_BUSY)) ||
           (away && g_error_matches(why, MADO_ERROR, MADO_E_CONFIG_READ)) ||
           (refused && watch->refused < MOST_REFUSED);
}

/* Rows alone go to who reads them by a program. */
static void tell_state(const struct watch *watch, const char *text)
{
    if (!watch->live)
        fprintf(stderr, "madoctl: %s\n", text);
    else {
        screen_print(watch->call->screen, NOTICE, "%s\n", text);
        screen_flush(watch->call->screen, FALSE);
    }
}

static void hang_up(struct watch *watch)
{
    g_clear_pointer(&watch->call->client, client_free);
    g_clear_pointer(&watch->drawing.client, client_free);
}

/* Longer each time, up to four seconds; a key ends it, or tries at once. */
static enum wait pause_away(struct watch *watch)
{
    struct pollfd key = {.fd = watch->keys ? STDIN_FILENO : -1, .events = POLLIN};

    hang_up(watch);
    if (!watch->tries)
        tell_state(watch, _("The daemon does not answer. This waits until it does, and tells then "
                            "what has happened meanwhile; Ctrl-C ends it."));
    watch->tries++;
    if (poll(&key, 1, FIRST_PAUSE_MS << MIN(watch->tries - 1, DOUBLED)) > 0 && ends())
        return WAIT_END;
    return WAIT_NEWS;
}

/* In another store in its place, made of an older copy, these events never were. */
static void keep_place(struct watch *watch, json_t *now)
{
    if (row_number(now, "after") >= row_number(watch->page, "after"))
        return;
    json_decref(watch->page);
    watch->page = json_incref(now);
}

/* It is there when it has answered, which it does at once to who asks where news begin. */
static enum wait come_back(struct watch *watch, GError **error)
{
    json_t *rows = json_array(), *now = NULL;
    gboolean done = client_ask(watch->call, "watch", json_object(), rows, &now, error);

    json_decref(rows);
    if (!done)
        return WAIT_END;
    keep_place(watch, now);
    json_decref(now);
    watch->tries = 0;
    json_decref(watch->back);
    watch->back = json_object();
    if (!watch->live)
        tell_state(watch, _("The daemon is back."));
    else if (!draw_board(watch, error))
        return WAIT_END;
    return WAIT_NEWS;
}

/* -- all of it -- */

static gboolean follow_all(struct watch *watch, GError **error)
{
    enum wait ended = WAIT_NEWS;

    while (ended != WAIT_END) {
        g_autoptr(GError) why = NULL;
        ended = watch->tries ? come_back(watch, &why) : follow(watch, &why);
        if (why && may_pass(watch, why))
            ended = pause_away(watch);
        else if (why)
            g_propagate_error(error, g_steal_pointer(&why));
    }
    return !*error;
}

static int run(struct call *call, GError **error)
{
    struct watch watch = {.call = call,
        .drawing = *call,
        .live = call->screen->terminal && !call->options.json,
        .latest = json_array()};
    gboolean done;

    watch.keys = watch.live && take_keys();
    done = follow_all(&watch, error);
    if (watch.keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    client_free(watch.drawing.client);
    json_decref(watch.latest);
    json_decref(watch.page);
    json_decref(watch.back);
    return done ? 0 : -1;
}

const struct view view_watch = {"watch", .run = run};
