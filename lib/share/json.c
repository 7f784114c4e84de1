/* Our own words, one object: see madoctl(1). */
#include "sharing-parts.h"

static json_t *indicators(const struct share *share)
{
    json_t *rows = json_array();

    for (guint i = 0; i < share->indicators->len; i++) {
        const struct indicator *one = share->indicators->pdata[i];
        json_array_append_new(rows, json_pack("{s:s,s:o}", "type", indicator_name(one->kind),
                                        "value", part_string(one->value)));
    }
    return rows;
}

static json_t *events(const struct share *share)
{
    json_t *rows = json_array();

    for (guint i = 0; i < share->sightings->len; i++) {
        const struct sighting *one = share->sightings->pdata[i];
        const struct {
            const char *name, *value;
        } fields[] = {
            {"kind", one->kind},
            {"time", one->time},
            {"source", one->source},
            {"source_port", one->source_port},
            {"target", one->target},
            {"target_port", one->target_port},
            {"protocol", one->protocol},
            {"evidence", one->evidence},
        };
        json_t *row = json_object();
        for (gsize f = 0; f < G_N_ELEMENTS(fields); f++)
            json_object_set_new(
                row, fields[f].name, *fields[f].value ? part_string(fields[f].value) : json_null());
        json_array_append_new(rows, row);
    }
    return rows;
}

char *share_json(const struct share *share)
{
    g_autofree char *opened = part_moment(share->opened_at);
    g_autofree char *changed = part_moment(share->changed_at);
    json_t *all = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:s,s:s,s:{s:o,s:o}}", "schema", "mado/1",
        "tlp", part_string(share->label), "number", part_string(share->number), "title",
        part_string(share->title), "category", part_string(share->category), "severity",
        part_string(share->severity), "opened", opened, "as_of", changed, "from", "team",
        part_string(share->team), "address", part_string(share->address));

    json_object_set_new(all, "indicators", indicators(share));
    json_object_set_new(all, "events", events(share));
    return part_document(all);
}
