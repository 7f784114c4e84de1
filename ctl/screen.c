#include "screen.h"
#include "ctl.h"
#include "error.h"
#include "text.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDEST_CELL = 30, NARROWEST_REST = 8, GAP = 2, NARROWEST = 40, WIDEST = 1000 };

static const char *const codes[STYLES] = {
    [PLAIN] = "",
    [BOLD] = "\033[1m",
    [GOOD] = "\033[32m",
    [NOTICE] = "\033[33m",
    [BAD] = "\033[31m",
};

/* The words stay readable without it: colour repeats what they say. */
static const struct {
    const char *word;
    enum style style;
} meanings[] = {
    {"critical", BAD},
    {"high", BAD},
    {"failed", BAD},
    {"failure", BAD},
    {"FAIL", BAD},
    {"unknown", NOTICE},
    {"deferred", NOTICE},
    {"warning", NOTICE},
    {"WARN", NOTICE},
    {"new", NOTICE},
    {"ok", GOOD},
    {"sent", GOOD},
};

enum style screen_style(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
        if (g_str_equal(meanings[i].word, word))
            return meanings[i].style;
    return PLAIN;
}

static gboolean is_set(const char *variable)
{
    const char *value = g_getenv(variable);
    return value && *value && !g_str_equal(value, "0");
}

static gboolean is_dumb(void)
{
    return g_strcmp0(g_getenv("TERM"), "dumb") == 0;
}

static gboolean wants_colour(const char *choice, gboolean terminal)
{
    if (!g_str_equal(choice, "auto"))
        return g_str_equal(choice, "always");
    if (g_getenv("NO_COLOR") && *g_getenv("NO_COLOR"))
        return FALSE;
    if (is_set("CLICOLOR_FORCE"))
        return TRUE;
    return terminal && !is_dumb();
}

/* COLUMNS goes first, so that a screen can be tried in another width. */
static int columns_of(int terminal)
{
    const char *wanted = g_getenv("COLUMNS");
    guint64 columns;

    if (wanted && g_ascii_string_to_unsigned(wanted, 10, NARROWEST, WIDEST, &columns, NULL))
        return (int)columns;
    return terminal >= NARROWEST ? terminal : 80;
}

static void measure(struct screen *screen, int fd)
{
    struct winsize size = {0};

    if (screen->terminal && ioctl(fd, TIOCGWINSZ, &size) < 0)
        size.ws_col = 0;
    screen->columns = columns_of(size.ws_col);
    screen->rows = size.ws_row > 0 ? size.ws_row : 24;
}

void screen_measure(struct screen *screen)
{
    measure(screen, STDOUT_FILENO);
}

static struct screen *screen_on(int fd)
{
    struct screen *screen = g_new0(struct screen, 1);

    screen->terminal = isatty(fd);
    measure(screen, fd);
    screen->text = g_string_new(NULL);
    return screen;
}

struct screen *screen_new(const char *colour)
{
    struct screen *screen = screen_on(STDOUT_FILENO);

    screen->colour = wants_colour(colour, screen->terminal);
    /* What we write is UTF-8 whatever the locale says; it is a terminal that may not draw it. */
    if (screen->terminal && !g_get_charset(NULL))
        fprintf(
            stderr, _("madoctl: The locale is not UTF-8; text is written as UTF-8 all the same. "
                      "See: madoctl help environment\n"));
    return screen;
}

void screen_free(struct screen *screen)
{
    if (!screen)
        return;
    g_string_free(screen->text, TRUE);
    g_free(screen);
}

static void append(struct screen *screen, enum style style, const char *harmless)
{
    gboolean dressed = screen->colour && style != PLAIN && *harmless;

    g_string_append_printf(
        screen->text, "%s%s%s", dressed ? codes[style] : "", harmless, dressed ? "\033[0m" : "");
}

static void pad(struct screen *screen, int count)
{
    for (int i = 0; i < count; i++)
        g_string_append_c(screen->text, ' ');
}

void screen_print(struct screen *screen, enum style style, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *harmless = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(_(format), values);
    va_end(values);
    harmless = text_harmless(text, "\n");
    append(screen, style, harmless);
}

void screen_cells(struct screen *screen, ...)
{
    va_list cells;
    gboolean first = TRUE;
    const char *cell;

    va_start(cells, screen);
    while ((cell = va_arg(cells, const char *))) {
        g_autofree char *harmless = text_harmless(cell, NULL);
        g_string_append_printf(screen->text, "%s%s", first ? "" : "\t", harmless);
        first = FALSE;
    }
    va_end(cells);
    g_string_append_c(screen->text, '\n');
}

