/* For people, and for mail: the label above and below, and nothing that can be clicked on. */
#include "sharing-parts.h"
#include <string.h>

enum { KIND_WIDTH = 8 };

/* Words of strangers: a dot between two letters or digits could be that of a link. */
static char *harmless_words(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        gboolean inside = at > text && g_ascii_isalnum(at[-1]) && g_ascii_isalnum(at[1]);
        if (inside && strchr(".@", *at))
            g_string_append_printf(out, "[%c]", *at);
        else
            g_string_append_c(out, *at);
    }
    g_string_replace(out, "://", "[://]", 0);
    return g_string_free(out, FALSE);
}

static char *harmless_endpoint(const char *value, const char *port)
{
    enum indicator_kind kind = part_kind_of(value);
    g_autofree char *masked =
        indicator_defanged(kind < INDICATOR_KINDS ? indicator_name(kind) : "domain", value);

    return part_endpoint(masked, port);
}

static void append_head(GString *out, const struct share *share)
{
    g_autofree char *opened = part_moment(share->opened_at);
    g_autofree char *changed = part_moment(share->changed_at);

    g_string_append_printf(out, "%s\n\n%s%s%s\n", share->label, share->number,
        *share->title ? ": " : "", share->title);
    if (*share->category)
        g_string_append_printf(out, "%s, severity %s\n", share->category, share->severity);
    g_string_append_printf(
        out, "Opened %s, as of %s\nFrom %s <%s>\n", opened, changed, share->team, share->address);
}

static void append_indicators(GString *out, const struct share *share)
{
    g_string_append_printf(out, "\nIndicators (%u)", share->indicators->len);
    g_string_append(out, share->indicators->len ? ", where [.] is a dot:\n" : ": none\n");
    for (guint i = 0; i < share->indicators->len; i++) {
        const struct indicator *one = share->indicators->pdata[i];
        const char *kind = indicator_name(one->kind);
        g_autofree char *value = indicator_defanged(kind, one->value);
        g_string_append_printf(out, "  %-*s  %s\n", KIND_WIDTH, kind, value);
    }
}

static void append_sighting(GString *out, const struct sighting *one)
{
    g_autofree char *source = harmless_endpoint(one->source, one->source_port);
    g_autofree char *target = harmless_endpoint(one->target, one->target_port);
    g_autofree char *kind = harmless_words(one->kind);
    g_autofree char *evidence = harmless_words(one->evidence);

    g_string_append_printf(out, "  %s  %s  %s%s%s%s%s\n", *one->time ? one->time : "(no time)",
        kind, source, *target ? " -> " : "", target, *one->protocol ? " " : "", one->protocol);
    if (*evidence)
        g_string_append_printf(out, "      %s\n", evidence);
}

char *share_text(const struct share *share)
{
    GString *out = g_string_new(NULL);

    append_head(out, share);
    append_indicators(out, share);
    if (share->sightings->len)
        g_string_append_printf(out, "\nWhat was seen (%u):\n", share->sightings->len);
    for (guint i = 0; i < share->sightings->len; i++)
        append_sighting(out, share->sightings->pdata[i]);
    g_string_append_printf(out, "\n%s\n", share->label);
    return g_string_free(out, FALSE);
}
