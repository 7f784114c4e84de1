/*
 * What is done with mails that are committed: nothing, a keyword, or a move. What others have done
 * to them is left alone, and nothing is ever expunged but what was copied first, by its uid. Each
 * can be done again after a crash in the middle.
 */
#include "imap-parts.h"
#include "error.h"
#include "fault.h"
#include <stdlib.h>
#include <string.h>

#define TAKEN "$MadoTaken"
#define COPIED "$MadoCopied" /* it is in the target: an attempt that broke off knows by that */

/* -- what this folder allows -- */

static gboolean is_keyword(const struct mailimap_flag *flag, const char *keyword)
{
    return flag && flag->fl_type == MAILIMAP_FLAG_KEYWORD &&
           g_ascii_strcasecmp(flag->fl_data.fl_keyword, keyword) == 0;
}

/* RFC 9051, 7.1: "\*" is any keyword; a server that names no permanent flags keeps them all. */
static gboolean keeps(const struct imap *imap, const char *keyword)
{
    const struct mailimap_selection_info *info = imap->session->imap_selection_info;

    if (info->sel_perm == MAILIMAP_MAILBOX_READONLY)
        return FALSE;
    if (!info->sel_perm_flags)
        return TRUE;
    for (clistiter *at = clist_begin(info->sel_perm_flags); at; at = clist_next(at)) {
        const struct mailimap_flag_perm *flag = clist_content(at);
        if (flag->fl_type == MAILIMAP_FLAG_PERM_ALL || is_keyword(flag->fl_flag, keyword))
            return TRUE;
    }
    return FALSE;
}

/* -- commands over a set -- */

static gboolean store(
    struct imap *imap, const GArray *uids, struct mailimap_flag_list *flags, GError **error)
{
    struct mailimap_store_att_flags *change = mailimap_store_att_flags_new_add_flags_silent(flags);
    struct mailimap_set *set = imap_set(uids);
    int status;

    imap_begin(imap, PACE_WORK, LONG_ANSWER);
    status = mailimap_uid_store(imap->session, set, change);
    mailimap_store_att_flags_free(change);
    mailimap_set_free(set);
    return imap_done(imap, status, "UID STORE", error);
}

static void add_keyword(
    const struct imap *imap, struct mailimap_flag_list *flags, const char *keyword)
{
    if (keeps(imap, keyword))
        mailimap_flag_list_add(flags, mailimap_flag_new_flag_keyword(strdup(keyword)));
}

static gboolean expunge(struct imap *imap, const GArray *uids, GError **error)
{
    struct mailimap_set *set = imap_set(uids);
    int status;

    imap_begin(imap, PACE_WORK, LONG_ANSWER);
    status = mailimap_uid_expunge(imap->session, set); /* RFC 4315: these alone */
    mailimap_set_free(set);
    return imap_done(imap, status, "UID EXPUNGE", error);
}

/* -- to the other folder -- */

struct way {
    const char *name;
    int (*send)(mailimap *session, struct mailimap_set *set, const char *folder);
};
static const struct way by_move = {"UID MOVE", mailimap_uid_move};
static const struct way by_copy = {"UID COPY", mailimap_uid_copy};

/* And subscribes to it, so that people's mail programs show it; no matter if they do not. */
static gboolean make_target(struct imap *imap)
{
    imap_begin(imap, PACE_WORK, LONG_ANSWER);
    return imap_done(imap, mailimap_create(imap->session, imap->target_name), "CREATE", NULL) &&
           (imap_done(
                imap, mailimap_subscribe(imap->session, imap->target_name), "SUBSCRIBE", NULL) ||
               imap->session);
}

static gboolean send_to_target(
    struct imap *imap, const struct way *way, const GArray *uids, GError **error)
{
    struct mailimap_set *set = imap_set(uids);
    int status;

    imap_begin(imap, PACE_WORK, LONG_ANSWER);
    status = way->send(imap->session, set, imap->target_name);
    mailimap_set_free(set);
    return imap_done(imap, status, way->name, error);
}

