/*
 * Copies of the store and of the journal, kept elsewhere
 *
 * First a copy inside of the state folder, which takes turns with the mail; then it is sealed to
 * our own keys, and only that leaves the folder (archive.c). The copy loses its name as soon as it
 * is whole, and what a desk that was ended has left of one is removed at the next start.
 */
#include "state.h"
#include "ctl.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGES = 64,
    ROWS = 500,
    SLICE_US = 20000, /* of a turn */
    TRY_AGAIN_SECONDS = 60 * 60,
    ROOM_BESIDE = 64 * 1024 * 1024,
    PAGE_BYTES = 4096,
};

enum backup_of { OF_STORE, OF_JOURNAL, KINDS_OF_BACKUP };

static const struct {
    const char *what; /* in the table `keeping` */
    const char *kind, *event, *failed;
    gsize folder; /* its setting */
} kinds[KINDS_OF_BACKUP] = {
    {"backup", "store", "backup", "backup-failed", G_STRUCT_OFFSET(struct settings, backup.folder)},
    {"journal", "journal", "journal-export", "journal-export-failed",
        G_STRUCT_OFFSET(struct settings, audit.folder)},
};

struct backup {
    enum backup_of of;
    char *actor, *path;
    char *temporary;   /* of the copy */
    struct task *task; /* of who has asked for it; NULL: it was due */
    struct store_copy *copy;
    int lines;    /* of the journal so far, or -1 */
    guint64 rows; /* of it, and the hash of the last */
    char *hash;
    struct archive *archive;
};

static const char *folder_of(const struct desk *desk, enum backup_of of)
{
    return *(char **)((char *)desk->settings + kinds[of].folder);
}

static char *state_file(const struct desk *desk, const char *name)
{
    return g_build_filename(desk->settings->daemon.state, name, NULL);
}

/* -- what was left behind -- */

static void clear_folder(const char *path, const char *suffix)
{
    g_autoptr(GDir) folder = *path ? g_dir_open(path, 0, NULL) : NULL;
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *whole = g_build_filename(path, name, NULL);
        if (g_str_has_prefix(name, "mado-") && g_str_has_suffix(name, suffix))
            unlink(whole);
    }
}

void backup_clear(struct desk *desk)
{
    static const char *const names[] = {
        "backup.tmp", "journal.tmp", "restore.tmp", "check.tmp", "rebuild.tmp"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = state_file(desk, names[i]);
        store_remove_file(path);
    }
    clear_folder(desk->settings->daemon.state, ".tar.part");
    clear_folder(desk->settings->daemon.state, ".tar"); /* that nobody has fetched */
    for (int of = 0; of < KINDS_OF_BACKUP; of++)
        clear_folder(folder_of(desk, of), ".tar.part");
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Their names are times: the newest is the last. What is named later than `newest`, by a clock that
 * was ahead, takes the place of none. */
static void remove_older(struct desk *desk, enum backup_of of, const char *newest)
{
    const char *path = folder_of(desk, of);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = g_strdup_printf("mado-%s-", kinds[of].kind);
    g_autofree char *last = g_path_get_basename(newest);
    g_autoptr(GDir) folder = *path ? g_dir_open(path, 0, NULL) : NULL;
    const char *name;

    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_prefix(name, prefix) && g_str_has_suffix(name, ".tar") &&
            strcmp(name, last) <= 0)
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i + (guint)desk->settings->backup.keep < names->len; i++)
        unlink(names->pdata[i]);
}

/* -- the end of one -- */

static void backup_free(struct backup *backup)
{
    store_copy_free(backup->copy);
    if (backup->temporary)
        store_remove_file(backup->temporary);
    if (backup->lines >= 0)
        close(backup->lines);
    g_free(backup->actor);
    g_free(backup->path);
    g_free(backup->temporary);
    g_free(backup->hash);
    g_free(backup);
}

void backup_stop(struct desk *desk)
{
    if (desk->backup)
        backup_free(g_steal_pointer(&desk->backup));
}

static void note_failure(struct desk *desk, const struct backup *backup, const char *why)
{
    g_autoptr(GError) error = NULL;

    log_event(LOG_LEVEL_ALARM, 0, kinds[backup->of].failed, "%s", why);
    desk_change(desk);
    if (!store_run_failed(desk->store, kinds[backup->of].what, why, &error) ||
        !store_journal(
            desk->store, now_seconds(), backup->actor, kinds[backup->of].failed, 0, 0, why, &error))
        desk_give_up(error);
    desk_keep(desk);
}

