#include "socket.h"
#include "error.h"
#include "log.h"
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING_AT_MOST = 64 }; /* who has not been let in yet */

static int fail(int fd, GError **error, const char *path, const char *why)
{
    g_set_error(error, MADO_ERROR, MADO_E_ROLE,
        "The socket %s cannot be opened: %s. Nothing comes in by it until that is mended", path,
        why);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A daemon that was killed leaves its socket behind; one that runs answers. */
static gboolean make_room(const struct sockaddr_un *address, int type)
{
    struct stat is;
    int probe;
    gboolean stale;

    if (lstat(address->sun_path, &is) < 0)
        return TRUE;
    if (!S_ISSOCK(is.st_mode))
        return FALSE;
    probe = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    stale = connect(probe, (const struct sockaddr *)address, sizeof *address) < 0 &&
            errno == ECONNREFUSED;
    close(probe);
    return stale && unlink(address->sun_path) == 0;
}

/* (gid_t)-1: it is nobody's but ours. */
static gid_t find_group(const char *name, const char *path)
{
    const struct group *known = name && *name ? getgrnam(name) : NULL;

    if (name && *name && !known)
        log_event(LOG_LEVEL_WARN, 0, "no-group",
            "group %s does not exist: only this user may use %s", name, path);
    return known ? known->gr_gid : (gid_t)-1;
}

/* Closed to all until it has its group. */
static gboolean bind_for(int fd, const struct sockaddr_un *address, const char *group)
{
    gid_t gid = find_group(group, address->sun_path);
    mode_t before = umask(0177);
    gboolean bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;

    umask(before);
    if (!bound || gid == (gid_t)-1)
        return bound;
    return chown(address->sun_path, (uid_t)-1, gid) == 0 && chmod(address->sun_path, 0660) == 0;
}

int socket_listen(const char *path, int type, const char *group, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return fail(-1, error, path,
            "its name is longer than 107 characters; give it a shorter one (daemon.run, or path)");
    if (!make_room(&address, type))
        return fail(-1, error, path, "another madod answers there, or it is no socket");
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !bind_for(fd, &address, group) || listen(fd, WAITING_AT_MOST) < 0)
        return fail(fd, error, path, g_strerror(errno));
    return fd;
}
