#include "ipc.h"
#include "error.h"
#include "fd.h"
#include <mado/limits.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *type;
    gboolean file;
} kinds[IPC_KINDS] = {
    [IPC_SETTINGS] = {"a{sv}", FALSE},
    [IPC_READY] = {"()", FALSE},
    [IPC_PING] = {"()", FALSE},
    [IPC_PONG] = {"()", FALSE},
    [IPC_ASK] = {"(tas)", FALSE},
    [IPC_KNOWN] = {"ab", FALSE},
    [IPC_MAIL] = {"(tts)", TRUE},
    [IPC_TAKEN] = {"(t)", FALSE},
    [IPC_REFUSED] = {"(ts)", FALSE},
    [IPC_SCANNED] = {"(t)", FALSE},
    [IPC_TROUBLE] = {"(s)", FALSE},
    [IPC_LEFT] = {"(s)", FALSE},
    [IPC_READ] = {"(tb)", TRUE},
    [IPC_FACTS] = {"(tus)", TRUE},
    [IPC_CUT] = {"(tbs)", TRUE},
    [IPC_PIECE] = {"(tus)", TRUE},
    [IPC_SEND] = {"(tss)", TRUE},
    [IPC_DOT] = {"(t)", FALSE},
    [IPC_SENT] = {"(tus)", FALSE},
    [IPC_NEED] = {"(u)", TRUE},
    [IPC_HAVE] = {"(us)", TRUE},
    [IPC_STATE] = {"(s)", FALSE},
    [IPC_PAUSE] = {"(s)", FALSE},
    [IPC_PROVE] = {"()", FALSE},
    [IPC_PROVED] = {"(s)", FALSE},
    [IPC_WORK] = {"(tu)", TRUE},
    [IPC_WORKED] = {"(tus)", TRUE},
};

/* GVariant wants its data aligned to eight bytes, so the header is eight bytes long. */
struct header {
    guint32 kind;
    guint32 reserved;
};

static gboolean out_of_turn(GError **error, const char *how)
{
    g_set_error(error, MADO_ERROR, MADO_E_IPC, "a role spoke out of turn: %s", how);
    return FALSE;
}

static void attach_fd(struct msghdr *packet, void *control, gsize control_size, int fd)
{
    struct cmsghdr *ancillary;

    packet->msg_control = control;
    packet->msg_controllen = control_size;
    ancillary = CMSG_FIRSTHDR(packet);
    ancillary->cmsg_level = SOL_SOCKET;
    ancillary->cmsg_type = SCM_RIGHTS;
    ancillary->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(ancillary), &fd, sizeof fd);
}

gboolean ipc_send(int channel, enum ipc_kind kind, GVariant *body, int fd, GError **error)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(body);
    struct header header = {.kind = kind};
    struct iovec parts[] = {
        {&header, sizeof header},
        {(void *)(guintptr)g_variant_get_data(held), g_variant_get_size(held)},
    };
    union {
        char bytes[CMSG_SPACE(sizeof fd)];
        struct cmsghdr aligned;
    } control = {0};
    struct msghdr packet = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
    ssize_t sent;

    g_return_val_if_fail(g_variant_is_of_type(held, G_VARIANT_TYPE(kinds[kind].type)), FALSE);
    if (parts[1].iov_len > LIMIT_IPC_INLINE)
        return out_of_turn(error, "a message of ours is too long");
    if (fd >= 0)
        attach_fd(&packet, &control, sizeof control, fd);
    do
        sent = sendmsg(channel, &packet, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "a role cannot be told: %s",
        g_strerror(errno));
    return FALSE;
}

/* Takes the descriptors of a packet; those behind the first are closed, and counted. */
static int take_fds(struct msghdr *packet, int *count)
{
    int first = -1;

    *count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(packet); c; c = CMSG_NXTHDR(packet, c)) {
        int here =
            c->cmsg_type == SCM_RIGHTS ? (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
        for (int i = 0; i < here; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + (gsize)i * sizeof fd, sizeof fd);
            if ((*count)++ == 0)
                first = fd;
            else
                close(fd);
        }
    }
    return first;
}

/* The body of a packet in normal form, or NULL. The bytes are copied: they are a stack buffer's. */
static GVariant *parse_body(enum ipc_kind kind, const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    GVariant *body = g_variant_ref_sink(
        g_variant_new_from_bytes(G_VARIANT_TYPE(kinds[kind].type), bytes, FALSE));

    if (ipc_is_normal(body))
        return body;
    g_variant_unref(body);
    return NULL;
}

static gboolean check_packet(
    const guint8 *data, gsize size, int flags, int fds, struct ipc_message *message, GError **error)
{
    struct header header;

    if (size < sizeof header || flags & (MSG_TRUNC | MSG_CTRUNC))
        return out_of_turn(error, "too short or too long a message");
    memcpy(&header, data, sizeof header);
    if (header.kind >= IPC_KINDS || header.reserved != 0)
        return out_of_turn(error, "an unknown kind of message");
    if (fds > (kinds[header.kind].file ? LIMIT_IPC_FDS : 0))
        return out_of_turn(error, "a file that nobody asked for");
    message->kind = header.kind;
    message->body = parse_body(header.kind, data + sizeof header, size - sizeof header);
    return message->body ? TRUE : out_of_turn(error, "a malformed message");
}

gboolean ipc_receive(int channel, struct ipc_message *message, GError **error)
{
    static guint8 data[sizeof(struct header) + LIMIT_IPC_INLINE] __attribute__((aligned(8)));
    union {
        char bytes[CMSG_SPACE(sizeof(int) * (LIMIT_IPC_FDS + 1))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {data, sizeof data};
    struct msghdr packet = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control};
    ssize_t got;
    int fds;

    *message = (struct ipc_message){.kind = IPC_KINDS, .fd = -1};
    do
        got = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno != ECONNRESET) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
            "a role cannot be heard: %s", g_strerror(errno));
        return FALSE;
    }
    if (got < 0)
        return FALSE;
    message->fd = take_fds(&packet, &fds);
    if (got == 0) { /* the end; or an empty packet, which may bring files all the same */
        ipc_message_clear(message);
        return FALSE;
    }
    if (check_packet(data, (gsize)got, packet.msg_flags, fds, message, error))
        return TRUE;
    ipc_message_clear(message);
    return FALSE;
}

void ipc_message_clear(struct ipc_message *message)
{
    g_clear_pointer(&message->body, g_variant_unref);
    if (message->fd >= 0)
        close(message->fd);
    message->fd = -1;
}

gboolean ipc_write_variant(int fd, GVariant *variant, GError **error)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(variant);

    return fd_write_all(fd, g_variant_get_data(held), g_variant_get_size(held), error);
}

GVariant *ipc_read_variant(int fd, const char *type, guint64 max, GError **error)
{
    guint64 size;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GVariant) variant = NULL;

    if (!fd_seal(fd, max, &size, error) || !(bytes = fd_map(fd, size, error)))
        return NULL;
    variant = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, FALSE));
    if (!ipc_is_normal(variant)) {
        out_of_turn(error, "malformed facts");
        return NULL;
    }
    return g_steal_pointer(&variant);
}
