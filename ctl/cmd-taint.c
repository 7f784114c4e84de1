/* taint: what of a text came sealed, and facts that may leave all the same. */
#include "error.h"
#include "madoctl.h"
#include <mado/limits.h>
#include <string.h>

/* -- taint check ID [FILE|-] -- */

static gboolean read_text(const char *file, char **text, GError **error)
{
    const char *path = !file || g_str_equal(file, "-") ? "/dev/stdin" : file;
    g_autofree char *bytes = NULL;
    g_autoptr(GError) failed = NULL;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s. Nothing was changed.", failed->message);
        return FALSE;
    }
    if (size > LIMIT_CONTROL_MUCH / 2) {
        error_set(error, MADO_E_BAD_DATA,
            "%s is longer than %d bytes. Nothing was changed. Check it in pieces.", path,
            LIMIT_CONTROL_MUCH / 2);
        return FALSE;
    }
    *text = g_utf8_make_valid(bytes, (gssize)size);
    return TRUE;
}

static json_t *check_args(char **words, const struct options *options, GError **error)
{
    g_autofree char *text = NULL;
    json_t *args;

    if (!*words || (words[1] && words[2])) {
        view_usage(error, "Which ticket, and which file? Nothing was changed. Write: madoctl taint "
                          "check 42 FILE");
        return NULL;
    }
    if (!read_text(words[1], &text, error))
        return NULL;
    args = json_object();
    json_object_set_new(args, "id", ctl_string(*words));
    json_object_set_new(args, "text", ctl_string(text));
    return args;
}

static void draw_runs(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        if (!screen->terminal) {
            screen_cells(screen, row_text(row, "run"), NULL);
            continue;
        }
        screen_print(screen, NOTICE, "came sealed: ");
        screen_wrap(screen, 4, row_text(row, "run"));
    }
    if (!json_array_size(rows) && screen->terminal)
        screen_print(screen, PLAIN, "Nothing of it came sealed.\n");
}

static int judge_run(const json_t *row)
{
    return 1;
}

/* -- taint release ID TEXT... -- */

static json_t *release_args(char **words, const struct options *options, GError **error)
{
    if (!*words || !words[1] || !options->reason) {
        view_usage(error,
            "Which fact of which ticket, and why? Nothing was changed. Write: madoctl "
            "taint release 42 TEXT --reason TEXT");
        return NULL;
    }
    return json_pack("{s:o,s:o,s:o}", "id", ctl_string(*words), "facts", ctl_texts(words + 1),
        "reason", ctl_string(options->reason));
}

static void draw_released(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (screen->terminal)
            screen_print(screen, PLAIN, "\"%s\" of %s may leave in clear now.\n",
                row_text(row, "fact"), row_text(row, "ticket"));
        else
            screen_cells(screen, row_text(row, "ticket"), row_text(row, "fact"), NULL);
}

const struct view view_taint_check = {"taint check", check_args, draw_runs, .judge = judge_run};
const struct view view_taint_release = {"taint release", release_args, draw_released};
