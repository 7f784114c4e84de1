/*
 * The store: one SQLite file, one connection, the only SQL.
 *
 * A turn of the desk is one transaction: store_begin, any number of changes, store_commit; "taken"
 * and "sent" are told only behind a commit that succeeded. Inside it a mail's changes stand between
 * store_mark and store_keep or store_undo, so that one that fails takes no other with it. After a
 * failed commit nothing may be believed: close, open again. Changes outside a turn are refused
 * (store_secret makes a turn of its own if need be). Times are seconds since 1970.
 */
#pragma once
#include <mado/alarm.h>
#include <mado/contact.h>
#include <mado/crypto.h>
#include <mado/delivery.h>
#include <mado/history.h>
#include <mado/incident.h>
#include <mado/keys.h>
#include <mado/message.h>
#include <mado/plan.h>
#include <mado/report.h>

struct store;
typedef struct store mado_store;

/* Creates or migrates; refuses a schema that is newer than this program and a file that is damaged.
 */
struct store *store_open(const char *path, GError **error);
void store_close(struct store *store); /* a turn that was not committed never happened */
/* Reads all of the file (minutes for a large one) and says what is damaged. */
gboolean store_check(struct store *store, GError **error);

gboolean store_begin(struct store *store, GError **error); /* nothing if a turn has begun already */
gboolean store_commit(struct store *store, GError **error); /* nothing if none has begun */
gboolean store_in_turn(const struct store *store);
guint64 store_turns(const struct store *store); /* another number behind each that has begun */
gboolean store_mark(struct store *store, GError **error);
gboolean store_keep(struct store *store, GError **error);
gboolean store_undo(struct store *store, GError **error);

/* A value that is made once and kept: `size` random bytes under `name`. The caller unrefs it. */
GBytes *store_secret(struct store *store, const char *name, gsize size, GError **error);

/* -- mail.c: mail as it arrived -- */
struct arrival {
    const char *source;
    guint64 validity;
    const char *uid;
    gint64 at;
};
/* Keeps the bytes of a sealed file (1 MB chunks) and where they came from. Equal bytes are one
 * mail: `*again` is TRUE, the arrival is noted all the same unless it is known too: same mail,
 * source, validity and uid. */
gboolean store_take_mail(struct store *store, const struct arrival *arrival, int fd, guint64 size,
    const char *sha256, guint64 *mail, gboolean *again, GError **error);
/* Mails that no reader has finished, oldest first: guint64 ids. */
GArray *store_waiting_mails(struct store *store, guint most, GError **error);
/* Counts one attempt more and tells the sum; commit before anything looks inside. */
gboolean store_count_attempt(struct store *store, guint64 mail, int *attempts, GError **error);
/* When it came, the first time. */
gboolean store_mail_arrived(struct store *store, guint64 mail, gint64 *at, GError **error);
/* Was this handed over before? */
gboolean store_knows_arrival(struct store *store, const char *source, guint64 validity,
    const char *uid, gboolean *known, GError **error);
/* Counts a reader that died of it and tells the sum. */
gboolean store_count_death(struct store *store, guint64 mail, int *deaths, GError **error);
/* The attempt did not fail by the mail's doing (we were shut down): it does not count. */
gboolean store_forgive_attempt(struct store *store, guint64 mail, GError **error);
/* The bytes as a memory file; the caller closes it. */
int store_mail_fd(struct store *store, guint64 mail, GError **error);

/* -- message.c: what was read, and where the mail ended -- */
gboolean store_keep_message(struct store *store, guint64 mail, const struct message *message,
    const char *text_sha256, GError **error); /* in place of an earlier reading */
/* Last of a mail's changes: the search index gets its words if there is an incident that is not
 * TLP:RED. */
gboolean store_settle_mail(struct store *store, guint64 mail, enum ledger ledger, guint64 incident,
    const char *claims, const char *why, gint64 now, GError **error);
struct mail_row *store_mail_show(struct store *store, guint64 mail, GError **error);
/* The mail of which this is a copy; 0: of none. */
gboolean store_mail_original(struct store *store, guint64 mail, guint64 *original, GError **error);
GPtrArray *store_mails_of_incident(
    struct store *store, guint64 incident, guint64 after, guint most, GError **error);
GPtrArray *store_mails_in_ledger(struct store *store, enum ledger ledger, guint64 after, guint most,
    GError **error); /* struct mail_row, by id */

