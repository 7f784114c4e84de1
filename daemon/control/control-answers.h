/* Command -> JSON rows, from the store; and changes of it, each all or nothing. */
#pragma once
#include "control.h"
#include "ctl.h"
#include "say.h"

/* Who asks. */
struct asker {
    const char *user;
    enum ctl_role role;
};
/* Writes complete lines, the last one included; what fails becomes an error line, and has changed
 * nothing. Unknown arguments, and those of another type, are refused. */
void control_answer(const struct control_context *context, const struct asker *asker,
    const struct ctl_command *command, json_t *args, GString *lines);
/* So many bytes may its request have. */
gsize control_longest(const struct ctl_command *command);
gsize control_longest_of(enum ctl_role role); /* and such a one may the request of theirs have */
/* Appends one line and frees `value`. */
void control_add_line(GString *lines, json_t *value);

/* -- control-refusal.c: the one place where the journal hears of what was not given -- */
struct refusal {
    const char *user, *command;
    guint64 incident; /* of which it is told; 0: none */
    gboolean by_role; /* not by a rule: it is in the log, too */
};
/* `why` is English, and quotes no letter; too many in a minute are let go. */
void refusal_note(struct store *store, const struct refusal *refusal, int code, const char *why);

enum { AUDIT_PAGE = 5000 }; /* rows of the journal that one answer looks at */

/* What is being asked, and the answer as it grows. */
struct answer {
    const struct control_context *context;
    const char *user; /* for the journal */
    enum ctl_role role;
    json_t *args;     /* only known names with the right types */
    GString *lines;   /* rows so far */
    json_t *next;     /* where the next page begins; NULL: that was all */
    gboolean dry_run; /* what was changed is undone when it has been told */
    guint64 incident; /* of which a refusal is told; 0: none */
    guint64 *about;   /* the first that they named and may see */
    guint64 *hidden;  /* which they named and may not see; 0: none */
};

/* For the handlers. */
void answer_add(struct answer *answer, json_t *row);                       /* takes the row */
gboolean answer_add_if(struct answer *answer, json_t *row, gboolean done); /* likewise; `done` */
void answer_set(json_t *object, const char *name, json_t *value);
json_t *answer_integer(guint64 value);
json_t *answer_moment(const struct answer *answer, gint64 at);
json_t *answer_age(gint64 since); /* in seconds; null for 0 */
const char *answer_string(const struct answer *answer, const char *name); /* NULL: not given */
gboolean answer_flag(const struct answer *answer, const char *name);
/* A number of the page token; 0 on the first page. */
guint64 answer_page_number(const struct answer *answer, const char *name);
char *answer_zone_name(const struct answer *answer); /* "JST"; the caller frees it */
/* What the desk knows; the caller clears it. */
void answer_facts(const struct answer *answer, struct status_facts *facts);
void answer_facts_clear(struct status_facts *facts);
/* The alarms that last; with `not_taking` (or NULL) also that, which a full disk keeps out of the
 * store. `keys`: also those about keys, of which status and doctor have lines of their own. */
json_t *answer_alarm_rows(const struct answer *answer, const char *not_taking, gboolean keys);
json_t *answer_mail_row(const struct answer *answer, const struct mail_row *mail);
/* With files, protection and what was found in it; NULL with an error: they see no such mail. */
json_t *answer_full_mail(
    const struct answer *answer, guint64 id, gboolean with_text, GError **error);
/* Gives the mails of a place to `tell` (FALSE with an error), a page at a time, and only what the
 * asker may see. */
typedef gboolean (*answer_teller)(
    struct answer *answer, const struct mail_row *mail, GError **error);
gboolean answer_place(struct answer *answer, enum ledger place, answer_teller tell, GError **error);
/* The number of a ticket; null for 0. */
json_t *answer_ticket_number(const struct answer *answer, guint64 id);
/* What stands of a ticket in every list. */
json_t *answer_ticket_row(const struct answer *answer, const struct incident *incident);
/* Of the journal; `ticket` is its number, or NULL. */
json_t *answer_event_row(
    const struct answer *answer, const struct event *event, const char *ticket);
/* Commands with the number in place of "ID"; NULL-terminated. */
json_t *answer_next(const char *const *next, const char *number);
json_t *answer_person(const char *name, const char *address);
/* FALSE if `value` is given and none of `names` (NULL-terminated); `what` is the word for it. */
gboolean answer_is_one_of(
    const char *what, const char *value, const char *const *names, GError **error);
