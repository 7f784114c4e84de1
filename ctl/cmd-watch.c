/* watch: the dashboard, drawn anew when something has happened; a line each through a pipe. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LATEST = 3, END_OF_INPUT = 4 };
enum wait { WAIT_NEWS, WAIT_RESIZED, WAIT_END };

struct watch {
    struct call *call;   /* waits for news */
    struct call drawing; /* asks for the dashboard meanwhile */
    gboolean live, keys; /* on a terminal; it is read, too */
    json_t *latest;      /* the last few rows */
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

/* -- all of it -- */

static gboolean show(struct watch *watch, json_t *rows, GError **error)
{
    static const struct view lines = {"watch", .draw = draw_line};

    keep_latest(watch, rows);
    return watch->live ? draw_board(watch, error)
                       : view_show_rows(&lines, watch->call, rows, FALSE, error);
}

/* One wait; `*next` is where the following one begins. */
static enum wait follow(struct watch *watch, json_t **next, GError **error)
{
    json_t *args = *next ? json_pack("{s:o}", "page", *next) : json_object();
    json_t *rows = json_array();
    enum wait ended = WAIT_RESIZED;
    gboolean done = client_begin(watch->call, "watch", args, error);

    *next = NULL;
    while (done && (ended = wait_for_news(watch)) == WAIT_RESIZED)
        done = !watch->live || draw_board(watch, error);
    if (done && ended == WAIT_NEWS)
        done = client_end(watch->call, rows, next, error) && show(watch, rows, error);
    json_decref(rows);
    return done ? ended : WAIT_END;
}

static int run(struct call *call, GError **error)
{
    struct watch watch = {.call = call,
        .drawing = *call,
        .live = call->screen->terminal && !call->options.json,
        .latest = json_array()};
    json_t *next = NULL;

    watch.keys = watch.live && take_keys();
    while (follow(&watch, &next, error) != WAIT_END)
        ;
    if (watch.keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    client_free(watch.drawing.client);
    json_decref(watch.latest);
    json_decref(next);
    return *error ? -1 : 0;
}

const struct view view_watch = {"watch", .run = run};
