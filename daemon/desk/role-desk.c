/*
 * desk: decides, stores, schedules, answers
 *
 * SECURITY: holds the store, the only one that opens it; no network, no key. It looks at facts that
 * readers hand over (typed, bounded, checked), at raw mail never. Roles and operators are believed
 * in nothing that was not checked on receipt. Whoever breaks it has the store.
 *
 * The loop: what came in is dealt with, then the turn ends: one commit for all of it, and only
 * behind that are the others told. So nobody hears of anything that is not on the disk.
 */
#include "state.h"
#include "control.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include "readable.h"
#include <mado/limits.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    TICK_SECONDS = 1,
    LOOK_TICKS = 2,
    DELIVERERS_AT_MOST = 64,
    DRAIN_SECONDS = 20,
    EVENTS_IN_A_TURN = 16
};

void desk_give_up(const GError *error)
{
    log_event(LOG_LEVEL_ALARM, 0, "desk-ends", "%s", error ? error->message : "unknown");
    _exit(EX_IOERR);
}

void desk_change(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    clock_watch(desk);
    if (!store_begin(desk->store, &error) || !store_mark(desk->store, &error))
        desk_give_up(error);
}

void desk_keep(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!store_keep(desk->store, &error))
        desk_give_up(error);
}

void desk_undo(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!store_undo(desk->store, &error))
        desk_give_up(error);
}

GDateTime *desk_local_time(const struct desk *desk, gint64 at)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    return g_date_time_to_timezone(utc, desk->zone);
}

char *desk_tagged(const struct desk *desk, const char *number)
{
    return g_strdup_printf("%s#%s", desk->settings->tickets.tag, number);
}

const char *desk_mail_domain(const struct desk *desk)
{
    return strchr(desk->settings->team.address, '@') + 1;
}

const char *peer_source(const struct peer *peer)
{
    GPtrArray *sources = peer->desk->settings->intake.sources;

    return peer->is_deliverer ? "deliver" : ((struct source *)sources->pdata[peer->instance])->name;
}

/* -- peers -- */

static void make_peers(struct desk *desk)
{
    desk->intakes = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    desk->readers = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    desk->deliverers = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    for (guint i = 0; i < desk->settings->intake.sources->len; i++)
        g_ptr_array_add(desk->intakes, peer_new(desk, ROLE_INTAKE, i));
    for (guint i = 0; i < desk->settings->daemon.readers; i++)
        g_ptr_array_add(desk->readers, peer_new(desk, ROLE_READER, i));
    desk->courier = peer_new(desk, ROLE_COURIER, 0);
    errands_make_servants(desk);
    jobs_make_workers(desk);
}

static struct peer *peer_of(struct desk *desk, const struct launcher_note *note)
{
    GPtrArray *const lists[ROLE_KINDS] = {
        [ROLE_INTAKE] = desk->intakes,
        [ROLE_READER] = desk->readers,
        [ROLE_DIALLER] = desk->diallers,
        [ROLE_HOOK] = desk->hooks,
        [ROLE_KEYS] = desk->keys,
    };
    GPtrArray *list = lists[note->kind];

    if (note->kind == ROLE_COURIER)
        return desk->courier;
    for (guint i = 0; list && i < list->len; i++)
        if (((struct peer *)list->pdata[i])->instance == note->instance)
            return list->pdata[i];
    return NULL;
}

static void note_started(struct desk *desk, const struct launcher_note *note, int *channel)
{
    struct peer *peer = peer_of(desk, note);

    if (!peer || *channel < 0)
        return;
    peer_connect(peer, *channel);
    *channel = -1;
    peer_tell_settings(peer);
    peer_expect_word(peer);
}

static void note_drain(struct desk *desk, const struct launcher_note *note, int *channel)
{
    desk->draining = TRUE;
    desk->drain_until = g_get_monotonic_time() + DRAIN_SECONDS * G_USEC_PER_SEC;
}

static void note_reload(struct desk *desk, const struct launcher_note *note, int *channel)
{
    setup_reload(desk);
}

static void (*const obey[LAUNCHER_OPS])(struct desk *, const struct launcher_note *, int *) = {
    [LAUNCHER_STARTED] = note_started,
    [LAUNCHER_DRAIN] = note_drain,
    [LAUNCHER_RELOAD] = note_reload,
};

static gboolean hear_launcher(gint fd, GIOCondition condition, gpointer data)
{
    struct desk *desk = data;
    struct launcher_note note;
    int channel;

    if (condition & G_IO_HUP)
        _exit(EX_OK); /* the launcher is gone, and with it everything */
    while (launcher_receive(fd, &note, &channel)) {
        if (obey[note.op])
            obey[note.op](desk, &note, &channel);
        if (channel >= 0)
            close(channel);
    }
    return G_SOURCE_CONTINUE;
}

/* -- the delivery socket -- */

