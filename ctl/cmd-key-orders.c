/* What is done with keys: import, pin, unpin, init, extend. The daemon takes a while for some. */
#include "error.h"
#include "madoctl.h"
#include <mado/contact.h>
#include <mado/limits.h>
#include <string.h>

static void set_flag(json_t *args, const char *name, gboolean value)
{
    if (value)
        json_object_set_new(args, name, json_true());
}

/* -- what came of it -- */

static const struct {
    const char *result, *words;
    enum style style;
} results[] = {
    {"offered", N_("Offered: it counts for nothing yet."), NOTICE},
    {"known", N_("We have it already, and it is as it was."), PLAIN},
    {"refreshed", N_("The newer copy is in use."), GOOD},
    {"pinned", N_("Pinned."), GOOD},
    {"own", N_("This is our key now: letters are signed with it."), GOOD},
    {"own-old", N_("This earlier one only opens from now on."), NOTICE},
    {"extended", N_("It lives longer now. Publish it again: madoctl key publish DIR"), GOOD},
};

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        if (!screen->terminal)
            view_fact(screen, "Result", row_text(row, "result"));
        else if (i)
            screen_print(screen, PLAIN, "\n");
        key_draw(screen, row);
        for (gsize k = 0; screen->terminal && k < G_N_ELEMENTS(results); k++)
            if (g_str_equal(results[k].result, row_text(row, "result")))
                screen_print(screen, results[k].style, "%s\n", _(results[k].words));
    }
}

/* -- import -- */

static json_t *import_args(struct call *call, GError **error)
{
    g_autofree char *bytes = NULL, *coded = NULL, *name = NULL;
    g_autoptr(GError) failed = NULL;
    gsize size;
    json_t *args;

    if (!call->words[0] || call->words[1]) {
        view_usage(error, "Which file? Nothing was changed. Write: madoctl key import FILE");
        return NULL;
    }
    if (!g_file_get_contents(call->words[0], &bytes, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s. Nothing was changed.", failed->message);
        return NULL;
    }
    if (size > LIMIT_KEY_FILE_BYTES) {
        error_set(error, MADO_E_BAD_DATA,
            "%s is larger than %d bytes. Nothing was changed. Is it a key?", call->words[0],
            LIMIT_KEY_FILE_BYTES);
        return NULL;
    }
    coded = g_base64_encode((const guchar *)bytes, size);
    name = g_path_get_basename(call->words[0]);
    args = json_object();
    view_give(args, "file", coded);
    view_give(args, "name", name);
    set_flag(args, "own", call->options.own);
    set_flag(args, "keep", call->options.keep);
    return args;
}

/* The next command, ready to be completed by how the fingerprint was checked. */
static void draw_next(struct call *call, json_t *rows)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (!g_str_has_prefix(row_text(row, "place"), "own") &&
            !g_str_equal(row_text(row, "place"), "pinned"))
            screen_print(call->screen, PLAIN,
                "Compare its fingerprint with its owner, then:\n"
                "  madoctl key pin %s --contact '%s' --how 'how you compared it'\n",
                row_text(row, "fingerprint"),
                call->options.contact ? call->options.contact : "NAME");
    screen_flush(call->screen, FALSE);
}

static int import(struct call *call, GError **error)
{
    json_t *args = import_args(call, error);
    json_t *rows = json_array();
    gboolean done = args && view_wait(call, "key import", args, rows, error) &&
                    view_show_rows(&view_key_import, call, rows, TRUE, error);

    if (done && call->screen->terminal && !call->options.json)
        draw_next(call, rows);
    json_decref(rows);
    return done ? 0 : -1;
}

/* -- pin, unpin -- */

/* People type a fingerprint with blanks, with quotation marks around it or without. */
static char *typed_key(char **words)
{
    return g_strjoinv(" ", words);
}

/* A key whose addresses are others than its owner's is usual for a person with two jobs, and for a
 * fraud. */
static void warn_of_addresses(struct call *call, const json_t *key)
{
    json_t *rows = json_array(), *next = NULL, *one;
    json_t *args = json_pack("{s:s}", "contact", call->options.contact);
    g_autofree char *claimed = view_texts(key, "addresses");
    gboolean common = FALSE;
    gsize i;

    if (client_ask(call, "contact show", args, rows, &next, NULL)) {
        g_autofree char *known = view_texts(json_array_get(rows, 0), "addresses");
        g_auto(GStrv) theirs = g_strsplit(known, ", ", -1);
        json_array_foreach(json_object_get(key, "addresses"), i, one)
            common |= g_strv_contains((const char *const *)theirs, json_string_value(one));
        if (!common)
            screen_complain_softly(
                "the key claims %s, and the contact has %s: are you sure whose it is? If not: "
                "madoctl key unpin %s --reason TEXT",
                *claimed ? claimed : _("no address"), *known ? known : _("no address"),
                row_text(key, "fingerprint"));
    }
    json_decref(next);
    json_decref(rows);
}

static int pin(struct call *call, GError **error)
{
    g_autofree char *key = typed_key(call->words);
    json_t *args = json_object(), *rows = json_array();
    gboolean done;

    view_give(args, "key", key);
    view_give(args, "contact", call->options.contact);
    view_give(args, "how", call->options.how);
    done = view_wait(call, "key pin", args, rows, error) &&
           view_show_rows(&view_key_pin, call, rows, TRUE, error);
    if (done)
        warn_of_addresses(call, json_array_get(rows, 0));
    json_decref(rows);
    return done ? 0 : -1;
}

static json_t *unpin_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(words, "key", "Which key? See: madoctl key.", error);

    if (args)
        view_give(args, "reason", options->reason);
    return args;
}

static void draw_unpinned(struct screen *screen, json_t *rows, gboolean first)
{
    key_draw(screen, json_array_get(rows, 0));
    if (screen->terminal)
        screen_print(screen, NOTICE, "It proves and seals nothing any more.\n");
}

/* -- ours -- */

static int init(struct call *call, GError **error)
{
    const struct options *options = &call->options;
    json_t *args = json_object();

    view_give(args, "name", options->name);
    view_give(args, "address", options->addresses ? options->addresses[0] : NULL);
    view_give(args, "days", options->days);
    view_give(args, "until", options->until);
    set_flag(args, "replace", options->replace);
    set_flag(args, "keep", options->keep);
    return view_order(call, &view_key_init, args, error);
}

static int extend(struct call *call, GError **error)
{
    g_autofree char *key = typed_key(call->words);
    json_t *args = json_object();

    view_give(args, "key", *key ? key : NULL);
    view_give(args, "days", call->options.days);
    view_give(args, "until", call->options.until);
    return view_order(call, &view_key_extend, args, error);
}

const struct view view_key_import = {"key import", .draw = draw, .run = import};
const struct view view_key_pin = {"key pin", .draw = draw, .run = pin};
const struct view view_key_unpin = {"key unpin", unpin_args, draw_unpinned};
const struct view view_key_init = {"key init", .draw = draw, .run = init};
const struct view view_key_extend = {"key extend", .draw = draw, .run = extend};
