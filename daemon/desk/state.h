/* The desk at work: what its files share. */
#pragma once
#include "launcher.h"
#include "ipc.h"
#include "roles.h"
#include "control.h"
#include "clock.h"
#include "desk.h"
#include "gate.h"
#include "room.h"
#include "store.h"
#include "write.h"
#include <mado/crypto.h>
#include <mado/keys.h>
#include <mado/settings.h>

struct desk;

/* -- peers.c: the other ends of our channels -- */

struct peer {
    struct desk *desk;
    enum role_kind kind;
    guint instance;
    gboolean is_deliverer; /* madod --deliver, on the delivery socket: no role of ours */
    int channel;           /* -1: not connected */
    gboolean ready;
    guint in, out;       /* sources of the main loop; 0: none */
    GQueue *waiting;     /* struct outgoing: told behind the commit of this turn */
    gint64 silent_since; /* monotonic; 0: nothing is expected of it */
    GQueue *work;   /* in hand, in order: ids of mails, of letters; struct job of a keys worker */
    guint64 weight; /* bytes given to a reader since it had nothing in hand */
    char *state;    /* for `status`: "ready", "starting", "trouble: ..." */
    gboolean troubled;       /* since it last looked at everything */
    gboolean scanned;        /* an intake has looked at everything once, */
    gboolean saw_all;        /* and nothing came between */
    guint64 left_there;      /* mails that an intake could not take, */
    char *left;              /* the last of them and why; NULL for none; since when: */
    gint64 left_at, left_on; /* seconds since 1970; monotonic */
    gboolean needs[NEEDS];   /* of intake and courier: asked for, and no answer yet */
    guint unwanted;          /* of dialler and hook: answers to come for a client that is gone */
    gboolean answered;       /* its server has, since it was started */
    gboolean was_lost;       /* it ended, and has not done its work since */
    gint64 ready_on;         /* monotonic */
    gboolean was_well;       /* at the last look, and since when: */
    gint64 changed_at, changed_on; /* seconds since 1970; monotonic */
    gboolean proving;              /* was asked for proof, and has not answered */
    char *proof;                   /* its answer: why not, or ""; NULL for none */
    gint64 job_since;              /* of a keys worker: that it does the first; monotonic */
};

struct peer *peer_new(struct desk *desk, enum role_kind kind, guint instance);
void peer_free(struct peer *peer);
/* Asks the launcher for it; its channel comes when it runs. */
void peer_start(struct peer *peer);
/* Takes the channel over and listens to it. */
void peer_connect(struct peer *peer, int channel);
/* Behind the commit of this turn; `body` is consumed, `fd` is taken over (-1: none). */
void peer_tell(struct peer *peer, enum ipc_kind kind, GVariant *body, int fd);
/* After a commit: sends what waits, as far as the channel takes it. */
void peer_flush(struct peer *peer);
/* It hangs, or spoke out of turn. */
void peer_kill(struct peer *peer, const char *why);
void peer_expect_word(struct peer *peer);
/* From time to time: is it alive? */
void peer_check(struct peer *peer);
/* The relay has answered; `state` is for `status`. */
void peer_answers(struct peer *courier, const char *state);
/* What a role says, as it is shown to people: harmless and of some length; the caller frees it. */
char *peer_words(const char *sentence);
/* It has a reason to complain, for the operators. */
void peer_complains(struct peer *peer, const char *sentence);
/* It has stood for a while since it ended by itself, or has done its work since. */
gboolean peer_is_steady(const struct peer *peer);
/* At work, and without a complaint. */
gboolean peer_is_well(const struct peer *peer);
/* Ready at this moment, and without a complaint. */
gboolean peer_is_at_work(const struct peer *peer);
/* What it complains of; NULL: nothing. */
const char *peer_trouble(const struct peer *peer);
/* From time to time: since when is that so? */
void peer_note_health(struct peer *peer);
/* The name under which what an intake hands over is kept. */
const char *peer_source(const struct peer *peer);
/* Every peer, roles first. */
void peers_foreach(struct desk *desk, void (*visit)(struct peer *peer));

