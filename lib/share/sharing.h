/* What is known of an incident, in formats that others can read: pure, and the same input gives the
 * same bytes. Who reported it stands in none of them; the caller gives nothing that says so. */
#pragma once
#include <mado/report.h>

struct share {
    const char *number;         /* with our tag: "SAKURA#2026-0042-K7" */
    const char *label;          /* "TLP:AMBER" */
    const char *title;          /* in the operators' words; "" */
    const char *category;       /* class of RSIT: "fraud/phishing"; "" */
    const char *severity;       /* "high" */
    const char *team, *address; /* who tells it */
    gint64 opened_at, changed_at;
    const GPtrArray *indicators; /* struct indicator */
    const GPtrArray *sightings;  /* struct sighting */
};

struct share_format {
    const char *name, *type, *suffix; /* "stix", "application/json", ".json" */
    char *(*render)(const struct share *share);
};
extern const struct share_format share_formats[];               /* ends with a NULL name */
const struct share_format *share_format_find(const char *name); /* NULL: no such format */
/* "SAKURA-2026-0042-K7-TLP-AMBER.csv": the label stands in front, as far as the format allows. The
 * caller frees it. */
char *share_file_name(const struct share *share, const struct share_format *format);

/* The caller frees what they give. Values are true in all but the text, where nothing can be
 * clicked on. */
char *share_text(const struct share *share);
/* RFC 4180, in UTF-8; `for_excel`: with a mark that says so. No cell is a formula. */
char *share_csv(const struct share *share, gboolean for_excel);
/* One line of such a table; `cells` is NULL-terminated. */
void share_csv_line(GString *out, const char *const *cells);
char *share_json(const struct share *share);
char *share_stix(const struct share *share);
char *share_misp(const struct share *share);
