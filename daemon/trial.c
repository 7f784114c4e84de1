/* A letter of the team to itself: what comes back proves relay and mailbox, and all between. */
#include "state.h"
#include "now.h"

static GBytes *write_test(struct desk *desk, const char *id, char **subject, GError **error)
{
    const struct settings *settings = desk->settings;
    const char *language = settings->team.languages[0];
    g_autoptr(mado_values) values = values_new();
    g_autoptr(GDateTime) now = desk_local_time(desk, now_seconds());
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    g_autofree char *text = NULL;

    values_set(values, "team", settings->team.name);
    values_set(values, "time", time);
    template_render(templates_get(desk->templates, "test", language), values, subject, &text);
    return write_letter(
        &(struct letter){
            .from_name = settings->team.name,
            .from_addr = settings->team.address,
            .to_name = "",
            .to_addr = settings->team.address,
            .subject = *subject,
            .text = text,
            .message_id = id,
            .date = now_seconds(),
            .timezone = settings->team.timezone,
            .auto_submitted = "auto-generated",
            .language = language,
        },
        error);
}

/* With the null sender, as acknowledgements have it: what a relay says to them is the question. */
static gboolean queue_test(struct desk *desk, const char *id, GError **error)
{
    g_autofree char *subject = NULL;
    g_autoptr(GBytes) bytes = write_test(desk, id, &subject, error);
    gboolean queued;

    return bytes && store_queue_letter(desk->store,
                        &(struct new_letter){
                            .kind = "test",
                            .cause = id,
                            .sender = "",
                            .recipient = desk->settings->team.address,
                            .subject = subject,
                            .message_id = id,
                            .bytes = bytes,
                            .at = now_seconds(),
                        },
                        &queued, error);
}

gboolean trial_send(gpointer data, char **message_id, GError **error)
{
    struct desk *desk = data;
    g_autofree char *id =
        g_strdup_printf("test.%08x%08x@%s", g_random_int(), g_random_int(), desk_mail_domain(desk));

    desk_change(desk);
    if (!queue_test(desk, id, error)) {
        desk_undo(desk);
        return FALSE;
    }
    desk_keep(desk);
    if (!store_commit(desk->store, error))
        return FALSE;
    desk->look_for_letters = TRUE;
    *message_id = g_steal_pointer(&id);
    return TRUE;
}