/* -- peer-settings.c -- */

/* The first message to a role: what it needs of the configuration. */
void peer_tell_settings(struct peer *peer);

/* -- pipeline.c: a mail's way -- */

/* A mail as it was read. */
struct reading {
    guint64 mail;
    const struct message *message;
    const struct crypto *crypto; /* NULL: it is not protected */
    const GPtrArray *offers;     /* GBytes: keys that came along; NULL: none */
    gint64 time;                 /* how often an operator has sorted it */
};

void pipeline_ask(struct peer *peer, const struct ipc_message *message);
void pipeline_take(struct peer *peer, const struct ipc_message *message);
void pipeline_feed(struct desk *desk);
void pipeline_facts(struct peer *peer, const struct ipc_message *message);
/* The reader has ended: what it had in hand is tried again. */
void pipeline_reader_lost(struct peer *peer);
/* Gives a reader what came out of a layer of that mail; FALSE: none is free. */
gboolean pipeline_read_document(struct desk *desk, guint64 mail, GBytes *document);
/* Decided, and done, in a change of its own; the mail is in nobody's hand any more. */
void pipeline_settle(struct desk *desk, const struct reading *reading);

/* -- opening.c: mail that is signed or sealed -- */

void openings_make(struct desk *desk);
/* Takes `facts`, which are not plain. The mail stays in hand until it is settled, or rests. */
void opening_begin(struct desk *desk, guint64 mail, struct facts *facts, gint64 arrived);
/* Is it being opened? Then what its reader has is a document of it. */
gboolean opening_has(const struct desk *desk, guint64 mail);
/* What the reader says of the document; takes `facts`. NULL: its child died, and why. */
void opening_read(struct desk *desk, guint64 mail, struct facts *facts, const char *why);
/* The reader itself ended; `had_it`: while it read this document. */
void opening_reader_lost(struct desk *desk, guint64 mail, gboolean had_it);
/* Once a turn: hands out layers and documents. */
void opening_feed(struct desk *desk);
/* It is to be read again later. */
gboolean opening_rests(const struct desk *desk, guint64 mail);
guint opening_count_resting(const struct desk *desk);
/* So many are being opened that no more mail should be begun. */
gboolean opening_has_enough(const struct desk *desk);
/* Mail that stays closed waits again as if it had just come; `mail` 0: all of it. Within a change;
 * `desk` is a struct desk. */
gboolean opening_retry(gpointer desk, guint64 mail, GError **error);
/* Likewise all of it, and says so in the journal: a key of ours has come. */
gboolean opening_retry_all(struct desk *desk, GError **error);

/* -- apply.c: what was decided is done -- */

/* All of the plan, or an error; then the caller undoes its savepoint. */
gboolean apply_to_mail(struct desk *desk, const struct reading *reading, const struct plan *plan,
    const char *text_sha256, GError **error);

/* -- colleague.c: letters of our own people that did not go through mado -- */

struct outside_letter {
    guint64 mail, incident;
    const struct message *message;
    gint64 now;
};
/* To whom it went are correspondents now; and what the gate would have said of it is noted. */
gboolean colleague_note(struct desk *desk, const struct outside_letter *letter, GError **error);

/* -- letters.c: what mado writes by itself; one letter for each kind and cause -- */

/* The values beside the closed list of variables come from settings. */
struct acknowledgement {
    guint64 mail, incident;
    int year, sequence;
    const char *number;
    const char *template, *language, *to; /* languages, with blanks between */
    const struct message *message;
    gboolean sealed; /* the mail came so, wholly or in part */
    gboolean opens;
    gint64 time; /* how often an operator has sorted the mail: each time may have its answer */
};
gboolean letters_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error);
/* To operators, or to the team itself. */
struct own_letter {
    const char *kind, *cause, *template, *to;
    struct values *values;
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

gboolean writing_draft(gpointer desk, struct sheet *sheet, const struct said *said, GError **error);

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
void hours_tell(const struct desk *desk, struct values *values, const char *language);
/* By when a person is to have answered what comes now; 0: nothing is promised. */
gint64 hours_reply_by(const struct desk *desk);

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
    const GPtrArray *approvals; /* const char *: user names; NULL: nobody */
    gboolean confirmed;         /* its writer wants it to go in clear */
    struct gate_attachments attachments;
    gboolean is_sealed; /* it was made ready, and cannot be read any more */
};
struct asked {
    struct gate_answer *answer;
    struct key *pgp, *cms; /* ours that sign; NULL: none */
};
/* The caller clears `asked`, also where it failed. */
gboolean asking_do(
    struct desk *desk, const struct asking *asking, struct asked *asked, GError **error);
