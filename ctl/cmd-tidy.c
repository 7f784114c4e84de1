/* merge, split, link, similar, views: which tickets belong together. */
#include "madoctl.h"

static json_t *with_reason(json_t *args, const struct options *options)
{
    if (args && options->reason)
        json_object_set_new(args, "reason", ctl_string(options->reason));
    return args;
}

/* Two tickets, each one word: a number has no blanks, and a subject stands in quotes. */
static json_t *two_words(char **words, const char *second, const char *usage, GError **error)
{
    if (*words && words[1] && !words[2])
        return json_pack("{s:o,s:o}", "id", ctl_string(*words), second, ctl_string(words[1]));
    view_usage(error, "Two tickets are needed. Nothing was changed. Write: %s", usage);
    return NULL;
}

static json_t *merge_args(char **words, const struct options *options, GError **error)
{
    return with_reason(
        two_words(words, "target", _("madoctl merge 43 42, and 43 becomes a part of 42"), error),
        options);
}

static json_t *undo_args(char **words, const struct options *options, GError **error)
{
    return with_reason(
        view_one_word(words, "id", "Which ticket? Write: madoctl merge undo 43.", error), options);
}

static json_t *split_args(char **words, const struct options *options, GError **error)
{
    return with_reason(
        view_one_word(words, "mail",
            "Which mail? Write: madoctl split mail:17. See: madoctl show ID --mail.", error),
        options);
}

static json_t *link_args(char **words, const struct options *options, GError **error)
{
    json_t *args = with_reason(two_words(words, "other", _("madoctl link 42 43"), error), options);

    if (args && options->kind)
        json_object_set_new(args, "kind", ctl_string(options->kind));
    return args;
}

static json_t *view_set_args(char **words, const struct options *options, GError **error)
{
    g_autofree char *query = *words ? g_strjoinv(" ", words + 1) : NULL;

    if (query && *query)
        return json_pack("{s:o,s:o,s:b}", "name", ctl_string(*words), "query", ctl_string(query),
            "replace", options->replace);
    view_usage(error,
        "A name and a query. Nothing was changed. Write: madoctl view set night 'sev:>=high'");
    return NULL;
}

static json_t *view_drop_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "name", "Which view? Write: madoctl view drop NAME.", error);
}

static json_t *similar_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "id", "Which ticket? Write: madoctl similar 42.", error);
}

static json_t *no_args(char **words, const struct options *options, GError **error)
{
    return json_object();
}

/* -- what was done -- */

static void draw_link(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    const char *ticket = row_text(row, "ticket"), *other = row_text(row, "other");
    const char *kind = row_text(row, "kind");

    if (!screen->terminal) {
        screen_cells(screen, ticket, other, kind, NULL);
        return;
    }
    screen_print(screen, PLAIN, *kind ? "%s and %s: %s\n" : _("%s and %s: linked no longer\n"),
        ticket, other, kind);
    view_next(screen, row);
}

static void draw_dropped(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (screen->terminal)
        screen_print(screen, PLAIN, "The view %s is gone. It was: %s\n", row_text(row, "name"),
            row_text(row, "query"));
    else
        screen_cells(screen, row_text(row, "name"), row_text(row, "query"), NULL);
}

static void draw_views(struct screen *screen, json_t *rows, gboolean first)
{
    static const struct column columns[] = {
        {"VIEW", "name", CELL_TEXT},
        {"BY", "by", CELL_TEXT},
        {"QUERY", "query", CELL_TEXT},
        {NULL},
    };

    view_table(screen, columns, rows, first,
        "No views yet. Write: madoctl view set night 'sev:>=high' handler:-");
    if (screen->terminal && json_array_size(rows) == 1)
        view_next(screen, json_array_get(rows, 0));
}

/* What they share, in the place of the subject's beginning. */
static void draw_similar(struct screen *screen, json_t *rows, gboolean first)
{
    static const struct column columns[] = {
        {"TICKET", "ticket", CELL_TEXT},
        {"AGE", "age_seconds", CELL_AGE, "received"},
        {"STATE", "state", CELL_WORD},
        {"SHARED", "why", CELL_TEXT},
        {"SUBJECT", "subject", CELL_TEXT},
        {NULL},
    };
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        const json_t *one = json_array_get(json_object_get(row, "shared"), 0);
        g_autofree char *why =
            one ? indicator_defanged(row_text(one, "type"), row_text(one, "value"))
                : g_strdup("subject");
        json_object_set_new(row, "why", ctl_string(why));
    }
    view_table(screen, columns, rows, first, "No ticket shares anything with it that you may see.");
}

const struct view view_merge = {"merge", merge_args, view_draw_changes};
const struct view view_merge_undo = {"merge undo", undo_args, view_draw_changes};
const struct view view_split = {"split", split_args, view_draw_changes};
const struct view view_link = {"link", link_args, draw_link};
const struct view view_link_drop = {"link drop", link_args, draw_link};
const struct view view_similar = {"similar", similar_args, draw_similar, .pager = TRUE};
const struct view view_views = {"view", no_args, draw_views};
const struct view view_view_set = {"view set", view_set_args, draw_views};
const struct view view_view_drop = {"view drop", view_drop_args, draw_dropped};
