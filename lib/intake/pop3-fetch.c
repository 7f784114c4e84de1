/*
 * Mails: each streamed into a memory file; several asked for ahead where the server has PIPELINING
 * (RFC 2449 6.6).
 *
 * A mail with which the connection breaks is asked for last the next time, alone; after some times
 * it is passed over for an hour: it shall not keep the others waiting.
 */
#include "pop3-parts.h"
#include "dots.h"
#include "error.h"
#include "fd.h"
#include "text.h"
#include <unistd.h>

enum {
    BYTES_AHEAD = 1024 * 1024, /* of mails that are asked for ahead */
    BREAKS = 3,                /* of the connection, by one mail */
    REST = 3600,               /* seconds for which it is passed over then */
};

struct hard_mail {
    guint breaks;
    gint64 not_before;
};

/* -- one mail -- */

/* What is being read. */
struct coming {
    int memory; /* -1: it is read and forgotten */
    guint64 size;
    enum dots at;
};

static gboolean keep(
    struct pop3 *pop3, struct coming *coming, const GByteArray *plain, GError **error)
{
    g_autoptr(GError) why = NULL;

    coming->size += plain->len;
    if (coming->size > pop3->max_message && coming->memory >= 0) {
        close(coming->memory);
        coming->memory = -1;
    }
    if (coming->memory < 0 || fd_write_all(coming->memory, plain->data, plain->len, &why))
        return TRUE;
    return pop3_fail(pop3, error, "no memory for a mail: %s. It is tried again", why->message);
}

static gboolean read_body(struct pop3 *pop3, struct coming *coming, GError **error)
{
    g_autoptr(GByteArray) plain = g_byte_array_new();

    while (coming->at != AT_END) {
        gsize size;
        const guint8 *bytes = pop3_read_bytes(pop3, &size, error);
        if (!bytes)
            return FALSE;
        g_byte_array_set_size(plain, 0);
        pop3_use(pop3, dots_undo(&coming->at, bytes, size, plain));
        if (!keep(pop3, coming, plain, error))
            return FALSE;
    }
    return TRUE;
}

static char *say_too_large(const struct pop3 *pop3, guint64 size)
{
    return g_strdup_printf("it has %" G_GUINT64_FORMAT
                           " bytes, intake.max_message allows %" G_GUINT64_FORMAT,
        size, pop3->max_message);
}

/* Its RETR has been said. Whatever size was announced is not believed. */
static gboolean read_mail(struct pop3 *pop3, int *memory, char **why_not, GError **error)
{
    struct coming coming = {.memory = -1};
    enum pop3_reply reply;

    *memory = -1;
    pop3_expect(pop3, pop3->max_message + pop3->max_message / 2 + POP3_LINE); /* with the dots */
    reply = pop3_read_reply(pop3, error);
    if (reply == POP3_NO)
        *why_not = g_strdup_printf("the server does not give it: %s", pop3_text(pop3));
    if (reply != POP3_YES)
        return reply == POP3_NO;
    coming.memory = fd_new_memory("mail", NULL);
    if (coming.memory < 0)
        return pop3_fail(pop3, error, "no memory for a mail. It is tried again");
    if (!read_body(pop3, &coming, error)) {
        if (coming.memory >= 0)
            close(coming.memory);
        return FALSE;
    }
    *memory = coming.memory;
    if (coming.memory < 0)
        *why_not = say_too_large(pop3, coming.size);
    return TRUE;
}

/* -- mails that break the connection -- */

static struct hard_mail *hard_mail(const struct pop3 *pop3, const char *name)
{
    return g_hash_table_lookup(pop3->hard, name);
}

/* Consumes `name`: the mails are forgotten together with the session. */
static void note_break(struct pop3 *pop3, char *name)
{
    struct hard_mail *hard = hard_mail(pop3, name);

    if (!hard) {
        hard = g_new0(struct hard_mail, 1);
        g_hash_table_insert(pop3->hard, g_strdup(name), hard);
    }
    if (++hard->breaks >= BREAKS)
        hard->not_before = g_get_monotonic_time() + REST * (gint64)G_USEC_PER_SEC;
    g_free(name);
}

static char *say_rests(const struct pop3 *pop3, const char *name)
{
    const struct hard_mail *hard = hard_mail(pop3, name);

    if (!hard || hard->not_before <= g_get_monotonic_time())
        return NULL;
    return g_strdup(
        "the connection broke each time that it was fetched; it is passed over for an hour");
}

gboolean pop3_load(
    struct pop3 *pop3, const struct pop3_mail *mail, int *memory, char **why_not, GError **error)
{
    /* until it has a name: its place among the others, which stay with it */
    char *name = g_strdup_printf("mail %u, %" G_GUINT64_FORMAT " bytes", mail->number, mail->size);

    *memory = -1;
    *why_not = say_rests(pop3, name);
    if (*why_not) {
        g_free(name);
        return TRUE;
    }
    if (!pop3_say(pop3, error, "RETR %u", mail->number) ||
        !read_mail(pop3, memory, why_not, error)) {
        note_break(pop3, name);
        return FALSE;
    }
    g_hash_table_remove(pop3->hard, name);
    g_free(name);
    return TRUE;
}

