/* Operators are told of what is new: at once, and bundled when there is much of it. Number, state,
 * severity and label, and nothing of the report. */
#include "state.h"
#include "now.h"
#include <inttypes.h>

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

static gboolean queue_items(struct desk *desk, const GPtrArray *items, GError **error)
{
    const struct notice *last = items->pdata[items->len - 1];
    g_autoptr(mado_values) values = notice_values(desk, items);
    g_autofree char *cause = g_strdup_printf("notice:%" PRIu64, last->id);
    const struct own_letter letter = {.kind = "notice",
        .cause = cause,
        .template = items->len == 1 ? "notice" : "notice-many",
        .to = desk->settings->notices.to,
        .values = values};

    return letters_queue_own(desk, &letter, NULL, error) &&
           store_notices_told(desk->store, last->id, error);
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
