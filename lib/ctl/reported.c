/* What structured reports of a mail say, as JSON. */
#include "ctl.h"

static json_t *event(const struct sighting *one)
{
    json_t *row = json_object();

    json_object_set_new(row, "kind", ctl_known(one->kind));
    json_object_set_new(row, "time", ctl_known(one->time));
    json_object_set_new(row, "time_known", json_boolean(one->at != 0));
    json_object_set_new(row, "source", ctl_known(one->source));
    json_object_set_new(row, "source_port", ctl_known(one->source_port));
    json_object_set_new(row, "target", ctl_known(one->target));
    json_object_set_new(row, "target_port", ctl_known(one->target_port));
    json_object_set_new(row, "protocol", ctl_known(one->protocol));
    json_object_set_new(row, "evidence", ctl_known(one->evidence));
    json_object_set_new(row, "from", ctl_string(one->from));
    return row;
}

static json_t *fields(const GPtrArray *all)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct field *one = g_ptr_array_index(all, i);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o}", "name", ctl_string(one->name), "value",
                      ctl_string(one->value), "from", ctl_string(one->from)));
    }
    return rows;
}

json_t *ctl_report(const struct report *report, guint most)
{
    json_t *row = json_object();
    json_t *events = json_array();
    guint shown = MIN(report->sightings->len, most);

    for (guint i = 0; i < shown; i++)
        json_array_append_new(events, event(g_ptr_array_index(report->sightings, i)));
    json_object_set_new(row, "formats", ctl_texts(report->formats));
    json_object_set_new(row, "damaged", ctl_texts(report->damaged));
    json_object_set_new(row, "category_hint", ctl_known(report->category));
    json_object_set_new(row, "events", events);
    json_object_set_new(
        row, "events_left_out", json_integer((json_int_t)(report->sightings->len - shown)));
    json_object_set_new(row, "fields", fields(report->fields));
    json_object_set_new(row, "incomplete", json_boolean(report->more));
    return row;
}
