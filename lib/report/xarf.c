/* X-ARF 0.1 and 0.2: "report.txt" in a mail whose header says so, in a little YAML. */
#include "report-parts.h"
#include <string.h>

static gboolean is_in_header(const struct facts *facts, const char *name)
{
    gsize length = strlen(name);

    for (char **field = facts->message->fields; *field; field++)
        if (!g_ascii_strncasecmp(*field, name, length) && (*field)[length] == ':')
            return TRUE;
    return FALSE;
}

/* 0.1 has X-ARF alone; 0.2 X-XARF, and may have both. */
static const char *announced(const struct facts *facts)
{
    if (is_in_header(facts, "X-XARF"))
        return "xarf-0.2";
    return is_in_header(facts, "X-ARF") ? "xarf-0.1" : NULL;
}

static gboolean is_report_name(const char *name)
{
    return !g_ascii_strcasecmp(name, "report.txt");
}

static gboolean has_report(const struct facts *facts)
{
    for (guint i = 0; i < facts->parts->len; i++)
        if (is_report_name(((const struct part_file *)facts->parts->pdata[i])->name))
            return TRUE;
    return FALSE;
}

/* Forwarded ones are told by their schema. */
static gboolean is_meant(const struct place *place)
{
    return is_report_name(place->from) &&
           (announced(place->facts) || strstr(place->text, "\nSchema-URL:") ||
               strstr(place->text, "\nReport-Type:"));
}

static const char *missing_in(const struct pairs *pairs)
{
    static const char *const needed[] = {"reported-from", "category", "report-type", "report-id",
        "date", "source", "source-type", NULL};

    return pairs_missing(pairs, needed);
}

static void take(struct report *report, const struct pairs *pairs, const char *from)
{
    static const char *const things[] = {"domain", "url", "download-link", NULL};
    const char *tlp = pairs_value(pairs, "tlp");

    report_add_field(report, "report-id", pairs_value(pairs, "report-id"), from);
    category_set(report, category_of(pairs_value(pairs, "report-type")));
    for (const char *const *name = things; *name; name++)
        if (*pairs_value(pairs, *name))
            value_add(report, pairs_value(pairs, *name), from);
    if (*tlp)
        marking_add(report, tlp, from);
    event_add(report,
        (const char *[ROLES]){
            [ROLE_KIND] = pairs_value(pairs, "report-type"),
            [ROLE_TIME] = pairs_value(pairs, "date"),
            [ROLE_SOURCE] = pairs_value(pairs, "source"),
            [ROLE_TARGET_PORT] = pairs_value(pairs, "port"),
            [ROLE_PROTOCOL] = pairs_value(pairs, "service"),
            [ROLE_EVIDENCE] = pairs_value(pairs, "evidence"),
        },
        from);
}

static void read_report(struct report *report, const struct place *place)
{
    const char *format = announced(place->facts);
    const char *why = NULL, *missing;
    g_autoptr(mado_pairs) pairs = pairs_read_yaml(place->text, &why);
    g_autofree char *told = NULL;

    if (!format)
        format = g_str_equal(pairs_value(pairs, "version"), "0.2") ? "xarf-0.2" : "xarf-0.1";
    missing = why ? NULL : missing_in(pairs);
    if (missing)
        told = g_strdup_printf("no %s", missing);
    if (why || told) {
        format_damaged(report, format, place, why ? why : told);
        return;
    }
    format_read(report, format, place);
    take(report, pairs, place->from);
}

void xarf_find(struct report *report, const struct place *place)
{
    const char *format;

    if (is_meant(place))
        read_report(report, place);
    if (strcmp(place->from, "text") != 0)
        return;
    format = announced(place->facts);
    if (format && !layer_is_encrypted(place->facts->layer->kind) && !has_report(place->facts))
        format_damaged(report, format, place, "no report.txt");
}