/* -- report.c: what was found in mail -- */
/* In place of what was found before. The numbers of other trackers belong to an incident: no part
 * of it. */
gboolean store_keep_report(
    struct store *store, guint64 mail, const struct report *report, GError **error);
/* Without the numbers of other trackers; an empty one if nothing was found. The caller frees it. */
struct report *store_report_show(struct store *store, guint64 mail, GError **error);

/* -- related.c: what incidents have in common -- */
struct shared {
    char *kind, *value; /* of an indicator, or "attachment" and its hash */
    char *as_written, *origin;
    int clear; /* of an indicator: a mail that has it came in clear */
};
void shared_free(struct shared *shared);
struct related {
    guint64 incident;
    char *number, *state;
    gint64 opened_at;
    GPtrArray *shared; /* struct shared: the first few, without as_written and origin */
};
void related_free(struct related *related);
/* Each once: struct shared, in the order of the mails. */
GPtrArray *store_indicators_of_incident(
    struct store *store, guint64 incident, guint most, GError **error);
/* The newest incidents first that have an indicator or attachment of this one; what very many have
 * does not count. struct related. */
GPtrArray *store_related(struct store *store, guint64 incident, guint most, GError **error);
/* Likewise those besides `incident` that have that attachment. */
GPtrArray *store_incidents_with_file(
    struct store *store, const char *sha256, guint64 incident, guint most, GError **error);

/* The attachments of an incident, in the order of the mails: struct artifact. */
struct artifact {
    guint64 mail, place, size;
    char *name, *type, *sha256;
};
void artifact_free(struct artifact *artifact);
GPtrArray *store_artifacts(struct store *store, guint64 incident, guint most, GError **error);

/* -- crypto.c: how mail is protected -- */
/* In place of what was kept before; NULL: it is not protected. */
gboolean store_keep_crypto(
    struct store *store, guint64 mail, const struct crypto *crypto, GError **error);
/* `*crypto` is NULL for a mail without protection; the caller frees it. */
gboolean store_crypto_show(
    struct store *store, guint64 mail, struct crypto **crypto, GError **error);
/* Whose the pinned ones of these keys are: struct known_key. */
GPtrArray *store_known_keys(struct store *store, char **fingerprints, GError **error);

/* -- unreadable.c: mail that stays closed -- */
struct unreadable {
    guint64 mail;
    char *number;  /* of its ticket */
    char *reason;  /* opened_state_name() */
    char *key_ids; /* one a line */
    gint64 since, tried_at, tries;
};
/* Once more: one try more. */
gboolean store_keep_unreadable(
    struct store *store, guint64 mail, const struct crypto *crypto, gint64 now, GError **error);
/* It could be opened; nothing if it was never closed. */
gboolean store_drop_unreadable(struct store *store, guint64 mail, GError **error);
gboolean store_count_unreadable(struct store *store, gint64 *count, GError **error);
/* struct unreadable, by mail; `mail` 0: all. */
GPtrArray *store_unreadable(
    struct store *store, guint64 mail, guint64 after, guint most, GError **error);
/* Waits again, as if it had just come; `mail` 0: all of them. */
gboolean store_retry_unreadable(struct store *store, guint64 mail, GError **error);

/* -- incident.c -- */
struct new_incident {
    int year;
    const char *severity, *category, *label, *subject, *reporter_name, *reporter_addr;
    gint64 at;
    const char *label_by;                  /* "report", "default"; NULL: nobody knows */
    const char *category_by, *severity_by; /* likewise, and "rule NAME", "proposal" */
};
/* Takes the next sequence of the year; `format` makes the number of it (number_format). */
gboolean store_open_incident(struct store *store, const struct new_incident *wanted,
    char *(*format)(int year, int sequence), guint64 *incident, int *sequence, char **number,
    GError **error);
gboolean store_join_incident(struct store *store, guint64 incident, gint64 at, GError **error);
/* Its reporter is told to hear from us by then. An earlier promise that lies ahead still stands. */
gboolean store_promise_reply(
    struct store *store, guint64 incident, gint64 by, gint64 now, GError **error);
gboolean store_add_correspondent(
    struct store *store, guint64 incident, const char *address, GError **error);
gboolean store_set_incident(struct store *store, guint64 incident, const char *field,
    const char *value, gint64 at, GError **error); /* fields of a table; others are refused */
