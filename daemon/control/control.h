/* The operators' socket: who may ask what, and the answers. Part of the desk's main loop; never
 * blocks. */
#pragma once
#include <mado/settings.h>
#include "store.h"

/* In which mailboxes and relay have to answer when they are asked for proof. */
enum { PROOF_SECONDS = 10 };

/* How one source is, for `status` and `doctor`. */
struct source_facts {
    const char *name, *type;
    const char *state; /* in words: "watching", "cannot be read: No such file or directory" */
    gboolean well;
    guint64 waiting;   /* mails that lie there and could not be taken */
    const char *left;  /* the last of them, and why; NULL for none */
    gint64 since;      /* when it came to be well, or not */
    const char *proof; /* what its server has answered to a proof: why not, or ""; NULL: nothing */
};

/* What only the desk knows at this moment; it fills it when asked. */
struct status_facts {
    gint64 started_at;
    GPtrArray *sources;                 /* copies; status_facts_add_source() */
    char *reader, *keys_role, *courier; /* in words: "2 at work", "starting again" */
    gboolean reader_well, keys_role_well, courier_well;
    gint64 courier_since;
    char *courier_proof;    /* as in source_facts */
    const char *not_taking; /* why no mail is taken; NULL: it is */
};
void status_facts_add_source(struct status_facts *facts, const struct source_facts *source);

/* Owned by the desk, which may change it between turns (reload, store opened again). */
struct control_context {
    struct store *store;
    const struct settings *settings;
    GBytes *token_secret;
    GTimeZone *zone;    /* of the team; NULL: UTC */
    guint idle_seconds; /* 0: 60; tests take less */
    void (*facts)(gpointer desk, struct status_facts *facts);
    /* Asks mailboxes and relay for proof (`begin`: unless that is under way); TRUE: done. NULL:
     * they cannot be asked. */
    gboolean (*prove)(gpointer desk, gboolean begin);
    /* An operator has changed something, and it is committed: there may be work. NULL: nobody
     * cares. */
    void (*changed)(gpointer desk);
    /* Queues a letter of the team to itself; the caller frees the Message-ID. NULL: cannot. */
    gboolean (*send_test)(gpointer desk, char **message_id, GError **error);
    gpointer desk;
};

struct control;
/* Before confinement, because it looks up user and group names. Takes `listening`; `context` must
 * outlive it. NULL without error never happens. */
struct control *control_new(int listening, const struct control_context *context);
/* Serves from now on, in the default main context. */
void control_start(struct control *control);
void control_free(struct control *control); /* closes all connections and the socket */
