/* libFuzzer: what a broken role may say to another. The first byte is how many files it sends
 * along, the rest is the packet. What is received is of its kind's type, in normal form, and the
 * same when it is sent again; whatever happens no file stays open. */
#include "ipc.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

enum { MOST_FILES = 5 };

static void require(gboolean holds)
{
    if (!holds)
        abort();
}

/* As ipc_send() would not. */
static gboolean send_packet(int channel, const guint8 *bytes, gsize size, int file, guint files)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MOST_FILES)];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec part = {(void *)(guintptr)bytes, size};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    int fds[MOST_FILES] = {file, file, file, file, file};

    if (files) {
        packet.msg_control = control.bytes;
        packet.msg_controllen = CMSG_SPACE(sizeof(int) * files);
        control.aligned.cmsg_level = SOL_SOCKET;
        control.aligned.cmsg_type = SCM_RIGHTS;
        control.aligned.cmsg_len = CMSG_LEN(sizeof(int) * files);
        memcpy(CMSG_DATA(&control.aligned), fds, sizeof(int) * files);
    }
    return sendmsg(channel, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* What was taken can be said again, and is heard as the same. */
static void check_again(int channel[2], const struct ipc_message *message)
{
    struct ipc_message again;

    require(message->kind < IPC_KINDS && g_variant_is_normal_form(message->body));
    require(ipc_send(channel[1], message->kind, message->body, message->fd, NULL));
    require(ipc_receive(channel[0], &again, NULL));
    require(again.kind == message->kind && g_variant_equal(again.body, message->body));
    require((again.fd >= 0) == (message->fd >= 0));
    ipc_message_clear(&again);
}

/* The lowest that is free. */
static int next_fd(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    require(fd >= 0);
    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    struct ipc_message message;
    g_autoptr(GError) error = NULL;
    int channel[2], file, before;
    guint8 *copy;

    if (size == 0)
        return 0;
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0);
    file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    before = next_fd();
    copy = g_memdup2(bytes, size); /* of this size exactly, for the sanitizer */
    if (send_packet(channel[1], copy + 1, size - 1, file, copy[0] % (MOST_FILES + 1))) {
        if (ipc_receive(channel[0], &message, &error))
            check_again(channel, &message);
        else
            require(message.fd == -1 && !message.body);
        ipc_message_clear(&message);
    }
    require(next_fd() == before);
    g_free(copy);
    close(file);
    close(channel[0]);
    close(channel[1]);
    return 0;
}