struct incident *store_incident_show(struct store *store, guint64 incident, GError **error);
/* By number; year 0 = the newest year that has that sequence. 0 without error if there is none. */
guint64 store_find_incident(struct store *store, int year, int sequence, GError **error);
struct state_count {
    char *state;
    guint64 count;
    gint64 oldest;
};
GPtrArray *store_count_states(struct store *store, GError **error); /* struct state_count */
/* The same, apart by all that decides who sees them. */
/* Whose incidents are passed over while looking for others, so that many of them cost little: what
 * is left is still asked for one by one. */
struct sight_rule {
    gboolean red, embargo, restricted; /* they see those; not as members */
    const char *member;                /* what is restricted to this user, too; "" for none */
};
struct sight_count {
    char *state, *label;
    int restricted, member; /* member: restricted ones of that user, which are counted twice */
    guint64 count;
    gint64 oldest;
};
GPtrArray *store_count_for(
    struct store *store, const char *user, GError **error); /* struct sight_count, by state */

/* -- member.c: who may see a restricted incident -- */
gboolean store_is_member(
    struct store *store, guint64 incident, const char *user, gboolean *is, GError **error);
char **store_members(struct store *store, guint64 incident, GError **error); /* by name */
gboolean store_add_member(struct store *store, guint64 incident, const char *user, GError **error);
/* Searches find it no more, or again; whoever is no longer restricted has no members. */
gboolean store_restrict_incident(
    struct store *store, guint64 incident, gboolean restricted, gint64 at, GError **error);

/* -- reference.c: numbers of other trackers -- */
/* Once a number and authority; `*added` is FALSE for one that the incident has already. */
gboolean store_add_reference(
    struct store *store, const struct reference *reference, gboolean *added, GError **error);
/* struct reference, oldest first: one for each who told it. */
GPtrArray *store_references(struct store *store, guint64 incident, GError **error);
/* The incidents for which that number was told from that address, or from another address of the
 * same contact or of one of the same organisation: guint64 ids, newest first. */
GArray *store_incidents_by_reference(
    struct store *store, const char *id, const char *address, guint most, GError **error);

/* -- reporter.c: who reported an incident, and reports that are alike -- */
gboolean store_add_reporter(struct store *store, const struct reporter *reporter, GError **error);
/* struct reporter, the first of them first. */
GPtrArray *store_reporters(struct store *store, guint64 incident, guint most, GError **error);
/* Likewise, with each name under which they have written. */
GPtrArray *store_reporter_names(struct store *store, guint64 incident, guint most, GError **error);
gboolean store_keep_alike(struct store *store, guint64 mail, const char *alike, GError **error);
gboolean store_find_alike(struct store *store, const struct question *question, gint64 now,
    struct history *history, GError **error);

/* -- recall.c: mails as rules see them -- */
/* Ids of mails that were read and sorted, the newest first; before 0: from the end. */
GArray *store_latest_mails(struct store *store, guint64 before, guint most, GError **error);
/* The caller frees it. */
struct message *store_recall_message(struct store *store, guint64 mail, GError **error);

/* -- history.c: what bears on a mail -- */
/* Acknowledgements in the hour before `now`, of which an incoming flood may not cause too many. */
gboolean store_acks_this_hour(struct store *store, gint64 now, gint64 *count, GError **error);
struct history *store_consult(struct store *store, const struct question *question,
    GBytes *token_secret, gint64 now, GError **error);

/* -- told.c: reports that came by no mail -- */
gboolean store_add_told(struct store *store, const struct told *told, GError **error);
/* struct told, in the order in which they were written down. */
GPtrArray *store_told(struct store *store, guint64 incident, guint most, GError **error);
gboolean store_count_told(struct store *store, const char *way, gint64 *count, GError **error);

/* -- notice.c: items that operators have not been told of yet -- */
struct notice {
    guint64 id;
    char *number, *state, *severity, *label;
    gint64 at;
};
gboolean store_add_notice(struct store *store, guint64 mail, const char *number, const char *state,
    const char *severity, const char *label, gint64 at, GError **error);
GPtrArray *store_untold_notices(
    struct store *store, guint most, GError **error); /* struct notice */
guint64 store_count_untold(struct store *store, GError **error);
/* `take_by`: when somebody is to have taken what is new of it; 0: nobody is. */
gboolean store_notices_told(struct store *store, guint64 up_to, gint64 take_by, GError **error);
/* What nobody has taken in time: struct notice. What somebody has taken waits for nobody any more,
 * and nor does what was told here. */
