/* A backup in the place of the store: opened, checked whole, and only then put there. */
#include "offline.h"
#include "conf.h"
#include "error.h"
#include "fault.h"
#include "now.h"
#include "roles.h"
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { ROWS = 5000 };

struct restore {
    const struct offline *wanted;
    struct settings *settings;
    char *path, *fresh, *aside;
    struct sealed_about about;
    gint64 letters; /* of which nobody knows whether they were sent since */
};

static gboolean refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean refuse(GError **error, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    *error = g_error_new_valist(MADO_ERROR, code, format, values);
    va_end(values);
    return FALSE;
}

/* What gpg and the store write belongs to who runs this, and the daemon must be able to use it. */
static gboolean is_right_user(const char *folder, GError **error)
{
    struct stat is;

    if (stat(folder, &is) < 0)
        return refuse(error, MADO_E_STORE_OPEN, "%s: %s. Nothing was changed; make that folder",
            folder, g_strerror(errno));
    return is.st_uid == geteuid() ||
           refuse(error, MADO_E_FORBIDDEN,
               "%s belongs to another user. Nothing was changed; run this as that user: runuser -u "
               "mado -- madod ...",
               folder);
}

static gboolean may_begin(const struct restore *restore, GError **error)
{
    if (!is_right_user(restore->settings->daemon.state, error) ||
        !store_finish_place(restore->path, error))
        return FALSE;
    if (restore->wanted->check)
        return TRUE;
    if (store_is_open(restore->path))
        return refuse(error, MADO_E_BUSY,
            "The store %s is in use. Nothing was changed; stop madod first", restore->path);
    return restore->wanted->replace || access(restore->path, F_OK) != 0 ||
           refuse(error, MADO_E_USAGE,
               "There is a store already: %s. Nothing was changed; to put the backup in its place "
               "(it is kept aside), add --replace",
               restore->path);
}

static gboolean unseal(struct restore *restore, GError **error)
{
    int to;
    gboolean done;

    store_remove_file(restore->fresh);
    to = open(restore->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return refuse(error, MADO_E_STORE_WRITE, "%s: %s. Nothing was changed; make room",
            restore->fresh, g_strerror(errno));
    done = sealed_open(restore->settings, restore->wanted->file, to, &restore->about, error);
    close(to);
    fault_pass("restore_opened");
    return done && (g_str_equal(restore->about.kind, "store") ||
                       refuse(error, MADO_E_BAD_DATA,
                           "%s is no backup of a store, but one of a %s. Nothing was changed",
                           restore->wanted->file, restore->about.kind));
}

static gboolean check_journal(const struct restore *restore, struct store *store, GError **error)
{
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = 0;
    guint checked = ROWS;

    while (checked == ROWS) {
        if (!store_audit(store, &after, hash, ROWS, &checked, error))
            return FALSE;
        progress_tell("rows of the journal", after, restore->about.journal_rows);
    }
    progress_end();
    return (after == restore->about.journal_rows &&
               g_strcmp0(hash, restore->about.journal_hash) == 0) ||
           refuse(error, MADO_E_AUDIT_BROKEN,
               "the journal in %s does not end as its list says. Nothing was changed; try another "
               "backup",
               restore->wanted->file);
}

/* Since the copy was made letters may have gone and numbers may have been given. */
static gboolean note_restored(struct restore *restore, struct store *store, GError **error)
{
    g_autofree char *text = NULL;

    if (!store_begin(store, error) ||
        !store_is_restored(store, now_seconds(), &restore->letters, error))
        return FALSE;
    text = g_strdup_printf("from %s, made %s; %" G_GINT64_FORMAT
                           " letters that waited may have been sent since",
        restore->wanted->file, restore->about.made, restore->letters);
    return store_journal(store, now_seconds(), "mado", "restored", 0, 0, text, error) &&
           store_commit(store, error);
}

static gboolean check(struct restore *restore, GError **error)
{
    g_autoptr(mado_store) store = store_open(restore->fresh, error);

    return store && store_check(store, error) && check_journal(restore, store, error) &&
           (restore->wanted->check || note_restored(restore, store, error));
}

static gboolean put_in_place(const struct restore *restore, GError **error)
{
    if (restore->wanted->check)
        return TRUE;
    fault_pass("restore_checked");
    if (store_is_open(restore->path))
        return refuse(error, MADO_E_BUSY,
            "The store %s is in use now. Nothing was changed; stop madod first", restore->path);
    return store_take_place(restore->fresh, restore->path, restore->aside, error);
}

static void tell(const struct restore *restore, gboolean replaced)
{
    const struct sealed_about *about = &restore->about;

    printf("%s: %s of %s, made %s, %" G_GUINT64_FORMAT " bytes, journal of %" G_GUINT64_FORMAT
           " rows: whole and intact.\n",
        restore->wanted->file, about->kind, about->team, about->made, about->size,
        about->journal_rows);
    if (restore->wanted->check)
        return;
    printf("It is the store now: %s\n", restore->path);
    if (replaced)
        printf("What was there before: %s\n", restore->aside);
    if (restore->letters)
        printf("%" G_GINT64_FORMAT " letters waited then, and may have been sent since: they stay. "
               "See: madoctl outbox unknown\n",
            restore->letters);
    printf("The next ticket has a higher number than any that can have been given since.\n");
}

static struct settings *load(const char *path, GError **error)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(path, problems);

    if (!settings) {
        g_autofree char *text = conf_problems_to_text(problems);
        fputs(text, stderr);
        refuse(error, MADO_E_CONFIG_READ,
            "%s does not check out (see above). Nothing was changed; mend it first", path);
    }
    return settings;
}

static void name_files(struct restore *restore)
{
    const char *state = restore->settings->daemon.state;
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_seconds());
    g_autofree char *time = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *before = g_strdup_printf("mado.db.before-%s", time);

    restore->path = g_build_filename(state, "mado.db", NULL);
    restore->fresh =
        g_build_filename(state, restore->wanted->check ? "check.tmp" : "restore.tmp", NULL);
    restore->aside = g_build_filename(state, before, NULL);
}

static void clear(struct restore *restore)
{
    if (restore->fresh)
        store_remove_file(restore->fresh);
    sealed_about_clear(&restore->about);
    g_free(restore->path);
    g_free(restore->fresh);
    g_free(restore->aside);
    conf_free(restore->settings);
}

int offline_restore(const struct options *options, const struct offline *wanted)
{
    struct restore restore = {.wanted = wanted};
    g_autoptr(GError) error = NULL;
    gboolean done = FALSE, replaced = FALSE;

    restore.settings = load(options->config, &error);
    if (restore.settings) {
        name_files(&restore);
        replaced = access(restore.path, F_OK) == 0;
        done = may_begin(&restore, &error) && unseal(&restore, &error) && check(&restore, &error) &&
               put_in_place(&restore, &error);
    }
    if (done)
        tell(&restore, replaced);
    else
        error_print("madod", error);
    clear(&restore);
    return done ? EX_OK : error_exit_status(error);
}
