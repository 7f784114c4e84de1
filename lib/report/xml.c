/* An XML document of a format that is known, within bounds, made into what its JSON form would be
 * (RFC 8727): attributes are names, elements are lists, text beside attributes is "value". A
 * document type declaration is refused: no entity, no file, no network. */
#include "json-parts.h"
#include <libxml/parser.h>
#include <string.h>

enum { MOST_ATTRIBUTES = 1000, MOST_NAMESPACES = 100 };

static char *safe_browsing_read(struct document *document);

/* Told by its namespace; the last has none, and is told by its first element. */
static const struct {
    const char *told_by, *format;
    char *(*read)(struct document *document);
} kinds[] = {
    {"urn:ietf:params:xml:ns:iodef-1.0", "iodef-1", iodef_read},
    {"urn:ietf:params:xml:ns:iodef-2.0", "iodef-2", iodef_read},
    {"notification_message", "safe-browsing", safe_browsing_read},
};

/* Attributes of one element are compared with each other, and names with all namespaces that are
 * open, so few of them are let in. An equals sign in the text behind counts: what is a tag is not
 * known here. */
static const char *beyond_limits(const char *text)
{
    gsize elements = 0, attributes = 0, namespaces = 0;

    for (; *text; text++) {
        elements += *text == '<';
        attributes = *text == '<' ? 0 : attributes + (*text == '=');
        namespaces += *text == 'x' && !strncmp(text, "xmlns", 5);
        if (elements > LIMIT_REPORT_VALUES || namespaces > MOST_NAMESPACES)
            return "has too many elements";
        if (attributes > MOST_ATTRIBUTES && elements > 0)
            return "has too many attributes";
    }
    return NULL;
}

/* -- to a tree of names and lists -- */

static char *text_of(const xmlNode *node)
{
    GString *out = g_string_new(NULL);

    for (const xmlNode *child = node->children; child; child = child->next)
        if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
            child->content && out->len < LIMIT_FOUND_BYTES)
            g_string_append(out, (const char *)child->content);
    g_strstrip(out->str);
    return g_string_free(out, FALSE);
}

static void add_attributes(json_t *object, const xmlNode *node)
{
    for (const xmlAttr *one = node->properties; one; one = one->next)
        if (one->children && one->children->content)
            json_object_set_new(
                object, (const char *)one->name, json_string((const char *)one->children->content));
}

static json_t *value_of(const xmlNode *node, int depth);

static void add_elements(json_t *object, const xmlNode *node, int depth)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        json_t *list;
        if (child->type != XML_ELEMENT_NODE)
            continue;
        list = json_object_get(object, (const char *)child->name);
        if (!json_is_array(list)) {
            list = json_array();
            json_object_set_new(object, (const char *)child->name, list);
        }
        json_array_append_new(list, value_of(child, depth + 1));
    }
}

static json_t *value_of(const xmlNode *node, int depth)
{
    json_t *object = json_object();
    g_autofree char *text = text_of(node);

    add_attributes(object, node);
    if (depth < LIMIT_REPORT_DEPTH)
        add_elements(object, node, depth);
    if (json_object_size(object) == 0) {
        json_decref(object);
        return json_string(text);
    }
    if (*text)
        json_object_set_new(object, "value", json_string(text));
    return object;
}

/* -- what a search engine tells networks: lists of "url_info" with an address each -- */

static char *safe_browsing_read(struct document *document)
{
    gsize i, n;
    json_t *list, *info;

    json_array_foreach(json_object_get(document->root, "list"), i, list)
        json_array_foreach(json_object_get(list, "url_info"), n, info)
            event_add(document->report,
                (const char *[ROLES]){
                    [ROLE_SOURCE] = json_text(info, "ip"),
                    [ROLE_INDICATOR] = json_text(info, "url"),
                },
                document->place->from);
    return NULL;
}

/* -- the document -- */

static void read_root(struct report *report, const struct place *place, const xmlNode *root)
{
    const char *of = (const char *)(root->ns ? root->ns->href : root->name);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct document document = {report, place, kinds[i].format, NULL};
        g_autofree char *why = NULL;
        if (strcmp(kinds[i].told_by, of) != 0)
            continue;
        document.root = value_of(root, 0);
        why = kinds[i].read(&document);
        json_decref(document.root);
        if (why)
            format_damaged(report, document.format, place, why);
        else
            format_read(report, document.format, place);
    }
}

static const char *meant(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strstr(text, kinds[i].told_by))
            return kinds[i].format;
    return strstr(text, "IODEF-Document") ? "iodef" : NULL;
}

static const char *refused(const char *text)
{
    if (strstr(text, "<!DOCTYPE") || strstr(text, "<!ENTITY"))
        return "has a document type declaration";
    return beyond_limits(text);
}

static xmlDoc *parse(const char *text)
{
    const int options =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;

    /* The text is UTF-8 by now, whatever it says itself. */
    return xmlReadMemory(text, (int)strlen(text), NULL, "UTF-8", options);
}

void xml_find(struct report *report, const struct place *place)
{
    const char *text = place->text;
    const char *format, *why;
    xmlDoc *document;
    xmlNode *root;

    if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
        text += 3;
    text += strspn(text, " \t\r\n");
    if (*text != '<' || !(format = meant(text)))
        return;
    why = refused(text);
    document = why ? NULL : parse(text);
    root = document ? xmlDocGetRootElement(document) : NULL;
    if (root)
        read_root(report, place, root);
    else
        format_damaged(report, format, place, why ? why : "is no XML");
    xmlFreeDoc(document);
}
