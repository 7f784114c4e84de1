/* The files of form.c among themselves. */
#pragma once
#include "report-parts.h"

/* -- form-known.c: which forms there are -- */

/* A label is a key of form_key(); under a heading it is "heading>label". */
struct form {
    const char *kind;   /* what all that it is for is, where nobody says more; static, or NULL */
    char *name;         /* "jpcert-3.02" */
    char *sign;         /* a key */
    char *anchor;       /* a piece of it that is written in one way only; "" if there is none */
    GHashTable *labels; /* to names of fields */
    GHashTable *headings;
};
/* Every form that could stand in the text; borrowed, the caller frees the list. Those of the
 * configuration come first. */
GPtrArray *form_list(const char *text);
/* The name of the field, or NULL. `heading` may be NULL. */
const char *form_field(const struct form *form, const char *heading, const char *key);

/* -- form-text.c: what a line is. Texts go by their length and need not end there -- */

/* NFKC, in lower case and without blanks. The caller frees what these return. */
char *form_plain(const char *text, gsize length);
/* The same without what stands around a label: numbers, boxes and brackets in front of it, a remark
 * in brackets behind it. "" if nothing is left, or it is too long to be a label. */
char *form_key(const char *text, gsize length);
/* "2-2" of "２－２． wish"; `end` is set behind it. NULL if the line begins with none. */
char *form_number(const char *line, const char **end);
/* The next colon of any width, or NULL; `end` is set behind it. */
const char *form_colon(const char *line, const char **end);
const char *form_skip_blanks(const char *text); /* of any width */
gboolean form_is_rule(const char *line);        /* dashes and the like */
/* "3. 被害の状況": a number and then no ASCII. */
gboolean form_is_numbered(const char *line);
/* "住所: ...": a label, though nobody knows it. */
gboolean form_is_labelled(const char *line);

/* -- form-value.c: what an answer means -- */

/* May be more than one paragraph; or one of several that are printed. */
gboolean form_is_long(const char *name);
gboolean form_is_choice(const char *name);
/* The answer as a fact; NULL: it was left blank. The caller frees it. */
char *form_answer(const struct form *form, const char *name, const char *written);
/* The class of RSIT that the answer to "kind" stands for, or NULL. */
const char *form_category(const char *answer);
/* "2026/11/1 12:30" of "２０２６年１１月１日（日） １２時３０分頃", "JST" of "日本標準時"; the
 * caller frees them. */
char *form_moment(const char *written);
char *form_zone(const char *written);
