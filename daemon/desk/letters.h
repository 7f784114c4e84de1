/* What the desk writes, and how it goes out: what its files share. */
#pragma once
#include "gate.h"
#include "ipc.h"
#include "store.h"
#include "write.h"
#include <mado/coordination.h>
#include <mado/message.h>

struct desk;
struct peer;

/* -- letters.c: what mado writes by itself; one letter for each kind and cause -- */

/* The values beside the closed list of variables come from settings. */
struct acknowledgement {
    guint64 mail, incident;
    int year, sequence;
    const char *number;
    const char *template, *language, *to; /* languages, with blanks between */
    const char *category;                 /* of the incident */
    const struct message *message;
    gboolean sealed; /* the mail came so, wholly or in part */
    gboolean opens;
    gint64 time; /* how often an operator has sorted the mail: each time may have its answer */
};
gboolean letters_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error);
/* To operators, or to the team itself; or, from a template too, to a contact. */
struct own_letter {
    const char *kind, *cause, *template, *to;
    struct values *values;
    const char *language;   /* of a contact; NULL: ours */
    const char *message_id; /* NULL: by its cause */
    guint64 incident;       /* of which it is, and answers belong to it; 0: of none */
};
/* `message_id`, if wanted, is the caller's to free. */
gboolean letters_queue_own(
    struct desk *desk, const struct own_letter *wanted, char **message_id, GError **error);

/* For what people write as well. */
/* `references`: numbers of the recipient's tracker, NULL-terminated; NULL: none. */
void letters_add_references(char **subject, char **references);
gboolean letters_set_our_key(struct desk *desk, struct values *values, GError **error);
const char *letters_team_name(const struct settings *settings, const char *language);

/* -- writing.c: drafts of what people write -- */

struct sheet; /* as the others of control.h */
struct said;
struct weighed;
struct posting;
gboolean writing_draft(gpointer desk, struct sheet *sheet, const struct said *said, GError **error);

/* Adds what we write of each label, whatever the ticket. */
void writing_add_notes(GPtrArray *words);
const char *writing_category(
    const struct desk *desk, const struct incident *incident, const char *language);

/* -- writing-party.c: letters to others than who told us -- */

struct party {
    struct desk *desk;
    struct sheet *sheet;
    const struct said *said;
    const struct incident *incident;
};
/* Templates for our own organisation and those for others are kept apart. */
gboolean party_fits(const struct sheet *sheet, GError **error);
/* Nothing for other letters. */
gboolean party_set_values(const struct party *party, struct values *values, GError **error);

/* "Management", ...: of an escalation. */
const char *party_target_words(const char *target, const char *language);

/* -- reporters.c: who reported it -- */

struct identity;
/* What they must not learn from this letter: `*identity` is NULL where there is nothing to hide,
 * else the caller frees it. */
gboolean reporters_hidden(
    struct desk *desk, const struct sheet *sheet, struct identity **identity, GError **error);

/* -- coordinating.c: what parties do, and when they are reminded -- */

struct plan;
/* A mail that became a part of an incident, or that its machine has sent. */
struct landing {
    guint64 mail, incident;
    const struct message *message;
    const struct plan *plan;
    gint64 now;
};
gboolean coordinating_land(struct desk *desk, const struct landing *landing, GError **error);
/* Numbers that look like those of its sender's tracker, beside those that every reader knows. */
gboolean coordinating_find_numbers(
    struct desk *desk, const struct message *message, GError **error);
/* It shows that its sender is a part of the incident, or one of us. */
gboolean coordinating_proves(const struct plan *plan);
/* A letter has gone, or come back: in the caller's change. */
gboolean coordinating_sent(struct desk *desk, guint64 letter, gint64 now, GError **error);
gboolean coordinating_returned(struct desk *desk, guint64 letter, gint64 now, GError **error);
/* -- reminding.c: who is to be reminded now? -- */
gboolean reminding_feed(struct desk *desk, GError **error);
/* When so much business time is over behind that moment: the words of a setting. */
gint64 reminding_behind(const struct desk *desk, gint64 at, const char *span);
/* The id of a reminder's sheet, which the caller frees. */
char *reminding_id(char of, guint64 id, gint64 reminded);
/* What mado writes by itself in the name of a person: `*why` is NULL, or why it was not written,
 * which the caller frees. */
