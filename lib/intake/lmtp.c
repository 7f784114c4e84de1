/* Commands and replies of LMTP. The replies are those of RFC 5321, 2033, 2034, 1870 and 6531. */
#include "lmtp-parts.h"
#include <mado/limits.h>
#include <string.h>

enum { REPLIES_AT_ONCE = 64 * 1024 }; /* then the client has to read first */

struct lmtp {
    struct lmtp_house *house;
    enum lmtp_state state;
    GString *replies, *line;
    gboolean line_is_long;
    gboolean greeted, utf8; /* LHLO was said; this mail is SMTPUTF8 */
    char *sender;           /* of the envelope; NULL: no transaction */
    GPtrArray *recipients;  /* in the order of their RCPT, RFC 2033 4.2 */
    struct lmtp_body body;
    guint errors;
};

/* -- replies -- */

static void say(struct lmtp *lmtp, const char *reply)
{
    g_string_append(lmtp->replies, reply);
    g_string_append(lmtp->replies, "\r\n");
}

/* A client that goes on with this is broken, or looks for a hole. */
static void fault(struct lmtp *lmtp, const char *reply)
{
    if (++lmtp->errors < LIMIT_LMTP_ERRORS)
        say(lmtp, reply);
    else
        lmtp_end(lmtp, "421 4.7.0 too many errors");
}

static void answer_recipients(struct lmtp *lmtp, const char *reply)
{
    for (guint i = 0; i < lmtp->recipients->len; i++)
        g_string_append_printf(
            lmtp->replies, "%s <%s>\r\n", reply, (const char *)lmtp->recipients->pdata[i]);
}

static void forget_mail(struct lmtp *lmtp)
{
    g_clear_pointer(&lmtp->sender, g_free);
    g_ptr_array_set_size(lmtp->recipients, 0);
    lmtp_body_clear(&lmtp->body);
    lmtp->utf8 = FALSE;
}

/* -- MAIL and its parameters -- */

/* What a parameter does; the reply if it cannot be had, or NULL. */
struct parameter {
    const char *name;
    const char *(*take)(struct lmtp *lmtp, const char *value);
};

#define BAD_PARAMETER "501 5.5.4 no such value of a parameter"

static const char *take_size(struct lmtp *lmtp, const char *value)
{
    const struct lmtp_house *house = lmtp->house;
    guint64 size;

    /* RFC 1870 3: at most twenty digits. */
    if (!g_ascii_string_to_unsigned(value ?: "", 10, 0, G_MAXUINT64, &size, NULL))
        return BAD_PARAMETER;
    if (size > house->max_message)
        return TOO_LARGE;
    if (house->memory && size > house->max_memory - MIN(house->memory, house->max_memory))
        return NO_ROOM;
    return NULL;
}

static const char *take_body(struct lmtp *lmtp, const char *value)
{
    gboolean known = value && (g_ascii_strcasecmp(value, "8BITMIME") == 0 ||
                                  g_ascii_strcasecmp(value, "7BIT") == 0);
    return known ? NULL : BAD_PARAMETER;
}

static const char *take_utf8(struct lmtp *lmtp, const char *value)
{
    lmtp->utf8 = TRUE;
    return value ? BAD_PARAMETER : NULL;
}

static const struct parameter mail_parameters[] = {
    {"SIZE", take_size}, {"BODY", take_body}, {"SMTPUTF8", take_utf8}, {NULL}};
static const struct parameter no_parameters[] = {{NULL}};

static const char *take_parameter(
    struct lmtp *lmtp, const struct parameter *known, const char *name, const char *value)
{
    for (; known->name; known++)
        if (g_ascii_strcasecmp(known->name, name) == 0)
            return known->take(lmtp, value);
    return "555 5.5.4 no such parameter";
}

static const char *take_parameters(
    struct lmtp *lmtp, const struct parameter *known, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    const char *refusal = *words && **words ? "501 5.5.4 a blank is missing" : NULL;

    for (guint i = 1; i < g_strv_length(words) && !refusal; i++) {
        char *value = strchr(words[i], '=');
        if (value)
            *value++ = '\0';
        if (*words[i])
            refusal = take_parameter(lmtp, known, words[i], value);
    }
    return refusal;
}

/* "FROM:<...> parameters". The address, or NULL: it is answered already. */
static char *take_path(
    struct lmtp *lmtp, const char *argument, const char *word, const struct parameter *known)
{
    g_autofree char *address = NULL;
    const char *rest = NULL, *refusal;
    gsize length = strlen(word);

    if (g_ascii_strncasecmp(argument, word, length) == 0)
        address = address_in_path(argument + length, &rest);
    if (!address) {
        fault(lmtp, "501 5.5.2 an address in <> is missing");
        return NULL;
    }
    refusal = take_parameters(lmtp, known, rest);
    /* RFC 6531 3.5 */
    if (!refusal && !lmtp->utf8 && !g_str_is_ascii(address))
        refusal = "553 5.6.7 such an address takes SMTPUTF8";
    if (!refusal)
        return g_steal_pointer(&address);
    if (g_str_has_prefix(refusal, "50"))
        fault(lmtp, refusal);
    else
        say(lmtp, refusal);
    return NULL;
}

