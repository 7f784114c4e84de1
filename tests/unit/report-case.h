/* What is found in a mail, as lines that a test can compare. */
#pragma once
#include "read.h"
#include "report.h"
#include <string.h>

static inline struct facts *report_of(const char *mail)
{
    struct facts *facts = read_facts((const guint8 *)mail, strlen(mail), FALSE);

    report_find(facts);
    return facts;
}

/* "kind|time|source:port>target:port|protocol|evidence", a line each. */
static inline char *report_sightings(const struct report *report)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < report->sightings->len; i++) {
        const struct sighting *one = g_ptr_array_index(report->sightings, i);
        g_string_append_printf(out, "%s|%s|%s:%s>%s:%s|%s|%s\n", one->kind, one->time, one->source,
            one->source_port, one->target, one->target_port, one->protocol, one->evidence);
    }
    return g_string_free(out, FALSE);
}

/* "ipv4 192.0.2.1", separated by commas. */
static inline char *report_indicators(const struct report *report)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = g_ptr_array_index(report->indicators, i);
        g_string_append_printf(
            out, "%s%s %s", i ? ", " : "", indicator_name(one->kind), one->value);
    }
    return g_string_free(out, FALSE);
}

/* "TLP:AMBER", separated by commas. */
static inline char *report_markings(const struct report *report)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = g_ptr_array_index(report->markings, i);
        g_string_append_printf(out, "%s%s:%s", i ? ", " : "", one->scheme, one->label);
    }
    return g_string_free(out, FALSE);
}