static void note_success(
    struct desk *desk, const struct backup *backup, const struct archive_end *end)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        g_strdup_printf("%s, %" PRIu64 " bytes, sealed to %s; journal of %" PRIu64 " rows",
            end->path, end->size, end->sealed_to, backup->rows);

    log_event(LOG_LEVEL_INFO, 0, kinds[backup->of].event, "%s", text);
    desk_change(desk);
    if (!store_run_done(
            desk->store, kinds[backup->of].what, end->path, end->size, now_seconds(), &error) ||
        !store_journal(
            desk->store, now_seconds(), backup->actor, kinds[backup->of].event, 0, 0, text, &error))
        desk_give_up(error);
    desk_keep(desk);
    remove_older(desk, backup->of, end->path);
}

static void tell_task(const struct backup *backup, const struct archive_end *end)
{
    struct task *task = backup->task;

    if (!task)
        return;
    if (end->error) {
        task->error = g_error_copy(end->error);
    } else {
        task->path = g_strdup(end->path);
        task->size = end->size;
    }
    task_is_over(task);
}

static void conclude(struct desk *desk, const struct archive_end *end)
{
    struct backup *backup = g_steal_pointer(&desk->backup);

    if (end->error)
        note_failure(desk, backup, end->error->message);
    else
        note_success(desk, backup, end);
    tell_task(backup, end);
    backup_free(backup);
}

static void on_archived(struct desk *desk, gpointer data, const struct archive_end *end)
{
    conclude(desk, end);
}

static void give_up(struct desk *desk, const GError *error)
{
    conclude(desk, &(struct archive_end){.error = error});
}

/* -- its way -- */

static gboolean begin_sealing(struct desk *desk, int from, GError **error)
{
    struct backup *backup = desk->backup;
    const struct archive_wanted wanted = {.kind = kinds[backup->of].kind,
        .path = backup->path,
        .from = from,
        .rows = backup->rows,
        .hash = backup->hash};

    backup->archive = archive_begin(desk, &wanted, on_archived, NULL, error);
    return backup->archive != NULL;
}

/* The copy is the store of this moment, so this is the end of its journal. */
static gboolean copy_is_whole(struct desk *desk, GError **error)
{
    struct backup *backup = desk->backup;
    int from;

    if (!store_journal_end(desk->store, &backup->rows, &backup->hash, error))
        return FALSE;
    g_clear_pointer(&backup->copy, store_copy_free);
    from = open(backup->temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0) {
        error_set(error, MADO_E_STORE_READ, "the copy %s cannot be read back: %s. Nothing was kept",
            backup->temporary, g_strerror(errno));
        return FALSE;
    }
    store_remove_file(backup->temporary);
    return begin_sealing(desk, from, error);
}

static gboolean copy_on(struct desk *desk, gint64 until, GError **error)
{
    int more = 1;

    while (more > 0 && g_get_monotonic_time() < until && !store_in_turn(desk->store))
        more = store_copy_step(desk->backup->copy, PAGES, error);
    return more < 0 ? FALSE : more > 0 || copy_is_whole(desk, error);
}

static gboolean write_line(struct backup *backup, const struct journal_row *row, GError **error)
{
    json_t *object = ctl_journal_row(row);
    g_autofree char *line = ctl_dump(object);
    g_autofree char *whole = g_strconcat(line, "\n", NULL);

    json_decref(object);
    backup->rows = row->id;
    g_free(backup->hash);
    backup->hash = g_strdup(row->hash);
    return fd_write_all(backup->lines, whole, strlen(whole), error);
}

static int taken(int *fd)
{
    int was = *fd;

    *fd = -1;
    return was;
}

static gboolean write_on(struct desk *desk, gint64 until, GError **error)
{
    struct backup *backup = desk->backup;
    gboolean more = TRUE;

    while (more && g_get_monotonic_time() < until) {
        g_autoptr(GPtrArray) rows = store_journal_rows(desk->store, backup->rows, ROWS, error);
        for (guint i = 0; rows && i < rows->len; i++)
            if (!write_line(backup, rows->pdata[i], error))
                return FALSE;
        if (!rows)
            return FALSE;
        more = rows->len == ROWS;
    }
    if (more)
        return TRUE;
    return begin_sealing(desk, taken(&backup->lines), error);
}

static gboolean come_again(gpointer data)
{
    return G_SOURCE_REMOVE;
}

static void tell_progress(const struct backup *backup)
{
    struct task *task = backup->task;

    if (task && backup->archive) {
        archive_progress(backup->archive, &task->done, &task->all);
    } else if (task && backup->copy) {
        store_copy_progress(backup->copy, &task->done, &task->all);
        task->done = 0;
        task->all *= PAGE_BYTES;
    }
}

void backup_feed(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    struct backup *backup = desk->backup;
    gint64 until = g_get_monotonic_time() + SLICE_US;
    gboolean done = TRUE;

    if (!backup)
        return;
    if (backup->copy)
        done = copy_on(desk, until, &error);
    else if (backup->lines >= 0)
        done = write_on(desk, until, &error);
    if (!done) {
        give_up(desk, error);
        return;
    }
    tell_progress(backup);
    if (!backup->archive)
        g_idle_add(come_again, NULL);
}

/* -- the beginning of one -- */

