/* libFuzzer: any bytes of an LMTP client. Cut in two anywhere they mean the same; no mail has a
 * control character in its envelope, none is answered before its time, and no memory stays counted.
 */
#include "lmtp.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static void require(gboolean holds)
{
    if (!holds)
        abort();
}

static const char *const addresses[] = {"csirt@sakura.example", "窓口@さくら.example", NULL};

/* Our lines before a mail: Return-Path, then nothing but Delivered-To. */
static void check_head(const char *mail, gsize size)
{
    g_autofree char *text = g_strndup(mail, size);

    require(g_str_has_prefix(text, "Return-Path: <"));
    require(strstr(text, ">\r\nDelivered-To: ") != NULL);
    for (const char *at = text; *at && *at != '\r'; at++)
        require(!g_ascii_iscntrl(*at));
}

static void take_mail(struct lmtp *lmtp, GString *all)
{
    char mail[4096];
    int fd = lmtp_take_mail(lmtp);
    ssize_t size = pread(fd, mail, sizeof mail, 0);
    gsize said = lmtp_replies(lmtp)->len;

    require(fd >= 0 && size > 0);
    close(fd);
    check_head(mail, (gsize)size);
    g_string_append_len(all, mail, size);
    require(lmtp_feed(lmtp, "RSET\r\n", 6) == 0 && lmtp_replies(lmtp)->len == said);
    lmtp_answer(lmtp, LMTP_TAKEN);
    require(lmtp_replies(lmtp)->len > said);
}

static void hear(struct lmtp *lmtp, GString *all)
{
    g_string_append(all, lmtp_replies(lmtp)->str);
    g_string_truncate(lmtp_replies(lmtp), 0);
}

/* All replies and mails of a session that hears `at_once` bytes at a time. */
static GString *talk(const guint8 *bytes, gsize size, gsize at_once)
{
    struct lmtp_house house = {
        .host = "host", .addresses = (char **)addresses, .max_message = 4096, .max_memory = 8192};
    struct lmtp *lmtp = lmtp_new(&house);
    GString *all = g_string_new(NULL);

    for (gsize at = 0; at < size && lmtp_state(lmtp) != LMTP_OVER;) {
        gsize some = MIN(at_once, size - at), used = lmtp_feed(lmtp, bytes + at, some);
        require(used <= some && house.memory <= house.max_memory);
        at += used;
        require(used || lmtp_replies(lmtp)->len);
        hear(lmtp, all);
        if (lmtp_state(lmtp) == LMTP_WAITING)
            take_mail(lmtp, all);
        hear(lmtp, all);
    }
    lmtp_free(lmtp);
    require(house.memory == 0);
    return all;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    GString *whole = talk(bytes, size, MAX(size, 1)), *cut = talk(bytes, size, 1);

    require(g_string_equal(whole, cut));
    g_string_free(whole, TRUE);
    g_string_free(cut, TRUE);
    return 0;
}
