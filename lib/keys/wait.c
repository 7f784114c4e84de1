/* An operation of GPGME, from its start to its end, and how the program ended that it started. */
#include "keys-parts.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define STEP 100       /* microseconds */
#define PATIENCE 10000 /* steps: it has closed its files, so it is as good as gone */
#define AFTER 4        /* when one ended well: it may have been what started the agent */
#define GAVE_UP 2      /* gpg's exit status of what is more than a bad signature */
#define SMALL 8192   /* bytes: what comes of them fits into a pipe, and gpg need not wait for us */
#define AT_ONE_GO 50 /* milliseconds that we leave it alone */

/* -- our own loop --
 *
 * GPGME's spins for ever where gpg is killed while it has something to write: poll says POLLERR and
 * not POLLOUT of a full pipe that nobody reads. Here that counts as "may be written", and writing
 * says that it is over. */

struct watch {
    int fd;
    gboolean reads;
    gpgme_io_cb_t call;
    void *data;
    struct waiting *waiting;
};

static gpgme_error_t add(
    void *data, int fd, int reads, gpgme_io_cb_t call, void *call_data, void **tag)
{
    struct waiting *waiting = data;
    struct watch *watch = g_new0(struct watch, 1);

    *watch = (struct watch){fd, reads, call, call_data, waiting};
    g_ptr_array_add(waiting->watches, watch);
    *tag = watch;
    return 0;
}

static void take_away(void *tag)
{
    struct watch *watch = tag;

    g_ptr_array_remove(watch->waiting->watches, watch);
}

static void happen(void *data, gpgme_event_io_t type, void *type_data)
{
    struct waiting *waiting = data;

    if (type == GPGME_EVENT_DONE) {
        const struct gpgme_io_event_done_data *done = type_data;
        waiting->done = TRUE;
        waiting->failed = done->err ? done->err : done->op_err;
    }
}

void wait_begin(struct waiting *waiting, gpgme_ctx_t context, gsize bytes)
{
    struct gpgme_io_cbs callbacks = {add, waiting, take_away, happen, waiting};
    gpgme_passphrase_cb_t asks = NULL;

    gpgme_get_passphrase_cb(context, &asks, NULL);
    *waiting = (struct waiting){.watches = g_ptr_array_new_with_free_func(g_free)};
    /* gpgsm stays, and has no end. */
    waiting->at_one_go =
        bytes <= SMALL && !asks && gpgme_get_protocol(context) == GPGME_PROTOCOL_OpenPGP;
    gpgme_set_io_cbs(context, &callbacks);
}

/* gpg says what it does in twenty lines, and to wake up for each would cost us as much as all that
 * we do with them. So when it has its input, and what it will say fits into the pipes, we look once
 * it is done, or if that takes it long. */
static void let_it_end(struct waiting *waiting, const struct pollfd *watched, guint count)
{
    g_autofree struct pollfd *ends = g_new0(struct pollfd, count + 1);

    for (guint i = 0; i < count; i++) {
        if (watched[i].events & POLLOUT)
            return;
        ends[i].fd = watched[i].fd; /* no events: only the end */
    }
    waiting->at_one_go = poll(ends, count, AT_ONE_GO) > 0;
}

/* The first that is ready; what it does may change the list. FALSE: none is left. */
static gboolean serve(struct waiting *waiting)
{
    guint count = waiting->watches->len;
    g_autofree struct pollfd *ready = g_new0(struct pollfd, count + 1);

    for (guint i = 0; i < count; i++) {
        const struct watch *watch = waiting->watches->pdata[i];
        ready[i] = (struct pollfd){watch->fd, watch->reads ? POLLIN : POLLOUT, 0};
    }
    if (waiting->at_one_go && count)
        let_it_end(waiting, ready, count);
    if (count == 0 || (poll(ready, count, -1) < 0 && errno != EINTR))
        return FALSE;
    for (guint i = 0; i < count; i++) {
        /* From the next one on: none is forgotten for another that is always ready. */
        guint next = (waiting->turn + i) % count;
        struct watch *watch = waiting->watches->pdata[next];
        if (!ready[next].revents)
            continue;
        waiting->turn = next + 1;
        watch->call(watch->data, watch->fd);
        return TRUE;
    }
    return TRUE;
}

gpgme_error_t wait_end(struct waiting *waiting, gpgme_ctx_t context, gpgme_error_t started)
{
    while (!started && !waiting->done && serve(waiting))
        ;
    gpgme_set_io_cbs(context, NULL);
    g_ptr_array_unref(waiting->watches);
    if (started)
        return started;
    return waiting->done ? waiting->failed : gpgme_error(GPG_ERR_EOF);
}

/* -- how it ended --
 *
 * GPGME 1.18 starts gpg as a grandchild and never learns how it ended: a gpg that was killed looks
 * like one that found nothing. So this process makes itself their parent and asks the kernel. */

static void collect(struct ended *ended)
{
    int status;

    while (waitpid(-1, &status, WNOHANG) > 0) {
        ended->gone = TRUE;
        if (WIFSIGNALED(status)) {
            ended->killed = TRUE;
            ended->by_cpu |= WTERMSIG(status) == SIGXCPU;
        } else if (WEXITSTATUS(status) >= GAVE_UP) {
            ended->failed = TRUE;
        }
    }
}

void ended_forget(void)
{
    struct ended ended = {FALSE};

    collect(&ended);
}

struct ended ended_ask(gpgme_protocol_t protocol)
{
    int patience = protocol == GPGME_PROTOCOL_CMS ? 0 : PATIENCE;
    struct ended ended = {FALSE};

    collect(&ended);
    for (int i = 0, after = 0; i < patience && after < AFTER; i++) {
        if (ended.killed || ended.failed)
            break;
        after += ended.gone;
        g_usleep(STEP);
        collect(&ended);
    }
    return ended;
}
