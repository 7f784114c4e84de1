/* Findings, as doctor and try tell them: what was looked at, how it is, and what to do about it. */
#include "madoctl.h"
#include <string.h>

enum { WORD_WIDTH = 9, WIDEST_NAME = 24 };

static const struct {
    const char *result, *word;
} results[FINDINGS] = {
    [FINDING_OK] = {"ok", "ok"},
    [FINDING_WARNING] = {"warning", "WARN"},
    [FINDING_FAILURE] = {"failure", "FAIL"},
    [FINDING_UNKNOWN] = {"unknown", "unknown"},
};

void finding_add(
    json_t *rows, const char *check, enum finding result, const char *text, const char *todo)
{
    json_t *row = ctl_row();

    json_object_set_new(row, "check", ctl_string(check));
    json_object_set_new(row, "result", ctl_string(results[result].result));
    json_object_set_new(row, "text", ctl_string(text));
    json_object_set_new(row, "do", ctl_string(todo));
    json_array_append_new(rows, row);
}

enum finding finding_result(const json_t *row)
{
    for (enum finding result = 0; result < FINDINGS; result++)
        if (g_str_equal(results[result].result, row_text(row, "result")))
            return result;
    return FINDING_UNKNOWN;
}

static void draw_wide(struct screen *screen, const json_t *row, const char *word, int width)
{
    const char *todo = row_text(row, "do");
    int indent = WORD_WIDTH + width + 2;

    screen_print(screen, screen_style(word), "%-*s", WORD_WIDTH, word);
    screen_print(screen, PLAIN, "%-*s  ", width, row_text(row, "check"));
    screen_wrap(screen, indent, row_text(row, "text"));
    if (!*todo)
        return;
    screen_print(screen, PLAIN, "%*s-> ", indent, "");
    screen_wrap(screen, indent + 3, todo);
}

void finding_draw(struct screen *screen, const json_t *row, int width)
{
    const char *word = results[finding_result(row)].word;

    if (screen->terminal)
        draw_wide(screen, row, word, width);
    else
        screen_cells(
            screen, word, row_text(row, "check"), row_text(row, "text"), row_text(row, "do"), NULL);
}

static int name_width(json_t *rows)
{
    gsize i, width = 0;
    json_t *row;

    json_array_foreach(rows, i, row)
        width = MAX(width, strlen(row_text(row, "check")));
    return (int)MIN(width, WIDEST_NAME);
}

void finding_draw_all(struct screen *screen, json_t *rows)
{
    int width = name_width(rows);
    gsize i;
    json_t *row;
    int problems = 0;

    json_array_foreach(rows, i, row) {
        problems += finding_result(row) != FINDING_OK;
        finding_draw(screen, row, width);
    }
    if (screen->terminal)
        screen_print(screen, PLAIN, "Problems: %d\n", problems);
}

/* The order of the monitoring plugins. */
int finding_worst(const json_t *rows)
{
    static const int weight[FINDINGS] = {0, 1, 3, 2};
    enum finding worst = FINDING_OK;
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
        if (weight[finding_result(row)] > weight[worst])
            worst = finding_result(row);
    return (int)worst;
}
