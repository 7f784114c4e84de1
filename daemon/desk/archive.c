/*
 * A file, sealed to our own keys
 *
 * It may be larger than one operation of gpg should be long, so it is sealed in pieces, each a
 * message of its own and a job like those of mail, which are served in between. The last member
 * says what all pieces together are (SHA-256), and is signed: so none is missing, or stands in
 * another place, or comes from another file. Any host with tar, gpg and our key can open it:
 *   for p in data.*.pgp; do gpg --decrypt $p; done
 */
#include "state.h"
#include "ctl.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include "tar.h"
#include <build-facts.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 4 * 1024 * 1024 };

struct archive {
    struct desk *desk;
    char *kind, *path, *part;
    int from, to;
    guint64 size, read;
    guint pieces;
    GChecksum *sum;
    char *signer;
    char **keys;
    guint64 rows;
    char *hash;
    GBytes *manifest;
    gint64 at;
    archive_done done;
    gpointer data;
};

static void archive_free(struct archive *archive)
{
    if (archive->from >= 0)
        close(archive->from);
    if (archive->to >= 0)
        close(archive->to);
    g_clear_pointer(&archive->sum, g_checksum_free);
    g_clear_pointer(&archive->manifest, g_bytes_unref);
    g_strfreev(archive->keys);
    g_free(archive->signer);
    g_free(archive->kind);
    g_free(archive->path);
    g_free(archive->part);
    g_free(archive->hash);
    g_free(archive);
}

static gboolean fail(const char *path, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE,
        "%s cannot be written: %s. Nothing was kept; see its folder, and the disk", path,
        g_strerror(errno));
    return FALSE;
}

/* -- our keys -- */

static gboolean is_for_now(const struct key *key)
{
    gint64 now = now_seconds();

    return !key->cms && !key->revoked && (!key->expires || key->expires > now);
}

/* All that open what is sealed; the first that signs does. */
static char **find_keys(struct desk *desk, char **signer, GError **error)
{
    g_autoptr(GPtrArray) own = store_keys_in(desk->store, "own", error);
    g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);

    *signer = NULL;
    for (guint i = 0; own && i < own->len; i++) {
        const struct key *key = own->pdata[i];
        if (!is_for_now(key))
            continue;
        if (key->can_encrypt)
            g_ptr_array_add(to, g_strdup(key->fingerprint));
        if (key->can_sign && !*signer)
            *signer = g_strdup(key->fingerprint);
    }
    if (own && to->len && *signer) {
        g_ptr_array_add(to, NULL);
        return (char **)g_ptr_array_steal(to, NULL);
    }
    g_clear_pointer(signer, g_free);
    if (own)
        error_set(error, MADO_E_KEYS_REFUSED,
            "There is no OpenPGP key of ours that is good, to seal it to. Nothing was written. "
            "Make "
            "one: madoctl key init; or bring yours in: madoctl key import FILE --own");
    return NULL;
}

gboolean archive_may(struct desk *desk, GError **error)
{
    g_autofree char *signer = NULL;
    g_auto(GStrv) keys = find_keys(desk, &signer, error);

    return keys != NULL;
}

/* -- the end -- */

static void end(struct archive *archive, const GError *error)
{
    g_autofree char *keys = g_strjoinv(" ", archive->keys);
    struct stat is = {0};

    if (error)
        unlink(archive->part);
    else
        stat(archive->path, &is);
    archive->done(archive->desk, archive->data,
        &(struct archive_end){archive->path, keys, (guint64)is.st_size, error});
    archive_free(archive);
}

static gboolean give_its_name(struct archive *archive, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(archive->path);

    if (!tar_end(archive->to, error))
        return FALSE;
    if (fsync(archive->to) < 0)
        return fail(archive->part, error);
    fault_pass("archive_whole");
    return rename(archive->part, archive->path) == 0 ? fd_sync_folder(folder, error)
                                                     : fail(archive->path, error);
}

static void on_signed(struct desk *desk, gpointer data, const struct job_end *job)
{
    struct archive *archive = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) content = NULL;
    g_autoptr(GBytes) signature = NULL;

    if (task_job_done(job, &error)) {
        content = g_variant_get_child_value(job->result, 0);
        signature = g_variant_get_data_as_bytes(content);
        if (tar_add(archive->to, "manifest.json", archive->manifest, archive->at, &error) &&
            tar_add(archive->to, "manifest.json.asc", signature, archive->at, &error))
            give_its_name(archive, &error);
    }
    end(archive, error);
}

