/* watch: what has happened since, of all that the operator sees. Who finds nothing new waits for it
 * (control.c). */
#include "control-answers.h"
#include "error.h"

enum { PAGE = 100 };

/* What belongs to no ticket and no mail is about keys, contacts and the contact point itself. */
static gboolean may_know(const struct answer *answer, const struct event *event)
{
    if (event->incident)
        return answer_sees_incident(answer, event->incident);
    return event->mail ? answer_sees_mail(answer, event->mail) : answer->role >= CTL_COMMANDER;
}

static void tell(struct answer *answer, const struct event *event)
{
    json_t *number = answer_ticket_number(answer, event->incident);

    answer_add(answer, answer_event_row(answer, event, json_string_value(number)));
    json_decref(number);
}

static gboolean tell_since(struct answer *answer, guint64 *after, guint *room, GError **error)
{
    g_autoptr(GPtrArray) events = store_events(answer->context->store, 0, *after, PAGE, error);

    for (guint i = 0; events && i<events->len && * room> 0; i++) {
        const struct event *event = g_ptr_array_index(events, i);
        *after = event->id;
        if (!may_know(answer, event))
            continue;
        tell(answer, event);
        (*room)--;
    }
    if (events && events->len < PAGE)
        *room = 0;
    return events != NULL;
}

/* Without a page: from now on. */
gboolean answer_watch(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    guint64 after = answer_page_number(answer, "after");
    guint room = PAGE;

    if (!page && !store_last_event(answer->context->store, &after, error))
        return FALSE;
    while (page && room > 0)
        if (!tell_since(answer, &after, &room, error))
            return FALSE;
    answer->next = json_pack("{s:o}", "after", answer_integer(after));
    return TRUE;
}
