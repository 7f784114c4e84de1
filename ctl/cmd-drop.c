/* outbox drop, hold release, hold drop: one letter, some, or all of a range that may be meant. */
#include "error.h"
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>

/* What is done with them. */
struct deed {
    const struct view *view;
    const char *list;      /* the command that shows them */
    const char *states[3]; /* of a range, only those; NULL-terminated */
    const char *none;      /* what is said of a range without any */
    const char *done;      /* "dropped" */
};

struct drop {
    struct call *call;
    const struct deed *deed;
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
    const struct deed *deed = drop->deed;
    guint64 first, last;
    guint before = drop->ids->len;

    if (!read_word(word, &first, &last))
        return FALSE;
    if (!strchr(word, '-')) {
        add(drop, first);
        return TRUE;
    }
    for (const char *const *state = deed->states; *state; state++)
        if (!find_between(drop, *state, first, last, error))
            return FALSE;
    if (drop->ids->len > before)
        return TRUE;
    error_set(error, MADO_E_NO_SUCH, "No letter of %s %s. Nothing was changed. See: madoctl %s",
        word, _(deed->none), deed->list);
    return FALSE;
}

/* All words are read before anything is changed. */
static gboolean check_words(const struct drop *drop, GError **error)
{
    const struct call *call = drop->call;
    guint64 first, last;

    if (!*call->words)
        return view_usage(
            error, "Which letters? See: madoctl %s. Nothing was changed.", drop->deed->list);
    if (!call->options.reason)
        return view_usage(error,
            "The journal keeps why. Nothing was changed. "
            "Write: madoctl %s ID --reason TEXT",
            drop->deed->view->command);
    for (char **word = call->words; *word; word++)
        if (!read_word(*word, &first, &last))
            return view_usage(error,
                "\"%s\" is neither a letter, such as 17, nor a range of them, such as 15-30. "
                "Nothing was changed. See: madoctl %s",
                *word, drop->deed->list);
    return TRUE;
}

/* -- one after the other -- */

static gboolean drop_one(struct drop *drop, guint64 id, GError **error)
{
    g_autofree char *name = g_strdup_printf("%" PRIu64, id);
    json_t *args = json_object();
    json_t *rows = json_array();
    json_t *next = NULL;
    gboolean done;

    json_object_set_new(args, "id", ctl_string(name));
    json_object_set_new(args, "reason", ctl_string(drop->call->options.reason));
    done = client_ask(drop->call, drop->deed->view->command, args, rows, &next, error) &&
           view_show_rows(drop->deed->view, drop->call, rows, drop->done == 0, error);
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
        screen_print(drop->call->screen, PLAIN, "%u of %u letters %s.\n", drop->done,
            drop->ids->len, _(drop->deed->done));
    screen_flush(drop->call->screen, FALSE);
    return status;
}

static int run(struct call *call, const struct deed *deed, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    struct drop drop = {call, deed, .ids = ids};
    gboolean found = check_words(&drop, error);
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

static int run_drop(struct call *call, GError **error)
{
    static const struct deed deed = {&view_outbox_drop, "outbox", {"failed", "unknown"},
        N_("has failed or is uncertain"), N_("dropped")};

    return run(call, &deed, error);
}

static int run_hold_drop(struct call *call, GError **error)
{
    static const struct deed deed = {
        &view_hold_drop, "hold", {"held"}, N_("is held"), N_("dropped")};

    return run(call, &deed, error);
}

static int run_hold_release(struct call *call, GError **error)
{
    static const struct deed deed = {
        &view_hold_release, "hold", {"held"}, N_("is held"), N_("released")};

    return run(call, &deed, error);
}

static void draw_rows(struct screen *screen, json_t *rows, const char *what)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        view_changed_letter(screen, row, what);
}

static void draw_dropped(struct screen *screen, json_t *rows, gboolean first)
{
    draw_rows(screen, rows, _("is not sent any more"));
}

static void draw_released(struct screen *screen, json_t *rows, gboolean first)
{
    draw_rows(screen, rows, _("is sealed, and goes"));
}

const struct view view_outbox_drop = {"outbox drop", .draw = draw_dropped, .run = run_drop};
const struct view view_hold_drop = {"hold drop", .draw = draw_dropped, .run = run_hold_drop};
const struct view view_hold_release = {
    "hold release", .draw = draw_released, .run = run_hold_release};
