/* The pieces of madoctl. A command is one `struct view`, in a file of its own. */
#pragma once
#include "ctl.h"
#include "screen.h"
#include <mado/settings.h>

struct options {
    gboolean json, json_help;
    gboolean short_help, long_help, version;
    gboolean all, changed, mail;
    char *colour, *config, *socket, *now, *reason, *keys;
    gboolean dry_run, own, keep, replace, ack, over, advice, print;
    char *decision;                                     /* who has made it */
    char *kind, *organisation, *language, *seal, *note; /* of a contact */
    char **addresses, **members;                        /* likewise; NULL: none */
    char *name, *contact, *how, *days, *until;          /* of a key */
    char *result;                                       /* of a ticket */
    char *mapping, *undo;                               /* of an import */
    char *last, *count;                                 /* how many mails; things to purge */
    char *to, *text;        /* of a letter; a file to be made; `to` is the last of `tos` */
    char **tos, **requests; /* of several; NULL: none */
    char *reply_by, *show_reporter, *label, *group; /* likewise */
    gboolean in_clear, approve, yes, quote, notice; /* likewise */
    char *format, *only;                            /* of what is shared, and of figures */
    char *by, *audience, *output;                   /* of figures */
    gboolean commander, meeting;                    /* of status */
    char **attach;                                  /* files that go with it; NULL: none */
    int patience; /* seconds for an answer; 0: as long as it may take */
};

struct client;

/* -- options.c -- */
/* Takes them off the words. */
gboolean options_parse(struct options *options, int *argc, char ***argv, GError **error);
/* Refuses one that means nothing for this command. */
gboolean options_check(struct options *options, const struct ctl_command *command, GError **error);
void options_clear(struct options *options);

/* One run of the program. */
struct call {
    const struct ctl_command *command;
    struct options options;
    char **words; /* behind the command's name, NULL-terminated */
    struct screen *screen;
    struct client *client; /* once the daemon has been asked */
};

struct view {
    const char *command;
    /* The arguments of the request from what was typed; NULL with an error: wrong use. */
    json_t *(*args)(char **words, const struct options *options, GError **error);
    /* The screen, or the lines for a pipe, from the rows of one page. */
    void (*draw)(struct screen *screen, json_t *rows, gboolean first);
    /* The exit status that a row stands for; NULL: 0. */
    int (*judge)(const json_t *row);
    /* Below the last row: how many there were. NULL: nothing. Only where screens are drawn. */
    void (*finish)(struct screen *screen, guint64 rows);
    gboolean pager;  /* collects all pages on a terminal */
    gboolean latest; /* stops behind the first page, and says so, unless --all is given */
    /* A command that is not one request and its answer. */
    int (*run)(struct call *call, GError **error);
};

extern const struct view view_alarms, view_home, view_status, view_list, view_show, view_search,
    view_history, view_outbox, view_outbox_show, view_outbox_retry, view_outbox_drop, view_retry,
    view_ledger, view_explain, view_doctor, view_check_config, view_config_show, view_audit_verify,
    view_try, view_contact, view_contact_show, view_contact_add, view_contact_edit,
    view_contact_import, view_key, view_key_show, view_key_import, view_key_pin, view_key_unpin,
    view_key_export, view_key_check, view_key_init, view_key_extend, view_key_publish, view_init,
    view_completion, view_help, view_version, view_hold, view_hold_show, view_hold_release,
    view_inbox, view_inbox_show, view_inbox_accept, view_inbox_attach, view_inbox_feed,
    view_inbox_spam, view_inbox_reject, view_hold_drop, view_taint_check, view_taint_release,
    view_restrict, view_unrestrict, view_artifact, view_artifact_save, view_rules_test, view_take,
    view_set, view_note, view_close, view_reopen, view_contact_verify, view_named, view_named_add,
    view_named_remove, view_reply, view_ask, view_reject, view_hold_undo, view_merge,
    view_merge_undo, view_split, view_link, view_link_drop, view_similar, view_views, view_view_set,
    view_view_drop, view_backup, view_log_phone, view_log_visit, view_log_web, view_watch,
    view_import, view_share, view_export, view_coord, view_coord_list, view_coord_show,
    view_coord_remind, view_coord_done, view_notify, view_notify_list, view_escalate, view_purge,
    view_audit_export, view_stats, view_periodic, view_escalate_list, view_ack_escalation,
    view_contact_review, view_contact_ask, view_duty, view_duty_week, view_duty_set, view_duty_swap,
    view_duty_handover, view_duty_accept, view_duty_show, view_damage, view_goal, view_goal_set,
    view_goal_drop;

