/* libFuzzer: any bytes of a POP3 server, a session up to each 0xff; the first byte chooses how we
 * log in and what is done with mail. Nothing is deleted that was not had, and what comes out is
 * harmless and within the limits. */
#include "fd.h"
#include "intake.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

enum { MAX_MESSAGE = 1000, LOOKS = 4, LONGEST_NAME = 120, ROOM = 1 << 20 };

/* The role and, at the other end, the server. */
struct house {
    const guint8 *said;
    gsize length;
    int end;
    GString *told;      /* in this session */
    GHashTable *stored; /* names */
    GPtrArray *to_tell;
};

static void require(gboolean holds)
{
    if (!holds)
        abort();
}

static void listen_to(struct house *house)
{
    char bytes[4096];
    gssize got;

    while (house->end >= 0 && (got = recv(house->end, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        g_string_append_len(house->told, bytes, got);
}

static int need(gpointer role, enum ipc_need what, GError **error)
{
    struct house *house = role;
    int pair[2], room = ROOM, fd;

    if (what == NEED_TOKEN) {
        fd = fd_new_memory("token", error);
        require(fd_write_all(fd, "t0ken\n", 6, error));
        return fd;
    }
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    require(!house->length ||
            send(pair[1], house->said, house->length, MSG_DONTWAIT) == (gssize)house->length);
    shutdown(pair[1], SHUT_WR);
    house->end = pair[1];
    return pair[0];
}

static gboolean hear(gpointer role)
{
    return TRUE;
}

static void say_state(gpointer role, const char *sentence)
{
}

static gboolean got(gpointer role, const char *uid, int mail, const char *why_not)
{
    struct house *house = role;
    struct stat is;

    listen_to(house);
    require(g_utf8_validate(uid, -1, NULL) && strlen(uid) <= LONGEST_NAME);
    for (const char *at = uid; *at; at++)
        require(g_ascii_isprint(*at));
    require((mail < 0) == (why_not != NULL));
    require(!why_not || (g_utf8_validate(why_not, -1, NULL) && !strpbrk(why_not, "\r\n\033")));
    if (mail < 0)
        return TRUE;
    require(fstat(mail, &is) == 0 && is.st_size <= MAX_MESSAGE);
    close(mail);
    g_hash_table_add(house->stored, g_strdup(uid));
    g_ptr_array_add(house->to_tell, g_strdup(uid));
    return TRUE;
}

static gpointer open_source(const struct means *means, guint8 choice)
{
    static const char *const auths[] = {"xoauth2", "oauthbearer"};
    g_autoptr(GVariantDict) settings = g_variant_dict_new(NULL);
    const char *rows[][2] = {{"host", "localhost"}, {"tls", "none"}, {"fingerprint", ""},
        {"user", "csirt"}, {"auth", auths[choice & 1]}, {"after", choice & 2 ? "leave" : "delete"}};
    struct source_setup setup = {settings, means, MAX_MESSAGE, got};
    gpointer source;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_variant_dict_insert(settings, rows[i][0], "s", rows[i][1]);
    g_variant_dict_insert(settings, "port", "x", (gint64)110);
    g_variant_dict_insert(settings, "timeout", "x", (gint64)1);
    g_variant_dict_insert(settings, "rescan", "x", (gint64)60);
    source = source_pop3.open(&setup, NULL);
    require(source != NULL);
    return source;
}

static GPtrArray *choose(struct house *house, const GPtrArray *uids)
{
    GPtrArray *fresh = g_ptr_array_new();

    g_ptr_array_set_size(house->to_tell, 0);
    for (guint i = 0; i < uids->len; i++)
        if (g_hash_table_contains(house->stored, uids->pdata[i]))
            g_ptr_array_add(house->to_tell, g_strdup(uids->pdata[i]));
        else
            g_ptr_array_add(fresh, uids->pdata[i]);
    return fresh;
}

static gboolean look(struct house *house, gpointer source)
{
    g_autoptr(GPtrArray) uids = NULL, fresh = NULL;
    guint64 validity;
    gboolean news;

    if (!source_pop3.enter(source, 0, &validity, NULL) ||
        !(uids = source_pop3.list(source, TRUE, NULL)))
        return FALSE;
    fresh = choose(house, uids);
    if (fresh->len && !source_pop3.fetch(source, fresh, NULL))
        return FALSE;
    source_pop3.taken(source, house->to_tell, NULL);
    return source_pop3.finish(source, NULL) &&
           source_pop3.wait(source, g_get_monotonic_time(), &news, NULL);
}

/* In the first session whatever is deleted was fetched in it. */
static void check_first(const char *told)
{
    for (const char *at = told; (at = strstr(at, "DELE ")); at++) {
        g_autofree char *number = g_strndup(at + 5, strcspn(at + 5, "\r"));
        g_autofree char *fetched = g_strdup_printf("RETR %s\r\n", number);
        const char *before = strstr(told, fetched);
        require(before && before < at);
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    struct house house = {.end = -1,
        .told = g_string_new(NULL),
        .stored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .to_tell = g_ptr_array_new_with_free_func(g_free)};
    const struct means means = {&house, -1, need, hear, say_state};
    gpointer source = open_source(&means, size ? bytes[0] : 0);
    gsize at = MIN(size, 1);

    for (int i = 0; i < LOOKS && (at < size || i == 0); i++) {
        const guint8 *end = at < size ? memchr(bytes + at, 0xff, size - at) : NULL;
        house.said = bytes + at;
        house.length = end ? (gsize)(end - house.said) : size - at;
        at += house.length + 1;
        g_string_truncate(house.told, 0);
        look(&house, source);
        listen_to(&house);
        close(house.end);
        house.end = -1;
        if (i == 0)
            check_first(house.told->str);
    }
    source_pop3.close(source);
    g_string_free(house.told, TRUE);
    g_hash_table_unref(house.stored);
    g_ptr_array_unref(house.to_tell);
    return 0;
}
