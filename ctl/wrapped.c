/* The programs that look for harm look into files, not into what is sealed: by agreement of those
 * who exchange samples the password is "infected". It keeps out nobody but the careless, so the
 * oldest way of zip files does, which every program opens. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#define PASSWORD "infected"
/* -- the zip, in memory -- */

static gboolean add_file(zip_t *zip, const char *name, GBytes *bytes)
{
    gsize size;
    gconstpointer data = g_bytes_get_data(bytes, &size);
    zip_source_t *file = zip_source_buffer(zip, data ? data : "", size, 0);
    zip_int64_t place;

    if (!file)
        return FALSE;
    place = zip_file_add(zip, name, file, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
        zip_source_free(file);
        return FALSE;
    }
    return zip_file_set_encryption(zip, (zip_uint64_t)place, ZIP_EM_TRAD_PKWARE, PASSWORD) == 0;
}

static GBytes *take_all(zip_source_t *source)
{
    zip_stat_t is;
    guint8 *data;
    zip_int64_t got;

    if (zip_source_stat(source, &is) < 0 || zip_source_open(source) < 0)
        return NULL;
    data = g_malloc(is.size);
    got = zip_source_read(source, data, is.size);
    zip_source_close(source);
    if (got == (zip_int64_t)is.size)
        return g_bytes_new_take(data, is.size);
    g_free(data);
    return NULL;
}

GBytes *wrapped_make(const char *name, GBytes *bytes)
{
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, NULL) : NULL;
    GBytes *made = NULL;

    if (!zip) {
        zip_source_free(source);
        return NULL;
    }
    zip_source_keep(source);
    if (!add_file(zip, name, bytes) || zip_close(zip) < 0)
        zip_discard(zip);
    else
        made = take_all(source);
    zip_source_free(source);
    return made;
}

/* -- the file -- */

static gboolean write_all(int fd, GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);

    for (gsize done = 0; done < size;) {
        gssize put = write(fd, data + done, size - done);
        if (put < 0 && errno != EINTR)
            return FALSE;
        done += (gsize)MAX(put, 0);
    }
    return fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
}

static gboolean refuse(const char *path, const char *why, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE,
        "%s cannot be written: %s. Nothing was saved. Write another name: --to FILE.zip", path,
        why);
    return FALSE;
}

gboolean wrapped_write(const char *path, const char *name, GBytes *bytes, GError **error)
{
    g_autoptr(GBytes) zip = wrapped_make(name, bytes);
    int fd, failure;
    gboolean done;

    if (!zip)
        return refuse(path, "the zip cannot be made", error);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return refuse(path, g_strerror(errno), error);
    errno = 0;
    done = write_all(fd, zip);
    failure = errno;
    if (close(fd) < 0 && done) {
        done = FALSE;
        failure = errno;
    }
    if (done)
        return TRUE;
    unlink(path);
    return refuse(path, g_strerror(failure), error);
}
