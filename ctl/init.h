/* madoctl init: six questions, one configuration that checks out. */
#pragma once
#include "madoctl.h"
#include <sys/types.h>

struct init {
    char *path;          /* of the configuration, from the root */
    char *folder;        /* that it is in */
    gboolean of_host;    /* it is the one that the service reads, and the daemon has its own user */
    gboolean exists;     /* and stays as it is */
    uid_t uid;           /* of the daemon: whose folders and passwords are */
    gid_t gid;           /* likewise */
    GHashTable *answers; /* name of a setting -> answer; a password has a name like one */
    GPtrArray *made;     /* paths, in the order in which they were made */
    GPtrArray *next;     /* commands for the operator, and what they are for */
};

#define INIT_MAILBOX_PASSWORD "intake.sources.password"
#define INIT_RELAY_PASSWORD "outgoing.password"
#define INIT_TRY "try"
/* From the folder of the configuration. */
#define INIT_MAILBOX_FILE "credentials/mailbox"
#define INIT_RELAY_FILE "credentials/relay"

/* "" where nothing was answered. */
const char *init_answer(const struct init *init, const char *setting);
gboolean init_answer_is(const struct init *init, const char *setting, const char *value);

/* -- init-questions.c: asks them all. 0, or the exit status; it has said why. */
int init_ask(struct init *init);
/* This host, spoken to without TLS. */
gboolean init_is_local(const char *host);

/* -- init-ask.c: on standard error, from standard input -- */
/* One line without its end and the blanks around it; NULL at the end. `hidden`: is not shown while
 * it is typed. The caller frees it. */
char *init_read_line(const char *prompt, gboolean hidden);
void init_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* -- init-text.c -- */
/* The configuration from the answers; the caller frees it. */
char *init_text(const struct init *init);
/* The lines of `text` that `file` lacks and the other way round, comments aside; the caller frees
 * it. */
char *init_difference(const char *file, const char *text);

/* -- init-write.c: everything, or nothing -- */
gboolean init_write(struct init *init, GError **error);

/* -- init-try.c: starts the daemon if it does not run, and has it send a mail to itself. */
int init_try(const struct init *init, struct call *call, GError **error);
