/* The labels themselves, one or several to choose from. */
#pragma once
#include "folded.h"

enum { MOST_MARKS = 16 }; /* between two words that belong together */

/* From the strictest to the least strict. */
enum tlp { TLP_RED, TLP_AMBER_STRICT, TLP_AMBER, TLP_GREEN, TLP_CLEAR, TLP_LABELS, TLP_UNKNOWN };
/* "RED"; "" for a word that is none. */
const char *label_name(enum tlp label);

/* One of several that stand in a list. */
struct listed {
    enum tlp label;
    gsize from, to;
    gboolean ticked, firm; /* firm: joined by a stroke or box, and not by words */
};

enum { MOST_LISTED = 8 };
/* Those that begin at `at`, at most MOST_LISTED; 0: none does. */
guint label_read_list(const struct folded *folded, gsize at, struct listed *listed);
/* Is there a box in front, ticked or not? */
gboolean label_has_box(const struct folded *folded, gsize at);
/* How long a tick of letters is, "[x]" or "(x)"; 0: there is none. */
gsize label_tick_length(const struct folded *folded, gsize at);
