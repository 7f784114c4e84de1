/* The parser is driven as a stream of events, so that no document is built; it opens nothing: no
 * network, no entities from outside, and the charset is decoded before (`<meta charset>` is
 * ignored). */
#include "html.h"
#include <libxml/HTMLparser.h>
#include <string.h>

/* An end tag that fits nothing costs the parser its whole stack, so both are bounded. */
#define MAX_DEPTH 1000
#define MAX_ELEMENTS 300000
/* The parser compares each attribute of a tag with all before it. */
#define MAX_COMPARISONS (50 * 1000 * 1000)

enum {
    LINE = 1,      /* stands on lines of its own */
    PARAGRAPH = 2, /* with a blank line around it */
    DROP = 4,      /* not for reading */
    CELL = 8,
    ITEM = 16,
    KEEP = 32, /* blanks count */
    RULE = 64,
};

/* Sorted by nothing: it is turned into a hash table once. */
static const struct {
    const char *name;
    int traits;
} elements[] = {
    {"address", LINE},
    {"article", LINE},
    {"aside", LINE},
    {"blockquote", PARAGRAPH},
    {"body", LINE},
    {"br", 0},
    {"caption", LINE},
    {"center", LINE},
    {"dd", LINE},
    {"div", LINE},
    {"dl", PARAGRAPH},
    {"dt", LINE},
    {"fieldset", LINE},
    {"figure", LINE},
    {"footer", LINE},
    {"form", LINE},
    {"h1", PARAGRAPH},
    {"h2", PARAGRAPH},
    {"h3", PARAGRAPH},
    {"h4", PARAGRAPH},
    {"h5", PARAGRAPH},
    {"h6", PARAGRAPH},
    {"head", DROP},
    {"header", LINE},
    {"hr", LINE | RULE},
    {"li", LINE | ITEM},
    {"main", LINE},
    {"nav", LINE},
    {"ol", LINE},
    {"option", LINE},
    {"p", PARAGRAPH},
    {"pre", PARAGRAPH | KEEP},
    {"script", DROP},
    {"section", LINE},
    {"style", DROP},
    {"table", LINE},
    {"td", CELL},
    {"template", DROP},
    {"textarea", LINE | KEEP},
    {"th", CELL},
    {"title", DROP},
    {"tr", LINE},
    {"ul", LINE},
    {"xmp", PARAGRAPH | KEEP},
};

struct open_element {
    int traits;
    gboolean hidden;
    char *href;  /* of a link, else NULL */
    gsize begin; /* where the link's text starts in `out` */
};

struct rendering {
    htmlParserCtxtPtr parser;
    GString *out;
    gsize max;
    GArray *open;              /* struct open_element */
    int dropped, kept, unseen; /* how many open elements drop, keep blanks, hide */
    guint elements;
    int breaks;      /* line ends owed before the next text */
    gboolean blank;  /* a blank is owed */
    gboolean bullet; /* nothing but a bullet stands on this line */
    gboolean hidden, cut;
};

static int traits_of(const char *name)
{
    static GHashTable *table;

    if (!table) {
        table = g_hash_table_new(g_str_hash, g_str_equal);
        for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
            g_hash_table_insert(
                table, (gpointer)elements[i].name, GINT_TO_POINTER(elements[i].traits));
    }
    return GPOINTER_TO_INT(g_hash_table_lookup(table, name));
}

static void stop(struct rendering *rendering)
{
    rendering->cut = TRUE;
    xmlStopParser(rendering->parser);
}

static void owe_breaks(struct rendering *rendering, int breaks)
{
    rendering->breaks = MAX(rendering->breaks, breaks);
    rendering->blank = FALSE;
}

/* Pays what is owed: line ends, or one blank between words. */
static void pay(struct rendering *rendering)
{
    GString *out = rendering->out;

    if (out->len > 0 && rendering->breaks > 0 && !rendering->bullet) {
        while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
            g_string_truncate(out, out->len - 1);
        for (int i = 0; i < rendering->breaks; i++)
            g_string_append_c(out, '\n');
    } else if (out->len > 0 && rendering->blank && !g_ascii_isspace(out->str[out->len - 1])) {
        g_string_append_c(out, ' ');
    }
    rendering->breaks = 0;
    rendering->blank = FALSE;
    rendering->bullet = FALSE;
}

static void put_kept(struct rendering *rendering, const char *text, gsize size)
{
    pay(rendering);
    g_string_append_len(rendering->out, text, (gssize)size);
}

