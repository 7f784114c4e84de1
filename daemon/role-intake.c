/*
 * intake: one mailbox to the desk
 *
 * SECURITY: trusts the desk. Holds one mailbox (for a Maildir: that folder) and nothing else; it
 * looks at names and copies bytes, it never looks into a mail. It can open no socket and start no
 * program. Whoever breaks it can withhold or invent mail of this one mailbox.
 *
 * The mailbox is told only when the desk says "taken", which it says behind the commit.
 */
#include "roles.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "intake.h"
#include "ipc.h"
#include "log.h"
#include "text.h"
#include <mado/limits.h>
#include <poll.h>
#include <sysexits.h>
#include <unistd.h>

enum { WINDOW = 64, ASK_AT_ONCE = 200 };

struct intake {
    const struct source_kind *kind;
    gpointer source;
    gint64 max_message, rescan; /* bytes, seconds */
    GHashTable *known;  /* uids that the store has; set, for those that stay in the mailbox */
    GHashTable *handed; /* seq -> uid, not answered yet */
    GHashTable *said;   /* uids of which the log knows that they cannot be taken */
    guint64 next_seq, handed_over;
    gboolean stopping, refused;
};

/* -- what the desk says -- */

static void hear_taken(struct intake *intake, GVariant *body)
{
    guint64 seq;
    g_autofree char *uid = NULL;
    g_autoptr(GError) error = NULL;

    g_variant_get(body, "(t)", &seq);
    if (!g_hash_table_steal_extended(intake->handed, &seq, NULL, (gpointer *)&uid))
        return;
    fault_pass("intake_taken");
    if (!intake->kind->taken(intake->source, uid, &error))
        log_event(LOG_LEVEL_WARN, 0, "mailbox-not-told", "%s", error->message);
    fault_pass("intake_told");
    g_hash_table_add(intake->known, g_steal_pointer(&uid));
}

static void hear_refused(struct intake *intake, GVariant *body)
{
    guint64 seq;

    g_variant_get(body, "(ts)", &seq, NULL);
    g_hash_table_remove(intake->handed, &seq);
    intake->refused = TRUE;
}

/* FALSE: the desk is gone. */
static gboolean hear_desk(struct intake *intake)
{
    struct ipc_message message;

    if (!ipc_receive(CHANNEL, &message, NULL))
        return FALSE;
    if (message.kind == IPC_TAKEN)
        hear_taken(intake, message.body);
    else if (message.kind == IPC_REFUSED)
        hear_refused(intake, message.body);
    else
        role_answers_ping(message.kind);
    ipc_message_clear(&message);
    return TRUE;
}

static void tell_desk(const GError *error)
{
    g_autofree char *sentence = text_harmless(error->message, NULL);

    ipc_send(CHANNEL, IPC_TROUBLE, g_variant_new("(s)", sentence), -1, NULL);
}

static void tell_trouble(const GError *error)
{
    log_event(LOG_LEVEL_WARN, 0, "source-trouble", "%s", error->message);
    tell_desk(error);
}

/* It is looked at again with every scan, and logged once. */
static void tell_mail_trouble(struct intake *intake, const char *uid, GError **error)
{
    g_prefix_error(error, "mail %s stays in the mailbox: ", uid);
    if (g_hash_table_add(intake->said, g_strdup(uid)))
        tell_trouble(*error);
    else
        tell_desk(*error);
}

/* -- handing over -- */

/* The mail as a memory file, or -1: gone, too large, or unreadable just now. */
static int load_mail(struct intake *intake, const char *uid)
{
    g_autoptr(GError) error = NULL;
    guint64 size;
    int from = intake->kind->fetch(intake->source, uid, &error);
    int memory = from >= 0 ? fd_new_memory("mail", &error) : -1;

    if (memory >= 0 && !fd_copy(from, memory, (guint64)intake->max_message, &size, &error)) {
        close(memory);
        memory = -1;
    }
    if (from >= 0)
        close(from);
    if (error)
        tell_mail_trouble(intake, uid, &error);
    return memory;
}

static gboolean hand_over(struct intake *intake, const char *uid)
{
    int mail = load_mail(intake, uid);
    guint64 *seq;
    gboolean sent;

    if (mail < 0)
        return TRUE;
    seq = g_new(guint64, 1);
    *seq = intake->next_seq++;
    g_hash_table_insert(intake->handed, seq, g_strdup(uid));
    sent = ipc_send(CHANNEL, IPC_MAIL, g_variant_new("(tts)", *seq, (guint64)0, uid), mail, NULL);
    close(mail);
    intake->handed_over++;
    return sent;
}

/* A list of uids, of which the store has some: the mailbox is told about them (again). */
static gboolean settle_known(struct intake *intake, GPtrArray *uids, GVariant *answer)
{
    g_autoptr(GError) error = NULL;

    if (g_variant_n_children(answer) != uids->len)
        return FALSE;
    for (guint i = 0; i < uids->len; i++) {
        gboolean known;
        g_variant_get_child(answer, i, "b", &known);
        if (!known)
            continue;
        if (!intake->kind->taken(intake->source, uids->pdata[i], &error))
            log_event(LOG_LEVEL_WARN, 0, "mailbox-not-told", "%s", error->message);
        g_clear_error(&error);
        g_hash_table_add(intake->known, g_strdup(uids->pdata[i]));
    }
    return TRUE;
}

