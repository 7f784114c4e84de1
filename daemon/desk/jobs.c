/*
 * Jobs of the keys role
 *
 * A worker does one job at a time, and has the next one with it, so that it does not wait for the
 * desk. gpg may hang, and so may the library that speaks with it: the clock is watched here, and
 * whoever takes too long is ended with all that it started. The job that was done then is tried
 * again behind a pause; those that were tried before never have all workers, and nothing waits
 * behind them, so that mails which end gpg hold up nobody else's.
 */
#include "state.h"
#include "fd.h"
#include "log.h"
#include <mado/limits.h>
#include <unistd.h>

enum { FIRST_PAUSE_MS = 200 };

struct job {
    guint64 id;
    enum keys_op op;
    GVariant *argument;
    job_done done;
    gpointer data;
    guint tries;       /* that ended with their worker */
    gint64 not_before; /* monotonic */
    enum keys_outcome outcome;
    char *why;
    GVariant *result;
    gboolean given_up;
};

struct jobs {
    guint64 last;
    GQueue *waiting, *ended; /* struct job; those in hand are with their peers */
};

static void job_free(gpointer data)
{
    struct job *job = data;

    g_variant_unref(job->argument);
    g_clear_pointer(&job->result, g_variant_unref);
    g_free(job->why);
    g_free(job);
}

void jobs_make_workers(struct desk *desk)
{
    desk->keys = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    for (guint i = 0; i < desk->settings->keys.workers; i++)
        g_ptr_array_add(desk->keys, peer_new(desk, ROLE_KEYS, i));
    desk->jobs = g_new0(struct jobs, 1);
    desk->jobs->waiting = g_queue_new();
    desk->jobs->ended = g_queue_new();
}

void jobs_dismiss_workers(struct desk *desk)
{
    for (guint i = 0; i < desk->keys->len; i++)
        g_queue_clear_full(((struct peer *)desk->keys->pdata[i])->work, job_free);
    g_ptr_array_unref(desk->keys);
    g_queue_free_full(desk->jobs->waiting, job_free);
    g_queue_free_full(desk->jobs->ended, job_free);
    g_free(desk->jobs);
}

void jobs_do(struct desk *desk, enum keys_op op, GVariant *argument, job_done done, gpointer data)
{
    struct job *job = g_new0(struct job, 1);

    job->id = ++desk->jobs->last;
    job->op = op;
    job->argument = g_variant_ref_sink(argument);
    job->done = done;
    job->data = data;
    g_queue_push_tail(desk->jobs->waiting, job);
}

/* -- ends -- */

static void end(struct desk *desk, struct job *job, enum keys_outcome outcome, const char *why)
{
    job->outcome = outcome;
    job->why = peer_words(why);
    g_queue_push_tail(desk->jobs->ended, job);
}

/* What it works at; NULL: nothing. */
static struct job *first_in_hand(const struct peer *worker)
{
    return g_queue_peek_head(worker->work);
}

static struct job *take_from_hand(struct peer *worker)
{
    worker->silent_since = 0;
    worker->job_since = g_get_monotonic_time();
    return g_queue_pop_head(worker->work);
}

static void try_again(struct desk *desk, struct job *job)
{
    g_autofree char *why = NULL;

    if (++job->tries < (keys_op_is_once(job->op) ? 1 : LIMIT_JOB_TRIES)) {
        job->not_before = g_get_monotonic_time() + ((gint64)FIRST_PAUSE_MS << job->tries) * 1000;
        g_queue_push_tail(desk->jobs->waiting, job);
        return;
    }
    why = g_strdup_printf("gpg, its agent or the keys role ended, or took longer than "
                          "keys.patience, %u time%s",
        job->tries, job->tries == 1 ? "" : "s");
    log_event(LOG_LEVEL_WARN, 0, "job-given-up", "op=%s: %s", keys_op_name(job->op), why);
    job->given_up = TRUE;
    end(desk, job, KEYS_LATER, why);
}

/* What was behind the first has not been looked at. */
void jobs_worker_lost(struct peer *worker)
{
    struct job *first = take_from_hand(worker), *behind;

    while ((behind = g_queue_pop_tail(worker->work)))
        g_queue_push_head(worker->desk->jobs->waiting, behind);
    if (first)
        try_again(worker->desk, first);
}

static gboolean take_result(struct job *job, const struct ipc_message *message, guint32 outcome)
{
    if (outcome >= KEYS_OUTCOMES || (outcome == KEYS_DONE) != (message->fd >= 0))
        return FALSE;
    if (outcome == KEYS_DONE)
        job->result = ipc_read_variant(message->fd, keys_result(job->op), LIMIT_JOB_BYTES, NULL);
    return outcome != KEYS_DONE || job->result;
}

