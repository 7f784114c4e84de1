/* For the tests of the POP3 source: a server at the other end of a socket pair, which has said
 * everything beforehand, or has a mailbox; and a role with a store, which does all that a look
 * does.
 */
#pragma once
#include "fd.h"
#include "folder.h"
#include "intake.h"
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct pop3_house {
    struct means means;
    gpointer source;
    char *folder;     /* of the password */
    const char *said; /* to a new connection, which ends then */
    gsize length;
    gboolean stays;     /* it does not end */
    gboolean breaks;    /* the look ends before QUIT */
    GThreadFunc server; /* instead: what serves `end` in a thread of its own, and closes it */
    GThread *serving;
    int end;            /* the server's */
    GString *got;       /* "1=hello;2!why;" */
    GString *told;      /* what the last connection heard of us */
    GHashTable *stored; /* names that the store knows */
    GHashTable *texts;  /* mails that it has */
    GHashTable *known;  /* names that the role knows to be told of */
    GPtrArray *to_tell; /* names of this look */
    gboolean news;
    char *state;
};

/* -- the role -- */

static inline void pop3_house_join(struct pop3_house *house)
{
    if (house->serving)
        g_thread_join(house->serving);
    house->serving = NULL;
}

static inline void pop3_house_listen(struct pop3_house *house)
{
    char bytes[4096];
    ssize_t got;

    while (house->end >= 0 && (got = recv(house->end, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        g_string_append_len(house->told, bytes, got);
}

static inline int pop3_house_connect(struct pop3_house *house)
{
    int pair[2];

    pop3_house_join(house);
    if (house->end >= 0)
        close(house->end);
    house->end = -1;
    g_string_truncate(house->told, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    if (house->server) {
        house->serving = g_thread_new("server", house->server, GINT_TO_POINTER(pair[1]));
        return pair[0];
    }
    if (house->length)
        g_assert_cmpint(
            send(pair[1], house->said, house->length, MSG_DONTWAIT | MSG_NOSIGNAL), >, 0);
    if (!house->stays)
        shutdown(pair[1], SHUT_WR);
    house->end = pair[1];
    return pair[0];
}

static inline int pop3_house_need(gpointer role, enum ipc_need what, GError **error)
{
    int fd;

    if (what == NEED_CONNECTION)
        return pop3_house_connect(role);
    fd = fd_new_memory("token", error);
    g_assert_true(fd_write_all(fd, "t0ken\n", 6, error));
    return fd;
}

static inline gboolean pop3_house_hear(gpointer role)
{
    return TRUE;
}

static inline void pop3_house_state(gpointer role, const char *sentence)
{
    struct pop3_house *house = role;

    g_free(house->state);
    house->state = g_strdup(sentence);
}

/* Random parts of a name are shown as "*". */
static inline char *pop3_house_name(const char *name)
{
    const char *again = strstr(name, " again ");
    return again ? g_strdup_printf("%.*s again *", (int)(again - name), name) : g_strdup(name);
}

static inline gboolean pop3_house_got(gpointer role, const char *uid, int mail, const char *why)
{
    struct pop3_house *house = role;
    g_autofree char *name = pop3_house_name(uid);
    char text[64] = "";
    struct stat is;

    pop3_house_listen(house); /* a socket takes only so much */
    if (mail < 0) {
        g_string_append_printf(house->got, "%s!%s;", name, why);
        return TRUE;
    }
    g_assert_cmpint(fstat(mail, &is), ==, 0);
    g_assert_cmpint(pread(mail, text, sizeof text - 1, 0), >=, 0);
    close(mail);
    g_string_append_printf(house->got, "%s=%s;", name, text);
    g_hash_table_add(house->stored, g_strdup(uid));
    g_hash_table_add(house->texts, g_strdup(text));
    g_ptr_array_add(house->to_tell, g_strdup(uid));
    return TRUE;
}

/* -- begin and end -- */

static inline void pop3_house_write_password(struct pop3_house *house, GVariantDict *settings)
{
    g_autofree char *file = g_build_filename(house->folder, "password", NULL);
    int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    g_assert_true(fd_write_all(fd, "secret\n", 7, NULL));
    close(fd);
    g_variant_dict_insert(settings, "password_file", "s", file);
}

/* `changes` may name settings again, or be NULL. */
static inline void pop3_house_open(struct pop3_house *house, const char *changes, GError **error)
{
    static const char usual[] =
        "{'host': <'mail.example'>, 'port': <int64 110>, 'tls': <'none'>, 'ca_file': <''>,"
        "'fingerprint': <''>, 'user': <'csirt'>, 'auth': <'login'>, 'password_file': <''>,"
        "'password_credential': <''>, 'timeout': <int64 20>, 'after': <'delete'>,"
        "'rescan': <int64 60>}";
    g_autoptr(GVariant) first = g_variant_ref_sink(g_variant_new_parsed(usual));
    g_autoptr(GVariant) second =
        g_variant_parse(G_VARIANT_TYPE_VARDICT, changes ? changes : "{}", NULL, NULL, NULL);
    g_autoptr(GVariantDict) settings = g_variant_dict_new(first);
    struct source_setup setup = {
        .settings = settings, .means = &house->means, .max_message = 100, .got = pop3_house_got};
    GVariantIter iter;
    const char *name;
    GVariant *value;

    g_assert_nonnull(second);
    pop3_house_write_password(house, settings);
    g_variant_iter_init(&iter, second);
    while (g_variant_iter_loop(&iter, "{&sv}", &name, &value))
        g_variant_dict_insert_value(settings, name, value);
    house->source = source_pop3.open(&setup, error);
}

static inline void pop3_house_begin(struct pop3_house *house)
{
    house->means = (struct means){.role = house,
        .channel = -1,
        .need = pop3_house_need,
        .hear = pop3_house_hear,
        .state = pop3_house_state};
    house->end = -1;
    house->folder = g_dir_make_tmp("mado-pop3-XXXXXX", NULL);
    house->got = g_string_new(NULL);
    house->told = g_string_new(NULL);
    house->stored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    house->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    house->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    house->to_tell = g_ptr_array_new_with_free_func(g_free);
}

static inline void pop3_house_end(struct pop3_house *house)
{
    if (house->source)
        source_pop3.close(house->source);
    pop3_house_join(house);
    if (house->end >= 0)
        close(house->end);
    g_string_free(house->got, TRUE);
    g_string_free(house->told, TRUE);
    g_hash_table_unref(house->stored);
    g_hash_table_unref(house->texts);
    g_hash_table_unref(house->known);
    g_ptr_array_unref(house->to_tell);
    g_free(house->state);
    folder_remove(house->folder);
}

/* -- a look, as the role of the daemon does it -- */

static inline GPtrArray *pop3_house_sort(struct pop3_house *house, const GPtrArray *uids)
{
    GPtrArray *fresh = g_ptr_array_new();

    g_ptr_array_set_size(house->to_tell, 0);
    for (guint i = 0; i < uids->len; i++)
        if (g_hash_table_contains(house->known, uids->pdata[i]))
            continue;
        else if (g_hash_table_contains(house->stored, uids->pdata[i]))
            g_ptr_array_add(house->to_tell, g_strdup(uids->pdata[i]));
        else
            g_ptr_array_add(fresh, uids->pdata[i]);
    return fresh;
}

static inline gboolean pop3_house_is_gone(gpointer name, gpointer value, gpointer uids)
{
    return !g_ptr_array_find_with_equal_func(uids, name, g_str_equal, NULL);
}

static inline gboolean pop3_house_walk(struct pop3_house *house, GError **error)
{
    g_autoptr(GPtrArray) uids = NULL, fresh = NULL;
    guint64 validity = 0;

    if (!source_pop3.enter(house->source, 0, &validity, error) ||
        !(uids = source_pop3.list(house->source, TRUE, error)))
        return FALSE;
    g_assert_cmpuint((guint)validity, ==, 0);
    fresh = pop3_house_sort(house, uids);
    if (fresh->len && !source_pop3.fetch(house->source, fresh, error))
        return FALSE;
    if (house->to_tell->len && source_pop3.taken(house->source, house->to_tell, NULL))
        for (guint i = 0; i < house->to_tell->len; i++)
            g_hash_table_add(house->known, g_strdup(house->to_tell->pdata[i]));
    g_hash_table_foreach_remove(house->known, pop3_house_is_gone, uids);
    return !house->breaks && source_pop3.finish(house->source, error) &&
           source_pop3.wait(house->source, g_get_monotonic_time(), &house->news, error);
}

/* Says this to the next connection, and looks. */
static inline gboolean pop3_house_look(
    struct pop3_house *house, const char *said, gsize length, GError **error)
{
    gboolean done;

    house->said = said;
    house->length = length;
    house->news = FALSE;
    g_string_truncate(house->got, 0);
    done = pop3_house_walk(house, error);
    pop3_house_listen(house);
    return done;
}
