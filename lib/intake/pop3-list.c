/*
 * What is there, and what it is called. A mail is known by its UIDL; one whose UIDL breaks the
 * rules of RFC 1939 7 is known by something that cannot be mistaken for a UIDL (it has a blank in
 * it): "uidl SHA256"   it is too long, or has other characters "mail SHA256"   several have the
 * same, or it has none: then by its bytes, which have to be fetched so that no mail is ever taken
 * for another that is in the store.
 */
#include "pop3-parts.h"
#include "error.h"
#include "fd.h"
#include <mado/limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    UIDL_CHARACTERS = 70,
    LIST_BYTES = 40,   /* of one line */
    UIDL_BYTES = 1024, /* likewise, though 82 are allowed */
    LINES_A_SECOND = 1000,
    NAMELESS_AT_MOST = 50, /* each is fetched at every look */
};

void pop3_mail_free(gpointer data)
{
    struct pop3_mail *mail = data;

    g_free(mail->uidl);
    g_free(mail->name);
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

/* RFC 1939 5: "number size", and whatever the server adds. */
static gboolean take_size(struct pop3 *pop3, const char *line, GError **error)
{
    guint64 number, size;
    struct pop3_mail *mail;

    if (!take_number(&line, &number) || !take_number(&line, &size))
        return odd(pop3, error, "LIST");
    if (number != pop3->mails->len + 1 || number > LIMIT_UIDS)
        return odd(pop3, error, "LIST counts oddly, or there are too many");
    mail = g_new0(struct pop3_mail, 1);
    mail->number = (guint)number;
    mail->size = size;
    g_ptr_array_add(pop3->mails, mail);
    return TRUE;
}

static gboolean take_uidl(struct pop3 *pop3, const char *line, GError **error)
{
    guint64 number;
    struct pop3_mail *mail;

    if (!take_number(&line, &number) || number < 1 || number > pop3->mails->len)
        return odd(pop3, error, "UIDL");
    mail = pop3->mails->pdata[number - 1];
    if (mail->uidl)
        return odd(pop3, error, "UIDL names a mail twice");
    if (*line)
        mail->uidl = g_strdup(line);
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

/* -- names -- */

static gboolean is_proper(const char *uidl)
{
    gsize length = strlen(uidl);

    for (const char *at = uidl; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return length >= 1 && length <= UIDL_CHARACTERS;
}

static char *name_by_uidl(const char *uidl)
{
    g_autofree char *sum = NULL;

    if (is_proper(uidl))
        return g_strdup(uidl);
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, uidl, -1);
    return g_strconcat("uidl ", sum, NULL);
}

/* One that cannot be fetched is not taken either: any name will do, it is never asked for. */
static char *name_by_bytes(struct pop3 *pop3, const struct pop3_mail *mail, GError **error)
{
    g_autofree char *why_not = NULL, *sum = NULL;
    struct stat is;
    int memory = -1;

    if (mail->size <= pop3->max_message && !pop3_load(pop3, mail, &memory, &why_not, error))
        return NULL;
    if (memory < 0)
        return g_strdup_printf("mail %u of this look", mail->number);
    if (fstat(memory, &is) == 0)
        sum = fd_sha256(memory, (guint64)is.st_size, error);
    close(memory);
    return sum ? g_strconcat("mail ", sum, NULL) : NULL;
}

/* UIDLs that more than one mail has. */
static GHashTable *find_shared(const struct pop3 *pop3)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *shared = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < pop3->mails->len; i++) {
        const struct pop3_mail *mail = pop3->mails->pdata[i];
        if (mail->uidl && !g_hash_table_add(seen, mail->uidl))
            g_hash_table_add(shared, mail->uidl);
    }
    return shared;
}

static gboolean name_mail(
    struct pop3 *pop3, struct pop3_mail *mail, gboolean by_bytes, GError **error)
{
    struct pop3_mail *first;

    mail->name = by_bytes ? name_by_bytes(pop3, mail, error) : name_by_uidl(mail->uidl);
    if (!mail->name)
        return FALSE;
    first = g_hash_table_lookup(pop3->named, mail->name);
    if (first) {
        mail->twin = first->twin;
        first->twin = mail;
    } else {
        g_hash_table_insert(pop3->named, mail->name, mail);
    }
    return TRUE;
}

static gboolean name_mails(struct pop3 *pop3, GError **error)
{
    g_autoptr(GHashTable) shared = find_shared(pop3);
    guint nameless = 0;

    for (guint i = 0; i < pop3->mails->len; i++) {
        struct pop3_mail *mail = pop3->mails->pdata[i];
        gboolean by_bytes = !mail->uidl || g_hash_table_contains(shared, mail->uidl);
        if (by_bytes && ++nameless > NAMELESS_AT_MOST)
            return pop3_fail(pop3, error,
                "the server gives more than %d mails no UIDL of their own, so that they cannot be "
                "told apart. Nothing was taken; read this mailbox by IMAP",
                NAMELESS_AT_MOST);
        if (!name_mail(pop3, mail, by_bytes, error))
            return FALSE;
    }
    return TRUE;
}

gboolean pop3_list(struct pop3 *pop3, GError **error)
{
    guint many = LIMIT_UIDS / LINES_A_SECOND;

    g_hash_table_remove_all(pop3->named);
    g_ptr_array_set_size(pop3->mails, 0);
    pop3_expect(pop3, many, (guint64)LIMIT_UIDS * LIST_BYTES);
    if (!ask_list(pop3, "LIST", take_size, "the server does not list its mails. It is tried again",
            error))
        return FALSE;
    pop3_expect(pop3, many, (guint64)pop3->mails->len * UIDL_BYTES + POP3_LINE);
    return ask_list(pop3, "UIDL", take_uidl,
               "the server has no UIDL, without which a mail cannot be known again. Nothing was "
               "taken; read this mailbox by IMAP",
               error) &&
           name_mails(pop3, error);
}
