/*
 * The operators' socket
 *
 * SECURITY. Trusts the kernel's word on who is at the other end (SO_PEERCRED), and nothing that
 * comes from there. Holds at most MOST_CLIENTS connections, each with one request of bounded length
 * and one answer; reads no further until that answer is gone; closes what is silent. Never blocks,
 * never looks up a name once the desk is confined.
 */
#include "control.h"
#include "control-answers.h"
#include "control-duty.h"
#include "control-roster.h"
#include "error.h"
#include "say.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <mado/limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MOST_CLIENTS = 64,
    MOST_WATCHING = 32,               /* so that others are still answered */
    QUIET_SECONDS = 20,               /* who waits for news is told by then that there is none */
    MOST_BUFFERED = 64 * 1024 * 1024, /* of all answers that nobody has fetched yet */
    IDLE_SECONDS = 60,
};

struct control {
    int listening;
    const struct control_context *context;
    struct roster *roster;
    GPtrArray *clients;
    guint accept_watch, sweep_timer;
    guint64 told; /* the last event of the journal that was looked at for who waits for news */
};

struct client {
    struct control *control;
    int fd;
    guint watch;
    uid_t uid;
    gboolean in_group;
    gboolean leaving; /* close when the answer is gone */
    GString *in, *out;
    gsize searched, sent; /* bytes: in there is no end of a line, and of out */
    json_t *watching;     /* what it asked, while there is no news to tell it; or NULL */
    gint64 last;          /* monotonic seconds of the last complete request or fetched byte */
};

static gint64 monotonic_seconds(void)
{
    return g_get_monotonic_time() / G_USEC_PER_SEC;
}

static void client_free(gpointer data)
{
    struct client *client = data;

    if (client->watch)
        g_source_remove(client->watch);
    close(client->fd);
    g_string_free(client->in, TRUE);
    g_string_free(client->out, TRUE);
    json_decref(client->watching);
    g_free(client);
}

static void client_drop(struct client *client)
{
    g_ptr_array_remove_fast(client->control->clients, client);
}

static const char *user_name(const struct client *client)
{
    return roster_user(client->control->roster, client->uid);
}

static enum ctl_role role_of(const struct client *client)
{
    const struct control *control = client->control;

    return duty_role(control->context, user_name(client),
        roster_role(control->roster, control->context->settings, client->uid, client->in_group));
}

static void note_refusal(const struct client *client, const struct ctl_command *command)
{
    const struct refusal refusal = {user_name(client), command->name, .by_role = TRUE};
    g_autofree char *why = g_strdup_printf(
        "uid %u has not the role %s", (guint)client->uid, ctl_role_name(command->role));

    refusal_note(client->control->context->store, &refusal, MADO_E_FORBIDDEN, why);
}

/* -- one request -- */

/* `sentence` is one that is marked. */
static void answer_error(struct client *client, int code, const char *sentence)
{
    g_autoptr(GError) error = NULL;

    error_set_said(&error, code, sentence, _(sentence));
    control_add_line(client->out, ctl_error(error));
}

static void answer_too_long(struct client *client)
{
    answer_error(client, MADO_E_BAD_DATA, N_("The request is too long. Nothing was changed."));
}

static gsize buffered(const struct control *control)
{
    gsize sum = 0;

    for (guint i = 0; i < control->clients->len; i++)
        sum += ((struct client *)g_ptr_array_index(control->clients, i))->out->len;
    return sum;
}

static guint count_watching(const struct control *control)
{
    guint count = 0;

    for (guint i = 0; i < control->clients->len; i++)
        count += ((struct client *)g_ptr_array_index(control->clients, i))->watching != NULL;
    return count;
}

/* FALSE: there is none, and they wait for it; `anyway`: no longer. */
static gboolean tell_news(struct client *client, gboolean anyway)
{
    const struct asker asker = {user_name(client), role_of(client)};
    gsize before = client->out->len;

    control_answer(
        client->control->context, &asker, ctl_find("watch"), client->watching, client->out);
    if (!anyway && g_str_has_prefix(client->out->str + before, "{\"end\"")) { /* no row */
        g_string_truncate(client->out, before);
        return FALSE;
    }
    g_clear_pointer(&client->watching, json_decref);
    return TRUE;
}

