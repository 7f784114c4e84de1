/* A confined reader of our own, for `explain`: the same program that reads mail for the daemon. */
#pragma once
#include <mado/crypto.h>
#include <mado/settings.h>

struct reader;
/* `program` is mado-reader; nothing is started before the first mail. `settings` outlive it. The
 * caller frees it. */
struct reader *reader_new(const char *program, const struct settings *settings);
void reader_free(struct reader *reader);
/* Reads a sealed mail, or (`inner`) what came out of a layer, in three tries at most. NULL without
 * error: it killed its reader each time, `*why` (the caller's) says how. NULL with an error: no
 * reader can be started. */
struct facts *reader_read(
    struct reader *reader, int mail, gboolean inner, char **why, GError **error);
