/* STIX 2.0 and 2.1: a bundle of objects. What was seen (traffic, observed data, sightings of
 * indicators) is an event, everything that has an address, a name or a hash an indicator. */
#include "json-parts.h"
#include <string.h>

enum { MOST_OF_A_SIGHTING = 20 };

/* -- labels -- */

/* The marking definitions that everybody has: of TLP 1.0 (STIX 2.1, 7.2.1.4) and of TLP 2.0. */
static const struct {
    const char *id, *label;
} definitions[] = {
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "tlp:white"},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "tlp:green"},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "tlp:amber"},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "tlp:red"},
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "tlp:clear"},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "tlp:green"},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "tlp:amber"},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "tlp:amber+strict"},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "tlp:red"},
};

struct bundle {
    struct document *document;
    GHashTable *by_id;    /* const char * -> json_t *, both of the document */
    GHashTable *observed; /* const char *: what some observed-data refers to */
    GHashTable *values;   /* json_t * of an indicator -> GPtrArray * */
    json_t *inside;       /* the objects of one observed-data, which are known there alone; NULL */
};

/* A definition in the bundle itself, of a team that made its own. */
static const char *label_of_object(const json_t *object)
{
    static const char extension[] = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
    const json_t *extended = json_object_get(json_object_get(object, "extensions"), extension);
    const char *label = json_text(extended, "tlp_2_0");

    return *label ? label : json_text(object, "definition.tlp");
}

static void take_marking(const struct bundle *bundle, const char *id)
{
    struct document *document = bundle->document;
    const char *label = label_of_object(g_hash_table_lookup(bundle->by_id, id));

    for (gsize i = 0; i < G_N_ELEMENTS(definitions) && !*label; i++)
        if (g_str_equal(definitions[i].id, id))
            label = definitions[i].label;
    if (*label)
        marking_add(document->report, label, document->place->from);
}

static void take_markings(const struct bundle *bundle, const json_t *object)
{
    gsize i;
    json_t *id;

    json_array_foreach(json_object_get(object, "object_marking_refs"), i, id)
        if (json_is_string(id))
            take_marking(bundle, json_string_value(id));
}

/* -- indicators -- */

/* What an indicator looks for, read once; NULL if that is not known. STIX 2.0 had one language, and
 * no name for it. The bundle owns it. */
static const GPtrArray *values_of(const struct bundle *bundle, const json_t *indicator)
{
    const char *language = json_text(indicator, "pattern_type");
    GPtrArray *values = g_hash_table_lookup(bundle->values, indicator);

    if (values || strcmp(json_text(indicator, "type"), "indicator") != 0 ||
        (*language && strcmp(language, "stix") != 0))
        return values;
    values = pattern_values(json_text(indicator, "pattern"));
    g_hash_table_insert(bundle->values, (gpointer)indicator, values);
    return values;
}

static void take_indicator(const struct bundle *bundle, const json_t *object)
{
    const GPtrArray *values = values_of(bundle, object);

    for (guint i = 0; values && i < values->len; i++)
        value_add(bundle->document->report, values->pdata[i], bundle->document->place->from);
}

static void take_value(const struct bundle *bundle, const json_t *object)
{
    value_add(bundle->document->report, json_text(object, "value"), bundle->document->place->from);
}

static void take_file(const struct bundle *bundle, const json_t *object)
{
    const char *name;
    json_t *hash;

    json_object_foreach(json_object_get(object, "hashes"), name, hash)
        if (json_is_string(hash))
            value_add(
                bundle->document->report, json_string_value(hash), bundle->document->place->from);
}

static void take_system(const struct bundle *bundle, const json_t *object)
{
    g_autofree char *number = json_word(object, "number");

    value_add_as(bundle->document->report, INDICATOR_ASN, number, bundle->document->place->from);
}

static void take_vulnerability(const struct bundle *bundle, const json_t *object)
{
    value_add_as(bundle->document->report, INDICATOR_CVE, json_text(object, "name"),
        bundle->document->place->from);
}

/* -- what was seen -- */

/* When, and how often: of what holds an object, or of the object itself. */
struct observed {
    const char *time, *evidence;
};

static const json_t *object_of(const struct bundle *bundle, const char *id)
{
    return bundle->inside ? json_object_get(bundle->inside, id)
                          : g_hash_table_lookup(bundle->by_id, id);
}

