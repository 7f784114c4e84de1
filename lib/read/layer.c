#include "layer.h"
#include "body.h"
#include "charset.h"
#include "cms.h"
#include "inline.h"
#include "layer-parts.h"
#include <string.h>

#define MAX_NOTE 400 /* characters of what programs write for readers without MIME */

void finding_doubt(struct finding *finding)
{
    problem_add(finding->of->problems,
        "its structure can be read in two ways: it counts neither as signed nor as encrypted");
}

/* -- the parts of a root -- */

static gsize count_text(const guint8 *bytes, struct span span)
{
    gsize count = 0;

    for (gsize i = span.begin; i < span.end; i++)
        count += !g_ascii_isspace(bytes[i]);
    return count;
}

/* RFC 2046 5.1.1: nobody shows the prologue; a longer one was put there to be seen. */
gboolean finding_is_bare(const struct entity *entity, const struct slices *slices)
{
    return count_text(entity->body, slices->prologue) <= MAX_NOTE &&
           count_text(entity->body, slices->epilogue) == 0;
}

gboolean finding_cut(struct finding *finding, struct slices *slices)
{
    const struct entity *root = finding->of->root;

    slices_cut(slices, content_setting(&root->content, "boundary"), root->body, root->size);
    if (!root->content.doubtful && (int)slices->parts->len == finding->of->parts)
        return TRUE;
    finding_doubt(finding);
    return FALSE;
}

void finding_part(
    struct entity *part, const struct entity *of, const struct slices *slices, guint index)
{
    struct span span = g_array_index(slices->parts, struct span, index);

    entity_read(part, of->body + span.begin, span.end - span.begin);
}

static gboolean is_type(const struct entity *entity, const char *type)
{
    return !entity->content.doubtful && !strcmp(entity->content.type, type);
}

/* -- PGP/MIME, encrypted -- */

/* RFC 3156 4: the first part says which version it is. */
static gboolean is_version_1(const struct entity *part)
{
    static const char version[] = "Version: 1";
    g_autoptr(GByteArray) bytes = entity_bytes(part, sizeof version);

    return is_type(part, "application/pgp-encrypted") && bytes->len >= sizeof version - 1 &&
           !g_ascii_strncasecmp((const char *)bytes->data, version, sizeof version - 1) &&
           (bytes->len < sizeof version || g_ascii_isspace(bytes->data[sizeof version - 1]));
}

static void take_ciphertext(struct finding *finding, enum layer_kind kind, const struct entity *at)
{
    finding->layer->kind = kind;
    finding->layer->whole = TRUE;
    finding->layer->payload = g_byte_array_free_to_bytes(entity_bytes(at, at->size));
}

/* The two parts of RFC 3156 4, which begin at `first`. */
static gboolean take_pair(struct finding *finding, const struct slices *slices, guint first)
{
    struct entity version, sealed;
    gboolean right;

    finding_part(&version, finding->of->root, slices, first);
    finding_part(&sealed, finding->of->root, slices, first + 1);
    right = is_version_1(&version) && is_type(&sealed, "application/octet-stream");
    if (right)
        take_ciphertext(finding, LAYER_PGP_ENCRYPTED, &sealed);
    entity_clear(&version);
    entity_clear(&sealed);
    return right;
}

static void find_encrypted(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    const char *protocol = content_setting(&root->content, "protocol");
    struct slices slices = {0};

    if (finding_cut(finding, &slices) && slices.parts->len == 2 && finding_is_bare(root, &slices) &&
        (!*protocol || !g_ascii_strcasecmp(protocol, "application/pgp-encrypted")))
        take_pair(finding, &slices, 0);
    finding->layer->has_encrypted_part = TRUE;
    slices_clear(&slices);
}

/* -- PGP/MIME that a mail server has taken apart -- */

static gboolean is_empty_text(const struct finding *finding, const struct slices *slices)
{
    struct entity part;
    gboolean empty;

    finding_part(&part, finding->of->root, slices, 0);
    empty = is_type(&part, "text/plain") && count_text(part.body, (struct span){0, part.size}) == 0;
    entity_clear(&part);
    return empty;
}

/* Exchange makes of it a multipart/mixed, with an empty text before it or without. */
static void find_mangled(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    struct slices slices = {0};
    guint parts = (guint)MAX(finding->of->parts, 0);

    if (!finding->layer->has_encrypted_part || (parts != 2 && parts != 3))
        return;
    slices_cut(&slices, content_setting(&root->content, "boundary"), root->body, root->size);
    if (!root->content.doubtful && slices.parts->len == parts && finding_is_bare(root, &slices) &&
        (parts == 2 || is_empty_text(finding, &slices)) && take_pair(finding, &slices, parts - 2))
        problem_add(finding->of->problems, "repaired: PGP/MIME that a mail server had taken apart");
    slices_clear(&slices);
}

/* -- S/MIME -- */

