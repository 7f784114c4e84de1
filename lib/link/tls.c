/*
 * Whom we speak with. The certificate is looked at in the midst of the handshake, before we have
 * said anything that depends on it: a server that is not the right one sees a hello and an alert.
 * Everything that GnuTLS reads from files it reads in tls_prepare().
 */
#include "link-parts.h"
#include "error.h"
#include "text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>

#define VERSIONS "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" /* RFC 8997 ends the older ones */
#define UNTOUCHED "Nothing secret was sent"

enum { MOST_OF_A_NAME = 100 }; /* of a stranger's name in a sentence of ours */

static gboolean load_authorities(struct link_server *server, const char *ca_file, GError **error)
{
    int count = gnutls_certificate_set_x509_trust_file(server->trust, ca_file, GNUTLS_X509_FMT_PEM);

    if (count <= 0)
        g_set_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE,
            "%s: no certificate authority could be read from ca_file %s (%s). Nothing was "
            "connected; name a PEM file that mado may read",
            server->host, ca_file, count ? gnutls_strerror(count) : "it has none");
    return count > 0;
}

/* RFC 9525: an address has to stand in the certificate as an address, a name as a name. */
static void expect_host(struct link_server *server)
{
    gnutls_typed_vdata_st *host = &server->expected[0];

    host->type = GNUTLS_DT_IP_ADDRESS;
    host->data = server->address;
    if (inet_pton(AF_INET, server->host, server->address) == 1)
        host->size = sizeof(struct in_addr);
    else if (inet_pton(AF_INET6, server->host, server->address) == 1)
        host->size = sizeof(struct in6_addr);
    else
        *host = (gnutls_typed_vdata_st){
            GNUTLS_DT_DNS_HOSTNAME, (guint8 *)server->host, (guint)strlen(server->host)};
    server->expected[1] = (gnutls_typed_vdata_st){
        GNUTLS_DT_KEY_PURPOSE_OID, (guint8 *)(guintptr)GNUTLS_KP_TLS_WWW_SERVER, 0};
}

gboolean tls_prepare(struct link_server *server, const char *ca_file, GError **error)
{
    int status = gnutls_certificate_allocate_credentials(&server->trust);

    if (status == GNUTLS_E_SUCCESS)
        status = gnutls_priority_init(&server->priority, VERSIONS, NULL);
    if (status != GNUTLS_E_SUCCESS) {
        g_set_error(error, MADO_ERROR, MADO_E_LINK,
            "%s: GnuTLS does not start: %s. Nothing was connected; it is tried again", server->host,
            gnutls_strerror(status));
        return FALSE;
    }
    expect_host(server);
    return *server->fingerprint || load_authorities(server, ca_file, error);
}

void tls_release(struct link_server *server)
{
    g_clear_pointer(&server->trust, gnutls_certificate_free_credentials);
    g_clear_pointer(&server->priority, gnutls_priority_deinit);
}

/* -- the certificate -- */

static char *fingerprint_of(const gnutls_datum_t *certificate)
{
    g_autofree char *digits =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, certificate->data, certificate->size);
    return g_ascii_strup(digits, -1);
}

static gboolean is_pinned(struct link *link, const gnutls_datum_t *certificate)
{
    g_autofree char *found = fingerprint_of(certificate);

    return g_ascii_strcasecmp(found, link->server->fingerprint) == 0 ||
           link_die(link,
               "its certificate is not the one that `fingerprint` names, but %s. " UNTOUCHED
               "; if its operator confirms that this is the new one, set it",
               found);
}

/* The first one that is true is told. What has expired seems to GnuTLS to be of an unknown signer,
 * too. */
