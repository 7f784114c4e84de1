/* The categories of incidents. */
#pragma once
#include <mado/settings.h>

/* The one that every list has: for what no word and no report says. */
#define CATEGORY_OTHER "other"
/* Of the usual ones the one that is no incident. */
#define CATEGORY_INQUIRY "inquiry"

/* struct category, each allocated as the configuration has them; the caller frees all. */
GPtrArray *category_list_usual(void);
const struct category *category_find(const GPtrArray *list, const char *id);
/* Where a report goes that says it is about that class of RSIT ("fraud/phishing"); NULL: nowhere.
 */
const struct category *category_of_class(const GPtrArray *list, const char *class);
