/* Between the files of lib/store alone: what programs are to be told. */
#pragma once
#include "store-event.h"

gboolean event_add_new(struct store *store, guint64 incident, gint64 at, GError **error);
/* Before it is changed: nothing if that is its state already. */
gboolean event_add_state(
    struct store *store, guint64 incident, const char *state, gint64 at, GError **error);
gboolean event_add_alarm(
    struct store *store, const char *condition, const char *what, gint64 at, GError **error);
