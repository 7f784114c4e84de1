/* Those who decide, and when they are told; comes with store.h. */
#pragma once
#include <mado/escalation.h>

struct store;

/* -- escalation.c -- */
/* Something of it has changed: its rules are looked at, once, before anything else is due. */
gboolean store_escalation_look(struct store *store, guint64 incident, GError **error);
/* guint64 ids; and it was looked at. */
GArray *store_escalation_looks(struct store *store, guint most, GError **error);
gboolean store_escalation_looked(struct store *store, guint64 incident, GError **error);
/* The caller clears them, also where it failed. */
gboolean store_escalation_facts(
    struct store *store, guint64 incident, struct escalation_facts *facts, GError **error);

/* All 0 where there is none yet; NULL with an error. The caller frees it. */
struct escalation_step *store_escalation_step(
    struct store *store, guint64 incident, const char *target, GError **error);
/* struct escalation_step: those that are not at their end; those for which something is to be done.
 */
GPtrArray *store_open_escalations(struct store *store, guint most, GError **error);
GPtrArray *store_due_escalations(struct store *store, gint64 now, guint most, GError **error);
gboolean store_keep_escalation_step(
    struct store *store, const struct escalation_step *step, GError **error);
gboolean store_drop_escalation_step(
    struct store *store, const struct escalation_step *step, GError **error);

/* struct escalation_letter, oldest first; `target` NULL: of all. */
GPtrArray *store_escalation_letters(
    struct store *store, guint64 incident, const char *target, GError **error);
struct escalation_read {
    guint64 letter, answer; /* answer: a mail, or 0 */
    const char *by, *how;
    gint64 at;
};
gboolean store_escalation_is_read(
    struct store *store, const struct escalation_read *read, GError **error);
/* Nothing of it has reached anybody, or it was taken back: what comes next comes now. */
gboolean store_escalation_failed(struct store *store, guint64 letter, gint64 now, GError **error);
gboolean store_escalation_taken_back(struct store *store, guint64 letter, GError **error);
