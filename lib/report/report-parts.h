/* The files of lib/report among themselves. Each finder adds to one report, from one text. */
#pragma once
#include <mado/crypto.h>
#include <mado/limits.h>

/* Where a finder looks. */
struct place {
    const char *text;
    const char *from; /* "subject", "text", or the name of a file */
    const char *type; /* "text/plain"; of a file what it says */
    gboolean quotes;  /* lines with '>' are quotations */
};

/* Addresses, names, hashes and numbers of weaknesses. */
void find_indicators(struct report *report, const struct place *place);
