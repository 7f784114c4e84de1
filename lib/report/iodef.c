/* IODEF, in the shape of its JSON form (RFC 8727): version 1 (RFC 5070) and 2 (RFC 7970). One
 * document may have several incidents of the team that sends it. */
#include "json-parts.h"
#include <string.h>

enum { MOST_EVENTS_IN_EVENTS = 8, MOST_OF_A_HASH = 64, MOST_IN_BULK = LIMIT_INDICATORS };

/* Of a value that may be itself, an object around it, or a list that begins with it. */
static const char *text_of(const json_t *value)
{
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_object(value)) {
        const char *text = json_text(value, "value");
        return *text ? text : json_text(value, "id");
    }
    return json_is_string(value) ? json_string_value(value) : "";
}

static const char *text_at(const json_t *object, const char *name)
{
    return text_of(json_object_get(object, name));
}

static char *word_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return g_strdup(text_of(value));
}

static const json_t *first_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_array(value) ? json_array_get(value, 0) : value;
}

/* What is there once may stand without its list. */
static gsize count_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_array(value) ? json_array_size(value) : value != NULL;
}

static const json_t *item_at(const json_t *object, const char *name, gsize number)
{
    const json_t *value = json_object_get(object, name);

    return json_is_array(value) ? json_array_get(value, number) : value;
}

/* -- restriction, purpose, numbers -- */

/* RFC 7970 3.3.1 has colours of TLP among the words of its own. */
static void take_restriction(struct document *document, const json_t *object)
{
    static const char *const colours[] = {"white", "green", "amber", "red", "clear", NULL};
    const char *word = json_text(object, "restriction");

    if (g_strv_contains(colours, word))
        marking_add(document->report, word, document->place->from);
    else
        report_add_field(document->report, "restriction", word, document->place->from);
}

static void take_heading(struct document *document, const json_t *incident)
{
    const char *from = document->place->from;
    const json_t *id = first_at(incident, "IncidentID");
    const char *number = text_of(id);

    report_add_ticket(document->report, json_text(id, "name"), number, from);
    report_add_field(document->report, "purpose", json_text(incident, "purpose"), from);
    report_add_field(document->report, "time-reported", text_at(incident, "ReportTime"), from);
    report_add_field(document->report, "time-generated", text_at(incident, "GenerationTime"), from);
    report_add_field(document->report, "summary", text_at(incident, "Description"), from);
    take_restriction(document, incident);
}

/* -- what happened -- */

/* RFC 5070 3.10.1: what an impact is called there. */
static const struct {
    const char *type, *category;
} impacts[] = {
    {"dos", "availability/dos"},
    {"recon", "information-gathering/scanner"},
    {"admin", "intrusions/privileged-account-compromise"},
    {"user", "intrusions/unprivileged-account-compromise"},
    {"info-leak", "information-content-security/data-leak"},
    {"social-engineering", "information-gathering/social-engineering"},
    {"breach-privacy", "information-content-security/data-leak"},
    {"takeover-account", "intrusions/unprivileged-account-compromise"},
    {"takeover-system", "intrusions/system-compromise"},
};

static const char *impact_of(const json_t *object)
{
    const json_t *assessment = first_at(object, "Assessment");
    const json_t *impact = first_at(assessment, "Impact");

    if (!impact)
        impact = first_at(assessment, "SystemImpact");
    return json_text(impact, "type");
}

static void take_impact(struct document *document, const json_t *object)
{
    const char *type = impact_of(object);

    for (gsize i = 0; i < G_N_ELEMENTS(impacts); i++)
        if (g_str_equal(impacts[i].type, type))
            category_set(document->report, impacts[i].category);
}

static const char *name_of_node(const json_t *node)
{
    const char *name = text_at(node, "NodeName");

    return *name ? name : text_at(first_at(node, "DomainData"), "Name");
}

static const char *address_of(const json_t *system)
{
    const json_t *node = first_at(system, "Node");
    const char *address = text_at(node, "Address");

    return *address ? address : name_of_node(node);
}