static const char *value_of(const struct bundle *bundle, const json_t *object, const char *ref)
{
    return json_text(object_of(bundle, json_text(object, ref)), "value");
}

static void add_traffic(
    const struct bundle *bundle, const json_t *object, const struct observed *observed)
{
    g_autofree char *port = json_word(object, "src_port");
    g_autofree char *target_port = json_word(object, "dst_port");
    const char *start = json_text(object, "start");
    const char *protocol =
        json_string_value(json_array_get(json_object_get(object, "protocols"), 0));

    event_add(bundle->document->report,
        (const char *[ROLES]){
            [ROLE_KIND] = "network-traffic",
            [ROLE_TIME] = *start ? start : observed->time,
            [ROLE_SOURCE] = value_of(bundle, object, "src_ref"),
            [ROLE_SOURCE_PORT] = port,
            [ROLE_TARGET] = value_of(bundle, object, "dst_ref"),
            [ROLE_TARGET_PORT] = target_port,
            [ROLE_PROTOCOL] = protocol,
            [ROLE_EVIDENCE] = observed->evidence,
        },
        bundle->document->place->from);
}

/* One that was observed is told with how often, there. */
static void take_traffic(const struct bundle *bundle, const json_t *object)
{
    if (!g_hash_table_contains(bundle->observed, json_text(object, "id")))
        add_traffic(bundle, object, &(struct observed){"", ""});
}

static void add_thing(const struct bundle *bundle, const char *kind, const char *thing,
    const struct observed *observed)
{
    struct report *report = bundle->document->report;
    gboolean full = report->sightings->len >= LIMIT_SIGHTINGS;
    gboolean address = !full && value_is_address(thing);

    report->more |= full;
    if (full) /* many may refer to one */
        return;
    event_add(report,
        (const char *[ROLES]){
            [ROLE_KIND] = kind,
            [ROLE_TIME] = observed->time,
            [ROLE_SOURCE] = address ? thing : "",
            [ROLE_INDICATOR] = address ? "" : thing,
            [ROLE_EVIDENCE] = observed->evidence,
        },
        bundle->document->place->from);
}

/* "3 times, until 2026-03-06T09:00:00Z"; "" for once. */
static char *how_often(const json_t *object, const char *count_name, const char *last_name)
{
    g_autofree char *count = json_word(object, count_name);
    const char *last = json_text(object, last_name);

    if (!*count || g_str_equal(count, "1"))
        return g_strdup("");
    return g_strconcat(count, " times", *last ? ", until " : "", last, NULL);
}

/* What it is known by: its value, or one of its hashes. */
static const char *thing_of(const json_t *object)
{
    json_t *hashes = json_object_get(object, "hashes");
    const char *hash = json_string_value(json_object_iter_value(json_object_iter(hashes)));
    const char *value = json_text(object, "value");

    return *value ? value : hash ? hash : "";
}

/* The ends of traffic are no events beside it. */
static void note_ends(GHashTable *ends, const json_t *object)
{
    if (strcmp(json_text(object, "type"), "network-traffic") != 0)
        return;
    g_hash_table_add(ends, (gpointer)json_text(object, "src_ref"));
    g_hash_table_add(ends, (gpointer)json_text(object, "dst_ref"));
}

static void add_objects(
    const struct bundle *bundle, GPtrArray *ids, const struct observed *observed)
{
    g_autoptr(GHashTable) ends = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < ids->len; i++)
        note_ends(ends, object_of(bundle, ids->pdata[i]));
    for (guint i = 0; i < ids->len; i++) {
        const json_t *object = object_of(bundle, ids->pdata[i]);
        if (g_str_equal(json_text(object, "type"), "network-traffic"))
            add_traffic(bundle, object, observed);
        else if (!g_hash_table_contains(ends, ids->pdata[i]))
            add_thing(bundle, "observed-data", thing_of(object), observed);
    }
}

static void take_object(const struct bundle *bundle, const json_t *object);