/* -- asking-letter.c: and about one that is there already -- */
/* Of one that is queued or held; `bytes` in clear. */
gboolean asking_of_letter(struct desk *desk, const struct outbox_row *letter, GBytes *bytes,
    struct asked *asked, GError **error);
void asked_clear(struct asked *asked);
/* Of one that was made ready a while ago: NULL in `why`, or why it must not go any more, which the
 * caller frees. */
gboolean asking_may_leave(
    struct desk *desk, const struct outbox_row *letter, char **why, GError **error);
/* Who signs, going that way; NULL: nobody. */
const struct key *asked_signer(const struct asked *asked);
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

/* -- errands.c: connections and tokens for those who may not fetch them -- */

/* The server of a source, or (with the number behind the last source) of the courier; NULL if it
 * needs none. */
const struct server *errands_server(const struct desk *desk, guint instance);
void errands_make_servants(struct desk *desk);
void errands_need(struct peer *client, const struct ipc_message *message);
void errands_have(struct peer *servant, const struct ipc_message *message);
void errands_servant_ready(struct peer *servant);
void errands_servant_lost(struct peer *servant);
void errands_client_lost(struct peer *client);

/* -- jobs.c: work for the keys role -- */

enum { JOBS_IN_HAND = 2 }; /* of a worker: one that it does, and the next */
/* How a job has ended; `result` has the type of keys_result(), and is there with KEYS_DONE only. */
struct job_end {
    enum keys_outcome outcome;
    const char *why;
    GVariant *result;
    gboolean given_up; /* with KEYS_LATER: whoever had it has ended, each time */
};
typedef void (*job_done)(struct desk *desk, gpointer data, const struct job_end *end);
/* Takes `argument`. A worker that dies of it, or takes too long, is ended, and the job tried again,
 * LIMIT_JOB_TRIES times with growing pauses: then it ends with KEYS_LATER; what is done once only
 * (keys_op_is_once), at the first time. `done` is called once,
 * never before this returns, outside of any change; it begins its own. Jobs are not kept over the
 * end of the desk: who needs one asks again. */
void jobs_do(struct desk *desk, enum keys_op op, GVariant *argument, job_done done, gpointer data);
void jobs_make_workers(struct desk *desk);
void jobs_dismiss_workers(struct desk *desk); /* with all jobs; nobody is told */
void jobs_worked(struct peer *worker, const struct ipc_message *message);
void jobs_worker_lost(struct peer *worker);
/* Once a turn: ends who takes too long, tells how jobs have ended, gives out others. */
void jobs_feed(struct desk *desk);
/* With a worker, or ended and not told yet. */
gboolean jobs_in_hand(const struct desk *desk);
gboolean jobs_wait(const struct desk *desk);

/* -- tasks.c: a command whose work needs the keys role -- */

struct task;
typedef gboolean (*task_step)(struct task *task, const struct job_end *end, GError **error);
typedef gboolean (*task_finish)(struct task *task, GError **error);
struct task {
    struct desk *desk;
    guint64 id;
    struct order order; /* a copy of its own */
    gboolean over;
    GError *error;
    GPtrArray *lines; /* struct order_line */
    GBytes *bytes;
    GPtrArray *todo;  /* char *: fingerprints */
    GPtrArray *found; /* struct key_info */
    gint64 over_on;   /* monotonic */
    guint complete;   /* those of `found` that have their bytes */
    guint tries;      /* to make a key: whoever had it has ended */
    gboolean again;   /* that may be tried once more */
    GError *late;     /* what is said if not */
    task_step then;
    task_finish finish;
};
/* One job; when it has ended, `then` is called within a change that is undone if it fails, and may
 * start the next job. Without one the task is over. */
