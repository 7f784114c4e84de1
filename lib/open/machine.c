/*
 * The layers of a mail, opened from the outside in
 *
 * A layer counts only at the root of its document: the mail, or what came out of the layer before.
 * That is the cryptographic envelope of RFC 9787 section 4.4: signed(encrypted) and
 * encrypted(signed) are opened, a ciphertext among other parts never is. The signature of a part is
 * verified, so that it can be listed, but the part is not read by itself: the text is that of the
 * whole document, which nobody signed.
 */
#include "opening.h"
#include "reason.h"
#include <mado/limits.h>
#include <string.h>

static void open_layer_free(gpointer data)
{
    struct open_layer *layer = data;

    opened_free(layer->opened);
    g_free(layer->payload_sha256);
    g_free(layer);
}

struct opening *opening_new(gint64 arrived)
{
    struct opening *opening = g_new0(struct opening, 1);

    opening->arrived = arrived;
    opening->layers = g_ptr_array_new_with_free_func(open_layer_free);
    opening->offers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    opening->problems = g_ptr_array_new_with_free_func(g_free);
    opening->key_ids = g_new0(char *, 1);
    opening->signers = g_new0(char *, 1);
    opening->sealed_sha256 = g_strdup("");
    return opening;
}

void opening_free(struct opening *opening)
{
    if (!opening)
        return;
    facts_free(opening->outer);
    facts_free(opening->inner);
    g_ptr_array_unref(opening->layers);
    g_clear_pointer(&opening->part, g_ptr_array_unref);
    g_clear_pointer(&opening->document, g_bytes_unref);
    g_strfreev(opening->key_ids);
    g_ptr_array_unref(opening->offers);
    g_ptr_array_unref(opening->problems);
    g_strfreev(opening->signers);
    g_free(opening->sealed_sha256);
    g_free(opening);
}

const struct facts *opening_innermost(const struct opening *opening)
{
    return opening->inner ? opening->inner : opening->outer;
}

gboolean opening_is_signed(const struct opening *opening)
{
    for (guint i = 0; i < opening->layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(opening->layers, i);
        if (layer->opened->signatures->len > 0)
            return TRUE;
    }
    return FALSE;
}

gboolean opening_is_plain(const struct facts *facts)
{
    return facts->layer->kind == LAYER_NONE && !facts->layer->has_signed_part &&
           !facts->layer->has_encrypted_part;
}

const struct layer *opening_layer(const struct opening *opening)
{
    return opening_innermost(opening)->layer;
}

GBytes *opening_document(const struct opening *opening)
{
    return opening->document;
}

const GPtrArray *opening_offers(const struct opening *opening)
{
    return opening->offers;
}

char **opening_signers(const struct opening *opening)
{
    return opening->signers;
}

/* -- what is noted on the way -- */

static void add_problem(struct opening *opening, const char *text)
{
    g_ptr_array_add(opening->problems, g_strdup(text));
}

static void add_reason(struct opening *opening, enum reason reason, const char *value)
{
    g_ptr_array_add(opening->problems, reason_make(reason, value, NULL));
}

static void add_limit(struct opening *opening, enum reason reason, int limit)
{
    g_autofree char *value = g_strdup_printf("%d", limit);

    add_reason(opening, reason, value);
}

/* A signed document is read twice, with all around it and by itself: the same key comes twice. */
static void keep_offers(struct opening *opening, const GPtrArray *offers)
{
    for (guint i = 0; i < offers->len && opening->offers->len < LIMIT_OFFERS; i++)
        if (!g_ptr_array_find_with_equal_func(
                opening->offers, offers->pdata[i], (GEqualFunc)g_bytes_equal, NULL))
            g_ptr_array_add(opening->offers, g_bytes_ref(offers->pdata[i]));
}

static void keep_signers(struct opening *opening, const GPtrArray *signatures)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    g_strv_builder_addv(builder, (const char **)opening->signers);
    for (guint i = 0; i < signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(signatures, i);
        if (!g_strv_contains((const char *const *)opening->signers, one->fingerprint))
            g_strv_builder_add(builder, one->fingerprint);
    }
    g_strfreev(opening->signers);
    opening->signers = g_strv_builder_end(builder);
}

/* RFC 9788 section 4.4: who the protected header says it is from must be who the mail says. */
static void compare_from(struct opening *opening, const struct message *message)
{
    const GPtrArray *outer = opening->outer->message->from;
    const struct mailbox *one, *other;

    if (!message->from->len)
        return;
    if (message->from->len == 1 && outer->len == 1) {
        one = message->from->pdata[0];
        other = outer->pdata[0];
        opening->other_from |= g_ascii_strcasecmp(one->addr, other->addr) != 0;
    } else {
        opening->other_from = TRUE;
    }
}

static gboolean has_address(const GPtrArray *boxes, const struct mailbox *wanted)
{
    for (guint i = 0; i < boxes->len; i++)
        if (!g_ascii_strcasecmp(((struct mailbox *)boxes->pdata[i])->addr, wanted->addr))
            return TRUE;
    return FALSE;
}

