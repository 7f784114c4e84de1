/*
 * Letters to the relay by SMTP submission (RFC 6409), one recipient a transaction.
 *
 * Written by hand on the link, because what is promised hangs on one moment that a library hides:
 * the desk is told before the final dot leaves, so that a letter whose fate is unknown is known to
 * be one. Before the dot a lost connection has lost nothing; behind it only the relay's answer
 * counts, and without one the outcome is UNKNOWN.
 */
#include "smtp-parts.h"
#include "error.h"
#include "fault.h"
#include "text.h"
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, LONGEST_ADDRESS = 320 };

/* One letter on its way. */
struct passage {
    struct smtp *smtp;
    const struct letter_out *letter;
    struct smtp_body facts;
    gboolean wide; /* an address is beyond ASCII */
    gboolean
        stale; /* it ended with a connection that had rested: nothing of this letter was said */
    struct send_result *result;
};

static gboolean ends(struct passage *passage, enum send_outcome outcome, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean ends(struct passage *passage, enum send_outcome outcome, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(format, values);
    va_end(values);
    g_free(passage->result->reply);
    *passage->result = (struct send_result){outcome, text_harmless(text, NULL)};
    return FALSE;
}

/* -- what the letter is -- */

static gboolean is_fit_address(const char *address)
{
    for (const char *at = address; *at; at++)
        if ((guchar)*at <= ' ' || *at == 0x7f || *at == '<' || *at == '>')
            return FALSE;
    return strlen(address) <= LONGEST_ADDRESS && g_utf8_validate(address, -1, NULL);
}

/* Calls `take` for all of the letter, a block at a time. */
static gboolean read_letter(struct passage *passage, struct smtp_body *body,
    gboolean (*take)(struct passage *passage, GString *wire, GError **error), GError **error)
{
    g_autofree char *block = g_malloc(BLOCK);
    g_autoptr(GString) wire = g_string_sized_new(2 * BLOCK);
    off_t at = 0;
    gssize got;

    while ((got = pread(passage->letter->fd, block, BLOCK, at)) > 0) {
        at += got;
        g_string_truncate(wire, 0);
        smtp_body_add(body, block, (gsize)got, wire);
        if (take && !take(passage, wire, error))
            return FALSE;
    }
    g_string_truncate(wire, 0);
    smtp_body_end(body, wire);
    if (got == 0)
        return !take || take(passage, wire, error);
    g_set_error_literal(error, MADO_ERROR, MADO_E_TRANSPORT,
        "the letter cannot be read. It waits and is tried again");
    return FALSE;
}

static gboolean look_at(struct passage *passage)
{
    const struct letter_out *letter = passage->letter;
    g_autoptr(GError) error = NULL;

    if (!is_fit_address(letter->from) || !is_fit_address(letter->to) || !*letter->to)
        return ends(passage, SEND_FAILED, "the address cannot stand in an envelope");
    passage->wide = !g_str_is_ascii(letter->from) || !g_str_is_ascii(letter->to);
    return read_letter(passage, &passage->facts, NULL, &error)
               ? TRUE
               : ends(passage, SEND_DEFERRED, "%s", error->message);
}

/* What the relay has said that it cannot do is not tried. */
static gboolean relay_can(struct passage *passage)
{
    const struct smtp *smtp = passage->smtp;

    if (passage->wide && !smtp->offers.utf8)
        return ends(passage, SEND_FAILED,
            "the relay takes no addresses beyond ASCII (it offers no SMTPUTF8); not sent");
    if (passage->facts.eight_bit && !smtp->offers.eight_bit)
        return ends(passage, SEND_FAILED,
            "the relay takes no text beyond ASCII (it offers no 8BITMIME); not sent");
    if (smtp->offers.most && passage->facts.size > smtp->offers.most)
        return ends(passage, SEND_FAILED,
            "the relay takes letters up to %" G_GUINT64_FORMAT
            " bytes, this one has %" G_GUINT64_FORMAT "; not sent",
            smtp->offers.most, passage->facts.size);
    return TRUE;
}

/* -- the transaction, up to the dot -- */

static gboolean lost(struct passage *passage, enum smtp_phase phase, const GError *error)
{
    passage->stale = passage->smtp->used && phase <= PHASE_MAIL;
    smtp_disconnect(passage->smtp);
    return ends(passage, SEND_DEFERRED, "the relay was lost at %s: %s", smtp_phase_name(phase),
        error->message);
}

/* RFC 4954 6: the relay wants another login. That is no fault of the letter. */
static gboolean is_about_login(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

/* The relay has said no, or nothing that belongs here, to a command of the transaction. */
static gboolean refused(struct passage *passage, enum smtp_phase phase, const struct reply *reply)
{
    g_autofree char *text = reply_text(reply);
    gboolean closes = reply->code == 421; /* RFC 5321 3.8 */

    passage->smtp->in_doubt = TRUE;
    passage->stale = closes && passage->smtp->used && phase <= PHASE_MAIL;
    if (closes || reply->code < 400 || is_about_login(reply->code))
        smtp_disconnect(passage->smtp);
    if (reply->code < 400)
        return ends(passage, SEND_DEFERRED,
            "the relay answered \"%s\" to %s: that is no SMTP. It is tried again", text,
            smtp_phase_name(phase));
    if (is_about_login(reply->code))
        return ends(passage, SEND_NOT_TRIED,
            "the relay wants a login: %s; see outgoing.user and outgoing.auth", text);
    return ends(passage, reply->code < 500 ? SEND_DEFERRED : SEND_FAILED, "%s", text);
}

/* Has the relay spoken although it was not asked? Then an answer is no answer to a question. */
static gboolean spoke_early(struct smtp *smtp, gboolean *early, GError **error)
{
    enum link_news news = LINK_DESK;

    *early = link_has_more(smtp->link);
    while (!*early && news == LINK_DESK) {
        if (!link_wait(smtp->link, 0, &news, error))
            return FALSE;
        *early = news == LINK_SERVER;
    }
    return TRUE;
}

/* A relay that has lost its patience says so (421), or speaks out of turn. */
static gboolean heard_early(struct passage *passage, enum smtp_phase phase)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_reply) reply = NULL;
    gboolean early;

    if (!spoke_early(passage->smtp, &early, &error))
        return !lost(passage, phase, error);
    if (!early)
        return FALSE;
    smtp_begin(passage->smtp, phase);
    reply = reply_read(passage->smtp->link, &error);
    if (!reply)
        return !lost(passage, phase, error);
    refused(passage, phase, reply);
    smtp_disconnect(passage->smtp);
    return TRUE;
}

