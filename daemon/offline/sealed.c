/*
 * What the desk has sealed, opened again
 *
 * By a keys role of our own, on the home that the configuration names. A piece counts only if one
 * of our own keys has signed it, and all pieces only if they are what the signed list says: so a
 * backup that somebody has made up, or put together from several, is none.
 */
#include "offline.h"
#include "children.h"
#include "ctl.h"
#include "error.h"
#include "fd.h"
#include "ipc.h"
#include "own-role.h"
#include "program.h"
#include "tar.h"
#include <build-facts.h>
#include <errno.h>
#include <fcntl.h>
#include <mado/crypto.h>
#include <mado/keys.h>
#include <mado/limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 120, MOST_OF_A_MANIFEST = 64 * 1024 };

struct unsealer {
    const struct settings *settings;
    char *program;
    struct own_role role;
    guint64 run, asked;
    GPtrArray *own; /* char *: fingerprints of our own keys */
    const char *file;
    int fd, to;
};

void sealed_about_clear(struct sealed_about *about)
{
    g_free(about->kind);
    g_free(about->team);
    g_free(about->made);
    g_free(about->sha256);
    g_free(about->journal_hash);
}

static gboolean refuse(const struct unsealer *unsealer, const char *why, GError **error)
{
    g_set_error(error, MADO_ERROR, MADO_E_BAD_DATA,
        "%s is no backup that can be used: %s. Nothing was changed; try another one",
        unsealer->file, why);
    return FALSE;
}

/* -- the keys role -- */

static gboolean start(struct unsealer *unsealer, GError **error)
{
    const struct settings *settings = unsealer->settings;
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "home", "s", settings->keys.home);
    g_variant_dict_insert(&dict, "passphrase_file", "s", settings->keys.passphrase_file);
    g_variant_dict_insert(
        &dict, "passphrase_credential", "s", settings->keys.passphrase_credential);
    g_variant_dict_insert(&dict, "hourly", "x", G_MAXINT64);
    g_variant_dict_insert(&dict, "run", "t", unsealer->run);
    return own_role_start(
        &unsealer->role, unsealer->program, "keys", g_variant_dict_end(&dict), SECONDS, error);
}

static void stop(struct unsealer *unsealer)
{
    own_role_end(&unsealer->role);
    children_end_all();
}

/* FALSE without an error: once more, with another worker. */
static gboolean take_answer(struct unsealer *unsealer, enum keys_op op,
    const struct ipc_message *answer, GVariant **result, GError **error)
{
    guint32 outcome = KEYS_LATER;
    guint64 job = 0;
    const char *why = "";

    if (answer->kind == IPC_WORKED)
        g_variant_get(answer->body, "(tu&s)", &job, &outcome, &why);
    if (job != unsealer->asked)
        return FALSE;
    if (outcome == KEYS_REFUSED)
        return refuse(unsealer, why, error);
    if (outcome == KEYS_DONE && answer->fd >= 0)
        *result = ipc_read_variant(answer->fd, keys_result(op), LIMIT_JOB_BYTES, NULL);
    return *result != NULL;
}

static GVariant *try(struct unsealer *unsealer, enum keys_op op, int argument, GError **error)
{
    struct ipc_message answer;
    GVariant *result = NULL;

    unsealer->asked++;
    if (ipc_send(unsealer->role.channel, IPC_WORK,
            g_variant_new("(tu)", unsealer->asked, (guint32)op), argument, NULL) &&
        ipc_receive(unsealer->role.channel, &answer, NULL)) {
        take_answer(unsealer, op, &answer, &result, error);
        ipc_message_clear(&answer);
    }
    if (!result)
        stop(unsealer);
    return result;
}

static GVariant *ask(struct unsealer *unsealer, enum keys_op op, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(argument);
    GError *failed = NULL;
    GVariant *result = NULL;
    int file = fd_new_memory("job", error);

    if (file < 0)
        return NULL;
    if (ipc_write_variant(file, held, &failed))
        for (int i = 0; i < LIMIT_JOB_TRIES && !result && !failed && start(unsealer, &failed); i++)
            result = try(unsealer, op, file, &failed);
    close(file);
    if (failed)
        g_propagate_error(error, failed);
    else if (!result)
        refuse(unsealer, "gpg ended each time that it was tried", error);
    return result;
}

static gboolean find_own_keys(struct unsealer *unsealer, GError **error)
{
    g_autoptr(GVariant) list = ask(unsealer, KEYS_LIST, g_variant_new("()"), error);
    g_autoptr(GPtrArray) infos = list ? key_infos_from_variant(list) : NULL;

    for (guint i = 0; infos && i < infos->len; i++) {
        const struct key_info *info = infos->pdata[i];
        if (info->secret)
            g_ptr_array_add(unsealer->own, g_strdup(info->fingerprint));
    }
    if (list && !unsealer->own->len)
        return refuse(unsealer,
            "there is no key of ours in the home of keys (keys.home): bring it there first, by gpg "
            "with "
            "GNUPGHOME set to it",
            error);
    return list != NULL;
}

/* One that has ended since then has signed it all the same. */
static gboolean is_ours(const struct unsealer *unsealer, const struct opened *opened)
{
    for (guint i = 0; i < opened->signatures->len; i++) {
        const struct signature *one = opened->signatures->pdata[i];
        if ((one->state == SIGNATURE_GOOD || one->state == SIGNATURE_EXPIRED_KEY) &&
            g_ptr_array_find_with_equal_func(unsealer->own, one->fingerprint, g_str_equal, NULL))
            return TRUE;
    }
    return FALSE;
}

static struct opened *open_layer(
    struct unsealer *unsealer, const struct layer *layer, GError **error)
{
    g_autoptr(GVariant) result = ask(unsealer, KEYS_OPEN, layer_to_variant(layer), error);
    struct opened *opened = result ? opened_from_variant(result) : NULL;

