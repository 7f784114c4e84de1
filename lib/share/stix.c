/* STIX 2.1: a bundle with a report, its indicators, and what was seen. */
#include "sharing-parts.h"
#include <string.h>

#define VERSION "2.1"
#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
#define LONG_AGO "2022-10-01T00:00:00.000Z"

/* -- the label -- */

/* As OASIS and FIRST have published them for TLP 2.0; what is no label is the strictest. */
static const struct definition {
    const char *word, *id, *name;
} definitions[] = {
    {"clear", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR"},
    {"green", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN"},
    {"amber", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER"},
    {"amber+strict", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        "TLP:AMBER+STRICT"},
    {"red", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED"},
};

static const struct definition *definition_of(const struct share *share)
{
    g_autofree char *word = part_label_word(share);
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(definitions) && !g_str_equal(definitions[i].word, word))
        i++;
    return &definitions[i];
}

static json_t *marking_of(const struct share *share)
{
    const struct definition *definition = definition_of(share);

    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:{s:s,s:s}}}", "type", "marking-definition",
        "spec_version", VERSION, "id", definition->id, "created", LONG_AGO, "name",
        definition->name, "extensions", TLP_EXTENSION, "extension_type", "property-extension",
        "tlp_2_0", definition->word);
}

/* -- objects -- */

json_t *stix_add(struct stix *stix, const char *type, char *id)
{
    json_t *object;

    if (!g_hash_table_add(stix->known, id))
        return NULL;
    object = json_pack("{s:s,s:s,s:s,s:[s]}", "type", type, "spec_version", VERSION, "id", id,
        "object_marking_refs", definition_of(stix->share)->id);
    json_array_append_new(stix->objects, object);
    json_array_append_new(stix->refs, json_string(id));
    return object;
}

static char *identity_id(const struct share *share)
{
    const struct share us = {.address = share->address, .number = ""};
    g_autofree char *uuid = part_id(&us, "identity", "");

    return g_strconcat("identity--", uuid, NULL);
}

/* A thing of this incident, of ours. */
static json_t *add_ours(struct stix *stix, const char *type, const char *value)
{
    const struct share *share = stix->share;
    g_autofree char *uuid = part_id(share, type, value);
    g_autofree char *created = part_moment_exact(share->opened_at);
    g_autofree char *modified = part_moment_exact(MAX(share->opened_at, share->changed_at));
    g_autofree char *us = identity_id(share);
    json_t *object = stix_add(stix, type, g_strconcat(type, "--", uuid, NULL));

    if (!object)
        return NULL;
    json_object_set_new(object, "created_by_ref", part_string(us));
    json_object_set_new(object, "created", part_string(created));
    json_object_set_new(object, "modified", part_string(modified));
    return object;
}

/* -- indicators -- */

static const struct {
    enum indicator_kind kind;
    const char *path;
} paths[] = {
    {INDICATOR_IPV4, "ipv4-addr:value"},
    {INDICATOR_IPV6, "ipv6-addr:value"},
    {INDICATOR_DOMAIN, "domain-name:value"},
    {INDICATOR_URL, "url:value"},
    {INDICATOR_MAIL, "email-addr:value"},
    {INDICATOR_MD5, "file:hashes.MD5"},
    {INDICATOR_SHA1, "file:hashes.'SHA-1'"},
    {INDICATOR_SHA256, "file:hashes.'SHA-256'"},
    {INDICATOR_SHA512, "file:hashes.'SHA-512'"},
};

static const char *path_of(const struct indicator *one)
{
    if (one->kind == INDICATOR_CIDR)
        return strchr(one->value, ':') ? "ipv6-addr:value" : "ipv4-addr:value";
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (paths[i].kind == one->kind)
            return paths[i].path;
    return NULL;
}

