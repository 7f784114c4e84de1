/* "severity>=high state=new": conditions on an incident, as the configuration has them. */
#pragma once
#include <glib.h>

enum when_field {
    WHEN_SEVERITY,
    WHEN_CATEGORY,
    WHEN_LABEL,
    WHEN_STATE,
    WHEN_TEAM,
    WHEN_LATE,
    WHEN_FIELDS
};

/* One word: the field is one of the values, or none of them, or at least as much as the only one.
 */
struct when_word {
    enum when_field field;
    gboolean unlike, at_least;
    char **values;
};
/* struct when_word, all of which are to hold; NULL with an error that says what is to be written.
 * The caller unrefs it. */
GPtrArray *when_parse(const char *text, GError **error);

/* From the least to the most; NULL-terminated. */
extern const char *const when_severities[];
extern const char *const when_labels[];
