/* Why a letter did not arrive, in one of our words: by what the refusing server said, by the status
 * (RFC 3463), by the text. Words are compared in a copy in lower case, with single blanks and
 * without the codes that stand at the start of each line of a reply. */
#include "bounce-parts.h"
#include <string.h>

/* -- codes -- */

static gsize digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* "5.1.1" and nothing that goes on like the address of a host; its length, or 0. */
static gsize length_of_status(const char *token)
{
    gsize at = 1;

    if (!strchr("245", *token) || !*token)
        return 0;
    for (int part = 0; part < 2; part++) {
        gsize length = token[at] == '.' ? digits(token + at + 1) : 0;
        if (length < 1 || length > 3)
            return 0;
        at += 1 + length;
    }
    return token[at] == '.' && g_ascii_isdigit(token[at + 1]) ? 0 : at;
}

/* RFC 5321 4.2.1: three digits, of which the second is at most 5. */
static gboolean is_reply_code(const char *token)
{
    return strchr("245", *token) && digits(token) == 3 && token[1] <= '5' &&
           (!token[3] || strchr("-:;,.)]", token[3]));
}

static char **tokens_of(const char *text)
{
    return g_strsplit_set(text, " \t\n\r", -1);
}

/* The first of each that stands in the text; those found before are kept. */
static void find_codes(const char *text, char **status, char **code)
{
    g_auto(GStrv) tokens = tokens_of(text);

    for (char **token = tokens; *token; token++) {
        const char *at = *token + strspn(*token, "#([<'\"");
        if (!*code && is_reply_code(at)) {
            *code = g_strndup(at, 3);
            at += 3 + (at[3] == '-');
        }
        at += g_str_has_prefix(at, ":") ? strcspn(at, "245") : 0;
        if (!*status && length_of_status(at))
            *status = g_strndup(at, length_of_status(at));
    }
}

/* " lower case, single blanks" without codes. */
static char *plain_of(const char *text)
{
    g_auto(GStrv) tokens = tokens_of(text);
    GString *out = g_string_new(" ");

    for (char **token = tokens; *token; token++) {
        const char *at = *token;
        if (is_reply_code(at) && (!at[3] || at[3] == '-'))
            at += at[3] ? 4 : 3;
        at += length_of_status(at);
        if (*at)
            g_string_append_printf(out, "%s%s", out->len > 1 ? " " : "", at);
    }
    for (char *c = out->str; *c; c++)
        *c = g_ascii_tolower(*c);
    return g_string_free(out, FALSE);
}

/* -- words -- */

struct phrase {
    const char *words, *reason;
};

