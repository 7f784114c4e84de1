/* Operators are told of what is new: at once, and bundled when there is much of it. Number, state,
 * severity and label, and nothing of the report. */
#include "state.h"
#include "error.h"
#include "now.h"

enum { ITEMS_IN_A_LETTER = 200 };

static void set_item(struct desk *desk, struct values *values, const struct notice *item)
{
    g_autofree char *tag = *item->number ? desk_tagged(desk, item->number) : g_strdup("-");
    g_autoptr(GDateTime) at = desk_local_time(desk, item->at);
    g_autofree char *time = g_date_time_format(at, "%Y-%m-%d %H:%M");

    values_set(values, "number", tag);
    values_set(values, "state", item->state);
    values_set(values, "severity", item->severity);
    values_set(values, "label", item->label);
    values_set(values, "time", time);
}

static struct values *notice_values(struct desk *desk, const GPtrArray *items)
{
    struct values *values = values_new();
    g_autofree char *count = g_strdup_printf("%u", items->len);

    values_set(values, "team", desk->settings->team.name);
    if (items->len == 1) {
        set_item(desk, values, items->pdata[0]);
        return values;
    }
    values_set(values, "count", count);
    for (guint i = 0; i < items->len; i++)
        set_item(desk, values_add(values, "items"), items->pdata[i]);
    return values;
}

/* "notice:17" -> "notice.17.5f0c...@sakura.example" */
static char *message_id(const struct desk *desk, const char *cause)
{
    g_autofree char *name = g_strdelimit(g_strdup(cause), ":", '.');

    return g_strdup_printf(
        "%s.%08x%08x@%s", name, g_random_int(), g_random_int(), desk_mail_domain(desk));
}

static GBytes *write_notice(
    struct desk *desk, const char *subject, const char *text, const char *id, GError **error)
{
    return write_letter(
        &(struct letter){
            .from_name = desk->settings->team.name,
            .from_addr = desk->settings->team.address,
            .to_name = "",
            .to_addr = desk->settings->notices.to,
            .subject = subject,
            .text = text,
            .message_id = id,
            .date = now_seconds(),
            .timezone = desk->settings->team.timezone,
            .auto_submitted = "auto-generated",
            .language = desk->settings->team.languages[0],
        },
        error);
}

gboolean notices_queue(struct desk *desk, const struct operator_letter *wanted, GError **error)
{
    const struct template *template =
        templates_get(desk->templates, wanted->template, desk->settings->team.languages[0]);
    g_autofree char *subject = NULL, *text = NULL, *id = message_id(desk, wanted->cause);
    g_autoptr(GBytes) bytes = NULL;
    gboolean queued;

    template_render(template, wanted->values, &subject, &text);
    bytes = write_notice(desk, subject, text, id, error);
    desk->look_for_letters = TRUE;
    return bytes && store_queue_letter(desk->store,
                        &(struct new_letter){
                            .kind = wanted->kind,
                            .cause = wanted->cause,
                            .sender = "",
                            .recipient = desk->settings->notices.to,
                            .subject = subject,
                            .message_id = id,
                            .bytes = bytes,
                            .at = now_seconds(),
                        },
                        &queued, error);
}

static gboolean queue_items(struct desk *desk, const GPtrArray *items, GError **error)
{
    const struct notice *last = items->pdata[items->len - 1];
    g_autoptr(mado_values) values = notice_values(desk, items);
    g_autofree char *cause = g_strdup_printf("notice:%" G_GUINT64_FORMAT, last->id);
    const struct operator_letter letter = {
        "notice", cause, items->len == 1 ? "notice" : "notice-many", values};

    return notices_queue(desk, &letter, error) && store_notices_told(desk->store, last->id, error);
}

void notices_send_due(struct desk *desk, gboolean at_once)
{
    g_autoptr(GPtrArray) items = NULL;
    g_autoptr(GError) error = NULL;

    if (!*desk->settings->notices.to || (!at_once && now_passed() < desk->next_notice_on))
        return;
    items = store_untold_notices(desk->store, ITEMS_IN_A_LETTER, &error);
    if (!items)
        desk_give_up(error);
    if (!items->len)
        return;
    desk_change(desk);
    if (!queue_items(desk, items, &error))
        desk_give_up(error);
    desk_keep(desk);
    desk->next_notice_on = now_passed() + desk->settings->notices.bundle;
}
