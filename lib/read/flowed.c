#include "flowed.h"
#include <string.h>

struct line {
    const char *text; /* behind the quote marks and the stuffed space */
    gsize length;
    guint quotes;
};

/* RFC 3676 4.5: quote marks first, then one stuffed space. */
static struct line take_line(const char *at, gsize length)
{
    struct line line = {at, length, 0};

    while (line.length > 0 && *line.text == '>') {
        line.text++;
        line.length--;
        line.quotes++;
    }
    if (line.length > 0 && *line.text == ' ') {
        line.text++;
        line.length--;
    }
    return line;
}

static gboolean is_signature(const struct line *line)
{
    return line->length == 3 && !memcmp(line->text, "-- ", 3);
}

static void begin_paragraph(GString *out, guint quotes)
{
    for (guint i = 0; i < quotes; i++)
        g_string_append_c(out, '>');
    if (quotes)
        g_string_append_c(out, ' ');
}

char *flowed_unfold(const char *text, gboolean delsp)
{
    GString *out = g_string_sized_new(strlen(text));
    gboolean open = FALSE; /* the line before flows into this one */
    guint depth = 0;

    for (const char *at = text, *end; *at; at = *end ? end + 1 : end) {
        struct line line;
        gboolean flows;

        end = strchrnul(at, '\n');
        line = take_line(at, (gsize)(end - at));
        flows = line.length > 0 && line.text[line.length - 1] == ' ' && !is_signature(&line);
        if (open && (line.quotes != depth || is_signature(&line))) {
            g_string_append_c(out, '\n'); /* RFC 3676 4.5: improperly flowed, ends here */
            open = FALSE;
        }
        if (!open)
            begin_paragraph(out, line.quotes);
        g_string_append_len(out, line.text, (gssize)(line.length - (flows && delsp)));
        if (!flows && *end)
            g_string_append_c(out, '\n');
        open = flows;
        depth = line.quotes;
    }
    return g_string_free(out, FALSE);
}