static gboolean accept_deliverer(gint fd, GIOCondition condition, gpointer data)
{
    struct desk *desk = data;
    int channel = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    struct peer *peer;

    if (channel < 0)
        return G_SOURCE_CONTINUE;
    if (desk->draining || desk->deliverers->len >= DELIVERERS_AT_MOST) {
        close(channel); /* the MTA's pipe exits 75 and comes again */
        return G_SOURCE_CONTINUE;
    }
    peer = peer_new(desk, ROLE_INTAKE, desk->deliverers->len);
    peer->is_deliverer = TRUE;
    g_ptr_array_add(desk->deliverers, peer);
    peer_connect(peer, channel);
    return G_SOURCE_CONTINUE;
}

static void forget_gone_deliverers(struct desk *desk)
{
    for (guint i = desk->deliverers->len; i-- > 0;)
        if (((struct peer *)desk->deliverers->pdata[i])->channel < 0)
            g_ptr_array_remove_index_fast(desk->deliverers, i);
}

/* -- turns -- */

static gboolean is_idle(struct desk *desk)
{
    guint courier = g_queue_get_length(desk->courier->work);

    return g_hash_table_size(desk->in_hand) == 0 && courier == 0 && !jobs_in_hand(desk);
}

static gboolean is_up(const struct peer *peer)
{
    return peer->ready || peer->troubled;
}

static gboolean all_up(GPtrArray *peers)
{
    for (guint i = 0; i < peers->len; i++)
        if (!is_up(peers->pdata[i]))
            return FALSE;
    return TRUE;
}

static gboolean everybody_is_up(struct desk *desk)
{
    return all_up(desk->intakes) && all_up(desk->readers) && all_up(desk->diallers) &&
           all_up(desk->hooks) && all_up(desk->keys) && is_up(desk->courier);
}

/* That it waits for room is no reason for a service manager to start it again and again. */
static void tell_when_running(struct desk *desk)
{
    struct launcher_note note = {.op = LAUNCHER_RUNNING};

    if (desk->running || (desk->at_work && !everybody_is_up(desk)))
        return;
    desk->running = TRUE;
    launcher_send(desk->launcher, &note, -1);
    log_event(LOG_LEVEL_INFO, 0, "ready", "team=%s sources=%u", desk->settings->team.name,
        desk->intakes->len);
}

gboolean desk_is_quiet(struct desk *desk)
{
    if (!is_idle(desk) || desk->look_for_mail || jobs_wait(desk) || !sealing_is_idle(desk) ||
        !hooks_are_idle(desk))
        return FALSE;
    notices_send_due(desk, TRUE);
    return !store_in_turn(desk->store) && (!desk->look_for_letters || desk->courier->troubled);
}

/* --once: everything was looked at, nothing waits, everything that is due has gone; or cannot, and
 * then the exit status says so. */
static gboolean everything_done(struct desk *desk)
{
    gboolean trouble = desk->courier->troubled;

    if (desk->room != ROOM_ENOUGH) {
        desk->end_with = EX_TEMPFAIL;
        return is_idle(desk) && !store_in_turn(desk->store);
    }
    for (guint i = 0; i < desk->intakes->len; i++) {
        const struct peer *intake = desk->intakes->pdata[i];
        /* one that is ready has trouble with some mails, and goes on to the others */
        if (!intake->scanned && (intake->ready || !intake->troubled))
            return FALSE;
        trouble |= intake->left || intake->troubled || g_str_has_prefix(intake->state, "trouble");
    }
    if (!desk_is_quiet(desk))
        return FALSE;
    trouble |= opening_count_resting(desk) > 0;
    desk->end_with = trouble ? EX_TEMPFAIL : EX_OK;
    return TRUE;
}

static void look_for_the_end(struct desk *desk)
{
    if (desk->options->once && desk->running && !desk->draining)
        desk->draining = everything_done(desk);
    if (desk->draining && !store_in_turn(desk->store) &&
        (is_idle(desk) || g_get_monotonic_time() > desk->drain_until))
        desk->status = desk->end_with;
}

/* Nothing is sent, and nobody but readers and keys is there. */
static void end_turn_of_rebuild(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    jobs_feed(desk);
    pipeline_feed(desk);
    jobs_feed(desk);
    if (!store_commit(desk->store, &error))
        desk_give_up(error);
    peers_foreach(desk, peer_flush);
    rebuild_look_for_the_end(desk);
}

/* Work is handed out, all of the turn is committed, and only then is anybody told. */
static void end_turn(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    clock_watch(desk);
    if (desk->room != ROOM_NONE) {
        due_feed(desk);
        notices_send_due(desk, FALSE);
        jobs_feed(desk);
        pipeline_feed(desk);
        sealing_feed(desk);
        outbox_feed(desk);
        hooks_feed(desk);
        jobs_feed(desk); /* what these two have asked for */
    }
    if (!store_commit(desk->store, &error))
        desk_give_up(error);
    control_news(desk->control);
    peers_foreach(desk, peer_flush);
    forget_gone_deliverers(desk);
    backup_feed(desk);
    purge_feed(desk);
    tell_when_running(desk);
    look_for_the_end(desk);
}

/* Without room for the first commit the desk waits for it, and answers madoctl. */
static gboolean begin_work(struct desk *desk, GError **error)
{
    if (desk->room == ROOM_NONE && !desk->options->once)
        return TRUE;
    if (!setup_begin_work(desk, error))
        return FALSE;
    desk->at_work = TRUE;
    peers_foreach(desk, peer_start);
    return TRUE;
}