gboolean answer_refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The operator of the configuration who has that user name; NULL: none has. */
const struct member *answer_find_operator(const struct answer *answer, const char *user);
/* The ticket that is called so. */
gboolean answer_find_named(
    const struct answer *answer, const char *id, guint64 *incident, GError **error);
/* The ticket that had that number before it was imported; 0: none that they see, or several. */
guint64 answer_find_old(const struct answer *answer, const char *typed);
/* The ticket that the argument `id` names. */
gboolean answer_find_ticket(const struct answer *answer, guint64 *incident, GError **error);
/* Adds `indicators` and `related` to the row of a ticket. */
gboolean answer_found(const struct answer *answer, guint64 incident, json_t *row, GError **error);
/* -- control-log.c: adds `told` to the row of a ticket, or of the ledger -- */
gboolean answer_told(const struct answer *answer, guint64 incident, json_t *row, GError **error);
gboolean answer_count_told(const struct answer *answer, json_t *row, GError **error);
/* -- control-sight.c: what may this operator see? Asked of every row that is told, so that what
 * they may not see is not there for them. -- */
gboolean answer_sees(const struct answer *answer, const struct incident *incident);
/* What a list passes over in the store; NULL for who sees all. Fills `rule`, which it returns. */
const struct sight_rule *answer_sight_rule(const struct answer *answer, struct sight_rule *rule);
/* 0: of none, so everybody does. */
gboolean answer_sees_incident(const struct answer *answer, guint64 incident);
/* As its incident is seen; of none, as its own label allows. */
gboolean answer_sees_row(const struct answer *answer, const struct mail_row *mail);
gboolean answer_sees_mail(const struct answer *answer, guint64 mail);
gboolean answer_sees_letter(const struct answer *answer, const struct outbox_row *letter);
/* Does it have the number of a ticket that they may not see? */
gboolean answer_names_hidden(const struct answer *answer, const char *text);
gboolean answer_sees_key(const struct answer *answer, const struct key *key);
/* The incidents that they see, by state; NULL with an error. */
json_t *answer_state_counts(const struct answer *answer, GError **error);
void answer_hide(const struct answer *answer, struct history *history);
/* Adds `restricted` and `members` to a row. */
gboolean answer_restriction(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error);

/* Adds `crypto` and `closed` to the row of a mail. */
gboolean answer_protection(const struct answer *answer, guint64 mail, json_t *row, GError **error);

/* -- control-record.c: adds `facets` and `damage` to the row of a ticket -- */
gboolean answer_record(const struct answer *answer, guint64 incident, json_t *row, GError **error);
/* -- control-review.c: adds `known_since` and `known_age`, and `review`, to the row of a contact --
 */
void answer_reviewed(const struct answer *answer, guint64 contact, json_t *row);
/* Of those that are asked: of how many nobody knows any more whether they are right; FALSE: it does
 * not matter. */
gboolean answer_count_old_contacts(const struct answer *answer, guint *old, guint *all);
/* Of the row of a letter to them: `verified`, when they were last known to be right. */
void answer_set_verified(const struct answer *answer, guint64 contact, json_t *row);

/* By name, address or number; NULL with an error. The caller frees it. */
json_t *answer_contact_row(const struct answer *answer, const struct contact *contact);
struct contact *answer_find_contact(const struct answer *answer, const char *who, GError **error);
/* By its whole fingerprint, and by nothing less; NULL with an error. The caller frees it. */
struct key *answer_find_key(const struct answer *answer, const char *typed, GError **error);
/* FALSE, with how to write it, if `text` says nothing. */
gboolean answer_is_reason(const char *text, const char *usage, GError **error);
/* Fingerprints of what came with a mail for the first time. */
json_t *answer_offered_keys(const struct answer *answer, guint64 mail);
json_t *answer_key_row(const struct answer *answer, const struct key *key);

/* A row of doctor. `todo` is told unless all is well. */
enum finding { FINE, WARNING, FAILURE, UNKNOWN };
void answer_finding(struct answer *answer, const char *check, enum finding result, const char *todo,
    const char *text);
/* Findings about keys; `all`: also that there are none. */
void answer_examine_keys(struct answer *answer, gboolean all);
json_t *answer_keys_in_short(const struct answer *answer); /* for status */

/* Adds `deliveries` to the row of a ticket. */
gboolean answer_deliveries(
    const struct answer *answer, guint64 incident, json_t *row, GError **error);
