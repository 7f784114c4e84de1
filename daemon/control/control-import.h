/* What one row of a spreadsheet would become. */
#pragma once
#include "control-answers.h"
#include "store-import.h"

struct candidate {
    guint64 line;
    char *why;   /* it cannot be taken; NULL: it can */
    char *known; /* number of the incident that it is already, or was; NULL */
    char *sha256, *text, *subject, *reporter, *contact, *old, *result;
    const char *state, *category, *severity, *handler, *label, *label_by; /* borrowed */
    gint64 received, closed;
    GPtrArray *unknown; /* char *: "category X", what nobody has told us the meaning of */
};
/* FALSE with an error of the store alone. */
gboolean candidate_read(
    const struct answer *answer, const json_t *row, struct candidate *one, GError **error);
void candidate_clear(struct candidate *one);
const char *candidate_result(const struct candidate *one); /* "new", "known", "rejected" */
json_t *candidate_row(const struct answer *answer, const struct candidate *one, const char *result);
