/* What gpg and its agent left in their home when a daemon before this one was ended. */
#pragma once
#include <glib.h>

/* Once for each `run` of the daemon: a lock's owner is a number that another process may have by
 * now, and it would be waited for; an agent that hangs still listens. `lock` is a file of that home
 * that all workers lock. */
gboolean leftovers_clear(const char *home, int lock, guint64 run, GError **error);
