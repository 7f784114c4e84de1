/*
 * intake: one mailbox to the desk
 *
 * SECURITY: trusts the desk. Holds one mailbox (a folder, or a connection and its password) and
 * nothing else; it looks at names and copies bytes, it never looks into a mail. It can open no
 * socket and start no program. Whoever breaks it can withhold or invent mail of this one mailbox.
 *
 * The mailbox is told only when the desk says "taken", which it says behind the commit.
 */
#include "intake-parts.h"
#include "roles.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "log.h"
#include "now.h"
#include "text.h"
#include <mado/limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* What is in hand is in memory, and what is asked goes in one message: each has a bound in bytes.
 */
enum {
    WINDOW = 64,
    WINDOW_BYTES = 64 << 20,
    ASK_AT_ONCE = 200,
    ASK_BYTES = LIMIT_IPC_INLINE / 2,
    CATCH_UP = 500,  /* more mails than that at once: the log says how far it is */
    FIRST_PAUSE = 5, /* seconds after trouble; doubles */
    LONGEST_PAUSE = 300,
};

/* -- handing over -- */

static gboolean hands_are_full(struct intake *intake)
{
    guint count = g_hash_table_size(intake->handed);

    if (!count)
        intake->weight = 0;
    return count >= WINDOW || intake->weight >= WINDOW_BYTES;
}

static gboolean may_take(const struct intake *intake)
{
    return !intake->desk_gone && !intake->refused && !intake->paused;
}

static gboolean hand_over(struct intake *intake, const char *uid, int mail)
{
    guint64 *seq;
    struct stat is;

    while (hands_are_full(intake))
        if (!intake_hear(intake))
            return FALSE;
    if (!may_take(intake))
        return FALSE;
    intake->weight += fstat(mail, &is) == 0 ? (guint64)is.st_size : 0;
    seq = g_new(guint64, 1);
    *seq = intake->next_seq++;
    g_hash_table_insert(intake->handed, seq, g_strdup(uid));
    return ipc_send(
        CHANNEL, IPC_MAIL, g_variant_new("(tts)", *seq, intake->validity, uid), mail, NULL);
}

/* For struct source_setup. */
static gboolean got(gpointer role, const char *uid, int mail, const char *why_not)
{
    struct intake *intake = role;
    gboolean more = TRUE;

    if (why_not)
        intake_tell_left(intake, uid, why_not);
    if (mail < 0)
        return TRUE;
    more = hand_over(intake, uid, mail);
    close(mail);
    return more;
}

/* FALSE: the desk is gone. */
static gboolean empty_hands(struct intake *intake)
{
    while (g_hash_table_size(intake->handed))
        if (!intake_hear(intake))
            return FALSE;
    return TRUE;
}

/* A mailbox that cannot be told now is told again with the next look. */
static void tell_mailbox(struct intake *intake)
{
    g_autoptr(GError) error = NULL;
    gboolean told;

    if (!intake->to_tell->len)
        return;
    told = intake->kind->taken(intake->source, intake->to_tell, &error);
    for (guint i = 0; told && i < intake->to_tell->len; i++) {
        fault_pass("intake_told");
        g_hash_table_add(intake->known, g_strdup(intake->to_tell->pdata[i]));
    }
    if (!told && !intake->untold)
        intake->untold = g_strdup_printf("what was taken is safe, but the mailbox was not told: %s",
            error ? error->message : "unknown");
}

/* -- looking -- */

/* Sorts a list by the desk's answer: what the store has is told to the mailbox (again), the rest is
 * to be fetched. NULL: the desk is gone, or talks nonsense. */
static GPtrArray *ask_new(struct intake *intake, const GPtrArray *uids)
{
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();
    GVariantBuilder list;

    g_clear_pointer(&intake->answer, g_variant_unref);
    g_variant_builder_init(&list, G_VARIANT_TYPE("as"));
    for (guint i = 0; i < uids->len; i++)
        g_variant_builder_add(&list, "s", (const char *)uids->pdata[i]);
    if (!ipc_send(CHANNEL, IPC_ASK, g_variant_new("(tas)", intake->validity, &list), -1, NULL))
        return NULL;
    while (!intake->answer)
        if (!intake_hear(intake))
            return NULL;
    if (g_variant_n_children(intake->answer) != uids->len)
        return NULL;
    for (guint i = 0; i < uids->len; i++) {
        gboolean known;
        g_variant_get_child(intake->answer, i, "b", &known);
        if (known)
            g_ptr_array_add(intake->to_tell, g_strdup(uids->pdata[i]));
        else
            g_ptr_array_add(fresh, uids->pdata[i]);
    }
    return g_steal_pointer(&fresh);
}

static GPtrArray *unknown_of(struct intake *intake, const GPtrArray *uids)
{
    GPtrArray *unknown = g_ptr_array_new();

    for (guint i = 0; i < uids->len; i++)
        if (!g_hash_table_contains(intake->known, uids->pdata[i]))
            g_ptr_array_add(unknown, uids->pdata[i]);
    return unknown;
}