/* The first that is found decides: what names a cause stands above what only says no. */
static const struct phrase phrases[] = {
    {"dmarc", "authfailure"},
    {"to pass spf", "authfailure"},
    {"spf fail", "authfailure"},
    {"spf check", "authfailure"},
    {"unauthenticated", "authfailure"},
    {"reverse dns", "requireptr"},
    {"ptr record", "requireptr"},
    {"dns ptr", "requireptr"},
    {"rdns", "requireptr"},
    {"ip name lookup failed", "requireptr"},
    {"unverifiable sending ip", "requireptr"},
    {"cannot find your hostname", "requireptr"},
    {"virus detected", "virusdetected"},
    {"contains a virus", "virusdetected"},
    {"malware", "virusdetected"},
    {"infected", "virusdetected"},
    {"mailbox full", "mailboxfull"},
    {"mailbox is full", "mailboxfull"},
    {"mailbox exceeds", "mailboxfull"},
    {"over quota", "mailboxfull"},
    {"overquota", "mailboxfull"},
    {"quota exceeded", "mailboxfull"},
    {"quotaexceeded", "mailboxfull"},
    {"exceeded storage", "mailboxfull"},
    {"exceeded its storage", "mailboxfull"},
    {"out of storage", "mailboxfull"},
    {"not enough storage space", "mailboxfull"},
    {"容量を超え", "mailboxfull"},
    {"メールボックスが一杯", "mailboxfull"},
    {"メールボックスがいっぱい", "mailboxfull"},
    {"message length exceeds", "exceedlimit"},
    {"headers too large", "contenterror"},
    {"too big", "mesgtoobig"},
    {"too large", "mesgtoobig"},
    {"size limit", "mesgtoobig"},
    {"line limit", "mesgtoobig"},
    {"message size exceeds", "mesgtoobig"},
    {"account is disabled", "suspend"},
    {"account has been disabled", "suspend"},
    {"account has been suspended", "suspend"},
    {"account is suspended", "suspend"},
    {"account is locked", "suspend"},
    {"tried to reach is disabled", "suspend"},
    {"relaying denied", "norelaying"},
    {"relay access denied", "norelaying"},
    {"relay not permitted", "norelaying"},
    {"not permitted to relay", "norelaying"},
    {"not configured to relay", "norelaying"},
    {"mail relay", "norelaying"},
    {"too many recipients", "toomanyconn"},
    {"too many connections", "toomanyconn"},
    {"too many messages", "toomanyconn"},
    {"connection frequency", "toomanyconn"},
    {"rate limit", "toomanyconn"},
    {"rfc 5322", "notcompliantrfc"},
    {"rfc 2822", "notcompliantrfc"},
    {"addresses in from:", "notcompliantrfc"},
    {"reputation", "badreputation"},
    {"blacklist", "blocked"},
    {"blocklist", "blocked"},
    {"block list", "blocked"},
    {"blocked using", "blocked"},
    {"dnsbl", "blocked"},
    {"spamhaus", "blocked"},
    {"blocked - see", "blocked"},
    {"client host rejected", "blocked"},
    {"client host blocked", "blocked"},
    {"name was rejected", "blocked"},
    {"not accepting connections", "blocked"},
    {"smtp server of your isp", "blocked"},
    {"invalid ip for sending", "blocked"},
    {"content rejected", "spamdetected"},
    {"spam", "spamdetected"},
    {"policy", "policyviolation"},
    {"policies", "policyviolation"},
    {"potential security issue", "policyviolation"},
    {"authentication required", "securityerror"},
    {"has moved", "hasmoved"},
    {"no longer on server", "hasmoved"},
    {"no forwarding address", "hasmoved"},
    {"does not accept mail", "notaccept"},
    {"not accepting network messages", "notaccept"},
    {"no mx found", "notaccept"},
    {"null mx", "notaccept"},
    {"find a mail exchanger", "notaccept"},
    {"sender address", "rejected"},
    {"sender domain", "rejected"},
    {"domain of sender", "rejected"},
    {"sender rejected", "rejected"},
    {"duplicate header", "contenterror"},
    {"8-bit data", "contenterror"},
    {"malformed address", "syntaxerror"},
    {"mailer error", "mailererror"},
    {"pipe to |", "mailererror"},
    {"procmail", "mailererror"},
    {"command died", "mailererror"},
    {"insufficient system storage", "systemfull"},
    {"no space left", "systemfull"},
    {"retry timeout", "expired"},
    {"failing for a long time", "expired"},
    {"message expired, dns", "networkerror"},
    {"message expired", "expired"},
    {"envelope expired", "expired"},
    {"could not be delivered for", "expired"},
    {"could not deliver for the last", "expired"},
    {"find a gateway", "expired"},
    {"did not accept our requests to connect", "expired"},
    {"host not reachable", "expired"},
    {"not found, try again", "networkerror"},
    {"network error", "networkerror"},
    {"no route to host", "networkerror"},
    {"network is unreachable", "networkerror"},
    {"lost connection", "networkerror"},
    {"too many hops", "networkerror"},
    {"mail loop", "networkerror"},
    {"more than the maximum allowed times", "networkerror"},
    {"dns query failed", "networkerror"},
    {"host unknown", "hostunknown"},
    {"unknown host", "hostunknown"},
    {"host not found", "hostunknown"},
    {"domain not found", "hostunknown"},
    {"domain name not found", "hostunknown"},
    {"domain does not exist", "hostunknown"},
    {"no such domain", "hostunknown"},
    {"invalid domain", "hostunknown"},
    {"unrouteable", "hostunknown"},
    {"unroutable", "hostunknown"},
    {"dns lookup failure", "hostunknown"},
    {"name service error", "hostunknown"},
    /* of Japanese carriers, where the subscriber's own filter refuses: nobody is named */
    {" : user unknown", "filtered"},
    {"invalid recipient", "userunknown"},
    {"no such user", "userunknown"},
    {"no such recipient", "userunknown"},
    {"no such mailbox", "userunknown"},
    {"user unknown", "userunknown"},
    {"unknown user", "userunknown"},
    {"unknown recipient", "userunknown"},
    {"recipient unknown", "userunknown"},
    {"recipient not found", "userunknown"},
    {"recipient name is not recognized", "userunknown"},
    {"recipnotfound", "userunknown"},
    {"user not found", "userunknown"},
    {"unknown local part", "userunknown"},
    {"does not exist", "userunknown"},
    {"doesn't exist", "userunknown"},
    {"doesn't have a", "userunknown"},
    {"email address you entered couldn't be found", "userunknown"},
    {"bad-mailbox", "userunknown"},
    {"invalid address", "userunknown"},
    {"invalid user address", "userunknown"},
    {"address rejected ", "userunknown"},
    {"mailbox unavailable", "userunknown"},
    {"recipient address rejected", "userunknown"},
    {"ディレクトリ", "userunknown"},
    {"宛先が見つかりません", "userunknown"},
    {"アドレスが見つかりません", "userunknown"},
    {"connection timed out", "expired"},
    {"connection refused", "networkerror"},
    {"could not load", "systemerror"},
    {"currently unavailable", "systemerror"},
    {"service unavailable", "systemerror"},
    {"try later", "systemerror"},
    {"user complaints", "rejected"},
    {"access denied", "rejected"},
    {"not a member", "rejected"},
    {"are not member", "rejected"},
    {"permission to post", "rejected"},
    {"groups.google.com/support", "rejected"},
};

