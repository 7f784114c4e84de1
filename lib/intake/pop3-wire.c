/* Words and lines of a POP3 session (RFC 1939 3). Not link_read_line(): of a mail, which is read in
 * blocks, the last block may hold the beginning of the next answer. */
#include "pop3-parts.h"
#include "error.h"
#include "text.h"
#include <string.h>

enum { PACE = 256 * 1024 }; /* bytes that have the time of one answer */

gboolean pop3_connect(struct pop3 *pop3, GError **error)
{
    pop3_drop(pop3);
    pop3->link = link_open(pop3->server, error);
    return pop3->link != NULL;
}

void pop3_drop(struct pop3 *pop3)
{
    g_clear_pointer(&pop3->link, link_free);
    pop3->start = pop3->end = 0;
    pop3->stls = pop3->pipelining = pop3->sasl_plain = FALSE;
    g_hash_table_remove_all(pop3->named);
    g_ptr_array_set_size(pop3->mails, 0);
}

gboolean pop3_fail(struct pop3 *pop3, GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list values;

    va_start(values, format);
    what = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE, "%s: %s", link_server_host(pop3->server), what);
    pop3_drop(pop3);
    return FALSE;
}

/* The link has said why it is dead. */
static gboolean is_dead(struct pop3 *pop3)
{
    pop3_drop(pop3);
    return FALSE;
}

static gboolean has_session(const struct pop3 *pop3, GError **error)
{
    if (!pop3->link)
        g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
            "%s: the connection has ended. Nothing is lost; it is connected anew",
            link_server_host(pop3->server));
    return pop3->link != NULL;
}

static void give_time(struct pop3 *pop3)
{
    pop3->since = 0;
    link_set_deadline(pop3->link, link_server_timeout(pop3->server));
}

void pop3_expect(struct pop3 *pop3, guint64 bytes)
{
    if (!pop3->link)
        return;
    give_time(pop3);
    link_set_budget(pop3->link, bytes + sizeof pop3->input);
}

gboolean pop3_say(struct pop3 *pop3, GError **error, const char *format, ...)
{
    g_autofree char *command = NULL;
    va_list values;

    if (!has_session(pop3, error))
        return FALSE;
    va_start(values, format);
    command = g_strdup_vprintf(format, values);
    va_end(values);
    give_time(pop3);
    return link_print(pop3->link, error, "%s\r\n", command) || is_dead(pop3);
}

const guint8 *pop3_read_bytes(struct pop3 *pop3, gsize *size, GError **error)
{
    gssize got;

    if (!has_session(pop3, error))
        return NULL;
    if (pop3->start == pop3->end) {
        got = link_read(pop3->link, pop3->input, sizeof pop3->input, error);
        if (got < 0) {
            pop3_drop(pop3);
            return NULL;
        }
        pop3->start = 0;
        pop3->end = (gsize)got;
        pop3->since += (gsize)got;
        if (pop3->since >= PACE)
            give_time(pop3);
    }
    *size = pop3->end - pop3->start;
    return pop3->input + pop3->start;
}

void pop3_use(struct pop3 *pop3, gsize size)
{
    pop3->start += size;
}

/* FALSE: the session has ended. */
static gboolean take_part(struct pop3 *pop3, const guint8 *part, gsize size, GError **error)
{
    if (pop3->line->len + size > POP3_LINE)
        return pop3_fail(pop3, error,
            "the server said a line of more than %d bytes. The connection is ended; it is tried "
            "again",
            POP3_LINE);
    if (memchr(part, '\0', size))
        return pop3_fail(
            pop3, error, "the server said a NUL. The connection is ended; it is tried again");
    g_string_append_len(pop3->line, (const char *)part, (gssize)size);
    pop3_use(pop3, size);
    return TRUE;
}

const char *pop3_read_line(struct pop3 *pop3, GError **error)
{
    GString *line = pop3->line;
    const guint8 *end = NULL;

    g_string_truncate(line, 0);
    while (!end) {
        gsize size;
        const guint8 *part = pop3_read_bytes(pop3, &size, error);
        if (!part)
            return NULL;
        end = memchr(part, '\n', size);
        if (!take_part(pop3, part, end ? (gsize)(end + 1 - part) : size, error))
            return NULL;
    }
    g_string_truncate(line, line->len - 1);
    if (line->len && line->str[line->len - 1] == '\r')
        g_string_truncate(line, line->len - 1);
    return line->str;
}

static gboolean begins_with(const char *line, const char *word)
{
    gsize length = strlen(word);

    return g_ascii_strncasecmp(line, word, length) == 0 && (!line[length] || line[length] == ' ');
}

enum pop3_reply pop3_judge(struct pop3 *pop3, GError **error)
{
    g_autofree char *shown = NULL;

    if (begins_with(pop3->line->str, "+OK"))
        return POP3_YES;
    if (begins_with(pop3->line->str, "-ERR"))
        return POP3_NO;
    shown = text_harmless(pop3->line->str, NULL);
    pop3_fail(pop3, error,
        "this is no POP3, the server said \"%.100s\". The connection is ended; it is tried again",
        shown);
    return POP3_DEAD;
}

enum pop3_reply pop3_read_reply(struct pop3 *pop3, GError **error)
{
    return pop3_read_line(pop3, error) ? pop3_judge(pop3, error) : POP3_DEAD;
}

const char *pop3_text(const struct pop3 *pop3)
{
    const char *text = strchr(pop3->line->str, ' ');
    return text ? text + 1 : "(without a reason)";
}

const char *pop3_read_item(struct pop3 *pop3, GError **error)
{
    const char *line = pop3_read_line(pop3, error);

    if (!line || g_str_equal(line, "."))
        return NULL;
    return *line == '.' ? line + 1 : line;
}
