/*
 * Mail that is signed or sealed, on its way to what a person can read
 *
 *   layer      waits for the keys role, then is with it
 *   document   what came out waits for a reader, then is with it; at most LIMIT_LAYERS times
 *   done       the mail and what may be said of it are settled in one change
 *   rest       the keys role cannot say now: the mail is read again later, for as long as it takes;
 *              but one that ends it again and again, while it serves others, stays closed
 *
 * SECURITY. All that was opened is in memory alone until it is settled: so it is counted. A mail
 * without layers never comes here. Nothing is said of a mail for which the keys role has no answer.
 */
#include "state.h"
#include "log.h"
#include "now.h"
#include "open.h"
#include <mado/limits.h>

enum {
    OPEN_AT_MOST = 256, /* more are read again later */
    OPEN_BYTES = 256 << 20,
    OPEN_ENOUGH = 48, /* no more are begun while these go on */
    DOCUMENT_BYTES = 128 << 20,
    STANDSTILL_SECONDS = 2,
    FIRST_REST_SECONDS = 60,
    LONGEST_REST_SECONDS = 60 * 60,
    MOST_GIVEN_UP = 3,
};

/* One mail that is being opened. */
struct work {
    guint64 mail;
    struct opening *opening;
    guint64 bytes;          /* of its layer */
    guint64 document_bytes; /* of what came out of it */
    gboolean with_reader;
    int deaths; /* readers that ended while they had the document */
};

/* One that is read again later. */
struct rest {
    gint64 until;  /* by now_passed() */
    gboolean full; /* there were too many: until there are fewer */
    guint times;
    guint given_up; /* times that it ended the keys role, which served others in between */
    guint64 opened; /* of others, when it last did so */
};

struct openings {
    GHashTable *works, *rests;  /* by mail */
    GQueue *layers, *documents; /* struct work, that wait for the keys role, for a reader */
    guint asked;                /* layers that the keys role has */
    guint64 bytes, document_bytes;
    guint64 opened[2]; /* layers since the start; [TRUE]: of those that were encrypted */
    gint64 moved_on;   /* by now_passed() */
};

static void work_free(gpointer data)
{
    struct work *work = data;

    opening_free(work->opening);
    g_free(work);
}

void openings_make(struct desk *desk)
{
    struct openings *all = g_new0(struct openings, 1);

    all->works = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, work_free);
    all->rests = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    all->layers = g_queue_new();
    all->documents = g_queue_new();
    desk->openings = all;
}

gboolean opening_has(const struct desk *desk, guint64 mail)
{
    return g_hash_table_contains(desk->openings->works, &mail);
}

/* -- how much at once -- */

static gboolean is_full(const struct openings *all)
{
    return g_hash_table_size(all->works) >= OPEN_AT_MOST || all->bytes >= OPEN_BYTES;
}

gboolean opening_has_enough(const struct desk *desk)
{
    const struct openings *all = desk->openings;

    return (g_hash_table_size(all->works) >= OPEN_ENOUGH || all->bytes >= OPEN_BYTES / 2) &&
           now_passed() - all->moved_on < STANDSTILL_SECONDS;
}

gboolean opening_rests(const struct desk *desk, guint64 mail)
{
    const struct rest *rest = g_hash_table_lookup(desk->openings->rests, &mail);

    return rest && (rest->until > now_passed() || (rest->full && is_full(desk->openings)));
}

guint opening_count_resting(const struct desk *desk)
{
    return g_hash_table_size(desk->openings->rests);
}

static void count_document(struct desk *desk, struct work *work, GBytes *document)
{
    guint64 bytes = document ? g_bytes_get_size(document) : 0;

    desk->openings->document_bytes += bytes - work->document_bytes;
    work->document_bytes = bytes;
}

/* -- the end of an opening -- */

static void forget(struct desk *desk, struct work *work)
{
    struct openings *all = desk->openings;
    guint64 mail = work->mail;

    count_document(desk, work, NULL);
    all->bytes -= work->bytes;
    g_queue_remove(all->layers, work);
    g_queue_remove(all->documents, work);
    g_hash_table_remove(all->works, &mail);
    g_hash_table_remove(desk->in_hand, &mail);
    desk->look_for_mail = TRUE;
}

/* The attempt has failed by nobody's doing. */
static void forgive(struct desk *desk, guint64 mail)
{
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (!store_forgive_attempt(desk->store, mail, &error))
        desk_give_up(error);
    desk_keep(desk);
}

static struct rest *rest_of(struct desk *desk, guint64 mail)
{
    GHashTable *rests = desk->openings->rests;
    struct rest *rest = g_hash_table_lookup(rests, &mail);

