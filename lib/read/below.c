#include "below.h"
#include "cms.h"
#include "inline.h"
#include "offer.h"
#include "tree.h"
#include <string.h>

struct walk {
    struct facts *facts;
    GPtrArray *problems;
    const struct source *source;
};

/* Types and names that are worth a look; all others have none of it. */
static gboolean is_worth(const char *type, const char *name)
{
    static const char *const types[] = {"application/pgp", "application/pkcs7",
        "application/x-pkcs7", "application/pkix", "application/x-x509", "message/"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_prefix(type, types[i]))
            return TRUE;
    return offer_is_name(name) || cms_is_name(name);
}

/* What is shown was decoded once by now. */
static void note_text(struct facts *facts)
{
    const char *text = facts->message->text;
    struct inline_block block;

    if (!strstr(text, "-----BEGIN PGP "))
        return;
    inline_scan(&block, (const guint8 *)text, strlen(text));
    facts->layer->has_signed_part |= block.has_signed;
    facts->layer->has_encrypted_part |= block.has_encrypted;
    inline_clear(&block);
}

/* RFC 4880 4.2 and 5.1, 5.3: a packet with a session key. */
static gboolean is_sealed_packet(const guint8 *bytes, gsize size)
{
    return size > 0 && (bytes[0] == 0xc1 || bytes[0] == 0xc3 || (bytes[0] & 0xfc) == 0x84 ||
                           (bytes[0] & 0xfc) == 0x8c);
}

static gboolean is_sealed_file(const struct walk *walk, GMimeObject *part)
{
    static const char armour[] = "-----BEGIN PGP MESSAGE";
    g_autoptr(GByteArray) peek = part_bytes(walk->source, part, CMS_PEEK_BYTES);

    return is_sealed_packet(peek->data, peek->len) ||
           (peek->len >= sizeof armour && !memcmp(peek->data, armour, sizeof armour - 1));
}

static void note_cms(const struct walk *walk, GMimeObject *part)
{
    g_autoptr(GByteArray) peek = part_bytes(walk->source, part, CMS_PEEK_BYTES);
    g_autofree char *says = part_parameter(part, "Content-Type", "smime-type");
    enum cms_kind kind = cms_kind_of(peek->data, peek->len);
    struct layer *layer = walk->facts->layer;

    if (kind == CMS_ENVELOPED || (kind == CMS_UNKNOWN && says && strstr(says, "nveloped")))
        layer->has_encrypted_part = TRUE;
    else if (kind == CMS_SIGNED && (!says || g_ascii_strcasecmp(says, "certs-only") != 0))
        layer->has_signed_part = TRUE;
}

static void note_file(const struct walk *walk, GMimeObject *part)
{
    g_autofree char *name = part_name(part);

    if (cms_is_name(name))
        note_cms(walk, part);
    else if (offer_is_name(name) && is_sealed_file(walk, part))
        walk->facts->layer->has_encrypted_part = TRUE;
}

static void note_part(const struct walk *walk, GMimeObject *part, const char *type)
{
    static const char *const signing[] = {"multipart/signed", "application/pgp-signature",
        "application/pkcs7-signature", "application/x-pkcs7-signature", NULL};
    static const char *const sealing[] = {"multipart/encrypted", "application/pgp-encrypted", NULL};
    static const char *const cms[] = {"application/pkcs7-mime", "application/x-pkcs7-mime", NULL};
    struct layer *layer = walk->facts->layer;

    layer->has_signed_part |= g_strv_contains(signing, type);
    layer->has_encrypted_part |= g_strv_contains(sealing, type);
    if (g_strv_contains(cms, type))
        note_cms(walk, part);
    else if (GMIME_IS_PART(part))
        note_file(walk, part);
}

static gboolean visit(gpointer data, GMimeObject *part, gboolean embedded)
{
    const struct walk *walk = data;
    g_autofree char *type = part_type(part);

    note_part(walk, part, type);
    if (GMIME_IS_PART(part) && !embedded)
        offer_part(walk->facts->offers, walk->problems, walk->source, part);
    return TRUE;
}

void below_read(
    struct facts *facts, GPtrArray *problems, const struct source *source, GMimeObject *root)
{
    const GPtrArray *attachments = facts->message->attachments;
    struct walk walk = {facts, problems, source};

    note_text(facts);
    for (guint i = 0; i < attachments->len; i++) {
        const struct attachment *attachment = attachments->pdata[i];
        if (!is_worth(attachment->type, attachment->name))
            continue;
        tree_walk(root, visit, &walk);
        return;
    }
}
