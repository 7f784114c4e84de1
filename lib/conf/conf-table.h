/* The table of settings, and what it means for a value: all other files of this folder walk it. */
#pragma once
#include "conf.h"

struct conf_row;

/* What a value may be. */
struct conf_type {
    const char *name;    /* as the manual calls it */
    const char *form;    /* what is to be written, for a complaint */
    const char *pattern; /* a regular expression that the whole value must match, or NULL */
    gboolean is_number;  /* kept as gint64, else as char * */
    gboolean takes_bare; /* may stand without quotes */
    gboolean takes_quoted;
    int code; /* enum mado_code of a value that is not taken */
    /* The value as it is kept; NULL: as it stands. The caller frees it. */
    char *(*normal)(const char *value, const char *folder);
    /* What is to be written instead, or NULL if the value is good. The caller frees it. */
    char *(*refuse)(const struct conf_row *row, const char *value);
    /* Beyond a gint64 it answers G_MAXINT64, so that the range refuses it. */
    gboolean (*parse)(const char *value, gint64 *number);
    char *(*print)(gint64 number);
};

enum {
    CONF_REQUIRED = 1,
    CONF_FIXED = 2, /* a running daemon keeps the value that it started with */
    CONF_LIST = 4,  /* [ "a", "b" ], kept as char ** */
};

struct conf_element {
    const struct conf_row *rows;
    gsize size;
    GPtrArray *(*usual)(void); /* what the list has where none is written; NULL: nothing */
};

struct conf_row {
    const char *name; /* "team.name"; of a list's element just "path" */
    const struct conf_type *type;
    gsize at;             /* offset in struct settings, or in the element */
    const char *fallback; /* the default; of a list with blanks between */
    gint64 min, max;      /* of a number; of text max is bytes, of a list min is how many */
    const char *unit;     /* of a number without one */
    const char *words;    /* of a choice, with blanks between */
    unsigned flags;
    const char *sample;  /* for mado.conf.full, where the default would teach nothing */
    const char *derived; /* says what the default is, where `derive` makes it */
    char *(*derive)(gconstpointer base); /* the caller frees it */
    const struct conf_element *element;  /* ( { ... }, { ... } ), kept as GPtrArray */
    const char *help;
};

extern const struct conf_row conf_rows[];        /* each ends with a row without a name */
extern const struct conf_row conf_source_rows[]; /* of an element of intake.sources */
extern const struct conf_element conf_category_element, conf_rule_element;     /* conf-rules.c */
extern const struct conf_element conf_target_element, conf_legal_element;      /* conf-targets.c */
extern const struct conf_element conf_foreign_element, conf_form_element;      /* conf-others.c */
extern const struct conf_element conf_report_element;                          /* conf-reports.c */
extern const struct conf_element conf_escalation_element, conf_member_element; /* conf-people.c */
extern const struct conf_type conf_text, conf_address, conf_pattern, conf_choice, conf_integer,
    conf_size, conf_span, conf_folder, conf_new_folder, conf_tag, conf_zone, conf_fingerprint,
    conf_link, conf_domain, conf_host, conf_account, conf_label, conf_path, conf_file,
    conf_certificate, conf_listen, conf_class, conf_glob, conf_header_glob, conf_clue,
    conf_template, conf_shape, conf_indicator, conf_days, conf_time, conf_closing, conf_year_day,
    conf_worktime, conf_form_field;

/* conf-value.c: one value. The caller frees what is returned. */
char *conf_value_normal(const struct conf_row *row, const char *value, const char *folder);
/* What is to be written instead, and the code of the complaint; NULL if the value is good. */
char *conf_value_refuse(const struct conf_row *row, const char *value, int *code);
char *conf_row_range(const struct conf_row *row); /* "from 1s to 1d", or "" */
/* The one of `candidates` (NULL-terminated) that was probably meant, or NULL; owned by them. */
const char *conf_guess(const char *word, const char *const *candidates);

/* conf-row.c: one row of a struct (`base`: struct settings, or an element). */
gpointer conf_row_field(const struct conf_row *row, gconstpointer base);
/* Takes values that conf_value_refuse has let pass; a row that is no list takes the first. */
void conf_row_set(const struct conf_row *row, gpointer base, const char *const *values);
gboolean conf_row_is_set(const struct conf_row *row, gconstpointer base);
/* Empties all fields, so that conf_row_is_set is FALSE for each. */
void conf_rows_start(const struct conf_row *rows, gpointer base);
/* Gives every field that is not set its default. */
void conf_rows_complete(const struct conf_row *rows, gpointer base);
void conf_rows_clear(const struct conf_row *rows, gpointer base);
/* The default in that struct, in the order of a list; NULL-terminated; NULL if there is none. */
char **conf_row_default(const struct conf_row *row, gconstpointer base);
gboolean conf_row_is_default(const struct conf_row *row, gconstpointer base);
/* What such a list has where none is written, and its end. */
GPtrArray *conf_elements_usual(const struct conf_element *element);
void conf_elements_clear(const struct conf_element *element, GPtrArray *members);
gboolean conf_row_equal(const struct conf_row *row, gconstpointer a, gconstpointer b);
/* The values as words, in the order of a list; NULL-terminated. Not for a list of groups. */
char **conf_row_words(const struct conf_row *row, gconstpointer base);
/* "team" of "team.name", "" of "operators"; the caller frees it. */
char *conf_row_group(const struct conf_row *row);
const char *conf_row_leaf(const struct conf_row *row);

/* conf-emit.c: all rows of a table in the syntax of the file. */
enum conf_emit_what {
    CONF_EMIT_ALL,     /* the values of `base` */
    CONF_EMIT_CHANGED, /* those that are not the default */
    CONF_EMIT_SAMPLE,  /* samples or defaults, with comments; `base` is not looked at */
};
struct conf_emit {
    const struct conf_row *rows;
    gconstpointer base;
    enum conf_emit_what what;
    int indent;
};
void conf_emit_rows(GString *out, const struct conf_emit *emit);
/* "text; default: UTC; ..." */
char *conf_row_describe(const struct conf_row *row);
