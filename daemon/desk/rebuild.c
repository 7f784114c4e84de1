/*
 * madod --rebuild: the store again, from the mails as they came
 *
 * Each mail goes its way once more, through reader and keys, into a new store; what was decided
 * then stays as it was told to the world (numbers, places, who was answered), and so does all that
 * people did. Nothing is mailed. The old store is the store until the new one is complete; nobody
 * can open it meanwhile.
 */
#include "state.h"
#include "desk.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

/* Where SQLite locks a file: see sqlite3's os_unix.c, PENDING_BYTE. */
enum { LOCKED_FROM = 0x40000000, LOCKED_BYTES = 512 };
enum { MOST_NAMED = 20 };
enum { TELL_EVERY_US = 200 * 1000, TELL_AFTER_US = 2 * 1000 * 1000 };

struct rebuild {
    char *path, *fresh;
    int lock;    /* of the old one */
    guint64 all; /* mails to be read */
    guint64 done;
    guint64 failed;
    GString *failures; /* mail:4, mail:5 */
};

static void tell(const char *what, guint64 done, guint64 all)
{
    static gint64 begun, told;
    gint64 now = g_get_monotonic_time();

    begun = begun ? begun : now;
    if (!isatty(STDERR_FILENO) || now - begun < TELL_AFTER_US || now - told < TELL_EVERY_US)
        return;
    told = now;
    fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64, what, done, all);
}

/* A daemon that is started meanwhile finds it in use. */
static int lock_old(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKED_FROM, .l_len = LOCKED_BYTES};
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd >= 0 && fcntl(fd, F_SETLK, &lock) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static gboolean in_use(const char *path, GError **error)
{
    error_set(error, MADO_E_BUSY,
        "The store %s is not there, or in use. Nothing was changed; stop madod first", path);
    return FALSE;
}

gboolean rebuild_open(struct desk *desk, GError **error)
{
    struct rebuild *rebuild = g_new0(struct rebuild, 1);

    rebuild->failures = g_string_new(NULL);
    desk->rebuild = rebuild;
    rebuild->path = g_build_filename(desk->settings->daemon.state, "mado.db", NULL);
    rebuild->fresh = g_build_filename(desk->settings->daemon.state, "rebuild.tmp", NULL);
    if (access(rebuild->path, F_OK) != 0 || store_is_open(rebuild->path))
        return in_use(rebuild->path, error);
    desk->store = store_rebuild(rebuild->path, rebuild->fresh, tell, error);
    if (!desk->store || !store_count_unread(desk->store, &rebuild->all, error))
        return FALSE;
    rebuild->lock = lock_old(rebuild->path);
    if (rebuild->lock < 0)
        return in_use(rebuild->path, error);
    desk->token_secret = store_secret(desk->store, "token", 32, error);
    return desk->token_secret && store_commit(desk->store, error);
}

static void start_if_wanted(struct peer *peer)
{
    if (peer->kind == ROLE_READER || peer->kind == ROLE_KEYS)
        peer_start(peer);
}

void rebuild_start_peers(struct desk *desk)
{
    peers_foreach(desk, start_if_wanted);
}

/* -- one mail -- */

static gboolean keep(struct desk *desk, const struct reading *reading, GError **error)
{
    g_autoptr(mado_question) question = NULL;

    desk_leave_out(reading->message, desk->settings);
    question = desk_ask(reading->message, reading->crypto, desk->settings);
    return store_keep_message(
               desk->store, reading->mail, reading->message, question->text_sha256, error) &&
           store_keep_report(desk->store, reading->mail, reading->message->report, error) &&
           store_keep_crypto(desk->store, reading->mail, reading->crypto, error) &&
           store_keep_alike(desk->store, reading->mail, question->alike, error) &&
           store_mail_is_read(desk->store, reading->mail, error);
}

static void count(struct rebuild *rebuild, guint64 *what)
{
    (*what)++;
    tell("mails read again", rebuild->done + rebuild->failed, rebuild->all);
}

/* It was opened then, and its key is gone. */
static gboolean is_worse(
    struct desk *desk, const struct reading *reading, gboolean *worse, GError **error)
{
    g_autoptr(mado_crypto) before = NULL;

    *worse = FALSE;
    if (!reading->crypto || reading->crypto->left == OPENED_DONE)
        return TRUE;
    if (!store_crypto_show(desk->store, reading->mail, &before, error))
        return FALSE;
    *worse = before && before->left == OPENED_DONE && before->encrypted == EXTENT_FULL;
    return TRUE;
}

void rebuild_keep(struct desk *desk, const struct reading *reading)
{
    g_autoptr(GError) error = NULL;
    gboolean worse;

    if (!is_worse(desk, reading, &worse, &error) || (!worse && !keep(desk, reading, &error)))
        desk_give_up(error);
    if (worse)
        rebuild_leave(desk, reading->mail);
    else
        count(desk->rebuild, &desk->rebuild->done);
}

void rebuild_leave(struct desk *desk, guint64 mail)
{
    struct rebuild *rebuild = desk->rebuild;
    g_autoptr(GError) error = NULL;

    if (!store_mail_is_read(desk->store, mail, &error))
        desk_give_up(error);
    if (rebuild->failed < MOST_NAMED)
        g_string_append_printf(
            rebuild->failures, "%smail:%" PRIu64, rebuild->failed ? ", " : "", mail);
    else if (rebuild->failed == MOST_NAMED)
        g_string_append(rebuild->failures, ", ...");
    count(rebuild, &rebuild->failed);
}

/* -- the end -- */

static char *in_words(const struct rebuild *rebuild)
{
    if (!rebuild->failed)
        return g_strdup_printf("%" PRIu64 " mails were read again", rebuild->done);
    return g_strdup_printf("%" PRIu64 " mails were read again, %" PRIu64
                           " could not be, and stay as they were: %s",
        rebuild->done, rebuild->failed, rebuild->failures->str);
}

static gboolean take_place(struct desk *desk, GError **error)
{
    struct rebuild *rebuild = desk->rebuild;
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_seconds());
    g_autofree char *time = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *aside = g_strdup_printf("%s.before-%s", rebuild->path, time);
    g_autofree char *text = in_words(rebuild);

    if (!store_begin(desk->store, error) ||
        !store_journal(desk->store, now_seconds(), "mado", "rebuilt", 0, 0, text, error) ||
        !store_commit(desk->store, error))
        return FALSE;
    g_clear_pointer(&desk->store, store_close);
    if (!store_take_place(rebuild->fresh, rebuild->path, aside, error))
        return FALSE;
    close(rebuild->lock);
    fprintf(stderr, "madod: %s. The store is %s now; what was there before: %s\n", text,
        rebuild->path, aside);
    return TRUE;
}

static gboolean is_idle(const struct desk *desk)
{
    return g_hash_table_size(desk->in_hand) == 0 && !jobs_in_hand(desk);
}

void rebuild_look_for_the_end(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    guint64 left;

    if (!store_count_unread(desk->store, &left, &error))
        desk_give_up(error);
    if (!left && is_idle(desk)) {
        if (!take_place(desk, &error))
            desk_give_up(error);
        desk->status = EX_OK;
    } else if (desk->draining && (is_idle(desk) || g_get_monotonic_time() > desk->drain_until)) {
        desk->status = EX_TEMPFAIL;
    }
}
