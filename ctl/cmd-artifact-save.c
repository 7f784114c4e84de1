/* artifact save: a file that came with a ticket, never bare. The daemon has it cut out of the mail
 * by a confined reader, and sends the bytes; here they are only wrapped up. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <mado/enclosure.h>
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

/* "42/3" -> {"id": "42", "file": "3"} */
static json_t *args_of(char **words, GError **error)
{
    g_auto(GStrv) halves = *words && !words[1] ? g_strsplit(*words, "/", 2) : NULL;
    json_t *args;

    if (!halves || !halves[0] || (halves[1] && !*halves[1])) {
        view_usage(error,
            "Which file? Nothing was saved. Write: madoctl artifact save 42/1; see: madoctl "
            "artifact list 42");
        return NULL;
    }
    args = json_object();
    json_object_set_new(args, "id", ctl_string(halves[0]));
    view_give(args, "file", halves[1]);
    return args;
}

GBytes *artifact_bytes(const json_t *rows)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const json_t *first = json_array_get(rows, 0);
    g_autofree char *sha256 = NULL;

    for (gsize i = 1; i < json_array_size(rows); i++) {
        gsize size;
        g_autofree guchar *piece =
            g_base64_decode(row_text(json_array_get(rows, i), "piece"), &size);
        if (bytes->len + size > LIMIT_SAVED_BYTES)
            return NULL;
        g_byte_array_append(bytes, piece, (guint)size);
    }
    sha256 = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, bytes->data ? bytes->data : (const guchar *)"", bytes->len);
    return g_str_equal(sha256, row_text(first, "sha256"))
               ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes))
               : NULL;
}

/* "2026-0042-K7-9f86d081.zip", here; the caller frees it. */
static char *usual_path(const json_t *row)
{
    g_autofree char *ticket = enclosure_safe_name(row_text(row, "ticket"));

    return g_strdup_printf("%s-%.8s.zip", ticket, row_text(row, "sha256"));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *size = ctl_bytes((guint64)row_number(row, "size"));
    const char *name = row_text(row, "name");

    view_fact(screen, "Saved as", row_text(row, "file"));
    view_fact(screen, "Password", "infected");
    view_fact(screen, "In it", row_text(row, "member"));
    view_fact(screen, "Called", *name ? name : _("(no name)"));
    view_fact(screen, "Type", row_text(row, "type"));
    view_fact(screen, "Size", size);
    view_fact(screen, "SHA-256", row_text(row, "sha256"));
}

static gboolean save(struct call *call, json_t *rows, GError **error)
{
    json_t *row = json_array_get(rows, 0);
    g_autoptr(GBytes) bytes = artifact_bytes(rows);
    g_autofree char *path = call->options.to ? g_strdup(call->options.to) : usual_path(row);
    g_autofree char *member = enclosure_safe_name(row_text(row, "name"));

    if (!bytes) {
        error_set(error, MADO_E_INTERNAL,
            "The daemon sent another file than it promised. Nothing was saved. Try again.");
        return FALSE;
    }
    if (!wrapped_write(path, member, bytes, error))
        return FALSE;
    json_object_set_new(row, "file", ctl_string(path));
    json_object_set_new(row, "member", ctl_string(member));
    while (json_array_size(rows) > 1)
        json_array_remove(rows, json_array_size(rows) - 1);
    return TRUE;
}

/* Before it is fetched, so that nothing is journaled that nobody got. */
static gboolean is_free(const struct call *call, GError **error)
{
    if (!call->options.to || !g_file_test(call->options.to, G_FILE_TEST_EXISTS))
        return TRUE;
    error_set(error, MADO_E_STORE_WRITE,
        "%s is there already, and stays as it is. Nothing was saved. Write another name: --to "
        "FILE.zip",
        call->options.to);
    return FALSE;
}

static int run(struct call *call, GError **error)
{
    json_t *args = args_of(call->words, error);
    json_t *rows = json_array();
    gboolean done = FALSE;

    if (args && is_free(call, error))
        done = view_wait(call, view_artifact_save.command, json_incref(args), rows, error) &&
               save(call, rows, error) &&
               view_show_rows(&view_artifact_save, call, rows, TRUE, error);
    json_decref(args);
    json_decref(rows);
    return done ? 0 : -1;
}

const struct view view_artifact_save = {.command = "artifact save", .draw = draw, .run = run};
