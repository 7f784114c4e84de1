/* XARF 3 and 4: one report a document. Payloads of evidence stay as they are. */
#include "json-parts.h"
#include <string.h>

enum { MOST_EVIDENCE = 50 };

static char *no(const char *name)
{
    return g_strdup_printf("no %s", name);
}

/* -- version 4 -- */

/* Each type of each category: what it demands beside the core. The first letter of a demand is its
 * type. */
static const struct type {
    const char *category, *type;
    const char *needed[4];
} types[] = {
    {"messaging", "spam", {"s protocol"}},
    {"messaging", "bulk_messaging", {"s protocol", "i recipient_count"}},
    {"content", "phishing", {"s url"}},
    {"content", "malware", {"s url"}},
    {"content", "fraud", {"s url", "s fraud_type"}},
    {"content", "brand_infringement", {"s url", "s infringement_type", "s legitimate_site"}},
    {"content", "exposed_data", {"s url", "a data_types", "s exposure_method"}},
    {"content", "remote_compromise", {"s url", "s compromise_type"}},
    {"content", "suspicious_registration",
        {"s url", "s registration_date", "a suspicious_indicators"}},
    {"copyright", "copyright", {"s infringing_url"}},
    {"copyright", "p2p", {"s p2p_protocol"}},
    {"copyright", "cyberlocker", {"s infringing_url", "s hosting_service"}},
    {"copyright", "link_site", {"s infringing_url", "s site_name"}},
    {"copyright", "ugc_platform", {"s infringing_url", "s platform_name"}},
    {"copyright", "usenet", {"s newsgroup"}},
    {"connection", "ddos", {"s first_seen", "s protocol"}},
    {"connection", "infected_host", {"s bot_type", "s first_seen", "s protocol"}},
    {"connection", "login_attack", {"s first_seen", "s protocol"}},
    {"connection", "port_scan", {"s first_seen", "s protocol"}},
    {"connection", "reconnaissance", {"s first_seen", "a probed_resources", "s protocol"}},
    {"connection", "scraping", {"s first_seen", "s protocol", "i total_requests"}},
    {"connection", "sql_injection", {"s first_seen", "s protocol"}},
    {"connection", "vulnerability_scan", {"s first_seen", "s protocol", "s scan_type"}},
    {"vulnerability", "cve", {"s cve_id", "s service", "i service_port"}},
    {"vulnerability", "open_service", {"s service"}},
    {"vulnerability", "misconfiguration", {"s service"}},
    {"infrastructure", "botnet", {"s compromise_evidence"}},
    {"infrastructure", "compromised_server", {"s compromise_method"}},
    {"reputation", "blocklist", {"s threat_type"}},
    {"reputation", "threat_intelligence", {"s threat_type"}},
};

static const struct type *type_of(const json_t *root)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_equal(types[i].category, json_text(root, "category")) &&
            g_str_equal(types[i].type, json_text(root, "type")))
            return &types[i];
    return NULL;
}

/* The type alone may be a word that means something else elsewhere. */
static const char *rsit_of(const json_t *root)
{
    g_autofree char *whole =
        g_strdup_printf("%s %s", json_text(root, "category"), json_text(root, "type"));
    const char *found = category_of(whole);

    return found ? found : category_of(json_text(root, "type"));
}

static gboolean is_of_type(char letter, const json_t *value)
{
    if (letter == 's')
        return json_is_string(value) && json_string_length(value) > 0;
    return letter == 'i' ? json_is_integer(value) : json_is_array(value);
}

static char *wrong_for_type(const json_t *root)
{
    const struct type *type = type_of(root);

    if (!type)
        return g_strdup("its category has no such type");
    for (gsize i = 0; i < G_N_ELEMENTS(type->needed) && type->needed[i]; i++)
        if (!is_of_type(*type->needed[i], json_object_get(root, type->needed[i] + 2)))
            return no(type->needed[i] + 2);
    return NULL;
}

/* "4.2.0" */
static gboolean is_version_4(const char *version)
{
    gsize middle;

    if (!g_str_has_prefix(version, "4."))
        return FALSE;
    version += 2;
    middle = strspn(version, "0123456789");
    if (middle == 0 || version[middle] != '.')
        return FALSE;
    version += middle + 1;
    return *version && strspn(version, "0123456789") == strlen(version);
}

static gboolean is_moment(const char *text)
{
    g_autofree char *moment = NULL;
    gint64 at;

    return time_read(text, NULL, &moment, &at);
}

static gboolean is_evidence(const json_t *evidence)
{
    gsize i;
    json_t *one;

    if (!evidence)
        return TRUE;
    if (!json_is_array(evidence) || json_array_size(evidence) > MOST_EVIDENCE)
        return FALSE;
    json_array_foreach((json_t *)evidence, i, one)
        if (!*json_text(one, "content_type") || !json_is_string(json_object_get(one, "payload")))
            return FALSE;
    return TRUE;
}

static gboolean is_port(const json_t *port)
{
    return !port || (json_is_integer(port) && json_integer_value(port) >= 1 &&
                        json_integer_value(port) <= 65535);
}

static char *wrong_with_4(const json_t *root)
{
    static const char *const needed[] = {"xarf_version", "report_id", "timestamp", "reporter.org",
        "reporter.contact", "reporter.domain", "sender.org", "sender.contact", "sender.domain",
        "source_identifier", "category", "type", NULL};
    const char *missing = json_missing(root, needed);

    if (missing)
        return no(missing);
    if (!is_version_4(json_text(root, "xarf_version")))
        return g_strdup("xarf_version is not 4");
    if (!json_is_uuid(json_text(root, "report_id")))
        return g_strdup("report_id is no UUID");
    if (!is_moment(json_text(root, "timestamp")))
        return g_strdup("timestamp is no time with a zone");
    if (!is_port(json_object_get(root, "source_port")))
        return g_strdup("source_port is no port");
    if (!is_evidence(json_object_get(root, "evidence")))
        return g_strdup("evidence is no list of evidence");
    return wrong_for_type(root);
}