/* `madoctl --help`, and that of one command. */
void help_print(struct screen *screen);
void help_command(struct screen *screen, const struct ctl_command *command);
/* As the section of madoctl(1), with the commands that begin with the same word. */
void help_manual(struct screen *screen, const struct ctl_command *command);

/* -- client.c -- */
/* The settings that hold for this call: --config, MADOCTL_CONFIG, the file of the host, built-in
 * ones. NULL with an error only where a named file cannot be used. The caller frees it. */
struct settings *client_settings(const struct options *options, char **file, GError **error);
/* Asks for one page; rows are appended to `rows`. `*next` is for the next page, NULL behind the
 * last; the caller owns it. Takes `args`. */
gboolean client_ask(struct call *call, const char *command, json_t *args, json_t *rows,
    json_t **next, GError **error);
/* Likewise in two steps: between them the descriptor tells when there is an answer. */
gboolean client_begin(struct call *call, const char *command, json_t *args, GError **error);
int client_descriptor(const struct call *call);
gboolean client_end(struct call *call, json_t *rows, json_t **next, GError **error);
void client_free(struct client *client);

/* -- view.c -- */
/* Asks, draws and judges, page by page; the exit status, or -1 with an error. */
int view_run(const struct view *view, struct call *call, GError **error);
/* On a terminal, and only once it takes long: how far it is, as the daemon says with the page. */
void view_progress(gint64 started, const json_t *next);
/* Draws or prints as JSON, as the options want it. */
gboolean view_show_rows(
    const struct view *view, struct call *call, json_t *rows, gboolean first, GError **error);
/* "ID" -> {"id": ID}: for commands with one word or several that belong together. */
json_t *view_one_word(char **words, const char *name, const char *missing, GError **error);
/* What was given, and nothing for NULL: into the arguments of a command. */
void view_give(json_t *args, const char *name, const char *value);
gboolean view_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* "a@a.example, userunknown 550 5.1.1, permanent"; the caller frees it. */
char *view_bounce(const json_t *row);
/* One line for each recipient that a bounce spoke of. */
void view_deliveries(struct screen *screen, const json_t *row);
/* Why it happened: our reasons in the reader's language, and what people have typed in their words.
 * The caller frees it. */
char *view_event_words(const json_t *event);
/* The reasons of an array, with `between` between them; on a terminal in the reader's language. The
 * caller frees it. */
char *view_reasons(
    const struct screen *screen, const json_t *row, const char *name, const char *between);
/* The strings of an array, with `between` between them; the caller frees it. */
char *view_joined(const json_t *row, const char *name, const char *between);

/* Asks for all pages; does not take `args`. */
gboolean view_pages(
    struct call *call, const char *command, const json_t *args, json_t *rows, GError **error);
/* Asks, and asks again while the daemon says that it takes a while. Takes `args`. */
gboolean view_wait(
    struct call *call, const char *command, json_t *args, json_t *rows, GError **error);
/* Likewise, and shows what came of it; the exit status, or -1 with an error. `args` NULL: there is
 * an error already. */
int view_order(struct call *call, const struct view *view, json_t *args, GError **error);
/* A table, or on a terminal that there is nothing. */
void view_table(struct screen *screen, const struct column *columns, json_t *rows, gboolean first,
    const char *nothing);