/* A signature does not say for whom the mail was, but a protected header does: who got it can have
 * sealed it again, to us. */
static void compare_to(struct opening *opening, const struct message *message)
{
    gboolean one_is_same = message->to->len == 0;

    for (guint i = 0; i < message->to->len; i++)
        one_is_same |= has_address(opening->outer->message->to, message->to->pdata[i]);
    opening->other_to |= !one_is_same;
}

/* -- from step to step -- */

static enum opening_step stay_closed(
    struct opening *opening, enum opened_state state, gboolean encrypted)
{
    opening->left = state;
    opening->left_encrypted = encrypted;
    return OPENING_DONE;
}

/* Without opening it one can read what is in it. */
static gboolean is_readable_as_it_is(enum layer_kind kind)
{
    return kind == LAYER_PGP_SIGNED || kind == LAYER_CMS_SIGNED || kind == LAYER_INLINE_SIGNED;
}

/* gpg looks for the key of each, and tries all of ours where it has no name. */
static gboolean has_too_many_keys(const struct layer *layer)
{
    return layer_is_encrypted(layer->kind) && !layer_is_cms(layer->kind) && layer->payload &&
           sealed_has_too_many_keys(layer->payload);
}

static enum opening_step begin_layer(struct opening *opening, const struct layer *layer)
{
    if (layer->kind == LAYER_NONE)
        return OPENING_DONE;
    if (!layer->whole)
        return layer_is_encrypted(layer->kind) || opening_is_signed(opening) ? OPENING_DONE
                                                                             : OPENING_KEYS;
    if (has_too_many_keys(layer)) {
        add_limit(opening, REASON_MANY_KEYS, LIMIT_SESSION_KEYS);
        return stay_closed(opening, OPENED_UNKNOWN, FALSE);
    }
    if (opening->layers->len < LIMIT_LAYERS)
        return OPENING_KEYS;
    add_limit(opening, REASON_MANY_LAYERS, LIMIT_LAYERS);
    if (is_readable_as_it_is(layer->kind))
        return OPENING_DONE;
    return stay_closed(opening, OPENED_BROKEN, FALSE);
}

enum opening_step opening_take_facts(struct opening *opening, struct facts *facts)
{
    if (opening->outer) {
        compare_from(opening, facts->message);
        compare_to(opening, facts->message);
        facts_free(opening->inner);
        opening->inner = facts;
    } else {
        opening->outer = facts;
    }
    g_clear_pointer(&opening->document, g_bytes_unref);
    keep_offers(opening, facts->offers);
    return begin_layer(opening, facts->layer);
}

/* What the keys role says must fit what the reader says; the Content-Type proves nothing, and a
 * decryption that shows no changes is as good as none (RFC 9580 section 5.7). */
static void distrust(enum layer_kind kind, struct opened *opened)
{
    gboolean pgp = layer_is_encrypted(kind) && !layer_is_cms(kind);
    gboolean encrypted = opened->encrypted;
    const char *why = NULL;

    opened->encrypted &= layer_is_encrypted(kind);
    if (opened->state != OPENED_DONE)
        return;
    if (layer_is_encrypted(kind) && !encrypted)
        why = "it says that it is encrypted, and is not";
    else if (!layer_is_encrypted(kind) && encrypted)
        why = "it says that it is signed, and is encrypted";
    else if (pgp && !opened->integrity)
        why = "nothing shows whether it was changed on its way";
    if (!why)
        return;
    opened->state = OPENED_BROKEN;
    g_free(opened->why);
    opened->why = g_strdup(why);
}

/* No signature is in an envelope of CMS (RFC 5652 section 6), and none is good in what is broken.
 */
static void doubt_signatures(enum layer_kind kind, struct opened *opened)
{
    if (kind == LAYER_CMS_ENCRYPTED)
        g_ptr_array_set_size(opened->signatures, 0);
    for (guint i = 0; opened->state != OPENED_DONE && i < opened->signatures->len; i++) {
        struct signature *one = g_ptr_array_index(opened->signatures, i);
        if (one->state == SIGNATURE_GOOD)
            one->state = SIGNATURE_ERROR;
    }
}

static gboolean is_detached(enum layer_kind kind)
{
    return kind == LAYER_PGP_SIGNED || kind == LAYER_CMS_SIGNED;
}

static GBytes *join(const char *header, GBytes *content)
{
    GByteArray *document;
    gsize size;
    const guint8 *data = g_bytes_get_data(content, &size);

    if (!*header)
        return g_bytes_ref(content);
    document = g_byte_array_sized_new((guint)(strlen(header) + size));
    g_byte_array_append(document, (const guint8 *)header, (guint)strlen(header));
    g_byte_array_append(document, data, (guint)size);
    return g_byte_array_free_to_bytes(document);
}

