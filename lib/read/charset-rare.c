/*
 * The code of the rare charsets: some 200 modules, 1,000 mappings, and so most of what a fork has
 * to copy. Left out of a child's memory it costs nothing; a child that touches it after all dies of
 * SIGSEGV, and its parent shares everything with the next one.
 */
#include "charset.h"
#include <build-facts.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Beginnings of the modules that mail is written in; any child has these. */
static const char *const common[] = {"ISO8859", "ISO-2022", "CP125", "CP874", "CP932", "KOI8",
    "EUC", "GB", "BIG5", "UHC", "JOHAB", "UTF", "UNICODE", "SJIS", "TIS-620", "TCVN", "MACINTOSH",
    "lib"};

struct range {
    guint8 *start, *end;
};
static GArray *rare; /* struct range */

static gboolean is_rare(const char *path)
{
    const char *folder = strstr(path, "/gconv/");

    for (gsize i = 0; folder && i < G_N_ELEMENTS(common); i++)
        if (g_str_has_prefix(folder + strlen("/gconv/"), common[i]))
            return FALSE;
    return folder != NULL;
}

/* One line of /proc/self/maps: "start-end perms offset device inode path". */
static void read_mapping(const char *line)
{
    struct range range;
    struct range *last = rare->len ? &g_array_index(rare, struct range, rare->len - 1) : NULL;

    if (!is_rare(line) || sscanf(line, "%p-%p", (void **)&range.start, (void **)&range.end) != 2)
        return;
    if (last && last->end == range.start)
        last->end = range.end;
    else
        g_array_append_val(rare, range);
}

static void find_rare(void)
{
    g_autofree char *maps = NULL;
    g_auto(GStrv) lines = NULL;

    rare = g_array_new(FALSE, FALSE, sizeof(struct range));
    if (!g_file_get_contents("/proc/self/maps", &maps, NULL, NULL))
        return;
    lines = g_strsplit(maps, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        read_mapping(lines[i]);
}

void charset_share_rare(gboolean share)
{
    if (MADO_SANITIZED) /* a sanitizer takes the signal that we wait for */
        return;
    if (!rare)
        find_rare();
    for (guint i = 0; i < rare->len; i++) {
        const struct range *range = &g_array_index(rare, struct range, i);
        madvise(
            range->start, (gsize)(range->end - range->start), share ? MADV_DOFORK : MADV_DONTFORK);
    }
}
