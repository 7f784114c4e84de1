#include "launcher.h"
#include "error.h"
#include "program.h"
#include <build-facts.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Of the roles that are not madod itself. */
static const char *const names[ROLE_KINDS] = {
    [ROLE_READER] = "mado-reader",
    [ROLE_KEYS] = "mado-keys",
};

/* Never where a role has its channel. */
static int open_to_run(const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    int moved = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, CHANNEL_FD + 1) : -1;

    if (fd >= 0)
        close(fd);
    return moved;
}

gboolean launcher_open_programs(
    struct launcher_program programs[ROLE_KINDS], const char *self, GError **error)
{
    for (int kind = 0; kind < ROLE_KINDS; kind++) {
        char *found = names[kind] ? program_find(names[kind], MADO_LIBEXECDIR) : NULL;
        programs[kind].fd = open_to_run(found ? found : "/proc/self/exe");
        programs[kind].path = found ? found : g_strdup(self);
        if (programs[kind].fd < 0) {
            g_set_error(error, MADO_ERROR, MADO_E_ROLE,
                "%s cannot be opened: %s. Nothing was started; install mado anew",
                programs[kind].path, g_strerror(errno));
            return FALSE;
        }
    }
    return TRUE;
}
