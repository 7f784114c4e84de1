/* What the formats share: what a column or a label is called, what happened in words of RSIT, and
 * how one event becomes a sighting and its indicators. */
#include "label-words.h"
#include "report-parts.h"
#include <string.h>

/* Names without blanks and marks, in lower case. Shadowserver, AbuseHUB, JPCERT/CC, ACNS, notices.
 */
static const struct {
    const char *name;
    enum role role;
} names[] = {
    {"timestamp", ROLE_TIME},
    {"time", ROLE_TIME},
    {"datetime", ROLE_TIME},
    {"eventtime", ROLE_TIME},
    {"firstseen", ROLE_TIME},
    {"observedtime", ROLE_TIME},
    {"accesstime", ROLE_TIME},
    {"testedon", ROLE_TIME},
    {"recentinfringementtimestamp", ROLE_TIME},
    {"initialinfringementtimestamp", ROLE_TIME},
    {"date", ROLE_DAY},
    {"day", ROLE_DAY},
    {"eventdate", ROLE_DAY},
    {"timezone", ROLE_ZONE},
    {"tz", ROLE_ZONE},
    {"ip", ROLE_SOURCE},
    {"srcip", ROLE_SOURCE},
    {"sourceip", ROLE_SOURCE},
    {"sourceipaddress", ROLE_SOURCE},
    {"source", ROLE_SOURCE},
    {"src", ROLE_SOURCE},
    {"ipaddress", ROLE_SOURCE},
    {"ipaddr", ROLE_SOURCE},
    {"offendingip", ROLE_SOURCE},
    {"offendingsourceip", ROLE_SOURCE},
    {"attackerip", ROLE_SOURCE},
    {"clientip", ROLE_SOURCE},
    {"infringersipaddress", ROLE_SOURCE},
    {"port", ROLE_SOURCE_PORT},
    {"srcport", ROLE_SOURCE_PORT},
    {"sourceport", ROLE_SOURCE_PORT},
    {"infringersport", ROLE_SOURCE_PORT},
    {"portid", ROLE_SOURCE_PORT},
    {"dstip", ROLE_TARGET},
    {"destip", ROLE_TARGET},
    {"destinationip", ROLE_TARGET},
    {"destinationipaddress", ROLE_TARGET},
    {"targetip", ROLE_TARGET},
    {"targetedurl", ROLE_TARGET},
    {"target", ROLE_TARGET},
    {"destination", ROLE_TARGET},
    {"dst", ROLE_TARGET},
    {"dstport", ROLE_TARGET_PORT},
    {"destport", ROLE_TARGET_PORT},
    {"destinationport", ROLE_TARGET_PORT},
    {"targetport", ROLE_TARGET_PORT},
    {"protocol", ROLE_PROTOCOL},
    {"proto", ROLE_PROTOCOL},
    {"infection", ROLE_KIND},
    {"infectiontype", ROLE_KIND},
    {"malware", ROLE_KIND},
    {"virusname", ROLE_KIND},
    {"tag", ROLE_KIND},
    {"reporttype", ROLE_KIND},
    {"attacktype", ROLE_KIND},
    {"event", ROLE_KIND},
    {"signature", ROLE_KIND},
    {"indicator", ROLE_INDICATOR},
    {"url", ROLE_INDICATOR},
    {"uri", ROLE_INDICATOR},
    {"srcurl", ROLE_INDICATOR},
    {"cc", ROLE_INDICATOR},
    {"ccdns", ROLE_INDICATOR},
    {"domain", ROLE_INDICATOR},
    {"md5", ROLE_INDICATOR},
    {"sha1", ROLE_INDICATOR},
    {"sha256", ROLE_INDICATOR},
    {"md5hash", ROLE_INDICATOR},
    {"sha256hash", ROLE_INDICATOR},
    {"log", ROLE_EVIDENCE},
    {"evidence", ROLE_EVIDENCE},
    {"request", ROLE_EVIDENCE},
    {"useragent", ROLE_EVIDENCE},
};

