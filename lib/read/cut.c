#include "cut.h"
#include "tree.h"
#include <mado/limits.h>

struct search {
    const struct source *source;
    const char *sha256;
    GBytes *found;
};

GBytes *cut_whole(GBytes *bytes, const char *sha256)
{
    g_autofree char *own = NULL;

    if (g_bytes_get_size(bytes) > LIMIT_SAVED_BYTES)
        return NULL;
    own = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return g_str_equal(own, sha256) ? g_bytes_ref(bytes) : NULL;
}

static gboolean look(gpointer data, GMimeObject *part, gboolean embedded)
{
    struct search *search = data;
    g_autoptr(GBytes) bytes = NULL;

    if (GMIME_IS_MULTIPART(part))
        return TRUE;
    bytes = g_byte_array_free_to_bytes(part_bytes(search->source, part, LIMIT_SAVED_BYTES + 1));
    search->found = cut_whole(bytes, search->sha256);
    return !search->found;
}

GBytes *cut_part(const struct source *source, GMimeObject *root, const char *sha256)
{
    struct search search = {source, sha256, NULL};

    tree_walk(root, look, &search);
    return search.found;
}
