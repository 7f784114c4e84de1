/*
 * What a mail is called: by its UIDL; if that breaks the rules of RFC 1939 7, by something that
 * cannot be mistaken for a UIDL, for it has a blank in it:
 *
 *   "uidl SHA256"    it is too long, or has other characters
 *   "mail SHA256"    it has none, or several have the same: by its bytes, which are fetched for it
 *   "UIDL again X"   the store knows the UIDL, and it may be another mail's
 *
 * The last is for what is to be deleted. Once a mail is gone, its UIDL may be used for another (RFC
 * 1939 7: "for as long as the entity using the unique-id exists"), which must not be deleted in its
 * place. So whatever is known by its name alone is fetched again under a new one: equal bytes are
 * one mail for the store.
 */
#include "pop3-parts.h"
#include "fd.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    UIDL_CHARACTERS = 70,
    NAMELESS_AT_MOST = 50, /* each is fetched at every look */
    DELETIONS = 3,         /* that did not last; then it rests */
    REST = 3600,           /* seconds */
};

/* What the mail with this UIDL is called until it is gone. */
struct doubt {
    char *name;
    guint deletions;
    gint64 not_before;
    gboolean here; /* it is listed */
};

void pop3_doubt_free(gpointer data)
{
    struct doubt *doubt = data;

    g_free(doubt->name);
    g_free(doubt);
}

/* -- by the UIDL -- */

static gboolean is_proper(const char *uidl)
{
    gsize length = strlen(uidl);

    for (const char *at = uidl; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return length >= 1 && length <= UIDL_CHARACTERS;
}

char *pop3_proper_uidl(const char *uidl)
{
    g_autofree char *sum = NULL;

    if (is_proper(uidl))
        return g_strdup(uidl);
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, uidl, -1);
    return g_strconcat("uidl ", sum, NULL);
}

static char *name_by_uidl(const struct pop3 *pop3, const char *uidl)
{
    struct doubt *doubt = g_hash_table_lookup(pop3->doubts, uidl);

    if (doubt)
        doubt->here = TRUE;
    if (doubt && doubt->not_before <= g_get_monotonic_time())
        return g_strdup(doubt->name);
    return g_strdup(uidl);
}

/* -- by the bytes -- */

static char *name_this_once(const struct pop3_mail *mail)
{
    return g_strdup_printf("mail %u of this look", mail->number);
}

static char *name_of_bytes(struct pop3 *pop3, int memory, GError **error)
{
    struct stat is = {0};
    g_autofree char *sum =
        fstat(memory, &is) == 0 ? fd_sha256(memory, (guint64)is.st_size, error) : NULL;
    char *name;

    if (!sum) {
        pop3_drop(pop3);
        return NULL;
    }
    name = g_strconcat("mail ", sum, NULL);
    g_hash_table_add(pop3->had, g_strdup(name));
    return name;
}

/* One that cannot be fetched is not taken either. */
static char *name_by_bytes(struct pop3 *pop3, struct pop3_mail *mail, GError **error)
{
    char *name;
    int memory;

    if (mail->size > pop3->max_message)
        return name_this_once(mail); /* what is said then is said of any mail */
    if (!pop3_load(pop3, mail, &memory, &mail->why_not, error))
        return NULL;
    if (memory < 0)
        return name_this_once(mail);
    name = name_of_bytes(pop3, memory, error);
    close(memory);
    return name;
}

static char *leave_nameless(struct pop3_mail *mail)
{
    mail->why_not = g_strdup_printf("it is one of more than %d to which the server gives no UIDL "
                                    "of their own; read this mailbox by IMAP",
        NAMELESS_AT_MOST);
    return name_this_once(mail);
}

/* -- all -- */

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

static void note_name(struct pop3 *pop3, struct pop3_mail *mail)
{
    struct pop3_mail *first = g_hash_table_lookup(pop3->named, mail->name);

    if (first) {
        mail->twin = first->twin;
        first->twin = mail;
    } else {
        g_hash_table_insert(pop3->named, mail->name, mail);
    }
}

static void begin_doubts(const struct pop3 *pop3)
{
    GHashTableIter iter;
    gpointer doubt;

    g_hash_table_iter_init(&iter, pop3->doubts);
    while (g_hash_table_iter_next(&iter, NULL, &doubt))
        ((struct doubt *)doubt)->here = FALSE;
}

gboolean pop3_name_mails(struct pop3 *pop3, GError **error)
{
    g_autoptr(GHashTable) shared = find_shared(pop3);
    guint nameless = 0;

    begin_doubts(pop3);
    for (guint i = 0; i < pop3->mails->len; i++) {
        struct pop3_mail *mail = pop3->mails->pdata[i];
        char *name;
        mail->by_bytes = !mail->uidl || g_hash_table_contains(shared, mail->uidl);
        if (!mail->by_bytes)
            name = name_by_uidl(pop3, mail->uidl);
        else if (++nameless > NAMELESS_AT_MOST)
            name = leave_nameless(mail);
        else
            name = name_by_bytes(pop3, mail, error);
        if (!name)
            return FALSE; /* the session has ended, and `mails` is empty */
        mail->name = name;
        note_name(pop3, mail);
    }
    return TRUE;
}

/* -- doubts -- */

static struct doubt *find_doubt(struct pop3 *pop3, const char *uidl)
{
    struct doubt *doubt = g_hash_table_lookup(pop3->doubts, uidl);

    if (doubt)
        return doubt;
    doubt = g_new0(struct doubt, 1);
    doubt->here = TRUE;
    g_hash_table_insert(pop3->doubts, g_strdup(uidl), doubt);
    return doubt;
}

static void name_anew(struct doubt *doubt, const char *uidl)
{
    g_free(doubt->name);
    doubt->name = g_strdup_printf("%s again %08x%08x", uidl, g_random_int(), g_random_int());
}

void pop3_doubt(struct pop3 *pop3, const struct pop3_mail *mail)
{
    struct doubt *doubt;

    if (mail->by_bytes || g_hash_table_contains(pop3->doubts, mail->uidl))
        return;
    doubt = find_doubt(pop3, mail->uidl);
    name_anew(doubt, mail->uidl);
    pop3->again = TRUE;
}

static void note_deletion(struct pop3 *pop3, const struct pop3_mail *mail)
{
    struct doubt *doubt = find_doubt(pop3, mail->uidl);

    name_anew(doubt, mail->uidl);
    if (++doubt->deletions >= DELETIONS)
        doubt->not_before = g_get_monotonic_time() + REST * (gint64)G_USEC_PER_SEC;
    g_hash_table_remove(pop3->had, mail->name);
    g_hash_table_remove(pop3->told, mail->name);
}

void pop3_note_quit(struct pop3 *pop3)
{
    for (guint i = 0; i < pop3->mails->len; i++) {
        const struct pop3_mail *mail = pop3->mails->pdata[i];
        if (mail->deleted && !mail->by_bytes)
            note_deletion(pop3, mail);
    }
}

/* -- what is gone -- */

static gboolean is_unnamed(gpointer name, gpointer value, gpointer named)
{
    return !g_hash_table_contains(named, name);
}

static gboolean is_gone(gpointer uidl, gpointer doubt, gpointer unused)
{
    return !((const struct doubt *)doubt)->here;
}

void pop3_forget_gone(struct pop3 *pop3)
{
    g_hash_table_foreach_remove(pop3->had, is_unnamed, pop3->named);
    g_hash_table_foreach_remove(pop3->told, is_unnamed, pop3->named);
    g_hash_table_foreach_remove(pop3->doubts, is_gone, NULL);
}
