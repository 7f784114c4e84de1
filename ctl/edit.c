/* A text in the operator's editor, or from a file: it may be secret, and leaves nothing behind. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mado/limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean refuse(GError **error, const char *why)
{
    error_set(error, MADO_E_NO_SUCH, "%s. Nothing was changed.", why);
    return FALSE;
}

/* Not by the name /dev/stdin: what was opened for us need not be ours to open again. */
static gboolean read_input(char **bytes, gsize *size, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);
    char block[16 * 1024];
    ssize_t got = 0;

    while (all->len <= LIMIT_CONTROL_MUCH && (got = read(STDIN_FILENO, block, sizeof block)) > 0)
        g_string_append_len(all, block, got);
    if (got < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
            _("What comes in cannot be read: %s"), g_strerror(errno));
        return FALSE;
    }
    *size = all->len;
    *bytes = g_string_free(g_steal_pointer(&all), FALSE);
    return TRUE;
}

gboolean edit_read(const char *path, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) failed = NULL;
    gsize size;

    if (!(g_str_equal(path, "-") ? read_input(&bytes, &size, &failed)
                                 : g_file_get_contents(path, &bytes, &size, &failed))) {
        error_set(error, MADO_E_NO_SUCH,
            "%s. Nothing was changed. The text is taken from a file, or from what comes in: -",
            failed->message);
        return FALSE;
    }
    if (size > LIMIT_CONTROL_MUCH / 2)
        return refuse(error, "The text is too long");
    *text = g_utf8_make_valid(bytes, (gssize)size);
    return TRUE;
}

static const char *editor(void)
{
    const char *visual = g_getenv("VISUAL"), *plain = g_getenv("EDITOR");

    return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

static const int signals[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM};

static void hear_signals(gpointer data)
{
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_DFL);
}

/* They are for the editor: whoever waits for it has its file to wipe. */
static void leave_signals(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_IGN);
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
    if (!g_spawn_sync(NULL, all, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN,
            hear_signals, NULL, NULL, NULL, &status, &failed) ||
        !g_spawn_check_wait_status(status, &failed))
        return refuse(error, failed->message);
    return TRUE;
}

/* The file is the operator's alone, as is its folder. */
static gboolean write_new(const char *path, const char *text, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gsize size = strlen(text);
    gboolean done = fd >= 0 && write(fd, text, size) == (gssize)size;

    if (fd >= 0)
        close(fd);
    return done || refuse(error, "The file for the editor cannot be written");
}

static void wipe(const char *path)
{
    struct stat about;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    g_autofree char *zeros = NULL;

    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0) {
        zeros = g_malloc0((gsize)about.st_size);
        if (write(fd, zeros, (gsize)about.st_size) == (gssize)about.st_size)
            fdatasync(fd);
    }
    if (fd >= 0)
        close(fd);
    g_unlink(path);
}

/* With what the editor has left there: backups, and what it writes before it crashes. */
static void wipe_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        wipe(path);
    }
    g_rmdir(folder);
}

/* -- what was written, until something has become of it -- */

static GPtrArray *written;

/* What is edited once more takes the place of what it was before. */
static void keep(const char *before, const char *text)
{
    guint last;

    if (!written)
        written = g_ptr_array_new_with_free_func(g_free);
    last = written->len;
    if (last && g_str_equal(written->pdata[last - 1], before))
        g_ptr_array_set_size(written, (int)last - 1);
    g_ptr_array_add(written, g_strdup(text));
}

/* The editor may have ended otherwise than it should, and have written before. */
static void keep_rest(const char *path, const char *before)
{
    g_autofree char *text = NULL;

    if (edit_read(path, &text, NULL) && !g_str_equal(text, before))
        keep(before, text);
}

void edit_forget(void)
{
    g_clear_pointer(&written, g_ptr_array_unref);
}

void edit_give_back(struct screen *screen)
{
    for (guint i = 0; screen->terminal && written && i < written->len; i++) {
        g_auto(GStrv) lines = g_strsplit(written->pdata[i], "\n", -1);
        screen_print(screen, PLAIN, "\n");
        for (char **line = lines; *line; line++)
            screen_print(screen, PLAIN, "%s\n", *line);
    }
    screen_flush(screen, FALSE);
}

gboolean edit_text(const char *before, char **text, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *folder = g_dir_make_tmp("madoctl-XXXXXX", &failed);
    g_autofree char *path = folder ? g_build_filename(folder, "text.txt", NULL) : NULL;
    gboolean done;

    if (!folder)
        return refuse(error, failed->message);
    leave_signals();
    done =
        write_new(path, before, error) && run_editor(path, error) && edit_read(path, text, error);
    if (done)
        keep(before, *text);
    else
        keep_rest(path, before);
    wipe_folder(folder);
    hear_signals(NULL);
    return done;
}
