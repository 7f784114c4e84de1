#include "smtp-parts.h"
#include "error.h"
#include "text.h"
#include <string.h>

enum {
    REPLY_BYTES = 256 * 1024, /* of one answer on the wire */
    REPLY_LINE_KEPT = 512,
};
enum reply_part { REPLY_WRONG, REPLY_MORE, REPLY_END };

static struct reply *reply_new(void)
{
    struct reply *reply = g_new0(struct reply, 1);

    reply->lines = g_ptr_array_new_with_free_func(g_free);
    return reply;
}

void reply_free(struct reply *reply)
{
    if (!reply)
        return;
    g_ptr_array_unref(reply->lines);
    g_free(reply);
}

/* Three digits of RFC 5321 4.2: "reply-code = %x32-35 %x30-35 %x30-39"; 0 if it is none. The second
 * digit may be any: servers have used others. */
static int code_of(const char *line, gsize length)
{
    if (length < 3 || line[0] < '2' || line[0] > '5' || !g_ascii_isdigit(line[1]) ||
        !g_ascii_isdigit(line[2]))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* One line of it. REPLY_WRONG: that is no answer of SMTP, or it never ends. */
static enum reply_part reply_add(struct reply *reply, const char *line, gsize length)
{
    int code = code_of(line, length);
    char mark = length > 3 ? line[3] : ' ';

    if (!code || (mark != ' ' && mark != '-') || reply->lines->len >= REPLY_LINES)
        return REPLY_WRONG;
    if (reply->code && reply->code != code) /* RFC 5321 4.2.1: all lines have the same */
        return REPLY_WRONG;
    reply->code = code;
    g_ptr_array_add(reply->lines,
        length > 4 ? g_strndup(line + 4, MIN(length - 4, REPLY_LINE_KEPT)) : g_strdup(""));
    return mark == '-' ? REPLY_MORE : REPLY_END;
}

/* "5.1.1 " at the beginning (RFC 3463), which further lines repeat. */
static gsize status_length(const char *line)
{
    gsize length = strspn(line, "0123456789.");

    return length >= 5 && line[1] == '.' && line[length] == ' ' ? length + 1 : 0;
}

static void cut_at(GString *text, gsize most)
{
    const char *end;

    if (text->len <= most)
        return;
    end = g_utf8_find_prev_char(text->str, text->str + most + 1);
    g_string_truncate(text, (gsize)(end - text->str));
    g_string_append(text, "..");
}

char *reply_text(const struct reply *reply)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    g_autofree char *harmless = NULL;
    GString *text;

    g_string_printf(raw, "%d", reply->code);
    for (guint i = 0; i < reply->lines->len && raw->len < REPLY_TEXT * 2; i++) {
        const char *line = reply->lines->pdata[i];
        g_string_append_printf(raw, " %s", line + (i ? status_length(line) : 0));
    }
    harmless = text_harmless(g_strchomp(raw->str), NULL);
    text = g_string_new(harmless);
    cut_at(text, REPLY_TEXT);
    return g_string_free(text, FALSE);
}

struct reply *reply_read(struct link *link, GError **error)
{
    g_autoptr(mado_reply) reply = reply_new();
    enum reply_part part = REPLY_MORE;

    link_set_budget(link, REPLY_BYTES);
    while (part == REPLY_MORE) {
        gsize length;
        const char *line = link_read_line(link, &length, error);
        if (!line)
            return NULL;
        part = reply_add(reply, line, length);
    }
    if (part == REPLY_END)
        return g_steal_pointer(&reply);
    g_set_error_literal(error, MADO_ERROR, MADO_E_LINK,
        "the answer is no SMTP. The connection is ended; the server is tried again");
    return NULL;
}
