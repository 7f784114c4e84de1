/*
 * Files for a letter
 *
 * They come in pieces before the letter is looked at, and are kept here in memory until it is sent,
 * or for an hour; what is looked at and sent names them by their hash. What went out with a letter
 * of ours before is taken from the store.
 */
#include "control-enclose.h"
#include "error.h"
#include "now.h"
#include <mado/limits.h>
#include <string.h>

enum { KEPT_SECONDS = 60 * 60, HASH_DIGITS = 64, FEWEST_DIGITS = 8, LETTERS_LOOKED_AT = 50 };

struct upload {
    char *user, *draft, *sha256; /* sha256: as it is promised, until it is whole */
    char *name, *wraps;          /* of what the store had; NULL */
    GByteArray *bytes;
    GBytes *whole; /* NULL: not yet */
    gint64 touched;
};

struct uploads {
    GPtrArray *all; /* struct upload, the oldest first */
};

static void upload_free(gpointer data)
{
    struct upload *upload = data;

    g_free(upload->user);
    g_free(upload->draft);
    g_free(upload->sha256);
    g_free(upload->name);
    g_free(upload->wraps);
    g_clear_pointer(&upload->bytes, g_byte_array_unref);
    g_clear_pointer(&upload->whole, g_bytes_unref);
    g_free(upload);
}

struct uploads *uploads_new(void)
{
    struct uploads *uploads = g_new0(struct uploads, 1);

    uploads->all = g_ptr_array_new_with_free_func(upload_free);
    return uploads;
}

void uploads_free(struct uploads *uploads)
{
    if (!uploads)
        return;
    g_ptr_array_unref(uploads->all);
    g_free(uploads);
}

/* -- what is here -- */

static gsize size_of(const struct upload *upload)
{
    return upload->whole ? g_bytes_get_size(upload->whole) : upload->bytes->len;
}

static gboolean is_of(const struct upload *upload, const struct answer *answer)
{
    const char *draft = answer_string(answer, "draft");

    return draft && g_str_equal(upload->user, answer->user) && g_str_equal(upload->draft, draft);
}

static struct upload *find(const struct answer *answer, const char *sha256)
{
    const GPtrArray *all = answer->context->uploads->all;

    for (guint i = 0; sha256 && i < all->len; i++) {
        struct upload *upload = all->pdata[i];
        if (is_of(upload, answer) && g_str_equal(upload->sha256, sha256))
            return upload;
    }
    return NULL;
}

/* The oldest go first, where there are too many, and none of them would be asked for. */
static void make_room(struct uploads *uploads)
{
    gsize much = 0;

    for (guint i = 0; i < uploads->all->len; i++)
        much += size_of(uploads->all->pdata[i]);
    while (uploads->all->len) {
        const struct upload *oldest = uploads->all->pdata[0];
        if (much <= LIMIT_UPLOADS_BYTES && oldest->touched + KEPT_SECONDS > now_seconds())
            return;
        much -= size_of(oldest);
        g_ptr_array_remove_index(uploads->all, 0);
    }
}

static struct upload *add(const struct answer *answer, const char *sha256)
{
    struct upload *upload = find(answer, sha256);

    if (upload)
        g_ptr_array_remove(answer->context->uploads->all, upload);
    upload = g_new0(struct upload, 1);
    upload->user = g_strdup(answer->user);
    upload->draft = g_strdup(answer_string(answer, "draft"));
    upload->sha256 = g_strdup(sha256);
    upload->bytes = g_byte_array_new();
    upload->touched = now_seconds();
    g_ptr_array_add(answer->context->uploads->all, upload);
    return upload;
}

void answer_forget_files(const struct answer *answer)
{
    GPtrArray *all = answer->context->uploads ? answer->context->uploads->all : NULL;

    for (guint i = all ? all->len : 0; i-- > 0;)
        if (is_of(all->pdata[i], answer))
            g_ptr_array_remove_index(all, i);
}

/* -- enclose -- */

static gboolean is_hash(const char *word)
{
    return word && strlen(word) == HASH_DIGITS && strspn(word, "0123456789abcdef") == HASH_DIGITS;
}

static gboolean tell(struct answer *answer, const struct upload *upload)
{
    json_t *row = ctl_row();

    answer_set(row, "name", ctl_string(upload->name));
    answer_set(row, "wraps", ctl_known(upload->wraps ? upload->wraps : ""));
    answer_set(row, "sha256", ctl_string(upload->sha256));
    answer_set(row, "size", answer_integer(size_of(upload)));
    answer_set(row, "whole", json_boolean(upload->whole != NULL));
    answer_add(answer, row);
    return TRUE;
}

/* It is what it was said to be, or it is gone. */
static gboolean end_upload(struct answer *answer, struct upload *upload, GError **error)
{
    g_autofree char *sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
        upload->bytes->data ? upload->bytes->data : (const guchar *)"", upload->bytes->len);

    if (!g_str_equal(sha256, upload->sha256)) {
        g_ptr_array_remove(answer->context->uploads->all, upload);
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The file that came is not the one that was meant: it has changed in the meantime. "
            "Nothing was sent. Try again.");
    }
    upload->whole = g_byte_array_free_to_bytes(g_steal_pointer(&upload->bytes));
    upload->bytes = g_byte_array_new();
    return TRUE;
}