static gboolean is_room(const struct desk *desk, GError **error)
{
    g_autofree char *path = state_file(desk, "mado.db");
    struct room room;
    GStatBuf is;

    if (g_stat(path, &is) < 0 || !room_look(desk->settings->daemon.state, &room) ||
        room.left > (guint64)is.st_size + ROOM_BESIDE)
        return TRUE;
    error_set(error, MADO_E_STORE_WRITE,
        "There is no room for a copy of the store in %s. Nothing was written; make room, or look "
        "what may go: madoctl purge --dry-run",
        desk->settings->daemon.state);
    return FALSE;
}

static gboolean open_lines(struct desk *desk, struct backup *backup, GError **error)
{
    g_autofree char *path = state_file(desk, "journal.tmp");

    unlink(path);
    backup->lines = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (backup->lines < 0)
        error_set(error, MADO_E_STORE_WRITE, "%s cannot be made: %s. Nothing was written", path,
            g_strerror(errno));
    unlink(path);
    return backup->lines >= 0;
}

static gboolean open_copy(struct desk *desk, struct backup *backup, GError **error)
{
    backup->temporary = state_file(desk, "backup.tmp");
    backup->copy = store_copy_begin(desk->store, backup->temporary, error);
    return backup->copy != NULL;
}

static gboolean open_what_it_needs(struct desk *desk, struct backup *backup, GError **error)
{
    return archive_may(desk, error) &&
           (backup->of == OF_STORE ? is_room(desk, error) && open_copy(desk, backup, error)
                                   : open_lines(desk, backup, error));
}

static char *path_in(const char *folder, enum backup_of of)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_seconds());
    g_autofree char *time = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *name = g_strdup_printf("mado-%s-%s.tar", kinds[of].kind, time);

    return g_build_filename(folder, name, NULL);
}

static void note_begin(struct desk *desk, enum backup_of of)
{
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (!store_run_begins(desk->store, kinds[of].what, now_seconds(), &error))
        desk_give_up(error);
    desk_keep(desk);
}

/* What fails at once is told to who has asked; what was due is noted. */
static gboolean begin(
    struct desk *desk, enum backup_of of, const char *folder, struct task *task, GError **error)
{
    struct backup *backup = g_new0(struct backup, 1);
    gboolean begun;

    backup->of = of;
    backup->lines = -1;
    backup->actor = g_strdup(task ? task->order.user : "mado");
    backup->path = path_in(folder, of);
    backup->task = task;
    begun = open_what_it_needs(desk, backup, error);
    if (begun || !task)
        note_begin(desk, of);
    if (!begun && !task)
        note_failure(desk, backup, (*error)->message);
    if (begun)
        desk->backup = backup;
    else
        backup_free(backup);
    return begun;
}

gboolean backup_order(struct task *task, GError **error)
{
    struct desk *desk = task->desk;
    const char *folder =
        task->order.fetched ? desk->settings->daemon.state : folder_of(desk, OF_STORE);

    if (desk->backup) {
        error_set(error, MADO_E_BUSY,
            "A backup, or an export of the journal, is being made. Nothing else was begun. Try "
            "again when it is done: madoctl status");
        return FALSE;
    }
    if (!*folder) {
        error_set(error, MADO_E_USAGE,
            "There is no folder for backups. Nothing was written. Write: madoctl backup FILE; or "
            "set backup.folder, and start madod again");
        return FALSE;
    }
    return begin(desk, OF_STORE, folder, task, error);
}

/* -- each day -- */

/* The last time that the clock of the team has shown that time of day. */
gint64 backup_last_moment(const struct desk *desk)
{
    g_autoptr(GDateTime) now = desk_local_time(desk, now_seconds());
    const char *at = desk->settings->backup.at;
    int minutes = (int)g_ascii_strtoll(at, NULL, 10) * 60 + (int)g_ascii_strtoll(at + 3, NULL, 10);
    int passed = g_date_time_get_hour(now) * 60 + g_date_time_get_minute(now);
    gint64 ago = passed - minutes % (24 * 60);

    return now_seconds() - (ago < 0 ? ago + 24 * 60 : ago) * 60;
}

static gboolean is_due(struct desk *desk, enum backup_of of)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_kept_run) run = store_kept_run(desk->store, kinds[of].what, &error);
    gint64 moment = backup_last_moment(desk);

    if (!run)
        desk_give_up(error);
    return run->done_at < moment &&
           (run->begun_at < moment || now_seconds() - run->begun_at >= TRY_AGAIN_SECONDS);
}

void backup_watch(struct desk *desk)
{
    for (int of = 0; of < KINDS_OF_BACKUP; of++) {
        g_autoptr(GError) error = NULL;
        const char *folder = folder_of(desk, of);
        if (!desk->backup && !desk->options->once && *folder && is_due(desk, of))
            begin(desk, of, folder, NULL, &error);
    }
}
