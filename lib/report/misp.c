/* MISP: an event, or the answer of a server with some. Attributes are indicators; when somebody
 * wrote one down (its "timestamp") is not when it was seen. */
#include "json-parts.h"
#include <string.h>

/* Each has values divided by '|': the kinds of them, INDICATOR_KINDS for one that is none. */
static const struct attribute {
    const char *type;
    enum indicator_kind kinds[2];
} attributes[] = {
    {"md5", {INDICATOR_MD5, INDICATOR_KINDS}},
    {"sha1", {INDICATOR_SHA1, INDICATOR_KINDS}},
    {"sha256", {INDICATOR_SHA256, INDICATOR_KINDS}},
    {"sha512", {INDICATOR_SHA512, INDICATOR_KINDS}},
    {"filename|md5", {INDICATOR_KINDS, INDICATOR_MD5}},
    {"filename|sha1", {INDICATOR_KINDS, INDICATOR_SHA1}},
    {"filename|sha256", {INDICATOR_KINDS, INDICATOR_SHA256}},
    {"filename|sha512", {INDICATOR_KINDS, INDICATOR_SHA512}},
    {"domain", {INDICATOR_DOMAIN, INDICATOR_KINDS}},
    {"hostname", {INDICATOR_DOMAIN, INDICATOR_KINDS}},
    {"hostname|port", {INDICATOR_DOMAIN, INDICATOR_KINDS}},
    {"url", {INDICATOR_URL, INDICATOR_KINDS}},
    {"uri", {INDICATOR_URL, INDICATOR_KINDS}},
    {"email", {INDICATOR_MAIL, INDICATOR_KINDS}},
    {"email-src", {INDICATOR_MAIL, INDICATOR_KINDS}},
    {"email-dst", {INDICATOR_MAIL, INDICATOR_KINDS}},
    {"email-reply-to", {INDICATOR_MAIL, INDICATOR_KINDS}},
    {"vulnerability", {INDICATOR_CVE, INDICATOR_KINDS}},
    {"AS", {INDICATOR_ASN, INDICATOR_KINDS}},
};

/* Addresses of either family, and networks. */
static gboolean is_of_addresses(const char *type)
{
    static const char *const types[] = {
        "ip-src", "ip-dst", "ip-src|port", "ip-dst|port", "domain|ip", NULL};

    return g_strv_contains(types, type);
}

static void take_parts(struct document *document, const struct attribute *attribute, char **parts)
{
    for (int i = 0; i < 2 && parts[i]; i++)
        if (attribute->kinds[i] < INDICATOR_KINDS)
            value_add_as(document->report, attribute->kinds[i], parts[i], document->place->from);
}

static void take_attribute(struct document *document, const json_t *one)
{
    const char *type = json_text(one, "type");
    g_auto(GStrv) parts = g_strsplit(json_text(one, "value"), "|", 2);

    for (char **part = parts; *part && is_of_addresses(type); part++)
        value_add(document->report, *part, document->place->from);
    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (g_str_equal(attributes[i].type, type))
            take_parts(document, &attributes[i], parts);
}

/* rsit:fraud="phishing" */
static void take_class(struct document *document, const char *tag)
{
    const char *equals = strchr(tag, '=');
    gsize quoted;
    g_autofree char *category = NULL;

    if (!g_str_has_prefix(tag, "rsit:") || !equals || equals[1] != '"')
        return;
    quoted = strcspn(equals + 2, "\"");
    category =
        g_strdup_printf("%.*s/%.*s", (int)(equals - tag - 5), tag + 5, (int)quoted, equals + 2);
    category_set(document->report, category);
}

static void take_tags(struct document *document, const json_t *of)
{
    gsize i;
    json_t *tag;

    json_array_foreach(json_object_get(of, "Tag"), i, tag) {
        tag_take(document, json_text(tag, "name"));
        take_class(document, json_text(tag, "name"));
    }
}

static void take_attributes(struct document *document, const json_t *of)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(of, "Attribute"), i, one) {
        take_attribute(document, one);
        take_tags(document, one);
    }
}

/* -- what was seen -- */

/* Which value of an attribute is a thing: "evil.exe|d41d8..." is known by its hash. */
static int thing_in(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (g_str_equal(attributes[i].type, type))
            return attributes[i].kinds[0] == INDICATOR_KINDS;
    return is_of_addresses(type) ? 0 : -1;
}

static void add_seen(struct document *document, const json_t *one, const char *time)
{
    int number = thing_in(json_text(one, "type"));
    g_auto(GStrv) parts = g_strsplit(json_text(one, "value"), "|", 2);
    const char *thing = number >= 0 && number < (int)g_strv_length(parts) ? parts[number] : "";
    gboolean address = value_is_address(thing);
    gboolean is_target = g_str_has_prefix(json_text(one, "type"), "ip-dst");

    event_add(document->report,
        (const char *[ROLES]){
            [ROLE_KIND] = json_text(one, "category"),
            [ROLE_TIME] = time,
            [ROLE_SOURCE] = address && !is_target ? thing : "",
            [ROLE_TARGET] = is_target ? thing : "",
            [ROLE_INDICATOR] = address ? "" : thing,
            [ROLE_EVIDENCE] = json_text(one, "comment"),
        },
        document->place->from);
}

