/* key: the keys that we know, and how they are. */
#include "madoctl.h"
#include <mado/contact.h>
#include <string.h>

static const struct column columns[] = {
    {"PLACE", "place", CELL_WORD},
    {"KEY", "short", CELL_TEXT, "fingerprint"},
    {"STATE", "state", CELL_WORD},
    {"DAYS", "days_left", CELL_COUNT},
    {"ALGORITHM", "algorithm", CELL_TEXT},
    {"WHOSE", "whose", CELL_TEXT},
    {NULL},
};

/* -- key [list] [QUERY] -- */

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (*words && g_str_equal(*words, "list"))
        words++;
    return *words ? view_one_word(words, "query", "", error) : json_object();
}

static const char *first_user_id(const json_t *row)
{
    const char *first = json_string_value(json_array_get(json_object_get(row, "user_ids"), 0));

    return first ? first : "";
}

static gboolean is_ours(const json_t *row)
{
    return g_str_has_prefix(row_text(row, "place"), "own");
}

/* Of a key that is nobody's the list has what it says of itself, as a claim. */
static char *whose(const json_t *row)
{
    if (*row_text(row, "contact"))
        return g_strdup(row_text(row, "contact"));
    return is_ours(row) ? g_strdup(first_user_id(row))
                        : g_strdup_printf("says: %s", first_user_id(row));
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *text = whose(row);
        json_object_set_new(row, "whose", ctl_string(text));
    }
    view_table(screen, columns, rows, first,
        "No such keys. Ours is made by: madoctl key init; those of others come in by: madoctl "
        "key import FILE");
}

/* -- key show -- */

static json_t *show_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "key", "Which key? See: madoctl key.", error);
}

static const struct {
    const char *place, *words;
} places[] = {
    {"own", N_("ours: signs and opens")},
    {"own-old", N_("an earlier one of ours: opens, and does nothing else")},
    {"pinned", N_("pinned: proves and seals")},
    {"unpinned", N_("unpinned: was trusted once, counts for nothing")},
    {"offered", N_("offered: counts for nothing until a person pins it")},
};

static const char *place_words(const json_t *row)
{
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (g_str_equal(places[i].place, row_text(row, "place")))
            return _(places[i].words);
    return row_text(row, "place");
}

static void draw_pinned(struct screen *screen, const json_t *row)
{
    g_autofree char *when = row_time(row, "pinned.at");
    g_autofree char *text = g_strdup_printf(
        "%s by %s: %s", when, row_text(row, "pinned.by"), row_text(row, "pinned.how"));

    if (*row_text(row, "pinned.at"))
        view_fact(screen, "Pinned", text);
}

void key_draw(struct screen *screen, const json_t *row)
{
    g_autofree char *fingerprint = screen->terminal ? key_in_groups(row_text(row, "fingerprint"))
                                                    : g_strdup(row_text(row, "fingerprint"));
    gboolean ours = is_ours(row);
    gsize i;
    json_t *one;

    view_fact(screen, "Fingerprint", fingerprint);
    view_fact(screen, "Place", screen->terminal ? place_words(row) : row_text(row, "place"));
    view_fact(screen, "Whose", row_text(row, "contact"));
    json_array_foreach(json_object_get(row, "user_ids"), i, one)
        view_fact(screen, ours ? "Name" : _("It claims"), json_string_value(one));
    view_fact(screen, "State", row_text(row, "state"));
    view_fact(screen, "Algorithm", row_text(row, "algorithm"));
    view_time(screen, "Made", row, "created");
    view_time(screen, "Ends", row, "expires");
    if (!json_is_true(json_object_get(row, "can_encrypt")))
        view_fact(screen, "Note", _("nothing can be sealed to it"));
    draw_pinned(screen, row);
    view_fact(screen, "From", row_text(row, "origin"));
    view_time(screen, "Came", row, "came");
}

static void draw_show(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        screen_print(screen, PLAIN, "%s", i && screen->terminal ? "\n" : "");
        key_draw(screen, row);
    }
    if (first && screen->terminal && !json_array_size(rows))
        screen_print(screen, PLAIN, "No key is pinned to that contact.\n");
}

/* -- key check -- */

static void draw_check(struct screen *screen, json_t *rows, gboolean first)
{
    finding_draw_all(screen, rows);
}

static int check(struct call *call, GError **error)
{
    json_t *rows = json_array();
    int status = -1;

    if (view_wait(call, "key check", json_object(), rows, error) &&
        view_show_rows(&view_key_check, call, rows, TRUE, error))
        status = finding_worst(rows);
    json_decref(rows);
    return status;
}

const struct view view_key = {"key", list_args, draw_list, .pager = TRUE};
const struct view view_key_show = {"key show", show_args, draw_show, .pager = TRUE};
const struct view view_key_check = {"key check", .draw = draw_check, .run = check};
