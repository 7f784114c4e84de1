/* The index for searches: inside lib/store only. What is indexed follows from the incident's label.
 */
#pragma once
#include "statement.h"

gboolean search_create(struct store *store, GError **error);
/* Brings the index in line with the incident's label: it, and all its mails. */
gboolean search_follow_label(struct store *store, guint64 incident, GError **error);
/* The same for a mail that was settled. */
gboolean search_follow_mail(struct store *store, guint64 mail, GError **error);
/* Before anything that is indexed of them changes. */
gboolean search_drop_incident(struct store *store, guint64 incident, GError **error);
gboolean search_drop_mail(struct store *store, guint64 mail, GError **error);
