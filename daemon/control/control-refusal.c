/* What was wanted and not given: the journal knows who, what and why not. */
#include "control-answers.h"
#include "error.h"
#include "log.h"
#include "now.h"

enum { MOST_BY_ROLE = 60, MOST_BY_RULE = 600, LONGEST_REASON = 400 };

/* Of one minute: whoever may not come in must not fill the disk with it. */
static gboolean is_too_many(const struct store *store, gboolean by_role)
{
    static const struct store *of;
    static gint64 minutes[2];
    static guint counts[2];
    gint64 minute = g_get_monotonic_time() / (60 * G_USEC_PER_SEC);

    if (minutes[by_role] != minute || of != store)
        counts[by_role] = 0;
    minutes[by_role] = minute;
    of = store;
    return counts[by_role]++ >= (by_role ? MOST_BY_ROLE : MOST_BY_RULE);
}

/* One transaction of its own, unless the desk has one open: then it rides along. */
static void journal(struct store *store, const struct refusal *refusal, const char *text)
{
    g_autoptr(GError) error = NULL;
    gboolean riding = store_in_turn(store);

    if (!store_begin(store, &error) ||
        !store_journal(
            store, now_seconds(), refusal->user, "refused", refusal->incident, 0, text, &error) ||
        (!riding && !store_commit(store, &error)))
        log_event(LOG_LEVEL_WARN, 0, "journal-failed", "%s", error->message);
}

void refusal_note(struct store *store, const struct refusal *refusal, int code, const char *why)
{
    g_autofree char *text =
        g_strdup_printf("%s refused: MADO-%04d %.*s", refusal->command, code, LONGEST_REASON, why);
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    if (refusal->by_role)
        log_event(LOG_LEVEL_WARN, 0, "refused", "%s", valid);
    if (!is_too_many(store, refusal->by_role))
        journal(store, refusal, valid);
}
