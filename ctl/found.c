/* Indicators on a screen. */
#include "madoctl.h"

enum { MOST_SHOWN = 10 };

static char *named(const json_t *one)
{
    g_autofree char *value = indicator_defanged(row_text(one, "type"), row_text(one, "value"));

    return g_strdup_printf("%s %s", row_text(one, "type"), value);
}

/* A screen has the first few; who asks with a program gets all. */
static gboolean goes_on(struct screen *screen, const json_t *rows, gsize shown)
{
    if (!screen->terminal || shown < MOST_SHOWN)
        return TRUE;
    screen_print(screen, NOTICE, _("and %zu more: see --json\n"), json_array_size(rows) - shown);
    return FALSE;
}

static char *related_text(const json_t *one)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gsize i;
    json_t *shared;

    g_string_printf(out, "%s (%s) has ", row_text(one, "ticket"), row_text(one, "state"));
    json_array_foreach(json_object_get(one, "shared"), i, shared) {
        g_autofree char *text = named(shared);
        g_string_append_printf(out, "%s%s", i ? ", " : "", text);
    }
    return g_strdup(out->str);
}

static const struct {
    const char *field, *name;
    char *(*text)(const json_t *one);
} lists[] = {{"indicators", N_("Indicator"), named}, {"related", N_("Related"), related_text}};

void view_found(struct screen *screen, const json_t *row, view_line line)
{
    for (gsize l = 0; l < G_N_ELEMENTS(lists); l++) {
        const json_t *rows = json_object_get(row, lists[l].field);
        gsize i;
        json_t *one;
        json_array_foreach(rows, i, one) {
            g_autofree char *text = lists[l].text(one);
            if (!goes_on(screen, rows, i))
                break;
            line(screen, lists[l].name, text);
        }
    }
}
