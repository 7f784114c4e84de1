/* Which of a mail's indicators are kept. Private addresses are: they say which machine inside of a
 * network it was. */
#include "desk.h"
#include <gio/gio.h>
#include <string.h>

/* Kept for examples. */
static const char *const example_networks[] = {"192.0.2.0/24", "198.51.100.0/24",
    "203.0.113.0/24",             /* RFC 5737 */
    "2001:db8::/32", "3fff::/20", /* RFC 3849, RFC 9637 */
    NULL};
static const char *const example_names[] = {"example", "test", "invalid", "localhost",
    "example.com", "example.net", "example.org", NULL}; /* RFC 2606 */
static const struct {
    guint64 first, last;
} example_systems[] = {{64496, 64511}, {65536, 65551}}; /* RFC 5398 */

struct sieve {
    GPtrArray *networks; /* GInetAddressMask */
    GPtrArray *names;    /* char *: with all below them */
    GPtrArray *mails;    /* char * */
    GPtrArray *senders;  /* char *: domains, with nothing below them */
    gboolean examples;   /* are left out */
};

static void add_word(struct sieve *sieve, const char *word)
{
    GInetAddressMask *network = g_inet_address_mask_new_from_string(word, NULL);

    if (network)
        g_ptr_array_add(sieve->networks, network);
    else
        g_ptr_array_add(strchr(word, '@') ? sieve->mails : sieve->names, g_ascii_strdown(word, -1));
}

static void add_words(struct sieve *sieve, const char *const *words)
{
    for (; words && *words; words++)
        add_word(sieve, *words);
}

static void add_mail(struct sieve *sieve, const char *address)
{
    if (strchr(address, '@'))
        g_ptr_array_add(sieve->mails, g_ascii_strdown(address, -1));
}

/* Their address, and the name under which they write: every mail has those. */
static void add_sender(struct sieve *sieve, const char *address)
{
    const char *at = strrchr(address, '@');

    if (!at)
        return;
    g_ptr_array_add(sieve->mails, g_ascii_strdown(address, -1));
    g_ptr_array_add(sieve->senders, g_ascii_strdown(at + 1, -1));
}

static void add_reporter(struct sieve *sieve, const struct message *message)
{
    for (guint i = 0; i < message->from->len; i++)
        add_sender(sieve, ((const struct mailbox *)message->from->pdata[i])->addr);
    /* where answers go may be at a provider that the report is about: the address alone */
    for (guint i = 0; i < message->reply_to->len; i++)
        add_mail(sieve, ((const struct mailbox *)message->reply_to->pdata[i])->addr);
    if (message->return_path)
        add_mail(sieve, message->return_path);
}

static void sieve_make(
    struct sieve *sieve, const struct message *message, const struct settings *settings)
{
    sieve->networks = g_ptr_array_new_with_free_func(g_object_unref);
    sieve->names = g_ptr_array_new_with_free_func(g_free);
    sieve->mails = g_ptr_array_new_with_free_func(g_free);
    sieve->senders = g_ptr_array_new_with_free_func(g_free);
    sieve->examples = g_strcmp0(settings->indicators.documentation, "yes") != 0;
    add_words(sieve, (const char *const *)settings->indicators.own);
    add_words(sieve, (const char *const *)settings->team.aliases);
    add_word(sieve, settings->team.address);
    if (sieve->examples) {
        add_words(sieve, example_networks);
        add_words(sieve, example_names);
    }
    if (g_strcmp0(settings->indicators.reporter, "yes") != 0)
        add_reporter(sieve, message);
}

static void sieve_clear(struct sieve *sieve)
{
    g_ptr_array_unref(sieve->networks);
    g_ptr_array_unref(sieve->names);
    g_ptr_array_unref(sieve->mails);
    g_ptr_array_unref(sieve->senders);
}

/* -- each kind -- */

static gboolean has(const GPtrArray *words, const char *word)
{
    for (guint i = 0; i < words->len; i++)
        if (g_str_equal(words->pdata[i], word))
            return TRUE;
    return FALSE;
}

static gboolean holds_name(const struct sieve *sieve, const char *name)
{
    for (guint i = 0; i < sieve->names->len; i++) {
        const char *ours = sieve->names->pdata[i];
        gsize length = strlen(name), end = strlen(ours);
        if (length >= end && g_str_equal(name + length - end, ours) &&
            (length == end || name[length - end - 1] == '.'))
            return TRUE;
    }
    return FALSE;
}

/* `bits` of it count; -1: all. */
static gboolean holds_address(const struct sieve *sieve, const char *text, int bits)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);

    for (guint i = 0; address && i < sieve->networks->len; i++) {
        GInetAddressMask *mask = sieve->networks->pdata[i];
        if (g_inet_address_mask_matches(mask, address) &&
            (bits < 0 || (guint)bits >= g_inet_address_mask_get_length(mask)))
            return TRUE;
    }
    return FALSE;
}

static gboolean holds_host(const struct sieve *sieve, const char *value)
{
    return holds_address(sieve, value, -1);
}

static gboolean holds_network(const struct sieve *sieve, const char *value)
{
    const char *slash = strchr(value, '/');
    g_autofree char *address = g_strndup(value, slash ? (gsize)(slash - value) : strlen(value));

    return holds_address(sieve, address, slash ? (int)g_ascii_strtoull(slash + 1, NULL, 10) : -1);
}

static gboolean holds_domain(const struct sieve *sieve, const char *value)
{
    return has(sieve->senders, value) || holds_name(sieve, value);
}

static gboolean holds_mail(const struct sieve *sieve, const char *value)
{
    const char *at = strrchr(value, '@');

    return has(sieve->mails, value) || holds_name(sieve, at ? at + 1 : value);
}

/* "http://user@host:80/x", "host/x", "http://[::1]/" */
static gboolean holds_url(const struct sieve *sieve, const char *value)
{
    const char *start = strstr(value, "://");
    const char *end, *at;
    g_autofree char *host = NULL;

    start = start ? start + 3 : value;
    end = start + strcspn(start, "/?#");
    at = memchr(start, '@', (gsize)(end - start));
    start = at ? at + 1 : start;
    if (*start == '[')
        host = g_strndup(start + 1, strcspn(start + 1, "]"));
    else
        host = g_strndup(start, MIN((gsize)(end - start), strcspn(start, ":")));
    return holds_address(sieve, host, -1) || holds_name(sieve, host);
}

static gboolean holds_system(const struct sieve *sieve, const char *value)
{
    guint64 number = g_ascii_strtoull(value + strlen("AS"), NULL, 10);

    for (gsize i = 0; sieve->examples && i < G_N_ELEMENTS(example_systems); i++)
        if (number >= example_systems[i].first && number <= example_systems[i].last)
            return TRUE;
    return FALSE;
}

static gboolean (*const holds[INDICATOR_KINDS])(const struct sieve *, const char *value) = {
    [INDICATOR_IPV4] = holds_host,
    [INDICATOR_IPV6] = holds_host,
    [INDICATOR_CIDR] = holds_network,
    [INDICATOR_DOMAIN] = holds_domain,
    [INDICATOR_URL] = holds_url,
    [INDICATOR_MAIL] = holds_mail,
    [INDICATOR_ASN] = holds_system,
};

static gboolean is_held(const struct indicator *one, gpointer sieve)
{
    return holds[one->kind] && holds[one->kind](sieve, one->value);
}

void desk_leave_out(const struct message *message, const struct settings *settings)
{
    struct sieve sieve;

    sieve_make(&sieve, message, settings);
    report_drop_indicators(message->report, is_held, &sieve);
    sieve_clear(&sieve);
}
