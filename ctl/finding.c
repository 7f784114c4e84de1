/* Findings, as doctor and try tell them: what was looked at, how it is, and what to do about it. */
#include "madoctl.h"

enum { WORD_WIDTH = 9 };

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
