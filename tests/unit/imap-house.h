/* For the tests of the IMAP source: a server that has said everything beforehand, at the other end
 * of a socket pair; a role that writes down what it got; and a walk through all that a look does.
 */
#pragma once
#include "fd.h"
#include "intake.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct imap_house {
    struct means means;
    gpointer source;
    const char *said; /* what the server says to a new connection, and then ends it */
    gsize length;
    gboolean stays; /* it does not end it */
    int end;        /* the server's */
    guint opened;   /* connections */
    GString *got;   /* "INBOX/10=hello;INBOX/11!why;" */
    /* NULL: what writes that */
    gboolean (*take)(gpointer role, const char *uid, int mail, const char *why);
    char *state;      /* the last one */
    guint64 validity; /* of the last walk */
    gboolean news;
};

/* -- the role -- */

static inline int imap_house_need(gpointer role, enum ipc_need what, GError **error)
{
    struct imap_house *house = role;
    int pair[2];

    if (house->end >= 0)
        close(house->end);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    if (house->length)
        g_assert_cmpint(
            send(pair[1], house->said, house->length, MSG_DONTWAIT | MSG_NOSIGNAL), >, 0);
    if (!house->stays)
        shutdown(pair[1], SHUT_WR);
    house->end = pair[1];
    house->opened++;
    return pair[0];
}

static inline gboolean imap_house_hear(gpointer role)
{
    return TRUE;
}

static inline void imap_house_state(gpointer role, const char *sentence)
{
    struct imap_house *house = role;

    g_free(house->state);
    house->state = g_strdup(sentence);
}

static inline gboolean imap_house_got(gpointer role, const char *uid, int mail, const char *why)
{
    struct imap_house *house = role;
    char text[64] = "";
    struct stat is;

    if (mail < 0) {
        g_string_append_printf(house->got, "%s!%s;", uid, why);
        return TRUE;
    }
    g_assert_cmpint(fstat(mail, &is), ==, 0);
    g_assert_cmpint(pread(mail, text, sizeof text - 1, 0), >=, 0);
    if (is.st_size < (off_t)sizeof text)
        g_string_append_printf(house->got, "%s=%s;", uid, text);
    else
        g_string_append_printf(house->got, "%s=%lu bytes;", uid, (gulong)is.st_size);
    close(mail);
    return TRUE;
}

/* What the role has said to the server so far; the caller frees it. */
static inline char *imap_house_told(struct imap_house *house)
{
    GString *told = g_string_new(NULL);
    char bytes[4096];
    ssize_t got;

    while ((got = recv(house->end, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        g_string_append_len(told, bytes, got);
    return g_string_free(told, FALSE);
}

/* -- begin and end -- */

/* `changes` may name settings again: the last counts. */
static inline void imap_house_open(struct imap_house *house, const char *changes, GError **error)
{
    static const char usual[] =
        "{'host': <'mail.example'>, 'port': <int64 143>, 'tls': <'none'>, 'ca_file': <''>,"
        "'fingerprint': <''>, 'user': <''>, 'auth': <'plain'>, 'password_file': <''>,"
        "'password_credential': <''>, 'timeout': <int64 20>, 'folders': <['INBOX']>,"
        "'after': <'keyword'>, 'move_to': <'mado/Done'>, 'rescan': <int64 60>, 'idle': <int64 "
        "1680>}";
    g_autoptr(GVariantDict) settings = NULL;
    g_autoptr(GVariant) first = g_variant_ref_sink(g_variant_new_parsed(usual));
    g_autoptr(GVariant) second =
        changes ? g_variant_parse(G_VARIANT_TYPE_VARDICT, changes, NULL, NULL, NULL) : NULL;
    GVariantIter iter;
    const char *name;
    GVariant *value;
    struct source_setup setup = {.means = &house->means,
        .max_message = 100,
        .got = house->take ? house->take : imap_house_got};

    g_assert_true(!changes || second);
    house->means = (struct means){.role = house,
        .channel = -1,
        .need = imap_house_need,
        .hear = imap_house_hear,
        .state = imap_house_state};
    house->end = -1;
    house->got = g_string_new(NULL);
    setup.settings = settings = g_variant_dict_new(first);
    if (second) {
        g_variant_iter_init(&iter, second);
        while (g_variant_iter_loop(&iter, "{&sv}", &name, &value))
            g_variant_dict_insert_value(settings, name, value);
    }
    house->source = source_imap.open(&setup, error);
}

static inline void imap_house_close(struct imap_house *house)
{
    if (house->end >= 0)
        shutdown(house->end, SHUT_RDWR); /* else the goodbye waits for an answer */
    if (house->source)
        source_imap.close(house->source);
    if (house->end >= 0)
        close(house->end);
    g_string_free(house->got, TRUE);
    g_free(house->state);
}

/* -- a look -- */

static inline GPtrArray *imap_house_look(struct imap_house *house, gboolean whole, GError **error)
{
    if (!source_imap.enter(house->source, 0, &house->validity, error))
        return NULL;
    return source_imap.list(house->source, whole, error);
}

/* All that a role does, until something fails. */
static inline gboolean imap_house_walk(struct imap_house *house, GError **error)
{
    g_autoptr(GPtrArray) uids = imap_house_look(house, TRUE, error);

    if (!uids || (uids->len && !source_imap.fetch(house->source, uids, error)) ||
        !source_imap.taken(house->source, uids, error) || !source_imap.finish(house->source, error))
        return FALSE;
    return source_imap.wait(house->source, g_get_monotonic_time(), &house->news, error);
}