static void take_tags(struct document *document)
{
    gsize i;
    json_t *tag;

    json_array_foreach(json_object_get(document->root, "tags"), i, tag)
        if (json_is_string(tag))
            tag_take(document, json_string_value(tag));
}

/* Of the things that are not the source: what is served, spread, or open. */
static void take_things(struct document *document, const char *const *names)
{
    for (; *names; names++) {
        const char *value = json_text(document->root, *names);
        if (*value)
            value_add(document->report, value, document->place->from);
    }
}

static void take_reporter(struct document *document, const char *const path[3])
{
    static const char *const names[] = {"report-id", "organisation", "contact"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (path[i])
            report_add_field(document->report, names[i], json_text(document->root, path[i]),
                document->place->from);
}

char *xarf_4_read(struct document *document)
{
    static const char *const things[] = {"url", "domain", "infringing_url", "cve_id", "c2_server",
        "file_hash", "hashes.sha256", "hashes.md5", "hashes.sha1", NULL};
    const json_t *root = document->root;
    g_autofree char *wrong = wrong_with_4(root);
    g_autofree char *port = json_word(root, "source_port");
    g_autofree char *target_port = json_word(root, "destination_port");

    if (wrong)
        return g_steal_pointer(&wrong);
    category_set(document->report, rsit_of(root));
    take_reporter(document, (const char *[]){"report_id", "reporter.org", "reporter.contact"});
    event_add(document->report,
        (const char *[ROLES]){
            [ROLE_KIND] = json_text(root, "type"),
            [ROLE_TIME] = json_text(root, "timestamp"),
            [ROLE_SOURCE] = json_text(root, "source_identifier"),
            [ROLE_SOURCE_PORT] = port,
            [ROLE_TARGET] = json_text(root, "destination_ip"),
            [ROLE_TARGET_PORT] = target_port,
            [ROLE_PROTOCOL] = json_text(root, "protocol"),
            [ROLE_EVIDENCE] = json_text(root, "description"),
        },
        document->place->from);
    take_things(document, things);
    take_tags(document);
    return NULL;
}

/* -- version 3 -- */

/* Flat as the schema has it, or in "Source" and "AdditionalInfo" as reporters write it. */
static char *word_3(const json_t *root, const char *flat, const char *nested)
{
    g_autofree char *word = json_word(root, flat);

    return *word ? g_steal_pointer(&word) : json_word(root, nested);
}

static char *source_3(const json_t *root)
{
    static const char *const paths[] = {"Report.SourceIp", "Report.Source.IP", "Report.SourceUrl",
        "Report.Source.URL", "Report.Url", "Report.Source.Domain"};

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (*json_text(root, paths[i]))
            return g_strdup(json_text(root, paths[i]));
    return g_strdup("");
}

static char *wrong_with_3(const json_t *root)
{
    static const char *const needed[] = {"ReporterInfo.ReporterOrg",
        "ReporterInfo.ReporterOrgEmail", "Report.ReportClass", "Report.ReportType", "Report.Date",
        NULL};
    g_autofree char *version = json_word(root, "Version");
    const char *missing = json_missing(root, needed);

    if (!*version)
        return no("Version");
    if (missing)
        return no(missing);
    if (!g_str_equal(version, "3") && !g_str_has_prefix(version, "3."))
        return g_strdup("Version is not 3");
    return is_moment(json_text(root, "Report.Date")) ? NULL
                                                     : g_strdup("Date is no time with a zone");
}

char *xarf_3_read(struct document *document)
{
    static const char *const things[] = {"Report.SourceUrl", "Report.Source.URL", "Report.Url",
        "Report.Source.IP", "Report.AdditionalInfo.C2Server", NULL};
    const json_t *root = document->root;
    g_autofree char *wrong = wrong_with_3(root);
    g_autofree char *source = source_3(root);
    g_autofree char *port = word_3(root, "Report.SourcePort", "Report.Source.Port");
    g_autofree char *target =
        word_3(root, "Report.DestinationIp", "Report.AdditionalInfo.DestinationIP");
    g_autofree char *target_port =
        word_3(root, "Report.DestinationPort", "Report.AdditionalInfo.DestinationPort");
    g_autofree char *protocol = word_3(root, "Report.Protocol", "Report.AdditionalInfo.Protocol");

    if (wrong || !*source)
        return wrong ? g_steal_pointer(&wrong) : no("source");
    category_set(document->report, category_of(json_text(root, "Report.ReportType")));
    take_reporter(document, (const char *[]){"Report.ReportID", "ReporterInfo.ReporterOrg",
                                "ReporterInfo.ReporterOrgEmail"});
    event_add(document->report,
        (const char *[ROLES]){
            [ROLE_KIND] = json_text(root, "Report.ReportType"),
            [ROLE_TIME] = json_text(root, "Report.Date"),
            [ROLE_SOURCE] = source,
            [ROLE_SOURCE_PORT] = port,
            [ROLE_TARGET] = target,
            [ROLE_TARGET_PORT] = target_port,
            [ROLE_PROTOCOL] = protocol,
        },
        document->place->from);
    take_things(document, things);
    return NULL;
}