/* STIX 2.1 refers to objects, 2.0 has them inside, by numbers. */
static void take_observed(const struct bundle *bundle, const json_t *object)
{
    json_t *inside = json_object_get(object, "objects");
    struct bundle within = *bundle;
    g_autofree char *often = how_often(object, "number_observed", "last_observed");
    const struct observed observed = {json_text(object, "first_observed"), often};
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    const char *id;
    json_t *one;
    gsize i;

    json_array_foreach(json_object_get(object, "object_refs"), i, one)
        if (json_is_string(one))
            g_ptr_array_add(ids, (gpointer)json_string_value(one));
    add_objects(bundle, ids, &observed);
    if (bundle->inside || !json_is_object(inside))
        return;
    within.inside = inside;
    g_ptr_array_set_size(ids, 0);
    json_object_foreach(inside, id, one) {
        g_ptr_array_add(ids, (gpointer)id);
        if (strcmp(json_text(one, "type"), "network-traffic") != 0)
            take_object(&within, one);
    }
    add_objects(&within, ids, &observed);
}

/* Of an indicator what it looks for, once for each sighting of it. */
static void take_sighting(const struct bundle *bundle, const json_t *object)
{
    const json_t *of = object_of(bundle, json_text(object, "sighting_of_ref"));
    const GPtrArray *values = values_of(bundle, of);
    g_autofree char *often = how_often(object, "count", "last_seen");
    const char *first = json_text(object, "first_seen"), *name = json_text(of, "name");
    const struct observed observed = {*first ? first : json_text(object, "last_seen"), often};

    for (guint i = 0; values && i < MIN(values->len, MOST_OF_A_SIGHTING); i++)
        add_thing(bundle, *name ? name : "sighting", values->pdata[i], &observed);
}

static const struct {
    const char *type;
    void (*take)(const struct bundle *bundle, const json_t *object);
} takers[] = {
    {"indicator", take_indicator},
    {"ipv4-addr", take_value},
    {"ipv6-addr", take_value},
    {"domain-name", take_value},
    {"url", take_value},
    {"email-addr", take_value},
    {"file", take_file},
    {"autonomous-system", take_system},
    {"vulnerability", take_vulnerability},
    {"network-traffic", take_traffic},
    {"observed-data", take_observed},
    {"sighting", take_sighting},
};

static void take_object(const struct bundle *bundle, const json_t *object)
{
    const char *type = json_text(object, "type");

    take_markings(bundle, object);
    for (gsize i = 0; i < G_N_ELEMENTS(takers); i++)
        if (g_str_equal(takers[i].type, type))
            takers[i].take(bundle, object);
}

/* -- the bundle -- */

static gboolean is_id(const char *id, const char *type)
{
    gsize length = strlen(type);

    return *type && g_str_has_prefix(id, type) && !strncmp(id + length, "--", 2) &&
           json_is_uuid(id + length + 2);
}

static char *wrong_with(const json_t *root)
{
    const json_t *objects = json_object_get(root, "objects");
    gsize i;
    json_t *one;

    if (!g_str_equal(json_text(root, "type"), "bundle"))
        return g_strdup("its type is not bundle");
    if (!is_id(json_text(root, "id"), "bundle"))
        return g_strdup("no id");
    if (!json_is_array(objects))
        return g_strdup("no objects");
    json_array_foreach((json_t *)objects, i, one)
        if (!is_id(json_text(one, "id"), json_text(one, "type")))
            return g_strdup("an object without type and id");
    return NULL;
}

/* 2.0 says it at the bundle, 2.1 at each object. */
static const char *version_of(const json_t *root)
{
    return g_str_equal(json_text(root, "spec_version"), "2.0") ? "stix-2.0" : "stix-2.1";
}

static void note_observed(const struct bundle *bundle, const json_t *object)
{
    gsize i;
    json_t *id;

    if (strcmp(json_text(object, "type"), "observed-data") != 0)
        return;
    json_array_foreach(json_object_get(object, "object_refs"), i, id)
        if (json_is_string(id))
            g_hash_table_add(bundle->observed, (gpointer)json_string_value(id));
}

char *stix_read(struct document *document)
{
    json_t *objects = json_object_get(document->root, "objects");
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) observed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) values =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    struct bundle bundle = {document, by_id, observed, values, NULL};
    char *wrong;
    gsize i;
    json_t *one;

    document->format = version_of(document->root);
    wrong = wrong_with(document->root);
    if (wrong)
        return wrong;
    json_array_foreach(objects, i, one) {
        g_hash_table_insert(by_id, (gpointer)json_text(one, "id"), one);
        note_observed(&bundle, one);
    }
    report_add_field(
        document->report, "report-id", json_text(document->root, "id"), document->place->from);
    json_array_foreach(objects, i, one)
        take_object(&bundle, one);
    return NULL;
}