static const struct {
    guint status;
    const char *sentence;
} faults[] = {
    {GNUTLS_CERT_REVOKED, "its certificate has been revoked. " UNTOUCHED "; tell its operator"},
    {GNUTLS_CERT_EXPIRED,
        "its certificate, or one above it, has expired. " UNTOUCHED "; tell its operator"},
    {GNUTLS_CERT_NOT_ACTIVATED, "its certificate, or one above it, is not yet valid. " UNTOUCHED
                                "; compare the clocks, then tell its operator"},
    {GNUTLS_CERT_INSECURE_ALGORITHM,
        "its certificate is made with methods that are broken. " UNTOUCHED "; tell its operator"},
    {GNUTLS_CERT_UNEXPECTED_OWNER, "its certificate is for another host. " UNTOUCHED
                                   "; set `host` to the name that the certificate has"},
    {GNUTLS_CERT_PURPOSE_MISMATCH,
        "its certificate is not meant for servers. " UNTOUCHED "; tell its operator"},
};

static void tell_unknown(struct link *link, gnutls_x509_crt_t certificate, const char *fingerprint)
{
    char issuer[MOST_OF_A_NAME] = "";
    gsize size = sizeof issuer;
    g_autofree char *plain = NULL;

    if (gnutls_x509_crt_check_issuer(certificate, certificate)) {
        link_die(link,
            "its certificate is signed by nobody but itself. " UNTOUCHED
            "; if its operator confirms this SHA-256 fingerprint, set it as `fingerprint`: %s",
            fingerprint);
        return;
    }
    if (gnutls_x509_crt_get_issuer_dn(certificate, issuer, &size) < 0)
        g_strlcpy(issuer, "somebody with a long name", sizeof issuer);
    plain = text_harmless(issuer, NULL);
    link_die(link,
        "its certificate is signed by \"%s\", whom `ca_file` does not have. " UNTOUCHED
        "; add that authority, or set the certificate's `fingerprint`: %s",
        plain, fingerprint);
}

