/* Mail opened as the daemon does it, one step behind the other, by a reader and a keys role of our
 * own: for `explain`. */
#pragma once
#include <mado/crypto.h>
#include <mado/settings.h>

struct opener;
/* Nothing is started before it is needed. The caller frees it. */
struct opener *opener_new(const struct settings *settings);
void opener_free(struct opener *opener);
/* Every key in the files of a folder may open and prove: each is taken for that of the person in
 * its first user id. What has no key is complained of, and left out. */
gboolean opener_take_keys(struct opener *opener, const char *folder, GError **error);
/* The mail as it is read, and what may be said of it: `*crypto`, the caller's; NULL for a mail that
 * is not protected. NULL without error: it killed its reader, `*death` (the caller's) says how. */
struct message *opener_open(
    struct opener *opener, int mail, struct crypto **crypto, char **death, GError **error);