gboolean reminding_send(struct desk *desk, struct sheet *sheet, char **why, GError **error);
/* -- reviewing.c: are our contacts still right? -- */
gboolean reviewing_feed(struct desk *desk, GError **error);
void reviewing_look_again(struct desk *desk); /* by other settings */
/* For the operators' socket, in the caller's change: that contact is asked now. */
gboolean reviewing_ask(gpointer desk, guint64 contact, const char *user, GError **error);
/* -- reviewing-letter.c -- */
struct contact;
struct review;
gboolean reviewing_write(
    struct desk *desk, const struct contact *contact, const struct review *review, GError **error);

/* -- deciders.c: those who are told of an escalation -- */
struct decider {
    char *name, *address;
    char *language; /* "ja", "en"; "": ours */
};
struct deciders_wanted {
    const struct escalation_rule *rule;
    guint reach; /* how many of `up` as well */
};
/* struct decider, each address once; the caller unrefs it. */
GPtrArray *deciders_find(struct desk *desk, const struct deciders_wanted *wanted, GError **error);
/* -- escalating.c: and when -- */
gboolean escalating_feed(struct desk *desk, GError **error);
gboolean escalating_land(struct desk *desk, const struct landing *landing, GError **error);

/* -- duty.c: who is told, and what happens at the end of a shift -- */
/* The address of who is on duty, else the one that the configuration names; NULL: nobody's. The
 * caller frees it, as below. */
char *duty_told_at(struct desk *desk);
/* Of who stands in for them; NULL: there is nobody else. */
char *duty_deputy_told_at(struct desk *desk);
gboolean duty_feed(struct desk *desk, GError **error);
/* -- notices.c: what nobody has taken in time -- */
gboolean notices_feed(struct desk *desk, GError **error);

/* -- reporting.c: figures that go out by the calendar -- */
gboolean reporting_feed(struct desk *desk, GError **error);
/* -- reporting-plan.c: when they go -- */
struct calendar;
struct planned;
struct scheduled_report;
#define REPORTING_PREFIX "report "
/* By the zone of the team, and with its fiscal year. */
struct calendar reporting_calendar(const struct desk *desk);
/* What that is a plan of; NULL: the configuration has it no more. */
const struct scheduled_report *reporting_planned(
    const struct desk *desk, const struct planned *planned);
/* The first moment behind `after`; 0: there is none. */
gint64 reporting_moment(
    const struct desk *desk, const struct scheduled_report *report, gint64 after);
/* Settings, holidays or the clock may be others than before: what lies ahead is planned anew, and
 * what is over waits to go. Within a change. */
gboolean reporting_plan(struct desk *desk, GError **error);
/* -- sharing.c: what others are told of an incident -- */
struct sharing;
struct share_count;
struct enclosure *sharing_make(gpointer desk, const struct sheet *sheet,
    const struct sharing *wanted, struct share_count *count, GError **error);

/* -- posting.c: and how they go -- */

struct weighed *posting_weigh(gpointer desk, const struct sheet *sheet, GError **error);
gboolean posting_send(gpointer desk, const struct sheet *sheet, const struct weighed *weighed,
    const struct posting *how, guint64 *letter, GError **error);
/* How many people have to approve a held letter yet; 0 for what no person has written. */
gboolean posting_missing(struct desk *desk, const struct outbox_row *letter,
    const struct gate_answer *answer, guint *missing, GError **error);

/* -- hours.c: when the team is at work -- */

/* By the settings and the list of holidays, as they are now. */
void hours_take(struct desk *desk);
/* What letters may say of it. */
void hours_tell(
    const struct desk *desk, const char *category, struct values *values, const char *language);
/* By when a person is to have answered what comes now; 0: nothing is promised. */
gint64 hours_reply_by(const struct desk *desk, const char *category);

/* -- outbox.c: letters out -- */

void outbox_feed(struct desk *desk);
void outbox_dot(struct peer *peer, const struct ipc_message *message);
void outbox_sent(struct peer *peer, const struct ipc_message *message);
/* Before the courier is ended by us. */
void outbox_hear_the_last(struct peer *peer);
void outbox_courier_lost(struct peer *peer);
/* The relay answers: what waits for it goes. */
void outbox_relay_is_back(struct desk *desk);
/* Last of all, when what is in hand is waited for no longer. */
void outbox_stop(struct desk *desk);
gboolean outbox_recover(struct desk *desk, GError **error);

