/* Everything that madoctl writes to stdout goes through here: this is where strangers' characters
 * are made harmless, and where terminal, pipe and colour are told apart. */
#pragma once
#include "say.h"
#include <glib.h>
#include <jansson.h>

enum style { PLAIN, BOLD, GOOD, NOTICE, BAD, STYLES };

struct screen {
    gboolean terminal; /* aligned columns and ages; else tabs, full text, times */
    gboolean colour;
    int columns, rows;
    GString *text; /* not written yet */
};

enum cell {
    CELL_TEXT,
    CELL_AGE,   /* seconds -> "41m"; a pipe gets the time at `pipe_path` instead */
    CELL_LEFT,  /* seconds -> "1h", or "late 2h" */
    CELL_TIME,  /* RFC 3339 -> "2026-11-20 08:31" */
    CELL_COUNT, /* right-aligned */
    CELL_BYTES,
    CELL_WORD,  /* coloured by its meaning: "high", "failed", "warning" */
    CELL_LABEL, /* without "TLP:" */
    CELL_WHOLE, /* last in its line, and never cut: it goes on below */
};

struct column {
    const char *head;
    const char *path; /* "reporter.address" */
    enum cell cell;
    const char *pipe_path; /* NULL: the same as path */
};

/* From the environment and stdout. `colour` is "auto", "always" or "never". */
struct screen *screen_new(const char *colour);
void screen_free(struct screen *screen);

/* Appends; line feeds stay, all other control characters are shown as \xNN. */
void screen_print(struct screen *screen, enum style style, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* One line for a pipe: the cells with tabs between, NULL-terminated. */
void screen_cells(struct screen *screen, ...) G_GNUC_NULL_TERMINATED;
/* The rest of a line that has `indent` columns already, and the line's end. On a terminal it goes
 * on below itself, broken at blanks. */
void screen_wrap(struct screen *screen, int indent, const char *text);
/* The same with `lines` of a terminal at most; a pipe gets it whole. */
void screen_wrap_some(struct screen *screen, int indent, int lines, const char *text);
/* `columns` ends with a NULL head; the last one takes what is left of the line. The head is drawn
 * with the `first` page only. */
void screen_table(
    struct screen *screen, const struct column *columns, json_t *rows, gboolean first);
/* The meaning of a word, as colour. */
enum style screen_style(const char *word);

/* Writes what is there, through a pager if `pager` and it is longer than a terminal. FALSE: stdout
 * cannot be written. */
/* The text, and blanks up to that many columns. */
void screen_pad(struct screen *screen, enum style style, const char *text, int columns);
gboolean screen_flush(struct screen *screen, gboolean pager);

/* The terminal may have another size now. */
void screen_measure(struct screen *screen);

/* The error as a line of stderr, broken at blanks on a terminal. */
void screen_complain(const GError *error);

/* A warning, likewise. */
void screen_complain_softly(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A string of a row, by path; "" for null and for what is not there. Borrowed. */
const char *row_text(const json_t *row, const char *path);
gint64 row_number(const json_t *row, const char *path);
json_t *row_at(const json_t *row, const char *path);
/* "2026-11-20 08:31" of an RFC 3339 time; "-" for null. The caller frees it. */
char *row_time(const json_t *row, const char *path);
/* The clock of a time on the day of `day`, which is another such time; else the date with it. */
char *row_when(const json_t *row, const char *path, const char *day);
/* "1h 19m", or "late 2h" where nothing is left; the caller frees it. */
char *row_left(gint64 seconds);
