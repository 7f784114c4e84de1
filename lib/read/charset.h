/* Charsets as browsers read them: the Japanese family by WHATWG behaviour, all others through
 * iconv. Nothing is lost: what cannot be decoded becomes U+FFFD and the rest follows. */
#pragma once
#include <glib.h>

/* Opens every charset that this system's gconv-modules name, to and from UTF-8, and keeps all open
 * (30 ms, 8 MB). Once, before confinement; after it iconv opens no file, whatever name it is asked
 * for, so that GMime and libxml2 may be fed names that senders chose. Both still decode worse than
 * we do: hand libxml2 UTF-8 and say so (its own reading of <meta charset> switched off), and take
 * from GMime bytes, not text. */
void charset_warm(void);
/* Whether processes forked from now on get the code of rare charsets: a fork is three times as dear
 * with it. One without it that needs it dies of SIGSEGV. The first call comes behind charset_warm()
 * and before confinement. */
void charset_share_rare(gboolean share);
/* Valid UTF-8 of `bytes`, which its sender labelled `label` (NULL or "": not at all). Labels that
 * are certainly wrong are corrected where that is safe. `*used` is set to the name of what was used
 * (static),
 * `*problem` to a sentence (static) or NULL. The caller frees the result. */
char *charset_to_utf8(
    const char *label, const guint8 *bytes, gsize size, const char **used, const char **problem);
/* Is there a charset of that name, as mail writes names? */
gboolean charset_is_known(const char *label);
