/* From the greeting to the mailbox: CAPA (RFC 2449), STLS (RFC 2595 4), and who we are: USER and
 * PASS, or AUTH (RFC 5034). */
#include "pop3-parts.h"
#include <string.h>

enum {
    LONGEST_COMMAND = 255, /* RFC 2449 4, with its CRLF */
    QUESTIONS = 4,
};

/* -- what the server can -- */

static gboolean has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);

    for (char **one = list; *one; one++)
        if (g_ascii_strcasecmp(*one, word) == 0)
            return TRUE;
    return FALSE;
}

static void take_capability(struct pop3 *pop3, const char *line)
{
    pop3->stls |= g_ascii_strcasecmp(line, "STLS") == 0;
    pop3->pipelining |= g_ascii_strcasecmp(line, "PIPELINING") == 0;
    if (g_ascii_strncasecmp(line, "SASL ", 5) == 0)
        pop3->sasl_plain = has_word(line + 5, "PLAIN");
}

/* Whoever does not know CAPA can what RFC 1939 has. */
static gboolean ask_capabilities(struct pop3 *pop3, GError **error)
{
    enum pop3_reply reply;
    g_autoptr(GError) why = NULL;
    const char *line;

    pop3->stls = pop3->pipelining = pop3->sasl_plain = FALSE;
    pop3_expect(pop3, POP3_LINE);
    if (!pop3_say(pop3, error, "CAPA"))
        return FALSE;
    reply = pop3_read_reply(pop3, error);
    if (reply != POP3_YES)
        return reply == POP3_NO;
    while ((line = pop3_read_item(pop3, &why)))
        take_capability(pop3, line);
    if (!why)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean start_tls(struct pop3 *pop3, GError **error)
{
    enum pop3_reply reply;

    if (!pop3->stls)
        return pop3_fail(pop3, error,
            "the server has no STLS, or somebody on the way has struck it out. Nothing secret was "
            "sent; set `tls` to \"tls\" if the server has that");
    pop3_expect(pop3, POP3_LINE);
    if (!pop3_say(pop3, error, "STLS"))
        return FALSE;
    reply = pop3_read_reply(pop3, error);
    if (reply == POP3_NO)
        return pop3_fail(pop3, error,
            "the server does not start TLS now: %s. Nothing secret was sent; it is tried again",
            pop3_text(pop3));
    if (reply == POP3_DEAD)
        return FALSE;
    if (pop3->start < pop3->end)
        return pop3_fail(pop3, error,
            "somebody on the way put words between STLS and TLS. Nothing secret was sent; set "
            "`tls` to \"tls\" if the server has that");
    if (!link_start_tls(pop3->link, error)) {
        pop3_drop(pop3);
        return FALSE;
    }
    /* RFC 2595 4: what it said before counts for nothing. */
    return ask_capabilities(pop3, error);
}

/* -- who we are -- */

/* Consumes `command`, which holds a secret. */
static gboolean say_secret(struct pop3 *pop3, GString *command, GError **error)
{
    gboolean said = pop3->link && link_write(pop3->link, command->str, command->len, error);

    explicit_bzero(command->str, command->len);
    g_string_free(command, TRUE);
    if (!said)
        pop3_drop(pop3);
    return said;
}

static GString *make_command(const char *verb, const char *blank, const char *word)
{
    /* of its full size at once, so that no copy is left behind */
    GString *command = g_string_sized_new(strlen(verb) + strlen(word) + 8);

    g_string_append(command, verb);
    g_string_append(command, blank);
    g_string_append(command, word);
    g_string_append(command, "\r\n");
    return command;
}

/* RFC 2449 8.1, RFC 3206: some refusals have nothing to do with who we are. */
static gboolean is_for_later(const char *text)
{
    static const char *const codes[] = {"[IN-USE]", "[LOGIN-DELAY]", "[SYS/"};

    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_ascii_strncasecmp(text, codes[i], strlen(codes[i])) == 0)
            return TRUE;
    return FALSE;
}

/* `reason`: what it said besides, or NULL. */
static gboolean refused(struct pop3 *pop3, const char *reason, GError **error)
{
    if (is_for_later(pop3_text(pop3)))
        return pop3_fail(pop3, error,
            "the server lets nobody into the mailbox now: %s. It is tried again", pop3_text(pop3));
    return pop3_fail(pop3, error,
        "the server refuses the login: %s%s%s. No mail was read; look at `user` and at the "
        "password, or at what token_command prints. It is tried again",
        pop3_text(pop3), reason ? ": " : "", reason ? reason : "");
}

