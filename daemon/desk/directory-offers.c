/*
 * Keys that come with mail
 *
 * SECURITY. Anybody can send a key that says it is anybody's. It is looked at in a home that is
 * thrown away, once for the same bytes, and kept as offered: it proves and seals nothing before a
 * person pins its whole fingerprint. A key that is there already stays as it is. Strangers cannot
 * fill the store: so many of one address a day, so many in all, and the oldest go.
 */
#include "state.h"
#include "log.h"
#include "now.h"
#include <inttypes.h>
#include <mado/limits.h>

enum { A_DAY = 86400 };

struct offer {
    guint64 mail;
    char *sha256;
};

static void offer_free(struct offer *offer)
{
    g_free(offer->sha256);
    g_free(offer);
}

static gboolean keep(struct desk *desk, guint64 mail, const struct key_info *info, GError **error)
{
    g_autofree char *origin = g_strdup_printf("mail:%" PRIu64, mail);
    g_autofree char *text =
        g_strdup_printf("key %s: came with a mail, and is nobody's yet", info->fingerprint);
    gboolean known;

    if (!store_knows_key(desk->store, info->fingerprint, &known, error))
        return FALSE;
    return known || (store_add_key(desk->store, info, "offered", origin, now_seconds(), error) &&
                        store_journal(desk->store, now_seconds(), "mado", "key-offered", 0, mail,
                            text, error));
}

static gboolean forget_old(struct desk *desk, GError **error)
{
    gint64 now = now_seconds();
    const struct old_offers old = {
        now - (gint64)LIMIT_OFFERED_DAYS * A_DAY, now - A_DAY, LIMIT_OFFERED_KEYS};
    g_autofree char *text = NULL;
    guint count;

    if (!store_forget_old_offers(desk->store, &old, &count, error))
        return FALSE;
    text = g_strdup_printf("%u key%s that came with mail, and that nobody pinned in %d days or "
                           "among %d others",
        count, count == 1 ? "" : "s", LIMIT_OFFERED_DAYS, LIMIT_OFFERED_KEYS);
    return !count || store_journal(desk->store, now, "mado", "keys-forgotten", 0, 0, text, error);
}

/* What cannot be looked at is no key; a sender's doing is no error. If it is gpg that was not well,
 * the same bytes may come again. */
static void looked(struct desk *desk, gpointer data, const struct job_end *end)
{
    struct offer *offer = data;
    g_autoptr(GPtrArray) infos =
        end->outcome == KEYS_DONE ? key_infos_from_variant(end->result) : NULL;
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (!infos)
        log_event(LOG_LEVEL_INFO, offer->mail, "offer", "not taken: %s", end->why);
    if (end->outcome == KEYS_LATER && !store_forget_offer(desk->store, offer->sha256, &error))
        desk_give_up(error);
    for (guint i = 0; infos && i < MIN(infos->len, LIMIT_OFFERS); i++)
        if (!keep(desk, offer->mail, infos->pdata[i], &error))
            desk_give_up(error);
    if (!forget_old(desk, &error))
        desk_give_up(error);
    desk_keep(desk);
    offer_free(offer);
}

static void look(struct desk *desk, guint64 mail, GBytes *bytes, const char *sha256)
{
    struct offer *offer = g_new0(struct offer, 1);

    offer->mail = mail;
    offer->sha256 = g_strdup(sha256);
    jobs_do(desk, KEYS_LOOK, g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE),
        looked, offer);
}

gboolean directory_offer(struct desk *desk, guint64 mail, const GPtrArray *offers, GError **error)
{
    gint64 now = now_seconds();

    for (guint i = 0; i < MIN(offers->len, LIMIT_OFFERS); i++) {
        GBytes *bytes = offers->pdata[i];
        g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
        gint64 of_sender, all;
        gboolean fresh;
        if (!store_count_offers(desk->store, mail, now - A_DAY, &of_sender, &all, error))
            return FALSE;
        if (of_sender >= LIMIT_OFFERS_OF_ONE || all >= LIMIT_OFFERS_OF_ALL ||
            g_bytes_get_size(bytes) > LIMIT_OFFER_BYTES)
            continue;
        if (!store_note_offer(desk->store, sha256, mail, now, &fresh, error))
            return FALSE;
        if (fresh)
            look(desk, mail, bytes, sha256);
    }
    return TRUE;
}
