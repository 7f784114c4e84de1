/*
 * Passwords. A file that others may read is no secret, so it is refused, with the command that
 * makes it one. A systemd credential lies in a folder that is ours alone (systemd.exec(5)); its
 * access list may show as a group that may read.
 */
#include "link-parts.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <mado/limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OF_OTHERS = 077, OF_OTHERS_IN_CREDENTIALS = 037 };

void secret_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

static gboolean refuse(GError **error, const char *what, const char *why)
{
    g_set_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE, "%s %s. Nothing was sent", what, why);
    return FALSE;
}

/* RFC 4616 forbids NUL in a password, and no protocol here can carry a line end; other controls are
 * a file of another kind. */
static gboolean is_plain(const char *data, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (g_ascii_iscntrl(data[i]) || data[i] == '\0')
            return FALSE;
    return TRUE;
}

char *secret_take_line(char *data, gsize size, const char *what, GError **error)
{
    const char *end = memchr(data, '\n', size);
    gsize length = end ? (gsize)(end - data) : size;
    char *secret = NULL;

    if (length && data[length - 1] == '\r')
        length--;
    if (length > LIMIT_SECRET_BYTES)
        refuse(error, what, "has a first line that is too long for a secret");
    else if (length == 0)
        refuse(error, what, "has an empty first line where the secret should be");
    else if (!is_plain(data, length))
        refuse(error, what, "has control characters in its first line, so it is no secret");
    else
        secret = g_strndup(data, length);
    explicit_bzero(data, size);
    return secret;
}

static gboolean check_file(int fd, const char *path, mode_t forbidden, GError **error)
{
    struct stat is;
    g_autofree char *command = NULL;

    if (fstat(fd, &is) < 0 || !S_ISREG(is.st_mode))
        return refuse(error, path, "is no ordinary file, so it is not read as a secret");
    if (is.st_uid != geteuid() && is.st_uid != 0) {
        command = g_strdup_printf(
            "belongs to another user, who could change it: chown %u %s", geteuid(), path);
        return refuse(error, path, command);
    }
    if (is.st_mode & forbidden) {
        command = g_strdup_printf("may be read by others: chmod 600 %s", path);
        return refuse(error, path, command);
    }
    return TRUE;
}

static char *read_line(int fd, const char *path, GError **error)
{
    char data[LIMIT_SECRET_BYTES + 2]; /* and one more, to know that it is too long */
    gsize size = 0;

    while (size < sizeof data) {
        ssize_t got = read(fd, data + size, sizeof data - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            refuse(error, path, g_strerror(errno));
            explicit_bzero(data, sizeof data);
            return NULL;
        }
        if (got == 0)
            break;
        size += (gsize)got;
    }
    return secret_take_line(data, size, path, error);
}

/* Without waiting: what has that name need not be a file. */
static char *read_secret(const char *path, mode_t forbidden, GError **error)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    char *secret = NULL;

    if (fd < 0) {
        g_autofree char *why = g_strdup_printf(
            "cannot be read: %s", errno == ELOOP ? "it is a symbolic link" : g_strerror(errno));
        refuse(error, path, why);
        return NULL;
    }
    if (check_file(fd, path, forbidden, error))
        secret = read_line(fd, path, error);
    close(fd);
    return secret;
}

char *secret_from_file(const char *path, GError **error)
{
    return read_secret(path, OF_OTHERS, error);
}

char *secret_from_credential(const char *name, GError **error)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *path = NULL;

    if (strchr(name, '/') || *name == '.' || *name == '\0') {
        refuse(error, "password_credential", "is a name without a slash or a leading dot");
        return NULL;
    }
    if (!folder || !g_path_is_absolute(folder)) {
        refuse(error, name,
            "is a systemd credential, and there are none here: start mado by its unit with "
            "LoadCredential=, or use password_file");
        return NULL;
    }
    path = g_build_filename(folder, name, NULL);
    return read_secret(path, OF_OTHERS_IN_CREDENTIALS, error);
}
