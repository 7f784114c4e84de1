#include <mado/duty.h>

static const char *const names[SHIFT_KINDS] = {
    [SHIFT_DAY] = "day", [SHIFT_NIGHT] = "night", [SHIFT_HOLIDAY] = "holiday"};

const char *shift_name(enum shift_kind kind)
{
    return names[kind];
}

enum shift_kind shift_from_name(const char *name)
{
    guint kind = 0;

    while (kind < SHIFT_KINDS && g_strcmp0(names[kind], name) != 0)
        kind++;
    return kind;
}

void handover_free(struct handover *handover)
{
    if (!handover)
        return;
    g_free(handover->number);
    g_free(handover->outgoing);
    g_free(handover->incoming);
    g_free(handover->text);
    g_free(handover->state);
    g_free(handover->ended_by);
    g_free(handover);
}

void handover_item_free(struct handover_item *item)
{
    if (!item)
        return;
    g_free(item->part);
    g_free(item->text);
    g_free(item);
}
