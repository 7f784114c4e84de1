/* A JSON document of a format that is known, read within bounds: what it costs is known before the
 * library builds anything. */
#include "json-parts.h"
#include <string.h>

static gboolean is_stix(const json_t *root)
{
    return g_str_equal(json_text(root, "type"), "bundle") ||
           g_str_has_prefix(json_text(root, "id"), "bundle--");
}

static gboolean is_misp(const json_t *root)
{
    return json_is_object(json_object_get(root, "Event")) ||
           json_is_array(json_object_get(root, "response"));
}

static gboolean is_iodef(const json_t *root)
{
    return json_object_get(root, "Incident") != NULL;
}

static const struct kind {
    const char *format;
    char *(*read)(struct document *document);
    gboolean (*is)(const json_t *root); /* NULL: it is one if it has two of the names */
    /* At the top. Two of them in what is no JSON: such a document was meant. */
    const char *names[6];
} kinds[] = {
    {"xarf-4", xarf_4_read, NULL,
        {"xarf_version", "report_id", "source_identifier", "reporter", "evidence_source", NULL}},
    {"xarf-3", xarf_3_read, NULL, {"Version", "ReporterInfo", "Report", "Disclosure", NULL}},
    {"iodef-json", iodef_read, is_iodef, {"version", "Incident", "lang", "format-id", NULL}},
    {"stix", stix_read, is_stix, {"objects", "id", "type", "spec_version", NULL}},
    {"misp", misp_read, is_misp, {"Event", "response", NULL}},
};

/* -- what it would cost -- */

/* Behind the closing quotation mark. */
static const char *behind_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

/* Values are counted by what comes before each: RFC 8259 has no other way to begin one. */
static gboolean is_within_limits(const char *text)
{
    gsize values = 0, depth = 0;

    while (*text && values <= LIMIT_REPORT_VALUES && depth <= LIMIT_REPORT_DEPTH) {
        values += strchr("[{,:", *text) != NULL;
        depth += *text == '[' || *text == '{';
        depth -= depth > 0 && (*text == ']' || *text == '}');
        text = *text == '"' ? behind_string(text) : text + 1;
    }
    return values <= LIMIT_REPORT_VALUES && depth <= LIMIT_REPORT_DEPTH;
}

/* -- which it is -- */

static gboolean has_name(const char *text, const char *name)
{
    g_autofree char *quoted = g_strdup_printf("\"%s\"", name);

    return strstr(text, quoted) != NULL;
}

static gboolean is_meant(const struct kind *kind, const json_t *root)
{
    int found = 0;

    if (kind->is)
        return kind->is(root);
    for (const char *const *name = kind->names; *name; name++)
        found += json_object_get(root, *name) != NULL;
    return found >= 2;
}

/* Of a document that cannot be read, by the names that stand in it. */
static const char *meant_by_names(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        int found = 0;
        for (const char *const *name = kinds[i].names; *name; name++)
            found += has_name(text, *name);
        if (found >= 2)
            return kinds[i].format;
    }
    return NULL;
}

/* -- reading it -- */

static void read_kind(struct report *report, const struct place *place, json_t *root)
{
    struct document document = {report, place, NULL, root};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *why = NULL;
        if (!is_meant(&kinds[i], root))
            continue;
        document.format = kinds[i].format;
        why = kinds[i].read(&document);
        if (why)
            format_damaged(report, document.format, place, why);
        else
            format_read(report, document.format, place);
        return;
    }
}

static void read_text(struct report *report, const struct place *place, const char *text)
{
    json_error_t error;
    gboolean small = is_within_limits(text);
    json_t *root = small ? json_loads(text, JSON_REJECT_DUPLICATES, &error) : NULL;
    const char *format = root ? NULL : meant_by_names(text);

    if (json_is_object(root))
        read_kind(report, place, root);
    if (format)
        format_damaged(report, format, place, small ? "is no JSON" : "has too many values");
    json_decref(root);
}

void json_find(struct report *report, const struct place *place)
{
    const char *text = place->text;

    if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
        text += 3;
    text += strspn(text, " \t\r\n");
    if (*text == '{')
        read_text(report, place, text);
}

/* -- looking into it -- */

json_t *json_below(const json_t *object, const char *path)
{
    json_t *at = (json_t *)object;

    while (at && *path) {
        gsize length = strcspn(path, ".");
        g_autofree char *name = g_strndup(path, length);
        at = json_object_get(at, name);
        path += length + (path[length] == '.');
    }
    return at;
}

const char *json_text(const json_t *object, const char *path)
{
    const char *text = json_string_value(json_below(object, path));

    return text ? text : "";
}

char *json_word(const json_t *object, const char *path)
{
    const json_t *value = json_below(object, path);

    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return g_strdup(json_is_string(value) ? json_string_value(value) : "");
}

const char *json_missing(const json_t *object, const char *const *names)
{
    for (; *names; names++)
        if (!*json_text(object, *names))
            return *names;
    return NULL;
}

void tag_take(struct document *document, const char *tag)
{
    if (!g_ascii_strncasecmp(tag, "tlp:", 4) || !g_ascii_strncasecmp(tag, "pap:", 4))
        marking_add(document->report, tag, document->place->from);
}

gboolean json_is_uuid(const char *text)
{
    return g_uuid_string_is_valid(text);
}
