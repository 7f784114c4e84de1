/*
 * libetpan on our link. The link verifies, counts bytes and keeps the time; the guard looks at each
 * line before libetpan does. An end in the middle is an error (libetpan would read for ever).
 */
#include "imap-parts.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

enum { STREAM_BUFFER = 64 * 1024 };

/* "* 23 EXISTS", "* 4 EXPUNGE": they may stand in the answer to any command (RFC 9051, 7.4.1), and
 * are not said again. */
static void count_mails(struct imap_wire *wire)
{
    const char *line = wire->line->str;
    char *word;
    guint64 number;

    if (!g_str_has_prefix(line, "* "))
        return;
    number = g_ascii_strtoull(line + 2, &word, 10);
    if (g_ascii_strcasecmp(word, " EXISTS") == 0) {
        wire->grown |= number > wire->exists;
        wire->exists = (guint32)MIN(number, G_MAXUINT32);
    }
    if (g_ascii_strcasecmp(word, " EXPUNGE") == 0 && wire->exists)
        wire->exists--;
}

static enum imap_verdict read_line(struct imap_wire *wire)
{
    enum imap_verdict verdict;
    gsize length;
    const char *line = link_read_line(wire->link, &length, &wire->why);

    if (!line)
        return IMAP_REFUSE;
    g_string_truncate(wire->line, 0);
    g_string_append_len(wire->line, line, (gssize)length);
    wire->done = 0;
    verdict = imap_guard_line(&wire->guard, wire->line);
    if (verdict == IMAP_REFUSE)
        g_set_error(&wire->why, MADO_ERROR, MADO_E_SOURCE,
            "the mail server broke off, or has to be broken off: %s. Nothing is lost; it is "
            "connected anew",
            wire->guard.why);
    if (verdict == IMAP_PASS)
        count_mails(wire);
    return verdict;
}

static gboolean next_line(struct imap_wire *wire)
{
    enum imap_verdict verdict;

    do {
        verdict = read_line(wire);
    } while (verdict == IMAP_SKIP);
    return verdict == IMAP_PASS;
}

const char *imap_wire_line(struct imap_wire *wire)
{
    if (wire->why || wire->closed || !next_line(wire))
        return NULL;
    wire->done = wire->line->len;
    return wire->line->str;
}

gboolean imap_wire_hear(struct imap_wire *wire)
{
    if (wire->why || wire->closed || read_line(wire) == IMAP_REFUSE)
        return FALSE;
    wire->done = wire->line->len;
    return TRUE;
}

/* -- what libetpan calls -- */

static ssize_t read_literal(struct imap_wire *wire, void *data, size_t size)
{
    gssize got = link_read(wire->link, data, MIN(size, wire->guard.literal), &wire->why);

    if (got > 0)
        wire->guard.literal -= (guint64)got;
    return got;
}

static ssize_t wire_read(mailstream_low *low, void *data, size_t size)
{
    struct imap_wire *wire = low->data;

    if (wire->why || wire->closed)
        return -1;
    if (wire->done == wire->line->len) {
        if (wire->guard.literal)
            return read_literal(wire, data, size);
        do { /* "+" is for those who speak themselves */
            if (!next_line(wire))
                return -1;
        } while (wire->line->str[0] == '+');
        g_string_append(wire->line, "\r\n");
    }
    size = MIN(size, wire->line->len - wire->done);
    memcpy(data, wire->line->str + wire->done, size);
    wire->done += size;
    return (ssize_t)size;
}

gboolean imap_wire_write(struct imap_wire *wire, const char *text, gsize size)
{
    return !wire->why && !wire->closed && link_write(wire->link, text, size, &wire->why);
}

static ssize_t wire_write(mailstream_low *low, const void *data, size_t size)
{
    return imap_wire_write(low->data, data, size) ? (ssize_t)size : -1;
}

static int wire_close(mailstream_low *low)
{
    return 0;
}

static int wire_fd(mailstream_low *low)
{
    return -1;
}

static void wire_free(mailstream_low *low)
{
    free(low); /* libetpan's own, by malloc; the wire is the session's */
}

static mailstream_low_driver driver = {
    .mailstream_read = wire_read,
    .mailstream_write = wire_write,
    .mailstream_close = wire_close,
    .mailstream_get_fd = wire_fd,
    .mailstream_free = wire_free,
};

mailstream *imap_wire_start(struct imap_wire *wire, struct link *link)
{
    wire->link = link;
    wire->line = g_string_new(NULL);
    return mailstream_new(mailstream_low_new(wire, &driver), STREAM_BUFFER);
}

void imap_wire_stop(struct imap_wire *wire)
{
    link_free(wire->link);
    imap_guard_clear(&wire->guard);
    g_clear_error(&wire->why);
    g_string_free(wire->line, TRUE);
    g_free(wire);
}