/* Who asks from where news begin is told at once. */
static void serve_watch(struct client *client, json_t *args)
{
    if (count_watching(client->control) >= MOST_WATCHING) {
        answer_error(client, MADO_E_BUSY,
            N_("Too many operators watch already. Nothing was changed. Try again later."));
        return;
    }
    json_decref(client->watching);
    client->watching = json_incref(args);
    tell_news(client, json_object_get(args, "page") == NULL);
}

static void serve_command(struct client *client, const struct ctl_command *command, json_t *args)
{
    const struct asker asker = {user_name(client), role_of(client)};

    if (g_str_equal(command->name, "watch"))
        serve_watch(client, args);
    else
        control_answer(client->control->context, &asker, command, args, client->out);
}

static void serve_request(
    struct client *client, const struct ctl_command *command, json_t *args, gsize size)
{
    g_autoptr(GError) error = NULL;

    if (size > control_longest(command)) {
        answer_too_long(client);
    } else if (role_of(client) < command->role) {
        note_refusal(client, command);
        answer_error(client, MADO_E_FORBIDDEN,
            N_("You are not an operator with the role that this command needs. Nothing was "
               "changed. An administrator can add you to `operators` in mado.conf."));
        client->leaving = TRUE;
    } else if (buffered(client->control) > MOST_BUFFERED) {
        answer_error(client, MADO_E_BUSY,
            N_("Too many long answers wait to be fetched. Nothing was changed. Try again."));
    } else if (!store_commit(client->control->context->store, &error)) {
        /* An answer tells only what is on the disk, so the turn so far is committed first. */
        control_add_line(client->out, ctl_error(error));
    } else {
        serve_command(client, command, args);
    }
}

/* What it is answered is in the language of who asks; what is written down is English. */
static void serve(struct client *client, const char *line, gsize size)
{
    g_autoptr(GError) error = NULL;
    const struct ctl_command *command;
    json_t *args;
    json_t *request = ctl_parse_request(line, size, &command, &args, &error);
    const char *before = say_in(ctl_language(request));

    if (request)
        serve_request(client, command, args, size);
    else
        control_add_line(client->out, ctl_error(error));
    say_in(before);
    json_decref(request);
}

/* Takes one line off the input and answers it; FALSE if there is no complete one. */
static gboolean serve_next(struct client *client)
{
    const char *end =
        memchr(client->in->str + client->searched, '\n', client->in->len - client->searched);
    gsize size = end ? (gsize)(end - client->in->str) : client->in->len;

    client->searched = end ? 0 : size;
    if (size > control_longest_of(role_of(client))) {
        answer_too_long(client);
        client->leaving = TRUE;
        client->searched = 0;
        g_string_truncate(client->in, 0);
        return TRUE;
    }
    if (!end)
        return FALSE;
    client->last = monotonic_seconds();
    serve(client, client->in->str, size);
    g_string_erase(client->in, 0, (gssize)size + 1);
    return TRUE;
}

/* -- bytes -- */

static gboolean can_wait(gssize done)
{
    return done < 0 && (errno == EAGAIN || errno == EINTR);
}

/* FALSE when the other side is gone. */
static gboolean take_bytes(struct client *client)
{
    char block[16 * 1024];
    gssize got = recv(client->fd, block, sizeof block, 0);

    if (got > 0)
        g_string_append_len(client->in, block, got);
    return got > 0 || can_wait(got);
}

static gboolean give_bytes(struct client *client)
{
    gssize put = send(
        client->fd, client->out->str + client->sent, client->out->len - client->sent, MSG_NOSIGNAL);

    if (put <= 0)
        return can_wait(put);
    client->last = monotonic_seconds();
    client->sent += (gsize)put;
    if (client->sent < client->out->len)
        return TRUE;
    client->sent = 0;
    /* A long answer's memory is given back. */
    g_string_free(client->out, TRUE);
    client->out = g_string_new(NULL);
    return !client->leaving;
}

