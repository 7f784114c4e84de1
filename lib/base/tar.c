#include "tar.h"
#include "error.h"
#include "fd.h"
#include <string.h>
#include <unistd.h>

enum { BLOCK = 512 };

/* POSIX.1-1988 ustar; numbers are octal digits. */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6],
        version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
G_STATIC_ASSERT(sizeof(struct header) == BLOCK);

static void put_number(char *field, gsize width, guint64 number)
{
    g_autofree char *digits = g_strdup_printf("%0*" G_GINT64_MODIFIER "o", (int)width - 1, number);

    memcpy(field, digits, width - 1);
}

static guint sum_of(const struct header *header)
{
    const guint8 *bytes = (const guint8 *)header;
    guint sum = 0;

    for (gsize i = 0; i < BLOCK; i++) {
        gboolean own =
            i >= G_STRUCT_OFFSET(struct header, sum) && i < G_STRUCT_OFFSET(struct header, type);
        sum += own ? ' ' : bytes[i];
    }
    return sum;
}

static gsize padding(guint64 size)
{
    return (gsize)((BLOCK - size % BLOCK) % BLOCK);
}

gboolean tar_add(int fd, const char *name, GBytes *bytes, gint64 at, GError **error)
{
    static const char zeros[BLOCK];
    struct header header = {.type = '0', .magic = "ustar", .version = "00"};
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);

    memcpy(header.name, name, MIN(strlen(name), sizeof header.name));
    put_number(header.mode, sizeof header.mode, 0600);
    put_number(header.uid, sizeof header.uid, 0);
    put_number(header.gid, sizeof header.gid, 0);
    put_number(header.size, sizeof header.size, size);
    put_number(header.mtime, sizeof header.mtime, (guint64)at);
    put_number(header.sum, sizeof header.sum - 1, sum_of(&header));
    header.sum[7] = ' ';
    return fd_write_all(fd, &header, sizeof header, error) && fd_write_all(fd, data, size, error) &&
           fd_write_all(fd, zeros, padding(size), error);
}

gboolean tar_end(int fd, GError **error)
{
    static const char zeros[2 * BLOCK];

    return fd_write_all(fd, zeros, sizeof zeros, error);
}

static int broken(GError **error)
{
    g_set_error(error, MADO_ERROR, MADO_E_BAD_DATA,
        "it is cut short, damaged, or no file that mado has written");
    return -1;
}

static gboolean read_at(int fd, guint64 from, void *into, gsize size)
{
    for (gsize done = 0; done < size;) {
        gssize got = pread(fd, (char *)into + done, size - done, (off_t)(from + done));
        if (got <= 0)
            return FALSE;
        done += (gsize)got;
    }
    return TRUE;
}

static guint64 get_number(const char *field, gsize width)
{
    g_autofree char *digits = g_strndup(field, width);

    return g_ascii_strtoull(digits, NULL, 8);
}

int tar_next(int fd, struct tar_member *member, GError **error)
{
    guint64 at = member->from + member->size + padding(member->size);
    struct header header;

    if (!read_at(fd, at, &header, sizeof header))
        return broken(error);
    if (!*header.name)
        return 0;
    if (memcmp(header.magic, "ustar", 5) != 0 || header.type != '0' ||
        get_number(header.sum, sizeof header.sum) != sum_of(&header))
        return broken(error);
    memcpy(member->name, header.name, sizeof header.name);
    member->name[sizeof header.name] = '\0';
    member->size = get_number(header.size, sizeof header.size);
    member->from = at + BLOCK;
    return 1;
}

GBytes *tar_bytes(int fd, const struct tar_member *member, gsize most, GError **error)
{
    g_autofree guint8 *bytes = member->size <= most ? g_malloc((gsize)member->size + 1) : NULL;

    if (!bytes || !read_at(fd, member->from, bytes, (gsize)member->size)) {
        broken(error);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&bytes), (gsize)member->size);
}
