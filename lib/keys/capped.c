/* Bytes into and out of GPGME. What comes out is capped here: a message of 3 KB may become 2 GB.
 * (gpg's own max-output truncates, and GPGME calls that a success.) */
#include "keys-parts.h"
#include <errno.h>

static gssize take(void *handle, const void *buffer, gsize size)
{
    struct sink *sink = handle;

    if (size > sink->limit - sink->bytes->len) {
        sink->over = TRUE;
        errno = EFBIG;
        return -1;
    }
    g_byte_array_append(sink->bytes, buffer, (guint)size);
    return (gssize)size;
}

static struct gpgme_data_cbs sink_callbacks = {.write = take};

void data_free(gpgme_data_t *data)
{
    if (*data)
        gpgme_data_release(*data);
    *data = NULL;
}

gpgme_data_t data_from(GBytes *bytes)
{
    gsize size;
    const char *start = g_bytes_get_data(bytes, &size);
    gpgme_data_t data = NULL;

    return gpgme_data_new_from_mem(&data, size ? start : "", size, 0) == 0 ? data : NULL;
}

gpgme_data_t data_into(struct sink *sink, gsize limit)
{
    gpgme_data_t data = NULL;

    *sink = (struct sink){g_byte_array_new(), limit, FALSE};
    return gpgme_data_new_from_cbs(&data, &sink_callbacks, sink) == 0 ? data : NULL;
}

void sink_clear(struct sink *sink)
{
    g_clear_pointer(&sink->bytes, g_byte_array_unref);
}

GBytes *sink_steal(struct sink *sink)
{
    return g_byte_array_free_to_bytes(g_steal_pointer(&sink->bytes));
}
