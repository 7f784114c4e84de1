/* What was seen: observed data, and what it refers to. The ids of such objects are those that every
 * program gives them (STIX 2.1, 2.9). */
#include "sharing-parts.h"
#include <string.h>

static const guint8 space[] = {
    0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

/* Takes `parts`: what the id is made of. The caller frees the id. */
static char *id_of(const char *type, json_t *parts)
{
    char *name = json_dumps(parts, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    g_autofree char *uuid = part_uuid(space, name);

    free(name);
    json_decref(parts);
    return g_strconcat(type, "--", uuid, NULL);
}

static const char *type_of(const char *value)
{
    enum indicator_kind kind = part_kind_of(value);
    gboolean wide = kind == INDICATOR_IPV6 || (kind == INDICATOR_CIDR && strchr(value, ':'));

    if (kind == INDICATOR_KINDS)
        return NULL;
    return kind == INDICATOR_URL      ? "url"
           : kind == INDICATOR_DOMAIN ? "domain-name"
           : wide                     ? "ipv6-addr"
                                      : "ipv4-addr";
}

/* The id of the object for that value, which is there behind it; NULL: STIX has none for it. */
static char *add_value(struct stix *stix, const char *value)
{
    const char *type = *value ? type_of(value) : NULL;
    char *id;
    json_t *object;

    if (!type)
        return NULL;
    id = id_of(type, json_pack("{s:o}", "value", part_string(value)));
    object = stix_add(stix, type, g_strdup(id));
    if (object)
        json_object_set_new(object, "value", part_string(value));
    return id;
}

static void set_port(json_t *traffic, const char *name, const char *port)
{
    guint64 number;

    if (g_ascii_string_to_unsigned(port, 10, 0, G_MAXUINT16, &number, NULL))
        json_object_set_new(traffic, name, json_integer((json_int_t)number));
}

static gboolean is_host(const char *id)
{
    return id && !g_str_has_prefix(id, "url--");
}

/* STIX 2.1, 6.12: in lower case, from the outer to the inner one. */
static json_t *protocols_of(const struct sighting *one, const char *id)
{
    g_autofree char *named = g_ascii_strdown(one->protocol, -1);

    return json_pack("[o]", part_string(*named                                ? named
                                        : g_str_has_prefix(id, "ipv6-addr--") ? "ipv6"
                                                                              : "ipv4"));
}

/* What the id is made of is most of what it has. */
static json_t *traffic_parts(const struct sighting *one, const char *source, const char *target)
{
    json_t *parts = json_object();
    g_autofree char *start = one->at ? part_moment_exact(one->at) : NULL;

    if (start)
        json_object_set_new(parts, "start", part_string(start));
    if (is_host(source))
        json_object_set_new(parts, "src_ref", part_string(source));
    if (is_host(target))
        json_object_set_new(parts, "dst_ref", part_string(target));
    set_port(parts, "src_port", one->source_port);
    set_port(parts, "dst_port", one->target_port);
    json_object_set_new(parts, "protocols", protocols_of(one, is_host(source) ? source : target));
    return parts;
}

static char *add_traffic(
    struct stix *stix, const struct sighting *one, const char *source, const char *target)
{
    json_t *parts = traffic_parts(one, source, target);
    char *id = id_of("network-traffic", json_incref(parts));
    json_t *object = stix_add(stix, "network-traffic", g_strdup(id));

    if (object)
        json_object_update(object, parts);
    json_decref(parts);
    return id;
}

/* Takes `refs`. */
static void add_observed(struct stix *stix, const struct sighting *one, json_t *refs)
{
    g_autofree char *time = part_moment_exact(one->at);
    char *what = json_dumps(refs, JSON_COMPACT);
    g_autofree char *value = g_strconcat(time, " ", what, NULL);
    g_autofree char *uuid = part_id(stix->share, "observed-data", value);
    json_t *object = stix_add(stix, "observed-data", g_strconcat("observed-data--", uuid, NULL));

    free(what);
    if (object) {
        g_autofree char *created = part_moment_exact(stix->share->opened_at);
        json_object_set_new(object, "created", part_string(created));
        json_object_set_new(object, "modified", part_string(created));
        json_object_set_new(object, "first_observed", part_string(time));
        json_object_set_new(object, "last_observed", part_string(time));
        json_object_set_new(object, "number_observed", json_integer(1));
        json_object_set(object, "object_refs", refs);
    }
    json_decref(refs);
}

/* An event without a known time is no observation, but its ends are told. */
static void add_sighting(struct stix *stix, const struct sighting *one)
{
    g_autofree char *source = add_value(stix, one->source);
    g_autofree char *target = add_value(stix, one->target);
    gboolean flows = is_host(source) &&
                     (is_host(target) || *one->source_port || *one->target_port || *one->protocol);
    g_autofree char *traffic =
        flows || is_host(target) ? add_traffic(stix, one, source, target) : NULL;
    const char *const ids[] = {traffic, source, target};
    json_t *refs = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++)
        if (ids[i])
            json_array_append_new(refs, part_string(ids[i]));
    if (one->at && json_array_size(refs))
        add_observed(stix, one, refs);
    else
        json_decref(refs);
}

void stix_add_seen(struct stix *stix)
{
    for (guint i = 0; i < stix->share->sightings->len; i++)
        add_sighting(stix, stix->share->sightings->pdata[i]);
}
