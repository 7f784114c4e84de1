/* contact: whom we know. */
#include "error.h"
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>

static const struct column columns[] = {
    {"ID", "contact", CELL_COUNT},
    {"NAME", "name", CELL_TEXT},
    {"KIND", "kind", CELL_TEXT},
    {"ORGANISATION", "organisation", CELL_TEXT},
    {"LANG", "language", CELL_TEXT},
    {"VERIFIED", "known_age", CELL_AGE, "known_since"},
    {"ADDRESS", "address", CELL_TEXT, "all_addresses"},
    {NULL},
};

/* -- contact [list] [QUERY] -- */

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (*words && g_str_equal(*words, "list"))
        words++;
    return *words ? view_one_word(words, "query", "", error) : json_object();
}

/* A cell holds one text. */
static void flatten(json_t *rows)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *all = view_texts(row, "addresses");
        guint more = (guint)json_array_size(json_object_get(row, "addresses"));
        const char *first = json_string_value(json_array_get(json_object_get(row, "addresses"), 0));
        g_autofree char *one =
            more > 1 ? g_strdup_printf("%s +%u", first, more - 1) : g_strdup(first ? first : "");
        json_object_set_new(row, "address", ctl_string(one));
        json_object_set_new(row, "all_addresses", ctl_string(all));
    }
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    flatten(rows);
    view_table(screen, columns, rows, first, "No such contacts. Add one: madoctl contact add NAME");
}

/* -- contact show -- */

static json_t *show_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "contact", "Which contact? See: madoctl contact.", error);
}

static void draw_verified(struct screen *screen, const json_t *row)
{
    g_autofree char *when = row_time(row, "verified.at");
    g_autofree char *text = g_strdup_printf(
        "%s by %s: %s", when, row_text(row, "verified.by"), row_text(row, "verified.how"));

    view_fact(screen, "Verified",
        *row_text(row, "verified.at") ? text
        : screen->terminal            ? _("never (madoctl contact verify NAME --how TEXT)")
                                      : "");
}

/* How old that is, and what they have said since. */
static void draw_age(struct screen *screen, const json_t *row)
{
    g_autofree char *age = ctl_age(row_number(row, "known_age"));
    g_autofree char *asked = row_time(row, "review.asked");
    g_autofree char *review =
        g_strdup_printf(_("%s, asked %s"), row_text(row, "review.state"), asked);

    view_fact(screen, "Age", *row_text(row, "known_since") ? age : "");
    view_fact(screen, "Review", *row_text(row, "review.state") ? review : "");
}

static void draw_ways(struct screen *screen, const json_t *row)
{
    g_autofree char *numbers = view_texts(row, "numbers");
    g_autofree char *deputies = view_texts(row, "deputies");

    view_fact(screen, "By day", row_text(row, "day"));
    view_fact(screen, "By night", row_text(row, "night"));
    view_fact(screen, "Deputies", deputies);
    view_fact(screen, "Can", row_text(row, "capability"));
    view_fact(screen, "Numbers", numbers);
}

static void draw_one(struct screen *screen, const json_t *row)
{
    g_autofree char *addresses = view_texts(row, "addresses");
    g_autofree char *members = view_texts(row, "members");
    g_autofree char *id = g_strdup_printf("%" PRIi64, row_number(row, "contact"));

    if (screen->terminal)
        screen_print(screen, BOLD, "%s\n", row_text(row, "name"));
    else
        view_fact(screen, "Name", row_text(row, "name"));
    view_fact(screen, "Number", id);
    view_fact(screen, "Kind", row_text(row, "kind"));
    view_fact(screen, "Organisation", row_text(row, "organisation"));
    view_fact(screen, "Addresses", addresses);
    view_fact(screen, "Language", row_text(row, "language"));
    view_fact(screen, "Seal",
        g_str_equal(row_text(row, "seal"), "always") ? _("always: nothing goes there in clear")
                                                     : _("by the rules"));
    view_fact(screen, "Relation", row_text(row, "relation"));
    view_fact(screen, "Clearance", row_text(row, "clearance"));
    view_fact(screen, "Charset", row_text(row, "charset"));
    view_fact(screen, "Members", members);
    draw_ways(screen, row);
    draw_verified(screen, row);
    draw_age(screen, row);
    view_fact(screen, "Note", row_text(row, "note"));
}