    if (!opened)
        return NULL;
    if (opened->state != OPENED_DONE)
        refuse(unsealer, *opened->why ? opened->why : "it cannot be opened", error);
    else if (!is_ours(unsealer, opened))
        refuse(unsealer, "no key of ours has signed it", error);
    else
        return opened;
    opened_free(opened);
    return NULL;
}

/* -- its list -- */

static gboolean find_member(
    const struct unsealer *unsealer, const char *name, struct tar_member *member, GError **error)
{
    int got;

    *member = (struct tar_member){0};
    while ((got = tar_next(unsealer->fd, member, NULL)) > 0)
        if (g_str_equal(member->name, name))
            return TRUE;
    return refuse(unsealer, "it is cut short, damaged, or was not written by mado", error);
}

static GBytes *read_member(const struct unsealer *unsealer, const char *name, GError **error)
{
    struct tar_member member;

    return find_member(unsealer, name, &member, error)
               ? tar_bytes(unsealer->fd, &member, MOST_OF_A_MANIFEST, error)
               : NULL;
}

static char *text_of(const json_t *list, const char *name)
{
    const char *text = json_string_value(json_object_get(list, name));

    return g_strdup(text ? text : "");
}

static guint64 number_of(const json_t *list, const char *name)
{
    return (guint64)MAX(json_integer_value(json_object_get(list, name)), 0);
}

static gboolean take_list(
    const struct unsealer *unsealer, GBytes *bytes, struct sealed_about *about, GError **error)
{
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    json_t *list = json_loadb(text, size, 0, NULL);

    if (!json_is_object(list)) {
        json_decref(list);
        return refuse(unsealer, "its list cannot be read", error);
    }
    *about = (struct sealed_about){.kind = text_of(list, "kind"),
        .team = text_of(list, "team"),
        .made = text_of(list, "made"),
        .sha256 = text_of(list, "sha256"),
        .journal_hash = text_of(list, "journal_hash"),
        .size = number_of(list, "size"),
        .pieces = number_of(list, "pieces"),
        .journal_rows = number_of(list, "journal_rows")};
    json_decref(list);
    return TRUE;
}

static gboolean read_list(struct unsealer *unsealer, struct sealed_about *about, GError **error)
{
    struct layer *layer = layer_new();
    struct opened *opened = NULL;
    gboolean done = FALSE;

    layer->kind = LAYER_PGP_SIGNED;
    layer->payload = read_member(unsealer, "manifest.json", error);
    layer->signature = layer->payload ? read_member(unsealer, "manifest.json.asc", error) : NULL;
    if (layer->signature && (opened = open_layer(unsealer, layer, error)))
        done = take_list(unsealer, layer->payload, about, error);
    opened_free(opened);
    layer_free(layer);
    return done;
}

/* -- its pieces -- */

static GBytes *open_piece(
    struct unsealer *unsealer, const struct tar_member *member, GError **error)
{
    struct layer *layer = layer_new();
    struct opened *opened = NULL;
    GBytes *content = NULL;

    layer->kind = LAYER_PGP_ENCRYPTED;
    layer->payload = tar_bytes(unsealer->fd, member, LIMIT_PLAINTEXT_BYTES, error);
    if (layer->payload && (opened = open_layer(unsealer, layer, error)) && opened->content)
        content = g_bytes_ref(opened->content);
    opened_free(opened);
    layer_free(layer);
    return content;
}

static gboolean open_pieces(
    struct unsealer *unsealer, const struct sealed_about *about, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    struct tar_member member = {0};
    guint64 done = 0;

    for (guint64 i = 0; i < about->pieces; i++) {
        g_autofree char *name = g_strdup_printf("data.%06" G_GUINT64_FORMAT ".pgp", i);
        g_autoptr(GBytes) piece = NULL;
        if (tar_next(unsealer->fd, &member, NULL) <= 0 || !g_str_equal(member.name, name))
            return refuse(unsealer, "a piece of it is missing, or in another place", error);
        if (!(piece = open_piece(unsealer, &member, error)) ||
            !fd_write_all(
                unsealer->to, g_bytes_get_data(piece, NULL), g_bytes_get_size(piece), error))
            return FALSE;
        g_checksum_update(sum, g_bytes_get_data(piece, NULL), (gssize)g_bytes_get_size(piece));
        done += g_bytes_get_size(piece);
        progress_tell("opened, in bytes", done, about->size);
    }
    return (done == about->size && g_str_equal(g_checksum_get_string(sum), about->sha256)) ||
           refuse(unsealer, "its pieces are not those that it lists", error);
}

gboolean sealed_open(const struct settings *settings, const char *file, int to,
    struct sealed_about *about, GError **error)
{
    struct unsealer unsealer = {.settings = settings,
        .program = program_find("mado-keys", MADO_LIBEXECDIR),
        .role = OWN_ROLE_NONE,
        .run = (guint64)g_random_int() << 32 | g_random_int(),
        .own = g_ptr_array_new_with_free_func(g_free),
        .file = file,
        .fd = open(file, O_RDONLY | O_CLOEXEC),
        .to = to};
    gboolean done = FALSE;

    *about = (struct sealed_about){0};
    children_adopt(); /* gpg's agent: to end it */
    if (unsealer.fd < 0)
        refuse(&unsealer, g_strerror(errno), error);
    else
        done = find_own_keys(&unsealer, error) && read_list(&unsealer, about, error) &&
               open_pieces(&unsealer, about, error);
    progress_end();
    stop(&unsealer);
    if (unsealer.fd >= 0)
        close(unsealer.fd);
    g_ptr_array_unref(unsealer.own);
    g_free(unsealer.program);
    return done;
}
