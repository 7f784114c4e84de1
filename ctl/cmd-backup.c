/* backup: a sealed copy of the store, in the folder of backups or in a file of one's own. */
#include "error.h"
#include "fd.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LONGEST_PAUSE_MS = 1000 };

gboolean view_long(struct call *call, const struct view_long *how, json_t *args, GError **error)
{
    return view_long_as(call, call->command->name, how, args, error);
}

gboolean view_long_as(struct call *call, const char *command, const struct view_long *how,
    json_t *args, GError **error)
{
    gint64 started = g_get_monotonic_time();
    gboolean done = TRUE;

    while (done && args) {
        json_t *rows = json_array(), *next = NULL;
        done = client_ask(call, command, args, rows, &next, error);
        args = NULL;
        view_progress(started, next);
        done = done && how->take(call, rows, how->data, error);
        if (done && next) {
            g_usleep((gulong)CLAMP(row_number(next, "again_ms"), 0, LONGEST_PAUSE_MS) * 1000);
            args = json_pack("{s:o}", "page", next);
        } else {
            json_decref(next);
        }
        json_decref(rows);
    }
    return done;
}

struct kept {
    const char *path; /* NULL: the daemon keeps it */
    char *part;       /* its name until it is whole */
    int fd;
    guint64 size;
    json_t *rows; /* to be shown */
};

static gboolean fail(const char *path, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE,
        "%s cannot be written: %s. Nothing was kept. Write another name, or make room.", path,
        g_strerror(errno));
    return FALSE;
}

static gboolean take(struct call *call, json_t *rows, gpointer data, GError **error)
{
    struct kept *kept = data;
    gsize i;
    json_t *row;

    if (!kept->path) {
        json_array_extend(kept->rows, rows);
        return TRUE;
    }
    json_array_foreach(rows, i, row) {
        gsize size;
        g_autofree guchar *piece = g_base64_decode(row_text(row, "piece"), &size);
        if (!fd_write_all(kept->fd, piece, size, NULL))
            return fail(kept->path, error);
        kept->size += size;
    }
    return TRUE;
}

/* Whoever is ended meanwhile leaves nothing of that name. */
static gboolean open_file(struct kept *kept, GError **error)
{
    if (!kept->path)
        return TRUE;
    kept->part = g_strconcat(kept->path, ".part", NULL);
    if (access(kept->path, F_OK) == 0) {
        errno = EEXIST;
        return fail(kept->path, error);
    }
    kept->fd = open(kept->part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return kept->fd >= 0 || fail(kept->part, error);
}

/* Whole and on the disk, or not there. */
static gboolean close_file(struct kept *kept, gboolean done, GError **error)
{
    g_autofree char *folder = kept->path ? g_path_get_dirname(kept->path) : NULL;

    if (kept->fd < 0)
        return done;
    if (done && (fsync(kept->fd) < 0 || !fd_move(AT_FDCWD, kept->part, AT_FDCWD, kept->path)))
        done = fail(kept->path, error);
    close(kept->fd);
    if (!done)
        unlink(kept->part);
    else
        json_array_append_new(
            kept->rows, json_pack("{s:s,s:o,s:I}", "schema", CTL_SCHEMA, "file",
                            ctl_string(kept->path), "size", (json_int_t)kept->size));
    return done && fd_sync_folder(folder, error);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *size = ctl_bytes((guint64)row_number(row, "size"));

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "file"), size, NULL);
        return;
    }
    screen_print(screen, GOOD, "ok: %s, %s, sealed to our own key.\n", row_text(row, "file"), size);
    screen_print(screen, PLAIN, "Is it good? madod --check-backup %s\n", row_text(row, "file"));
}

static int run(struct call *call, GError **error)
{
    struct kept kept = {.path = call->words[0], .fd = -1, .rows = json_array()};
    json_t *args = json_object();
    gboolean done;

    if (kept.path && call->words[1]) {
        view_usage(error, "One file. Nothing was written. Write: madoctl backup FILE");
        done = FALSE;
    } else {
        done = open_file(&kept, error);
    }
    if (kept.path)
        json_object_set_new(args, "fetch", json_true());
    if (done)
        done = view_long(call, &(struct view_long){take, &kept}, json_incref(args), error);
    done = close_file(&kept, done, error) &&
           view_show_rows(&view_backup, call, kept.rows, TRUE, error);
    json_decref(args);
    json_decref(kept.rows);
    g_free(kept.part);
    return done ? 0 : -1;
}

const struct view view_backup = {.command = "backup", .draw = draw, .run = run};
