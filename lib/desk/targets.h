/* By when something is to have happened to an incident, and when somebody is told: pure. */
#pragma once
#include <mado/settings.h>
#include <mado/target.h>

/* What has happened to an incident so far. Moments are 0 where it has not. */
struct target_facts {
    const char *severity, *category;
    gint64 opened_at;
    gboolean over;          /* it is closed or rejected */
    gboolean part;          /* or a part of another */
    gboolean vulnerability; /* its category is of those */
    gboolean imported;      /* from a list that was kept before */
    gboolean machine;       /* a program has reported it, or nobody who could be answered */
    gboolean waits;         /* for its reporter, who has not answered yet */
    gint64 ack_queued_at;   /* an acknowledgement is to go */
    gint64 acked_at;        /* it has */
    gint64 person_at;       /* a person of ours has done something with it */
    gint64 replied_at;      /* the first letter of a person to its reporter has gone, */
    gint64 told_at;         /* the last one has */
    gint64 promised;        /* by when its reporter was told, since then, to hear from us */
    gint64 embargo_until;   /* when it may be published */
    gint64 now;
};

/* When `within` ("4h", "1d") is over behind a moment, of business time or (`always`) of all; 0:
 * never. */
struct target_time {
    gint64 (*behind)(gconstpointer clock, gint64 at, const char *within, gboolean always);
    gconstpointer clock;
};

struct target_rules {
    const struct settings *settings;
    const struct target_time *time;
};

/* The rule that counts for that kind; NULL: there is no target. */
const struct target_rule *target_rule_for(const struct settings *settings, enum target_kind kind,
    const char *severity, const char *category);

/* Has an incident a row of that kind? */
gboolean targets_has(const struct target_facts *facts, enum target_kind kind);
/* What becomes of one row; a new one has neither `basis` nor a beginning. TRUE: it is another
 * now. */
gboolean target_follow(const struct target_rules *rules, const struct target_facts *facts,
    enum target_kind kind, struct target *target);

/* What operators are told when a row's moment has come; its next one is named. */
enum target_word { TARGET_SILENT, TARGET_SOON, TARGET_LATE };
enum target_word target_tell(const struct target_rules *rules, struct target *target, gint64 now);

/* -- legal clocks -- */
gboolean legal_fits(
    const struct legal_rule *rule, const char *severity, const char *category, const char *label);
