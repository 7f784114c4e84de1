/* --attach: files that go with a letter. They are given to the daemon before the letter is looked
 * at, so that what is looked at is what goes. */
#include "error.h"
#include "madoctl.h"
#include <mado/enclosure.h>
#include <mado/limits.h>
#include <string.h>

enum { PIECE_BYTES = 768 * 1024 };

/* -- to the daemon -- */

struct attaching {
    struct call *call;
    const json_t *draft;
    json_t *files;
};

/* Takes `args`; the row that came, which the caller owns: json null for none; NULL with an error.
 */
static json_t *ask(const struct attaching *attaching, json_t *args, GError **error)
{
    json_t *rows = json_array(), *next = NULL, *row = NULL;

    json_object_set(args, "draft", json_object_get(attaching->draft, "draft"));
    if (client_ask(attaching->call, "enclose", args, rows, &next, error))
        row = json_array_size(rows) ? json_incref(json_array_get(rows, 0)) : json_null();
    json_decref(next);
    json_decref(rows);
    return row;
}

static void note(
    const struct attaching *attaching, const char *name, const char *sha256, const char *wraps)
{
    json_t *file = json_object();

    json_object_set_new(file, "name", ctl_string(name));
    json_object_set_new(file, "sha256", ctl_string(sha256));
    json_object_set_new(file, "wraps", ctl_string(wraps));
    json_array_append_new(attaching->files, file);
}

static gboolean give(
    const struct attaching *attaching, const char *sha256, GBytes *bytes, GError **error)
{
    gsize size, at = 0;
    const guchar *data = g_bytes_get_data(bytes, &size);

    do {
        gsize much = MIN(size - at, (gsize)PIECE_BYTES);
        g_autofree char *piece = g_base64_encode(data ? data + at : (const guchar *)"", much);
        json_t *args = json_object(), *row;
        json_object_set_new(args, "sha256", ctl_string(sha256));
        json_object_set_new(args, "piece", ctl_string(piece));
        json_object_set_new(args, "first", json_boolean(at == 0));
        json_object_set_new(args, "last", json_boolean(at + much == size));
        row = ask(attaching, args, error);
        json_decref(row);
        if (!row)
            return FALSE;
        at += much;
    } while (at < size);
    return TRUE;
}

static gboolean attach_bytes(const struct attaching *attaching, const char *name, GBytes *bytes,
    const char *wraps, GError **error)
{
    g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

    note(attaching, name, sha256, wraps);
    return give(attaching, sha256, bytes, error);
}

/* -- a file of the operator's -- */

static gboolean is_of_size(const char *path, gsize size, GError **error)
{
    if (size <= LIMIT_ENCLOSURE_BYTES)
        return TRUE;
    error_set(error, MADO_E_BAD_DATA,
        "%s has %zu bytes, and a file with a letter at most %d. Nothing was sent. Give it to them "
        "another way, and tell its SHA-256.",
        path, size, LIMIT_ENCLOSURE_BYTES);
    return FALSE;
}

static gboolean attach_file(const struct attaching *attaching, const char *path, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(GBytes) bytes = NULL;
    char *data;
    gsize size;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        !g_file_get_contents(path, &data, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s. Nothing was sent.",
            failed ? failed->message : _("--attach takes a file, or sha256:HEX"));
        return FALSE;
    }
    bytes = g_bytes_new_take(data, size);
    return is_of_size(path, size, error) && attach_bytes(attaching, name, bytes, "", error);
}

/* -- one that mado has -- */

/* Went out with a letter before: as it did then. `*found` FALSE: none did. */
static gboolean attach_kept(
    const struct attaching *attaching, const char *sha256, gboolean *found, GError **error)
{
    json_t *args = json_object(), *row;

    json_object_set_new(args, "sha256", ctl_string(sha256));
    json_object_set_new(args, "kept", json_true());
    row = ask(attaching, args, error);
    *found = json_is_object(row);
    if (*found)
        note(attaching, row_text(row, "name"), sha256, row_text(row, "wraps"));
    json_decref(row);
    return row != NULL;
}

/* Came with the ticket: it never leaves as it is. */
static gboolean wrap(const struct attaching *attaching, const json_t *rows, GError **error)
{
    const json_t *row = json_array_get(rows, 0);
    g_autoptr(GBytes) bytes = artifact_bytes(rows), zip = NULL;
    g_autofree char *member = enclosure_safe_name(row_text(row, "name"));
    g_autofree char *name = g_strdup_printf("%s.zip", member);

    zip = bytes ? wrapped_make(member, bytes) : NULL;
    if (!zip) {
        error_set(error, MADO_E_INTERNAL,
            "The file %s cannot be wrapped up. Nothing was sent. Try again.", member);
        return FALSE;
    }
    return is_of_size(name, g_bytes_get_size(zip), error) &&
           attach_bytes(attaching, name, zip, row_text(row, "sha256"), error);
}

static gboolean attach_artifact(
    const struct attaching *attaching, const char *sha256, GError **error)
{
    json_t *args = json_object(), *rows = json_array();
    gboolean done;

    json_object_set(args, "id", json_object_get(attaching->draft, "ticket"));
    json_object_set_new(args, "file", ctl_string(sha256));
    done = view_wait(attaching->call, "artifact save", args, rows, error) &&
           wrap(attaching, rows, error);
    json_decref(rows);
    return done;
}

static gboolean attach_by_hash(const struct attaching *attaching, const char *typed, GError **error)
{
    g_autofree char *sha256 = g_ascii_strdown(typed, -1);
    gboolean found = FALSE;

    if (strspn(sha256, "0123456789abcdef") != strlen(sha256) || !*sha256)
        return view_usage(
            error, "\"%s\" is no SHA-256. Nothing was sent. See: madoctl artifact list ID", typed);
    if (strlen(sha256) == 64 && !attach_kept(attaching, sha256, &found, error))
        return FALSE;
    return found || attach_artifact(attaching, sha256, error);
}

gboolean attach_all(struct call *call, const json_t *draft, json_t *files, GError **error)
{
    const struct attaching attaching = {call, draft, files};
    static const char hash[] = "sha256:";

    for (char **word = call->options.attach; word && *word; word++) {
        gboolean by_hash = g_str_has_prefix(*word, hash);
        if (!(by_hash ? attach_by_hash(&attaching, *word + strlen(hash), error)
                      : attach_file(&attaching, *word, error)))
            return FALSE;
    }
    return TRUE;
}
