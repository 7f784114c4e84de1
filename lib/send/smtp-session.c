#include "smtp-parts.h"
#include "error.h"
#include <string.h>

/* `times` are the minutes of RFC 5321 4.5.3.2 where it has a clause. */
static const struct {
    const char *name;
    guint times;
} phases[PHASES] = {
    [PHASE_GREETING] = {"the greeting", 5},
    [PHASE_EHLO] = {"EHLO", 5},
    [PHASE_STARTTLS] = {"STARTTLS", 2},
    [PHASE_AUTH] = {"the login", 2},
    [PHASE_RSET] = {"RSET", 2},
    [PHASE_MAIL] = {"MAIL", 5},
    [PHASE_RCPT] = {"RCPT", 5},
    [PHASE_DATA] = {"DATA", 2},
    [PHASE_BLOCK] = {"the letter", 3},
    [PHASE_DOT] = {"the final dot", 10},
    [PHASE_QUIT] = {"QUIT", 1},
};
/* RFC 5321 4.5.3.1.4: a command line has 512 bytes; RFC 4954 4: a longer initial response waits for
 * the server's go-ahead. */
enum { COMMAND_BYTES = 512 - 2 };

const char *smtp_phase_name(enum smtp_phase phase)
{
    return phases[phase].name;
}

void smtp_begin(struct smtp *smtp, enum smtp_phase phase)
{
    link_set_deadline(smtp->link, phases[phase].times * link_server_timeout(smtp->server));
}

/* A command may be a secret. */
static void wipe(char *text)
{
    explicit_bzero(text, strlen(text));
    g_free(text);
}

struct reply *smtp_ask(struct smtp *smtp, enum smtp_phase phase, char *command, GError **error)
{
    gsize length = strlen(command);
    char *line = g_malloc(length + 3);
    gboolean written;

    memcpy(line, command, length);
    memcpy(line + length, "\r\n", 3);
    smtp_begin(smtp, phase);
    written = link_write(smtp->link, line, length + 2, error);
    wipe(line);
    wipe(command);
    return written ? reply_read(smtp->link, error) : NULL;
}

void smtp_disconnect(struct smtp *smtp)
{
    g_clear_pointer(&smtp->link, link_free);
    smtp->used = smtp->in_doubt = FALSE;
}

/* -- what the server offers -- */

static void offer_starttls(struct smtp *smtp, const char *value)
{
    smtp->offers.starttls = TRUE;
}

static void offer_eight_bit(struct smtp *smtp, const char *value)
{
    smtp->offers.eight_bit = TRUE;
}

static void offer_utf8(struct smtp *smtp, const char *value)
{
    smtp->offers.utf8 = TRUE;
}

static void offer_size(struct smtp *smtp, const char *value)
{
    smtp->offers.size = TRUE;
    if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, &smtp->offers.most, NULL))
        smtp->offers.most = 0;
}

static void offer_auth(struct smtp *smtp, const char *value)
{
    g_autofree char *upper = g_ascii_strup(value, -1);

    g_free(smtp->offers.auth);
    smtp->offers.auth = g_strdup_printf(" %s ", upper);
}

static const struct {
    const char *keyword;
    void (*note)(struct smtp *smtp, const char *value);
} keywords[] = {
    {"STARTTLS", offer_starttls},
    {"SIZE", offer_size},
    {"8BITMIME", offer_eight_bit},
    {"SMTPUTF8", offer_utf8},
    {"AUTH", offer_auth},
};

static void read_offers(struct smtp *smtp, const struct reply *reply)
{
    g_free(smtp->offers.auth);
    memset(&smtp->offers, 0, sizeof smtp->offers);
    for (guint i = 1; i < reply->lines->len; i++) { /* the first is the server's name */
        g_auto(GStrv) words = g_strsplit(reply->lines->pdata[i], " ", 2);
        for (gsize k = 0; words[0] && k < G_N_ELEMENTS(keywords); k++)
            if (g_ascii_strcasecmp(words[0], keywords[k].keyword) == 0)
                keywords[k].note(smtp, words[1] ? g_strstrip(words[1]) : "");
    }
}

/* -- from the greeting to the login -- */

/* The relay has said no before there was any letter: its own trouble, or that of our login. */
static gboolean refuse(const struct smtp *smtp, const struct reply *reply, enum smtp_phase phase,
    const char *hint, GError **error)
{
    g_autofree char *text = reply_text(reply);

    g_set_error(error, MADO_ERROR, MADO_E_LINK,
        "%s answered \"%s\" to %s%s. The server is tried again", link_server_host(smtp->server),
        text, phases[phase].name, hint);
    return FALSE;
}

static gboolean greet(struct smtp *smtp, GError **error)
{
    g_autoptr(mado_reply) reply = NULL;

    smtp_begin(smtp, PHASE_GREETING);
    reply = reply_read(smtp->link, error);
    if (!reply)
        return FALSE;
    return reply->code == 220 || refuse(smtp, reply, PHASE_GREETING, "", error);
}