static void tell_progress(struct intake *intake, guint done, guint all)
{
    g_autofree char *sentence = NULL;

    if (all < CATCH_UP)
        return;
    sentence = g_strdup_printf("catching up: %u of %u mails", done, all);
    intake->means.state(intake, sentence);
    if (done == all || done % CATCH_UP < ASK_AT_ONCE)
        log_event(LOG_LEVEL_INFO, 0, "catch-up", "done=%u of=%u", done, all);
}

static gboolean take_some(
    struct intake *intake, const GPtrArray *uids, gboolean telling, GError **error)
{
    g_autoptr(GPtrArray) fresh = ask_new(intake, uids);
    gboolean fine = TRUE;

    if (!fresh) {
        intake->desk_gone = TRUE;
        return TRUE;
    }
    if (fresh->len && may_take(intake))
        fine = intake->kind->fetch(intake->source, fresh, error);
    /* What was handed over before it broke is committed all the same. */
    if (!empty_hands(intake))
        return TRUE;
    if (fine && telling)
        tell_mailbox(intake);
    g_ptr_array_set_size(intake->to_tell, 0);
    return fine;
}

static gboolean take_unknown(
    struct intake *intake, const GPtrArray *unknown, gboolean telling, GError **error)
{
    for (guint i = 0; i < unknown->len && may_take(intake);) {
        g_autoptr(GPtrArray) some = g_ptr_array_new();
        for (gsize bytes = 0; i < unknown->len && some->len < ASK_AT_ONCE && bytes < ASK_BYTES;
             i++) {
            g_ptr_array_add(some, unknown->pdata[i]);
            bytes += strlen(unknown->pdata[i]);
        }
        if (!take_some(intake, some, telling, error))
            return FALSE;
        if (telling)
            tell_progress(intake, i, unknown->len);
    }
    return TRUE;
}

/* A mailbox that broke off when it was told shall first give what it has. */
static gboolean take_list(struct intake *intake, const GPtrArray *uids, GError **error)
{
    g_autoptr(GPtrArray) unknown = unknown_of(intake, uids);

    return (!intake->tells_last || take_unknown(intake, unknown, FALSE, error)) &&
           take_unknown(intake, unknown, TRUE, error);
}

/* What has left the mailbox need not be remembered. */
static void forget_others(GHashTable **uids, const GPtrArray *here)
{
    GHashTable *kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < here->len; i++)
        if (g_hash_table_contains(*uids, here->pdata[i]))
            g_hash_table_add(kept, g_strdup(here->pdata[i]));
    g_hash_table_unref(*uids);
    *uids = kept;
}

static void look_back(struct intake *intake, const GPtrArray *here)
{
    g_autoptr(GPtrArray) unknown = unknown_of(intake, here);

    if (may_take(intake)) /* else they were not tried */
        intake->waiting = unknown->len;
    forget_others(&intake->known, here);
    forget_others(&intake->said, here);
}

/* RFC 3501 2.3.1.1: with another UIDVALIDITY the old names mean nothing any more. */
static void check_validity(struct intake *intake, guint place)
{
    if (intake->validities[place] && intake->validities[place] != intake->validity) {
        log_event(LOG_LEVEL_WARN, 0, "mailbox-renewed",
            "place=%u: its names are void; everything in it is looked at again", place);
        g_hash_table_remove_all(intake->known);
    }
    intake->validities[place] = intake->validity;
}

static gboolean visit(
    struct intake *intake, guint place, gboolean whole, GPtrArray *here, GError **error)
{
    g_autoptr(GPtrArray) uids = NULL;

    if (!intake->kind->enter(intake->source, place, &intake->validity, error))
        return FALSE;
    check_validity(intake, place);
    if (!(uids = intake->kind->list(intake->source, whole, error)) ||
        !take_list(intake, uids, error))
        return FALSE;
    for (guint i = 0; i < uids->len; i++)
        g_ptr_array_add(here, g_strdup(uids->pdata[i]));
    return TRUE;
}

static gboolean visit_all(struct intake *intake, gboolean whole, GError **error)
{
    g_autoptr(GPtrArray) here = g_ptr_array_new_with_free_func(g_free);

    for (guint place = 0; place < intake->kind->places(intake->source); place++)
        if (!visit(intake, place, whole, here, error))
            return FALSE;
    if (whole)
        look_back(intake, here);
    return intake->kind->finish(intake->source, error);
}

static void answer_proof(struct intake *intake, const char *why_not)
{
    if (intake->proving)
        ipc_send(CHANNEL, IPC_PROVED, g_variant_new("(s)", why_not), -1, NULL);
    intake->proving = FALSE;
}

static void note_failure(struct intake *intake, const char *what)
{
    g_autofree char *why = text_harmless(what, NULL);

    intake->failures++;
    intake_tell_trouble(why);
    answer_proof(intake, why);
}

static void scan(struct intake *intake, gboolean whole)
{
    g_autoptr(GError) error = NULL;
    gboolean seen;

    intake->refused = FALSE;
    g_clear_pointer(&intake->untold, g_free);
    seen = visit_all(intake, whole, &error);
    intake->tells_last = intake->untold != NULL;
    if (intake->desk_gone)
        return;
    if (!seen || intake->untold) {
        note_failure(intake, intake->untold ? intake->untold : error ? error->message : "unknown");
    } else {
        intake->failures = 0;
        answer_proof(intake, "");
    }
    ipc_send(CHANNEL, IPC_SCANNED, g_variant_new("(t)", intake->waiting), -1, NULL);
}