/* Answers and sends as long as it goes without waiting; FALSE: done with this client. */
static gboolean work(struct client *client)
{
    do {
        gsize left = client->out->len - client->sent;
        if (left > 0 && !give_bytes(client))
            return FALSE;
        if (client->out->len > 0)
            return TRUE;
    } while (serve_next(client));
    return TRUE;
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data);

/* While an answer waits to be fetched, nothing more is read. */
static void watch(struct client *client)
{
    client->watch =
        g_unix_fd_add(client->fd, client->out->len > 0 ? G_IO_OUT : G_IO_IN, on_ready, client);
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data)
{
    struct client *client = data;

    client->watch = 0;
    if ((condition & G_IO_OUT || take_bytes(client)) && work(client))
        watch(client);
    else
        client_drop(client);
    return G_SOURCE_REMOVE;
}

/* -- who waits for news -- */

static void go_on(struct client *client)
{
    g_source_remove(client->watch);
    client->watch = 0;
    if (work(client))
        watch(client);
    else
        client_drop(client);
}

/* Backwards, because who is gone leaves the list. */
static void look_for_news(struct control *control, gint64 quiet_since)
{
    for (guint i = control->clients->len; i > 0; i--) {
        struct client *client = g_ptr_array_index(control->clients, i - 1);
        if (client->watching && client->out->len == 0 &&
            tell_news(client, client->last <= quiet_since))
            go_on(client);
    }
}

void control_news(struct control *control)
{
    guint64 last = 0;

    if (!count_watching(control) || !store_last_event(control->context->store, &last, NULL) ||
        last == control->told)
        return;
    control->told = last;
    look_for_news(control, -1);
}

/* -- connections -- */

static void welcome(struct control *control, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    struct client *client = g_new0(struct client, 1);

    client->control = control;
    client->fd = fd;
    client->in = g_string_new(NULL);
    client->out = g_string_new(NULL);
    client->last = monotonic_seconds();
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        client_free(client);
        return;
    }
    client->uid = peer.uid;
    client->in_group = roster_in_group(control->roster, fd, peer.gid);
    g_ptr_array_add(control->clients, client);
    watch(client);
}

static void turn_away(int fd)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) line = g_string_new(NULL);

    error_set(&error, MADO_E_BUSY,
        "Too many operators are connected. Nothing was changed. Try again in a minute.");
    control_add_line(line, ctl_error(error));
    if (send(fd, line->str, line->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        g_debug("nobody was there to be told");
    close(fd);
}

static gboolean on_connection(gint listening, GIOCondition condition, gpointer data)
{
    struct control *control = data;
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0 && control->clients->len < MOST_CLIENTS)
        welcome(control, fd);
    else if (fd >= 0)
        turn_away(fd);
    return G_SOURCE_CONTINUE;
}

static gboolean on_sweep(gpointer data)
{
    struct control *control = data;
    guint idle = control->context->idle_seconds;
    gint64 oldest = monotonic_seconds() - (idle ? idle : IDLE_SECONDS);

    look_for_news(control, monotonic_seconds() - (idle ? idle / 2 : QUIET_SECONDS));
    for (guint i = control->clients->len; i > 0; i--) {
        struct client *client = g_ptr_array_index(control->clients, i - 1);
        if (client->last < oldest)
            client_drop(client);
    }
    return G_SOURCE_CONTINUE;
}

struct control *control_new(int listening, const struct control_context *context)
{
    struct control *control = g_new0(struct control, 1);

    control->listening = listening;
    control->context = context;
    control->roster = roster_new(context->settings);
    control->clients = g_ptr_array_new_with_free_func(client_free);
    return control;
}

void control_start(struct control *control)
{
    guint idle = control->context->idle_seconds;

    control->accept_watch = g_unix_fd_add(control->listening, G_IO_IN, on_connection, control);
    control->sweep_timer = g_timeout_add_seconds(idle && idle < 5 ? 1 : 5, on_sweep, control);
}

void control_free(struct control *control)
{
    if (!control)
        return;
    if (control->accept_watch)
        g_source_remove(control->accept_watch);
    if (control->sweep_timer)
        g_source_remove(control->sweep_timer);
    g_ptr_array_unref(control->clients);
    roster_free(control->roster);
    close(control->listening);
    g_free(control);
}
