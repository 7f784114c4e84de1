/* Mail that could not be opened, tried again: a key has come, or gpg works once more. */
#include "madoctl.h"
#include <inttypes.h>

static json_t *args(char **words, const struct options *options, GError **error)
{
    if (!words[0])
        return json_object();
    return view_one_word(words, "id", "Which mail? Write: madoctl retry 42, or mail:17.", error);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *id = g_strdup_printf("mail:%" PRIi64, row_number(row, "mail"));
        const char *ticket = row_text(row, "ticket"), *reason = row_text(row, "closed.reason");
        if (screen->terminal)
            screen_print(screen, PLAIN, "%s of %s is tried again; it stayed closed: %s.\n", id,
                ticket, reason);
        else
            screen_cells(screen, id, ticket, reason, NULL);
    }
}

static void finish(struct screen *screen, guint64 rows)
{
    if (!rows)
        screen_print(screen, PLAIN, "No mail stays closed.\n");
    else
        screen_print(screen, PLAIN, "\nWhat is still closed then: madoctl ledger unreadable\n");
}

const struct view view_retry = {"retry", args, draw, .finish = finish};
