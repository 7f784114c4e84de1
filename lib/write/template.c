/* Templates without logic: values, and sections that are there or not. A value is never parsed
 * again, so nothing in it can become a tag. */
#include "template.h"
#include "error.h"
#include "say.h"
#include "text.h"
#include "values.h"
#include <string.h>

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_SECTION, NODE_UNLESS };

struct node {
    enum node_kind kind;
    char *text; /* or the name */
    int line;
    GPtrArray *inner; /* struct node, of a section */
};

struct template
{
    GPtrArray *subject; /* struct node, as both */
    GPtrArray *text;
};

struct parser {
    const char *file;
    const struct template_variable *variables;
    GPtrArray *problems;
    int line;
    GPtrArray *open; /* struct node: the sections that are not closed yet; borrowed */
};

static void node_free(gpointer data)
{
    struct node *node = data;

    g_clear_pointer(&node->inner, g_ptr_array_unref);
    g_free(node->text);
    g_free(node);
}

static struct node *node_add(GPtrArray *list, enum node_kind kind, const char *text, int line)
{
    struct node *node = g_new0(struct node, 1);

    node->kind = kind;
    node->text = g_strdup(text);
    node->line = line;
    if (kind == NODE_SECTION || kind == NODE_UNLESS)
        node->inner = g_ptr_array_new_with_free_func(node_free);
    g_ptr_array_add(list, node);
    return node;
}

static void complain(struct parser *parser, int line, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void complain(struct parser *parser, int line, const char *format, ...)
{
    va_list values;
    g_autofree char *sentence = NULL;

    va_start(values, format);
    sentence = g_strdup_vprintf(_(format), values);
    va_end(values);
    g_ptr_array_add(parser->problems, g_strdup_printf("%s:%d: %s", parser->file, line, sentence));
}

/* -- reading -- */

static gboolean is_open(const struct parser *parser, const char *name)
{
    for (guint i = 0; i < parser->open->len; i++) {
        const struct node *section = g_ptr_array_index(parser->open, i);
        if (g_str_equal(section->text, name))
            return TRUE;
    }
    return FALSE;
}

static const struct template_variable *find_variable(
    const struct template_variable *variables, const char *name)
{
    while (variables->name && !g_str_equal(variables->name, name))
        variables++;
    return variables->name ? variables : NULL;
}

static gboolean is_list(const struct template_variable *variables, const char *name)
{
    for (; variables->name; variables++)
        if (g_strcmp0(variables->inside, name) == 0)
            return TRUE;
    return FALSE;
}

static char *list_names(const struct template_variable *variables)
{
    GString *names = g_string_new(NULL);

    for (; variables->name; variables++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", variables->name);
    return g_string_free(names, FALSE);
}

static void check_variable(struct parser *parser, const char *name, gboolean is_section)
{
    const struct template_variable *known;

    if (!parser->variables)
        return;
    known = find_variable(parser->variables, name);
    if (!known) {
        g_autofree char *names = list_names(parser->variables);
        complain(parser, parser->line, "unknown variable {{%s}}; this template may use: %s", name,
            names);
    } else if (known->inside && !is_open(parser, known->inside)) {
        complain(
            parser, parser->line, "{{%s}} may only be used inside {{#%s}}", name, known->inside);
    } else if (!is_section && is_list(parser->variables, name)) {
        complain(
            parser, parser->line, "{{%s}} is a list; use {{#%s}} and {{/%s}}", name, name, name);
    }
}

static void take_value(struct parser *parser, GPtrArray *list, const char *name)
{
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name) || !*name) {
        complain(parser, parser->line,
            strchr("#^/", *name) && *name
                ? N_("the tag {{%s}} must stand on a line of its own, below the subject")
                : N_("{{%s}} is not the name of a variable"),
            name);
        return;
    }
    check_variable(parser, name, FALSE);
    node_add(list, NODE_VALUE, name, parser->line);
}

/* Text and values of one line, without its end. */
static void take_inline(struct parser *parser, GPtrArray *list, const char *line)
{
    const char *start, *end;

    while ((start = strstr(line, "{{"))) {
        g_autofree char *before = g_strndup(line, (gsize)(start - line));
        g_autofree char *name = NULL;
        node_add(list, NODE_TEXT, before, parser->line);
        end = strstr(start, "}}");
        if (!end) {
            complain(parser, parser->line, "{{ without }}");
            return;
        }
        name = g_strndup(start + 2, (gsize)(end - start - 2));
        take_value(parser, list, name);
        line = end + 2;
    }
    node_add(list, NODE_TEXT, line, parser->line);
}

static void close_section(struct parser *parser, const char *name)
{
    const struct node *last =
        parser->open->len ? g_ptr_array_index(parser->open, parser->open->len - 1) : NULL;

    if (!last || !g_str_equal(last->text, name))
        complain(parser, parser->line, "{{/%s}} closes what is not open", name);
    else
        g_ptr_array_set_size(parser->open, (gint)parser->open->len - 1);
}

static gboolean take_section(struct parser *parser, GPtrArray *list, const char *line)
{
    static GRegex *tag;
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *sign = NULL, *name = NULL;

    if (!tag)
        tag = g_regex_new("^\\s*\\{\\{([#^/])([a-z0-9_-]+)\\}\\}\\s*$", 0, 0, NULL);
    if (!g_regex_match(tag, line, 0, &match))
        return FALSE;
    sign = g_match_info_fetch(match, 1);
    name = g_match_info_fetch(match, 2);
    if (*sign == '/') {
        close_section(parser, name);
        return TRUE;
    }
    check_variable(parser, name, TRUE);
    g_ptr_array_add(parser->open,
        node_add(list, *sign == '#' ? NODE_SECTION : NODE_UNLESS, name, parser->line));
    return TRUE;
}

