/* note: what operators write down about a ticket, on the command line, in an editor or through a
 * pipe. */
#include "error.h"
#include "madoctl.h"
#include <glib/gstdio.h>
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

static gboolean refuse(GError **error, const char *why)
{
    g_set_error(error, MADO_ERROR, MADO_E_NO_SUCH, "%s. Nothing was changed.", why);
    return FALSE;
}

static gboolean read_file(const char *path, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) failed = NULL;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, &failed))
        return refuse(error, failed->message);
    if (size > LIMIT_CONTROL_MUCH / 2)
        return refuse(error, "The note is too long");
    *text = g_utf8_make_valid(bytes, (gssize)size);
    return TRUE;
}

static const char *editor(void)
{
    const char *visual = g_getenv("VISUAL"), *plain = g_getenv("EDITOR");

    return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

/* The variable may have options: "emacs -nw". */
static gboolean run_editor(const char *path, GError **error)
{
    g_auto(GStrv) words = NULL, all = NULL;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GError) failed = NULL;
    int status;

    if (!g_shell_parse_argv(editor(), NULL, &words, &failed))
        return refuse(error, failed->message);
    g_strv_builder_addv(builder, (const char **)words);
    g_strv_builder_add(builder, path);
    all = g_strv_builder_end(builder);
    if (!g_spawn_sync(NULL, all, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
            NULL, NULL, NULL, &status, &failed) ||
        !g_spawn_check_wait_status(status, &failed))
        return refuse(error, failed->message);
    return TRUE;
}

/* The file is the operator's alone (mkstemp), and gone when it has been read. */
static gboolean edit(char **text, GError **error)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) failed = NULL;
    int fd = g_file_open_tmp("madoctl-note-XXXXXX", &path, &failed);
    gboolean done;

    if (fd < 0)
        return refuse(error, failed->message);
    close(fd);
    done = run_editor(path, error) && read_file(path, text, error);
    g_unlink(path);
    return done;
}

static gboolean find_text(char **words, char **text, GError **error)
{
    if (*words && !g_str_equal(*words, "-")) {
        *text = g_strjoinv(" ", words);
        return TRUE;
    }
    return !*words && isatty(STDIN_FILENO) ? edit(text, error)
                                           : read_file("/dev/stdin", text, error);
}

static json_t *args(char **words, const struct options *options, GError **error)
{
    g_autofree char *text = NULL;

    if (!*words) {
        view_usage(
            error, "A note on which ticket? Nothing was changed. Write: madoctl note 42 TEXT");
        return NULL;
    }
    if (!find_text(words + 1, &text, error))
        return NULL;
    return json_pack("{s:o,s:o,s:b,s:o*}", "id", ctl_string(*words), "text", ctl_string(text),
        "advice", options->advice, "decision",
        options->decision ? ctl_string(options->decision) : NULL);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "ticket"), row_text(row, "text"), NULL);
        return;
    }
    screen_print(screen, PLAIN, "Noted in %s, for operators alone.\n", row_text(row, "ticket"));
    view_next(screen, row);
}

const struct view view_note = {"note", args, draw};
