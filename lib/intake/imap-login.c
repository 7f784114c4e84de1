/* The login, word by word: libetpan's own cannot tell what the server says of a token, sends it
 * whole where SASL-IR is missing, and logs in where LOGIN is disabled. */
#include "imap-parts.h"
#include "error.h"
#include "text.h"
#include <string.h>

enum { TEXT_SHOWN = 300 };

/* What the server said to it, and what we answer to its questions. */
struct attempt {
    const struct link_secret *secret;
    gboolean sent; /* the first response */
    char *refusal; /* what it said of a token: JSON (RFC 7628, 3.2.2) */
};

static gboolean wipe(GString *text, gboolean result)
{
    explicit_bzero(text->str, text->len);
    g_string_free(text, TRUE);
    return result;
}

/* -- LOGIN: RFC 9051, 6.2.3 -- */

/* A quoted string may not hold these; TRUE: it has to be a literal. */
static gboolean is_odd(const char *text)
{
    for (; *text; text++)
        if ((guchar)*text < ' ' || (guchar)*text > '~')
            return TRUE;
    return FALSE;
}

static void append_quoted(GString *command, const char *text)
{
    g_string_append_c(command, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(command, '\\');
        g_string_append_c(command, *text);
    }
    g_string_append_c(command, '"');
}

/* A literal goes out once the server says "+". */
static gboolean send_string(struct imap *imap, GString *command, const char *text, GError **error)
{
    const char *line;

    if (!is_odd(text)) {
        append_quoted(command, text);
        return TRUE;
    }
    g_string_append_printf(command, "{%zu}\r\n", strlen(text));
    if (!imap_wire_write(imap->wire, command->str, command->len))
        return imap_break(imap, "the mail server cannot be told", error);
    do {
        line = imap_wire_line(imap->wire);
    } while (line && *line == '*');
    if (!line || *line != '+')
        return imap_break(imap, "the mail server takes no user name or password like this", error);
    explicit_bzero(command->str, command->len);
    g_string_assign(command, text);
    return TRUE;
}

static gboolean send_login(struct imap *imap, const struct link_secret *secret, GError **error)
{
    GString *command = g_string_sized_new(1024); /* so that no copy is left behind */

    g_string_append(command, "LOGIN ");
    if (!imap_tell(imap, "", 0, error))
        return wipe(command, FALSE);
    if (!send_string(imap, command, secret->user, error))
        return wipe(command, FALSE);
    g_string_append_c(command, ' ');
    if (!send_string(imap, command, secret->password, error))
        return wipe(command, FALSE);
    g_string_append(command, "\r\n");
    if (!imap_wire_write(imap->wire, command->str, command->len)) {
        imap_break(imap, "the mail server cannot be told", error);
        return wipe(command, FALSE);
    }
    return wipe(command, TRUE);
}

/* -- AUTHENTICATE: RFC 9051, 6.2.2; RFC 4959 -- */

static gboolean send_authenticate(struct imap *imap, struct attempt *attempt, GError **error)
{
    const struct link_secret *secret = attempt->secret;
    GString *command = g_string_sized_new(strlen(secret->initial) + 64);
    gboolean sent;

    g_string_printf(command, "AUTHENTICATE %s", secret->mechanism);
    attempt->sent = imap_can(imap, "SASL-IR");
    if (attempt->sent)
        g_string_append_printf(command, " %s", secret->initial);
    g_string_append(command, "\r\n");
    sent = imap_tell(imap, command->str, command->len, error);
    return wipe(command, sent);
}

static char *decode(const char *challenge)
{
    gsize size = 0;
    g_autofree guchar *bytes = g_base64_decode(challenge, &size);
    g_autofree char *text = g_strndup((const char *)bytes, MIN(size, TEXT_SHOWN));

    return text_harmless(text, NULL);
}

