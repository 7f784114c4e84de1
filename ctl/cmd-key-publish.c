/* key export, key publish: public keys leave as files. The daemon gives the bytes; the operator's
 * side writes them where the operator may. */
#include "armour.h"
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- one key, from the daemon -- */

static json_t *fetch(struct call *call, const char *command, const char *key, GError **error)
{
    json_t *rows = json_array();
    json_t *args = json_object(), *row = NULL;

    view_give(args, "key", key);
    if (view_wait(call, command, args, rows, error))
        row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return row;
}

static GBytes *bytes_of(const json_t *row)
{
    gsize size;
    guchar *bytes = g_base64_decode(row_text(row, "bytes"), &size);

    return g_bytes_new_take(bytes, size);
}

static char *armoured(const json_t *row)
{
    g_autoptr(GBytes) bytes = bytes_of(row);

    return armour_key(bytes, g_str_equal(row_text(row, "type"), "x509"));
}

/* -- files -- */

static gboolean cannot_write(const char *path, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE, "%s cannot be written: %s.", path, g_strerror(errno));
    return FALSE;
}

/* For everybody to read; what was there is replaced as a whole. */
static gboolean write_file(const char *path, const void *bytes, gsize size, GError **error)
{
    g_autofree char *inner = g_path_get_dirname(path);

    if (g_mkdir_with_parents(inner, 0755) < 0)
        return cannot_write(inner, error);
    if (!g_file_set_contents_full(
            path, bytes, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL))
        return cannot_write(path, error);
    return TRUE;
}

/* -- export -- */

/* FINGERPRINT [FILE], or --own [FILE]. */
static int export(struct call *call, GError **error)
{
    gboolean own = call->options.own;
    const char *key = own ? NULL : call->words[0];
    const char *file = call->words[0] ? call->words[own ? 0 : 1] : NULL;
    json_t *row;
    g_autofree char *text = NULL;
    gboolean done = TRUE;

    if (!own && !key) {
        view_usage(error, "Which key? Write: madoctl key export FINGERPRINT [FILE], or --own");
        return -1;
    }
    row = fetch(call, "key export", key, error);
    if (!row)
        return -1;
    text = armoured(row);
    if (file) {
        done = write_file(file, text, strlen(text), error);
    } else if (call->options.json) {
        json_t *rows = json_pack("[O]", row);
        done = view_show_rows(&view_key_export, call, rows, TRUE, error);
        json_decref(rows);
    } else {
        screen_print(call->screen, PLAIN, "%s", text);
        done = screen_flush(call->screen, FALSE);
    }
    json_decref(row);
    return done ? 0 : -1;
}

/* -- publish -- */

struct publishing {
    const char *folder;
    json_t *rows; /* what was written, and where it belongs */
    GError **error;
};

static gboolean put(
    struct publishing *publishing, const char *name, GBytes *bytes, const char *what)
{
    g_autofree char *path = g_build_filename(publishing->folder, name, NULL);
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    json_t *row = ctl_row();

    json_object_set_new(row, "file", ctl_string(name));
    json_object_set_new(row, "what", ctl_string(what));
    json_array_append_new(publishing->rows, row);
    return write_file(path, data, size, publishing->error);
}

static gboolean put_text(
    struct publishing *publishing, const char *name, const char *text, const char *what)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

    return put(publishing, name, bytes, what);
}

/* Both forms of the draft: a client tries the advanced one first, and the direct one if the host
 * openpgpkey.DOMAIN is not there. */
static gboolean put_directory(struct publishing *publishing, const char *address, GBytes *bytes)
{
    const char *domain = strrchr(address, '@') + 1;
    g_autofree char *name = wkd_name(address);
    g_autofree char *direct = g_strdup_printf(".well-known/openpgpkey/hu/%s", name);
    g_autofree char *advanced = g_strdup_printf(".well-known/openpgpkey/%s/hu/%s", domain, name);
    g_autofree char *policy = g_strdup_printf(".well-known/openpgpkey/%s/policy", domain);
    g_autofree char *at_direct =
        g_strdup_printf(_("https://%s/%s: the key of %s, direct"), domain, direct, address);
    g_autofree char *at_advanced = g_strdup_printf(
        _("https://openpgpkey.%s/%s: the same, advanced; one of both will do"), domain, advanced);

    return put(publishing, direct, bytes, at_direct) &&
           put_text(publishing, ".well-known/openpgpkey/policy", "", _("beside it, empty")) &&
           put(publishing, advanced, bytes, at_advanced) &&
           put_text(publishing, policy, "", _("beside it, empty"));
}

/* Autocrypt 1.1, 2.1: folded, so that it can stand in a mail as it is. */
static char *autocrypt_of(const char *address, GBytes *bytes)
{
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autofree char *coded = g_base64_encode(data, size);
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "Autocrypt: addr=%s; prefer-encrypt=mutual; keydata=\n", address);
    for (const char *at = coded; *at; at += MIN(strlen(at), 72))
        g_string_append_printf(out, " %.72s\n", at);
    return g_string_free(out, FALSE);
}

static gboolean put_all(struct publishing *publishing, const json_t *row)
{
    g_autoptr(GBytes) bytes = bytes_of(row);
    g_autofree char *text = armoured(row);
    const char *address = json_string_value(json_array_get(json_object_get(row, "addresses"), 0));
    g_autofree char *header = address ? autocrypt_of(address, bytes) : NULL;
    gsize i;
    json_t *one;

    if (!put_text(publishing, "key.asc", text,
            _("the key as text: for the web page of the team, team.key_url and security.txt")))
        return FALSE;
    json_array_foreach(json_object_get(row, "addresses"), i, one)
        if (!put_directory(publishing, json_string_value(one), bytes))
            return FALSE;
    return !header || put_text(publishing, "autocrypt.txt", header,
                          _("the header field for mail programs that the team uses beside mado"));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        if (!screen->terminal) {
            screen_cells(screen, row_text(row, "file"), row_text(row, "what"), NULL);
            continue;
        }
        screen_print(screen, BOLD, "%s\n", row_text(row, "file"));
        screen_print(screen, PLAIN, "    ");
        screen_wrap(screen, 4, row_text(row, "what"));
    }
}

static int publish(struct call *call, GError **error)
{
    struct publishing publishing = {call->words[0], NULL, error};
    json_t *row;
    gboolean done;

    if (!call->words[0] || call->words[1]) {
        view_usage(error, "Into which folder? Write: madoctl key publish DIR");
        return -1;
    }
    row = fetch(call, "key publish", NULL, error);
    if (!row)
        return -1;
    publishing.rows = json_array();
    done = put_all(&publishing, row) &&
           view_show_rows(&view_key_publish, call, publishing.rows, TRUE, error);
    json_decref(publishing.rows);
    json_decref(row);
    return done ? 0 : -1;
}

static void draw_nothing(struct screen *screen, json_t *rows, gboolean first)
{
}

const struct view view_key_export = {"key export", .draw = draw_nothing, .run = export};
const struct view view_key_publish = {"key publish", .draw = draw, .run = publish};
