/* ARF: a complaint about one mail (RFC 5965). Its third part, that mail, is evidence: who stands in
 * its header is not said to have done anything. */
#include "report-parts.h"
#include <string.h>

static void add_repeated(
    struct report *report, const struct pairs *pairs, const char *name, const char *from)
{
    for (guint i = 0; i < pairs_count(pairs); i++)
        if (g_str_equal(pairs_name(pairs, i), name))
            value_add(report, pairs_at(pairs, i), from);
}

static const char *either(const struct pairs *pairs, const char *name, const char *other)
{
    const char *value = pairs_value(pairs, name);

    return *value ? value : pairs_value(pairs, other);
}

void arf_find(struct report *report, const struct place *place)
{
    /* RFC 5965 3.1: once each, and there. Some older programs say "Version: 0.1". */
    static const char *const needed[] = {"feedback-type", "user-agent", "version", NULL};
    g_autoptr(mado_pairs) pairs = NULL;
    g_autofree char *why = NULL;
    const char *missing;

    if (strcmp(place->type, "message/feedback-report") != 0)
        return;
    pairs = pairs_read_fields(place->text);
    missing = pairs_missing(pairs, needed);
    if (missing) {
        why = g_strdup_printf("no %s", missing);
        format_damaged(report, "arf", place, why);
        return;
    }
    format_read(report, "arf", place);
    category_set(report, category_of(pairs_value(pairs, "feedback-type")));
    add_repeated(report, pairs, "reported-domain", place->from);
    add_repeated(report, pairs, "reported-uri", place->from);
    event_add(report,
        (const char *[ROLES]){
            [ROLE_KIND] = pairs_value(pairs, "feedback-type"),
            [ROLE_SOURCE] = either(pairs, "source-ip", "reported-domain"),
            [ROLE_SOURCE_PORT] = pairs_value(pairs, "source-port"), /* RFC 6692 */
            [ROLE_TIME] = either(pairs, "arrival-date", "received-date"),
        },
        place->from);
}