static gboolean take_piece(struct answer *answer, const char *sha256, GError **error)
{
    const char *piece = answer_string(answer, "piece");
    struct upload *upload =
        answer_flag(answer, "first") ? add(answer, sha256) : find(answer, sha256);
    gsize size;
    g_autofree guchar *bytes = piece ? g_base64_decode(piece, &size) : NULL;

    if (!upload || upload->whole || !bytes)
        return answer_refuse(error, MADO_E_BUSY,
            "That file is not here any more: the daemon was started again, or it is long ago. "
            "Nothing was sent. Write the letter anew.");
    if (upload->bytes->len + size > LIMIT_ENCLOSURE_BYTES) {
        g_ptr_array_remove(answer->context->uploads->all, upload);
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The file is longer than %d bytes. Nothing was sent. Give it to them another way.",
            LIMIT_ENCLOSURE_BYTES);
    }
    g_byte_array_append(upload->bytes, bytes, (guint)size);
    upload->touched = now_seconds();
    if (answer_flag(answer, "last") && !end_upload(answer, upload, error))
        return FALSE;
    tell(answer, upload);
    make_room(answer->context->uploads);
    return TRUE;
}

/* -- what went out before -- */

static gboolean sees_letter(const struct answer *answer, guint64 id)
{
    struct outbox_row *letter = store_letter_show(answer->context->store, id, NULL);
    gboolean sees = letter && answer_sees_letter(answer, letter);

    outbox_row_free(letter);
    return sees;
}

static gboolean take_from_letter(
    struct answer *answer, guint64 letter, const char *sha256, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) files = store_enclosures(store, letter, error);

    for (guint i = 0; files && i < files->len; i++) {
        const struct enclosure *file = files->pdata[i];
        struct upload *upload;
        if (!g_str_equal(file->sha256, sha256))
            continue;
        upload = add(answer, sha256);
        upload->name = g_strdup(file->name);
        upload->wraps = g_strdup(file->wraps);
        upload->whole = store_enclosure_bytes(store, letter, i, error);
        return upload->whole && tell(answer, upload);
    }
    return files != NULL;
}

/* No row: none of ours that they may see had it. */
static gboolean take_kept(struct answer *answer, const char *sha256, GError **error)
{
    g_autoptr(GArray) letters =
        store_letters_with_file(answer->context->store, sha256, LETTERS_LOOKED_AT, error);

    for (guint i = 0; letters && i < letters->len; i++) {
        guint64 letter = g_array_index(letters, guint64, i);
        if (sees_letter(answer, letter))
            return take_from_letter(answer, letter, sha256, error);
    }
    return letters != NULL;
}

gboolean answer_enclose(struct answer *answer, GError **error)
{
    const char *sha256 = answer_string(answer, "sha256");

    if (!answer->context->uploads)
        return answer_refuse(error, MADO_E_BUSY, "No files can be sent now. Nothing was sent.");
    if (!answer_string(answer, "draft") || !is_hash(sha256))
        return answer_refuse(error, MADO_E_USAGE,
            "That is no SHA-256: it has %d digits, as madoctl artifact list shows it. Nothing was "
            "sent.",
            HASH_DIGITS);
    return answer_flag(answer, "kept") ? take_kept(answer, sha256, error)
                                       : take_piece(answer, sha256, error);
}

/* -- for the letter -- */

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

static gboolean add_file(
    const struct answer *answer, GPtrArray *files, const json_t *row, GError **error)
{
    const char *name = text_of(row, "name"), *wraps = text_of(row, "wraps");
    const struct upload *upload =
        answer->context->uploads ? find(answer, text_of(row, "sha256")) : NULL;

    if (*wraps && !is_hash(wraps))
        return answer_refuse(error, MADO_E_USAGE, "\"%s\" is no SHA-256. Nothing was sent.", wraps);
    if (!upload || !upload->whole)
        return answer_refuse(error, MADO_E_BUSY,
            "The file %s is not here any more: the daemon was started again, or it is long ago. "
            "Nothing was sent. Write the letter anew.",
            name);
    /* What the store knows of it cannot be said otherwise. */
    g_ptr_array_add(
        files, enclosure_new(name, upload->whole, upload->wraps ? upload->wraps : wraps));
    return TRUE;
}

static gboolean are_few(const GPtrArray *files, GError **error)
{
    return (files->len <= LIMIT_ENCLOSURES && enclosures_size(files) <= LIMIT_ENCLOSURES_BYTES) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "A letter has at most %d files, of %d bytes in all. Nothing was sent. Write several "
               "letters.",
               LIMIT_ENCLOSURES, LIMIT_ENCLOSURES_BYTES);
}

gboolean answer_take_files(struct answer *answer, struct sheet *sheet, GError **error)
{
    const json_t *rows = json_object_get(answer->args, "files");
    gsize i;
    json_t *row;

    if (!sheet->files)
        sheet->files = enclosures_new();
    if (!answer_share_file(answer, sheet, error))
        return FALSE;
    json_array_foreach((json_t *)rows, i, row)
        if (!add_file(answer, sheet->files, row, error) || !are_few(sheet->files, error))
            return FALSE;
    return TRUE;
}

json_t *answer_file_rows(const GPtrArray *files)
{
    json_t *rows = json_array();

    for (guint i = 0; files && i < files->len; i++) {
        const struct enclosure *file = files->pdata[i];
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o,s:o}", "name", ctl_string(file->name), "type",
                      ctl_string(file->type), "size", answer_integer(file->size), "sha256",
                      ctl_string(file->sha256), "wraps", ctl_known(file->wraps)));
    }
    return rows;
}