/* To "+": the first response, if it has not gone yet; then the empty answer that a refused token
 * wants (XOAUTH2; RFC 7628, 3.2.3: one ^A), for the server to say NO; else "*", which gives up. */
static gboolean answer(struct imap *imap, struct attempt *attempt, const char *challenge)
{
    const char *mechanism = attempt->secret->mechanism;

    if (!attempt->sent) {
        attempt->sent = TRUE;
        return imap_wire_write(
                   imap->wire, attempt->secret->initial, strlen(attempt->secret->initial)) &&
               imap_wire_write(imap->wire, "\r\n", 2);
    }
    if (attempt->refusal || g_str_equal(mechanism, "PLAIN"))
        return imap_wire_write(imap->wire, "*\r\n", 3);
    attempt->refusal = decode(challenge);
    return g_str_equal(mechanism, "OAUTHBEARER") ? imap_wire_write(imap->wire, "AQ==\r\n", 6)
                                                 : imap_wire_write(imap->wire, "\r\n", 2);
}

/* -- the answer -- */

static gboolean refused(
    struct imap *imap, const struct attempt *attempt, const char *line, GError **error)
{
    gboolean by_token = !attempt->secret->password;
    g_autofree char *said = imap_guard_shown(strchr(line, ' ') + 1, TEXT_SHOWN);

    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "%s: the mail server refuses the login of %s: %s%s%s. No mail was read; %s",
        link_server_host(imap->server), attempt->secret->user, said, attempt->refusal ? ": " : "",
        attempt->refusal ? attempt->refusal : "",
        by_token ? "see what token_command prints" : "check user and password");
    imap_drop(imap);
    return FALSE;
}

static gboolean is_ok(const char *line)
{
    return g_ascii_strncasecmp(strchr(line, ' ') + 1, "OK", 2) == 0;
}

static gboolean hear_answer(struct imap *imap, struct attempt *attempt, GError **error)
{
    for (;;) {
        const char *line = imap_wire_line(imap->wire);
        if (!line)
            return imap_break(imap, "the mail server does not answer the login", error);
        if (*line == '+' && !answer(imap, attempt, line + 1))
            return imap_break(imap, "the mail server cannot be told", error);
        if (*line == '+' || *line == '*')
            continue;
        if (!imap_is_answer(imap, line))
            return imap_break(imap, "the mail server answers what was not asked", error);
        return is_ok(line) || refused(imap, attempt, line, error);
    }
}

/* -- which -- */

/* NULL: none that the server takes. */
static const char *choose(const struct imap *imap, const struct link_secret *secret)
{
    const char *wanted = secret->mechanism;
    gboolean by_login = !imap_can(imap, "LOGINDISABLED");

    if (secret->initial && imap_can_login(imap, wanted))
        return wanted;
    return secret->password && by_login ? "LOGIN" : NULL;
}

static gboolean login_with(struct imap *imap, const struct link_secret *secret, GError **error)
{
    struct attempt attempt = {.secret = secret};
    const char *how = choose(imap, secret);
    gboolean sent, done;

    if (!how) {
        g_autofree char *what = g_strdup_printf(
            "the mail server takes no login by %s here. No password was sent; see `auth` and `tls`",
            secret->mechanism);
        return imap_break(imap, what, error);
    }
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    attempt.sent = g_str_equal(how, "LOGIN");
    sent =
        attempt.sent ? send_login(imap, secret, error) : send_authenticate(imap, &attempt, error);
    done = sent && hear_answer(imap, &attempt, error);
    g_free(attempt.refusal);
    return done;
}

gboolean imap_login(struct imap *imap, GError **error)
{
    struct link_secret *secret = NULL;
    gboolean done;

    if (!*link_server_auth(imap->server))
        return imap_break(imap, "the mail server wants a login, and `user` is not set", error);
    if (!(secret = link_login(imap->server, error))) {
        imap_drop(imap);
        return FALSE;
    }
    done = login_with(imap, secret, error);
    link_secret_free(secret);
    return done;
}
