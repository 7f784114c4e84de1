/* Command -> JSON rows, from the store. Nothing here changes anything. */
#pragma once
#include "control.h"
#include "ctl.h"

/* Writes complete lines, the last one included; what fails becomes an error line. Unknown
 * arguments, and those of another type, are refused. */
void control_answer(const struct control_context *context, const struct ctl_command *command,
    json_t *args, GString *lines);
/* Appends one line and frees `value`. */
void control_add_line(GString *lines, json_t *value);

/* What is being asked, and the answer as it grows. */
struct answer {
    const struct control_context *context;
    json_t *args;   /* only known names with the right types */
    GString *lines; /* rows so far */
    json_t *next;   /* where the next page begins; NULL: that was all */
};

/* For the handlers. */
void answer_add(struct answer *answer, json_t *row); /* takes the row */
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
 * store. */
json_t *answer_alarm_rows(const struct answer *answer, const char *not_taking);
gboolean answer_refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The handlers: FALSE with an error, and then the rows so far are not sent. */
gboolean answer_list(struct answer *answer, GError **error);
gboolean answer_search(struct answer *answer, GError **error);
gboolean answer_show(struct answer *answer, GError **error);
gboolean answer_history(struct answer *answer, GError **error);
gboolean answer_outbox(struct answer *answer, GError **error);
gboolean answer_ledger(struct answer *answer, GError **error);
gboolean answer_status(struct answer *answer, GError **error);
gboolean answer_alarms(struct answer *answer, GError **error);
gboolean answer_doctor(struct answer *answer, GError **error);
gboolean answer_config(struct answer *answer, GError **error);
gboolean answer_audit(struct answer *answer, GError **error);
gboolean answer_consult(struct answer *answer, GError **error);