/* Seconds since 1970, to RFC 3339. */
static char *moment_of(const char *seconds)
{
    guint64 at;
    g_autoptr(GDateTime) date = g_ascii_string_to_unsigned(seconds, 10, 1, G_MAXUINT32, &at, NULL)
                                    ? g_date_time_new_from_unix_utc((gint64)at)
                                    : NULL;

    return date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("");
}

/* "0": it was seen; others are false positives and ends of life. */
static void take_sightings(struct document *document, const json_t *one)
{
    gsize i;
    json_t *sighting;

    json_array_foreach(json_object_get(one, "Sighting"), i, sighting) {
        g_autofree char *type = json_word(sighting, "type");
        g_autofree char *seconds = json_word(sighting, "date_sighting");
        g_autofree char *moment = moment_of(seconds);
        if (document->report->sightings->len < LIMIT_SIGHTINGS &&
            (!*type || g_str_equal(type, "0")))
            add_seen(document, one, moment);
    }
}

static void take_seen(struct document *document, const json_t *of)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(of, "Attribute"), i, one) {
        if (*json_text(one, "first_seen"))
            add_seen(document, one, json_text(one, "first_seen"));
        take_sightings(document, one);
    }
}

/* What attributes of an object are to it, in "ip-port", "network-connection", "netflow", ... */
static const struct {
    const char *relation;
    enum role role;
} relations[] = {
    {"ip-src", ROLE_SOURCE},
    {"src_ip", ROLE_SOURCE},
    {"src-ip", ROLE_SOURCE},
    {"ip", ROLE_SOURCE},
    {"hostname-src", ROLE_SOURCE},
    {"src-port", ROLE_SOURCE_PORT},
    {"src_port", ROLE_SOURCE_PORT},
    {"ip-dst", ROLE_TARGET},
    {"dst_ip", ROLE_TARGET},
    {"dst-ip", ROLE_TARGET},
    {"hostname-dst", ROLE_TARGET},
    {"dst-port", ROLE_TARGET_PORT},
    {"dst_port", ROLE_TARGET_PORT},
    {"first-seen", ROLE_TIME},
    {"first-packet-seen", ROLE_TIME},
    {"time_first", ROLE_TIME},
    {"layer4-protocol", ROLE_PROTOCOL},
    {"protocol", ROLE_PROTOCOL},
};

static void take_role(const char *value[ROLES], const json_t *attribute)
{
    const char *relation = json_text(attribute, "object_relation");

    for (gsize i = 0; i < G_N_ELEMENTS(relations); i++)
        if (g_str_equal(relations[i].relation, relation) && !value[relations[i].role])
            value[relations[i].role] = json_text(attribute, "value");
}

/* An object of MISP is one event if it says from where or to where; else its attributes are. */
static void take_object(struct document *document, const json_t *object)
{
    const char *value[ROLES] = {[ROLE_KIND] = json_text(object, "name")};
    const char *seen = json_text(object, "first_seen");
    gsize i;
    json_t *one;

    take_attributes(document, object);
    json_array_foreach(json_object_get(object, "Attribute"), i, one)
        take_role(value, one);
    if (!value[ROLE_TIME] && *seen)
        value[ROLE_TIME] = seen;
    if (value[ROLE_SOURCE] || value[ROLE_TARGET])
        event_add(document->report, value, document->place->from);
    else
        take_seen(document, object);
}

static void take_event(struct document *document, const json_t *event)
{
    const char *from = document->place->from;
    gsize i;
    json_t *object;

    report_add_field(document->report, "report-id", json_text(event, "uuid"), from);
    report_add_field(document->report, "organisation", json_text(event, "Orgc.name"), from);
    report_add_field(document->report, "summary", json_text(event, "info"), from);
    take_tags(document, event);
    take_attributes(document, event);
    take_seen(document, event);
    json_array_foreach(json_object_get(event, "Object"), i, object)
        take_object(document, object);
}

static const char *wrong_with_attributes(const json_t *of)
{
    const json_t *list = json_object_get(of, "Attribute");
    gsize i;
    json_t *one;

    if (list && !json_is_array(list))
        return "Attribute is no list";
    json_array_foreach((json_t *)list, i, one)
        if (!*json_text(one, "type") || !json_is_string(json_object_get(one, "value")))
            return "an attribute without type and value";
    return NULL;
}

static const char *wrong_with(const json_t *event)
{
    if (!json_is_object(event))
        return "no Event";
    if (!json_is_uuid(json_text(event, "uuid")))
        return "no uuid";
    if (!json_is_string(json_object_get(event, "info")))
        return "no info";
    return wrong_with_attributes(event);
}

char *misp_read(struct document *document)
{
    json_t *list = json_object_get(document->root, "response");
    json_t *alone = json_object_get(document->root, "Event");
    const char *wrong = alone ? wrong_with(alone) : NULL;
    gsize i;
    json_t *one;

    json_array_foreach(list, i, one)
        if (!wrong)
            wrong = wrong_with(json_object_get(one, "Event"));
    if (wrong)
        return g_strdup(wrong);
    if (alone)
        take_event(document, alone);
    json_array_foreach(list, i, one)
        take_event(document, json_object_get(one, "Event"));
    return NULL;
}
