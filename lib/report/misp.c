/* MISP: an event, or the answer of a server with some. Attributes are indicators; when somebody
 * wrote one down is not when it was seen. */
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
    json_array_foreach(json_object_get(event, "Object"), i, object)
        take_attributes(document, object);
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
