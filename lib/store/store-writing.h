/* The letters that people write; comes with store.h. */
#pragma once
#include <mado/enclosure.h>

struct store;

/* -- writing.c: letters that people write -- */
struct writing {
    guint64 letter;
    char *purpose;        /* "reply", "ask", "close", "reject", ... */
    char *writer;         /* user name of the operator */
    char *label;          /* of what it says, when it was written */
    guint64 coordination; /* that it belongs to; 0: none */
    gint64 approvals;     /* that its writer wants, whatever the gate asks for */
    int confirmed;        /* its writer knows that it goes in clear */
    char *template, *language;
    char *state_before, *state_behind; /* of the incident, where it has changed that; "" */
    char *text;
};
void writing_free(struct writing *writing);
gboolean store_keep_writing(struct store *store, const struct writing *writing, GError **error);
/* `*writing` is NULL for a letter that no person has written; the caller frees it. */
gboolean store_writing(
    struct store *store, guint64 letter, struct writing **writing, GError **error);
/* 0: this cause has none. */
gboolean store_find_letter(
    struct store *store, const char *kind, const char *cause, guint64 *letter, GError **error);
/* What it has changed of its incident, beside the state. */
struct letter_move {
    guint64 letter, incident;
    char *waits_for, *result; /* before */
};
void letter_move_free(struct letter_move *move);
/* Behind the last word of the journal about it. */
gboolean store_keep_move(struct store *store, const struct letter_move *move, GError **error);
/* `*move` is NULL where it has changed nothing, or its incident has been changed or merged since;
 * the caller frees it. */
gboolean store_find_move(
    struct store *store, guint64 letter, struct letter_move **move, GError **error);
/* The last letter of a person about an incident to that address that was not dropped. */
struct last_letter {
    guint64 letter;
    gint64 created_at;
    char *writer, *purpose, *state;
};
void last_letter_free(struct last_letter *last);
/* `*last` is NULL where there is none; the caller frees it. */
gboolean store_last_letter(struct store *store, guint64 incident, const char *address,
    struct last_letter **last, GError **error);
struct approval {
    char *user;
    gint64 at;
    char *reason;
};
/* Once a person. */
gboolean store_approve(
    struct store *store, guint64 letter, const struct approval *approval, GError **error);
GPtrArray *store_approvals(struct store *store, guint64 letter, GError **error);
/* Has that address reported it, or written to us of it? */
gboolean store_is_correspondent(
    struct store *store, guint64 incident, const char *address, gboolean *is, GError **error);
char **store_correspondents(struct store *store, guint64 incident, GError **error);
/* What came from one address, the newest first. */
struct thread_mail {
    guint64 mail;
    char *message_id, *from_name, *language, *date, *text;
};
void thread_mail_free(struct thread_mail *mail);
GPtrArray *store_thread(struct store *store, guint64 incident, const char *address, GError **error);

/* -- enclosure.c: files that go with them -- */
/* struct enclosure, with their bytes. */
gboolean store_keep_enclosures(
    struct store *store, guint64 letter, const GPtrArray *enclosures, GError **error);
/* Without their bytes. */
GPtrArray *store_enclosures(struct store *store, guint64 letter, GError **error);
/* The caller unrefs it. */
GBytes *store_enclosure_bytes(struct store *store, guint64 letter, guint position, GError **error);
/* The letters that had a file of that hash with them, newest first: guint64. */
GArray *store_letters_with_file(
    struct store *store, const char *sha256, guint most, GError **error);
/* How a file came here. */
struct file_origin {
    gboolean came;   /* with a mail, and before it went out with a letter of ours */
    gboolean sealed; /* with one that was encrypted */
};
gboolean store_file_origin(
    struct store *store, const char *sha256, struct file_origin *origin, GError **error);

typedef struct writing mado_writing;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_writing, writing_free)
typedef struct last_letter mado_last_letter;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_last_letter, last_letter_free)
typedef struct letter_move mado_letter_move;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_letter_move, letter_move_free)
