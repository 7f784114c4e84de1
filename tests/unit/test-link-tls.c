/* Whom a link speaks with. The server counts what it was told once TLS was up: of a server that is
 * not the right one, that is nothing. */
#include "confine.h"
#include "error.h"
#include "link-parts.h"
#include "link-peer.h"
#include "log.h"

#define SECRET "LOGIN csirt secret\r\n"

/* What the server is. */
enum signer { BY_AUTHORITY, BY_SOMEBODY, BY_ITSELF };
struct shown {
    const char *what;
    struct wish wish;
    enum signer by;
    const char *host, *versions;
    const char *sentence; /* a part of it; NULL: it is the right one */
};

static const struct shown right_ones[] = {
    {"name", {"a", "localhost", NULL, -1, 30}, BY_AUTHORITY, "localhost", NULL, NULL},
    {"wildcard", {"b", "*.sakura.example", NULL, -1, 30}, BY_AUTHORITY, "imap.sakura.example", NULL,
        NULL},
    {"address", {"c", NULL, "127.0.0.1", -1, 30}, BY_AUTHORITY, "127.0.0.1", NULL, NULL},
    {"TLS 1.2", {"d", "localhost", NULL, -1, 30}, BY_AUTHORITY, "localhost",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL},
    {"TLS 1.3", {"e", "localhost", NULL, -1, 30}, BY_AUTHORITY, "localhost",
        "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL},
};

#define HERE "localhost", NULL
static const struct shown wrong_ones[] = {
    {"wrong host", {"a", "mail.other.example", NULL, -1, 30}, BY_AUTHORITY, HERE,
        "is for another host"},
    {"unknown authority", {"b", "localhost", NULL, -1, 30}, BY_SOMEBODY, HERE,
        "signed by \"CN=somebody\", whom `ca_file` does not have"},
    {"expired", {"c", "localhost", NULL, -30, -1}, BY_AUTHORITY, HERE, "has expired"},
    {"not yet valid", {"d", "localhost", NULL, 1, 30}, BY_AUTHORITY, HERE, "is not yet valid"},
    {"self-signed", {"e", "localhost", NULL, -1, 30}, BY_ITSELF, HERE,
        "signed by nobody but itself"},
    {"another address", {"f", NULL, "127.0.0.2", -1, 30}, BY_AUTHORITY, "127.0.0.1", NULL,
        "is for another host"},
    {"address as a name", {"g", "127.0.0.1", NULL, -1, 30}, BY_AUTHORITY, "127.0.0.1", NULL,
        "is for another host"},
    {"name, but no address", {"h", "localhost", NULL, -1, 30}, BY_AUTHORITY, "127.0.0.1", NULL,
        "is for another host"},
    {"of a client", {"i", "localhost", NULL, -1, 30, FALSE, TRUE}, BY_AUTHORITY, HERE,
        "is not meant for servers"},
    {"TLS 1.1", {"j", "localhost", NULL, -1, 30}, BY_AUTHORITY, "localhost",
        "NORMAL:-VERS-ALL:+VERS-TLS1.1", "TLS"},
};

static struct identity identity_of(struct house *house, const struct shown *shown)
{
    static const struct wish somebody = {"somebody", NULL, NULL, -60, 60, TRUE};
    struct identity other, made;

    if (shown->by != BY_SOMEBODY)
        return identity_make(&shown->wish, shown->by == BY_ITSELF ? NULL : &house->authority);
    other = identity_make(&somebody, NULL);
    made = identity_make(&shown->wish, &other);
    identity_clear(&other);
    return made;
}

/* Opens and says the secret, as somebody would who trusts link_open(). */
static gboolean say_secret(const struct link_server *server, GError **error)
{
    g_autoptr(mado_link) link = link_open(server, error);

    return link && link_write(link, SECRET, strlen(SECRET), error);
}

struct meeting {
    gboolean said;
    int seen; /* by the server */
    GError *error;
};

static struct meeting meet(struct house *house, const struct identity *identity,
    const struct described *described, const char *versions)
{
    struct link_server *server = server_make(house, described);
    struct meeting meeting = {0};

    peer_start(house, &(struct serving){identity, versions, FALSE, peer_counts});
    meeting.said = say_secret(server, &meeting.error);
    meeting.seen = peer_end(house);
    link_server_free(server);
    return meeting;
}

static void test_right_server_is_spoken_with(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(right_ones); i++) {
        struct house *house = house_new();
        struct identity identity = identity_of(house, &right_ones[i]);
        struct meeting meeting = meet(house, &identity,
            &(struct described){.host = right_ones[i].host}, right_ones[i].versions);
        g_test_message("%s", right_ones[i].what);
        g_assert_no_error(meeting.error);
        g_assert_cmpint(meeting.seen, ==, strlen(SECRET));
        identity_clear(&identity);
        house_free(house);
    }
}

