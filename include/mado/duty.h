/* Who is there when something comes: shifts, and what one person tells the next. */
#pragma once
#include <glib.h>

/* The office at work; the reception behind its hours; and all day long on days without any. */
enum shift_kind { SHIFT_DAY, SHIFT_NIGHT, SHIFT_HOLIDAY, SHIFT_KINDS };

struct shift {
    enum shift_kind kind;
    gint64 day; /* on which it begins, since 1970 where the team is */
    gint64 begins, ends;
};

const char *shift_name(enum shift_kind kind); /* "day", "night", "holiday" */
/* SHIFT_KINDS: there is none of that name. */
enum shift_kind shift_from_name(const char *name);

/* What the one on duty hands to the next. */
struct handover {
    guint64 id;
    char *number;              /* "H-2026-0231" */
    char *outgoing, *incoming; /* user names */
    gint64 since, at;          /* it tells of what happened from then on; when it was written */
    char *text;                /* in the words of who goes; "" */
    char *state;               /* "written", "accepted", "replaced" */
    gint64 ended_at;
    char *ended_by; /* user name; "" */
};
void handover_free(struct handover *handover);

struct handover_item {
    char *part; /* "watch", "new", "waiting", "promised", "held", "mail", "coming", "health" */
    guint64 incident; /* 0: of none */
    gint64 due;       /* 0: never */
    char *text;
};
void handover_item_free(struct handover_item *item);

typedef struct handover mado_handover;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_handover, handover_free)