static char *port_of(const json_t *system)
{
    const json_t *service = first_at(system, "Service");
    g_autofree char *port = word_at(service, "Port");

    return *port ? g_steal_pointer(&port) : word_at(service, "Portlist");
}

/* IANA's numbers of the few that are seen; others stay numbers. */
static char *protocol_of(const json_t *system)
{
    static const struct {
        const char *number, *name;
    } names[] = {{"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}};
    const json_t *service = first_at(system, "Service");
    g_autofree char *number = word_at(service, "ip-protocol");
    g_autofree char *old = word_at(service, "ip_protocol"); /* RFC 5070 3.17 */

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(names[i].number, *number ? number : old))
            return g_strdup(names[i].name);
    return g_strdup(*number ? number : old);
}

static gboolean is_target(const json_t *system)
{
    const char *category = json_text(system, "category");

    return g_str_equal(category, "target") || g_str_equal(category, "intermediate");
}

/* Every address and name of a source is an indicator. */
static void take_node(struct document *document, const json_t *system)
{
    const json_t *node = first_at(system, "Node");
    const char *from = document->place->from;

    for (gsize i = 0; i < count_at(node, "Address"); i++) {
        const json_t *address = item_at(node, "Address", i);
        enum indicator_kind kind = INDICATOR_ASN;
        if (g_str_equal(json_text(address, "category"), "asn"))
            value_add_as(document->report, kind, text_of(address), from);
        else
            value_add(document->report, text_of(address), from);
    }
    value_add(document->report, name_of_node(node), from);
}

/* A flow's first source and first target are one event, each further source is one, too. */
static void take_flow(struct document *document, const json_t *flow, const json_t *event)
{
    const json_t *target = NULL;
    g_autofree char *target_port = NULL;
    const char *start = text_at(event, "StartTime");

    for (gsize i = 0; i < count_at(flow, "System") && !target; i++)
        if (is_target(item_at(flow, "System", i)))
            target = item_at(flow, "System", i);
    target_port = port_of(target);
    for (gsize i = 0; i < count_at(flow, "System"); i++) {
        const json_t *system = item_at(flow, "System", i);
        g_autofree char *port = port_of(system);
        g_autofree char *protocol = protocol_of(system);
        if (is_target(system))
            continue;
        take_node(document, system);
        event_add(document->report,
            (const char *[ROLES]){
                [ROLE_KIND] = impact_of(event),
                [ROLE_TIME] = *start ? start : text_at(event, "DetectTime"),
                [ROLE_SOURCE] = address_of(system),
                [ROLE_SOURCE_PORT] = port,
                [ROLE_TARGET] = address_of(target),
                [ROLE_TARGET_PORT] = target_port,
                [ROLE_PROTOCOL] = protocol,
                [ROLE_EVIDENCE] = text_at(event, "Description"),
            },
            document->place->from);
    }
}

/* As XML signatures have them, in base64 (RFC 7970 3.26.1); many write hexadecimal digits. */
static void take_hash(struct document *document, const json_t *hash)
{
    const char *written = text_at(hash, "DigestValue");
    gsize length = 0;
    g_autofree guchar *bytes =
        strlen(written) < LIMIT_FOUND_BYTES ? g_base64_decode(written, &length) : NULL;
    g_autoptr(GString) digits = g_string_new(NULL);

    for (gsize i = 0; i < length && i < MOST_OF_A_HASH; i++)
        g_string_append_printf(digits, "%02x", bytes[i]);
    if (!value_add(document->report, written, document->place->from))
        value_add(document->report, digits->str, document->place->from);
}

static void take_hashes(struct document *document, const json_t *data)
{
    for (gsize i = 0; i < count_at(data, "Hash"); i++)
        take_hash(document, item_at(data, "Hash", i));
}

/* RFC 7970 3.25 and 3.26 */
static void take_files(struct document *document, const json_t *parent)
{
    const json_t *data = first_at(parent, "FileData");

    for (gsize i = 0; i < count_at(data, "File"); i++) {
        const json_t *file = item_at(data, "File", i);
        for (gsize n = 0; n < count_at(file, "HashData"); n++)
            take_hashes(document, item_at(file, "HashData", n));
    }
}

/* RFC 7970 3.22 */
static void take_records(struct document *document, const json_t *parent)
{
    const json_t *record = first_at(parent, "Record");

    if (!record)
        record = parent;
    for (gsize i = 0; i < count_at(record, "RecordData"); i++)
        take_files(document, item_at(record, "RecordData", i));
}

static void take_events(struct document *document, const json_t *parent, int depth)
{
    for (gsize i = 0; i < count_at(parent, "EventData") && depth < MOST_EVENTS_IN_EVENTS; i++) {
        const json_t *event = item_at(parent, "EventData", i);
        for (gsize n = 0; n < count_at(event, "Flow"); n++)
            take_flow(document, item_at(event, "Flow", n), event);
        take_records(document, event);
        take_impact(document, event);
        take_restriction(document, event);
        take_events(document, event, depth + 1);
    }
}

/* Many of one kind, a line each (RFC 7970 3.29.3.1). */
static void take_bulk(struct document *document, const json_t *bulk)
{
    g_auto(GStrv) lines = g_strsplit(text_at(bulk, "BulkObservableList"), "\n", MOST_IN_BULK);

    for (char **line = lines; *line; line++)
        value_add(document->report, *line, document->place->from);
}

/* RFC 7970 3.29: what to look for. */
static void take_observable(struct document *document, const json_t *observable)
{
    const char *from = document->place->from;
    const json_t *domain = first_at(observable, "DomainData");

    value_add(document->report, text_at(observable, "Address"), from);
    value_add(document->report, text_at(domain, "Name"), from);
    value_add(document->report, text_at(first_at(observable, "EmailData"), "EmailFrom"), from);
    if (json_object_get(observable, "System"))
        take_node(document, first_at(observable, "System"));
    take_files(document, observable);
    take_records(document, observable);
    take_bulk(document, first_at(observable, "BulkObservable"));
}

static void take_indicators(struct document *document, const json_t *incident)
{
    const json_t *data = first_at(incident, "IndicatorData");

    for (gsize i = 0; i < count_at(data, "Indicator"); i++) {
        const json_t *one = item_at(data, "Indicator", i);
        for (gsize n = 0; n < count_at(one, "Observable"); n++)
            take_observable(document, item_at(one, "Observable", n));
    }
}

/* -- the document -- */

static gboolean is_moment(const char *text)
{
    g_autofree char *moment = NULL;
    gint64 at;

    return time_read(text, NULL, &moment, &at);
}

static char *wrong_with(const json_t *incident)
{
    static const char *const purposes[] = {
        "traceback", "mitigation", "reporting", "watch", "other", "ext-value", NULL};
    const json_t *id = first_at(incident, "IncidentID");

    if (!*text_of(id) || !*json_text(id, "name"))
        return g_strdup("no IncidentID");
    if (!g_strv_contains(purposes, json_text(incident, "purpose")))
        return g_strdup("no purpose");
    if (!is_moment(text_at(incident, "GenerationTime")) &&
        !is_moment(text_at(incident, "ReportTime")))
        return g_strdup("no time");
    return count_at(incident, "Contact") ? NULL : g_strdup("no Contact");
}

char *iodef_read(struct document *document)
{
    const json_t *root = document->root;
    char *wrong = count_at(root, "Incident") ? NULL : g_strdup("no Incident");

    for (gsize i = 0; i < count_at(root, "Incident") && !wrong; i++)
        wrong = wrong_with(item_at(root, "Incident", i));
    for (gsize i = 0; i < count_at(root, "Incident") && !wrong; i++) {
        const json_t *incident = item_at(root, "Incident", i);
        take_heading(document, incident);
        take_impact(document, incident);
        take_events(document, incident, 0);
        take_indicators(document, incident);
    }
    return wrong;
}
