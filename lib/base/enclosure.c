/* A file that goes out: its name is an operator's or a stranger's, its type what the name says. */
#include <mado/enclosure.h>
#include "text.h"
#include <string.h>

enum { LONGEST_NAME = 120 }; /* characters */

void enclosure_free(struct enclosure *enclosure)
{
    if (!enclosure)
        return;
    g_free(enclosure->name);
    g_free(enclosure->type);
    g_free(enclosure->sha256);
    g_free(enclosure->wraps);
    g_clear_pointer(&enclosure->bytes, g_bytes_unref);
    g_free(enclosure);
}

GPtrArray *enclosures_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)enclosure_free);
}

guint64 enclosures_size(const GPtrArray *all)
{
    guint64 size = 0;

    for (guint i = 0; all && i < all->len; i++)
        size += ((const struct enclosure *)all->pdata[i])->size;
    return size;
}

/* -- the name -- */

static gboolean is_harmless(gunichar c)
{
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ||
           (c < 0x80 && strchr("-_+=@,()[] ", (int)c));
}

/* A dot at the beginning hides a file, and one at the end is lost on some systems. */
static void end_well(GString *name)
{
    g_strstrip(name->str);
    name->len = strlen(name->str);
    while (name->len > 0 && name->str[name->len - 1] == '.')
        g_string_truncate(name, name->len - 1);
    if (!name->len)
        g_string_assign(name, "file");
}

char *enclosure_safe_name(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    GString *out = g_string_new(NULL);
    glong length = 0;

    for (const char *at = valid; *at && length < LONGEST_NAME; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        gboolean dot = c == '.' && out->len > 0;
        if (c == '/' || c == '\\') {
            g_string_truncate(out, 0);
            length = 0;
            continue;
        }
        g_string_append_unichar(out, dot || (is_harmless(c) && !text_is_dangerous(c)) ? c : '_');
        length++;
    }
    end_well(out);
    return g_string_free(out, FALSE);
}

/* -- the type -- */

/* What is not here, or is no text though it says so, is bytes: nobody's program opens it unasked.
 */
static const char *type_of(const char *name, gboolean is_text)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".txt", "text/plain"},
        {".log", "text/plain"},
        {".asc", "text/plain"},
        {".md", "text/plain"},
        {".csv", "text/csv"},
        {".json", "application/json"},
        {".pdf", "application/pdf"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".zip", "application/zip"},
        {".gz", "application/gzip"},
        {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    };
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(lower, types[i].end) &&
            (is_text || !g_str_has_prefix(types[i].type, "text/")))
            return types[i].type;
    return "application/octet-stream";
}

gboolean enclosure_is_text(const struct enclosure *enclosure)
{
    gsize size = 0;
    const char *data = enclosure->bytes ? g_bytes_get_data(enclosure->bytes, &size) : NULL;

    return size && !memchr(data, '\0', size) && g_utf8_validate(data, (gssize)size, NULL);
}

/* -- the whole -- */

struct enclosure *enclosure_new(const char *name, GBytes *bytes, const char *wraps)
{
    struct enclosure *enclosure = g_new0(struct enclosure, 1);

    enclosure->name = enclosure_safe_name(name);
    enclosure->bytes = g_bytes_ref(bytes);
    enclosure->size = g_bytes_get_size(bytes);
    enclosure->sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    enclosure->wraps = g_strdup(wraps ? wraps : "");
    enclosure->type = g_strdup(type_of(enclosure->name, enclosure_is_text(enclosure)));
    return enclosure;
}