static gboolean say_and_hear(struct pop3 *pop3, GString *command, GError **error)
{
    enum pop3_reply reply;

    pop3_expect(pop3, POP3_LINE);
    if (!say_secret(pop3, command, error))
        return FALSE;
    reply = pop3_read_reply(pop3, error);
    return reply == POP3_NO ? refused(pop3, NULL, error) : reply == POP3_YES;
}

static gboolean is_one_line(const char *text)
{
    return !strpbrk(text, "\r\n");
}

static gboolean login_by_user(struct pop3 *pop3, const struct link_secret *secret, GError **error)
{
    if (!is_one_line(secret->user) || !is_one_line(secret->password))
        return pop3_fail(
            pop3, error, "user name or password has a line end in it. Nothing was sent; change it");
    return say_and_hear(pop3, make_command("USER", " ", secret->user), error) &&
           say_and_hear(pop3, make_command("PASS", " ", secret->password), error);
}

/* What is said to a question that a mechanism of one answer does not have: the server tells there
 * why it will refuse (RFC 7628 3.2.3), or it wants something that we do not know. */
static const char *dismiss(const struct link_secret *secret)
{
    static const struct {
        const char *mechanism, *word;
    } words[] = {{"XOAUTH2", ""}, {"OAUTHBEARER", "AQ=="}};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].mechanism, secret->mechanism))
            return words[i].word;
    return "*";
}

/* The text of a question; NULL if it has none. */
static char *read_question(const char *line)
{
    gsize size = 0;
    g_autofree guchar *text = line[1] ? g_base64_decode(line + 2, &size) : NULL;
    return size ? g_strndup((const char *)text, size) : NULL;
}

/* RFC 5034 4: what does not fit a command goes behind the first "+". */
static gboolean login_by_auth(struct pop3 *pop3, const struct link_secret *secret, GError **error)
{
    g_autofree char *verb = g_strconcat("AUTH ", secret->mechanism, NULL);
    gboolean sent = strlen(verb) + strlen(secret->initial) + 3 <= LONGEST_COMMAND;
    GString *command = make_command(verb, sent ? " " : "", sent ? secret->initial : "");
    g_autofree char *reason = NULL;
    enum pop3_reply reply;

    pop3_expect(pop3, POP3_LINE);
    for (int questions = 0; questions < QUESTIONS; questions++) {
        const char *line = say_secret(pop3, command, error) ? pop3_read_line(pop3, error) : NULL;
        if (!line)
            return FALSE;
        if (line[0] != '+' || (line[1] && line[1] != ' ')) {
            reply = pop3_judge(pop3, error);
            return reply == POP3_NO ? refused(pop3, reason, error) : reply == POP3_YES;
        }
        g_free(reason);
        reason = read_question(line);
        command = make_command("", "", sent ? dismiss(secret) : secret->initial);
        sent = TRUE;
    }
    say_secret(pop3, command, NULL);
    return pop3_fail(pop3, error, "the server asks and asks and lets nobody in. It is tried again");
}

/* "login" is USER and PASS; so is "plain" where the server has nothing better. */
static gboolean log_in(struct pop3 *pop3, GError **error)
{
    struct link_secret *secret = link_login(pop3->server, error);
    gboolean by_user, done;

    if (!secret) {
        pop3_drop(pop3);
        return FALSE;
    }
    by_user = !secret->initial || (g_str_equal(secret->mechanism, "PLAIN") && !pop3->sasl_plain);
    done = by_user ? login_by_user(pop3, secret, error) : login_by_auth(pop3, secret, error);
    link_secret_free(secret);
    return done;
}

gboolean pop3_login(struct pop3 *pop3, GError **error)
{
    enum pop3_reply reply = pop3_read_reply(pop3, error);

    if (reply == POP3_NO)
        return pop3_fail(
            pop3, error, "the server is not ready: %s. It is tried again", pop3_text(pop3));
    return reply == POP3_YES && ask_capabilities(pop3, error) &&
           (!link_server_wants_starttls(pop3->server) || start_tls(pop3, error)) &&
           log_in(pop3, error);
}