/* `command` is consumed. */
static gboolean step(struct passage *passage, enum smtp_phase phase, int wanted, char *command)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_reply) reply = NULL;

    if (heard_early(passage, phase)) {
        g_free(command);
        return FALSE;
    }
    reply = smtp_ask(passage->smtp, phase, command, &error);
    if (!reply)
        return lost(passage, phase, error);
    return reply->code / 100 == wanted ? TRUE : refused(passage, phase, reply);
}

/* Whatever a relay says to this, it says nothing of the letter that comes next. */
static gboolean forget_the_last(struct passage *passage)
{
    if (passage->smtp->in_doubt && !step(passage, PHASE_RSET, 2, g_strdup("RSET"))) {
        smtp_disconnect(passage->smtp);
        passage->stale = TRUE;
        return FALSE;
    }
    passage->smtp->in_doubt = FALSE;
    return TRUE;
}

static char *mail_command(const struct passage *passage)
{
    const struct smtp *smtp = passage->smtp;
    GString *line = g_string_new(NULL);

    g_string_printf(line, "MAIL FROM:<%s>", passage->letter->from);
    if (smtp->offers.size)
        g_string_append_printf(line, " SIZE=%" G_GUINT64_FORMAT, passage->facts.size);
    if (passage->facts.eight_bit)
        g_string_append(line, " BODY=8BITMIME");
    if (passage->wide)
        g_string_append(line, " SMTPUTF8");
    return g_string_free(line, FALSE);
}

static gboolean name_both(struct passage *passage)
{
    gboolean done;

    if (!forget_the_last(passage) || !step(passage, PHASE_MAIL, 2, mail_command(passage)))
        return FALSE;
    passage->smtp->in_doubt = passage->smtp->used = TRUE;
    done = step(passage, PHASE_RCPT, 2, g_strdup_printf("RCPT TO:<%s>", passage->letter->to));
    return done && step(passage, PHASE_DATA, 3, g_strdup("DATA"));
}

static gboolean write_block(struct passage *passage, GString *wire, GError **error)
{
    if (!wire->len)
        return TRUE;
    smtp_begin(passage->smtp, PHASE_BLOCK);
    return link_write(passage->smtp->link, wire->str, wire->len, error);
}