static void tell_fault(struct link *link, guint status, const gnutls_datum_t *certificate)
{
    g_autofree char *fingerprint = fingerprint_of(certificate);
    gnutls_x509_crt_t parsed;

    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
        if (status & faults[i].status) {
            link_die(link, "%s", faults[i].sentence);
            return;
        }
    if (gnutls_x509_crt_init(&parsed) != GNUTLS_E_SUCCESS)
        return;
    if (status & GNUTLS_CERT_SIGNER_NOT_FOUND &&
        gnutls_x509_crt_import(parsed, certificate, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS)
        tell_unknown(link, parsed, fingerprint);
    gnutls_x509_crt_deinit(parsed);
}

static gboolean is_trusted(struct link *link, const gnutls_datum_t *certificate)
{
    gnutls_typed_vdata_st expected[] = {link->server->expected[0], link->server->expected[1]};
    guint status = 0;
    int done =
        gnutls_certificate_verify_peers(link->session, expected, G_N_ELEMENTS(expected), &status);

    if (done == GNUTLS_E_SUCCESS && status == 0)
        return TRUE;
    if (done == GNUTLS_E_SUCCESS)
        tell_fault(link, status, certificate);
    return link_die(link, "its certificate is not good (%s). " UNTOUCHED "; tell its operator",
        done == GNUTLS_E_SUCCESS ? "the chain is broken" : gnutls_strerror(done));
}

static int check_certificate(gnutls_session_t session)
{
    struct link *link = gnutls_session_get_ptr(session);
    guint count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    gboolean pinned = *link->server->fingerprint != '\0';

    *link->server->verified =
        chain && count && (pinned ? is_pinned(link, chain) : is_trusted(link, chain));
    return *link->server->verified ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

/* -- GnuTLS on our own stream -- */

static ssize_t pull(gnutls_transport_ptr_t from, void *data, size_t size)
{
    struct link *link = from;
    gssize got = stream_receive(link, data, size);

    if (got < 0)
        gnutls_transport_set_errno(link->session, errno);
    return got;
}

static ssize_t push(gnutls_transport_ptr_t to, const void *data, size_t size)
{
    struct link *link = to;
    gssize put = stream_send(link, data, size);

    if (put < 0)
        gnutls_transport_set_errno(link->session, errno);
    return put;
}

/* Without this GnuTLS would take the pointer for a file descriptor. */
static int pull_timeout(gnutls_transport_ptr_t from, unsigned milliseconds)
{
    struct link *link = from;
    struct pollfd on = {link->fd, POLLIN, 0};

    return poll(&on, 1, 0);
}

static gboolean make_session(struct link *link)
{
    const struct link_server *server = link->server;
    int status = gnutls_init(&link->session, GNUTLS_CLIENT | GNUTLS_NO_TICKETS);

    if (status == GNUTLS_E_SUCCESS)
        status = gnutls_priority_set(link->session, server->priority);
    if (status == GNUTLS_E_SUCCESS)
        status = gnutls_credentials_set(link->session, GNUTLS_CRD_CERTIFICATE, server->trust);
    if (status == GNUTLS_E_SUCCESS && server->expected[0].type == GNUTLS_DT_DNS_HOSTNAME)
        status = gnutls_server_name_set(
            link->session, GNUTLS_NAME_DNS, server->host, strlen(server->host));
    if (status != GNUTLS_E_SUCCESS)
        return link_die(link, "TLS cannot be started: %s. " UNTOUCHED "; it is tried again",
            gnutls_strerror(status));
    gnutls_session_set_ptr(link->session, link);
    gnutls_session_set_verify_function(link->session, check_certificate);
    gnutls_transport_set_ptr(link->session, link);
    gnutls_transport_set_pull_function(link->session, pull);
    gnutls_transport_set_push_function(link->session, push);
    gnutls_transport_set_pull_timeout_function(link->session, pull_timeout);
    return TRUE;
}

static gboolean fail(struct link *link, int status)
{
    if (status == GNUTLS_E_PREMATURE_TERMINATION)
        return link_die(link, "the server has closed the connection. The server is tried again");
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED)
        return link_die(link, "the server has ended TLS: %s. The server is tried again",
            gnutls_alert_get_name(gnutls_alert_get(link->session)));
    return link_die(link, "TLS has failed: %s. The server is tried again", gnutls_strerror(status));
}

static gboolean fail_handshake(struct link *link, int status)
{
    static const int no_tls[] = {GNUTLS_E_UNEXPECTED_PACKET_LENGTH, GNUTLS_E_UNEXPECTED_PACKET,
        GNUTLS_E_UNSUPPORTED_VERSION_PACKET, GNUTLS_E_RECORD_OVERFLOW};

    for (gsize i = 0; i < G_N_ELEMENTS(no_tls); i++)
        if (status == no_tls[i])
            link_die(link, "what answers speaks no TLS of version 1.2 or newer. " UNTOUCHED
                           "; look at `port` and `tls`");
    fail(link, status);
    if (status != GNUTLS_E_PULL_ERROR && status != GNUTLS_E_PUSH_ERROR)
        gnutls_alert_send_appropriate(link->session, status);
    return FALSE;
}

gboolean tls_start(struct link *link)
{
    int status;

    if (!make_session(link))
        return FALSE;
    do
        status = gnutls_handshake(link->session);
    while (status != GNUTLS_E_SUCCESS && !gnutls_error_is_fatal(status));
    if (status == GNUTLS_E_SUCCESS && *link->server->verified)
        return TRUE;
    return fail_handshake(link, status);
}

/* A request to negotiate anew is not fatal, and passed over (RFC 5246, 7.4.1.1). */
gssize tls_receive(struct link *link, void *data, gsize size)
{
    for (;;) {
        ssize_t got = gnutls_record_recv(link->session, data, size);
        if (got > 0)
            return got;
        if (got == GNUTLS_E_AGAIN && link->glance) {
            errno = EAGAIN;
            return -1;
        }
        if (got == 0)
            got = GNUTLS_E_PREMATURE_TERMINATION;
        if (gnutls_error_is_fatal((int)got)) {
            fail(link, (int)got);
            errno = EIO;
            return -1;
        }
    }
}

gboolean tls_send(struct link *link, const void *data, gsize size)
{
    for (gsize done = 0; done < size;) {
        ssize_t put = gnutls_record_send(link->session, (const guint8 *)data + done, size - done);
        if (put < 0 && gnutls_error_is_fatal((int)put))
            return fail(link, (int)put);
        if (put > 0)
            done += (gsize)put;
    }
    return TRUE;
}
