/* multipart/signed (RFC 1847): the root, or the first below it. */
#include "body.h"
#include "layer-parts.h"
#include <mado/limits.h>
#include <string.h>

#define MAX_DEPTH 8 /* of the search for a signed part */

static enum layer_kind kind_of(const char *type)
{
    static const struct {
        const char *type;
        enum layer_kind kind;
    } kinds[] = {
        {"application/pgp-signature", LAYER_PGP_SIGNED},
        {"application/pkcs7-signature", LAYER_CMS_SIGNED},
        {"application/x-pkcs7-signature", LAYER_CMS_SIGNED},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (!g_ascii_strcasecmp(type, kinds[i].type))
            return kinds[i].kind;
    return LAYER_NONE;
}

/* What the second part is counts, or else the protocol; they may not contradict one another. */
static enum layer_kind signed_kind(const struct entity *whole, const struct entity *signature)
{
    enum layer_kind by_part = kind_of(signature->content.type);
    enum layer_kind by_protocol = kind_of(content_setting(&whole->content, "protocol"));

    if (signature->content.doubtful || g_str_has_prefix(signature->content.type, "multipart/") ||
        (by_part && by_protocol && by_part != by_protocol))
        return LAYER_NONE;
    return by_part ? by_part : by_protocol;
}

static gboolean take_signature(struct finding *finding, const struct entity *signature)
{
    g_autoptr(GByteArray) bytes = entity_bytes(signature, LIMIT_SIGNATURE_BYTES + 1);

    if (bytes->len > LIMIT_SIGNATURE_BYTES)
        problem_add(finding->of->problems, "signature > 1 MB: it counts as none");
    if (bytes->len == 0 || bytes->len > LIMIT_SIGNATURE_BYTES)
        return FALSE;
    finding->layer->signature = g_bytes_new(bytes->data, bytes->len);
    return TRUE;
}

/* The first two parts of a multipart/signed; FALSE if they are no such pair. */
static gboolean take_signed(
    struct finding *finding, const struct entity *whole, const struct slices *slices)
{
    struct span payload = g_array_index(slices->parts, struct span, 0);
    struct entity signature;
    enum layer_kind kind;

    finding_part(&signature, whole, slices, 1);
    kind = signed_kind(whole, &signature);
    if (kind && take_signature(finding, &signature)) {
        finding->layer->kind = kind;
        finding->layer->payload =
            slice_canonical(whole->body + payload.begin, payload.end - payload.begin);
    }
    entity_clear(&signature);
    return finding->layer->kind != LAYER_NONE;
}

void finding_signed(struct finding *finding)
{
    const struct entity *root = finding->of->root;
    struct slices slices = {0};

    finding->layer->has_signed_part = TRUE;
    if (finding_cut(finding, &slices) && slices.parts->len >= 2 &&
        take_signed(finding, root, &slices))
        finding->layer->whole = slices.parts->len == 2 && finding_is_bare(root, &slices);
    slices_clear(&slices);
}

static gboolean search(struct finding *finding, const struct entity *entity, guint depth);

static gboolean search_parts(
    struct finding *finding, const struct entity *entity, const struct slices *slices, guint depth)
{
    gboolean found = FALSE;

    for (guint i = 0; i < slices->parts->len && !found; i++) {
        struct entity part;
        finding_part(&part, entity, slices, i);
        found = search(finding, &part, depth);
        entity_clear(&part);
    }
    return found;
}

static gboolean search(struct finding *finding, const struct entity *entity, guint depth)
{
    const struct content *content = &entity->content;
    struct slices slices = {0};
    gboolean found = FALSE;

    if (content->doubtful || !g_str_has_prefix(content->type, "multipart/") || depth == 0)
        return FALSE;
    slices_cut(&slices, content_setting(content, "boundary"), entity->body, entity->size);
    if (strcmp(content->type, "multipart/signed") != 0)
        found = search_parts(finding, entity, &slices, depth - 1);
    else if (slices.parts->len >= 2)
        found = take_signed(finding, entity, &slices);
    slices_clear(&slices);
    return found;
}

void finding_signed_part(struct finding *finding)
{
    const struct entity *root = finding->of->root;

    if (strcmp(root->content.type, "multipart/signed") != 0)
        search(finding, root, MAX_DEPTH);
}