/* The server says TRYCREATE when the folder is missing (RFC 9051, 7.1), or merely no. */
static gboolean to_target(
    struct imap *imap, const struct way *way, const GArray *uids, GError **error)
{
    g_autoptr(GError) first = NULL;

    if (send_to_target(imap, way, uids, &first))
        return TRUE;
    if (imap->session && make_target(imap))
        return send_to_target(imap, way, uids, error);
    g_propagate_error(error, g_steal_pointer(&first));
    return FALSE;
}

/* -- without MOVE -- */

static gboolean mark_copied(struct imap *imap, const GArray *uids, gboolean deleted, GError **error)
{
    struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();

    add_keyword(imap, flags, TAKEN);
    add_keyword(imap, flags, COPIED);
    if (deleted)
        mailimap_flag_list_add(flags, mailimap_flag_new_deleted());
    return store(imap, uids, flags, error);
}

static gboolean contains(const GArray *uids, guint32 uid)
{
    for (guint i = 0; i < uids->len; i++)
        if (g_array_index(uids, guint32, i) == uid)
            return TRUE;
    return FALSE;
}

/* Those that are not in the target yet. NULL: `error`. */
static GArray *not_copied(struct imap *imap, const GArray *uids, GError **error)
{
    struct mailimap_search_key *both = mailimap_search_key_new_multiple_empty();
    g_autoptr(GArray) copied = NULL;
    GArray *rest;

    mailimap_search_key_multiple_add(both, mailimap_search_key_new_uid(imap_set(uids)));
    mailimap_search_key_multiple_add(both, mailimap_search_key_new_keyword(strdup(COPIED)));
    if (!(copied = imap_search(imap, both, error)))
        return NULL;
    rest = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = 0; i < uids->len; i++)
        if (!contains(copied, g_array_index(uids, guint32, i)))
            g_array_append_val(rest, g_array_index(uids, guint32, i));
    return rest;
}

/* Copied, marked as copied, and then expunged by uid alone. Where the server cannot do that (no
 * UIDPLUS) the original stays, marked: a bare EXPUNGE would also take what others deleted. */
static gboolean copy_and_remove(struct imap *imap, const GArray *uids, GError **error)
{
    gboolean removing = imap_can(imap, "UIDPLUS");
    g_autoptr(GArray) rest = not_copied(imap, uids, error);

    if (!rest)
        return FALSE;
    if (rest->len &&
        (!to_target(imap, &by_copy, rest, error) || !mark_copied(imap, rest, removing, error)))
        return FALSE;
    fault_pass("imap_copied");
    return !removing || expunge(imap, uids, error);
}

/* -- all -- */

static gboolean mark_taken(struct imap *imap, const GArray *uids, GError **error)
{
    struct mailimap_flag_list *flags;

    if (!keeps(imap, TAKEN)) {
        imap->note = "the folder keeps no keywords, so mail that was taken stays unmarked";
        return TRUE;
    }
    flags = mailimap_flag_list_new_empty();
    add_keyword(imap, flags, TAKEN);
    return store(imap, uids, flags, error);
}

static gboolean move_away(struct imap *imap, const GArray *uids, GError **error)
{
    if (imap_can(imap, "MOVE"))
        return to_target(imap, &by_move, uids, error);
    if (!keeps(imap, COPIED)) {
        imap->note = "the server can neither move nor keep keywords, so mail that was taken stays";
        return TRUE;
    }
    if (!imap_can(imap, "UIDPLUS"))
        imap->note = "the server has neither MOVE nor UIDPLUS, so mail that was taken is copied, "
                     "and stays with the keyword " TAKEN;
    return copy_and_remove(imap, uids, error);
}

gboolean imap_taken(struct imap *imap, const GArray *uids, GError **error)
{
    static gboolean (*const ways[])(struct imap *, const GArray *, GError **) = {
        [AFTER_KEYWORD] = mark_taken, [AFTER_MOVE] = move_away};

    if (!uids->len || imap->after == AFTER_LEAVE)
        return TRUE;
    return ways[imap->after](imap, uids, error);
}
