/*
 * An IMAP mailbox as a source: each folder is a place, a mail's name is FOLDER/UID. The flags and
 * deletions of other clients are no state of ours: what was taken stands in the store, by uid.
 */
#include "imap-parts.h"
#include "error.h"
#include "imap-name.h"
#include <poll.h>

static void place_free(gpointer data)
{
    struct imap_place *place = data;

    g_free(place->folder);
    g_free(place->name);
    g_free(place);
}

static void imap_close(gpointer source)
{
    struct imap *imap = source;

    imap_leave(imap);
    link_server_free(imap->server);
    g_ptr_array_unref(imap->places);
    g_hash_table_unref(imap->hard);
    g_free(imap->target);
    g_free(imap->target_name);
    g_free(imap->state);
    g_free(imap);
}

/* -- open -- */

static void add_places(struct imap *imap, const char *const *folders)
{
    for (; folders && *folders; folders++) {
        struct imap_place *place = g_new0(struct imap_place, 1);
        place->folder = g_strdup(*folders);
        place->name = imap_name_encode(*folders);
        g_ptr_array_add(imap->places, place);
    }
}

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE,
        "%s. Nothing was connected; change the configuration", what);
    return FALSE;
}

static gboolean set_after(struct imap *imap, const char *after, GError **error)
{
    static const char *const names[] = {
        [AFTER_LEAVE] = "leave", [AFTER_KEYWORD] = "keyword", [AFTER_MOVE] = "move"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(after, names[i])) {
            imap->after = (enum imap_after)i;
            for (guint j = 0; i == AFTER_MOVE && j < imap->places->len; j++)
                if (g_str_equal(
                        ((struct imap_place *)imap->places->pdata[j])->folder, imap->target))
                    return fail(error, "`move_to` is one of the `folders` that are read");
            return TRUE;
        }
    return fail(error, "`after` of an IMAP mailbox is \"leave\", \"keyword\" or \"move\"");
}

static gboolean take_settings(struct imap *imap, const struct source_setup *setup, GError **error)
{
    g_autofree const char **folders = NULL;
    const char *after = "", *target = "";

    if (!g_variant_dict_lookup(setup->settings, "folders", "^a&s", &folders) || !folders[0] ||
        !g_variant_dict_lookup(setup->settings, "after", "&s", &after) ||
        !g_variant_dict_lookup(setup->settings, "move_to", "&s", &target) ||
        !g_variant_dict_lookup(setup->settings, "rescan", "x", &imap->rescan) ||
        !g_variant_dict_lookup(setup->settings, "idle", "x", &imap->idle))
        return fail(error, "an IMAP mailbox is described in a way that is not understood");
    add_places(imap, folders);
    imap->target = g_strdup(target);
    imap->target_name = imap_name_encode(target);
    return set_after(imap, after, error);
}

static gpointer imap_open(const struct source_setup *setup, GError **error)
{
    struct imap *imap = g_new0(struct imap, 1);

    mmap_string_set_ceil(G_MAXSIZE); /* never a file in /tmp for a long line */
    imap->means = setup->means;
    imap->got = setup->got;
    imap->max_message = setup->max_message;
    imap->places = g_ptr_array_new_with_free_func(place_free);
    imap->hard = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (take_settings(imap, setup, error) &&
        (imap->server = link_server_new(setup->settings, setup->means, error)))
        return imap;
    imap_close(imap);
    return NULL;
}

/* -- the connection -- */

static guint imap_places(gpointer source)
{
    return ((struct imap *)source)->places->len;
}

/* Is the connection still of use? A server ends one that was silent for long: no trouble. */
static gboolean is_alive(struct imap *imap)
{
    if (!imap->session || !imap_stop_idling(imap, NULL))
        return FALSE;
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (imap_done(imap, mailimap_noop(imap->session), "NOOP", NULL))
        return TRUE;
    imap_drop(imap);
    return FALSE;
}

static gboolean imap_enter(gpointer source, guint place, guint64 *validity, GError **error)
{
    struct imap *imap = source;
    struct imap_place *wanted = imap->places->pdata[place];

    g_clear_pointer(&imap->state, g_free);
    if (!is_alive(imap) && !imap_connect(imap, error))
        return FALSE;
    if (imap->at != wanted && !imap_select(imap, wanted, error))
        return FALSE;
    *validity = wanted->validity;
    return TRUE;
}

static gboolean is_connected(struct imap *imap, GError **error)
{
    if (imap->session && imap->at)
        return imap_stop_idling(imap, error);
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "%s: the connection has ended. Nothing is lost; it is connected anew",
        link_server_host(imap->server));
    return FALSE;
}

static GPtrArray *list(gpointer source, gboolean whole, GError **error)
{
    return is_connected(source, error) ? imap_list(source, whole, error) : NULL;
}

static gboolean fetch(gpointer source, const GPtrArray *uids, GError **error)
{
    return is_connected(source, error) && imap_fetch(source, uids, error);
}

static gboolean taken(gpointer source, const GPtrArray *uids, GError **error)
{
    struct imap *imap = source;
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));

    if (!is_connected(imap, error))
        return FALSE;
    for (guint i = 0; i < uids->len; i++) {
        guint32 uid = imap_uid_number(uids->pdata[i]);
        imap->at->told = MAX(imap->at->told, uid);
        g_array_append_val(numbers, uid);
    }
    imap_sort(numbers);
    return imap_taken(imap, numbers, error);
}

static gboolean imap_finish(gpointer source, GError **error)
{
    return TRUE;
}

static gboolean wait_for_desk(const struct means *means, gint64 until)
{
    struct pollfd on = {means->channel, POLLIN, 0};
    gint64 left = until - g_get_monotonic_time();

    poll(&on, 1, left <= 0 ? 0 : (int)MIN(left / 1000 + 1, G_MAXINT));
    return !on.revents || means->hear(means->role);
}

static gboolean imap_wait_for_news(gpointer source, gint64 until, gboolean *news, GError **error)
{
    struct imap *imap = source;

    *news = FALSE;
    if (imap->session)
        return imap_wait(imap, until, news, error);
    if (imap->resting)
        return wait_for_desk(imap->means, until);
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE, "%s: the connection has ended",
        link_server_host(imap->server));
    return FALSE;
}

const struct source_kind source_imap = {
    .name = "imap",
    .open = imap_open,
    .places = imap_places,
    .enter = imap_enter,
    .list = list,
    .fetch = fetch,
    .taken = taken,
    .finish = imap_finish,
    .wait = imap_wait_for_news,
    .close = imap_close,
};