static void obey_mail(struct lmtp *lmtp, const char *argument)
{
    if (!lmtp->greeted || lmtp->sender) {
        fault(lmtp, lmtp->sender ? "503 5.5.1 one mail at a time" : "503 5.5.1 LHLO comes first");
        return;
    }
    lmtp->sender = take_path(lmtp, argument, "FROM:", mail_parameters);
    if (!lmtp->sender) {
        lmtp->utf8 = FALSE;
    } else if (lmtp->house->paused) {
        forget_mail(lmtp);
        say(lmtp, PAUSED);
    } else {
        say(lmtp, "250 2.1.0 sender taken");
    }
}

static void refuse_recipient(struct lmtp *lmtp, const char *address)
{
    g_string_append_printf(lmtp->replies, "550 5.1.1 <%s> is no address of this team\r\n", address);
}

static void obey_rcpt(struct lmtp *lmtp, const char *argument)
{
    g_autofree char *address = NULL;

    if (!lmtp->sender)
        fault(lmtp, "503 5.5.1 MAIL comes first");
    else if (!(address = take_path(lmtp, argument, "TO:", no_parameters)))
        return;
    else if (!address_is_ours(address, lmtp->house->addresses))
        refuse_recipient(lmtp, address);
    else if (lmtp->recipients->len >= LIMIT_RECIPIENTS)
        say(lmtp, "452 4.5.3 too many recipients, send the rest in another mail");
    else {
        g_ptr_array_add(lmtp->recipients, g_steal_pointer(&address));
        say(lmtp, "250 2.1.5 recipient taken");
    }
}

/* -- the mail -- */

/* RFC 5321 4.4: whoever makes the final delivery writes down the envelope. No Received field: the
 * bytes of a mail that is handed over again are to be the same. */
static GString *make_head(const struct lmtp *lmtp)
{
    GString *head = g_string_new(NULL);

    g_string_append_printf(head, "Return-Path: <%s>\r\n", lmtp->sender);
    for (guint i = 0; i < lmtp->recipients->len; i++)
        g_string_append_printf(
            head, "Delivered-To: %s\r\n", (const char *)lmtp->recipients->pdata[i]);
    return head;
}

static void obey_data(struct lmtp *lmtp, const char *argument)
{
    GString *head;

    /* RFC 2033 4.2: 503 where no recipient was taken. */
    if (*argument || !lmtp->recipients->len) {
        fault(lmtp, *argument ? "501 5.5.4 DATA stands alone" : "503 5.5.1 no recipient was taken");
        return;
    }
    head = make_head(lmtp);
    if (lmtp_body_begin(&lmtp->body, lmtp->house, head)) {
        lmtp->state = LMTP_BODY;
        say(lmtp, "354 go on; CRLF . CRLF is the end");
    } else {
        say(lmtp, NO_MEMORY);
    }
    g_string_free(head, TRUE);
}

static void end_mail(struct lmtp *lmtp, const char *reply)
{
    answer_recipients(lmtp, reply);
    forget_mail(lmtp);
    lmtp->state = LMTP_COMMANDS;
}

static gsize feed_body(struct lmtp *lmtp, const char *data, gsize size)
{
    gsize used = lmtp_body_feed(&lmtp->body, (const guint8 *)data, size);

    if (lmtp->body.at != AT_END)
        return used;
    if (lmtp->body.refusal)
        end_mail(lmtp, lmtp->body.refusal);
    else if (lmtp->house->paused)
        end_mail(lmtp, PAUSED);
    else
        lmtp->state = LMTP_WAITING;
    return used;
}

int lmtp_take_mail(struct lmtp *lmtp)
{
    return lmtp_body_take(&lmtp->body);
}

void lmtp_answer(struct lmtp *lmtp, enum lmtp_verdict verdict)
{
    static const char *const replies[LMTP_VERDICTS] = {
        [LMTP_TAKEN] = "250 2.0.0 taken for",
        [LMTP_REFUSED] = "451 4.3.0 not taken, try again later, for",
    };

    if (lmtp->state == LMTP_WAITING)
        end_mail(lmtp, replies[verdict]);
}

/* -- the other commands -- */

static void obey_lhlo(struct lmtp *lmtp, const char *argument)
{
    if (!*argument) {
        fault(lmtp, "501 5.5.4 LHLO takes your name");
        return;
    }
    forget_mail(lmtp);
    lmtp->greeted = TRUE;
    g_string_append_printf(lmtp->replies,
        "250-%s\r\n250-PIPELINING\r\n250-SIZE %" G_GUINT64_FORMAT
        "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n",
        lmtp->house->host, lmtp->house->max_message);
}