    if (!rest) {
        rest = g_new0(struct rest, 1);
        g_hash_table_insert(rests, g_memdup2(&mail, sizeof mail), rest);
    }
    return rest;
}

static void rest_a_while(struct desk *desk, struct work *work, const char *why)
{
    struct rest *rest = rest_of(desk, work->mail);

    if (!rest->times)
        log_event(LOG_LEVEL_WARN, work->mail, "opening-waits", "%s", why);
    rest->full = FALSE;
    rest->until = now_passed() + MIN((gint64)FIRST_REST_SECONDS << MIN(rest->times, 6u),
                                     (gint64)LONGEST_REST_SECONDS);
    rest->times++;
    forgive(desk, work->mail);
    forget(desk, work);
}

static void finish(struct desk *desk, struct work *work)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) known =
        store_known_keys(desk->store, opening_signers(work->opening), &error);
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_message) message = NULL;

    if (!known)
        desk_give_up(error);
    message = opening_finish(work->opening, known, &crypto);
    pipeline_settle(desk, &(struct reading){.mail = work->mail,
                              .message = message,
                              .crypto = crypto,
                              .offers = opening_offers(work->opening)});
    g_hash_table_remove(desk->openings->rests, &work->mail);
    forget(desk, work);
}

/* -- from step to step -- */

static void wait_for_keys(struct desk *desk, struct work *work)
{
    count_document(desk, work, NULL);
    g_queue_push_tail(desk->openings->layers, work);
}

static void wait_for_reader(struct desk *desk, struct work *work)
{
    count_document(desk, work, opening_document(work->opening));
    g_queue_push_tail(desk->openings->documents, work);
}

static void go_on(struct desk *desk, struct work *work, enum opening_step step)
{
    static void (*const steps[])(struct desk *, struct work *) = {
        [OPENING_KEYS] = wait_for_keys,
        [OPENING_READ] = wait_for_reader,
        [OPENING_DONE] = finish,
    };

    desk->openings->moved_on = now_passed();
    steps[step](desk, work);
}

static guint64 size_of(const struct layer *layer)
{
    return (layer->payload ? g_bytes_get_size(layer->payload) : 0) +
           (layer->signature ? g_bytes_get_size(layer->signature) : 0);
}

void opening_begin(struct desk *desk, guint64 mail, struct facts *facts, gint64 arrived)
{
    struct openings *all = desk->openings;
    struct work *work = g_new0(struct work, 1);

    work->mail = mail;
    work->opening = opening_new(arrived);
    work->bytes = size_of(facts->layer);
    if (is_full(all)) {
        rest_of(desk, mail)->full = TRUE;
        facts_free(facts);
        work_free(work);
        forgive(desk, mail);
        g_hash_table_remove(desk->in_hand, &mail);
        return;
    }
    all->bytes += work->bytes;
    g_hash_table_insert(all->works, &work->mail, work);
    go_on(desk, work, opening_take_facts(work->opening, facts));
}

/* What the keys role cannot or must not do stays closed; what makes no sense is as good as nothing.
 */
struct opened *opening_opened(const struct job_end *end)
{
    struct opened *opened = end->outcome == KEYS_DONE ? opened_from_variant(end->result) : NULL;
    g_autofree char *said = NULL;

    if (!opened) {
        opened = opened_new();
        opened->state = OPENED_BROKEN;
        g_free(opened->why);
        opened->why = g_strdup(
            end->outcome == KEYS_DONE ? "the answer of the keys role makes no sense" : end->why);
    }
    said = g_steal_pointer(&opened->why);
    opened->why = peer_words(said);
    return opened;
}

/* A stranger can make in a second what keeps gpg busy for hours. If it has opened others since the
 * last time, it is well, and this mail is the cause: it stays closed, has a number, and a person
 * can have it tried again. */
static gboolean is_the_cause(struct desk *desk, const struct work *work, const struct job_end *end)
{
    gboolean sealed = layer_is_encrypted(opening_layer(work->opening)->kind);
    guint64 opened = desk->openings->opened[sealed];
    struct rest *rest;

    if (!end->given_up)
        return FALSE;
    rest = rest_of(desk, work->mail);
    rest->given_up += !rest->given_up || opened > rest->opened;
    rest->opened = opened;
    return rest->given_up >= MOST_GIVEN_UP;
}

static void count_opened(struct openings *all, const struct opened *opened)
{
    all->opened[FALSE] += opened->state == OPENED_DONE;
    all->opened[TRUE] += opened->state == OPENED_DONE && opened->encrypted;
}

