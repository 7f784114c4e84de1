/* purge: what retention lets go, told first, and then gone. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <inttypes.h>

enum { AT_ONCE = 20 };

static const gsize spans[PURGE_RULES] = {
    [PURGE_CLOSED] = G_STRUCT_OFFSET(struct settings, retention.closed),
    [PURGE_SPAM] = G_STRUCT_OFFSET(struct settings, retention.spam),
    [PURGE_UNREADABLE] = G_STRUCT_OFFSET(struct settings, retention.unreadable),
    [PURGE_FEED] = G_STRUCT_OFFSET(struct settings, retention.feed),
    [PURGE_BOUNCE] = G_STRUCT_OFFSET(struct settings, retention.bounce),
    [PURGE_MACHINE] = G_STRUCT_OFFSET(struct settings, retention.machine),
};

gint64 purge_before(const struct settings *settings, enum purge_rule rule)
{
    gint64 span = *(const gint64 *)((const char *)settings + spans[rule]);

    return span ? now_seconds() - span : 0;
}

/* -- what and how many -- */

static gboolean count_one(struct answer *answer, enum purge_rule rule, guint64 *all, GError **error)
{
    gint64 before = purge_before(answer->context->settings, rule);
    guint64 count, bytes;
    json_t *row;

    if (!store_purge_count(answer->context->store, rule, before, &count, &bytes, error))
        return FALSE;
    *all += count;
    row = ctl_row();
    answer_set(row, "rule", ctl_string(purge_rule_name(rule)));
    answer_set(row, "count", answer_integer(count));
    answer_set(row, "bytes", answer_integer(bytes));
    answer_set(row, "before", answer_moment(answer, before));
    answer_add(answer, row);
    return TRUE;
}

static gboolean count_all(struct answer *answer, guint64 *all, GError **error)
{
    *all = 0;
    for (int rule = 0; rule < PURGE_RULES; rule++)
        if (!count_one(answer, (enum purge_rule)rule, all, error))
            return FALSE;
    return TRUE;
}

/* The number that was typed is the number that goes, or nothing does. */
static gboolean is_meant(struct answer *answer, guint64 *all, GError **error)
{
    const char *typed = answer_string(answer, "count");
    g_autofree char *wanted = NULL;
    gsize start = answer->lines->len;

    if (!count_all(answer, all, error))
        return FALSE;
    g_string_truncate(answer->lines, start);
    wanted = g_strdup_printf("%" PRIu64, *all);
    return g_strcmp0(typed, wanted) == 0 ||
           answer_refuse(error, MADO_E_USAGE,
               "%s would be purged, and not %s. Nothing was changed. See: madoctl purge --dry-run",
               wanted, typed ? typed : "what nobody has counted");
}

/* -- page by page -- */

static void go_on(struct answer *answer, guint64 left, guint64 all, guint64 clean)
{
    answer->next = json_pack("{s:o,s:o,s:o,s:o}", "left", answer_integer(left), "of",
        answer_integer(all), "clean", answer_integer(clean), "checked", answer_integer(all - left));
}

static gboolean purge_some(struct answer *answer, guint64 left, guint64 all, GError **error)
{
    const struct control_context *context = answer->context;
    guint64 count = 0;

    for (int rule = 0; rule < PURGE_RULES && !count; rule++) {
        const struct purge_some some = {.rule = (enum purge_rule)rule,
            .before = purge_before(context->settings, (enum purge_rule)rule),
            .now = now_seconds(),
            .most = MIN(left, AT_ONCE),
            .actor = answer->user};
        if (!store_purge_some(context->store, &some, &count, error))
            return FALSE;
    }
    left -= MIN(left, count);
    go_on(answer, count ? left : 0, all, left && count ? 0 : 1);
    return TRUE;
}

static gboolean clean(struct answer *answer, guint64 all, guint64 round, GError **error)
{
    gboolean more;
    json_t *row;

    if (!store_purge_clean(answer->context->store, round == 1, &more, error))
        return FALSE;
    if (more) {
        go_on(answer, 0, all, round + 1);
        return TRUE;
    }
    row = ctl_row();
    answer_set(row, "purged", answer_integer(all));
    answer_add(answer, row);
    if (answer->context->purged)
        answer->context->purged(answer->context->desk);
    return TRUE;
}

gboolean answer_purge(struct answer *answer, GError **error)
{
    guint64 left = answer_page_number(answer, "left"), all = answer_page_number(answer, "of");
    guint64 round = answer_page_number(answer, "clean");

    if (answer_flag(answer, "dry_run"))
        return count_all(answer, &all, error);
    if (round)
        return clean(answer, all, round, error);
    if (!left && (!is_meant(answer, &all, error) || !(left = all))) {
        if (error && *error)
            return FALSE;
        go_on(answer, 0, 0, 1);
        return TRUE;
    }
    return purge_some(answer, left, all, error);
}