static void draw_show(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    gsize i;
    json_t *key;

    draw_one(screen, row);
    json_array_foreach(json_object_get(row, "keys"), i, key) {
        screen_print(screen, PLAIN, "%s", screen->terminal ? "\n" : "");
        key_draw(screen, key);
    }
}

/* -- contact add, contact edit -- */

static void add_word(json_t *words, const char *field, const char *value)
{
    g_autofree char *word = value ? g_strdup_printf("%s=%s", field, value) : NULL;

    if (word)
        json_array_append_new(words, ctl_string(word));
}

static json_t *words_of_options(const struct options *options)
{
    json_t *words = json_array();

    add_word(words, "kind", options->kind);
    add_word(words, "organisation", options->organisation);
    add_word(words, "language", options->language);
    add_word(words, "seal", options->seal);
    add_word(words, "note", options->note);
    for (char **one = options->addresses; one && *one; one++)
        add_word(words, "address+", *one);
    for (char **one = options->members; one && *one; one++)
        add_word(words, "member+", *one);
    return words;
}

/* Behind the words of the name, fields as edit takes them. */
static json_t *add_args(char **words, const struct options *options, GError **error)
{
    g_autofree char **name = g_memdup2(words, (g_strv_length(words) + 1) * sizeof *words);
    json_t *set = words_of_options(options);
    json_t *args;
    guint count = 0;

    while (words[count] && !strchr(words[count], '='))
        count++;
    for (char **field = words + count; *field; field++)
        json_array_append_new(set, ctl_string(*field));
    name[count] = NULL;
    args = view_one_word(
        name, "name", "A contact has a name: madoctl contact add NAME --address ADDRESS.", error);
    if (args)
        json_object_set(args, "set", set);
    json_decref(set);
    return args;
}

static json_t *edit_args(char **words, const struct options *options, GError **error)
{
    json_t *set, *args;

    if (!words[0] || !words[1]) {
        view_usage(error,
            "What is to be changed? Nothing was changed. Write: madoctl contact edit NAME "
            "field=value");
        return NULL;
    }
    set = json_array();
    for (char **word = words + 1; *word; word++)
        json_array_append_new(set, ctl_string(*word));
    args = json_object();
    json_object_set_new(args, "contact", ctl_string(words[0]));
    json_object_set_new(args, "set", set);
    return args;
}

/* -- contact verify -- */

static json_t *verify_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(
        words, "contact", "Who? Write: madoctl contact verify NAME --how TEXT.", error);

    if (args && options->how)
        json_object_set_new(args, "how", ctl_string(options->how));
    return args;
}

static void draw_verified_now(struct screen *screen, json_t *rows, gboolean first)
{
    draw_one(screen, json_array_get(rows, 0));
}

static void draw_changed(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    const char *change = row_text(row, "change");

    draw_one(screen, row);
    if (screen->terminal)
        screen_print(screen, GOOD, "%s%s%s.\n",
            g_str_equal(row_text(row, "result"), "added")     ? _("Added")
            : g_str_equal(row_text(row, "result"), "changed") ? _("Changed: ")
                                                              : _("It was so already"),
            change, "");
}

static const struct view plain_list = {"contact", list_args, draw_list, .pager = TRUE};
static const struct view printed_list = {"contact", list_args, contact_print, .pager = TRUE};

static int run_list(struct call *call, GError **error)
{
    return view_run(call->options.print ? &printed_list : &plain_list, call, error);
}

const struct view view_contact = {"contact", .draw = draw_list, .run = run_list};
const struct view view_contact_verify = {"contact verify", verify_args, draw_verified_now};
const struct view view_contact_show = {"contact show", show_args, draw_show, .pager = TRUE};
const struct view view_contact_add = {"contact add", add_args, draw_changed};
const struct view view_contact_edit = {"contact edit", edit_args, draw_changed};
