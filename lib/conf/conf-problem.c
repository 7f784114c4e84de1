#include "conf-scan.h"
#include "say.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

enum { SHOWN_COLUMNS = 100 };

static void problem_free(gpointer data)
{
    struct conf_problem *problem = data;
    g_free(problem->file);
    g_free(problem->text);
    g_free(problem->note);
    g_free(problem);
}

GPtrArray *conf_problems_new(void)
{
    return g_ptr_array_new_with_free_func(problem_free);
}

struct conf_problem *conf_problem_add(GPtrArray *problems, const struct conf_place *place, int code,
    const char *note, const char *format, ...)
{
    struct conf_problem *problem = g_new0(struct conf_problem, 1);
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(_(format), args);
    va_end(args);
    *problem = (struct conf_problem){g_strdup(place->file), place->line, place->column, code, FALSE,
        note ? g_strdup_printf("%s: %s", what, _(note)) : g_strdup(what),
        note ? g_strdup(_(note)) : NULL};
    g_ptr_array_add(problems, problem);
    return problem;
}

/* The line as a terminal can show it; blanks for tabs, so that the caret stays where it belongs. */
static char *harmless_line(const char *line)
{
    g_autofree char *copy = g_strdup(line);

    g_strdelimit(g_strchomp(copy), "\t", ' ');
    return text_harmless(copy, NULL);
}

/* Of a long line the part around the caret, whose place in it is told in `*before`. */
static char *fit_line(const char *line, int column, int *before)
{
    int skip = column > SHOWN_COLUMNS - 20 ? column - SHOWN_COLUMNS / 2 : 0;
    const char *from;
    g_autofree char *start = NULL, *rest = NULL;

    skip = MIN(skip, (int)g_utf8_strlen(line, -1));
    from = g_utf8_offset_to_pointer(line, skip);
    rest = text_fit(from, SHOWN_COLUMNS);
    start = g_utf8_substring(from, 0, CLAMP(column - 1 - skip, 0, g_utf8_strlen(from, -1)));
    *before = text_width(start) + (skip ? 2 : 0);
    return g_strconcat(skip ? ".." : "", rest, NULL);
}

static void show_caret(GString *out, const struct conf_problem *problem, int before)
{
    if (problem->column)
        g_string_append_printf(out, "      | %*s^%s%s\n", before, "", problem->note ? " " : "",
            problem->note ? problem->note : "");
}

static void show_line(
    GString *out, const struct conf_problem *problem, int number, const char *line)
{
    g_autofree char *harmless = harmless_line(line);
    gboolean is_it = number == problem->line;
    int before = 0;
    g_autofree char *fit = fit_line(harmless, is_it ? problem->column : 1, &before);

    g_string_append_printf(out, "%5d | %s\n", number, fit);
    if (is_it)
        show_caret(out, problem, before);
}

/* The problem's line and those before it, `*last` being the number of the last one. Read again from
 * the file: a problem is kept for hours in a daemon, its lines need not be. */
static GQueue *read_lines(const struct conf_problem *problem, guint most, int *last)
{
    GQueue *lines = g_queue_new();
    g_autofree char *line = NULL;
    size_t room = 0;
    gboolean regular = g_file_test(problem->file, G_FILE_TEST_IS_REGULAR);
    FILE *file = regular ? fopen(problem->file, "re") : NULL;

    for (*last = 0; file && *last < problem->line && getline(&line, &room, file) >= 0; ++*last) {
        g_queue_push_tail(lines, g_strdup(line));
        if (lines->length > most)
            g_free(g_queue_pop_head(lines));
    }
    if (file)
        fclose(file);
    return lines;
}

static void show_lines(GString *out, const struct conf_problem *problem)
{
    int number;
    /* one more than are shown: a value may stand in the line behind its name */
    GQueue *lines = read_lines(problem, 3, &number);
    gboolean secret = FALSE;

    number -= (int)lines->length;
    for (GList *line = lines->head; line; line = line->next)
        secret |= conf_shows_secret(line->data);
    if (secret)
        g_string_append_printf(
            out, _("%5d | (not shown: a secret may stand here)\n"), problem->line);
    for (GList *line = lines->head; line && !secret; line = line->next)
        if (++number >= problem->line - 1)
            show_line(out, problem, number, line->data);
    g_queue_free_full(lines, g_free);
}

char *conf_problems_to_text(const GPtrArray *problems)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < problems->len; i++) {
        const struct conf_problem *problem = problems->pdata[i];
        g_autofree char *file = text_harmless(problem->file, NULL);
        g_autofree char *text = text_harmless(problem->text, NULL);
        g_string_append(out, file);
        if (problem->line)
            g_string_append_printf(out, ":%d", problem->line);
        g_string_append_printf(
            out, ": MADO-%04d %s%s\n", problem->code, problem->warning ? _("warning: ") : "", text);
        if (problem->line)
            show_lines(out, problem);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}
