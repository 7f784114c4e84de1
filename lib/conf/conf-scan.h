/* The text of the configuration: its lines with what they include, and its tokens. libconfig builds
 * the tree; the tokens are for what it does not tell: columns, how a number was written, what is
 * wrong with the syntax. */
#pragma once
#include "conf.h"

struct conf_line {
    const char *file;
    int number;
    char *text; /* without the end of line */
};

enum conf_token_kind {     /* or the character itself: { } [ ] ( ) = , ; */
    CONF_TOKEN_WORD = 'a', /* a name, number, true or false */
    CONF_TOKEN_STRING = '"',
    CONF_TOKEN_GARBAGE = '?',
};

struct conf_token {
    char kind;
    guint line;       /* index in `lines` */
    gsize at;         /* the byte in it */
    const char *text; /* of a word or of the first line of a string with its quotes, else NULL */
};

struct conf_scan {
    GPtrArray *lines;    /* struct conf_line */
    GArray *tokens;      /* struct conf_token; the last is an end with kind 0 */
    GPtrArray *problems; /* the caller's */
    GStringChunk *names;
    char *folder; /* of the main file: what is included is found from there */
    gsize size;
    gboolean in_comment, in_string, failed;
    guint opened; /* the token of the string or comment that is open */
};

/* Reads `path` and what it includes; problems are appended, and NULL is answered if nothing is left
 * to parse. */
struct conf_scan *conf_scan_file(const char *path, GPtrArray *problems);
void conf_scan_free(struct conf_scan *scan);
char *conf_scan_text(const struct conf_scan *scan); /* all lines; the caller frees it */

/* A place in a file; the column is in characters, from 1. */
struct conf_place {
    const char *file;
    int line, column;
};
struct conf_place conf_token_place(const struct conf_scan *scan, const struct conf_token *token);
/* The first token that breaks the syntax, and in a few words why; NULL if none is found. The caller
 * frees
 * `*why`. */
const struct conf_token *conf_syntax_explain(const struct conf_scan *scan, char **why);

/* Appends a problem; `note` (or NULL) becomes the end of its text. The list owns it. */
struct conf_problem *conf_problem_add(GPtrArray *problems, const struct conf_place *place, int code,
    const char *note, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* conf-secret.c: is it a name under which one would write a secret itself; and may one stand in
 * this line, or begin behind it? */
gboolean conf_names_secret(const char *name);
gboolean conf_shows_secret(const char *line);
