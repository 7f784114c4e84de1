/* The desk at work: what its files share. */
#pragma once
#include "launcher.h"
#include "ipc.h"
#include "roles.h"
#include "control.h"
#include "clock.h"
#include "desk.h"
#include "gate.h"
#include "letters.h"
#include "room.h"
#include "store.h"
#include "write.h"
#include <mado/crypto.h>
#include <mado/keys.h>
#include <mado/settings.h>

struct desk;
struct task;

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
void pipeline_piece(struct peer *peer, const struct ipc_message *message);
struct reader_question {
    guint64 mail;
    gboolean inner;     /* the document came out of a layer of it */
    const char *wanted; /* the SHA-256 of a file of it; NULL: the facts are asked for */
};
/* Gives a reader that document; FALSE: none is free. */
gboolean pipeline_ask_reader(
    struct desk *desk, const struct reader_question *question, GBytes *document);
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

/* -- saving.c: a file of a mail, for an operator -- */

/* The file of `sha256` in a mail; its bytes are those of the task, then. */
gboolean saving_begin(struct task *task, GError **error);
/* Is a file of that mail being saved? Then what its reader has is for that. */
gboolean saving_has(const struct desk *desk, guint64 mail);
/* ... and the reader was asked for the file itself. */
gboolean saving_wants_file(const struct desk *desk, guint64 mail);
/* What the reader says; takes `facts`. NULL, -1: its child died. */
void saving_read(struct desk *desk, guint64 mail, struct facts *facts);
void saving_piece(struct desk *desk, guint64 mail, int fd);
/* As opening_reader_lost(). */
void saving_reader_lost(struct desk *desk, guint64 mail, gboolean had_it);
/* Once a turn. */
void saving_feed(struct desk *desk);

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

/* -- hooks.c: programs of operators are told what happens -- */
void hooks_make(struct desk *desk);
gboolean hooks_begin(struct desk *desk, GError **error);
void hooks_feed(struct desk *desk);
gboolean hooks_are_idle(const struct desk *desk);
void hooks_told(struct peer *announcer, const struct ipc_message *message);
void hooks_lost(struct peer *announcer);

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

/* What such a job has brought of a layer; what makes no sense is as good as nothing. The caller
 * frees it. */
struct opened *opening_opened(const struct job_end *end);

/* -- tasks.c: a command whose work takes a while -- */

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
    char *path;       /* of a backup */
    guint64 size, done, all;
    task_step then;
    task_finish finish;
};
/* One job; when it has ended, `then` is called within a change that is undone if it fails, and may
 * start the next job. Without one the task is over. */
void task_job(struct task *task, enum keys_op op, GVariant *argument, task_step then);
/* It asks for nothing more: its end is `error`, or what it has. */
void task_is_over(struct task *task);
/* What came of one key. */
void task_tell(struct task *task, const char *fingerprint, const char *result);
/* TRUE if the job is done; else an error that says why it is not. */
gboolean task_job_done(const struct job_end *end, GError **error);
/* For the operators' socket. */
/* One of that kind is under way. */
gboolean tasks_has(const struct desk *desk, enum order_kind kind);
gboolean tasks_begin(gpointer desk, const struct order *order, guint64 *task, GError **error);
gboolean tasks_end(gpointer desk, guint64 task, const char *user, struct order_end *end);
void tasks_forget(gpointer desk, guint64 task);
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

/* The fixed clock is set by somebody to that moment: what waits waits as before. */
gboolean clock_set(struct desk *desk, gint64 to, GError **error);

/* -- stepping.c: the clock of --now is moved; for the operators' socket -- */

gboolean stepping_move(gpointer desk, gint64 to, gboolean by_hand, GError **error);
/* What was due is done, and nothing is in hand; `*next` is the moment of what comes next,
 * G_MAXINT64 for nothing. */
gboolean stepping_is_done(gpointer desk, gint64 *next);

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
    struct peer *announcer; /* the last of the hooks: runs the programs of operators; or NULL */
    guint64 event;          /* that it tells them; 0: none */
    guint hook_failures;    /* events in a row of which a program made nothing */
    char *hook_failure;     /* the last of them and why; NULL: all is well */
    gboolean look_for_events;
    GPtrArray *keys; /* struct peer: the workers */
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
    GHashTable *savings; /* by mail */
    gint64 started_at;
    guint64 run;           /* another number each time */
    gint64 next_notice_on; /* by now_passed() */
    gint64 next_due;       /* wall clock, of all that has its moment in the store; 0: to be asked */
    guint64 due_turn;      /* of the store, when that was asked; 0: while one was not over */
    gboolean look_at_duty; /* whose turn it is may be another's now */
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
    struct rebuild *rebuild; /* NULL: an ordinary desk */
    struct backup *backup;   /* that is being made; NULL: none is */
    gboolean purges;         /* what was due, until there is no more */
    guint purge_round;       /* of the cleaning behind it; 0: not yet */
    guint64 purged;          /* so far */
    gboolean purge_ended;    /* the file of the last commits has it still */
};

/* A change begins: a turn's transaction, and in it a savepoint that ends with keep or undo. */
void desk_change(struct desk *desk);
void desk_keep(struct desk *desk);
void desk_undo(struct desk *desk);
/* The store failed: nothing may be believed any more. Ends the process; it is started again. */
G_NORETURN void desk_give_up(const GError *error);
/* All that has come in has its place, and all letters that are due have gone, or cannot. */
gboolean desk_is_quiet(struct desk *desk);
/* What needs no look at every tick. */
void desk_look_after_itself(struct desk *desk);
/* The team's wall clock; the caller unrefs it. */
GDateTime *desk_local_time(const struct desk *desk, gint64 at);
/* "SAKURA#2026-0042-K7"; the caller frees it. */
char *desk_tagged(const struct desk *desk, const char *number);
/* What follows the @ of the published address. */
const char *desk_mail_domain(const struct desk *desk);

/* -- targets.c: by when something is to have happened -- */
/* From now on they follow whatever is done to incidents. */
void targets_begin(struct desk *desk);
/* Operators are told of what is due soon, or late. */
gboolean targets_feed(struct desk *desk, GError **error);

/* -- waiting.c: reporters who were asked are reminded -- */
/* `waits`: it does, and they may be written to. */
gboolean waiting_follow(
    struct desk *desk, const struct incident *incident, gboolean waits, GError **error);
gboolean waiting_feed(struct desk *desk, GError **error);

/* -- legal.c: dates that only lawyers can decide about -- */
gboolean legal_follow(
    struct desk *desk, const struct incident *incident, gboolean over, GError **error);
gboolean legal_feed(struct desk *desk, GError **error);

/* -- due.c: once a turn: has a moment come for which the store waits? -- */
void due_feed(struct desk *desk);
/* G_MAXINT64: there is none. */
gint64 due_next(struct desk *desk);

#include "keeping.h"
