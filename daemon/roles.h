/* The roles' main functions: each runs in a process of its own and returns its exit status. */
#pragma once
#include "confine.h"
#include "ipc.h"
#include "means.h"
#include <glib.h>

struct options {
    char *config;
    gboolean once;    /* process what is there, then end */
    gboolean rebuild; /* the store again from its mails, then end */
    int instance;
};

enum { CHANNEL = 3 }; /* to the desk (the desk's own: to the launcher) */

int role_desk(const struct options *options);
int role_intake(const struct options *options);
int role_reader(const struct options *options);
int role_courier(const struct options *options);
int role_dialler(const struct options *options);
int role_hook(const struct options *options);
int role_keys(const struct options *options);

/* The intake of a source to which others bring their mail. */
int lmtp_serve(GVariantDict *settings);
/* madod --deliver: one mail from stdin to the running daemon. */
int deliver(const struct options *options);

/* -- for the roles that serve the desk -- */

/* Waits for the settings, which come first. NULL: the desk is gone. The caller frees it. */
GVariantDict *role_settings(void);
/* Answers a ping; FALSE for any other message. */
gboolean role_answers_ping(int kind);
/* Confined, and at work. */
void role_tell_ready(void);
/* A sentence for the operators, harmless from here on: a complaint; a mail that stays where it is;
 * or that all is well. */
void role_tell_trouble(const char *sentence);
void role_tell_left(const char *sentence);
void role_tell_state(const char *sentence);
/* What lib code gets of us; `hear` takes one message of the desk's, and gives an IPC_HAVE to
 * role_hears_have(). */
struct means role_means(gpointer role, gboolean (*hear)(gpointer role));
void role_hears_have(struct ipc_message *message);
/* confine_role(), with a line in the log for what this kernel cannot do. */
gboolean role_lock_in(const struct confinement *confinement, GError **error);
/* One line in the log of why it ends: `event`, or "not-confined". */
void role_log_end(const char *event, const GError *error);
/* The same, and said to the desk; returns the exit status. */
int role_give_up(const char *event, const GError *error);
