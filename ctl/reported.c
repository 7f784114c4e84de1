/* What structured reports of a mail say, in a line each: for `show` and `explain`. */
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>

enum { MOST_EVENTS = 20 };

/* "192.0.2.1:4444"; of IPv6 "[2001:db8::1]:4444". */
static void add_end(GString *out, const char *address, const char *port)
{
    gboolean colons = *port && strchr(address, ':') && !strstr(address, "://");

    g_string_append_printf(
        out, "%s%s%s%s%s", colons ? "[" : "", address, colons ? "]" : "", *port ? ":" : "", port);
}

static void add_word(GString *out, const char *word)
{
    if (*word)
        g_string_append_printf(out, "%s%s", out->len ? "  " : "", word);
}

static char *event_words(const json_t *event)
{
    GString *out = g_string_new(row_text(event, "time"));
    const char *target = row_text(event, "target"), *port = row_text(event, "target_port");

    if (out->len && !json_is_true(json_object_get(event, "time_known")))
        g_string_append(out, _(" (no zone)"));
    if (out->len)
        g_string_append(out, "  ");
    add_end(out, row_text(event, "source"), row_text(event, "source_port"));
    if (*target || *port) {
        g_string_append(out, " -> ");
        add_end(out, target, port);
    }
    add_word(out, row_text(event, "protocol"));
    add_word(out, row_text(event, "kind"));
    add_word(out, row_text(event, "evidence"));
    return g_string_free(out, FALSE);
}

static void draw_events(struct screen *screen, const json_t *report, view_line line)
{
    const json_t *events = json_object_get(report, "events");
    gint64 more = row_number(report, "events_left_out");
    gsize i;
    json_t *event;

    json_array_foreach((json_t *)events, i, event) {
        g_autofree char *words = i < MOST_EVENTS ? event_words(event) : NULL;
        if (words)
            line(screen, i ? "" : _("Events"), words);
        else
            more++;
    }
    if (more) {
        g_autofree char *text = g_strdup_printf(_("and %" PRIi64 " more"), more);
        line(screen, "", text);
    }
}

/* "purpose: information", one a line. */
static void draw_fields(struct screen *screen, const json_t *report, view_line line)
{
    gsize i;
    json_t *field;

    json_array_foreach(json_object_get(report, "fields"), i, field) {
        g_autofree char *words =
            g_strdup_printf("%s: %s", row_text(field, "name"), row_text(field, "value"));
        line(screen, i ? "" : _("Fields"), words);
    }
}

void view_report(struct screen *screen, const json_t *report, view_line line)
{
    g_autofree char *formats = view_joined(report, "formats", ", ");
    g_autofree char *damaged = view_joined(report, "damaged", "; ");

    if (*formats)
        line(screen, "Formats", formats);
    if (*damaged)
        line(screen, "Damaged", damaged);
    if (*row_text(report, "category_hint"))
        line(screen, "Hint", row_text(report, "category_hint"));
    draw_fields(screen, report, line);
    draw_events(screen, report, line);
    if (json_is_true(json_object_get(report, "incomplete")))
        line(screen, "Incomplete", _("there is more in the mail than was read"));
}
