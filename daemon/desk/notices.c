/* Operators are told of what is new: at once, and bundled when there is much of it. Number, state,
 * severity and label, and nothing of the report. */
#include "state.h"
#include "control-duty.h"
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

struct notices_letter {
    const GPtrArray *items; /* struct notice */
    const char *to, *cause; /* "notice", "notice-again" */
};

static gboolean queue_items(struct desk *desk, const struct notices_letter *telling, GError **error)
{
    const GPtrArray *items = telling->items;
    const struct notice *last = items->pdata[items->len - 1];
    g_autoptr(mado_values) values = notice_values(desk, items);
    g_autofree char *cause = g_strdup_printf("%s:%" PRIu64, telling->cause, last->id);
    const struct own_letter letter = {.kind = "notice",
        .cause = cause,
        .template = items->len == 1 ? "notice" : "notice-many",
        .to = telling->to,
        .values = values};

    return letters_queue_own(desk, &letter, NULL, error);
}

static guint64 last_of(const GPtrArray *items)
{
    return ((const struct notice *)items->pdata[items->len - 1])->id;
}

/* -- for the first time -- */

/* By when somebody is to have taken it: where nobody has the shift that runs, not before the office
 * opens. 0: nobody waits for that. */
static gint64 take_by(struct desk *desk)
{
    gint64 span = desk->settings->notices.take_within, now = now_seconds(), due = now + span;
    g_autoptr(GError) error = NULL;
    struct duty_now on_duty = {0};

    if (!span || !duty_is_kept(desk->settings))
        return 0;
    if (!duty_look(&desk->context, now, &on_duty, &error))
        desk_give_up(error);
    if (!*on_duty.turn.user && !clock_add(desk->clock, now, span, &due))
        due = now + span;
    duty_now_clear(&on_duty);
    return due;
}

static gboolean tell(struct desk *desk, const GPtrArray *items, const char *to, GError **error)
{
    return queue_items(desk, &(struct notices_letter){items, to, "notice"}, error) &&
           store_notices_told(desk->store, last_of(items), take_by(desk), error);
}

void notices_send_due(struct desk *desk, gboolean at_once)
{
    g_autoptr(GPtrArray) items = NULL;
    g_autofree char *to = NULL;
    g_autoptr(GError) error = NULL;

    if (!at_once && now_passed() < desk->next_notice_on)
        return;
    items = store_untold_notices(desk->store, ITEMS_IN_A_LETTER, &error);
    if (!items)
        desk_give_up(error);
    if (!items->len || !(to = duty_told_at(desk)))
        return;
    desk_change(desk);
    if (!tell(desk, items, to, &error))
        desk_give_up(error);
    desk_keep(desk);
    desk->next_notice_on = now_passed() + desk->settings->notices.bundle;
}

/* -- and once more, when nobody has taken it -- */

static gboolean tell_again(struct desk *desk, const GPtrArray *items, GError **error)
{
    g_autofree char *to = duty_deputy_told_at(desk);
    g_autofree char *text =
        g_strdup_printf("%u not taken in time: %s is told", items->len, to ? to : "nobody else");

    return (!to || queue_items(desk, &(struct notices_letter){items, to, "notice-again"}, error)) &&
           store_journal(desk->store, now_seconds(), "mado", "notice-again", 0, 0, text, error);
}

gboolean notices_feed(struct desk *desk, GError **error)
{
    gint64 now = now_seconds();
    g_autoptr(GPtrArray) items = store_untaken_notices(desk->store, now, ITEMS_IN_A_LETTER, error);
    guint64 up_to = items && items->len == ITEMS_IN_A_LETTER ? last_of(items) : G_MAXINT64;

    return items && (!items->len || tell_again(desk, items, error)) &&
           store_notices_over(desk->store, now, up_to, error);
}
