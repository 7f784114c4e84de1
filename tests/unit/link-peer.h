/* For the tests of a link: a mail server in a process of its own, at the other end of a socket
 * pair, with certificates made here; and the role that asks for the connection. */
#pragma once
#include "folder.h"
#include "link.h"
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PEER_DAY (24 * 60 * 60)

enum { PEER_BOUND = 30 }; /* seconds; beyond it something hangs */

/* -- certificates -- */

struct wish {
    const char *name, *dns, *ip;
    int from_day, until_day; /* from now */
    gboolean authority, client_only;
};

struct identity {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
};

static const struct wish wish_good = {"good", "localhost", "127.0.0.1", -1, 30};

static inline void peer_must(int status)
{
    if (status < 0)
        g_error("GnuTLS: %s", gnutls_strerror(status));
}

static inline void identity_name(gnutls_x509_crt_t certificate, const struct wish *wish)
{
    guint8 address[4];

    peer_must(gnutls_x509_crt_set_dn_by_oid(
        certificate, GNUTLS_OID_X520_COMMON_NAME, 0, wish->name, (guint)strlen(wish->name)));
    if (wish->dns)
        peer_must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, wish->dns,
            (guint)strlen(wish->dns), GNUTLS_FSAN_APPEND));
    if (wish->ip) {
        g_assert_cmpint(sscanf(wish->ip, "%hhu.%hhu.%hhu.%hhu", &address[0], &address[1],
                            &address[2], &address[3]),
            ==, 4);
        peer_must(gnutls_x509_crt_set_subject_alt_name(
            certificate, GNUTLS_SAN_IPADDRESS, address, sizeof address, GNUTLS_FSAN_APPEND));
    }
}

/* `by` NULL: signed by itself. */
static inline struct identity identity_make(const struct wish *wish, const struct identity *by)
{
    static guint8 serial;
    struct identity made;
    gnutls_x509_crt_t crt;

    serial++;
    peer_must(gnutls_x509_privkey_init(&made.key));
    peer_must(gnutls_x509_privkey_generate(
        made.key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    peer_must(gnutls_x509_crt_init(&made.certificate));
    crt = made.certificate;
    peer_must(gnutls_x509_crt_set_version(crt, 3));
    peer_must(gnutls_x509_crt_set_serial(crt, &serial, 1));
    peer_must(gnutls_x509_crt_set_activation_time(crt, time(NULL) + wish->from_day * PEER_DAY));
    peer_must(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + wish->until_day * PEER_DAY));
    identity_name(crt, wish);
    peer_must(gnutls_x509_crt_set_key(crt, made.key));
    peer_must(gnutls_x509_crt_set_basic_constraints(crt, wish->authority, -1));
    peer_must(gnutls_x509_crt_set_key_usage(
        crt, wish->authority ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE));
    if (!wish->authority)
        peer_must(gnutls_x509_crt_set_key_purpose_oid(
            crt, wish->client_only ? GNUTLS_KP_TLS_WWW_CLIENT : GNUTLS_KP_TLS_WWW_SERVER, 0));
    peer_must(gnutls_x509_crt_sign2(
        crt, by ? by->certificate : crt, by ? by->key : made.key, GNUTLS_DIG_SHA256, 0));
    return made;
}

static inline void identity_clear(struct identity *identity)
{
    gnutls_x509_crt_deinit(identity->certificate);
    gnutls_x509_privkey_deinit(identity->key);
}

static inline char *identity_fingerprint(const struct identity *identity)
{
    gnutls_datum_t der;
    g_autofree char *digits = NULL;

    peer_must(gnutls_x509_crt_export2(identity->certificate, GNUTLS_X509_FMT_DER, &der));
    digits = g_compute_checksum_for_data(G_CHECKSUM_SHA256, der.data, der.size);
    gnutls_free(der.data);
    return g_ascii_strup(digits, -1);
}

static inline void identity_write(const struct identity *identity, const char *file)
{
    gnutls_datum_t pem;

    peer_must(gnutls_x509_crt_export2(identity->certificate, GNUTLS_X509_FMT_PEM, &pem));
    g_assert_true(g_file_set_contents(file, (const char *)pem.data, (gssize)pem.size, NULL));
    gnutls_free(pem.data);
}

/* -- the role -- */

struct house {
    struct means means;
    char *folder;
    char *ca_file;
    struct identity authority;
    int channel[2]; /* to the desk; ours is the first */
    int signal[2];  /* pipe to the peer: go on */
    int connection; /* what NEED_CONNECTION gets, -1 for none */
    int token;      /* likewise */
    pid_t peer;
    guint heard;
    gboolean signals; /* what is heard is passed on to the peer */
};

static inline int house_need(gpointer role, enum ipc_need what, GError **error)
{
    struct house *house = role;
    int *at = what == NEED_CONNECTION ? &house->connection : &house->token;
    int fd = *at;

    *at = -1;
    if (fd < 0)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "nobody answers");
    return fd;
}

static inline gboolean house_hear(gpointer role)
{
    struct house *house = role;
    char word;

    house->heard++;
    if (recv(house->channel[0], &word, 1, 0) != 1)
        return FALSE;
    if (house->signals)
        g_assert_cmpint(write(house->signal[1], "g", 1), ==, 1);
    return TRUE;
}

