/*
 * Mails: their sizes first, then the mails themselves, many by one command, each streamed into a
 * memory file of its own. Nothing that libetpan calls a success is believed: a mail counts when the
 * server gave it the uid that was asked for, a body, and the size that it had announced.
 *
 * A mail with which the connection breaks is asked for last the next time, alone; after some times
 * it is passed over for an hour: it shall not keep the others waiting.
 */
#include "imap-parts.h"
#include "error.h"
#include "fd.h"
#include <stdlib.h>
#include <unistd.h>

enum {
    MAIL_BYTES = 1024,      /* what is said around one mail, at the most */
    SLOWEST = 16 * 1024,    /* bytes a second */
    BATCH_BYTES = 32 << 20, /* by one command */
    BREAKS = 3,             /* of the connection, by one mail */
    REST = 3600,            /* seconds for which it is passed over then */
};

struct hard_mail {
    guint breaks;
    gint64 not_before;
    guint64 odd_size; /* the body had this one, not the one that was announced */
};

/* One fetch: what is asked, what is coming. */
struct fetch {
    struct imap *imap;
    GHashTable *sizes; /* uid -> size announced, of those that are to come */
    int mail;          /* that is coming, or -1 */
    guint64 size;      /* of it, so far */
    guint64 largest;   /* announced, of one command's */
    gboolean stopped;  /* the role wants no more */
    GError *error;     /* of our own */
};

/* -- mails that break the connection -- */

static struct hard_mail *hard_mail(struct imap *imap, guint32 uid)
{
    char *text = imap_uid_text(imap->at, uid);
    struct hard_mail *hard = g_hash_table_lookup(imap->hard, text);

    if (!hard) {
        hard = g_new0(struct hard_mail, 1);
        g_hash_table_insert(imap->hard, text, hard);
    } else {
        g_free(text);
    }
    return hard;
}

static void note_break(struct imap *imap, guint32 uid)
{
    struct hard_mail *hard = hard_mail(imap, uid);

    if (++hard->breaks >= BREAKS)
        hard->not_before = g_get_monotonic_time() + REST * (gint64)G_USEC_PER_SEC;
}

/* -- what libetpan calls -- */

static gboolean begin_mail(struct fetch *fetch)
{
    fetch->size = 0;
    fetch->mail = fd_new_memory("mail", &fetch->error);
    return fetch->mail >= 0;
}

/* Bytes beyond the limit are read and forgotten: the size is told when all were there. */
static bool take_bytes(int type, struct mailimap_msg_att_body_section *section, const char *bytes,
    size_t size, void *context)
{
    struct fetch *fetch = context;

    if (fetch->stopped || (fetch->mail < 0 && !begin_mail(fetch)))
        return false;
    fetch->size += size;
    return fetch->size > fetch->imap->max_message ||
           fd_write_all(fetch->mail, bytes, size, &fetch->error);
}

struct answer {
    guint32 uid;
    guint64 size;
    gboolean has_size, has_body;
};

static void read_item(const struct mailimap_msg_att_item *item, struct answer *answer)
{
    const struct mailimap_msg_att_static *fixed = item->att_data.att_static;

    if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC)
        return;
    if (fixed->att_type == MAILIMAP_MSG_ATT_UID)
        answer->uid = fixed->att_data.att_uid;
    if (fixed->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE) {
        answer->size = fixed->att_data.att_rfc822_size;
        answer->has_size = TRUE;
    }
    if (fixed->att_type == MAILIMAP_MSG_ATT_BODY_SECTION)
        answer->has_body = fixed->att_data.att_body_section->sec_body_part != NULL;
}

static struct answer read_answer(struct mailimap_msg_att *attributes)
{
    struct answer answer = {0};

    for (clistiter *at = clist_begin(attributes->att_list); at; at = clist_next(at))
        read_item(clist_content(at), &answer);
    return answer;
}

static void take_size(struct mailimap_msg_att *attributes, void *context)
{
    struct fetch *fetch = context;
    struct answer answer = read_answer(attributes);
    gpointer key = GUINT_TO_POINTER(answer.uid);
    guint64 *size;

    if (!answer.uid || !answer.has_size || !g_hash_table_contains(fetch->sizes, key))
        return; /* somebody has changed a flag */
    size = g_new(guint64, 1);
    *size = answer.size;
    g_hash_table_insert(fetch->sizes, key, size);
}

static gboolean tell(struct fetch *fetch, guint32 uid, int mail, const char *why_not)
{
    const struct imap *imap = fetch->imap;
    g_autofree char *text = imap_uid_text(imap->at, uid);

    return imap->got(imap->means->role, text, mail, why_not);
}