gboolean answer_letter_deliveries(
    const struct answer *answer, guint64 letter, json_t *row, GError **error);

/* Adds `category_by`, `reporters` and what else belongs to a ticket's triage. */
gboolean answer_triage(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error);

/* -- control-targets.c: what is due first; null: nothing is -- */
json_t *answer_next_target(const struct answer *answer, const struct incident *incident);
/* Of all that they see. */
json_t *answer_first_target(const struct answer *answer);
/* Adds `targets` and `legal` to the row of a ticket. */
gboolean answer_targets(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error);

/* -- control-link.c: adds `links` and `merged` to the row of a ticket -- */
gboolean answer_links(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error);
/* What two tickets share, as rows. */
json_t *answer_shared(const GPtrArray *shared);
/* -- control-outbox.c -- */
json_t *answer_letter_row(const struct answer *answer, const struct outbox_row *letter);
/* The letter that the argument `id` names, if they see it; NULL with an error. */
struct outbox_row *answer_find_letter(const struct answer *answer, GError **error);
struct outbox_row *answer_find_held(const struct answer *answer, GError **error); /* likewise */
/* What the gate says of it now; with `release` it goes, if it may. The caller frees it. */
struct gate_answer *answer_ask_gate(
    const struct answer *answer, const struct outbox_row *letter, gboolean release, GError **error);
/* The letter as it is now, and what the operator should know. */
gboolean answer_tell_letter(struct answer *answer, guint64 id, const char *warning, GError **error);
/* A page of those that they see; `state` NULL: all. */
gboolean answer_letters(struct answer *answer, const char *state,
    gboolean (*add)(struct answer *answer, const struct outbox_row *letter, GError **error),
    GError **error);
gboolean answer_note_letter(const struct answer *answer, const struct outbox_row *letter,
    const char *kind, const char *how, GError **error);

/* -- control-backup.c -- */
json_t *answer_last_run(const struct answer *answer, const char *what);
void answer_examine_copies(struct answer *answer);

