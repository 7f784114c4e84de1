/* The bytes behind DATA, in a memory file. */
#include "lmtp-parts.h"
#include "fd.h"
#include <unistd.h>

static void drop_file(struct lmtp_body *body)
{
    if (body->fd >= 0)
        close(body->fd);
    body->fd = -1;
    body->house->memory -= body->size;
    body->size = 0;
}

static void refuse(struct lmtp_body *body, const char *reply)
{
    body->refusal = reply;
    drop_file(body);
}

static void keep(struct lmtp_body *body, const void *data, gsize size)
{
    struct lmtp_house *house = body->house;
    gboolean alone = house->memory == body->size;

    if (body->refusal)
        return;
    if (body->size + size > house->max_message)
        refuse(body, TOO_LARGE);
    else if (!alone && house->memory + size > house->max_memory)
        refuse(body, NO_ROOM);
    else if (!fd_write_all(body->fd, data, size, NULL))
        refuse(body, NO_MEMORY);
    else
        house->memory += size, body->size += size;
}

gboolean lmtp_body_begin(struct lmtp_body *body, struct lmtp_house *house, const GString *head)
{
    *body = (struct lmtp_body){.house = house, .fd = fd_new_memory("mail", NULL)};
    if (body->fd < 0)
        return FALSE;
    keep(body, head->str, head->len);
    return TRUE;
}

gsize lmtp_body_feed(struct lmtp_body *body, const guint8 *data, gsize size)
{
    g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)size + 1);
    gsize used = dots_undo(&body->at, data, size, plain);

    keep(body, plain->data, plain->len);
    return used;
}

int lmtp_body_take(struct lmtp_body *body)
{
    int fd = body->fd;

    body->fd = -1;
    return fd;
}

void lmtp_body_clear(struct lmtp_body *body)
{
    if (body->house)
        drop_file(body);
    *body = (struct lmtp_body){.fd = -1};
}