static GBytes *content_of(const struct layer *layer, const struct opened *opened)
{
    GBytes *bytes = is_detached(layer->kind) ? layer->payload : opened->content;

    if (!bytes)
        return g_bytes_new(NULL, 0);
    return opened->signatures->len && !layer_is_cms(layer->kind) ? payload_as_signed(bytes)
                                                                 : g_bytes_ref(bytes);
}

/* The document is made of nothing but the bytes that were signed or decrypted. */
static enum opening_step read_inside(
    struct opening *opening, const struct layer *layer, struct opened *opened)
{
    struct open_layer *open = g_new0(struct open_layer, 1);
    g_autoptr(GBytes) content = content_of(layer, opened);

    open->kind = layer->kind;
    open->opened = opened;
    open->payload_sha256 = opened->signatures->len ? payload_digest(content) : g_strdup("");
    g_ptr_array_add(opening->layers, open);
    keep_signers(opening, opened->signatures);
    opening->document = join(layer->header, content);
    g_clear_pointer(&opened->content, g_bytes_unref);
    return OPENING_READ;
}

static enum opening_step take_part(struct opening *opening, struct opened *opened)
{
    opening->part = g_ptr_array_ref(opened->signatures);
    keep_signers(opening, opening->part);
    opened_free(opened);
    return OPENING_DONE;
}

/* Of these gpg itself says that they are encrypted; a broken one may be anything. */
static gboolean is_known_to_be_encrypted(const struct opened *opened)
{
    return opened->encrypted || opened->state == OPENED_NO_KEY ||
           opened->state == OPENED_PASSWORD || opened->state == OPENED_TOO_LARGE;
}

/* What S/MIME has sealed to us can be changed block by block, and opens or does not by the padding
 * at its end. Whoever is told which finds out what another has sealed, question by question
 * (Vaudenay, "Security Flaws Induced by CBC Padding"). So what opens is as quiet as what does not,
 * and what is found behind it as well. */
static gboolean would_tell(const struct layer *layer, const struct opened *opened)
{
    return layer->kind == LAYER_CMS_ENCRYPTED && opened->to[0] &&
           (opened->state == OPENED_DONE || opened->state == OPENED_BROKEN);
}

static void keep_sealed(struct opening *opening, const struct layer *layer)
{
    if (!layer_is_encrypted(layer->kind) || !layer->payload || *opening->sealed_sha256)
        return;
    g_free(opening->sealed_sha256);
    opening->sealed_sha256 = sealed_digest(layer->payload);
}

static enum opening_step take_closed(
    struct opening *opening, const struct layer *layer, struct opened *opened)
{
    gboolean encrypted = is_known_to_be_encrypted(opened);
    enum opened_state state = opened->state;

    add_reason(opening, REASON_NOT_OPENED, *opened->why ? opened->why : opened_state_name(state));
    g_strfreev(opening->key_ids);
    opening->key_ids = g_steal_pointer(&opened->key_ids);
    opened->key_ids = g_new0(char *, 1);
    opened_free(opened);
    return stay_closed(opening, state, encrypted && layer_is_encrypted(layer->kind));
}

/* The armour alone signs nothing: the text is read as it stands. */
static enum opening_step take_unsigned(struct opening *opening, struct opened *opened)
{
    add_problem(opening, "it says that it is signed, and no signature is in it");
    opened_free(opened);
    return OPENING_DONE;
}

enum opening_step opening_take_opened(struct opening *opening, struct opened *opened)
{
    const struct layer *layer = opening_layer(opening);

    distrust(layer->kind, opened);
    doubt_signatures(layer->kind, opened);
    if (!layer->whole)
        return take_part(opening, opened);
    opening->quiet |= would_tell(layer, opened);
    keep_sealed(opening, layer);
    if (layer->kind == LAYER_INLINE_SIGNED && opened->state == OPENED_DONE &&
        !opened->signatures->len)
        return take_unsigned(opening, opened);
    if (opened->state == OPENED_DONE)
        return read_inside(opening, layer, opened);
    if (!is_readable_as_it_is(layer->kind))
        return take_closed(opening, layer, opened);
    add_reason(
        opening, REASON_NOT_CHECKED, *opened->why ? opened->why : opened_state_name(opened->state));
    if (is_detached(layer->kind))
        return read_inside(opening, layer, opened);
    opened_free(opened);
    return OPENING_DONE;
}

/* What is shown is the document around it, of which the signatures inside say nothing. */
enum opening_step opening_take_death(struct opening *opening, const char *why)
{
    struct open_layer *last = g_ptr_array_index(opening->layers, opening->layers->len - 1);
    gboolean readable = is_readable_as_it_is(last->kind);
    gboolean encrypted = last->opened->encrypted;

    g_ptr_array_set_size(opening->layers, (gint)opening->layers->len - 1);
    g_clear_pointer(&opening->document, g_bytes_unref);
    add_reason(opening, REASON_NOT_READ, why);
    return readable ? OPENING_DONE : stay_closed(opening, OPENED_BROKEN, encrypted);
}