/* "timestamp(UTC+0)", "time (JST)": the zone, as it stands there; NULL. */
static char *zone_in(const char *name)
{
    const char *open = strchr(name, '(');
    const char *close = open ? strchr(open, ')') : NULL;
    g_autofree char *zone = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;

    if (!zone) {
        g_autofree char *last = g_strdup(strrchr(name, '_') ? strrchr(name, '_') + 1 : "");
        return time_is_zone(last) ? g_steal_pointer(&last) : NULL;
    }
    return time_is_zone(zone) ? g_steal_pointer(&zone) : NULL;
}

/* Letters and digits up to a bracket or the zone. */
static char *plain_name(const char *name, const char *zone)
{
    GString *out = g_string_new(NULL);

    for (const char *at = name; *at && *at != '(' && out->len < 64; at++)
        if (*at == '_' && zone && g_str_equal(at + 1, zone))
            break;
        else if (g_ascii_isalnum(*at))
            g_string_append_c(out, g_ascii_tolower(*at));
        else if (!strchr(" _-.'/", *at))
            g_string_append_c(out, '?'); /* no name that is known has it */
    return g_string_free(out, FALSE);
}

enum role role_of(const char *name, char **zone)
{
    g_autofree char *found = strlen(name) < 128 ? zone_in(name) : NULL;
    g_autofree char *plain = plain_name(name, found);

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(names[i].name, plain)) {
            if (found && names[i].role == ROLE_TIME && !*zone)
                *zone = g_steal_pointer(&found);
            return names[i].role;
        }
    return ROLE_NONE;
}

/* -- what happened -- */

static const struct {
    const char *word, *category; /* class and type of RSIT v1003 */
} categories[] = {
    {"abuse", "abusive-content/spam"},
    {"spam", "abusive-content/spam"},
    {"bulk messaging", "abusive-content/spam"},
    {"blocklist", "other/undetermined"}, /* of what, a list says only in words of its own */
    {"dnsbl listing", "abusive-content/spam"},
    {"harvesting", "information-gathering/scanner"},
    {"fraud", "fraud/phishing"}, /* RFC 5965 section 7.3 */
    {"content fraud", "fraud/masquerade"},
    {"cryptocurrency scam", "fraud/masquerade"},
    {"brand infringement", "fraud/masquerade"},
    {"suspicious registration", "fraud/masquerade"},
    {"phishing", "fraud/phishing"},
    {"virus", "malicious-code/malware-distribution"},
    {"malware", "malicious-code/malware-distribution"},
    {"malware attack", "malicious-code/malware-distribution"},
    {"botnet", "malicious-code/infected-system"},
    {"infected host", "malicious-code/infected-system"},
    {"login attack", "intrusion-attempts/brute-force"},
    {"sql injection", "intrusion-attempts/exploit"},
    {"vulnerability scan", "information-gathering/scanner"},
    {"port scan", "information-gathering/scanner"},
    {"reconnaissance", "information-gathering/scanner"},
    {"scraping", "information-gathering/scanner"},
    {"ddos", "availability/ddos"},
    {"dos", "availability/dos"},
    {"defacement", "information-content-security/unauthorised-information-modification"},
    {"targeted attack", "intrusions/system-compromise"},
    {"other", "other/other"},
    {"remote compromise", "intrusions/application-compromise"},
    {"compromised server", "intrusions/system-compromise"},
    {"exposed data", "information-content-security/data-leak"},
    {"copyright", "fraud/copyright"},
    {"p2p", "fraud/copyright"},
    {"cyberlocker", "fraud/copyright"},
    {"link site", "fraud/copyright"},
    {"ugc platform", "fraud/copyright"},
    {"usenet", "fraud/copyright"},
    {"cve", "vulnerable/vulnerable-system"},
    {"misconfiguration", "vulnerable/potentially-unwanted-accessible"},
    {"open service", "vulnerable/potentially-unwanted-accessible"},
    {"threat intelligence", "other/undetermined"},
};

const char *category_of(const char *word)
{
    g_autofree char *plain = g_ascii_strdown(word, -1);

    g_strdelimit(plain, "-_", ' ');
    for (gsize i = 0; i < G_N_ELEMENTS(categories); i++)
        if (g_str_equal(categories[i].word, plain))
            return categories[i].category;
    return NULL;
}

