/* list, search: tickets, a line each. */
#include "madoctl.h"
#include "error.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

enum { CATEGORY_WIDTH = 12 };

static const struct column columns[] = {
    {"TICKET", "ticket", CELL_TEXT},
    {"SEV", "severity", CELL_WORD},
    {"AGE", "age_seconds", CELL_AGE, "received"},
    {"STATE", "state", CELL_WORD},
    {"HANDLER", "handler", CELL_TEXT},
    {"TLP", "tlp", CELL_LABEL},
    {"SUBJECT", "shown", CELL_TEXT, "subject"},
    {NULL},
};

/* The words of a query, and the arguments that they become. */
static const struct {
    const char *typed, *argument;
} keys[] = {
    {"state", "state"},
    {"sev", "severity"},
    {"severity", "severity"},
    {"cat", "category"},
    {"category", "category"},
    {"handler", "handler"},
};

static gboolean unknown_word(const char *word, GError **error)
{
    const char *names[G_N_ELEMENTS(keys) + 1] = {NULL};
    const char *colon = strchr(word, ':');
    g_autofree char *key = colon ? g_strndup(word, (gsize)(colon - word)) : NULL;
    const char *guess;

    if (!colon)
        return view_usage(error,
            "\"%s\" is no query word. Nothing was changed. Words of the mails are found by: "
            "madoctl "
            "search %s",
            word, word);
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        names[i] = keys[i].typed;
    guess = ctl_nearest(key, names);
    return view_usage(error,
        "Unknown query word \"%s:\"%s%s%s Nothing was changed. See: "
        "madoctl help query",
        key, guess ? ": did you mean \"" : ".", guess ? guess : "", guess ? ":\"?" : "");
}

static gboolean add_word(json_t *args, const char *word, GError **error)
{
    const char *value = strchr(word, ':');
    gsize length = value ? (gsize)(value - word) : 0;

    for (gsize i = 0; value && i < G_N_ELEMENTS(keys); i++) {
        if (strlen(keys[i].typed) != length || strncmp(keys[i].typed, word, length) != 0)
            continue;
        value++;
        if (g_str_equal(keys[i].typed, "handler") && g_str_equal(value, "me"))
            value = g_get_user_name();
        json_object_set_new(args, keys[i].argument, ctl_string(value));
        return TRUE;
    }
    return unknown_word(word, error);
}

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    json_t *args = json_object();

    if (options->all)
        json_object_set_new(args, "all", json_true());
    for (; *words; words++)
        if (!add_word(args, *words, error)) {
            json_decref(args);
            return NULL;
        }
    return args;
}

static json_t *search_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(
        words, "text", "No words to search for. Write: madoctl search WORDS.", error);
}

/* "phishing: " before a subject, as a person has said; "phishing? " until one has. A column of its
 * own would not fit 80 beside the longest label. */
static void show_category(json_t *row)
{
    g_autofree char *category = text_fit(row_text(row, "category"), CATEGORY_WIDTH);
    gboolean proposed = g_str_equal(row_text(row, "category_by"), "proposal");
    g_autofree char *shown = g_strconcat(category,
        !*category ? ""
        : proposed ? "? "
                   : ": ",
        row_text(row, "subject"), NULL);

    json_object_set_new(row, "shown", ctl_string(shown));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        show_category(row);
    view_table(screen, columns, rows, first, "No such tickets. All: madoctl list --all");
}

static void count(struct screen *screen, guint64 rows)
{
    g_autofree char *written = ctl_count(rows);

    if (rows > 0 && screen->terminal)
        screen_print(screen, PLAIN, "%s ticket%s. One of them: madoctl show ID\n", written,
            rows == 1 ? "" : "s");
}

static void count_found(struct screen *screen, guint64 rows)
{
    static const char stopped[] = "The search stopped at " G_STRINGIFY(CTL_MOST_FOUND) " tickets";

    if (rows < CTL_MOST_FOUND)
        count(screen, rows);
    else if (screen->terminal)
        screen_print(screen, NOTICE, "%s: more words find fewer.\n", stopped);
    else
        fprintf(stderr, "madoctl: %s; more words find fewer.\n", stopped);
}

const struct view view_list = {"list", list_args, draw, .finish = count, .latest = TRUE};
const struct view view_search = {"search", search_args, draw, .finish = count_found, .pager = TRUE};