static gboolean write_letter(struct passage *passage)
{
    struct smtp_body body = {0};
    g_autoptr(GError) error = NULL;

    if (!read_letter(passage, &body, write_block, &error))
        return lost(passage, PHASE_BLOCK, error);
    return !heard_early(passage, PHASE_BLOCK);
}

/* -- the dot, and behind it -- */

static gboolean tell_dot(struct passage *passage)
{
    const struct transport_setup *setup = &passage->smtp->setup;

    fault_pass("smtp_letter_written");
    if (setup->dot(setup->means->role, passage->letter->id))
        return TRUE;
    smtp_disconnect(passage->smtp);
    return ends(passage, SEND_DEFERRED, "the desk is gone");
}

static gboolean unknown(struct passage *passage, const char *why)
{
    smtp_disconnect(passage->smtp);
    return ends(passage, SEND_UNKNOWN, "no answer to %s: %s", smtp_phase_name(PHASE_DOT), why);
}

static gboolean end_letter(struct passage *passage)
{
    struct smtp *smtp = passage->smtp;
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_reply) reply = NULL;
    g_autofree char *text = NULL;

    if (!tell_dot(passage))
        return FALSE;
    fault_pass("smtp_dot_told");
    smtp_begin(smtp, PHASE_DOT);
    if (!link_write(smtp->link, ".\r\n", 3, &error)) /* which may have left all the same */
        return unknown(passage, error->message);
    fault_pass("smtp_dot_written");
    reply = reply_read(smtp->link, &error);
    if (!reply)
        return unknown(passage, error->message);
    text = reply_text(reply);
    if (reply->code / 100 == 3)
        return unknown(passage, text);
    if (reply->code / 100 != 2)
        return refused(passage, PHASE_DOT, reply);
    smtp->in_doubt = FALSE;
    ends(passage, SEND_DONE, "%s", text);
    return TRUE;
}

static gboolean transact(struct passage *passage)
{
    passage->stale = FALSE;
    return relay_can(passage) && name_both(passage) && write_letter(passage) && end_letter(passage);
}

static gboolean have_relay(struct passage *passage)
{
    g_autoptr(GError) error = NULL;

    if (passage->smtp->link)
        return TRUE;
    if (!smtp_connect(passage->smtp, &error))
        return ends(passage, SEND_NOT_TRIED, "%s", error->message);
    passage->smtp->setup.means->state(passage->smtp->setup.means->role, "sending");
    return TRUE;
}

static void smtp_send(
    gpointer transport, const struct letter_out *letter, struct send_result *result)
{
    struct passage passage = {.smtp = transport, .letter = letter, .result = result};

    if (!look_at(&passage) || !have_relay(&passage))
        return;
    transact(&passage);
    /* A relay may end what has rested for a while; that is no attempt. */
    if (passage.stale && have_relay(&passage))
        transact(&passage);
}

/* -- the transport -- */

static void smtp_rest(gpointer transport)
{
    struct smtp *smtp = transport;

    if (!smtp->link)
        return;
    reply_free(smtp_ask(smtp, PHASE_QUIT, g_strdup("QUIT"), NULL));
    smtp_disconnect(smtp);
    smtp->setup.means->state(smtp->setup.means->role, "the relay rests");
}

static gboolean smtp_prove(gpointer transport, GError **error)
{
    struct smtp *smtp = transport;

    smtp_rest(smtp);
    if (!smtp_connect(smtp, error))
        return FALSE;
    smtp_rest(smtp);
    return TRUE;
}

static void smtp_close(gpointer transport)
{
    struct smtp *smtp = transport;

    if (!smtp)
        return;
    smtp_disconnect(smtp);
    if (smtp->server)
        link_server_free(smtp->server);
    g_free(smtp->offers.auth);
    g_free(smtp->domain);
    g_free(smtp);
}

static gpointer smtp_open(const struct transport_setup *setup, GError **error)
{
    struct smtp *smtp = g_new0(struct smtp, 1);

    smtp->setup = *setup;
    smtp->setup.settings = NULL; /* not ours to keep */
    smtp->server = link_server_new(setup->settings, setup->means, error);
    if (!g_variant_dict_lookup(setup->settings, "domain", "s", &smtp->domain))
        smtp->domain = g_strdup("localhost");
    if (smtp->server)
        return smtp;
    smtp_close(smtp);
    return NULL;
}

const struct transport transport_smtp = {
    .name = "smtp",
    .repeatable = FALSE,
    .open = smtp_open,
    .send = smtp_send,
    .prove = smtp_prove,
    .rest = smtp_rest,
    .close = smtp_close,
};