void category_set(struct report *report, const char *category)
{
    if (category && !*report->category)
        report_set(&report->category, category);
}

/* -- labels -- */

/* TLP 1.0 said WHITE; of PAP it is said, too. */
static const char *label_of(const char *word)
{
    g_autofree char *upper = g_ascii_strup(word, -1);

    for (int label = 0; label < TLP_LABELS; label++)
        if (g_str_equal(label_name((enum tlp)label), upper))
            return label_name((enum tlp)label);
    return label_name(g_str_equal(upper, "WHITE") ? TLP_CLEAR : TLP_UNKNOWN);
}

static gboolean has_marking(const struct report *report, const struct marking *marking)
{
    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = g_ptr_array_index(report->markings, i);
        if (g_str_equal(one->scheme, marking->scheme) && g_str_equal(one->label, marking->label) &&
            g_str_equal(one->from, marking->from))
            return TRUE;
    }
    return FALSE;
}

void marking_add_new(struct report *report, const struct marking *marking)
{
    if (!has_marking(report, marking))
        report_add_marking(report, marking);
}

void marking_add(struct report *report, const char *written, const char *from)
{
    const char *colon = strchr(written, ':');
    gboolean is_pap = colon && !g_ascii_strncasecmp(written, "PAP", 3);
    struct marking marking = {(char *)(is_pap ? "PAP" : "TLP"),
        (char *)label_of(colon ? colon + 1 : written), (char *)written, (char *)from, FALSE};

    marking_add_new(report, &marking);
}

/* -- one event -- */

static const char *said(const char *const value[ROLES], enum role role)
{
    return value[role] ? value[role] : "";
}

static void set_time(struct sighting *sighting, const char *const value[ROLES])
{
    const char *day = said(value, ROLE_DAY);
    const char *clock = said(value, ROLE_TIME);
    /* A day beside a whole moment says nothing more. */
    g_autofree char *joined = g_strconcat(day, *day && *clock ? " " : "", clock, NULL);
    const char *zone = said(value, ROLE_ZONE);
    g_autofree char *moment = NULL;

    report_set(&sighting->time, *clock ? clock : day);
    if (time_read(clock, zone, &moment, &sighting->at) ||
        time_read(joined, zone, &moment, &sighting->at))
        report_set(&sighting->time, moment);
    else if (*clock && *day && strlen(clock) < strlen("2026-03-02 09:00"))
        report_set(&sighting->time, joined);
}

void event_add(struct report *report, const char *const value[ROLES], const char *from)
{
    const char *source = said(value, ROLE_SOURCE);
    const char *thing = said(value, ROLE_INDICATOR);
    const char *target = said(value, ROLE_TARGET);
    g_autofree char *canonical = NULL;
    struct sighting *one;

    if (!*source && !*thing && !*target)
        return;
    if (*source)
        value_add(report, source, from);
    if (*thing)
        value_add(report, thing, from);
    one = report_add_sighting(report, from);
    if (!one)
        return;
    set_time(one, value);
    report_set(&one->kind, said(value, ROLE_KIND));
    canonical = value_canonical(*source ? source : thing);
    report_set(&one->source, canonical ? canonical : *source ? source : thing);
    report_set(&one->source_port, said(value, ROLE_SOURCE_PORT));
    report_set(&one->target, target);
    report_set(&one->target_port, said(value, ROLE_TARGET_PORT));
    report_set(&one->protocol, said(value, ROLE_PROTOCOL));
    report_set(&one->evidence, said(value, ROLE_EVIDENCE));
}

void format_read(struct report *report, const char *format, const struct place *place)
{
    report_add_format(report, format);
    if (place->whole)
        *place->whole = TRUE;
}

void format_damaged(
    struct report *report, const char *format, const struct place *place, const char *why)
{
    g_autofree char *text = g_strdup_printf("%s %s: %s", format, place->from, why);

    report_add_damaged(report, text);
}
