/* Opening a mail, layer by layer: a pure state machine. Who drives it (the desk, explain) has
 * readers read and the keys role open, and hands over what they say.
 *
 *   facts of the mail -> OPENING_KEYS: this layer -> opened -> OPENING_READ: this document ->
 *   its facts -> ... -> OPENING_DONE: the message, and what may be said of its protection
 *
 * What is read behind a layer is a document of its own, made of nothing but the bytes that were
 * signed or decrypted: so no other byte can stand inside of what is called signed or sealed. */
#pragma once
#include <mado/crypto.h>

enum opening_step { OPENING_KEYS, OPENING_READ, OPENING_DONE };

struct opening;
typedef struct opening mado_opening;
/* `arrived` is when the mail came; signatures are judged by it. The caller frees it. */
struct opening *opening_new(gint64 arrived);
void opening_free(struct opening *opening);

/* Neither layer nor protected part: what the reader says is all that there is to say. */
gboolean opening_is_plain(const struct facts *facts);

/* What a reader says of the mail, or of the document asked for; takes `facts`. */
enum opening_step opening_take_facts(struct opening *opening, struct facts *facts);
/* What the keys role says of the layer; takes `opened`. */
enum opening_step opening_take_opened(struct opening *opening, struct opened *opened);
/* The document could not be read (its reader died of it): the layer stays closed. */
enum opening_step opening_take_death(struct opening *opening, const char *why);

/* For OPENING_KEYS, and for OPENING_READ; owned by the opening, until the next step. */
const struct layer *opening_layer(const struct opening *opening);
GBytes *opening_document(const struct opening *opening);

/* -- once it is done -- */
/* Fingerprints of all signatures: what the directory is asked for. NULL-terminated, owned by the
 * opening. */
char **opening_signers(const struct opening *opening);
/* Keys that came along, all layers; owned by the opening: GBytes. */
const GPtrArray *opening_offers(const struct opening *opening);
/* The mail as it is read: the outer header, the subject that was protected if one was, text and
 * attachments of the innermost document. `known` (struct known_key) are pinned keys only. The
 * caller frees both results. */
struct message *opening_finish(
    const struct opening *opening, const GPtrArray *known, struct crypto **crypto);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_opening, opening_free)
