/* Spreadsheets as teams keep them: bytes -> lines -> what each line says of an incident. Pure: no
 * file, no daemon, no clock. */
#pragma once
#include <glib.h>

/* -- csv.c: values with commas, semicolons or tabs between -- */
struct csv_line {
    guint number;      /* of its first line in the file */
    GPtrArray *fields; /* char * */
};
/* All of a file, in UTF-8, in UTF-16 with a mark, or as Excel writes it in Japan (CP932); NULL with
 * an error that names the line. Lines without a value are left out. The caller unrefs it: struct
 * csv_line. */
GPtrArray *csv_read(const char *bytes, gsize size, GError **error);
/* One value as a spreadsheet reads it, appended; what it would take for a formula is a text. */
void csv_append(GString *out, const char *value);

/* -- date.c -- */
enum sheet_order { SHEET_ORDER_UNKNOWN, SHEET_MONTH_FIRST, SHEET_DAY_FIRST };
enum sheet_found { SHEET_NO_DATE, SHEET_UNCLEAR, SHEET_DATE };
struct sheet_date {
    int year, month, day;
    int hour, minute; /* -1: it names no time */
    char zone[8];     /* "+09:00", "Z"; "": it names none */
};
/* "2026/4/1", "2026-04-01 9:30", "令和8年4月1日", "R8.4.1", "4/1/2026" by `order`, and the number
 * of a day as Excel counts them. */
enum sheet_found sheet_date_read(const char *text, enum sheet_order order, struct sheet_date *date);
/* "2026-04-01", "2026-04-01 09:30", "2026-04-01T09:30:00+09:00"; the caller frees it. */
char *sheet_date_words(const struct sheet_date *date);

/* -- words.c -- */
enum sheet_field {
    SHEET_KEEP, /* a part of what is told, and nothing else */
    SHEET_IGNORE,
    SHEET_NUMBER,
    SHEET_RECEIVED,
    SHEET_SUBJECT,
    SHEET_REPORTER,
    SHEET_CONTACT,
    SHEET_CATEGORY,
    SHEET_STATE,
    SHEET_HANDLER,
    SHEET_SEVERITY,
    SHEET_LABEL,
    SHEET_CLOSED,
    SHEET_RESULT,
    SHEET_NOTE,
    SHEET_FIELDS
};
extern const char *const sheet_field_names[]; /* "keep", "ignore", "number", ...; ends with NULL */
/* May several columns be it? */
gboolean sheet_field_is_many(enum sheet_field field);
/* As words are compared: NFKC, lower case, without blanks and signs. The caller frees it. */
char *sheet_fold(const char *text);
enum sheet_field sheet_field_of(const char *head); /* SHEET_KEEP for a word that is not known */
const char *sheet_state_of(const char *word);      /* "open"; NULL for a word that is not known */
const char *sheet_severity_of(const char *word);   /* likewise */

/* -- mapping.c: which column is what, and which word means what; kept as a file -- */
struct sheet_mapping {
    GHashTable *columns; /* folded head -> enum sheet_field */
    GHashTable *words;   /* "state:" and the folded word -> what it means */
    GPtrArray *heads;    /* char *: as they are written, for the file */
    GPtrArray *said;     /* char *: likewise "state", the word, its meaning, in turn */
    enum sheet_order order;
};
struct sheet_mapping *sheet_mapping_new(void);
void sheet_mapping_free(struct sheet_mapping *mapping);
struct sheet_mapping *sheet_mapping_read(const char *text, GError **error);
char *sheet_mapping_text(const struct sheet_mapping *mapping); /* the caller frees it */
void sheet_mapping_set(struct sheet_mapping *mapping, const char *head, enum sheet_field field);
/* `kind` is "state", "severity", "category" or "handler". */
void sheet_mapping_say(
    struct sheet_mapping *mapping, const char *kind, const char *word, const char *meaning);
const char *sheet_mapping_word(
    const struct sheet_mapping *mapping, const char *kind, const char *word); /* NULL */

/* -- table.c: the columns of one file, and what its rows say -- */
struct sheet {
    GPtrArray *lines;        /* struct csv_line, borrowed */
    guint first;             /* the first with values */
    guint heads_line;        /* in the file; 0: it has no line with heads */
    GPtrArray *heads;        /* char *, each one once */
    enum sheet_field *field; /* of each column */
};
/* Finds the heads, and proposes fields: as `mapping` says, by the words of heads, by what the
 * columns hold. `lines` must stay. */
struct sheet *sheet_new(GPtrArray *lines, const struct sheet_mapping *mapping);
void sheet_free(struct sheet *sheet);
/* FALSE: another column is it already. */
gboolean sheet_set(struct sheet *sheet, guint column, enum sheet_field field);
gboolean sheet_has(const struct sheet *sheet, enum sheet_field field);
/* The order of the days and months of its dates, as far as they show it; `*example` is one that
 * does not, or NULL (borrowed). */
enum sheet_order sheet_find_order(const struct sheet *sheet, const char **example);

/* -- rows.c: what one line says -- */
struct sheet_row {
    guint line;
    char *why;                 /* it cannot be taken; NULL: it can */
    char *value[SHEET_FIELDS]; /* "" for none; dates and states in our words */
    GPtrArray *text;           /* char *: all of it, "HEAD: VALUE" */
};
typedef struct sheet_mapping mado_mapping;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_mapping, sheet_mapping_free)

/* struct sheet_row, in the order of the file. The caller unrefs it. */
GPtrArray *sheet_rows(const struct sheet *sheet, const struct sheet_mapping *mapping);
/* The words of a kind that say nothing to us -> how often (gint). The caller unrefs it. */
GHashTable *sheet_unknown(
    const struct sheet *sheet, const struct sheet_mapping *mapping, const char *kind);