/* At which step of SMTP it was said. */
enum stage { STAGE_UNKNOWN, STAGE_CONNECT, STAGE_SENDER, STAGE_RECIPIENT, STAGE_TEXT };
static const struct {
    const char *words;
    enum stage stage;
} stages[] = {
    {"refused to talk to me", STAGE_CONNECT},
    {"after initial connection", STAGE_CONNECT},
    {"mail from command", STAGE_SENDER},
    {"after mail from", STAGE_SENDER},
    {">>> mail from", STAGE_SENDER},
    {"rcpt to command", STAGE_RECIPIENT},
    {"after rcpt", STAGE_RECIPIENT},
    {"following rcpt", STAGE_RECIPIENT},
    {">>> rcpt to", STAGE_RECIPIENT},
    {"rcpt to:", STAGE_RECIPIENT},
    {"our rcpt to", STAGE_RECIPIENT},
    {"[rcpt_to]", STAGE_RECIPIENT},
    {"does not like recipient", STAGE_RECIPIENT},
    {"no valid recipients", STAGE_RECIPIENT}, /* behind a pipelined DATA */
    {"need rcpt", STAGE_RECIPIENT},
    {"rcpt command must", STAGE_RECIPIENT},
    {"end of data", STAGE_TEXT},
    {"final data", STAGE_TEXT},
    {">>> data", STAGE_TEXT},
    {"after i sent the message", STAGE_TEXT},
};

static const char *by_words(const char *plain)
{
    for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++)
        if (strstr(plain, phrases[i].words))
            return phrases[i].reason;
    return NULL;
}

static enum stage stage_of(const char *plain)
{
    for (gsize i = 0; i < G_N_ELEMENTS(stages); i++)
        if (strstr(plain, stages[i].words))
            return stages[i].stage;
    return STAGE_UNKNOWN;
}

/* -- the status -- */

/* Behind the class. `sure` ones are believed before any words. */
static const struct {
    const char *detail, *reason;
    gboolean sure;
} statuses[] = {
    {"1.6", "hasmoved", TRUE},
    {"1.7", "rejected", TRUE},
    {"1.8", "rejected", TRUE},
    {"1.10", "notaccept", TRUE},
    {"7.25", "requireptr", TRUE},
    {"7.26", "authfailure", TRUE},
    {"7.509", "authfailure", TRUE},
    {"1.0", "userunknown", FALSE},
    {"1.1", "userunknown", FALSE},
    {"1.2", "hostunknown", FALSE},
    {"1.3", "userunknown", FALSE},
    {"1.4", "userunknown", FALSE},
    {"2.0", "filtered", FALSE},
    {"2.1", "filtered", FALSE},
    {"2.2", "mailboxfull", FALSE},
    {"2.3", "exceedlimit", FALSE},
    {"2.4", "filtered", FALSE},
    {"3.1", "systemfull", FALSE},
    {"3.2", "notaccept", FALSE},
    {"3.3", "systemerror", FALSE},
    {"3.4", "mesgtoobig", FALSE},
    {"3.5", "systemerror", FALSE},
    {"4.1", "networkerror", FALSE},
    {"4.2", "networkerror", FALSE},
    {"4.3", "systemerror", FALSE},
    {"4.4", "hostunknown", FALSE},
    {"4.5", "networkerror", FALSE},
    {"4.6", "networkerror", FALSE},
    {"4.7", "expired", FALSE},
    {"5.3", "toomanyconn", FALSE},
    {"6.0", "contenterror", FALSE},
    {"6.1", "contenterror", FALSE},
    {"6.2", "contenterror", FALSE},
    {"6.3", "contenterror", FALSE},
    {"7.0", "securityerror", FALSE},
    {"7.1", "rejected", FALSE},
    {"7.2", "rejected", FALSE},
    {"7.8", "authfailure", FALSE},
    {"7.9", "securityerror", FALSE},
};

