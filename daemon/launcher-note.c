#include "launcher.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const names[ROLE_KINDS] = {
    "desk", "intake", "reader", "courier", "dialler", "hook", "keys"};

const char *role_name(enum role_kind kind)
{
    return names[kind];
}

enum role_kind role_from_name(const char *name)
{
    int kind = 0;

    while (kind < ROLE_KINDS && !g_str_equal(names[kind], name))
        kind++;
    return kind;
}

gboolean launcher_send(int channel, const struct launcher_note *note, int fd)
{
    struct iovec part = {(void *)(guintptr)note, sizeof *note};
    union {
        char bytes[CMSG_SPACE(sizeof fd)];
        struct cmsghdr aligned;
    } control = {0};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        packet.msg_control = &control;
        packet.msg_controllen = sizeof control;
        control.aligned.cmsg_level = SOL_SOCKET;
        control.aligned.cmsg_type = SCM_RIGHTS;
        control.aligned.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.aligned), &fd, sizeof fd);
    }
    /* Never waits: a desk that hangs must not hang the launcher. */
    return sendmsg(channel, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof *note;
}

gboolean launcher_receive(int channel, struct launcher_note *note, int *fd)
{
    struct iovec part = {note, sizeof *note};
    union {
        char bytes[CMSG_SPACE(sizeof *fd)];
        struct cmsghdr aligned;
    } control;
    struct msghdr packet = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control};
    ssize_t got = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    struct cmsghdr *ancillary = got > 0 ? CMSG_FIRSTHDR(&packet) : NULL;

    *fd = -1;
    if (ancillary && ancillary->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(ancillary), sizeof *fd);
    if (got == sizeof *note && note->op < LAUNCHER_OPS && note->kind < ROLE_KINDS &&
        note->instance < ROLE_INSTANCES)
        return TRUE;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return FALSE;
}
