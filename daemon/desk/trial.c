/* A letter of the team to itself: what comes back proves relay and mailbox, and all between. It has
 * the null sender, as acknowledgements have it: what a relay says to them is the question. */
#include "state.h"
#include "now.h"

static struct values *trial_values(const struct desk *desk)
{
    struct values *values = values_new();
    g_autoptr(GDateTime) now = desk_local_time(desk, now_seconds());
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");

    values_set(values, "team", desk->settings->team.name);
    values_set(values, "time", time);
    return values;
}

gboolean trial_send(gpointer data, char **message_id, GError **error)
{
    struct desk *desk = data;
    g_autoptr(mado_values) values = trial_values(desk);
    g_autofree char *cause = g_strdup_printf("test:%08x%08x", g_random_int(), g_random_int());
    const struct own_letter letter = {.kind = "test",
        .cause = cause,
        .template = "test",
        .to = desk->settings->team.address,
        .values = values};

    desk_change(desk);
    if (!letters_queue_own(desk, &letter, message_id, error)) {
        desk_undo(desk);
        return FALSE;
    }
    desk_keep(desk);
    return store_commit(desk->store, error);
}
