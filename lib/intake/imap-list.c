/* Folders, and what is in them. */
#include "imap-parts.h"
#include "error.h"
#include <mado/limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 5000,  /* mails that one search may find: its answer is one line */
    FIRST_STEP = 64, /* where few are to be expected */
    MOST_STEPS = LIMIT_UIDS / AT_ONCE + 10,
};

gboolean imap_select(struct imap *imap, struct imap_place *place, GError **error)
{
    const struct mailimap_selection_info *info;
    int status;

    imap->at = NULL;
    imap->wire->exists = 0;
    imap_begin(imap, PACE_WORK, SHORT_ANSWER);
    status = mailimap_select(imap->session, place->name);
    if (!imap_done(imap, status, "SELECT", error)) {
        g_prefix_error(error, "folder \"%s\": ", place->folder);
        imap_drop(imap);
        return FALSE;
    }
    info = imap->session->imap_selection_info;
    if (!info->sel_uidvalidity) /* RFC 9051, 2.3.1.1: without it nothing has a name that lasts */
        return imap_break(imap, "the mail server gives the folder no UIDVALIDITY", error);
    if (place->validity != info->sel_uidvalidity) {
        place->told = place->next = 0;
        g_hash_table_remove_all(imap->hard);
    }
    place->validity = info->sel_uidvalidity;
    imap->wire->grown = info->sel_uidnext > place->next;
    place->next = MAX(place->next, info->sel_uidnext);
    imap->at = place;
    return TRUE;
}

/* -- names of mails -- */

char *imap_uid_text(const struct imap_place *place, guint32 uid)
{
    return g_strdup_printf("%s/%u", place->folder, uid);
}

guint32 imap_uid_number(const char *uid)
{
    const char *number = strrchr(uid, '/');
    return number ? (guint32)strtoul(number + 1, NULL, 10) : 0;
}

struct mailimap_set *imap_set(const GArray *uids)
{
    struct mailimap_set *set = mailimap_set_new_empty();

    for (guint i = 0; i < uids->len;) {
        guint32 first = g_array_index(uids, guint32, i), last = first;
        while (++i < uids->len && g_array_index(uids, guint32, i) == last + 1)
            last++;
        mailimap_set_add_interval(set, first, last);
    }
    return set;
}

/* -- search -- */

static int ascending(gconstpointer a, gconstpointer b)
{
    guint32 first = *(const guint32 *)a, second = *(const guint32 *)b;
    return (first > second) - (first < second);
}

/* Consumes `found`, which may be NULL. */
static void collect(GArray *uids, clist *found)
{
    if (!found)
        return;
    for (clistiter *at = clist_begin(found); at; at = clist_next(at)) {
        guint32 uid = *(guint32 *)clist_content(at);
        if (uid && uids->len < LIMIT_UIDS)
            g_array_append_val(uids, uid);
    }
    mailimap_search_result_free(found);
}

/* The same search that libetpan's mailimap_uid_search() does, which breaks on an answer with MODSEQ
 * for want of a place to put it. */
static gboolean search_into(
    struct imap *imap, GArray *uids, struct mailimap_search_key *key, GError **error)
{
    guint64 modseq;
    clist *found = NULL;
    int status;

    imap_begin(imap, PACE_WORK, SHORT_ANSWER);
    status = mailimap_uid_search_modseq(imap->session, NULL, key, &found, &modseq);
    collect(uids, found);
    mailimap_search_key_free(key);
    if (imap_done(imap, status, "UID SEARCH", error))
        return TRUE;
    imap_drop(imap);
    return FALSE;
}

void imap_sort(GArray *uids)
{
    guint kept = 0;

    g_array_sort(uids, ascending);
    for (guint i = 0; i < uids->len; i++)
        if (!kept || g_array_index(uids, guint32, i) != g_array_index(uids, guint32, kept - 1))
            g_array_index(uids, guint32, kept++) = g_array_index(uids, guint32, i);
    g_array_set_size(uids, kept);
}

GArray *imap_search(struct imap *imap, struct mailimap_search_key *key, GError **error)
{
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));

    if (!search_into(imap, uids, key, error))
        return NULL;
    imap_sort(uids);
    return g_steal_pointer(&uids);
}

/* -- listing -- */

/* Step by step, by the places that mails have in the folder, from the last one down: when others
 * expunge meanwhile those above move down, and none is passed over. Ends at the first mail that is
 * not above `told`. */
static gboolean search_down(
    struct imap *imap, guint32 last, guint32 told, GArray *uids, GError **error)
{
    guint32 step = told ? FIRST_STEP : AT_ONCE;
    gboolean arrived = FALSE;

    for (guint steps = 0; !arrived && steps < MOST_STEPS && uids->len < LIMIT_UIDS; steps++) {
        guint32 first, before = uids->len;
        last = MIN(last, imap->wire->exists);
        first = last > step ? last - step + 1 : 1;
        if (!last)
            return TRUE;
        if (!search_into(imap, uids,
                mailimap_search_key_new_set(mailimap_set_new_interval(first, last)), error))
            return FALSE;
        for (guint i = before; i < uids->len; i++)
            arrived |= g_array_index(uids, guint32, i) <= told;
        last = first - 1;
        step = MIN(step * 4, AT_ONCE);
    }
    return TRUE;
}

/* Of more than LIMIT_UIDS mails the oldest are taken first. */
GPtrArray *imap_list(struct imap *imap, gboolean whole, GError **error)
{
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint32 told = whole ? 0 : imap->at->told;
    GPtrArray *texts;

    imap->wire->grown = FALSE;
    if (!search_down(imap, told ? G_MAXUINT32 : LIMIT_UIDS, told, uids, error))
        return NULL;
    imap_sort(uids);
    if (uids->len)
        imap->at->next = MAX(imap->at->next, g_array_index(uids, guint32, uids->len - 1) + 1);
    texts = g_ptr_array_new_full(uids->len, g_free);
    for (guint i = 0; i < uids->len; i++)
        if (g_array_index(uids, guint32, i) > told)
            g_ptr_array_add(texts, imap_uid_text(imap->at, g_array_index(uids, guint32, i)));
    return texts;
}