/* STIX 2.1, 9.3: what ends a string in a pattern. */
static char *pattern_of(const char *path, const char *value)
{
    g_autoptr(GString) out = g_string_new(NULL);

    g_string_append_printf(out, "[%s = '", path);
    for (const char *at = value; *at; at++)
        g_string_append_printf(out, "%s%c", strchr("\\'", *at) ? "\\" : "", *at);
    g_string_append(out, "']");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void add_indicator(struct stix *stix, const struct indicator *one, const char *path)
{
    json_t *object = add_ours(stix, "indicator", one->value);
    g_autofree char *pattern = pattern_of(path, one->value);
    g_autofree char *from = part_moment_exact(stix->share->opened_at);

    if (!object)
        return;
    json_object_set_new(object, "name", part_string(one->value));
    json_object_set_new(object, "pattern", part_string(pattern));
    json_object_set_new(object, "pattern_type", json_string("stix"));
    json_object_set_new(object, "valid_from", part_string(from));
}

static void add_weakness(struct stix *stix, const struct indicator *one)
{
    json_t *object = add_ours(stix, "vulnerability", one->value);

    if (!object)
        return;
    json_object_set_new(object, "name", part_string(one->value));
    json_object_set_new(object, "external_references",
        json_pack("[{s:s,s:o}]", "source_name", one->kind == INDICATOR_CVE ? "cve" : "jvn",
            "external_id", part_string(one->value)));
}

/* "AS64500" */
static void add_system(struct stix *stix, const struct indicator *one)
{
    guint64 number = g_ascii_strtoull(one->value + strcspn(one->value, "0123456789"), NULL, 10);
    g_autofree char *uuid = part_id(stix->share, "autonomous-system", one->value);
    json_t *object =
        stix_add(stix, "autonomous-system", g_strconcat("autonomous-system--", uuid, NULL));

    if (object)
        json_object_set_new(object, "number", json_integer((json_int_t)number));
}

static void add_value(struct stix *stix, const struct indicator *one)
{
    const char *path = path_of(one);

    if (path)
        add_indicator(stix, one, path);
    else if (one->kind == INDICATOR_ASN)
        add_system(stix, one);
    else
        add_weakness(stix, one);
}

/* -- the whole -- */

static json_t *identity_of(const struct share *share)
{
    g_autofree char *id = identity_id(share);

    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:o}", "type", "identity", "spec_version",
        VERSION, "id", id, "created", LONG_AGO, "modified", LONG_AGO, "name",
        part_string(share->team), "identity_class", "organization", "contact_information",
        part_string(share->address));
}

/* Of nothing no report can be made: then it is of who tells it. */
static void add_report(struct stix *stix)
{
    const struct share *share = stix->share;
    json_t *refs = json_copy(stix->refs), *report = add_ours(stix, "report", "");
    g_autofree char *name =
        g_strconcat(share->number, *share->title ? ": " : "", share->title, NULL);
    g_autofree char *published = part_moment_exact(MAX(share->opened_at, share->changed_at));
    g_autofree char *tag = part_class_tag(share);
    g_autofree char *us = identity_id(share);

    if (!json_array_size(refs))
        json_array_append_new(refs, part_string(us));
    json_object_set_new(report, "name", part_string(name));
    json_object_set_new(report, "published", part_string(published));
    if (tag)
        json_object_set_new(report, "labels", json_pack("[o]", part_string(tag)));
    json_object_set_new(report, "object_refs", refs);
}

char *share_stix(const struct share *share)
{
    g_autofree char *uuid = part_id(share, "bundle", "");
    g_autofree char *id = g_strconcat("bundle--", uuid, NULL);
    struct stix stix = {share, json_array(), json_array(),
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    json_array_append_new(stix.objects, marking_of(share));
    json_array_append_new(stix.objects, identity_of(share));
    for (guint i = 0; i < share->indicators->len; i++)
        add_value(&stix, share->indicators->pdata[i]);
    stix_add_seen(&stix);
    add_report(&stix);
    g_hash_table_unref(stix.known);
    json_decref(stix.refs);
    return part_document(json_pack(
        "{s:s,s:o,s:o}", "type", "bundle", "id", part_string(id), "objects", stix.objects));
}
