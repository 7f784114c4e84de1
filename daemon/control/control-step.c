/* The clock of --now, for tests: moved, and asked whether what was due by then is done. */
#include "control-answers.h"
#include "error.h"
#include "now.h"

static gboolean move(const struct answer *answer, const char *to, GError **error)
{
    const struct control_context *context = answer->context;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(to, utc);

    if (!time)
        return answer_refuse(error, MADO_E_USAGE, "\"%s\" is no time. Nothing was changed.", to);
    if (!context->step(
            context->desk, g_date_time_to_unix(time), answer_flag(answer, "by_hand"), error) ||
        !store_commit(context->store, error))
        return FALSE;
    context->changed(context->desk);
    return TRUE;
}

static json_t *row_of(const struct answer *answer, gboolean done, gint64 next)
{
    json_t *row = ctl_row();

    answer_set(row, "now", answer_moment(answer, now_seconds()));
    answer_set(row, "done", json_boolean(done));
    answer_set(row, "next", answer_moment(answer, next == G_MAXINT64 ? 0 : next));
    return row;
}

gboolean answer_step(struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;
    const char *to = answer_string(answer, "to");
    gboolean done = FALSE;
    gint64 next = G_MAXINT64;

    if (!context->step || !now_is_fixed())
        return answer_refuse(error, MADO_E_USAGE,
            "The clock of this madod is that of the host. Nothing was changed. Tests start it with "
            "--now.");
    if (to && !move(answer, to, error))
        return FALSE;
    done = !to && context->stepped(context->desk, &next);
    answer_add(answer, row_of(answer, done, next));
    return TRUE;
}