void screen_pad(struct screen *screen, enum style style, const char *text, int columns)
{
    g_autofree char *harmless = text_harmless(text, NULL);

    append(screen, style, harmless);
    pad(screen, columns - text_width(harmless));
}

static int width_of(gunichar c)
{
    char one[7] = "";

    g_unichar_to_utf8(c, one);
    return text_width(one);
}

/* Between two characters of Japanese a line may end, but for what may not begin or end one. */
static gboolean may_end(gunichar before, gunichar next)
{
    static const char no_start[] =
        "、。，．・：；？！）」』】ーぁぃぅぇぉっゃゅょァィゥェォッャュョ",
                      no_end[] = "（「『【";

    return (width_of(before) > 1 || width_of(next) > 1) && before != ' ' &&
           !g_utf8_strchr(no_start, -1, next) && !g_utf8_strchr(no_end, -1, before);
}

/* The bytes that fit so many columns, up to where a line may end. */
static gsize line_length(const char *text, int columns)
{
    gsize end = 0;
    int width = 0;
    gunichar before = ' ';
    const char *at = text;

    for (; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        width += width_of(c);
        if (c == ' ' || may_end(before, c))
            end = (gsize)(at - text);
        if (width > columns)
            return end ? end : (gsize)(at - text);
        before = c;
    }
    return (gsize)(at - text);
}

void screen_wrap(struct screen *screen, int indent, const char *text)
{
    g_autofree char *harmless = text_harmless(text, NULL);
    int room = MAX(screen->columns - indent, NARROWEST_REST);
    const char *at = harmless;

    for (;;) {
        gsize length = screen->terminal ? line_length(at, room) : strlen(at);
        g_string_append_len(screen->text, at, (gssize)length);
        g_string_append_c(screen->text, '\n');
        at += length;
        at += strspn(at, " ");
        if (!*at)
            return;
        pad(screen, indent);
    }
}

void screen_wrap_some(struct screen *screen, int indent, int lines, const char *text)
{
    g_autofree char *harmless = text_harmless(text, NULL);
    g_autofree char *some = text_fit(harmless, lines * (screen->columns - indent));

    screen_wrap(screen, indent, screen->terminal ? some : harmless);
}

void screen_complain(const GError *error)
{
    struct screen *screen = screen_on(STDERR_FILENO);
    g_autofree char *sentence = error_sentence("madoctl", error);
    g_auto(GStrv) lines = g_strsplit(g_strdelimit(sentence, "\t", ' '), "\n", -1);

    for (char **line = lines; *line; line++)
        screen_wrap(screen, 0, *line);
    fputs(screen->text->str, stderr);
    screen_free(screen);
}

void screen_complain_softly(const char *format, ...)
{
    struct screen *screen = screen_on(STDERR_FILENO);
    g_autofree char *text = NULL, *sentence = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(_(format), values);
    va_end(values);
    sentence = g_strconcat(_("madoctl: warning: "), text, NULL);
    screen_wrap(screen, 0, sentence);
    fputs(screen->text->str, stderr);
    screen_free(screen);
}

/* -- tables -- */

static char *plain_value(const json_t *row, const char *path)
{
    const json_t *value = row_at(row, path);

    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "true" : "false");
    return g_strdup(row_text(row, path));
}

static char *left_in_short(gint64 seconds)
{
    g_autofree char *time = ctl_age(ABS(seconds));

    return seconds > 0 ? g_steal_pointer(&time) : g_strdup_printf(_("late %s"), time);
}

static enum style style_of(const json_t *row, const struct column *column, const char *text)
{
    if (column->cell == CELL_LEFT)
        return *text != '-' && row_number(row, column->path) <= 0 ? BAD : PLAIN;
    return column->cell == CELL_WORD ? screen_style(text) : PLAIN;
}

static char *dressed_value(const json_t *row, const struct column *column)
{
    const char *text = row_text(row, column->path);
    gboolean number = json_is_integer(row_at(row, column->path));

    switch (column->cell) {
    case CELL_AGE:
        return number ? ctl_age(row_number(row, column->path)) : g_strdup("-");
    case CELL_LEFT:
        return number ? left_in_short(row_number(row, column->path)) : g_strdup("-");
    case CELL_TIME:
        return row_time(row, column->path);
    case CELL_COUNT:
        return number ? ctl_count((guint64)row_number(row, column->path)) : g_strdup("-");
    case CELL_BYTES:
        return number ? ctl_bytes((guint64)row_number(row, column->path)) : g_strdup("-");
    case CELL_LABEL:
        return g_strdup(!*text ? "-" : g_str_has_prefix(text, "TLP:") ? text + 4 : text);
    default:
        return number ? plain_value(row, column->path) : g_strdup(*text ? text : "-");
    }
}