static void obey_rset(struct lmtp *lmtp, const char *argument)
{
    forget_mail(lmtp);
    say(lmtp, "250 2.0.0 forgotten");
}

static void obey_noop(struct lmtp *lmtp, const char *argument)
{
    say(lmtp, "250 2.0.0 nothing done");
}

static void obey_vrfy(struct lmtp *lmtp, const char *argument)
{
    say(lmtp, "252 2.5.0 RCPT will tell");
}

static void obey_help(struct lmtp *lmtp, const char *argument)
{
    say(lmtp, "214 2.0.0 LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT");
}

static void obey_quit(struct lmtp *lmtp, const char *argument)
{
    lmtp_end(lmtp, "221 2.0.0 goodbye");
}

static const struct {
    const char *name;
    void (*obey)(struct lmtp *lmtp, const char *argument);
} commands[] = {
    {"LHLO", obey_lhlo},
    {"MAIL", obey_mail},
    {"RCPT", obey_rcpt},
    {"DATA", obey_data},
    {"RSET", obey_rset},
    {"NOOP", obey_noop},
    {"VRFY", obey_vrfy},
    {"HELP", obey_help},
    {"QUIT", obey_quit},
};

/* -- lines -- */

static void obey_line(struct lmtp *lmtp, const char *line)
{
    gsize verb = strcspn(line, " ");
    const char *argument = line + verb + strspn(line + verb, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strlen(commands[i].name) == verb &&
            g_ascii_strncasecmp(commands[i].name, line, verb) == 0) {
            commands[i].obey(lmtp, argument);
            return;
        }
    /* RFC 2033 4.1: HELO and EHLO among them. */
    fault(lmtp, "500 5.5.1 no such command; this is LMTP");
}

static gboolean has_control(const GString *line)
{
    for (gsize i = 0; i < line->len; i++)
        if (g_ascii_iscntrl(line->str[i]))
            return TRUE;
    return FALSE;
}

/* RFC 5321 2.3.8: CRLF ends a line and nothing else; a line with a stray CR, LF or NUL does
 * nothing. */
static void end_line(struct lmtp *lmtp)
{
    GString *line = lmtp->line;
    gboolean whole = line->len && line->str[line->len - 1] == '\r';

    g_string_truncate(line, line->len - (whole ? 1 : 0));
    if (lmtp->line_is_long)
        fault(lmtp, "500 5.5.2 a line too long");
    else if (!whole || has_control(line))
        fault(lmtp, "500 5.5.2 a line ends with CRLF, and has no other control character");
    else
        obey_line(lmtp, line->str);
    lmtp->line_is_long = FALSE;
    g_string_truncate(line, 0);
}

static gsize feed_line(struct lmtp *lmtp, const char *data, gsize size)
{
    const char *end = memchr(data, '\n', size);
    gsize length = end ? (gsize)(end - data) : size;

    /* RFC 5321 4.5.3.1.6 grants 1000; the CRLF counts. */
    if (lmtp->line->len + length + 1 > LIMIT_LMTP_COMMAND_BYTES)
        lmtp->line_is_long = TRUE;
    if (!lmtp->line_is_long)
        g_string_append_len(lmtp->line, data, (gssize)length);
    if (end)
        end_line(lmtp);
    return length + (end ? 1 : 0);
}

static gsize (*const feed[])(struct lmtp *, const char *, gsize) = {
    [LMTP_COMMANDS] = feed_line, [LMTP_BODY] = feed_body};

gsize lmtp_feed(struct lmtp *lmtp, const void *data, gsize size)
{
    gsize used = 0;

    while (used < size && lmtp->state < LMTP_WAITING && lmtp->replies->len < REPLIES_AT_ONCE)
        used += feed[lmtp->state](lmtp, (const char *)data + used, size - used);
    return used;
}

/* -- beginning and end -- */

struct lmtp *lmtp_new(struct lmtp_house *house)
{
    struct lmtp *lmtp = g_new0(struct lmtp, 1);

    lmtp->house = house;
    lmtp->replies = g_string_new(NULL);
    lmtp->line = g_string_new(NULL);
    lmtp->recipients = g_ptr_array_new_with_free_func(g_free);
    lmtp->body.fd = -1;
    g_string_append_printf(lmtp->replies, "220 %s LMTP mado\r\n", house->host);
    return lmtp;
}

void lmtp_free(struct lmtp *lmtp)
{
    if (!lmtp)
        return;
    forget_mail(lmtp);
    g_ptr_array_unref(lmtp->recipients);
    g_string_free(lmtp->line, TRUE);
    g_string_free(lmtp->replies, TRUE);
    g_free(lmtp);
}

void lmtp_end(struct lmtp *lmtp, const char *why)
{
    forget_mail(lmtp);
    say(lmtp, why);
    lmtp->state = LMTP_OVER;
}

enum lmtp_state lmtp_state(const struct lmtp *lmtp)
{
    return lmtp->state;
}

GString *lmtp_replies(struct lmtp *lmtp)
{
    return lmtp->replies;
}
