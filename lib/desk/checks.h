/* What is wrong with a letter of a person, before it goes: pure. The gate says whether it may go;
 * this says what its writer may have overlooked. */
#pragma once
#include <glib.h>

enum check_result { CHECK_OK, CHECK_WARNING, CHECK_FAIL, CHECK_RESULTS };
const char *check_result_name(enum check_result result); /* "ok", "WARNING", "FAIL" */

struct check {
    const char *name; /* "placeholder", "number", "address", "link", "label", "characters", ... */
    enum check_result result;
    char *text; /* a sentence for the operator */
};
/* To an array of checks_new(). Takes `text`. */
void checks_add(GPtrArray *checks, const char *name, enum check_result result, char *text);
GPtrArray *checks_new(void);
enum check_result checks_worst(const GPtrArray *checks);

struct identity;
struct checking {
    const char *subject, *text;
    const char *tag;   /* "SAKURA#2026-0042-K7", which begins the subject */
    const char *label; /* of the incident */
    const char *unfit; /* characters that its charset has not; "" for none */
    const char *charset;
    char **known;                  /* addresses of its ticket, of ours, and its recipient's */
    char **own_links;              /* beginnings of links that are ours */
    const GPtrArray *marks;        /* const char *: names that nobody should click on */
    const struct identity *hidden; /* of who reported it, whom they are not to know; NULL */
};
/* struct check, one of each kind; the caller unrefs it. */
GPtrArray *checks_make(const struct checking *checking);

/* The strictest label that stands in a text, quotations aside; NULL: none does. */
const char *checks_label_in(const char *text);
/* What may be clicked on, made harmless: hxxps://shop[.]example/; `count` tells how many. The
 * caller frees it. */
char *checks_mask(const char *text, const struct checking *checking, guint *count);