/* "name" and its value on a line, if there is one. */
void view_fact(struct screen *screen, const char *name, const char *value);
/* Likewise the time at `path`: on a terminal as people read it. */
void view_time(struct screen *screen, const char *name, const json_t *row, const char *path);
/* The elements of a list, with commas between; the caller frees it. */
char *view_texts(const json_t *row, const char *path);

/* -- cmd-backup.c -- */
struct view_long {
    /* The rows of one page; FALSE with an error ends it. */
    gboolean (*take)(struct call *call, json_t *rows, gpointer data, GError **error);
    gpointer data;
};
/* What takes a while, page by page, with its progress on a terminal. Takes `args`. */
gboolean view_long(struct call *call, const struct view_long *how, json_t *args, GError **error);
/* Likewise by the name of another command. */
gboolean view_long_as(struct call *call, const char *command, const struct view_long *how,
    json_t *args, GError **error);

/* -- cmd-report.c -- */
/* What of status is for those who decide: "commander", "meeting"; the exit status, or -1 with an
 * error. */
int report_status(struct call *call, const char *kind, GError **error);

/* -- cmd-authority.c -- */
/* What an authority asks for, as far as the ticket of the words says it; the caller frees it. */
char *authority_sheet(struct call *call, GError **error);

/* -- cmd-share.c -- */
/* To stdout, byte for byte. */
gboolean view_print(const char *content, GError **error);

/* -- cmd-work.c -- */
/* "Next:" and the commands of a row, below what was done. */
void view_next(struct screen *screen, const json_t *row);
/* Tickets, and what was changed of each. */
void view_draw_changes(struct screen *screen, json_t *rows, gboolean first);

/* -- cmd-contact-print.c -- */
/* For paper: 80 columns, whatever the screen is. */
void contact_print(struct screen *screen, json_t *rows, gboolean first);

/* -- cmd-key.c -- */
void key_draw(struct screen *screen, const json_t *row);

/* -- edit.c -- */
/* `path` may be "-". The caller frees the text, as below. */
gboolean edit_read(const char *path, char **text, GError **error);
/* In the operator's editor; what was there is gone behind it. */
gboolean edit_text(const char *before, char **text, GError **error);
/* Something has become of what was written there; or nothing has, and its writer gets it back, on
 * their own terminal and nowhere else. */
void edit_forget(void);
void edit_give_back(struct screen *screen);

/* -- cmd-write.c -- */
/* A letter on its way from a draft to its sending. */
struct pen {
    struct call *call;
    const char *purpose, *ticket;
    json_t *extra;   /* arguments of all its orders; or NULL */
    json_t *draft;   /* what it was made of, and as it is now */
    json_t *files;   /* that go with it, and are with the daemon */
    json_t *weighed; /* NULL: not looked at as it is now */
    gboolean edited; /* its writer has seen all of it */
    gboolean said;   /* there is something to send, and whoever reads it need not write it */
    gboolean confirmed, approve;
};
void pen_clear(struct pen *pen);
/* May letters be written here? At a terminal, or with --yes or --dry-run. */
gboolean pen_may_begin(const struct call *call, GError **error);
gboolean pen_draft(struct pen *pen, GError **error);
gboolean pen_edit(struct pen *pen, GError **error);
gboolean pen_weigh(struct pen *pen, GError **error);
/* All that is behind the draft; the exit status, or -1 with an error. */
int pen_go(struct pen *pen, GError **error);
/* It goes, as it was weighed; the row, which the caller owns, or NULL with an error. */
json_t *pen_send(struct pen *pen, GError **error);
gboolean pen_fails(const struct pen *pen);
/* A line from the terminal, in lower case and without blanks; the caller frees it. */
char *pen_read_word(const char *prompt);
/* A letter about the ticket that `words` begins with, up to its sending; the exit status. */
int write_letter_about(struct call *call, const char *purpose, GError **error);

/* -- cmd-parties.c: one letter to each who is named; the exit status, or -1 with an error -- */
int parties_write(struct call *call, const char *purpose, GError **error);

