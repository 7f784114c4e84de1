/* A table: what was seen, then the indicators that stand in no event. */
#include "sharing-parts.h"
#include "text.h"
#include <string.h>

static void append_cell(GString *out, const char *cell, gboolean last)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *doubled = NULL;
    gboolean formula = text_is_formula(cell);
    gboolean quoted = formula || strpbrk(cell, ",;\"\r\n\t") || *cell == ' ';

    parts = g_strsplit(cell, "\"", -1);
    doubled = g_strjoinv("\"\"", parts);
    g_string_append_printf(out, "%s%s%s%s%s", quoted ? "\"" : "", formula ? "'" : "", doubled,
        quoted ? "\"" : "", last ? "\r\n" : ",");
}

void share_csv_line(GString *out, const char *const *cells)
{
    for (; *cells; cells++)
        append_cell(out, *cells, !cells[1]);
}

static const char *kind_name(const char *value)
{
    enum indicator_kind kind = part_kind_of(value);

    return kind < INDICATOR_KINDS ? indicator_name(kind) : "";
}

static void append_sighting(GString *out, const struct share *share, const struct sighting *one)
{
    share_csv_line(out, (const char *const[]){share->label, share->number, kind_name(one->source),
                            one->source, one->time, one->source_port, one->target, one->target_port,
                            one->protocol, one->kind, one->evidence, NULL});
}

static void append_indicator(GString *out, const struct share *share, const struct indicator *one)
{
    share_csv_line(
        out, (const char *const[]){share->label, share->number, indicator_name(one->kind),
                 one->value, "", "", "", "", "", "", "", NULL});
}

static GHashTable *seen_in(const struct share *share)
{
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < share->sightings->len; i++)
        g_hash_table_add(seen, ((const struct sighting *)share->sightings->pdata[i])->source);
    return seen;
}

char *share_csv(const struct share *share, gboolean for_excel)
{
    static const char *const names[] = {"label", "number", "type", "indicator", "time",
        "source_port", "target", "target_port", "protocol", "event", "evidence", NULL};
    GString *out = g_string_new(for_excel ? "\xEF\xBB\xBF" : NULL);
    g_autoptr(GHashTable) seen = seen_in(share);

    share_csv_line(out, names);
    for (guint i = 0; i < share->sightings->len; i++)
        append_sighting(out, share, share->sightings->pdata[i]);
    for (guint i = 0; i < share->indicators->len; i++) {
        const struct indicator *one = share->indicators->pdata[i];
        if (!g_hash_table_contains(seen, one->value))
            append_indicator(out, share, one);
    }
    return g_string_free(out, FALSE);
}