static void take_line(struct parser *parser, struct template *template, const char *line)
{
    GPtrArray *list = template->text;

    if (parser->open->len)
        list = ((struct node *)g_ptr_array_index(parser->open, parser->open->len - 1))->inner;
    if (take_section(parser, list, line))
        return;
    take_inline(parser, list, line);
    node_add(list, NODE_TEXT, "\n", parser->line);
}

static void take_subject(struct parser *parser, struct template *template, const char *line)
{
    if (!g_str_has_prefix(line, "Subject: ") || !line[strlen("Subject: ")])
        complain(parser, 1, "the first line must be \"Subject: \" and a subject");
    else
        take_inline(parser, template->subject, line + strlen("Subject: "));
}

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* What an editor of another system leaves behind, and what would go out as it stands. */
static gboolean check_bytes(struct parser *parser, const char *text)
{
    const char *at;

    if (!g_utf8_validate(text, -1, &at))
        complain(parser, line_of(text, at), "this is not UTF-8; save the file as UTF-8");
    else if (g_str_has_prefix(text, "\xef\xbb\xbf"))
        complain(parser, 1, "the file begins with a byte order mark; save it as UTF-8 without one");
    else if ((at = strchr(text, '\r')))
        complain(parser, line_of(text, at), "Windows line ends; save the file with Unix line ends");
    else if (*(at = text +
                    strcspn(text, "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x1b\x7f")))
        complain(parser, line_of(text, at), "a control character");
    else
        return TRUE;
    return FALSE;
}

static void read_lines(struct parser *parser, struct template *template, char **lines)
{
    gsize count = g_strv_length(lines);

    if (count > 0 && !*lines[count - 1])
        count--; /* behind the last line end is no line */
    take_subject(parser, template, count ? lines[0] : "");
    if (count > 1 && *lines[1])
        complain(parser, 2, "the line below the subject must be empty");
    for (gsize i = 2; i < count; i++) {
        parser->line = (int)i + 1;
        take_line(parser, template, lines[i]);
    }
    for (guint i = 0; i < parser->open->len; i++) {
        const struct node *section = g_ptr_array_index(parser->open, i);
        complain(parser, section->line, "the section {{#%s}} is never closed", section->text);
    }
}

struct template *template_read(const char *text, const char *file,
    const struct template_variable *variables, GPtrArray *problems)
{
    struct parser parser = {file, variables, problems, 1, g_ptr_array_new()};
    struct template *template = g_new0(struct template, 1);

    template->subject = g_ptr_array_new_with_free_func(node_free);
    template->text = g_ptr_array_new_with_free_func(node_free);
    if (check_bytes(&parser, text)) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        read_lines(&parser, template, lines);
    }
    g_ptr_array_unref(parser.open);
    return template;
}

struct template *template_parse(const char *text, const char *file, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(mado_template) template = template_read(text, file, NULL, problems);

    if (problems->len == 0)
        return g_steal_pointer(&template);
    error_set(error, MADO_E_TEMPLATE, "%s", (const char *)g_ptr_array_index(problems, 0));
    return NULL;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    g_ptr_array_unref(template->subject);
    g_ptr_array_unref(template->text);
    g_free(template);
}

/* -- its own words -- */

static void add_words(const GPtrArray *nodes, GHashTable *words)
{
    for (guint i = 0; i < nodes->len; i++) {
        const struct node *node = nodes->pdata[i];
        if (node->inner)
            add_words(node->inner, words);
        else if (node->kind == NODE_TEXT)
            g_hash_table_add(words, g_strstrip(g_strdup(node->text)));
    }
}

void template_add_words(const struct template *template, GHashTable *words)
{
    add_words(template->subject, words);
    add_words(template->text, words);
}

/* -- rendering -- */

static void render(const GPtrArray *nodes, const struct values *values, GString *out);

static void render_section(const struct node *node, const struct values *values, GString *out)
{
    const GPtrArray *list = values_list(values, node->text);

    for (guint i = 0; list && i < list->len; i++)
        render(node->inner, g_ptr_array_index(list, i), out);
    if (!list && *values_string(values, node->text))
        render(node->inner, values, out);
}

static void render_node(const struct node *node, const struct values *values, GString *out)
{
    switch (node->kind) {
    case NODE_TEXT:
        g_string_append(out, node->text);
        break;
    case NODE_VALUE:
        g_string_append(out, values_string(values, node->text));
        break;
    case NODE_SECTION:
        render_section(node, values, out);
        break;
    case NODE_UNLESS:
        if (!values_list(values, node->text) && !*values_string(values, node->text))
            render(node->inner, values, out);
        break;
    }
}

static void render(const GPtrArray *nodes, const struct values *values, GString *out)
{
    for (guint i = 0; i < nodes->len; i++)
        render_node(g_ptr_array_index(nodes, i), values, out);
}

void template_render(
    const struct template *template, const struct values *values, char **subject, char **text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GString) lines = g_string_new(NULL);

    render(template->subject, values, line);
    *subject = text_harmless(g_strstrip(g_strdelimit(line->str, "\r\n\t", ' ')), NULL);
    render(template->text, values, lines);
    g_string_replace(lines, "\r\n", "\n", 0);
    g_strdelimit(lines->str, "\r", '\n');
    *text = text_harmless(lines->str, "\n\t");
}