/* Text in which any run of blanks is one blank. */
static void put_collapsed(struct rendering *rendering, const char *text, gsize size)
{
    for (gsize i = 0; i < size;) {
        gsize begin = i;
        while (i < size && !g_ascii_isspace(text[i]))
            i++;
        if (i > begin) {
            pay(rendering);
            g_string_append_len(rendering->out, text + begin, (gssize)(i - begin));
        }
        for (; i < size && g_ascii_isspace(text[i]); i++)
            rendering->blank = TRUE;
    }
}

static gboolean has_ink(const char *text, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if (!g_ascii_isspace(text[i]))
            return TRUE;
    return FALSE;
}

static void on_text(void *data, const xmlChar *text, int length)
{
    struct rendering *rendering = data;
    gsize size = (gsize)length;

    if (rendering->dropped)
        return;
    if (rendering->unseen && has_ink((const char *)text, size))
        rendering->hidden = TRUE;
    if (rendering->kept)
        put_kept(rendering, (const char *)text, size);
    else
        put_collapsed(rendering, (const char *)text, size);
    if (rendering->out->len > rendering->max)
        stop(rendering);
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (; attributes && attributes[0]; attributes += 2)
        if (!g_ascii_strcasecmp((const char *)attributes[0], name))
            return (const char *)(attributes[1] ?: (const xmlChar *)"");
    return NULL;
}

/* As spammers and newsletters hide text: by the element's own style. */
static gboolean is_hidden(const xmlChar **attributes)
{
    static const char *const ways[] = {"display:none", "visibility:hidden", "font-size:0;",
        "font-size:0px", "font-size:0pt", "font-size:0%", "font-size:0em", "mso-hide:all"};
    const char *style = attribute(attributes, "style");
    g_autoptr(GString) bare = g_string_new(NULL);

    if (!style)
        return attribute(attributes, "hidden") != NULL;
    for (gsize i = 0; i < 4096 && style[i]; i++)
        if (!g_ascii_isspace(style[i]))
            g_string_append_c(bare, g_ascii_tolower(style[i]));
    g_string_append_c(bare, ';');
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strstr(bare->str, ways[i]))
            return TRUE;
    return FALSE;
}

/* The address if it is worth showing, or NULL. */
static char *shown_address(const char *href)
{
    static const char *const schemes[] = {"http:", "https:", "ftp:", "mailto:", "tel:"};

    for (gsize i = 0; href && i < G_N_ELEMENTS(schemes); i++)
        if (!g_ascii_strncasecmp(href, schemes[i], strlen(schemes[i])))
            return g_strdup(href);
    return NULL;
}

static void begin_traits(struct rendering *rendering, int traits)
{
    if (traits & (LINE | PARAGRAPH))
        owe_breaks(rendering, traits & PARAGRAPH ? 2 : 1);
    if (traits & ITEM) {
        pay(rendering);
        g_string_append(rendering->out, "- ");
        rendering->bullet = TRUE;
    }
    if (traits & RULE)
        put_kept(rendering, "----------", 10);
    rendering->dropped += (traits & DROP) != 0;
    rendering->kept += (traits & KEEP) != 0;
}

static void put_alternative(struct rendering *rendering, const char *text)
{
    if (!rendering->dropped && text && *text) {
        rendering->blank = TRUE;
        put_collapsed(rendering, text, strlen(text));
        rendering->blank = TRUE;
    }
}

static void on_begin(void *data, const xmlChar *name, const xmlChar **attributes)
{
    struct rendering *rendering = data;
    struct open_element element = {.traits = traits_of((const char *)name)};

    if (++rendering->elements > MAX_ELEMENTS || rendering->open->len >= MAX_DEPTH) {
        stop(rendering);
        return;
    }
    if (!strcmp((const char *)name, "br"))
        rendering->breaks = MIN(rendering->breaks + 1, 3);
    if (!strcmp((const char *)name, "img"))
        put_alternative(rendering, attribute(attributes, "alt"));
    element.hidden = is_hidden(attributes);
    rendering->unseen += element.hidden;
    if (!rendering->dropped)
        begin_traits(rendering, element.traits);
    else
        rendering->dropped++, element.traits = DROP;
    element.begin = rendering->out->len;
    g_array_append_val(rendering->open, element);
    if (!rendering->dropped)
        g_array_index(rendering->open, struct open_element, rendering->open->len - 1).href =
            shown_address(attribute(attributes, "href"));
}

