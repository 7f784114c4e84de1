/* SQL statements, their values and their rows, so that each noun needs a few lines. Only lib/store
 * includes this. A statement is prepared once a connection and found again by its text. */
#pragma once
#include "store.h"
#include <sqlite3.h>

struct store {
    sqlite3 *db;
    char *path;
    GHashTable *statements;  /* text -> sqlite3_stmt */
    GHashTable *changed;     /* ids of incidents to which something has happened */
    store_follower follower; /* is told of them, see target.c; NULL: nobody is */
    gpointer follower_data;
    gboolean in_turn;
    guint64 turns;   /* that have begun */
    gboolean broken; /* a commit failed, or SQLite gave up the turn: nothing may be believed */
};

/* What tells our own people of trouble, in SQL. */
#define OWN_KINDS "('notice', 'alarm', 'test')"

/* Of what was told by no mail: a report, and no question about one. */
#define TOLD_REPORTS "(opens = 1 OR kind IN ('incident', 'vulnerability'))"

enum value_kind { VALUE_END, VALUE_NULL, VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES };
struct value {
    enum value_kind kind;
    gint64 number;
    const void *data;
    gsize size; /* of bytes */
};
/* The values of ?1, ?2, ... in their order. Text is kept as valid UTF-8, NULL as NULL. */
#define VALUES(...) ((const struct value[]){__VA_ARGS__, {.kind = VALUE_END}})
#define NUMBER(n)                                                                                  \
    {                                                                                              \
        .kind = VALUE_NUMBER, .number = (gint64)(n)                                                \
    }
#define ID(n)                                                                                      \
    {                                                                                              \
        .kind = (n) ? VALUE_NUMBER : VALUE_NULL, .number = (gint64)(n)                             \
    } /* 0 is NULL */
#define TEXT(string)                                                                               \
    {                                                                                              \
        .kind = VALUE_TEXT, .data = (string)                                                       \
    }
#define BYTES(start, length)                                                                       \
    {                                                                                              \
        .kind = VALUE_BYTES, .data = (start), .size = (length)                                     \
    }

/* How the columns of a row fill a struct, in their order. */
enum column_kind { COLUMN_NUMBER, COLUMN_INT, COLUMN_TEXT };
struct column {
    enum column_kind kind;
    gsize offset;
};
#define NUMBER_OF(type, field)                                                                     \
    {                                                                                              \
        COLUMN_NUMBER, G_STRUCT_OFFSET(type, field)                                                \
    } /* 64 bits */
#define INT_OF(type, field)                                                                        \
    {                                                                                              \
        COLUMN_INT, G_STRUCT_OFFSET(type, field)                                                   \
    }
#define TEXT_OF(type, field)                                                                       \
    {                                                                                              \
        COLUMN_TEXT, G_STRUCT_OFFSET(type, field)                                                  \
    } /* NULL becomes "" */
struct shape {
    gsize size;
    GDestroyNotify free;
    const struct column *columns;
    guint count;
};
#define SHAPE(type, free_row, columns)                                                             \
    {                                                                                              \
        sizeof(type), (GDestroyNotify)(free_row), columns, G_N_ELEMENTS(columns)                   \
    }

/* Ready for statement_next, or NULL. The store owns it. A change is refused outside a turn. */
sqlite3_stmt *statement_ask(
    struct store *store, const char *sql, const struct value *values, GError **error);
/* 1: a row is there; 0: no more; -1: `error` is set. */
int statement_next(struct store *store, sqlite3_stmt *statement, GError **error);
/* For who stops before the last row. */
void statement_stop(sqlite3_stmt *statement);
/* The caller frees it. */
char *statement_text(sqlite3_stmt *statement, int column);
/* The lines of a text, in place of what is there; none for an empty text. */
void statement_lines(sqlite3_stmt *statement, int column, char ***lines);
GBytes *statement_bytes(sqlite3_stmt *statement, int column);

gboolean statement_run(
    struct store *store, const char *sql, const struct value *values, GError **error);
/* Like statement_run, and MADO_E_NO_SUCH with `what` if no row was changed. */
gboolean statement_change(struct store *store, const char *sql, const struct value *values,
    const char *what, GError **error);
/* The first column of the first row, 0 if there is none. */
gboolean statement_number(struct store *store, const char *sql, const struct value *values,
    gint64 *number, GError **error);
/* All rows; the array owns them. */
GPtrArray *statement_rows(struct store *store, const char *sql, const struct value *values,
    const struct shape *shape, GError **error);
/* The first row, or NULL with MADO_E_NO_SUCH and `what`. The caller frees it. */
gpointer statement_row(struct store *store, const char *sql, const struct value *values,
    const struct shape *shape, const char *what, GError **error);
/* The first column of all rows as guint64. */
GArray *statement_ids(
    struct store *store, const char *sql, const struct value *values, GError **error);

/* FALSE, and says so, if nothing may be believed any more. */
gboolean statement_may(const struct store *store, GError **error);
/* Says what SQLite found wrong; always FALSE. */
gboolean statement_fail(struct store *store, int code, const char *sql, GError **error);

/* struct incident, and what is selected for it. */
extern const struct shape incident_shape;
#define INCIDENT_COLUMNS                                                                           \
    "id, year, sequence, number, state, severity, category, label, handler, subject,"              \
    " reporter_name, reporter_addr, opened_at, updated_at, category_by, severity_by, team,"        \
    " label_by, restricted, result, closed_at, reply_by, subject_by, due, waits_for,"              \
    " embargo_until, merged_into, kept, purged_at"
/* What a sight_rule lets pass, of an incident's row; %1$u to %4$u are the places of its values. */
#define SIGHT_SQL                                                                                  \
    "(?%1$u OR substr(label, 1, 7) <> 'TLP:RED') AND (?%2$u OR state <> 'embargo')"                \
    " AND (restricted = 0 OR ?%3$u OR id + 0 IN (SELECT incident FROM member WHERE user = ?%4$u))"
extern const struct shape state_count_shape; /* state, count, oldest */