static gboolean say_hello(struct smtp *smtp, GError **error)
{
    g_autoptr(mado_reply) reply =
        smtp_ask(smtp, PHASE_EHLO, g_strdup_printf("EHLO %s", smtp->domain), error);

    if (!reply)
        return FALSE;
    if (reply->code != 250)
        return refuse(smtp, reply, PHASE_EHLO, "", error);
    read_offers(smtp, reply);
    return TRUE;
}

/* What was offered before TLS may be another's offer (RFC 3207 4.2): it is asked for again. */
static gboolean start_tls(struct smtp *smtp, GError **error)
{
    g_autoptr(mado_reply) reply = NULL;

    if (!link_server_wants_starttls(smtp->server))
        return TRUE;
    if (!smtp->offers.starttls) {
        g_set_error(error, MADO_ERROR, MADO_E_LINK,
            "%s offers no STARTTLS. Nothing was sent; see outgoing.tls",
            link_server_host(smtp->server));
        return FALSE;
    }
    reply = smtp_ask(smtp, PHASE_STARTTLS, g_strdup("STARTTLS"), error);
    if (!reply)
        return FALSE;
    if (reply->code != 220)
        return refuse(smtp, reply, PHASE_STARTTLS, "", error);
    return link_start_tls(smtp->link, error) && say_hello(smtp, error);
}

static char *in_base64(const char *text)
{
    return g_base64_encode((const guchar *)text, strlen(text));
}

/* The answers to the server's questions, in their order; taken. NULL at the end. */
static char **login_lines(const struct link_secret *secret)
{
    GPtrArray *lines = g_ptr_array_new();

    if (!secret->initial) {
        g_ptr_array_add(lines, g_strdup("AUTH LOGIN"));
        g_ptr_array_add(lines, in_base64(secret->user));
        g_ptr_array_add(lines, in_base64(secret->password));
    } else if (strlen("AUTH ") + strlen(secret->mechanism) + 1 + strlen(secret->initial) <=
               COMMAND_BYTES) {
        g_ptr_array_add(lines, g_strdup_printf("AUTH %s %s", secret->mechanism, secret->initial));
    } else {
        g_ptr_array_add(lines, g_strdup_printf("AUTH %s", secret->mechanism));
        g_ptr_array_add(lines, g_strdup(secret->initial));
    }
    /* A token that is refused comes as one more question, to be answered with nothing of value
     * (RFC 7628 3.2.3); only then the server says no. */
    g_ptr_array_add(lines, g_strdup(g_str_equal(secret->mechanism, "OAUTHBEARER") ? "AQ==" : ""));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

static struct reply *converse(struct smtp *smtp, char **lines, GError **error)
{
    struct reply *reply = NULL;
    gboolean asked = TRUE;

    for (char **line = lines; *line; line++) {
        if (!asked) {
            wipe(*line);
            continue;
        }
        g_clear_pointer(&reply, reply_free);
        reply = smtp_ask(smtp, PHASE_AUTH, *line, error);
        asked = reply && reply->code == 334;
    }
    return reply;
}

static gboolean log_in_with(struct smtp *smtp, const struct link_secret *secret, GError **error)
{
    g_autofree char *wanted = g_strdup_printf(" %s ", secret->mechanism);
    g_autofree char **lines = NULL;
    g_autoptr(mado_reply) reply = NULL;

    if (!smtp->offers.auth || !strstr(smtp->offers.auth, wanted)) {
        g_set_error(error, MADO_ERROR, MADO_E_LINK,
            "%s offers no login by %s. Nothing was sent; see outgoing.auth",
            link_server_host(smtp->server), secret->mechanism);
        return FALSE;
    }
    lines = login_lines(secret);
    reply = converse(smtp, lines, error);
    if (!reply)
        return FALSE;
    return reply->code == 235 ||
           refuse(smtp, reply, PHASE_AUTH, "; see outgoing.user and its password or token", error);
}

static gboolean log_in(struct smtp *smtp, GError **error)
{
    struct link_secret *secret;
    gboolean done;

    if (!*link_server_auth(smtp->server))
        return TRUE;
    secret = link_login(smtp->server, error);
    if (!secret)
        return FALSE;
    done = log_in_with(smtp, secret, error);
    link_secret_free(secret);
    return done;
}

gboolean smtp_connect(struct smtp *smtp, GError **error)
{
    smtp_disconnect(smtp);
    smtp->link = link_open(smtp->server, error);
    if (smtp->link && greet(smtp, error) && say_hello(smtp, error) && start_tls(smtp, error) &&
        log_in(smtp, error))
        return TRUE;
    smtp_disconnect(smtp);
    return FALSE;
}
