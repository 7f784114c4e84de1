/* What the server has, by LIST and UIDL (RFC 1939 5 and 7). */
#include "pop3-parts.h"
#include <mado/limits.h>
#include <stdlib.h>

enum {
    LIST_BYTES = 40,   /* of one line */
    UIDL_BYTES = 1024, /* likewise, though 82 are allowed */
};

void pop3_mail_free(gpointer data)
{
    struct pop3_mail *mail = data;

    g_free(mail->uidl);
    g_free(mail->name);
    g_free(mail->why_not);
    g_free(mail);
}

static gboolean odd(struct pop3 *pop3, GError **error, const char *what)
{
    return pop3_fail(pop3, error,
        "the server lists its mails in a way that is not understood (%s). Nothing was taken; it is "
        "tried again",
        what);
}

/* The number at `*text`, which is set behind it and one blank. */
static gboolean take_number(const char **text, guint64 *number)
{
    char *end;

    if (!g_ascii_isdigit(**text))
        return FALSE;
    *number = g_ascii_strtoull(*text, &end, 10);
    *text = *end == ' ' ? end + 1 : end;
    return *end == ' ' || !*end;
}

static guint last_number(const struct pop3 *pop3)
{
    guint count = pop3->mails->len;
    return count ? ((const struct pop3_mail *)pop3->mails->pdata[count - 1])->number : 0;
}

/* RFC 1939 5: "number size", and whatever the server adds. There are servers that leave out what
 * they cannot read. */
static gboolean take_size(struct pop3 *pop3, const char *line, GError **error)
{
    guint64 number, size;
    struct pop3_mail *mail;

    if (!take_number(&line, &number) || !take_number(&line, &size))
        return odd(pop3, error, "LIST");
    if (number <= last_number(pop3) || number > G_MAXINT)
        return odd(pop3, error, "LIST counts oddly");
    if (pop3->mails->len == LIMIT_UIDS)
        return odd(pop3, error, "there are too many");
    mail = g_new0(struct pop3_mail, 1);
    mail->number = (guint)number;
    mail->size = size;
    g_ptr_array_add(pop3->mails, mail);
    return TRUE;
}

static int compare_number(const void *key, const void *one)
{
    guint64 number = *(const guint64 *)key, other = (*(struct pop3_mail *const *)one)->number;
    return number < other ? -1 : number > other;
}

static gboolean take_uidl(struct pop3 *pop3, const char *line, GError **error)
{
    const struct pop3_mail *const *found;
    struct pop3_mail *mail;
    guint64 number;

    if (!take_number(&line, &number))
        return odd(pop3, error, "UIDL");
    found = pop3->mails->len ? bsearch(&number, pop3->mails->pdata, pop3->mails->len,
                                   sizeof *pop3->mails->pdata, compare_number)
                             : NULL;
    if (!found)
        return TRUE; /* of a mail that it has not listed */
    mail = (struct pop3_mail *)*found;
    if (mail->uidl)
        return odd(pop3, error, "UIDL names a mail twice");
    if (*line)
        mail->uidl = pop3_proper_uidl(line);
    return TRUE;
}

/* One command whose answer has a line for each mail. */
static gboolean ask_list(struct pop3 *pop3, const char *command,
    gboolean (*take)(struct pop3 *, const char *, GError **), const char *unable, GError **error)
{
    g_autoptr(GError) why = NULL;
    enum pop3_reply reply;
    const char *line;

    if (!pop3_say(pop3, error, "%s", command))
        return FALSE;
    reply = pop3_read_reply(pop3, error);
    if (reply == POP3_NO)
        return pop3_fail(pop3, error, "%s: %s", unable, pop3_text(pop3));
    if (reply == POP3_DEAD)
        return FALSE;
    while ((line = pop3_read_item(pop3, &why)))
        if (!take(pop3, line, error))
            return FALSE;
    if (!why)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

gboolean pop3_list(struct pop3 *pop3, GError **error)
{
    g_hash_table_remove_all(pop3->named);
    g_ptr_array_set_size(pop3->mails, 0);
    pop3_expect(pop3, (guint64)LIMIT_UIDS * LIST_BYTES);
    if (!ask_list(pop3, "LIST", take_size, "the server does not list its mails. It is tried again",
            error))
        return FALSE;
    pop3_expect(pop3, (guint64)pop3->mails->len * UIDL_BYTES + POP3_LINE);
    return ask_list(pop3, "UIDL", take_uidl,
               "the server has no UIDL, without which a mail cannot be known again. Nothing was "
               "taken; read this mailbox by IMAP",
               error) &&
           pop3_name_mails(pop3, error);
}
