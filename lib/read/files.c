#include "files.h"
#include "charset.h"
#include "tree.h"
#include <mado/limits.h>
#include <string.h>

struct walk {
    struct facts *facts;
    const struct source *source;
    GMimeObject *shown;
    gsize bytes; /* taken so far */
};

/* What is text, as its type or its name says. */
static gboolean is_text(const char *type, const char *name)
{
    static const char *const types[] = {
        "text/", "message/", "application/json", "application/xml", "application/csv"};
    static const char *const ends[] = {
        ".json", ".xml", ".csv", ".txt", ".log", ".yaml", ".yml", ".tsv", ".ioc", ".stix", ".eml"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_prefix(type, types[i]))
            return TRUE;
    if (g_str_has_suffix(type, "+json") || g_str_has_suffix(type, "+xml"))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        gsize length = strlen(name), end = strlen(ends[i]);
        if (length > end && !g_ascii_strcasecmp(name + length - end, ends[i]))
            return TRUE;
    }
    return FALSE;
}

static char *text_of(GMimeObject *part, const GByteArray *bytes)
{
    g_autofree char *label = part_parameter(part, "Content-Type", "charset");
    const char *used, *problem = NULL;

    return charset_to_utf8(label, bytes->data, bytes->len, &used, &problem);
}

static void take(struct walk *walk, GMimeObject *part)
{
    g_autofree char *type = part_type(part);
    g_autofree char *name = part_name(part);
    g_autoptr(GByteArray) bytes = NULL;
    g_autofree char *text = NULL;
    struct part_file *file;

    if (!is_text(type, name) || (part == walk->shown && !strcmp(type, "text/html")))
        return; /* what a person sees of it is the text of the mail */
    bytes = part_bytes(walk->source, part, LIMIT_PART_BYTES + 1);
    walk->bytes += bytes->len;
    if (bytes->len > LIMIT_PART_BYTES || walk->bytes > LIMIT_PARTS_BYTES) {
        walk->facts->message->report->more = TRUE;
        return;
    }
    text = text_of(part, bytes);
    file = part_file_new(name, type, text);
    file->shown = part == walk->shown;
    g_ptr_array_add(walk->facts->parts, file);
}

static gboolean is_shown(GMimeObject *part)
{
    g_autofree char *type = part_type(part);
    g_autofree char *name = part_name(part);

    return (!strcmp(type, "text/plain") || !strcmp(type, "text/html")) && !*name &&
           !part_is_attached(part);
}

static gboolean visit(gpointer data, GMimeObject *part, gboolean embedded)
{
    struct walk *walk = data;

    if (GMIME_IS_PART(part) && (embedded || !is_shown(part)))
        take(walk, part);
    return walk->facts->parts->len < LIMIT_PARTS;
}

void files_read(
    struct facts *facts, const struct source *source, GMimeObject *root, GMimeObject *shown)
{
    struct walk walk = {facts, source, shown, 0};

    tree_walk(root, visit, &walk);
}