static void test_wrong_server_gets_no_byte(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wrong_ones); i++) {
        struct house *house = house_new();
        struct identity identity = identity_of(house, &wrong_ones[i]);
        struct meeting meeting = meet(house, &identity,
            &(struct described){.host = wrong_ones[i].host}, wrong_ones[i].versions);
        g_test_message("%s: %s", wrong_ones[i].what, meeting.error ? meeting.error->message : "");
        g_assert_error(meeting.error, MADO_ERROR, MADO_E_LINK);
        g_assert_nonnull(strstr(meeting.error->message, wrong_ones[i].sentence));
        g_assert_cmpint(meeting.seen, ==, 0);
        g_error_free(meeting.error);
        identity_clear(&identity);
        house_free(house);
    }
}

/* A pinned certificate is believed whatever else it is, and no other is, however good. */
static void test_pinned_certificate_alone_is_believed(void)
{
    struct house *house = house_new();
    struct identity good = identity_make(&wish_good, &house->authority);
    g_autofree char *pin_of_good = identity_fingerprint(&good);

    for (gsize i = 0; i < G_N_ELEMENTS(wrong_ones); i++) {
        struct identity odd = identity_of(house, &wrong_ones[i]);
        g_autofree char *pin = identity_fingerprint(&odd);
        struct meeting meeting = meet(house, &odd, &(struct described){.fingerprint = pin}, NULL);
        g_test_message("%s", wrong_ones[i].what);
        g_assert_no_error(meeting.error);
        g_assert_cmpint(meeting.seen, ==, strlen(SECRET));
        meeting = meet(house, &good, &(struct described){.fingerprint = pin}, NULL);
        g_assert_error(meeting.error, MADO_ERROR, MADO_E_LINK);
        g_assert_nonnull(strstr(meeting.error->message, pin_of_good));
        g_assert_cmpint(meeting.seen, ==, 0);
        g_error_free(meeting.error);
        identity_clear(&odd);
    }
    identity_clear(&good);
    house_free(house);
}

/* An operator who has to pin a certificate is told what to pin. */
static void test_fingerprint_of_a_self_signed_certificate_is_told(void)
{
    struct house *house = house_new();
    struct identity own = identity_make(&wish_good, NULL);
    g_autofree char *pin = identity_fingerprint(&own);
    struct meeting meeting = meet(house, &own, &(struct described){0}, NULL);

    g_assert_nonnull(strstr(meeting.error->message, pin));
    g_error_free(meeting.error);
    identity_clear(&own);
    house_free(house);
}

