/* The programs that look for harm look into files, not into what is sealed: by agreement of those
 * who exchange samples the password is "infected". It keeps out nobody but the careless, so the
 * oldest way of zip files does, which every program opens. */
#include "error.h"
#include "madoctl.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#define PASSWORD "infected"
enum { LONGEST_NAME = 120 }; /* characters */

/* -- the name -- */

static gboolean is_harmless(gunichar c)
{
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ||
           (c < 0x80 && strchr("-_+=@,()[] ", (int)c));
}

/* A dot at the beginning hides a file, and one at the end is lost on some systems. */
char *wrapped_name(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    GString *out = g_string_new(NULL);
    glong length = 0;

    for (const char *at = valid; *at && length < LONGEST_NAME; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        gboolean dot = c == '.' && out->len > 0;
        if (c == '/' || c == '\\') {
            g_string_truncate(out, 0);
            length = 0;
            continue;
        }
        g_string_append_unichar(out, dot || (is_harmless(c) && !text_is_dangerous(c)) ? c : '_');
        length++;
    }
    g_strstrip(out->str);
    out->len = strlen(out->str);
    while (out->len > 0 && out->str[out->len - 1] == '.')
        g_string_truncate(out, out->len - 1);
    if (!out->len)
        g_string_assign(out, "file");
    return g_string_free(out, FALSE);
}

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

/* The caller unrefs it; NULL: it cannot be made. */
static GBytes *make_zip(const char *name, GBytes *bytes)
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
    g_autoptr(GBytes) zip = make_zip(name, bytes);
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