void task_job(struct task *task, enum keys_op op, GVariant *argument, task_step then);
/* What came of one key. */
void task_tell(struct task *task, const char *fingerprint, const char *result);
/* TRUE if the job is done; else an error that says why it is not. */
gboolean task_job_done(const struct job_end *end, GError **error);
/* For the operators' socket. */
/* One of that kind is under way. */
gboolean tasks_has(const struct desk *desk, enum order_kind kind);
gboolean tasks_begin(gpointer desk, const struct order *order, guint64 *task, GError **error);
gboolean tasks_end(gpointer desk, guint64 task, const char *user, struct order_end *end);
void tasks_free(struct desk *desk);

/* -- directory.c: keys, ours and those of others -- */

/* The first step of each kind of order; FALSE: it cannot be done. */
gboolean directory_import(struct task *task, GError **error);
gboolean directory_pin(struct task *task, GError **error);
/* Written down as ours, with which earlier ones only open. */
gboolean directory_keep_own(
    struct task *task, const struct key_info *info, const char *origin, GError **error);
gboolean directory_extend(struct task *task, GError **error);
gboolean directory_export(struct task *task, GError **error);
/* What a job has brought, struct key_info; NULL with an error. The caller unrefs it. */
GPtrArray *directory_infos(const struct job_end *end, GError **error);
/* What the store has of a key goes into our home. */
gboolean directory_take_in(
    struct task *task, const char *fingerprint, task_step then, GError **error);
/* Fetches the bytes of keys that our home has; then `finish`, with them in `found`. Takes `infos`;
 * none at all is an error. */
gboolean directory_complete(
    struct task *task, GPtrArray *infos, task_finish finish, GError **error);

/* -- directory-make.c -- */
gboolean directory_make(struct task *task, GError **error);

/* -- directory-home.c: the store is the truth, and the home follows it -- */

/* What our home lacks is brought in again; a key of ours that somebody put there is taken over. */
gboolean directory_check(struct task *task, GError **error);
/* At the start, and every hour: the same by ourselves. */
void directory_watch(struct desk *desk);

/* -- directory-offers.c: keys that come with mail -- */

/* The keys that the sender of a mail has sent along (GBytes) are looked at, and kept as offered:
 * nobody uses them before a person pins one. Within a change, behind the mail itself. */
gboolean directory_offer(struct desk *desk, guint64 mail, const GPtrArray *offers, GError **error);

/* -- notices.c: operators are told -- */

void notices_send_due(struct desk *desk, gboolean at_once);

/* -- alarms.c: what is wrong with mado itself -- */

/* Every few seconds: what holds now against what the store has; operators are told. */
void alarms_check(struct desk *desk);

/* -- pressure.c: mail stays where it is while the disk is full -- */

/* Looks at the disk, and tells the intakes what is new. */
void pressure_watch(struct desk *desk);
/* An intake that has just come learns it too. */
void pressure_greet(struct peer *intake);
/* Why no mail is taken; NULL: it is. */
const char *pressure_why(const struct desk *desk);

/* -- clock.c: somebody sets the clock of the host -- */

/* Before anything is reckoned by it: was it set? Then what waits waits no longer and no shorter. */
void clock_watch(struct desk *desk);
/* At the start: nothing waits for a moment that only a wrong clock can have named. */
gboolean clock_recover(struct desk *desk, GError **error);

/* -- proof.c: does each server answer? -- */

void proof_ask(struct peer *peer);
void proof_heard(struct peer *peer, const struct ipc_message *message);
/* Of all; `begin`: asks them, unless that is under way. TRUE: they have answered, or had their
 * time. */
gboolean proof_done(gpointer desk, gboolean begin);

/* -- facts.c: for the operators' socket -- */