static gboolean tell_too_large(struct fetch *fetch, guint32 uid, guint64 size)
{
    g_autofree char *why = g_strdup_printf("it has %" G_GUINT64_FORMAT
                                           " bytes, intake.max_message allows %" G_GUINT64_FORMAT,
        size, fetch->imap->max_message);

    return tell(fetch, uid, -1, why);
}

/* Some servers announce a size that is not the body's, always the same: the second time it is
 * believed. The first time the body may have been cut. */
static gboolean is_whole(struct fetch *fetch, guint32 uid, guint64 announced)
{
    struct hard_mail *hard;

    if (fetch->size == announced)
        return TRUE;
    hard = hard_mail(fetch->imap, uid);
    if (hard->odd_size == fetch->size)
        return TRUE;
    hard->odd_size = fetch->size;
    return FALSE;
}

static gboolean hand_over(struct fetch *fetch, guint32 uid)
{
    int mail = fetch->mail;

    fetch->mail = -1;
    return tell(fetch, uid, mail, NULL);
}

static void forget_bytes(struct fetch *fetch)
{
    if (fetch->mail >= 0)
        close(fetch->mail);
    fetch->mail = -1;
    fetch->size = 0;
}

/* The time is each mail's own: those before it took theirs, and the desk its. */
static void extend_time(const struct fetch *fetch)
{
    const struct imap *imap = fetch->imap;

    link_set_deadline(imap->wire->link,
        PACE_WORK * link_server_timeout(imap->server) + (guint)(fetch->largest / SLOWEST));
}

static void take_mail(struct mailimap_msg_att *attributes, void *context)
{
    struct fetch *fetch = context;
    struct answer answer = read_answer(attributes);
    const guint64 *announced = g_hash_table_lookup(fetch->sizes, GUINT_TO_POINTER(answer.uid));

    if (answer.has_body && announced && !fetch->stopped &&
        (fetch->mail >= 0 || begin_mail(fetch))) {
        if (fetch->size > fetch->imap->max_message)
            fetch->stopped = !tell_too_large(fetch, answer.uid, fetch->size);
        else if (is_whole(fetch, answer.uid, *announced))
            fetch->stopped = !hand_over(fetch, answer.uid);
        g_hash_table_remove(fetch->sizes, GUINT_TO_POINTER(answer.uid));
    }
    forget_bytes(fetch);
    extend_time(fetch);
}

/* libetpan calls the handler of a mail when it has a progress function as well. */
static void no_progress(size_t current, size_t maximum, void *context)
{
}

/* -- commands -- */

static gboolean ask(
    struct fetch *fetch, const GArray *uids, struct mailimap_fetch_att *what, GError **error)
{
    struct imap *imap = fetch->imap;
    struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
    struct mailimap_set *set = imap_set(uids);
    clist *list = NULL;
    int status;

    mailimap_fetch_type_new_fetch_att_list_add(type, mailimap_fetch_att_new_uid());
    mailimap_fetch_type_new_fetch_att_list_add(type, what);
    mailimap_set_progress_callback(imap->session, NULL, no_progress, NULL);
    status = mailimap_uid_fetch(imap->session, set, type, &list);
    mailimap_set_progress_callback(imap->session, NULL, NULL, NULL);
    if (list && status == MAILIMAP_NO_ERROR) /* else it is freed already, and not NULL */
        mailimap_fetch_list_free(list);
    mailimap_set_free(set);
    mailimap_fetch_type_free(type);
    forget_bytes(fetch);
    if (fetch->stopped) {
        imap_drop(imap); /* what still comes is not wanted */
        imap->resting = TRUE;
        return TRUE;
    }
    if (imap_done(imap, status, "UID FETCH", error))
        return TRUE;
    /* A refusal is of some mails; the others came. */
    if (imap->session)
        g_clear_error(error);
    return imap->session != NULL;
}

static gboolean ask_sizes(struct fetch *fetch, const GArray *uids, GError **error)
{
    struct imap *imap = fetch->imap;

    imap_begin(imap, PACE_WORK, LONG_ANSWER);
    mailimap_set_msg_att_handler(imap->session, take_size, fetch);
    return ask(fetch, uids, mailimap_fetch_att_new_rfc822_size(), error);
}

static gboolean ask_mails(struct fetch *fetch, const GArray *uids, guint64 bytes, GError **error)
{
    struct imap *imap = fetch->imap;
    struct mailimap_section *all = mailimap_section_new(NULL);

    /* A body may be larger than it was announced. */
    imap_begin(imap, PACE_ANSWER, LONG_ANSWER + 2 * bytes + uids->len * (guint64)MAIL_BYTES);
    extend_time(fetch);
    imap->wire->guard.most_literal = G_MAXUINT32;
    mailimap_set_msg_att_handler(imap->session, take_mail, fetch);
    mailimap_set_msg_body_handler(imap->session, take_bytes, fetch);
    if (!ask(fetch, uids, mailimap_fetch_att_new_body_peek_section(all), error))
        return FALSE;
    if (imap->session) {
        mailimap_set_msg_body_handler(imap->session, NULL, NULL);
        imap->wire->guard.most_literal = 0;
    }
    return TRUE;
}