static inline struct house *house_new(void)
{
    static const struct wish authority = {
        "authority", .from_day = -60, .until_day = 60, .authority = TRUE};
    struct house *house = g_new0(struct house, 1);

    house->folder = g_dir_make_tmp("mado-link-XXXXXX", NULL);
    house->ca_file = g_build_filename(house->folder, "ca.pem", NULL);
    house->authority = identity_make(&authority, NULL);
    identity_write(&house->authority, house->ca_file);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, house->channel), ==, 0);
    g_assert_cmpint(pipe2(house->signal, O_CLOEXEC), ==, 0);
    house->connection = house->token = -1;
    house->means = (struct means){house, house->channel[0], house_need, house_hear, NULL};
    return house;
}

static inline void house_free(struct house *house)
{
    const int fds[] = {house->channel[0], house->channel[1], house->signal[0], house->signal[1],
        house->connection, house->token};

    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    identity_clear(&house->authority);
    folder_remove(house->folder);
    g_free(house->ca_file);
    g_free(house);
}

/* -- the server -- */

struct peer {
    int fd;
    int signal;
    gnutls_session_t session; /* NULL: no TLS */
    const char *versions;
    const struct identity *identity;
};

/* Its exit status: what the server has to tell, mostly how many bytes it was told in secret. */
typedef int (*peer_script)(struct peer *peer);

static inline gboolean peer_says(struct peer *peer, const void *data, gsize size)
{
    for (gsize done = 0; done < size;) {
        const char *at = (const char *)data + done;
        gssize put = peer->session ? gnutls_record_send(peer->session, at, size - done)
                                   : send(peer->fd, at, size - done, MSG_NOSIGNAL);
        if (put <= 0)
            return FALSE;
        done += (gsize)put;
    }
    return TRUE;
}

static inline gssize peer_hears(struct peer *peer, void *data, gsize size)
{
    return peer->session ? gnutls_record_recv(peer->session, data, size)
                         : recv(peer->fd, data, size, 0);
}

/* All that comes until the other side goes: how many bytes, 100 at most. */
static inline int peer_counts(struct peer *peer)
{
    char data[4096];
    int count = 0;

    for (gssize got; (got = peer_hears(peer, data, sizeof data)) > 0;)
        count = (int)MIN(count + got, 100);
    return count;
}

static inline void peer_waits(struct peer *peer)
{
    char word;

    if (read(peer->signal, &word, 1) != 1)
        _exit(120);
}

static inline gboolean peer_starts_tls(struct peer *peer)
{
    gnutls_certificate_credentials_t credentials;
    int status;

    peer_must(gnutls_certificate_allocate_credentials(&credentials));
    peer_must(gnutls_certificate_set_x509_key(credentials,
        (gnutls_x509_crt_t *)(guintptr)&peer->identity->certificate, 1, peer->identity->key));
    peer_must(gnutls_init(&peer->session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL));
    peer_must(gnutls_priority_set_direct(peer->session, peer->versions, NULL));
    peer_must(gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, credentials));
    gnutls_transport_set_int(peer->session, peer->fd);
    do
        status = gnutls_handshake(peer->session);
    while (status < 0 && !gnutls_error_is_fatal(status));
    return status == GNUTLS_E_SUCCESS;
}

struct serving {
    const struct identity *identity;
    const char *versions; /* NULL: the usual ones */
    gboolean clear;       /* no TLS until the script wants it */
    peer_script script;
};

static inline int peer_serve(const struct house *house, const struct serving *serving, int fd)
{
    struct peer peer = {.fd = fd,
        .signal = house->signal[0],
        .versions = serving->versions ? serving->versions : "NORMAL",
        .identity = serving->identity};

    return serving->clear || !serving->identity || peer_starts_tls(&peer) ? serving->script(&peer)
                                                                          : 0;
}

/* The link gets its connection from the house. */
static inline void peer_start(struct house *house, const struct serving *serving)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    house->connection = pair[0];
    fflush(NULL);
    if ((house->peer = fork()) == 0) {
        alarm(PEER_BOUND);
        close(pair[0]);
        close(house->signal[1]);
        close(house->channel[0]);
        close(house->channel[1]);
        _exit(peer_serve(house, serving, pair[1]));
    }
    close(pair[1]);
}

/* After the link is gone: the exit status of the server. */
static inline int peer_end(struct house *house)
{
    int status;

    g_assert_cmpint(waitpid(house->peer, &status, 0), ==, house->peer);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* -- settings -- */

struct described {
    const char *host, *tls, *fingerprint, *user, *auth, *password_file, *password_credential;
    gint64 port;
};

static inline struct link_server *server_try(
    struct house *house, const struct described *described, GError **error)
{
    g_autoptr(GVariantDict) dict = g_variant_dict_new(NULL);
    const struct {
        const char *name, *value, *usual;
    } rows[] = {
        {"host", described->host, "localhost"},
        {"tls", described->tls, "tls"},
        {"ca_file", house->ca_file, ""},
        {"fingerprint", described->fingerprint, ""},
        {"user", described->user, ""},
        {"auth", described->auth, "plain"},
        {"password_file", described->password_file, ""},
        {"password_credential", described->password_credential, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_variant_dict_insert(
            dict, rows[i].name, "s", rows[i].value ? rows[i].value : rows[i].usual);
    g_variant_dict_insert(dict, "port", "x", described->port ? described->port : (gint64)993);
    g_variant_dict_insert(dict, "timeout", "x", (gint64)PEER_BOUND);
    return link_server_new(dict, &house->means, error);
}

static inline struct link_server *server_make(
    struct house *house, const struct described *described)
{
    g_autoptr(GError) error = NULL;
    struct link_server *server = server_try(house, described, &error);

    g_assert_no_error(error);
    return server;
}
