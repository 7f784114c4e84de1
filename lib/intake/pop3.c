/*
 * A POP3 mailbox as a source (RFC 1939). One session a look: log in, list, fetch, delete, QUIT.
 * Without QUIT nothing is deleted (RFC 1939 3): the mails are there again, and are deleted again.
 * With it, and whatever is answered, what is there again is fetched again before it is deleted, for
 * it may be another mail by now.
 */
#include "pop3-parts.h"
#include "error.h"
#include <poll.h>

static void pop3_close(gpointer source)
{
    struct pop3 *pop3 = source;

    pop3_drop(pop3);
    link_server_free(pop3->server);
    g_hash_table_unref(pop3->named);
    g_hash_table_unref(pop3->had);
    g_hash_table_unref(pop3->told);
    g_hash_table_unref(pop3->doubts);
    g_hash_table_unref(pop3->hard);
    g_ptr_array_unref(pop3->mails);
    g_string_free(pop3->line, TRUE);
    g_free(pop3);
}

static gboolean take_settings(struct pop3 *pop3, const struct source_setup *setup, GError **error)
{
    const char *after;

    if (!g_variant_dict_lookup(setup->settings, "after", "&s", &after) ||
        !g_variant_dict_lookup(setup->settings, "rescan", "x", &pop3->rescan)) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE,
            "a POP3 mailbox is described in a way that is not understood. Nothing was connected");
        return FALSE;
    }
    pop3->deletes = g_str_equal(after, "delete");
    pop3->server = link_server_new(setup->settings, setup->means, error);
    return pop3->server != NULL;
}

static gpointer pop3_open(const struct source_setup *setup, GError **error)
{
    struct pop3 *pop3 = g_new0(struct pop3, 1);

    pop3->means = setup->means;
    pop3->got = setup->got;
    pop3->max_message = setup->max_message;
    pop3->line = g_string_new(NULL);
    pop3->mails = g_ptr_array_new_with_free_func(pop3_mail_free);
    pop3->named = g_hash_table_new(g_str_hash, g_str_equal);
    pop3->had = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pop3->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pop3->doubts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, pop3_doubt_free);
    pop3->hard = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (take_settings(pop3, setup, error))
        return pop3;
    pop3_close(pop3);
    return NULL;
}

static guint pop3_places(gpointer source)
{
    return 1;
}

static gboolean pop3_enter(gpointer source, guint place, guint64 *validity, GError **error)
{
    struct pop3 *pop3 = source;

    *validity = 0;
    pop3->rests = FALSE;
    return pop3_connect(pop3, error) && pop3_login(pop3, error);
}

/* -- looking -- */

/* A mail with its twins, as far as they are not deleted yet. */
static void add_with_twins(GPtrArray *mails, struct pop3_mail *mail)
{
    for (; mail; mail = mail->twin)
        if (!mail->deleted)
            g_ptr_array_add(mails, mail);
}

/* Those that were deleted in a session which ended without QUIT. */
static gboolean delete_again(struct pop3 *pop3, GError **error)
{
    g_autoptr(GPtrArray) mails = g_ptr_array_new();
    g_autoptr(GError) refusal = NULL;
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, pop3->told);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        add_with_twins(mails, g_hash_table_lookup(pop3->named, name));
    if (pop3_delete(pop3, mails, &refusal) || pop3->link)
        return TRUE; /* one that is refused hinders no other */
    g_propagate_error(error, g_steal_pointer(&refusal));
    return FALSE;
}

static GPtrArray *list(gpointer source, gboolean whole, GError **error)
{
    struct pop3 *pop3 = source;
    GPtrArray *uids;

    pop3->again = FALSE;
    pop3->whole = whole;
    if (!pop3_list(pop3, error) || !delete_again(pop3, error))
        return NULL;
    uids = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < pop3->mails->len; i++) {
        const struct pop3_mail *mail = pop3->mails->pdata[i];
        if (g_hash_table_lookup(pop3->named, mail->name) == mail)
            g_ptr_array_add(uids, g_strdup(mail->name));
    }
    return uids;
}

static gboolean fetch(gpointer source, const GPtrArray *uids, GError **error)
{
    return pop3_fetch(source, uids, error);
}

static gboolean taken(gpointer source, const GPtrArray *uids, GError **error)
{
    struct pop3 *pop3 = source;
    g_autoptr(GPtrArray) mails = g_ptr_array_new();

    if (!pop3->deletes)
        return TRUE;
    for (guint i = 0; i < uids->len; i++) {
        struct pop3_mail *mail = g_hash_table_lookup(pop3->named, uids->pdata[i]);
        if (mail && !g_hash_table_contains(pop3->had, mail->name)) {
            pop3_doubt(pop3, mail);
        } else if (mail) {
            g_hash_table_add(pop3->told, g_strdup(mail->name));
            add_with_twins(mails, mail);
        }
    }
    return pop3_delete(pop3, mails, error);
}

static gboolean has_deleted(const struct pop3 *pop3)
{
    for (guint i = 0; i < pop3->mails->len; i++)
        if (((const struct pop3_mail *)pop3->mails->pdata[i])->deleted)
            return TRUE;
    return FALSE;
}

/* Of a look that broke off the role forgets nothing either: it would pass over a new mail with the
 * name of one that it still knows. */
static void end_look(struct pop3 *pop3)
{
    if (!pop3->link)
        return;
    if (pop3->whole)
        pop3_forget_gone(pop3);
    pop3_note_quit(pop3); /* even if it is not sent to its end: how far it got nobody knows */
}

/* RFC 1939 6: only now the server deletes, and says whether it could. */
static gboolean finish(gpointer source, GError **error)
{
    struct pop3 *pop3 = source;
    gboolean matters = !pop3->link || has_deleted(pop3);
    g_autoptr(GError) why = NULL;
    enum pop3_reply reply = POP3_DEAD;

    pop3_expect(pop3, POP3_LINE);
    end_look(pop3);
    if (pop3_say(pop3, &why, "QUIT"))
        reply = pop3_read_reply(pop3, &why);
    if (reply == POP3_NO && matters)
        pop3_fail(pop3, &why,
            "the server has not deleted all mails that were taken: %s. They are not taken twice; "
            "it is tried again",
            pop3_text(pop3));
    pop3_drop(pop3);
    if (reply == POP3_YES || !matters)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* A POP3 server tells nothing by itself; but some mails may want another look. */
static gboolean wait_for_news(gpointer source, gint64 until, gboolean *news, GError **error)
{
    struct pop3 *pop3 = source;
    struct pollfd on = {pop3->means->channel, POLLIN, 0};
    gint64 left = until - g_get_monotonic_time();
    g_autofree char *state =
        g_strdup_printf("POP3, looks every %" G_GINT64_FORMAT " s", pop3->rescan);

    *news = pop3->again;
    if (*news)
        return TRUE;
    if (!pop3->rests)
        pop3->means->state(pop3->means->role, state);
    pop3->rests = TRUE;
    poll(&on, 1, left <= 0 ? 0 : (int)MIN(left / 1000 + 1, G_MAXINT));
    return !on.revents || pop3->means->hear(pop3->means->role);
}

const struct source_kind source_pop3 = {
    .name = "pop3",
    .open = pop3_open,
    .places = pop3_places,
    .enter = pop3_enter,
    .list = list,
    .fetch = fetch,
    .taken = taken,
    .finish = finish,
    .wait = wait_for_news,
    .close = pop3_close,
};
