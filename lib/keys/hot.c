/* gpg reads its whole ring for each key that it looks for, six times for a mail and its answer:
 * with thousands of keys that costs more than opening the mail. And at each start it makes and
 * removes the file of a lock, one for each ring, only to see whether that ring wants tidying: its
 * reading is not locked. So a worker has a home of its own with copies of the keys that it used of
 * late, which gpg reads first, and with one of the whole ring for all others. Nothing is ever
 * changed there, and nobody else looks there, so gpg locks nothing. The copies hold until a file of
 * the real home changes, whoever changed it, and go with their folder: no other worker sees them,
 * and none can find old ones. */
#include "keys-parts.h"
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

#define MOST_COPIES 256 /* then we begin again */
#define MOST_WAITING 64
#define WHOLE_RING "whole.kbx"
#define MOST_COPIED_BYTES (16 * 1024 * 1024) /* at a time */

struct hot {
    struct home *outer;
    struct home *home;   /* NULL: there are no copies */
    GHashTable *copies;  /* fingerprints */
    GHashTable *waiting; /* fingerprints of keys that were used once */
    gboolean again;      /* one of them was used once more: all of them are worth a copy */
    char *stamp;         /* of the real home when the copies were made */
};

struct hot *hot_new(struct home *outer)
{
    struct hot *hot = g_new0(struct hot, 1);

    hot->outer = outer;
    hot->copies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hot->waiting = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return hot;
}

static void forget_waiting(struct hot *hot)
{
    g_hash_table_remove_all(hot->waiting);
    hot->again = FALSE;
}

void hot_forget(struct hot *hot)
{
    g_clear_pointer(&hot->home, home_close);
    g_hash_table_remove_all(hot->copies);
    forget_waiting(hot);
}

void hot_free(struct hot *hot)
{
    if (!hot)
        return;
    hot_forget(hot);
    g_hash_table_unref(hot->copies);
    g_hash_table_unref(hot->waiting);
    g_free(hot->stamp);
    g_free(hot);
}

void hot_used(struct hot *hot, const char *fingerprint)
{
    if (!is_fingerprint(fingerprint) || g_hash_table_contains(hot->copies, fingerprint))
        return;
    hot->again |= g_hash_table_contains(hot->waiting, fingerprint);
    if (g_hash_table_size(hot->waiting) >= MOST_WAITING && !hot->again)
        forget_waiting(hot);
    g_hash_table_add(hot->waiting, g_strdup(fingerprint));
}

/* -- making copies -- */

static gboolean write_file(const struct hot *hot, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(hot->home->path, name, NULL);

    unlink(path); /* GLib would write over its beginning alone */
    return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

/* What one file holds is whole: gpg puts another one in its place, and in the one that was there
 * marks what is void, at most. */
static gboolean copy_ring(const struct hot *hot)
{
    g_autofree char *from = g_build_filename(hot->outer->path, "pubring.kbx", NULL);
    g_autofree char *to = g_build_filename(hot->home->path, WHOLE_RING, NULL);
    g_autoptr(GMappedFile) ring = g_mapped_file_new(from, FALSE, NULL);

    return ring && g_mapped_file_get_length(ring) <= LIMIT_JOB_BYTES &&
           g_file_set_contents_full(to, g_mapped_file_get_contents(ring),
               (gssize)g_mapped_file_get_length(ring), G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

/* Where our agent keeps its socket elsewhere, gpg would not look for it in a home of this kind. */
static gboolean open_new(struct hot *hot)
{
    const char *agent = agent_socket(hot->outer);
    g_autofree char *text = g_strdup_printf("%%Assuan%%\nsocket=%s\n", agent ? agent : "");

    if (!agent || !g_str_has_prefix(agent, hot->outer->path))
        return FALSE;
    hot->home = home_open_temporary(hot->outer, NULL);
    return hot->home && write_file(hot, "S.gpg-agent", text) && copy_ring(hot);
}

/* With all that hangs on them, revocations above all. */
static GBytes *take_out(const struct hot *hot)
{
    g_autofree const char **named =
        (const char **)g_hash_table_get_keys_as_array(hot->waiting, NULL);
    gpgme_ctx_t context = home_context(hot->outer, GPGME_PROTOCOL_OpenPGP, NULL);
    struct sink sink;
    g_auto_data out = data_into(&sink, MOST_COPIED_BYTES);
    gpgme_error_t failed = gpgme_error(GPG_ERR_ENOMEM);
    GBytes *bytes = NULL;

    if (context && out)
        failed = gpgme_op_export_ext(context, named, 0, out);
    if (!failed && sink.bytes->len > 0 && !sink.over)
        bytes = sink_steal(&sink);
    else
        home_forget_context(hot->outer, GPGME_PROTOCOL_OpenPGP);
    sink_clear(&sink);
    return bytes;
}

/* While keys are put in, gpg must not see that the whole ring has them. An agent that it started
 * here would answer for ours, and have no keys. */
static gboolean put_in(const struct hot *hot, GBytes *keys)
{
    g_autofree char *ours = home_options();
    g_autofree char *alone = g_strconcat(ours, "no-autostart\nlock-never\n", NULL);
    g_autofree char *both =
        g_strdup_printf("%skeyring %s/" WHOLE_RING "\n", alone, hot->home->path);

    return write_file(hot, "gpg.conf", alone) &&
           keys_take(hot->home, GPGME_PROTOCOL_OpenPGP, keys, NULL, NULL) &&
           write_file(hot, "gpg.conf", both);
}

static gboolean add_copies(struct hot *hot)
{
    g_autoptr(GBytes) keys = NULL;
    GHashTableIter waiting;
    gpointer fingerprint;

    if (g_hash_table_size(hot->copies) >= MOST_COPIES) {
        g_clear_pointer(&hot->home, home_close);
        g_hash_table_remove_all(hot->copies);
    }
    if (!hot->home && !open_new(hot))
        return FALSE;
    keys = take_out(hot);
    if (!keys || !put_in(hot, keys))
        return FALSE;
    g_hash_table_iter_init(&waiting, hot->waiting);
    while (g_hash_table_iter_next(&waiting, &fingerprint, NULL))
        g_hash_table_add(hot->copies, g_strdup(fingerprint));
    forget_waiting(hot);
    return TRUE;
}

static gboolean has_changed(struct hot *hot)
{
    char *stamp = known_stamp(hot->outer);
    gboolean changed = g_strcmp0(stamp, hot->stamp) != 0;

    g_free(hot->stamp);
    hot->stamp = stamp;
    return changed;
}

/* A change while the copies are made may have been seen or not, so it counts as well. */
struct home *hot_choose(struct hot *hot)
{
    if (has_changed(hot))
        hot_forget(hot);
    else if (hot->again && (!add_copies(hot) || has_changed(hot)))
        hot_forget(hot);
    return hot->home ? hot->home : hot->outer;
}
