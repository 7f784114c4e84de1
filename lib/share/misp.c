/* A MISP event: attributes, and what was seen as objects "network-connection". */
#include "sharing-parts.h"
#include <string.h>

#define CONNECTION_TEMPLATE "af16764b-f8e5-4603-9de1-de34d272f80b"

static const struct {
    enum indicator_kind kind;
    const char *type, *category;
} types[] = {
    {INDICATOR_IPV4, "ip-src", "Network activity"},
    {INDICATOR_IPV6, "ip-src", "Network activity"},
    {INDICATOR_CIDR, "ip-src", "Network activity"},
    {INDICATOR_DOMAIN, "domain", "Network activity"},
    {INDICATOR_URL, "url", "Network activity"},
    {INDICATOR_MAIL, "email-src", "Payload delivery"},
    {INDICATOR_MD5, "md5", "Payload delivery"},
    {INDICATOR_SHA1, "sha1", "Payload delivery"},
    {INDICATOR_SHA256, "sha256", "Payload delivery"},
    {INDICATOR_SHA512, "sha512", "Payload delivery"},
    {INDICATOR_CVE, "vulnerability", "External analysis"},
    {INDICATOR_ASN, "AS", "Network activity"},
};

struct naming {
    const char *type, *category, *relation; /* relation: in an object; NULL */
};

static json_t *attribute(
    const struct share *share, const struct naming *naming, const char *value, const char *seed)
{
    g_autofree char *id = part_id(share, seed, value);
    g_autofree char *stamp = g_strdup_printf("%" G_GINT64_FORMAT, share->changed_at);
    gboolean weakness = g_str_equal(naming->type, "vulnerability");
    gboolean looked_for = !naming->relation && !weakness && strcmp(naming->type, "text") != 0;
    json_t *row = json_pack("{s:o,s:s,s:s,s:o,s:b,s:s,s:o,s:s}", "uuid", part_string(id), "type",
        naming->type, "category", naming->category, "value", part_string(value), "to_ids",
        looked_for, "distribution", "5", "timestamp", part_string(stamp), "comment", "");

    if (naming->relation)
        json_object_set_new(row, "object_relation", json_string(naming->relation));
    return row;
}

static json_t *attributes(const struct share *share)
{
    json_t *rows = json_array();

    for (guint i = 0; i < share->indicators->len; i++) {
        const struct indicator *one = share->indicators->pdata[i];
        struct naming naming = {"text", "Other", NULL};
        for (gsize t = 0; t < G_N_ELEMENTS(types); t++)
            if (types[t].kind == one->kind)
                naming = (struct naming){types[t].type, types[t].category, NULL};
        json_array_append_new(rows, attribute(share, &naming, one->value, naming.type));
    }
    return rows;
}

/* -- what was seen -- */

struct part {
    struct naming naming;
    const char *value;
};

static json_t *parts_of(const struct share *share, const struct sighting *one, const char *seed)
{
    gboolean named = part_kind_of(one->source) == INDICATOR_DOMAIN;
    gboolean to_name = part_kind_of(one->target) == INDICATOR_DOMAIN;
    g_autofree char *time = one->at ? part_moment(one->at) : g_strdup("");
    const struct part parts[] = {
        {{named ? "hostname" : "ip-src", "Network activity", named ? "hostname-src" : "ip-src"},
            one->source},
        {{"port", "Network activity", "src-port"}, one->source_port},
        {{to_name ? "hostname" : "ip-dst", "Network activity", to_name ? "hostname-dst" : "ip-dst"},
            one->target},
        {{"port", "Network activity", "dst-port"}, one->target_port},
        {{"text", "Other", "layer4-protocol"}, one->protocol},
        {{"datetime", "Other", "first-packet-seen"}, time},
    };
    json_t *rows = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *own = g_strconcat(seed, "\n", parts[i].naming.relation, NULL);
        if (*parts[i].value)
            json_array_append_new(rows, attribute(share, &parts[i].naming, parts[i].value, own));
    }
    return rows;
}

/* What is neither an address nor a name has no end of a connection. */
static gboolean is_connection(const struct sighting *one)
{
    enum indicator_kind kind = part_kind_of(one->source);

    return kind == INDICATOR_IPV4 || kind == INDICATOR_IPV6 || kind == INDICATOR_DOMAIN;
}

static json_t *object(const struct share *share, const struct sighting *one, guint number)
{
    g_autofree char *seed = g_strdup_printf("connection %u", number);
    g_autofree char *id = part_id(share, seed, "");
    g_autofree char *comment =
        g_strconcat(one->kind, *one->kind && *one->evidence ? ": " : "", one->evidence, NULL);
    g_autofree char *stamp = g_strdup_printf("%" G_GINT64_FORMAT, share->changed_at);

    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:o,s:o}", "name", "network-connection",
        "meta-category", "network", "description", "", "template_uuid", CONNECTION_TEMPLATE,
        "template_version", "3", "uuid", part_string(id), "timestamp", part_string(stamp),
        "distribution", "5", "comment", part_string(comment), "Attribute",
        parts_of(share, one, seed));
}

static json_t *objects(const struct share *share)
{
    json_t *rows = json_array();

    for (guint i = 0; i < share->sightings->len; i++)
        if (is_connection(share->sightings->pdata[i]))
            json_array_append_new(rows, object(share, share->sightings->pdata[i], i));
    return rows;
}

/* -- the whole -- */

/* To whom a server gives it on by itself: only what everybody may know goes far. */
static const char *distribution_of(const struct share *share)
{
    return g_str_equal(share->label, "TLP:CLEAR")   ? "3"
           : g_str_equal(share->label, "TLP:GREEN") ? "1"
                                                    : "0";
}

static const char *threat_of(const struct share *share)
{
    static const struct {
        const char *severity, *level;
    } levels[] = {{"critical", "1"}, {"high", "1"}, {"medium", "2"}, {"low", "3"}};

    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++)
        if (g_str_equal(levels[i].severity, share->severity))
            return levels[i].level;
    return "4";
}

static json_t *tags(const struct share *share)
{
    g_autofree char *word = part_label_word(share);
    g_autofree char *label = g_strconcat("tlp:", word, NULL);
    g_autofree char *class = part_class_tag(share);
    json_t *rows = json_pack("[{s:o}]", "name", part_string(label));

    if (class)
        json_array_append_new(rows, json_pack("{s:o}", "name", part_string(class)));
    return rows;
}

static json_t *team_of(const struct share *share)
{
    const struct share us = {.address = share->address, .number = ""};
    g_autofree char *id = part_id(&us, "identity", "");

    return json_pack("{s:o,s:o}", "uuid", part_string(id), "name", part_string(share->team));
}

char *share_misp(const struct share *share)
{
    g_autofree char *id = part_id(share, "event", "");
    g_autofree char *info = g_strconcat(
        share->label, " ", share->number, *share->title ? ": " : "", share->title, NULL);
    g_autofree char *opened = part_moment(share->opened_at);
    g_autofree char *day = g_strndup(opened, strlen("2026-11-20"));
    g_autofree char *stamp = g_strdup_printf("%" G_GINT64_FORMAT, share->changed_at);
    json_t *event = json_pack("{s:o,s:o,s:o,s:s,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:o}", "uuid",
        part_string(id), "info", part_string(info), "date", part_string(day), "threat_level_id",
        threat_of(share), "analysis", "0", "distribution", distribution_of(share), "published",
        FALSE, "timestamp", part_string(stamp), "Orgc", team_of(share), "Tag", tags(share),
        "Attribute", attributes(share), "Object", objects(share));

    return part_document(json_pack("{s:o}", "Event", event));
}