/* -- asking.c: the gate, asked about a letter -- */

struct asking {
    const char *kind, *recipient; /* of the outbox */
    guint64 mail, incident;       /* that it answers, and whose it is; 0: none */
    const char *text;             /* what it says, subject included; NULL where it is fixed */
    /* Of what a person writes. */
    const char *label;   /* that it names itself; the incident's counts as well; NULL: none */
    const char *purpose; /* "reply", "coord", ... */
    const char *writer;  /* user name */
    const GPtrArray *approvals;  /* const char *: user names; NULL: nobody */
    gboolean confirmed;          /* its writer wants it to go in clear */
    const GPtrArray *enclosures; /* struct enclosure; NULL: none */
    gboolean is_sealed;          /* it was made ready, and cannot be read any more */
};
struct asked {
    struct gate_answer *answer;
    struct key *pgp, *cms; /* ours that sign; NULL: none */
};
/* The caller clears `asked`, also where it failed. */
gboolean asking_do(
    struct desk *desk, const struct asking *asking, struct asked *asked, GError **error);
/* -- asking-files.c: what goes with it, as the gate sees that -- */
struct asking_taint {
    const GPtrArray *tainted, *released; /* as the gate has them */
    const GPtrArray *facts;              /* char *: that no file may tell in clear */
};
gboolean asking_files(struct desk *desk, const struct asking *asking,
    const struct asking_taint *taint, struct gate_attachments *attachments, GError **error);
/* -- own-words.c: what of a ticket may leave, whoever sends it to us sealed -- */
/* What an operator has released, and our own words: char *. The caller unrefs it. */
GPtrArray *asking_released(gpointer desk, guint64 incident, GError **error);
/* Has an operator released that value? `released`: struct released. */
gboolean asking_is_released(const GPtrArray *released, const char *value);
/* The text, and the names of all files; the caller frees it. */
char *asking_words(const struct asking *asking);
/* What it says, or may say, of who reported it. */
void asking_check_file(
    const struct enclosure *file, const struct identity *hidden, GPtrArray *checks);
/* -- asking-letter.c: and about one that is there already -- */
/* Of one that is queued or held; `bytes` in clear. */
gboolean asking_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error);
void asked_clear(struct asked *asked);
/* Of one that was made ready a while ago: NULL in `why`, or why it must not go any more, which the
 * caller frees. */
/* Does the approval of that operator count, as the configuration is now? */
gboolean asking_may_approve(const struct desk *desk, const char *user);
gboolean asking_may_leave(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error);
/* Who signs, going that way; NULL: nobody. */
const struct key *asked_signer(const struct asked *asked);
/* letters.c: one that was held goes, with what is true now. In the caller's change. */
gboolean letters_make_anew(
    struct desk *desk, const struct outbox_row *row, const struct asked *asked, GError **error);
/* Kinds of letters to our own people, NULL-terminated. */
extern const char *const asking_own_kinds[];
gboolean asking_is_own(const char *kind);
enum gate_kind asking_kind(const char *kind);

/* -- sealing.c: letters are signed and sealed before they go -- */

void sealing_start(struct desk *desk);
void sealing_stop(struct desk *desk);
/* At the end of a turn: gives what is due to the keys role. */
void sealing_feed(struct desk *desk);
/* From time to time: what our own people wait for goes unsigned sooner than not at all. */
void sealing_check(struct desk *desk);
/* Nothing is with the keys role, and nothing is due. */
gboolean sealing_is_idle(const struct desk *desk);
/* `must_be_sealed`: never in clear, from then on. */
gboolean sealing_hold(struct desk *desk, const struct outbox_row *letter, gboolean must_be_sealed,
    const char *why, GError **error);
gboolean sealing_journal(struct desk *desk, const struct outbox_row *letter, const char *kind,
    const char *text, GError **error);

/* -- held.c: letters that are held -- */

/* A key was pinned, made or extended: they are asked for again, at the end of this turn. */
void held_look_again(gpointer desk);
/* Why an acknowledgement is held that waits for a person, and goes by no key's coming. */
extern const char held_by_mode[];
void held_feed(struct desk *desk);
/* What the gate says now; with a seal it goes (`release`, in the caller's change), as does what
 * only lacked a signature, and else it stays. NULL with an error; the caller frees it. */
struct gate_answer *held_ask(gpointer desk, guint64 letter, gboolean release, GError **error);
