/* What was found in mails, as rows. */
#include "ctl.h"

json_t *ctl_indicator(const char *kind, const char *value, const char *as_written, const char *from)
{
    return json_pack("{s:o,s:o,s:o,s:o}", "type", ctl_string(kind), "value", ctl_string(value),
        "as_written", ctl_string(as_written), "from", ctl_known(from));
}

json_t *ctl_indicators(const struct report *report)
{
    json_t *rows = json_array();

    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = g_ptr_array_index(report->indicators, i);
        json_array_append_new(
            rows, ctl_indicator(indicator_name(one->kind), one->value, one->as_written, one->from));
    }
    return rows;
}