static char *cell_text(const struct screen *screen, const json_t *row, const struct column *column)
{
    g_autofree char *text =
        screen->terminal ? dressed_value(row, column)
                         : plain_value(row, column->pipe_path ? column->pipe_path : column->path);

    return text_harmless(text, NULL);
}

static gboolean is_last(const struct column *column)
{
    return column[1].head == NULL;
}

static int column_width(const struct screen *screen, const struct column *column, json_t *rows)
{
    int width = text_width(_(column->head));
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *text = cell_text(screen, row, column);
        width = MAX(width, text_width(text));
    }
    return MIN(width, WIDEST_CELL);
}

static void draw_cell(struct screen *screen, const struct column *column, const char *text,
    int width, enum style style)
{
    g_autofree char *fit = text_fit(text, width);
    gboolean right =
        column->cell == CELL_AGE || column->cell == CELL_COUNT || column->cell == CELL_BYTES;
    int rest = width - text_width(fit);

    if (column->cell == CELL_WHOLE) {
        screen_wrap(screen, screen->columns - width, text);
        return;
    }
    if (right)
        pad(screen, rest);
    append(screen, style, fit);
    if (!right && !is_last(column))
        pad(screen, rest);
    if (!is_last(column))
        pad(screen, GAP);
    else
        g_string_append_c(screen->text, '\n');
}

static void draw_pipe_row(struct screen *screen, const struct column *columns, const json_t *row)
{
    for (; columns->head; columns++) {
        g_autofree char *text = cell_text(screen, row, columns);
        g_string_append_printf(screen->text, "%s%c", text, is_last(columns) ? '\n' : '\t');
    }
}

/* The widest of the texts but for the last gives up one column; FALSE: none can. */
static gboolean narrow(const struct column *columns, int *widths)
{
    gsize widest = 0;

    for (gsize c = 0; !is_last(&columns[c]); c++)
        if (columns[c].cell == CELL_TEXT &&
            (columns[widest].cell != CELL_TEXT || widths[c] > widths[widest]))
            widest = c;
    if (columns[widest].cell != CELL_TEXT || widths[widest] <= NARROWEST_REST)
        return FALSE;
    widths[widest]--;
    return TRUE;
}

static void fit_columns(
    const struct screen *screen, const struct column *columns, json_t *rows, int *widths)
{
    int left = screen->columns;
    gsize last = 0;

    for (; !is_last(&columns[last]); last++) {
        widths[last] = column_width(screen, &columns[last], rows);
        left -= widths[last] + GAP;
    }
    while (left < NARROWEST_REST && narrow(columns, widths))
        left++;
    widths[last] = MAX(left, NARROWEST_REST);
}

void screen_table(struct screen *screen, const struct column *columns, json_t *rows, gboolean first)
{
    int widths[16] = {0};
    gsize i;
    json_t *row;

    if (screen->terminal)
        fit_columns(screen, columns, rows, widths);
    for (gsize c = 0; screen->terminal && first && columns[c].head; c++)
        draw_cell(screen, &columns[c], _(columns[c].head), widths[c], BOLD);
    json_array_foreach(rows, i, row) {
        if (!screen->terminal)
            draw_pipe_row(screen, columns, row);
        for (gsize c = 0; screen->terminal && columns[c].head; c++) {
            g_autofree char *text = cell_text(screen, row, &columns[c]);
            draw_cell(screen, &columns[c], text, widths[c], style_of(row, &columns[c], text));
        }
    }
}

/* -- output -- */

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* While it runs, Ctrl-C and its early end are the pager's business. By the shell, because PAGER is
 * a command line, and the operator's own. */
static gboolean page(const char *text)
{
    const char *pager = g_getenv("MADOCTL_PAGER");
    FILE *pipe;
    int status;

    if (!pager)
        pager = g_getenv("PAGER") ? g_getenv("PAGER") : "less -FRX";
    if (!*pager || g_str_equal(pager, "cat"))
        return FALSE;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    pipe = popen(pager, "w"); /* NOLINT(cert-env33-c) */
    if (pipe)
        fputs(text, pipe);
    status = pipe ? pclose(pipe) : -1;
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    /* 127: the shell found no such program. */
    return pipe && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

gboolean screen_flush(struct screen *screen, gboolean pager)
{
    gboolean done = TRUE;
    gboolean long_text =
        screen->terminal && !is_dumb() && count_lines(screen->text->str) >= screen->rows;

    if (!(pager && long_text && page(screen->text->str)))
        done = fwrite(screen->text->str, 1, screen->text->len, stdout) == screen->text->len &&
               fflush(stdout) == 0;
    g_string_truncate(screen->text, 0);
    return done;
}
