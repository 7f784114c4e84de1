/* The bytes behind DATA: dots undone, the end found, and nothing else changed. */
#include "lmtp-parts.h"
#include "fd.h"
#include <string.h>
#include <unistd.h>

#define TOO_LARGE "552 5.3.4 larger than is taken here"
#define NO_ROOM "452 4.3.1 too much mail in hand, try again later"
#define NO_MEMORY "451 4.3.0 no memory for it, try again later"

enum byte { IS_CR, IS_LF, IS_DOT, IS_OTHER, BYTES };

/*
 * RFC 5321 4.1.1.4 and 4.5.2, to the letter: only CRLF "." CRLF is the end, only a dot behind CRLF
 * is undone. A bare CR or LF is a byte of the mail as any other; taken for a line end it would let
 * a sender smuggle a second mail into the session (RFC 5321 2.3.8).
 */
static const struct {
    enum lmtp_place next;
    gboolean keep;    /* the byte is the mail's */
    gboolean kept_cr; /* and so is the CR behind the dot, which was held back */
} moves[LMTP_PLACES][BYTES] = {
    [AT_LINE] = {{AT_CR, TRUE}, {IN_TEXT, TRUE}, {AT_DOT, FALSE}, {IN_TEXT, TRUE}},
    [AT_DOT] = {{AT_DOT_CR, FALSE}, {IN_TEXT, TRUE}, {IN_TEXT, TRUE}, {IN_TEXT, TRUE}},
    [AT_DOT_CR] = {{AT_CR, TRUE, TRUE}, {AT_END, FALSE}, {IN_TEXT, TRUE, TRUE},
        {IN_TEXT, TRUE, TRUE}},
    [IN_TEXT] = {{AT_CR, TRUE}, {IN_TEXT, TRUE}, {IN_TEXT, TRUE}, {IN_TEXT, TRUE}},
    [AT_CR] = {{AT_CR, TRUE}, {AT_LINE, TRUE}, {IN_TEXT, TRUE}, {IN_TEXT, TRUE}},
};

static enum byte kind_of(guint8 byte)
{
    return byte == '\r' ? IS_CR : byte == '\n' ? IS_LF : byte == '.' ? IS_DOT : IS_OTHER;
}

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

gboolean body_begin(struct lmtp_body *body, struct lmtp_house *house, const GString *head)
{
    *body = (struct lmtp_body){.house = house, .fd = fd_new_memory("mail", NULL)};
    if (body->fd < 0)
        return FALSE;
    keep(body, head->str, head->len);
    return TRUE;
}

/* To the next CR, or to the end. */
static gsize run_of_text(const guint8 *data, gsize size)
{
    const guint8 *cr = memchr(data, '\r', size);
    return cr ? (gsize)(cr - data) : size;
}

/* One byte, by the table. */
static void step(struct lmtp_body *body, guint8 byte, GByteArray *plain)
{
    enum lmtp_place at = body->at;
    enum byte kind = kind_of(byte);

    if (moves[at][kind].kept_cr)
        g_byte_array_append(plain, (const guint8 *)"\r", 1);
    if (moves[at][kind].keep)
        g_byte_array_append(plain, &byte, 1);
    body->at = moves[at][kind].next;
}

gsize body_feed(struct lmtp_body *body, const guint8 *data, gsize size)
{
    g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)size + 1);
    gsize used = 0;

    while (used < size && body->at != AT_END) {
        gsize run = body->at == IN_TEXT ? run_of_text(data + used, size - used) : 0;
        g_byte_array_append(plain, data + used, (guint)run);
        used += run;
        if (run == 0)
            step(body, data[used++], plain);
    }
    keep(body, plain->data, plain->len);
    return used;
}

int body_take(struct lmtp_body *body)
{
    int fd = body->fd;

    body->fd = -1;
    return fd;
}

void body_clear(struct lmtp_body *body)
{
    if (body->house)
        drop_file(body);
    *body = (struct lmtp_body){.fd = -1};
}