static GBytes *make_manifest(const struct archive *archive)
{
    json_t *row = ctl_row();
    char *text;

    json_object_set_new(row, "kind", ctl_string(archive->kind));
    json_object_set_new(row, "team", ctl_string(archive->desk->settings->team.name));
    json_object_set_new(row, "made", ctl_time(archive->at, NULL));
    json_object_set_new(row, "by", ctl_string("mado " MADO_VERSION));
    json_object_set_new(row, "pieces", json_integer(archive->pieces));
    json_object_set_new(row, "size", json_integer((json_int_t)archive->size));
    json_object_set_new(row, "sha256", ctl_string(g_checksum_get_string(archive->sum)));
    json_object_set_new(row, "journal_rows", json_integer((json_int_t)archive->rows));
    json_object_set_new(row, "journal_hash", ctl_string(archive->hash));
    text = ctl_dump(row);
    json_decref(row);
    return g_bytes_new_take(text, strlen(text));
}

/* -- pieces -- */

static void seal(struct archive *archive, GBytes *bytes, char **to, job_done done)
{
    struct seal_job job = {.signer = archive->signer, .to = to, .data = bytes, .archive = TRUE};

    jobs_do(archive->desk, KEYS_SEAL, seal_job_to_variant(&job), done, archive);
}

static GBytes *next_piece(struct archive *archive, GError **error)
{
    gsize size = (gsize)MIN(archive->size - archive->read, PIECE);
    g_autofree guint8 *bytes = g_malloc(size + 1);

    for (gsize done = 0; done < size;) {
        gssize got = pread(archive->from, bytes + done, size - done, (off_t)(archive->read + done));
        if (got <= 0) {
            error_set(error, MADO_E_STORE_READ,
                "what was to be sealed cannot be read back: %s. Nothing was kept",
                g_strerror(errno));
            return NULL;
        }
        done += (gsize)got;
    }
    archive->read += size;
    g_checksum_update(archive->sum, bytes, (gssize)size);
    return g_bytes_new_take(g_steal_pointer(&bytes), size);
}

static void on_sealed(struct desk *desk, gpointer data, const struct job_end *job);

static gboolean go_on(struct archive *archive, GError **error)
{
    static char *nobody[] = {NULL};
    g_autoptr(GBytes) piece = NULL;

    if (archive->read == archive->size) {
        archive->manifest = make_manifest(archive);
        seal(archive, archive->manifest, nobody, on_signed);
        return TRUE;
    }
    piece = next_piece(archive, error);
    if (piece)
        seal(archive, piece, archive->keys, on_sealed);
    return piece != NULL;
}

static gboolean keep_piece(struct archive *archive, GVariant *result, GError **error)
{
    g_autofree char *name = g_strdup_printf("data.%06u.pgp", archive->pieces++);
    g_autoptr(GVariant) content = g_variant_get_child_value(result, 0);
    g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(content);

    if (!tar_add(archive->to, name, bytes, archive->at, error))
        return FALSE;
    fault_pass("archive_piece");
    return fdatasync(archive->to) == 0 || fail(archive->part, error);
}

static void on_sealed(struct desk *desk, gpointer data, const struct job_end *job)
{
    struct archive *archive = data;
    g_autoptr(GError) error = NULL;

    if (!task_job_done(job, &error) || !keep_piece(archive, job->result, &error) ||
        !go_on(archive, &error))
        end(archive, error);
}

/* -- start -- */

static gboolean open_files(struct archive *archive, GError **error)
{
    struct stat is;

    if (fstat(archive->from, &is) < 0)
        return fail(archive->path, error);
    archive->size = (guint64)is.st_size;
    unlink(archive->part);
    archive->to = open(archive->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return archive->to >= 0 || fail(archive->part, error);
}

struct archive *archive_begin(struct desk *desk, const struct archive_wanted *wanted,
    archive_done done, gpointer data, GError **error)
{
    struct archive *archive = g_new0(struct archive, 1);

    *archive = (struct archive){.desk = desk,
        .kind = g_strdup(wanted->kind),
        .path = g_strdup(wanted->path),
        .part = g_strconcat(wanted->path, ".part", NULL),
        .from = wanted->from,
        .to = -1,
        .sum = g_checksum_new(G_CHECKSUM_SHA256),
        .rows = wanted->rows,
        .hash = g_strdup(wanted->hash),
        .at = now_seconds(),
        .done = done,
        .data = data};
    archive->keys = find_keys(desk, &archive->signer, error);
    if (archive->keys && open_files(archive, error) && go_on(archive, error))
        return archive;
    unlink(archive->part);
    archive_free(archive);
    return NULL;
}

void archive_progress(const struct archive *archive, guint64 *done, guint64 *all)
{
    *done = archive->read;
    *all = archive->size;
}