/* -- many -- */

static gboolean tell(const struct pop3 *pop3, const char *name, int memory, const char *why_not)
{
    g_autofree char *harmless = why_not ? text_harmless(why_not, NULL) : NULL;
    return pop3->got(pop3->means->role, name, memory, harmless);
}

static char *why_not_now(const struct pop3 *pop3, const struct pop3_mail *mail)
{
    if (mail->size > pop3->max_message)
        return say_too_large(pop3, mail->size);
    return mail->why_not ? g_strdup(mail->why_not) : say_rests(pop3, mail->name);
}

/* Those that are to be fetched, the hard ones last; of the others it is said why not. FALSE: the
 * role wants no more. */
static gboolean choose(struct pop3 *pop3, const GPtrArray *uids, GPtrArray *wanted)
{
    g_autoptr(GPtrArray) hard_ones = g_ptr_array_new();

    for (guint i = 0; i < uids->len; i++) {
        struct pop3_mail *mail = g_hash_table_lookup(pop3->named, uids->pdata[i]);
        g_autofree char *why_not = mail ? why_not_now(pop3, mail) : NULL;
        if (why_not && !tell(pop3, mail->name, -1, why_not))
            return FALSE;
        if (mail && !why_not)
            g_ptr_array_add(hard_mail(pop3, mail->name) ? hard_ones : wanted, mail);
    }
    g_ptr_array_extend(wanted, hard_ones, NULL, NULL);
    return TRUE;
}

/* One at least; more if the server takes them and they are small. */
static gboolean may_ask(
    const struct pop3 *pop3, const GPtrArray *wanted, guint answered, guint asked)
{
    guint64 ahead = 0;

    if (asked == wanted->len || asked == answered)
        return asked < wanted->len;
    for (guint i = answered; i <= asked; i++) {
        const struct pop3_mail *mail = wanted->pdata[i];
        if (hard_mail(pop3, mail->name))
            return FALSE;
        ahead += mail->size;
    }
    return pop3->pipelining && asked - answered < POP3_AHEAD && ahead < BYTES_AHEAD;
}

/* Reads the mail whose turn it is; `*more`: the role wants others. */
static gboolean take_next(
    struct pop3 *pop3, const struct pop3_mail *mail, gboolean *more, GError **error)
{
    g_autofree char *why_not = NULL;
    char *name = g_strdup(mail->name);
    int memory;

    if (!read_mail(pop3, &memory, &why_not, error)) {
        note_break(pop3, name);
        return FALSE;
    }
    g_hash_table_remove(pop3->hard, name);
    if (*more && memory >= 0)
        g_hash_table_add(pop3->had, g_strdup(name));
    if (*more)
        *more = tell(pop3, name, memory, why_not);
    else if (memory >= 0)
        close(memory);
    g_free(name);
    return TRUE;
}

gboolean pop3_fetch(struct pop3 *pop3, const GPtrArray *uids, GError **error)
{
    g_autoptr(GPtrArray) wanted = g_ptr_array_new();
    gboolean more = choose(pop3, uids, wanted);
    guint asked = 0;

    /* What was asked for comes, wanted or not. */
    for (guint i = 0; more ? i < wanted->len : i < asked; i++) {
        for (; more && may_ask(pop3, wanted, i, asked); asked++)
            if (!pop3_say(pop3, error, "RETR %u",
                    ((const struct pop3_mail *)wanted->pdata[asked])->number))
                return FALSE;
        if (!take_next(pop3, wanted->pdata[i], &more, error))
            return FALSE;
    }
    return TRUE;
}

/* -- deleting -- */

static gboolean read_deletion(
    struct pop3 *pop3, struct pop3_mail *mail, char **refusal, GError **error)
{
    enum pop3_reply reply;

    pop3_expect(pop3, POP3_LINE);
    reply = pop3_read_reply(pop3, error);
    if (reply == POP3_DEAD)
        return FALSE; /* and `mail` is forgotten */
    mail->deleted = reply == POP3_YES;
    if (reply == POP3_NO && !*refusal)
        *refusal = text_harmless(pop3_text(pop3), NULL);
    return TRUE;
}

gboolean pop3_delete(struct pop3 *pop3, const GPtrArray *mails, GError **error)
{
    guint ahead = pop3->pipelining ? POP3_AHEAD : 1, asked = 0;
    g_autofree char *refusal = NULL;

    for (guint i = 0; i < mails->len; i++) {
        for (; asked < mails->len && asked < i + ahead; asked++)
            if (!pop3_say(pop3, error, "DELE %u",
                    ((const struct pop3_mail *)mails->pdata[asked])->number))
                return FALSE;
        if (!read_deletion(pop3, mails->pdata[i], &refusal, error))
            return FALSE;
    }
    if (refusal)
        g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
            "%s: the server does not delete a mail that was taken: %s. It stays there, and is not "
            "taken again",
            link_server_host(pop3->server), refusal);
    return !refusal;
}
