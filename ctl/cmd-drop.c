/* outbox drop: one letter, some, or all of a range that have failed. */
#include "error.h"
#include "madoctl.h"
#include <string.h>

struct drop {
    struct call *call;
    GArray *ids;    /* guint64, each once */
    guint done;     /* of them */
    GError *failed; /* of the first that could not be */
};

static void add(struct drop *drop, guint64 id)
{
    for (guint i = 0; i < drop->ids->len; i++)
        if (g_array_index(drop->ids, guint64, i) == id)
            return;
    g_array_append_val(drop->ids, id);
}

/* -- which -- */

static gboolean read_id(const char *text, guint64 *id)
{
    return g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, id, NULL);
}

/* "17", or "15-30" */
static gboolean read_word(const char *word, guint64 *first, guint64 *last)
{
    const char *dash = strchr(word, '-');
    g_autofree char *start = g_strndup(word, dash ? (gsize)(dash - word) : strlen(word));

    return read_id(start, first) && read_id(dash ? dash + 1 : start, last) && *first <= *last;
}

static void add_those_between(struct drop *drop, json_t *rows, guint64 first, guint64 last)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        guint64 id = (guint64)row_number(row, "id");
        if (id >= first && id <= last)
            add(drop, id);
    }
}

/* Of a range only what nobody waits for any more: what is still to go is named by itself. */
static gboolean find_between(
    struct drop *drop, const char *state, guint64 first, guint64 last, GError **error)
{
    json_t *next = NULL;
    gboolean done;

    do {
        json_t *rows = json_array();
        json_t *args = json_pack("{s:s}", "state", state);
        if (next)
            json_object_set_new(args, "page", next);
        next = NULL;
        done = client_ask(drop->call, "outbox", args, rows, &next, error);
        add_those_between(drop, rows, first, last);
        json_decref(rows);
    } while (done && next);
    return done;
}

static gboolean find_range(struct drop *drop, const char *word, GError **error)
{
    guint64 first, last;
    guint before = drop->ids->len;

    if (!read_word(word, &first, &last))
        return FALSE;
    if (!strchr(word, '-')) {
        add(drop, first);
        return TRUE;
    }
    if (!find_between(drop, "failed", first, last, error) ||
        !find_between(drop, "unknown", first, last, error))
        return FALSE;
    if (drop->ids->len > before)
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_NO_SUCH,
        "No letter of %s has failed or is uncertain. Nothing was changed. See: madoctl outbox",
        word);
    return FALSE;
}

/* All words are read before anything is changed. */
static gboolean check_words(const struct call *call, GError **error)
{
    guint64 first, last;

    if (!*call->words)
        return view_usage(error, "Which letters? See: madoctl outbox. Nothing was changed.");
    if (!call->options.reason)
        return view_usage(error,
            "A letter is dropped for a reason, which the journal keeps. Nothing was changed. "
            "Write: madoctl outbox drop ID --reason TEXT");
    for (char **word = call->words; *word; word++)
        if (!read_word(*word, &first, &last))
            return view_usage(error,
                "\"%s\" is neither a letter, such as 17, nor a range of them, such as 15-30. "
                "Nothing was changed. See: madoctl outbox",
                *word);
    return TRUE;
}

/* -- one after the other -- */

static gboolean drop_one(struct drop *drop, guint64 id, GError **error)
{
    g_autofree char *name = g_strdup_printf("%" G_GUINT64_FORMAT, id);
    json_t *args = json_object();
    json_t *rows = json_array();
    json_t *next = NULL;
    gboolean done;

    json_object_set_new(args, "id", ctl_string(name));
    json_object_set_new(args, "reason", ctl_string(drop->call->options.reason));
    done = client_ask(drop->call, "outbox drop", args, rows, &next, error) &&
           view_show_rows(&view_outbox_drop, drop->call, rows, drop->done == 0, error);
    json_decref(rows);
    return done;
}

/* What is wrong with one letter alone does not keep from the others. */
static gboolean is_of_one(const GError *error)
{
    return g_error_matches(error, MADO_ERROR, MADO_E_BAD_DATA) ||
           g_error_matches(error, MADO_ERROR, MADO_E_NO_SUCH);
}

static void drop_all(struct drop *drop)
{
    gboolean more = TRUE;

    for (guint i = 0; more && i < drop->ids->len; i++) {
        g_autoptr(GError) error = NULL;
        if (drop_one(drop, g_array_index(drop->ids, guint64, i), &error)) {
            drop->done++;
            continue;
        }
        more = is_of_one(error);
        if (drop->ids->len > 1)
            screen_complain(error);
        if (!drop->failed || !more) {
            g_clear_error(&drop->failed);
            drop->failed = g_steal_pointer(&error);
        }
    }
}

/* Of one letter its error is all there is to say. */
static int conclude(struct drop *drop, GError **error)
{
    int status = drop->failed ? error_exit_status(drop->failed) : 0;

    if (drop->ids->len == 1 && drop->failed) {
        g_propagate_error(error, g_steal_pointer(&drop->failed));
        return -1;
    }
    if (drop->ids->len > 1 && !drop->call->options.json && drop->call->screen->terminal)
        screen_print(
            drop->call->screen, PLAIN, "%u of %u letters dropped.\n", drop->done, drop->ids->len);
    screen_flush(drop->call->screen, FALSE);
    return status;
}

static int run(struct call *call, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    struct drop drop = {call, .ids = ids};
    gboolean found = check_words(call, error);
    int status = -1;

    for (char **word = call->words; found && *word; word++)
        found = find_range(&drop, *word, error);
    if (found) {
        drop_all(&drop);
        status = conclude(&drop, error);
    }
    g_clear_error(&drop.failed);
    return status;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        view_changed_letter(screen, row, "is not sent any more");
}

const struct view view_outbox_drop = {"outbox drop", .draw = draw, .run = run};