/* What the bytes say counts, else what the type says. */
static enum layer_kind cms_layer(const struct entity *root, GBytes *bytes)
{
    static const enum layer_kind by_bytes[] = {
        [CMS_SIGNED] = LAYER_CMS_OPAQUE, [CMS_ENVELOPED] = LAYER_CMS_ENCRYPTED};
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    enum cms_kind kind = cms_kind_of(data, size);

    if (content_says(&root->content, "smime-type", "certs-only") || kind == CMS_OTHER)
        return LAYER_NONE;
    if (kind != CMS_UNKNOWN)
        return by_bytes[kind];
    if (content_says(&root->content, "smime-type", "signed-data"))
        return LAYER_CMS_OPAQUE;
    return content_says(&root->content, "smime-type", "enveloped-data") ||
                   content_says(&root->content, "smime-type", "authenveloped-data")
               ? LAYER_CMS_ENCRYPTED
               : LAYER_NONE;
}

static void find_cms(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    g_autoptr(GBytes) bytes = NULL;

    if (root->content.doubtful) {
        finding_doubt(finding);
        return;
    }
    bytes = g_byte_array_free_to_bytes(entity_bytes(root, root->size));
    finding->layer->kind = cms_layer(root, bytes);
    if (finding->layer->kind == LAYER_NONE)
        return;
    finding->layer->whole = TRUE;
    finding->layer->payload = g_steal_pointer(&bytes);
}

/* Gateways that do not know the type give it another; the name stays, and its bytes must be CMS. */
static void find_cms_file(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    g_autofree char *disposition = header_raw(root->fields, "Content-Disposition");
    g_autofree char *name = disposition ? header_decode_parameter(disposition, "filename") : NULL;
    g_autoptr(GByteArray) peek = NULL;

    if (!cms_is_name(name ?: content_setting(&root->content, "name")))
        return;
    peek = entity_bytes(root, CMS_PEEK_BYTES);
    if (cms_kind_of(peek->data, peek->len) != CMS_UNKNOWN)
        find_cms(finding);
}

/* -- inline PGP -- */

/* Of what comes out: it is text in the charset of the part, or, where that names none, of the
 * armour (RFC 4880 6.2). Nobody has signed that name: with one that makes other words of ASCII,
 * whoever sends it on would decide what was said. */
static char *inline_header(const struct entity *root, const char *of_armour)
{
    const char *charset = content_setting(&root->content, "charset");

    if (!*charset && of_armour)
        charset = of_armour;
    if (!*charset || strlen(charset) > 40 ||
        charset[strspn(charset, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:+")] ||
        !charset_keeps_ascii(charset))
        charset = "utf-8";
    return g_strdup_printf("Content-Type: text/plain; charset=%s\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n\r\n",
        charset);
}

static void take_block(
    struct finding *finding, const struct inline_block *block, const guint8 *bytes)
{
    static const enum layer_kind kinds[] = {
        [INLINE_SIGNED] = LAYER_INLINE_SIGNED, [INLINE_ENCRYPTED] = LAYER_INLINE_ENCRYPTED};
    struct layer *layer = finding->layer;

    layer->kind = kinds[block->kind];
    layer->whole = TRUE;
    layer->payload = g_bytes_new(bytes + block->begin, block->end - block->begin);
    g_free(layer->header);
    layer->header = inline_header(finding->of->root, block->charset);
}

static void find_inline(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    g_autoptr(GByteArray) bytes = NULL;
    struct inline_block block;

    if (!finding->layer->has_signed_part && !finding->layer->has_encrypted_part)
        return; /* so there is no armour in the text */
    if (root->content.doubtful) {
        finding_doubt(finding);
        return;
    }
    bytes = entity_bytes(root, root->size);
    inline_scan(&block, bytes->data, bytes->len);
    if (block.kind != INLINE_NONE)
        take_block(finding, &block, bytes->data);
    inline_clear(&block);
}

/* -- the root -- */

static const struct {
    const char *type;
    gboolean alone; /* the type alone says that it is signed or encrypted */
    void (*find)(struct finding *finding);
} roots[] = {
    {"multipart/signed", TRUE, finding_signed},
    {"multipart/encrypted", TRUE, find_encrypted},
    {"application/pkcs7-mime", TRUE, find_cms},
    {"application/x-pkcs7-mime", TRUE, find_cms},
    {"multipart/mixed", FALSE, find_mangled},
    {"application/octet-stream", FALSE, find_cms_file},
    {"text/plain", FALSE, find_inline},
};

gboolean layer_is_type(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
        if (roots[i].alone && !strcmp(type, roots[i].type))
            return TRUE;
    return FALSE;
}

void layer_find(struct layer *layer, const struct rooted *rooted)
{
    struct finding finding = {layer, rooted};
    const char *type = rooted->root->content.type;

    for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
        if (!strcmp(type, roots[i].type))
            roots[i].find(&finding);
    if (layer->kind == LAYER_NONE && layer->has_signed_part)
        finding_signed_part(&finding);
    /* Of what is inside, the document that comes out tells. */
    if (layer->whole)
        layer->has_signed_part = layer->has_encrypted_part = FALSE;
}