static const char *by_status(const char *status, gboolean sure)
{
    for (gsize i = 0; *status && i < G_N_ELEMENTS(statuses); i++)
        if (statuses[i].sure == sure && g_str_equal(status + 2, statuses[i].detail))
            return statuses[i].reason;
    return NULL;
}

/* -- all together -- */

/* What a server says of a user when it refuses the sender is about the sender; when it refuses the
 * text, or with a status of another subject than addresses, a filter speaks. */
static const char *by_stage(const char *reason, enum stage stage, const char *status)
{
    gboolean of_user = g_str_equal(reason, "userunknown");
    gboolean of_address = *status && status[2] == '1' && status[3] == '.';
    gboolean of_other = *status && strchr("2367", status[2]);

    if (stage == STAGE_SENDER && (of_user || g_str_equal(reason, "hostunknown")))
        return "rejected";
    if (of_user && !of_address && stage != STAGE_RECIPIENT && (of_other || stage == STAGE_TEXT))
        return "filtered";
    return reason;
}

struct words {
    char *said, *section, *notice;
};

static const char *reason_by_words(const struct words *words, const char *status, gboolean delayed)
{
    return by_status(status, TRUE)
        ?: by_words(words->said)
        ?: (words->said[1] ? NULL : by_words(words->section))
        ?: by_status(status, FALSE)
        ?: by_words(words->section)
        ?: by_words(words->notice)
        ?: (delayed ? "expired" : "undefined");
}

static enum stage stage_by_words(const struct words *words)
{
    return stage_of(words->said) ?: stage_of(words->section) ?: stage_of(words->notice);
}

/* Words of a mail system that still tries. */
static const char *const delays[] = {"warning message only", "warning only", "has been delayed",
    "not yet been delivered", "will be retried", "message is delayed",
    "only a temporary failure report", "will keep trying", "delivery delayed",
    "not been delivered yet", "still being retried"};

static enum outcome outcome_of(const struct evidence *evidence, const struct words *words)
{
    static const struct {
        const char *action;
        enum outcome outcome;
    } actions[] = {
        {"failed", OUTCOME_FAILED},
        {"delayed", OUTCOME_DELAYED},
        {"deliver", OUTCOME_DELIVERED}, /* delivered; deliverable, as Postfix says of a probe */
        {"relayed", OUTCOME_DELIVERED},
        {"expanded", OUTCOME_DELIVERED},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
        if (g_str_has_prefix(evidence->action, actions[i].action))
            return actions[i].outcome;
    for (gsize i = 0; i < G_N_ELEMENTS(delays); i++)
        if (strstr(words->notice, delays[i]))
            return OUTCOME_DELAYED;
    return OUTCOME_FAILED;
}

/* The refusing server knows better than the one that reports it. */
static void read_codes(const struct evidence *evidence, char **status, char **code)
{
    find_codes(evidence->said, status, code);
    if (!*status || g_str_has_suffix(*status, ".0.0")) {
        g_autofree char *field = NULL, *other = NULL;
        find_codes(evidence->status, &field, &other);
        if (field && (!*status || !g_str_has_suffix(field, ".0.0"))) {
            g_free(*status);
            *status = g_steal_pointer(&field);
        }
    }
    find_codes(evidence->section, status, code);
}

struct bounce *reason_weigh(const char *recipient, const struct evidence *evidence)
{
    struct words words = {
        plain_of(evidence->said), plain_of(evidence->section), plain_of(evidence->notice)};
    g_autofree char *status = NULL, *code = NULL;
    enum outcome outcome = outcome_of(evidence, &words);
    const char *reason;
    struct bounce *bounce;

    read_codes(evidence, &status, &code);
    reason = by_stage(reason_by_words(&words, status ?: "", outcome == OUTCOME_DELAYED),
        stage_by_words(&words), status ?: "");
    bounce =
        bounce_new(recipient, status, code, outcome == OUTCOME_DELIVERED ? "delivered" : reason);
    bounce->outcome = outcome;
    bounce->permanent = outcome == OUTCOME_FAILED && bounce_reason_is_permanent(reason) &&
                        (!status || *status != '4');
    g_free(words.said);
    g_free(words.section);
    g_free(words.notice);
    return bounce;
}
