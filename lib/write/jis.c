/* Text for mail programs that know ISO-2022-JP and nothing newer: ASCII and JIS X 0208, nothing
 * beside (RFC 1468). What looks the same and has another number in Unicode, depending on whose
 * table made it, is taken for the one that JIS has. */
#include "jis.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { GROWTH = 8 };

static iconv_t coder(void)
{
    static iconv_t opened;

    if (!opened)
        opened = iconv_open("ISO-2022-JP", "UTF-8");
    return opened;
}

/* The way back is what GMime opens to read a letter of ours again. */
void jis_warm(void)
{
    static iconv_t back;

    coder();
    if (!back)
        back = iconv_open("UTF-8", "ISO-2022-JP");
}

gboolean jis_is_wanted(const char *charset)
{
    return charset && g_ascii_strcasecmp(charset, WRITE_JIS) == 0;
}

/* As the tables of Microsoft have them, and as iconv has them. */
char *jis_same_shapes(const char *text)
{
    static const struct {
        const char *theirs, *ours;
    } shapes[] = {
        {"～", "〜"}, {"－", "−"}, {"∥", "‖"}, {"—", "―"}, {"￠", "¢"}, {"￡", "£"}, {"￢", "¬"}};
    g_autoptr(GString) out = g_string_new(text);

    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
        g_string_replace(out, shapes[i].theirs, shapes[i].ours, 0);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Ends in ASCII, because the descriptor is reset behind it. */
static char *convert(const char *text, gsize length)
{
    gsize room = length * GROWTH + GROWTH, left = room, in = length;
    g_autofree char *out = g_malloc(room + 1);
    char *from = (char *)text, *to = out;
    iconv_t cd = coder();

    if (cd == (iconv_t)-1)
        return NULL;
    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &from, &in, &to, &left) != 0 || in > 0 || iconv(cd, NULL, NULL, &to, &left) != 0)
        return NULL;
    *to = '\0';
    return strlen(out) == (gsize)(to - out) ? g_steal_pointer(&out) : NULL;
}

/* Half-width katakana would become other escape sequences, which RFC 1468 does not know. */
static gboolean is_plain(const char *converted)
{
    for (const char *at = converted; (at = strchr(at, '\033')); at++)
        if (!g_str_has_prefix(at, "\033(B") && !g_str_has_prefix(at, "\033$B") &&
            !g_str_has_prefix(at, "\033$@"))
            return FALSE;
    return TRUE;
}

char *jis_encode(const char *text)
{
    g_autofree char *shaped = jis_same_shapes(text);
    g_autofree char *converted = convert(shaped, strlen(shaped));

    return converted && is_plain(converted) ? g_steal_pointer(&converted) : NULL;
}

char *write_unfit(const char *text, const char *charset)
{
    g_autofree char *shaped = jis_same_shapes(text);
    g_autoptr(GString) unfit = g_string_new(NULL);

    for (const char *at = shaped; jis_is_wanted(charset) && *at; at = g_utf8_next_char(at)) {
        g_autofree char *one = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
        g_autofree char *fits = (guchar)*one < 0x80 ? g_strdup(one) : jis_encode(one);
        if (!fits && !strstr(unfit->str, one))
            g_string_append_printf(unfit, "%s%s", unfit->len ? " " : "", one);
    }
    return g_string_free(g_steal_pointer(&unfit), FALSE);
}
