/* Texts as they are compared: whatever case and width their letters were written in. */
#pragma once
#include <glib.h>

/* NFKC in lower case, of the first `most` bytes; the caller frees it. */
char *fold_text(const char *text, gsize most);
/* `*` in the pattern stands for anything; both folded. */
gboolean fold_glob(const char *pattern, const char *text);
