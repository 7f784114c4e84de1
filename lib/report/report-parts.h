/* The files of lib/report among themselves. Each finder adds to one report, from one text. */
#pragma once
#include <mado/crypto.h>
#include <mado/limits.h>

/* Where a finder looks. */
struct place {
    const char *text;
    const char *from;          /* "subject", "text", or the name of a file */
    const char *type;          /* "text/plain"; of a file what it says */
    gboolean quotes;           /* lines with '>' are quotations */
    const struct facts *facts; /* of which it is a piece */
    gboolean *whole;           /* set by a format that says all that is to be said of it */
    gboolean named; /* a format says that it is an indicator: its name need not be public */
};

/* -- the finders: one for each thing, then one a format -- */
void label_find(struct report *report, const struct place *place);
void ticket_find(struct report *report, const struct place *place);
void indicator_find(struct report *report, const struct place *place);
void arf_find(struct report *report, const struct place *place);
void xarf_find(struct report *report, const struct place *place);
void json_find(struct report *report, const struct place *place);
void xml_find(struct report *report, const struct place *place);
void csv_find(struct report *report, const struct place *place);
void form_find(struct report *report, const struct place *place);
void notice_find(struct report *report, const struct place *place);

/* A format that was read wholly: nothing of it is left to look into. */
void format_read(struct report *report, const char *format, const struct place *place);
/* "xarf-4 report.json: no report_id" */
void format_damaged(
    struct report *report, const char *format, const struct place *place, const char *why);

/* -- value.c: indicators that a format names as such -- */

/* The one indicator that the text is, refanged; FALSE if it is none. */
gboolean value_add(struct report *report, const char *text, const char *from);
/* As it is compared, or NULL if it is none; the caller frees it. */
char *value_canonical(const char *text);
/* Is it one, even if nothing names it? A name is a public one then. */
gboolean value_is_told(const char *text);
/* As value_add(), if it is of that kind. */
gboolean value_add_as(
    struct report *report, enum indicator_kind kind, const char *text, const char *from);
gboolean value_is_address(const char *text); /* IPv4 or IPv6 */

/* -- time.c -- */

/* A moment as machines write it, to RFC 3339 and seconds since 1970. `zone` counts where the text
 * has none; without any it is no moment. FALSE leaves both alone. The caller frees `rfc3339`. */
gboolean time_read(const char *text, const char *zone, char **rfc3339, gint64 *at);
gboolean time_is_zone(const char *text); /* "UTC", "+0900", "UTC+9", "JST" */

/* -- event.c: one sighting and its indicators -- */

enum role {
    ROLE_NONE,
    ROLE_TIME,
    ROLE_DAY, /* goes before the time, where that stands by itself */
    ROLE_ZONE,
    ROLE_KIND,
    ROLE_SOURCE,
    ROLE_SOURCE_PORT,
    ROLE_TARGET,
    ROLE_TARGET_PORT,
    ROLE_PROTOCOL,
    ROLE_EVIDENCE,
    ROLE_INDICATOR,
    ROLES
};
/* A string for each role, NULL or "" for what is not said. Nothing is added if none says where from
 * or what. */
void event_add(struct report *report, const char *const value[ROLES], const char *from);
/* The role of a column or label: "src_ip", "Source IP", "timestamp(UTC+0)"; the zone that stands
 * in it is set. */
enum role role_of(const char *name, char **zone);

/* A label that a format says in a place of its own: "tlp:amber", "TLP:RED", "green", "PAP:RED". One
 * that is not known is a label, too. */
void marking_add(struct report *report, const char *written, const char *from);
/* Unless that label stands there already, from the same place. */
void marking_add_new(struct report *report, const struct marking *marking);
/* Sets the category of the report, unless something has. NULL: not known. */
void category_set(struct report *report, const char *category);
/* Of RSIT, for a word that formats have for what happened: "login-attack", "Phishing"; NULL. */
const char *category_of(const char *word);

/* -- pairs.c: "name: value", a line each -- */

struct pairs; /* at most LIMIT_REPORT_LINES */
/* `why` is set to what is wrong with it, or NULL. pairs_free() frees it. */
struct pairs *pairs_read_fields(const char *text);                 /* RFC 5322 2.2 */
struct pairs *pairs_read_yaml(const char *text, const char **why); /* of X-ARF: no more of it */
void pairs_free(struct pairs *pairs);
guint pairs_count(const struct pairs *pairs);
const char *pairs_name(const struct pairs *pairs, guint number); /* in lower case */
const char *pairs_at(const struct pairs *pairs, guint number);
const char *pairs_value(const struct pairs *pairs, const char *name); /* the first; "" for none */
/* The first of `names` that is not there, or NULL. */
const char *pairs_missing(const struct pairs *pairs, const char *const *names);

typedef struct pairs mado_pairs;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_pairs, pairs_free)
