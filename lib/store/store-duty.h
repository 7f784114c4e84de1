/* Who is on duty, and what one tells the next; comes with store.h. */
#pragma once
#include <mado/duty.h>

struct store;

/* -- duty.c -- */
struct on_duty {
    char *user; /* "": nobody yet */
    gint64 since;
    guint64 handover; /* by which; 0: none */
};
void on_duty_clear(struct on_duty *now);
/* The caller clears it. */
gboolean store_duty(struct store *store, struct on_duty *now, GError **error);
struct duty_begin {
    const char *user, *actor;
    guint64 handover;
    gint64 at;
};
gboolean store_begin_duty(struct store *store, const struct duty_begin *begin, GError **error);
/* Who has that shift instead of whose turn it is: `*user` is NULL for nobody, else the caller's. */
gboolean store_shift(
    struct store *store, const char *day, enum shift_kind kind, char **user, GError **error);
struct shift_set {
    const char *day;
    enum shift_kind kind;
    const char *user, *actor;
    gint64 at;
};
gboolean store_set_shift(struct store *store, const struct shift_set *set, GError **error);

/* -- handover.c -- */
/* Those that are written and not ended are replaced by it. Fills `id` and `number`. */
gboolean store_write_handover(
    struct store *store, struct handover *handover, int year, GError **error);
/* What the store knows that the next has to know; `next_day` is when the coming day is over. */
gboolean store_fill_handover(
    struct store *store, const struct handover *handover, gint64 next_day, GError **error);
gboolean store_add_handover_item(
    struct store *store, guint64 handover, const struct handover_item *item, GError **error);
/* NULL with MADO_E_NO_SUCH. `number` NULL: the last that waits to be accepted; 0: the newest. */
struct handover *store_handover(struct store *store, guint64 id, GError **error);
/* By its number; NULL: the last one that is not ended. `*id` is 0 if there is none. */
gboolean store_find_handover(struct store *store, const char *number, guint64 *id, GError **error);
/* struct handover_item, by part and moment. */
GPtrArray *store_handover_items(struct store *store, guint64 handover, GError **error);
gboolean store_end_handover(struct store *store, const struct handover *handover, GError **error);
/* Of whom the other is to be told now: guint64 ids; and they are. */
GArray *store_handovers_to_tell(struct store *store, gint64 now, GError **error);
gboolean store_handover_told(struct store *store, guint64 id, GError **error);