void facts_tell(gpointer desk, struct status_facts *facts);

/* -- trial.c: does a letter go out by the one way and come in by the other? -- */

gboolean trial_send(gpointer desk, char **message_id, GError **error);

/* -- desk-setup.c -- */

gboolean setup_take_configuration(struct desk *desk, GError **error);
/* All of the new configuration, or all of the old one. */
void setup_reload(struct desk *desk);
gboolean setup_open_store(struct desk *desk, GError **error);
/* The first commit, before any mail is tried: the proof that the store can be written. */
gboolean setup_begin_work(struct desk *desk, GError **error);
gboolean setup_open_sockets(struct desk *desk, GError **error);
gboolean setup_lock_in(struct desk *desk, GError **error);

/* -- role-desk.c -- */

/* The courier is given nothing while the relay is out of reach. */
struct relay_rest {
    gint64 since;   /* when it began; 0: all is well */
    gint64 seconds; /* how long this rest is */
    gint64 until;   /* monotonic */
};

/* Since when nobody of a kind is at work. */
struct absence {
    gint64 at, on; /* seconds since 1970, monotonic; 0: somebody is */
};

struct desk {
    const struct options *options;
    struct settings *settings;
    struct templates *templates;
    struct store *store;
    GBytes *token_secret;
    GTimeZone *zone; /* of the team */
    struct clock *clock;
    char *clock_trouble; /* what is wrong with the list of holidays; NULL: nothing */
    int launcher;
    GPtrArray *intakes, *readers, *deliverers; /* struct peer */
    GPtrArray *diallers, *hooks; /* struct peer, of those sources that need one; by instance */
    GPtrArray *keys;             /* struct peer: the workers */
    struct jobs *jobs;
    struct peer *courier;
    gboolean dot_told; /* the first letter in the courier's hand may have gone out */
    struct relay_rest relay;
    struct control *control;
    struct control_context context;
    int control_socket, delivery_socket;
    gboolean draining, running;
    int status;                 /* what the process ends with; -1 while it runs */
    int end_with;               /* what it will be */
    gboolean look_for_mail;     /* the store may have mail that no reader has */
    gboolean look_for_letters;  /* likewise for the courier */
    gboolean look_for_unsealed; /* likewise for the keys role */
    gboolean look_at_held;      /* a key has come: may letters that are held go now? */
    guint64 held_seen;          /* of them, until this one */
    GHashTable *sealing;        /* letters that the keys role has */
    gint64 drain_until;
    GHashTable *in_hand; /* mail ids that readers or the keys role have */
    struct openings *openings;
    gint64 started_at;
    guint64 run;           /* another number each time */
    gint64 next_notice_on; /* by now_passed() */
    gint64 clock_is_ahead; /* of now_passed(), at the last look */
    enum room_state room;  /* on the disk of the store */
    gboolean at_work;      /* FALSE: there was no room at the start, and there is none yet */
    GPtrArray *tasks;      /* struct task */
    guint64 next_task;
    char *keys_missing;  /* what our home of keys lacks, for `doctor`; NULL: nothing */
    guint64 keys_look;   /* the task of the last look at it */
    gint64 keys_look_on; /* by now_passed(): the next look at it; 0: at once */
    gint64 proof_until, relay_proof_at; /* monotonic */
    struct absence readers_gone, keys_gone;
    guint ticks;
};

/* A change begins: a turn's transaction, and in it a savepoint that ends with keep or undo. */
void desk_change(struct desk *desk);
void desk_keep(struct desk *desk);
void desk_undo(struct desk *desk);
/* The store failed: nothing may be believed any more. Ends the process; it is started again. */
G_NORETURN void desk_give_up(const GError *error);
/* The team's wall clock; the caller unrefs it. */
GDateTime *desk_local_time(const struct desk *desk, gint64 at);
/* "SAKURA#2026-0042-K7"; the caller frees it. */
char *desk_tagged(const struct desk *desk, const char *number);
/* What follows the @ of the published address. */
const char *desk_mail_domain(const struct desk *desk);