static void test_without_authorities_nothing_starts(void)
{
    struct house *house = house_new();
    static const char *const contents[] = {"", "not a certificate\n", NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(contents); i++) {
        g_autoptr(GError) error = NULL;
        if (contents[i])
            g_assert_true(g_file_set_contents(house->ca_file, contents[i], -1, NULL));
        else
            g_remove(house->ca_file);
        g_assert_null(server_try(house, &(struct described){0}, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE);
    }
    house_free(house);
}

/* -- STARTTLS -- */

static int agrees(struct peer *peer)
{
    char line[32];

    if (!peer_says(peer, "* OK hello\r\n", 12) || peer_hears(peer, line, sizeof line) <= 0 ||
        !peer_says(peer, "a OK begin\r\n", 12) || !peer_starts_tls(peer))
        return 0;
    return peer_counts(peer);
}

/* Somebody on the way adds a word in clear behind the answer. */
static int injects(struct peer *peer)
{
    char data[512];
    int count = 0;

    peer_says(peer, "* OK hello\r\n", 12);
    if (peer_hears(peer, data, sizeof data) <= 0)
        return 100;
    peer_says(peer, "a OK begin\r\nb OK injected\r\n", 27);
    for (gssize got; (got = peer_hears(peer, data, sizeof data)) > 0;)
        count += (int)got;
    return MIN(count, 100);
}

static struct link *ask_for_tls(const struct link_server *server)
{
    g_autoptr(GError) error = NULL;
    struct link *link = link_open(server, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(link_read_line(link, NULL, &error), ==, "* OK hello");
    g_assert_true(link_print(link, &error, "a STARTTLS\r\n"));
    g_assert_cmpstr(link_read_line(link, NULL, &error), ==, "a OK begin");
    return link;
}

static void test_starttls_is_as_good(void)
{
    struct house *house = house_new();
    struct identity good = identity_make(&wish_good, &house->authority);
    struct identity own = identity_make(&wish_good, NULL);
    struct link_server *server = server_make(house, &(struct described){.tls = "starttls"});
    const struct identity *const shown[] = {&good, &own};

    g_assert_true(link_server_wants_starttls(server));
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_autoptr(GError) error = NULL;
        struct link *link;
        peer_start(house, &(struct serving){shown[i], NULL, TRUE, agrees});
        link = ask_for_tls(server);
        g_assert_cmpint(link_start_tls(link, &error), ==, i == 0);
        g_assert_cmpint(link_write(link, SECRET, strlen(SECRET), NULL), ==, i == 0);
        link_free(link);
        g_assert_cmpint(peer_end(house), ==, i == 0 ? strlen(SECRET) : 0);
    }
    identity_clear(&good);
    identity_clear(&own);
    link_server_free(server);
    house_free(house);
}

/* Not even a hello goes out. */
static void test_words_before_tls_are_refused(void)
{
    struct house *house = house_new();
    struct link_server *server = server_make(house, &(struct described){.tls = "starttls"});
    g_autoptr(GError) error = NULL;
    struct link *link;

    peer_start(house, &(struct serving){.clear = TRUE, .script = injects});
    link = ask_for_tls(server);
    g_assert_false(link_start_tls(link, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    g_assert_nonnull(strstr(error->message, "between STARTTLS and TLS"));
    g_assert_false(link_write(link, SECRET, strlen(SECRET), NULL));
    g_assert_null(link_read_line(link, NULL, NULL));
    link_free(link);
    g_assert_cmpint(peer_end(house), ==, 0);
    link_server_free(server);
    house_free(house);
}

/* -- what no server can do -- */

static int says_noise(struct peer *peer)
{
    guint8 noise[600];
    guint32 size = g_random_int_range(1, sizeof noise);

    for (guint32 i = 0; i < size; i++)
        noise[i] = (guint8)g_random_int();
    if (g_random_boolean() && size > 5) /* a record that is not finished */
        memcpy(noise, "\x16\x03\x03\x02\x00", 5);
    peer_says(peer, noise, size);
    peer_counts(peer);
    return 0;
}

static void test_noise_ends_by_the_deadline(void)
{
    struct house *house = house_new();
    struct link_server *server = server_make(house, &(struct described){.tls = "starttls"});

    for (int i = 0; i < 40; i++) {
        gint64 began;
        struct link *link;
        peer_start(house, &(struct serving){.clear = TRUE, .script = says_noise});
        link = link_open(server, NULL);
        began = g_get_monotonic_time();
        link->deadline = began + 20 * G_TIME_SPAN_MILLISECOND;
        g_assert_false(link_start_tls(link, NULL));
        g_assert_cmpint(g_get_monotonic_time() - began, <, G_TIME_SPAN_SECOND);
        link_free(link);
        peer_end(house);
    }
    link_server_free(server);
    house_free(house);
}

/* What TLS says for itself is no news. */
static int says_nothing_new(struct peer *peer)
{
    peer_must(gnutls_session_key_update(peer->session, 0));
    peer_says(peer, "x", 1);
    return peer_counts(peer);
}

static int only_changes_keys(struct peer *peer)
{
    peer_must(gnutls_session_key_update(peer->session, 0));
    return peer_counts(peer);
}

static void test_keys_may_change_without_news(void)
{
    struct house *house = house_new();
    struct identity good = identity_make(&wish_good, &house->authority);
    struct link_server *server = server_make(house, &(struct described){0});
    const peer_script scripts[] = {only_changes_keys, says_nothing_new};
    static const enum link_news wanted[] = {LINK_TIME, LINK_SERVER};

    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autoptr(GError) error = NULL;
        enum link_news news = LINK_DESK;
        gint64 time = wanted[i] == LINK_TIME ? 50 * G_TIME_SPAN_MILLISECOND : G_TIME_SPAN_MINUTE;
        struct link *link;
        peer_start(house, &(struct serving){.identity = &good, .script = scripts[i]});
        link = link_open(server, &error);
        g_assert_no_error(error);
        g_assert_true(link_wait(link, g_get_monotonic_time() + time, &news, &error));
        g_assert_cmpint(news, ==, wanted[i]);
        g_assert_cmpint(link_has_more(link), ==, wanted[i] == LINK_SERVER);
        link_free(link);
        peer_end(house);
    }
    identity_clear(&good);
    link_server_free(server);
    house_free(house);
}

/* -- confined -- */

static guint count_threads(void)
{
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    guint count = 0;

    while (g_dir_read_name(tasks))
        count++;
    return count;
}

/* The reader is no role that connects; but where it opens a file or a socket, it dies. */
static int speak_confined(struct house *house, enum confine_kind kind)
{
    struct confine_place places[] = {{house->folder, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    struct link_server *server = server_make(house, &(struct described){0});
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_link) link = NULL;

    log_start("test");
    if (count_threads() != 1 ||
        !confine_role(&(struct confinement){.kind = kind, .places = places}, &error))
        return 90;
    link = link_open(server, &error);
    if (!link || !link_print(link, &error, "hello\r\n") ||
        g_strcmp0(link_read_line(link, NULL, &error), "hello") != 0)
        return 91;
    g_clear_pointer(&link, link_free);
    link_server_free(server);
    return 0;
}

static int echoes(struct peer *peer)
{
    char data[100];
    gssize got;

    while ((got = peer_hears(peer, data, sizeof data)) > 0)
        peer_says(peer, data, (gsize)got);
    return 0;
}

static void test_it_needs_no_file_no_socket_and_no_thread(void)
{
    static const enum confine_kind kinds[] = {CONFINE_INTAKE, CONFINE_COURIER, CONFINE_READER};
    static const char *const versions[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds) * G_N_ELEMENTS(versions); i++) {
        struct house *house = house_new();
        struct identity good = identity_make(&wish_good, &house->authority);
        pid_t role;
        int status;
        peer_start(house, &(struct serving){&good, versions[i % 2], FALSE, echoes});
        if ((role = fork()) == 0)
            _exit(speak_confined(house, kinds[i / 2]));
        g_assert_cmpint(waitpid(role, &status, 0), ==, role);
        g_assert_cmpint(status, ==, 0);
        close(house->connection);
        house->connection = -1;
        peer_end(house);
        identity_clear(&good);
        house_free(house);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/tls/the right server is spoken with", test_right_server_is_spoken_with);
    g_test_add_func("/link/tls/a wrong server gets no byte", test_wrong_server_gets_no_byte);
    g_test_add_func("/link/tls/a pinned certificate alone is believed",
        test_pinned_certificate_alone_is_believed);
    g_test_add_func("/link/tls/the fingerprint of a self-signed certificate is told",
        test_fingerprint_of_a_self_signed_certificate_is_told);
    g_test_add_func(
        "/link/tls/without authorities nothing starts", test_without_authorities_nothing_starts);
    g_test_add_func("/link/tls/STARTTLS is as good", test_starttls_is_as_good);
    g_test_add_func("/link/tls/words before TLS are refused", test_words_before_tls_are_refused);
    g_test_add_func("/link/tls/noise ends by the deadline", test_noise_ends_by_the_deadline);
    g_test_add_func("/link/tls/keys may change without news", test_keys_may_change_without_news);
    g_test_add_func("/link/tls/it needs no file, no socket and no thread",
        test_it_needs_no_file_no_socket_and_no_thread);
    return g_test_run();
}
