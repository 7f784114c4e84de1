/* Charsets as browsers read them: the Japanese family by WHATWG behaviour, all others through
 * iconv. Nothing is lost: what cannot be decoded becomes U+FFFD and the rest follows. */
#pragma once
#include <glib.h>

/* Opens the charsets of this system and keeps them open, with `rare` also those that mail is hardly
 * ever written in: what is not open now is opened when it is named. Once, before confinement. */
void charset_warm(gboolean rare);
/* Valid UTF-8 of `bytes`, which its sender labelled `label` (NULL or "": not at all). Labels that
 * are certainly wrong are corrected where that is safe. `*used` is set to the name of what was used
 * (static),
 * `*problem` to a sentence (static) or NULL. The caller frees the result. */
char *charset_to_utf8(
    const char *label, const guint8 *bytes, gsize size, const char **used, const char **problem);
/* Does ASCII that is written in it stay what it is, so that nobody can hide words in it? */
gboolean charset_keeps_ascii(const char *label);
