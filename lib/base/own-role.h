/* A role of the daemon for this program alone, as the daemon has its own. */
#pragma once
#include <glib.h>

struct own_role {
    int channel; /* -1: none runs */
    GPid pid;
};
#define OWN_ROLE_NONE ((struct own_role){.channel = -1})

/* Starts `PROGRAM --role=NAME`, if none runs, tells it `settings` (consumed) and waits until it is
 * ready. Whoever is silent for `seconds` then hangs. */
gboolean own_role_start(struct own_role *role, const char *program, const char *name,
    GVariant *settings, int seconds, GError **error);
void own_role_end(struct own_role *role);