void desk_look_after_itself(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    pressure_watch(desk);
    if (!desk->at_work && !begin_work(desk, &error))
        desk_give_up(error);
    if (desk->at_work && desk->room != ROOM_NONE && !desk->draining) {
        alarms_check(desk);
        sealing_check(desk);
        directory_watch(desk);
        backup_watch(desk);
        purge_watch(desk);
    }
}

static gboolean tick(gpointer data)
{
    struct desk *desk = data;
    struct launcher_note note = {.op = LAUNCHER_ALIVE};

    clock_watch(desk);
    launcher_send(desk->launcher, &note, -1);
    peers_foreach(desk, peer_check);
    peers_foreach(desk, peer_note_health);
    if (++desk->ticks % LOOK_TICKS == 0 && !desk->rebuild)
        desk_look_after_itself(desk);
    desk->look_for_mail = desk->look_for_letters = desk->look_for_unsealed = TRUE;
    desk->look_for_events = TRUE;
    return G_SOURCE_CONTINUE;
}

/* What comes in while a commit runs is dealt with in one turn behind it. */
static void turn(struct desk *desk)
{
    gboolean more = store_in_turn(desk->store); /* somebody was lost while being told */

    g_main_context_iteration(NULL, !more);
    for (int i = 0; i < EVENTS_IN_A_TURN && g_main_context_pending(NULL); i++)
        g_main_context_iteration(NULL, FALSE);
    (desk->rebuild ? end_turn_of_rebuild : end_turn)(desk);
}

/* -- start -- */

static void look_again(gpointer data)
{
    struct desk *desk = data;

    desk->look_for_mail = desk->look_for_letters = desk->look_for_unsealed = TRUE;
    desk->look_for_events = TRUE;
}

/* No mailbox, no relay and no operator has to do with it. */
static gboolean start_rebuild(struct desk *desk, GError **error)
{
    struct launcher_note note = {.op = LAUNCHER_RUNNING};

    if (!setup_lock_in(desk, error))
        return FALSE;
    g_unix_fd_add(desk->launcher, G_IO_IN | G_IO_HUP, hear_launcher, desk);
    g_timeout_add_seconds(TICK_SECONDS, tick, desk);
    make_peers(desk);
    rebuild_start_peers(desk);
    launcher_send(desk->launcher, &note, -1);
    return TRUE;
}

static gboolean start(struct desk *desk, GError **error)
{
    desk->in_hand = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    openings_make(desk);
    sealing_start(desk);
    if (!setup_take_configuration(desk, error) || !setup_open_store(desk, error))
        return FALSE;
    if (desk->rebuild)
        return start_rebuild(desk, error);
    if (!setup_open_sockets(desk, error))
        return FALSE;
    desk->context = (struct control_context){.store = desk->store,
        .settings = desk->settings,
        .token_secret = desk->token_secret,
        .zone = desk->zone,
        .clock = desk->clock,
        .clock_trouble = desk->clock_trouble,
        .facts = facts_tell,
        .prove = proof_done,
        .changed = look_again,
        .look_at_held = held_look_again,
        .retry = opening_retry,
        .send_test = trial_send,
        .ask_gate = held_ask,
        .uploads = uploads_new(),
        .share = sharing_make,
        .draft = writing_draft,
        .may_leave = asking_released,
        .weigh = posting_weigh,
        .post = posting_send,
        .begin = tasks_begin,
        .purged = purge_leave_nothing,
        .forget = tasks_forget,
        .ask_contact = reviewing_ask,
        .step = stepping_move,
        .stepped = stepping_is_done,
        .end = tasks_end,
        .desk = desk};
    desk->control = control_new(desk->control_socket, &desk->context);
    write_warm(desk->settings->team.timezone);
    readable_warm();
    if (!setup_lock_in(desk, error))
        return FALSE;
    control_start(desk->control);
    g_unix_fd_add(desk->delivery_socket, G_IO_IN, accept_deliverer, desk);
    g_unix_fd_add(desk->launcher, G_IO_IN | G_IO_HUP, hear_launcher, desk);
    g_timeout_add_seconds(TICK_SECONDS, tick, desk);
    make_peers(desk);
    pressure_watch(desk);
    return begin_work(desk, error);
}

int role_desk(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    struct desk desk = {
        .options = options,
        .launcher = CHANNEL,
        .status = -1,
        .look_for_mail = TRUE,
        .look_for_letters = TRUE,
        .started_at = now_seconds(),
        .run = (guint64)g_random_int() << 32 | g_random_int(),
    };

    if (!start(&desk, &error)) {
        error_print("madod", error);
        return error_exit_status(error);
    }
    while (desk.status < 0)
        turn(&desk);
    backup_stop(&desk);
    if (!desk.rebuild)
        outbox_stop(&desk);
    sealing_stop(&desk);
    tasks_free(&desk);
    uploads_free(desk.context.uploads);
    store_close(desk.store);
    return desk.status;
}