/* -- waiting -- */

/* Without the mailbox: it is out of reach, or the desk wants nothing now. */
static void wait_for_desk(struct intake *intake, gint64 until)
{
    struct pollfd on = {CHANNEL, POLLIN, 0};

    poll(&on, 1, now_milliseconds_to(until));
    if (on.revents)
        intake_hear(intake);
}

/* The nth time in a row. */
static gint64 pause_behind(const struct intake *intake, guint nth)
{
    gint64 longest = MIN(intake->rescan, LONGEST_PAUSE);

    return MIN((gint64)FIRST_PAUSE << MIN(nth - 1, 10), longest);
}

/* So that nothing goes in a circle. */
static void rest(struct intake *intake, guint nth)
{
    gint64 until = g_get_monotonic_time() + pause_behind(intake, nth) * G_USEC_PER_SEC;

    while (!intake->desk_gone && !intake->proving && g_get_monotonic_time() < until)
        wait_for_desk(intake, until);
}

/* Servers end what has rested for long; one that ends it each time is asked less and less often. */
static void lose_connection(struct intake *intake, const char *why)
{
    g_autofree char *harmless = text_harmless(why, NULL);
    g_autofree char *sentence = g_strdup_printf("no news from the mailbox: %s", harmless);

    log_event(LOG_LEVEL_INFO, 0, "source-lost", "%s", sentence);
    intake->means.state(intake, sentence);
    rest(intake, ++intake->losses);
}

/* Is it worth a look? Who speaks of news again and again, and has none, is not listened to for a
 * while. */
static gboolean wait_for_news(struct intake *intake, gint64 until)
{
    g_autoptr(GError) error = NULL;
    gboolean news = FALSE;

    if (intake->in_vain > 1)
        rest(intake, intake->in_vain - 1);
    while (!intake->desk_gone && !intake->proving && !news && !error &&
           (g_get_monotonic_time() < until || intake->paused)) {
        if (intake->failures || intake->paused)
            wait_for_desk(intake, intake->paused ? G_MAXINT64 : until);
        else
            intake->kind->wait(intake->source, until, &news, &error);
    }
    if (error && !intake->desk_gone)
        lose_connection(intake, error->message);
    else if (!intake->failures)
        intake->losses = 0;
    return news;
}

static gint64 pause_seconds(const struct intake *intake)
{
    if (intake->failures)
        return pause_behind(intake, intake->failures);
    return intake->refused ? pause_behind(intake, 1) : intake->rescan;
}

static int serve(struct intake *intake)
{
    gint64 whole_at = 0;
    gboolean news = FALSE;

    while (!intake->desk_gone) {
        guint64 had = intake->next_seq;
        gboolean whole = g_get_monotonic_time() >= whole_at || intake->proving || intake->failures;
        gint64 now;
        scan(intake, whole);
        intake->in_vain = news && intake->next_seq == had ? intake->in_vain + 1 : 0;
        now = g_get_monotonic_time();
        if (whole)
            whole_at = now + intake->rescan * G_USEC_PER_SEC;
        news = wait_for_news(intake, MIN(whole_at, now + pause_seconds(intake) * G_USEC_PER_SEC));
    }
    return EX_OK;
}

static gboolean open_source(struct intake *intake, GVariantDict *settings, GError **error)
{
    struct confine_place places[] = {{NULL, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    struct source_setup setup = {.settings = settings, .means = &intake->means, .got = got};
    const char *type, *path;

    if (!g_variant_dict_lookup(settings, "type", "&s", &type) ||
        !g_variant_dict_lookup(settings, "path", "&s", &path) ||
        !g_variant_dict_lookup(settings, "max_message", "x", &setup.max_message) ||
        !g_variant_dict_lookup(settings, "rescan", "x", &intake->rescan) ||
        !(intake->kind = source_kind_find(type))) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE, "intake got settings it cannot use");
        return FALSE;
    }
    if (intake->kind == &source_maildir)
        places[0].path = path;
    intake->source = intake->kind->open(&setup, error);
    if (!intake->source)
        return FALSE;
    intake->validities = g_new0(guint64, intake->kind->places(intake->source));
    return role_lock_in(&(struct confinement){.kind = CONFINE_INTAKE, .places = places}, error);
}

int role_intake(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct intake intake = {
        .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .handed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free),
        .to_tell = g_ptr_array_new_with_free_func(g_free),
    };
    const char *type;

    if (!settings)
        return EX_OK;
    if (g_variant_dict_lookup(settings, "type", "&s", &type) && g_str_equal(type, "lmtp"))
        return lmtp_serve(settings);
    intake.means = role_means(&intake, intake_hear);
    if (!open_source(&intake, settings, &error))
        return role_give_up("source-trouble", error);
    role_tell_ready();
    return serve(&intake);
}