/* Asks the desk which of these it has; called with nothing in hand, so the next word is the answer
 * or a ping. */
static gboolean ask_known(struct intake *intake, GPtrArray *uids)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("as"));
    for (guint i = 0; i < uids->len; i++)
        g_variant_builder_add(&list, "s", (const char *)uids->pdata[i]);
    if (!ipc_send(CHANNEL, IPC_ASK, g_variant_new("(tas)", (guint64)0, &list), -1, NULL))
        return FALSE;
    for (;;) {
        struct ipc_message message;
        gboolean answered, fine;
        if (!ipc_receive(CHANNEL, &message, NULL))
            return FALSE;
        answered = message.kind == IPC_KNOWN;
        fine =
            answered ? settle_known(intake, uids, message.body) : role_answers_ping(message.kind);
        ipc_message_clear(&message);
        if (answered || !fine)
            return fine;
    }
}

/* Hands over those that the store does not have, as many at a time as the desk is to commit at
 * once. */
static gboolean hand_over_all(struct intake *intake, GPtrArray *uids)
{
    for (guint i = 0; i < uids->len && !intake->refused; i++) {
        if (g_hash_table_contains(intake->known, uids->pdata[i]))
            continue;
        while (g_hash_table_size(intake->handed) >= WINDOW)
            if (!hear_desk(intake))
                return FALSE;
        if (!hand_over(intake, uids->pdata[i]))
            return FALSE;
    }
    while (g_hash_table_size(intake->handed))
        if (!hear_desk(intake))
            return FALSE;
    return TRUE;
}

static GPtrArray *unknown_of(struct intake *intake, GPtrArray *uids)
{
    GPtrArray *unknown = g_ptr_array_new();

    for (guint i = 0; i < uids->len; i++)
        if (!g_hash_table_contains(intake->known, uids->pdata[i]))
            g_ptr_array_add(unknown, uids->pdata[i]);
    return unknown;
}

static gboolean take_list(struct intake *intake, GPtrArray *uids)
{
    g_autoptr(GPtrArray) unknown = unknown_of(intake, uids);

    for (guint from = 0; from < unknown->len; from += ASK_AT_ONCE) {
        g_autoptr(GPtrArray) some = g_ptr_array_new();
        for (guint i = from; i < MIN(from + ASK_AT_ONCE, unknown->len); i++)
            g_ptr_array_add(some, unknown->pdata[i]);
        if (!ask_known(intake, some) || !hand_over_all(intake, some))
            return FALSE;
    }
    return TRUE;
}

/* FALSE: the desk is gone. */
static gboolean scan(struct intake *intake, gboolean whole)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) uids = intake->kind->list(intake->source, whole, &error);

    intake->refused = FALSE;
    if (!uids)
        tell_trouble(error);
    else if (!take_list(intake, uids))
        return FALSE;
    return ipc_send(CHANNEL, IPC_SCANNED, g_variant_new("(t)", intake->handed_over), -1, NULL);
}

/* Waits for news of the mailbox, or for the time of the next whole look. FALSE: the desk is gone.
 */
static gboolean wait_for_news(struct intake *intake, gint64 until)
{
    struct pollfd on[] = {{CHANNEL, POLLIN, 0}, {intake->kind->watch(intake->source), POLLIN, 0}};

    for (;;) {
        gint64 left = until - g_get_monotonic_time();
        if (left <= 0)
            return TRUE;
        poll(on, G_N_ELEMENTS(on), (int)MIN(left / 1000 + 1, G_MAXINT));
        if (on[0].revents && !hear_desk(intake))
            return FALSE;
        if (on[1].revents) {
            intake->kind->drain(intake->source);
            return TRUE;
        }
    }
}

static int serve(struct intake *intake)
{
    gint64 whole_at = 0;

    for (;;) {
        gboolean whole = g_get_monotonic_time() >= whole_at;
        gint64 pause = intake->refused ? 5 : intake->rescan;
        if (whole)
            whole_at = g_get_monotonic_time() + intake->rescan * G_USEC_PER_SEC;
        if (!scan(intake, whole) ||
            !wait_for_news(intake, MIN(whole_at, g_get_monotonic_time() + pause * G_USEC_PER_SEC)))
            return EX_OK;
    }
}

static gboolean open_source(struct intake *intake, GVariantDict *settings, GError **error)
{
    struct confine_place places[] = {{NULL, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    const char *type, *path;

    if (!g_variant_dict_lookup(settings, "type", "&s", &type) ||
        !g_variant_dict_lookup(settings, "path", "&s", &path) ||
        !g_variant_dict_lookup(settings, "max_message", "x", &intake->max_message) ||
        !g_variant_dict_lookup(settings, "rescan", "x", &intake->rescan) ||
        !(intake->kind = source_kind_find(type))) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE, "intake got settings it cannot use");
        return FALSE;
    }
    places[0].path = path;
    intake->source = intake->kind->open(path, error);
    return intake->source &&
           role_lock_in(&(struct confinement){.kind = CONFINE_INTAKE, .places = places}, error);
}

int role_intake(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct intake intake = {
        .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .handed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free),
    };

    if (!settings)
        return EX_OK;
    if (!open_source(&intake, settings, &error)) {
        tell_trouble(error);
        return error_exit_status(error);
    }
    ipc_send(CHANNEL, IPC_READY, g_variant_new("()"), -1, NULL);
    return serve(&intake);
}
