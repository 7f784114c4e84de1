/* What the programs of operators are told, as one line. */
#include "ctl.h"

char *ctl_event_line(const struct ctl_event *event)
{
    json_t *row = ctl_row();
    char *line;

    json_object_set_new(row, "id", json_integer((json_int_t)event->id));
    json_object_set_new(row, "event", ctl_string(event->kind));
    for (guint i = 0; i + 1 < event->told->len; i += 2)
        json_object_set_new(row, event->told->pdata[i], ctl_known(event->told->pdata[i + 1]));
    json_object_set_new(row, "at", ctl_time(event->at, event->zone));
    line = ctl_dump(row);
    json_decref(row);
    return line;
}