static struct opened *opened_too_hard(const struct job_end *end)
{
    struct opened *opened = opened_new();

    opened->state = OPENED_UNKNOWN;
    g_free(opened->why);
    opened->why = g_strdup(end->why);
    return opened;
}

static void take_opened(struct desk *desk, struct work *work, struct opened *opened)
{
    count_opened(desk->openings, opened);
    go_on(desk, work, opening_take_opened(work->opening, opened));
}

static void take_end(struct desk *desk, gpointer data, const struct job_end *end)
{
    guint64 mail = GPOINTER_TO_SIZE(data);
    struct work *work = g_hash_table_lookup(desk->openings->works, &mail);

    desk->openings->asked--;
    if (!work) /* given up, for the desk is about to end */
        return;
    if (is_the_cause(desk, work, end))
        take_opened(desk, work, opened_too_hard(end));
    else if (end->outcome == KEYS_LATER)
        rest_a_while(desk, work, end->why);
    else
        take_opened(desk, work, opening_opened(end));
}

void opening_read(struct desk *desk, guint64 mail, struct facts *facts, const char *why)
{
    struct work *work = g_hash_table_lookup(desk->openings->works, &mail);

    work->with_reader = FALSE;
    if (facts) {
        work->deaths = 0;
        go_on(desk, work, opening_take_facts(work->opening, facts));
    } else if (++work->deaths < LIMIT_READER_DEATHS) {
        wait_for_reader(desk, work);
    } else {
        go_on(desk, work, opening_take_death(work->opening, why));
    }
}

void opening_reader_lost(struct desk *desk, guint64 mail, gboolean had_it)
{
    struct work *work = g_hash_table_lookup(desk->openings->works, &mail);

    work->deaths -= !had_it;
    opening_read(desk, mail, NULL, "the reader ended while it had this document");
}

/* -- giving -- */

static void ask_keys(struct desk *desk, struct work *work)
{
    desk->openings->asked++;
    jobs_do(desk, KEYS_OPEN, layer_to_variant(opening_layer(work->opening)), take_end,
        GSIZE_TO_POINTER(work->mail));
}

/* No more is opened than can be read: what comes out of a layer may be much larger than it. */
static void feed_keys(struct desk *desk)
{
    struct openings *all = desk->openings;

    while (!g_queue_is_empty(all->layers) &&
           all->asked < JOBS_IN_HAND * desk->settings->keys.workers &&
           all->document_bytes < DOCUMENT_BYTES)
        ask_keys(desk, g_queue_pop_head(all->layers));
}

static void feed_readers(struct desk *desk)
{
    struct work *work;

    while ((work = g_queue_peek_head(desk->openings->documents)) &&
           pipeline_ask_reader(desk, &(struct reader_question){work->mail, TRUE, NULL},
               opening_document(work->opening))) {
        g_queue_pop_head(desk->openings->documents);
        work->with_reader = TRUE;
    }
}

/* What is with a reader is waited for; the rest happens again at the next start. */
static void give_back(struct desk *desk)
{
    GHashTableIter iter;
    gpointer value;
    g_autoptr(GPtrArray) idle = g_ptr_array_new();

    g_hash_table_iter_init(&iter, desk->openings->works);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (!((struct work *)value)->with_reader)
            g_ptr_array_add(idle, value);
    for (guint i = 0; i < idle->len; i++) {
        struct work *work = idle->pdata[i];
        forgive(desk, work->mail);
        forget(desk, work);
    }
}

void opening_feed(struct desk *desk)
{
    if (desk->draining) {
        give_back(desk);
        return;
    }
    feed_readers(desk);
    feed_keys(desk);
}

/* -- once more -- */

static void end_all_rests(struct desk *desk)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, desk->openings->rests);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        *(struct rest *)value = (struct rest){
            .given_up = ((struct rest *)value)->given_up, .opened = ((struct rest *)value)->opened};
}

gboolean opening_retry(gpointer data, guint64 mail, GError **error)
{
    struct desk *desk = data;

    if (!store_retry_unreadable(desk->store, mail, error))
        return FALSE;
    end_all_rests(desk); /* they too may wait for what has come */
    desk->look_for_mail = TRUE;
    return TRUE;
}

gboolean opening_retry_all(struct desk *desk, GError **error)
{
    gint64 count;

    if (!store_count_unreadable(desk->store, &count, error))
        return FALSE;
    return !count ||
           (opening_retry(desk, 0, error) &&
               store_journal(desk->store, now_seconds(), "mado", "mail-retried", 0, 0,
                   "a key of ours has come: all mail that stays closed is tried again", error));
}
