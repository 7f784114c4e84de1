/* share: indicators and events of a ticket in a format that others read. Printed as it is, byte for
 * byte: what is written into a file is what was made. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static json_t *args_of(const struct call *call, GError **error)
{
    const struct options *options = &call->options;
    json_t *args = view_one_word(
        call->words, "id", N_("Which ticket? Write: madoctl share 42 --format csv."), error);

    if (args && options->format)
        json_object_set_new(args, "format", ctl_string(options->format));
    if (args && options->only)
        json_object_set_new(args, "only", ctl_string(options->only));
    return args;
}

/* What the rows behind the first bring; the caller frees it. */
static char *content_of(const json_t *rows)
{
    GString *all = g_string_new(NULL);

    for (gsize i = 1; i < json_array_size(rows); i++)
        g_string_append(all, row_text(json_array_get(rows, i), "piece"));
    return g_string_free(all, FALSE);
}

static gboolean is_whole(const json_t *row, const char *content, GError **error)
{
    g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, content, -1);

    if (g_str_equal(sha256, row_text(row, "sha256")))
        return TRUE;
    error_set(error, MADO_E_INTERNAL,
        "The daemon sent something else than it promised. Nothing was shared. Try again.");
    return FALSE;
}

gboolean view_print(const char *content, GError **error)
{
    gsize size = strlen(content);

    for (gsize done = 0; done < size;) {
        gssize put = write(STDOUT_FILENO, content + done, size - done);
        if (put < 0 && errno != EINTR) {
            error_set(
                error, MADO_E_STORE_WRITE, "The output cannot be written: %s.", g_strerror(errno));
            return FALSE;
        }
        done += (gsize)MAX(put, 0);
    }
    return TRUE;
}

static gboolean show(struct call *call, json_t *rows, GError **error)
{
    static const struct view view = {"share"};
    json_t *row = json_array_get(rows, 0);
    g_autofree char *content = content_of(rows);

    if (!is_whole(row, content, error))
        return FALSE;
    if (json_is_true(json_object_get(row, "came_sealed")))
        screen_complain_softly(_("Some of it came sealed: it is to leave sealed, and by no other "
                                 "way."));
    if (!call->options.json)
        return view_print(content, error);
    json_object_set_new(row, "content", ctl_string(content));
    while (json_array_size(rows) > 1)
        json_array_remove(rows, json_array_size(rows) - 1);
    return view_show_rows(&view, call, rows, TRUE, error);
}

/* Of what is printed nobody is written to. */
static gboolean is_printed(const struct call *call, GError **error)
{
    const struct options *options = &call->options;

    if (!options->text && !options->attach && !options->yes && !options->dry_run &&
        !options->label && !options->in_clear && !options->approve && !options->language)
        return TRUE;
    return view_usage(error,
        "To whom? Nothing was shared. Write: madoctl share %s --to CONTACT; without --to it is "
        "printed as it is.",
        *call->words ? *call->words : "42");
}

static int print(struct call *call, GError **error)
{
    json_t *args = is_printed(call, error) ? args_of(call, error) : NULL;
    json_t *rows = json_array();
    gboolean done = args && view_pages(call, "share", args, rows, error) && show(call, rows, error);

    json_decref(args);
    json_decref(rows);
    return done ? 0 : -1;
}

static int run(struct call *call, GError **error)
{
    return call->options.to ? parties_write(call, "share", error) : print(call, error);
}

const struct view view_share = {"share", .run = run};