/* "text <url>" where the text does not say the address itself. */
static void end_link(struct rendering *rendering, const struct open_element *element)
{
    gsize begin = MIN(element->begin, rendering->out->len);
    const char *text = rendering->out->str + begin;
    const char *bare = element->href;

    if (!g_ascii_strncasecmp(bare, "mailto:", 7) || !g_ascii_strncasecmp(bare, "tel:", 4))
        bare = strchr(bare, ':') + 1;
    if (rendering->out->len - begin < 4096 && strstr(text, bare))
        return;
    rendering->blank = *text != '\0';
    put_collapsed(rendering, "<", 1);
    put_kept(rendering, element->href, strlen(element->href));
    put_kept(rendering, ">", 1);
    if (rendering->out->len > rendering->max)
        stop(rendering);
}

static void on_end(void *data, const xmlChar *name)
{
    struct rendering *rendering = data;
    struct open_element element;

    if (rendering->open->len == 0)
        return;
    element = g_array_index(rendering->open, struct open_element, rendering->open->len - 1);
    g_array_set_size(rendering->open, rendering->open->len - 1);
    if (element.href)
        end_link(rendering, &element);
    g_free(element.href);
    rendering->unseen -= element.hidden;
    rendering->dropped -= (element.traits & DROP) != 0;
    rendering->kept -= (element.traits & KEEP) != 0;
    if (rendering->dropped)
        return;
    if (element.traits & (LINE | PARAGRAPH))
        owe_breaks(rendering, element.traits & PARAGRAPH ? 2 : 1);
    if (element.traits & CELL && rendering->out->len > 0 && rendering->breaks == 0)
        g_string_append_c(rendering->out, '\t');
}

/* Cells end with a tab, the last of a row too; no line keeps blanks at its end. */
static char *without_trailing_blanks(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_strchomp(*line);
    return g_strjoinv("\n", lines);
}

/* Passes over a tag and counts what may separate attributes; quoted values count for nothing. */
static const char *pass_tag(const char *at, const char *end, guint64 *separators)
{
    gboolean value = FALSE; /* an equals sign was the last that is no blank */

    for (; at < end && *at != '>'; at++) {
        if (value && (*at == '"' || *at == '\''))
            at = memchr(at + 1, *at, (gsize)(end - at - 1)) ?: end - 1;
        else
            *separators += *at == '=' || *at == '/' || *at == '"' || *at == '\'' || *at <= ' ';
        value = *at == '=' || (value && g_ascii_isspace(*at));
    }
    return at;
}

/* How much of the document can be parsed in bounded time. */
static gsize affordable(const char *html, gsize size)
{
    const char *at = html, *end = html + size;
    guint64 spent = 0;

    while (spent < MAX_COMPARISONS && (at = memchr(at, '<', (gsize)(end - at)))) {
        const char *tag = at++;
        guint64 separators = 0;
        if (at < end && g_ascii_isalpha(*at))
            at = pass_tag(at, end, &separators);
        spent += separators * separators / 2;
        if (spent >= MAX_COMPARISONS)
            return (gsize)(tag - html);
    }
    return size;
}

static void parse(struct rendering *rendering, const char *html, gsize size)
{
    htmlSAXHandler handler = {.startElement = on_begin,
        .endElement = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text};
    htmlParserCtxtPtr parser = htmlNewParserCtxt();

    if (!parser)
        return;
    *parser->sax = handler;
    parser->userData = rendering;
    rendering->parser = parser;
    htmlCtxtReadMemory(parser, html, (int)MIN(size, G_MAXINT), NULL, "UTF-8",
        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
            HTML_PARSE_IGNORE_ENC | HTML_PARSE_NODEFDTD);
    htmlFreeParserCtxt(parser);
}

char *html_to_text(const char *html, gsize size, gsize max, gboolean *hidden, gboolean *cut)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(struct open_element));
    struct rendering rendering = {.out = out, .open = open, .max = max};
    gsize affords = affordable(html, size);

    rendering.cut = affords < size;
    parse(&rendering, html, affords);
    for (guint i = 0; i < open->len; i++)
        g_free(g_array_index(open, struct open_element, i).href);
    *hidden = rendering.hidden;
    *cut = rendering.cut;
    g_string_replace(out, "\u00a0", " ", 0);
    return without_trailing_blanks(out->str);
}
