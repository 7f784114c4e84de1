/* STIX 2.0 and 2.1: a bundle of objects. Of patterns only comparisons with "=" are read, and of one
 * that says NOT nothing. */
#include "json-parts.h"
#include <string.h>

enum { MOST_OF_A_PATH = 80 };

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
    GHashTable *by_id; /* const char * -> json_t *, both of the document */
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

/* The end of a string that begins at `at`, its quotation mark; NULL. */
static const char *end_of_string(const char *at)
{
    for (at++; *at && *at != '\''; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at : NULL;
}

static char *unescaped(const char *begin, const char *end)
{
    GString *out = g_string_new(NULL);

    for (; begin < end; begin++) {
        begin += *begin == '\\' && begin + 1 < end;
        g_string_append_c(out, *begin);
    }
    return g_string_free(out, FALSE);
}

static const char *before_blanks(const char *pattern, const char *at)
{
    while (at > pattern && g_ascii_isspace(at[-1]))
        at--;
    return at;
}

/* Of a thing, what it is known by: a file's or a user's name looks like that of a host. */
static gboolean is_told_by(const char *pattern, const char *path_end)
{
    const char *begin = path_end;
    g_autofree char *path = NULL;

    while (begin > pattern && path_end - begin < MOST_OF_A_PATH && !strchr(" \t\n(", begin[-1]))
        begin--;
    path = g_strndup(begin, (gsize)(path_end - begin));
    return g_str_has_suffix(path, "value") || g_str_has_suffix(path, ":url") ||
           strstr(path, "hashes.");
}

/* The last thing before the string is an equals sign, and it does not belong to "!=", "<=". */
static gboolean is_compared(const char *pattern, const char *quote)
{
    const char *sign = before_blanks(pattern, quote);

    if (sign == pattern || sign[-1] != '=' || (sign - 1 > pattern && strchr("!<>", sign[-2])))
        return FALSE;
    return is_told_by(pattern, before_blanks(pattern, sign - 1));
}

/* Names of hashes are quoted, too: file:hashes.'SHA-256' = '...' */
static void take_pattern(struct document *document, const char *pattern)
{
    const char *at = pattern;
    const char *end;

    while ((at = strchr(at, '\'')) && (end = end_of_string(at))) {
        if (is_compared(pattern, at)) {
            g_autofree char *value = unescaped(at + 1, end);
            value_add(document->report, value, document->place->from);
        }
        at = end + 1;
    }
}

/* Outside of its strings. */
static gboolean says_not(const char *pattern)
{
    while (*pattern) {
        if (!strncmp(pattern, "NOT", 3) && !g_ascii_isalnum(pattern[3]))
            return TRUE;
        if (*pattern == '\'') {
            pattern = end_of_string(pattern);
            if (!pattern)
                return FALSE;
        }
        pattern++;
    }
    return FALSE;
}

static void take_indicator(const struct bundle *bundle, const json_t *object)
{
    const char *language = json_text(object, "pattern_type");
    const char *pattern = json_text(object, "pattern");

    /* STIX 2.0 had one language, and no name for it. */
    if ((!*language || g_str_equal(language, "stix")) && !says_not(pattern))
        take_pattern(bundle->document, pattern);
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

static const char *value_of(const struct bundle *bundle, const json_t *object, const char *ref)
{
    const char *id = json_text(object, ref);

    return json_text(g_hash_table_lookup(bundle->by_id, id), "value");
}

static void take_traffic(const struct bundle *bundle, const json_t *object)
{
    g_autofree char *port = json_word(object, "src_port");
    g_autofree char *target_port = json_word(object, "dst_port");
    const char *protocol =
        json_string_value(json_array_get(json_object_get(object, "protocols"), 0));

    event_add(bundle->document->report,
        (const char *[ROLES]){
            [ROLE_KIND] = "network-traffic",
            [ROLE_TIME] = json_text(object, "start"),
            [ROLE_SOURCE] = value_of(bundle, object, "src_ref"),
            [ROLE_SOURCE_PORT] = port,
            [ROLE_TARGET] = value_of(bundle, object, "dst_ref"),
            [ROLE_TARGET_PORT] = target_port,
            [ROLE_PROTOCOL] = protocol,
        },
        bundle->document->place->from);
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

char *stix_read(struct document *document)
{
    json_t *objects = json_object_get(document->root, "objects");
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    struct bundle bundle = {document, by_id};
    char *wrong;
    gsize i;
    json_t *one;

    document->format = version_of(document->root);
    wrong = wrong_with(document->root);
    if (wrong)
        return wrong;
    json_array_foreach(objects, i, one)
        g_hash_table_insert(by_id, (gpointer)json_text(one, "id"), one);
    report_add_field(
        document->report, "report-id", json_text(document->root, "id"), document->place->from);
    json_array_foreach(objects, i, one)
        take_object(&bundle, one);
    return NULL;
}