void jobs_worked(struct peer *worker, const struct ipc_message *message)
{
    struct job *job = first_in_hand(worker);
    const char *why;
    guint32 outcome;
    guint64 id;

    g_variant_get(message->body, "(tu&s)", &id, &outcome, &why);
    if (!job || job->id != id)
        peer_kill(worker, "it spoke of a job that it was not given");
    else if (!take_result(job, message, outcome))
        peer_kill(worker, "what it brings is no result");
    else
        end(worker->desk, take_from_hand(worker), (enum keys_outcome)outcome, why);
}

/* -- giving -- */

static guint count_tried_in_hand(const struct desk *desk)
{
    guint count = 0;

    for (guint i = 0; i < desk->keys->len; i++) {
        const struct job *job = first_in_hand(desk->keys->pdata[i]);
        count += job && job->tries ? 1 : 0;
    }
    return count;
}

/* The place of the first that this worker may be given now; NULL: none. One that was tried before
 * is given alone. */
static GList *next_job(const struct peer *worker)
{
    const struct desk *desk = worker->desk;
    const struct job *first = first_in_hand(worker);
    gboolean tried_may = !first && count_tried_in_hand(desk) < MAX(1, desk->keys->len - 1);
    gint64 now = g_get_monotonic_time();

    for (GList *at = first && first->tries ? NULL : desk->jobs->waiting->head; at; at = at->next) {
        const struct job *job = at->data;
        if (!job->tries || (tried_may && job->not_before <= now))
            return at;
    }
    return NULL;
}

/* FALSE: there is no memory or no file for it now. */
static gboolean give(struct peer *worker, struct job *job)
{
    g_autoptr(GError) error = NULL;
    int file = fd_new_memory("job", &error);

    if (file < 0 || !ipc_write_variant(file, job->argument, &error)) {
        log_event(LOG_LEVEL_WARN, 0, "job-waits", "%s", error->message);
        if (file >= 0)
            close(file);
        return FALSE;
    }
    if (!first_in_hand(worker)) {
        worker->silent_since = 0;
        worker->job_since = g_get_monotonic_time();
    }
    g_queue_push_tail(worker->work, job);
    peer_tell(worker, IPC_WORK, g_variant_new("(tu)", job->id, (guint32)job->op), file);
    return TRUE;
}

/* FALSE: no more can be given now. */
static gboolean give_to_those_with(struct desk *desk, guint in_hand)
{
    for (guint i = 0; i < desk->keys->len; i++) {
        struct peer *worker = desk->keys->pdata[i];
        gboolean may = worker->ready && g_queue_get_length(worker->work) == in_hand;
        GList *at = may ? next_job(worker) : NULL;
        if (!at)
            continue;
        if (!give(worker, at->data))
            return FALSE;
        g_queue_delete_link(desk->jobs->waiting, at);
    }
    return TRUE;
}

/* Nobody has two while another has none. */
static void give_to_workers(struct desk *desk)
{
    for (guint in_hand = 0; in_hand < JOBS_IN_HAND; in_hand++)
        if (!give_to_those_with(desk, in_hand))
            return;
}

/* It may be the agent that hangs, which may be the child of any worker. Who is at work with it will
 * be ended for the same reason. */
static void end_those_at_rest(struct desk *desk)
{
    for (guint i = 0; i < desk->keys->len; i++) {
        struct peer *worker = desk->keys->pdata[i];
        if (worker->ready && !first_in_hand(worker))
            peer_kill(worker, "another one takes too long: its agent may be the cause");
    }
}

static void watch_the_clock(struct desk *desk)
{
    gint64 patience = desk->settings->keys.patience * G_USEC_PER_SEC;
    gboolean any = FALSE;

    for (guint i = 0; i < desk->keys->len; i++) {
        struct peer *worker = desk->keys->pdata[i];
        if (!first_in_hand(worker) || g_get_monotonic_time() - worker->job_since < patience)
            continue;
        peer_kill(worker, "gpg takes longer than keys.patience");
        any = TRUE;
    }
    if (any)
        end_those_at_rest(desk);
}

static void tell_the_ends(struct desk *desk)
{
    struct job *job;

    while ((job = g_queue_pop_head(desk->jobs->ended))) {
        const struct job_end how = {job->outcome, job->why, job->result, job->given_up};
        job->done(desk, job->data, &how);
        job_free(job);
    }
}

void jobs_feed(struct desk *desk)
{
    watch_the_clock(desk);
    tell_the_ends(desk);
    if (!desk->draining)
        give_to_workers(desk);
}

gboolean jobs_in_hand(const struct desk *desk)
{
    gboolean any = !g_queue_is_empty(desk->jobs->ended);

    for (guint i = 0; i < desk->keys->len; i++)
        any |= first_in_hand(desk->keys->pdata[i]) != NULL;
    return any;
}

gboolean jobs_wait(const struct desk *desk)
{
    return !g_queue_is_empty(desk->jobs->waiting);
}
