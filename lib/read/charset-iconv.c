/* The charsets that iconv knows. Its modules are files: they are opened once, before confinement,
 * and their descriptors are kept, so that neither we nor a library of ours opens one later. All of
 * them are 1,300 mappings, and a fork costs by its mappings; so a process may open the common ones
 * only, and one that meets a rare one then tries to open a file. */
#include "charset-parts.h"
#include <errno.h>
#include <iconv.h>
#include <link.h>
#include <string.h>

enum { GROWTH = 16 }; /* bytes of UTF-8 for one byte; no charset comes near */

/* All codecs of iconv by their name there, opened or not, and descriptors that we do not use but
 * others may: kept as long as the process. */
static GHashTable *known;
static GPtrArray *kept;

/* How far to go on after an error. */
static const struct {
    const char *prefix;
    guint unit;
} units[] = {
    {"UTF-16", 2},
    {"UCS-2", 2},
    {"UNICODE", 2},
    {"ISO-10646", 2},
    {"UTF-32", 4},
    {"UCS-4", 4},
    {"BIG5", 0},
    {"EUC", 0},
    {"GB", 0},
    {"JOHAB", 0},
    {"SHIFT", 0},
    {"UHC", 0},
};

/* What mail is written in, beside what needs no module of iconv: UTF-8, ASCII, Japanese. */
static const char *const common[] = {"BIG5-HKSCS", "CP1250", "CP1251", "CP1252", "CP1254",
    "GB18030", "ISO-8859-2", "KOI8-R", "UHC", NULL};

static gboolean is_common(const char *name)
{
    return g_strv_contains(common, name);
}

static guint unit_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_ascii_strncasecmp(name, units[i].prefix, strlen(units[i].prefix)) == 0)
            return units[i].unit;
    return 1;
}

/* The descriptor, or NULL. The way back is opened too: libxml2 asks for both. */
static gpointer open_way(const char *to, const char *from)
{
    iconv_t cd = iconv_open(to, from);

    return cd == (iconv_t)-1 ? NULL : cd;
}

static struct codec *add_codec(const char *name, const char *shown, enum trust trust)
{
    struct codec *codec = g_new0(struct codec, 1);

    codec->name = g_intern_string(shown ? shown : name);
    codec->iconv_name = g_intern_string(name);
    codec->decode = iconv_decode;
    codec->trust = trust;
    codec->unit = unit_of(name);
    if (!known)
        known = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(known, (gpointer)codec->iconv_name, codec);
    return codec;
}

gboolean iconv_is_ready(struct codec *codec)
{
    if (codec->decode != iconv_decode || codec->iconv[0])
        return TRUE;
    codec->iconv[0] = open_way("UTF-8", codec->iconv_name);
    codec->iconv[1] = open_way(codec->iconv_name, "UTF-8");
    return codec->iconv[0] != NULL;
}

struct codec *iconv_codec(const char *name, const char *shown, enum trust trust, gboolean rare)
{
    struct codec *codec = known ? g_hash_table_lookup(known, name) : NULL;

    if (!codec || (shown && strcmp(shown, codec->name) != 0))
        codec = add_codec(name, shown, trust);
    return (!rare && !is_common(name)) || iconv_is_ready(codec) ? codec : NULL;
}

/* The folder of the modules: where the loader found one of them. */
static int find_folder(struct dl_phdr_info *info, size_t size, void *folder)
{
    if (!info->dlpi_name || !strstr(info->dlpi_name, "/gconv/"))
        return 0;
    *(char **)folder = g_path_get_dirname(info->dlpi_name);
    return 1;
}

/* "UTF-8" for the inner form, the name without its slashes for all others. */
static char *name_of(const char *written)
{
    if (strcmp(written, "INTERNAL") == 0)
        return g_strdup("UTF-8");
    return g_str_has_suffix(written, "//") ? g_strndup(written, strlen(written) - 2)
                                           : g_strdup(written);
}

/* One line of gconv-modules: "alias NAME// CHARSET//" or "module FROM// TO// file cost". */
static void read_line(const char *line, GHashTable *aliases, gboolean rare)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
    const char *word[3] = {"", "", ""};
    g_autofree char *first = NULL, *second = NULL;
    guint found = 0;

    for (guint i = 0; words[i] && found < G_N_ELEMENTS(word); i++)
        if (*words[i])
            word[found++] = words[i];
    first = name_of(word[1]);
    second = name_of(word[2]);
    if (strcmp(word[0], "alias") == 0) {
        g_hash_table_insert(aliases, g_steal_pointer(&first), g_steal_pointer(&second));
    } else if (strcmp(word[0], "module") == 0) {
        const char *name = strcmp(first, "UTF-8") == 0 ? second : first;
        iconv_codec(name, NULL, TRUST_OTHER, rare);
        if (rare || is_common(name))
            g_ptr_array_add(kept, open_way(second, first));
    }
}

