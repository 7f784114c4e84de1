/*
 * Between madoctl and the daemon
 *
 * One request is one line of JSON: {"schema":"mado/1","command":"list","args":{...}},
 * with "language":"ja" where it is not to be answered in English. The answer is lines of JSON: rows
 * or one object, and last {"end":true} or
 * {"error":{"code":103,"message":"..."}}. What is long comes in pages: the last line then has
 * "next", which goes back as args.page. The rows are what `madoctl --json` prints; the screens are
 * drawn from the same rows.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <mado/crypto.h>
#include <mado/history.h>
#include <mado/incident.h>
#include <mado/report.h>

#define CTL_SCHEMA "mado/1"
#define CTL_MOST_FOUND 200 /* tickets that one search finds */

enum ctl_role { CTL_ROLE_NONE, CTL_VIEWER, CTL_NIGHT, CTL_HANDLER, CTL_COMMANDER, CTL_ADMIN };

/* One row a command: help, completion, the manual, who may, and how it is served come from here. */
struct ctl_command {
    const char *name; /* "audit verify" */
    const char
        *args; /* "ID", "[QUERY...] [--all]", ""; an option that is not named here is refused */
    const char *help;     /* one line */
    enum ctl_role role;   /* the least that may; CTL_ROLE_NONE: needs no daemon */
    const char *group;    /* "everyday", "house-keeping"; NULL: not for people */
    const char *examples; /* two lines */
    const char *fields;   /* of the JSON rows, in their order; behind "; " those of a second form */
};
extern const struct ctl_command ctl_commands[]; /* ends with a NULL name */

const struct ctl_command *ctl_find(const char *name);
const char *ctl_guess(const char *name); /* the nearest known name, or NULL */
/* The nearest of `names` (NULL-terminated), or NULL if none is near enough to be meant. */
const char *ctl_nearest(const char *word, const char *const *names);
enum ctl_role ctl_role_from_name(const char *name);
const char *ctl_role_name(enum ctl_role role);

/* -- manual.c: the COMMANDS of madoctl(1); the caller frees it. */
char *ctl_commands_to_manual(void);

/* -- wire.c: lines -- */
json_t *ctl_row(void);                 /* {"schema":"mado/1"}: a new row; the caller owns it */
json_t *ctl_string(const char *text);  /* valid UTF-8 whatever comes; null for NULL */
json_t *ctl_known(const char *text);   /* the same, but null also for "" */
json_t *ctl_texts(char *const *texts); /* NULL-terminated; NULL: none */
json_t *ctl_lines(const char *text);   /* those that are not empty; NULL: none */
/* RFC 3339 with the zone's offset; null for 0. `zone` NULL: UTC. */
json_t *ctl_time(gint64 at, GTimeZone *zone);
/* One line without its end, safe on a terminal: what text_harmless() would show stands as \uNNNN.
 * The caller frees it. */
char *ctl_dump(const json_t *value);

/* Takes `args` (NULL: none), and asks for an answer in the language that is spoken. The caller owns
 * the result. */
json_t *ctl_request(const char *command, json_t *args);
/* Believes nothing. `*command` points into the table, `*args` into the result, which the caller
 * owns. */
json_t *ctl_parse_request(const char *line, gsize size, const struct ctl_command **command,
    json_t **args, GError **error);
const char *ctl_language(const json_t *request); /* NULL: it asks for none, and gets English */
json_t *ctl_end(json_t *next);                   /* takes `next`; NULL: that was all */
json_t *ctl_error(const GError *error);

enum ctl_line { CTL_LINE_ROW, CTL_LINE_END, CTL_LINE_ERROR };
/* What an answer's line is. `*next` is borrowed from `line`, or NULL; `error` is set for an error
 * only. */
enum ctl_line ctl_sort_line(const json_t *line, json_t **next, GError **error);

/* What `explain` asks of a running daemon, and the answer. The readers believe nothing: NULL. */
json_t *ctl_question_to_json(const struct question *question);
struct question *ctl_question_from_json(const json_t *value);
json_t *ctl_history_to_json(const struct history *history);
struct history *ctl_history_from_json(const json_t *value);

/* -- verdict.c: NULL: the mail is not protected; `zone` as in ctl_time() -- */
json_t *ctl_crypto(const struct crypto *crypto, GTimeZone *zone);

/* -- event.c -- */
struct ctl_event {
    guint64 id;
    const char *kind;
    const GPtrArray *told; /* char *: name and value in turn; what is "" or NULL is null */
    gint64 at;
    GTimeZone *zone;
};
char *ctl_event_line(const struct ctl_event *event); /* the caller frees it */

/* -- found.c -- */
json_t *ctl_indicator(
    const char *kind, const char *value, const char *as_written, const char *from);
json_t *ctl_indicators(const struct report *report);
/* -- reported.c: at most so many events of it -- */
json_t *ctl_report(const struct report *report, guint most);

/* -- journal.c: a row with all that its hash is made of; `text` is null where it was purged -- */
json_t *ctl_journal_row(const struct journal_row *row);

/* -- words.c: figures as people read them; the caller frees them -- */
char *ctl_age(gint64 seconds);      /* "41m", "5h", "12d" */
char *ctl_age_long(gint64 seconds); /* "41m", "5h 2m", "9d 4h" */
char *ctl_bytes(guint64 bytes);     /* "812 B", "12 kB", "142 MB" */
char *ctl_count(guint64 count);     /* "18,442" */
