/* What parties do who were asked for something: pure. */
#pragma once
#include <glib.h>

/* "C-2026-0057"; the caller frees it. */
char *coordination_format(int year, int sequence);
/* "C-2026-0057", "c-2026-57", "C57", "57"; year 0: not said. FALSE: it is no such number. */
gboolean coordination_parse(const char *text, int *year, int *sequence);

/* What may become of one. */
enum coordination_event {
    COORDINATION_ACKNOWLEDGED, /* a machine of theirs has, with a number */
    COORDINATION_ANSWERED,     /* a person has */
    COORDINATION_SILENT,       /* the last reminder was in vain */
    COORDINATION_DONE,         /* an operator says so */
    COORDINATION_EVENTS
};
/* The state behind it; `state` itself where it changes nothing. */
const char *coordination_behind(const char *state, enum coordination_event event);
/* Are they reminded in that state? */
gboolean coordination_waits(const char *state);
gboolean coordination_is_over(const char *state);

/* -- identity.c: who reported it, taken out of what others are told -- */
struct identity;
struct identity *identity_new(void);
void identity_free(struct identity *identity);
/* Each is left out if it says nothing ("" or too short to be told from other words), or if it
 * stands in what everybody is told anyway (`ours`: a text). The address comes with its host, where
 * that stands alone. */
void identity_add_name(struct identity *identity, const char *name, const char *ours);
void identity_add_address(struct identity *identity, const char *address, const char *ours);
/* All telephone numbers that stand in `text`. */
void identity_add_phones(struct identity *identity, const char *text, const char *ours);
gboolean identity_is_empty(const struct identity *identity);
/* The first piece of it that stands in a text, masked or not; NULL: none. The caller frees it. */
char *identity_find(const struct identity *identity, const char *text);
/* The text with `mark` in place of each; adds to `count`. The caller frees it. */
char *identity_remove(
    const struct identity *identity, const char *text, const char *mark, guint *count);

/* -- shape.c: numbers of a contact's tracker, as tickets.foreign writes them -- */
/* All in that text, each once and as it stands there; NULL-terminated. The caller frees it. */
char **shape_find(const char *shape, const char *text);

typedef struct identity mado_identity;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_identity, identity_free)
