#include "dots.h"
#include <string.h>

enum byte { IS_CR, IS_LF, IS_DOT, IS_OTHER, BYTES };

/*
 * RFC 5321 4.1.1.4 and 4.5.2, to the letter: only CRLF "." CRLF is the end, only a dot behind CRLF
 * is undone. A bare CR or LF is a byte of the mail as any other; taken for a line end it would let
 * a sender smuggle a second mail into the session (RFC 5321 2.3.8).
 */
static const struct {
    enum dots next;
    gboolean keep;    /* the byte is the mail's */
    gboolean kept_cr; /* and so is the CR behind the dot, which was held back */
} moves[DOTS_PLACES][BYTES] = {
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

/* To the next CR, or to the end. */
static gsize run_of_text(const guint8 *data, gsize size)
{
    const guint8 *cr = memchr(data, '\r', size);
    return cr ? (gsize)(cr - data) : size;
}

/* One byte, by the table. */
static void step(enum dots *at, guint8 byte, GByteArray *plain)
{
    enum byte kind = kind_of(byte);

    if (moves[*at][kind].kept_cr)
        g_byte_array_append(plain, (const guint8 *)"\r", 1);
    if (moves[*at][kind].keep)
        g_byte_array_append(plain, &byte, 1);
    *at = moves[*at][kind].next;
}

gsize dots_undo(enum dots *at, const guint8 *data, gsize size, GByteArray *plain)
{
    gsize used = 0;

    while (used < size && *at != AT_END) {
        gsize run = *at == IN_TEXT ? run_of_text(data + used, size - used) : 0;
        g_byte_array_append(plain, data + used, (guint)run);
        used += run;
        if (run == 0)
            step(at, data[used++], plain);
    }
    return used;
}