/* The first that did not come is the one with which it broke. */
static void note_first(struct fetch *fetch, struct imap_place *place, const GArray *uids)
{
    struct imap *imap = fetch->imap;

    imap->at = place; /* for the name */
    for (guint i = 0; i < uids->len; i++)
        if (g_hash_table_contains(
                fetch->sizes, GUINT_TO_POINTER(g_array_index(uids, guint32, i)))) {
            note_break(imap, g_array_index(uids, guint32, i));
            break;
        }
    imap->at = NULL;
}

static gboolean ask_batch(struct fetch *fetch, const GArray *uids, guint64 bytes, GError **error)
{
    struct imap_place *place = fetch->imap->at;

    if (!uids->len || fetch->stopped || ask_mails(fetch, uids, bytes, error))
        return TRUE;
    if (!fetch->error)
        note_first(fetch, place, uids);
    return FALSE;
}

/* -- all together -- */

/* Those that are still there and may be taken, the hard ones last. The others are said, or gone. */
static GArray *sort_out(struct fetch *fetch, const GArray *uids, guint *easy)
{
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GArray) hard = g_array_new(FALSE, FALSE, sizeof(guint32));
    struct imap *imap = fetch->imap;

    for (guint i = 0; i < uids->len; i++) {
        guint32 uid = g_array_index(uids, guint32, i);
        const guint64 *size = g_hash_table_lookup(fetch->sizes, GUINT_TO_POINTER(uid));
        g_autofree char *text = imap_uid_text(imap->at, uid);
        const struct hard_mail *known = g_hash_table_lookup(imap->hard, text);
        if (!size)
            continue;
        if (*size > imap->max_message)
            tell_too_large(fetch, uid, *size);
        else if (known && known->not_before > g_get_monotonic_time())
            tell(fetch, uid, -1, "the mail server breaks off when it is asked for it");
        else
            g_array_append_val(known && known->breaks ? hard : wanted, uid);
    }
    *easy = wanted->len;
    g_array_append_vals(wanted, hard->data, hard->len);
    return wanted;
}

/* Fills `batch` from `at` on; the hard ones go alone. Who came unasked with an earlier batch is not
 * asked again. */
static guint64 next_batch(
    struct fetch *fetch, const GArray *uids, guint easy, guint *at, GArray *batch)
{
    guint64 bytes = 0;

    fetch->largest = 0;
    do {
        guint32 uid = g_array_index(uids, guint32, (*at)++);
        const guint64 *size = g_hash_table_lookup(fetch->sizes, GUINT_TO_POINTER(uid));
        if (!size)
            continue;
        bytes += *size;
        fetch->largest = MAX(fetch->largest, *size);
        g_array_append_val(batch, uid);
    } while (*at < easy && bytes < BATCH_BYTES);
    return bytes;
}

static gboolean fetch_all(struct fetch *fetch, const GArray *uids, guint easy, GError **error)
{
    for (guint at = 0; at < uids->len && !fetch->stopped;) {
        g_autoptr(GArray) batch = g_array_new(FALSE, FALSE, sizeof(guint32));
        guint64 bytes = next_batch(fetch, uids, easy, &at, batch);
        if (!ask_batch(fetch, batch, bytes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fetch_sized(struct fetch *fetch, const GArray *uids, GError **error)
{
    g_autoptr(GArray) wanted = NULL;
    guint easy = 0;

    if (!ask_sizes(fetch, uids, error))
        return FALSE;
    wanted = sort_out(fetch, uids, &easy);
    return fetch_all(fetch, wanted, easy, error);
}

gboolean imap_fetch(struct imap *imap, const GPtrArray *uids, GError **error)
{
    g_autoptr(GHashTable) sizes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    struct fetch fetch = {.imap = imap, .sizes = sizes, .mail = -1};
    gboolean done;

    for (guint i = 0; i < uids->len; i++) {
        guint32 uid = imap_uid_number(uids->pdata[i]);
        g_array_append_val(numbers, uid);
        g_hash_table_insert(sizes, GUINT_TO_POINTER(uid), NULL);
    }
    done = fetch_sized(&fetch, numbers, error);
    if (fetch.error && !done) { /* what stopped us was ours */
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&fetch.error));
    }
    g_clear_error(&fetch.error);
    return done;
}
