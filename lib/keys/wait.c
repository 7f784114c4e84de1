/* Our own loop around an operation of GPGME. Its own spins for ever where gpg is killed while it
 * has something to write: poll says POLLERR and not POLLOUT of a full pipe that nobody reads. Here
 * that counts as "may be written", and writing says that it is over. */
#include "keys-parts.h"
#include <errno.h>
#include <poll.h>

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

void wait_begin(struct waiting *waiting, gpgme_ctx_t context)
{
    struct gpgme_io_cbs callbacks = {add, waiting, take_away, happen, waiting};

    *waiting = (struct waiting){g_ptr_array_new_with_free_func(g_free), FALSE, 0};
    gpgme_set_io_cbs(context, &callbacks);
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