static void read_list(const char *folder, const char *file, GHashTable *aliases, gboolean rare)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        read_line(lines[i], aliases, rare);
}

static void read_lists(const char *folder, GHashTable *aliases, gboolean rare)
{
    g_autofree char *more = g_build_filename(folder, "gconv-modules.d", NULL);
    g_autoptr(GDir) dir = g_dir_open(more, 0, NULL);
    const char *file;

    read_list(folder, "gconv-modules", aliases, rare);
    while (dir && (file = g_dir_read_name(dir)))
        if (g_str_has_suffix(file, ".conf"))
            read_list(more, file, aliases, rare);
}

static void add(GHashTable *codecs, const char *name, struct codec *codec)
{
    char *key = g_ascii_strdown(name, -1);

    if (g_hash_table_contains(codecs, key))
        g_free(key);
    else
        g_hash_table_insert(codecs, key, codec);
}

void iconv_warm(GHashTable *codecs, gboolean rare)
{
    static const char *const built_in[] = {"UTF-8", "UCS-2", "UCS-2LE", "UCS-2BE", "UCS-4",
        "UCS-4LE", "UCS-4BE", "UTF-16", "UTF-7", "CP932"};
    g_autoptr(GHashTable) aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *folder = NULL;
    GHashTableIter iter;
    gpointer name, target;

    kept = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(built_in); i++)
        iconv_codec(built_in[i], NULL, TRUST_OTHER, rare);
    dl_iterate_phdr(find_folder, &folder);
    if (folder)
        read_lists(folder, aliases, rare);
    g_hash_table_iter_init(&iter, known);
    while (g_hash_table_iter_next(&iter, &name, &target))
        add(codecs, name, target);
    g_hash_table_iter_init(&iter, aliases);
    while (g_hash_table_iter_next(&iter, &name, &target))
        if (g_hash_table_contains(known, target))
            add(codecs, name, g_hash_table_lookup(known, target));
}

/* `before` is where iconv started. glibc's UHC passes over some pairs before it calls them wrong;
 * the ASCII behind them is not to be lost too. */
static gsize bytes_to_skip(const struct decoding *d, const guint8 *before, guint unit)
{
    gsize left = (gsize)(d->end - d->at);

    if (unit == 0 && d->at > before && left > 0 && *d->at < 0x80)
        return 0;
    if (unit == 0)
        unit = left > 1 && d->at[0] >= 0x80 && d->at[1] >= 0x80 ? 2 : 1;
    return MIN(left, unit);
}

static void put_all(struct decoding *d, const char *text, const char *end)
{
    while (text < end) {
        const char *stop = memchr(text, '\0', (gsize)(end - text));
        g_string_append_len(d->out, text, (stop ? stop : end) - text);
        if (stop)
            decoding_put(d, 0);
        text = stop ? stop + 1 : end;
    }
}

/* Goes on behind every error, and even where iconv does not move at all. */
void iconv_decode(struct decoding *d, const struct codec *codec)
{
    gsize most = d->out->len + (gsize)(d->end - d->at) * GROWTH + GROWTH;
    iconv_t cd = codec->iconv[0];
    char buffer[4096], *out = buffer;
    gsize room = sizeof buffer;

    iconv(cd, NULL, NULL, NULL, NULL);
    while (d->at < d->end && d->out->len < most) {
        const guint8 *before = d->at;
        gsize left = (gsize)(d->end - d->at);
        gboolean failed;

        out = buffer;
        room = sizeof buffer;
        failed = iconv(cd, (char **)&d->at, &left, &out, &room) == (gsize)-1 && errno != E2BIG;
        put_all(d, buffer, out);
        if (failed || (d->at == before && out == buffer))
            decoding_bad(d, bytes_to_skip(d, before, codec->unit));
    }
    if (d->at < d->end) /* it grew as no text does */
        decoding_bad(d, (gsize)(d->end - d->at));
    out = buffer;
    room = sizeof buffer;
    iconv(cd, NULL, NULL, &out, &room);
    put_all(d, buffer, out);
}
