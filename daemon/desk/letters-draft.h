/* What mado writes by itself, on its way to bytes; comes with state.h. */
#pragma once
#include <glib.h>

struct asked;
struct desk;
struct new_letter;
struct outbox_row;
struct values;

/* What a template becomes, beside its envelope. */
struct draft {
    const char *template, *from_name, *auto_submitted;
    char **languages;
    struct values *const *values; /* for each of these */
    const char *in_reply_to;      /* NULL: a letter of its own */
    gint64 reply_by;              /* what the letter promises, if it has these words */
    const char *promise;          /* NULL: nothing */
    gboolean waits_for_person;
    gboolean brings_key; /* ours */
    /* Numbers of the recipient's tracker, each of which goes into the subject; NULL: none. Those
     * that stood in a clear subject may stand in one, the others in a sealed letter alone. */
    char **clear_references, **sealed_references;
};

/* `envelope` lacks what comes of the draft: subject and bytes. */
gboolean letters_queue(struct desk *desk, const struct draft *draft,
    const struct new_letter *envelope, GError **error);
/* The numbers stay: which of them may stand in a clear subject was decided when they were known. */
gboolean letters_remake(struct desk *desk, const struct outbox_row *row, const struct asked *asked,
    struct draft *draft, GError **error);