/* The handlers: FALSE with an error, and then the rows so far are not sent. */
gboolean answer_list(struct answer *answer, GError **error);
gboolean answer_stats(struct answer *answer, GError **error);
gboolean answer_report(struct answer *answer, GError **error);
gboolean answer_search(struct answer *answer, GError **error);
gboolean answer_views(struct answer *answer, GError **error);
gboolean answer_view_set(struct answer *answer, GError **error);
gboolean answer_view_drop(struct answer *answer, GError **error);
gboolean answer_merge(struct answer *answer, GError **error);
gboolean answer_merge_undo(struct answer *answer, GError **error);
gboolean answer_split(struct answer *answer, GError **error);
gboolean answer_link(struct answer *answer, GError **error);
gboolean answer_link_drop(struct answer *answer, GError **error);
gboolean answer_similar(struct answer *answer, GError **error);
gboolean answer_show(struct answer *answer, GError **error);
gboolean answer_history(struct answer *answer, GError **error);
gboolean answer_outbox(struct answer *answer, GError **error);
gboolean answer_letter(struct answer *answer, GError **error);
gboolean answer_retry(struct answer *answer, GError **error);
gboolean answer_drop(struct answer *answer, GError **error);
gboolean answer_restrict(struct answer *answer, GError **error);
gboolean answer_unrestrict(struct answer *answer, GError **error);
gboolean answer_take(struct answer *answer, GError **error);
gboolean answer_set_fields(struct answer *answer, GError **error);
gboolean answer_note(struct answer *answer, GError **error);
gboolean answer_close(struct answer *answer, GError **error);
gboolean answer_reopen(struct answer *answer, GError **error);
gboolean answer_watch(struct answer *answer, GError **error);
gboolean answer_log_phone(struct answer *answer, GError **error);
gboolean answer_log_visit(struct answer *answer, GError **error);
gboolean answer_log_web(struct answer *answer, GError **error);
gboolean answer_import(struct answer *answer, GError **error);
gboolean answer_inbox(struct answer *answer, GError **error);
gboolean answer_inbox_show(struct answer *answer, GError **error);
gboolean answer_inbox_accept(struct answer *answer, GError **error);
gboolean answer_inbox_attach(struct answer *answer, GError **error);
gboolean answer_inbox_feed(struct answer *answer, GError **error);
gboolean answer_inbox_spam(struct answer *answer, GError **error);
gboolean answer_inbox_reject(struct answer *answer, GError **error);
gboolean answer_open_again(struct answer *answer, GError **error);
gboolean answer_ledger(struct answer *answer, GError **error);
gboolean answer_artifacts(struct answer *answer, GError **error);
gboolean answer_artifact_save(struct answer *answer, GError **error);
gboolean answer_status(struct answer *answer, GError **error);
gboolean answer_alarms(struct answer *answer, GError **error);
gboolean answer_doctor(struct answer *answer, GError **error);
gboolean answer_try(struct answer *answer, GError **error);
gboolean answer_config(struct answer *answer, GError **error);
gboolean answer_audit(struct answer *answer, GError **error);
gboolean answer_audit_export(struct answer *answer, GError **error);
gboolean answer_backup(struct answer *answer, GError **error);
gboolean answer_purge(struct answer *answer, GError **error);
gboolean answer_consult(struct answer *answer, GError **error);
gboolean answer_rules_test(struct answer *answer, GError **error);
gboolean answer_held(struct answer *answer, GError **error);
gboolean answer_held_letter(struct answer *answer, GError **error);
gboolean answer_release(struct answer *answer, GError **error);
gboolean answer_undo(struct answer *answer, GError **error);
gboolean answer_export(struct answer *answer, GError **error);
gboolean answer_share(struct answer *answer, GError **error);
gboolean answer_enclose(struct answer *answer, GError **error);
gboolean answer_draft(struct answer *answer, GError **error);
gboolean answer_weigh(struct answer *answer, GError **error);
gboolean answer_send(struct answer *answer, GError **error);
gboolean answer_recipients(struct answer *answer, GError **error);
gboolean answer_coord_list(struct answer *answer, GError **error);
gboolean answer_coord_show(struct answer *answer, GError **error);
gboolean answer_coord_done(struct answer *answer, GError **error);
gboolean answer_notify_list(struct answer *answer, GError **error);
gboolean answer_escalations(struct answer *answer, GError **error);
gboolean answer_ack_escalation(struct answer *answer, GError **error);
/* -- control-duty.c: FALSE: nobody has shifts -- */
gboolean answer_duty_kept(const struct answer *answer, GError **error);
gboolean answer_duty(struct answer *answer, GError **error);
gboolean answer_duty_week(struct answer *answer, GError **error);
gboolean answer_duty_set(struct answer *answer, GError **error);
gboolean answer_duty_swap(struct answer *answer, GError **error);
gboolean answer_duty_handover(struct answer *answer, GError **error);
gboolean answer_duty_accept(struct answer *answer, GError **error);
gboolean answer_duty_show(struct answer *answer, GError **error);
gboolean answer_held_drop(struct answer *answer, GError **error);
gboolean answer_taint_check(struct answer *answer, GError **error);
gboolean answer_taint_release(struct answer *answer, GError **error);
gboolean answer_contacts(struct answer *answer, GError **error);
gboolean answer_contact(struct answer *answer, GError **error);
gboolean answer_contact_add(struct answer *answer, GError **error);
gboolean answer_contact_edit(struct answer *answer, GError **error);
gboolean answer_contact_verify(struct answer *answer, GError **error);
gboolean answer_named(struct answer *answer, GError **error);
gboolean answer_named_add(struct answer *answer, GError **error);
gboolean answer_named_remove(struct answer *answer, GError **error);
gboolean answer_contact_import(struct answer *answer, GError **error);
gboolean answer_keys(struct answer *answer, GError **error);
gboolean answer_key(struct answer *answer, GError **error);
gboolean answer_key_import(struct answer *answer, GError **error);
gboolean answer_key_pin(struct answer *answer, GError **error);
gboolean answer_key_unpin(struct answer *answer, GError **error);
gboolean answer_key_init(struct answer *answer, GError **error);
gboolean answer_key_extend(struct answer *answer, GError **error);
gboolean answer_key_export(struct answer *answer, GError **error);
gboolean answer_damage(struct answer *answer, GError **error);
gboolean answer_goals(struct answer *answer, GError **error);
gboolean answer_goal_set(struct answer *answer, GError **error);
gboolean answer_goal_drop(struct answer *answer, GError **error);
gboolean answer_contact_review(struct answer *answer, GError **error);
gboolean answer_contact_ask(struct answer *answer, GError **error);
gboolean answer_step(struct answer *answer, GError **error);
gboolean answer_key_check(struct answer *answer, GError **error);