/* -- preview.c: what would go, and what is to be said of that -- */
void preview_draw(const struct pen *pen);
void preview_draw_text(struct screen *screen, const json_t *row);
/* "encrypted to ..., and signed"; the caller frees it. */
char *preview_security(const json_t *row);
const char *preview_security_result(const json_t *row);
/* What was sent: one letter or several. */
void preview_draw_sent(struct screen *screen, json_t *rows, gboolean first);

/* -- export-folder.c: a new folder, of which either all stays or nothing -- */
struct export_folder;
/* NULL with an error: it is there already, or cannot be made. */
struct export_folder *export_folder_new(const char *path, GError **error);
/* Appends to a file in it, which is made. */
gboolean export_folder_add(
    struct export_folder *folder, const char *name, const void *bytes, gsize size, GError **error);
/* With `keep`: all is on the disk, or an error; without, nothing is left. */
gboolean export_folder_end(struct export_folder *folder, gboolean keep, GError **error);
char *export_folder_names(const struct export_folder *folder); /* with blanks between */
/* -- export-page.c: one ticket to read and to print; the caller frees it -- */
char *export_page(const json_t *document, const char *language);
/* -- export-tables.c: everything, as tables -- */
gboolean export_tables(
    struct call *call, struct export_folder *folder, guint64 *rows, GError **error);

/* -- attach.c -- */
/* Gives the daemon the files of --attach for the letter `draft` of `ticket`; appends to `files` how
 * it is to call them. */
gboolean attach_all(struct call *call, const json_t *draft, json_t *files, GError **error);

/* -- cmd-artifact-save.c -- */
/* What the rows behind the first bring; NULL: it is not what was promised. The caller unrefs it. */
GBytes *artifact_bytes(const json_t *rows);

/* -- wrapped.c: what may be dangerous, so that nobody starts it by mistake -- */
/* That one file in a zip, which opens with the password "infected"; the caller unrefs it. NULL: it
 * cannot be made. */
GBytes *wrapped_make(const char *name, GBytes *bytes);
/* Likewise a new file at `path`. What is there is never touched, and after an error nothing is. */
gboolean wrapped_write(const char *path, const char *name, GBytes *bytes, GError **error);

/* -- reported.c -- */
/* One thing of a mail: a name of a word, what is to be said. */
typedef void (*view_line)(struct screen *screen, const char *name, const char *text);
/* "Formats", "Damaged", "Events", ...: as many lines as there is something to say. */
void view_report(struct screen *screen, const json_t *report, view_line line);

/* -- protection.c -- */
/* "Sealed", "Signed by", ...: as many lines as there is something to say. */
void view_protection(struct screen *screen, const json_t *crypto,
    void (*line)(struct screen *screen, const char *name, const char *text));

/* -- found.c -- */
/* "Indicator", "Related": as many lines as there is something to say. */
void view_found(struct screen *screen, const json_t *row, view_line line);
/* The targets of a ticket that run. */
void view_due(struct screen *screen, const json_t *row, view_line line);
/* Of all tickets the one that is due first. */
void view_first_due(struct screen *screen, const json_t *row);

/* -- cmd-outbox.c -- */
/* A letter that was just retried or dropped. */
void view_changed_letter(struct screen *screen, const json_t *row, const char *what);

/* -- finding.c: rows of doctor and try -- */
/* The exit statuses of doctor, as monitoring programs want them. */
enum finding { FINDING_OK, FINDING_WARNING, FINDING_FAILURE, FINDING_UNKNOWN, FINDINGS };
/* `todo`: what the operator does about it, or NULL. */
void finding_add(
    json_t *rows, const char *check, enum finding result, const char *text, const char *todo);
enum finding finding_result(const json_t *row);
/* `width` is that of the checks' names. */
/* The exit status for all of them: a failure outweighs what could not be checked. */
int finding_worst(const json_t *rows);
/* All of them, in columns. */
void finding_draw_all(struct screen *screen, json_t *rows);
void finding_draw(struct screen *screen, const json_t *row, int width);
