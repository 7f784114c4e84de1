/* What is to be done with one mail, and why: decided by pure functions, applied by the pipeline,
 * printed by `madoctl explain`. */
#pragma once
#include <glib.h>

/* The one place where a mail ends. */
enum ledger {
    LEDGER_NONE, /* not decided yet */
    LEDGER_INCIDENT,
    LEDGER_PENDING,
    LEDGER_FEED,
    LEDGER_BOUNCE,
    LEDGER_MACHINE,
    LEDGER_SPAM,
    LEDGER_UNREADABLE,
    LEDGER_QUARANTINE,
    LEDGER_COPY,
    LEDGER_PLACES
};

enum action_kind {
    ACTION_OPEN,      /* category, severity, label, by what each: "rule NAME", "report", ... */
    ACTION_JOIN,      /* number, by */
    ACTION_PENDING,   /* claims */
    ACTION_ACK,       /* template, language, to, sealed */
    ACTION_NO_ACK,    /* - */
    ACTION_SET,       /* field, value, by */
    ACTION_REFERENCE, /* authority, id */
    ACTION_RELATE,    /* number, by */
    ACTION_NOTICE,    /* to */
    ACTION_DELIVERY, /* letter, number, recipient, outcome, permanent, status, reply_code, reason */
    ACTION_RETURNED, /* letter, reply */
    ACTION_REVIEW,   /* review, contact, answer */
    ACTION_KINDS
};

enum { ACTION_FIELDS = 8 };

struct action {
    enum action_kind kind;
    char *why;                  /* one clause for an operator, never the reporter's text */
    char *value[ACTION_FIELDS]; /* in the order of action_fields(); NULL behind the last */
};

struct plan {
    enum ledger ledger;
    GPtrArray *actions; /* struct action, in the order in which they are applied */
};

struct plan *plan_new(void);
void plan_free(struct plan *plan);

/* Appends one action; the values are copied and end with NULL, at most as many as the kind has
 * fields. */
struct action *plan_add(
    struct plan *plan, enum action_kind kind, const char *why, ...) G_GNUC_NULL_TERMINATED;
/* The first action of that kind, or NULL; the plan owns it. */
const struct action *plan_find(const struct plan *plan, enum action_kind kind);

const char *ledger_name(enum ledger ledger);             /* "incident", "pending", ... */
enum ledger ledger_from_name(const char *name);          /* LEDGER_NONE if there is no such place */
const char *action_name(enum action_kind kind);          /* "open", "no-ack", ... */
const char *const *action_fields(enum action_kind kind); /* names of the values, NULL-terminated */

typedef struct plan mado_plan;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_plan, plan_free)