GPtrArray *store_untaken_notices(struct store *store, gint64 now, guint most, GError **error);
gboolean store_notices_over(struct store *store, gint64 now, guint64 up_to, GError **error);
void notice_free(struct notice *notice);

/* -- alarm.c: what is wrong with the contact point, or was -- */
/* What lasts, and what is over while who was told of it does not know yet: struct alarm, oldest
 * first. */
GPtrArray *store_alarms_now(struct store *store, GError **error);
/* All there ever were, newest first; `before` is the id of the last one of the page before, or 0.
 */
GPtrArray *store_alarms(struct store *store, guint64 before, guint most, GError **error);
gboolean store_alarm_begin(struct store *store, const struct alarm_found *found, GError **error);
/* It lasts, with another text, or has got worse. */
gboolean store_alarm_change(
    struct store *store, guint64 alarm, const struct alarm_found *found, GError **error);
/* `silent`: nobody is to be told of it. */
gboolean store_alarm_over(
    struct store *store, guint64 alarm, gint64 at, gboolean silent, GError **error);
gboolean store_alarm_told(
    struct store *store, guint64 alarm, const char *whom, gint64 at, GError **error);
/* Since when a letter of an alarm waits to be sent; 0: none does. */
gboolean store_alarm_letter(struct store *store, gint64 *waits_since, GError **error);
/* Has the letter with which an alarm was told at that time failed, or is it uncertain? */
gboolean store_alarm_letter_lost(struct store *store, gint64 told_at, gint64 *lost, GError **error);
/* Letters that failed or are uncertain, and that nobody has given up; counts to `most`. */
gboolean store_count_lost_letters(struct store *store, guint most, gint64 *count, GError **error);

/* -- journal.c: what happened, chained by hashes -- */
/* The id of the last event; 0: there is none. */
gboolean store_last_event(struct store *store, guint64 *id, GError **error);
gboolean store_journal(struct store *store, gint64 at, const char *actor, const char *kind,
    guint64 incident, guint64 mail, const char *text, GError **error);
GPtrArray *store_events(struct store *store, guint64 incident, guint64 after, guint most,
    GError **error); /* struct event, oldest first; incident 0: all */
enum { STORE_HASH_SIZE = 65 };
/* Verifies up to `most` rows behind `*after` whose chain value is `*hash` (the caller's, of
 * STORE_HASH_SIZE; empty at the start) and moves both on. FALSE with MADO_E_AUDIT_BROKEN names the
 * first row that does not fit. */
gboolean store_audit(
    struct store *store, guint64 *after, char *hash, guint most, guint *checked, GError **error);

/* -- search.c -- */
GPtrArray *store_search(
    struct store *store, const char *words, guint most, GError **error); /* struct incident */

/* -- ledger.c -- */
struct ledger_sum {
    guint64 arrivals; /* how often a mail was handed over */
    guint64 repeats;  /* of these, bytes that we had */
    guint64 mails;    /* arrivals - repeats */
    guint64 waiting;  /* not settled yet */
    guint64 place[LEDGER_PLACES];
};
gboolean store_ledger(struct store *store, struct ledger_sum *sum, GError **error);
gint64 store_last_arrival(struct store *store, const char *source, GError **error);
/* Arrivals and letters since a moment, for "today 14 in, 9 out". */
gboolean store_count_since(
    struct store *store, gint64 since, guint64 *in, guint64 *out, guint64 *failed, GError **error);

/* Reports (of mail, and told), incidents (what became a part of another counts with that) and
 * coordinations: each has its own count. */
struct store_counted {
    gint64 reports, incidents, coordinations; /* since a moment */
    gint64 overdue, due;                      /* incidents whose time is over, or ends by `until` */
};
gboolean store_count_apart(struct store *store, gint64 since, gint64 now, gint64 until,
    struct store_counted *counted, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_store, store_close)

#include "store-coordination.h"
#include "store-letters.h"
#include "store-due.h"
#include "store-facts.h"
#include "store-duty.h"
#include "store-escalation.h"
#include "store-keeping.h"
#include "store-tables.h"
#include "store-target.h"
#include "store-people.h"
#include "store-record.h"
#include "store-review.h"
#include "store-tidy.h"
#include "store-writing.h"
